//! Backups: the whole database in one file, made and brought back by PostgreSQL's own programs.
//!
//! They connect by themselves. What they are told in secret goes through their environment, never through
//! their command line, which every user of the machine may read.

pub mod archive;
mod part;
mod program;

use crate::db;
use crate::error::{Error, Result};
use crate::feed;
use crate::secret::Secret;
use crate::tables::{projects, tags, tasks};
use anyhow::{Context, bail};
use archive::Archive;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use part::Part;
use std::fmt;
use std::path::Path;

/// How long the transaction stays open whose snapshot is dumped is the disk's affair.
const PATIENT: &str = "SET idle_in_transaction_session_timeout = 0";

/// What is in the way of a restore.
const RELATIONS: &str = "SELECT relname::text AS name FROM pg_class
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = 'public' AND relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
        AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype IN ('e', 'a', 'i'))
    ORDER BY 1";

diesel::define_sql_function! {
    /// The table of a name, where there is one.
    fn to_regclass(name: Text) -> Nullable<Oid>;
}
diesel::define_sql_function! {
    /// Lets other transactions see what this one sees.
    fn pg_export_snapshot() -> Text;
}
diesel::define_sql_function! {
    /// What a setting is.
    fn current_setting(name: Text) -> Text;
}

/// How much a database holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holds {
    tasks: i64,
    projects: i64,
    tags: i64,
}

impl Holds {
    async fn count(connection: &mut AsyncPgConnection) -> Result<Self> {
        Ok(Self {
            tasks: tasks::table.count().get_result(connection).await?,
            projects: projects::table.count().get_result(connection).await?,
            tags: tags::table.count().get_result(connection).await?,
        })
    }
}

impl fmt::Display for Holds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count =
            |count: i64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
        let Self { tasks, projects, tags } = *self;
        let (tasks, projects) = (count(tasks, "task"), count(projects, "project"));
        write!(f, "{tasks}, {projects} and {}, those in the trash too", count(tags, "tag"))
    }
}

/// A backup that was made.
#[derive(Clone, Copy, Debug)]
pub struct Made {
    /// How large the file is.
    pub bytes: u64,
    /// What is in it.
    pub holds: Holds,
}

/// The major version of a database's server.
pub async fn server_version(url: &Secret) -> anyhow::Result<u32> {
    let read = async {
        let mut connection = db::connect(url.reveal()).await?;
        let select = diesel::select(current_setting("server_version_num"));
        Ok::<String, Error>(select.get_result(&mut connection).await?)
    };
    let number: u32 = read.await.map_err(Error::revealed)?.parse()?;
    Ok(number / 10_000)
}

/// Makes a backup of one moment. Nobody is kept from reading or writing meanwhile.
pub async fn make(
    url: &Secret,
    pg_dump: &Path,
    file: &Path,
    replaces: bool,
) -> anyhow::Result<Made> {
    let part = Part::begin(file, replaces)?;
    let mut connection = db::connect_for_long(url.reveal()).await.map_err(Error::revealed)?;
    let connection = &mut connection;
    let there = diesel::select(to_regclass("tasks").is_not_null());
    if !there.get_result::<bool>(connection).await? {
        bail!(
            "there is nothing to back up: this database was never used (see --data-dir, --database-url)"
        );
    }
    connection.batch_execute(PATIENT).await?;
    let mut transaction = connection.build_transaction().repeatable_read().read_only();
    let holds = transaction
        .run(async |connection| {
            let holds = Holds::count(connection).await.map_err(Error::revealed)?;
            let snapshot = diesel::select(pg_export_snapshot());
            let snapshot: String = snapshot.get_result(connection).await?;
            dump(url, pg_dump, &part, &snapshot).await?;
            anyhow::Ok(holds)
        })
        .await?;
    Ok(Made { bytes: part.finish()?, holds })
}

async fn dump(url: &Secret, pg_dump: &Path, part: &Part, snapshot: &str) -> anyhow::Result<()> {
    let mut command = program::connecting(pg_dump, url)?;
    command.args(["--format=custom", "--lock-wait-timeout=30s"]);
    command.arg(format!("--snapshot={snapshot}")).stdout(part.output()?);
    let Err(why) = program::run(command).await? else {
        return Ok(());
    };
    if db::is_full_disk(&why) {
        bail!("the disk of {} is full; make room there ({why})", part.path().display());
    }
    bail!("nothing was backed up: {why}")
}

/// Brings a backup back into an empty database, as a whole or not at all.
pub async fn restore(url: &Secret, pg_restore: &Path, archive: &Archive) -> anyhow::Result<()> {
    let mut connection = db::connect(url.reveal()).await.map_err(Error::revealed)?;
    let found = relations(&mut connection).await?;
    if !found.is_empty() {
        let some: Vec<_> = found.iter().take(3).map(String::as_str).collect();
        let more = if found.len() > some.len() { ", …" } else { "" };
        bail!(
            "this database is not empty, it holds {}{more}: restore into a new one, with --data-dir or --database-url",
            some.join(", ")
        );
    }
    let mut command = program::connecting(pg_restore, url)?;
    // With nothing in it, it connects to what its environment names, instead of printing.
    command.arg("--dbname=").args(["--single-transaction", "--exit-on-error"]);
    command.args(["--no-owner", "--no-privileges"]).arg(archive.path());
    let Err(why) = program::run(command).await? else {
        return Ok(());
    };
    if db::is_full_disk(&why) {
        bail!("nothing was restored: the disk of the database is full; make room there ({why})");
    }
    if why.contains("pg_trgm") {
        bail!(
            "nothing was restored: the extension pg_trgm is there already, and only a superuser can restore beside it; \
            drop it first, it comes with the backup ({why})"
        );
    }
    let shown = archive.path().display();
    if archive::is_cut(&why) {
        bail!("nothing was restored: {shown} is damaged or was cut off ({why})");
    }
    bail!("nothing was restored: {why}")
}

#[derive(QueryableByName)]
struct Relation {
    #[diesel(sql_type = Text)]
    name: String,
}

async fn relations(connection: &mut AsyncPgConnection) -> anyhow::Result<Vec<String>> {
    let found: Vec<Relation> = diesel::sql_query(RELATIONS).load(connection).await?;
    Ok(found.into_iter().map(|relation| relation.name).collect())
}

/// Brings a restored database up to date, and begins a new feed: every device loads everything anew.
pub async fn settle(url: &Secret) -> anyhow::Result<Holds> {
    let mut connection = db::connect_for_long(url.reveal()).await.map_err(Error::revealed)?;
    let connection = &mut connection;
    let migrated = db::migrate(url.reveal()).await.map_err(Error::revealed);
    migrated.context("it could not be brought up to date")?;
    let settling = async {
        feed::renew(connection).await?;
        db::analyze(connection).await?;
        Holds::count(connection).await
    };
    settling.await.map_err(Error::revealed)
}
