//! Orders on stored columns start from an index: the engine's own statements, as they go over the wire,
//! planned without knowing their values.

use crate::app::App;
use crate::migrations::client;
use crate::tap::Sent;
use serde_json::Value;
use tokio_postgres::Client;

/// Enough rows for an index to be worth its while.
pub(crate) const CROWD: &str = "
    INSERT INTO projects (id, title, status, created_at, updated_at)
        SELECT gen_random_uuid(), 'P' || n, (enum_range(NULL::project_status))[1 + n % 3], instant, instant
        FROM generate_series(1, 5000) AS n, LATERAL (SELECT now() - n * interval '1 minute') AS at (instant);
    INSERT INTO tags (id, name, key, created_at)
        SELECT gen_random_uuid(), 'T' || n, 't' || n, now() - n * interval '1 minute' FROM generate_series(1, 5000) AS n;
    SET session_replication_role = replica;
    INSERT INTO tasks (id, title, position, status, completed_at, priority, due_date, due_at, scheduled_date, created_at, updated_at)
        SELECT gen_random_uuid(), 'T' || n, n::text,
            CASE WHEN n % 3 = 0 THEN 'done' ELSE (enum_range(NULL::task_status))[1 + n % 4] END::task_status,
            CASE WHEN n % 3 = 0 THEN instant END, (enum_range(NULL::task_priority))[1 + n % 4],
            CASE WHEN n % 2 = 0 THEN instant::date END, CASE WHEN n % 4 = 0 THEN instant END,
            CASE WHEN n % 5 = 0 THEN instant::date END, instant, instant
        FROM generate_series(1, 10000) AS n, LATERAL (SELECT now() - n * interval '1 hour') AS at (instant);
    ANALYZE";

/// Each stored order of each list, and the indexes that serve it upwards and downwards.
const ORDERS: [(&str, &str, &str, &str); 15] = [
    ("tasks", "manual", "tasks_position_idx", "tasks_position_idx"),
    ("tasks", "due", "tasks_due_idx", "tasks_due_desc_idx"),
    ("tasks", "priority", "tasks_priority_idx", "tasks_priority_idx"),
    ("tasks", "status", "tasks_status_idx", "tasks_status_idx"),
    ("tasks", "title", "tasks_title_idx", "tasks_title_idx"),
    ("tasks", "scheduledDate", "tasks_scheduled_date_idx", "tasks_scheduled_date_desc_idx"),
    ("tasks", "createdAt", "tasks_created_at_idx", "tasks_created_at_idx"),
    ("tasks", "updatedAt", "tasks_updated_at_idx", "tasks_updated_at_idx"),
    ("tasks", "completedAt", "tasks_completed_at_asc_idx", "tasks_completed_at_idx"),
    ("projects", "title", "projects_title_idx", "projects_title_idx"),
    ("projects", "status", "projects_status_idx", "projects_status_idx"),
    ("projects", "createdAt", "projects_created_at_idx", "projects_created_at_idx"),
    ("projects", "updatedAt", "projects_updated_at_idx", "projects_updated_at_idx"),
    ("tags", "name", "tags_name_idx", "tags_name_idx"),
    ("tags", "createdAt", "tags_created_at_idx", "tags_created_at_idx"),
];

/// The order of the apps' lists: two directions.
const URGENT_FIRST: &str = "{priority: DESC}, {due: ASC}";

/// A page of a list in an order.
struct Page<'a> {
    list: &'a str,
    order: String,
    arguments: String,
}

impl Page<'_> {
    fn document(&self) -> String {
        let Self { list, order, arguments } = self;
        format!(
            "{{ {list}(orderBy: [{order}], {arguments}) {{ nodes {{ id }} pageInfo {{ endCursor }} }} }}"
        )
    }

    async fn of(&self, app: &App) -> Value {
        app.query(&self.document()).await[self.list].take()
    }

    /// How the server would answer it, whatever the values are.
    async fn plan(&self, app: &App, planner: &Client) -> String {
        app.tap.take();
        app.query(&self.document()).await;
        let sent = app.tap.take();
        let sql = sent.iter().find_map(|sent| match sent {
            Sent::Parse(sql) => Some(sql),
            _ => None,
        });
        explained(planner, sql.unwrap()).await
    }
}

pub(crate) async fn explained(planner: &Client, sql: &str) -> String {
    let prepared = format!("DEALLOCATE ALL; PREPARE asked AS {sql}");
    planner.batch_execute(&prepared).await.unwrap();
    let count =
        "SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'asked'";
    let count: i32 = planner.query_one(count, &[]).await.unwrap().get(0);
    let nulls = vec!["NULL"; usize::try_from(count).unwrap()].join(", ");
    let execute = match count {
        0 => "EXECUTE asked".to_owned(),
        _ => format!("EXECUTE asked ({nulls})"),
    };
    let explain = format!("EXPLAIN (COSTS OFF) {execute}");
    let rows = planner.simple_query(&explain).await.unwrap();
    let lines = rows.iter().filter_map(|row| match row {
        tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
        _ => None,
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_urgent_and_due_first_starts_from_its_index_behind_a_cursor_too() {
    let app = App::new();
    app.sql(CROWD).await;
    let planner = client(&app.database.url).await;
    planner.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    app.query("{ tasks(first: 0) { totalCount } }").await;
    for (filter, index) in [
        ("", "tasks_priority_due_idx"),
        (", filter: {isOpen: true}", "tasks_open_priority_due_idx"),
    ] {
        let page = |arguments: String| {
            let arguments = format!("{arguments}{filter}");
            Page { list: "tasks", order: URGENT_FIRST.to_owned(), arguments }
        };
        let cursor = page("first: 9".to_owned()).of(&app).await["pageInfo"]["endCursor"].take();
        for arguments in ["first: 2".to_owned(), "last: 2".to_owned()] {
            let plan = page(arguments).plan(&app, &planner).await;
            assert!(!plan.contains("Sort") && plan.contains(index), "{plan}");
        }
        for arguments in
            [format!("first: 2, after: {cursor}"), format!("last: 2, before: {cursor}")]
        {
            let plan = page(arguments).plan(&app, &planner).await;
            let starts = plan.contains(index) && plan.contains("Index Cond: (ROW(");
            assert!(starts && !plan.contains("Sort"), "{plan}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_order_on_a_stored_column_starts_from_its_index_in_both_directions() {
    let app = App::new();
    app.sql(CROWD).await;
    let planner = client(&app.database.url).await;
    let generic = "SET plan_cache_mode = force_generic_plan";
    planner.batch_execute(generic).await.unwrap();
    app.query("{ tasks(first: 0) { totalCount } }").await;
    let mut wrong = Vec::new();
    for (list, order, upwards, downwards) in ORDERS {
        for (direction, index) in [("ASC", upwards), ("DESC", downwards)] {
            let order = format!("{{{order}: {direction}}}");
            let page = |arguments: String| Page { list, order: order.clone(), arguments };
            let first = page("first: 2".to_owned());
            let plan = first.plan(&app, &planner).await;
            if plan.contains("Sort") || !plan.contains(index) {
                wrong.push(format!("{list} by {order} not from {index}:\n{plan}"));
            }
            let cursor = first.of(&app).await["pageInfo"]["endCursor"].take();
            let next = page(format!("first: 2, after: {cursor}"));
            let plan = next.plan(&app, &planner).await;
            if plan.contains("Sort") || !plan.contains(index) || !plan.contains("Index Cond: (ROW(")
            {
                wrong.push(format!("{list} by {order} behind a cursor not from {index}:\n{plan}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
