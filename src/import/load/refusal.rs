//! Records that the database refuses: which one of a batch it is, and what becomes of it.
//!
//! Every attempt is a savepoint. Where many are refused, each half is tried by itself, so that one bad
//! record among hundreds costs a few statements more, and nothing but itself.

use super::record::Record;
use super::{Loader, Manager, Mark};
use crate::error::{Error, Result};
use crate::import::snapshot::{Finding, Origin, Severity};
use diesel::result::Error as Diesel;
use diesel_async::TransactionManager;
use uuid::Uuid;

/// What the server says when it is its own trouble, not a record's. It gives such errors no kind.
const OF_THE_SERVER: [&str; 6] = [
    "canceling statement",
    "could not",
    "deadlock detected",
    "out of memory",
    "terminating connection",
    "too many",
];

/// Why the database refused what it was given.
struct Refusal {
    /// The constraint that objected; empty where it was none.
    constraint: String,
    message: String,
}

impl Refusal {
    /// An error that is not about records ends the import.
    fn of(error: Diesel) -> Result<Self> {
        let message = match &error {
            Diesel::DatabaseError(_, info) => info.message().to_owned(),
            Diesel::SerializationError(why) => why.to_string(),
            _ => return Err(error.into()),
        };
        match Error::from(error) {
            Error::Constraint { constraint } => Ok(Self { constraint, message }),
            Error::Internal(_) if !OF_THE_SERVER.iter().any(|words| message.contains(words)) => {
                Ok(Self { constraint: String::new(), message })
            }
            stopped => Err(stopped),
        }
    }
}

impl Loader<'_> {
    /// Writes new records, without those that the database refuses. They come in an order in which
    /// parents stand before their parts, and are tried in it.
    pub(super) async fn create<'r, R: Record>(
        &mut self,
        new: &[&'r R],
    ) -> Result<Vec<(&'r Origin, Uuid)>> {
        let mut created = Vec::new();
        let mut parts = vec![new];
        while let Some(part) = parts.pop() {
            match part {
                [] => continue,
                [one] => {
                    let id = self.create_one(*one).await?;
                    created.extend(id.map(|id| (one.origin(), id)));
                    continue;
                }
                _ => {}
            }
            let mark = self.begin().await?;
            let inserted = R::insert(self, part).await;
            if let Ok(ids) = self.end(mark, inserted).await? {
                created.extend(part.iter().map(|record| record.origin()).zip(ids));
            } else {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
        }
        Ok(created)
    }

    async fn create_one<R: Record>(&mut self, record: &R) -> Result<Option<Uuid>> {
        let mut record = record.clone();
        loop {
            let mark = self.begin().await?;
            let inserted = R::insert(self, &[&record]).await;
            match self.end(mark, inserted).await? {
                Ok(ids) => return Ok(ids.into_iter().next()),
                Err(refusal) if self.loosened(&mut record, &refusal) => {}
                Err(_) => return Ok(None),
            }
        }
    }

    /// Writes a record over what an earlier import left; false where the database refuses it.
    pub(super) async fn update<R: Record>(&mut self, record: &R, id: Uuid) -> Result<bool> {
        let mut record = record.clone();
        loop {
            let mark = self.begin().await?;
            let updated = R::update(self, &record, id).await;
            match self.end(mark, updated).await? {
                Ok(()) => {
                    self.tally(R::KIND).updated += 1;
                    return Ok(true);
                }
                Err(refusal) if self.loosened(&mut record, &refusal) => {}
                Err(_) => return Ok(false),
            }
        }
    }

    async fn begin(&mut self) -> Result<Mark> {
        Manager::begin_transaction(self.connection).await?;
        Ok(self.mark())
    }

    /// Keeps what was attempted, or undoes it and everything that was said of it.
    async fn end<T>(
        &mut self,
        mark: Mark,
        attempted: Result<T, Diesel>,
    ) -> Result<Result<T, Refusal>> {
        let error = match attempted {
            Ok(done) => {
                Manager::commit_transaction(self.connection).await?;
                return Ok(Ok(done));
            }
            Err(error) => error,
        };
        if self.brake.is_pressed() {
            // Perhaps it is only the statement that was cancelled.
            return Err(error.into());
        }
        let refusal = Refusal::of(error)?;
        Manager::rollback_transaction(self.connection).await?;
        self.reset(mark);
        Ok(Err(refusal))
    }

    /// After a refusal: takes the link away to which the database objected, or gives the record up.
    fn loosened<R: Record>(&mut self, record: &mut R, refusal: &Refusal) -> bool {
        let origin = record.origin().clone();
        let message = &refusal.message;
        if record.loosen(&refusal.constraint) {
            let reason = format!("{message}; the link was left out");
            self.warn(R::KIND, &origin, "link_refused", &reason);
            return true;
        }
        self.tally(R::KIND).rejected += 1;
        self.loaded.findings.push(Finding {
            severity: Severity::Rejected,
            kind: R::KIND,
            record: origin.external_id,
            code: "refused",
            property: String::new(),
            value: String::new(),
            reason: format!("the database refused it: {message}"),
            original: Some(origin.original),
        });
        false
    }
}
