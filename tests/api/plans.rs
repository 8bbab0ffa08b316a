//! Plans: on 100,000 tasks every view, order and relation is served by its index, whether the database
//! knows the values of a statement or not.

use crate::app::App;
use crate::large::large;
use serde_json::json;

/// What is asked, and the indexes that serve it.
const CASES: [(&str, &[&str]); 28] = [
    (
        "tasks(filter: {view: TODAY}, orderBy: [{priority: DESC}, {due: ASC}], first: 100) { nodes { id } }",
        &["tasks_open_priority_due_idx"],
    ),
    ("tasks(filter: {view: TODAY}) { totalCount }", &["Index Only Scan using tasks_open_idx"]),
    (
        "tasks(filter: {view: OVERDUE}, orderBy: [{due: ASC}], first: 100) { nodes { id } }",
        &["tasks_open_due_idx"],
    ),
    ("tasks(filter: {view: OVERDUE}) { totalCount }", &["Index Only Scan using tasks_open_idx"]),
    ("tasks(filter: {view: UPCOMING}) { totalCount }", &["Index Only Scan using tasks_open_idx"]),
    ("tasks(filter: {view: INBOX}, first: 100) { nodes { id } }", &["tasks_status_position_idx"]),
    (
        "tasks(filter: {view: INBOX}) { totalCount }",
        &["Index Only Scan using tasks_open_top_level_idx"],
    ),
    (
        "tasks(filter: {view: QUICK_WINS}, orderBy: [{due: ASC}], first: 100) { nodes { id } }",
        &["tasks_open_due_idx"],
    ),
    (
        "tasks(filter: {view: QUICK_WINS}) { totalCount }",
        &["Index Only Scan using tasks_open_top_level_idx"],
    ),
    (
        "tasks(filter: {view: UNSCHEDULED}) { totalCount }",
        &["Index Only Scan using tasks_open_top_level_idx"],
    ),
    (
        "tasks(filter: {view: RECENTLY_DONE}, orderBy: [{completedAt: DESC}]) { nodes { id } }",
        &["tasks_completed_at_"],
    ),
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
];

async fn wrong(app: &App, mode: &str) -> Vec<String> {
    let ids =
        "SELECT md5('project7')::uuid::text, md5('tag50')::uuid::text, md5('task1')::uuid::text";
    let client = crate::migrations::client(&app.database.url).await;
    let row = client.query_one(ids, &[]).await.unwrap();
    let variables = json!({"project": row.get::<_, String>(0), "tag": row.get::<_, String>(1), "task": row.get::<_, String>(2)});
    let mut wrong = Vec::new();
    for (field, indexes) in CASES {
        let known = ["$project", "$tag", "$task"].into_iter().filter(|name| field.contains(name));
        let known: Vec<_> = known.map(|name| format!("{name}: ID!")).collect();
        let document = match known.join(", ") {
            none if none.is_empty() => format!("{{ {field} }}"),
            known => format!("query ({known}) {{ {field} }}"),
        };
        let plan = app.explained(&document, &variables).await.plan;
        let missing: Vec<_> = indexes.iter().filter(|index| !plan.contains(*index)).collect();
        if plan.contains("Seq Scan on tasks") || !missing.is_empty() {
            wrong.push(format!("{mode}: {field} not by {missing:?}:\n{plan}"));
        }
    }
    wrong
}

#[tokio::test(flavor = "multi_thread")]
async fn views_orders_and_relations_are_served_by_their_indexes() {
    let app = large().await;
    let usual = app.explaining(&[]).await;
    let mut found = wrong(&usual, "usual").await;
    let generic = app.explaining(&["plan_cache_mode = force_generic_plan"]).await;
    // A statement is planned without its values only once it is kept.
    wrong(&generic, "warming").await;
    found.extend(wrong(&generic, "generic").await);
    assert!(found.is_empty(), "{} are wrong:\n{}", found.len(), found.join("\n\n"));
}
