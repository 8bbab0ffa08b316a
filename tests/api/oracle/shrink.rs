//! Smaller questions: what can be left out of one that fails, and what is left then.

use super::case::Case;
use super::page::Mismatch;
use super::world::{Dice, World};
use crate::app::App;
use serde_json::Value;

/// How many smaller questions are asked at most.
const PATIENCE: usize = 300;

/// The smallest question in this one that fails too, and how.
pub(crate) async fn shrink(
    mut case: Case,
    mut mismatch: Mismatch,
    app: &App,
    world: &World,
    dice: u64,
) -> (Case, Mismatch) {
    let mut asked = 0;
    'again: loop {
        for smaller in smaller(&case) {
            asked += 1;
            if asked > PATIENCE {
                return (case, mismatch);
            }
            if let Err(still) = smaller.check(app, world, Dice(dice)).await {
                (case, mismatch) = (smaller, still);
                continue 'again;
            }
        }
        return (case, mismatch);
    }
}

/// The question without one part of its filter or one key of its order.
fn smaller(case: &Case) -> Vec<Case> {
    let mut filters = Vec::new();
    without_a_part(&case.filter, &mut |filter| filters.push(filter));
    let mut orders = Vec::new();
    without_a_part(&case.orders, &mut |order| orders.push(order));
    // A key of an order is whole or not there at all.
    orders.retain(|order| {
        order.as_array().unwrap().iter().all(|key| key != &Value::Object(serde_json::Map::new()))
    });
    let filters = filters.into_iter().map(|filter| Case { filter, ..case.clone() });
    filters.chain(orders.into_iter().map(|orders| Case { orders, ..case.clone() })).collect()
}

/// Gives the value once for each part that can be left out, the largest parts first.
fn without_a_part(value: &Value, give: &mut dyn FnMut(Value)) {
    match value {
        Value::Object(fields) => {
            for name in fields.keys() {
                let mut rest = fields.clone();
                rest.remove(name);
                give(Value::Object(rest));
            }
            for (name, field) in fields {
                without_a_part(field, &mut |smaller| {
                    let mut changed = fields.clone();
                    changed[name] = smaller;
                    give(Value::Object(changed));
                });
            }
        }
        Value::Array(items) => {
            for n in 0..items.len() {
                let mut rest = items.clone();
                rest.remove(n);
                give(Value::Array(rest));
            }
            for (n, item) in items.iter().enumerate() {
                without_a_part(item, &mut |smaller| {
                    let mut changed = items.clone();
                    changed[n] = smaller;
                    give(Value::Array(changed));
                });
            }
        }
        _ => {}
    }
}

#[test]
fn each_part_of_a_question_can_be_left_out() {
    let mut parts = Vec::new();
    let value = serde_json::json!({"a": [1, 2], "b": {"c": 3}});
    without_a_part(&value, &mut |smaller| parts.push(smaller.to_string()));
    let expected = [
        r#"{"b":{"c":3}}"#,
        r#"{"a":[1,2]}"#,
        r#"{"a":[2],"b":{"c":3}}"#,
        r#"{"a":[1],"b":{"c":3}}"#,
        r#"{"a":[1,2],"b":{}}"#,
    ];
    assert_eq!(parts, expected);
}
