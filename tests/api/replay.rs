//! Writes that are sent again are done once.

use crate::app::App;
use futures_util::future::join_all;
use serde_json::{Value, json};
use tomos::upkeep::{self, Keep};

const KEY: &str = "0199bda0-0000-7000-8000-00000000000a";
const OTHER: &str = "0199bda0-0000-7000-8000-00000000000b";
const ID: &str = "0199bda0-0000-7000-8000-0000000000a1";

/// What is asked of a payload.
const TASK: &str = "task { id title version } clientMutationId replayed userErrors { code path }";

fn code(payload: &Value) -> &Value {
    &payload["userErrors"][0]["code"]
}

/// The payload, `replayed` set apart.
fn split(mut payload: Value) -> (Value, bool) {
    let replayed = payload["replayed"].take().as_bool().unwrap();
    (payload, replayed)
}

async fn count(app: &App, tasks: &str) -> Value {
    app.query(&format!("{{ {tasks} {{ totalCount }} }}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_concurrent_repeats_are_one_write_and_thirty_equal_answers() {
    let app = App::with_connections(10);
    let input =
        json!({"clientMutationId": KEY, "title": "One", "tagNames": ["b", "a"], "subtasks": ["x"]});
    let answers = join_all((0..30).map(|_| app.mutate("createTask", input.clone(), TASK))).await;
    let (answers, replayed): (Vec<_>, Vec<_>) = answers.into_iter().map(split).unzip();
    assert_eq!(replayed.iter().filter(|replayed| **replayed).count(), 29);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    assert_eq!(answers[0]["clientMutationId"], KEY);
    assert_eq!(answers[0]["task"]["version"], 1);
    assert_eq!(count(&app, "tasks").await, json!({"tasks": {"totalCount": 2}}));

    let id = answers[0]["task"]["id"].clone();
    let patch = json!({"clientMutationId": OTHER, "id": id, "patch": {"title": "Two"}});
    let answers = join_all((0..30).map(|_| app.mutate("updateTask", patch.clone(), TASK))).await;
    let (answers, replayed): (Vec<_>, Vec<_>) = answers.into_iter().map(split).unzip();
    assert_eq!(replayed.iter().filter(|replayed| **replayed).count(), 29);
    assert!(answers.iter().all(|answer| answer["task"]["version"] == 2), "{answers:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeats_of_a_create_whose_id_the_client_made_are_one_write_without_another_key() {
    let app = App::with_connections(10);
    let input = json!({"id": ID, "title": "One"});
    let answers = join_all((0..30).map(|_| app.mutate("createTask", input.clone(), TASK))).await;
    let (answers, replayed): (Vec<_>, Vec<_>) = answers.into_iter().map(split).unzip();
    assert_eq!(replayed.iter().filter(|replayed| **replayed).count(), 29);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let other = app.mutate("createTask", json!({"id": ID, "title": "Two"}), TASK).await;
    let taken = json!([{"code": "TAKEN", "path": ["input", "id"]}]);
    assert_eq!((&other["userErrors"], &other["task"]["title"]), (&taken, &json!("One")));
    // A record of another type may have the same id.
    let project = app.mutate("createProject", input.clone(), "replayed userErrors { code }").await;
    assert_eq!(project, json!({"replayed": false, "userErrors": []}));
    // Whatever key the client gives beside it.
    let input = json!({"id": ID, "title": "One", "clientMutationId": KEY});
    let again = app.mutate("createTask", input, TASK).await;
    assert_eq!((&again["replayed"], &again["userErrors"]), (&json!(true), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_gives_the_first_answer_with_the_record_as_it_is_now() {
    let app = App::new();
    let create = json!({"clientMutationId": KEY, "title": "One"});
    let first = app.mutate("createTask", create.clone(), TASK).await;
    assert_eq!(first["replayed"], false);
    let id = &first["task"]["id"];
    let patch = json!({"id": id, "patch": {"title": "Two"}});
    app.mutate("updateTask", patch, TASK).await;
    let again = app.mutate("createTask", create, TASK).await;
    assert_eq!(again["replayed"], true);
    assert_eq!(again["task"], json!({"id": id, "title": "Two", "version": 2}));

    let done = json!({"clientMutationId": OTHER, "id": id});
    let fields = "deletedId record { id } replayed clientMutationId userErrors { code }";
    let first = app.mutate("deleteTask", done.clone(), fields).await;
    app.mutate("restoreTask", json!({"id": id}), TASK).await;
    let again = app.mutate("deleteTask", done, fields).await;
    assert_eq!((&first["replayed"], &again["replayed"]), (&json!(false), &json!(true)));
    assert_eq!((&again["deletedId"], &again["clientMutationId"]), (id, &json!(OTHER)));
    // It was not done again.
    assert_eq!(count(&app, "tasks").await["tasks"]["totalCount"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_write_under_the_same_key_is_refused_and_not_done() {
    let app = App::new();
    let first =
        app.mutate("createTask", json!({"clientMutationId": KEY, "title": "One"}), TASK).await;
    let id = &first["task"]["id"];
    let mismatch = json!([{"code": "REPLAY_MISMATCH", "path": ["input", "clientMutationId"]}]);
    let other =
        app.mutate("createTask", json!({"clientMutationId": KEY, "title": "Two"}), TASK).await;
    assert_eq!((&other["userErrors"], &other["task"]), (&mismatch, &Value::Null));
    let of = json!({"clientMutationId": KEY, "id": id});
    let other = app.mutate("completeTask", of.clone(), TASK).await;
    assert_eq!((&other["userErrors"], &other["task"]["version"]), (&mismatch, &json!(1)));
    let patch = json!({"clientMutationId": KEY, "id": id, "patch": {"title": "Two"}});
    let other = app.mutate("updateTask", patch, TASK).await;
    assert_eq!((&other["userErrors"], &other["replayed"]), (&mismatch, &json!(false)));
    let other = app
        .mutate(
            "createTag",
            json!({"clientMutationId": KEY, "name": "x"}),
            "tag { id } userErrors { code path }",
        )
        .await;
    assert_eq!(other, json!({"tag": null, "userErrors": mismatch}));
    assert_eq!(count(&app, "tags").await["tags"]["totalCount"], 0);
    let other = app.mutate("deleteTask", of, "deletedId userErrors { code path }").await;
    assert_eq!(other, json!({"deletedId": null, "userErrors": mismatch}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_write_may_be_sent_again_under_its_key() {
    let app = App::new();
    let of = json!({"clientMutationId": KEY, "id": ID});
    assert_eq!(code(&app.mutate("completeTask", of.clone(), TASK).await), "NOT_FOUND");
    app.mutate("createTask", json!({"id": ID, "title": "One"}), TASK).await;
    app.mutate("deleteTask", json!({"id": ID}), "deletedId").await;
    assert_eq!(code(&app.mutate("completeTask", of.clone(), TASK).await), "IN_TRASH");
    app.mutate("restoreTask", json!({"id": ID}), TASK).await;
    let done = app.mutate("completeTask", of.clone(), TASK).await;
    assert_eq!((&done["userErrors"], &done["replayed"]), (&json!([]), &json!(false)));
    assert_eq!(app.mutate("completeTask", of, TASK).await["replayed"], true);

    let blank = json!({"clientMutationId": OTHER, "title": " "});
    assert_eq!(code(&app.mutate("createTask", blank, TASK).await), "REQUIRED");
    let missing = json!({"clientMutationId": OTHER, "title": "Two", "projectId": ID});
    assert_eq!(code(&app.mutate("createTask", missing, TASK).await), "NOT_FOUND");
    let good = json!({"clientMutationId": OTHER, "title": "Two"});
    let done = app.mutate("createTask", good, TASK).await;
    assert_eq!((&done["userErrors"], &done["replayed"]), (&json!([]), &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_had_nothing_to_change_was_done_all_the_same() {
    let app = App::new();
    app.mutate("createTask", json!({"id": ID, "title": "One", "status": "DONE"}), TASK).await;
    let of = json!({"clientMutationId": KEY, "id": ID});
    assert_eq!(app.mutate("completeTask", of.clone(), TASK).await["replayed"], false);
    app.mutate("reopenTask", json!({"id": ID}), TASK).await;
    let again = app.mutate("completeTask", of, "task { status } replayed").await;
    assert_eq!(again, json!({"task": {"status": "TODO"}, "replayed": true}));

    let of = json!({"clientMutationId": OTHER, "id": ID});
    assert_eq!(app.mutate("restoreTask", of.clone(), TASK).await["replayed"], false);
    app.mutate("deleteTask", json!({"id": ID}), "deletedId").await;
    let again = app.mutate("restoreTask", of, "task { deletedAt } replayed").await;
    assert_eq!(again["replayed"], true);
    assert_ne!(again["task"]["deletedAt"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_what_was_purged_is_done_and_replays() {
    let app = App::new();
    app.mutate("createTask", json!({"id": ID, "title": "One"}), TASK).await;
    app.sql(&format!("DELETE FROM tasks WHERE id = '{ID}'")).await;
    for replayed in [false, true] {
        let of = json!({"clientMutationId": KEY, "id": ID});
        let done = app.mutate("deleteTask", of, "deletedId record { id } replayed").await;
        assert_eq!(done, json!({"deletedId": ID, "record": null, "replayed": replayed}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_forgotten_after_thirty_days() {
    let app = App::new();
    let input = json!({"clientMutationId": KEY, "id": ID, "title": "One"});
    app.mutate("createTask", input.clone(), TASK).await;
    let tidy = || async {
        let mut connection = tomos::db::connect(&app.database.url).await.unwrap();
        upkeep::run(&mut connection, &app.clock, Keep::default()).await.unwrap();
    };
    app.sql("UPDATE outcomes SET at = at - interval '30 days'").await;
    tidy().await;
    assert_eq!(app.mutate("createTask", input.clone(), TASK).await["replayed"], true);
    app.sql("UPDATE outcomes SET at = at - interval '1 second'").await;
    tidy().await;
    let again = app.mutate("createTask", input, TASK).await;
    assert_eq!((code(&again), &again["replayed"]), (&json!("TAKEN"), &json!(false)));
    let other = json!({"clientMutationId": KEY, "title": "Two"});
    assert_eq!(app.mutate("createTask", other, TASK).await["userErrors"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_input_is_the_same_in_whatever_way_it_is_written() {
    let app = App::new();
    let ask = async |document: &str, variables: Value| {
        let document = document.replace("{TASK}", &format!("{{ {TASK} }}")).replace("KEY", KEY);
        let mut response = app.respond(&document, variables).await;
        assert_eq!(response.get("errors"), None, "{document}");
        response["data"]["createTask"].take()
    };
    let literal = "mutation { createTask(input: {clientMutationId: \"KEY\", title: \"One\", priority: HIGH, description: null}) {TASK} }";
    assert_eq!(ask(literal, json!({})).await["replayed"], false);
    let turned = "mutation { createTask(input: {description: null, priority: HIGH, title: \"One\", clientMutationId: \"KEY\"}) {TASK} }";
    assert_eq!(ask(turned, json!({})).await["replayed"], true);
    let whole = "mutation ($input: CreateTaskInput!) { createTask(input: $input) {TASK} }";
    let input =
        json!({"title": "One", "description": null, "clientMutationId": KEY, "priority": "HIGH"});
    assert_eq!(ask(whole, json!({"input": input})).await["replayed"], true);
    let parts = "mutation ($title: String!, $text: String) { createTask(input: {clientMutationId: \"KEY\", title: $title, priority: HIGH, description: $text}) {TASK} }";
    let same = ask(parts, json!({"title": "One", "text": null})).await;
    assert_eq!(same["replayed"], true);
    let default = parts.replace("$title: String!", "$title: String! = \"One\"");
    assert_eq!(ask(&default, json!({"text": null})).await["replayed"], true);
    // A new record has nothing that null could clear.
    assert_eq!(ask(parts, json!({"title": "One"})).await["replayed"], true);
    let absent = literal.replace(", description: null", "");
    assert_eq!(ask(&absent, json!({})).await["replayed"], true);
    let other = literal.replace("null", "\"x\"");
    assert_eq!(code(&ask(&other, json!({})).await), "REPLAY_MISMATCH");
}

#[tokio::test(flavor = "multi_thread")]
async fn projects_and_tags_replay_too() {
    let app = App::new();
    let fields = "replayed clientMutationId userErrors { code }";
    for (index, (mutation, input)) in [
        ("createProject", json!({"id": ID, "title": "House"})),
        ("updateProject", json!({"id": ID, "patch": {"color": "#000000"}})),
        ("deleteProject", json!({"id": ID})),
        ("restoreProject", json!({"id": ID})),
        ("createTag", json!({"id": OTHER, "name": "home"})),
        ("updateTag", json!({"id": OTHER, "patch": {"color": "#000000"}})),
        ("deleteTag", json!({"id": OTHER})),
        ("restoreTag", json!({"id": OTHER})),
    ]
    .into_iter()
    .enumerate()
    {
        let mut input = input;
        let key = format!("0199bda0-0000-7000-8000-0000000001{index:02}");
        input["clientMutationId"] = json!(key);
        let mut done = json!({"replayed": false, "clientMutationId": key, "userErrors": []});
        assert_eq!(app.mutate(mutation, input.clone(), fields).await, done, "{mutation}");
        done["replayed"] = json!(true);
        assert_eq!(app.mutate(mutation, input, fields).await, done, "{mutation}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_snoozing_and_merging_tags_replay_too() {
    let app = App::new();
    for (id, name) in [(ID, "one"), (KEY, "two")] {
        app.mutate("createTask", json!({"id": id, "title": name}), "cursor").await;
        app.mutate("createTag", json!({"id": id, "name": name}), "cursor").await;
    }
    for (index, (mutation, mut input)) in [
        ("moveTask", json!({"id": ID, "place": {"after": KEY}})),
        ("snoozeTask", json!({"id": ID})),
        ("mergeTags", json!({"sourceId": ID, "intoId": KEY})),
    ]
    .into_iter()
    .enumerate()
    {
        input["clientMutationId"] = json!(format!("0199bda0-0000-7000-8000-0000000001{index:02}"));
        for replayed in [false, true] {
            let done = app.mutate(mutation, input.clone(), "replayed userErrors { code }").await;
            assert_eq!(done, json!({"replayed": replayed, "userErrors": []}), "{mutation}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_with_a_key_is_still_one_statement_with_its_read_back() {
    let app = App::new();
    let input = |title: &str, key: &str| json!({"title": title, "clientMutationId": key, "tagNames": ["a", "b", "c"]});
    for (title, key) in [("One", KEY), ("Two", OTHER), ("Three", ID)] {
        app.tap.take();
        app.mutate("createTask", input(title, key), TASK).await;
    }
    let warm = ["Bind", "Execute", "Sync", "Bind", "Execute", "Sync"];
    assert_eq!(app.tap.take(), warm.map(crate::tap::Sent::Other));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_content_is_the_same_write_however_it_is_spelled() {
    let app = App::new();
    let key = |number: usize| format!("0199bda0-0000-7000-8000-{number:012}");
    let same = [
        (
            "createTask",
            json!({"dueAt": "2026-01-20T06:30:00Z"}),
            json!({"dueAt": "2026-01-20T06:30:00.000Z"}),
        ),
        (
            "createTask",
            json!({"dueAt": "2026-01-20T06:30:00Z"}),
            json!({"dueAt": "2026-01-20T07:30:00+01:00"}),
        ),
        ("createTask", json!({}), json!({"status": "TODO", "priority": "MEDIUM"})),
        ("createTask", json!({}), json!({"description": null, "projectId": null, "tagIds": null})),
        ("createTask", json!({}), json!({"tagIds": [], "tagNames": [], "subtasks": []})),
        ("createTask", json!({"tagNames": ["a"]}), json!({"tagNames": "a"})),
        ("createTask", json!({"projectId": ID}), json!({"projectId": ID.to_uppercase()})),
        ("createProject", json!({}), json!({"status": "ACTIVE", "color": null})),
    ];
    app.mutate("createProject", json!({"id": ID, "title": "P"}), "cursor").await;
    let with = |mut input: Value, more: Value| {
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };
    let fields = "replayed userErrors { code path }";
    for (number, (mutation, first, second)) in same.into_iter().enumerate() {
        // Under the id of the new record, and under a key.
        let id = json!({"id": key(200 + number), "title": "x"});
        let done = app.mutate(mutation, with(id.clone(), first.clone()), fields).await;
        assert_eq!(done, json!({"replayed": false, "userErrors": []}), "{first}");
        let again = with(id, second.clone());
        let upper = json!({"id": again["id"].as_str().unwrap().to_uppercase()});
        for again in [again.clone(), with(again, upper)] {
            let again = app.mutate(mutation, again, fields).await;
            assert_eq!(again, json!({"replayed": true, "userErrors": []}), "{first} {second}");
        }
        let keyed =
            |input| with(json!({"clientMutationId": key(100 + number), "title": "x"}), input);
        app.mutate(mutation, keyed(first.clone()), fields).await;
        let again = app.mutate(mutation, keyed(second.clone()), fields).await;
        assert_eq!(again, json!({"replayed": true, "userErrors": []}), "{first} {second}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_change_is_the_same_write_and_null_still_clears() {
    let app = App::new();
    app.mutate("createTask", json!({"id": ID, "title": "x", "description": "d"}), "cursor").await;
    let fields = "replayed userErrors { code }";
    let first = json!({"clientMutationId": KEY, "id": ID, "patch": {"title": "y"}});
    app.mutate("updateTask", first, fields).await;
    let same = json!({"clientMutationId": KEY.to_uppercase(), "id": ID.to_uppercase(),
        "baseVersion": null, "onConflict": "MERGE", "patch": {"title": "y"}});
    let again = app.mutate("updateTask", same.clone(), fields).await;
    assert_eq!(again, json!({"replayed": true, "userErrors": []}));
    // The same operation of a queue, by its key.
    let push = |action: Value| {
        let operation = json!({"opId": KEY, "action": {"updateTask": action}});
        app.mutate("syncPush", json!({"operations": [operation]}), "results { outcome }")
    };
    let mut inner = same.clone();
    inner.as_object_mut().unwrap().remove("clientMutationId");
    assert_eq!(push(inner.clone()).await, json!({"results": [{"outcome": "REPLAYED"}]}));
    for (field, other) in [
        ("onConflict", json!("REJECT")),
        ("baseVersion", json!(1)),
        ("patch", json!({"title": "y", "description": null})),
        ("patch", json!({"title": "y", "tagIds": []})),
    ] {
        let mut input = same.clone();
        input[field] = other;
        let answer = app.mutate("updateTask", input, fields).await;
        assert_eq!(code(&answer), "REPLAY_MISMATCH", "{field}");
    }
}
