//! The database of a command: the program's own, or a server's.

use crate::config::{self, Place};
use crate::db;
use crate::embedded;
use crate::error::Error;
use crate::secret::Secret;
use anyhow::{Context, bail};
use diesel_async::AsyncPgConnection;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio_postgres::config::Host;

/// How often the program's own server is looked after.
const PERIOD: Duration = Duration::from_millis(500);

/// A database that was reached.
pub(super) struct Database {
    pub(super) url: Secret,
    pub(super) direct: Secret,
    own: Option<Own>,
}

/// The program's own server.
struct Own {
    options: embedded::Options,
    data_dir: PathBuf,
    /// Held as long as the database is used: the last holder's end stops it.
    server: Mutex<embedded::Server>,
}

impl Database {
    /// Reaches the database: starts it where it is the program's own, else connects to see whether it
    /// is there.
    pub(super) async fn reach(database: &config::Database) -> anyhow::Result<Self> {
        match database.place() {
            Place::Own(options) => {
                let server = start(&options).await?;
                let url = Secret::from(server.url("tomos").as_str());
                Ok(Self {
                    direct: url.clone(),
                    url,
                    own: Some(Own {
                        options,
                        data_dir: server.data_dir().to_owned(),
                        server: Mutex::new(server),
                    }),
                })
            }
            Place::Server { url, direct } => {
                connect(&url).await?;
                Ok(Self { url, direct, own: None })
            }
        }
    }

    /// The same, for commands that need its tables: the program's own is brought up to date on the
    /// way, a server's is not.
    pub(super) async fn reach_migrated(database: &config::Database) -> anyhow::Result<Self> {
        let database = Self::reach(database).await?;
        let pending = db::pending(database.direct.reveal()).await.map_err(Error::revealed)?;
        if pending.is_empty() {
            return Ok(database);
        }
        if database.own.is_none() {
            bail!("the database is not up to date: run `tomos migrate` first");
        }
        database.migrate().await?;
        Ok(database)
    }

    /// Runs the migrations that are missing, and names them.
    pub(super) async fn migrate(&self) -> anyhow::Result<Vec<String>> {
        let migrated = db::migrate(self.direct.reveal()).await.map_err(Error::revealed);
        migrated.context("the database could not be brought up to date")
    }

    pub(super) async fn connect(&self) -> anyhow::Result<AsyncPgConnection> {
        connect(&self.url).await
    }

    /// The data directory, where the database is the program's own.
    pub(super) fn data_dir(&self) -> Option<&Path> {
        self.own.as_ref().map(|own| own.data_dir.as_path())
    }

    /// Starts the program's own server again whenever it is away: one that was killed has nobody else.
    pub(super) async fn keep_running(&self, is_there: impl Fn() -> bool) -> Infallible {
        let Some(own) = &self.own else {
            return std::future::pending().await;
        };
        loop {
            tokio::time::sleep(PERIOD).await;
            if is_there() {
                continue;
            }
            match start(&own.options).await {
                Ok(server) => {
                    *own.server.lock().unwrap_or_else(PoisonError::into_inner) = server;
                }
                Err(error) => tracing::error!("the database could not be started: {error:#}"),
            }
        }
    }
}

async fn start(options: &embedded::Options) -> anyhow::Result<embedded::Server> {
    let options = options.clone();
    let starting = move || embedded::Server::start(&options);
    Ok(tokio::task::spawn_blocking(starting).await??)
}

/// The database of a URL in words, without its password.
fn named(url: &Secret) -> String {
    let Ok(config) = url.reveal().parse::<tokio_postgres::Config>() else {
        return "the database".to_owned();
    };
    let hosts: Vec<_> = config
        .get_hosts()
        .iter()
        .map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(directory) => directory.display().to_string(),
        })
        .collect();
    let name = config.get_dbname().or(config.get_user());
    format!("the database {:?} on {}", name.unwrap_or_default(), hosts.join(", "))
}

async fn connect(url: &Secret) -> anyhow::Result<AsyncPgConnection> {
    match db::connect(url.reveal()).await {
        Ok(connection) => Ok(connection),
        Err(Error::Unavailable(cause)) => Err(cause.context(format!(
            "{} cannot be reached, see DATABASE_URL (--database-url)",
            named(url)
        ))),
        Err(error) => Err(error.revealed()),
    }
}
