//! Reads a SQLite file: a file in, its tables out. It writes nothing, and knows nothing of ours.
//!
//! The only SQL here is SQLite's own, spoken to the file.

use super::packed::Packed;
use super::table::{Cell, Row, Table, Tables, Text};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use serde_json::Value;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use uuid::Uuid;

/// Reads all tables. The error is one line that says what is wrong with the file.
pub fn read(path: &Path) -> Result<Tables, String> {
    let mut start = [0; 16];
    let mut file =
        std::fs::File::open(path).map_err(|error| format!("it cannot be read ({error})"))?;
    let is_whole = file.read_exact(&mut start).is_ok();
    if !is_whole || &start != b"SQLite format 3\0" {
        return Err("it is no SQLite file".to_owned());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let tables = Connection::open_with_flags(path, flags).and_then(|file| tables(&file));
    let unread = |error: rusqlite::Error| {
        // SQLite's words quote the file's, which may go over several lines.
        let error = error.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        format!("it cannot be read to its end ({error}); copy it again")
    };
    tables
        .map_err(unread)?
        .ok_or_else(|| "it is damaged (SQLite's own check fails); copy it again".to_owned())
}

/// All tables; nothing where the file is damaged.
fn tables(file: &Connection) -> rusqlite::Result<Option<Tables>> {
    let health: String = file.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if health != "ok" {
        return Ok(None);
    }
    let names = "SELECT name FROM sqlite_schema \
                 WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name";
    let mut names = file.prepare(names)?;
    let names = names.query_map([], |row| row.get::<_, String>(0))?;
    let mut tables = Tables { source: "sqlite", tables: Vec::new() };
    for name in names {
        tables.tables.push(table(file, &name?)?);
    }
    Ok(Some(tables))
}

fn table(file: &Connection, name: &str) -> rusqlite::Result<Table> {
    let mut rows = file.prepare(&format!("SELECT * FROM \"{}\"", name.replace('"', "\"\"")))?;
    let columns: Vec<Arc<str>> = rows.column_names().into_iter().map(Arc::from).collect();
    let mut found = Vec::new();
    let mut rows = rows.query([])?;
    while let Some(values) = rows.next()? {
        let mut row = Row::default();
        let mut original = Vec::new();
        for (place, column) in columns.iter().enumerate() {
            let value = values.get_ref(place)?;
            original.push(format!("{}:{}", Value::from(&**column), json(value)));
            // What is not there says nothing, too.
            if value != ValueRef::Null {
                row.cells.push((Arc::clone(column), cell(value)));
            }
        }
        row.original = Packed::new(format!("{{{}}}", original.join(",")).as_bytes());
        found.push(row);
    }
    let columns = columns.iter().map(ToString::to_string).collect();
    Ok(Table { name: name.to_owned(), columns, rows: found })
}

fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Int(number),
        ValueRef::Real(number) => Cell::Float(number),
        ValueRef::Text(bytes) => Cell::Text(Text::new(bytes)),
        // Bytes stand where texts should, too; sixteen that are none are a UUID.
        ValueRef::Blob(bytes) => match (std::str::from_utf8(bytes), Uuid::from_slice(bytes)) {
            (Err(_), Ok(id)) => Cell::Id(id.to_string()),
            _ => Cell::Text(Text::new(bytes)),
        },
    }
}

/// A value in JSON, of which nothing is lost: what JSON cannot say stands in an object of its own.
fn json(value: ValueRef<'_>) -> String {
    let bytes =
        |name: &str, bytes: &[u8]| format!("{{\"{name}\":\"{}\"}}", BASE64_STANDARD.encode(bytes));
    match value {
        ValueRef::Null => "null".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) if number.is_finite() => Value::from(number).to_string(),
        ValueRef::Real(number) => format!("{{\"$real\":\"{number}\"}}"),
        ValueRef::Text(text) => match std::str::from_utf8(text) {
            Ok(text) => Value::from(text).to_string(),
            Err(_) => bytes("$text", text),
        },
        ValueRef::Blob(blob) => bytes("$blob", blob),
    }
}
