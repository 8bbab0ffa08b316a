//! Filters from a seed.

use super::world::{
    Dice, ENERGY, ESTIMATE, PRIORITY, PROJECT_STATUS, STATUS, TEXTS, World, day, instant,
};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Filters from a seed.
pub(crate) struct Filters<'a> {
    pub(crate) world: &'a World,
    pub(crate) dice: Dice,
}

impl Filters<'_> {
    /// A filter of tasks, projects or tags; `levels` may be nested in it.
    pub(crate) fn of(&mut self, kind: &str, levels: usize) -> Value {
        let mut filter = Map::new();
        for _ in 0..self.dice.pick(&[0, 1, 1, 1, 2, 3]) {
            let (key, value) = match self.dice.below(4) {
                0 if levels > 1 => self.junction(kind, levels - 1),
                _ => self.field(kind, levels - 1),
            };
            filter.insert(key.to_owned(), value);
        }
        Value::Object(filter)
    }

    fn junction(&mut self, kind: &str, levels: usize) -> (&'static str, Value) {
        match self.dice.below(3) {
            0 => ("not", self.of(kind, levels)),
            side => {
                let many = self.dice.pick(&[0, 1, 2, 2]);
                let filters: Vec<_> = (0..many).map(|_| self.of(kind, levels)).collect();
                (if side == 1 { "and" } else { "or" }, json!(filters))
            }
        }
    }

    fn field(&mut self, kind: &str, levels: usize) -> (&'static str, Value) {
        let key = match kind {
            "task" => self.dice.pick(&[
                "id",
                "title",
                "description",
                "source",
                "status",
                "priority",
                "energy",
                "timeEstimate",
                "due",
                "due",
                "dueAt",
                "scheduledDate",
                "snoozedUntil",
                "isOpen",
                "isOverdue",
                "createdAt",
                "updatedAt",
                "completedAt",
                "project",
                "parent",
                "hasProject",
                "hasParent",
                "tags",
                "subtasks",
            ]),
            "project" => self.dice.pick(&[
                "id",
                "title",
                "description",
                "projectStatus",
                "tasks",
                "createdAt",
                "updatedAt",
            ]),
            _ => self.dice.pick(&[
                "id",
                "name",
                "prefix",
                "label",
                "tasks",
                "createdAt",
                "updatedAt",
            ]),
        };
        let boolean = json!(self.dice.one_in(2));
        let value = match key {
            "id" => self.compare(&["eq", "neq", "in", "notIn"], |it| json!(it.any_id())),
            "title" | "description" | "source" | "name" | "prefix" | "label" => self.text(),
            "status" => {
                self.compare(&["eq", "neq", "in", "notIn"], |it| json!(it.dice.pick(&STATUS)))
            }
            "projectStatus" => {
                let filter = self.compare(&["eq", "neq", "in", "notIn"], |it| {
                    json!(it.dice.pick(&PROJECT_STATUS))
                });
                return ("status", filter);
            }
            "priority" => self.compare(&ALL[..8], |it| json!(it.dice.pick(&PRIORITY))),
            "energy" => self.compare(&["eq", "neq", "in", "notIn", "isNull"], |it| {
                json!(it.dice.pick(&ENERGY))
            }),
            "timeEstimate" => self.compare(&["eq", "neq", "in", "notIn", "isNull"], |it| {
                json!(it.dice.pick(&ESTIMATE))
            }),
            "due" | "scheduledDate" => {
                self.compare(&ALL, |it| json!(day(&mut it.dice, it.world.now).to_string()))
            }
            "dueAt" | "snoozedUntil" | "createdAt" | "updatedAt" | "completedAt" => {
                let operators = ["eq", "neq", "lt", "lte", "gt", "gte", "isNull"];
                self.compare(&operators, |it| json!(instant(&mut it.dice, it.world.now)))
            }
            "isOpen" | "isOverdue" | "hasProject" | "hasParent" => boolean,
            "project" | "parent" if levels == 0 => {
                return ("isOpen", boolean);
            }
            "project" => self.of("project", levels),
            "parent" => self.of("task", levels),
            "tags" => self.list("tag", levels),
            _ => self.list("task", levels),
        };
        (key, value)
    }

    fn any_id(&mut self) -> Uuid {
        match self.dice.below(4) {
            0 => self.dice.pick(&self.world.tags).id,
            1 => self.dice.pick(&self.world.projects).id,
            _ => self.dice.pick(&self.world.tasks).id,
        }
    }

    fn compare(&mut self, operators: &[&str], value: impl Fn(&mut Self) -> Value) -> Value {
        let mut filter = Map::new();
        for _ in 0..self.dice.pick(&[1, 1, 1, 2]) {
            let operator = self.dice.pick(operators);
            let argument = match operator {
                "in" | "notIn" => {
                    let many = self.dice.below(4);
                    (0..many).map(|_| value(self)).collect()
                }
                "isNull" => json!(self.dice.one_in(2)),
                _ => value(self),
            };
            filter.insert(operator.to_owned(), argument);
        }
        Value::Object(filter)
    }

    fn text(&mut self) -> Value {
        let operators = [
            "eq",
            "neq",
            "in",
            "notIn",
            "contains",
            "notContains",
            "startsWith",
            "endsWith",
            "isEmpty",
        ];
        let operator = self.dice.pick(&operators);
        if operator == "isEmpty" {
            return json!({"isEmpty": self.dice.one_in(2)});
        }
        let mut filter = self.compare(&[operator], |it| {
            let whole: Vec<char> = it.dice.pick(&TEXTS).chars().collect();
            // A piece of a text, cut anywhere, and sometimes shouted.
            let start = it.dice.below(whole.len());
            let end = start + 1 + it.dice.below(whole.len() - start);
            let piece: String =
                if it.dice.one_in(2) { whole } else { whole[start..end].to_vec() }.iter().collect();
            json!(if it.dice.one_in(3) { piece.to_uppercase() } else { piece })
        });
        if self.dice.one_in(4) {
            filter["caseSensitive"] = json!(true);
        }
        filter
    }

    fn list(&mut self, kind: &str, levels: usize) -> Value {
        let words: &[&str] = match (kind, levels) {
            ("tag", 0) => &["hasAny", "hasAll", "hasNone", "isEmpty", "count"],
            ("tag", _) => {
                &["hasAny", "hasAll", "hasNone", "isEmpty", "count", "some", "every", "none"]
            }
            (_, 0) => &["isEmpty", "count"],
            _ => &["isEmpty", "count", "some", "every", "none"],
        };
        let word = self.dice.pick(words);
        let value = match word {
            "isEmpty" => json!(self.dice.one_in(2)),
            "count" => self.compare(&ALL[..8], |it| json!(it.dice.below(4))),
            "some" | "every" | "none" => self.of(kind, levels),
            _ => {
                let many = self.dice.below(3);
                (0..many).map(|_| json!(self.dice.pick(&self.world.tags).id)).collect()
            }
        };
        json!({ word: value })
    }
}

const ALL: [&str; 9] = ["eq", "neq", "in", "notIn", "lt", "lte", "gt", "gte", "isNull"];
