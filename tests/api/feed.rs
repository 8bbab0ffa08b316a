//! The change feed: pages of what changed, and cursors that neither skip nor repeat.

mod backup;
mod cost;
mod killed;
mod model;
mod restored;
mod shown;

use crate::app::App;
use crate::migrations::client;
use serde_json::{Value, json};
use tokio_postgres::Client;

/// The page of changes since a cursor.
pub(crate) async fn pull(app: &App, since: &Value, more: &str) -> Value {
    let document = format!(
        "query ($since: ChangeCursor) {{ changes(since: $since{more}) {{ cursor hasMore resetRequired
            projects {{ id version title }} tags {{ id version name }} tasks {{ id version title tags {{ name }} }}
            deleted {{ id type version deletedAt }} }} }}"
    );
    let mut response = app.respond(&document, json!({ "since": since })).await;
    assert_eq!(response.get("errors"), None, "{response}");
    response["data"]["changes"].take()
}

/// The titles and names of a page, and the ids of what is gone from it, in their order.
pub(crate) fn names(page: &Value) -> String {
    let mut names = Vec::new();
    for (list, name) in
        [("projects", "title"), ("tags", "name"), ("tasks", "title"), ("deleted", "id")]
    {
        for record in page[list].as_array().unwrap() {
            let mark = if list == "deleted" { "-" } else { "" };
            names.push(format!("{mark}{}", record[name].as_str().unwrap()));
        }
    }
    names.sort();
    names.join(" ")
}

/// The place where a client is that knows all there is.
pub(crate) async fn now(app: &App) -> Value {
    let mut since = Value::Null;
    loop {
        let page = pull(app, &since, "").await;
        since = page["cursor"].clone();
        if page["hasMore"] == json!(false) {
            return since;
        }
    }
}

async fn run(client: &Client, sql: &str) {
    client.batch_execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

fn insert(number: u32, title: &str) -> String {
    format!("INSERT INTO tasks (id, title) VALUES ('{}', '{title}');", id(number))
}

fn id(number: u32) -> String {
    format!("00000000-0000-7000-8000-{number:012}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_commit_is_neither_skipped_nor_a_stall() {
    let app = App::new();
    let (late, other) = (client(&app.database.url).await, client(&app.database.url).await);
    let start = now(&app).await;
    run(&late, &format!("BEGIN; {}", insert(1, "late"))).await;
    run(&other, &insert(2, "one")).await;
    let first = pull(&app, &start, "").await;
    assert_eq!(names(&first), "one");
    run(&other, &insert(3, "two")).await;
    let second = pull(&app, &first["cursor"], "").await;
    assert_eq!(names(&second), "two", "nothing twice, although a transaction before it is open");
    run(&late, "COMMIT").await;
    let third = pull(&app, &second["cursor"], "").await;
    assert_eq!(names(&third), "late");
    assert_eq!(names(&pull(&app, &third["cursor"], "").await), "");
    assert_eq!(names(&pull(&app, &start, "").await), "late one two");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_two_transactions_changed_in_the_other_order_comes_once() {
    let app = App::new();
    let (old, young) = (client(&app.database.url).await, client(&app.database.url).await);
    run(&old, &insert(1, "record")).await;
    let start = now(&app).await;
    // The number of the transaction that changes the record last is the lower one.
    run(&old, "BEGIN; SELECT pg_current_xact_id()").await;
    run(&young, "UPDATE tasks SET title = 'young'").await;
    let between = pull(&app, &start, "").await;
    assert_eq!(names(&between), "young");
    run(&old, "UPDATE tasks SET title = 'old'; COMMIT").await;
    for since in [&start, &between["cursor"]] {
        let page = pull(&app, since, "").await;
        assert_eq!((names(&page).as_str(), &page["tasks"][0]["version"]), ("old", &json!(3)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_behind_a_savepoint_belongs_to_its_transaction() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    let start = now(&app).await;
    let sql = [
        "BEGIN; SAVEPOINT one;",
        &insert(1, "kept"),
        "SAVEPOINT two;",
        &insert(2, "lost"),
        "ROLLBACK TO two; RELEASE one; SAVEPOINT three;",
        &insert(3, "too"),
    ];
    run(&writer, &sql.concat()).await;
    let before = pull(&app, &start, "").await;
    assert_eq!(names(&before), "");
    run(&writer, "COMMIT").await;
    assert_eq!(names(&pull(&app, &before["cursor"], "").await), "kept too");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_left_the_live_records_is_told_with_its_version_and_time() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    let sql = format!(
        "{}{} INSERT INTO projects (id, title) VALUES ('{}', 'project'); INSERT INTO tags (id, name, key) VALUES ('{}', 'tag', 'tag');
        INSERT INTO task_tags VALUES ('{}', '{}')",
        insert(1, "trashed"), insert(2, "purged"), id(3), id(4), id(1), id(4)
    );
    run(&writer, &sql).await;
    let start = now(&app).await;
    let sql = "UPDATE tasks SET deleted_at = '2026-01-05T06:07:08Z' WHERE title = 'trashed';
        DELETE FROM tasks WHERE title = 'purged';
        UPDATE projects SET deleted_at = '2026-01-06'; UPDATE projects SET icon = 'x'; DELETE FROM tags";
    run(&writer, sql).await;
    let mut page = pull(&app, &start, "").await;
    assert_eq!(names(&page), format!("-{} -{} -{} -{}", id(1), id(2), id(3), id(4)));
    for gone in [1, 3] {
        // The server's own time.
        assert!(page["deleted"][gone]["deletedAt"].take().is_string());
    }
    assert_eq!(
        page["deleted"],
        json!([
            {"id": id(1), "type": "TASK", "version": 2, "deletedAt": "2026-01-05T06:07:08.000Z"},
            {"id": id(2), "type": "TASK", "version": 2, "deletedAt": null},
            {"id": id(3), "type": "PROJECT", "version": 2, "deletedAt": "2026-01-06T00:00:00.000Z"},
            {"id": id(4), "type": "TAG", "version": 2, "deletedAt": null},
        ])
    );
    run(&writer, "UPDATE tasks SET deleted_at = NULL").await;
    let page = pull(&app, &page["cursor"], "").await;
    assert_eq!((names(&page).as_str(), &page["tasks"][0]["tags"]), ("trashed", &json!([])));
    let fresh = pull(&app, &Value::Null, "").await;
    assert_eq!(names(&fresh), "trashed", "who begins has nothing to forget");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kinds_of_records_belong_to_the_cursor() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    let projects = pull(&app, &Value::Null, ", types: [PROJECT, PROJECT]").await;
    let all = pull(&app, &Value::Null, ", types: [TAG, TASK, PROJECT]").await;
    let sql = "INSERT INTO projects (id, title) VALUES (gen_random_uuid(), 'project');
        INSERT INTO tags (id, name, key) VALUES (gen_random_uuid(), 'tag', 'tag');";
    run(&writer, &(sql.to_owned() + &insert(1, "task"))).await;
    let (projects, all) = (&projects["cursor"], &all["cursor"]);
    assert_eq!(names(&pull(&app, projects, ", types: [PROJECT]").await), "project");
    assert_eq!(names(&pull(&app, &Value::Null, ", types: [PROJECT]").await), "project");
    assert_eq!(names(&pull(&app, all, "").await), "project tag task");
    for (since, arguments, path) in [
        (projects, ", types: [TAG]", "types"),
        (projects, "", "types"),
        (all, ", types: [TASK]", "types"),
        (&Value::Null, ", types: []", "types"),
        (&Value::Null, ", first: 0", "first"),
        (&Value::Null, ", first: 501", "first"),
        (&Value::Null, ", first: -1", "first"),
        (&json!(""), "", "since"),
        (&json!("abc"), "", "since"),
        (&json!(all.as_str().unwrap().to_lowercase()), "", "since"),
        (&json!(&all.as_str().unwrap()[1..]), "", "since"),
    ] {
        let document = format!(
            "query ($since: ChangeCursor) {{ changes(since: $since{arguments}) {{ cursor }} }}"
        );
        let response = app.respond(&document, json!({ "since": since })).await;
        let extensions = &response["errors"][0]["extensions"];
        assert_eq!(extensions["code"], "BAD_REQUEST", "{since} {arguments}");
        assert_eq!(extensions["path"], json!(["changes", path]), "{since} {arguments}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cursor_of_a_payload_covers_its_write_and_no_other() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    let start = now(&app).await;
    run(&writer, &format!("BEGIN; {}", insert(1, "before, but later"))).await;
    let payload = app.mutate("createTask", json!({"title": "mine"}), "cursor").await;
    assert_eq!(names(&pull(&app, &payload["cursor"], "").await), "");
    assert_eq!(names(&pull(&app, &start, "").await), "mine");
    run(&writer, "COMMIT").await;
    assert_eq!(names(&pull(&app, &payload["cursor"], "").await), "before, but later");
    // A page that was cut within is no place at which the whole was seen.
    let cut = pull(&app, &start, ", first: 1").await;
    assert_eq!((names(&cut).as_str(), &cut["hasMore"]), ("before, but later", &json!(true)));
    assert_eq!(names(&pull(&app, &cut["cursor"], "").await), "mine");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_first_load_follow_each_other_while_records_come_and_go() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    for number in (2..=6).rev() {
        run(&writer, &insert(number, &format!("task{number}"))).await;
    }
    let page = pull(&app, &Value::Null, ", first: 2").await;
    assert_eq!((names(&page).as_str(), &page["hasMore"]), ("task2 task3", &json!(true)));
    // One that was sent and one that was not yet go; one comes behind the page and one before it.
    run(&writer, "DELETE FROM tasks WHERE title IN ('task3', 'task5')").await;
    run(&writer, &(insert(7, "task7") + &insert(1, "task1"))).await;
    let page = pull(&app, &page["cursor"], ", first: 2").await;
    assert_eq!((names(&page).as_str(), &page["hasMore"]), ("task4 task6", &json!(true)));
    let page = pull(&app, &page["cursor"], ", first: 2").await;
    assert_eq!((names(&page).as_str(), &page["hasMore"]), ("task7", &json!(true)), "there is news");
    let page = pull(&app, &page["cursor"], "").await;
    let news = format!("-{} -{} task1 task7", id(3), id(5));
    assert_eq!((names(&page), &page["hasMore"]), (news, &json!(false)));
}
