//! One question to the service, and the oracle's answer to it; how pages of it are cut is not here.

use super::filter::Asked;
use super::order::{PROJECT, TAG, TASK, orders, sort};
use super::random::Filters;
use super::world::{Dice, Task, World, ZONES};
use serde_json::{Value, json};
use uuid::Uuid;

/// A list that can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum List {
    Tasks,
    Projects,
    Tags,
    TasksOfProject(Uuid),
    TasksOfTag(Uuid),
    Subtasks(Uuid),
}

impl List {
    fn roll(world: &World, dice: &mut Dice) -> Self {
        match dice.below(10) {
            0..4 => Self::Tasks,
            4 | 5 => Self::Projects,
            6 => Self::Tags,
            7 => Self::TasksOfProject(dice.pick(&world.projects).id),
            8 => Self::TasksOfTag(dice.pick(&world.tags).id),
            _ => Self::Subtasks(dice.pick(&world.tasks[..32]).id),
        }
    }

    /// What it lists, as filters and orders are named after it.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::Projects => "Project",
            Self::Tags => "Tag",
            _ => "Task",
        }
    }

    /// The root field, the id of the one record that is asked for, and the list within it.
    pub(crate) fn way(self) -> (&'static str, Option<(Uuid, &'static str)>) {
        match self {
            Self::Tasks => ("tasks", None),
            Self::Projects => ("projects", None),
            Self::Tags => ("tags", None),
            Self::TasksOfProject(id) => ("project", Some((id, "tasks"))),
            Self::TasksOfTag(id) => ("tag", Some((id, "tasks"))),
            Self::Subtasks(id) => ("task", Some((id, "subtasks"))),
        }
    }

    /// The same list of the other records of the owner's kind.
    pub(crate) fn siblings(self, world: &World) -> Vec<Self> {
        match self {
            Self::Tasks | Self::Projects | Self::Tags => Vec::new(),
            Self::TasksOfProject(_) => {
                world.projects.iter().map(|it| Self::TasksOfProject(it.id)).collect()
            }
            Self::TasksOfTag(_) => world.tags.iter().map(|it| Self::TasksOfTag(it.id)).collect(),
            Self::Subtasks(_) => world.tasks.iter().map(|it| Self::Subtasks(it.id)).collect(),
        }
    }
}

/// One question.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) list: List,
    pub(crate) zone: &'static str,
    pub(crate) scope: &'static str,
    pub(crate) filter: Value,
    pub(crate) orders: Value,
}

impl Case {
    pub(crate) fn roll(world: &World, dice: &mut Dice) -> Self {
        let list = List::roll(world, dice);
        let words: &[&str] = match list.kind() {
            "Task" => &TASK,
            "Project" => &PROJECT,
            _ => &TAG,
        };
        let orders = orders(dice, words);
        let filter = Filters::new(world, Dice(dice.roll())).any(list.kind());
        let scope = match list.way() {
            (_, None) => dice.pick(&["LIVE", "LIVE", "LIVE", "TRASH", "ALL"]),
            // Lists within a record have no scope: what is live.
            _ => "LIVE",
        };
        Self { list, zone: dice.pick(&ZONES), scope, filter, orders }
    }

    /// The ids that answer it, in order.
    pub(crate) fn answer(&self, world: &World) -> Vec<Uuid> {
        self.ordered(world, self.list, &self.filter, self.scope)
    }

    /// The ids that the same list of another record answers.
    pub(crate) fn answer_of(&self, world: &World, list: List) -> Vec<Uuid> {
        self.ordered(world, list, &self.filter, self.scope)
    }

    /// The ids of all records of its kind, those in the trash too, in its order.
    pub(crate) fn ranks(&self, world: &World) -> Vec<Uuid> {
        let list = match self.list.kind() {
            "Task" => List::Tasks,
            _ => self.list,
        };
        self.ordered(world, list, &json!({}), "ALL")
    }

    fn ordered(&self, world: &World, list: List, filter: &Value, scope: &str) -> Vec<Uuid> {
        let asked = Asked { world, zone: self.zone.parse().unwrap() };
        let orders = self.directions();
        let shown = |trashed: bool| match scope {
            "LIVE" => !trashed,
            "TRASH" => trashed,
            _ => true,
        };
        let holds = |task: &Task| match list {
            List::TasksOfProject(id) => task.project == Some(id),
            List::TasksOfTag(id) => task.tags.contains(&id),
            List::Subtasks(id) => task.parent == Some(id),
            _ => true,
        };
        match list.kind() {
            "Task" => {
                let all = world.tasks.iter().filter(|it| shown(it.trashed) && holds(it));
                let mut found: Vec<_> = all.filter(|it| asked.task(filter, it)).collect();
                sort(&mut found, &orders, |word, it| asked.task_keys(word, it), |it| it.id);
                found.iter().map(|it| it.id).collect()
            }
            "Project" => {
                let all = world.projects.iter().filter(|it| shown(it.trashed));
                let mut found: Vec<_> = all.filter(|it| asked.project(filter, it)).collect();
                sort(&mut found, &orders, |word, it| asked.project_keys(word, it), |it| it.id);
                found.iter().map(|it| it.id).collect()
            }
            _ => {
                let all = world.tags.iter().filter(|it| shown(it.trashed));
                let mut found: Vec<_> = all.filter(|it| asked.tag(filter, it)).collect();
                sort(&mut found, &orders, |word, it| asked.tag_keys(word, it), |it| it.id);
                found.iter().map(|it| it.id).collect()
            }
        }
    }

    /// Its order as words and directions; the usual one where it asks for none.
    fn directions(&self) -> Vec<(String, String)> {
        let mut orders: Vec<(String, String)> = Vec::new();
        for order in self.orders.as_array().unwrap() {
            let (word, direction) = order.as_object().unwrap().iter().next().unwrap();
            orders.push((word.clone(), direction.as_str().unwrap().to_owned()));
        }
        if orders.is_empty() {
            let usual = match self.list.kind() {
                "Task" => "manual",
                "Project" => "title",
                _ => "name",
            };
            orders.push((usual.to_owned(), "ASC".to_owned()));
        }
        orders
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { list, zone, scope, filter, orders } = self;
        write!(f, "{scope} {list:?} in {zone}: filter {filter} orderBy {orders}")
    }
}
