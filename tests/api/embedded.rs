//! The embedded PostgreSQL: starting, sharing, stopping, and surviving what kills it.

mod cluster;
mod crashes;
mod directories;
mod process;
mod sharing;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tokio_postgres::{NoTls, SimpleQueryMessage};
use tomos::embedded::{Environment, Options, Server, accessible_data_dir};

fn environment() -> Environment {
    Environment::read(|name| std::env::var_os(name))
}

/// A data directory of one test, removed when the test has passed, else by a later run.
pub(crate) struct DataDir(pub(crate) PathBuf);

impl DataDir {
    /// One that does not exist yet.
    pub(crate) fn new(test: &str) -> Self {
        Self(place().join(format!("{test}-{}", std::process::id())))
    }

    /// One with a cluster, copied from one that was made for the whole run.
    pub(crate) fn with_cluster(test: &str) -> Self {
        static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let data_dir = Self::new("template");
            drop(data_dir.start());
            data_dir.stops_cleanly();
            std::mem::take(&mut std::mem::ManuallyDrop::new(data_dir).0)
        });
        let data_dir = Self::new(test);
        let mut copy = Command::new("cp");
        copy.arg("-a").arg(template).arg(&data_dir.0);
        assert!(copy.status().unwrap().success());
        data_dir
    }

    fn options(&self) -> Options {
        Options {
            data_dir: self.0.clone(),
            durable: false,
            linger: Duration::ZERO,
            environment: environment(),
        }
    }

    fn start(&self) -> Server {
        let server = Server::start(&self.options());
        server.unwrap_or_else(|error| panic!("{error}"))
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.0.join("postgres.log")).unwrap_or_default()
    }

    fn pid_file(&self) -> PathBuf {
        self.0.join("postgres/postmaster.pid")
    }

    /// The process of the server.
    pub(crate) fn postmaster(&self) -> u32 {
        let text = std::fs::read_to_string(self.pid_file()).unwrap();
        text.lines().next().unwrap().parse().unwrap()
    }

    /// Waits until the server has come to its end in order.
    pub(crate) fn stops_cleanly(&self) {
        wait_until("the server stops", || !self.pid_file().exists());
        wait_until("the server says that it has stopped", || {
            let log = self.log();
            let last = log.lines().last().unwrap_or_default();
            last.ends_with("database system is shut down")
        });
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("kept: {}", self.0.display());
        } else {
            wait_until("the server stops", || !self.pid_file().exists());
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Where the data directories of the tests are, without those of runs that have ended.
fn place() -> &'static Path {
    static PLACE: OnceLock<PathBuf> = OnceLock::new();
    PLACE.get_or_init(|| {
        let preferred = Path::new(env!("CARGO_TARGET_TMPDIR")).join("embedded");
        let place = accessible_data_dir(&preferred, &environment());
        std::fs::create_dir_all(&place).unwrap();
        for entry in std::fs::read_dir(&place).unwrap().flatten() {
            let name = entry.file_name().into_string().unwrap_or_default();
            let run = name.rsplit('-').next().and_then(|run| run.parse().ok());
            let run = run.and_then(rustix::process::Pid::from_raw);
            if run.is_none_or(|run| rustix::process::test_kill_process(run).is_err()) {
                let _ = std::fs::remove_dir_all(entry.path());
            }
        }
        place
    })
}

/// Waits for something that happens in processes which are not children of this one.
pub(crate) fn wait_until(what: &str, condition: impl Fn() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(start.elapsed() < Duration::from_mins(1), "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A connection to a server.
struct Client {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
}

impl Client {
    fn new(url: &str) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let connecting = tokio_postgres::connect(url, NoTls);
        let (client, connection) = runtime.block_on(connecting).unwrap();
        runtime.spawn(connection);
        Self { runtime, client }
    }

    /// The first value of the answer.
    fn ask(&self, sql: &str) -> String {
        let messages = self.runtime.block_on(self.client.simple_query(sql)).unwrap();
        let row = messages.into_iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        });
        row.unwrap_or_default()
    }
}

fn ask(server: &Server, sql: &str) -> String {
    Client::new(&server.url("tomos")).ask(sql)
}

/// Whether some process is starting a server there.
fn is_locked(data_dir: &DataDir) -> bool {
    let lock = std::fs::File::open(data_dir.0.join("embedded.lock")).unwrap();
    let attempt = rustix::fs::FlockOperation::NonBlockingLockShared;
    rustix::fs::flock(&lock, attempt).is_err()
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
