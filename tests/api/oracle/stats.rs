//! Statistics: what the oracle counts in groups, and whether the service says so.

use super::case::Case;
use super::filter::Asked;
use super::order::{Key, rank, text};
use super::world::{Dice, ENERGY, ESTIMATE, PRIORITY, STATUS, Task, World, ZONES};
use crate::app::App;
use chrono::{Datelike, Days, NaiveDate};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const MEASURES: &str = "count open done overdue dueToday doneToday inProgress blocked openUrgent
    earliestDue latestDue";
const FIELDS: [&str; 11] = [
    "STATUS",
    "PRIORITY",
    "ENERGY",
    "TIME_ESTIMATE",
    "PROJECT",
    "TAG",
    "DUE_DAY",
    "DUE_WEEK",
    "DUE_MONTH",
    "COMPLETED_DAY",
    "COMPLETED_WEEK",
];

/// Where a value stands among the others: the empty one last, then by what it is ordered by.
type Place = (bool, Vec<Key>, String);

/// By the places of their values: the values by name, and the tasks.
type Groups<'a> = BTreeMap<Vec<Place>, (Map<String, Value>, Vec<&'a Task>)>;

fn value(order: Vec<Option<Key>>, value: Option<&str>) -> (Place, Value) {
    let order: Vec<_> = order.into_iter().flatten().collect();
    let written = value.unwrap_or_default().to_owned();
    ((value.is_none(), order, written), json!(value))
}

fn day(day: Option<NaiveDate>) -> (Place, Value) {
    let number = day.map(|day| Key::Number(i64::from(day.num_days_from_ce())));
    value(vec![number], day.map(|day| day.to_string()).as_deref())
}

fn monday(day: NaiveDate) -> NaiveDate {
    day - Days::new(u64::from(day.weekday().num_days_from_monday()))
}

/// The names of a group's field in the answer, and what it is called there.
fn name(field: &str) -> &'static str {
    match field {
        "STATUS" => "status",
        "PRIORITY" => "priority",
        "ENERGY" => "energy",
        "TIME_ESTIMATE" => "timeEstimate",
        "PROJECT" => "project",
        "TAG" => "tag",
        "DUE_DAY" | "DUE_WEEK" | "DUE_MONTH" => "dueDate",
        _ => "completedDate",
    }
}

impl Asked<'_> {
    /// The values of a task for a field: several where it has several tags.
    fn group_values(&self, field: &str, it: &Task) -> Vec<(Place, Value)> {
        let word = |word: Option<&str>, ranks: &[&str]| {
            value(vec![word.and_then(|word| rank(ranks, word))], word)
        };
        let due = self.due_day(it);
        let completed = it.completed_at.map(|at| at.with_timezone(&self.zone).date_naive());
        vec![match field {
            "STATUS" => word(Some(it.status), &STATUS),
            "PRIORITY" => word(Some(it.priority), &PRIORITY),
            "ENERGY" => word(it.energy, &ENERGY),
            "TIME_ESTIMATE" => word(it.time_estimate, &ESTIMATE),
            "PROJECT" => {
                let project = self.project_of(it);
                let order = project.map(|project| text(&project.title));
                value(vec![order], project.map(|project| project.id.to_string()).as_deref())
            }
            "TAG" => {
                let tags = self.tags_of(it);
                if tags.is_empty() {
                    return vec![value(vec![None], None)];
                }
                let of = |tag: &&super::world::Tag| {
                    value(vec![Some(text(&tag.name))], Some(&tag.id.to_string()))
                };
                return tags.iter().map(of).collect();
            }
            "DUE_DAY" => day(due),
            "DUE_WEEK" => day(due.map(monday)),
            "DUE_MONTH" => day(due.and_then(|day| day.with_day(1))),
            "COMPLETED_DAY" => day(completed),
            "COMPLETED_WEEK" => day(completed.map(monday)),
            other => panic!("the oracle does not know {other}"),
        }]
    }

    fn measures(&self, tasks: &[&Task]) -> Value {
        let many = |keep: &dyn Fn(&Task) -> bool| tasks.iter().filter(|it| keep(it)).count();
        let done_on =
            |it: &Task| it.completed_at.map(|at| at.with_timezone(&self.zone).date_naive());
        let due = || tasks.iter().filter_map(|it| self.due_day(it));
        json!({
            "count": tasks.len(),
            "open": many(&|it| Self::open(it)),
            "done": many(&|it| it.status == "DONE"),
            "overdue": many(&|it| self.overdue(it)),
            "dueToday": many(&|it| self.due_today(it)),
            "doneToday": many(&|it| done_on(it) == Some(self.today())),
            "inProgress": many(&|it| it.status == "IN_PROGRESS"),
            "blocked": many(&|it| it.status == "BLOCKED"),
            "openUrgent": many(&|it| Self::open(it) && it.priority == "URGENT"),
            "earliestDue": due().min(),
            "latestDue": due().max(),
        })
    }

    fn stats(&self, filter: &Value, fields: &[&str]) -> Value {
        let live = self.world.tasks.iter().filter(|it| !it.trashed);
        let counted: Vec<_> = live.filter(|it| self.task(filter, it)).collect();
        let mut groups = Groups::new();
        for task in counted.iter().filter(|_| !fields.is_empty()) {
            let mut places = vec![(Vec::new(), Map::new())];
            for field in fields {
                let values = self.group_values(field, task);
                let with = |(keys, named): &(Vec<Place>, Map<String, Value>)| {
                    let (keys, named) = (keys.clone(), named.clone());
                    let each = values.iter().map(move |(key, value)| {
                        let (mut keys, mut named) = (keys.clone(), named.clone());
                        keys.push(key.clone());
                        let record = ["PROJECT", "TAG"].contains(field) && !value.is_null();
                        let value = if record { json!({"id": value}) } else { value.clone() };
                        named.insert(name(field).to_owned(), value);
                        (keys, named)
                    });
                    each.collect::<Vec<_>>()
                };
                places = places.iter().flat_map(with).collect();
            }
            for (keys, named) in places {
                groups.entry(keys).or_insert((named, Vec::new())).1.push(task);
            }
        }
        let groups: Vec<_> = groups
            .into_values()
            .map(|(mut group, tasks)| {
                for field in FIELDS.map(name) {
                    group.entry(field).or_insert(Value::Null);
                }
                group.insert("measures".to_owned(), self.measures(&tasks));
                Value::Object(group)
            })
            .collect();
        json!({"total": self.measures(&counted), "groups": groups})
    }
}

/// Compares the numbers of some filter in some groups.
pub(crate) async fn check(app: &App, world: &World, dice: &mut Dice) {
    let zone = dice.pick(&ZONES);
    let mut fields: Vec<&str> = Vec::new();
    for _ in 0..dice.below(4) {
        let field = dice.pick(&FIELDS);
        if fields.iter().all(|other| name(other) != name(field)) {
            fields.push(field);
        }
    }
    let mut case = Case::roll(world, dice);
    while case.list.kind() != "Task" {
        case = Case::roll(world, dice);
    }
    let document = format!(
        "query ($filter: TaskFilter, $these: TaskFilter!, $by: [TaskGroupField!]!) {{
            stats: taskStats(filter: $filter, groupBy: $by) {{
                total {{ {MEASURES} }}
                groups {{ status priority energy timeEstimate project {{ id }} tag {{ id }} dueDate
                    completedDate measures {{ {MEASURES} }} }}
            }}
            taskCounts(queries: [{{name: \"all\", filter: {{}}}}, {{name: \"these\", filter: $these}}]) {{ name count }}
        }}"
    );
    let variables = json!({"filter": case.filter, "these": case.filter, "by": fields});
    let mut response = app.respond_in(zone, &document, variables).await;
    let asked = Asked { world, zone: zone.parse().unwrap() };
    let said = format!("{} by {fields:?} in {zone} at {}", case.filter, world.now);
    assert_eq!(response.get("errors"), None, "{said}");
    let expected = asked.stats(&case.filter, &fields);
    assert_eq!(response["data"]["stats"], expected, "{said}");
    let all = world.tasks.iter().filter(|it| !it.trashed).count();
    let counts = json!([{"name": "all", "count": all},
        {"name": "these", "count": expected["total"]["count"]}]);
    assert_eq!(response["data"]["taskCounts"].take(), counts, "{said}");
}
