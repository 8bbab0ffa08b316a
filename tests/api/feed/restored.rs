//! Cursors of no use any more: of a restored database, or older than what is kept.

use super::{insert, names, now, pull, run};
use crate::app::App;
use crate::migrations::client;
use crate::program::{Program, new_token};
use crate::triggers::value;
use chrono::TimeDelta;
use serde_json::{Value, json};
use tokio_postgres::Client;
use tomos::upkeep::{self, Done, Keep};

async fn is_reset(app: &App, since: &Value) -> bool {
    let page = pull(app, since, "").await;
    let reset = page["resetRequired"] == json!(true);
    if reset {
        assert_eq!((names(&page).as_str(), &page["hasMore"]), ("", &json!(false)));
        assert_eq!(&page["cursor"], since, "going on with it does not get past it");
    }
    reset
}

async fn renewed(app: &App) -> bool {
    let mut connection = tomos::db::connect(&app.database.url).await.unwrap();
    upkeep::renew_restored_feed(&mut connection).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settings_row_that_this_server_wrote_is_no_restored_one() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    run(&writer, &insert(1, "one")).await;
    let since = now(&app).await;
    assert!(!renewed(&app).await);
    run(&writer, "UPDATE settings SET time_zone = 'Australia/Sydney'").await;
    assert!(!renewed(&app).await);
    run(&writer, "VACUUM (FREEZE) settings").await;
    assert!(!renewed(&app).await);
    assert!(!is_reset(&app, &since).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_row_of_settings_begins_a_new_feed() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    run(&writer, &insert(1, "one")).await;
    let since = now(&app).await;
    // As a dump brings it back: before there are triggers, and written by another transaction.
    let restore =
        "ALTER TABLE settings DISABLE TRIGGER USER; UPDATE settings SET written_in = written_in;
        ALTER TABLE settings ENABLE TRIGGER USER";
    run(&writer, restore).await;
    assert!(renewed(&app).await);
    assert!(is_reset(&app, &since).await);
    assert!(!renewed(&app).await, "once");
    assert_eq!(names(&pull(&app, &Value::Null, "").await), "one");
}

#[tokio::test(flavor = "multi_thread")]
async fn data_that_comes_back_into_its_tables_is_of_another_feed() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    let since = now(&app).await;
    let sql = "CREATE TEMP TABLE dump AS TABLE settings; DELETE FROM settings; INSERT INTO settings TABLE dump";
    run(&writer, sql).await;
    assert!(is_reset(&app, &since).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_of_a_server_that_was_ahead_mean_nothing_here() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    run(&writer, &insert(1, "one")).await;
    let since = now(&app).await;
    let ahead = "SET session_replication_role = replica; UPDATE changes SET xid = '1000000000000';
        UPDATE tasks SET changed_in = '1000000000001'; SET session_replication_role = DEFAULT";
    run(&writer, ahead).await;
    assert!(renewed(&app).await);
    assert!(is_reset(&app, &since).await);
    let since = now(&app).await;
    let version =
        "SELECT version || ' ' || changed_in || ' ' || (SELECT count(*) FROM changes) FROM tasks";
    assert_eq!(value(&writer, version).await, "1 0 0", "nothing is changed by it");
    run(&writer, "UPDATE tasks SET title = 'two'").await;
    assert_eq!(names(&pull(&app, &since, "").await), "two");
    assert_eq!(value(&writer, "SELECT version FROM tasks").await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn serving_a_restored_database_begins_a_new_feed() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    let since = now(&app).await;
    let token = new_token(&app.database, &["--name", "feed"]);
    assert!(!is_reset(&app, &since).await);
    let restore =
        "ALTER TABLE settings DISABLE TRIGGER USER; UPDATE settings SET written_in = written_in;
        ALTER TABLE settings ENABLE TRIGGER USER";
    run(&writer, restore).await;
    let program = Program::on(&app.database);
    let document =
        format!("{{ changes(since: {since}) {{ resetRequired }} serverInfo {{ tombstoneDays }} }}");
    let answer = program.address.query(&token, &document).json();
    assert_eq!(
        answer["data"],
        json!({"changes": {"resetRequired": true}, "serverInfo": {"tombstoneDays": 90}})
    );
}

/// Does the upkeep, as if so many days had passed.
async fn upkeep_after(app: &App, days: i64, keep: Keep) -> Done {
    let server: String = value(
        &client(&app.database.url).await,
        "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')",
    )
    .await;
    let now: chrono::DateTime<chrono::Utc> = server.parse().unwrap();
    app.clock.set(now + TimeDelta::days(days));
    let mut connection = tomos::db::connect(&app.database.url).await.unwrap();
    upkeep::run(&mut connection, &app.clock, keep).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_reset_once_something_that_it_has_not_seen_is_forgotten() {
    let app = App::new();
    let (writer, late) = (client(&app.database.url).await, client(&app.database.url).await);
    let before = now(&app).await;
    run(&writer, &insert(1, "one")).await;
    let between = now(&app).await;
    run(&late, &format!("BEGIN; {}", insert(2, "late"))).await;
    run(&writer, &insert(3, "three")).await;
    let done = upkeep_after(&app, 89, Keep::default()).await;
    assert_eq!(done, Done { purged: 0, forgotten: 0 });
    assert!(!is_reset(&app, &before).await);
    let done = upkeep_after(&app, 91, Keep::default()).await;
    assert_eq!(done, Done { purged: 0, forgotten: 2 });
    assert!(is_reset(&app, &before).await);
    assert!(is_reset(&app, &between).await, "it has not seen the third");
    // A transaction that is open all the time is in nobody's way.
    let after = now(&app).await;
    assert!(!is_reset(&app, &after).await);
    run(&late, "COMMIT").await;
    assert_eq!(names(&pull(&app, &after, "").await), "late");
    assert_eq!(upkeep_after(&app, 91, Keep::default()).await.forgotten, 1);
    assert!(is_reset(&app, &after).await, "now it is gone");
    assert!(!is_reset(&app, &now(&app).await).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_long_in_the_trash_is_purged_with_its_links() {
    let app = App::new();
    let writer = client(&app.database.url).await;
    let fields = "task { id } userErrors { code }";
    let old = app
        .mutate(
            "createTask",
            json!({"title": "old", "tagNames": ["gone"], "subtasks": ["part"]}),
            fields,
        )
        .await;
    let young =
        app.mutate("createTask", json!({"title": "young", "tagNames": ["gone"]}), fields).await;
    app.mutate("deleteTask", json!({"id": old["task"]["id"]}), "deletedId").await;
    let since = now(&app).await;
    app.clock.set(app.clock.now() + TimeDelta::days(10));
    let tag = app.query("{ tags { nodes { id } } }").await["tags"]["nodes"][0]["id"].clone();
    app.mutate("deleteTask", json!({"id": young["task"]["id"]}), "deletedId").await;
    app.mutate("deleteTag", json!({"id": tag}), "deletedId").await;
    app.clock.set(app.clock.now() + TimeDelta::days(85));
    let mut connection = tomos::db::connect(&app.database.url).await.unwrap();
    let keep = Keep { changes: TimeDelta::days(1000), ..Keep::default() };
    let done = upkeep::run(&mut connection, &app.clock, keep).await.unwrap();
    assert_eq!(done, Done { purged: 2, forgotten: 0 });
    app.clock.set(app.clock.now() + TimeDelta::days(6));
    let done = upkeep::run(&mut connection, &app.clock, keep).await.unwrap();
    assert_eq!(done, Done { purged: 2, forgotten: 0 });
    assert_eq!(left(&writer).await, "0 0 0");
    let page = pull(&app, &since, "").await;
    assert_eq!(page["deleted"].as_array().unwrap().len(), 4);
    let deleted = app
        .mutate("deleteTask", json!({"id": old["task"]["id"]}), "deletedId userErrors { code }")
        .await;
    assert_eq!(
        deleted,
        json!({"deletedId": old["task"]["id"], "userErrors": []}),
        "it is what was wanted"
    );
    let restored =
        app.mutate("restoreTask", json!({"id": old["task"]["id"]}), "userErrors { code }").await;
    assert_eq!(restored["userErrors"][0]["code"], "NOT_FOUND");
}

async fn left(client: &Client) -> String {
    let sql = "SELECT format('%s %s %s', (SELECT count(*) FROM tasks), (SELECT count(*) FROM tags), (SELECT count(*) FROM task_tags))";
    value(client, sql).await
}
