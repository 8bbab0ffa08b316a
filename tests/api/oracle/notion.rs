//! Notion's filter operators one by one: what Notion answers, said without our filters, is what ours answer.
//!
//! The table is `tests/fixtures/notion-operators.txt`; each of its lines is asked in several worlds, in UTC,
//! which is Notion's zone. Text is compared as TomOS does, without case and accents.

use super::days::moved;
use super::filter::{Asked, fold};
use super::world::{Dice, Task, World, day};
use super::{enter, seeds};
use crate::app::App;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::{Value, json};

/// A property's value, as Notion's types have it.
enum Property {
    Text(Option<String>),
    Number(usize),
    Checkbox(bool),
    Select(Option<String>),
    /// A multi-select's names, or the pages of a relation.
    Several(Vec<String>),
    Date(Option<NaiveDate>),
    Rollup(Vec<Self>),
}

fn property(name: &str, asked: &Asked<'_>, it: &Task) -> Property {
    let text = |text: &str| fold(text);
    let utc_day = |at: DateTime<Utc>| Some(at.date_naive());
    let id = |id: uuid::Uuid| id.to_string();
    let select = |word: Option<&str>| Property::Select(word.map(str::to_owned));
    let subtasks = asked.subtasks_of(it);
    match name {
        "title" => Property::Text(Some(it.title.clone())),
        "description" => Property::Text(it.description.clone()),
        "subtask_count" => Property::Number(subtasks.len()),
        "open" => Property::Checkbox(!["DONE", "CANCELLED"].contains(&it.status)),
        "overdue" => Property::Checkbox(asked.overdue(it)),
        "priority" => select(Some(it.priority)),
        "energy" => select(it.energy),
        "status" => select(Some(it.status)),
        "tags" => Property::Several(asked.tags_of(it).iter().map(|tag| text(&tag.name)).collect()),
        "tag_pages" => Property::Several(asked.tags_of(it).iter().map(|tag| id(tag.id)).collect()),
        "due" => Property::Date(asked.due_day(it)),
        "scheduled_date" => Property::Date(it.scheduled_date),
        "created_time" => Property::Date(utc_day(it.created_at)),
        "last_edited_time" => Property::Date(utc_day(it.updated_at)),
        "project" => {
            Property::Several(asked.project_of(it).map(|to| id(to.id)).into_iter().collect())
        }
        "subtasks" => Property::Several(subtasks.iter().map(|task| id(task.id)).collect()),
        "subtask_status" => {
            Property::Rollup(subtasks.iter().map(|task| select(Some(task.status))).collect())
        }
        "subtask_due" => Property::Rollup(
            subtasks.iter().map(|task| Property::Date(asked.due_day(task))).collect(),
        ),
        other => panic!("no property {other}"),
    }
}

/// Whether a property is as one of Notion's operators wants it.
fn holds(property: &Property, operator: &str, value: &Value, today: NaiveDate) -> bool {
    let empty = match property {
        Property::Text(text) => text.as_deref().is_none_or(str::is_empty),
        Property::Select(word) => word.is_none(),
        Property::Several(several) => several.is_empty(),
        Property::Date(day) => day.is_none(),
        _ => false,
    };
    match (property, operator) {
        (_, "is_empty") => empty,
        (_, "is_not_empty") => !empty,
        (Property::Text(text), _) => {
            // What is not there is not equal to anything, and contains nothing.
            let Some(text) = text.as_deref().map(fold) else {
                return ["does_not_equal", "does_not_contain"].contains(&operator);
            };
            let value = fold(value.as_str().unwrap());
            match operator {
                "equals" => text == value,
                "does_not_equal" => text != value,
                "contains" => text.contains(&value),
                "does_not_contain" => !text.contains(&value),
                "starts_with" => text.starts_with(&value),
                "ends_with" => text.ends_with(&value),
                other => panic!("no operator {other} of text"),
            }
        }
        (Property::Number(number), _) => {
            let value = usize::try_from(value.as_u64().unwrap()).unwrap();
            match operator {
                "equals" => *number == value,
                "does_not_equal" => *number != value,
                "greater_than" => *number > value,
                "less_than" => *number < value,
                "greater_than_or_equal_to" => *number >= value,
                "less_than_or_equal_to" => *number <= value,
                other => panic!("no operator {other} of numbers"),
            }
        }
        (Property::Checkbox(checked), "equals") => value == checked,
        (Property::Checkbox(checked), "does_not_equal") => value != checked,
        (Property::Select(word), _) => {
            let one_of = match value {
                Value::Array(words) => words.iter().any(|it| it.as_str() == word.as_deref()),
                word_wanted => word_wanted.as_str() == word.as_deref(),
            };
            one_of == (operator == "equals")
        }
        (Property::Several(several), _) => {
            let has = several.contains(&fold(value.as_str().unwrap()));
            has == (operator == "contains")
        }
        (Property::Date(day), _) => day.is_some_and(|day| on(day, operator, value, today)),
        (Property::Rollup(all), _) => {
            let (inner, value) = value.as_object().unwrap().iter().next().unwrap();
            let mut hits = all.iter().map(|it| holds(it, inner, value, today));
            match operator {
                "any" => hits.any(|hit| hit),
                "every" => hits.all(|hit| hit),
                _ => !hits.any(|hit| hit),
            }
        }
        _ => panic!("no operator {operator}"),
    }
}

/// Whether a day is as one of Notion's date operators wants it.
fn on(day: NaiveDate, operator: &str, value: &Value, today: NaiveDate) -> bool {
    let (ahead, back) = (|unit| moved(today, 1, unit), |unit| moved(today, -1, unit));
    let monday = |day: NaiveDate| {
        day.num_days_from_ce() - day.weekday().num_days_from_monday().cast_signed()
    };
    let named = || match value.as_str().unwrap() {
        "today" => today,
        "tomorrow" => ahead("DAY"),
        "yesterday" => back("DAY"),
        "one_week_ago" => back("WEEK"),
        "one_week_from_now" => ahead("WEEK"),
        "one_month_ago" => back("MONTH"),
        "one_month_from_now" => ahead("MONTH"),
        day => day.parse().unwrap(),
    };
    match operator {
        "equals" => day == named(),
        "before" => day < named(),
        "after" => day > named(),
        "on_or_before" => day <= named(),
        "on_or_after" => day >= named(),
        "this_week" => monday(day) == monday(today),
        "past_week" => back("WEEK") <= day && day <= today,
        "past_month" => back("MONTH") <= day && day <= today,
        "past_year" => back("YEAR") <= day && day <= today,
        "next_week" => today <= day && day <= ahead("WEEK"),
        "next_month" => today <= day && day <= ahead("MONTH"),
        "next_year" => today <= day && day <= ahead("YEAR"),
        other => panic!("no operator {other} of dates"),
    }
}

/// A line of the table with the values of a world in the places of its words.
fn filled(text: &str, world: &World, dice: &mut Dice) -> Value {
    let title = dice.pick(&world.tasks).title;
    let word: String = title.chars().skip(title.chars().count() / 2).collect();
    let task = world.tasks.iter().find(|it| it.parent.is_some()).unwrap().id;
    let description = world.tasks.iter().find_map(|it| it.description.clone()).unwrap();
    let values = [
        ("\"$title\"", json!(title)),
        ("\"$description\"", json!(description)),
        ("\"$word\"", json!(word)),
        ("\"$tag\"", json!(dice.pick(&world.tags).name)),
        ("\"$tag_id\"", json!(dice.pick(&world.tags).id)),
        ("\"$project\"", json!(dice.pick(&world.projects).id)),
        ("\"$task\"", json!(task)),
    ];
    let put = |text: String, (name, value): &(&str, Value)| text.replace(name, &value.to_string());
    // It may be the beginning of an instant.
    let text = text.replace("$day", &day(dice, world.now).to_string());
    serde_json::from_str(&values.iter().fold(text, put)).unwrap()
}

async fn found(app: &App, filter: &Value) -> Vec<Value> {
    let document =
        "query ($filter: TaskFilter) { tasks(filter: $filter, first: 500) { nodes { id } } }";
    let mut response = app.respond(document, json!({ "filter": filter })).await;
    assert_eq!(response.get("errors"), None, "{filter}");
    let nodes = response["data"]["tasks"]["nodes"].take();
    let mut ids: Vec<_> = nodes.as_array().unwrap().iter().map(|it| it["id"].clone()).collect();
    ids.sort_by_key(Value::to_string);
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operator_of_notion_has_a_filter_that_answers_the_same() {
    let app = App::new();
    let table = include_str!("../../fixtures/notion-operators.txt");
    let rows: Vec<_> = table.lines().filter(|line| !line.starts_with('#')).collect();
    let mut hits = vec![0; rows.len()];
    for seed in seeds().0.take(12) {
        let world = enter(&app, seed).await;
        let asked = Asked { world: &world, zone: chrono_tz::Tz::UTC };
        for (number, row) in rows.iter().enumerate() {
            let [name, operator, value, ours] =
                row.splitn(4, '|').map(str::trim).collect::<Vec<_>>()[..]
            else {
                panic!("a line of the table has four parts: {row}");
            };
            if name == "-" {
                continue;
            }
            let of_row = seed.wrapping_mul(31).wrapping_add(number.try_into().unwrap());
            // The same dice: the same values in both columns.
            let value = filled(value, &world, &mut Dice(of_row));
            let ours = filled(ours, &world, &mut Dice(of_row));
            let live = world.tasks.iter().filter(|it| !it.trashed);
            let wanted = live
                .filter(|it| holds(&property(name, &asked, it), operator, &value, asked.today()));
            let mut wanted: Vec<_> = wanted.map(|it| json!(it.id)).collect();
            wanted.sort_by_key(Value::to_string);
            assert_eq!(found(&app, &ours).await, wanted, "{row} with {value} in world {seed}");
            hits[number] += wanted.len();
        }
    }
    let never: Vec<_> = rows.iter().zip(hits).filter(|(_, hits)| *hits == 0).collect();
    // A title is never empty, and neither is a count.
    let known = ["- |", "title | is_empty", "subtask_count | is_empty"];
    let unasked = |row: &str| known.iter().any(|start| row.starts_with(start));
    let never: Vec<_> = never.into_iter().filter(|(row, _)| !unasked(row)).collect();
    assert!(never.is_empty(), "no world had an answer to {never:?}");
}
