//! The imports that there were: how each ended, and what it did.

use crate::error::Error;
use crate::query::enumeration::enumeration;
use crate::tables::import_runs;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::fmt;

enumeration! {
    /// How far an import is.
    ImportState as ImportState("::import_state", "::import_state[]") {
        /// It runs, or was killed.
        Running = "running",
        /// It is done.
        Done = "done",
        /// It was stopped on the way.
        Stopped = "stopped",
        /// It was taken back, but for what was changed since.
        PartlyRolledBack = "partly_rolled_back",
        /// It was taken back.
        RolledBack = "rolled_back",
    }
}

/// An import.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = import_runs, check_for_backend(diesel::pg::Pg))]
pub struct Run {
    /// Its number.
    pub id: i32,
    /// The system that it brought records from.
    pub source: String,
    /// What was read, in words.
    pub files: Vec<String>,
    /// How far it is.
    pub state: ImportState,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// How many records were new.
    pub created: i32,
    /// How many had changed in the source.
    pub updated: i32,
    /// How many had not.
    pub unchanged: i32,
    /// How many were kept as they were here.
    pub kept: i32,
    /// How many the database refused.
    pub rejected: i32,
    /// How many tags were made because a task names them.
    pub tags_by_name: i32,
}

/// Imports, the last one first.
#[derive(Clone, Debug)]
pub struct Runs(pub Vec<Run>);

/// All imports that there were.
pub async fn list(connection: &mut AsyncPgConnection) -> anyhow::Result<Runs> {
    let runs = import_runs::table.order(import_runs::id.desc()).select(Run::as_select());
    let runs = runs.load(connection).await;
    Ok(Runs(runs.map_err(|error| Error::from(error).revealed())?))
}

impl fmt::Display for Runs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return writeln!(f, "There was no import yet.");
        }
        writeln!(
            f,
            "{:>6}  {:<17} {:<18} {:>8} {:>8} {:>10} {:>6} {:>9}  files",
            "import", "began (UTC)", "state", "created", "updated", "unchanged", "kept", "rejected"
        )?;
        for run in &self.0 {
            let state = match run.state {
                ImportState::Running => "running or killed",
                ImportState::Done => "done",
                ImportState::Stopped => "stopped",
                ImportState::PartlyRolledBack => "partly taken back",
                ImportState::RolledBack => "taken back",
            };
            writeln!(
                f,
                "{:>6}  {:<17} {:<18} {:>8} {:>8} {:>10} {:>6} {:>9}  {}",
                run.id,
                run.started_at.format("%Y-%m-%d %H:%M").to_string(),
                state,
                run.created + run.tags_by_name,
                run.updated,
                run.unchanged,
                run.kept,
                run.rejected,
                run.files.join("; ")
            )?;
        }
        Ok(())
    }
}
