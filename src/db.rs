//! The database: how every connection is opened, the pool, and the migrations.

use crate::error::{Error, Result};
use deadpool::managed::Timeouts;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel_async::pooled_connection::deadpool as pooled;
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod,
};
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use futures_util::FutureExt;
use std::time::Duration;

/// The connections that requests take turns with.
pub type Pool = pooled::Pool<AsyncPgConnection>;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations");

/// How long a request waits for a connection, and how long opening one may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What every connection is told first: `PostgreSQL`'s messages are read by `error.rs`, a statement
/// that takes longer than ten seconds is a fault, and nobody waits for ever.
///
/// A prepared statement is planned once, unless the database was told otherwise. By itself the server
/// plans a large one again each time, which takes a third as long as running it, and what it learns from
/// the values changes no plan here (`tests/api/plans.rs` looks at both).
///
/// Only a superuser may choose the language of messages, and a hosted database's owner is none: there
/// they stay as they are, which is English as a rule.
const GREETING: &str = "SELECT set_config('lc_messages', 'C', false) \
    FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper; \
    SELECT set_config('plan_cache_mode', 'force_generic_plan', false) \
    WHERE current_setting('plan_cache_mode') = 'auto'; \
    SET statement_timeout = '10s'; \
    SET idle_in_transaction_session_timeout = '60s'; SET application_name = 'tomos'";

/// The advisory lock of whoever migrates. It is a transaction's, which stays open beside the migrations: behind
/// a pooler a session's lock would stay with a connection that others use next, and be held for ever.
const MIGRATING: &str = "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0; \
    SET LOCAL statement_timeout = 0; SELECT pg_advisory_xact_lock(hashtext('tomos.migrations'))";

/// Lets the extension say what settings it has, where it is there: before that only a superuser may name one,
/// as a function does.
const LOADING: &str = "DO $$ DECLARE place text; BEGIN \
    SELECT nspname INTO place FROM pg_catalog.pg_extension \
    JOIN pg_catalog.pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm'; \
    IF place IS NOT NULL THEN EXECUTE format('SELECT %I.show_limit()', place); END IF; END $$";

/// Words of a URL that are meant for other drivers, and that ours would refuse.
const FOREIGN: [&str; 4] = ["pgbouncer", "schema", "connection_limit", "pool_timeout"];

/// The tables of records, and those with a row for each.
const ANALYZE: &str = "ANALYZE projects, tags, tasks, task_tags, search_documents, external_refs, \
    missing_links, import_writes";

/// A pool of at most `size` connections, opened when they are needed.
pub fn pool(url: &str, size: usize) -> Result<Pool> {
    let mut config = ManagerConfig::default();
    // `Verified`, the default, would send a statement of its own at every checkout.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|url| establish(url.to_owned()).boxed());
    let manager = AsyncDieselConnectionManager::new_with_config(plain(url), config);
    let timeouts =
        Timeouts { wait: Some(PATIENCE), create: Some(PATIENCE), recycle: Some(PATIENCE) };
    let pool = Pool::builder(manager).max_size(size).timeouts(timeouts);
    pool.runtime(deadpool::Runtime::Tokio1).build().map_err(|error| Error::Internal(error.into()))
}

/// One connection.
pub async fn connect(url: &str) -> Result<AsyncPgConnection> {
    let connecting = tokio::time::timeout(PATIENCE, establish(plain(url))).await;
    match connecting {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(Error::Unavailable(error.into())),
        Err(elapsed) => Err(Error::Unavailable(elapsed.into())),
    }
}

/// One connection for work that takes as long as it takes.
pub async fn connect_for_long(url: &str) -> Result<AsyncPgConnection> {
    let mut connection = connect(url).await?;
    connection.batch_execute("SET statement_timeout = 0").await?;
    Ok(connection)
}

/// Lets the planner look at the tables of records, of which it thinks what they were like when it last did.
/// What is planned already, by triggers too, is planned anew.
pub(crate) async fn analyze(connection: &mut AsyncPgConnection) -> Result<()> {
    Ok(connection.batch_execute(ANALYZE).await?)
}

async fn establish(url: String) -> diesel::ConnectionResult<AsyncPgConnection> {
    let connected = tokio_postgres::connect(&url, tokio_postgres::NoTls).await;
    let (client, connection) = connected.map_err(|error| {
        // Its own text leaves out the cause, and with it the wrong password or the refused port.
        diesel::ConnectionError::BadConnection(format!("{:#}", anyhow::anyhow!(error)))
    })?;
    let mut connection =
        AsyncPgConnection::try_from_client_and_connection(client, connection).await?;
    connection
        .batch_execute(GREETING)
        .await
        .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// Cancels what a connection waits for, from beside it.
pub struct Cancel(tokio_postgres::CancelToken);

impl Cancel {
    /// That of a connection.
    #[must_use]
    pub fn of(connection: &AsyncPgConnection) -> Self {
        Self(connection.cancel_token())
    }

    /// Lets the statement that runs end with an error; it is no error where none does.
    pub async fn cancel(&self) {
        // Who cannot be reached cannot be asked, and the statement ends for that reason.
        let _ = self.0.cancel_query(tokio_postgres::NoTls).await;
    }
}

/// The URL without the words that are meant for other drivers.
fn plain(url: &str) -> String {
    let Some((address, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let ours = |word: &&str| !FOREIGN.contains(&word.split('=').next().unwrap_or_default());
    let words: Vec<_> = query.split('&').filter(ours).collect();
    if words.is_empty() { address.to_owned() } else { format!("{address}?{}", words.join("&")) }
}

/// What a URL says, for programs that connect by themselves.
pub(crate) fn parameters(url: &str) -> Result<tokio_postgres::Config> {
    plain(url).parse().map_err(|error: tokio_postgres::Error| Error::Unavailable(error.into()))
}

/// Whether an error is that of a full disk, for which `PostgreSQL` has many words.
pub(crate) fn is_full_disk(error: &str) -> bool {
    let words = ["No space left on device", "could not extend file"];
    words.iter().any(|words| error.contains(words))
}

/// The versions of all migrations that the program has, in their order.
pub(crate) fn versions() -> Result<Vec<String>> {
    let migrations: Vec<Box<dyn Migration<Pg>>> =
        MIGRATIONS.migrations().map_err(|error| Error::Internal(anyhow::anyhow!(error)))?;
    let mut versions: Vec<_> =
        migrations.iter().map(|migration| migration.name().version().to_string()).collect();
    versions.sort();
    Ok(versions)
}

/// Runs the migrations that are missing, and names them.
pub async fn migrate(url: &str) -> Result<Vec<String>> {
    harnessed(url, |harness| {
        let run = harness.run_pending_migrations(MIGRATIONS)?;
        Ok(run.iter().map(ToString::to_string).collect())
    })
    .await
}

/// The migrations that are missing.
pub async fn pending(url: &str) -> Result<Vec<String>> {
    harnessed(url, |harness| {
        let pending = harness.pending_migrations(MIGRATIONS)?;
        Ok(pending.iter().map(|migration| migration.name().to_string()).collect())
    })
    .await
}

/// Runs the next migration that is missing, and names it; nothing where there is none.
pub async fn migrate_once(url: &str) -> Result<Option<String>> {
    harnessed(url, |harness| {
        if harness.pending_migrations(MIGRATIONS)?.is_empty() {
            return Ok(None);
        }
        Ok(Some(harness.run_next_migration(MIGRATIONS)?.to_string()))
    })
    .await
}

/// Undoes the last migration, and names it; nothing where there is none.
pub async fn revert_last(url: &str) -> Result<Option<String>> {
    harnessed(url, |harness| {
        if harness.applied_migrations()?.is_empty() {
            return Ok(None);
        }
        Ok(Some(harness.revert_last_migration(MIGRATIONS)?.to_string()))
    })
    .await
}

type Harness = AsyncMigrationHarness<AsyncPgConnection>;
type Harnessed<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Does something with migrations, while nobody else does.
///
/// The harness blocks its thread, which a runtime of one thread does not allow: it gets its own.
async fn harnessed<T: Send + 'static>(
    url: &str,
    work: impl FnOnce(&mut Harness) -> Harnessed<T> + Send + 'static,
) -> Result<T> {
    let url = url.to_owned();
    let working = tokio::task::spawn_blocking(move || {
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        let runtime = builder.worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| Error::Internal(error.into()))?;
        let (mut lock, connection) = runtime.block_on(async {
            let mut lock = connect(&url).await?;
            lock.batch_execute(MIGRATING).await?;
            let mut connection = connect_for_long(&url).await?;
            connection.batch_execute(LOADING).await?;
            Ok::<_, Error>((lock, connection))
        })?;
        let _entered = runtime.enter();
        let mut harness = AsyncMigrationHarness::new(connection);
        let worked = work(&mut harness).map_err(|error| Error::Internal(anyhow::anyhow!(error)));
        // Where this fails the connection is lost, and the lock with it.
        let _ = runtime.block_on(lock.batch_execute("COMMIT"));
        worked
    });
    working.await.map_err(|error| Error::Internal(error.into()))?
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn words_for_other_drivers_are_left_out_of_a_url() {
        assert_eq!(plain("postgres://h/d"), "postgres://h/d");
        assert_eq!(plain("postgres://h/d?pgbouncer=true&schema=x"), "postgres://h/d");
        let mixed = "postgres://h/d?connection_limit=1&sslmode=require&pool_timeout=3";
        assert_eq!(plain(mixed), "postgres://h/d?sslmode=require");
    }
}
