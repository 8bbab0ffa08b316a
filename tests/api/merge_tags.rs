//! Merging tags: their tasks bear one tag, once, whoever tags at the same moment.

use crate::app::App;
use crate::feed::{now, pull};
use crate::migrations::client;
use crate::triggers::value;
use serde_json::{Value, json};

const FIELDS: &str = "tag { name version taskCount } userErrors { code path }";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

async fn tag(app: &App, name: &str) -> Value {
    app.mutate("createTag", json!({"name": name}), "tag { id }").await["tag"]["id"].clone()
}

async fn task(app: &App, title: &str, tags: Value) -> Value {
    let input = json!({"title": title, "tagIds": tags});
    app.mutate("createTask", input, "task { id }").await["task"]["id"].clone()
}

async fn merged(app: &App, source: &Value, into: &Value) -> Value {
    app.mutate("mergeTags", json!({"sourceId": source, "intoId": into}), FIELDS).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_task_of_the_one_bears_the_other_once_and_each_is_in_the_feed_once() {
    let app = App::new();
    let (old, new) = (tag(&app, "old").await, tag(&app, "new").await);
    task(&app, "only old", json!([old])).await;
    task(&app, "both", json!([old, new])).await;
    task(&app, "only new", json!([new])).await;
    let gone = task(&app, "in the trash", json!([old])).await;
    app.mutate("deleteTask", json!({"id": gone}), "deletedId").await;
    let since = now(&app).await;
    app.clock.set("2026-01-20T07:00:00Z".parse().unwrap());
    let payload = merged(&app, &old, &new).await;
    let expected = json!({"name": "new", "version": 1, "taskCount": 3});
    assert_eq!(payload, json!({"tag": expected, "userErrors": []}));
    let page = pull(&app, &since, "").await;
    let mut tasks: Vec<_> = page["tasks"].as_array().unwrap().iter().collect();
    tasks.sort_by_key(|task| task["title"].to_string());
    let tasks: Vec<_> =
        tasks.iter().map(|task| json!([task["title"], task["version"], task["tags"]])).collect();
    let bears = json!([{"name": "new"}]);
    assert_eq!(tasks, [json!(["both", 2, bears]), json!(["only old", 2, bears])]);
    let mut deleted: Vec<_> = page["deleted"].as_array().unwrap().iter().collect();
    deleted.sort_by_key(|record| record["type"].to_string());
    let deleted: Vec<_> =
        deleted.iter().map(|record| json!([record["id"], record["type"]])).collect();
    assert_eq!(deleted, [json!([old, "TAG"]), json!([gone, "TASK"])]);
    assert_eq!(page["tags"], json!([]));
    let times =
        app.query("{ tasks(filter: {title: {neq: \"only new\"}}) { nodes { updatedAt } } }");
    let at = json!({"updatedAt": "2026-01-20T07:00:00.000Z"});
    assert_eq!(times.await["tasks"]["nodes"], json!([at, at]));
    // What comes back from the trash has moved too; the old tag comes back without tasks.
    let back = app.mutate("restoreTask", json!({"id": gone}), "task { tags { name } }").await;
    assert_eq!(back["task"]["tags"], bears);
    let back = app.mutate("restoreTag", json!({"id": old}), "tag { taskCount }").await;
    assert_eq!(back["tag"]["taskCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_merged_says_which_of_the_two_is_wrong() {
    let app = App::new();
    let (one, gone) = (tag(&app, "one").await, tag(&app, "gone").await);
    task(&app, "task", json!([one, gone])).await;
    app.mutate("deleteTag", json!({"id": gone}), "deletedId").await;
    let nobody = json!(NOBODY);
    for (source, into, code, path) in [
        (&one, &one, "INVALID", "intoId"),
        (&nobody, &one, "NOT_FOUND", "sourceId"),
        (&one, &nobody, "NOT_FOUND", "intoId"),
        (&gone, &one, "IN_TRASH", "sourceId"),
        (&one, &gone, "IN_TRASH", "intoId"),
    ] {
        let payload = merged(&app, source, into).await;
        let refused = json!([{"code": code, "path": ["input", path]}]);
        assert_eq!(payload["userErrors"], refused, "{source} {into}");
    }
    let task = app.query("{ tasks { nodes { version tags { name } } } }").await;
    let unchanged = json!({"version": 1, "tags": [{"name": "one"}]});
    assert_eq!(task["tasks"]["nodes"], json!([unchanged]));
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_tasks_are_merged_by_one_statement() {
    let app = App::new();
    let many = if std::env::var_os("TOMOS_FULL").is_some() { 10_000 } else { 2_000 };
    let (old, new) = (tag(&app, "old").await, tag(&app, "new").await);
    app.sql(&format!(
        "INSERT INTO tasks (id, title) SELECT gen_random_uuid(), 'T' || n FROM generate_series(1, {many}) AS n;
        INSERT INTO task_tags SELECT id, '{}' FROM tasks; ANALYZE",
        old.as_str().unwrap()
    ))
    .await;
    app.tap.take();
    let payload = merged(&app, &old, &new).await;
    assert_eq!(payload["tag"]["taskCount"], many);
    let executed = |sent: &&crate::tap::Sent| **sent == crate::tap::Sent::Other("Execute");
    assert_eq!(app.tap.take().iter().filter(executed).count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tags_while_tags_are_merged_waits_for_nobody_for_good_and_leaves_no_link_behind() {
    let app = App::with_connections(20);
    let names = ["a", "b", "c"];
    let mut tags = Vec::new();
    for name in names {
        tags.push(tag(&app, name).await);
    }
    let mut tasks = Vec::new();
    for nth in 0..10 {
        tasks.push(task(&app, &nth.to_string(), json!([tags[nth % 2]])).await);
    }
    let tagging = (0..60).map(|nth| {
        let patch = match nth % 4 {
            0 => json!({"addTagIds": [tags[0], tags[2]]}),
            1 => json!({"addTagNames": ["B", "a", "c"]}),
            2 => json!({"removeTagIds": [tags[0]]}),
            _ => json!({"addTagIds": [tags[1]]}),
        };
        let input = json!({"id": tasks[nth % 10], "patch": patch});
        let app = &app;
        async move { app.mutate("updateTask", input, "userErrors { code path }").await }
    });
    // One tag into the other and back, so that all of them meet.
    let merging = async {
        for _ in 0..5 {
            // Refused where somebody has made a tag of that name since: then it stays in the trash.
            merged(&app, &tags[0], &tags[1]).await;
            app.mutate("restoreTag", json!({"id": tags[0]}), "userErrors { code }").await;
            merged(&app, &tags[1], &tags[2]).await;
            app.mutate("restoreTag", json!({"id": tags[1]}), "userErrors { code }").await;
        }
    };
    let (done, ()) = tokio::join!(futures_util::future::join_all(tagging), merging);
    for payload in done {
        let errors = payload["userErrors"].as_array().unwrap();
        assert!(errors.iter().all(|error| error["code"] == "IN_TRASH"), "{payload}");
    }
    let client = client(&app.database.url).await;
    let left =
        "SELECT count(*) FROM task_tags JOIN tags ON id = tag_id WHERE deleted_at IS NOT NULL";
    assert_eq!(value(&client, left).await, "0");
}
