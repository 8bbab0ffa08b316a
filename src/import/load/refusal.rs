//! Records that the database refuses: which one of a batch it is, and what becomes of it.
//!
//! Every attempt is a savepoint. Where many are refused, each half is tried by itself, so that one bad
//! record among hundreds costs a few statements more, and nothing but itself.

use super::original::Written;
use super::record::{Record, is_of_order};
use super::{Loader, Manager, Mark};
use crate::error::{Error, Result};
use crate::import::check::Placed;
use crate::import::finding::Finding;
use crate::import::image::Image;
use crate::import::snapshot::{Kind, LeftOut};
use diesel::result::Error as Diesel;
use diesel_async::TransactionManager;
use uuid::Uuid;

/// What the server says when it is its own trouble, not a record's. It gives such errors no kind.
const OF_THE_SERVER: [&str; 5] =
    ["canceling statement", "could not", "deadlock detected", "out of memory", "too many"];

/// Why the database refused what it was given.
pub(super) struct Refusal {
    /// The constraint that objected; empty where it was none.
    constraint: String,
    pub(super) message: String,
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
            Error::Constraint { constraint, .. } => Ok(Self { constraint, message }),
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
    ) -> Result<Vec<Written<'r>>> {
        let mut created = Vec::new();
        let mut parts = vec![new];
        while let Some(part) = parts.pop() {
            match part {
                [] => continue,
                [one] => {
                    created.extend(self.create_one(*one).await?);
                    continue;
                }
                _ => {}
            }
            let mark = self.begin().await?;
            let inserted = R::insert(self, part).await;
            if let Ok(ids) = self.end(mark, inserted).await? {
                let written = part.iter().zip(ids);
                created.extend(written.map(|(&record, id)| Written::new(record, record, id)));
            } else {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
        }
        Ok(created)
    }

    async fn create_one<'r, R: Record>(&mut self, record: &'r R) -> Result<Option<Written<'r>>> {
        let mut loose = record.clone();
        loop {
            let mark = self.begin().await?;
            let inserted = R::insert(self, &[&loose]).await;
            match self.end(mark, inserted).await? {
                Ok(ids) => {
                    let id = ids.into_iter().next();
                    return Ok(id.map(|id| Written::new(record, &loose, id)));
                }
                Err(refusal) if self.loosened(&mut loose, &refusal) => {}
                Err(_) => return Ok(None),
            }
        }
    }

    /// Writes a record over what an earlier import left, unless the database refuses it.
    pub(super) async fn update<'r, R: Record>(
        &mut self,
        record: &'r R,
        id: Uuid,
        image: Option<&Image>,
    ) -> Result<Option<Written<'r>>> {
        let mut loose = record.clone();
        loop {
            let mark = self.begin().await?;
            let updated = R::update(self, &loose, id, image).await;
            match self.end(mark, updated).await? {
                Ok(id) => return Ok(Some(Written::new(record, &loose, id))),
                Err(refusal) if self.loosened(&mut loose, &refusal) => {}
                Err(_) => return Ok(None),
            }
        }
    }

    /// Takes links away that lead to what was refused, before hundreds of tasks are refused for them.
    pub(super) fn cut_refused(&mut self, tasks: &mut [Placed]) {
        if self.refused.is_empty() {
            return;
        }
        let refused = std::mem::take(&mut self.refused);
        for placed in tasks {
            let project = placed.project.iter().map(|to| (Kind::Project, to.external_id.clone()));
            let tags = placed.task.tag_links.iter().map(|page| (Kind::Tag, page.clone()));
            let cut: Vec<_> = project.chain(tags).filter(|link| refused.contains(link)).collect();
            for link in cut {
                let reason =
                    format!("the {} that it names was refused; the link was left out", link.0);
                self.warn(Kind::Task, &placed.task.origin, "link_refused", &reason);
                placed
                    .project
                    .take_if(|project| link.0 == Kind::Project && project.external_id == link.1);
                placed.task.tag_links.retain(|page| link.0 != Kind::Tag || *page != link.1);
                placed.missing.push(link);
            }
        }
        self.refused = refused;
    }

    pub(super) async fn begin(&mut self) -> Result<Mark> {
        Manager::begin_transaction(self.connection).await?;
        Ok(self.mark())
    }

    /// Keeps what was attempted, or undoes it and everything that was said of it.
    pub(super) async fn end<T>(
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
            // Of one that may be made in the end it is said then whether it was.
            if !is_of_order(&refusal.constraint) {
                let reason = format!("{message}; the link was left out");
                self.warn(R::KIND, &origin, "link_refused", &reason);
            }
            return true;
        }
        self.tally(R::KIND).rejected += 1;
        self.refused.insert((R::KIND, origin.external_id.clone()));
        let reason = format!("the database refused it: {message}");
        let (record, original) = ((R::KIND, origin.external_id.as_str()), origin.original.bytes());
        let finding = Finding::left_out(record, LeftOut::Rejected, "refused", reason, original);
        self.loaded.findings.push(finding);
        false
    }
}
