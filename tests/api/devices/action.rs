//! What a person does on a device: operations of any kind, on what the device knows.

use super::device::{Copy, Kind};
use crate::oracle::world::Dice;
use serde_json::{Map, Value, json};

/// Tags that everyone names.
const SHARED: [&str; 3] = ["home", "work", "garden"];

/// One operation: a mutation of this name with this input, under a key.
#[derive(Clone, Debug)]
pub(super) struct Operation {
    pub(super) key: String,
    pub(super) verb: &'static str,
    pub(super) input: Value,
    /// Text that no other operation writes.
    pub(super) mark: String,
}

impl Operation {
    pub(super) fn kind(&self) -> Kind {
        match self.verb {
            verb if verb.contains("Task") || verb == "quickAdd" => Kind::Task,
            verb if verb.contains("Project") => Kind::Project,
            _ => Kind::Tag,
        }
    }

    /// The record that it names, a new one too where the client made its id.
    pub(super) fn record(&self) -> Option<(Kind, String)> {
        self.input["id"].as_str().map(|id| (self.kind(), id.to_owned()))
    }

    /// As an operation of a push.
    pub(super) fn in_push(&self) -> Value {
        json!({"opId": self.key, "action": {self.verb: self.input}})
    }
}

/// Makes ids and marks, each once in a run.
#[derive(Default)]
pub(super) struct Names(u64);

impl Names {
    pub(super) fn id(&mut self) -> String {
        self.0 += 1;
        format!("0199bda0-0000-7000-8000-{:012x}", self.0)
    }

    pub(super) fn operation(&mut self, verb: &'static str, input: Value) -> Operation {
        let key = self.id();
        Operation { key, verb, input, mark: format!("m{}", self.0) }
    }
}

/// A live record that may be named; what the slow writer holds is left alone.
fn known(dice: &mut Dice, kind: Kind, copy: &Copy, made: &[(Kind, String)]) -> Option<String> {
    let live = copy.live.iter().filter(|((of, _), _)| *of == kind);
    let live = live.filter(|(_, record)| record["source"] != "slow");
    let made = made.iter().filter(|(of, _)| *of == kind).map(|(_, id)| id.clone());
    let ids: Vec<_> = live.map(|((_, id), _)| id.clone()).chain(made).collect();
    if ids.is_empty() { None } else { Some(dice.pick(&ids)) }
}

/// Something to do; nothing where there is nothing to do it to.
pub(super) fn roll(
    dice: &mut Dice,
    names: &mut Names,
    copy: &Copy,
    made: &[(Kind, String)],
) -> Option<Operation> {
    let kind = dice.pick(&[Kind::Task, Kind::Task, Kind::Task, Kind::Project, Kind::Tag]);
    let target = known(dice, kind, copy, made);
    match (dice.below(12), kind) {
        (0, _) => Some(create(dice, names, kind, copy, made)),
        (1, _) => restore(dice, names, kind, copy),
        (2, _) if dice.one_in(2) => {
            Some(refer(dice, names, kind.verbs().delete, copy, (kind, target?)))
        }
        (3, Kind::Task) => {
            let verb = dice.pick(&["completeTask", "reopenTask"]);
            Some(refer(dice, names, verb, copy, (kind, target?)))
        }
        (4, Kind::Task) => {
            let place = match (dice.below(4), known(dice, Kind::Task, copy, made)?) {
                (0, _) => json!({"firstIn": {"noProject": true}}),
                (1, id) => json!({"before": id}),
                (2, id) => json!({"after": id}),
                _ => json!({"lastIn": {"projectId": known(dice, Kind::Project, copy, made)?}}),
            };
            Some(names.operation("moveTask", json!({"id": target?, "place": place})))
        }
        _ => Some(update(dice, names, (kind, target?), copy, made)),
    }
}

/// A new record.
pub(super) fn create(
    dice: &mut Dice,
    names: &mut Names,
    kind: Kind,
    copy: &Copy,
    made: &[(Kind, String)],
) -> Operation {
    let mut operation = names.operation(kind.verbs().create, json!({}));
    let mark = operation.mark.clone();
    let input = match kind {
        Kind::Task => {
            let mut input = json!({"title": format!("T{mark}"), "description": mark});
            input["subtasks"] = vec![json!("part"); [0, 0, 0, 2][dice.below(4)]].into();
            if dice.one_in(2) {
                input["tagNames"] = json!([dice.pick(&SHARED), format!("m{mark}")]);
            }
            for (field, kind) in [("projectId", Kind::Project), ("parentId", Kind::Task)] {
                if let Some(id) = known(dice, kind, copy, made).filter(|_| dice.one_in(3)) {
                    input[field] = id.into();
                }
            }
            input
        }
        Kind::Project => json!({"title": format!("T{mark}"), "description": mark}),
        Kind::Tag if dice.one_in(4) => json!({"name": dice.pick(&SHARED)}),
        Kind::Tag => json!({"name": format!("t{mark}")}),
    };
    operation.input = input;
    if !dice.one_in(4) {
        operation.input["id"] = names.id().into();
    }
    operation
}

fn restore(dice: &mut Dice, names: &mut Names, kind: Kind, copy: &Copy) -> Option<Operation> {
    let gone: Vec<_> = copy.gone.keys().filter(|(of, _)| *of == kind).cloned().collect();
    if gone.is_empty() {
        return None;
    }
    let (_, id) = dice.pick(&gone);
    Some(names.operation(kind.verbs().restore, json!({ "id": id })))
}

/// With the version that the device knows, where it knows one.
fn refer(
    dice: &mut Dice,
    names: &mut Names,
    verb: &'static str,
    copy: &Copy,
    (kind, id): (Kind, String),
) -> Operation {
    let version = copy.live.get(&(kind, id.clone())).map(|record| record["version"].clone());
    let mut input = json!({ "id": id });
    if let Some(version) = version.filter(|_| !dice.one_in(6)) {
        input["baseVersion"] = version;
    }
    names.operation(verb, input)
}

fn update(
    dice: &mut Dice,
    names: &mut Names,
    (kind, id): (Kind, String),
    copy: &Copy,
    made: &[(Kind, String)],
) -> Operation {
    let mut operation = refer(dice, names, kind.verbs().update, copy, (kind, id.clone()));
    let mark = operation.mark.clone();
    let mut patch = Map::new();
    while patch.is_empty() {
        for (field, values) in fields(kind, &mark) {
            if dice.one_in(4) {
                patch.insert((*field).to_owned(), dice.pick(&values));
            }
        }
    }
    if kind == Kind::Task {
        link(dice, &mut patch, &mark, copy, made);
    }
    // A name that came with a task tells whether the task's operation was done.
    let named = copy
        .live
        .get(&(kind, id))
        .is_some_and(|tag| kind == Kind::Tag && !tag["name"].as_str().unwrap().starts_with('t'));
    if named {
        patch = Map::from_iter([("color".to_owned(), json!("#112233"))]);
    }
    operation.input["patch"] = patch.into();
    operation.input["onConflict"] = dice.pick(&["MERGE", "MERGE", "REJECT", "OVERWRITE"]).into();
    operation
}

/// The fields of which the ledger keeps account, with values for them.
fn fields(kind: Kind, mark: &str) -> Vec<(&'static str, Vec<Value>)> {
    let marked = vec![json!(format!("t{mark}"))];
    let color = ("color", vec![Value::Null, json!("#112233"), json!("#445566")]);
    match kind {
        Kind::Task => vec![
            ("title", marked),
            ("source", vec![Value::Null, json!("phone"), json!(mark)]),
            ("priority", vec![json!("LOW"), json!("HIGH")]),
            ("status", vec![json!("TODO"), json!("BLOCKED"), json!("IN_PROGRESS")]),
            ("dueDate", vec![Value::Null, json!("2026-02-01"), json!("2026-03-01")]),
        ],
        Kind::Project => {
            vec![("title", marked), color, ("icon", vec![Value::Null, json!(mark)])]
        }
        Kind::Tag => vec![("name", marked), color],
    }
}

/// Links to other records.
fn link(
    dice: &mut Dice,
    patch: &mut Map<String, Value>,
    mark: &str,
    copy: &Copy,
    made: &[(Kind, String)],
) {
    let tag = known(dice, Kind::Tag, copy, made);
    match (dice.below(6), tag) {
        (0, Some(tag)) => patch.insert("tagIds".to_owned(), json!([tag])),
        (1, Some(tag)) => patch.insert("removeTagIds".to_owned(), json!([tag])),
        (2, Some(tag)) => patch.insert("addTagIds".to_owned(), json!([tag])),
        (3, _) => patch.insert("addTagNames".to_owned(), json!([format!("m{mark}"), "home"])),
        _ => None,
    };
    for (field, kind) in [("projectId", Kind::Project), ("parentId", Kind::Task)] {
        if dice.one_in(6) {
            let id = known(dice, kind, copy, made).filter(|_| !dice.one_in(4));
            patch.insert(field.to_owned(), id.into());
        }
    }
}
