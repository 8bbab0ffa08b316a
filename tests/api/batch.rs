//! `createTasks`, `updateTasks`, `deleteTasks`: many tasks, all or none.

use crate::app::App;
use crate::tap::Sent;
use crate::task::made_tag;
use futures_util::future::join_all;
use serde_json::{Value, json};

const FIELDS: &str =
    "affectedCount replayed userErrors { code path } tasks { id title version status deletedAt }";

fn id(number: usize) -> String {
    format!("0199bda0-0000-7000-8000-{number:012}")
}

async fn create(app: &App, tasks: Value) -> Value {
    app.mutate("createTasks", json!({ "tasks": tasks }), FIELDS).await
}

fn task(number: usize) -> Value {
    json!({"id": id(number), "title": format!("Task {number}")})
}

fn titles(payload: &Value) -> Vec<&str> {
    payload["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["title"].as_str().unwrap())
        .collect()
}

async fn total(app: &App) -> Value {
    app.query("{ tasks { totalCount } }").await["tasks"]["totalCount"].clone()
}

/// What a refused batch answers, its errors.
fn refused(payload: &Value) -> &Value {
    assert_eq!((&payload["affectedCount"], &payload["tasks"]), (&json!(0), &json!([])));
    &payload["userErrors"]
}

fn error(code: &str, path: &[&str]) -> Value {
    let path: Vec<_> = ["input"].iter().chain(path).collect();
    json!({"code": code, "path": path})
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_created_in_any_order_and_shown_in_that_of_the_input() {
    let app = App::new();
    let done = create(
        &app,
        json!([
            {"id": id(3), "title": "Grandchild", "parentId": id(2), "tagNames": ["b", "A"]},
            {"id": id(2), "title": "Child", "parentId": id(1)},
            {"id": id(1), "title": "Top", "subtasks": ["first", "second"], "tagNames": ["a", "c"]},
            {"title": "Without an id", "status": "DONE"},
        ]),
    )
    .await;
    assert_eq!(done["userErrors"], json!([]));
    assert_eq!(titles(&done), ["Grandchild", "Child", "Top", "Without an id"]);
    assert_eq!((&done["affectedCount"], &done["replayed"]), (&json!(6), &json!(false)));
    assert!(done["tasks"].as_array().unwrap().iter().all(|task| task["version"] == 1));
    let parts =
        "{ tasks(orderBy: [{title: ASC}]) { nodes { title parent { title } tags { name } } } }";
    let parts = app.query(parts).await;
    let parts: Vec<_> = parts["tasks"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| {
            (
                task["title"].as_str().unwrap(),
                task["parent"]["title"].as_str(),
                task["tags"].as_array().unwrap().len(),
            )
        })
        .collect();
    let expected = [
        ("Child", Some("Top"), 0),
        ("first", Some("Top"), 0),
        ("Grandchild", Some("Child"), 2),
        ("second", Some("Top"), 0),
        ("Top", None, 2),
        ("Without an id", None, 0),
    ];
    assert_eq!(parts, expected);
    let tags = app.query("{ tags { totalCount } }").await;
    assert_eq!(tags["tags"]["totalCount"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_is_told_at_its_task_and_nothing_is_made() {
    let app = App::new();
    app.mutate("createTask", task(1), "cursor").await;
    app.mutate("createTask", task(2), "cursor").await;
    app.mutate("createProject", json!({"id": id(1), "title": "Gone"}), "cursor").await;
    app.mutate("deleteTask", json!({"id": id(2)}), "cursor").await;
    app.mutate("deleteProject", json!({"id": id(1)}), "cursor").await;
    let (tag, trashed) = (made_tag(&app, "a").await, made_tag(&app, "b").await);
    app.mutate("deleteTag", json!({"id": trashed}), "cursor").await;
    let checked = create(
        &app,
        json!([
            task(10),
            {"title": " "},
            {"title": "x", "clientMutationId": id(99)},
            {"title": "x", "status": "TODO", "completedAt": "2026-01-01T00:00:00Z"},
            task(10),
        ]),
    )
    .await;
    let expected = json!([
        error("REQUIRED", &["tasks", "1", "title"]),
        error("INVALID", &["tasks", "2", "clientMutationId"]),
        error("INVALID", &["tasks", "3", "completedAt"]),
        error("TAKEN", &["tasks", "4", "id"]),
    ]);
    assert_eq!(refused(&checked), &expected);
    let missing = create(
        &app,
        json!([
            task(10),
            {"id": id(1), "title": "Another with this id"},
            {"title": "x", "projectId": id(1)},
            {"title": "x", "projectId": id(9)},
            {"title": "x", "parentId": id(2)},
            {"title": "x", "parentId": id(9)},
            {"title": "x", "tagIds": [tag, id(9), trashed]},
            {"id": id(20), "title": "x", "parentId": id(21)},
            {"id": id(21), "title": "x", "parentId": id(20)},
        ]),
    )
    .await;
    let expected = json!([
        error("TAKEN", &["tasks", "1", "id"]),
        error("IN_TRASH", &["tasks", "2", "projectId"]),
        error("NOT_FOUND", &["tasks", "3", "projectId"]),
        error("IN_TRASH", &["tasks", "4", "parentId"]),
        error("NOT_FOUND", &["tasks", "5", "parentId"]),
        error("NOT_FOUND", &["tasks", "6", "tagIds", "1"]),
        error("IN_TRASH", &["tasks", "6", "tagIds", "2"]),
        error("CYCLE", &["tasks", "7", "parentId"]),
        error("CYCLE", &["tasks", "8", "parentId"]),
    ]);
    assert_eq!(refused(&missing), &expected);
    let line = |n: usize| json!({"id": id(30 + n), "title": "x", "parentId": id(29 + n)});
    let deep: Vec<_> =
        [json!({"id": id(30), "title": "x"})].into_iter().chain((1..7).map(line)).collect();
    let deep = create(&app, json!(deep)).await;
    assert_eq!(refused(&deep), &json!([error("TOO_DEEP", &["tasks", "parentId"])]));
    assert_eq!(total(&app).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_sent_again_is_done_once() {
    let app = App::with_connections(8);
    let keyed = json!({"clientMutationId": id(900), "tasks": [{"title": "One", "subtasks": ["part"]}, {"title": "Two"}]});
    let first = app.mutate("createTasks", keyed.clone(), FIELDS).await;
    let mut again = app.mutate("createTasks", keyed.clone(), FIELDS).await;
    assert_eq!(again["replayed"], true);
    again["replayed"] = json!(false);
    assert_eq!(again, first);
    let mut other = keyed;
    other["tasks"][0]["title"] = json!("Other");
    let other = app.mutate("createTasks", other, FIELDS).await;
    assert_eq!(refused(&other), &json!([error("REPLAY_MISMATCH", &["clientMutationId"])]));

    // The ids that the client made are keys too, of each task by itself, however many come at once.
    let same = json!([task(1), task(2)]);
    let all = join_all((0..8).map(|_| create(&app, same.clone()))).await;
    assert!(
        all.iter().all(|done| done["affectedCount"] == 2 && done["userErrors"] == json!([])),
        "{all:#?}"
    );
    assert_eq!(all.iter().filter(|done| done["replayed"] == true).count(), 7);
    let grown = create(&app, json!([task(1), task(2), task(3)])).await;
    assert_eq!((titles(&grown).len(), &grown["replayed"]), (3, &json!(false)));
    let alone = app.mutate("createTask", task(3), "replayed userErrors { code }").await;
    assert_eq!(alone, json!({"replayed": true, "userErrors": []}));
    let changed = create(&app, json!([{"id": id(3), "title": "Other"}])).await;
    assert_eq!(refused(&changed), &json!([error("TAKEN", &["tasks", "0", "id"])]));
    assert_eq!(total(&app).await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_are_taken_and_one_more_is_too_many() {
    let app = App::new();
    let many = |count: usize| -> Value { (0..count).map(task).collect() };
    let refusal = create(&app, many(1_001)).await;
    assert_eq!(refused(&refusal), &json!([error("TOO_MANY", &["tasks"])]));
    let parts = vec!["part"; 100];
    let tasks = vec![json!({"title": "Task", "subtasks": parts}); 50];
    let refusal = app.mutate("createTasks", json!({ "tasks": tasks }), FIELDS).await;
    assert_eq!(refused(&refusal), &json!([error("TOO_MANY", &["tasks"])]));
    let done = create(&app, many(1_000)).await;
    assert_eq!((&done["affectedCount"], titles(&done).len()), (&json!(1_000), 1_000));
    app.mutate("createTask", task(1_000), "cursor").await;
    let all: Vec<_> = (0..1_001).map(id).collect();
    let patch = json!({"priority": "LOW"});
    for (target, field) in [(json!({ "ids": all }), "ids"), (json!({"filter": {}}), "filter")] {
        let update = json!({"target": target, "patch": patch});
        let update = app.mutate("updateTasks", update, FIELDS).await;
        assert_eq!(refused(&update), &json!([error("TOO_MANY", &["target", field])]));
        let delete = app.mutate("deleteTasks", json!({ "target": target }), FIELDS).await;
        assert_eq!(refused(&delete), &json!([error("TOO_MANY", &["target", field])]));
    }
    let unchanged = json!({"filter": {"priority": {"eq": "MEDIUM"}, "title": {"neq": "Task 7"}}});
    let update = json!({"target": unchanged, "patch": patch, "expectedCount": 1_000});
    let done = app.mutate("updateTasks", update, FIELDS).await;
    assert_eq!((&done["affectedCount"], &done["userErrors"]), (&json!(1_000), &json!([])));
    assert!(done["tasks"].as_array().unwrap().iter().all(|task| task["version"] == 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_as_many_statements_for_many_as_for_one() {
    let app = App::with_connections(1);
    let statements = async |mutation: &str, input: Value| {
        app.tap.take();
        let done = app.mutate(mutation, input, FIELDS).await;
        assert_eq!(done["userErrors"], json!([]));
        let executed = |sent: &Sent| matches!(sent, Sent::Other("Execute") | Sent::Query(_));
        app.tap.take().iter().filter(|sent| executed(sent)).count()
    };
    let new = |from: usize, to: usize| -> Value {
        let tagged = |n: usize| json!({"id": id(n), "title": "x", "tagNames": ["a", "b"]});
        json!({"tasks": (from..to).map(tagged).collect::<Vec<_>>()})
    };
    statements("createTasks", new(0, 1)).await;
    let one = statements("createTasks", new(1, 2)).await;
    assert_eq!(statements("createTasks", new(2, 300)).await, one);
    let ids = |from, to| json!({"ids": (from..to).map(id).collect::<Vec<_>>()});
    let update = |target| json!({"target": target, "patch": {"title": "y", "addTagNames": ["c"]}});
    let one = statements("updateTasks", update(ids(0, 1))).await;
    assert_eq!(statements("updateTasks", update(ids(1, 300))).await, one);
    let filter = json!({"filter": {"title": {"eq": "y"}}});
    assert_eq!(statements("updateTasks", update(filter)).await, one);
    let one = statements("deleteTasks", json!({"target": ids(0, 1)})).await;
    assert_eq!(statements("deleteTasks", json!({"target": ids(1, 300)})).await, one);
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_are_changed_alike_by_ids_or_by_a_filter() {
    let app = App::new();
    create(&app, (0..4).map(task).collect()).await;
    let patch = json!({"status": "DONE", "addTagNames": ["seen"]});
    let target = json!({"ids": [id(2), id(0), id(2)]});
    let input = json!({"target": target, "patch": patch, "clientMutationId": id(900)});
    let done = app.mutate("updateTasks", input.clone(), FIELDS).await;
    assert_eq!((&done["affectedCount"], &done["userErrors"]), (&json!(2), &json!([])));
    assert_eq!(titles(&done), ["Task 2", "Task 0"]);
    assert!(done["tasks"].as_array().unwrap().iter().all(|task| task["status"] == "DONE"));
    let again = app.mutate("updateTasks", input, FIELDS).await;
    assert_eq!((&again["replayed"], &again["tasks"]), (&json!(true), &done["tasks"]));

    let filter = json!({"filter": {"tags": {"some": {"name": {"eq": "seen"}}}}});
    let reopen = json!({"target": filter, "patch": {"status": "TODO", "tagIds": []}});
    let mut dry = reopen.clone();
    dry["dryRun"] = json!(true);
    dry["clientMutationId"] = json!(id(901));
    let dry = app.mutate("updateTasks", dry, FIELDS).await;
    assert_eq!((&dry["affectedCount"], &dry["tasks"][0]["status"]), (&json!(2), &json!("DONE")));
    let mut unexpected = reopen.clone();
    unexpected["expectedCount"] = json!(3);
    unexpected["clientMutationId"] = json!(id(901));
    let unexpected = app.mutate("updateTasks", unexpected, FIELDS).await;
    assert_eq!(refused(&unexpected), &json!([error("INVALID", &["expectedCount"])]));
    let mut expected = reopen;
    expected["expectedCount"] = json!(2);
    // Neither the dry run nor the refusal has taken the key.
    expected["clientMutationId"] = json!(id(901));
    let done = app.mutate("updateTasks", expected, FIELDS).await;
    assert_eq!((&done["affectedCount"], &done["tasks"][1]["status"]), (&json!(2), &json!("TODO")));
    let names: Vec<_> = (0..101).map(|n| format!("tag {n}")).collect();
    let many = json!({"target": {"ids": [id(1)]}, "patch": {"addTagNames": names}});
    let many = app.mutate("updateTasks", many, FIELDS).await;
    assert_eq!(refused(&many), &json!([error("TOO_MANY", &["patch", "addTagNames"])]));
    let none = json!({"target": {"filter": {"title": {"eq": "?"}}}, "patch": {"title": "x"}});
    let none = app.mutate("updateTasks", none, FIELDS).await;
    assert_eq!((&none["affectedCount"], &none["userErrors"]), (&json!(0), &json!([])));
    // One that has the values already stays as it is.
    let same = json!({"target": {"ids": [id(1)]}, "patch": {"title": "Task 1"}});
    let same = app.mutate("updateTasks", same, FIELDS).await;
    assert_eq!((&same["affectedCount"], &same["tasks"][0]["version"]), (&json!(1), &json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_or_patch_that_cannot_be_changes_nothing() {
    let app = App::new();
    create(&app, (0..3).map(task).collect()).await;
    app.mutate("deleteTask", json!({"id": id(2)}), "cursor").await;
    let update = async |target: Value, patch: Value| {
        let input = json!({"target": target, "patch": patch});
        app.mutate("updateTasks", input, FIELDS).await
    };
    let gone = update(json!({"ids": [id(0), id(9), id(2)]}), json!({"title": "x"})).await;
    let expected = json!([
        error("NOT_FOUND", &["target", "ids", "1"]),
        error("IN_TRASH", &["target", "ids", "2"])
    ]);
    assert_eq!(refused(&gone), &expected);
    let all = json!({"ids": [id(0), id(1)]});
    let blank = update(all.clone(), json!({"title": " "})).await;
    assert_eq!(refused(&blank), &json!([error("REQUIRED", &["patch", "title"])]));
    let project = update(all.clone(), json!({"projectId": id(9)})).await;
    assert_eq!(refused(&project), &json!([error("NOT_FOUND", &["patch", "projectId"])]));
    let itself = update(all, json!({"parentId": id(1)})).await;
    assert_eq!(refused(&itself), &json!([error("CYCLE", &["patch", "parentId"])]));
    let never = app.mutate("deleteTasks", json!({"target": {"ids": [id(0), id(9)]}}), FIELDS).await;
    assert_eq!(refused(&never), &json!([error("NOT_FOUND", &["target", "ids", "1"])]));
    assert_eq!(total(&app).await, 2);

    let document = "mutation ($target: TaskTarget!) { updateTasks(input: {target: $target, patch: {title: \"x\"}}) { affectedCount } }";
    for (target, code) in [
        (json!({"filter": {"title": {"eq": null}}}), "BAD_REQUEST"),
        (json!({"filter": null}), "BAD_REQUEST"),
        (json!({}), "BAD_REQUEST"),
        (json!({"ids": [id(0)], "filter": {}}), "BAD_REQUEST"),
    ] {
        let response = app.respond(document, json!({ "target": target })).await;
        let got = response["errors"][0]["extensions"]["code"].as_str().unwrap_or_default();
        assert!(got == code || got == "VALIDATION_FAILED", "{target}: {response}");
    }
    let null = app.respond(document, json!({"target": {"filter": {"title": {"eq": null}}}})).await;
    let path = json!(["updateTasks", "input", "target", "filter", "title", "eq"]);
    assert_eq!(null["errors"][0]["extensions"]["path"], path);
    let titles = app.query("{ tasks(orderBy: [{title: ASC}]) { nodes { title } } }").await;
    assert_eq!(titles["tasks"]["nodes"], json!([{"title": "Task 0"}, {"title": "Task 1"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_go_to_the_trash_with_their_parts_and_come_back_with_the_topmost() {
    let app = App::new();
    let child = |n: usize, parent: usize| json!({"id": id(n), "title": format!("Task {n}"), "parentId": id(parent)});
    create(&app, json!([task(1), child(2, 1), child(3, 2), task(4), child(5, 4)])).await;
    let target = json!({"ids": [id(3), id(1), id(5)]});
    let dry = json!({"target": target, "dryRun": true});
    let dry = app.mutate("deleteTasks", dry, FIELDS).await;
    assert_eq!((&dry["affectedCount"], total(&app).await), (&json!(4), json!(5)));
    let few = json!({"target": target, "expectedCount": 3});
    let few = app.mutate("deleteTasks", few, FIELDS).await;
    assert_eq!(refused(&few), &json!([error("INVALID", &["expectedCount"])]));
    let input = json!({"target": target, "expectedCount": 4, "clientMutationId": id(900)});
    let done = app.mutate("deleteTasks", input.clone(), FIELDS).await;
    assert_eq!((&done["affectedCount"], total(&app).await), (&json!(4), json!(1)));
    assert_eq!(titles(&done), ["Task 1", "Task 2", "Task 3", "Task 5"]);
    assert!(done["tasks"].as_array().unwrap().iter().all(|task| !task["deletedAt"].is_null()));
    let again = app.mutate("deleteTasks", input, FIELDS).await;
    assert_eq!((&again["replayed"], &again["tasks"]), (&json!(true), &done["tasks"]));
    let gone = app.mutate("deleteTasks", json!({ "target": target }), FIELDS).await;
    assert_eq!((&gone["affectedCount"], &gone["userErrors"]), (&json!(0), &json!([])));

    // What was named itself went with the topmost above it all the same.
    app.mutate("restoreTask", json!({"id": id(1)}), "cursor").await;
    let live =
        app.query("{ tasks(orderBy: [{title: ASC}]) { nodes { title parent { title } } } }").await;
    let expected = json!([
        {"title": "Task 1", "parent": null},
        {"title": "Task 2", "parent": {"title": "Task 1"}},
        {"title": "Task 3", "parent": {"title": "Task 2"}},
        {"title": "Task 4", "parent": null},
    ]);
    assert_eq!(live["tasks"]["nodes"], expected);
    let filter = json!({"target": {"filter": {"title": {"in": ["Task 4", "Task 2"]}}}});
    let done = app.mutate("deleteTasks", filter, FIELDS).await;
    assert_eq!(titles(&done), ["Task 2", "Task 3", "Task 4"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_is_refused_as_the_batch_would_be_and_changes_nothing() {
    let app = App::new();
    create(&app, (0..3).map(task).collect()).await;
    app.mutate("updateTask", json!({"id": id(2), "patch": {"parentId": id(1)}}), "cursor").await;
    app.mutate("createTag", json!({"id": id(50), "name": "gone"}), "cursor").await;
    app.mutate("deleteTag", json!({"id": id(50)}), "cursor").await;
    let target = json!({"ids": [id(0), id(1)]});
    for (patch, code, field) in [
        (json!({"projectId": id(99)}), "NOT_FOUND", &["projectId"][..]),
        (json!({"parentId": id(1)}), "CYCLE", &["parentId"]),
        (json!({"parentId": id(2)}), "CYCLE", &["parentId"]),
        (json!({"addTagIds": [id(50)]}), "IN_TRASH", &["addTagIds", "0"]),
        (json!({"addTagIds": [id(99)]}), "NOT_FOUND", &["addTagIds", "0"]),
        (json!({"title": ""}), "REQUIRED", &["title"]),
    ] {
        for dry in [true, false] {
            let input = json!({"target": target, "patch": patch, "dryRun": dry});
            let payload = app.mutate("updateTasks", input, FIELDS).await;
            assert_eq!(
                refused(&payload),
                &json!([error(code, &[&["patch"], field].concat())]),
                "{patch} {dry}"
            );
        }
    }
    let before = app.query("{ changes { cursor tasks { id } tags { id } } }").await;
    let patch = json!({"title": "New", "addTagNames": ["new"], "parentId": null});
    let input = json!({"target": target, "patch": patch, "dryRun": true});
    let dry = app.mutate("updateTasks", input, FIELDS).await;
    assert_eq!((&dry["affectedCount"], &dry["userErrors"]), (&json!(2), &json!([])));
    assert_eq!(titles(&dry), ["Task 0", "Task 1"]);
    let input = json!({"target": target, "dryRun": true});
    let dry = app.mutate("deleteTasks", input, FIELDS).await;
    assert_eq!((&dry["affectedCount"], &dry["tasks"][0]["deletedAt"]), (&json!(3), &Value::Null));
    let after = app.query("{ changes { cursor tasks { id } tags { id } } }").await;
    assert_eq!(after["changes"]["tasks"], before["changes"]["tasks"]);
    assert_eq!(after["changes"]["tags"], json!([]));
}
