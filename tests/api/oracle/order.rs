//! The oracle's orders: keys of records, and how they compare.

use super::filter::{Asked, fold};
use super::world::{Dice, PRIORITY, PROJECT_STATUS, Project, STATUS, Tag, Task};
use serde_json::{Value, json};
use std::cmp::Ordering;
use uuid::Uuid;

/// A key of an order.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Number(i64),
    Text(String),
}

pub(crate) const TASK: [&str; 11] = [
    "manual",
    "due",
    "priority",
    "status",
    "title",
    "projectTitle",
    "scheduledDate",
    "createdAt",
    "updatedAt",
    "completedAt",
    "subtaskCount",
];
pub(crate) const PROJECT: [&str; 6] =
    ["title", "status", "createdAt", "updatedAt", "openTaskCount", "nextDueDate"];
pub(crate) const TAG: [&str; 4] = ["name", "createdAt", "taskCount", "openTaskCount"];

/// Some orders of these words, as the API takes them.
pub(crate) fn orders(dice: &mut Dice, words: &[&str]) -> Value {
    let directions = ["ASC", "DESC", "ASC_NULLS_FIRST", "DESC_NULLS_FIRST"];
    let many = dice.pick(&[0, 1, 1, 2, 3]);
    (0..many).map(|_| json!({ dice.pick(words): dice.pick(&directions) })).collect()
}

pub(crate) fn text(text: &str) -> Key {
    Key::Text(fold(text).chars().take(200).collect())
}

fn instant(at: chrono::DateTime<chrono::Utc>) -> Key {
    Key::Number(at.timestamp_millis())
}

fn day(day: chrono::NaiveDate) -> Key {
    Key::Number(i64::from(chrono::Datelike::num_days_from_ce(&day)))
}

pub(crate) fn rank(ranks: &[&str], value: &str) -> Option<Key> {
    ranks.iter().position(|rank| *rank == value).map(|rank| Key::Number(rank.try_into().unwrap()))
}

fn count<T>(items: &[T]) -> Key {
    Key::Number(items.len().try_into().unwrap())
}

impl Asked<'_> {
    pub(crate) fn task_keys(&self, word: &str, it: &Task) -> Vec<Option<Key>> {
        vec![match word {
            "manual" => Some(Key::Text(it.position.clone())),
            "due" => return vec![it.due_date.map(day), it.due_at.map(instant)],
            "priority" => rank(&PRIORITY, it.priority),
            "status" => rank(&STATUS, it.status),
            "title" => Some(text(&it.title)),
            "projectTitle" => self.project_of(it).map(|project| text(&project.title)),
            "scheduledDate" => it.scheduled_date.map(day),
            "createdAt" => Some(instant(it.created_at)),
            "updatedAt" => Some(instant(it.updated_at)),
            "completedAt" => it.completed_at.map(instant),
            "subtaskCount" => Some(count(&self.subtasks_of(it))),
            other => panic!("the oracle does not know {other}"),
        }]
    }

    pub(crate) fn project_keys(&self, word: &str, it: &Project) -> Vec<Option<Key>> {
        let open = || self.tasks_of_project(it).into_iter().filter(|task| Self::open(task));
        vec![match word {
            "title" => Some(text(&it.title)),
            "status" => rank(&PROJECT_STATUS, it.status),
            "createdAt" => Some(instant(it.created_at)),
            "updatedAt" => Some(instant(it.updated_at)),
            "openTaskCount" => Some(count(&open().collect::<Vec<_>>())),
            "nextDueDate" => open().filter_map(|task| task.due_date).min().map(day),
            other => panic!("the oracle does not know {other}"),
        }]
    }

    pub(crate) fn tag_keys(&self, word: &str, it: &Tag) -> Vec<Option<Key>> {
        let tasks = self.tasks_of_tag(it);
        vec![match word {
            "name" => Some(text(&it.name)),
            "createdAt" => Some(instant(it.created_at)),
            "taskCount" => Some(count(&tasks)),
            "openTaskCount" => {
                Some(count(&tasks.iter().filter(|task| Self::open(task)).collect::<Vec<_>>()))
            }
            other => panic!("the oracle does not know {other}"),
        }]
    }
}

/// Sorts records by orders, and by id in the direction of the last; empty values come last unless told.
pub(crate) fn sort<T>(
    records: &mut [T],
    orders: &[(String, String)],
    keys: impl Fn(&str, &T) -> Vec<Option<Key>>,
    id: impl Fn(&T) -> Uuid,
) {
    records.sort_by(|one, other| {
        let by_keys = orders.iter().map(|(word, direction)| {
            let pairs = keys(word, one).into_iter().zip(keys(word, other));
            pairs
                .map(|(one, other)| compare(one, other, direction))
                .fold(Ordering::Equal, Ordering::then)
        });
        let down = orders.last().is_some_and(|(_, direction)| direction.starts_with("DESC"));
        let by_id = id(one).cmp(&id(other));
        by_keys.fold(Ordering::Equal, Ordering::then).then(if down {
            by_id.reverse()
        } else {
            by_id
        })
    });
}

fn compare(one: Option<Key>, other: Option<Key>, direction: &str) -> Ordering {
    let empty_first = direction.ends_with("NULLS_FIRST");
    match (one, other) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) if empty_first => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(_), None) if empty_first => Ordering::Greater,
        (Some(_), None) => Ordering::Less,
        (Some(one), Some(other)) if direction.starts_with("DESC") => other.cmp(&one),
        (Some(one), Some(other)) => one.cmp(&other),
    }
}
