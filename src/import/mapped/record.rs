//! One row and its fields: finding them by the mapping, reading their values, and saying what was odd.
//!
//! What the values mean is in `meaning.rs`; nothing here refuses a row.

use crate::import::finding::{Finding, Severity};
use crate::import::mapping::words::Word;
use crate::import::mapping::{MappedTable, Midnight};
use crate::import::snapshot::{Kind, When};
use crate::import::table::{Cell, Clock, Row, Table, Text};
use chrono::NaiveTime;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How the columns of a table are usually filled, so that what is different can be told.
pub(super) struct Forms {
    clocks: BTreeMap<String, Clock>,
    lists: BTreeSet<String>,
}

impl Forms {
    pub(super) fn of(table: &Table, mapped: &MappedTable) -> Self {
        let mut forms = Self { clocks: BTreeMap::new(), lists: BTreeSet::new() };
        let times = ["created", "updated", "completed", "due", "scheduled"];
        for column in times.iter().flat_map(|field| mapped.columns(field)) {
            let mut counts: BTreeMap<Clock, usize> = BTreeMap::new();
            for (_, clock) in table.values(column).filter_map(Cell::when) {
                *counts.entry(clock).or_default() += 1;
            }
            let usual = counts.into_iter().max_by_key(|(_, count)| *count);
            forms.clocks.extend(usual.map(|(clock, _)| (column.clone(), clock)));
        }
        for column in mapped.columns("tags") {
            let is_list = |cell: &Cell| match cell {
                Cell::List(_) => true,
                Cell::Text(text) => text.text.trim_start().starts_with('['),
                _ => false,
            };
            if table.values(column).any(is_list) {
                forms.lists.insert(column.clone());
            }
        }
        forms
    }
}

/// The rows of another table that a column may name, by their ids.
pub(super) struct Link<'m> {
    pub(super) column: &'m str,
    pub(super) target: &'m str,
    pub(super) rows: BTreeMap<String, Vec<u8>>,
}

/// A row that a record names, or that names a record.
pub(super) struct Linked {
    /// Its table and id.
    pub(super) row: (String, String),
    /// Its original, under the name of the column that links them.
    pub(super) original: Vec<u8>,
}

impl Linked {
    pub(super) fn new(table: &str, id: &str, column: &str, row: &[u8]) -> Self {
        let name = Value::from(column).to_string();
        let original = [b"{", name.as_bytes(), b":", row, b"}"].concat();
        Self { row: (table.to_owned(), id.to_owned()), original }
    }
}

/// A row whose fields are taken one by one.
pub(super) struct Record<'a, 'f> {
    kind: Kind,
    pub(super) id: String,
    row: &'a Row,
    mapped: &'a MappedTable,
    forms: &'a Forms,
    findings: &'f mut Vec<Finding>,
}

impl<'a, 'f> Record<'a, 'f> {
    pub(super) fn new(
        kind: Kind,
        id: String,
        row: &'a Row,
        mapped: &'a MappedTable,
        forms: &'a Forms,
        findings: &'f mut Vec<Finding>,
    ) -> Self {
        Self { kind, id, row, mapped, forms, findings }
    }

    pub(super) fn warn(&mut self, code: &'static str, property: &str, value: &str, reason: &str) {
        self.find(Severity::Warning, code, property, value, reason);
    }

    fn find(
        &mut self,
        severity: Severity,
        code: &'static str,
        property: &str,
        value: &str,
        reason: &str,
    ) {
        let finding = Finding::new(severity, self.kind, &self.id, code, reason);
        self.findings.push(finding.at(property, value));
    }

    /// The first column of a field that says something.
    fn cell(&self, field: &str) -> Option<(&'a str, &'a Cell)> {
        let columns = self.mapped.columns(field).iter();
        let cells = columns.map(|column| (column.as_str(), self.row.get(column)));
        cells.into_iter().find(|(_, cell)| cell.says_something())
    }

    /// Whether a tag has nothing that can be seen.
    pub(super) fn has_no_name(&self) -> bool {
        let name = self.cell("name").and_then(|(_, cell)| cell.words());
        name.is_none_or(|name| crate::fold::tag_key(&name).is_empty())
    }

    /// A text; nothing where there is none.
    pub(super) fn text(&mut self, field: &str) -> Option<String> {
        let (column, cell) = self.cell(field)?;
        if let Cell::Text(text) = cell {
            self.lost(column, text);
        }
        let words = cell.words();
        if words.is_none() {
            let reason = "it is no text and was left out; it is kept in the original";
            self.warn("not_a_text", column, "", reason);
        }
        words
    }

    /// Reports what a text lost on the way.
    fn lost(&mut self, column: &str, text: &Text) {
        if text.nuls > 0 {
            self.warn("nul", column, "", "NUL characters were dropped");
        }
        if text.lone_surrogates > 0 {
            self.warn("lone_surrogate", column, "", "halves of characters became U+FFFD");
        }
        if text.is_mended {
            self.warn("invalid_utf8", column, "", "bytes that are no UTF-8 became U+FFFD");
        }
    }

    /// The value that a word means; the word where it is not known.
    pub(super) fn word<W: Word>(&self, field: &str) -> Option<Result<W, (String, String)>> {
        let (column, cell) = self.cell(field)?;
        let word = cell.words().unwrap_or_default();
        if word.trim().is_empty() && matches!(cell, Cell::Text(_)) {
            return None;
        }
        let meant = self.mapped.meant(field, &word);
        Some(meant.ok_or_else(|| (column.to_owned(), word)))
    }

    /// A day or an instant.
    pub(super) fn when(&mut self, field: &str) -> Option<When> {
        let (column, cell) = self.cell(field)?;
        let Some((when, clock)) = cell.when() else {
            let value = cell.words().unwrap_or_default();
            self.warn("bad_date", column, &value, "it is no date and was left out");
            return None;
        };
        if self.forms.clocks.get(column).is_some_and(|usual| *usual != clock) {
            let (code, reason) = match clock {
                Clock::Seconds => ("seconds", "it is in seconds, unlike others in its column"),
                Clock::Milliseconds => {
                    ("milliseconds", "it is in milliseconds, unlike others in its column")
                }
                Clock::Iso => ("iso_text", "it is written out, unlike others in its column"),
                Clock::Typed => ("typed_date", "it is a date, unlike others in its column"),
            };
            let value = cell.words().unwrap_or_default();
            self.warn(code, column, &value, reason);
        }
        Some(when)
    }

    /// When something is due: at midnight in UTC that may mean the day.
    pub(super) fn due(&mut self, field: &str) -> Option<When> {
        let when = self.when(field)?;
        let (column, _) = self.cell(field)?;
        let When::At(instant) = when else {
            return Some(when);
        };
        if instant.time() != NaiveTime::MIN {
            return Some(when);
        }
        if self.mapped.midnight == Midnight::Day {
            return Some(When::Day(instant.date_naive()));
        }
        let reason = "it is midnight in UTC; where that means the day, say so in the mapping";
        self.find(Severity::Information, "due_at_midnight", column, "", reason);
        Some(when)
    }

    /// The ids that a field names.
    pub(super) fn links(&self, field: &str) -> Vec<String> {
        let columns = self.mapped.columns(field).iter();
        columns.flat_map(|column| self.row.get(column).ids()).collect()
    }

    /// The names of tags: a list, a list in JSON, or a text with commas. Ids of tags are passed over.
    pub(super) fn names(&mut self, field: &str, is_tag: &dyn Fn(&str) -> bool) -> Vec<String> {
        let is_tag = |cell: &Cell| cell.ids().first().is_some_and(|id| is_tag(id));
        let mut names = Vec::new();
        for column in self.mapped.columns(field) {
            match self.row.get(column) {
                Cell::Null => {}
                cell if !matches!(cell, Cell::List(_)) && is_tag(cell) => {}
                Cell::Text(text) => {
                    self.lost(column, text);
                    names.extend(self.written_names(column, &text.text));
                }
                Cell::List(list) => {
                    for cell in list {
                        match cell {
                            cell if is_tag(cell) => {}
                            Cell::Text(text) => {
                                self.lost(column, text);
                                names.push(text.text.clone());
                            }
                            _ => self.no_name(column, &cell.words().unwrap_or_default()),
                        }
                    }
                }
                cell => {
                    let value = cell.words().unwrap_or_default();
                    self.warn("tags_not_array", column, &value, "it is no list of tags");
                    names.extend(cell.words());
                }
            }
        }
        names.retain(|name| !crate::fold::tag_key(name).is_empty());
        names
    }

    fn written_names(&mut self, column: &str, text: &str) -> Vec<String> {
        let is_list = self.forms.lists.contains(column);
        if text.trim().is_empty() {
            return Vec::new();
        }
        let one = "it is one tag and no list of tags, unlike others in its column";
        match serde_json::from_str::<Value>(text) {
            Ok(Value::Array(list)) => {
                let mut names = Vec::new();
                for value in list {
                    match value {
                        Value::String(name) => names.push(self.without_nul(column, &name)),
                        other => self.no_name(column, &other.to_string()),
                    }
                }
                names
            }
            Ok(Value::String(name)) => {
                self.warn("tags_not_array", column, &name, one);
                vec![self.without_nul(column, &name)]
            }
            _ => {
                if is_list && text.contains(',') {
                    let reason = "it is no list in JSON; it was taken apart at its commas";
                    self.warn("bad_tags_json", column, text, reason);
                } else if is_list {
                    self.warn("tags_not_array", column, text, one);
                }
                text.split(',').map(|name| name.trim().to_owned()).collect()
            }
        }
    }

    fn without_nul(&mut self, column: &str, name: &str) -> String {
        let text = Text::new(name.as_bytes());
        self.lost(column, &text);
        text.text
    }

    fn no_name(&mut self, column: &str, value: &str) {
        let reason = "it stands among tags and is no text; it is kept in the original";
        self.warn("bad_tag_elements", column, value, reason);
    }

    /// The rows of other tables that the record names; what is named and not there is reported.
    pub(super) fn linked(&mut self, links: &[Link<'_>]) -> Vec<Linked> {
        let mut linked = Vec::new();
        for Link { column, target, rows } in links {
            let mut seen = BTreeSet::new();
            for id in self.row.get(column).ids() {
                if !seen.insert(id.clone()) {
                    continue;
                }
                let Some(row) = rows.get(&id) else {
                    let reason =
                        format!("it is not among the {target}; it is kept in the original");
                    self.warn("dangling_link", column, &id, &reason);
                    continue;
                };
                linked.push(Linked::new(target, &id, column, row));
            }
        }
        linked
    }

    /// Reports what is there and was not taken.
    pub(super) fn finish(mut self) {
        let row = self.row;
        for (column, cell) in &row.cells {
            let column = &**column;
            let is_taken =
                self.mapped.fields.values().any(|one| one.names().iter().any(|it| it == column));
            if is_taken || !cell.says_something() {
                continue;
            }
            if cell.has_nan() {
                let reason = "it is no number; it is kept in the original";
                self.warn("nan", column, "", reason);
            }
            let reason = "there is no column for it; it is kept in the original";
            self.find(Severity::Information, "no_column", column, "", reason);
        }
    }
}
