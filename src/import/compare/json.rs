//! What has drifted apart, for programs: one JSON object, its members always in one order.

use super::report::Counts;
use super::{Act, Drift, Drifted, Field, Side};
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Page<'a> {
    source: &'static str,
    looked_at: DateTime<Utc>,
    equal: bool,
    read: BTreeMap<&'static str, usize>,
    counts: Counts,
    records: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    kind: String,
    record: &'a str,
    title: &'a str,
    there: Option<&'static str>,
    here: Option<&'static str>,
    fields: Vec<Values<'a>>,
}

#[derive(Serialize)]
struct Values<'a> {
    field: &'a str,
    there: Option<&'a str>,
    here: Option<&'a str>,
    changed: &'static str,
}

fn act(act: Act) -> &'static str {
    match act {
        Act::Created => "created",
        Act::Changed => "changed",
        Act::Trashed => "trashed",
        Act::Removed => "removed",
        Act::Unexplained => "unexplained",
    }
}

impl<'a> One<'a> {
    fn of(one: &'a Drifted) -> Self {
        let Drifted { kind, record, title, there, here, fields } = one;
        let values = |field: &'a Field| Values {
            field: &field.name,
            there: field.there.as_deref(),
            here: field.here.as_deref(),
            changed: match field.changed {
                Side::There => "there",
                Side::Here => "here",
                Side::Both => "both",
            },
        };
        Self {
            kind: kind.to_string(),
            record,
            title,
            there: there.map(act),
            here: here.map(act),
            fields: fields.iter().map(values).collect(),
        }
    }
}

/// The whole of it.
pub(super) fn page(drift: &Drift, looked_at: DateTime<Utc>) -> String {
    let page = Page {
        source: drift.source,
        looked_at,
        equal: drift.is_none(),
        read: drift.read.iter().map(|(kind, count)| (kind.plural(), *count)).collect(),
        counts: drift.counts(),
        records: drift.records.iter().map(One::of).collect(),
    };
    // Texts and numbers can always be written.
    serde_json::to_string_pretty(&page).unwrap_or_default() + "\n"
}
