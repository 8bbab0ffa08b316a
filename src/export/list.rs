//! Lists of Notion: pages of up to a hundred things, and the way from one to the next.

use super::client::Client;
use super::fault::Fault;
use crate::import::notion::value::Members;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::HashSet;
use std::fmt::Write;

/// How many things are asked for at once; Notion allows no more.
pub(super) const SIZE: usize = 100;
/// How often a list is begun anew because Notion forgot the place.
pub(super) const BEGINNINGS: usize = 5;

/// One page of a list.
#[derive(Debug, Deserialize)]
pub(super) struct Batch<'a> {
    #[serde(borrow)]
    pub(super) results: Vec<&'a RawValue>,
    #[serde(default)]
    has_more: bool,
    next_cursor: Option<String>,
    request_status: Option<Status>,
}

#[derive(Debug, Deserialize)]
struct Status {
    #[serde(rename = "type")]
    kind: String,
}

impl<'a> Batch<'a> {
    pub(super) fn read(answer: &'a str) -> Result<Self, Fault> {
        serde_json::from_str(answer).map_err(|error| Fault::Strange(error.to_string()))
    }

    /// Where the next page begins; nothing at the end.
    pub(super) fn next(&self) -> Option<&str> {
        self.next_cursor.as_deref().filter(|_| self.has_more)
    }

    /// Whether Notion said that there is more than it gives.
    pub(super) fn is_incomplete(&self) -> bool {
        self.request_status.as_ref().is_some_and(|status| status.kind == "incomplete")
    }
}

/// How many pages of a list may come one after the other with nothing new.
const VAIN_PAGES: usize = 20;

/// Whether a list comes to its end: what comes of it is counted.
#[derive(Default)]
pub(super) struct Headway {
    seen: HashSet<String>,
    vain: usize,
}

impl Headway {
    /// Notes a page of the list. The error says that nothing new came for long.
    pub(super) fn note(&mut self, batch: &Batch<'_>) -> Result<(), Fault> {
        let before = self.seen.len();
        for one in &batch.results {
            // Files have another address each time; values have no id.
            let members = Members::of(one);
            let is_value = members.text("object").as_deref() == Some("property_item");
            let key =
                members.text("id").filter(|_| !is_value).unwrap_or_else(|| one.get().to_owned());
            self.seen.insert(key);
        }
        self.vain = if self.seen.len() > before { 0 } else { self.vain + 1 };
        if self.vain >= VAIN_PAGES {
            let why =
                format!("a list does not come to its end: {VAIN_PAGES} pages brought nothing new");
            return Err(Fault::Strange(why));
        }
        Ok(())
    }
}

/// The whole of a list that is asked for by its path.
pub(super) async fn whole(client: &Client, path: &str) -> Result<Vec<Box<RawValue>>, Fault> {
    let mut beginnings = 0;
    loop {
        match from_the_beginning(client, path).await {
            Err(Fault::Cursor) if beginnings < BEGINNINGS => beginnings += 1,
            ended => return ended,
        }
    }
}

async fn from_the_beginning(client: &Client, path: &str) -> Result<Vec<Box<RawValue>>, Fault> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    let mut headway = Headway::default();
    loop {
        let mut page = format!("{path}?page_size={SIZE}");
        if let Some(cursor) = &cursor {
            page.push_str("&start_cursor=");
            encode(cursor, &mut page);
        }
        let answer = client.get(&page).await?;
        let batch = Batch::read(&answer)?;
        headway.note(&batch)?;
        found.extend(batch.results.iter().map(|one| (*one).to_owned()));
        let next = batch.next().map(str::to_owned);
        if next.is_none() {
            return Ok(found);
        }
        if next == cursor {
            return Err(Fault::Strange("a list does not come to its end".to_owned()));
        }
        cursor = next;
    }
}

/// Writes what a URL cannot hold as `%XX`.
fn encode(text: &str, url: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            url.push(byte.into());
        } else {
            let _ = write!(url, "%{byte:02X}");
        }
    }
}
