//! The list of the pages of a database, begun anew where it was left as often as need be.
//!
//! It is asked for in the order of creation. Where Notion forgets the place, or gives no more than its
//! 10,000 rows, or the program was stopped, the next question begins at the last page's minute.

use super::client::Client;
use super::fault::Fault;
use super::journal::Journal;
use super::line::{AllListed, Listed, Named, Written};
use super::list::{Batch, Headway, SIZE};
use super::version::Version;
use super::{Database, Step};
use crate::import::notion::page_id;
use crate::import::snapshot::Kind;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::Path;

/// Notion answers a question with no more rows than this, however many pages are asked for.
const CAP: usize = 10_000;
/// How often in a row Notion may forget the place before anything new came.
const VAIN_BEGINNINGS: usize = 5;

/// The list of pages on disk.
pub(super) struct Listing {
    pub(super) journal: Journal,
    kinds: BTreeMap<String, Seen>,
}

/// What is listed of a kind.
#[derive(Default)]
struct Seen {
    ids: HashSet<String>,
    /// When the last page was made.
    last: Option<String>,
    is_all: bool,
}

impl Seen {
    /// Whether a page is new.
    fn add(&mut self, page: &Named<'_>) -> bool {
        let is_new = self.ids.insert(page_id(&page.id).unwrap_or_else(|| page.id.clone()));
        if is_new && !page.created_time.is_empty() {
            self.last = Some(page.created_time.clone());
        }
        is_new
    }
}

/// A question for pages in the order of creation.
#[derive(Serialize)]
struct Question {
    page_size: usize,
    sorts: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    filter: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_cursor: Option<String>,
}

impl Question {
    fn since(last: Option<&str>) -> Self {
        let on_or_after =
            |last| json!({"timestamp": "created_time", "created_time": {"on_or_after": last}});
        Self {
            page_size: SIZE,
            sorts: json!([{"timestamp": "created_time", "direction": "ascending"}]),
            filter: last.map(on_or_after),
            start_cursor: None,
        }
    }

    fn json(&self) -> Result<String, Fault> {
        serde_json::to_string(self).map_err(|error| Fault::Strange(error.to_string()))
    }
}

/// How a window of a list ended.
enum Window {
    /// There is no more.
    All,
    /// There is more than Notion gives.
    Capped,
    /// Notion forgot the place.
    Lost,
}

impl Listing {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut kinds: BTreeMap<String, Seen> = BTreeMap::new();
        let journal = Journal::open(path, |line| {
            let Ok(written) = serde_json::from_str::<Written<'_>>(line) else {
                return false;
            };
            let seen = kinds.entry(written.kind).or_default();
            match written.page.map(Named::read) {
                None => seen.is_all = true,
                Some(Some(page)) => {
                    seen.add(&page);
                }
                Some(None) => return false,
            }
            true
        })?;
        Ok(Self { journal, kinds })
    }

    /// How many pages are listed.
    pub(super) fn count(&self) -> usize {
        self.kinds.values().map(|seen| seen.ids.len()).sum()
    }

    /// Lists what is missing of a database.
    pub(super) async fn complete(
        &mut self,
        client: &Client,
        version: Version,
        kind: Kind,
        database: &Database,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> anyhow::Result<()> {
        let mut vain = 0;
        loop {
            let seen = self.kinds.entry(database.kind.clone()).or_default();
            if seen.is_all {
                return Ok(());
            }
            let before = seen.ids.len();
            let ended = self.window(client, version, kind, database, progress).await?;
            let seen = self.kinds.entry(database.kind.clone()).or_default();
            let all = seen.ids.len();
            vain = if all == before { vain + 1 } else { 0 };
            match ended {
                Window::All => {
                    seen.is_all = true;
                    self.journal.add(&AllListed { kind: super::line::word(kind), all })?;
                    self.journal.sync()?;
                }
                Window::Capped if vain > 0 => anyhow::bail!(
                    "more {} than Notion lists were made in one minute ({}); move some of them to another database",
                    kind.plural(),
                    seen.last.as_deref().unwrap_or("unknown")
                ),
                Window::Lost if vain > VAIN_BEGINNINGS => return Err(Fault::Cursor.into()),
                Window::Capped | Window::Lost => {}
            }
        }
    }

    /// Lists from the last page's minute on, as far as one question leads.
    async fn window(
        &mut self,
        client: &Client,
        version: Version,
        kind: Kind,
        database: &Database,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> anyhow::Result<Window> {
        let path = format!("{}/{}/query", version.path(), database.id);
        let seen = self.kinds.entry(database.kind.clone()).or_default();
        let mut question = Question::since(seen.last.as_deref());
        let mut headway = Headway::default();
        let mut rows = 0;
        let mut is_incomplete = false;
        loop {
            let answer = match client.post(&path, &question.json()?).await {
                Err(Fault::Cursor) => return Ok(Window::Lost),
                Err(Fault::NotFound) => anyhow::bail!(
                    "the database {:?} of the {} ({}) is not shared with the integration any longer; \
                     share it: its menu ···, Connections",
                    database.title,
                    kind.plural(),
                    database.id
                ),
                answer => answer?,
            };
            let batch = Batch::read(&answer)?;
            headway.note(&batch)?;
            for page in &batch.results {
                let Some(named) = Named::read(page) else {
                    return Err(Fault::Strange("a page has no id".to_owned()).into());
                };
                // A database can be a row of another.
                if named.object == "page" && seen.add(&named) {
                    self.journal.add(&Listed { kind: super::line::word(kind), page })?;
                }
            }
            rows += batch.results.len();
            is_incomplete |= batch.is_incomplete();
            progress(Step::Listing { kind, found: seen.ids.len() });
            let next = batch.next().map(str::to_owned);
            match next {
                Some(_) if next == question.start_cursor => return Ok(Window::Lost),
                Some(_) => question.start_cursor = next,
                None if is_incomplete || rows >= CAP => return Ok(Window::Capped),
                None => return Ok(Window::All),
            }
        }
    }
}
