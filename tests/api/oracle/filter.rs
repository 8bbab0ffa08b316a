//! The oracle's filters: what a filter means, said without SQL.

use super::world::{ENERGY, ESTIMATE, PRIORITY, PROJECT_STATUS, Project, STATUS, Tag, Task, World};
use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::{Value, json};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

/// Text without case and accents, by the rules' own words.
pub(crate) fn fold(text: &str) -> String {
    let mark = |letter: &char| {
        let blocks = [
            (0x300, 0x36F),
            (0x1AB0, 0x1AFF),
            (0x1DC0, 0x1DFF),
            (0x20D0, 0x20FF),
            (0xFE20, 0xFE2F),
        ];
        blocks.iter().any(|(first, last)| (*first..=*last).contains(&u32::from(*letter)))
    };
    let bare: String = text.nfkd().filter(|letter| !mark(letter)).collect();
    bare.to_lowercase().replace('ß', "ss").replace('ı', "i").replace('ς', "σ")
}

/// A world as it is asked in a zone.
pub(crate) struct Asked<'a> {
    pub(crate) world: &'a World,
    pub(crate) zone: Tz,
}

impl<'a> Asked<'a> {
    pub(crate) fn today(&self) -> NaiveDate {
        self.world.now.with_timezone(&self.zone).date_naive()
    }

    pub(crate) fn due_day(&self, task: &Task) -> Option<NaiveDate> {
        task.due_at.map(|at| at.with_timezone(&self.zone).date_naive()).or(task.due_date)
    }

    pub(crate) fn open(task: &Task) -> bool {
        !["DONE", "CANCELLED"].contains(&task.status)
    }

    pub(crate) fn overdue(&self, task: &Task) -> bool {
        let past = match task.due_at {
            Some(at) => at < self.world.now,
            None => task.due_date.is_some_and(|day| day < self.today()),
        };
        Self::open(task) && past
    }

    pub(crate) fn due_today(&self, task: &Task) -> bool {
        Self::open(task) && self.due_day(task) == Some(self.today())
    }

    fn live(&self, keep: impl Fn(&Task) -> bool) -> Vec<&'a Task> {
        self.world.tasks.iter().filter(|task| !task.trashed && keep(task)).collect()
    }

    pub(crate) fn project_of(&self, task: &Task) -> Option<&'a Project> {
        self.world.projects.iter().find(|it| !it.trashed && Some(it.id) == task.project)
    }

    pub(crate) fn parent_of(&self, task: &Task) -> Option<&'a Task> {
        self.world.tasks.iter().find(|it| !it.trashed && Some(it.id) == task.parent)
    }

    pub(crate) fn tags_of(&self, task: &Task) -> Vec<&'a Tag> {
        self.world.tags.iter().filter(|tag| !tag.trashed && task.tags.contains(&tag.id)).collect()
    }

    pub(crate) fn subtasks_of(&self, task: &Task) -> Vec<&'a Task> {
        self.live(|it| it.parent == Some(task.id))
    }

    pub(crate) fn tasks_of_project(&self, project: &Project) -> Vec<&'a Task> {
        self.live(|it| it.project == Some(project.id))
    }

    pub(crate) fn tasks_of_tag(&self, tag: &Tag) -> Vec<&'a Task> {
        self.live(|it| it.tags.contains(&tag.id))
    }

    pub(crate) fn task(&self, filter: &Value, it: &Task) -> bool {
        each(filter, |key, value| match key {
            "and" | "or" | "not" => junction(key, value, |inside| self.task(inside, it)),
            "id" => id(value, it.id),
            "title" => text(value, Some(&it.title)),
            "description" => text(value, it.description.as_deref()),
            "source" => text(value, it.source.as_deref()),
            "status" => ranked(value, Some(it.status), &STATUS),
            "priority" => ranked(value, Some(it.priority), &PRIORITY),
            "energy" => ranked(value, it.energy, &ENERGY),
            "timeEstimate" => ranked(value, it.time_estimate, &ESTIMATE),
            "due" => self.dated(value, self.due_day(it)),
            "scheduledDate" => self.dated(value, it.scheduled_date),
            "dueAt" => self.timed(value, it.due_at),
            "snoozedUntil" => self.timed(value, it.snoozed_until),
            "completedAt" => self.timed(value, it.completed_at),
            "createdAt" => self.timed(value, Some(it.created_at)),
            "updatedAt" => self.timed(value, Some(it.updated_at)),
            "isOpen" => *value == Self::open(it),
            "isOverdue" => *value == self.overdue(it),
            "view" => self.view(value.as_str().unwrap(), it),
            "project" => self.project_of(it).is_some_and(|to| self.project(value, to)),
            "parent" => self.parent_of(it).is_some_and(|to| self.task(value, to)),
            "hasProject" => *value == self.project_of(it).is_some(),
            "hasParent" => *value == self.parent_of(it).is_some(),
            "tags" => {
                list(value, &self.tags_of(it), |tag| tag.id, |inside, tag| self.tag(inside, tag))
            }
            "subtasks" => self.tasks(value, &self.subtasks_of(it)),
            "search" => self.finds_task(value.as_str().unwrap(), it),
            other => panic!("the oracle does not know {other}"),
        })
    }

    fn tasks(&self, filter: &Value, tasks: &[&Task]) -> bool {
        list(filter, tasks, |task| task.id, |inside, task| self.task(inside, task))
    }

    pub(crate) fn project(&self, filter: &Value, it: &Project) -> bool {
        each(filter, |key, value| match key {
            "and" | "or" | "not" => junction(key, value, |inside| self.project(inside, it)),
            "id" => id(value, it.id),
            "title" => text(value, Some(&it.title)),
            "description" => text(value, it.description.as_deref()),
            "status" => ranked(value, Some(it.status), &PROJECT_STATUS),
            "tasks" => self.tasks(value, &self.tasks_of_project(it)),
            "search" => Self::finds_project(value.as_str().unwrap(), it),
            "createdAt" => self.timed(value, Some(it.created_at)),
            "updatedAt" => self.timed(value, Some(it.updated_at)),
            other => panic!("the oracle does not know {other}"),
        })
    }

    pub(crate) fn tag(&self, filter: &Value, it: &Tag) -> bool {
        let (prefix, label) = it.parts();
        each(filter, |key, value| match key {
            "and" | "or" | "not" => junction(key, value, |inside| self.tag(inside, it)),
            "id" => id(value, it.id),
            "name" => text(value, Some(&it.name)),
            "prefix" => text(value, prefix),
            "label" => text(value, Some(label)),
            "tasks" => self.tasks(value, &self.tasks_of_tag(it)),
            "createdAt" => self.timed(value, Some(it.created_at)),
            "updatedAt" => self.timed(value, Some(it.updated_at)),
            other => panic!("the oracle does not know {other}"),
        })
    }
}

/// Keys side by side are joined with AND.
pub(crate) fn each(filter: &Value, mut holds: impl FnMut(&str, &Value) -> bool) -> bool {
    filter.as_object().unwrap().iter().all(|(key, value)| holds(key, value))
}

fn junction(key: &str, value: &Value, holds: impl Fn(&Value) -> bool) -> bool {
    match key {
        "and" => value.as_array().unwrap().iter().all(holds),
        "or" => value.as_array().unwrap().iter().any(holds),
        "not" => !holds(value),
        other => panic!("the oracle does not know {other}"),
    }
}

fn contains(list: &Value, known: impl Fn(&Value) -> bool) -> bool {
    list.as_array().unwrap().iter().any(known)
}

/// An id may be written in capitals and without dashes too.
fn read_id(value: &Value) -> Uuid {
    value.as_str().unwrap().parse().unwrap()
}

fn id(filter: &Value, id: Uuid) -> bool {
    let same = |value: &Value| read_id(value) == id;
    each(filter, |key, value| match key {
        "eq" => same(value),
        "neq" => !same(value),
        "in" => contains(value, same),
        "notIn" => !contains(value, same),
        other => panic!("the oracle does not know {other}"),
    })
}

fn text(filter: &Value, text: Option<&str>) -> bool {
    let exact = filter.get("caseSensitive") == Some(&json!(true));
    let form = |text: &str| {
        if exact { text.nfc().collect() } else { fold(text) }
    };
    let empty = text.is_none_or(str::is_empty);
    let text = text.map(form);
    let with = |value: &Value, test: fn(&str, &str) -> bool| {
        text.as_deref().is_some_and(|text| test(text, &form(value.as_str().unwrap())))
    };
    let same = |value: &Value| with(value, |text, value| text == value);
    each(filter, |key, value| match key {
        "caseSensitive" => true,
        "eq" => same(value),
        "neq" => !same(value),
        "in" => contains(value, same),
        "notIn" => !contains(value, same),
        "contains" => with(value, |text, value| text.contains(value)),
        "notContains" => !with(value, |text, value| text.contains(value)),
        "startsWith" => with(value, |text, value| text.starts_with(value)),
        "endsWith" => with(value, |text, value| text.ends_with(value)),
        "isEmpty" => *value == empty,
        other => panic!("the oracle does not know {other}"),
    })
}

fn ranked(filter: &Value, value: Option<&str>, ranks: &[&str]) -> bool {
    let rank = |value: &str| ranks.iter().position(|rank| *rank == value);
    compared(filter, value.and_then(rank).as_ref(), |value| rank(value.as_str().unwrap()).unwrap())
}

/// A comparison with an empty value is false, but for `neq` and `notIn`.
pub(crate) fn compared<T: PartialOrd>(
    filter: &Value,
    value: Option<&T>,
    read: impl Fn(&Value) -> T,
) -> bool {
    let with = |other: &Value, test: fn(&T, &T) -> bool| {
        value.is_some_and(|value| test(value, &read(other)))
    };
    let same = |other: &Value| with(other, |value, other| value == other);
    each(filter, |key, other| match key {
        "eq" => same(other),
        "neq" => !same(other),
        "in" => contains(other, same),
        "notIn" => !contains(other, same),
        "lt" => with(other, |value, other| value < other),
        "lte" => with(other, |value, other| value <= other),
        "gt" => with(other, |value, other| value > other),
        "gte" => with(other, |value, other| value >= other),
        "isNull" => *other == value.is_none(),
        word => panic!("the oracle does not know {word}"),
    })
}

fn list<T>(
    filter: &Value,
    items: &[&T],
    id_of: impl Fn(&T) -> Uuid,
    holds: impl Fn(&Value, &T) -> bool,
) -> bool {
    let has = |id: &Value| items.iter().any(|item| id_of(item) == read_id(id));
    each(filter, |key, value| match key {
        "hasAny" => contains(value, has),
        "hasAll" => value.as_array().unwrap().iter().all(has),
        "hasNone" => !contains(value, has),
        "some" => items.iter().any(|item| holds(value, item)),
        "every" => items.iter().all(|item| holds(value, item)),
        "none" => !items.iter().any(|item| holds(value, item)),
        "isEmpty" => *value == items.is_empty(),
        "count" => compared(value, json!(items.len()).as_u64().as_ref(), |it| it.as_u64().unwrap()),
        other => panic!("the oracle does not know {other}"),
    })
}
