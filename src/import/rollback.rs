//! Takes one import back: what it made goes, what it wrote over comes back as it was.
//!
//! What was changed since stays, unless it is forced, and so does what belongs to something that stays.
//! Everything is one transaction.
//!
//! Records are deleted, not moved to the trash. A record in the trash keeps its id, and the next import of
//! the same source would find it and bring nothing; it could also be restored without what the import knew
//! of it. The triggers of a deletion write tombstones into the change feed, as they do when the trash is
//! emptied, so devices learn of it all the same.

mod plan;
mod undo;

use super::image::Before;
use super::kind::Typed;
use super::load;
use super::runs::{ImportState, Run};
use super::snapshot::Kind;
use crate::error::{Error, Result};
use crate::tables::{import_runs, import_writes};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, TransactionManager};
use plan::{Plan, Write};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt;
use undo::Undo;

type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// How it is done.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// What was changed since goes too, and what belongs to it is parted from it.
    pub is_forced: bool,
    /// Everything is undone at the end.
    pub is_trial: bool,
}

/// What became of the records of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that the import had made, and that are gone.
    pub removed: usize,
    /// Those that are as they were before it.
    pub restored: usize,
    /// Those that stay as they are.
    pub kept: usize,
}

/// A record that is not as it was before the import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its kind.
    pub kind: Kind,
    /// Its id in the source.
    pub record: String,
    /// What it is called here; empty where it is gone.
    pub title: String,
    /// Why.
    pub reason: String,
}

/// What was done.
#[derive(Clone, Debug)]
pub struct RolledBack {
    /// The import.
    pub run: Run,
    /// How it was done.
    pub options: Options,
    /// What became of its records.
    pub tallies: BTreeMap<Kind, Tally>,
    /// What is not as it was before.
    pub kept: Vec<Kept>,
}

/// Takes an import back. The error means that nothing was done.
pub async fn roll_back(
    connection: &mut AsyncPgConnection,
    number: i32,
    options: Options,
) -> anyhow::Result<RolledBack> {
    if !load::lock(connection).await.map_err(|error| Error::from(error).revealed())? {
        anyhow::bail!("an import is running; wait for its end");
    }
    let done = transaction(connection, number, options).await;
    load::unlock(connection).await;
    done.map_err(Error::revealed)?.map_err(anyhow::Error::msg)
}

async fn transaction(
    connection: &mut AsyncPgConnection,
    number: i32,
    options: Options,
) -> Result<Result<RolledBack, String>> {
    Manager::begin_transaction(connection).await?;
    let done = work(connection, number, options).await;
    match done {
        Ok(Ok(_)) if !options.is_trial => Manager::commit_transaction(connection).await?,
        _ => Manager::rollback_transaction(connection).await?,
    }
    done
}

async fn work(
    connection: &mut AsyncPgConnection,
    number: i32,
    options: Options,
) -> Result<Result<RolledBack, String>> {
    let run: Option<Run> = import_runs::table
        .find(number)
        .select(Run::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?;
    let Some(run) = run else {
        return Ok(Err(format!("there is no import {number}; tomos import runs lists them")));
    };
    if run.state == ImportState::RolledBack {
        return Ok(Err(format!("import {number} was taken back already")));
    }
    let writes = writes(connection, number).await?;
    let mut undo = Undo::new(connection, &run);
    let facts = undo.look(&writes).await?;
    let plan = Plan::new(&writes, &facts, options.is_forced);
    let losses = undo.carry_out(&plan).await?;
    let mut kept = plan.kept();
    kept.extend(losses);
    undo.entitle(&mut kept).await?;
    undo.close(plan.keeps_nothing()).await?;
    let tallies = plan.tallies();
    Ok(Ok(RolledBack { run, options, tallies, kept: kept.into_iter().map(|(_, it)| it).collect() }))
}

/// What the import wrote, and what is not taken back yet.
async fn writes(connection: &mut AsyncPgConnection, run: i32) -> Result<Vec<Write>> {
    type Row = (String, Typed, uuid::Uuid, bool, i32, Option<Value>);
    let rows: Vec<Row> = import_writes::table
        .filter(import_writes::run_id.eq(run))
        .order(import_writes::external_id)
        .select((
            import_writes::external_id,
            import_writes::record_type,
            import_writes::record_id,
            import_writes::is_new,
            import_writes::version,
            import_writes::before,
        ))
        .load(connection)
        .await?;
    let mut writes = Vec::with_capacity(rows.len());
    for (external_id, Typed(kind), record, is_new, version, before) in rows {
        let before: Before = match before.map(serde_json::from_value).transpose() {
            Ok(before) => before.unwrap_or_default(),
            Err(error) => return Err(Error::Internal(error.into())),
        };
        writes.push(Write { external_id, kind, record, is_new, version, before });
    }
    Ok(writes)
}

impl RolledBack {
    /// Whether everything is as it was before the import.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.kept.is_empty()
    }
}

impl fmt::Display for RolledBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Run { id, files, started_at, .. } = &self.run;
        writeln!(f, "Import {id} of {}: {}", started_at.format("%F %R"), files.join("; "))?;
        writeln!(f, "{:<8} {:>8} {:>8} {:>8}", "", "removed", "restored", "kept")?;
        for kind in [Kind::Project, Kind::Tag, Kind::Task] {
            let Tally { removed, restored, kept } =
                self.tallies.get(&kind).copied().unwrap_or_default();
            writeln!(f, "{:<8} {removed:>8} {restored:>8} {kept:>8}", kind.plural())?;
        }
        if !self.kept.is_empty() {
            writeln!(f, "\nnot as before")?;
        }
        for Kept { kind, record, title, reason } in &self.kept {
            write!(f, "  {kind} {record}")?;
            if !title.is_empty() {
                write!(f, " {title:?}")?;
            }
            writeln!(f, ": {reason}")?;
        }
        if self.options.is_trial {
            writeln!(f, "\nThis was a trial: nothing was changed.")?;
        }
        Ok(())
    }
}
