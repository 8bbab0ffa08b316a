//! `tomos migrate`: brings the database up to date, or says what is missing.

use super::database::Database;
use super::{Outcome, print};
use crate::config;
use crate::db;
use crate::error::Error;

pub(super) async fn run(
    database: &config::Database,
    command: config::Migrate,
) -> anyhow::Result<Outcome> {
    let database = Database::reach(database).await?;
    let (names, outcome) = if command.check {
        let pending = db::pending(database.direct.reveal()).await.map_err(Error::revealed)?;
        let found = if pending.is_empty() { Outcome::Done } else { Outcome::Findings };
        (pending, found)
    } else {
        (database.migrate().await?, Outcome::Done)
    };
    for name in names {
        print(&format!("{name}\n"))?;
    }
    Ok(outcome)
}
