//! Two who write at the same moment.

use crate::app::App;
use crate::migrations::client;
use serde_json::json;
use tokio_postgres::Client;

/// Waits until somebody waits for a lock in this client's database.
pub(crate) async fn someone_waits(client: &Client) {
    let waiting = "SELECT FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while client.query(waiting, &[]).await.unwrap().is_empty() {}
}

/// Runs `writing` while a transaction holds what it needs and then asks for what it holds. Only `writing`
/// looks for deadlocks, so that it is the one that ends.
pub(crate) async fn crossed<T>(
    url: &str,
    writing: impl Future<Output = T>,
    held: &str,
    asked: &str,
) -> T {
    let (watching, other) = (client(url).await, client(url).await);
    let hold = format!("SET deadlock_timeout = '1h'; BEGIN; {held}");
    other.batch_execute(&hold).await.unwrap();
    let crossing = async {
        someone_waits(&watching).await;
        other.batch_execute(&format!("{asked}; COMMIT")).await.unwrap();
    };
    tokio::join!(writing, crossing).0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_the_database_ends_for_a_deadlock_is_tried_again() {
    let app = App::with_connections(2);
    let parent = app.mutate("createTask", json!({"title": "Parent"}), "task { id }").await;
    let parent = &parent["task"]["id"];
    let part = json!({"title": "Part", "parentId": parent});
    app.mutate("createTask", part, "task { id }").await;
    let change = |title| format!("UPDATE tasks SET source = 'other' WHERE title = '{title}'");
    let deleting = app.mutate("deleteTask", json!({"id": parent}), "deletedId userErrors { code }");
    let done = crossed(&app.database.url, deleting, &change("Part"), &change("Parent")).await;
    assert_eq!(done, json!({"deletedId": parent, "userErrors": []}));
    let trash = app
        .query("{ tasks(scope: TRASH, orderBy: [{title: ASC}]) { nodes { title source } } }")
        .await;
    let of = |title| json!({"title": title, "source": "other"});
    assert_eq!(trash["tasks"]["nodes"], json!([of("Parent"), of("Part")]));
}

/// Whether the last statement of a connection waits for another's lock, or has ended.
async fn waits(client: &Client, other: i32) -> bool {
    let state = "SELECT state, wait_event_type FROM pg_stat_activity WHERE pid = $1";
    loop {
        let Some(row) = client.query_opt(state, &[&other]).await.unwrap() else {
            return false;
        };
        let (state, event): (String, Option<String>) = (row.get(0), row.get(1));
        match event.as_deref() {
            Some("Lock") => return true,
            _ if state == "idle" => return false,
            _ => {}
        }
    }
}

/// Runs the second statement while a transaction that ran the first one is not committed yet.
pub(crate) async fn interleaved(url: &str, first: &str, second: &str) {
    let (watching, earlier, later) = (client(url).await, client(url).await, client(url).await);
    earlier.batch_execute(&format!("BEGIN; {first}")).await.unwrap();
    let pid: i32 = later.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    later.batch_execute("SELECT").await.unwrap();
    let statement = second.to_owned();
    let writing = tokio::spawn(async move { later.batch_execute(&statement).await });
    while !writing.is_finished() && !waits(&watching, pid).await {}
    earlier.batch_execute("COMMIT").await.unwrap();
    let written = writing.await.unwrap();
    assert!(written.is_ok(), "{first}; {second}: {written:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_due_day_is_that_of_the_zone_whoever_is_first() {
    let zone = |name: &str| format!("UPDATE settings SET time_zone = '{name}'");
    let due = "'2026-01-20T12:00:00Z', '2026-01-20'";
    let new = |title: &str| {
        format!(
            "INSERT INTO tasks (id, title, due_at, due_date) VALUES (gen_random_uuid(), '{title}', {due})"
        )
    };
    let again = |title: &str| {
        format!("UPDATE tasks SET (due_at, due_date) = ({due}) WHERE title = '{title}'")
    };
    let there = zone("Pacific/Kiritimati");
    for (first, second) in [
        (new("a"), there.clone()),
        (there.clone(), new("a")),
        (format!("{}; {}", zone("UTC"), new("b")), there.clone()),
        (again("b"), there.clone()),
        (there.clone(), again("b")),
    ] {
        let app = App::new();
        app.sql(&new("b")).await;
        interleaved(&app.database.url, &first, &second).await;
        let days = app.query("{ tasks { nodes { dueDate } } }").await;
        let days = days["tasks"]["nodes"].as_array().unwrap().clone();
        // Noon in UTC is the next day there.
        let right = days.iter().all(|day| *day == json!({"dueDate": "2026-01-21"}));
        assert!(right && !days.is_empty(), "{first}; {second}: {days:?}");
    }
}
