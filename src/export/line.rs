//! One line of an export: a page as Notion gave it, and what had to be asked for besides.
//!
//! `{"kind":"task","page":{…},"properties":{ID:[…]},"body":[{"block":{…},"children":[…]}],"markdown":"…",
//! "problems":["…"]}`: `properties` holds the values that Notion cuts, whole, by the property's id.

use crate::import::notion::body::Block;
use crate::import::snapshot::Kind;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// The word for a kind of records in the files.
pub(super) const fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Project => "project",
        Kind::Tag => "tag",
        Kind::Task => "task",
    }
}

/// A line as it is written.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    pub(super) kind: &'static str,
    pub(super) page: &'a RawValue,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) properties: BTreeMap<String, Vec<Box<RawValue>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) body: Vec<Block>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) markdown: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) problems: Vec<String>,
}

/// A line of the list of pages, which is made first.
#[derive(Debug, Serialize)]
pub(super) struct Listed<'a> {
    pub(super) kind: &'static str,
    pub(super) page: &'a RawValue,
}

/// The end of a kind in the list of pages.
#[derive(Debug, Serialize)]
pub(super) struct AllListed {
    pub(super) kind: &'static str,
    pub(super) all: usize,
}

/// What every line tells of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Written<'a> {
    pub(super) kind: String,
    #[serde(borrow)]
    pub(super) page: Option<&'a RawValue>,
    #[serde(default)]
    pub(super) problems: Vec<String>,
}

/// What a page tells of itself.
#[derive(Debug, Deserialize)]
pub(super) struct Named<'a> {
    #[serde(default)]
    pub(super) object: String,
    pub(super) id: String,
    #[serde(default)]
    pub(super) created_time: String,
    #[serde(default)]
    pub(super) last_edited_time: String,
    #[serde(borrow)]
    pub(super) properties: Option<&'a RawValue>,
}

impl<'a> Named<'a> {
    pub(super) fn read(page: &'a RawValue) -> Option<Self> {
        serde_json::from_str(page.get()).ok()
    }
}

/// JSON in one line: line ends stand only between its parts, never within a string.
pub(super) fn one_line(json: &str) -> String {
    json.replace(['\n', '\r'], " ")
}
