//! Moving tasks: beside others, into containers, all at once, and where there is no room left.

use crate::app::App;
use crate::feed::{names, now, pull};
use crate::migrations::client;
use crate::triggers::value;
use serde_json::{Value, json};

const ERRORS: &str = "userErrors { code path }";
const NOBODY: &str = "00000000-0000-4000-8000-000000000000";

async fn made(app: &App, input: Value) -> Value {
    app.mutate("createTask", input, "task { id }").await["task"]["id"].clone()
}

/// Tasks named A, B and so on, and their ids.
async fn letters(app: &App, many: u8) -> Vec<Value> {
    let mut ids = Vec::new();
    for letter in b'A'..b'A' + many {
        ids.push(made(app, json!({"title": char::from(letter).to_string()})).await);
    }
    ids
}

/// The titles in manual order.
async fn order(app: &App) -> String {
    let tasks = app.query("{ tasks(first: 500) { nodes { title } } }").await;
    let nodes = tasks["tasks"]["nodes"].as_array().unwrap().clone();
    nodes.iter().map(|task| task["title"].as_str().unwrap()).collect()
}

async fn moved(app: &App, id: &Value, place: Value) -> Value {
    let fields = format!("task {{ version position project {{ id }} parent {{ id }} }} {ERRORS}");
    app.mutate("moveTask", json!({"id": id, "place": place}), &fields).await
}

/// Moves, and gives the order that comes of it.
async fn order_after(app: &App, id: &Value, place: Value) -> String {
    let payload = moved(app, id, place).await;
    assert_eq!(payload["userErrors"], json!([]));
    order(app).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_stands_right_before_or_behind_another() {
    let app = App::new();
    let ids = letters(&app, 5).await;
    assert_eq!(order_after(&app, &ids[4], json!({"before": ids[1]})).await, "AEBCD");
    assert_eq!(order_after(&app, &ids[0], json!({"after": ids[2]})).await, "EBCAD");
    assert_eq!(order_after(&app, &ids[3], json!({"before": ids[4]})).await, "DEBCA");
    assert_eq!(order_after(&app, &ids[4], json!({"after": ids[0]})).await, "DBCAE");
    assert_eq!(order_after(&app, &ids[1], json!({"before": ids[3]})).await, "BDCAE");
    made(&app, json!({"title": "F"})).await;
    assert_eq!(order(&app).await, "BDCAEF", "what is new stands last");
    let before = moved(&app, &ids[2], json!({"before": ids[0]})).await;
    assert_eq!(before["task"]["version"], 1, "it stood there already");
    let before = moved(&app, &ids[2], json!({"after": ids[3]})).await;
    assert_eq!(before["task"]["version"], 1, "it stood there already");
}

#[tokio::test(flavor = "multi_thread")]
async fn beside_another_only_the_place_changes_and_in_a_container_the_task_belongs_to_it() {
    let app = App::new();
    let project = app.mutate("createProject", json!({"title": "P"}), "project { id }").await;
    let project = project["project"]["id"].clone();
    let ids = letters(&app, 6).await;
    for at in [1, 3] {
        let patch = json!({"id": ids[at], "patch": {"projectId": project}});
        app.mutate("updateTask", patch, ERRORS).await;
    }
    let beside = moved(&app, &ids[5], json!({"before": ids[3]})).await;
    assert_eq!(beside["task"]["project"], Value::Null);
    assert_eq!(order(&app).await, "ABCFDE");
    let first = moved(&app, &ids[4], json!({"firstIn": {"projectId": project}})).await;
    assert_eq!(first["task"]["project"]["id"], project);
    assert_eq!(order(&app).await, "AEBCFD");
    let last = moved(&app, &ids[4], json!({"lastIn": {"projectId": project}})).await;
    assert_eq!(last["task"]["project"]["id"], project);
    assert_eq!(order(&app).await, "ABCFDE");
    let again = moved(&app, &ids[4], json!({"lastIn": {"projectId": project}})).await;
    assert_eq!(again, last, "it is the last there already");
    let none = moved(&app, &ids[4], json!({"lastIn": {"noProject": true}})).await;
    assert_eq!(none["task"]["project"], Value::Null);
    assert_eq!(order(&app).await, "ABCFDE", "it stands behind all of them");
    assert_eq!(order_after(&app, &ids[4], json!({"firstIn": {"noProject": true}})).await, "EABCFD");
    // The first part of A, wherever it stands; then one before it, and one behind.
    let part = moved(&app, &ids[2], json!({"firstIn": {"parentId": ids[0]}})).await;
    assert_eq!(part["task"]["parent"]["id"], ids[0]);
    assert_eq!(order(&app).await, "EABCFD");
    let place = json!({"firstIn": {"parentId": ids[0]}});
    assert_eq!(order_after(&app, &ids[3], place).await, "EABDCF");
    let place = json!({"lastIn": {"parentId": ids[0]}});
    assert_eq!(order_after(&app, &ids[1], place).await, "EADCBF");
    let parts = format!("{{ task(id: {}) {{ subtasks {{ nodes {{ title }} }} }} }}", ids[0]);
    let parts = app.query(&parts).await["task"]["subtasks"]["nodes"].take();
    assert_eq!(parts, json!([{"title": "D"}, {"title": "C"}, {"title": "B"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_move_that_cannot_be_names_the_place() {
    let app = App::new();
    let ids = letters(&app, 3).await;
    let gone = app.mutate("createProject", json!({"title": "P"}), "project { id }").await;
    let gone = gone["project"]["id"].clone();
    app.mutate("deleteProject", json!({"id": gone}), ERRORS).await;
    app.mutate("deleteTask", json!({"id": ids[2]}), ERRORS).await;
    for (place, code, path) in [
        (json!({"before": ids[0]}), "INVALID", "before"),
        (json!({"after": NOBODY}), "NOT_FOUND", "after"),
        (json!({"before": ids[2]}), "IN_TRASH", "before"),
        (json!({"firstIn": {"projectId": NOBODY}}), "NOT_FOUND", "firstIn.projectId"),
        (json!({"lastIn": {"projectId": gone}}), "IN_TRASH", "lastIn.projectId"),
        (json!({"firstIn": {"parentId": NOBODY}}), "NOT_FOUND", "firstIn.parentId"),
        (json!({"lastIn": {"parentId": ids[2]}}), "IN_TRASH", "lastIn.parentId"),
        (json!({"firstIn": {"parentId": ids[0]}}), "CYCLE", "firstIn.parentId"),
        (json!({"lastIn": {"noProject": false}}), "INVALID", "lastIn.noProject"),
    ] {
        let payload = moved(&app, &ids[0], place.clone()).await;
        let path: Vec<_> = ["input", "place"].into_iter().chain(path.split('.')).collect();
        assert_eq!(payload["userErrors"], json!([{"code": code, "path": path}]), "{place}");
        assert_eq!(payload["task"]["version"], 1, "{place}");
    }
    for (id, code) in [(&ids[2], "IN_TRASH"), (&json!(NOBODY), "NOT_FOUND")] {
        let payload = moved(&app, id, json!({"before": ids[0]})).await;
        assert_eq!(payload["userErrors"], json!([{"code": code, "path": ["input", "id"]}]));
    }
    assert_eq!(order(&app).await, "AB");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_who_move_into_one_gap_at_once_lose_no_task_and_make_no_two_places_the_same() {
    let app = App::with_connections(20);
    let ids = letters(&app, 24).await;
    let moving = ids[4..].iter().enumerate().map(|(nth, id)| {
        // Between B and C, from both sides.
        let place = if nth % 2 == 0 { json!({"after": ids[1]}) } else { json!({"before": ids[2]}) };
        moved(&app, id, place)
    });
    for payload in futures_util::future::join_all(moving).await {
        assert_eq!(payload["userErrors"], json!([]));
    }
    let order = order(&app).await;
    let mut inside: Vec<_> = order[2..22].bytes().collect();
    inside.sort_unstable();
    assert_eq!((&order[..2], &order[22..]), ("AB", "CD"), "{order}");
    assert_eq!(inside, (b'E'..=b'X').collect::<Vec<_>>(), "{order}");
    let client = client(&app.database.url).await;
    let places = value(&client, "SELECT count(DISTINCT position) FROM tasks").await;
    assert_eq!(places, "24");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_room_those_around_make_it_and_show_nothing_but_their_place() {
    let app = App::new();
    let ids = letters(&app, 4).await;
    // Nothing is between B and C, nor between C and D; E in the trash stands there all the same.
    let squeeze = format!(
        "UPDATE tasks SET position = 'a' WHERE title = 'A'; UPDATE tasks SET position = 'b' WHERE title = 'B';
        UPDATE tasks SET position = 'b00' WHERE title = 'C'; UPDATE tasks SET position = 'b000' WHERE title = 'D';
        INSERT INTO tasks (id, title, position, deleted_at, trashed_with) VALUES ('{NOBODY}', 'E', 'b00', now(), '{NOBODY}')"
    );
    app.sql(&squeeze).await;
    let seen = "{ tasks { nodes { title version updatedAt } } }";
    let before = app.query(seen).await["tasks"]["nodes"].take();
    app.clock.set("2026-01-20T07:00:00Z".parse().unwrap());
    assert_eq!(order_after(&app, &ids[0], json!({"before": ids[2]})).await, "BACD");
    let after = app.query(seen).await["tasks"]["nodes"].take();
    for (was, is) in [(&before[1], &after[0]), (&before[2], &after[2]), (&before[3], &after[3])] {
        assert_eq!(was["updatedAt"], is["updatedAt"], "{was} {is}");
        assert_eq!(is["version"], was["version"].as_i64().unwrap() + 1);
    }
    app.mutate("restoreTask", json!({"id": NOBODY}), ERRORS).await;
    // It stands between B and C as before, wherever A went.
    assert_eq!(order(&app).await.replace('A', ""), "BECD");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_knew_those_around_before_they_made_room_is_in_conflict_with_nobody() {
    let app = App::new();
    let ids = letters(&app, 7).await;
    let trash = &ids[6];
    app.mutate("deleteTask", json!({ "id": trash }), ERRORS).await;
    let squeeze = "UPDATE tasks SET position = 'b' || repeat('0', ascii(title) - ascii('A')), updated_at = updated_at
        WHERE title <> 'A'; DELETE FROM changes";
    app.sql(squeeze).await;
    // What a device keeps: all of it, from before.
    let mut known = Vec::new();
    for id in &ids {
        let seen =
            app.query(&format!("{{ task(id: {id}) {{ version updatedAt deletedAt }} }}")).await;
        known.push(seen["task"].clone());
    }
    let since = now(&app).await;
    app.clock.set("2026-01-20T07:00:00Z".parse().unwrap());
    assert_eq!(order_after(&app, &ids[0], json!({"before": ids[2]})).await, "BACDEF");
    let client = client(&app.database.url).await;
    let told = "SELECT string_agg(DISTINCT concat_ws(' ', op, fields), ', ') || ' ' || count(*) FROM changes";
    assert_eq!(value(&client, told).await, "delete {position}, upsert {position} 7");
    assert_eq!(
        names(&pull(&app, &since, "").await),
        format!("-{} A B C D E F", trash.as_str().unwrap())
    );
    for (id, known) in ids.iter().zip(&known).skip(1) {
        let mut seen =
            app.query(&format!("{{ task(id: {id}) {{ version updatedAt deletedAt }} }}")).await;
        assert_eq!(seen["task"]["version"], known["version"].as_i64().unwrap() + 1);
        seen["task"]["version"] = known["version"].clone();
        assert_eq!(seen["task"], *known);
    }
    let base = |nth: usize| json!({"id": ids[nth], "baseVersion": known[nth]["version"]});
    let patch = |nth: usize, policy: &str| {
        let mut input = base(nth);
        input["patch"] = json!({"title": "other", "priority": "HIGH", "addTagNames": ["t"]});
        input["onConflict"] = json!(policy);
        input
    };
    for (mutation, input) in [
        ("updateTask", patch(1, "MERGE")),
        ("updateTask", patch(2, "REJECT")),
        ("completeTask", base(3)),
        ("deleteTask", base(4)),
        ("restoreTask", base(6)),
    ] {
        let merges = if mutation == "deleteTask" { "" } else { "mergedFields" };
        let payload = app.mutate(mutation, input, &format!("{merges} {ERRORS}")).await;
        assert_eq!(payload["userErrors"], json!([]), "{mutation}");
        assert!(payload["mergedFields"].as_array().is_none_or(Vec::is_empty), "{payload}");
    }
    let operation = json!({"opId": NOBODY, "action": {"updateTask": patch(5, "REJECT")}});
    let input = json!({ "operations": [operation] });
    let pushed = app.mutate("syncPush", input, "results { outcome }").await;
    assert_eq!(pushed["results"], json!([{"outcome": "APPLIED"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn moving_to_one_place_again_and_again_keeps_the_keys_short_and_the_others_in_order() {
    let app = App::new();
    let ids = letters(&app, 20).await;
    let mut expected: Vec<String> = ('A'..='T').map(String::from).collect();
    let client = client(&app.database.url).await;
    let mut longest = 0;
    for nth in 0..600 {
        // Always the place behind A: the tasks there take turns.
        let at = 2 + nth % 18;
        let title = expected.remove(at);
        expected.insert(1, title.clone());
        let id = &ids[usize::from(title.as_bytes()[0] - b'A')];
        moved(&app, id, json!({"after": ids[0]})).await;
        let length = value(&client, "SELECT max(length(position)) FROM tasks").await;
        longest = longest.max(length.parse::<usize>().unwrap());
    }
    assert_eq!(order(&app).await, expected.concat());
    assert!((65..=128).contains(&longest), "{longest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_keys_at_random_places_are_all_between_their_neighbours() {
    let app = App::new();
    let last = if std::env::var_os("TOMOS_FULL").is_some() { "100002" } else { "10002" };
    let sql = "DO $$
        DECLARE
            keys text[] := ARRAY['019bda188a40019bda188a4070008000000000000001', '019bda188a40019bda188a4070008000000000000002'];
            nexts integer[] := ARRAY[2, NULL];
            first integer := 1;
            at integer; key text; tail text;
        BEGIN
            PERFORM setseed(0.25);
            FOR nth IN 3..{last} LOOP
                tail := lpad(to_hex((random() * 1e12)::bigint | 1), 12, '0');
                -- Half of them near the beginning, where it is crowded.
                at := CASE WHEN nth % 2 = 0 THEN 1 + floor(random() * (nth - 1)) ELSE 1 + floor(random() * least(nth - 1, 2000)) END;
                IF nth % 1000 = 0 THEN
                    key := place_between(NULL, keys[first], tail, '2026-01-20');
                    nexts[nth] := first;
                    first := nth;
                ELSE
                    key := place_between(keys[at], keys[nexts[at]], tail, '2026-01-20');
                    nexts[nth] := nexts[at];
                    nexts[at] := nth;
                END IF;
                IF key IS NULL OR key LIKE '%0' THEN RAISE 'key % beside %: %', nth, at, key; END IF;
                keys[nth] := key;
            END LOOP;
            at := first;
            FOR nth IN 2..{last} LOOP
                IF NOT keys[at] < keys[nexts[at]] COLLATE \"C\" THEN RAISE '% is not before %', keys[at], keys[nexts[at]]; END IF;
                at := nexts[at];
            END LOOP;
            IF nexts[at] IS NOT NULL THEN RAISE 'some are missing'; END IF;
        END $$";
    app.sql(&sql.replace("{last}", last)).await;
}
