//! Filters from a seed.

use super::days::{UNITS, VIEWS, WINDOWS};
use super::search;
use super::text::piece;
use super::world::{Dice, ENERGY, ESTIMATE, PRIORITY, PROJECT_STATUS, STATUS, World, day, instant};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// How many conditions a filter may hold.
const CONDITIONS: usize = 100;

/// Filters from a seed.
pub(crate) struct Filters<'a> {
    world: &'a World,
    dice: Dice,
    /// How many conditions may still be said.
    left: usize,
}

impl<'a> Filters<'a> {
    pub(crate) fn new(world: &'a World, dice: Dice) -> Self {
        Self { world, dice, left: CONDITIONS }
    }
}

impl Filters<'_> {
    /// A filter of this kind: small, wide or deep.
    pub(crate) fn any(&mut self, kind: &str) -> Value {
        match self.dice.below(16) {
            0 => self.deep(kind, 8),
            1 => {
                let many = 10 + self.dice.below(40);
                let filters: Vec<_> = (0..many).map(|_| self.of(kind, 2)).collect();
                json!({ self.dice.pick(&["and", "or"]): filters })
            }
            _ => {
                let levels = self.dice.pick(&[1, 2, 3, 8]);
                self.of(kind, levels)
            }
        }
    }

    /// A filter that is as deep as it may be.
    fn deep(&mut self, kind: &str, levels: usize) -> Value {
        let mut filter = self.of(kind, 1);
        if levels == 1 {
            return filter;
        }
        let inside = |it: &mut Self, kind: &str| it.deep(kind, levels - 1);
        let way = self.dice.below(5);
        let (key, value) = match (kind, way) {
            (_, 0) => ("not", inside(self, kind)),
            (_, 1) => ("or", json!([inside(self, kind), self.of(kind, 1)])),
            ("Task", 2) => ("project", inside(self, "Project")),
            ("Task", 3) => ("parent", inside(self, "Task")),
            ("Task", _) if self.dice.one_in(2) => ("tags", json!({"some": inside(self, "Tag")})),
            ("Task", _) => ("subtasks", json!({"every": inside(self, "Task")})),
            _ => (
                "tasks",
                json!({ self.dice.pick(&["some", "every", "none"]): inside(self, "Task") }),
            ),
        };
        filter[key] = value;
        filter
    }

    /// A filter of tasks, projects or tags of at most so many levels.
    fn of(&mut self, kind: &str, levels: usize) -> Value {
        let mut filter = Map::new();
        for _ in 0..self.dice.pick(&[0, 1, 1, 1, 2, 3]) {
            // A line says eleven conditions at most.
            if self.left < 11 {
                break;
            }
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
        let words: &[&str] = match kind {
            "Task" => &TASK,
            "Project" => &PROJECT,
            _ => &TAG,
        };
        let key = self.dice.pick(words);
        self.left = self.left.saturating_sub(1);
        let value = match key {
            "id" => self.compare(&EQUAL, |it| json!(it.any_id())),
            "title" | "description" | "source" | "name" | "prefix" | "label" => self.text(),
            "status" if kind == "Task" => self.word(&EQUAL, &STATUS),
            "status" => self.word(&EQUAL, &PROJECT_STATUS),
            "priority" => self.word(&RANKED, &PRIORITY),
            "energy" => self.word(&NULLABLE, &ENERGY),
            "timeEstimate" => self.word(&NULLABLE, &ESTIMATE),
            "due" | "scheduledDate" => self.compare(&DAY, Self::day),
            "dueAt" | "snoozedUntil" | "createdAt" | "updatedAt" | "completedAt" => {
                self.compare(&INSTANT, Self::instant)
            }
            "search" => json!(search::roll(&mut self.dice)),
            "view" => json!(self.dice.pick(&VIEWS)),
            "isOpen" | "isOverdue" | "hasProject" | "hasParent" => json!(self.dice.one_in(2)),
            // A record of a relation is a level deeper.
            "project" | "parent" if levels == 0 => return ("isOpen", json!(self.dice.one_in(2))),
            "project" => self.of("Project", levels),
            "parent" => self.of("Task", levels),
            "tags" => self.list("Tag", levels),
            _ => self.list("Task", levels),
        };
        (key, value)
    }

    /// Any record's id, sometimes as other programs write it.
    fn any_id(&mut self) -> String {
        let id = match self.dice.below(4) {
            0 => self.dice.pick(&self.world.tags).id,
            1 => self.dice.pick(&self.world.projects).id,
            _ => self.dice.pick(&self.world.tasks).id,
        };
        self.written(id)
    }

    fn tag_id(&mut self) -> String {
        if self.dice.one_in(8) {
            return self.any_id();
        }
        let id = self.dice.pick(&self.world.tags).id;
        self.written(id)
    }

    fn written(&mut self, id: Uuid) -> String {
        match self.dice.below(8) {
            0 => id.simple().to_string(),
            1 => id.to_string().to_uppercase(),
            _ => id.to_string(),
        }
    }

    /// An instant, sometimes as it is written elsewhere.
    fn instant(&mut self) -> Value {
        let instant = instant(&mut self.dice, self.world.now);
        let offset = self.dice.pick(&[0, 0, 345, 630, 825, -300]);
        let offset = chrono::FixedOffset::east_opt(offset * 60).unwrap();
        json!(instant.with_timezone(&offset).to_rfc3339())
    }

    fn word(&mut self, operators: &[&str], words: &[&str]) -> Value {
        self.compare(operators, |it| json!(it.dice.pick(words)))
    }

    fn text(&mut self) -> Value {
        let mut filter = self.compare(&TEXT, |it| json!(piece(&mut it.dice)));
        if self.dice.one_in(4) {
            filter["caseSensitive"] = json!(self.dice.one_in(2));
        }
        filter
    }

    fn compare(&mut self, operators: &[&str], value: impl Fn(&mut Self) -> Value) -> Value {
        let mut filter = Map::new();
        for _ in 0..self.dice.pick(&[0, 1, 1, 1, 1, 1, 1, 2, 3]) {
            self.left = self.left.saturating_sub(1);
            let operator = self.dice.pick(operators);
            let argument = match operator {
                "in" | "notIn" => {
                    let many = self.dice.below(5);
                    (0..many).map(|_| value(self)).collect()
                }
                "isNull" | "isEmpty" => json!(self.dice.one_in(2)),
                "onDate" => self.day(),
                "during" => json!(self.dice.pick(&WINDOWS)),
                "withinNext" | "withinLast" => {
                    let amount = self.dice.pick(&[0, 1, 1, 2, 40, 700]);
                    json!({"amount": amount, "unit": self.dice.pick(&UNITS)})
                }
                "relative" => self.relative(),
                _ => value(self),
            };
            filter.insert(operator.to_owned(), argument);
        }
        Value::Object(filter)
    }

    fn day(&mut self) -> Value {
        json!(day(&mut self.dice, self.world.now).to_string())
    }

    fn relative(&mut self) -> Value {
        let mut filter = Map::new();
        for _ in 0..self.dice.below(3) {
            self.left = self.left.saturating_sub(1);
            let mut offset = Map::new();
            if !self.dice.one_in(3) {
                let amount = self.dice.pick(&[-40, -2, -1, 0, 1, 2, 3, 700]);
                offset.insert("amount".to_owned(), json!(amount));
            }
            if !self.dice.one_in(3) {
                offset.insert("unit".to_owned(), json!(self.dice.pick(&UNITS)));
            }
            let operator = self.dice.pick(&["eq", "lt", "lte", "gt", "gte"]);
            filter.insert(operator.to_owned(), Value::Object(offset));
        }
        Value::Object(filter)
    }

    /// A filter of a list of tags or tasks.
    fn list(&mut self, kind: &str, levels: usize) -> Value {
        let words = ["isEmpty", "count", "some", "every", "none", "hasAny", "hasAll", "hasNone"];
        let words: Vec<_> = words
            .into_iter()
            .filter(|word| kind == "Tag" || !word.starts_with("has"))
            .filter(|word| levels > 0 || !["some", "every", "none"].contains(word))
            .collect();
        let mut filter = Map::new();
        for _ in 0..self.dice.pick(&[1, 1, 1, 2]) {
            self.left = self.left.saturating_sub(1);
            let word = self.dice.pick(&words);
            let value = match word {
                "isEmpty" => json!(self.dice.one_in(2)),
                "count" => self.compare(&ALL, |it| json!(it.dice.below(6))),
                "some" | "every" | "none" => self.of(kind, levels),
                _ => {
                    let many = self.dice.below(3);
                    (0..many).map(|_| json!(self.tag_id())).collect()
                }
            };
            filter.insert(word.to_owned(), value);
        }
        Value::Object(filter)
    }
}

const TASK: [&str; 25] = [
    "id",
    "title",
    "description",
    "source",
    "status",
    "priority",
    "energy",
    "timeEstimate",
    "due",
    "dueAt",
    "scheduledDate",
    "snoozedUntil",
    "isOpen",
    "isOverdue",
    "view",
    "createdAt",
    "updatedAt",
    "completedAt",
    "project",
    "parent",
    "hasProject",
    "hasParent",
    "tags",
    "subtasks",
    "search",
];
const PROJECT: [&str; 8] =
    ["id", "title", "description", "status", "tasks", "createdAt", "updatedAt", "search"];
const TAG: [&str; 7] = ["id", "name", "prefix", "label", "tasks", "createdAt", "updatedAt"];

const EQUAL: [&str; 4] = ["eq", "neq", "in", "notIn"];
const NULLABLE: [&str; 5] = ["eq", "neq", "in", "notIn", "isNull"];
const RANKED: [&str; 8] = ["eq", "neq", "in", "notIn", "lt", "lte", "gt", "gte"];
const ALL: [&str; 9] = ["eq", "neq", "in", "notIn", "lt", "lte", "gt", "gte", "isNull"];
const DAY: [&str; 13] = [
    "eq",
    "neq",
    "in",
    "notIn",
    "lt",
    "lte",
    "gt",
    "gte",
    "isNull",
    "during",
    "withinNext",
    "withinLast",
    "relative",
];
const INSTANT: [&str; 12] = [
    "eq",
    "neq",
    "lt",
    "lte",
    "gt",
    "gte",
    "isNull",
    "onDate",
    "during",
    "withinNext",
    "withinLast",
    "relative",
];
const TEXT: [&str; 9] =
    ["eq", "neq", "in", "notIn", "contains", "notContains", "startsWith", "endsWith", "isEmpty"];
