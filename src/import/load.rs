//! Writes checked records into the tables, in batches, so that it can be run again at any time.
//!
//! A batch is a transaction: what was stopped on the way goes on from there, because what is there
//! already is recognised by its original. It decides nothing about a record's values.

mod record;
mod tag;

use super::check::{Checked, Imported};
use super::snapshot::{Finding, Kind, Origin, Severity};
use crate::error::{Error, Result};
use crate::query::enumeration::Label;
use crate::tables::{external_refs, projects, sql_types, tags, tasks};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, TransactionManager};
use record::{Record, Versions};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// How many records are written in one transaction.
const BATCH: usize = 500;

/// The advisory lock of whoever imports.
const IMPORTING: i64 = 0x746f_6d6f_7369_6d70;

type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

diesel::define_sql_function! {
    /// Takes an advisory lock until the connection ends, unless somebody else has it.
    fn pg_try_advisory_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// What became of the records of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// New ones.
    pub created: usize,
    /// Those that had changed in the source.
    pub updated: usize,
    /// Those that had not.
    pub unchanged: usize,
    /// Those that are here already as another record, or that were changed here as well.
    pub kept: usize,
    /// Those that the database refused.
    pub rejected: usize,
}

/// What was done.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What became of the records.
    pub tallies: BTreeMap<Kind, Tally>,
    /// Tags that were made because a task names them.
    pub tags_by_name: usize,
    /// What there is to say about it.
    pub findings: Vec<Finding>,
}

/// How far it is: the kind, how many records of it are through, and how many there are.
pub type Progress<'a> = dyn FnMut(Kind, usize, usize) + 'a;

/// A writer of records. It holds the one connection that imports.
pub struct Loader<'c> {
    connection: &'c mut AsyncPgConnection,
    source: &'static str,
    now: DateTime<Utc>,
    zone: Tz,
    loaded: Loaded,
}

impl<'c> Loader<'c> {
    /// A writer; nothing where somebody else imports at this moment.
    pub async fn new(
        connection: &'c mut AsyncPgConnection,
        source: &'static str,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        let locking = diesel::select(pg_try_advisory_lock(IMPORTING));
        if !locking.get_result::<bool>(connection).await? {
            return Ok(None);
        }
        let zone = crate::tables::settings::table
            .select(crate::tables::settings::time_zone)
            .first::<String>(connection)
            .await?;
        Ok(Some(Self {
            connection,
            source,
            now,
            zone: zone.parse().unwrap_or(Tz::UTC),
            loaded: Loaded::default(),
        }))
    }

    /// What earlier imports have brought from this source and is live.
    pub async fn imported(&mut self) -> Result<Imported> {
        let mut imported = Imported::new();
        macro_rules! of {
            ($kind:expr, $table:ident) => {
                let live = $table::table.filter($table::deleted_at.is_null()).select($table::id);
                let rows: Vec<(String, Uuid)> = external_refs::table
                    .filter(external_refs::source.eq(self.source))
                    .filter(external_refs::record_id.eq_any(live))
                    .select((external_refs::external_id, external_refs::record_id))
                    .load(self.connection)
                    .await?;
                imported.extend(rows.into_iter().map(|(id, record)| (($kind, id), record)));
            };
        }
        of!(Kind::Project, projects);
        of!(Kind::Tag, tags);
        of!(Kind::Task, tasks);
        Ok(imported)
    }

    /// Writes everything. What a trial has written is undone at its end.
    pub async fn load(
        &mut self,
        checked: &Checked,
        is_trial: bool,
        progress: &mut Progress<'_>,
    ) -> Result<()> {
        if is_trial {
            Manager::begin_transaction(self.connection).await?;
        }
        self.batches(&checked.projects, progress).await?;
        self.batches(&checked.tags, progress).await?;
        self.batches(&checked.tasks, progress).await?;
        if is_trial {
            Manager::rollback_transaction(self.connection).await?;
        }
        Ok(())
    }

    /// What was done so far.
    #[must_use]
    pub fn finish(self) -> Loaded {
        self.loaded
    }

    async fn batches<R: Record>(
        &mut self,
        records: &[R],
        progress: &mut Progress<'_>,
    ) -> Result<()> {
        let mut done = 0;
        for batch in records.chunks(BATCH) {
            Manager::begin_transaction(self.connection).await?;
            let (tally, by_name) = (self.tally(R::KIND).to_owned(), self.loaded.tags_by_name);
            let findings = self.loaded.findings.len();
            let mut written = self.batch(batch).await;
            if written.is_ok() {
                let committing = Manager::commit_transaction(self.connection).await;
                written = committing.map_err(Error::from);
            }
            if let Err(error) = written {
                // What is said of a batch that is undone would be wrong.
                *self.tally(R::KIND) = tally;
                self.loaded.tags_by_name = by_name;
                self.loaded.findings.truncate(findings);
                return Err(error);
            }
            done += batch.len();
            progress(R::KIND, done, records.len());
        }
        Ok(())
    }

    async fn batch<R: Record>(&mut self, records: &[R]) -> Result<()> {
        let refs = self.refs(records).await?;
        let mut ids: Vec<Uuid> = records.iter().map(|record| record.origin().id).collect();
        ids.extend(refs.values().map(|known| known.record));
        let versions = R::versions(self.connection, &ids).await?;
        let mut written = Vec::new();
        let mut new = Vec::new();
        for record in records {
            let origin = record.origin();
            match fate(origin, &refs, &versions) {
                Fate::Create => new.push(record),
                Fate::Update(id) => {
                    if self.update(record, id).await? {
                        written.push((origin, id));
                    }
                }
                Fate::Unchanged => self.tally(R::KIND).unchanged += 1,
                Fate::Keep(reason) => {
                    self.tally(R::KIND).kept += 1;
                    self.warn(R::KIND, origin, "changed_here", reason);
                }
            }
        }
        written.extend(self.create(&new).await?);
        self.remember::<R>(&written).await
    }

    /// What is known of these records from earlier imports.
    async fn refs<R: Record>(&mut self, records: &[R]) -> Result<HashMap<String, Known>> {
        let ids = records.iter().map(|record| record.origin().external_id.as_str());
        let rows: Vec<(String, Uuid, Vec<u8>, i32)> = external_refs::table
            .filter(external_refs::source.eq(self.source))
            .filter(external_refs::external_id.eq_any(ids))
            .select((
                external_refs::external_id,
                external_refs::record_id,
                external_refs::original_hash,
                external_refs::imported_version,
            ))
            .load(self.connection)
            .await?;
        let known = rows
            .into_iter()
            .map(|(id, record, hash, version)| (id, Known { record, hash, version }));
        Ok(known.collect())
    }

    async fn update<R: Record>(&mut self, record: &R, id: Uuid) -> Result<bool> {
        let mut record = record.clone();
        loop {
            Manager::begin_transaction(self.connection).await?;
            let Err(error) = R::update(self, &record, id).await else {
                Manager::commit_transaction(self.connection).await?;
                self.tally(R::KIND).updated += 1;
                return Ok(true);
            };
            Manager::rollback_transaction(self.connection).await?;
            if !self.loosened(&mut record, error)? {
                return Ok(false);
            }
        }
    }

    /// Writes new records: all at once, or where the database refuses that, one after the other.
    async fn create<'r, R: Record>(&mut self, new: &[&'r R]) -> Result<Vec<(&'r Origin, Uuid)>> {
        if new.is_empty() {
            return Ok(Vec::new());
        }
        Manager::begin_transaction(self.connection).await?;
        let said = self.loaded.findings.len();
        let (tally, by_name) = (*self.tally(R::KIND), self.loaded.tags_by_name);
        if let Ok(ids) = R::insert(self, new).await {
            Manager::commit_transaction(self.connection).await?;
            return Ok(new.iter().map(|record| record.origin()).zip(ids).collect());
        }
        Manager::rollback_transaction(self.connection).await?;
        self.loaded.findings.truncate(said);
        *self.tally(R::KIND) = tally;
        self.loaded.tags_by_name = by_name;
        let mut created = Vec::new();
        for &record in new {
            if let Some(id) = self.create_one(record).await? {
                created.push((record.origin(), id));
            }
        }
        Ok(created)
    }

    async fn create_one<R: Record>(&mut self, record: &R) -> Result<Option<Uuid>> {
        let mut record = record.clone();
        loop {
            Manager::begin_transaction(self.connection).await?;
            let error = match R::insert(self, &[&record]).await {
                Ok(ids) => {
                    Manager::commit_transaction(self.connection).await?;
                    return Ok(ids.into_iter().next());
                }
                Err(error) => error,
            };
            Manager::rollback_transaction(self.connection).await?;
            if !self.loosened(&mut record, error)? {
                return Ok(None);
            }
        }
    }

    /// After a refusal: takes the link away to which the database objected, or gives the record up.
    /// An error that is not about the record ends the import.
    fn loosened<R: Record>(
        &mut self,
        record: &mut R,
        error: diesel::result::Error,
    ) -> Result<bool> {
        let message = match &error {
            diesel::result::Error::DatabaseError(_, info) => info.message().to_owned(),
            _ => return Err(error.into()),
        };
        let constraint = match Error::from(error) {
            Error::Constraint { constraint } => constraint,
            Error::Internal(_) => String::new(),
            stopped => return Err(stopped),
        };
        let origin = record.origin().clone();
        if record.loosen(&constraint) {
            let reason = format!("{message}; the link was left out");
            self.warn(R::KIND, &origin, "link_refused", &reason);
            return Ok(true);
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
        Ok(false)
    }

    /// Notes where the records came from, and their versions after that.
    async fn remember<R: Record>(&mut self, written: &[(&Origin, Uuid)]) -> Result<()> {
        let ids: Vec<Uuid> = written.iter().map(|(_, id)| *id).collect();
        let versions = R::versions(self.connection, &ids).await?;
        let rows: Vec<_> = written
            .iter()
            .filter_map(|(origin, id)| Some((origin, id, versions.get(id)?)))
            .map(|(origin, id, version)| {
                (
                    external_refs::source.eq(self.source),
                    external_refs::external_id.eq(&origin.external_id),
                    external_refs::record_type.eq(label(R::KIND)),
                    external_refs::record_id.eq(id),
                    external_refs::url.eq(&origin.url),
                    external_refs::original.eq(&origin.original),
                    external_refs::original_hash.eq(origin.hash.as_slice()),
                    external_refs::imported_at.eq(self.now),
                    external_refs::imported_version.eq(version),
                )
            })
            .collect();
        diesel::insert_into(external_refs::table)
            .values(rows)
            .on_conflict((external_refs::source, external_refs::external_id))
            .do_update()
            .set((
                external_refs::url.eq(excluded(external_refs::url)),
                external_refs::original.eq(excluded(external_refs::original)),
                external_refs::original_hash.eq(excluded(external_refs::original_hash)),
                external_refs::imported_at.eq(excluded(external_refs::imported_at)),
                external_refs::imported_version.eq(excluded(external_refs::imported_version)),
            ))
            .execute(self.connection)
            .await?;
        Ok(())
    }

    fn tally(&mut self, kind: Kind) -> &mut Tally {
        self.loaded.tallies.entry(kind).or_default()
    }

    fn warn(&mut self, kind: Kind, origin: &Origin, code: &'static str, reason: &str) {
        self.say(Severity::Warning, kind, origin, code, "", reason);
    }

    fn say(
        &mut self,
        severity: Severity,
        kind: Kind,
        origin: &Origin,
        code: &'static str,
        value: &str,
        reason: &str,
    ) {
        self.loaded.findings.push(Finding {
            severity,
            kind,
            record: origin.external_id.clone(),
            code,
            property: String::new(),
            value: value.to_owned(),
            reason: reason.to_owned(),
            original: None,
        });
    }
}

fn label(kind: Kind) -> Label<sql_types::RecordType> {
    let label = match kind {
        Kind::Project => "project",
        Kind::Tag => "tag",
        Kind::Task => "task",
    };
    Label::new(Some(label), "::record_type")
}

/// What an earlier import left of a record.
struct Known {
    record: Uuid,
    hash: Vec<u8>,
    version: i32,
}

/// What is to be done with a record.
enum Fate {
    Create,
    Update(Uuid),
    Unchanged,
    Keep(&'static str),
}

fn fate(origin: &Origin, refs: &HashMap<String, Known>, versions: &Versions) -> Fate {
    let Some(known) = refs.get(&origin.external_id) else {
        return match versions.get(&origin.id) {
            None => Fate::Create,
            Some(_) => Fate::Keep("a record with its id is here already; that one was kept"),
        };
    };
    if known.hash == origin.hash {
        return Fate::Unchanged;
    }
    match versions.get(&known.record) {
        Some(&version) if version == known.version => Fate::Update(known.record),
        Some(_) => Fate::Keep("it was changed there and here since the last import; ours was kept"),
        None => Fate::Keep("it was changed there, but purged here since the last import"),
    }
}

/// The ids among these that are not in the others.
fn without(ids: &[Uuid], others: &[Uuid]) -> BTreeSet<Uuid> {
    let others: BTreeSet<_> = others.iter().collect();
    ids.iter().filter(|id| !others.contains(id)).copied().collect()
}
