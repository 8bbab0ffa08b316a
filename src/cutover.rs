//! Whether all is ready for leaving what was used before: conditions, and what to do where one does not hold.
//!
//! It changes nothing. What is needed of the past is what comparisons and imports have left.

mod backup;
mod ready;
mod speed;

pub use speed::Targets;

use crate::clock::Clock;
use crate::error::Error;
use crate::secret::Secret;
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use std::fmt;
use std::path::PathBuf;

/// What the owner asks for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The newest backup.
    pub backup: Option<PathBuf>,
    /// How old it may be.
    pub backup_age: TimeDelta,
    /// PostgreSQL's program that reads backups, where it is installed.
    pub pg_restore: Option<PathBuf>,
    /// For how long nothing may have come up there.
    pub quiet: TimeDelta,
    /// How fast the apps' operations must be.
    pub targets: Targets,
    /// How often each is run.
    pub runs: u16,
}

/// What there is to say of one condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// The condition, in a word.
    pub condition: &'static str,
    /// Whether it holds.
    pub holds: bool,
    /// What was found.
    pub found: String,
    /// What to do next; nothing where it holds.
    pub next: Option<String>,
}

impl Verdict {
    fn holds(condition: &'static str, found: String) -> Self {
        Self { condition, holds: true, found, next: None }
    }

    fn fails(condition: &'static str, found: impl Into<String>, next: impl Into<String>) -> Self {
        Self { condition, holds: false, found: found.into(), next: Some(next.into()) }
    }
}

/// The verdicts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checkup {
    /// When it was.
    pub checked_at: DateTime<Utc>,
    /// Whether all conditions hold.
    pub ready: bool,
    /// One for each condition.
    pub verdicts: Vec<Verdict>,
}

/// Looks at everything. The error means that it could not be done.
pub async fn check(
    connection: &mut AsyncPgConnection,
    url: &Secret,
    clock: &Clock,
    wanted: &Wanted,
) -> anyhow::Result<Checkup> {
    let now = clock.now();
    let read = ready::Past::read(connection, clock).await;
    let past = read.map_err(Error::revealed)?;
    let verdicts = vec![
        past.verified(now),
        backup::check(wanted, &past.marks(), now)?,
        past.quiet(now, wanted.quiet),
        past.tokens(now),
        speed::measure(connection, url, clock, wanted).await?,
    ];
    Ok(Checkup { checked_at: now, ready: verdicts.iter().all(|one| one.holds), verdicts })
}

impl Checkup {
    /// The verdicts for programs.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts can always be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl fmt::Display for Checkup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Verdict { condition, holds, found, next } in &self.verdicts {
            let sign = if *holds { "yes" } else { "NO" };
            writeln!(f, "{sign:<4} {condition:<14} {found}")?;
            if let Some(next) = next {
                writeln!(f, "{:<19} next: {next}", "")?;
            }
        }
        match self.verdicts.iter().filter(|one| !one.holds).count() {
            0 => writeln!(f, "\nAll is ready."),
            1 => writeln!(f, "\nNot yet: 1 condition does not hold."),
            open => writeln!(f, "\nNot yet: {open} conditions do not hold."),
        }
    }
}

/// How long ago something was, in words.
fn ago(then: DateTime<Utc>, now: DateTime<Utc>) -> String {
    format!("{} ago", in_words(now - then))
}

fn in_words(time: TimeDelta) -> String {
    match time.num_minutes() {
        minutes @ ..120 => format!("{} min", minutes.max(0)),
        minutes @ 120..2880 => format!("{} h", minutes / 60),
        minutes => format!("{} days", minutes / 1440),
    }
}
