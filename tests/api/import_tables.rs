//! What the imports of tables share: running them, and asking what came.

use crate::database::TestDatabase;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tokio_postgres::{Client, Row};
use tomos::import::mapping::Mapping;
use tomos::import::report::Report;
use tomos::import::table::Tables;
use tomos::import::{self, Source};

pub(crate) const NOW: &str = "2026-01-20T06:30:00Z";

/// The path of a fixture.
pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

pub(crate) fn truth(name: &str) -> Value {
    serde_json::from_slice(&std::fs::read(fixture(name)).unwrap()).unwrap()
}

/// Imports tables as a mapping says, or as it is inferred.
pub(crate) async fn import(
    database: &TestDatabase,
    tables: &Tables,
    mapping: Option<&str>,
) -> Report {
    let mapping = mapping
        .map_or_else(|| Mapping::infer(tables), |mapping| Mapping::read(mapping, tables).unwrap());
    let now = NOW.parse().unwrap();
    let mut source = Source::default();
    source.add_tables("the source", tables.clone(), &mapping, now);
    let mut connection = import::connect(&database.url).await.unwrap();
    let never = std::future::pending();
    import::run(&mut connection, None, source, false, now, &mut |_, _, _| {}, never).await.unwrap()
}

/// The rows of a kind, by the ids that they had in the source.
pub(crate) async fn rows(client: &Client, source: &str, kind: &str) -> BTreeMap<String, Row> {
    let select = match kind {
        "task" => {
            "r.title, r.description, r.status::text, r.priority::text, r.due_date::text, r.due_at,
             r.scheduled_date::text, r.completed_at, r.energy::text, r.time_estimate::text,
             r.created_at, r.updated_at, r.version,
             (SELECT external_id FROM external_refs WHERE record_id = r.project_id) AS project,
             (SELECT external_id FROM external_refs WHERE record_id = r.parent_id) AS parent,
             (SELECT array_agg(key ORDER BY key) FROM task_tags JOIN tags ON tags.id = tag_id
              WHERE task_id = r.id) AS tags"
        }
        "project" => {
            "r.title, r.description, r.status::text, r.color, r.icon, r.created_at, r.updated_at"
        }
        _ => "r.name, r.key, r.color, r.created_at, r.updated_at",
    };
    let sql = format!(
        "SELECT external_id, r.id::text, original, {select}
         FROM external_refs JOIN {kind}s AS r ON r.id = record_id
         WHERE record_type = '{kind}' AND external_refs.source = '{source}'"
    );
    let rows = client.query(&sql, &[]).await.unwrap();
    rows.into_iter().map(|row| (row.get(0), row)).collect()
}

/// An instant of a row, in milliseconds.
pub(crate) fn at(row: &Row, column: &str) -> Option<i64> {
    let instant: Option<std::time::SystemTime> = row.get(column);
    instant.map(|instant| chrono::DateTime::<chrono::Utc>::from(instant).timestamp_millis())
}

pub(crate) fn text(row: &Row, column: &str) -> Option<String> {
    row.get(column)
}

pub(crate) fn tags(row: &Row) -> BTreeSet<String> {
    row.get::<_, Option<Vec<String>>>("tags").unwrap_or_default().into_iter().collect()
}

/// The original of a row: its own, and those of the rows that it names.
pub(crate) fn originals(row: &Row) -> Vec<Value> {
    let original: Vec<u8> = row.get("original");
    let values = serde_json::Deserializer::from_slice(&original).into_iter();
    values.map(Result::unwrap).collect()
}

/// What was said: record, code, property.
pub(crate) fn said(report: &Report) -> BTreeSet<(String, &'static str, String)> {
    let findings = report.loaded.findings.iter();
    findings.map(|one| (one.record.clone(), one.code, one.property.clone())).collect()
}

/// The records that are said to hold something without a place, by property.
pub(crate) fn without_a_place(report: &Report) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for finding in report.loaded.findings.iter().filter(|one| one.code == "no_column") {
        *counts.entry(format!("{} {}", finding.kind, finding.property)).or_default() += 1;
    }
    counts
}

/// Writes a file into a directory of its own.
pub(crate) fn file(name: &str, bytes: &[u8]) -> PathBuf {
    let path = crate::program::new_directory("source").join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Why a mapping is refused: one line that names what is wrong and what there is.
#[track_caller]
pub(crate) fn refusal(tables: &Tables, mapping: &str) -> String {
    let error = Mapping::read(mapping, tables).unwrap_err();
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

/// Checks that a mapping that is printed and read again is the same.
#[track_caller]
pub(crate) fn comes_back(tables: &Tables) -> String {
    let inferred = Mapping::infer(tables);
    let printed = inferred.print(tables);
    assert_eq!(Mapping::read(&printed, tables).unwrap(), inferred, "{printed}");
    printed
}
