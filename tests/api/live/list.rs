//! Lists as they are followed: the whole page first, then what changes of it.

use super::{Subscriber, refused};
use crate::app::App;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Makes a task, and gives its id.
async fn create(app: &App, input: Value) -> Value {
    app.mutate("createTask", input, "task { id }").await["task"]["id"].take()
}

async fn update(app: &App, id: &Value, patch: Value) {
    app.mutate("updateTask", json!({"id": id, "patch": patch}), "task { id }").await;
}

/// The titles of what came or changed, and what is gone.
fn news(event: &Value) -> (Vec<&str>, usize) {
    let upserted = event["upserted"].as_array().unwrap();
    let titles = upserted.iter().map(|task| task["title"].as_str().unwrap()).collect();
    (titles, event["removedIds"].as_array().unwrap().len())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_told_whole_and_then_only_what_changes_of_it() {
    let app = App::new();
    app.keep_telling();
    let (a, b) =
        (create(&app, json!({"title": "a"})).await, create(&app, json!({"title": "b"})).await);
    let document =
        "subscription { taskList(filter: {isOpen: true}, orderBy: [{title: ASC}], first: 3) {
        upserted { id title project { title } } removedIds order totalCount } }";
    let mut list = Subscriber::new(&app, document, json!({})).await;
    let event = list.next().await;
    assert_eq!(news(&event), (vec!["a", "b"], 0));
    assert_eq!((&event["order"], &event["totalCount"]), (&json!([a, b]), &json!(2)));
    // Of another kind, or outside of the filter: no event.
    app.mutate("createTag", json!({"name": "x"}), "tag { id }").await;
    create(&app, json!({"title": "aa", "status": "DONE"})).await;
    let c = create(&app, json!({"title": "0"})).await;
    let event = list.next().await;
    assert_eq!((news(&event), &event["order"]), ((vec!["0"], 0), &json!([c, a, b])));
    // Only the order changes, beside the one that is renamed.
    update(&app, &c, json!({"title": "z"})).await;
    let event = list.next().await;
    assert_eq!((news(&event), &event["order"]), ((vec!["z"], 0), &json!([a, b, c])));
    // Another one pushes the last out of the page, not out of the list.
    let d = create(&app, json!({"title": "aaa"})).await;
    let event = list.next().await;
    assert_eq!((news(&event), &event["order"]), ((vec!["aaa"], 1), &json!([a, d, b])));
    assert_eq!((&event["removedIds"], &event["totalCount"]), (&json!([c]), &json!(4)));
    // What hangs on a row counts too, though the row's own version stays.
    let project = json!({"title": "p"});
    let project =
        app.mutate("createProject", project, "project { id }").await["project"]["id"].take();
    update(&app, &a, json!({ "projectId": project })).await;
    assert_eq!(news(&list.next().await), (vec!["a"], 0));
    let renamed = json!({"id": project, "patch": {"title": "q"}});
    app.mutate("updateProject", renamed, "project { id }").await;
    let event = list.next().await;
    assert_eq!(event["upserted"][0]["project"]["title"], "q");
    app.mutate("deleteTask", json!({ "id": b }), "deletedId").await;
    let event = list.next().await;
    assert_eq!((news(&event), &event["order"]), ((vec!["z"], 1), &json!([a, d, c])));
}

#[tokio::test(flavor = "multi_thread")]
async fn midnight_brings_tasks_into_today_in_the_zone_of_the_subscriber() {
    let app = App::new();
    app.keep_telling();
    create(&app, json!({"title": "today", "dueDate": "2026-01-20"})).await;
    create(&app, json!({"title": "tomorrow", "dueDate": "2026-01-21"})).await;
    let document = "subscription { taskList(filter: {view: TODAY}) {
        upserted { title isOverdue daysUntilDue } removedIds totalCount } }";
    // In Sydney it is half past five in the afternoon.
    let mut sydney = Subscriber::in_zone(&app, "Australia/Sydney", document, json!({})).await;
    let mut utc = Subscriber::new(&app, document, json!({})).await;
    for list in [&mut sydney, &mut utc] {
        assert_eq!(news(&list.next().await), (vec!["today"], 0));
    }
    app.clock.set("2026-01-20T13:00:00Z".parse().unwrap());
    let event = sydney.next().await;
    assert_eq!((news(&event), &event["totalCount"]), ((vec!["today", "tomorrow"], 0), &json!(2)));
    assert_eq!(
        event["upserted"][0],
        json!({"title": "today", "isOverdue": true, "daysUntilDue": -1})
    );
    app.clock.set("2026-01-21T00:00:00Z".parse().unwrap());
    assert_eq!(news(&utc.next().await), (vec!["today", "tomorrow"], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_until_a_task_is_due_are_told_anew_in_another_zone() {
    let app = App::new();
    app.keep_telling();
    create(&app, json!({"title": "due", "dueAt": "2026-01-21T23:30:00Z"})).await;
    let document = "subscription { taskList(filter: {title: {eq: \"due\"}}) {
        upserted { title daysUntilDue } removedIds } }";
    let (now, later) = ("UTC", "Pacific/Kiritimati");
    let has_moved = Arc::new(AtomicBool::new(false));
    let moved = Arc::clone(&has_moved);
    let zone = move || if moved.load(Ordering::Relaxed) { later } else { now };
    let mut list = Subscriber::begun(app.subscribe_in(zone, document, json!({})).await);
    let days = |event: Value| event["upserted"][0]["daysUntilDue"].clone();
    assert_eq!(days(list.next().await), 1);
    // There it is the same day today, and the task is due the day after tomorrow.
    has_moved.store(true, Ordering::Relaxed);
    create(&app, json!({"title": "another"})).await;
    assert_eq!(days(list.next().await), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_due_instant_and_the_end_of_a_snooze_change_lists_by_themselves() {
    let app = App::new();
    app.keep_telling();
    create(&app, json!({"title": "due", "dueAt": "2026-01-20T07:00:00Z"})).await;
    create(&app, json!({"title": "asleep", "snoozedUntil": "2026-01-20T08:00:00Z"})).await;
    let overdue =
        "subscription { taskList(filter: {isOverdue: true}) { upserted { title } removedIds } }";
    let inbox =
        "subscription { taskList(filter: {view: INBOX}) { upserted { title } removedIds } }";
    app.sql("UPDATE tasks SET status = 'inbox'").await;
    let mut overdue = Subscriber::new(&app, overdue, json!({})).await;
    let mut inbox = Subscriber::new(&app, inbox, json!({})).await;
    assert_eq!(news(&overdue.next().await), (vec![], 0));
    assert_eq!(news(&inbox.next().await), (vec!["due"], 0));
    // At its instant a task is not past due yet, a moment later it is.
    app.clock.set("2026-01-20T07:00:00Z".parse().unwrap());
    app.clock.set("2026-01-20T07:00:00.001Z".parse().unwrap());
    assert_eq!(news(&overdue.next().await), (vec!["due"], 0));
    app.clock.set("2026-01-20T08:00:00Z".parse().unwrap());
    assert_eq!(news(&inbox.next().await), (vec!["asleep"], 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_may_be_asked_for_in_parts() {
    let app = App::new();
    create(&app, json!({"title": "a"})).await;
    for (parts, expected) in [
        ("totalCount", json!({"totalCount": 1})),
        ("removedIds", json!({"removedIds": []})),
        ("upserted { title }", json!({"upserted": [{"title": "a"}]})),
        ("upserted { title } b: upserted { position }", json!(null)),
    ] {
        let document = format!("subscription {{ taskList {{ {parts} }} }}");
        let event = Subscriber::new(&app, &document, json!({})).await.next().await;
        if expected.is_null() {
            assert!(event["b"][0]["position"].is_string());
        } else {
            assert_eq!(event, expected);
        }
    }
    for (arguments, path) in [
        ("first: 501", json!(["taskList", "first"])),
        ("filter: {isOpen: null}", json!(["taskList", "filter", "isOpen"])),
    ] {
        let document = format!("subscription {{ taskList({arguments}) {{ totalCount }} }}");
        let errors = refused(&app, &document, json!({})).await;
        let extensions = &errors[0]["extensions"];
        assert_eq!(
            (&extensions["code"], &extensions["path"]),
            (&json!("BAD_REQUEST"), &path),
            "{errors}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_shown_of_a_list_is_no_news() {
    let app = App::new();
    app.keep_telling();
    let project = app.mutate("createProject", json!({"title": "p"}), "project { id }").await;
    let project = &project["project"]["id"];
    let a = create(&app, json!({"title": "a", "projectId": project, "tagNames": ["x"]})).await;
    let parts = [
        "upserted { id title project { title } tags { name } } order totalCount",
        "order removedIds totalCount",
        "removedIds totalCount",
        "upserted { __typename } totalCount",
    ];
    let mut lists = Vec::new();
    for parts in parts {
        let document = format!("subscription {{ taskList {{ {parts} }} }}");
        let mut list = Subscriber::new(&app, &document, json!({})).await;
        list.next().await;
        lists.push(list);
    }
    let all = "subscription { taskList { upserted { version description project { description } tags { color } } } }";
    let mut all = Subscriber::new(&app, all, json!({})).await;
    all.next().await;
    for total in 2..4 {
        // Who is shown it hears of each before the next, and the others of none.
        update(&app, &a, json!({"description": total.to_string()})).await;
        all.next().await;
        let patch = json!({"description": total.to_string()});
        app.mutate("updateProject", json!({"id": project, "patch": patch}), "cursor").await;
        all.next().await;
        app.sql(&format!("UPDATE tags SET color = '#00000{total}'")).await;
        all.next().await;
        create(&app, json!({"title": "new"})).await;
        for (list, parts) in lists.iter_mut().zip(parts) {
            let event = list.next().await;
            assert_eq!(event["totalCount"], json!(total), "{parts}: {event}");
        }
        all.next().await;
    }
    update(&app, &a, json!({"title": "b"})).await;
    let event = lists[0].next().await;
    assert_eq!((&event["upserted"][0]["title"], &event["totalCount"]), (&json!("b"), &json!(3)));
}
