//! `tomos import`: brings the owner's data in from where it was.

use super::database::Database;
use super::signals::Signals;
use super::{Outcome, complain, print};
use crate::clock::Clock;
use crate::config;
use crate::export;
use crate::import::report::{Ended, Report};
use crate::import::snapshot::Kind;
use crate::import::{self, Source};
use anyhow::Context;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use tokio::sync::oneshot;

pub(super) async fn run(
    database: &config::Database,
    command: config::Import,
) -> anyhow::Result<Outcome> {
    let config::Import::Notion(arguments) = command;
    let now = Clock::system().now();
    // The files first: a wrong name is no reason to start a database.
    let mut source = Source::default();
    for file in &arguments.files {
        let name = file.display().to_string();
        let bytes = if file.is_dir() {
            export::finished_pages(file)?
        } else {
            std::fs::read(file).with_context(|| format!("{name} cannot be read"))?
        };
        source.add_notion(&name, &bytes, now).map_err(anyhow::Error::msg)?;
    }
    let database = Database::reach_migrated(database).await?;
    let mut connection = import::connect(database.direct.reveal()).await?;
    let bar = std::io::stderr().is_terminal();
    let mut progress = |kind: Kind, done: usize, all: usize| {
        if bar {
            let end = if done == all { "\n" } else { "" };
            // One line that is written over; it stays when nobody sees it that it fails.
            let _ = write!(std::io::stderr(), "\r{} {done} of {all}{end}", kind.plural());
        }
    };
    let mut signals = Signals::listen()?;
    let (stop, stopped) = oneshot::channel();
    let stopped = async { stopped.await.unwrap_or_default() };
    let impatience = async {
        signals.next().await;
        let _ = stop.send(());
        signals.next().await;
    };
    let trial = arguments.dry_run;
    let running = import::run(&mut connection, source, trial, now, &mut progress, stopped);
    let report = tokio::select! {
        report = running => report?,
        () = impatience => {
            complain("told to stop twice: there is no report; the same command goes on from there");
            return Ok(Outcome::Resumable);
        }
    };
    print(&report.to_string())?;
    if !arguments.dry_run {
        write_errors(&arguments, &report)?;
    }
    Ok(match report.ended() {
        Ended::Clean => Outcome::Done,
        Ended::WithFindings => Outcome::Findings,
        Ended::Stopped => Outcome::Resumable,
    })
}

/// Writes the file of records that did not come. Where all came, an older one is emptied.
fn write_errors(arguments: &config::ImportNotion, report: &Report) -> anyhow::Result<()> {
    let lines = report.error_lines();
    let beside = |file: &PathBuf| {
        // Without the slash that a directory may have at its end.
        let file: PathBuf = file.components().collect();
        PathBuf::from(format!("{}.errors.jsonl", file.display()))
    };
    let path = arguments.errors.clone().or_else(|| arguments.files.first().map(beside));
    let Some(path) = path.filter(|path| !lines.is_empty() || path.exists()) else {
        return Ok(());
    };
    match std::fs::write(&path, lines) {
        Ok(()) => print(&format!("\nWhat did not come: {}\n", path.display()))?,
        Err(error) => complain(&explain(&path, error.kind())),
    }
    Ok(())
}

fn explain(path: &Path, kind: ErrorKind) -> String {
    let path = path.display();
    format!("the rest is done, but {path} cannot be written ({kind}); name another with --errors")
}
