//! What the properties of Notion's pages become, as a mapping: inferred from their names and types, checked against
//! what is there, and printed.
//!
//! The databases are tables, by the kinds of their pages, and their properties columns. Where nothing is mapped each
//! page is read by the same names (`names.rs`).

use super::known::{Known, Properties};
use super::{SOURCE, names, words};
use crate::import::Source;
use crate::import::finding::Finding;
use crate::import::mapping::print::Beside;
use crate::import::mapping::words::Word;
use crate::import::mapping::{Becomes, Columns, MappedTable, Mapping, Midnight, says_of_nothing};
use crate::import::snapshot::Kind;
use crate::import::table::{Table, Tables};
use std::collections::{BTreeMap, BTreeSet};

const KINDS: [(Kind, Becomes); 3] =
    [(Kind::Project, Becomes::Project), (Kind::Tag, Becomes::Tag), (Kind::Task, Becomes::Task)];

/// Our fields that a page may feed.
pub(crate) fn fields(kind: Kind) -> Vec<&'static str> {
    names::fields(kind).iter().map(|field| field.name).collect()
}

/// A property of a database, as its pages or the database itself say it.
struct Property<'s> {
    id: &'s str,
    /// What it is called now.
    now: &'s str,
    /// What it was called when it was understood.
    name: &'s str,
    kind: &'s str,
    words: BTreeSet<&'s str>,
}

/// What is there of a kind.
struct Database<'s> {
    known: &'s Known,
    kind: Kind,
    properties: Vec<Property<'s>>,
}

impl<'s> Database<'s> {
    fn of(kind: Kind, properties: &'s Properties, known: &'s Known) -> Self {
        let called = |id: &str, now: &'s str| known.names.of(kind, id).unwrap_or(now);
        let seen = properties.of(kind).into_iter().map(|seen| Property {
            id: &seen.id,
            now: &seen.name,
            name: called(&seen.id, &seen.name),
            kind: &seen.kind,
            words: seen.words.iter().map(String::as_str).collect(),
        });
        let mut all: Vec<Property<'s>> = seen.collect();
        for one in known.schema.of(kind) {
            let known = all.iter_mut().find(|it| it.id == one.id());
            let words = one.options().map(|(name, _)| name.trim());
            if let Some(property) = known {
                property.words.extend(words);
                continue;
            }
            let (id, now, kind) = (one.id(), one.name(), one.kind());
            let name = called(id, now);
            all.push(Property { id, now, name, kind, words: words.collect() });
        }
        Self { known, kind, properties: all }
    }

    /// The property that a mapping means.
    fn named(&self, table: &MappedTable, column: &str) -> Option<&Property<'s>> {
        let id = table.ids.get(column);
        let by_id = id.and_then(|id| self.properties.iter().find(|it| it.id == id));
        by_id.or_else(|| self.properties.iter().find(|it| [it.now, it.name].contains(&column)))
    }

    /// What its properties seem to become.
    fn infer(&self, becomes: Becomes) -> MappedTable {
        let mut table = MappedTable {
            name: self.kind.plural().to_owned(),
            becomes,
            midnight: Midnight::default(),
            fields: BTreeMap::new(),
            ids: BTreeMap::new(),
            links: BTreeMap::new(),
            values: BTreeMap::new(),
        };
        // Of all: whoever gives another one a place has its id too.
        for property in self.properties.iter().filter(|it| !it.id.is_empty()) {
            table.ids.insert(property.now.to_owned(), property.id.to_owned());
        }
        let plain: Vec<String> = self.properties.iter().map(|it| names::plain(it.name)).collect();
        for field in names::fields(self.kind) {
            let all = plain.iter().zip(&self.properties);
            let all = all.map(|(plain, it)| (plain.as_str(), Some(it.kind)));
            let mut places = names::places(field, field.types, &all);
            if field.types == ["title"] {
                places.extend(self.properties.iter().position(|it| it.kind == "title"));
            }
            let fed: Vec<&Property<'_>> =
                places.iter().filter_map(|place| self.properties.get(*place)).collect();
            let mut names: Vec<String> = fed.iter().map(|it| it.now.to_owned()).collect();
            let columns = match (names.len(), names.pop()) {
                (1, Some(name)) => Columns::One(name),
                (_, Some(last)) => {
                    names.push(last);
                    Columns::Several(names)
                }
                _ => continue,
            };
            table.fields.insert(field.name.to_owned(), columns);
        }
        for (field, word, meaning) in self.words(&table) {
            if let Some(meaning) = meaning {
                let values: &mut BTreeMap<_, _> = table.values.entry(field.to_owned()).or_default();
                values.insert(word.to_owned(), meaning);
            }
        }
        table
    }

    /// The words of the properties of a table: the field, the word, and what it means where that is known.
    fn words(&self, table: &MappedTable) -> Vec<(&'static str, &'s str, Option<String>)> {
        let mut all = Vec::new();
        for field in ["status", "priority", "energy", "time_estimate"] {
            for column in table.columns(field) {
                let Some(property) = self.named(table, column) else {
                    continue;
                };
                for word in &property.words {
                    all.push((field, *word, self.meaning(table, field, property, word)));
                }
            }
        }
        all
    }

    fn meaning(
        &self,
        table: &MappedTable,
        field: &str,
        property: &Property<'_>,
        word: &str,
    ) -> Option<String> {
        let said = table.values.get(field).and_then(|values| values.get(word)).cloned();
        let usual = || self.usual(field, word).map(str::to_owned);
        said.or_else(usual).or_else(|| {
            let group = self.known.schema.group(self.kind, property.id, "", word);
            let group = group.filter(|_| field == "status")?;
            Some(match self.kind {
                Kind::Project => group.of_project().name().to_owned(),
                _ => group.of_task().name().to_owned(),
            })
        })
    }

    /// What a word means by the rules.
    fn usual(&self, field: &str, word: &str) -> Option<&'static str> {
        match (self.kind, field) {
            (Kind::Project, "status") => words::project_status(word).map(Word::name),
            (_, "status") => words::task_status(word).map(Word::name),
            (_, "priority") => words::priority(word).map(Word::name),
            (_, "energy") => words::energy(word).map(Word::name),
            (_, "time_estimate") => words::time_estimate(word).map(Word::name),
            _ => None,
        }
    }

    /// The names that a mapping may have for what is there.
    fn columns(&self, table: Option<&MappedTable>) -> Vec<String> {
        let mut columns: Vec<String> = self.properties.iter().map(|it| it.now.to_owned()).collect();
        let named =
            table.into_iter().flat_map(|table| table.fields.values().flat_map(Columns::names));
        for name in named {
            let is_there = table.is_some_and(|table| self.named(table, name).is_some());
            // Of a kind of which there is nothing at all nobody can tell.
            if (is_there || self.properties.is_empty()) && !columns.contains(name) {
                columns.push(name.clone());
            }
        }
        columns
    }

    /// Whether every field is read from a type that can feed it, and what is only of tables is not said.
    fn check(&self, table: &MappedTable) -> Result<(), String> {
        if !table.links.is_empty() || table.midnight != Midnight::default() {
            return Err("Notion's pages have no links to tables, and days of their own".to_owned());
        }
        for (field, columns) in &table.fields {
            let Some(types) = names::of(self.kind, field).map(|field| field.types) else {
                continue;
            };
            for column in columns.names() {
                let property = self.named(table, column);
                if let Some(property) = property.filter(|it| !types.contains(&it.kind)) {
                    let (kind, types) = (property.kind, types.join(", "));
                    return Err(format!(
                        "{column:?} is of the type {kind:?}, and the field {field:?} is read from: {types}"
                    ));
                }
            }
        }
        Ok(())
    }
}

/// Whether everything that the mapping names is there. The error is one line that says what is not.
pub fn check_mapping(source: &Source) -> Result<(), String> {
    let Some(mapping) = &source.known.mapping else {
        return Ok(());
    };
    check_kinds(mapping)?;
    let databases = KINDS.map(|(kind, _)| Database::of(kind, &source.properties, &source.known));
    let tables = databases.iter().map(|database| {
        let name = database.kind.plural();
        let columns = database.columns(mapping.table(name));
        Table { name: name.to_owned(), columns, rows: Vec::new() }
    });
    mapping.check(&Tables { source: SOURCE, tables: tables.collect() })?;
    for database in &databases {
        let name = database.kind.plural();
        if let Some(table) = mapping.table(name) {
            database.check(table).map_err(|why| format!("table {name:?}: {why}"))?;
        }
    }
    Ok(())
}

/// Whether each database becomes what it was taken for.
fn check_kinds(mapping: &Mapping) -> Result<(), String> {
    for (kind, becomes) in KINDS.into_iter().filter(|_| mapping.source == SOURCE) {
        let name = kind.plural();
        if mapping.table(name).is_some_and(|table| table.becomes != becomes) {
            return Err(format!(
                "table {name:?}: it becomes {:?} and nothing else; which database is which, --tasks, --projects and \
                 --tags say when Notion is asked",
                becomes.as_str()
            ));
        }
    }
    Ok(())
}

/// What the mapping of a source says of words that are nowhere in it.
pub(crate) fn idle(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for table in source.known.mapping.iter().flat_map(|mapping| &mapping.tables) {
        let Some(kind) = table.becomes.kind() else {
            continue;
        };
        let database = Database::of(kind, &source.properties, &source.known);
        let words = database.words(table);
        let there = |field: &str| {
            let of_field = words.iter().filter(|(one, ..)| *one == field);
            of_field.map(|(_, word, _)| (*word).to_owned()).collect()
        };
        let idle = table.idle(there, |field, word| database.usual(field, word));
        findings.extend(idle.iter().map(|(field, word)| says_of_nothing(kind, field, word)));
    }
    findings
}

/// What the properties of a source become: as its mapping says, else as it is inferred.
#[must_use]
pub fn mapping_of(source: &Source) -> Mapping {
    source.known.mapping.clone().unwrap_or_else(|| {
        let tables = KINDS.iter().filter_map(|(kind, becomes)| {
            let database = Database::of(*kind, &source.properties, &source.known);
            (!database.properties.is_empty()).then(|| database.infer(*becomes))
        });
        Mapping { source: SOURCE.to_owned(), tables: tables.collect() }
    })
}

/// The mapping of a source as a file, with what there is besides in comments.
#[must_use]
pub fn print_mapping(source: &Source) -> String {
    let mapping = mapping_of(source);
    let mut file = format!(
        "# What the properties of Notion's pages become. Edit it, and give it with --mapping.\n\
         # Of several columns the first that says something counts; of tags, contexts and links all do.\n\
         # ids: what Notion knows the columns by, whatever they are called.\n\
         source = {SOURCE:?}\n"
    );
    for table in &mapping.tables {
        let Some(kind) = table.becomes.kind() else {
            continue;
        };
        let database = Database::of(kind, &source.properties, &source.known);
        let unknown = database.words(table).into_iter().filter(|(.., meaning)| meaning.is_none());
        let beside = Beside {
            rows: format!("{} pages", source.properties.pages(kind)),
            columns: database.properties.iter().map(|it| it.now).collect(),
            unknown: unknown.map(|(field, word, _)| (field, word.to_owned())).collect(),
        };
        file.push_str(&mapping.print_table(table, &beside));
    }
    file
}
