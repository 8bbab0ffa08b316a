//! The rows of a source that keeps tables or collections, before anything is known of what they mean.
//!
//! Readers of such sources produce them, a mapping says what they become. A row keeps its original.

use super::packed::Packed;
use crate::import::snapshot::When;
use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use std::collections::BTreeSet;
use std::sync::Arc;

/// The tables of a source.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    /// The system that they came from: the first part of every id.
    pub source: &'static str,
    /// Each of them.
    pub tables: Vec<Table>,
}

/// A table, or a collection.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// The names of its columns, in the order in which they were met.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// A row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its values, by column.
    pub cells: Vec<(Arc<str>, Cell)>,
    /// The whole original, as JSON.
    pub original: Packed,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Nothing.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Another number.
    Float(f64),
    /// A text.
    Text(Text),
    /// An id that is told from texts.
    Id(String),
    /// An instant.
    At(DateTime<Utc>),
    /// Several values.
    List(Vec<Cell>),
    /// Values with names.
    Object(Vec<(String, Cell)>),
    /// What has no place here whatever it is: bytes, a pattern, a program.
    Other,
}

/// A text that can be kept, and what it lost for that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    /// The text.
    pub text: String,
    /// How many NULs were dropped.
    pub nuls: usize,
    /// How many halves of characters became U+FFFD.
    pub lone_surrogates: usize,
    /// Whether bytes that are no UTF-8 became U+FFFD.
    pub is_mended: bool,
}

impl Text {
    /// The text of these bytes.
    pub(crate) fn new(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let is_mended = matches!(text, std::borrow::Cow::Owned(_));
        let nuls = text.matches('\0').count();
        Self { text: text.replace('\0', ""), nuls, lone_surrogates: 0, is_mended }
    }
}

impl Tables {
    /// The table of this name.
    pub(crate) fn get(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }

    /// Takes the table of this name out; [`Self::put`] puts it back to its place.
    pub(crate) fn take(&mut self, name: &str) -> Table {
        let found = self.tables.iter_mut().find(|table| table.name == name);
        let empty = Table { name: name.to_owned(), ..Table::default() };
        found.map_or_else(Table::default, |table| std::mem::replace(table, empty))
    }

    /// Puts a table back.
    pub(crate) fn put(&mut self, table: Table) {
        if let Some(place) = self.tables.iter_mut().find(|one| one.name == table.name) {
            *place = table;
        }
    }
}

impl Table {
    /// A table of these rows, with the columns that occur in them.
    pub(crate) fn new(name: &str, rows: Vec<Row>) -> Self {
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        let mut columns = Vec::new();
        for (column, _) in rows.iter().flat_map(|row| &row.cells) {
            if seen.insert(column) {
                columns.push(column.to_string());
            }
        }
        Self { name: name.to_owned(), columns, rows }
    }

    /// The values of a column that say something.
    pub(crate) fn values<'t>(&'t self, column: &'t str) -> impl Iterator<Item = &'t Cell> {
        self.rows.iter().map(move |row| row.get(column)).filter(|cell| cell.says_something())
    }
}

impl Row {
    /// The value of a column.
    pub(crate) fn get(&self, column: &str) -> &Cell {
        let found = self.cells.iter().find(|(name, _)| &**name == column);
        found.map_or(&Cell::Null, |(_, cell)| cell)
    }
}

/// How an instant is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Clock {
    Seconds,
    Milliseconds,
    Iso,
    Typed,
}

/// Numbers from here on are milliseconds: as seconds they would lie in the year 5138.
const MILLISECONDS: u64 = 100_000_000_000;

impl Cell {
    /// Whether it says anything: an empty text or list does not.
    pub(crate) fn says_something(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Text(text) => !text.text.is_empty() || text.nuls > 0,
            Self::List(list) => !list.is_empty(),
            _ => true,
        }
    }

    /// Whether there is a number in it that is none.
    pub(crate) fn has_nan(&self) -> bool {
        match self {
            Self::Float(number) => !number.is_finite(),
            Self::List(list) => list.iter().any(Self::has_nan),
            Self::Object(members) => members.iter().any(|(_, cell)| cell.has_nan()),
            _ => false,
        }
    }

    /// Whether it says yes, or when.
    pub(crate) fn is_yes(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(is) => *is,
            Self::Int(number) => *number != 0,
            Self::Text(text) => !matches!(text.text.as_str(), "" | "0" | "f" | "false" | "no"),
            _ => true,
        }
    }

    /// The ids in it: its own, those of a list, or that of an object.
    pub(crate) fn ids(&self) -> Vec<String> {
        match self {
            Self::Id(id) => vec![id.clone()],
            Self::Int(number) => vec![number.to_string()],
            Self::Text(text) if !text.text.is_empty() => vec![text.text.clone()],
            Self::List(list) => list.iter().flat_map(Self::ids).collect(),
            Self::Object(members) => {
                let id = members.iter().find(|(name, _)| matches!(name.as_str(), "_id" | "id"));
                id.map(|(_, cell)| cell.ids()).unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// What it says in words; nothing where words would not do.
    pub(crate) fn words(&self) -> Option<String> {
        match self {
            Self::Bool(is) => Some(is.to_string()),
            Self::Int(number) => Some(number.to_string()),
            Self::Float(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.text.clone()),
            Self::Id(id) => Some(id.clone()),
            Self::At(instant) => Some(instant.to_rfc3339()),
            Self::Null | Self::List(_) | Self::Object(_) | Self::Other => None,
        }
    }

    /// The day or instant that it says, and how it says it; nothing where it is none.
    pub(crate) fn when(&self) -> Option<(When, Clock)> {
        self.any_when().filter(|(when, _)| when.is_in_calendar())
    }

    fn any_when(&self) -> Option<(When, Clock)> {
        match self {
            Self::At(instant) => Some((When::At(*instant), Clock::Typed)),
            Self::Int(number) if number.unsigned_abs() >= MILLISECONDS => {
                let instant = DateTime::from_timestamp_millis(*number)?;
                Some((When::At(instant), Clock::Milliseconds))
            }
            Self::Int(number) => {
                Some((When::At(DateTime::from_timestamp(*number, 0)?), Clock::Seconds))
            }
            Self::Float(number) if number.is_finite() => {
                let thousandths: i64 = format!("{:.0}", number * 1000.0).parse().ok()?;
                Some((When::At(DateTime::from_timestamp_millis(thousandths)?), Clock::Seconds))
            }
            Self::Text(text) => Some((written(text.text.trim())?, Clock::Iso)),
            _ => None,
        }
    }
}

/// A day or an instant in ISO 8601; without a zone it is in UTC, which databases write so.
fn written(text: &str) -> Option<When> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        return Some(When::Day(day));
    }
    let with_zone = ["%+", "%Y-%m-%d %H:%M:%S%.f%#z"];
    let found = with_zone.iter().find_map(|format| DateTime::parse_from_str(text, format).ok());
    if let Some(instant) = found {
        return Some(When::At(instant.to_utc().trunc_subsecs(3)));
    }
    let formats = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"];
    let found = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    found.map(|local| When::At(local.trunc_subsecs(3).and_utc()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn when(cell: &Cell) -> Option<(String, Clock)> {
        let (when, clock) = cell.when()?;
        Some((format!("{:?}", when.start(chrono_tz::UTC)), clock))
    }

    #[test]
    fn an_instant_is_seconds_milliseconds_or_written() {
        let at = |clock| Some(("2025-04-15T05:51:33Z".to_owned(), clock));
        assert_eq!(when(&Cell::Int(1_744_696_293)), at(Clock::Seconds));
        assert_eq!(when(&Cell::Int(1_744_696_293_000)), at(Clock::Milliseconds));
        for text in ["2025-04-15T05:51:33Z", "2025-04-15 05:51:33", "2025-04-15 15:51:33+10"] {
            assert_eq!(when(&Cell::Text(Text::new(text.as_bytes()))), at(Clock::Iso), "{text}");
        }
        assert_eq!(when(&Cell::Text(Text::new(b"2025-02-30"))), None);
        assert_eq!(when(&Cell::Float(f64::NAN)), None);
        assert_eq!(when(&Cell::Int(253_402_214_399_999)).unwrap().0, "9999-12-30T23:59:59.999Z");
        assert_eq!(when(&Cell::Int(253_402_214_400_000)), None);
    }

    #[test]
    fn a_text_loses_nuls_and_bytes_that_are_no_letters() {
        let text = Text::new(b"a\0b\xFF");
        assert_eq!((text.text.as_str(), text.nuls, text.is_mended), ("ab\u{FFFD}", 1, true));
    }
}
