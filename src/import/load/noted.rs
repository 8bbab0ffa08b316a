//! What is noted of an import in the transactions in which it writes: by it the import can be taken back.

use super::original::Written;
use super::record::{Record, Versions};
use super::{Loader, Tally};
use crate::error::Result;
use crate::import::image::{Before, Image, Reference, awaited, tags_of};
use crate::import::kind::label;
use crate::import::runs::ImportState;
use crate::import::snapshot::{Kind, Snapshot};
use crate::tables::{import_runs, import_writes};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use uuid::Uuid;

/// How many writes are noted in one statement: 65,535 values fit into one.
const ROWS: usize = 5_000;

/// What the import has noted of itself.
#[derive(Default)]
pub(super) struct Noted {
    /// Whether it is said how it ended.
    is_ended: bool,
    /// The tags that were made of names and are not noted yet.
    pub(super) named: Vec<(String, Uuid)>,
    /// The totals that are noted.
    totals: [i32; 6],
}

impl Noted {
    /// Adds what another has noted of the same import.
    pub(super) fn add(&mut self, other: &Self) {
        for (total, more) in self.totals.iter_mut().zip(other.totals) {
            *total += more;
        }
    }
}

/// Records as they were before a batch, and what was remembered of them.
#[derive(Default)]
pub(super) struct Images {
    records: HashMap<Uuid, Image>,
    tags: HashMap<Uuid, std::collections::BTreeSet<Uuid>>,
    references: HashMap<String, Reference>,
    awaited: HashMap<String, Vec<(Kind, String)>>,
}

impl Images {
    /// Whether a record is still of the version that it was seen with.
    pub(super) fn is_still(&self, id: Uuid, version: Option<&i32>) -> bool {
        self.records.get(&id).map(Image::version).as_ref() == version
    }

    /// A record as it was.
    pub(super) fn of(&self, id: Uuid) -> Option<&Image> {
        self.records.get(&id)
    }

    /// What was there of one record of the source.
    fn before(&mut self, external_id: &str, record: Option<Uuid>) -> Before {
        Before {
            record: record.and_then(|id| self.records.remove(&id)),
            tags: record.and_then(|id| self.tags.remove(&id)).unwrap_or_default(),
            reference: self.references.remove(external_id),
            awaited: self.awaited.remove(external_id).unwrap_or_default(),
        }
    }
}

/// A write that is noted.
struct Row {
    external_id: String,
    kind: Kind,
    record_id: Uuid,
    is_new: bool,
    version: i32,
    before: Option<Value>,
}

impl Loader<'_> {
    /// Begins an import, or goes on with the last one where that was stopped over the same records.
    pub async fn begin_run(&mut self, files: &[String], snapshot: &Snapshot) -> Result<()> {
        let digest = digest(snapshot);
        // Nobody else imports: one that seems to run was killed.
        let killed = import_runs::table.filter(import_runs::state.eq(ImportState::Running));
        diesel::update(killed)
            .set((
                import_runs::state.eq(ImportState::Stopped),
                import_runs::finished_at.eq(self.now),
            ))
            .execute(self.connection)
            .await?;
        let last: Option<(i32, ImportState, Vec<u8>)> = import_runs::table
            .filter(import_runs::source.eq(self.source))
            .order(import_runs::id.desc())
            .select((import_runs::id, import_runs::state, import_runs::digest))
            .first(self.connection)
            .await
            .optional()?;
        let stopped = last.filter(|(_, state, of)| *state == ImportState::Stopped && *of == digest);
        let run = if let Some((run, ..)) = stopped {
            // Everything is gone through again; what it did so far is done.
            diesel::update(import_runs::table.find(run))
                .set((
                    import_runs::state.eq(ImportState::Running),
                    import_runs::finished_at.eq(None::<chrono::DateTime<chrono::Utc>>),
                    import_runs::unchanged.eq(0),
                    import_runs::kept.eq(0),
                    import_runs::rejected.eq(0),
                ))
                .execute(self.connection)
                .await?;
            run
        } else {
            diesel::insert_into(import_runs::table)
                .values((
                    import_runs::source.eq(self.source),
                    import_runs::files.eq(files),
                    import_runs::digest.eq(digest),
                    import_runs::state.eq(ImportState::Running),
                    import_runs::started_at.eq(self.now),
                ))
                .returning(import_runs::id)
                .get_result(self.connection)
                .await?
        };
        self.loaded.run = Some(run);
        Ok(())
    }

    /// Says how the import ended, once.
    pub(super) async fn end_run(&mut self, is_done: bool) -> Result<()> {
        let Some(run) = self.loaded.run.filter(|_| !self.noted.is_ended) else {
            return Ok(());
        };
        let state = if is_done { ImportState::Done } else { ImportState::Stopped };
        diesel::update(import_runs::table.find(run))
            .set((import_runs::state.eq(state), import_runs::finished_at.eq(self.now)))
            .execute(self.connection)
            .await?;
        self.noted.is_ended = true;
        Ok(())
    }

    /// Records that are about to be written over, as they are; nobody changes them meanwhile.
    pub(super) async fn images_of<R: Record>(&mut self, changed: &[(&R, Uuid)]) -> Result<Images> {
        let ids: Vec<(&str, Uuid)> = changed
            .iter()
            .map(|(record, id)| (record.origin().external_id.as_str(), *id))
            .collect();
        self.images(R::KIND, &ids).await
    }

    /// The same, by their ids there and here.
    pub(super) async fn images(&mut self, kind: Kind, ids: &[(&str, Uuid)]) -> Result<Images> {
        if ids.is_empty() {
            return Ok(Images::default());
        }
        let (there, here): (Vec<&str>, Vec<Uuid>) = ids.iter().copied().unzip();
        let mut images = Images {
            records: Image::read(self.connection, kind, &here).await?,
            ..Images::default()
        };
        if self.loaded.run.is_some() {
            images.references = Reference::read(self.connection, self.source, &there).await?;
        }
        if self.loaded.run.is_some() && kind == Kind::Task {
            images.tags = tags_of(self.connection, &here).await?;
            images.awaited = awaited(self.connection, self.source, &there).await?;
        }
        Ok(images)
    }

    /// Notes what a batch wrote: the versions are those before and after it.
    pub(super) async fn note<R: Record>(
        &mut self,
        written: &[Written<'_>],
        (before, after): (&Versions, &Versions),
        images: &mut Images,
    ) -> Result<()> {
        let Some(run_id) = self.loaded.run else {
            return Ok(());
        };
        let mut rows = Vec::new();
        for one in written {
            let (external_id, own) = (&one.origin.external_id, one.id == one.origin.id);
            let Some(&version) = after.get(&one.id) else {
                continue;
            };
            let is_new = own && !before.contains_key(&one.id);
            // A page that is a tag of another page's, or of before, writes nothing but its reference.
            let record = Some(one.id).filter(|_| !is_new && (own || R::KIND != Kind::Tag));
            let before = images.before(external_id, record);
            rows.push(Row {
                external_id: external_id.clone(),
                kind: R::KIND,
                record_id: one.id,
                is_new,
                version,
                before: json(&before),
            });
        }
        for (key, id) in std::mem::take(&mut self.noted.named) {
            rows.push(Row {
                external_id: format!("tag:{key}"),
                kind: Kind::Tag,
                record_id: id,
                is_new: true,
                // It was only made.
                version: 1,
                before: None,
            });
        }
        self.insert_notes(run_id, rows).await?;
        self.note_totals(run_id).await
    }

    /// Notes tasks that were linked to what has come.
    pub(super) async fn note_linked(
        &mut self,
        tasks: &[(&str, Uuid)],
        mut images: Images,
    ) -> Result<()> {
        let Some(run_id) = self.loaded.run else {
            return Ok(());
        };
        let ids: Vec<Uuid> = tasks.iter().map(|(_, id)| *id).collect();
        let after =
            <crate::import::check::Placed as Record>::versions(self.connection, &ids).await?;
        let mut rows = Vec::new();
        for (external_id, id) in tasks {
            // Of several links of one task the first has its image.
            let (Some(&version), true) = (after.get(id), images.records.contains_key(id)) else {
                continue;
            };
            rows.push(Row {
                external_id: (*external_id).to_owned(),
                kind: Kind::Task,
                record_id: *id,
                is_new: false,
                version,
                before: json(&images.before(external_id, Some(*id))),
            });
        }
        self.insert_notes(run_id, rows).await
    }

    async fn insert_notes(&mut self, run: i32, rows: Vec<Row>) -> Result<()> {
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let some = rows.by_ref().take(ROWS).map(|row| {
                (
                    import_writes::run_id.eq(run),
                    import_writes::external_id.eq(row.external_id),
                    import_writes::record_type.eq(label(row.kind)),
                    import_writes::record_id.eq(row.record_id),
                    import_writes::is_new.eq(row.is_new),
                    import_writes::version.eq(row.version),
                    import_writes::before.eq(row.before),
                )
            });
            let some: Vec<_> = some.collect();
            // What it wrote before it wrote over itself: only the version is another one.
            diesel::insert_into(import_writes::table)
                .values(some)
                .on_conflict((import_writes::run_id, import_writes::external_id))
                .do_update()
                .set(import_writes::version.eq(excluded(import_writes::version)))
                .execute(self.connection)
                .await?;
        }
        Ok(())
    }

    /// The checkpoint: what was done so far, as of this transaction.
    async fn note_totals(&mut self, run: i32) -> Result<()> {
        let sum = |of: fn(&Tally) -> usize| self.loaded.tallies.values().map(of).sum::<usize>();
        let totals = [
            sum(|it| it.created),
            sum(|it| it.updated),
            sum(|it| it.unchanged),
            sum(|it| it.kept),
            sum(|it| it.rejected),
            self.loaded.tags_by_name,
        ];
        let totals = totals.map(|total| i32::try_from(total).unwrap_or(i32::MAX));
        let [created, updated, unchanged, kept, rejected, named] = self.noted.totals;
        let [now_created, now_updated, now_unchanged, now_kept, now_rejected, now_named] = totals;
        diesel::update(import_runs::table.find(run))
            .set((
                import_runs::created.eq(import_runs::created + (now_created - created)),
                import_runs::updated.eq(import_runs::updated + (now_updated - updated)),
                import_runs::unchanged.eq(import_runs::unchanged + (now_unchanged - unchanged)),
                import_runs::kept.eq(import_runs::kept + (now_kept - kept)),
                import_runs::rejected.eq(import_runs::rejected + (now_rejected - rejected)),
                import_runs::tags_by_name.eq(import_runs::tags_by_name + (now_named - named)),
            ))
            .execute(self.connection)
            .await?;
        self.noted.totals = totals;
        Ok(())
    }
}

/// What was there, as it is kept; nothing where nothing was.
fn json(before: &Before) -> Option<Value> {
    if *before == Before::default() { None } else { serde_json::to_value(before).ok() }
}

/// A hash over the originals of all records.
fn digest(snapshot: &Snapshot) -> Vec<u8> {
    let projects = snapshot.projects.iter().map(|one| &one.origin);
    let tags = snapshot.tags.iter().map(|one| &one.origin);
    let tasks = snapshot.tasks.iter().map(|one| &one.origin);
    let mut hash = Sha256::new();
    for origin in projects.chain(tags).chain(tasks) {
        hash.update(origin.external_id.as_bytes());
        hash.update(origin.hash);
    }
    hash.finalize().to_vec()
}
