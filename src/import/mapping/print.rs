//! A mapping as the file that a person edits. What is read of it again is the same mapping.

use super::{Becomes, Columns, MappedTable, Mapping, Midnight};
use crate::entity::{ProjectStatus, TaskPriority, TaskStatus};
use crate::import::table::{Cell, Table, Tables};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

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
        for table in &self.tables {
            // Writing into a text cannot fail.
            let _ = table.print(&mut file, tables.get(&table.name));
        }
        file
    }
}

impl MappedTable {
    fn print(&self, file: &mut String, table: Option<&Table>) -> std::fmt::Result {
        let rows = table.map_or(0, |table| table.rows.len());
        writeln!(file, "\n[[table]] # {rows} rows")?;
        writeln!(file, "name = {}", quoted(&self.name))?;
        writeln!(file, "becomes = {}", quoted(self.becomes.as_str()))?;
        if ["due", "scheduled"].iter().any(|field| self.fields.contains_key(*field)) {
            let midnight = match self.midnight {
                Midnight::Instant => "instant",
                Midnight::Day => "day",
            };
            writeln!(file, "midnight = {midnight:?} # in UTC, where something is due: or \"day\"")?;
        }
        if !self.fields.is_empty() {
            writeln!(file, "[table.fields]")?;
        }
        let (needed, more) = self.becomes.fields();
        for field in needed.iter().chain(more) {
            match self.fields.get(*field) {
                Some(columns) => writeln!(file, "{field} = {}", columns.print())?,
                None => writeln!(file, "# {field} =")?,
            }
        }
        let taken: BTreeSet<&String> = self.fields.values().flat_map(Columns::names).collect();
        let columns = table.into_iter().flat_map(|table| &table.columns);
        let free: Vec<&String> = columns.filter(|column| !taken.contains(column)).collect();
        if self.becomes == Becomes::Nothing {
            let names: Vec<String> = free.into_iter().map(|name| quoted(name)).collect();
            writeln!(file, "# columns: {}", names.join(", "))?;
        } else if !free.is_empty() {
            let names: Vec<String> = free.into_iter().map(|name| quoted(name)).collect();
            writeln!(file, "# without a place, kept in the originals: {}", names.join(", "))?;
        }
        section(file, "links", &self.links)?;
        for (field, values) in &self.values {
            section(file, &format!("values.{field}"), values)?;
        }
        table.map_or(Ok(()), |table| self.unknown(file, table))
    }

    /// The words that are not understood, to be filled in.
    fn unknown(&self, file: &mut String, table: &Table) -> std::fmt::Result {
        let statuses = |word: &str| match self.becomes {
            Becomes::Project => self.meant::<ProjectStatus>("status", word).is_some(),
            _ => self.meant::<TaskStatus>("status", word).is_some(),
        };
        let priorities = |word: &str| self.meant::<TaskPriority>("priority", word).is_some();
        self.unknown_of(file, table, "status", &statuses)?;
        self.unknown_of(file, table, "priority", &priorities)
    }

    fn unknown_of(
        &self,
        file: &mut String,
        table: &Table,
        field: &str,
        is_known: &dyn Fn(&str) -> bool,
    ) -> std::fmt::Result {
        let columns = self.columns(field).iter();
        let words = columns.flat_map(|column| table.values(column)).filter_map(Cell::words);
        let unknown: BTreeSet<String> = words.filter(|word| !is_known(word)).collect();
        for word in unknown {
            let word = quoted(word.trim());
            writeln!(file, "# not understood, add it to [table.values.{field}]: {word} = \"…\"")?;
        }
        Ok(())
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
