//! Every view: its page of rows in the order in which the apps show it, and its count.

use super::Asked;
use serde_json::json;

/// A view, the arguments of its page of rows, and what the plans of the rows and of the count name.
pub(super) const VIEWS: [(&str, &str, &str, &str); 7] = [
    (
        "TODAY",
        "orderBy: [{priority: DESC}, {due: ASC}], first: 100",
        "using tasks_open_priority_due_idx",
        "using tasks_open_idx",
    ),
    (
        "OVERDUE",
        "orderBy: [{due: ASC}], first: 100",
        "using tasks_open_due_idx",
        "using tasks_open_idx",
    ),
    // A week is found by its days and then sorted.
    ("UPCOMING", "orderBy: [{due: ASC}], first: 100", " tasks_open_idx", "using tasks_open_idx"),
    ("INBOX", "first: 100", "using tasks_status_position_idx", "using tasks_open_top_level_idx"),
    (
        "QUICK_WINS",
        "orderBy: [{due: ASC}], first: 100",
        "using tasks_open_due_idx",
        "using tasks_open_top_level_idx",
    ),
    // The undated among the open ones are about as many as the open ones that are no parts: either index.
    ("UNSCHEDULED", "first: 100", "using tasks_position_idx", "using tasks_open_"),
    // In its order where the days are known, otherwise by day.
    (
        "RECENTLY_DONE",
        "orderBy: [{completedAt: DESC}], first: 100",
        "using tasks_completed_at_",
        "using tasks_completed_at_day_idx",
    ),
];

pub(super) fn cases() -> impl Iterator<Item = Asked> {
    VIEWS.into_iter().flat_map(|(view, arguments, rows, count)| {
        let list = |arguments: &str, fields: &str| {
            format!("{{ tasks(filter: {{view: {view}}}{arguments}) {{ {fields} }} }}")
        };
        let page = Asked {
            document: list(&format!(", {arguments}"), "nodes { id }"),
            variables: json!({}),
            names: vec![rows.to_owned()],
            lacks: &[],
        };
        let count = Asked {
            document: list("", "totalCount"),
            variables: json!({}),
            names: vec![format!("Index Only Scan {count}")],
            lacks: &[],
        };
        [page, count]
    })
}
