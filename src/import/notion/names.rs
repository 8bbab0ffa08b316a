//! Which properties feed which of our fields: the types that each is read from, and the names that speak for it.

use crate::import::snapshot::Kind;

/// What a property with options, or a text in its place, is in Notion.
pub(super) const OPTIONS: &[&str] = &["select", "status", "multi_select", "rich_text"];
const TEXT: &[&str] = &["rich_text"];
const DATE: &[&str] = &["date"];
const RELATION: &[&str] = &["relation"];

/// One of our fields.
#[derive(Debug)]
pub(super) struct Field {
    /// What a mapping calls it.
    pub(super) name: &'static str,
    /// The types of the properties that it is read from.
    pub(super) types: &'static [&'static str],
    /// The names that say it, as [`plain`] writes them.
    names: &'static [&'static str],
    /// Names that say it where no other property does, and only one has such a name.
    vague: &'static [&'static str],
}

const fn field(
    name: &'static str,
    types: &'static [&'static str],
    names: &'static [&'static str],
) -> Field {
    Field { name, types, names, vague: &[] }
}

impl Field {
    const fn or(self, vague: &'static [&'static str]) -> Self {
        Self { vague, ..self }
    }
}

/// The title is known by its type, whatever its name.
const TASK: &[Field] = &[
    field("title", &["title"], &[]),
    field("description", TEXT, &["description"]),
    field("status", OPTIONS, &["status"]),
    field("done", &["checkbox"], &["done"]),
    field("priority", OPTIONS, &["priority"]).or(&["priority level"]),
    field("due", DATE, &["due date", "due"]).or(&["deadline", "date"]),
    field("scheduled", DATE, &["do date", "scheduled", "scheduled date"]),
    field("completed", DATE, &["completed at", "completed"]).or(&[
        "completed on",
        "completion date",
        "done on",
    ]),
    field("energy", OPTIONS, &["energy"]).or(&["energy level"]),
    field("time_estimate", OPTIONS, &["time", "time estimate"]),
    field("source", OPTIONS, &["source"]),
    field(
        "tags",
        &["select", "status", "multi_select", "rich_text", "relation"],
        &["tags", "tag", "tag links"],
    ),
    field("contexts", OPTIONS, &["context", "contexts"]),
    field("project", RELATION, &["project", "projects"]),
    field("parent", RELATION, &["parent task", "parent", "parent item"]),
    field("subtasks", RELATION, &["sub tasks", "subtasks", "sub items"]),
];
const PROJECT: &[Field] = &[
    field("title", &["title"], &[]),
    field("description", TEXT, &["description"]),
    field("status", OPTIONS, &["status"]),
    field("color", OPTIONS, &["color", "colour"]),
    field("icon", TEXT, &["icon"]),
];
const TAG: &[Field] =
    &[field("name", &["title"], &[]), field("color", OPTIONS, &["color", "colour"])];

/// The fields of a kind of records.
pub(super) const fn fields(kind: Kind) -> &'static [Field] {
    match kind {
        Kind::Task => TASK,
        Kind::Project => PROJECT,
        Kind::Tag => TAG,
    }
}

/// The field of this name.
pub(super) fn of(kind: Kind, name: &str) -> Option<&'static Field> {
    fields(kind).iter().find(|field| field.name == name)
}

/// A name as it is looked for: in small letters, with blanks for what else stands between words.
pub(super) fn plain(name: &str) -> String {
    let name = name.to_lowercase().replace(['-', '_'], " ");
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The places of the properties (plain name and type; nothing where that is not known) of some types that feed a
/// field.
pub(super) fn places<'p>(
    field: &Field,
    types: &[&str],
    properties: &(impl Iterator<Item = (&'p str, Option<&'p str>)> + Clone),
) -> Vec<usize> {
    let named = |names: &[&str]| -> Vec<usize> {
        let all = properties.clone().enumerate();
        let fits = all.filter(|(_, (name, kind))| {
            names.contains(name) && kind.is_none_or(|kind| types.contains(&kind))
        });
        fits.map(|(place, _)| place).collect()
    };
    let places = named(field.names);
    if !places.is_empty() {
        return places;
    }
    let vague = named(field.vague);
    if vague.len() == 1 { vague } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(field: &str, properties: &[(&str, &str)]) -> Vec<usize> {
        let names: Vec<String> = properties.iter().map(|(name, _)| plain(name)).collect();
        let all =
            names.iter().zip(properties).map(|(name, (_, kind))| (name.as_str(), Some(*kind)));
        let field = of(Kind::Task, field).unwrap();
        places(field, field.types, &all)
    }

    #[test]
    fn names_are_known_however_they_are_written() {
        for (field, name, kind) in [
            ("parent", "Parent-task", "relation"),
            ("subtasks", "Sub-items", "relation"),
            ("completed", "Completed  on", "date"),
            ("due", "Deadline", "date"),
            ("due", "Date", "date"),
            ("scheduled", "do_date", "date"),
            ("priority", "Priority level", "select"),
        ] {
            assert_eq!(fed(field, &[("X", kind), (name, kind)]), [1], "{name}");
        }
        assert!(fed("due", &[("Due", "formula")]).is_empty());
    }

    #[test]
    fn a_vague_name_counts_where_it_is_the_only_one() {
        assert_eq!(fed("due", &[("Date", "date"), ("Due", "date")]), [1]);
        assert!(fed("due", &[("Date", "date"), ("Deadline", "date")]).is_empty());
        assert_eq!(fed("due", &[("Date", "date"), ("Due", "rich_text")]), [0]);
        assert_eq!(fed("due", &[("Due date", "date"), ("Due", "date")]), [0, 1]);
    }
}
