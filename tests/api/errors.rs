//! What cannot be right is refused with a code, a sentence and the way to it, before any statement.

use crate::app::App;
use crate::migrations::client;
use crate::tap::Sent;
use serde_json::{Value, json};

/// The code, path and message of the first error; a request that is refused costs no statement.
async fn refused(app: &App, document: &str, variables: Value) -> (String, String, String) {
    app.tap.take();
    let response = app.respond(document, variables).await;
    let sent = app.tap.take();
    assert!(!sent.iter().any(Sent::asks), "{document} cost {sent:?}");
    let error = &response["errors"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let path = error["extensions"]["path"].as_array().cloned().unwrap_or_default();
    let path: Vec<_> = path.iter().map(text).collect();
    assert!(error["extensions"]["requestId"].is_string(), "{response}");
    (text(&error["extensions"]["code"]), path.join("."), text(&error["message"]))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_cannot_be_right_is_a_bad_request_with_the_way_to_it() {
    let app = App::new();
    let deep = (0..9).fold("{}".to_owned(), |inside, _| format!("{{and: [{inside}]}}"));
    let wide = "{isOpen: true} ".repeat(101);
    let cases = [
        ("{ tasks(first: 501) { totalCount } }", "tasks.first", "a page holds 0 to 500 records"),
        ("{ tasks(first: -1) { totalCount } }", "tasks.first", "a page holds 0 to 500 records"),
        (
            "{ tasks(first: 1, last: 1) { totalCount } }",
            "tasks.last",
            "give first or last, not both",
        ),
        (
            "{ tasks(after: \"nonsense\") { nodes { id } } }",
            "tasks.after",
            "this is not a cursor of this API",
        ),
        (
            "{ tasks(after: \"W10\") { nodes { id } } }",
            "tasks.after",
            "this cursor belongs to a list in another order",
        ),
        (
            "{ tasks(filter: {title: {eq: null}}) { totalCount } }",
            "tasks.filter.title.eq",
            "null says nothing here: leave it out",
        ),
        (
            "{ tasks(filter: {or: [{isOpen: true}, {isOpen: null}]}) { totalCount } }",
            "tasks.filter.or.1.isOpen",
            "null says nothing here: leave it out",
        ),
        (
            "{ byExternalId(system: \"a\\u0000b\", externalId: \"x\") { id } }",
            "byExternalId.system",
            "text must not hold the character NUL",
        ),
        (
            &format!("{{ tasks(filter: {deep}) {{ totalCount }} }}"),
            "tasks.filter.and.0.and.0.and.0.and.0.and.0.and.0.and.0.and",
            "a filter has at most 8 levels",
        ),
        (
            &format!("{{ tasks(filter: {{and: [{wide}]}}) {{ totalCount }} }}"),
            "tasks.filter.and.100.isOpen",
            "a filter has at most 100 conditions",
        ),
        (
            "{ tasks(filter: {due: {withinNext: {amount: -1, unit: DAY}}}) { totalCount } }",
            "tasks.filter.due.withinNext.amount",
            "must not be negative",
        ),
        (
            "{ tasks(filter: {createdAt: {withinLast: {amount: 2147483647, unit: YEAR}}}) { totalCount } }",
            "tasks.filter.createdAt.withinLast.amount",
            "2147483647 leads beyond the years 1 to 9999",
        ),
        (
            "{ tasks(filter: {not: {due: {relative: {lt: {amount: -3000, unit: YEAR}}}}}) { totalCount } }",
            "tasks.filter.not.due.relative.lt.amount",
            "-3000 leads beyond the years 1 to 9999",
        ),
        (
            "{ taskStats(groupBy: [STATUS, PRIORITY, TAG, PROJECT]) { groups { measures { count } } } }",
            "taskStats.groupBy",
            "tasks are grouped by at most 3 fields",
        ),
        (
            "{ taskStats(groupBy: [DUE_DAY, DUE_WEEK]) { groups { measures { count } } } }",
            "taskStats.groupBy",
            "name a field once",
        ),
        (
            "{ taskCounts(queries: [{name: \"a\", filter: {title: {eq: null}}}]) { count } }",
            "taskCounts.queries.0.filter.title.eq",
            "null says nothing here: leave it out",
        ),
        ("{ task(id: \"12\") { id } }", "task.id", "Failed to parse \"ID\": \"12\" is not a UUID"),
        (
            "{ tasks(filter: {due: {eq: \"2026-02-30\"}}) { totalCount } }",
            "tasks.filter.due.eq",
            "Failed to parse \"Date\": \"2026-02-30\" is not a day such as 2026-01-20",
        ),
        (
            "{ tasks(filter: {dueAt: {eq: \"yesterday\"}}) { totalCount } }",
            "tasks.filter.dueAt.eq",
            "Failed to parse \"DateTime\": \"yesterday\" is not an RFC 3339 instant",
        ),
    ];
    for (document, path, message) in cases {
        let (code, at, said) = refused(&app, document, json!({})).await;
        assert_eq!(code, "BAD_REQUEST", "{document}: {said}");
        assert_eq!(at, path, "{document}");
        assert!(said.starts_with(message), "{document}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_scalar_of_one_operation_is_told_with_the_way_to_it() {
    let app = App::new();
    let key = "0199bda0-0000-7000-8000-000000000001";
    let push = "mutation ($input: SyncPushInput!) { syncPush(input: $input) { cursor } }";
    let cases = [
        (json!({"createTask": {"title": "b", "dueDate": "2026-13-01"}}), "createTask.dueDate"),
        (json!({"createTask": {"title": "b", "id": "abc"}}), "createTask.id"),
        (json!({"createTask": {"title": "b", "tagIds": [key, "x"]}}), "createTask.tagIds.1"),
        (json!({"createTask": {"title": "b", "tagIds": "x"}}), "createTask.tagIds"),
        (json!({"createTask": {"title": "b\u{0}"}}), "createTask.title"),
        (json!({"createTask": {"title": "b", "dueAt": 7}}), "createTask.dueAt"),
        (json!({"createTag": {"name": "b", "color": "red"}}), "createTag.color"),
        (
            json!({"updateTask": {"id": key, "patch": {"snoozedUntil": "soon"}}}),
            "updateTask.patch.snoozedUntil",
        ),
    ];
    for (action, at) in cases {
        let good = json!({"opId": key, "action": {"createTask": {"title": "a"}}});
        let input = json!({"operations": [good, {"opId": key, "action": action}]});
        let (code, path, said) = refused(&app, push, json!({ "input": input })).await;
        assert_eq!(code, "BAD_REQUEST", "{action}: {said}");
        assert_eq!(path, format!("syncPush.input.operations.1.action.{at}"), "{said}");
    }
    let action = json!({"createTask": {"title": "a"}});
    let input = json!({"operations": [{"opId": "x", "action": action}]});
    let (_, path, _) = refused(&app, push, json!({ "input": input })).await;
    assert_eq!(path, "syncPush.input.operations.0.opId");
    assert_eq!(app.query("{ tasks { totalCount } }").await["tasks"]["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_scalar_is_found_wherever_it_stands() {
    let app = App::new();
    let given = json!({"id": "zz", "ids": ["0199bda0-0000-7000-8000-000000000001", "zz"]});
    let cases = [
        ("query ($id: ID) { tasks(filter: {id: {eq: $id}}) { totalCount } }", "tasks.filter.id.eq"),
        ("query ($id: ID = \"y\") { task(id: $id) { id } }", "task.id"),
        ("query ($no: ID! = \"y\") { task(id: $no) { id } }", "task.id"),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", "nodes.ids.1"),
        ("query ($id: ID!) { nodes(ids: [$id]) { id } }", "nodes.ids.0"),
        ("query ($id: ID!) { a: task(id: $id) { id } b: node(id: $id) { id } }", "task.id"),
        (
            "{ projects { nodes { ...P } } } fragment P on Project { tasks(filter: {due: {lt: \"x\"}}) { totalCount } }",
            "projects.nodes.tasks.filter.due.lt",
        ),
        (
            "{ nodes(ids: []) { ... on Project { tasks(filter: {tags: {some: {id: {in: [\"x\"]}}}}) { totalCount } } } }",
            "nodes.tasks.filter.tags.some.id.in.0",
        ),
        // What was before it in the document is not done either.
        (
            "mutation { a: createTag(input: {name: \"a\"}) { cursor } b: createTag(input: {id: \"x\", name: \"b\"}) { cursor } }",
            "createTag.input.id",
        ),
    ];
    for (document, at) in cases {
        let (code, path, said) = refused(&app, document, given.clone()).await;
        assert_eq!((code.as_str(), path.as_str()), ("BAD_REQUEST", at), "{document}: {said}");
    }
    assert_eq!(app.query("{ tags { totalCount } }").await["tags"]["totalCount"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_null_in_a_filter_is_refused_also_when_it_comes_through_a_variable() {
    let app = App::new();
    let (code, at, _) = refused(
        &app,
        "query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }",
        json!({"filter": {"tags": {"some": {"name": null}}}}),
    )
    .await;
    assert_eq!((code.as_str(), at.as_str()), ("BAD_REQUEST", "tasks.filter.tags.some.name"));
    let inside = "query ($title: String) { tasks(filter: {title: {eq: $title}}) { totalCount } }";
    let (code, ..) = refused(&app, inside, json!({"title": null})).await;
    assert_eq!(code, "BAD_REQUEST");
}

#[tokio::test(flavor = "multi_thread")]
async fn absent_arguments_and_variables_and_whole_nulls_mean_all() {
    let app = App::new();
    app.sql("INSERT INTO tasks (id, title) VALUES (gen_random_uuid(), 'One')").await;
    for document in [
        "{ tasks(filter: null, orderBy: null, after: null) { totalCount } }",
        "query ($filter: TaskFilter) { tasks(filter: $filter) { totalCount } }",
        "query ($title: String) { tasks(filter: {title: {eq: $title}}) { totalCount } }",
        "{ tasks(orderBy: []) { totalCount } }",
    ] {
        assert_eq!(app.query(document).await, json!({"tasks": {"totalCount": 1}}), "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_that_graphql_refuses_is_told_apart_from_one_that_cannot_be_read() {
    let app = App::new();
    for (document, code) in [
        ("{ nonsense }", "VALIDATION_FAILED"),
        ("{ tasks(filter: {headline: {eq: \"x\"}}) { totalCount } }", "VALIDATION_FAILED"),
        ("{ tasks(orderBy: [{title: UP}]) { totalCount } }", "VALIDATION_FAILED"),
        ("query ($id: ID!) { task(id: $id) { id } }", "VALIDATION_FAILED"),
        ("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }", "TOO_COMPLEX"),
        ("{ tasks(", "BAD_REQUEST"),
        ("", "BAD_REQUEST"),
    ] {
        let (said, _, message) = refused(&app, document, json!({})).await;
        assert_eq!(said, code, "{document}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_that_would_bring_too_much_is_refused() {
    let app = App::new();
    let pages = "{ tasks(first: 500) { nodes { subtasks(first: 500) { nodes { title } } } } }";
    let deep = (0..20).fold("id".to_owned(), |inside, _| format!("parent {{ {inside} }}"));
    let deep = format!("{{ task(id: \"00000000-0000-4000-8000-000000000000\") {{ {deep} }} }}");
    for document in [pages, &deep] {
        let (code, _, message) = refused(&app, document, json!({})).await;
        assert_eq!(code, "TOO_COMPLEX", "{document}: {message}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_belongs_to_its_order() {
    let app = App::new();
    app.sql("INSERT INTO tasks (id, title) VALUES (gen_random_uuid(), 'One')").await;
    let page = app.query("{ tasks(orderBy: [{title: ASC}]) { pageInfo { endCursor } } }").await;
    let cursor = page["tasks"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned();
    for order in ["title: DESC", "priority: ASC"] {
        let document =
            format!("{{ tasks(orderBy: [{{{order}}}], after: \"{cursor}\") {{ totalCount }} }}");
        let (code, at, _) = refused(&app, &document, json!({})).await;
        assert_eq!((code.as_str(), at.as_str()), ("BAD_REQUEST", "tasks.after"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn data_is_what_its_type_says_where_a_field_failed() {
    let app = App::new();
    let both = "mutation { sound: createTag(input: {name: \"a\"}) { tag { name } }
        failed: createTag(input: {name: \"\\u0000\"}) { tag { name } } }";
    let response = app.respond(both, json!({})).await;
    assert_eq!(response["data"], Value::Null, "a payload is never null: {response}");
    let tags = app.respond("{ tags { totalCount } }", json!({})).await;
    assert_eq!(tags["data"]["tags"]["totalCount"], 0, "nothing is half done: {tags}");
    let nullable = "query ($id: ID = \"0199bda0-0000-7000-8000-000000000001\") {
        one: project(id: $id) { tasks(first: 501) { totalCount } } other: tag(id: $id) { id } }";
    let response = app.respond(nullable, json!({})).await;
    assert_eq!(response["data"], json!({"one": null, "other": null}), "{response}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_the_server_ends_in_the_middle_of_a_request_is_an_outage() {
    let app = App::new();
    let (holding, ending) = (client(&app.database.url).await, client(&app.database.url).await);
    holding.batch_execute("BEGIN; LOCK TABLE tasks").await.unwrap();
    let asked = app.respond("{ tasks { totalCount } }", json!({}));
    // Also where it is tried once more.
    let ended = async {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        loop {
            ending.query(end, &[]).await.unwrap();
        }
    };
    let response = tokio::select! { response = asked => response, never = ended => never };
    assert_eq!(response["errors"][0]["extensions"]["code"], "UNAVAILABLE", "{response}");
    holding.batch_execute("COMMIT").await.unwrap();
    let again = app.respond("{ tasks { totalCount } }", json!({})).await;
    assert_eq!(again, json!({"data": {"tasks": {"totalCount": 0}}}));
}
