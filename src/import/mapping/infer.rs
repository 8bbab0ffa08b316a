//! What the tables of a source seem to be, from the names and values in them.

use super::{Becomes, Columns, MappedTable, Mapping, Midnight, usual};
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
    let guesses: Vec<Guess<'_>> = tables
        .tables
        .iter()
        .map(|table| {
            let becomes = becomes(table, has_tasks);
            let fields = fields(table, becomes);
            let is_complete = becomes.fields().0.iter().all(|field| fields.contains_key(*field));
            let ids = ids_of(table);
            if is_complete {
                Guess { table, becomes, fields, ids }
            } else {
                Guess { table, becomes: Becomes::Nothing, fields: BTreeMap::new(), ids }
            }
        })
        .collect();
    let inferred = guesses.iter().map(|guess| MappedTable {
        name: guess.table.name.clone(),
        becomes: guess.becomes,
        midnight: Midnight::Instant,
        fields: guess.fields.clone(),
        ids: BTreeMap::new(),
        links: links(guess, &guesses),
        values: values(guess.table, guess.becomes, &guess.fields),
    });
    Mapping { source: tables.source.to_owned(), tables: inferred.collect() }
}

/// What a table seems to be.
struct Guess<'t> {
    table: &'t Table,
    becomes: Becomes,
    fields: BTreeMap<String, Columns>,
    ids: BTreeSet<String>,
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
    for field in ["status", "priority", "energy", "time_estimate"] {
        let columns = fields.get(field).map(Columns::names).unwrap_or_default();
        let cells = columns.iter().flat_map(|column| table.values(column));
        let found: BTreeMap<String, String> = cells
            .filter_map(|cell| {
                let word = cell.words()?;
                let meaning = usual(becomes, field, &word)?;
                Some((word.trim().to_owned(), meaning.to_owned()))
            })
            .collect();
        if !found.is_empty() {
            values.insert(field.to_owned(), found);
        }
    }
    values
}

/// The tables whose rows are named by columns without a field. Of a table that becomes nothing only
/// records are looked for.
fn links(guess: &Guess<'_>, guesses: &[Guess<'_>]) -> BTreeMap<String, String> {
    if guess.becomes == Becomes::TaskTag {
        return BTreeMap::new();
    }
    let taken: BTreeSet<&String> = guess.fields.values().flat_map(Columns::names).collect();
    let columns = guess.table.columns.iter();
    let free = columns.filter(|column| !taken.contains(column) && !is_id(column));
    free.filter_map(|column| {
        let ids: Vec<String> = guess.table.values(column).flat_map(Cell::ids).collect();
        // A number may be the id of anything: the column's name has to say of what.
        let names = |target: &Guess<'_>| {
            let (column, table) = (bare(column), bare(&target.table.name));
            let stem = column.strip_suffix("id").unwrap_or(&column);
            !stem.is_empty() && (table == stem || table.strip_suffix('s') == Some(stem))
        };
        let target = guesses.iter().find(|target| {
            let is_one = guess.becomes != Becomes::Nothing || target.becomes.kind().is_some();
            let speaks = |id: &String| names(target) || id.parse::<i64>().is_err();
            let met = ids.iter().filter(|id| target.ids.contains(*id) && speaks(id)).count();
            is_one && met > 0 && met * 2 >= ids.len()
        })?;
        Some((column.clone(), target.table.name.clone()))
    })
    .collect()
}

fn is_id(column: &str) -> bool {
    matches!(bare(column).as_str(), "id" | "_id")
}

/// The ids of a table's rows.
fn ids_of(table: &Table) -> BTreeSet<String> {
    let column = table.columns.iter().find(|column| is_id(column));
    let cells = column.into_iter().flat_map(|column| table.values(column));
    cells.flat_map(Cell::ids).collect()
}
