//! Two batches at once: the database has a second hand, and of new tasks most need nothing of each other.

use super::record::Record;
use super::{BATCH, Loader, Manager};
use crate::error::{Error, Result};
use diesel_async::TransactionManager;
use std::mem;

impl Loader<'_> {
    /// Writes the first batch of these records, and the one after it at the same time where none of their
    /// records needs another; tells how many are through.
    pub(super) async fn next_batches<R: Record>(&mut self, records: &[R]) -> (usize, Result<()>) {
        let (first, rest) = records.split_at(BATCH.min(records.len()));
        let (second, _) = rest.split_at(BATCH.min(rest.len()));
        let are_apart = !second.is_empty() && first.iter().chain(second).all(R::stands_alone);
        let mark = self.mark();
        // One must have been written before: without it the plans of both would be those of empty tables.
        let beside = self.beside.take_if(|_| are_apart && self.is_planned);
        let (written, beside) = match beside {
            None => (self.batch(first).await, None),
            Some(mut beside) => {
                beside.loaded.run = self.loaded.run;
                let both = tokio::join!(self.or_undone(first), beside.or_undone(second));
                let first = self.again(first, both.0).await;
                let second = beside.again(second, both.1).await;
                (first, Some((beside, second)))
            }
        };
        let mut through = first.len();
        if written.is_err() {
            // What is said of a batch that is undone would be wrong.
            self.reset(mark);
            through = 0;
        }
        let Some((mut beside, written_beside)) = beside else {
            return (through, written);
        };
        if written_beside.is_ok() {
            self.take_over(&mut beside);
            through += second.len();
        }
        self.beside = Some(beside);
        (through, written.and(written_beside))
    }

    /// A batch that holds nothing any more where it failed: the other one may wait for it.
    async fn or_undone<R: Record>(&mut self, records: &[R]) -> Result<()> {
        let mark = self.mark();
        let written = self.batch(records).await;
        if written.is_err() {
            while Manager::rollback_transaction(self.connection).await.is_ok() {}
            self.reset(mark);
        }
        written
    }

    /// The same batch once more, alone, where it had to give way to the other one: they may have made the same
    /// tags in different order.
    async fn again<R: Record>(&mut self, records: &[R], written: Result<()>) -> Result<()> {
        match written {
            Err(Error::Deadlock) => self.or_undone(records).await,
            written => written,
        }
    }

    /// What the other has written is counted and said here.
    fn take_over(&mut self, beside: &mut Self) {
        let loaded = mem::take(&mut beside.loaded);
        for (kind, tally) in loaded.tallies {
            self.tally(kind).add(tally);
        }
        self.loaded.tags_by_name += loaded.tags_by_name;
        self.loaded.findings.extend(loaded.findings);
        self.refused.append(&mut beside.refused);
        self.older.append(&mut beside.older);
        self.noted.add(&mem::take(&mut beside.noted));
    }
}
