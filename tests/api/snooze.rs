//! Snoozing: a task is hidden from the views for a while, and from nothing else.

use crate::app::App;
use serde_json::{Value, json};

const FIELDS: &str = "task { version snoozedUntil updatedAt } userErrors { code path }";

async fn made(app: &App, input: Value) -> Value {
    app.mutate("createTask", input, "task { id }").await["task"]["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_snoozed_for_minutes_or_until_an_instant_or_for_half_an_hour() {
    let app = App::new();
    let id = made(&app, json!({"title": "Later"})).await;
    // The clock stands at half past six.
    let steps = [
        (json!({}), json!([2, "2026-01-20T07:00:00.000Z"])),
        (json!({"minutes": null, "until": null}), json!([2, "2026-01-20T07:00:00.000Z"])),
        (json!({"minutes": 90}), json!([3, "2026-01-20T08:00:00.000Z"])),
        (json!({"until": "2026-01-21T09:00:00+11:00"}), json!([4, "2026-01-20T22:00:00.000Z"])),
        (json!({"minutes": i32::MAX}), json!([5, "6109-02-12T08:37:00.000Z"])),
    ];
    for (mut input, expected) in steps {
        input["id"] = id.clone();
        let payload = app.mutate("snoozeTask", input.clone(), FIELDS).await;
        assert_eq!(payload["userErrors"], json!([]), "{input}");
        let task = &payload["task"];
        assert_eq!(json!([task["version"], task["snoozedUntil"]]), expected, "{input}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snoozed_task_comes_back_by_itself() {
    let app = App::new();
    let id = made(&app, json!({"title": "Later", "dueDate": "2026-01-20"})).await;
    let seen = "{ today: tasks(filter: {view: TODAY}) { totalCount } due: tasks(filter: {isOpen: true}) { totalCount } }";
    app.mutate("snoozeTask", json!({"id": id}), FIELDS).await;
    let hidden = json!({"today": {"totalCount": 0}, "due": {"totalCount": 1}});
    assert_eq!(app.query(seen).await, hidden);
    app.clock.set("2026-01-20T07:00:00Z".parse().unwrap());
    let shown = json!({"today": {"totalCount": 1}, "due": {"totalCount": 1}});
    assert_eq!(app.query(seen).await, shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_snooze_is_refused_and_changes_nothing() {
    let app = App::new();
    let id = made(&app, json!({"title": "Now"})).await;
    let both = json!({"minutes": 5, "until": "2026-01-21T09:00:00Z"});
    for (mut input, field) in [
        (both, "until"),
        (json!({"minutes": 0}), "minutes"),
        (json!({"minutes": -30}), "minutes"),
        (json!({"minutes": i32::MIN}), "minutes"),
    ] {
        input["id"] = id.clone();
        let payload = app.mutate("snoozeTask", input.clone(), FIELDS).await;
        let refused = json!([{"code": "INVALID", "path": ["input", field]}]);
        assert_eq!(payload["userErrors"], refused, "{input}");
        assert_eq!(payload["task"]["version"], 1, "{input}");
    }
    app.mutate("deleteTask", json!({"id": id}), "deletedId").await;
    let payload = app.mutate("snoozeTask", json!({"id": id}), FIELDS).await;
    assert_eq!(payload["userErrors"], json!([{"code": "IN_TRASH", "path": ["input", "id"]}]));
    let nobody = json!({"id": "00000000-0000-4000-8000-000000000000"});
    let payload = app.mutate("snoozeTask", nobody, FIELDS).await;
    assert_eq!(payload["userErrors"], json!([{"code": "NOT_FOUND", "path": ["input", "id"]}]));
}
