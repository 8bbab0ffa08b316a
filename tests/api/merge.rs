//! Writes of clients that knew an older version: what they did not know of is not lost.

mod model;

use crate::app::App;
use futures_util::future::join_all;
use serde_json::{Value, json};

const ID: &str = "0199bda0-0000-7000-8000-0000000000a1";
const KEY: &str = "0199bda0-0000-7000-8000-00000000000a";
const OTHER_KEY: &str = "0199bda0-0000-7000-8000-00000000000b";

const MERGE: &str = "task { version title priority dueDate dueAt status tags { name } } \
    mergedFields conflictingFields userErrors { code path }";

/// A task of version 1.
async fn app_with_task() -> App {
    let app = App::with_connections(4);
    app.mutate("createTask", json!({"id": ID, "title": "One"}), "task { id }").await;
    app
}

/// Changes the task without a word of versions.
async fn edit(app: &App, patch: Value) {
    let done = app.mutate("updateTask", json!({"id": ID, "patch": patch}), MERGE).await;
    assert_eq!(done["userErrors"], json!([]));
}

/// Changes the task, known in version 1.
async fn late(app: &App, policy: &str, patch: Value) -> Value {
    let input = json!({"id": ID, "baseVersion": 1, "onConflict": policy, "patch": patch});
    app.mutate("updateTask", input, MERGE).await
}

/// What was merged, and what was in conflict, which must be told as an error too.
fn told(payload: &Value) -> (Value, Value) {
    let conflict = json!([{"code": "VERSION_CONFLICT", "path": ["input", "baseVersion"]}]);
    let none = payload["conflictingFields"] == json!([]);
    assert_eq!(payload["userErrors"], if none { json!([]) } else { conflict }, "{payload}");
    (payload["mergedFields"].clone(), payload["conflictingFields"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_is_no_conflict_with_a_place_that_others_gave() {
    for (moves, deleted) in [(true, json!(ID)), (false, Value::Null)] {
        let app = app_with_task().await;
        let first = json!({"id": ID, "place": {"firstIn": {"noProject": true}}});
        if moves {
            app.mutate("createTask", json!({"title": "Other"}), "cursor").await;
            let moved = json!({"id": ID, "place": {"lastIn": {"noProject": true}}});
            let moved = app.mutate("moveTask", moved, "task { version }").await;
            assert_eq!(moved["task"]["version"], 2);
            app.mutate("moveTask", first, "userErrors { code }").await;
        } else {
            edit(&app, json!({"title": "Two"})).await;
        }
        let deletion = json!({"id": ID, "baseVersion": 1});
        let done = app.mutate("deleteTask", deletion, "deletedId").await;
        assert_eq!(done["deletedId"], deleted);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_current_version_is_a_plain_write() {
    let app = app_with_task().await;
    for policy in ["MERGE", "REJECT", "OVERWRITE"] {
        let input = json!({"id": ID, "patch": {"title": policy}, "onConflict": policy,
            "baseVersion": match policy { "MERGE" => 1, "REJECT" => 2, _ => 3 }});
        let done = app.mutate("updateTask", input, MERGE).await;
        assert_eq!(told(&done), (json!([]), json!([])));
        assert_eq!(done["task"]["title"], policy);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_devices_that_change_different_fields_both_win() {
    for policy in ["MERGE", "REJECT"] {
        let app = app_with_task().await;
        edit(&app, json!({"title": "Two"})).await;
        let done = late(&app, policy, json!({"priority": "HIGH", "dueDate": "2026-02-01"})).await;
        assert_eq!(told(&done), (json!(["due", "priority"]), json!([])), "{policy}");
        assert_eq!((&done["task"]["title"], &done["task"]["version"]), (&json!("Two"), &json!(3)));
        assert_eq!(done["task"]["priority"], "HIGH");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_policy_does_with_a_conflict_what_it_says() {
    let patch = json!({"title": "Mine", "priority": "HIGH"});
    for (policy, merged, conflicting, title, priority, version) in [
        ("MERGE", json!(["priority"]), json!(["title"]), "Theirs", "HIGH", 3),
        ("REJECT", json!([]), json!(["title"]), "Theirs", "MEDIUM", 2),
        ("OVERWRITE", json!([]), json!([]), "Mine", "HIGH", 3),
    ] {
        let app = app_with_task().await;
        edit(&app, json!({"title": "Theirs"})).await;
        let done = late(&app, policy, patch.clone()).await;
        assert_eq!(told(&done), (merged, conflicting), "{policy}");
        let task = (&done["task"]["title"], &done["task"]["priority"], &done["task"]["version"]);
        assert_eq!(task, (&json!(title), &json!(priority), &json!(version)), "{policy}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn equal_values_are_no_conflict_and_change_nothing() {
    let app = app_with_task().await;
    edit(&app, json!({"title": "Two", "priority": "LOW"})).await;
    for policy in ["MERGE", "REJECT"] {
        let done = late(&app, policy, json!({"title": "Two", "priority": "LOW"})).await;
        assert_eq!(told(&done), (json!([]), json!([])));
        assert_eq!(done["task"]["version"], 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_that_are_added_and_removed_never_conflict_but_all_at_once_do() {
    let app = app_with_task().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let tag = app.mutate("createTag", json!({"name": name}), "tag { id }").await;
        ids.push(tag["tag"]["id"].clone());
    }
    let names = |done: &Value| {
        let tags = done["task"]["tags"].as_array().unwrap();
        tags.iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    edit(&app, json!({"addTagIds": [ids[0], ids[1]]})).await;
    let done = late(&app, "REJECT", json!({"removeTagIds": [ids[0]], "addTagNames": ["c"]})).await;
    assert_eq!(told(&done), (json!(["tags"]), json!([])));
    assert_eq!(names(&done), ["b", "c"]);
    for nothing in [
        json!({"addTagIds": [ids[1]]}),
        json!({"addTagNames": ["C", "b"]}),
        json!({"removeTagIds": [ids[0]]}),
    ] {
        let done = late(&app, "MERGE", nothing).await;
        assert_eq!((told(&done), &done["task"]["version"]), ((json!([]), json!([])), &json!(3)));
    }
    for policy in ["MERGE", "REJECT"] {
        let done = late(&app, policy, json!({"tagIds": [ids[0]]})).await;
        assert_eq!(told(&done), (json!([]), json!(["tags"])), "{policy}");
        assert_eq!(
            (names(&done), &done["task"]["version"]),
            (vec!["b".into(), "c".into()], &json!(3))
        );
    }
    // As a set, whatever the order.
    let done = late(&app, "MERGE", json!({"tagIds": [ids[2], ids[1]]})).await;
    assert_eq!(told(&done), (json!([]), json!([])));
    let done = late(&app, "OVERWRITE", json!({"tagIds": [ids[0]]})).await;
    assert_eq!((told(&done), names(&done)), ((json!([]), json!([])), vec!["a".to_owned()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn tags_are_merged_beside_a_conflict_but_not_where_nothing_is_known_of_the_version() {
    let app = app_with_task().await;
    edit(&app, json!({"title": "Theirs"})).await;
    let done = late(&app, "MERGE", json!({"title": "Mine", "addTagNames": ["a"]})).await;
    assert_eq!(told(&done), (json!(["tags"]), json!(["title"])));
    assert_eq!(done["task"]["tags"], json!([{"name": "a"}]));
    let tag = app.query("{ tags { nodes { id } } }").await["tags"]["nodes"][0]["id"].take();
    for policy in ["MERGE", "REJECT"] {
        for patch in [
            json!({"addTagNames": ["b"]}),
            json!({"removeTagIds": [tag]}),
            json!({"addTagNames": ["b"], "addTagIds": [tag]}),
        ] {
            let input = json!({"id": ID, "baseVersion": 50, "onConflict": policy, "patch": patch});
            let done = app.mutate("updateTask", input, MERGE).await;
            assert_eq!(told(&done), (json!([]), json!(["tags"])), "{policy} {patch}");
            assert_eq!(done["task"]["tags"], json!([{"name": "a"}]), "{policy} {patch}");
        }
    }
    let total = app.query("{ tags(first: 0) { totalCount } }").await;
    assert_eq!(total["tags"]["totalCount"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_tags_at_once_merge_where_nobody_else_changed_them() {
    let app = app_with_task().await;
    let tag = app.mutate("createTag", json!({"name": "a"}), "tag { id }").await;
    edit(&app, json!({"title": "Two"})).await;
    let done = late(&app, "MERGE", json!({"tagIds": [tag["tag"]["id"]]})).await;
    assert_eq!(told(&done), (json!(["tags"]), json!([])));
    assert_eq!(done["task"]["tags"], json!([{"name": "a"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_due_day_and_instant_are_one_field_and_so_are_status_and_completion() {
    let app = app_with_task().await;
    edit(&app, json!({"dueDate": "2026-02-01"})).await;
    let done = late(&app, "MERGE", json!({"dueAt": "2026-02-01T09:00:00Z"})).await;
    assert_eq!(told(&done), (json!([]), json!(["due"])));
    assert_eq!(
        (&done["task"]["dueDate"], &done["task"]["dueAt"]),
        (&json!("2026-02-01"), &Value::Null)
    );
    assert_eq!(
        told(&late(&app, "MERGE", json!({"dueDate": "2026-02-01"})).await),
        (json!([]), json!([]))
    );
    edit(&app, json!({"status": "DONE"})).await;
    let done = late(&app, "MERGE", json!({"status": "BLOCKED"})).await;
    assert_eq!(told(&done), (json!([]), json!(["status"])));
    let done =
        late(&app, "MERGE", json!({"status": "DONE", "completedAt": "2026-01-01T00:00:00Z"})).await;
    assert_eq!(
        (told(&done), &done["task"]["status"]),
        ((json!([]), json!(["status"])), &json!("DONE"))
    );
    assert_eq!(told(&late(&app, "MERGE", json!({"status": "DONE"})).await), (json!([]), json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn completing_and_reopening_conflict_with_the_status_alone() {
    let app = app_with_task().await;
    let of = |version: i32| json!({"id": ID, "baseVersion": version});
    edit(&app, json!({"title": "Two"})).await;
    let done = app.mutate("completeTask", of(1), MERGE).await;
    assert_eq!(
        (told(&done), &done["task"]["status"]),
        ((json!(["status"]), json!([])), &json!("DONE"))
    );
    // It is what was wanted already.
    assert_eq!(told(&app.mutate("completeTask", of(1), MERGE).await), (json!([]), json!([])));
    let open = app.mutate("reopenTask", of(2), MERGE).await;
    assert_eq!(
        (told(&open), &open["task"]["version"]),
        ((json!([]), json!(["status"])), &json!(3))
    );
    let open = app.mutate("reopenTask", of(3), MERGE).await;
    assert_eq!((told(&open), &open["task"]["status"]), ((json!([]), json!([])), &json!("TODO")));
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_conflicts_with_any_edit_of_others() {
    let app = app_with_task().await;
    app.mutate("createProject", json!({"id": ID, "title": "One"}), "project { id }").await;
    app.mutate("createTag", json!({"id": ID, "name": "one"}), "tag { id }").await;
    let conflict = json!([{"code": "VERSION_CONFLICT", "path": ["input", "baseVersion"]}]);
    let fields = "deletedId record { version deletedAt } userErrors { code path }";
    for (kind, patch) in [
        ("Task", json!({"title": "Two"})),
        ("Project", json!({"icon": "x"})),
        ("Tag", json!({"name": "two"})),
    ] {
        app.mutate(&format!("update{kind}"), json!({"id": ID, "patch": patch}), "cursor").await;
        let delete = async |version: i32| {
            let input = json!({"id": ID, "baseVersion": version});
            app.mutate(&format!("delete{kind}"), input, fields).await
        };
        let refused = delete(1).await;
        assert_eq!(refused["record"], json!({"version": 2, "deletedAt": null}), "{kind}");
        assert_eq!((&refused["deletedId"], &refused["userErrors"]), (&Value::Null, &conflict));
        assert_eq!(delete(2).await["userErrors"], json!([]), "{kind}");
        // It is gone, which is what was wanted.
        assert_eq!(delete(1).await["userErrors"], json!([]), "{kind}");
        let restore = async |version: i32| {
            let input = json!({"id": ID, "baseVersion": version});
            app.mutate(&format!("restore{kind}"), input, "userErrors { code path }").await
        };
        assert_eq!(restore(2).await["userErrors"], conflict, "{kind}");
        assert_eq!(restore(3).await["userErrors"], json!([]), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_that_differs_conflicts_where_the_feed_cannot_tell() {
    let app = app_with_task().await;
    edit(&app, json!({"title": "Two"})).await;
    let patch = json!({"title": "Two", "priority": "HIGH", "description": "x"});
    let all = (json!([]), json!(["description", "priority"]));
    for version in [7, 0, -1] {
        let input = json!({"id": ID, "baseVersion": version, "patch": patch});
        assert_eq!(told(&app.mutate("updateTask", input, MERGE).await), all, "{version}");
    }
    edit(&app, json!({"source": "ios"})).await;
    app.sql("DELETE FROM changes WHERE version = 2").await;
    let done = late(&app, "MERGE", patch.clone()).await;
    assert_eq!((told(&done), &done["task"]["version"]), (all, &json!(3)));
    let input = json!({"id": ID, "baseVersion": 2, "patch": patch});
    let told = told(&app.mutate("updateTask", input, MERGE).await);
    assert_eq!(told, (json!(["description", "priority"]), json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_and_tags_merge_too() {
    let app = App::new();
    let fields = "mergedFields conflictingFields userErrors { code path }";
    app.mutate("createProject", json!({"id": ID, "title": "One"}), "cursor").await;
    let update = async |kind: &str, input: Value| app.mutate(kind, input, fields).await;
    update("updateProject", json!({"id": ID, "patch": {"title": "Two", "icon": "x"}})).await;
    let patch = json!({"title": "Three", "icon": "x", "color": "#000000", "status": "ARCHIVED"});
    let done = update("updateProject", json!({"id": ID, "baseVersion": 1, "patch": patch})).await;
    assert_eq!(told(&done), (json!(["color", "status"]), json!(["title"])));
    app.mutate("createTag", json!({"id": ID, "name": "one"}), "cursor").await;
    update("updateTag", json!({"id": ID, "patch": {"name": "two"}})).await;
    let patch = json!({"name": "three", "color": "#000000"});
    let done = update("updateTag", json!({"id": ID, "baseVersion": 1, "patch": patch})).await;
    assert_eq!(told(&done), (json!(["color"]), json!(["name"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_tells_what_was_merged_and_a_rejected_write_may_be_sent_again() {
    let app = app_with_task().await;
    edit(&app, json!({"title": "Theirs"})).await;
    let fields = format!("{MERGE} replayed");
    let rejected = json!({"id": ID, "baseVersion": 1, "clientMutationId": KEY, "onConflict": "REJECT", "patch": {"title": "Mine"}});
    for _ in 0..2 {
        let done = app.mutate("updateTask", rejected.clone(), &fields).await;
        assert_eq!(
            (told(&done), &done["replayed"]),
            ((json!([]), json!(["title"])), &json!(false))
        );
    }
    // Merging it into what others did, where nothing of it was applied, is no more than that.
    let mut merged = rejected.clone();
    merged["onConflict"] = json!("MERGE");
    for _ in 0..2 {
        let done = app.mutate("updateTask", merged.clone(), &fields).await;
        assert_eq!(told(&done), (json!([]), json!(["title"])));
        assert_eq!((&done["replayed"], &done["task"]["version"]), (&json!(false), &json!(2)));
    }
    let input = json!({"id": ID, "baseVersion": 1, "clientMutationId": KEY, "patch": {"title": "Mine", "priority": "LOW"}});
    for replayed in [false, true] {
        let done = app.mutate("updateTask", input.clone(), &fields).await;
        assert_eq!(told(&done), (json!(["priority"]), json!(["title"])));
        assert_eq!((&done["replayed"], &done["task"]["version"]), (&json!(replayed), &json!(3)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_the_trash_or_nowhere_is_no_conflict() {
    let app = app_with_task().await;
    app.mutate("deleteTask", json!({"id": ID}), "deletedId").await;
    for (id, code) in [(ID, "IN_TRASH"), (KEY, "NOT_FOUND")] {
        for policy in ["MERGE", "REJECT"] {
            let input =
                json!({"id": id, "baseVersion": 1, "onConflict": policy, "patch": {"title": "x"}});
            let done = app.mutate("updateTask", input, MERGE).await;
            assert_eq!(done["userErrors"], json!([{"code": code, "path": ["input", "id"]}]));
            assert_eq!(done["conflictingFields"], json!([]));
        }
    }
}

/// Whoever comes second waits for the first, and must see what it did, though its statement began before.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_writes_with_one_base_version_lose_nothing() {
    for round in 0..8 {
        let app = app_with_task().await;
        let patches = [
            json!({"priority": "HIGH"}),
            json!({"dueDate": "2026-02-01"}),
            json!({"description": "x"}),
            json!({"addTagNames": ["a"]}),
        ];
        let done = join_all(patches.map(|patch| late(&app, "MERGE", patch))).await;
        assert!(done.iter().all(|done| told(done).1 == json!([])), "{round}: {done:#?}");
        let app = app_with_task().await;
        let titles = (0..4).map(|n| late(&app, "MERGE", json!({"title": format!("T{n}")})));
        let done = join_all(titles).await;
        let won = done.iter().filter(|done| told(done).1 == json!([])).count();
        assert_eq!(won, 1, "{round}: {done:#?}");
    }
}

/// The statement begins while another transaction holds the record, and goes on when that is committed.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_waited_sees_what_it_waited_for() {
    for (sql, patch, expected) in [
        (
            "UPDATE tasks SET title = 'Theirs'",
            json!({"title": "Mine", "priority": "LOW"}),
            (json!(["priority"]), json!(["title"])),
        ),
        (
            "UPDATE tasks SET title = 'Theirs'",
            json!({"priority": "LOW"}),
            (json!(["priority"]), json!([])),
        ),
        ("UPDATE tasks SET title = 'Theirs'", json!({"title": "Theirs"}), (json!([]), json!([]))),
        (
            "INSERT INTO task_tags SELECT tasks.id, tags.id FROM tasks, tags",
            json!({"tagIds": []}),
            (json!([]), json!(["tags"])),
        ),
    ] {
        let app = app_with_task().await;
        app.mutate("createTag", json!({"name": "a"}), "cursor").await;
        let other = crate::migrations::client(&app.database.url).await;
        other.batch_execute(&format!("BEGIN; {sql}")).await.unwrap();
        let waits = async {
            let waiting = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
            while other.query(waiting, &[]).await.unwrap().is_empty() {
                tokio::task::yield_now().await;
                other.batch_execute("SELECT pg_stat_clear_snapshot()").await.unwrap();
            }
            other.batch_execute("COMMIT").await.unwrap();
        };
        let (done, ()) = tokio::join!(late(&app, "MERGE", patch.clone()), waits);
        assert_eq!(told(&done), expected, "{sql} {patch}");
        assert_eq!(done["task"]["version"], if expected.0 == json!([]) { 2 } else { 3 });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_merge_of_which_nothing_was_applied_may_be_sent_again_in_any_way() {
    let app = app_with_task().await;
    edit(&app, json!({"title": "Theirs"})).await;
    let patch = json!({"title": "Mine"});
    let update = json!({"id": ID, "baseVersion": 1, "patch": patch});
    let operations = json!([{"opId": KEY, "action": {"updateTask": update}}]);
    let fields = "results { outcome conflictingFields }";
    for _ in 0..2 {
        let pushed = app.mutate("syncPush", json!({ "operations": operations }), fields).await;
        let told = json!([{"outcome": "CONFLICT", "conflictingFields": ["title"]}]);
        assert_eq!(pushed["results"], told);
    }
    // Tags to add are in conflict with nothing: then something was done.
    let tagged = json!({"id": ID, "baseVersion": 1, "clientMutationId": OTHER_KEY,
        "patch": {"title": "Mine", "addTagNames": ["new"]}});
    for replayed in [false, true] {
        let fields = "replayed conflictingFields task { title tags { name } }";
        let done = app.mutate("updateTask", tagged.clone(), fields).await;
        let task = json!({"title": "Theirs", "tags": [{"name": "new"}]});
        assert_eq!(
            done,
            json!({"replayed": replayed, "conflictingFields": ["title"], "task": task})
        );
    }
    let mut input = update;
    input["clientMutationId"] = json!(KEY);
    input["onConflict"] = json!("OVERWRITE");
    for replayed in [false, true] {
        let done = app
            .mutate("updateTask", input.clone(), "replayed task { title } userErrors { code }")
            .await;
        assert_eq!(
            done,
            json!({"replayed": replayed, "task": {"title": "Mine"}, "userErrors": []})
        );
    }
}
