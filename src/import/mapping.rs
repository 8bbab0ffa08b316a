//! What the tables of a source become: one small file that is inferred, printed, edited and checked.
//!
//! The same file serves every source: Notion's databases are tables too (`notion/mapping.rs`), their properties
//! columns. A mapping that was read names only what is there.

mod infer;
pub(crate) mod print;
pub(crate) mod words;

use crate::entity::{EnergyLevel, ProjectStatus, TaskPriority, TaskStatus, TimeEstimate};
use crate::import::finding::{Finding, Severity};
use crate::import::notion;
use crate::import::snapshot::Kind;
use crate::import::table::{Table, Tables};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use words::Word;

/// What the tables of a source become.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Mapping {
    /// The kind of source that it is for.
    pub(super) source: String,
    /// Each table.
    #[serde(default, rename = "table")]
    pub(crate) tables: Vec<MappedTable>,
}

/// What a table becomes.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct MappedTable {
    pub(crate) name: String,
    pub(crate) becomes: Becomes,
    /// What is meant where something is due at midnight in UTC.
    #[serde(default)]
    pub(crate) midnight: Midnight,
    /// The columns of each of our fields.
    #[serde(default)]
    pub(crate) fields: BTreeMap<String, Columns>,
    /// The ids of columns in Notion: they stay when a column gets another name.
    #[serde(default)]
    pub(crate) ids: BTreeMap<String, String>,
    /// For columns without a field: the table whose rows they name. Those rows are kept with the record;
    /// a row of a table that becomes nothing is kept with the record that it names.
    #[serde(default)]
    pub(crate) links: BTreeMap<String, String>,
    /// For a field, what the words of the source mean.
    #[serde(default)]
    pub(crate) values: BTreeMap<String, BTreeMap<String, String>>,
}

/// What the rows of a table become.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Becomes {
    Project,
    Tag,
    Task,
    /// Each row gives a task a tag.
    TaskTag,
    Nothing,
}

/// What midnight in UTC means. Programs without days write days so.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Midnight {
    #[default]
    Instant,
    Day,
}

/// A column, or several of which the first that says something counts. Of tags all count.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged, expecting = "expected the name of a column, or a list of them")]
pub(crate) enum Columns {
    One(String),
    Several(Vec<String>),
}

impl Columns {
    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Several(names) => names,
        }
    }
}

impl Becomes {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Tag => "tag",
            Self::Task => "task",
            Self::TaskTag => "task_tag",
            Self::Nothing => "nothing",
        }
    }

    /// The kind of its records.
    pub(crate) const fn kind(self) -> Option<Kind> {
        match self {
            Self::Project => Some(Kind::Project),
            Self::Tag => Some(Kind::Tag),
            Self::Task => Some(Kind::Task),
            Self::TaskTag | Self::Nothing => None,
        }
    }

    /// Our fields, those that a record cannot be without first.
    const fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::Project => (
                &["id", "title"],
                &["description", "status", "color", "icon", "created", "updated", "trashed"],
            ),
            Self::Tag => (&["id", "name"], &["color", "created", "updated", "trashed"]),
            Self::Task => (
                &["id", "title"],
                &[
                    "description",
                    "status",
                    "priority",
                    "due",
                    "scheduled",
                    "completed",
                    "energy",
                    "time_estimate",
                    "source",
                    "tags",
                    "project",
                    "parent",
                    "created",
                    "updated",
                    "trashed",
                ],
            ),
            Self::TaskTag => (&["task", "tag"], &[]),
            Self::Nothing => (&[], &[]),
        }
    }
}

impl Mapping {
    /// The mapping in a file. The error is one line that says what is wrong with it.
    pub fn read(text: &str, tables: &Tables) -> Result<Self, String> {
        let mapping = Self::parse(text)?;
        mapping.check(tables)?;
        Ok(mapping)
    }

    /// The mapping in a file, of which nobody knows yet whether it names what is there.
    pub fn parse(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| {
            let place = error.span().and_then(|span| text.get(..span.start));
            let line = place.map_or(1, |before| before.matches('\n').count() + 1);
            format!("line {line}: {}", error.message().replace('\n', ", "))
        })
    }

    /// What the tables of a source seem to be.
    #[must_use]
    pub fn infer(tables: &Tables) -> Self {
        infer::infer(tables)
    }

    /// What a table becomes.
    pub(crate) fn table(&self, name: &str) -> Option<&MappedTable> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// What becomes records of a kind, where that is said.
    pub(crate) fn of(&self, kind: Kind) -> Option<&MappedTable> {
        self.tables.iter().find(|table| table.becomes.kind() == Some(kind))
    }

    /// Our fields of what a table becomes, those that a record cannot be without first.
    pub(crate) fn fields(&self, becomes: Becomes) -> (Vec<&'static str>, Vec<&'static str>) {
        match becomes.kind() {
            Some(kind) if self.source == notion::SOURCE => (Vec::new(), notion::fields(kind)),
            _ => {
                let (needed, more) = becomes.fields();
                (needed.to_vec(), more.to_vec())
            }
        }
    }

    /// Whether everything that it names is there. The error is one line that says what is not.
    pub fn check(&self, tables: &Tables) -> Result<(), String> {
        if self.source != tables.source {
            return Err(format!(
                "the mapping is for {:?}, and this is {:?}",
                self.source, tables.source
            ));
        }
        let mut seen = BTreeSet::new();
        for table in &self.tables {
            let names = tables.tables.iter().map(|table| table.name.as_str());
            let Some(found) = tables.get(&table.name) else {
                return Err(format!("there is no table {:?}; {}", table.name, there(names)));
            };
            if !seen.insert(&table.name) {
                return Err(format!("the table {:?} is there twice", table.name));
            }
            if self.source != notion::SOURCE && !table.ids.is_empty() {
                return Err(format!("table {:?}: only Notion's columns have ids", table.name));
            }
            let fields = self.fields(table.becomes);
            table
                .check(found, tables, fields)
                .map_err(|why| format!("table {:?}: {why}", table.name))?;
        }
        let becomes_something = |table: &&MappedTable| {
            matches!(table.becomes, Becomes::Task | Becomes::Project | Becomes::Tag)
        };
        if !self.tables.iter().any(|table| becomes_something(&table)) {
            let names = tables.tables.iter().map(|table| table.name.as_str());
            return Err(format!("no table becomes a task, project or tag; {}", there(names)));
        }
        Ok(())
    }
}

/// The names that there are, in words.
fn there<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let names: Vec<String> = names.map(|name| format!("{name:?}")).collect();
    if names.is_empty() {
        return "there is none".to_owned();
    }
    format!("there are {}", names.join(", "))
}

/// What a word of a field usually means.
pub(crate) fn usual(becomes: Becomes, field: &str, word: &str) -> Option<&'static str> {
    match (becomes, field) {
        (Becomes::Task, "status") => TaskStatus::meant(word).map(Word::name),
        (Becomes::Task, "priority") => TaskPriority::meant(word).map(Word::name),
        (Becomes::Task, "energy") => EnergyLevel::meant(word).map(Word::name),
        (Becomes::Task, "time_estimate") => TimeEstimate::meant(word).map(Word::name),
        (Becomes::Project, "status") => ProjectStatus::meant(word).map(Word::name),
        _ => None,
    }
}

/// What there is to say of a word of a mapping that is nowhere.
pub(crate) fn says_of_nothing(kind: Kind, field: &str, word: &str) -> Finding {
    let reason = "the mapping says what it means, and it is nowhere in the source";
    Finding::new(Severity::Warning, kind, "", "idle_mapping", reason).at(field, word)
}

impl MappedTable {
    /// The columns of one of our fields.
    pub(crate) fn columns(&self, field: &str) -> &[String] {
        self.fields.get(field).map(Columns::names).unwrap_or_default()
    }

    /// What a word of the source means: what the mapping says, else what is usually meant.
    pub(crate) fn meant<W: Word>(&self, field: &str, word: &str) -> Option<W> {
        self.said(field, word).or_else(|| W::meant(word))
    }

    /// What the mapping says that a word means.
    pub(crate) fn said<W: Word>(&self, field: &str, word: &str) -> Option<W> {
        W::named(self.values.get(field)?.get(word.trim())?)
    }

    /// The words of whose meaning the mapping says more than is usual, and that are not among these.
    pub(crate) fn idle(
        &self,
        there: impl Fn(&str) -> BTreeSet<String>,
        usual: impl Fn(&str, &str) -> Option<&'static str>,
    ) -> Vec<(String, String)> {
        let mut idle = Vec::new();
        for (field, values) in &self.values {
            let there = there(field);
            let said = values.iter().filter(|(word, meaning)| {
                !there.contains(word.trim()) && usual(field, word) != Some(meaning)
            });
            idle.extend(said.map(|(word, _)| (field.clone(), word.clone())));
        }
        idle
    }

    fn check(
        &self,
        table: &Table,
        tables: &Tables,
        (needed, more): (Vec<&str>, Vec<&str>),
    ) -> Result<(), String> {
        for field in &needed {
            if !self.fields.contains_key(*field) {
                return Err(format!("a {} needs the field {field:?}", self.becomes.as_str()));
            }
        }
        for (field, columns) in &self.fields {
            let fields = needed.iter().chain(&more).copied();
            if !fields.clone().any(|known| known == field) {
                let becomes = self.becomes.as_str();
                return Err(format!("a {becomes} has no field {field:?}; {}", there(fields)));
            }
            for column in columns.names() {
                check_column(table, column)?;
            }
        }
        for (column, target) in &self.links {
            check_column(table, column)?;
            if tables.get(target).is_none() {
                let names = tables.tables.iter().map(|table| table.name.as_str());
                return Err(format!(
                    "{column:?} links to the table {target:?}, which is not there; {}",
                    there(names)
                ));
            }
        }
        self.check_values()
    }

    fn check_values(&self) -> Result<(), String> {
        for (field, values) in &self.values {
            let check = match (self.becomes, field.as_str()) {
                (Becomes::Task, "status") => check_words::<TaskStatus>,
                (Becomes::Task, "priority") => check_words::<TaskPriority>,
                (Becomes::Task, "energy") => check_words::<EnergyLevel>,
                (Becomes::Task, "time_estimate") => check_words::<TimeEstimate>,
                (Becomes::Project, "status") => check_words::<ProjectStatus>,
                (becomes, field) => {
                    let becomes = becomes.as_str();
                    return Err(format!(
                        "the field {field:?} of a {becomes} has no list of values"
                    ));
                }
            };
            check(values)?;
        }
        Ok(())
    }
}

fn check_column(table: &Table, column: &str) -> Result<(), String> {
    if table.columns.iter().any(|one| one == column) {
        return Ok(());
    }
    let names = table.columns.iter().map(String::as_str);
    Err(format!("there is no column {column:?}; {}", there(names)))
}

fn check_words<W: Word>(values: &BTreeMap<String, String>) -> Result<(), String> {
    for (word, meaning) in values {
        if W::named(meaning).is_none() {
            let names = W::NAMES.iter().map(|(name, _)| *name);
            return Err(format!(
                "{word:?} cannot mean {meaning:?}, which is no {}; {}",
                W::WHAT,
                there(names)
            ));
        }
    }
    Ok(())
}
