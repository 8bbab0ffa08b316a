//! `syncPush`: an offline queue, each operation with its own outcome or all or none.

use crate::app::App;
use crate::interleaved::crossed;
use crate::tap::Sent;
use futures_util::future::join_all;
use serde_json::{Value, json};

/// What is asked of a push.
const FIELDS: &str = "replayed userErrors { code path } results { opId outcome deletedId mergedFields \
    conflictingFields userErrors { code path } record { __typename id version ... on Task { title status } } }";

fn id(number: usize) -> String {
    format!("0199bda0-0000-7000-8000-{number:012}")
}

/// Keys of operations; ids of records are below.
#[expect(clippy::needless_pass_by_value, reason = "it is made where it is passed")]
fn op(number: usize, action: Value) -> Value {
    json!({"opId": id(1_000 + number), "action": action})
}

async fn push(app: &App, operations: Value) -> Value {
    app.mutate("syncPush", json!({ "operations": operations }), FIELDS).await
}

fn outcomes(payload: &Value) -> Vec<&str> {
    let results = payload["results"].as_array().unwrap();
    results.iter().map(|result| result["outcome"].as_str().unwrap()).collect()
}

/// A task of the server, version 1.
async fn task(app: &App, number: usize, title: &str) {
    app.mutate("createTask", json!({"id": id(number), "title": title}), "cursor").await;
}

fn retitle(number: usize, base: i32, title: &str) -> Value {
    json!({"updateTask": {"id": id(number), "baseVersion": base, "patch": {"title": title}}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_of_every_action_is_done_in_its_order() {
    let app = App::new();
    let record = |number| json!({"id": id(number)});
    let done = push(
        &app,
        json!([
            op(1, json!({"createProject": {"id": id(1), "title": "Home"}})),
            op(2, json!({"createTag": {"id": id(2), "name": "garden"}})),
            op(3, json!({"createTask": {"id": id(3), "title": "Dig", "projectId": id(1), "tagIds": [id(2)], "tagNames": ["new"]}})),
            op(4, json!({"updateProject": {"id": id(1), "patch": {"title": "House"}}})),
            op(5, json!({"updateTag": {"id": id(2), "patch": {"name": "Garden"}}})),
            op(6, json!({"updateTask": {"id": id(3), "patch": {"title": "Dig deep"}}})),
            op(7, json!({"createTask": {"id": id(4), "title": "Rest"}})),
            op(8, json!({"moveTask": {"id": id(4), "place": {"before": id(3)}}})),
            op(9, json!({"completeTask": record(3)})),
            op(10, json!({"reopenTask": record(3)})),
            op(11, json!({"deleteTask": record(4)})),
            op(12, json!({"restoreTask": record(4)})),
            op(13, json!({"deleteProject": record(1)})),
            op(14, json!({"restoreProject": record(1)})),
            op(15, json!({"deleteTag": record(2)})),
            op(16, json!({"restoreTag": record(2)})),
        ]),
    )
    .await;
    assert_eq!(outcomes(&done), vec!["APPLIED"; 16]);
    let results = done["results"].as_array().unwrap();
    let deleted: Vec<_> = results.iter().map(|result| result["deletedId"].clone()).collect();
    let (none, some) = (Value::Null, |number| json!(id(number)));
    assert_eq!(
        deleted[9..],
        [&none, &some(4), &none, &some(1), &none, &some(2), &none].map(Clone::clone)
    );
    // All are of one transaction: a record that it made has its first version.
    assert!(results.iter().all(|result| result["record"]["version"] == 1), "{results:#?}");
    let kinds: Vec<_> =
        results.iter().map(|result| result["record"]["__typename"].clone()).collect();
    assert_eq!(kinds[..4], ["Project", "Tag", "Task", "Project"]);
    let all = app
        .query("{ tasks(orderBy: [{manual: ASC}]) { nodes { title status project { title } tags { name } } } }")
        .await;
    let tasks = json!([
        {"title": "Rest", "status": "TODO", "project": null, "tags": []},
        {"title": "Dig deep", "status": "TODO", "project": {"title": "House"}, "tags": [{"name": "Garden"}, {"name": "new"}]},
    ]);
    assert_eq!(all["tasks"]["nodes"], tasks);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operation_answers_for_itself_with_the_way_to_its_field() {
    let app = App::new();
    task(&app, 1, "One").await;
    app.mutate("deleteTask", json!({"id": id(1)}), "cursor").await;
    let done = push(
        &app,
        json!([
            op(1, json!({"createTask": {"title": " "}})),
            op(2, json!({"completeTask": {"id": id(9)}})),
            op(3, json!({"createTask": {"id": id(2), "title": "Two", "projectId": id(9)}})),
            op(4, json!({"updateTask": {"id": id(1), "patch": {"title": "x"}}})),
            op(5, json!({"createTag": {"clientMutationId": id(8), "name": "x"}})),
            op(6, json!({"deleteTask": {"id": id(9)}})),
            op(7, json!({"moveTask": {"id": id(9), "place": {"after": id(1)}}})),
            op(8, json!({"createTask": {"id": id(3), "title": "Three"}})),
        ]),
    )
    .await;
    let at = |index: usize, steps: &[&str]| {
        let path: Vec<_> = ["input", "operations", &index.to_string(), "action"]
            .into_iter()
            .chain(steps.iter().copied())
            .map(str::to_owned)
            .collect();
        json!(path)
    };
    let results = done["results"].as_array().unwrap();
    let errors: Vec<_> = results.iter().map(|result| result["userErrors"].clone()).collect();
    let expected = [
        json!([{"code": "REQUIRED", "path": at(0, &["createTask", "title"])}]),
        json!([{"code": "NOT_FOUND", "path": at(1, &["completeTask", "id"])}]),
        json!([{"code": "NOT_FOUND", "path": at(2, &["createTask", "projectId"])}]),
        json!([{"code": "IN_TRASH", "path": at(3, &["updateTask", "id"])}]),
        json!([{"code": "INVALID", "path": at(4, &["createTag", "clientMutationId"])}]),
        json!([{"code": "NOT_FOUND", "path": at(5, &["deleteTask", "id"])}]),
        json!([{"code": "NOT_FOUND", "path": at(6, &["moveTask", "id"])}]),
        json!([]),
    ];
    assert_eq!(errors, expected);
    assert_eq!(outcomes(&done)[..7], ["REJECTED"; 7]);
    assert_eq!(outcomes(&done)[7], "APPLIED");
    assert_eq!(results[3]["record"]["title"], "One", "the record that is in the trash is shown");
    assert_eq!(results[2]["record"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_is_sent_again_changes_nothing_and_shows_the_records_as_they_are() {
    let app = App::new();
    let queue = json!([
        op(1, json!({"createTask": {"title": "Made by the server"}})),
        op(2, json!({"createTask": {"id": id(1), "title": "One"}})),
        op(3, json!({"completeTask": {"id": id(1)}})),
        op(4, json!({"completeTask": {"id": id(9)}})),
    ]);
    let first = push(&app, queue.clone()).await;
    assert_eq!(outcomes(&first), ["APPLIED", "APPLIED", "APPLIED", "REJECTED"]);
    let again = push(&app, queue).await;
    assert_eq!(outcomes(&again), ["REPLAYED", "REPLAYED", "REPLAYED", "REJECTED"]);
    let records = |payload: &Value| -> Vec<Value> {
        payload["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|result| result["record"].clone())
            .collect()
    };
    assert_eq!(records(&again), records(&first));
    assert_eq!(records(&again)[0]["title"], "Made by the server");
    let count = app.query("{ tasks { totalCount } }").await;
    assert_eq!(count, json!({"tasks": {"totalCount": 2}}));

    let other = json!([op(3, json!({"reopenTask": {"id": id(1)}}))]);
    let refused = push(&app, other).await;
    assert_eq!(outcomes(&refused), ["REJECTED"]);
    assert_eq!(refused["results"][0]["userErrors"][0]["code"], "REPLAY_MISMATCH");
    // The key of an operation is one of mutations too.
    let alone = json!({"clientMutationId": id(1_003), "id": id(1)});
    let alone = app.mutate("completeTask", alone, "replayed userErrors { code }").await;
    assert_eq!(alone, json!({"replayed": true, "userErrors": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_comes_twice_in_a_queue_is_done_once() {
    let app = App::new();
    let action = json!({"createTask": {"title": "Once"}});
    let done = push(
        &app,
        json!([
            op(1, action.clone()),
            op(1, action),
            op(1, json!({"createTask": {"title": "Other"}}))
        ]),
    )
    .await;
    assert_eq!(outcomes(&done), ["APPLIED", "REPLAYED", "REJECTED"]);
    assert_eq!(done["results"][0]["record"], done["results"][1]["record"]);
    assert_eq!(done["results"][2]["userErrors"][0]["code"], "REPLAY_MISMATCH");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_atomic_queue_is_done_as_a_whole_or_not_at_all() {
    let app = App::new();
    task(&app, 1, "One").await;
    let before = push(&app, json!([op(1, json!({"completeTask": {"id": id(1)}}))])).await;
    assert_eq!(outcomes(&before), ["APPLIED"]);
    let operations = json!([
        op(1, json!({"completeTask": {"id": id(1)}})),
        op(2, json!({"createTask": {"id": id(2), "title": "Two"}})),
        op(3, json!({"completeTask": {"id": id(9)}})),
        op(4, json!({"createTask": {"id": id(3), "title": "Three", "parentId": id(2)}})),
    ]);
    let mut input = json!({"operations": operations, "atomic": true});
    let refused = app.mutate("syncPush", input.clone(), FIELDS).await;
    assert_eq!(outcomes(&refused), ["REPLAYED", "REJECTED", "REJECTED", "REJECTED"]);
    assert_eq!(refused["results"][1]["record"], Value::Null);
    assert_eq!(
        refused["results"][1]["userErrors"],
        json!([{"code": "INVALID", "path": ["input", "atomic"]}])
    );
    assert_eq!(refused["results"][2]["userErrors"][0]["code"], "NOT_FOUND");
    // Nothing of it is kept, its keys neither: what repeats a part of it is undone with it.
    let twice = op(5, json!({"createTask": {"id": id(4), "title": "Four"}}));
    let twice = json!({"operations": [twice, twice, input["operations"][2]], "atomic": true});
    let twice = app.mutate("syncPush", twice, FIELDS).await;
    assert_eq!(outcomes(&twice), ["REJECTED"; 3]);
    let merge = json!({"updateTask": {"id": id(1), "baseVersion": 1, "patch": {"status": "TODO", "source": "x"}}});
    let merge = json!({"operations": [op(6, merge)], "atomic": true});
    let merge = app.mutate("syncPush", merge, FIELDS).await;
    assert_eq!(outcomes(&merge), ["CONFLICT"]);
    assert_eq!(merge["results"][0]["mergedFields"], json!([]), "nothing of it was applied");
    input["operations"].as_array_mut().unwrap().remove(2);
    let done = app.mutate("syncPush", input, FIELDS).await;
    assert_eq!(outcomes(&done), ["REPLAYED", "APPLIED", "APPLIED"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_same_queue_changed_is_no_change_of_others() {
    let app = App::new();
    task(&app, 1, "One").await;
    // Both know version 1; the second would clash with the first.
    let queue = json!([op(1, retitle(1, 1, "Two")), op(2, retitle(1, 1, "Three"))]);
    let done = push(&app, queue).await;
    assert_eq!(outcomes(&done), ["APPLIED", "APPLIED"]);
    assert_eq!(done["results"][1]["record"]["title"], "Three");
    assert_eq!(done["results"][1]["record"]["version"], 2);

    // The answer was lost: the queue comes again, and has grown.
    let grown = json!([
        op(1, retitle(1, 1, "Two")),
        op(2, retitle(1, 1, "Three")),
        op(3, retitle(1, 1, "Four")),
        op(4, json!({"deleteTask": {"id": id(1), "baseVersion": 1}})),
    ]);
    let done = push(&app, grown).await;
    assert_eq!(outcomes(&done), ["REPLAYED", "REPLAYED", "APPLIED", "APPLIED"]);
    assert_eq!(done["results"][3]["deletedId"], id(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_changed_meanwhile_is_merged_or_in_conflict() {
    let app = App::new();
    task(&app, 1, "One").await;
    let first = push(&app, json!([op(1, retitle(1, 1, "Mine"))])).await;
    assert_eq!(outcomes(&first), ["APPLIED"]);
    let theirs = json!({"id": id(1), "patch": {"priority": "URGENT"}});
    app.mutate("updateTask", theirs, "cursor").await;
    let patch =
        |fields: Value| json!({"updateTask": {"id": id(1), "baseVersion": 1, "patch": fields}});
    let done = push(
        &app,
        json!([
            op(1, retitle(1, 1, "Mine")),
            op(2, patch(json!({"title": "Mine again"}))),
            op(3, patch(json!({"priority": "LOW", "source": "phone"}))),
            op(4, json!({"completeTask": {"id": id(1), "baseVersion": 1}})),
            op(5, json!({"deleteTask": {"id": id(1), "baseVersion": 1}})),
        ]),
    )
    .await;
    assert_eq!(outcomes(&done), ["REPLAYED", "MERGED", "CONFLICT", "MERGED", "CONFLICT"]);
    let fields = |index: usize, which: &str| done["results"][index][which].clone();
    assert_eq!(fields(1, "mergedFields"), json!(["title"]));
    assert_eq!(fields(2, "mergedFields"), json!(["source"]));
    assert_eq!(fields(2, "conflictingFields"), json!(["priority"]));
    assert_eq!(fields(2, "userErrors")[0]["code"], "VERSION_CONFLICT");
    assert_eq!(fields(4, "deletedId"), Value::Null);
    assert_eq!(done["results"][4]["record"]["status"], "DONE");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_has_a_key_of_its_own_too() {
    let app = App::new();
    let create = |title: &str| json!([op(1, json!({"createTask": {"title": title}}))]);
    let mut input = json!({"clientMutationId": id(1), "operations": create("One")});
    let first = app.mutate("syncPush", input.clone(), FIELDS).await;
    let again = app.mutate("syncPush", input.clone(), FIELDS).await;
    assert_eq!((&first["replayed"], &again["replayed"]), (&json!(false), &json!(true)));
    assert_eq!((outcomes(&first), outcomes(&again)), (vec!["APPLIED"], vec!["REPLAYED"]));
    input["operations"] = create("Two");
    let other = app.mutate("syncPush", input, FIELDS).await;
    let mismatch = json!([{"code": "REPLAY_MISMATCH", "path": ["input", "clientMutationId"]}]);
    assert_eq!((&other["userErrors"], &other["results"]), (&mismatch, &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn five_hundred_operations_are_taken_and_one_more_is_too_many() {
    let app = App::new();
    let operations = |count| -> Value {
        (0..count).map(|n| op(n, json!({"createTask": {"id": id(n), "title": "x"}}))).collect()
    };
    let refused = push(&app, operations(501)).await;
    let too_many = json!([{"code": "TOO_MANY", "path": ["input", "operations"]}]);
    assert_eq!((&refused["userErrors"], &refused["results"]), (&too_many, &json!([])));
    let count = app.query("{ tasks { totalCount } }").await;
    assert_eq!(count, json!({"tasks": {"totalCount": 0}}));
    let done = push(&app, operations(500)).await;
    assert_eq!(outcomes(&done), vec!["APPLIED"; 500]);
    assert_eq!(push(&app, json!([])).await["results"], json!([]));
    let wide = "results { record { ... on Task { tags { tasks { nodes { id } } } } } }";
    let document =
        format!("mutation ($input: SyncPushInput!) {{ syncPush(input: $input) {{ {wide} }} }}");
    let input = json!({"input": {"operations": [op(900, json!({"completeTask": {"id": id(1)}}))]}});
    let one = app.respond(&document, input).await;
    assert_eq!(one.get("errors"), None, "one record with its lists is no great matter");
    let many: Value = (0..400).map(|n| op(n, json!({"completeTask": {"id": id(n)}}))).collect();
    let refused = app.respond(&document, json!({"input": {"operations": many}})).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "TOO_COMPLEX");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_costs_three_statements_and_one_that_is_not_done_one_more() {
    let app = App::new();
    let create = |n: usize| op(n, json!({"createTask": {"title": "x", "tagNames": ["a", "b"]}}));
    let statements = async |operations: Vec<Value>| {
        app.tap.take();
        push(&app, json!(operations)).await;
        let executed = |sent: &Sent| matches!(sent, Sent::Other("Execute") | Sent::Query(_));
        app.tap.take().iter().filter(|sent| executed(sent)).count()
    };
    statements(vec![create(0)]).await;
    // Beside them: begin, the lock of pushes, commit, and the read-back of all records.
    assert_eq!(statements(vec![create(1)]).await, 4 + 3);
    assert_eq!(statements((2..12).map(create).collect()).await, 4 + 10 * 3);
    let unknown = |n: usize| op(n, json!({"completeTask": {"id": id(9)}}));
    assert_eq!(statements((12..22).map(unknown).collect()).await, 4 + 10 * 4);
    let refused = |n: usize| op(n, json!({"createTask": {"title": "x", "projectId": id(9)}}));
    assert_eq!(statements((22..32).map(refused).collect()).await, 4 + 10 * 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_whose_queues_go_through_the_same_records_crosswise_are_all_done() {
    let app = App::with_connections(4);
    for number in 0..6 {
        task(&app, number, "x").await;
    }
    let queue = |device: usize| -> Value {
        let orders =
            [[0, 1, 2, 3, 4, 5], [5, 4, 3, 2, 1, 0], [2, 0, 5, 1, 4, 3], [3, 4, 1, 5, 0, 2]];
        let rename = |(n, task): (usize, &usize)| {
            let patch = json!({"source": format!("device {device}")});
            op(device * 10 + n, json!({"updateTask": {"id": id(*task), "patch": patch}}))
        };
        orders[device].iter().enumerate().map(rename).collect()
    };
    let done = join_all((0..4).map(|device| push(&app, queue(device)))).await;
    assert!(done.iter().all(|done| outcomes(done) == ["APPLIED"; 6]), "{done:#?}");
    // In one order after the other: the last wrote all of them.
    let sources = app.query("{ tasks { nodes { source version } } }").await;
    let sources = sources["tasks"]["nodes"].as_array().unwrap();
    assert!(sources.iter().all(|task| task == &sources[0]), "{sources:#?}");
    assert_eq!(sources[0]["version"], 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_that_the_database_ends_for_a_deadlock_is_tried_again() {
    let app = App::with_connections(2);
    task(&app, 1, "One").await;
    task(&app, 2, "Two").await;
    let change = |n| format!("UPDATE tasks SET source = 'other' WHERE id = '{}'", id(n));
    let touch = |n| op(n, json!({"updateTask": {"id": id(n), "patch": {"title": "Mine"}}}));
    let pushing = push(&app, json!([touch(1), touch(2)]));
    let done = crossed(&app.database.url, pushing, &change(2), &change(1)).await;
    assert_eq!(outcomes(&done), ["APPLIED", "APPLIED"]);
    let tasks = app.query("{ tasks { nodes { title source } } }").await;
    let both = json!({"title": "Mine", "source": "other"});
    assert_eq!(tasks["tasks"]["nodes"], json!([both, both]));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_two_kinds_with_one_id_are_told_apart() {
    let app = App::new();
    let done = push(
        &app,
        json!([
            op(1, json!({"createTask": {"id": id(1), "title": "Task"}})),
            op(2, json!({"createProject": {"id": id(1), "title": "Project"}})),
            op(3, json!({"createTag": {"id": id(1), "name": "Tag"}})),
        ]),
    )
    .await;
    let kinds: Vec<_> =
        (0..3).map(|n| done["results"][n]["record"]["__typename"].clone()).collect();
    assert_eq!(kinds, ["Task", "Project", "Tag"]);
    let feed = app.query("{ changes { tasks { id } projects { id } tags { id } } }").await;
    let one = json!([{"id": id(1)}]);
    assert_eq!(feed["changes"], json!({"tasks": one, "projects": one, "tags": one}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_a_field_that_the_operation_has() {
    let app = App::new();
    task(&app, 1, "One").await;
    app.mutate("createTag", json!({"id": id(2), "name": "Work"}), "cursor").await;
    app.mutate("deleteTag", json!({"id": id(2)}), "cursor").await;
    app.mutate("createTag", json!({"id": id(3), "name": "work"}), "cursor").await;
    push(&app, json!([op(1, retitle(1, 1, "Two"))])).await;
    let patch = json!({"addTagIds": [id(3), id(9)]});
    let done = push(
        &app,
        json!([
            op(1, retitle(1, 1, "Three")),
            op(2, json!({"restoreTag": {"id": id(2)}})),
            op(3, json!({"updateTask": {"id": id(1), "patch": patch}})),
            // The tag was made offline, and by someone else meanwhile.
            op(4, json!({"createTag": {"id": id(4), "name": "WORK"}})),
        ]),
    )
    .await;
    let results = done["results"].as_array().unwrap();
    let errors: Vec<_> = results.iter().map(|result| result["userErrors"][0].clone()).collect();
    let error = |code, path: &str| {
        let path: Vec<_> =
            format!("input.operations.{path}").split('.').map(str::to_owned).collect();
        json!({"code": code, "path": path})
    };
    let expected = [
        error("REPLAY_MISMATCH", "0.opId"),
        error("TAKEN", "1.action.restoreTag.id"),
        error("NOT_FOUND", "2.action.updateTask.patch.addTagIds.1"),
        error("TAKEN", "3.action.createTag.name"),
    ];
    assert_eq!(errors, expected);
    let records: Vec<_> = results.iter().map(|result| result["record"]["id"].clone()).collect();
    assert_eq!(records, [id(1), id(2), id(1), id(3)]);
}
