//! How long the apps' operations take on 100,000 tasks: a table for a person to read, no limits.
//!
//! `script/bench` runs it. The database's times are those of execution, as `auto_explain` tells them without
//! looking into the plan; a number is the least of several runs on a warm cache.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a measurement that cannot go on has failed, and prints what it found"
)]

#[expect(dead_code, reason = "shared with the tests, which use more of it")]
#[path = "../tests/api/app.rs"]
mod app;
#[expect(dead_code, reason = "likewise")]
#[path = "../tests/api/database.rs"]
mod database;
#[expect(dead_code, reason = "likewise")]
#[path = "../tests/api/large.rs"]
mod large;
#[expect(dead_code, unused_imports, reason = "likewise")]
#[path = "../tests/api/migrations.rs"]
mod migrations;
#[expect(dead_code, reason = "likewise")]
#[path = "../tests/api/tap.rs"]
mod tap;

use app::App;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const ZONE: &str = "Australia/Sydney";
const RUNS: usize = 15;
/// Orders on stored columns.
const ORDERS: [&str; 8] = [
    "[{manual: ASC}]",
    "[{priority: DESC}, {due: ASC}]",
    "[{due: ASC}]",
    "[{title: ASC}]",
    "[{status: ASC}]",
    "[{scheduledDate: ASC}]",
    "[{createdAt: DESC}]",
    "[{updatedAt: DESC}]",
];
/// What is typed into a search, from rare to as common as 500 records.
const SEARCHES: [&str; 5] = ["3f2a", "task 12345", "call 3f", "abc", "1c"];

/// One way to ask, measured.
#[derive(Clone, Copy)]
struct Measured {
    database: f64,
    wall: f64,
    bytes: usize,
}

/// The least one: what else the machine does only adds to it.
fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, f64::min)
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// What the statements took that were executed since the last time.
async fn executed(app: &App) -> f64 {
    let notices = app.tap.take_notices().await;
    let durations =
        notices.iter().filter_map(|notice| notice.strip_prefix("duration: ")?.split_once(" ms"));
    durations.map(|(duration, _)| duration.parse::<f64>().unwrap()).sum()
}

/// Asks several times; the variables are made anew for each.
async fn measure(app: &App, document: &str, variables: impl Fn() -> Value) -> Measured {
    let (mut database, mut wall, mut bytes) = (Vec::new(), Vec::new(), 0);
    // A shape is kept prepared from its second sight on.
    for run in 0..RUNS + 3 {
        let variables = variables();
        executed(app).await;
        let begun = Instant::now();
        let response = app.respond_in(ZONE, document, variables).await;
        let took = milliseconds(begun.elapsed());
        assert_eq!(response.get("errors"), None, "{document}");
        let spent = executed(app).await;
        if run >= 3 {
            wall.push(took);
            database.push(spent);
        }
        bytes = response.to_string().len();
    }
    Measured { database: least(&database), wall: least(&wall), bytes }
}

/// The operations of the apps that read, by the names of their golden files, with what they are asked with.
async fn operations(app: &App) {
    let project = value(app, "SELECT md5('project7')::uuid::text").await;
    let task = value(app, "SELECT md5('task1')::uuid::text").await;
    let cases = [
        ("tasks_tab", json!({})),
        ("dashboard", json!({})),
        ("web_home", json!({"filter": {"isOpen": true}})),
        ("widget", json!({})),
        ("task_detail", json!({"id": task})),
        ("badges", json!({})),
        ("focus_mode", json!({"contexts": ["tag1", "tag4", "tag8", "tag12"]})),
        ("morning", json!({})),
        ("end_of_day", json!({})),
        ("reminders", json!({"from": "2026-01-20T00:00:00Z", "to": "2026-01-21T00:00:00Z"})),
        ("project_detail", json!({"id": project})),
        ("tag_picker", json!({"text": "tag1"})),
        ("search_everything", json!({"text": "call 3f"})),
    ];
    println!("{:<44} {:>12} {:>10} {:>10}", "operation", "database ms", "wall ms", "bytes");
    for (name, variables) in cases {
        let path = format!("{}/tests/golden/query/{name}.graphql", env!("CARGO_MANIFEST_DIR"));
        let document = std::fs::read_to_string(path).unwrap();
        let it = measure(app, &document, || variables.clone()).await;
        println!("{name:<44} {:>12.2} {:>10.2} {:>10}", it.database, it.wall, it.bytes);
    }
}

async fn value(app: &App, sql: &str) -> String {
    migrations::client(&app.database.url).await.query_one(sql, &[]).await.unwrap().get(0)
}

/// The cursor behind this many tasks.
async fn cursor(app: &App, order: &str, mut skip: usize) -> Value {
    let mut after = Value::Null;
    while skip > 0 {
        let first = skip.min(500);
        let document = format!(
            "query ($after: String) {{ tasks(orderBy: {order}, first: {first}, after: $after) {{ pageInfo {{ endCursor }} }} }}"
        );
        let response = app.respond_in(ZONE, &document, json!({ "after": after })).await;
        after = response["data"]["tasks"]["pageInfo"]["endCursor"].clone();
        skip -= first;
    }
    after
}

async fn pages(app: &App) {
    println!("\n{:<44} {:>12} {:>10} {:>10}", "page of 50 tasks", "page 1 ms", "200 ms", "ratio");
    for order in ORDERS {
        let document = format!(
            "query ($after: String) {{ tasks(orderBy: {order}, first: 50, after: $after) {{ nodes {{ id title status }} pageInfo {{ endCursor }} }} }}"
        );
        let first = measure(app, &document, || json!({})).await.database;
        let after = cursor(app, order, 199 * 50).await;
        let later = measure(app, &document, || json!({ "after": after })).await.database;
        println!("{order:<44} {first:>12.2} {later:>10.2} {:>10.2}", later / first);
    }
}

async fn searches(app: &App) {
    println!("\n{:<44} {:>12} {:>10} {:>10}", "search", "database ms", "wall ms", "matches");
    let document = "query ($text: String!) { search(text: $text, first: 20) { totalCount nodes { __typename ... on Task { id title } } } }";
    let count =
        "query ($text: String!) { tasks(filter: {search: $text}, first: 0) { totalCount } }";
    for text in SEARCHES {
        let variables = || json!({ "text": text });
        let matches = app.respond_in(ZONE, count, variables()).await;
        let matches = &matches["data"]["tasks"]["totalCount"];
        let it = measure(app, document, variables).await;
        println!("{text:<44} {:>12.2} {:>10.2} {matches:>10}", it.database, it.wall);
    }
}

/// A task with three tags, by the API and by SQL that does the same and reads it back.
async fn creation(app: &App) {
    let client = migrations::client(&app.database.url).await;
    let tags = ["tag1", "tag50", "tag150"];
    let rows = client
        .query("SELECT id::text FROM tags WHERE label = ANY ($1)", &[&&tags[..]])
        .await
        .unwrap();
    let ids: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let document = "mutation ($input: CreateTaskInput!) { createTask(input: $input) { task { id title version tags { id name } } userErrors { code } } }";
    let input = json!({"input": {"title": "Call the plumber", "tagIds": ids}});
    let by_api = measure(app, document, || input.clone()).await;
    let write = "WITH written AS (INSERT INTO tasks (id, title) VALUES (gen_random_uuid(), 'Call the plumber') RETURNING id),
        linked AS (INSERT INTO task_tags (task_id, tag_id) SELECT id, unnest($1::text[]::uuid[]) FROM written)
        SELECT id::text FROM written";
    let read = "SELECT row_to_json(tasks)::text, (SELECT json_agg(tags)::text FROM tags JOIN task_tags ON tag_id = id WHERE task_id = tasks.id)
        FROM tasks WHERE id = $1::text::uuid";
    let (write, read) = (client.prepare(write).await.unwrap(), client.prepare(read).await.unwrap());
    let mut wall = Vec::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let id: String = client.query_one(&write, &[&ids]).await.unwrap().get(0);
        client.query_one(&read, &[&id]).await.unwrap();
        wall.push(milliseconds(begun.elapsed()));
    }
    let bare = least(&wall);
    println!(
        "\n{:<44} {:>12} {:>10} {:>10}",
        "a task with three tags", "database ms", "wall ms", "ratio"
    );
    println!("{:<44} {:>12} {bare:>10.2} {:>10}", "bare SQL, prepared", "", "");
    println!(
        "{:<44} {:>12.2} {:>10.2} {:>10.2}",
        "createTask",
        by_api.database,
        by_api.wall,
        by_api.wall / bare
    );
}

/// What a device does: a look at what is new where nothing is, and many writes at once.
async fn devices(app: &App) {
    println!("\n{:<44} {:>12} {:>10}", "a device", "database ms", "wall ms");
    let line =
        |name: &str, it: Measured| println!("{name:<44} {:>12.2} {:>10.2}", it.database, it.wall);
    let create = "mutation ($input: CreateTaskInput!) { createTask(input: $input) { cursor } }";
    let made = app.respond_in(ZONE, create, json!({"input": {"title": "The last"}})).await;
    let since = made["data"]["createTask"]["cursor"].clone();
    let pull = "query ($since: ChangeCursor) { changes(since: $since) { cursor hasMore \
        tasks { id version title tags { id } } projects { id title } tags { id name } deleted { id type } } }";
    line("pull with nothing new", measure(app, pull, || json!({ "since": since })).await);
    let batch = "mutation ($input: CreateTasksInput!) { createTasks(input: $input) \
        { affectedCount tasks { id version } userErrors { code } } }";
    let task = |n: usize| json!({"title": format!("Task {n}"), "dueDate": "2026-02-01", "tagNames": ["tag1"]});
    let tasks: Vec<_> = (0..1_000).map(task).collect();
    line("createTasks of 1,000", measure(app, batch, || json!({"input": {"tasks": tasks}})).await);
    let push = "mutation ($input: SyncPushInput!) { syncPush(input: $input) \
        { results { outcome record { id version } } } }";
    let queue = || -> Value {
        let operation =
            |n: usize| json!({"opId": app.clock.new_id(), "action": {"createTask": task(n)}});
        (0..500).map(operation).collect()
    };
    line("syncPush of 500", measure(app, push, || json!({"input": {"operations": queue()}})).await);
}

#[tokio::main]
async fn main() {
    let app = large::large().await;
    // The data is written without triggers.
    app.sql(
        "SELECT write_project_documents(array_agg(id)) FROM projects;
        SELECT write_tag_documents(array_agg(id)) FROM tags;
        SELECT count(*) FROM (
            SELECT write_task_documents(array_agg(id)) FROM (SELECT id, ntile(100) OVER () AS part FROM tasks) AS parted GROUP BY part
        ) AS written",
    )
    .await;
    app.sql("VACUUM (FREEZE, ANALYZE)").await;
    let app = app.explaining(&["auto_explain.log_analyze = off"]).await;
    operations(&app).await;
    pages(&app).await;
    searches(&app).await;
    creation(&app).await;
    devices(&app).await;
}
