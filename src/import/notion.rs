//! Reads files of Notion pages: bytes in, a snapshot and findings out. It knows no database.
//!
//! Each page is read by itself, from its own bytes: one that is broken is reported, and the rest comes.

mod archive;
mod behind;
pub(crate) mod body;
mod columns;
mod known;
mod line;
mod mapping;
mod meaning;
mod names;
mod page;
mod schema;
mod shape;
mod text_body;
mod todo;
pub(crate) mod value;
mod words;
mod workspace;
mod written;

pub(super) use archive::{Seekable, is_zip};
pub use behind::Behind;
pub(crate) use behind::{findings as findings_of_behind, lines as lines_of_behind};
pub use known::{Known, Names, Properties};
pub(crate) use known::{Presence, fold};
pub use mapping::{check_mapping, mapping_of, print_mapping};
pub(crate) use mapping::{fields, idle};
pub use schema::{Property, Schema};
pub use shape::Shape;

use super::finding::{Finding, Severity};
use super::snapshot::{Kind, LeftOut, Origin, Snapshot};
use body::Todos;
use chrono::{DateTime, Utc};
use line::{Entry, More};
pub(crate) use page::page_id;
use page::{Beside, Page};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::Cursor;
use value::Members;

pub(super) const SOURCE: &str = "notion";

/// A file that was read.
#[derive(Debug)]
pub struct Reading {
    /// What is in it.
    pub snapshot: Snapshot,
    /// What there is to say about it.
    pub findings: Vec<Finding>,
    /// Its shape.
    pub shape: Shape,
    /// The properties that its pages have.
    pub properties: Properties,
    /// What of its pages stays in Notion.
    pub behind: Vec<Behind>,
}

/// Reads a file. The error is one line that says what is wrong with the whole of it.
///
/// `known` is what is known besides; `now` stands in for the times of a page that has none.
pub fn read(bytes: &[u8], known: &Known, now: DateTime<Utc>) -> Result<Reading, String> {
    if is_zip(bytes) {
        return read_zip(&mut Cursor::new(bytes), known, now);
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        format!("it is not UTF-8 from byte {} on; export it again", error.valid_up_to())
    })?;
    let pages = shape::pages(text)?;
    let mut reader = Reader {
        snapshot: Snapshot { source: SOURCE, ..Snapshot::default() },
        findings: Vec::new(),
        properties: Properties::default(),
        behind: Vec::new(),
        known,
        now,
    };
    for page in reader.newest(pages.pages) {
        reader.read(page);
    }
    let Reader { snapshot, findings, properties, behind, .. } = reader;
    Ok(Reading { snapshot, findings, shape: pages.shape, properties, behind })
}

/// Reads a workspace export.
pub(super) fn read_zip(
    file: &mut dyn Seekable,
    known: &Known,
    now: DateTime<Utc>,
) -> Result<Reading, String> {
    let workspace = workspace::read(file, known.mapping.as_ref())?;
    let mut reading = read(workspace.lines.as_bytes(), known, now)?;
    reading.shape = Shape::Workspace;
    reading.findings.extend(workspace.findings);
    Ok(reading)
}

struct Reader<'k> {
    snapshot: Snapshot,
    findings: Vec<Finding>,
    properties: Properties,
    behind: Vec<Behind>,
    known: &'k Known,
    now: DateTime<Utc>,
}

/// A page of which no more is known than who it is.
struct Found<'a> {
    kind: Kind,
    id: String,
    members: Members<'a>,
    original: &'a RawValue,
    more: More<'a>,
}

impl Reader<'_> {
    /// The pages in their order, without those that have no id. Of one that comes twice the newer stays.
    fn newest<'a>(&mut self, pages: Vec<Entry<'a>>) -> Vec<Found<'a>> {
        let mut newest: Vec<Found<'a>> = Vec::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for Entry { kind, page: original, more } in pages {
            *self.snapshot.read.entry(kind).or_default() += 1;
            let members: Members<'a> = serde_json::from_str(original.get()).unwrap_or_default();
            let Some(id) = members.text("id").and_then(|id| page_id(&id)) else {
                let id = members.text("id").unwrap_or_default();
                self.reject(kind, &id, "missing_id", "it is no page: it has no id", original);
                continue;
            };
            let found = Found { kind, id: id.clone(), members, original, more };
            let Some(earlier) = places.get(&id).and_then(|&place| newest.get_mut(place)) else {
                places.insert(id, newest.len());
                newest.push(found);
                continue;
            };
            // Of the same page the one with its body says more.
            let edited = |page: &Found<'_>| {
                (page::instant(&page.members, "last_edited_time"), !page.more.is_empty())
            };
            let is_newer = edited(&found) > edited(earlier);
            if is_newer {
                *earlier = found;
            }
            self.repeated(kind, &id);
        }
        newest
    }

    fn repeated(&mut self, kind: Kind, record: &str) {
        *self.snapshot.repeated.entry(kind).or_default() += 1;
        self.findings.push(Finding::repeated(kind, record));
    }

    fn read(&mut self, found: Found<'_>) {
        let Found { kind, id, members, original, more } = found;
        // The newer word first: older versions of the API know only the other.
        let word = members.get("in_trash").map_or("archived", |_| "in_trash");
        if members.is_true(word) {
            self.leave_out(kind, &id, LeftOut::Trashed, "in_trash", "it is in the trash", original);
            return;
        }
        let properties = members.get("properties");
        let properties: Option<Members<'_>> =
            properties.and_then(|properties| serde_json::from_str(properties.get()).ok());
        let Some(properties) = properties else {
            let reason = "the page has no properties; export it again";
            self.reject(kind, &id, "partial_page", reason, original);
            return;
        };
        if kind == Kind::Tag && has_no_name(&properties) {
            self.reject(kind, &id, "missing_title", "a tag is its name, and it has none", original);
            return;
        }
        self.behind.extend(Behind::of(kind, original, &more.body));
        let bytes = more.original(original).as_bytes();
        let edited = page::instant(&members, "last_edited_time");
        let origin = Origin::new(SOURCE, id.clone(), members.text("url"), bytes).edited(edited);
        let Self { known, properties: seen, findings, .. } = self;
        let beside = Beside { known, seen, findings };
        let page = Page::new(kind, id.clone(), members, &properties, &more.whole, beside);
        match kind {
            Kind::Project => {
                let mut project = meaning::project(page, origin, self.now);
                self.describe(&mut project.description, kind, &id, &more, Todos::Kept);
                self.snapshot.projects.push(project);
            }
            Kind::Tag => {
                self.snapshot.tags.push(meaning::tag(page, origin, self.now));
                self.has_no_description(&id, &more);
            }
            Kind::Task => {
                let mut task = meaning::task(page, origin, self.now);
                self.describe(&mut task.description, kind, &id, &more, Todos::Apart);
                let todos = body::todos(&more.body);
                let parts = todo::subtasks(&todos, &task, &mut self.findings);
                *self.snapshot.read.entry(kind).or_default() += parts.len();
                self.snapshot.tasks.push(task);
                self.snapshot.tasks.extend(parts);
            }
        }
    }

    /// Adds the body of a page to what its properties say of it.
    fn describe(
        &mut self,
        description: &mut Option<String>,
        kind: Kind,
        id: &str,
        more: &More<'_>,
        todos: Todos,
    ) {
        let text = body::markdown(&more.body, todos);
        todo::mended(kind, id, &text, &mut self.findings);
        for problem in &more.problems {
            let code = "unread_in_notion";
            self.findings.push(Finding::new(Severity::Warning, kind, id, code, problem.as_str()));
        }
        if text.text.trim().is_empty() {
            return;
        }
        *description = Some(match description.take() {
            Some(before) => format!("{}\n\n{}", before.trim_end(), text.text),
            None => text.text,
        });
    }

    /// The body of a tag has no place.
    fn has_no_description(&mut self, id: &str, more: &More<'_>) {
        if more.body.is_empty() {
            return;
        }
        let reason = "there is no column for it; it is kept in the original";
        let finding = Finding::new(Severity::Information, Kind::Tag, id, "no_column", reason);
        self.findings.push(finding.at("body", ""));
    }

    fn reject(
        &mut self,
        kind: Kind,
        id: &str,
        code: &'static str,
        reason: &str,
        original: &RawValue,
    ) {
        self.leave_out(kind, id, LeftOut::Rejected, code, reason, original);
    }

    fn leave_out(
        &mut self,
        kind: Kind,
        id: &str,
        why: LeftOut,
        code: &'static str,
        reason: &str,
        original: &RawValue,
    ) {
        self.snapshot.left_out.insert(id.to_owned(), why);
        let original = original.get().as_bytes().to_vec();
        self.findings.push(Finding::left_out((kind, id), why, code, reason, original));
    }
}

/// Whether the title is blank, or nothing that can be seen.
fn has_no_name(properties: &Members<'_>) -> bool {
    let titles = properties.0.iter().filter_map(|(_, raw)| {
        let property: Members<'_> = serde_json::from_str(raw.get()).ok()?;
        let runs: Vec<value::Run> = serde_json::from_str(property.get("title")?.get()).ok()?;
        Some(value::plain_text(&runs).text)
    });
    titles.into_iter().all(|title| crate::fold::tag_key(&title).is_empty())
}
