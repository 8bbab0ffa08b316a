//! Text typed in haste becomes a task, with its tags, its project and its subtasks, at once.

use crate::app::App;
use crate::tap::Sent;
use serde_json::{Value, json};

const RECOGNISED: &str =
    "recognised { title tagNames priority dueDate dueAt subtasks } userErrors { code path }";
const TASK: &str = "task { id version title status priority dueDate dueAt source position
    project { title } tags { name } subtasks { nodes { title status } } } userErrors { code path }";

fn executed(app: &App) -> usize {
    app.tap.take().iter().filter(|sent| **sent == Sent::Other("Execute")).count()
}

async fn added(app: &App, text: &str, fields: &str) -> Value {
    app.mutate("quickAdd", json!({"text": text, "source": "watch"}), fields).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_becomes_a_task_with_all_that_it_says_in_three_statements() {
    let app = App::new();
    app.mutate("createProject", json!({"title": "My House"}), "project { id }").await;
    app.mutate("createTag", json!({"name": "Family"}), "tag { id }").await;
    app.tap.take();
    let text = "Call mum tomorrow 5pm #family a:home p:\"my house\" !high\n- Ask about the key\n- Say hello";
    let payload = added(&app, text, &format!("{TASK} {RECOGNISED}")).await;
    assert_eq!(executed(&app), 3, "the project, the write, and what it did");
    let mut task = payload["task"].clone();
    task.as_object_mut().unwrap().retain(|field, _| field != "id" && field != "position");
    let part = |title: &str| json!({"title": title, "status": "TODO"});
    assert_eq!(
        task,
        json!({"version": 1, "title": "Call mum", "status": "INBOX", "priority": "HIGH",
            "dueDate": "2026-01-21", "dueAt": "2026-01-21T17:00:00.000Z", "source": "watch",
            "project": {"title": "My House"}, "tags": [{"name": "area:home"}, {"name": "Family"}],
            "subtasks": {"nodes": [part("Ask about the key"), part("Say hello")]}})
    );
    assert_eq!(
        payload["recognised"],
        json!({"title": "Call mum", "tagNames": ["family", "area:home"], "priority": "HIGH",
            "dueDate": "2026-01-21", "dueAt": "2026-01-21T17:00:00.000Z",
            "subtasks": ["Ask about the key", "Say hello"]})
    );
    let payload = added(&app, "Buy milk #family", TASK).await;
    assert_eq!(executed(&app), 2, "there is no project to look for");
    assert_eq!(payload["task"]["priority"], "MEDIUM");
    assert_eq!(payload["task"]["tags"], json!([{"name": "Family"}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_title_is_a_projects_only_while_that_is_live() {
    let app = App::new();
    let one = app.mutate("createProject", json!({"title": "house"}), "project { id }").await;
    app.clock.set("2026-01-20T06:31:00Z".parse().unwrap());
    app.mutate("createProject", json!({"title": "House"}), "project { id }").await;
    let project = async |text: &str| {
        let payload = added(&app, text, TASK).await;
        json!([payload["task"]["title"], payload["task"]["project"]["title"]])
    };
    assert_eq!(project("Paint p:House").await, json!(["Paint", "House"]), "spelled alike");
    assert_eq!(project("Paint p:house").await, json!(["Paint", "house"]));
    assert_eq!(project("Paint p:HOUSE").await, json!(["Paint", "house"]), "the older one");
    app.mutate("deleteProject", json!({"id": one["project"]["id"]}), "deletedId").await;
    assert_eq!(project("Paint p:HOUSE").await, json!(["Paint", "House"]));
    assert_eq!(project("Paint p:Garden").await, json!(["Paint p:Garden", null]));
}

#[tokio::test(flavor = "multi_thread")]
async fn days_are_those_of_the_request_and_the_kept_day_is_the_owners() {
    let app = App::new();
    let document = "mutation { quickAdd(input: {text: \"Run tomorrow 7am\"}) {
        task { dueDate dueAt } recognised { dueDate dueAt } } }";
    // It is Tuesday afternoon in Sydney; Wednesday seven o'clock there is Tuesday evening in UTC.
    let response = app.respond_in("Australia/Sydney", document, json!({})).await;
    let due = json!({"dueDate": "2026-01-20", "dueAt": "2026-01-20T20:00:00.000Z"});
    assert_eq!(response["data"]["quickAdd"], json!({"task": due, "recognised": due}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_makes_no_task_says_so_and_tells_what_was_understood() {
    let app = App::new();
    let fields = format!("task {{ id }} {RECOGNISED}");
    let long = "x".repeat(501);
    for (text, code) in [
        (String::new(), "REQUIRED"),
        (" \n ".to_owned(), "REQUIRED"),
        ("#home tomorrow !1".to_owned(), "REQUIRED"),
        (long.clone(), "INVALID"),
        (format!("Shop\n- {long}"), "INVALID"),
    ] {
        let payload = added(&app, &text, &fields).await;
        assert_eq!(payload["task"], Value::Null);
        let refused = json!([{"code": code, "path": ["input", "text"]}]);
        assert_eq!(payload["userErrors"], refused, "{text}");
    }
    let payload = added(&app, "#home tomorrow !1", &fields).await;
    assert_eq!(
        payload["recognised"],
        json!({"title": "", "tagNames": ["home"], "priority": "URGENT", "dueDate": "2026-01-21",
            "dueAt": null, "subtasks": []})
    );
    let counts = app.query("{ tasks { totalCount } tags { totalCount } }").await;
    assert_eq!(counts, json!({"tasks": {"totalCount": 0}, "tags": {"totalCount": 0}}));
    let one = added(&app, "One", "task { id }").await["task"]["id"].clone();
    let input = json!({"id": one, "text": "Two"});
    let taken = app.mutate("quickAdd", input, "userErrors { code path }").await;
    assert_eq!(taken["userErrors"], json!([{"code": "TAKEN", "path": ["input", "id"]}]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_again_tells_what_was_understood_the_first_time() {
    let app = App::new();
    let house = app.mutate("createProject", json!({"title": "House"}), "project { id }").await;
    let fields = format!("replayed task {{ title dueDate project {{ title }} }} {RECOGNISED}");
    let key = "0199bda0-0000-7000-8000-00000000000a";
    let input =
        json!({"clientMutationId": key, "text": "Paint p:House tomorrow 5pm #art p:Garden"});
    let mut first = app.mutate("quickAdd", input.clone(), &fields).await;
    assert_eq!(first["recognised"]["title"], "Paint p:Garden");
    assert_eq!(first["recognised"]["dueAt"], "2026-01-21T17:00:00.000Z");
    first["replayed"] = json!(true);
    // By then tomorrow is another day, one of the projects is in the trash, and there is another one.
    app.clock.set("2026-01-25T06:30:00Z".parse().unwrap());
    app.mutate("deleteProject", json!({"id": house["project"]["id"]}), "deletedId").await;
    app.mutate("createProject", json!({"title": "Garden"}), "project { id }").await;
    let mut again = app.mutate("quickAdd", input.clone(), &fields).await;
    // The record is as it is now.
    assert_eq!(again["task"]["project"].take(), Value::Null);
    again["task"]["project"] = json!({"title": "House"});
    assert_eq!(again, first);
    // Nor does it matter where it is sent from, nor what the project is called by now.
    app.mutate("restoreProject", json!({"id": house["project"]["id"]}), "cursor").await;
    let patch = json!({"id": house["project"]["id"], "patch": {"title": "Home"}});
    app.mutate("updateProject", patch, "cursor").await;
    let own = "0199bda0-0000-7000-8000-00000000000b";
    let made = json!({"id": own, "text": "Walk p:Garden 5pm"});
    let walk = app.mutate("quickAdd", made.clone(), RECOGNISED).await;
    let document = format!(
        "mutation ($input: QuickAddInput!) {{ quickAdd(input: $input) {{ replayed {RECOGNISED} }} }}"
    );
    for (input, told) in [(&input, &first), (&made, &walk)] {
        let answer = app.respond_in("Asia/Tokyo", &document, json!({ "input": input })).await;
        let again = &answer["data"]["quickAdd"];
        assert_eq!((&again["replayed"], &again["recognised"]), (&json!(true), &told["recognised"]));
    }
    app.mutate("deleteProject", json!({"id": house["project"]["id"]}), "deletedId").await;
    let anew = json!({"text": input["text"]});
    let anew = app.mutate("quickAdd", anew, &fields).await;
    assert_eq!(anew["recognised"]["title"], "Paint p:House");
    assert_eq!(anew["recognised"]["dueDate"], "2026-01-26");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instant_without_a_day_in_some_zones_stays_in_the_title() {
    let app = App::new();
    let due = json!([null, null]);
    for (zone, text) in [
        ("Europe/Berlin", "Retire 9999-12-31 23:00"),
        ("Pacific/Kiritimati", "Retire 9999-12-31 23:00"),
        ("Etc/GMT+12", "Begin 0001-01-01 1:00"),
    ] {
        let document = "mutation ($text: String!) { quickAdd(input: {text: $text}) { task { title dueDate dueAt } } }";
        let answer = app.respond_in(zone, document, json!({ "text": text })).await;
        let task = &answer["data"]["quickAdd"]["task"];
        assert_eq!(
            (&task["title"], json!([task["dueDate"], task["dueAt"]])),
            (&json!(text), due.clone())
        );
    }
    let last = added(&app, "Retire 9999-12-30 23:59", TASK).await;
    assert_eq!(last["task"]["dueDate"], "9999-12-30");
    let first = added(&app, "Begin 0001-01-02 0:00", TASK).await;
    assert_eq!(first["task"]["dueDate"], "0001-01-02");
    // Wherever the owner goes, all of it can be read. That island once kept the time of the sun, and was then ten
    // hours behind Greenwich.
    for (zone, days) in [
        ("Pacific/Kiritimati", ["0001-01-01", "9999-12-31"]),
        ("Etc/GMT+12", ["0001-01-01", "9999-12-30"]),
    ] {
        app.mutate("updateSettings", json!({"timeZone": zone}), "userErrors { code }").await;
        let found = app.query("{ changes { tasks { title dueDate } } tasks(filter: {due: {isNull: false}}, orderBy: [{due: ASC}]) { nodes { dueDate } } }").await;
        assert_eq!(found["changes"]["tasks"].as_array().unwrap().len(), 5);
        assert_eq!(found["tasks"]["nodes"], json!(days.map(|day| json!({"dueDate": day}))));
    }
}
