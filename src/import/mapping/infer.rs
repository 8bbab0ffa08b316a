//! What the tables of a source seem to be, from the names and values in them.

use super::words::Word;
use super::{Becomes, Columns, MappedTable, Mapping, Midnight};
use crate::entity::{EnergyLevel, ProjectStatus, TaskPriority, TaskStatus, TimeEstimate};
use crate::import::table::{Cell, Table, Tables};
use std::collections::{BTreeMap, BTreeSet};

/// The names that a field's column may have, the likeliest first, without signs and in small letters.
const NAMES: &[(&str, &[&str])] = &[
    ("id", &["id", "_id", "uuid"]),
    ("title", &["title", "name", "subject", "summary", "task"]),
    ("name", &["name", "title", "label"]),
    ("description", &["description", "content", "body", "notes", "details", "text"]),
    ("status", &["status", "state"]),
    ("priority", &["priority"]),
    ("due", &["duedate", "dueat", "due", "deadline"]),
    ("scheduled", &["scheduleddate", "scheduledfor", "scheduledat", "scheduled", "doon"]),
    ("completed", &["completedat", "completed", "resolvedat", "doneat", "finishedat", "closedat"]),
    ("energy", &["energy", "energylevel"]),
    ("time_estimate", &["timeestimate"]),
    ("source", &["source"]),
    ("tags", &["tags", "labels", "tagnames"]),
    ("project", &["projectid", "project"]),
    ("parent", &["parentid", "parenttaskid", "parent"]),
    ("color", &["color", "colour"]),
    ("icon", &["icon", "emoji"]),
    ("created", &["createdat", "created", "createdtime", "createdon"]),
    ("updated", &["updatedat", "updated", "modifiedat", "modified", "lastmodified"]),
    ("trashed", &["deletedat", "deleted", "isdeleted", "intrash", "trashed"]),
    ("task", &["taskid", "task"]),
    ("tag", &["tagid", "tag"]),
];

pub(super) fn infer(tables: &Tables) -> Mapping {
    let plain: BTreeSet<String> = tables.tables.iter().map(|table| bare(&table.name)).collect();
    // Where there are tasks by name, items are something else: what is to be bought, for example.
    let has_tasks = plain.iter().any(|name| is_tasks(name));
    let known: Vec<(&Table, BTreeSet<String>)> =
        tables.tables.iter().map(|table| (table, ids_of(table))).collect();
    let inferred = tables.tables.iter().map(|table| {
        let becomes = becomes(table, has_tasks);
        let fields = fields(table, becomes);
        let is_complete = becomes.fields().0.iter().all(|needed| fields.contains_key(*needed));
        if !is_complete {
            return MappedTable {
                name: table.name.clone(),
                becomes: Becomes::Nothing,
                midnight: Midnight::Instant,
                fields: BTreeMap::new(),
                links: BTreeMap::new(),
                values: BTreeMap::new(),
            };
        }
        let values = values(table, becomes, &fields);
        let links = links(table, becomes, &fields, &known);
        let midnight = Midnight::Instant;
        MappedTable { name: table.name.clone(), becomes, midnight, fields, links, values }
    });
    Mapping { source: tables.source.to_owned(), tables: inferred.collect() }
}

/// A name without signs, in small letters.
fn bare(name: &str) -> String {
    let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ' | '.'));
    let bare = letters.collect::<String>().to_lowercase();
    // MongoDB's own id is told from others.
    if name == "_id" { name.to_owned() } else { bare }
}

fn is_tasks(name: &str) -> bool {
    matches!(name, "tasks" | "task" | "todos" | "todo" | "tickets" | "ticket" | "issues" | "issue")
}

fn becomes(table: &Table, has_tasks: bool) -> Becomes {
    let name = bare(&table.name);
    if is_tasks(&name) || (!has_tasks && (name.ends_with("items") || name.ends_with("tasks"))) {
        return Becomes::Task;
    }
    match name.as_str() {
        "projects" | "project" => Becomes::Project,
        "tags" | "tag" | "labels" | "label" => Becomes::Tag,
        "tasktags" | "tasktag" | "tagtotask" | "tasktotag" => Becomes::TaskTag,
        _ => Becomes::Nothing,
    }
}

fn fields(table: &Table, becomes: Becomes) -> BTreeMap<String, Columns> {
    let (needed, more) = becomes.fields();
    let mut fields = BTreeMap::new();
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    for field in needed.iter().chain(more) {
        let names = NAMES.iter().find(|(one, _)| one == field).map(|(_, names)| *names);
        let column = names.unwrap_or_default().iter().find_map(|name| {
            table.columns.iter().find(|column| bare(column) == *name && !taken.contains(&***column))
        });
        if let Some(column) = column.or_else(|| implicit(table, field)) {
            taken.insert(column);
            fields.insert((*field).to_owned(), Columns::One(column.clone()));
        }
    }
    fields
}

/// Prisma's own tables between two others, such as `_TagToTask`: A is the first of the name, B the other.
fn implicit<'t>(table: &'t Table, field: &str) -> Option<&'t String> {
    let (first, second) = table.name.strip_prefix('_')?.split_once("To")?;
    let column = match (first.to_lowercase() == field, second.to_lowercase() == field) {
        (true, _) => "A",
        (_, true) => "B",
        _ => return None,
    };
    table.columns.iter().find(|one| *one == column)
}

/// What the words in the source mean, as far as that is known.
fn values(
    table: &Table,
    becomes: Becomes,
    fields: &BTreeMap<String, Columns>,
) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut values = BTreeMap::new();
    let mut add = |field: &str, meant: fn(&str) -> Option<&'static str>| {
        let columns = fields.get(field).map(Columns::names).unwrap_or_default();
        let cells = columns.iter().flat_map(|column| table.values(column));
        let found: BTreeMap<String, String> = cells
            .filter_map(|cell| {
                let word = cell.words()?;
                let meaning = meant(&word)?;
                Some((word.trim().to_owned(), meaning.to_owned()))
            })
            .collect();
        if !found.is_empty() {
            values.insert(field.to_owned(), found);
        }
    };
    match becomes {
        Becomes::Task => {
            add("status", |word| TaskStatus::meant(word).map(Word::name));
            add("priority", |word| TaskPriority::meant(word).map(Word::name));
            add("energy", |word| EnergyLevel::meant(word).map(Word::name));
            add("time_estimate", |word| TimeEstimate::meant(word).map(Word::name));
        }
        Becomes::Project => add("status", |word| ProjectStatus::meant(word).map(Word::name)),
        _ => {}
    }
    values
}

/// The tables whose rows are named by columns without a field.
fn links(
    table: &Table,
    becomes: Becomes,
    fields: &BTreeMap<String, Columns>,
    known: &[(&Table, BTreeSet<String>)],
) -> BTreeMap<String, String> {
    if matches!(becomes, Becomes::TaskTag | Becomes::Nothing) {
        return BTreeMap::new();
    }
    let taken: BTreeSet<&String> = fields.values().flat_map(Columns::names).collect();
    let free = table.columns.iter().filter(|column| !taken.contains(column));
    free.filter_map(|column| {
        let ids: Vec<String> = table.values(column).flat_map(Cell::ids).collect();
        let (target, _) = known.iter().find(|(_, known)| {
            let met = ids.iter().filter(|id| known.contains(*id)).count();
            met > 0 && met * 2 >= ids.len()
        })?;
        Some((column.clone(), target.name.clone()))
    })
    .collect()
}

/// The ids of a table's rows that are told from numbers: a number is no sign of a link.
fn ids_of(table: &Table) -> BTreeSet<String> {
    let column = table.columns.iter().find(|column| matches!(bare(column).as_str(), "id" | "_id"));
    let cells = column.into_iter().flat_map(|column| table.values(column));
    cells.filter(|cell| !matches!(cell, Cell::Int(_))).flat_map(Cell::ids).collect()
}
