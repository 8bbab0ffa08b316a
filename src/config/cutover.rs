//! What `tomos cutover` is told.

use super::span;
use crate::cutover::Targets;
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use std::path::PathBuf;
use std::time::Duration;

/// See whether all is ready for leaving what was used before.
#[derive(Clone, Debug, Subcommand)]
pub enum Cutover {
    /// Say of each condition whether it holds, and what to do where not: exit 0 where all hold, else 1.
    Check(CutoverCheck),
}

/// Say of each condition whether it holds, and what to do where not: exit 0 where all hold, else 1.
///
/// The conditions: the last `verify` behind the last import found nothing but edits made here; there is a readable
/// backup; for some time no look of `compare` found anything in Notion that is not here; a device has a token; and
/// the apps' operations, run now on this database, are as fast as wanted.
#[derive(Clone, Debug, Args)]
pub struct CutoverCheck {
    /// The newest backup of the database: a file or directory of `pg_dump`.
    #[arg(long, value_name = "FILE")]
    pub backup: Option<PathBuf>,
    /// How old the backup may be: 12h, 2d.
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "24h")]
    pub backup_age: TimeDelta,
    /// For how long nothing may have come up in Notion: 24h, 2d.
    #[arg(long, value_name = "TIME", value_parser = span, default_value = "24h")]
    pub quiet: TimeDelta,
    /// In how many milliseconds the dashboard, a search and a new task must be done.
    #[arg(long, value_name = "DASHBOARD,SEARCH,CREATE", value_parser = targets, default_value = "100,50,50")]
    pub targets: Targets,
    /// How often each is run; the slowest but one in twenty counts.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub runs: u16,
    /// Where the report is written as JSON.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
}

fn targets(text: &str) -> Result<Targets, String> {
    let numbers: Option<Vec<u64>> = text.split(',').map(|part| part.trim().parse().ok()).collect();
    match numbers.as_deref() {
        Some(&[dashboard, search, create]) => Ok(Targets {
            dashboard: Duration::from_millis(dashboard),
            search: Duration::from_millis(search),
            create: Duration::from_millis(create),
        }),
        _ => Err(format!("{text:?} is not three numbers such as 100,50,50")),
    }
}
