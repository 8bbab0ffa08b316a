//! What nobody means well: filters that contradict themselves, that are endless, or that no calendar
//! holds. Each is answered with what logic demands, or refused with a clear code.

use crate::app::App;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
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
async fn long_lists_mean_what_short_ones_do() {
    let (app, _) = with_two_tasks().await;
    app.mutate("createTag", json!({"name": "a"}), "tag { id }").await;
    app.sql("UPDATE tasks SET source = 'phone' WHERE title = 'dated'").await;
    let words = |count: usize| (0..count).map(|n| format!("w{n}")).chain(["DÁTED".to_owned()]);
    for count in [2, 60] {
        let words: Vec<_> = words(count).collect();
        let sources = words.iter().map(String::as_str).chain(["phone"]).collect::<Vec<_>>();
        for (filter, expected) in [
            (json!({"title": {"in": words}}), 1),
            (json!({"title": {"notIn": words}}), 1),
            (json!({"title": {"in": words, "caseSensitive": true}}), 0),
            (json!({"source": {"in": sources}}), 1),
            // Where there is none it is none of them.
            (json!({"source": {"notIn": sources}}), 1),
        ] {
            assert_eq!(outcome(&app, filter.clone()).await, Ok(expected), "{filter}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_some_tags_are_looked_for_once_each() {
    let (app, task) = with_two_tasks().await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let made = app.mutate("createTag", json!({"name": name}), "tag { id }").await;
        ids.push(made["tag"]["id"].clone());
    }
    let patch = json!({"id": task, "patch": {"tagIds": ids[..2]}});
    app.mutate("updateTask", patch, "userErrors { code }").await;
    for (wanted, expected) in [
        (json!([]), 2),
        (json!([ids[0]]), 1),
        (json!([ids[0], ids[1], ids[0]]), 1),
        (json!(ids), 0),
        (json!([Uuid::nil()]), 0),
    ] {
        let filter = json!({"tags": {"hasAll": wanted}});
        assert_eq!(outcome(&app, filter.clone()).await, Ok(expected), "{filter}");
    }
    // One in the trash is on no task.
    app.mutate("deleteTag", json!({"id": ids[0]}), "userErrors { code }").await;
    assert_eq!(outcome(&app, json!({"tags": {"hasAll": ids[..2]}})).await, Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_character_nul_is_refused_wherever_it_stands() {
    let (app, _) = with_two_tasks().await;
    let cursor = json!(["Title:Asc,id:Asc", "a\u{0}b", Uuid::nil()]).to_string();
    let after = BASE64.encode(cursor);
    let page = "query ($after: String) { tasks(first: 1, orderBy: [{title: ASC}], after: $after) { nodes { id } } }";
    let refused = app.respond(page, json!({ "after": after })).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{refused}");
    let op = |n, title: &str| json!({"opId": Uuid::from_u128(n), "action": {"createTask": {"title": title}}});
    let push =
        "mutation ($input: SyncPushInput!) { syncPush(input: $input) { results { outcome } } }";
    let operations = json!({"operations": [op(1, "good"), op(2, "a\u{0}")]});
    let refused = app.respond(push, json!({ "input": operations })).await;
    let path = json!(["syncPush", "input", "operations", "1", "action", "createTask", "title"]);
    assert_eq!(refused["errors"][0]["extensions"]["path"], path, "{refused}");
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

#[tokio::test(flavor = "multi_thread")]
async fn an_instant_whose_day_some_zone_cannot_write_is_refused() {
    let (app, task) = with_two_tasks().await;
    app.sql("UPDATE settings SET time_zone = 'Pacific/Kiritimati'").await;
    let update = "mutation ($id: ID!, $at: DateTime) { updateTask(input: {id: $id, patch: {dueAt: $at}}) \
        { task { dueDate } } }";
    for (at, good) in [
        ("0001-01-01T12:00:00Z", false),
        ("0001-01-02T00:00:00Z", true),
        ("9999-12-30T23:59:59Z", true),
        ("9999-12-31T00:00:00Z", false),
        ("9999-12-31T23:59:59Z", false),
    ] {
        let answer = app.respond(update, json!({"id": task, "at": at})).await;
        assert_eq!(answer.get("errors").is_none(), good, "{at}: {answer}");
        let zones = ["Etc/GMT+12", "UTC", "Pacific/Kiritimati"];
        for zone in zones {
            let stats = "{ taskStats { total { earliestDue latestDue } } tasks { nodes { dueDate dueAt } } }";
            let answer = app.respond_in(zone, stats, json!({})).await;
            assert_eq!(answer.get("errors"), None, "{at} {zone}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_mutation_names_twice_is_refused_and_not_done_twice() {
    let (app, _) = with_two_tasks().await;
    let create =
        |title: &str| format!("createTask(input: {{title: \"{title}\"}}) {{ task {{ id }} }}");
    let (x, y) = (create("x"), create("y"));
    for document in [
        format!("mutation {{ {x} {x} }}"),
        format!("mutation {{ {x} ... on Mutation {{ {x} }} }}"),
        format!("mutation {{ ...F ...F }} fragment F on Mutation {{ {x} }}"),
        format!("mutation {{ a: {x} a: {x} }}"),
    ] {
        let answer = app.respond(&document, json!({})).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code, "VALIDATION_FAILED", "{document}: {answer}");
    }
    let both = app.respond(&format!("mutation {{ {x} b: {y} }}"), json!({})).await;
    assert_eq!(both.get("errors"), None);
    let total = app.query("{ tasks { totalCount } }").await;
    assert_eq!(total["tasks"]["totalCount"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_bring_too_much_is_refused_before_anything_is_written() {
    let (app, task) = with_two_tasks().await;
    let page = |inside: &str| format!("project {{ tasks(first: 500) {{ nodes {{ {inside} }} }} }}");
    let deep = page(&page(&page("id")));
    let complete = format!(
        "mutation ($id: ID!) {{ completeTask(input: {{id: $id}}) {{ task {{ {deep} }} }} }}"
    );
    let answer = app.respond(&complete, json!({ "id": task })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_COMPLEX");
    let open = app.query("{ tasks(filter: {status: {eq: TODO}}) { totalCount } }").await;
    assert_eq!(open["tasks"]["totalCount"], 2);

    let nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Task { subtasks(first: 500) { nodes { id } } } } }";
    let ids = |many: u128| -> Value { (0..many).map(|n| json!(Uuid::from_u128(n))).collect() };
    for (many, expected) in [(50, None), (101, Some("TOO_COMPLEX")), (501, Some("BAD_REQUEST"))] {
        let answer = app.respond(nodes, json!({"ids": ids(many)})).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"].as_str(), expected, "{many}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_is_deleted_as_what_it_is() {
    let (app, task) = with_two_tasks().await;
    for mutation in ["deleteProject", "deleteTag"] {
        let answer =
            app.mutate(mutation, json!({ "id": task }), "deletedId userErrors { code }").await;
        assert_eq!(answer, json!({"deletedId": null, "userErrors": [{"code": "NOT_FOUND"}]}));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_no_stack_and_no_time_would_do_for_is_refused() {
    let app = App::new();
    // Each spreads the next one: all of them together are one field, or more than there are atoms.
    let fragments = |many: usize, spreads: usize| {
        let one = |n: usize| {
            let spread = format!("...F{} ", n + 1).repeat(spreads);
            format!("fragment F{n} on Query {{ {spread} }}")
        };
        let all: String = (0..many).map(one).collect();
        format!("{{ ...F0 }} {all} fragment F{many} on Query {{ viewer {{ timeZone }} }}")
    };
    let unasked = format!("query A {{ viewer {{ timeZone }} }} query B {}", fragments(300, 2));
    let nested = |many: usize| format!("{}{}", "{not: ".repeat(many), "}".repeat(many));
    let filter = |many| format!("{{ tasks(filter: {}) {{ totalCount }} }}", nested(many));
    let lists = format!("{{ nodes(ids: {}) {{ id }} }}", "[".repeat(100_000));
    let fields = format!("{{ {} }}", "a ".repeat(10_001));
    let documents = [
        fragments(30_000, 1),
        fragments(40, 2),
        fragments(20, 2),
        filter(300),
        lists,
        fields,
        unasked,
    ];
    for document in documents {
        let answer = app.respond(&document, json!({})).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code, "TOO_COMPLEX", "{document:.99}: {answer}");
    }
    let asked = "query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }";
    let given = (0..60).fold(json!({}), |inside, _| json!({ "not": inside }));
    let answer = app.respond(asked, json!({ "filter": given })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "TOO_COMPLEX");
    let answer = app.respond(&fragments(10, 1), json!({})).await;
    assert_eq!(answer["data"]["viewer"]["timeZone"], "UTC", "{answer}");
    // The deepest filter that may be is no matter of brackets.
    let answer = app.respond(&filter(9), json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{answer}");
}
