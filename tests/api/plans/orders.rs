//! Every order of tasks, in both directions: its first page and its 200th.

use super::{Asked, STARTS};
use crate::app::App;
use serde_json::{Value, json};

/// An order on stored columns, and the indexes that serve it upwards and downwards.
pub(super) const STORED: [(&str, &str, &str); 9] = [
    ("manual", "tasks_position_idx", "tasks_position_idx"),
    ("due", "tasks_due_idx", "tasks_due_desc_idx"),
    ("priority", "tasks_priority_idx", "tasks_priority_idx"),
    ("status", "tasks_status_idx", "tasks_status_idx"),
    ("title", "tasks_title_idx", "tasks_title_idx"),
    ("scheduledDate", "tasks_scheduled_date_idx", "tasks_scheduled_date_desc_idx"),
    ("createdAt", "tasks_created_at_idx", "tasks_created_at_idx"),
    ("updatedAt", "tasks_updated_at_idx", "tasks_updated_at_idx"),
    ("completedAt", "tasks_completed_at_asc_idx", "tasks_completed_at_idx"),
];

/// Orders that no index can hold: what they are made of stands in other rows.
pub(super) const COMPUTED: [&str; 3] = ["projectTitle", "relevance", "subtaskCount"];

const PAGE: usize = 50;
/// How many tasks stand before the 200th page.
const BEFORE: usize = 199 * PAGE;

/// Each stored order in both directions, and the one of the apps' lists, which mixes them: with its index and
/// the direction of the index's keys.
fn stored() -> impl Iterator<Item = (String, &'static str, &'static str)> {
    let single = STORED.into_iter().flat_map(|(order, upwards, downwards)| {
        [("ASC", upwards), ("DESC", downwards)]
            .map(|(direction, index)| (format!("{{{order}: {direction}}}"), index, direction))
    });
    single.chain([("{priority: DESC}, {due: ASC}".to_owned(), "tasks_priority_due_idx", "ASC")])
}

/// The cursor before the 200th page. The task there is read by the keys of the index: to walk to all of them
/// takes longer than all that is asked.
async fn cursor(app: &App, order: &str, index: &str, direction: &str) -> Value {
    let client = crate::migrations::client(&app.database.url).await;
    let keys = format!(
        "SELECT string_agg(pg_get_indexdef(indexrelid, n, true) || ' {direction}', ', ' ORDER BY n)
        FROM pg_index, generate_series(1, indnkeyatts) AS n WHERE indexrelid = '{index}'::regclass"
    );
    let keys: String = client.query_one(&keys, &[]).await.unwrap().get(0);
    let task = format!(
        "SELECT id::text FROM tasks WHERE deleted_at IS NULL ORDER BY {keys} OFFSET {BEFORE} - 1 LIMIT 1"
    );
    let task: String = client.query_one(&task, &[]).await.unwrap().get(0);
    let document = format!(
        "{{ tasks(filter: {{id: {{eq: \"{task}\"}}}}, orderBy: [{order}]) {{ pageInfo {{ endCursor }} }} }}"
    );
    app.query(&document).await["tasks"]["pageInfo"]["endCursor"].take()
}

pub(super) async fn cases(app: &App) -> Vec<Asked> {
    let mut cases = Vec::new();
    for (order, index, direction) in stored() {
        let arguments = format!("orderBy: [{order}], first: {PAGE}");
        let fields = "nodes { id title status }";
        let scan = format!("using {index} on tasks");
        let after = cursor(app, &order, index, direction).await;
        assert!(after.is_string(), "{order}");
        cases.push(Asked {
            document: format!("{{ tasks({arguments}) {{ {fields} }} }}"),
            variables: json!({}),
            names: vec![scan.clone()],
            lacks: &["Sort"],
        });
        cases.push(Asked {
            document: format!(
                "query ($after: String) {{ tasks({arguments}, after: $after) {{ {fields} }} }}"
            ),
            variables: json!({ "after": after }),
            names: vec![scan, STARTS.to_owned()],
            lacks: &["Sort"],
        });
    }
    cases
}

/// Asks for each of them: relevance is that to a search.
pub(super) async fn ask_computed(app: &App) {
    for order in COMPUTED {
        for direction in ["ASC", "DESC"] {
            let search = match order {
                "relevance" => "filter: {search: \"call 3f\"}, ",
                _ => "",
            };
            let arguments = format!("{search}orderBy: [{{{order}: {direction}}}], first: {PAGE}");
            app.query(&format!("{{ tasks({arguments}) {{ nodes {{ id }} }} }}")).await;
        }
    }
}
