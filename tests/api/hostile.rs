//! What nobody means well: filters that contradict themselves, that are endless, or that no calendar
//! holds. Each is answered with what logic demands, or refused with a clear code.

use crate::app::App;
use serde_json::{Value, json};
use uuid::Uuid;

/// What comes of a filter of tasks: how many there are, or the code by which it is refused.
async fn outcome(app: &App, filter: Value) -> Result<u64, String> {
    let document = "query ($filter: TaskFilter) {
        tasks(filter: $filter, first: 5) { totalCount nodes { id } } }";
    let response = app.respond(document, json!({ "filter": filter })).await;
    match response["errors"][0]["extensions"]["code"].as_str() {
        Some(code) => Err(code.to_owned()),
        None => Ok(response["data"]["tasks"]["totalCount"].as_u64().unwrap()),
    }
}

async fn with_two_tasks() -> (App, Uuid) {
    let app = App::new();
    for input in [json!({"title": "dated", "dueDate": "2026-01-20"}), json!({"title": "undated"})] {
        app.mutate("createTask", input, "userErrors { code }").await;
    }
    let found = app.query("{ tasks(filter: {title: {eq: \"dated\"}}) { nodes { id } } }").await;
    let id = found["tasks"]["nodes"][0]["id"].as_str().unwrap().parse().unwrap();
    (app, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_contradicts_itself_finds_nothing() {
    let (app, _) = with_two_tasks().await;
    for filter in [
        json!({"isOpen": true, "status": {"eq": "DONE"}}),
        json!({"and": [{"status": {"eq": "DONE"}}, {"status": {"neq": "DONE"}}]}),
        json!({"due": {"gte": "2026-02-01", "lt": "2026-01-01"}}),
        json!({"createdAt": {"gt": "2030-01-01T00:00:00Z", "lt": "2020-01-01T00:00:00Z"}}),
        json!({"hasProject": true, "not": {"hasProject": true}}),
        json!({"due": {"isNull": true, "eq": "2026-01-20"}}),
    ] {
        assert_eq!(outcome(&app, filter.clone()).await, Ok(0), "{filter}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_ids_are_found_among_or_refused() {
    let (app, id) = with_two_tasks().await;
    let mut ids: Vec<_> = (0..9_999).map(Uuid::from_u128).collect();
    ids.push(id);
    assert_eq!(outcome(&app, json!({"id": {"in": ids}})).await, Ok(1));
    assert_eq!(outcome(&app, json!({"id": {"notIn": ids}})).await, Ok(1));
    assert_eq!(outcome(&app, json!({"id": {"in": []}})).await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_span_that_no_calendar_holds_reaches_to_its_end_or_is_refused() {
    let (app, _) = with_two_tasks().await;
    for unit in ["DAY", "WEEK", "MONTH", "YEAR"] {
        for amount in [0, 1, i64::from(i32::MAX), -1, i64::from(i32::MIN), i64::MAX] {
            for operator in ["withinNext", "withinLast"] {
                let filter = json!({"due": {operator: {"amount": amount, "unit": unit}}});
                let found = outcome(&app, filter.clone()).await;
                let expected = match amount {
                    0 | 1 => Ok(1),
                    _ => Err("BAD_REQUEST".to_owned()),
                };
                assert_eq!(found, expected, "{filter}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn days_at_the_ends_of_the_calendar_are_days() {
    let (app, _) = with_two_tasks().await;
    for (day, before) in [("0001-01-01", 0), ("9999-12-31", 1)] {
        assert_eq!(outcome(&app, json!({"due": {"lt": day}})).await, Ok(before), "{day}");
        let other = u64::from(before == 0);
        assert_eq!(outcome(&app, json!({"due": {"gt": day}})).await, Ok(other), "{day}");
    }
    for day in ["0000-00-00", "2026-02-30", "10000-01-01", "-0001-01-01", "infinity", "now", ""] {
        let found = outcome(&app, json!({"due": {"eq": day}})).await;
        assert_eq!(found, Err("BAD_REQUEST".to_owned()), "{day}");
    }
}
