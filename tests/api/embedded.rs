//! The embedded PostgreSQL: starting, sharing, stopping, and surviving what kills it.

mod cluster;
mod crashes;
mod directories;
pub(crate) mod process;
mod sharing;

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tokio_postgres::{NoTls, SimpleQueryMessage};
use tomos::embedded::{Environment, Options, Server, accessible_data_dir};

fn environment() -> Environment {
    Environment::read(|name| std::env::var_os(name))
}

/// A data directory of one test, removed when the test has passed, else when the run has ended.
pub(crate) struct DataDir(pub(crate) PathBuf);

impl DataDir {
    /// One that does not exist yet.
    pub(crate) fn new(test: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self(place().join(format!("{test}-{number}-{}", std::process::id())))
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

    /// Where its database is, as long as its server runs.
    pub(crate) fn url(&self) -> String {
        let socket = self.0.join("run").to_str().unwrap().replace('/', "%2F");
        format!("postgresql://tomos@{socket}/tomos")
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
            eprintln!("{}:\n{}", self.0.display(), self.log());
        } else {
            wait_until("the server stops", || !self.pid_file().exists());
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

/// Where the data directories of the tests are: in memory where there is plenty, as thousands of files
/// come and go.
fn place() -> &'static Path {
    static PLACE: OnceLock<(PathBuf, ChildStdin)> = OnceLock::new();
    let (place, _) = PLACE.get_or_init(|| {
        let memory = Path::new("/dev/shm");
        let plenty = rustix::fs::statvfs(memory)
            .is_ok_and(|found| found.f_bavail * found.f_frsize > 4 << 30);
        let place = if plenty {
            memory.join(format!("tomos-tests-{}", rustix::process::geteuid().as_raw()))
        } else {
            in_target("embedded")
        };
        std::fs::create_dir_all(&place).unwrap();
        let cleaner = clean_up_after_this_process(&place);
        (place, cleaner)
    });
    place
}

fn in_target(name: &str) -> PathBuf {
    accessible_data_dir(&Path::new(env!("CARGO_TARGET_TMPDIR")).join(name), &environment())
}

/// Starts a process that removes what this one has left there when it has ended, however it ends: its
/// input is closed then.
fn clean_up_after_this_process(place: &Path) -> ChildStdin {
    let script = r#"exec 3<&0; { cat <&3; rm -rf -- *-"$1"; } >/dev/null 2>&1 &"#;
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh", &std::process::id().to_string()]).current_dir(place);
    let mut shell = shell.process_group(0).stdin(Stdio::piped()).spawn().unwrap();
    let input = shell.stdin.take().unwrap();
    assert!(shell.wait().unwrap().success());
    input
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
