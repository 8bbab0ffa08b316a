//! A mapping as the file that a person edits. What is read of it again is the same mapping.

use super::{Becomes, Columns, MappedTable, Mapping, Midnight};
use crate::entity::{ProjectStatus, TaskPriority, TaskStatus};
use crate::import::table::{Cell, Table, Tables};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// What stands beside a table, in comments.
pub(crate) struct Beside<'t> {
    /// How many rows there are, in words.
    pub(crate) rows: String,
    /// The columns that there are.
    pub(crate) columns: Vec<&'t str>,
    /// The words that are not understood, with their fields.
    pub(crate) unknown: Vec<(&'static str, String)>,
}

impl Mapping {
    /// The file, with what there is besides in comments.
    #[must_use]
    pub fn print(&self, tables: &Tables) -> String {
        let mut file = format!(
            "# What the tables of the source become. Edit it, and give it with --mapping.\n\
             # becomes: task, project, tag, task_tag (each row gives a task a tag) or nothing.\n\
             source = {}\n",
            quoted(&self.source)
        );
        for mapped in &self.tables {
            let table = tables.get(&mapped.name);
            let beside = Beside {
                rows: format!("{} rows", table.map_or(0, |table| table.rows.len())),
                columns: table.into_iter().flat_map(|it| &it.columns).map(String::as_str).collect(),
                unknown: table.map(|table| mapped.unknown(table)).unwrap_or_default(),
            };
            file.push_str(&self.print_table(mapped, &beside));
        }
        file
    }

    /// A table of the file.
    pub(crate) fn print_table(&self, table: &MappedTable, beside: &Beside<'_>) -> String {
        let mut file = String::new();
        // Writing into a text cannot fail.
        let _ = table.print(&mut file, self.fields(table.becomes), beside);
        file
    }
}

impl MappedTable {
    fn print(
        &self,
        file: &mut String,
        (needed, more): (Vec<&str>, Vec<&str>),
        beside: &Beside<'_>,
    ) -> std::fmt::Result {
        writeln!(file, "\n[[table]] # {}", beside.rows)?;
        writeln!(file, "name = {}", quoted(&self.name))?;
        writeln!(file, "becomes = {}", quoted(self.becomes.as_str()))?;
        // Where days are told from instants nothing is to be said of midnights.
        let is_dated = ["due", "scheduled"].iter().any(|field| self.fields.contains_key(*field));
        if is_dated && !needed.is_empty() {
            let midnight = match self.midnight {
                Midnight::Instant => "instant",
                Midnight::Day => "day",
            };
            writeln!(file, "midnight = {midnight:?} # in UTC, where something is due: or \"day\"")?;
        }
        if !self.fields.is_empty() {
            writeln!(file, "[table.fields]")?;
        }
        for field in needed.iter().chain(&more) {
            match self.fields.get(*field) {
                Some(columns) => writeln!(file, "{field} = {}", columns.print())?,
                None => writeln!(file, "# {field} =")?,
            }
        }
        let taken: BTreeSet<&str> =
            self.fields.values().flat_map(Columns::names).map(String::as_str).collect();
        let free = beside.columns.iter().filter(|column| !taken.contains(*column));
        let free: Vec<String> = free.map(|name| quoted(name)).collect();
        if self.becomes == Becomes::Nothing {
            writeln!(file, "# columns: {}", free.join(", "))?;
        } else if !free.is_empty() {
            writeln!(file, "# without a place, kept in the originals: {}", free.join(", "))?;
        }
        section(file, "ids", &self.ids)?;
        section(file, "links", &self.links)?;
        for (field, values) in &self.values {
            section(file, &format!("values.{field}"), values)?;
        }
        for (field, word) in &beside.unknown {
            let word = quoted(word);
            writeln!(file, "# not understood, add it to [table.values.{field}]: {word} = \"…\"")?;
        }
        Ok(())
    }

    /// The words that are not understood, to be filled in.
    fn unknown(&self, table: &Table) -> Vec<(&'static str, String)> {
        let statuses = |word: &str| match self.becomes {
            Becomes::Project => self.meant::<ProjectStatus>("status", word).is_some(),
            _ => self.meant::<TaskStatus>("status", word).is_some(),
        };
        let priorities = |word: &str| self.meant::<TaskPriority>("priority", word).is_some();
        let mut unknown = self.unknown_of(table, "status", &statuses);
        unknown.extend(self.unknown_of(table, "priority", &priorities));
        unknown
    }

    fn unknown_of(
        &self,
        table: &Table,
        field: &'static str,
        is_known: &dyn Fn(&str) -> bool,
    ) -> Vec<(&'static str, String)> {
        let columns = self.columns(field).iter();
        let words = columns.flat_map(|column| table.values(column)).filter_map(Cell::words);
        let unknown: BTreeSet<String> = words.filter(|word| !is_known(word)).collect();
        unknown.into_iter().map(|word| (field, word.trim().to_owned())).collect()
    }
}

impl Columns {
    fn print(&self) -> String {
        match self {
            Self::One(name) => quoted(name),
            Self::Several(names) => {
                let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
                format!("[{}]", names.join(", "))
            }
        }
    }
}

fn section(file: &mut String, name: &str, entries: &BTreeMap<String, String>) -> std::fmt::Result {
    if entries.is_empty() {
        return Ok(());
    }
    writeln!(file, "[table.{name}]")?;
    for (key, value) in entries {
        writeln!(file, "{} = {}", quoted(key), quoted(value))?;
    }
    Ok(())
}

/// A text in TOML.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(letter));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
