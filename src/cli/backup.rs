//! `tomos backup` and `tomos restore`: the whole database into a file, and back.

use super::database::Database;
use super::signals::Signals;
use super::{Outcome, complain, print, with_causes};
use crate::backup::{self, archive::Archive};
use crate::config;
use anyhow::{anyhow, bail};

pub(super) async fn make(
    database: &config::Database,
    arguments: config::Backup,
) -> anyhow::Result<Outcome> {
    let mut signals = Signals::listen()?;
    let file = &arguments.file;
    let making = async {
        let database = Database::reach(database).await?;
        let server = backup::server_version(&database.direct).await?;
        let pg_dump = config::environment().program_for("pg_dump", server)?;
        backup::make(&database.direct, &pg_dump, file, arguments.force).await
    };
    let made = tokio::select! {
        made = making => made?,
        () = signals.next() => bail!("it was told to stop: nothing was written"),
    };
    print(&format!("{}: {}, {}\n", file.display(), size(made.bytes), made.holds))?;
    Ok(Outcome::Done)
}

pub(super) async fn restore(
    database: &config::Database,
    arguments: config::Restore,
) -> anyhow::Result<Outcome> {
    let mut signals = Signals::listen()?;
    let file = &arguments.file;
    let environment = config::environment();
    let restoring = async {
        // First the file: where it is none, no database is made.
        let newest = environment.program("pg_restore");
        let newest = newest.ok_or_else(|| anyhow!("pg_restore is not installed"))?;
        let archive = Archive::read(&newest, file).await?;
        let database = Database::reach(database).await?;
        let server = backup::server_version(&database.direct).await?;
        let pg_restore = environment.program_for("pg_restore", server)?;
        backup::restore(&database.direct, &pg_restore, &archive).await?;
        anyhow::Ok(database)
    };
    let database = tokio::select! {
        restored = restoring => restored?,
        () = signals.next() => bail!("it was told to stop: nothing was restored"),
    };
    match backup::settle(&database.direct).await {
        Ok(holds) => {
            print(&format!("{}: {holds} are back\n", file.display()))?;
            Ok(Outcome::Done)
        }
        Err(error) => {
            let why = with_causes(&error);
            complain(&format!("the records are back, but {why}; `tomos serve` goes on from there"));
            Ok(Outcome::Resumable)
        }
    }
}

/// A size in words.
fn size(bytes: u64) -> String {
    let units = [("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)];
    let unit = units.iter().find(|(_, unit)| bytes >= *unit);
    unit.map_or_else(
        || format!("{bytes} bytes"),
        |(name, unit)| format!("{}.{} {name}", bytes / unit, bytes % unit * 10 / unit),
    )
}
