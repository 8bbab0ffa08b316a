//! Subscriptions where a pooler stands before the database, and no URL leads past it: it lets no notifications
//! through.

use super::Subscriber;
use crate::app::App;
use crate::feed::names;
use crate::tap::Tap;
use serde_json::json;

const CHANGES: &str = "subscription { changes { projects { id title } tags { id name } tasks { id title } deleted { id } } }";
const LIST: &str =
    "subscription { taskList(filter: {isOpen: true}) { upserted { title } removedIds } }";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_committed_is_told_though_no_notification_comes_through() {
    let app = App::new();
    let pooler = Tap::deaf(&app.database.url);
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
