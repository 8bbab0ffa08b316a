//! The owner's settings as clients change them.

use crate::app::App;
use crate::database::TestDatabase;
use crate::embedded::wait_until;
use crate::http_client::Request;
use crate::migrations::client;
use crate::program::{Program, new_token};
use serde_json::{Value, json};

const FIELDS: &str = "viewer { timeZone weekStart } replayed userErrors { code path }";
const KEY: &str = "0199bda0-0000-7000-8000-00000000000a";

#[tokio::test(flavor = "multi_thread")]
async fn what_is_absent_is_kept_and_timed_tasks_move_to_their_day_there() {
    let app = App::new();
    let task = json!({"title": "Late", "dueAt": "2026-01-20T20:00:00Z"});
    app.mutate("createTask", task, "cursor").await;
    let zone = json!({"timeZone": "Australia/Sydney", "clientMutationId": KEY});
    let done = app.mutate("updateSettings", zone.clone(), FIELDS).await;
    // The request of the tests names its zone itself.
    let viewer = json!({"timeZone": "UTC", "weekStart": "MONDAY"});
    assert_eq!(done, json!({"viewer": viewer, "replayed": false, "userErrors": []}));
    let due = app.query("{ tasks { nodes { dueDate version } } }").await;
    assert_eq!(due["tasks"]["nodes"], json!([{"dueDate": "2026-01-21", "version": 2}]));

    let week = app.mutate("updateSettings", json!({"weekStart": "SUNDAY"}), FIELDS).await;
    assert_eq!(week["viewer"]["weekStart"], "SUNDAY");
    let again = app.mutate("updateSettings", zone, FIELDS).await;
    assert_eq!(again["replayed"], true);
    let other = json!({"timeZone": "UTC", "clientMutationId": KEY});
    let other = app.mutate("updateSettings", other, FIELDS).await;
    let path = json!(["input", "clientMutationId"]);
    assert_eq!(other["userErrors"], json!([{"code": "REPLAY_MISMATCH", "path": path}]));
    let unknown = app.respond(
        "mutation { updateSettings(input: {timeZone: \"Mars/Olympus\"}) { cursor } }",
        json!({}),
    );
    assert_ne!(unknown.await["errors"], Value::Null);
    let sql = "SELECT time_zone || ' ' || week_start FROM settings";
    let kept: String = client(&app.database.url).await.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(kept, "Australia/Sydney sunday");
}

#[test]
fn requests_after_it_have_the_new_settings() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "settings"]);
    let program = Program::on(&database);
    let change = "mutation { updateSettings(input: {timeZone: \"Asia/Kathmandu\", weekStart: SATURDAY}) \
        { viewer { timeZone weekStart } userErrors { code } } }";
    let viewer = json!({"timeZone": "Asia/Kathmandu", "weekStart": "SATURDAY"});
    let done = Request::graphql(&token, change).send(&program.address).json();
    assert_eq!(done["data"]["updateSettings"], json!({"viewer": viewer, "userErrors": []}));
    let asked = || {
        let answer = Request::graphql(&token, "{ viewer { timeZone weekStart } }");
        answer.send(&program.address).json()["data"]["viewer"].clone()
    };
    // The database tells the program, which may take a moment.
    wait_until("the settings are known", || asked() == viewer);
}
