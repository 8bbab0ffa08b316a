//! Runs the PostgreSQL of a person who has none: makes a cluster in the data directory, starts it,
//! shares it between processes, and stops it when the last of them has gone.
//!
//! It downloads nothing, opens no TCP port, speaks no SQL and deletes no data. It runs on Unix only.
//!
//! How several processes share one server: each holds the writing end of a FIFO, a small shell script
//! (the watchdog) holds the reading end. When the last writer goes, by whatever way, the kernel closes
//! the FIFO and the watchdog stops the server. No process has to clean up after itself or another.

mod account;
mod binaries;
mod cluster;
mod directory;
mod error;
mod postmaster;
mod starter;
mod watchdog;

use account::Account;
use directory::Directory;
use postmaster::Postmaster;
use starter::{Starter, State};
use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchdog::User;

pub use account::{accessible_data_dir, default_data_dir};
pub use error::StartError;

/// The name of the database's superuser, and of the program's database.
const NAME: &str = "tomos";

/// What a server needs to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// The program's data directory; the cluster is `postgres` in it.
    pub data_dir: PathBuf,
    /// Whether what was committed survives a crash of the machine. False only for tests.
    pub durable: bool,
    /// How long the server outlives its last user.
    pub linger: Duration,
    /// What the environment says.
    pub environment: Environment,
}

/// The few variables of the environment that matter here. Only the configuration reads them, with
/// `Environment::read(|name| std::env::var_os(name))`.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    path: OsString,
    home: Option<PathBuf>,
    xdg_data_home: Option<PathBuf>,
    sudo_uid: Option<u32>,
}

impl Environment {
    /// One of PostgreSQL's programs, where it is installed.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        binaries::program(&self.path, name)
    }

    /// The same for a server of a major version: one that is not older.
    pub fn program_for(&self, name: &'static str, server: u32) -> Result<PathBuf, StartError> {
        binaries::program_for(&self.path, name, server)
    }

    /// Asks `variable` for each variable that is needed.
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let directory = |name| {
            let path = variable(name).map(PathBuf::from);
            path.filter(|path| path.is_absolute())
        };
        Self {
            path: variable("PATH").unwrap_or_default(),
            home: directory("HOME"),
            xdg_data_home: directory("XDG_DATA_HOME"),
            sudo_uid: variable("SUDO_UID").and_then(|uid| uid.to_str()?.parse().ok()),
        }
    }
}

/// The running server. It runs as long as a clone of this is held in any process.
#[derive(Clone, Debug)]
pub struct Server(Arc<Held>);

#[derive(Debug)]
struct Held {
    directory: Directory,
    socket_dir: PathBuf,
    freshly_started: bool,
    /// `None` only while it is dropped.
    user: Option<User>,
    linger: Duration,
}

impl Server {
    /// Attaches to the server of the data directory, starting it (and making it, the first time) where
    /// it does not run. Blocks.
    ///
    /// # Errors
    /// Each [`StartError`] is one line that says what to do.
    pub fn start(options: &Options) -> Result<Self, StartError> {
        if let Some(directory) = Directory::find(&options.data_dir)?
            && let State::Running(user, postmaster) = starter::look(&directory)?
        {
            return Ok(Self::new(options, directory, user, postmaster, false));
        }
        let account = Account::of_database(&options.data_dir, &options.environment);
        let directory = Directory::prepare(&options.data_dir, &account)?;
        // From here one process at a time; the kernel frees the lock of one that was killed.
        let lock = directory.lock(&account)?;
        let starter = Starter { options, account, directory, lock };
        starter.start()
    }

    fn new(
        options: &Options,
        directory: Directory,
        user: User,
        postmaster: Postmaster,
        freshly_started: bool,
    ) -> Self {
        Self(Arc::new(Held {
            directory,
            socket_dir: postmaster.socket_dir,
            freshly_started,
            user: Some(user),
            linger: options.linger,
        }))
    }

    /// The URL of a database of this server. `tomos` and `postgres` exist from the beginning.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let host = percent_encoded(&self.0.socket_dir.to_string_lossy());
        format!("postgresql://{NAME}@{host}/{}", percent_encoded(database))
    }

    /// The data directory, absolute and without symbolic links.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.0.directory.root
    }

    /// Whether this call started the server, rather than attaching to a running one.
    #[must_use]
    pub fn freshly_started(&self) -> bool {
        self.0.freshly_started
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.user = None;
        // The end of process 1 is the end of its container: the kernel kills whatever is left in it.
        // So there, and only there, the stop is waited for.
        if std::process::id() == 1 {
            let deadline = Instant::now() + self.linger + Duration::from_mins(1);
            while Postmaster::running(&self.directory).is_some() && Instant::now() < deadline {
                std::thread::sleep(starter::PAUSE);
            }
        }
    }
}

fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
        encoded
    })
}
