//! What of a page stays in Notion: blocks whose content is elsewhere, and uploaded files, whose links end.

use super::body::Block;
use super::line::Entry;
use super::page::page_id;
use super::value::{Members, Run, plain_text};
use crate::import::finding::{Finding, Severity};
use crate::import::snapshot::Kind;
use serde_json::value::RawValue;

/// How many pages are named where many have something.
const NAMED: usize = 20;

/// What stays behind of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    kind: Kind,
    /// The page's id.
    id: String,
    title: String,
    /// Which blocks, each by its type.
    blocks: Vec<String>,
    /// How many files were uploaded.
    files: usize,
}

impl Behind {
    /// What stays behind of a page with its body; nothing where all comes.
    pub(super) fn of(kind: Kind, page: &RawValue, body: &[Block]) -> Option<Self> {
        let mut blocks = Vec::new();
        let mut files = uploads(page);
        within(body, &mut blocks, &mut files);
        if blocks.is_empty() && files == 0 {
            return None;
        }
        let members = Members::of(page);
        let id = members.text("id").and_then(|id| page_id(&id)).unwrap_or_default();
        Some(Self { kind, id, title: title(&members), blocks, files })
    }

    /// The same of a line of an export.
    pub(crate) fn of_line(line: &str) -> Option<Self> {
        let entry = Entry::read(line)?;
        Self::of(entry.kind, entry.page, &entry.more.body)
    }

    fn named(&self) -> String {
        format!("{} ({})", self.title, self.id)
    }

    /// One finding for each block.
    fn findings(&self) -> impl Iterator<Item = Finding> {
        let reason = "what stands in it was not fetched and stays in Notion";
        self.blocks.iter().map(move |block| {
            let code = "left_in_notion";
            let finding = Finding::new(Severity::Warning, self.kind, &self.id, code, reason);
            finding.at(block, &self.named())
        })
    }
}

/// What there is to say about all that stays behind.
pub(crate) fn findings(behind: &[Behind]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = behind.iter().flat_map(Behind::findings).collect();
    let with_files: Vec<&Behind> = behind.iter().filter(|one| one.files > 0).collect();
    if let Some(first) = with_files.first() {
        let files: usize = with_files.iter().map(|one| one.files).sum();
        let mut named: Vec<String> = with_files.iter().take(NAMED).map(|it| it.named()).collect();
        if with_files.len() > NAMED {
            named.push(format!("and {} more", with_files.len() - NAMED));
        }
        let reason = format!(
            "{files} uploaded files of {} pages are only links, which end within an hour; save the files: {}",
            with_files.len(),
            named.join(", ")
        );
        let code = "uploaded_files";
        findings.push(Finding::new(Severity::Warning, first.kind, "", code, reason));
    }
    findings
}

/// The same, a line each.
pub(crate) fn lines(behind: &[Behind]) -> Vec<String> {
    let said = |one: &Finding| match one.property.as_str() {
        "" => one.reason.clone(),
        block => format!("{} {}: {block}: {}", one.kind, one.value, one.reason),
    };
    findings(behind).iter().map(said).collect()
}

fn within(blocks: &[Block], left: &mut Vec<String>, files: &mut usize) {
    for block in blocks {
        let members = Members::of(&block.block);
        let kind = members.text("type").unwrap_or_default();
        let is_left = match kind.as_str() {
            "child_page" | "child_database" | "unsupported" => true,
            "synced_block" | "transcription" | "meeting_notes" => block.children.is_empty(),
            "link_to_page" => target(&members.inner(&kind)).is_none(),
            _ => false,
        };
        if is_left {
            left.push(kind);
        }
        *files += uploads(&block.block);
        within(&block.children, left, files);
    }
}

/// The page or database that a link names.
pub(super) fn target(link: &Members<'_>) -> Option<String> {
    let kind = link.text("type")?;
    page_id(&link.text(&kind)?)
}

/// How many files are Notion's own: only their links have an end. Within a text the quotes would be escaped.
fn uploads(json: &RawValue) -> usize {
    json.get().matches("\"expiry_time\"").count()
}

fn title(page: &Members<'_>) -> String {
    let properties = page.inner("properties");
    let titles = properties.0.iter().filter_map(|(_, raw)| {
        let runs: Vec<Run> = serde_json::from_str(Members::of(raw).get("title")?.get()).ok()?;
        Some(plain_text(&runs).text)
    });
    titles.into_iter().next().unwrap_or_default()
}
