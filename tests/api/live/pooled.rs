//! A pooler before the database, and no URL that leads past it: it lets no notifications through, and its
//! connections are used by others afterwards.

use super::{PATIENCE, Subscriber};
use crate::app::App;
use crate::database::TestDatabase;
use crate::feed::names;
use crate::migrations::client;
use crate::tap::Tap;
use crate::triggers::value;
use serde_json::json;

const CHANGES: &str = "subscription { changes { projects { id title } tags { id name } tasks { id title } deleted { id } } }";
const LIST: &str =
    "subscription { taskList(filter: {isOpen: true}) { upserted { title } removedIds } }";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_told_though_no_notification_comes_through() {
    let app = App::new();
    let pooler = Tap::pooler(&app.database.url);
    app.keep_telling_over(&pooler.url);
    let mut changes = Subscriber::new(&app, CHANGES, json!({})).await;
    let mut list = Subscriber::new(&app, LIST, json!({})).await;
    changes.next().await;
    list.next().await;
    for title in ["one", "two"] {
        // By another process, for which nobody here could ring.
        app.sql(&format!("INSERT INTO tasks (id, title) VALUES (gen_random_uuid(), '{title}')"))
            .await;
        assert_eq!(names(&changes.next().await), title);
        assert_eq!(list.next().await["upserted"], json!([{ "title": title }]));
    }
    let id = app.query("{ tasks(filter: {title: {eq: \"one\"}}) { nodes { id } } }").await;
    let id = id["tasks"]["nodes"][0]["id"].clone();
    app.mutate("deleteTask", json!({ "id": id }), "deletedId").await;
    assert_eq!(names(&changes.next().await), format!("-{}", id.as_str().unwrap()));
    assert_eq!(list.next().await["removedIds"], json!([id]));
    assert!(pooler.unheard() > 0, "there was a notification to be heard");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_migrated_leaves_no_lock_behind_on_a_poolers_connection() {
    let database = TestDatabase::new();
    let pooler = Tap::pooler(&database.url);
    let migrated = tomos::db::migrate(&pooler.url).await.unwrap();
    assert_eq!(migrated, [""; 0]);
    let client = client(&database.url).await;
    let left = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    assert_ne!(value(&client, left).await, "0", "the pooler has connections");
    let locks = "SELECT count(*) FROM pg_locks JOIN pg_database ON oid = database
        WHERE locktype = 'advisory' AND datname = current_database()";
    assert_eq!(value(&client, locks).await, "0");
    tokio::time::timeout(PATIENCE, tomos::db::pending(&pooler.url)).await.unwrap().unwrap();
}
