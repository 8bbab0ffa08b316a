//! What a device only does online, and sends until it is answered: changes of many records at once, and verbs of
//! which a queue knows nothing.

use super::action::{Names, Operation};
use super::device::{Copy, Kind};
use crate::oracle::world::Dice;
use serde_json::{Value, json};

/// Something to do; nothing where there is nothing to do it to.
pub(super) fn roll(dice: &mut Dice, names: &mut Names, copy: &Copy) -> Option<Operation> {
    let known = |of: Kind| {
        let live = copy.live.iter().filter(move |((kind, _), _)| *kind == of);
        live.filter(|(_, record)| record["source"] != "slow").map(|((_, id), _)| id.clone())
    };
    let tasks: Vec<_> = known(Kind::Task).collect();
    let verbs = [
        "updateTasks",
        "updateTasks",
        "deleteTasks",
        "createTasks",
        "snoozeTask",
        "mergeTags",
        "quickAdd",
    ];
    let mut operation = names.operation(dice.pick(&verbs), json!({}));
    let mark = operation.mark.clone();
    operation.input = match operation.verb {
        "createTasks" => {
            let task = |n| json!({"title": format!("T{mark}"), "description": format!("{mark}x{n}"), "tagNames": ["home"]});
            json!({"tasks": (0..=dice.below(3)).map(task).collect::<Vec<_>>()})
        }
        "quickAdd" => json!({"text": format!("T{mark} #m{mark} #work !high tomorrow")}),
        "mergeTags" => {
            // A name that came with a task tells whether the task's operation was done.
            let renamed = |id: &String| {
                copy.live[&(Kind::Tag, id.clone())]["name"].as_str().unwrap().starts_with('t')
            };
            let (sources, others): (Vec<_>, Vec<_>) = known(Kind::Tag).partition(renamed);
            let source = (!sources.is_empty()).then(|| dice.pick(&sources))?;
            let others = others.into_iter().chain(sources).filter(|id| *id != source);
            let others: Vec<_> = others.collect();
            let into = (!others.is_empty()).then(|| dice.pick(&others))?;
            json!({"sourceId": source, "intoId": into})
        }
        _ if tasks.is_empty() => return None,
        "snoozeTask" => json!({"id": dice.pick(&tasks), "minutes": 60}),
        verb => {
            let ids: Vec<_> = (0..=dice.below(3)).map(|_| dice.pick(&tasks)).collect();
            let target = json!({ "ids": ids });
            if verb == "deleteTasks" {
                json!({ "target": target })
            } else {
                json!({"target": target, "patch": {"source": mark}})
            }
        }
    };
    Some(operation)
}

/// What a payload shows of the records that were written.
pub(super) fn payload(verb: &str) -> &'static str {
    match verb {
        "mergeTags" => "record: tag { id version }",
        "snoozeTask" | "quickAdd" => "record: task { id version }",
        _ => "tasks { id version }",
    }
}

/// The operations of which it consists: one for each record that it writes.
pub(super) fn parts(operation: &Operation, payload: &Value) -> Vec<(Operation, Value)> {
    let one = |verb: &'static str, input: Value| Operation { verb, input, ..operation.clone() };
    let told = |task: &Value| json!({"id": task["id"]});
    let records = payload["tasks"].as_array().cloned();
    let records = records.unwrap_or_else(|| vec![payload["record"].clone()]);
    let of = |(n, record): (usize, Value)| {
        let part = match operation.verb {
            "createTasks" => created(operation).swap_remove(n),
            "deleteTasks" => one("deleteTask", told(&record)),
            "updateTasks" => {
                one("updateTask", json!({"id": record["id"], "patch": operation.input["patch"]}))
            }
            _ => operation.clone(),
        };
        (part, record)
    };
    records.into_iter().enumerate().map(of).collect()
}

/// The operations of which it is to be known whether they were done once: of many new records each is one.
pub(super) fn created(operation: &Operation) -> Vec<Operation> {
    let Some(items) = operation.input["tasks"].as_array() else {
        return vec![operation.clone()];
    };
    let of = |(n, item): (usize, &Value)| Operation {
        key: format!("{}/{n}", operation.key),
        verb: "createTask",
        input: item.clone(),
        mark: item["description"].as_str().unwrap().to_owned(),
    };
    items.iter().enumerate().map(of).collect()
}
