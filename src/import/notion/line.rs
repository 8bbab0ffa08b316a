//! A line of an export: a page with what Notion tells of it only when it is asked again.

use super::body::Block;
use crate::import::snapshot::Kind;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A page as it comes in a file.
pub(super) struct Entry<'a> {
    pub(super) kind: Kind,
    pub(super) page: &'a RawValue,
    pub(super) more: More<'a>,
}

/// What a file holds of a page besides itself; nothing in files of bare pages.
#[derive(Default)]
pub(super) struct More<'a> {
    /// The values that the page holds cut, by the id of the property.
    pub(super) whole: BTreeMap<String, &'a RawValue>,
    pub(super) body: Vec<Block>,
    /// What could not be read of it.
    pub(super) problems: Vec<String>,
    line: &'a str,
}

impl<'a> More<'a> {
    /// What is kept of the page for ever. A page without anything besides is the same in every file.
    pub(super) fn original(&self, page: &'a RawValue) -> &'a str {
        if self.is_empty() { page.get() } else { self.line }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.whole.is_empty() && self.body.is_empty()
    }
}

#[derive(Deserialize)]
struct Written<'a> {
    kind: String,
    #[serde(borrow)]
    page: &'a RawValue,
    #[serde(borrow, default)]
    properties: BTreeMap<String, &'a RawValue>,
    #[serde(default)]
    body: Vec<Block>,
    #[serde(default)]
    problems: Vec<String>,
}

impl<'a> Entry<'a> {
    /// A bare page.
    pub(super) fn bare(kind: Kind, page: &'a RawValue) -> Self {
        Self { kind, page, more: More::default() }
    }

    /// The page of a line; nothing where it is none.
    pub(super) fn read(line: &'a str) -> Option<Self> {
        let written: Written<'a> = serde_json::from_str(line).ok()?;
        let kind = match written.kind.as_str() {
            "project" => Kind::Project,
            "tag" => Kind::Tag,
            "task" => Kind::Task,
            _ => return None,
        };
        let Written { page, properties: whole, body, problems, .. } = written;
        Some(Self { kind, page, more: More { whole, body, problems, line } })
    }
}
