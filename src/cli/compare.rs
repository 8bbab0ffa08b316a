//! `tomos compare`: looks at what is in use in both systems, once or again and again.

use super::database::Database;
use super::notion::{self, Fetch};
use super::pages::Pages;
use super::signals::Signals;
use super::verify::write;
use super::{Outcome, complain, import, print, with_causes};
use crate::clock::Clock;
use crate::config;
use crate::export::fault::Fault;
use crate::export::{Options, Report};
use crate::import::Source;
use crate::import::compare::{Drift, Drifted, compare};
use crate::import::comparisons::{Comparison, ComparisonKind};
use crate::import::verify::TIME_OF_IMPORT;
use chrono::{DateTime, Utc};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::Instant;

pub(super) async fn run(
    place: &config::Database,
    command: config::Compare,
) -> anyhow::Result<Outcome> {
    let config::Compare::Notion(arguments) = command;
    let directory = import::export_directory(arguments.export, place);
    let options = notion::options(arguments.access, directory)?;
    let pages = Pages::new(vec![options.out.clone()], arguments.mapping)?;
    let database = Database::reach_migrated(place).await?;
    notion::prepare(&options.out)?;
    let mut watch = Watch {
        database,
        options,
        pages,
        applies: arguments.apply,
        without: arguments.without,
        renamed: BTreeSet::new(),
        json: arguments.json,
        signals: Signals::listen()?,
        last: None,
    };
    match arguments.watch {
        None => match watch.look().await {
            Ok(Seen::Drift(outcome)) => Ok(outcome),
            Ok(Seen::Stopped) => Ok(Outcome::Resumable),
            Err(failure) => Err(failure.into_error()),
        },
        Some(every) => watch.keep_looking(every).await,
    }
}

/// What became of a look.
enum Seen {
    Drift(Outcome),
    /// It was told to stop.
    Stopped,
}

/// Why a look came to nothing.
enum Failure {
    /// It may be gone at the next look: Notion's troubles, and whatever the database or the disk has.
    Passing(anyhow::Error),
    /// The owner has to do something: the token, or what is shared.
    Lasting(anyhow::Error),
}

impl Failure {
    fn of_notion(error: anyhow::Error) -> Self {
        match error.downcast_ref::<Fault>() {
            Some(Fault::Unreachable(_) | Fault::Busy(_) | Fault::Strange(_)) => {
                Self::Passing(error)
            }
            _ => Self::Lasting(error),
        }
    }

    fn into_error(self) -> anyhow::Error {
        match self {
            Self::Passing(error) | Self::Lasting(error) => error,
        }
    }
}

/// Looks at Notion.
struct Watch {
    database: Database,
    options: Options,
    /// What is fetched.
    pages: Pages,
    applies: bool,
    /// What there is no longer, as the owner says.
    without: Vec<String>,
    /// What was said to be called otherwise.
    renamed: BTreeSet<String>,
    json: Option<PathBuf>,
    signals: Signals,
    /// What was printed last.
    last: Option<Drift>,
}

impl Watch {
    /// Looks until it is told to stop. What one look needs of the one before is on disk, so that it may also be killed.
    async fn keep_looking(&mut self, every: Duration) -> anyhow::Result<Outcome> {
        let mut outcome = None;
        loop {
            let begun = Instant::now();
            match self.look().await {
                Ok(Seen::Drift(seen)) => outcome = Some(seen),
                Ok(Seen::Stopped) => return Ok(outcome.unwrap_or(Outcome::Resumable)),
                // What is wrong from the beginning is no watch at all.
                Err(failure) if outcome.is_none() => return Err(failure.into_error()),
                Err(Failure::Passing(error)) => {
                    complain(&format!("this look failed: {}", with_causes(&error)));
                }
                Err(Failure::Lasting(error)) => {
                    let why = with_causes(&error);
                    complain(&format!(
                        "the watch ends: {why}; the same command goes on from there"
                    ));
                    return Ok(Outcome::Resumable);
                }
            }
            tokio::select! {
                () = tokio::time::sleep_until(begun + every) => {}
                () = self.signals.next() => return Ok(outcome.unwrap_or(Outcome::Resumable)),
            }
        }
    }

    /// Looks once.
    async fn look(&mut self) -> Result<Seen, Failure> {
        let started_at = Clock::system().now();
        let fetching = notion::fetch(&self.options, Fetch::UpToDate, &mut self.signals);
        let report = fetching.await.map_err(Failure::of_notion)?;
        self.look_at(report, started_at).await.map_err(Failure::Passing)
    }

    /// Says what differs from what was fetched, and brings it over.
    async fn look_at(&mut self, report: Report, started_at: DateTime<Utc>) -> anyhow::Result<Seen> {
        if let Some(why) = report.stopped {
            complain(&format!("stopped on the way: {why}; the same command goes on from there"));
            return Ok(Seen::Stopped);
        }
        for problem in &report.problems {
            print(&format!("{problem}\n"))?;
        }
        let mut drift = self.compare().await?;
        self.remember(started_at, &drift).await;
        self.say(&drift, started_at, &notion::counts(&report))?;
        // What is alike by now is settled by an import too.
        if self.applies && (drift.alike > 0 || drift.records.iter().any(Drifted::can_be_brought)) {
            if self.apply().await? == Outcome::Resumable {
                return Ok(Seen::Stopped);
            }
            drift = self.compare().await?;
            print(&format!("\nAfter that:\n{drift}"))?;
            self.last = Some(drift.clone());
        }
        write(self.json.as_deref(), || drift.to_json(started_at))?;
        Ok(Seen::Drift(if drift.is_none() { Outcome::Done } else { Outcome::Findings }))
    }

    /// Reads what was fetched, and says what is called otherwise by now.
    async fn read(&self, now: DateTime<Utc>) -> anyhow::Result<Source> {
        let source = self.pages.read(now)?;
        self.pages.as_before(&self.database, source, now).await
    }

    async fn compare(&mut self) -> anyhow::Result<Drift> {
        let source = self.read(TIME_OF_IMPORT).await?;
        for renamed in source.renamed() {
            let line =
                format!("{} of the {}s: {}\n", renamed.property, renamed.kind, renamed.reason);
            if self.renamed.insert(line.clone()) {
                print(&line)?;
            }
        }
        let mut connection = crate::import::connect(self.database.direct.reveal()).await?;
        compare(&mut connection, source).await
    }

    /// Brings over what can be, by the import that brought everything else.
    async fn apply(&self) -> anyhow::Result<Outcome> {
        let now = Clock::system().now();
        let out = &self.options.out;
        let mut source = self.read(now).await?;
        source.known.without.clone_from(&self.without);
        let manner = config::ImportManner { dry_run: false, time_zone: None, errors: None };
        print("\n")?;
        import::load(&self.database, source, Some(out), manner, now).await
    }

    /// Whoever only compares need not be able to write.
    async fn remember(&self, started_at: DateTime<Utc>, drift: &Drift) {
        let count = |count| i32::try_from(count).unwrap_or(i32::MAX);
        let comparison = Comparison {
            kind: ComparisonKind::Compare,
            source: drift.source.to_owned(),
            started_at,
            finished_at: Clock::system().now().max(started_at),
            differing: count(drift.records.len()),
            outstanding: count(drift.outstanding()),
        };
        super::verify::remember(&self.database, &comparison).await;
    }

    /// Says what is seen; in a watch only what is new is said at length.
    fn say(&mut self, drift: &Drift, at: DateTime<Utc>, counts: &str) -> anyhow::Result<()> {
        let at = at.format("%Y-%m-%d %H:%M:%S UTC");
        let is_new = self.last.as_ref() != Some(drift);
        let text = match drift.records.len() {
            _ if is_new => format!("\n{drift}"),
            0 => " Nothing differs, as before.\n".to_owned(),
            1 => " 1 record differs, as before.\n".to_owned(),
            all => format!(" {all} records differ, as before.\n"),
        };
        print(&format!("Notion at {at}: {counts}.{text}"))?;
        self.last = Some(drift.clone());
        Ok(())
    }
}
