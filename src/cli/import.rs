//! `tomos import`: brings the owner's data in from where it was.

use super::database::Database;
use super::{Outcome, complain, print};
use crate::clock::Clock;
use crate::config::Config;
use crate::import::report::{Ended, Report};
use crate::import::snapshot::Kind;
use crate::import::{self, Source};
use anyhow::Context;
use std::io::{ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};

#[derive(clap::Subcommand, Debug)]
pub(super) enum Command {
    /// Files of Notion's pages
    Notion(Arguments),
}

#[derive(clap::Args, Debug)]
pub(super) struct Arguments {
    /// Exported files (JSON); of a page that is in several the newest is taken
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Say what would be done, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Where the records that did not come are written, with reasons [default: FILE.errors.jsonl]
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
}

pub(super) async fn run(config: &Config, command: Command) -> anyhow::Result<Outcome> {
    let Command::Notion(arguments) = command;
    let now = Clock::system().now();
    // The files first: a wrong name is no reason to start a database.
    let mut source = Source::default();
    for file in &arguments.files {
        let name = file.display().to_string();
        let bytes = std::fs::read(file).with_context(|| format!("{name} cannot be read"))?;
        source.add_notion(&name, &bytes, now).map_err(anyhow::Error::msg)?;
    }
    let database = Database::open(config).await?;
    database.migrate().await?;
    let mut connection = import::connect(&database.direct_url).await?;
    let bar = std::io::stderr().is_terminal();
    let mut progress = |kind: Kind, done: usize, all: usize| {
        if bar {
            let end = if done == all { "\n" } else { "" };
            complain(&format!("\r{} {done} of {all}{end}", kind.plural()));
        }
    };
    let running = import::run(&mut connection, source, arguments.dry_run, now, &mut progress);
    let report = tokio::select! {
        report = running => report?,
        _ = tokio::signal::ctrl_c() => {
            complain("tomos: stopped on the way; the same command goes on from there\n");
            return Ok(Outcome::Stopped);
        }
    };
    print(&report.to_string())?;
    if !arguments.dry_run {
        write_errors(&arguments, &report)?;
    }
    Ok(match report.ended() {
        Ended::Clean => Outcome::Done,
        Ended::WithFindings => Outcome::Findings,
        Ended::Stopped => Outcome::Stopped,
    })
}

/// Writes the file of records that did not come. Where all came, an older one is emptied.
fn write_errors(arguments: &Arguments, report: &Report) -> anyhow::Result<()> {
    let lines = report.error_lines();
    let beside = |file: &PathBuf| PathBuf::from(format!("{}.errors.jsonl", file.display()));
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
    format!("tomos: the import is done, but {path} cannot be written ({kind}); name another with --errors\n")
}
