//! Reads a dump of the former database: what `pg_dump` writes as plain text in, tables out.
//!
//! Only its COPY blocks hold rows. What the dump says of types is believed where it is there; times
//! without a zone are in UTC, as Prisma writes them.

use super::packed::Packed;
use super::table::{Cell, Row, Table, Tables, Text};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::iter::Enumerate;
use std::path::Path;
use std::sync::Arc;

/// What `pg_dump` writes first and last.
const START: &str = "-- PostgreSQL database dump";
const END: &str = "-- PostgreSQL database dump complete";

/// Prisma's own list of what it has done to the database.
const BOOKKEEPING: &str = "_prisma_migrations";

/// Reads all tables. The error is one line that says what is wrong with the file.
pub fn read(path: &Path) -> Result<Tables, String> {
    let unreadable = |error| format!("it cannot be read ({error})");
    let file = File::open(path).map_err(unreadable)?;
    // Whoever finds something wrong reads the whole file to say what.
    if let Some(tables) = streamed(BufReader::new(file)) {
        return Ok(Tables { source: "prisma", tables });
    }
    parse(&std::fs::read(path).map_err(unreadable)?)
}

/// The tables of a dump, of which one line at a time is here; nothing where anything is wrong with it.
fn streamed(file: impl BufRead) -> Option<Vec<Table>> {
    let (mut is_started, mut end, mut count, mut is_broken) = (false, None, 0, false);
    let lines = file.lines().map_while(|line| {
        is_broken |= line.is_err();
        let line = line.ok()?;
        is_started |= count < 5 && line == START;
        if line == END {
            end = Some(count);
        }
        count += 1;
        Some(line)
    });
    let mut dump = Dump { lines: lines.enumerate(), types: BTreeMap::new() };
    let tables = dump.tables().ok()?;
    let is_ended = end.is_some_and(|end| end + 20 >= count);
    let is_whole = !is_broken && is_started && is_ended && !tables.is_empty();
    is_whole.then_some(tables)
}

fn parse(bytes: &[u8]) -> Result<Tables, String> {
    if bytes.starts_with(b"PGDMP") {
        let cure = "pg_restore --no-owner --file=dump.sql FILE makes text of it";
        return Err(format!("it is in pg_dump's own format; {cure}"));
    }
    if bytes.starts_with(b"\x1F\x8B") {
        return Err("it is packed; gunzip it first".to_owned());
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        format!("it is not UTF-8 from byte {at} on; dump it with --encoding=UTF8")
    })?;
    let is_started = text.lines().take(5).any(|line| line == START);
    if is_started && !text.lines().rev().take(20).any(|line| line == END) {
        return Err("it does not end as pg_dump ends: it was cut; dump it again".to_owned());
    }
    let lines = text.split('\n').map(str::to_owned);
    let mut dump = Dump { lines: lines.enumerate(), types: BTreeMap::new() };
    let tables = dump.tables()?;
    if tables.is_empty() {
        return Err(if text.contains("INSERT INTO ") {
            "its rows are INSERT statements; dump it without --inserts".to_owned()
        } else {
            "there are no rows of pg_dump (COPY … FROM stdin) in it".to_owned()
        });
    }
    Ok(Tables { source: "prisma", tables })
}

struct Dump<L> {
    lines: Enumerate<L>,
    /// The type of each column, by table and column.
    types: BTreeMap<(String, String), String>,
}

impl<L: Iterator<Item = String>> Dump<L> {
    /// The next line, without what Windows puts at its end.
    fn line(&mut self) -> Option<(usize, String)> {
        let (place, mut line) = self.lines.next()?;
        line.truncate(line.strip_suffix('\r').map_or(line.len(), str::len));
        Some((place + 1, line))
    }

    fn tables(&mut self) -> Result<Vec<Table>, String> {
        let mut tables = Vec::new();
        while let Some((place, line)) = self.line() {
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                if let Some(rest) = rest.strip_suffix('(') {
                    self.columns(&name_of(rest).0);
                }
            } else if let Some(rest) = line.strip_prefix("COPY ") {
                let Some(rest) = rest.strip_suffix(" FROM stdin;") else {
                    return Err(format!("line {place} cannot be read: {line:?}"));
                };
                let Some((name, columns)) = head(rest) else {
                    return Err(format!("line {place} cannot be read: {line:?}"));
                };
                let table = self.rows(name, columns)?;
                if table.name != BOOKKEEPING {
                    tables.push(table);
                }
            }
        }
        Ok(tables)
    }

    /// Notes the types in the definition of a table.
    fn columns(&mut self, table: &str) {
        while let Some((_, line)) = self.line() {
            if line.starts_with(')') {
                return;
            }
            let (column, kind) = name_of(line.trim());
            let kind = kind.trim().trim_end_matches(',').to_owned();
            self.types.insert((table.to_owned(), column), kind);
        }
    }

    fn rows(&mut self, name: String, columns: Vec<String>) -> Result<Table, String> {
        let mut rows = Vec::new();
        let shared: Vec<Arc<str>> = columns.iter().map(|column| column.as_str().into()).collect();
        while let Some((place, line)) = self.line() {
            if line == "\\." {
                return Ok(Table { name, columns, rows });
            }
            let fields: Vec<&str> = line.split('\t').collect();
            if fields.len() != columns.len() {
                let (is, expected) = (fields.len(), columns.len());
                return Err(format!(
                    "line {place} has {is} values, and {name:?} has {expected} columns: \
                     it was cut or changed; dump it again"
                ));
            }
            rows.push(self.row(&name, &shared, &fields));
        }
        Err(format!("it ends amid the rows of {name:?}: it was cut; dump it again"))
    }

    fn row(&self, table: &str, columns: &[Arc<str>], fields: &[&str]) -> Row {
        let mut original = Map::new();
        let mut cells = Vec::new();
        for (column, field) in columns.iter().zip(fields) {
            let value = (*field != "\\N").then(|| unescaped(field));
            let kind = self.types.get(&(table.to_owned(), column.to_string()));
            let kind = kind.map(String::as_str).unwrap_or_default();
            let text = value.as_ref().map(|value| cell(kind, value));
            // What is not there says nothing, too.
            cells.extend(text.map(|text| (Arc::clone(column), text)));
            original.insert(column.to_string(), value.map_or(Value::Null, Value::from));
        }
        Row { cells, original: Packed::new(Value::Object(original).to_string().as_bytes()) }
    }
}

/// The name of a table, and in brackets those of its columns.
fn head(text: &str) -> Option<(String, Vec<String>)> {
    let (name, rest) = name_of(text);
    let mut list = rest.strip_prefix(" (")?;
    let mut columns = Vec::new();
    loop {
        let (column, rest) = identifier(list);
        columns.push(column);
        if rest == ")" {
            return Some((name, columns));
        }
        list = rest.strip_prefix(", ")?;
    }
}

/// The name at the start of a text, without quotes and without the usual schema; and what follows.
fn name_of(text: &str) -> (String, &str) {
    let (first, rest) = identifier(text);
    match rest.strip_prefix('.').map(identifier) {
        Some((second, rest)) if first == "public" => (second, rest),
        Some((second, rest)) => (format!("{first}.{second}"), rest),
        None => (first, rest),
    }
}

fn identifier(text: &str) -> (String, &str) {
    let Some(mut rest) = text.strip_prefix('"') else {
        let end = text.find([' ', '.', ',', ')', '(']).unwrap_or(text.len());
        let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        return (name.to_owned(), rest);
    };
    let mut name = String::new();
    while let Some((part, after)) = rest.split_once('"') {
        name.push_str(part);
        rest = after;
        // Two quotes are one within a name.
        let Some(after) = rest.strip_prefix('"') else {
            break;
        };
        name.push('"');
        rest = after;
    }
    (name, rest)
}

/// A value as COPY writes it.
fn unescaped(field: &str) -> String {
    let mut text = String::with_capacity(field.len());
    let mut rest = field;
    while let Some((before, after)) = rest.split_once('\\') {
        text.push_str(before);
        let mut letters = after.chars();
        match letters.next() {
            Some('t') => text.push('\t'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{C}'),
            Some('v') => text.push('\u{B}'),
            Some(other) => text.push(other),
            None => {}
        }
        rest = letters.as_str();
    }
    text.push_str(rest);
    text
}

/// A value by the type of its column.
fn cell(kind: &str, value: &str) -> Cell {
    let text = || Cell::Text(Text::new(value.as_bytes()));
    if kind.split(' ').next().is_some_and(|kind| kind.ends_with("[]")) {
        return elements(value).map_or_else(text, Cell::List);
    }
    if kind.starts_with("boolean") {
        return Cell::Bool(value == "t");
    }
    if ["integer", "bigint", "smallint"].iter().any(|number| kind.starts_with(number)) {
        return value.parse().map_or_else(|_| text(), Cell::Int);
    }
    if kind.starts_with("double") || kind.starts_with("real") {
        return value.parse().map_or_else(|_| text(), Cell::Float);
    }
    text()
}

/// The elements of an array of one dimension, `{a,"b \"c\"",NULL}`.
fn elements(value: &str) -> Option<Vec<Cell>> {
    let inner = value.strip_prefix('{')?.strip_suffix('}')?;
    let mut list = Vec::new();
    let (mut word, mut is_quoted, mut is_inside) = (String::new(), false, false);
    let mut letters = inner.chars();
    let push = |list: &mut Vec<Cell>, word: &mut String, is_quoted: bool| {
        let word = std::mem::take(word);
        list.push(match word.as_str() {
            "NULL" if !is_quoted => Cell::Null,
            _ => Cell::Text(Text::new(word.as_bytes())),
        });
    };
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => word.extend(letters.next()),
            '"' => {
                is_quoted = true;
                is_inside = !is_inside;
            }
            ',' if !is_inside => {
                push(&mut list, &mut word, is_quoted);
                is_quoted = false;
            }
            '{' | '}' if !is_inside => return None,
            letter => word.push(letter),
        }
    }
    if is_quoted || !word.is_empty() {
        push(&mut list, &mut word, is_quoted);
    }
    Some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_of_copy_is_what_was_stored() {
        assert_eq!(unescaped(r"a\tb\nc\\n\\"), "a\tb\nc\\n\\");
        assert_eq!(unescaped("plain 🎫"), "plain 🎫");
    }

    #[test]
    fn names_are_found_with_quotes_and_schemas() {
        assert_eq!(name_of(r#"public."a ""b"" c" (x"#), ("a \"b\" c".to_owned(), " (x"));
        assert_eq!(name_of("auth.users ("), ("auth.users".to_owned(), " ("));
        let columns = ["id", "dueDate"].map(str::to_owned).to_vec();
        assert_eq!(head("public.t (id, \"dueDate\")"), Some(("t".to_owned(), columns)));
        for wrong in ["public.t", "public.t (id", "public.t (id,)", "public.t (id) x", "t ((id)"] {
            assert_eq!(head(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_array_is_taken_apart() {
        let text = |text: &str| Cell::Text(Text::new(text.as_bytes()));
        let expected = vec![text("a"), text("b, \"c\""), Cell::Null, text("NULL")];
        assert_eq!(elements(r#"{a,"b, \"c\"",NULL,"NULL"}"#), Some(expected));
        assert_eq!(elements("{}"), Some(Vec::new()));
        assert_eq!(elements("{{a}}"), None);
    }
}
