//! Plans: on 100,000 tasks every view, order and relation is served by its index, whether the database
//! knows the values of a statement or not.

mod orders;
mod views;

use crate::app::App;
use crate::large::large;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// How a plan starts from an index behind a cursor.
const STARTS: &str = "Index Cond: (ROW(";

/// A document, and what the plan of its statement names and lacks.
struct Asked {
    document: String,
    variables: Value,
    names: Vec<String>,
    lacks: &'static [&'static str],
}

/// What is asked beside views and orders, and the indexes that serve it.
const CASES: [(&str, &[&str]); 18] = [
    ("tasks(filter: {status: {eq: BLOCKED}}) { nodes { id } }", &["tasks_status_position_idx"]),
    (
        "tasks(filter: {isOpen: true, dueAt: {gte: \"2026-01-20T00:00:00Z\", lt: \"2026-01-21T00:00:00Z\"}}, orderBy: [{due: ASC}], first: 200) { nodes { id } }",
        &["tasks_open_due"],
    ),
    (
        "tasks(filter: {completedAt: {during: TODAY}}, orderBy: [{completedAt: DESC}], first: 5) { nodes { id } }",
        &["tasks_completed_at_"],
    ),
    (
        "taskStats { total { count open done inProgress blocked openUrgent } }",
        &["Index Only Scan using tasks_kinds_idx"],
    ),
    ("taskStats { total { overdue dueToday } }", &["Index Only Scan using tasks_open_idx"]),
    ("taskStats { total { doneToday } }", &["Index Only Scan using tasks_completed_at_day_idx"]),
    (
        "taskStats(groupBy: [PRIORITY]) { groups { priority measures { open } } }",
        &["Index Only Scan using tasks_kinds_idx"],
    ),
    (
        "tasks(first: 50) { nodes { project { id } tags { id } parent { id } subtaskProgress { total done } subtasks(first: 3) { nodes { id } } } }",
        &[
            "tasks_position_idx",
            "projects_pkey",
            "task_tags_pkey",
            "tasks_pkey",
            "tasks_parent_progress_idx",
            "tasks_parent_id_idx",
        ],
    ),
    ("project(id: $project) { tasks(first: 50) { nodes { id } } }", &["tasks_project_id_idx"]),
    (
        "project(id: $project) { progress { total open done overdue } nextDueDate }",
        &["Index Only Scan using tasks_project_progress_idx"],
    ),
    ("tag(id: $tag) { tasks(first: 50) { nodes { id } } }", &["task_tags"]),
    (
        "tags(orderBy: [{taskCount: DESC}], first: 26) { nodes { taskCount } }",
        &["Index Only Scan using task_tags_live_idx"],
    ),
    (
        "tags(orderBy: [{openTaskCount: DESC}], first: 10) { nodes { openTaskCount } }",
        &["Index Only Scan using task_tags_open_idx"],
    ),
    (
        "tags(filter: {tasks: {count: {gte: 100}}}) { totalCount }",
        &["Index Only Scan using task_tags_live_idx"],
    ),
    ("task(id: $task) { id }", &["tasks_pkey"]),
    ("node(id: $task) { id }", &["tasks_pkey", "projects_pkey", "tags_pkey"]),
    ("tasks(filter: {tags: {hasAny: [$tag]}}) { totalCount }", &["task_tags_tag_id_idx"]),
    ("tasks(filter: {tags: {hasAll: [$tag]}}) { totalCount }", &["task_tags_tag_id_idx"]),
];

async fn cases(app: &App) -> Vec<Asked> {
    let ids =
        "SELECT md5('project7')::uuid::text, md5('tag50')::uuid::text, md5('task1')::uuid::text";
    let client = crate::migrations::client(&app.database.url).await;
    let row = client.query_one(ids, &[]).await.unwrap();
    let variables = json!({"project": row.get::<_, String>(0), "tag": row.get::<_, String>(1), "task": row.get::<_, String>(2)});
    let other = CASES.into_iter().map(|(field, indexes)| {
        let known = ["$project", "$tag", "$task"].into_iter().filter(|name| field.contains(name));
        let known: Vec<_> = known.map(|name| format!("{name}: ID!")).collect();
        let document = match known.join(", ") {
            none if none.is_empty() => format!("{{ {field} }}"),
            known => format!("query ({known}) {{ {field} }}"),
        };
        let names = indexes.iter().map(ToString::to_string).collect();
        Asked { document, variables: variables.clone(), names, lacks: &[] }
    });
    // Many, which a filter of texts would put into a hash.
    let many = format!(
        "query ($task: ID!) {{ tasks(filter: {{id: {{in: [{}]}}}}) {{ nodes {{ id }} }} }}",
        "$task ".repeat(60)
    );
    let many = Asked {
        document: many,
        variables: variables.clone(),
        names: vec!["tasks_pkey".to_owned()],
        lacks: &[],
    };
    other.chain([many]).chain(views::cases()).chain(orders::cases(app).await).collect()
}

/// What is not served as it should be; blind is a database that plans without knowing the values.
async fn wrong(app: &App, blind: bool, cases: &[Asked]) -> Vec<String> {
    let mode = if blind { "without values" } else { "with values" };
    let mut wrong = Vec::new();
    for Asked { document, variables, names, lacks } in cases {
        let plan = app.explained(document, variables).await.plan;
        let missing: Vec<_> = names.iter().filter(|name| !plan.contains(*name)).collect();
        let lacks = lacks.iter().chain(&["Seq Scan on tasks"]);
        let found: Vec<_> = lacks.filter(|part| plan.contains(*part)).collect();
        let mut starts = plan.lines().filter(|line| line.contains(STARTS));
        let mistaken = starts.any(|line| line.contains('$') != blind);
        if !missing.is_empty() || !found.is_empty() || mistaken {
            wrong.push(format!("{mode}: {document} lacks {missing:?}, has {found:?}:\n{plan}"));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn views_orders_and_relations_are_served_by_their_indexes() {
    let app = large().await;
    let cases = cases(&app).await;
    orders::ask_computed(&app).await;
    let usual = app.explaining(&[]).await;
    let mut found = wrong(&usual, true, &cases).await;
    let custom = app.explaining(&["plan_cache_mode = force_custom_plan"]).await;
    found.extend(wrong(&custom, false, &cases).await);
    assert!(found.is_empty(), "{} are wrong:\n{}", found.len(), found.join("\n\n"));
}

/// The names of what a type of the schema holds.
async fn declared(app: &App, kind: &str, parts: &str) -> BTreeSet<String> {
    let found =
        app.query(&format!("{{ __type(name: \"{kind}\") {{ {parts} {{ name }} }} }}")).await;
    let found = found["__type"][parts].as_array().unwrap();
    found.iter().map(|part| part["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn no_view_and_no_order_of_tasks_is_left_out() {
    let app = App::new();
    let views = views::VIEWS.map(|(view, ..)| view.to_owned());
    assert_eq!(declared(&app, "TaskView", "enumValues").await, views.into());
    let stored = orders::STORED.iter().map(|(order, ..)| *order);
    let orders: BTreeSet<_> = stored.chain(orders::COMPUTED).map(str::to_owned).collect();
    assert_eq!(declared(&app, "TaskOrder", "inputFields").await, orders);
}
