//! Records as they were when they came: their originals, read once more.

use crate::error::Error;
use crate::import::Source;
use crate::import::kind::Typed;
use crate::import::notion::Known;
use crate::import::snapshot::Kind;
use crate::import::verify::TIME_OF_IMPORT;
use crate::tables::external_refs;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use serde_json::value::RawValue;

/// How an original begins: as a page, or as a line of an export. To-dos come with their page.
#[derive(Deserialize)]
struct Probe<'a> {
    #[serde(borrow)]
    page: Option<&'a RawValue>,
    #[serde(borrow)]
    properties: Option<&'a RawValue>,
}

/// Reads the originals of some records of Notion.
pub(super) async fn read(
    connection: &mut AsyncPgConnection,
    source: &str,
    ids: &[&str],
    known: Known,
) -> anyhow::Result<Source> {
    let rows: Vec<(Typed, Vec<u8>)> = external_refs::table
        .filter(external_refs::source.eq(source))
        .filter(external_refs::external_id.eq_any(ids))
        .order(external_refs::external_id)
        .select((external_refs::record_type, external_refs::original))
        .load(connection)
        .await
        .map_err(|error| Error::from(error).revealed())?;
    let mut lines = String::new();
    for (Typed(kind), original) in rows {
        let Some(line) = line(kind, &original) else {
            continue;
        };
        lines.push_str(&line);
        lines.push('\n');
    }
    let mut base = Source { known, ..Source::default() };
    if lines.is_empty() {
        // A file without pages would be no export.
        base.snapshot.source = "notion";
    } else {
        let read = base.add_notion("what had come", lines.as_bytes(), TIME_OF_IMPORT);
        read.map_err(anyhow::Error::msg)?;
    }
    Ok(base)
}

fn line(kind: Kind, original: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(original).ok()?.replace(['\n', '\r'], " ");
    let probe: Probe<'_> = serde_json::from_str(&text).ok()?;
    if probe.page.is_some() {
        return Some(text);
    }
    probe.properties?;
    Some(format!("{{\"kind\":\"{kind}\",\"page\":{text}}}"))
}
