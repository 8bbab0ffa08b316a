//! `tomos verify`: compares what was kept elsewhere with what is here.

use super::database::Database;
use super::import::{Reader, mapped, read_tables};
use super::pages::Pages;
use super::{Outcome, complain, print, with_causes};
use crate::clock::Clock;
use crate::config;
use crate::import::comparisons::{Comparison, ComparisonKind};
use crate::import::{self, Source, mongo, prisma, sqlite, verify};
use anyhow::Context;
use std::path::Path;

pub(super) async fn run(
    database: &config::Database,
    command: config::Verify,
) -> anyhow::Result<Outcome> {
    let started_at = Clock::system().now();
    let (mut source, pages, reports) = read(command)?;
    let database = Database::reach_migrated(database).await?;
    if let Some(pages) = pages {
        source = pages.as_before(&database, source, verify::TIME_OF_IMPORT).await?;
    }
    let mut connection = import::connect(database.direct.reveal()).await?;
    let verification = verify::verify(&mut connection, source).await?;
    let count = |count| i32::try_from(count).unwrap_or(i32::MAX);
    let comparison = Comparison {
        kind: ComparisonKind::Verify,
        source: verification.source.to_owned(),
        started_at,
        finished_at: Clock::system().now().max(started_at),
        differing: count(verification.differences.len()),
        outstanding: count(verification.unexplained()),
    };
    remember(&database, &comparison).await;
    write(reports.json.as_deref(), || verification.to_json())?;
    write(reports.html.as_deref(), || verification.to_html())?;
    print(&verification.to_string())?;
    Ok(if verification.is_clean() { Outcome::Done } else { Outcome::Findings })
}

/// Remembers a comparison for `cutover check`. Whoever only compares need not be able to write.
pub(super) async fn remember(database: &Database, comparison: &Comparison) {
    let remembering = async {
        let mut connection = import::connect(database.direct.reveal()).await?;
        comparison.remember(&mut connection).await
    };
    if let Err(error) = remembering.await {
        let why = with_causes(&error);
        complain(&format!("the comparison is done, but it cannot be remembered: {why}"));
    }
}

/// Reads what is compared: of Notion the files too, in case they have to be read once more.
fn read(command: config::Verify) -> anyhow::Result<(Source, Option<Pages>, config::VerifyReports)> {
    let (reader, arguments): (Reader, _) = match command {
        config::Verify::Notion(arguments) => {
            let pages = Pages::new(arguments.files, arguments.mapping)?;
            let source = pages.read(verify::TIME_OF_IMPORT)?;
            return Ok((source, Some(pages), arguments.reports));
        }
        config::Verify::Sqlite(arguments) => (sqlite::read, arguments),
        config::Verify::Mongo(arguments) => (mongo::read, arguments),
        config::Verify::Prisma(arguments) => (prisma::read, arguments),
    };
    let (tables, mapping) = read_tables(&arguments.file, arguments.mapping.as_deref(), reader)?;
    let source = mapped(&arguments.file, tables, &mapping, verify::TIME_OF_IMPORT)?;
    Ok((source, None, arguments.reports))
}

/// Writes a report, where one is wanted. One that cannot be written is as if nothing was compared: whoever
/// reads it would read an older one.
pub(super) fn write(path: Option<&Path>, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let Some(path) = path else {
        return Ok(());
    };
    std::fs::write(path, text()).with_context(|| format!("{} cannot be written", path.display()))
}
