//! Tasks: what writes do to them.

use crate::app::App;
use serde_json::{Value, json};

const ERRORS: &str = "userErrors { code path message }";

/// The id of a new task.
async fn made(app: &App, input: Value) -> Value {
    let payload = app.mutate("createTask", input, &format!("task {{ id }} {ERRORS}")).await;
    assert_eq!(payload["userErrors"], json!([]));
    payload["task"]["id"].clone()
}

/// The code and the path of the only error.
fn error(payload: &Value) -> (String, String) {
    assert_eq!(payload["userErrors"].as_array().unwrap().len(), 1, "{payload}");
    let error = &payload["userErrors"][0];
    let path: Vec<_> =
        error["path"].as_array().unwrap().iter().map(|step| step.as_str().unwrap()).collect();
    (error["code"].as_str().unwrap().to_owned(), path.join("."))
}

#[tokio::test(flavor = "multi_thread")]
async fn due_day_and_due_instant_mean_what_the_rules_say() {
    let app = App::new();
    let id = made(&app, json!({"title": "Due"})).await;
    // What is said, and what comes of it; the owner's zone is UTC.
    let steps = [
        (json!({"dueDate": "2026-02-01"}), json!(["2026-02-01", null])),
        (
            json!({"dueAt": "2026-02-03T23:30:00+11:00"}),
            json!(["2026-02-03", "2026-02-03T12:30:00.000Z"]),
        ),
        (json!({"dueAt": null}), json!(["2026-02-03", null])),
        (
            json!({"dueAt": "2026-02-03T12:30:00Z"}),
            json!(["2026-02-03", "2026-02-03T12:30:00.000Z"]),
        ),
        (json!({"dueDate": "2026-02-05"}), json!(["2026-02-05", null])),
        (
            json!({"dueAt": "2026-02-06T01:00:00Z", "dueDate": "2026-02-06"}),
            json!(["2026-02-06", "2026-02-06T01:00:00.000Z"]),
        ),
        (json!({"title": "Still due"}), json!(["2026-02-06", "2026-02-06T01:00:00.000Z"])),
        (json!({"dueDate": null}), json!([null, null])),
    ];
    for (patch, due) in steps {
        let input = json!({"id": id, "patch": patch});
        let fields = format!("task {{ dueDate dueAt }} {ERRORS}");
        let payload = app.mutate("updateTask", input, &fields).await;
        assert_eq!(payload["userErrors"], json!([]), "{patch}");
        let task = &payload["task"];
        assert_eq!(json!([task["dueDate"], task["dueAt"]]), due, "{patch}");
    }
    let patch = json!({"dueAt": "2026-02-06T01:00:00Z", "dueDate": "2026-02-08"});
    let payload = app.mutate("updateTask", json!({"id": id, "patch": patch}), ERRORS).await;
    assert_eq!(error(&payload), ("INVALID".to_owned(), "input.patch.dueDate".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn completed_at_follows_status() {
    let app = App::new();
    let id = made(&app, json!({"title": "Do it"})).await;
    let fields = "task { version status completedAt } userErrors { code path message }";
    let state = |payload: &Value| {
        json!([
            payload["task"]["version"],
            payload["task"]["status"],
            payload["task"]["completedAt"]
        ])
    };
    let done = app.mutate("completeTask", json!({"id": id}), fields).await;
    assert_eq!(state(&done), json!([2, "DONE", "2026-01-20T06:30:00.000Z"]));
    app.clock.set("2026-01-21T00:00:00Z".parse().unwrap());
    let again = app.mutate("completeTask", json!({"id": id}), fields).await;
    assert_eq!(again, done, "completing again changes nothing");
    let patch = |patch: Value| json!({"id": id, "patch": patch});
    let again = app.mutate("updateTask", patch(json!({"status": "DONE"})), fields).await;
    assert_eq!(state(&again), state(&done), "nor does setting it DONE again");
    let moved = app
        .mutate("updateTask", patch(json!({"completedAt": "2026-01-19T00:00:00Z"})), fields)
        .await;
    assert_eq!(state(&moved), json!([3, "DONE", "2026-01-19T00:00:00.000Z"]));
    let open = app.mutate("reopenTask", json!({"id": id}), fields).await;
    assert_eq!(state(&open), json!([4, "TODO", null]));
    let again = app.mutate("reopenTask", json!({"id": id}), fields).await;
    assert_eq!(again, open, "reopening again changes nothing");
    let at = ("INVALID".to_owned(), "input.patch.completedAt".to_owned());
    for wrong in [
        json!({"status": "TODO", "completedAt": "2026-01-19T00:00:00Z"}),
        json!({"status": "DONE", "completedAt": "2026-01-21T00:02:00Z"}),
        json!({"completedAt": "2026-01-19T00:00:00Z"}),
    ] {
        let payload = app.mutate("updateTask", patch(wrong.clone()), fields).await;
        assert_eq!(error(&payload), at, "{wrong}");
        assert_eq!(state(&payload), state(&open), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn null_clears_absent_keeps_and_blank_is_none() {
    let app = App::new();
    let full = json!({"title": "Full", "description": "d", "source": "ios", "energy": "HIGH",
        "timeEstimate": "LONG", "scheduledDate": "2026-01-30", "snoozedUntil": "2026-01-30T00:00:00Z"});
    let id = made(&app, full).await;
    let fields = "task { version description source energy timeEstimate scheduledDate snoozedUntil } userErrors { code path }";
    let kept =
        app.mutate("updateTask", json!({"id": id, "patch": {}}), fields).await["task"].take();
    assert_eq!(kept["version"], 1, "a patch that changes nothing");
    assert_eq!(kept["energy"], "HIGH");
    let patch = json!({"description": "  ", "source": null, "energy": null, "timeEstimate": null, "scheduledDate": null, "snoozedUntil": null});
    let cleared =
        app.mutate("updateTask", json!({"id": id, "patch": patch}), fields).await["task"].take();
    assert_eq!(
        cleared,
        json!({"version": 2, "description": null, "source": null, "energy": null,
        "timeEstimate": null, "scheduledDate": null, "snoozedUntil": null})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_variable_would_say_that_was_left_out_is_not_said() {
    let app = App::new();
    let project = app.mutate("createProject", json!({"title": "p"}), "project { id }").await;
    let task = json!({"title": "a", "description": "long", "dueDate": "2026-02-01",
        "projectId": project["project"]["id"], "priority": "LOW"});
    let id = made(&app, task).await;
    let shown = "task { title description dueDate priority project { title } } userErrors { code }";
    let save = format!(
        "mutation ($id: ID!, $title: String, $text: String, $project: ID, $policy: ConflictPolicy, $with: Boolean = true) {{
            ...Save }}
        fragment Save on Mutation {{ updateTask(input: {{id: $id, onConflict: $policy, patch: {{
            title: $title, description: $text, projectId: $project, dueDate: null}}}}) {{ ... @include(if: $with) {{ {shown} }} }} }}"
    );
    let saved = async |variables: Value| {
        let mut response = app.respond(&save, variables).await;
        assert_eq!(response.get("errors"), None, "{response}");
        response["data"]["updateTask"].take()
    };
    let expected = json!({"task": {"title": "b", "description": "long", "dueDate": null, "priority": "LOW",
        "project": {"title": "p"}}, "userErrors": []});
    assert_eq!(saved(json!({"id": id, "title": "b"})).await, expected);
    // One that is given as null says null.
    let cleared = saved(json!({"id": id, "text": null, "policy": "REJECT"})).await;
    assert_eq!(cleared["task"]["description"], Value::Null);
    assert_eq!(cleared["task"]["project"], json!({"title": "p"}));
    // What has a default has it.
    let create = "mutation ($rank: TaskPriority, $tag: String) { createTask(input: {title: \"c\", priority: $rank}) {
        task { priority } } other: createTask(input: {title: \"d\", tagNames: [$tag]}) { task { id } } }";
    let refused = app.respond(create, json!({})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_REQUEST", "an item is there");
    let create = "mutation ($rank: TaskPriority) { createTask(input: {title: \"c\", priority: $rank}) { task { priority } } }";
    let created = app.respond(create, json!({})).await;
    assert_eq!(created["data"]["createTask"]["task"]["priority"], "MEDIUM", "{created}");
    // One that must be given is missed, and nothing is done without it.
    let needed = "mutation ($id: ID!, $text: String!) { updateTask(input: {id: $id, patch: {title: \"z\", description: $text}}) { task { id } } }";
    let missed = app.respond(needed, json!({"id": id})).await;
    assert_eq!(missed["errors"][0]["extensions"]["code"], "VALIDATION_FAILED", "{missed}");
    let (document, still) = ("query ($id: ID!) { task(id: $id) { title } }", json!({"id": id}));
    assert_ne!(app.respond(document, still).await["data"]["task"]["title"], "z");
    let unused = app.respond("query ($nobody: Int) { tags { totalCount } }", json!({})).await;
    assert_eq!(unused["errors"][0]["extensions"]["code"], "VALIDATION_FAILED");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_takes_subtasks_along_and_gives_back_exactly_those() {
    let app = App::new();
    let top = made(&app, json!({"title": "Top"})).await;
    let part = made(&app, json!({"title": "Part", "parentId": top})).await;
    let leaf = made(&app, json!({"title": "Leaf", "parentId": part})).await;
    let gone = made(&app, json!({"title": "Gone before", "parentId": top})).await;
    let live = async || {
        let tasks = app.query("{ tasks { nodes { title parent { title } } } }").await;
        let nodes = tasks["tasks"]["nodes"].as_array().unwrap().clone();
        let name = |node: &Value| {
            format!(
                "{}<{}",
                node["title"].as_str().unwrap(),
                node["parent"]["title"].as_str().unwrap_or("-")
            )
        };
        nodes.iter().map(name).collect::<Vec<_>>().join(" ")
    };
    let deleted = "deletedId record { deletedAt } userErrors { code path message }";
    app.mutate("deleteTask", json!({"id": gone}), deleted).await;
    let payload = app.mutate("deleteTask", json!({"id": top}), deleted).await;
    assert_eq!(payload["deletedId"], top);
    assert_eq!(live().await, "");
    let again = app.mutate("deleteTask", json!({"id": top}), deleted).await;
    assert_eq!(again, payload, "deleting again succeeds and changes nothing");
    app.mutate("restoreTask", json!({"id": top}), ERRORS).await;
    assert_eq!(live().await, "Top<- Part<Top Leaf<Part");
    app.mutate("deleteTask", json!({"id": top}), deleted).await;
    app.mutate("restoreTask", json!({"id": part}), ERRORS).await;
    assert_eq!(live().await, "Part<- Leaf<Part", "its parent is still in the trash");
    let trashed = app
        .mutate(
            "updateTask",
            json!({"id": top, "patch": {"title": "New"}}),
            "task { title } userErrors { code path message }",
        )
        .await;
    assert_eq!(error(&trashed), ("IN_TRASH".to_owned(), "input.id".to_owned()));
    assert_eq!(trashed["task"]["title"], "Top");
    let below =
        app.mutate("updateTask", json!({"id": leaf, "patch": {"parentId": top}}), ERRORS).await;
    assert_eq!(error(&below), ("IN_TRASH".to_owned(), "input.patch.parentId".to_owned()));
    let never = json!({"id": "00000000-0000-4000-8000-000000000000"});
    for mutation in ["deleteTask", "restoreTask", "completeTask"] {
        let payload = app.mutate(mutation, never.clone(), ERRORS).await;
        assert_eq!(error(&payload), ("NOT_FOUND".to_owned(), "input.id".to_owned()), "{mutation}");
    }
}

pub(crate) async fn made_tag(app: &App, name: &str) -> Value {
    let made = app.mutate("createTag", json!({ "name": name }), "tag { id }").await;
    made["tag"]["id"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_name_the_field() {
    let app = App::new();
    let id = made(&app, json!({"title": "One"})).await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    let long = "x".repeat(501);
    let (tag, trashed) = (&made_tag(&app, "a").await, &made_tag(&app, "b").await);
    app.mutate("deleteTag", json!({"id": trashed}), "cursor").await;
    for (input, code, path) in [
        (json!({"title": " "}), "REQUIRED", "input.title"),
        (json!({"title": long}), "INVALID", "input.title"),
        (json!({"title": "x", "id": id}), "TAKEN", "input.id"),
        (json!({"title": "x", "projectId": nobody}), "NOT_FOUND", "input.projectId"),
        (json!({"title": "x", "parentId": nobody}), "NOT_FOUND", "input.parentId"),
        (json!({"title": "x", "tagIds": [nobody]}), "NOT_FOUND", "input.tagIds.0"),
        (json!({"title": "x", "tagIds": [tag, trashed]}), "IN_TRASH", "input.tagIds.1"),
        (json!({"title": "x", "tagNames": ["a", ""]}), "REQUIRED", "input.tagNames.1"),
        (json!({"title": "x", "subtasks": ["y", ""]}), "REQUIRED", "input.subtasks.1"),
        (
            json!({"title": "x", "completedAt": "2026-01-01T00:00:00Z"}),
            "INVALID",
            "input.completedAt",
        ),
    ] {
        let payload = app.mutate("createTask", input.clone(), ERRORS).await;
        assert_eq!(error(&payload), (code.to_owned(), path.to_owned()), "{input}");
    }
    for (patch, code, path) in [
        (json!({"priority": null}), "REQUIRED", "input.patch.priority"),
        (json!({"tagIds": [], "addTagNames": ["x"]}), "INVALID", "input.patch.tagIds"),
        (json!({"tagIds": [nobody]}), "NOT_FOUND", "input.patch.tagIds.0"),
        (json!({"addTagIds": [tag, nobody]}), "NOT_FOUND", "input.patch.addTagIds.1"),
        (
            json!({"addTagNames": ["a", "b", "x".repeat(201)]}),
            "INVALID",
            "input.patch.addTagNames.2",
        ),
        (json!({"addTagIds": [tag, trashed]}), "IN_TRASH", "input.patch.addTagIds.1"),
        (json!({"tagIds": [trashed]}), "IN_TRASH", "input.patch.tagIds.0"),
        (json!({"parentId": id}), "CYCLE", "input.patch.parentId"),
    ] {
        let payload = app.mutate("updateTask", json!({"id": id, "patch": patch}), ERRORS).await;
        assert_eq!(error(&payload), (code.to_owned(), path.to_owned()), "{patch}");
    }
    let counts =
        app.query("{ tasks(first: 0) { totalCount } tags(first: 0) { totalCount } }").await;
    assert_eq!(counts, json!({"tasks": {"totalCount": 1}, "tags": {"totalCount": 1}}));
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_clients_make_the_same_new_tags_in_opposite_order_at_once() {
    let app = App::with_connections(20);
    let names: Vec<_> = (0..10).map(|n| format!("tag {n}")).collect();
    let backward: Vec<_> = names.iter().rev().map(|name| name.to_uppercase()).collect();
    let creating = (0..50).map(|n| {
        let tag_names = if n % 2 == 0 { &names } else { &backward };
        let input = json!({"title": format!("Task {n}"), "tagNames": tag_names});
        let app = &app;
        async move {
            app.mutate("createTask", input, "task { tags { id } } userErrors { code message path }")
                .await
        }
    });
    for payload in futures_util::future::join_all(creating).await {
        assert_eq!(payload["userErrors"], json!([]));
        assert_eq!(payload["task"]["tags"].as_array().unwrap().len(), 10);
    }
    let tags = app.query("{ tags(first: 500) { totalCount nodes { taskCount version } } }").await;
    assert_eq!(tags["tags"]["totalCount"], 10);
    for tag in tags["tags"]["nodes"].as_array().unwrap() {
        assert_eq!(tag, &json!({"taskCount": 50, "version": 1}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_replaced_added_and_taken_off() {
    let app = App::new();
    let id = made(&app, json!({"title": "One", "tagNames": ["a", "b", "c"]})).await;
    let fields = "task { version tags { id name } } userErrors { code path message }";
    let tags = async |patch: Value| {
        let payload = app.mutate("updateTask", json!({"id": id, "patch": patch}), fields).await;
        assert_eq!(payload["userErrors"], json!([]));
        let tags = payload["task"]["tags"].as_array().unwrap().clone();
        let names: Vec<_> =
            tags.iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect();
        (names.join(" "), payload["task"]["version"].clone(), tags)
    };
    let (names, version, all) = tags(json!({})).await;
    assert_eq!((names.as_str(), version), ("a b c", json!(1)));
    let (names, version, _) =
        tags(json!({"removeTagIds": [all[0]["id"]], "addTagNames": ["B", "d"]})).await;
    assert_eq!((names.as_str(), version), ("b c d", json!(2)));
    let (names, version, _) = tags(json!({"addTagIds": [all[1]["id"]]})).await;
    assert_eq!((names.as_str(), version), ("b c d", json!(2)), "it bears it already");
    // A tag in the trash is hidden, and comes back with its tasks.
    app.mutate("deleteTag", json!({"id": all[2]["id"]}), "deletedId").await;
    let (names, version, _) = tags(json!({"tagIds": [all[0]["id"]]})).await;
    assert_eq!((names.as_str(), version), ("a", json!(3)));
    app.mutate("restoreTag", json!({"id": all[2]["id"]}), "tag { id }").await;
    let (names, ..) = tags(json!({})).await;
    assert_eq!(names, "a c");
    let (names, ..) = tags(json!({"tagIds": null})).await;
    assert_eq!(names, "");
}
