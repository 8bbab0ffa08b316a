//! Writes checked records into the tables, in batches, so that it can be run again at any time.
//!
//! A batch is a transaction: what was stopped on the way goes on from there, because what is there
//! already is recognised by its original. It decides nothing about a record's values.

mod beside;
mod dispute;
mod missing;
mod new_tasks;
mod noted;
mod older;
mod original;
mod place;
mod record;
mod refusal;
mod tag;

use super::brake::Brake;
use super::check::{Checked, Imported};
use super::decided::Decided;
use super::finding::{Finding, Severity};
use super::snapshot::{Kind, Origin};
use crate::db;
use crate::error::{Error, Result};
use crate::settings;
use crate::tables::{external_refs, projects, tags, tasks};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, TransactionManager};
use noted::{Images, Noted};
use original::{Fate, Trace, Written};
use place::Places;
use record::{Record, Versions};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// How many records are written in one transaction.
const BATCH: usize = 500;

/// The advisory lock of whoever imports.
const IMPORTING: i64 = 0x746f_6d6f_7369_6d70;

type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

mod sql {
    diesel::define_sql_function! {
        /// Takes an advisory lock until the connection ends, unless somebody else has it.
        fn pg_try_advisory_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
    }
    diesel::define_sql_function! {
        /// Gives an advisory lock back.
        fn pg_advisory_unlock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
    }
}

/// Keeps others from importing, unless somebody does.
pub(super) async fn lock(connection: &mut AsyncPgConnection) -> QueryResult<bool> {
    diesel::select(sql::pg_try_advisory_lock(IMPORTING)).get_result(connection).await
}

/// Lets others import again. Where it fails the connection is lost, and the lock with it.
pub(super) async fn unlock(connection: &mut AsyncPgConnection) {
    let unlocking = diesel::select(sql::pg_advisory_unlock(IMPORTING));
    let _ = unlocking.get_result::<bool>(connection).await;
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

impl Tally {
    fn add(&mut self, other: Self) {
        self.created += other.created;
        self.updated += other.updated;
        self.unchanged += other.unchanged;
        self.kept += other.kept;
        self.rejected += other.rejected;
    }
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
    /// How far it came.
    pub reached: Option<Reached>,
    /// The number of the import; a trial has none.
    pub run: Option<i32>,
}

/// How far it came: so many records of this kind are through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The kind. Projects come first, then tags, then tasks.
    pub kind: Kind,
    /// How many are through.
    pub done: usize,
    /// How many there are.
    pub all: usize,
}

/// How far it is: the kind, how many records of it are through, and how many there are.
pub type Progress<'a> = dyn FnMut(Kind, usize, usize) + 'a;

/// A writer of records. It holds the connections that import.
pub struct Loader<'c> {
    connection: &'c mut AsyncPgConnection,
    /// Who writes a second batch at the same time.
    beside: Option<Box<Self>>,
    source: &'static str,
    now: DateTime<Utc>,
    zone: Tz,
    loaded: Loaded,
    brake: Brake,
    /// What the database refused.
    refused: BTreeSet<(Kind, String)>,
    noted: Noted,
    places: Places,
    /// The records of which something newer has come before.
    older: BTreeSet<Uuid>,
    /// Whether statements were planned since the tables were filled.
    is_planned: bool,
}

/// What is said of records up to a moment, to which it can be set back.
struct Mark {
    tallies: BTreeMap<Kind, Tally>,
    tags_by_name: usize,
    findings: usize,
    named: usize,
}

impl<'c> Loader<'c> {
    /// A writer, which goes faster where it has a connection beside the one that it needs; nothing where somebody
    /// else imports at this moment. The owner's zone is kept, where one is given.
    pub async fn new(
        connection: &'c mut AsyncPgConnection,
        beside: Option<&'c mut AsyncPgConnection>,
        source: &'static str,
        zone: Option<Tz>,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>> {
        if !lock(connection).await? {
            return Ok(None);
        }
        if let Some(zone) = zone {
            settings::set_time_zone(connection, zone).await?;
        }
        let zone = crate::tables::settings::table
            .select(crate::tables::settings::time_zone)
            .first::<String>(connection)
            .await?;
        let zone = zone.parse().unwrap_or(Tz::UTC);
        let mut loader = Self::on(connection, source, now, zone);
        loader.beside = beside.map(|beside| {
            let brake = loader.brake.clone();
            Box::new(Self { brake, ..Self::on(beside, source, now, zone) })
        });
        Ok(Some(loader))
    }

    fn on(
        connection: &'c mut AsyncPgConnection,
        source: &'static str,
        now: DateTime<Utc>,
        zone: Tz,
    ) -> Self {
        Self {
            connection,
            beside: None,
            source,
            now,
            zone,
            loaded: Loaded::default(),
            brake: Brake::default(),
            refused: BTreeSet::new(),
            noted: Noted::default(),
            places: Places::default(),
            older: BTreeSet::new(),
            is_planned: false,
        }
    }

    /// What stops it: the brake, and where statements wait, their end.
    pub fn brake(&self) -> (Brake, Vec<db::Cancel>) {
        let beside = self.beside.iter().map(|beside| db::Cancel::of(beside.connection));
        let statements = std::iter::once(db::Cancel::of(self.connection)).chain(beside);
        (self.brake.clone(), statements.collect())
    }

    /// The owner's zone.
    #[must_use]
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// What earlier imports have brought from this source.
    pub async fn imported(&mut self) -> Result<Imported> {
        let mut imported = Imported::default();
        macro_rules! of {
            ($kind:expr, $table:ident) => {
                let live = $table::table.filter($table::deleted_at.is_null()).select($table::id);
                let rows: Vec<(String, Uuid)> = external_refs::table
                    .filter(external_refs::source.eq(self.source))
                    .filter(external_refs::record_id.eq_any(live))
                    .select((external_refs::external_id, external_refs::record_id))
                    .load(self.connection)
                    .await?;
                imported.ids.extend(rows.into_iter().map(|(id, record)| (($kind, id), record)));
            };
        }
        of!(Kind::Project, projects);
        of!(Kind::Tag, tags);
        of!(Kind::Task, tasks);
        let decided: Vec<(String, Option<String>)> = external_refs::table
            .filter(external_refs::source.eq(self.source))
            .select((external_refs::external_id, external_refs::decisions))
            .load(self.connection)
            .await?;
        imported.decided =
            decided.into_iter().map(|(id, kept)| (id, Decided::read(kept.as_deref()))).collect();
        Ok(imported)
    }

    /// Writes everything. What a trial has written is undone at its end.
    pub async fn load(
        &mut self,
        mut checked: Checked,
        is_trial: bool,
        progress: &mut Progress<'_>,
    ) -> Result<()> {
        if is_trial {
            Manager::begin_transaction(self.connection).await?;
        }
        self.batches(&checked.projects, progress).await?;
        self.batches(&checked.tags, progress).await?;
        self.cut_refused(&mut checked.tasks);
        self.batches(&checked.tasks, progress).await?;
        self.link_found().await?;
        self.end_run(true).await?;
        if is_trial {
            Manager::rollback_transaction(self.connection).await?;
        }
        Ok(())
    }

    /// What was done so far. Others may import then.
    pub async fn finish(mut self) -> Loaded {
        // Where one of these fails the connection is lost, and all is done without us: the next import sees
        // that this one is not running.
        while Manager::rollback_transaction(self.connection).await.is_ok() {}
        if let Some(beside) = &mut self.beside {
            while Manager::rollback_transaction(beside.connection).await.is_ok() {}
        }
        // What cancels the statement before may come late, and hit this one.
        if self.end_run(false).await.is_err() {
            let _ = self.end_run(false).await;
        }
        unlock(self.connection).await;
        self.loaded
    }

    async fn batches<R: Record>(
        &mut self,
        records: &[R],
        progress: &mut Progress<'_>,
    ) -> Result<()> {
        let (kind, all) = (R::KIND, records.len());
        let mut done = 0;
        while done < all {
            self.loaded.reached = Some(Reached { kind, done, all });
            self.go_on()?;
            let (_, rest) = records.split_at(done);
            let (through, written) = self.next_batches(rest).await;
            done += through;
            self.loaded.reached = Some(Reached { kind, done, all });
            written?;
            progress(kind, done, all);
            self.plan_anew(kind).await?;
        }
        Ok(())
    }

    /// What was planned when the tables were empty is the wrong plan once they are full: each batch would
    /// read all of those before it.
    async fn plan_anew(&mut self, kind: Kind) -> Result<()> {
        if kind == Kind::Task && !self.is_planned && self.tally(kind).created > 0 {
            db::analyze(self.connection).await?;
            self.is_planned = true;
        }
        Ok(())
    }

    async fn batch<R: Record>(&mut self, records: &[R]) -> Result<()> {
        Manager::begin_transaction(self.connection).await?;
        let known = self.known(records).await?;
        let mut ids: Vec<Uuid> = records.iter().map(|record| record.origin().id).collect();
        ids.extend(known.values().map(|known| known.record));
        let versions = R::versions(self.connection, &ids).await?;
        self.look_at_places(records).await?;
        let (mut new, mut changed) = (Vec::new(), Vec::new());
        let (mut moved, mut disputed) = (Vec::new(), Vec::new());
        for record in records {
            let origin = record.origin();
            match Fate::of(record, &known, &versions, &self.places) {
                Fate::Create => new.push(record),
                Fate::Update(id) => changed.push((record, id)),
                Fate::Unchanged => self.tally(R::KIND).unchanged += 1,
                Fate::Move(id) => moved.push((record, id)),
                Fate::Dispute(id) => disputed.push((record, id)),
                Fate::Keep(reason) => {
                    self.tally(R::KIND).kept += 1;
                    self.warn(R::KIND, origin, "changed_here", reason);
                }
            }
        }
        let mut images = self.images_of(&[&*changed, &*moved, &*disputed].concat()).await?;
        let mut written = Vec::new();
        if R::KIND == Kind::Tag {
            // One that is called otherwise now gives its name up, before another page is the tag of that name.
            written.extend(self.write_over(changed, (&known, &versions), &images).await?);
            written.extend(self.create(&new).await?);
        } else {
            // What has changed may belong to new ones now.
            written.extend(self.create(&new).await?);
            written.extend(self.write_over(changed, (&known, &versions), &images).await?);
        }
        let placed = self.put_in_place(&moved, &disputed, (&versions, &images)).await?;
        written.extend(self.settle(&disputed, &known, &images).await?);
        let mut after = self.remember::<R>(&written).await?;
        self.add_placed::<R>(placed, &mut written, &mut after).await?;
        self.note::<R>(&written, (&versions, &after), &mut images).await?;
        Manager::commit_transaction(self.connection).await?;
        Ok(())
    }

    /// Writes what has changed there, unless something newer of it is here.
    async fn write_over<'r, R: Record>(
        &mut self,
        mut changed: Vec<(&'r R, Uuid)>,
        (known, versions): (&HashMap<String, Trace>, &Versions),
        images: &Images,
    ) -> Result<Vec<Written<'r>>> {
        let mut written = Vec::new();
        // Pages that are another page's tag come behind those whose tag it is.
        changed.sort_by_key(|(record, id)| record.origin().id != *id);
        for (record, id) in changed {
            if !images.is_still(id, versions.get(&id)) {
                self.tally(R::KIND).kept += 1;
                let reason = "it was changed there, and here at this moment; ours was kept";
                self.warn(R::KIND, record.origin(), "changed_here", reason);
            } else if !self.is_older(record, known) {
                written.extend(self.update(record, id, images.of(id)).await?);
            }
        }
        Ok(written)
    }

    /// An error once it is to stop.
    fn go_on(&self) -> Result<()> {
        if self.brake.is_pressed() {
            return Err(Error::Internal(anyhow::anyhow!("it was told to stop")));
        }
        Ok(())
    }

    fn mark(&self) -> Mark {
        Mark {
            tallies: self.loaded.tallies.clone(),
            tags_by_name: self.loaded.tags_by_name,
            findings: self.loaded.findings.len(),
            named: self.noted.named.len(),
        }
    }

    fn reset(&mut self, mark: Mark) {
        self.loaded.tallies = mark.tallies;
        self.loaded.tags_by_name = mark.tags_by_name;
        self.loaded.findings.truncate(mark.findings);
        self.noted.named.truncate(mark.named);
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
        let finding = Finding::new(severity, kind, &origin.external_id, code, reason);
        self.loaded.findings.push(finding.at("", value));
    }
}
