//! The pages of an earlier look, which are not asked for again where they did not change.

use super::journal::Lines;
use super::line::{Named, Written};
use crate::import::passing::forget_addresses;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Notion says in which minute a page was edited: one of about the time of the look may have been edited behind
/// it. Our clock may be a minute off, too.
const OVERLAP: TimeDelta = TimeDelta::minutes(2);

/// The lines of an export.
pub(super) struct Kept {
    file: File,
    /// Where each page's line begins, and its length.
    places: HashMap<String, (u64, usize)>,
    /// What was edited before this is whole.
    sure: DateTime<Utc>,
}

impl Kept {
    /// The lines of a file that was begun at this time.
    pub(super) fn open(path: &Path, begun: DateTime<Utc>) -> io::Result<Self> {
        let mut places = HashMap::new();
        let mut start = 0;
        let mut lines = Lines::of(path)?;
        while let Some(line) = lines.next()? {
            let written: Option<Written<'_>> = serde_json::from_str(&line).ok();
            if let Some(page) = written.and_then(|it| it.page).and_then(Named::read) {
                places.insert(page.id, (start, line.len()));
            }
            start = lines.read;
        }
        Ok(Self { file: File::open(path)?, places, sure: begun - OVERLAP })
    }

    /// The line of a page that is still the same.
    pub(super) fn line(
        &self,
        kind: &str,
        listed: &RawValue,
        page: &Named<'_>,
    ) -> io::Result<Option<String>> {
        let Some(&(start, length)) = self.places.get(&page.id) else {
            return Ok(None);
        };
        let edited: Option<DateTime<Utc>> = page.last_edited_time.parse().ok();
        if edited.is_none_or(|edited| edited >= self.sure) {
            return Ok(None);
        }
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, start)?;
        let line = String::from_utf8(bytes).map_err(io::Error::other)?;
        let written: Written<'_> = serde_json::from_str(&line)?;
        let is_same = written.kind == kind
            // What could not be read then may be read now.
            && written.problems.is_empty()
            && written.page.is_some_and(|before| are_same(before, listed));
        Ok(is_same.then_some(line))
    }
}

/// Whether two answers tell the same of a page.
fn are_same(one: &RawValue, other: &RawValue) -> bool {
    if one.get() == other.get() {
        return true;
    }
    let lasting = |page: &RawValue| {
        let mut page: Value = serde_json::from_str(page.get()).ok()?;
        forget_addresses(&mut page);
        Some(page)
    };
    let [one, other] = [one, other].map(lasting);
    one.is_some() && one == other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_addresses_of_the_same_files_are_no_change() {
        let page = |name: &str, time: u32| {
            let file = format!(r#"{{"url":"https://x/{time}","expiry_time":"{time}"}}"#);
            let json =
                format!(r#"{{"icon":{{"file":{file}}},"url":"{name}","p":[{{"f":{file}}}]}}"#);
            RawValue::from_string(json).unwrap()
        };
        assert!(are_same(&page("a", 1), &page("a", 2)));
        assert!(!are_same(&page("a", 1), &page("b", 1)));
    }
}
