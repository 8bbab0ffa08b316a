//! A database for each test, cloned from a migrated template, on an embedded server in `target/`.
//!
//! A test only makes its database and never drops it: that would cost more than many a test. What
//! earlier runs have left is dropped in the background of a later one, now and then.

use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};
use tomos::embedded::{Environment, Options, Server, StartError, accessible_data_dir};

/// Advisory locks on the database `postgres`.
const MAKING_THE_TEMPLATE: i64 = 1;
const REMOVING: i64 = 2;
/// One template for each state of the migrations that were built into the program.
const TEMPLATE: &str = concat!("tpl_", env!("TOMOS_MIGRATIONS"));
/// So many leftovers are worth removing (2 GB): on some file systems making files is several times
/// slower for minutes after others were deleted.
const MANY: usize = 200;

/// The database of one test. Where the test fails it is kept for ten minutes, and its URL is printed.
pub(crate) struct TestDatabase {
    pub(crate) url: String,
}

impl TestDatabase {
    /// A database with every migration.
    pub(crate) fn new() -> Self {
        Self::made(|cluster| cluster.runtime.block_on(cluster.clone_of_template()))
    }

    /// A database without any.
    pub(crate) fn empty() -> Self {
        Self::made(|cluster| {
            let making = cluster.clone_of("template1");
            cluster.runtime.block_on(making).expect("an empty database")
        })
    }

    /// On a thread of its own: a test may run within a runtime, where nothing may be waited for.
    fn made(make: impl FnOnce(&'static Cluster) -> String + Send) -> Self {
        let making = || {
            let cluster = Cluster::of_this_process();
            let name = make(cluster);
            cluster.server.url(&name)
        };
        let made = std::thread::scope(|scope| scope.spawn(making).join());
        Self { url: made.unwrap_or_else(|panic| std::panic::resume_unwind(panic)) }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("kept for ten minutes: psql '{}'", self.url);
            Cluster::of_this_process().keep_running();
        }
    }
}

/// The server of the tests, as this process uses it. Its last user's end, however it comes, stops it.
struct Cluster {
    server: Server,
    runtime: Runtime,
    /// Tells the databases of this run of the server from those of earlier ones.
    stamp: String,
}

impl Cluster {
    fn of_this_process() -> &'static Self {
        static CLUSTER: OnceLock<Cluster> = OnceLock::new();
        let mut is_new = false;
        let cluster = CLUSTER.get_or_init(|| {
            is_new = true;
            Self::start()
        });
        if is_new {
            cluster.runtime.spawn(cluster.remove_leftovers(MANY));
        }
        cluster
    }

    fn start() -> Self {
        let environment = Environment::read(|name| std::env::var_os(name));
        let preferred = Path::new(env!("CARGO_TARGET_TMPDIR")).join("database");
        let options = Options {
            data_dir: accessible_data_dir(&preferred, &environment),
            durable: false,
            linger: Duration::from_secs(2),
            environment,
        };
        let server = Server::start(&options).or_else(|error| match error {
            // Nothing in it is worth a dump.
            StartError::OtherMajor { path, .. } => {
                std::fs::remove_dir_all(path).expect("an old cluster can be removed");
                Server::start(&options)
            }
            other => Err(other),
        });
        let server = server.unwrap_or_else(|error| panic!("{error}"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let stamp = runtime.block_on(async {
            let sql =
                "SELECT to_hex((extract(epoch FROM pg_postmaster_start_time()) * 1e6)::bigint)";
            let row = connect(&server).await.query_one(sql, &[]).await;
            row.expect("the server's start").get(0)
        });
        Self { server, runtime, stamp }
    }

    async fn clone_of_template(&self) -> String {
        loop {
            match self.clone_of(TEMPLATE).await {
                Ok(name) => return name,
                Err(error) if error.code() == Some(&SqlState::INVALID_CATALOG_NAME) => {
                    self.make_template().await;
                }
                Err(error) => panic!("could not clone {TEMPLATE}: {error:?}"),
            }
        }
    }

    async fn clone_of(&self, template: &str) -> Result<String, tokio_postgres::Error> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let client = connect(&self.server).await;
        let version = "SELECT current_setting('server_version_num')::int >= 150000";
        // Without fsync, copying files is cheaper than logging every page; older versions only copy.
        let can_copy: bool = client.query_one(version, &[]).await?.get(0);
        let strategy = if can_copy { "STRATEGY FILE_COPY" } else { "" };
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("t_{}_{}_{number}", self.stamp, std::process::id());
            let sql = format!("CREATE DATABASE {name} TEMPLATE {template} {strategy}");
            match client.batch_execute(&sql).await {
                Ok(()) => return Ok(name),
                // The same process number in another container.
                Err(error) if error.code() == Some(&SqlState::DUPLICATE_DATABASE) => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Makes the template under another name, so that one with the right name is always complete.
    async fn make_template(&self) {
        let client = connect(&self.server).await;
        let run = async |sql: &str| client.batch_execute(sql).await;
        run(&format!("SELECT pg_advisory_lock({MAKING_THE_TEMPLATE})")).await.expect("a lock");
        let sql = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
        let exists = client.query_one(sql, &[&TEMPLATE]).await.expect("an answer");
        if exists.get(0) {
            return;
        }
        run("DROP DATABASE IF EXISTS tpl_new WITH (FORCE)").await.expect("no old tpl_new");
        run("CREATE DATABASE tpl_new").await.expect("a new tpl_new");
        let migrated = tomos::db::migrate(&self.server.url("tpl_new")).await;
        migrated.expect("the migrations run");
        // Nobody may be connected while it is renamed and cloned.
        run("ALTER DATABASE tpl_new ALLOW_CONNECTIONS false").await.expect("tpl_new is closed");
        let rename = format!("ALTER DATABASE tpl_new RENAME TO {TEMPLATE}");
        while let Err(error) = run(&rename).await {
            let in_use = error.code() == Some(&SqlState::OBJECT_IN_USE);
            assert!(in_use, "could not rename the template: {error:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Drops the databases of earlier runs of the server, and templates of other migrations, once they
    /// are many. One process at a time does it, as far as it gets while it lives.
    async fn remove_leftovers(&self, many: usize) {
        let client = connect(&self.server).await;
        let lock = format!("SELECT pg_try_advisory_lock({REMOVING})");
        let locked = client.query_one(&lock, &[]).await;
        if !locked.is_ok_and(|row| row.get(0)) {
            return;
        }
        let sql = "SELECT datname FROM pg_database
             WHERE datname ~ '^t_' AND NOT starts_with(datname, $1)
                OR datname ~ '^tpl_' AND datname NOT IN ($2, 'tpl_new')";
        let current = format!("t_{}_", self.stamp);
        let leftovers = client.query(sql, &[&current, &TEMPLATE]).await;
        let leftovers = leftovers.unwrap_or_default();
        let some = if leftovers.len() < many { &[] } else { leftovers.as_slice() };
        for row in some {
            let name: String = row.get(0);
            let _ = client.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    /// Lets a process that does nothing be a user of the server for ten minutes.
    fn keep_running(&self) {
        static KEPT: OnceLock<()> = OnceLock::new();
        KEPT.get_or_init(|| {
            let users = self.server.data_dir().join("run/users");
            let mut options = std::fs::OpenOptions::new();
            // Without waiting: where the server is gone already, nobody would ever read.
            let flags = rustix::fs::OFlags::NONBLOCK.bits().try_into().unwrap();
            let Ok(users) = options.write(true).custom_flags(flags).open(users) else {
                return;
            };
            let mut shell = Command::new("sh");
            shell.args(["-c", "sleep 600 &"]).process_group(0);
            shell.stdin(Stdio::null()).stdout(users).stderr(Stdio::null());
            shell.status().unwrap();
        });
    }
}

async fn connect(server: &Server) -> Client {
    let connecting = tokio_postgres::connect(&server.url("postgres"), NoTls).await;
    let (client, connection) = connecting.expect("the tests' server answers");
    tokio::spawn(connection);
    client
}

async fn client_of(database: &TestDatabase) -> Client {
    let (client, connection) = tokio_postgres::connect(&database.url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

#[tokio::test]
async fn each_test_has_a_migrated_database_of_its_own() {
    let (one, other) = (TestDatabase::new(), TestDatabase::new());
    assert_ne!(one.url, other.url);
    let (one, other) = (client_of(&one).await, client_of(&other).await);
    one.batch_execute("CREATE TABLE only_here ()").await.unwrap();
    let seen = "SELECT to_regclass('only_here') IS NOT NULL, to_regclass('tasks') IS NOT NULL";
    let row = other.query_one(seen, &[]).await.unwrap();
    assert_eq!((row.get(0), row.get(1)), (false, true));
}

#[tokio::test]
async fn an_empty_database_has_no_tables() {
    let client = client_of(&TestDatabase::empty()).await;
    let count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(client.query_one(count, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn databases_of_earlier_runs_are_dropped_and_those_of_this_run_are_kept() {
    let kept = TestDatabase::empty();
    let cluster = Cluster::of_this_process();
    let client = connect(&cluster.server).await;
    let left = format!("t_0_{}_1", std::process::id());
    client.batch_execute(&format!("CREATE DATABASE {left}")).await.unwrap();
    let exists = async |name: &str| {
        let sql = "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)";
        client.query_one(sql, &[&name]).await.unwrap().get::<_, bool>(0)
    };
    // Whoever else removes at this moment may have made its list before.
    while exists(&left).await {
        cluster.remove_leftovers(1).await;
    }
    assert!(exists(kept.url.rsplit('/').next().unwrap()).await);
}
