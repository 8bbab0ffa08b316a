//! What is older in this source than what an import has brought already: it takes nothing back.

use super::Loader;
use super::original::Trace;
use super::record::Record;
use chrono::TimeDelta;
use std::collections::HashMap;

impl Loader<'_> {
    /// Whether something newer of a record has come before; then it is counted and reported.
    pub(super) fn is_older<R: Record>(
        &mut self,
        record: &R,
        known: &HashMap<String, Trace>,
    ) -> bool {
        let origin = record.origin();
        let Some(known) = known.get(&origin.external_id).filter(|it| it.record == origin.id) else {
            return false;
        };
        if known.hash == origin.hash {
            // A to-do that only stands elsewhere; its page says whether that is news.
            let is_older = record.place().is_some_and(|place| self.older.contains(&place.page));
            self.tally(R::KIND).unchanged += usize::from(is_older);
            return is_older;
        }
        // Not the record's own time: once it is alike on both sides, that is the one of an edit made here.
        let (Some(edited), Some(last)) = (origin.edited_at, known.edited_at) else {
            return false;
        };
        // It is kept in milliseconds.
        if last - edited < TimeDelta::milliseconds(1) {
            return false;
        }
        self.older.insert(origin.id);
        self.tally(R::KIND).kept += 1;
        let reason = "what is here came from there later, and was kept";
        self.warn(R::KIND, origin, "older", reason);
        true
    }
}
