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

    // The tests' requests never hear of it, as others do for a moment.
    let next = json!({"title": "Next", "dueAt": "2026-01-20T20:00:00Z"});
    let next = app.mutate("createTask", next, "task { dueDate version }").await;
    assert_eq!(next["task"], json!({"dueDate": "2026-01-21", "version": 1}));

    let week = app.mutate("updateSettings", json!({"weekStart": "SUNDAY"}), FIELDS).await;
    assert_eq!(week["viewer"]["weekStart"], "SUNDAY");
    let again = app.mutate("updateSettings", zone, FIELDS).await;
    assert_eq!(
        (&again["replayed"], &again["viewer"]["weekStart"]),
        (&json!(true), &json!("SUNDAY"))
    );
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

#[tokio::test(flavor = "multi_thread")]
async fn no_zone_moves_a_task_out_of_the_calendar() {
    let app = App::new();
    // As it may have come before instants had bounds.
    app.sql(
        "INSERT INTO tasks (id, title, due_at, due_date) VALUES
            (gen_random_uuid(), 'last', '9999-12-31T22:00:00Z', '9999-12-31'),
            (gen_random_uuid(), 'first', '0001-01-01T01:00:00Z', '0001-01-01')",
    )
    .await;
    for zone in ["Asia/Tokyo", "Etc/GMT+12"] {
        let done = app.mutate("updateSettings", json!({ "timeZone": zone }), FIELDS).await;
        assert_eq!(done["userErrors"], json!([]));
        let days = app.query("{ tasks(orderBy: [{due: ASC}]) { nodes { dueDate } } }").await;
        let (first, last) = (json!({"dueDate": "0001-01-01"}), json!({"dueDate": "9999-12-31"}));
        assert_eq!(days["tasks"]["nodes"], json!([first, last]), "{zone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn days_and_weeks_are_the_owners_where_a_request_names_no_zone() {
    let app = App::new();
    for day in ["2026-01-18", "2026-01-19", "2026-01-20", "2026-01-25"] {
        app.mutate("createTask", json!({"title": day, "dueDate": day}), "cursor").await;
    }
    let document = "{ today: tasks(filter: {due: {during: TODAY}}) { nodes { title isDueToday } }
        week: tasks(filter: {due: {during: THIS_WEEK}}, orderBy: [{due: ASC}]) { nodes { title } }
        taskStats(groupBy: [DUE_WEEK]) { groups { dueDate measures { count } } } }";
    // It is Tuesday, the 20th, 06:30 in UTC, and Monday still in Niue.
    let (monday, sunday) = (chrono::Weekday::Mon, chrono::Weekday::Sun);
    for (zone, start, today, week, weeks) in [
        ("Pacific/Niue", monday, "2026-01-19", ["19", "20", "25"], ["12 1", "19 3"]),
        ("Pacific/Niue", sunday, "2026-01-19", ["18", "19", "20"], ["18 3", "25 1"]),
        ("UTC", monday, "2026-01-20", ["19", "20", "25"], ["12 1", "19 3"]),
    ] {
        let answer = app.respond_to_owner(zone, start, document).await;
        let today = json!([{"title": today, "isDueToday": true}]);
        assert_eq!(answer["data"]["today"]["nodes"], today, "{zone}: {answer}");
        let week = week.map(|day| json!({"title": format!("2026-01-{day}")}));
        assert_eq!(answer["data"]["week"]["nodes"], json!(week), "{zone}, {start}");
        let groups = answer["data"]["taskStats"]["groups"].as_array().unwrap();
        let found = groups.iter().map(|group| {
            let day = group["dueDate"].as_str().unwrap().trim_start_matches("2026-01-").to_owned();
            format!("{day} {}", group["measures"]["count"])
        });
        assert_eq!(found.collect::<Vec<_>>(), weeks, "{zone}, {start}");
    }
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
