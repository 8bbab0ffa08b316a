//! `tomos cutover`: says whether all is ready for leaving what was used before.

use super::database::Database;
use super::verify::write;
use super::{Outcome, print};
use crate::clock::Clock;
use crate::config;
use crate::cutover::{self, Wanted};
use crate::import;

pub(super) async fn run(
    database: &config::Database,
    command: config::Cutover,
) -> anyhow::Result<Outcome> {
    let config::Cutover::Check(arguments) = command;
    let wanted = Wanted {
        backup: arguments.backup,
        backup_age: arguments.backup_age,
        pg_restore: config::environment().program("pg_restore"),
        quiet: arguments.quiet,
        targets: arguments.targets,
        runs: arguments.runs,
    };
    let database = Database::reach_migrated(database).await?;
    let mut connection = import::connect(database.url.reveal()).await?;
    let clock = Clock::system();
    let checkup = cutover::check(&mut connection, &database.url, &clock, &wanted).await?;
    write(arguments.json.as_deref(), || checkup.to_json())?;
    print(&checkup.to_string())?;
    Ok(if checkup.ready { Outcome::Done } else { Outcome::Findings })
}
