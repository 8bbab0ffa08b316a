//! `tomos verify`: compares what was kept elsewhere with what is here.

use super::database::Database;
use super::import::read_notion;
use super::{Outcome, print};
use crate::config;
use crate::import::{self, verify};
use anyhow::Context;
use std::path::Path;

pub(super) async fn run(
    database: &config::Database,
    command: config::Verify,
) -> anyhow::Result<Outcome> {
    let config::Verify::Notion(arguments) = command;
    let source = read_notion(&arguments.files, verify::TIME_OF_IMPORT)?;
    let database = Database::reach_migrated(database).await?;
    let mut connection = import::connect(database.direct.reveal()).await?;
    let verification = verify::verify(&mut connection, source).await?;
    write(arguments.json.as_deref(), || verification.to_json())?;
    write(arguments.html.as_deref(), || verification.to_html())?;
    print(&verification.to_string())?;
    Ok(if verification.is_clean() { Outcome::Done } else { Outcome::Findings })
}

/// Writes a report, where one is wanted. One that cannot be written is as if nothing was compared: whoever
/// reads it would read an older one.
fn write(path: Option<&Path>, text: impl FnOnce() -> String) -> anyhow::Result<()> {
    let Some(path) = path else {
        return Ok(());
    };
    std::fs::write(path, text()).with_context(|| format!("{} cannot be written", path.display()))
}
