//! `tomos rollback`: takes one import back.

use super::database::Database;
use super::{Outcome, print};
use crate::config;
use crate::import::{self, rollback};

pub(super) async fn run(
    database: &config::Database,
    arguments: config::Rollback,
) -> anyhow::Result<Outcome> {
    let database = Database::reach_migrated(database).await?;
    let mut connection = import::connect(database.direct.reveal()).await?;
    let options = rollback::Options { is_forced: arguments.force, is_trial: arguments.dry_run };
    let rolled_back = rollback::roll_back(&mut connection, arguments.import, options).await?;
    print(&rolled_back.to_string())?;
    Ok(if rolled_back.is_whole() { Outcome::Done } else { Outcome::Findings })
}
