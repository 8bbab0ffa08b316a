//! What the list of pages does not hold: long values and bodies, asked for page by page.

use super::client::Client;
use super::fault::Fault;
use super::journal::Journal;
use super::kept::Kept;
use super::line::{Line, Named, Written, word};
use super::pages::Listing;
use super::{Report, Step, blocks, properties};
use crate::import::notion::body::{self, Todos};
use crate::import::snapshot::Kind;
use anyhow::Context;
use futures_util::{StreamExt, stream};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::path::Path;

/// How many pages are on their way at once, so that one with a long body holds up no others.
const AT_ONCE: usize = 32;

/// The file of pages.
pub(super) struct Pages {
    journal: Journal,
    /// Their ids, in their order.
    ids: Vec<String>,
    pub(super) with_problems: usize,
}

impl Pages {
    pub(super) fn open(path: &Path, report: &mut Report) -> anyhow::Result<Self> {
        let mut ids = Vec::new();
        let mut with_problems = 0;
        let journal = Journal::open(path, |line| {
            let Some((written, page)) = read(line) else {
                return false;
            };
            with_problems += usize::from(!written.problems.is_empty());
            count(report, &page.id, &written.kind, &written.problems);
            ids.push(page.id);
            true
        })?;
        Ok(Self { journal, ids, with_problems })
    }

    /// Adds what is listed and not there yet; what did not change since it was kept is not asked for.
    pub(super) async fn complete(
        &mut self,
        client: &Client,
        listing: &Listing,
        kept: Option<&Kept>,
        report: &mut Report,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> anyhow::Result<()> {
        let all = listing.count();
        let mut lines = listing.journal.lines()?;
        let mut listed = std::iter::from_fn(move || lines.next().transpose())
            // The line that says that a kind is whole has no page.
            .filter(|line| line.as_ref().map_or(true, |line| read(line).is_some()));
        for id in &self.ids {
            let line = listed.next().transpose()?;
            let is_it =
                line.is_some_and(|line| read(&line).is_some_and(|(_, page)| page.id == *id));
            anyhow::ensure!(
                is_it,
                "its files do not belong together; begin anew in another directory"
            );
        }
        let mut done = self.ids.len();
        progress(Step::Reading { done, all });
        let mut details = stream::iter(listed)
            .map(|line| async move { detailed(client, &line?, kept).await })
            .buffered(AT_ONCE);
        while let Some(detailed) = details.next().await {
            let Detailed { kind, id, json, problems } = detailed?;
            self.journal.add_json(&json)?;
            self.with_problems += usize::from(!problems.is_empty());
            count(report, &id, kind, &problems);
            done += 1;
            progress(Step::Reading { done, all });
        }
        self.journal.sync()?;
        Ok(())
    }
}

fn read(line: &str) -> Option<(Written<'_>, Named<'_>)> {
    let written: Written<'_> = serde_json::from_str(line).ok()?;
    let page = Named::read(written.page?)?;
    Some((written, page))
}

fn count(report: &mut Report, id: &str, kind: &str, problems: &[String]) {
    *report.counts.entry(kind.to_owned()).or_default() += 1;
    report.problems.extend(problems.iter().map(|problem| format!("{kind} {id}: {problem}")));
}

struct Detailed {
    kind: &'static str,
    id: String,
    json: String,
    problems: Vec<String>,
}

/// A page with all that is asked for besides, as the line to be written.
async fn detailed(client: &Client, listed: &str, kept: Option<&Kept>) -> anyhow::Result<Detailed> {
    let (written, page) = read(listed).context("the list of pages is broken")?;
    let original: &RawValue = written.page.context("the list of pages is broken")?;
    let kinds = [Kind::Project, Kind::Tag, Kind::Task].map(word);
    let kind = kinds.into_iter().find(|kind| *kind == written.kind);
    let kind = kind.context("the list of pages is broken")?;
    if let Some(kept) = kept
        && let Some(json) = kept.line(kind, original, &page)?
    {
        return Ok(Detailed { kind, id: page.id, json, problems: Vec::new() });
    }
    let mut problems = Vec::new();
    let whole = match page.properties {
        Some(values) => properties::whole(client, &page.id, values, &mut problems).await?,
        None => BTreeMap::new(),
    };
    let body = blocks::body(client, &page.id, &mut problems).await?;
    let markdown = body::markdown(&body, Todos::Kept).text;
    let line = Line {
        kind,
        page: original,
        properties: whole,
        body,
        markdown,
        problems: problems.clone(),
    };
    let json = serde_json::to_string(&line).map_err(|error| Fault::Strange(error.to_string()))?;
    Ok(Detailed { kind, id: page.id, json, problems })
}
