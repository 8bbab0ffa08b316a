//! Pages of a list that changes while it is paged through: what nobody touched is shown once, in its order.

use crate::app::App;
use crate::oracle::world::Dice;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const ORDERS: [&str; 7] = [
    "[{title: ASC}]",
    "[{title: DESC}]",
    "[{due: ASC_NULLS_FIRST}]",
    "[{due: DESC}, {priority: ASC}, {title: DESC}]",
    "[{manual: ASC}]",
    "[{priority: DESC}, {due: ASC}]",
    "[{updatedAt: DESC}]",
];

/// A task's input, with few titles and days, so that many are alike.
fn rolled(dice: &mut Dice) -> Value {
    let title = format!("Task {}", dice.below(6));
    let due = dice.pick(&[json!(null), json!("2026-01-20"), json!("2026-02-01")]);
    json!({"title": title, "dueDate": due, "priority": dice.pick(&["LOW", "HIGH"])})
}

/// The ids of a page, and the cursor behind it where there is more.
async fn page(app: &App, order: &str, backward: bool, cursor: &Value) -> (Vec<Value>, Value) {
    let (size, place, more, end) = if backward {
        ("last", "before", "hasPreviousPage", "startCursor")
    } else {
        ("first", "after", "hasNextPage", "endCursor")
    };
    let document = format!(
        "query ($cursor: String) {{ tasks({size}: 7, {place}: $cursor, orderBy: {order}) \
            {{ pageInfo {{ {more} {end} }} nodes {{ id }} }} }}"
    );
    let response = app.respond(&document, json!({ "cursor": cursor })).await;
    let list = &response["data"]["tasks"];
    let ids = list["nodes"].as_array().unwrap_or_else(|| panic!("{response}"));
    let mut ids: Vec<_> = ids.iter().map(|node| node["id"].clone()).collect();
    if backward {
        ids.reverse();
    }
    let info = &list["pageInfo"];
    (ids, if info[more] == json!(true) { info[end].clone() } else { Value::Null })
}

/// Makes, changes and deletes some tasks; gives those that it touched.
async fn disturb(app: &App, dice: &mut Dice, there: &[Value], at_cursor: &Value) -> Vec<Value> {
    app.mutate("createTask", rolled(dice), "cursor").await;
    let (changed, gone) = (dice.pick(there), dice.pick(there));
    let change = json!({"id": changed, "patch": rolled(dice)});
    app.mutate("updateTask", change, "cursor").await;
    let gone = if dice.one_in(2) { at_cursor.clone() } else { gone };
    app.mutate("deleteTask", json!({"id": gone}), "cursor").await;
    vec![changed, gone]
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_touches_is_shown_once_and_in_its_order_while_others_change() {
    let app = App::new();
    let mut dice = Dice(7);
    for order in ORDERS {
        for backward in [false, true] {
            app.sql("TRUNCATE tasks, task_tags, search_documents, changes, outcomes CASCADE").await;
            let mut there = Vec::new();
            for _ in 0..40 {
                let made = app.mutate("createTask", rolled(&mut dice), "task { id }").await;
                there.push(made["task"]["id"].clone());
            }
            let (mut seen, mut touched, mut cursor) = (Vec::new(), BTreeSet::new(), Value::Null);
            loop {
                let (ids, next) = page(&app, order, backward, &cursor).await;
                seen.extend(ids);
                if next.is_null() {
                    break;
                }
                cursor = next;
                let last = seen.last().unwrap();
                let others = disturb(&app, &mut dice, &there, last).await;
                touched.extend(others.iter().map(Value::to_string));
            }
            let whole = format!("{{ tasks(first: 500, orderBy: {order}) {{ nodes {{ id }} }} }}");
            let whole = app.query(&whole).await;
            let ids = whole["tasks"]["nodes"].as_array().unwrap().iter();
            let mut all: Vec<_> = ids.map(|node| node["id"].clone()).collect();
            if backward {
                all.reverse();
            }
            let untouched = |id: &Value| there.contains(id) && !touched.contains(&id.to_string());
            all.retain(untouched);
            seen.retain(untouched);
            assert!(all.len() > 15, "{} are left", all.len());
            assert_eq!(seen, all, "{order}, backward: {backward}");
        }
    }
}
