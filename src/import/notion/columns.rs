//! The columns of a workspace export's CSV: which type each seems to have, and its cells as the values
//! that Notion's API would give.

use super::names::{Field, places, plain};
use super::written;
use crate::import::mapping::Mapping;
use crate::import::snapshot::Kind;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A column.
pub(super) struct Column {
    pub(super) name: String,
    kind: Type,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Title,
    Select,
    MultiSelect,
    Date,
    Checkbox,
    Relation,
    Text,
    Created,
    Edited,
}

/// The columns of a database, with the types that their names and values speak for. Where a mapping says which
/// field a column feeds, its type is one that can.
pub(super) fn types(
    kind: Kind,
    names: &[String],
    rows: &[Vec<String>],
    mapping: Option<&Mapping>,
) -> Vec<Column> {
    let fed = fed(kind, names, mapping);
    let columns = names.iter().enumerate().map(|(place, name)| {
        let mut cells = rows.iter().filter_map(|row| row.get(place));
        let links = cells.any(|cell| !linked(cell).is_empty());
        let kind = match (place, links) {
            (0, _) => Type::Title,
            (_, true) => Type::Relation,
            (_, false) => typed(&name.trim().to_lowercase(), fed.get(&place).copied()),
        };
        Column { name: name.clone(), kind }
    });
    columns.collect()
}

/// The field that a column feeds, by its place.
fn fed(kind: Kind, names: &[String], mapping: Option<&Mapping>) -> BTreeMap<usize, &'static Field> {
    let plain: Vec<String> = names.iter().map(|name| plain(name)).collect();
    let table = mapping.and_then(|mapping| mapping.of(kind));
    let mut fed = BTreeMap::new();
    for field in super::names::fields(kind) {
        let places = match table {
            Some(table) => {
                let place = |column| names.iter().position(|name| name == column);
                table.columns(field.name).iter().filter_map(place).collect()
            }
            None => places(field, field.types, &plain.iter().map(|name| (name.as_str(), None))),
        };
        for place in places {
            fed.entry(place).or_insert(field);
        }
    }
    fed
}

fn typed(name: &str, field: Option<&Field>) -> Type {
    match (name, field.map(|field| field.name)) {
        ("created" | "created time" | "created at", None) => Type::Created,
        ("edited" | "last edited" | "last edited time" | "updated", None) => Type::Edited,
        (_, Some("tags" | "contexts")) => Type::MultiSelect,
        (_, Some(_)) => match field.and_then(|field| field.types.first()) {
            Some(&"select") => Type::Select,
            Some(&"date") => Type::Date,
            Some(&"checkbox") => Type::Checkbox,
            Some(&"relation") => Type::Relation,
            _ => Type::Text,
        },
        ("captured", None) => Type::Date,
        _ => Type::Text,
    }
}

/// A member of the page itself, and its value.
type Member = (&'static str, String);

impl Column {
    /// A cell as a property, and what it says of the page itself.
    pub(super) fn property(&self, cell: &str) -> (Value, Option<Member>) {
        let text = || json!([{"plain_text": cell}]);
        let option = |name: &str| json!({"name": name.trim(), "color": name.trim().to_lowercase()});
        let options = || cell.split(',').filter(|name| !name.trim().is_empty());
        let property = |kind: &str, value: Value| json!({"type": kind, kind: value});
        let dates = written::dates(cell);
        let value = match self.kind {
            Type::Title => property("title", text()),
            Type::Text if cell.is_empty() => property("rich_text", json!([])),
            Type::Text => property("rich_text", text()),
            Type::Select if cell.trim().is_empty() => property("select", Value::Null),
            Type::Select => property("select", option(cell)),
            Type::MultiSelect => {
                let named: Vec<Value> =
                    options().map(|name| json!({"name": name.trim()})).collect();
                property("multi_select", json!(named))
            }
            Type::Checkbox => property("checkbox", json!(matches!(cell, "Yes" | "true"))),
            Type::Relation => {
                let ids: Vec<Value> = linked(cell).iter().map(|id| json!({"id": id})).collect();
                property("relation", json!(ids))
            }
            Type::Date => match dates {
                _ if cell.trim().is_empty() => property("date", Value::Null),
                Some((start, end)) => property("date", json!({"start": start, "end": end})),
                // What is no date is said to be none where dates are read.
                None => property("date", json!({"start": cell})),
            },
            Type::Created | Type::Edited => {
                let (kind, member) = match self.kind {
                    Type::Created => ("created_time", "created_time"),
                    _ => ("last_edited_time", "last_edited_time"),
                };
                let value = property(kind, json!(cell));
                return (value, dates.map(|(start, _)| (member, start)));
            }
        };
        (value, None)
    }
}

/// The ids of the pages to which a cell links: `Title (path%20of%20the%20page%20ID.md)`, or an address.
fn linked(cell: &str) -> Vec<String> {
    const ADDRESS: &str = "(https://www.notion.so/";
    let id_before = |end: usize| {
        let id = cell.get(end.checked_sub(32)?..end)?;
        Some((end, super::page_id(id)?))
    };
    let files = cell.match_indices(".md)").filter_map(|(end, _)| id_before(end));
    let addresses = cell.match_indices(ADDRESS).filter_map(|(start, _)| {
        let end = cell.get(start + 1..)?.find(['?', '#', ')'])?;
        id_before(start + 1 + end)
    });
    let mut found: Vec<(usize, String)> = files.chain(addresses).collect();
    found.sort();
    let mut ids: Vec<String> = Vec::new();
    for (_, id) in found {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_in_titles_that_look_like_them() {
        let id = "9e3a90a958124f8babbab971a8abb0f8";
        let cell = format!(
            "A, b (c) (Projects/A,%20b%20(c)%20{id}.md), X (https://www.notion.so/X-{}?pvs=21)",
            id.replace('9', "8")
        );
        assert_eq!(linked(&cell), [id.to_owned(), id.replace('9', "8")]);
        assert_eq!(linked(&format!("Call {id} (at noon)")), Vec::<String>::new());
    }
}
