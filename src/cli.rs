//! The commands of the program: what is typed, and how it ends.
//!
//! Results go to standard output, everything else to standard error. What a command does stands in
//! its own file.

mod backup;
mod compare;
mod cutover;
mod database;
mod export;
mod import;
mod migrate;
mod notion;
mod pages;
mod rollback;
mod serve;
mod signals;
mod token;
mod verify;

use crate::config::{Command, Config};
use crate::graphql::Api;
use std::io::{self, Write};
use std::process::ExitCode;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is done.
    Done,
    /// All is done, and there is something to look at.
    Findings,
    /// Nothing was done.
    Nothing,
    /// Stopped on the way; the same command goes on from there.
    Resumable,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::Findings => 1,
            Outcome::Nothing => 2,
            Outcome::Resumable => 3,
        })
    }
}

/// Does what the program was told. An error means that nothing was done.
pub fn run(config: &Config) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(async {
        match config.command_or_serve() {
            Command::Serve(serve) => serve::run(&config.database, &serve).await,
            Command::Token(command) => token::run(&config.database, command).await,
            Command::Migrate(migrate) => migrate::run(&config.database, migrate).await,
            Command::Import(import) => import::run(&config.database, import).await,
            Command::Export(export) => export::run(export).await,
            Command::Rollback(rollback) => rollback::run(&config.database, rollback).await,
            Command::Verify(verify) => verify::run(&config.database, verify).await,
            Command::Compare(compare) => compare::run(&config.database, compare).await,
            Command::Cutover(cutover) => cutover::run(&config.database, cutover).await,
            Command::Backup(backup) => backup::make(&config.database, backup).await,
            Command::Restore(restore) => backup::restore(&config.database, restore).await,
            Command::Schema => {
                print(&Api::sdl())?;
                Ok(Outcome::Done)
            }
        }
    });
    // What still runs has had its time.
    runtime.shutdown_background();
    outcome
}

/// Says in one line why nothing was done; help and version are no errors.
#[must_use]
pub fn explain(error: &anyhow::Error) -> Outcome {
    if let Some(usage) = error.downcast_ref::<clap::Error>() {
        if !usage.use_stderr() {
            let _ = usage.print();
            return Outcome::Done;
        }
        let text = usage.render().to_string();
        // The rest is what --help says.
        let ends = ["Usage:", "For more information"].map(|end| text.find(end));
        let end = ends.into_iter().flatten().min().unwrap_or(text.len());
        let text = text.get(..end).unwrap_or_default();
        let text = text.trim_start_matches("error: ");
        complain(&format!("{text} (tomos --help shows what can be typed)"));
    } else if is_broken_pipe(error) {
        // Whoever read the output has seen enough.
        return Outcome::Done;
    } else {
        complain(&with_causes(error));
    }
    Outcome::Nothing
}

/// Prints a result.
fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// Says something in one line, whatever it consists of.
fn complain(text: &str) {
    let words: Vec<_> = text.split_whitespace().collect();
    let _ = writeln!(io::stderr(), "tomos: {}", words.join(" "));
}

/// An error and what caused it; some name their cause themselves.
fn with_causes(error: &anyhow::Error) -> String {
    let mut parts: Vec<String> = Vec::new();
    for part in error.chain().map(ToString::to_string) {
        if !parts.iter().any(|said| said.contains(&part)) {
            parts.push(part);
        }
    }
    parts.join(": ")
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
