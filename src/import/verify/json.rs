//! The report for programs: one JSON object, its members always in one order.

use super::report::{Difference, Verification};
use crate::import::snapshot::Kind;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write;

#[derive(Serialize)]
struct Page<'a> {
    source: &'static str,
    files: &'a [String],
    equal: bool,
    read: BTreeMap<&'static str, usize>,
    repeated: BTreeMap<&'static str, usize>,
    not_kept_by_any_import: usize,
    table: Vec<Line>,
    fingerprints: BTreeMap<&'static str, Fingerprints>,
    differences: Vec<One<'a>>,
}

#[derive(Serialize)]
struct Line {
    layer: &'static str,
    what: &'static str,
    source: usize,
    here: usize,
    differing: usize,
    changed_here: usize,
}

#[derive(Serialize)]
struct Fingerprints {
    source: String,
    here: String,
}

#[derive(Serialize)]
struct One<'a> {
    layer: &'static str,
    what: &'static str,
    kind: String,
    record: &'a str,
    title: &'a str,
    code: &'static str,
    field: &'a str,
    source: Option<&'a str>,
    here: Option<&'a str>,
    changed_here: bool,
    changed_there: bool,
    reason: &'static str,
}

impl<'a> One<'a> {
    fn of(difference: &'a Difference) -> Self {
        Self {
            layer: difference.layer.as_str(),
            what: difference.row,
            kind: difference.kind.to_string(),
            record: &difference.record,
            title: &difference.title,
            code: difference.code,
            field: &difference.field,
            source: difference.sides.source.as_deref(),
            here: difference.sides.here.as_deref(),
            changed_here: difference.changed.here,
            changed_there: difference.changed.there,
            reason: difference.reason(),
        }
    }
}

/// The whole report.
pub(super) fn page(verification: &Verification) -> String {
    let counts = |counts: &BTreeMap<Kind, usize>| {
        counts.iter().map(|(kind, count)| (kind.plural(), *count)).collect()
    };
    let table = verification.rows.iter().map(|row| Line {
        layer: row.layer.as_str(),
        what: row.what,
        source: row.source,
        here: row.here,
        differing: row.differing,
        changed_here: row.changed_here,
    });
    let fingerprints = verification.fingerprints.iter().map(|(kind, [source, here])| {
        (kind.plural(), Fingerprints { source: hex(source), here: hex(here) })
    });
    let page = Page {
        source: verification.source,
        files: &verification.sources,
        equal: verification.is_clean(),
        read: counts(&verification.read),
        repeated: counts(&verification.repeated),
        not_kept_by_any_import: verification.check_findings,
        table: table.collect(),
        fingerprints: fingerprints.collect(),
        differences: verification.differences.iter().map(One::of).collect(),
    };
    // Texts and numbers can always be written.
    serde_json::to_string_pretty(&page).unwrap_or_default() + "\n"
}

/// Bytes as digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
