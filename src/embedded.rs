//! Runs the PostgreSQL of a person who has none: makes a cluster in the data directory, starts it,
//! shares it between processes, and stops it when the last of them has gone.
//!
//! It downloads nothing, opens no TCP port, speaks no SQL and deletes no data. It runs on Unix only.
//!
//! How several processes share one server: each holds the writing end of a FIFO, a small shell script
//! (the watchdog) holds the reading end. When the last writer goes, by whatever way, the kernel closes
//! the FIFO and the watchdog stops the server. There are no process ids to trust and nothing to clean up.

mod account;
mod binaries;
mod cluster;
mod directory;
mod error;
mod postmaster;
mod watchdog;

use account::Account;
use cluster::Cluster;
use directory::Directory;
use postmaster::{Postmaster, Status};
use std::ffi::OsString;
use std::fs::File;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchdog::{User, Watchdog};

pub use account::{accessible_data_dir, default_data_dir};
pub use error::StartError;

/// How long a server may take to come up (after a crash it replays its log first) or an older one to
/// go down.
const PATIENCE: Duration = Duration::from_secs(120);
/// How often a waiting starter looks again.
const PAUSE: Duration = Duration::from_millis(5);

/// The name of the database's superuser.
const USER: &str = "tomos";

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
    /// Asks `variable` for each variable that is needed.
    pub fn read(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let directory = |name| {
            variable(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
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
    data_dir: PathBuf,
    socket_dir: PathBuf,
    freshly_started: bool,
    /// `None` only while it is dropped.
    user: Option<User>,
    /// The watchdog, where this process started it.
    watchdog: Option<Watchdog>,
    linger: Duration,
}

impl Server {
    /// Attaches to the server of the data directory, starting it (and making it, the first time) where
    /// it does not run. Blocks.
    ///
    /// # Errors
    /// Each [`StartError`] is one line that says what to do.
    pub fn start(options: &Options) -> Result<Self, StartError> {
        let found = Directory::find(&options.data_dir)?;
        if let Some(directory) = &found
            && let State::Running(user, postmaster) = look(directory)?
        {
            return Ok(attached(directory, &postmaster, user, options));
        }
        let account = Account::of_database(&options.data_dir, &options.environment)?;
        let directory = Directory::prepare(&options.data_dir, &account)?;
        // From here one process at a time; the kernel frees the lock of one that was killed.
        let lock = directory.lock(&account)?;
        let starter = Starter {
            options,
            account,
            directory,
            lock,
        };
        starter.start()
    }

    /// The URL of a database of this server. `tomos` and `postgres` exist from the beginning.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        let host = percent_encoded(&self.0.socket_dir.to_string_lossy());
        format!("postgresql://{USER}@{host}/{}", percent_encoded(database))
    }

    /// The data directory, absolute and without symbolic links.
    #[must_use]
    pub fn data_dir(&self) -> &Path {
        &self.0.data_dir
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
        if std::process::id() == 1
            && let Some(watchdog) = &self.watchdog
        {
            watchdog.wait(self.linger + Duration::from_secs(60));
        }
    }
}

fn attached(
    directory: &Directory,
    postmaster: &Postmaster,
    user: User,
    options: &Options,
) -> Server {
    Server(Arc::new(Held {
        data_dir: directory.root.clone(),
        socket_dir: postmaster.socket_dir.clone(),
        freshly_started: false,
        user: Some(user),
        watchdog: None,
        linger: options.linger,
    }))
}

/// What is going on in a data directory.
enum State {
    /// A server that accepts connections, counted as used.
    Running(User, Postmaster),
    /// A server that comes up, counted as used.
    Starting(User),
    /// A watchdog without a server: it has just started, or its server has just died.
    Alone(User),
    /// A server whose watchdog was killed.
    Unwatched(Postmaster),
    /// A server that goes down, or one that comes up without a watchdog: time will tell.
    Changing,
    /// A server whose socket has been deleted.
    Unreachable,
    /// Nothing runs.
    Down,
}

fn look(directory: &Directory) -> Result<State, StartError> {
    let user = User::register(directory)?;
    let postmaster = Postmaster::running(directory);
    Ok(match (user, postmaster) {
        (_, Some(postmaster)) if postmaster.status == Status::Stopping => State::Changing,
        (Some(user), Some(postmaster)) if postmaster.status == Status::Ready => {
            if UnixStream::connect(postmaster.socket()).is_ok() {
                State::Running(user, postmaster)
            } else {
                State::Unreachable
            }
        }
        (Some(user), Some(_)) => State::Starting(user),
        (Some(user), None) => State::Alone(user),
        (None, _) if watchdog::is_closing(directory)? => State::Changing,
        (None, Some(postmaster)) if postmaster.status == Status::Ready => {
            State::Unwatched(postmaster)
        }
        (None, Some(_)) => State::Changing,
        (None, None) => State::Down,
    })
}

/// A process that holds the lock and wants a running server.
struct Starter<'a> {
    options: &'a Options,
    account: Account,
    directory: Directory,
    lock: File,
}

impl Starter<'_> {
    fn start(&self) -> Result<Server, StartError> {
        let deadline = Instant::now() + PATIENCE;
        let mut odd_since = None;
        // Counts this process as a user of a server that comes up, so that its watchdog keeps it.
        let mut _waiting = None;
        loop {
            let state = look(&self.directory)?;
            if !matches!(state, State::Alone(_) | State::Unreachable) {
                odd_since = None;
            }
            _waiting = match state {
                State::Running(user, postmaster) => {
                    return Ok(attached(&self.directory, &postmaster, user, self.options));
                }
                State::Down => {
                    if let Some(server) = self.launch(deadline)? {
                        return Ok(server);
                    }
                    None
                }
                State::Unwatched(postmaster) => Some(self.watch(&postmaster)?),
                State::Starting(user) => Some(user),
                // A server writes its file some milliseconds after its watchdog has started. A
                // watchdog that stays alone has lost its server.
                State::Alone(user) => {
                    if elapsed(&mut odd_since) > Duration::from_secs(1) {
                        user.dismiss_watchdog();
                        None
                    } else {
                        Some(user)
                    }
                }
                State::Unreachable if elapsed(&mut odd_since) > Duration::from_secs(1) => {
                    return Err(self.stuck("it runs, but its socket has been deleted"));
                }
                State::Changing | State::Unreachable => None,
            };
            if Instant::now() > deadline {
                return Err(self.stuck("an older one neither comes up nor goes down"));
            }
            std::thread::sleep(PAUSE);
        }
    }

    /// Gives a new watchdog to a server that has lost its own.
    fn watch(&self, postmaster: &Postmaster) -> Result<User, StartError> {
        let (user, reader) = User::create(self)?;
        Watchdog::adopt(self, reader, postmaster.pid)?;
        Ok(user)
    }

    /// Starts the server, after making the cluster where there is none. `None`: what is left of a
    /// crashed server is still going away, so that this has to be tried again.
    fn launch(&self, deadline: Instant) -> Result<Option<Server>, StartError> {
        let cluster = Cluster::prepare(self)?;
        let before = Postmaster::read(&self.directory);
        let (user, reader) = User::create(self)?;
        let log = self.directory.log(&self.account)?;
        let mut command = cluster.server_command(self);
        if let Some(stale) = &before {
            // The file of a crashed server may name a process that is now something else; PostgreSQL
            // would take that for a running server, unless it is named as its grandparent. It still
            // refuses to start while processes of the crashed server use the shared memory.
            command.env("PG_GRANDPARENT_PID", stale.pid.to_string());
        }
        let watchdog = Watchdog::launch(self, reader, &command, &log)?;
        loop {
            // The file of a crashed server still says that it is ready: only a new one counts.
            if let Some(postmaster) = Postmaster::read(&self.directory)
                && before.as_ref() != Some(&postmaster)
                && postmaster.status == Status::Ready
                && UnixStream::connect(postmaster.socket()).is_ok()
            {
                return Ok(Some(Server(Arc::new(Held {
                    data_dir: self.directory.root.clone(),
                    socket_dir: postmaster.socket_dir,
                    freshly_started: true,
                    user: Some(user),
                    watchdog: Some(watchdog),
                    linger: self.options.linger,
                }))));
            }
            let late = Instant::now() > deadline;
            if watchdog.has_ended() || late {
                let log = log.since_start();
                if directory::is_still_in_use(&log) && !late {
                    std::thread::sleep(20 * PAUSE);
                    return Ok(None);
                }
                return Err(StartError::DidNotStart {
                    reason: error::essence(&log),
                    log: self.directory.log_path(),
                });
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn stuck(&self, reason: &str) -> StartError {
        StartError::DidNotStart {
            reason: reason.to_owned(),
            log: self.directory.log_path(),
        }
    }
}

fn elapsed(since: &mut Option<Instant>) -> Duration {
    since.get_or_insert_with(Instant::now).elapsed()
}

fn percent_encoded(text: &str) -> String {
    use std::fmt::Write;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}
