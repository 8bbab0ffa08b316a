//! Reads files of mongoexport: a directory with a file for each collection in, tables out.
//!
//! They are Extended JSON, relaxed or canonical, a document a line or one array. Each document keeps its
//! own bytes.

use super::notion::value::{Members, Wide};
use super::packed::Packed;
use super::table::{Cell, Row, Table, Tables, Text};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::DateTime;
use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use uuid::Uuid;

/// How deep values may be nested; MongoDB itself takes a hundred levels.
const LEVELS: usize = 120;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Reads all collections. The error is one line that says what is wrong.
pub fn read(path: &Path) -> Result<Tables, String> {
    let mut tables: Vec<Table> = Vec::new();
    for file in files(path)? {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let unreadable = |why| format!("{name} cannot be read ({why})");
        let opened = File::open(&file).map_err(unreadable)?;
        let rows = if let Some(rows) = streamed(BufReader::new(opened)) {
            rows
        } else {
            // Whoever finds something wrong reads the whole file to say what.
            let bytes = std::fs::read(&file).map_err(unreadable)?;
            documents(&bytes).map_err(|why| format!("{name}: {why}"))?
        };
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        // `tasks.array.json` is the collection `tasks`, exported as an array.
        let stem = stem.strip_suffix(".array").unwrap_or(&stem);
        if let Some(table) = tables.iter_mut().find(|table| table.name == stem) {
            // The same documents in two files, once as lines and once as an array, are there once.
            let mut all = std::mem::take(&mut table.rows);
            let there: HashSet<Packed> = all.iter().map(|row| row.original.clone()).collect();
            all.extend(rows.into_iter().filter(|row| !there.contains(&row.original)));
            *table = Table::new(stem, all);
        } else {
            tables.push(Table::new(stem, rows));
        }
    }
    Ok(Tables { source: "mongo", tables })
}

/// The files of a directory in the order of their names, or the one file.
fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    let unreadable = |error| format!("it cannot be read ({error})");
    if !std::fs::metadata(path).map_err(unreadable)?.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries: Result<Vec<_>, _> = std::fs::read_dir(path).map_err(unreadable)?.collect();
    let mut files: Vec<PathBuf> =
        entries.map_err(unreadable)?.into_iter().map(|entry| entry.path()).collect();
    let ends = |file: &PathBuf, ends: &[&str]| {
        let name = file.to_string_lossy();
        ends.iter().any(|end| name.ends_with(end))
    };
    let is_dump = files.iter().any(|file| ends(file, &[".bson", ".bson.gz"]));
    files.retain(|file| {
        ends(file, &[".json", ".jsonl", ".ndjson"])
            && !ends(file, &[".metadata.json", ".errors.jsonl"])
    });
    files.sort();
    match (files.is_empty(), is_dump) {
        (false, _) => Ok(files),
        (true, true) => {
            Err("it holds files of mongodump; mongoexport makes files that can be read".to_owned())
        }
        (true, false) => Err("there is no file of mongoexport (NAME.json) in it".to_owned()),
    }
}

/// The documents of a file, of which one at a time is here; nothing where anything is wrong with it.
fn streamed(mut file: impl BufRead) -> Option<Vec<Row>> {
    let mut columns = Columns::default();
    if file.fill_buf().ok()?.starts_with(BYTE_ORDER_MARK) {
        file.consume(BYTE_ORDER_MARK.len());
    }
    if file.fill_buf().ok()?.starts_with(b"[") {
        let mut array = serde_json::Deserializer::from_reader(file);
        let rows = array.deserialize_seq(Array(&mut columns)).ok()?;
        return array.end().ok().map(|()| rows);
    }
    let mut rows = Vec::new();
    let mut line = String::new();
    while file.read_line(&mut line).ok()? > 0 {
        if !line.trim().is_empty() {
            let raw: &RawValue = serde_json::from_str(line.trim()).ok()?;
            rows.push(document(raw, 0, &mut columns).ok()?);
        }
        line.clear();
    }
    Some(rows)
}

/// Reads the elements of an array one by one.
struct Array<'c>(&'c mut Columns);

impl<'de> Visitor<'de> for Array<'_> {
    type Value = Vec<Row>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an array of documents")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut rows = Vec::new();
        while let Some(raw) = list.next_element::<Box<RawValue>>()? {
            rows.push(document(&raw, 0, self.0).map_err(A::Error::custom)?);
        }
        Ok(rows)
    }
}

/// The names of fields, each of which is kept once.
#[derive(Default)]
struct Columns(HashSet<Arc<str>>);

impl Columns {
    fn get(&mut self, name: &str) -> Arc<str> {
        if let Some(known) = self.0.get(name) {
            return Arc::clone(known);
        }
        let name: Arc<str> = name.into();
        self.0.insert(Arc::clone(&name));
        name
    }
}

fn documents(bytes: &[u8]) -> Result<Vec<Row>, String> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        format!("it is not UTF-8 from byte {} on; export it again", error.valid_up_to())
    })?;
    let mut columns = Columns::default();
    if text.trim_start().starts_with('[') {
        let list: Vec<&RawValue> = serde_json::from_str(text)
            .map_err(|error| format!("it is not valid JSON ({error}); export it again"))?;
        let list = list.into_iter().enumerate();
        return list.map(|(place, raw)| document(raw, place + 1, &mut columns)).collect();
    }
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let is_whole = |line: &str| serde_json::from_str::<&RawValue>(line.trim()).is_ok();
    if lines.clone().next().is_some_and(|(_, line)| !is_whole(line)) {
        // Documents over several lines, as --pretty writes them.
        let documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
        let documents = documents.enumerate().map(|(place, raw)| {
            let raw = raw.map_err(|error| {
                format!("line {} is not valid JSON; export it again", error.line())
            })?;
            document(raw, place + 1, &mut columns)
        });
        return documents.collect();
    }
    lines
        .map(|(place, line)| {
            let raw: &RawValue = serde_json::from_str(line.trim()).map_err(|_broken| {
                format!("line {} is not valid JSON; export it again", place + 1)
            })?;
            document(raw, place + 1, &mut columns)
        })
        .collect()
}

fn document(raw: &RawValue, place: usize, columns: &mut Columns) -> Result<Row, String> {
    let members: Members<'_> = serde_json::from_str(raw.get())
        .map_err(|_other| format!("number {place} is no document; is it a file of mongoexport?"))?;
    let cells = members.0.iter().map(|(name, value)| (columns.get(name), cell(value, LEVELS)));
    let original = if raw.get().contains('\n') { &compact(raw.get()) } else { raw.get() };
    Ok(Row { cells: cells.collect(), original: Packed::new(original.as_bytes()) })
}

/// A document in one line, without blanks, as it is written where nobody asks for several.
fn compact(json: &str) -> String {
    let (mut is_text, mut is_escaped) = (false, false);
    let keeps = |letter: &char| {
        let is_blank = !is_text && letter.is_ascii_whitespace();
        (is_escaped, is_text) = match letter {
            _ if is_escaped => (false, true),
            '\\' => (is_text, is_text),
            '"' => (false, !is_text),
            _ => (false, is_text),
        };
        !is_blank
    };
    json.chars().filter(keeps).collect()
}

fn cell(raw: &RawValue, levels: usize) -> Cell {
    let text = raw.get();
    if levels == 0 {
        return Cell::Other;
    }
    match text.as_bytes().first() {
        Some(b'n') => Cell::Null,
        Some(b't') => Cell::Bool(true),
        Some(b'f') => Cell::Bool(false),
        Some(b'"') => words(raw).map_or(Cell::Other, Cell::Text),
        Some(b'[') => {
            let list: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
            Cell::List(list.into_iter().map(|raw| cell(raw, levels - 1)).collect())
        }
        Some(b'{') => {
            let members = Members::of(raw);
            if let Some(special) = special(&members) {
                return special;
            }
            let inner = members.0.iter();
            Cell::Object(inner.map(|(name, raw)| (name.clone(), cell(raw, levels - 1))).collect())
        }
        _ => number(text),
    }
}

fn words(raw: &RawValue) -> Option<Text> {
    let mended = serde_json::from_str::<Wide>(raw.get()).ok()?.mended();
    let (nuls, lone_surrogates) = (mended.nuls, mended.lone_surrogates);
    Some(Text { text: mended.text, nuls, lone_surrogates, is_mended: false })
}

fn number(text: &str) -> Cell {
    let whole = text.parse().map(Cell::Int);
    whole.or_else(|_| text.parse().map(Cell::Float)).unwrap_or(Cell::Other)
}

/// A value whose type JSON has no word for.
fn special(members: &Members<'_>) -> Option<Cell> {
    let (name, raw) = members.0.first().map(|(name, raw)| (name.as_str(), *raw))?;
    let text = || words(raw).map(|text| text.text).unwrap_or_default();
    Some(match name {
        "$oid" | "$uuid" => Cell::Id(text().to_lowercase()),
        "$symbol" => Cell::Text(words(raw)?),
        "$numberInt" | "$numberLong" => number(&text()),
        "$numberDouble" => match text().as_str() {
            "Infinity" => Cell::Float(f64::INFINITY),
            "-Infinity" => Cell::Float(f64::NEG_INFINITY),
            other => other.parse().map_or(Cell::Other, Cell::Float),
        },
        // Its digits mean something: 3.10 is not 3.1.
        "$numberDecimal" => match text() {
            digits if digits == "NaN" => Cell::Float(f64::NAN),
            digits => Cell::Text(Text { text: digits, ..Text::default() }),
        },
        "$date" => date(raw),
        "$undefined" => Cell::Null,
        "$binary" => binary(members).unwrap_or(Cell::Other),
        "$ref" => cell(members.get("$id")?, 1),
        "$regularExpression" | "$timestamp" | "$code" | "$minKey" | "$maxKey" | "$dbPointer"
        | "$regex" | "$type" => Cell::Other,
        _ => return None,
    })
}

/// An instant: written, or as milliseconds.
fn date(raw: &RawValue) -> Cell {
    let milliseconds = match cell(raw, 2) {
        Cell::Text(text) => match DateTime::parse_from_rfc3339(&text.text) {
            Ok(instant) => return Cell::At(instant.to_utc()),
            Err(_) => return Cell::Text(text),
        },
        Cell::Int(number) => number,
        _ => return Cell::Other,
    };
    DateTime::from_timestamp_millis(milliseconds).map_or(Cell::Int(milliseconds), Cell::At)
}

/// Sixteen bytes that are a UUID.
fn binary(members: &Members<'_>) -> Option<Cell> {
    let inner = members.inner("$binary");
    let (bytes, kind) = match inner.text("base64") {
        Some(bytes) => (bytes, inner.text("subType")?),
        // Before the second version of Extended JSON.
        None => (members.text("$binary")?, members.text("$type")?),
    };
    if !matches!(kind.as_str(), "04" | "4") {
        return None;
    }
    let bytes = BASE64_STANDARD.decode(bytes).ok()?;
    Some(Cell::Id(Uuid::from_slice(&bytes).ok()?.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Cell {
        cell(serde_json::from_str(json).unwrap(), LEVELS)
    }

    #[test]
    fn both_forms_of_a_value_are_the_same() {
        for (relaxed, canonical) in [
            ("1", r#"{"$numberInt":"1"}"#),
            ("9007199254740993", r#"{"$numberLong":"9007199254740993"}"#),
            ("2.5", r#"{"$numberDouble":"2.5"}"#),
            (
                r#"{"$date":"2022-04-15T06:43:20.029Z"}"#,
                r#"{"$date":{"$numberLong":"1650005000029"}}"#,
            ),
            ("null", r#"{"$undefined":true}"#),
        ] {
            assert_eq!(of(relaxed), of(canonical), "{relaxed}");
        }
    }

    #[test]
    fn ids_are_found_wherever_they_stand() {
        let json = r#"[{"$oid":"62590081FFab067caa5bf26e"},{"_id":{"$oid":"1"},"x":2},"3"]"#;
        assert_eq!(of(json).ids(), ["62590081ffab067caa5bf26e", "1", "3"]);
        let uuid = of(r#"{"$binary":{"base64":"PBf6fLVATnajfMWwdpa1CA==","subType":"04"}}"#);
        assert_eq!(uuid, Cell::Id("3c17fa7c-b540-4e76-a37c-c5b07696b508".to_owned()));
    }

    #[test]
    fn what_is_nested_without_end_is_no_danger() {
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(matches!(of(&deep), Cell::List(_)));
    }
}
