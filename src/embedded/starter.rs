//! Looks at what goes on in a data directory and does what leads to a running server.
//!
//! Every state that a crash can leave behind is met here: nothing assumes that the process before it
//! came to its end.

use super::account::Account;
use super::cluster::Cluster;
use super::directory::{Directory, Log, is_still_in_use};
use super::error::{StartError, essence};
use super::postmaster::{Postmaster, Status};
use super::watchdog::{self, User, Watchdog};
use super::{Options, Server};
use std::fs::File;
use std::time::{Duration, Instant};

/// How long a server may take to come up (after a crash it replays its log first) or an older one to
/// go down.
const PATIENCE: Duration = Duration::from_mins(2);
/// How long a state may last that is right only for a moment.
const MOMENT: Duration = Duration::from_secs(1);
/// How often a waiting process looks again.
pub(crate) const PAUSE: Duration = Duration::from_millis(5);

/// What is going on in a data directory.
pub(crate) enum State {
    /// A server that accepts connections, counted as used.
    Running(User, Postmaster),
    /// A server that comes up, counted as used.
    Starting(User),
    /// A watchdog without a server: it has just been started, or its server has just died.
    Alone(User),
    /// A server whose watchdog was killed.
    Unwatched(Postmaster),
    /// A server that goes down, or one that comes up without a watchdog: time will tell.
    Changing,
    /// A server whose socket has been deleted.
    Unreachable(Postmaster),
    /// Nothing runs.
    Down,
}

/// Looks, and becomes a user of the server where it has a watchdog.
pub(crate) fn look(directory: &Directory) -> Result<State, StartError> {
    let user = User::register(directory)?;
    Ok(match (user, Postmaster::running(directory)) {
        (Some(user), None) => State::Alone(user),
        (Some(user), Some(postmaster)) => match postmaster.status {
            Status::Ready if postmaster.is_reachable() => State::Running(user, postmaster),
            Status::Ready => State::Unreachable(postmaster),
            Status::Starting => State::Starting(user),
            Status::Stopping => State::Changing,
        },
        (None, _) if watchdog::is_closing(directory)? => State::Changing,
        (None, None) => State::Down,
        (None, Some(postmaster)) => match postmaster.status {
            Status::Ready => State::Unwatched(postmaster),
            Status::Starting | Status::Stopping => State::Changing,
        },
    })
}

/// A process that holds the lock and wants a running server.
pub(crate) struct Starter<'a> {
    pub(crate) options: &'a Options,
    pub(crate) account: Account,
    pub(crate) directory: Directory,
    /// Held as long as this lives.
    pub(crate) lock: File,
}

impl Starter<'_> {
    /// Waits, starts or takes over until a server runs.
    pub(crate) fn start(self) -> Result<Server, StartError> {
        let deadline = Instant::now() + PATIENCE;
        let mut odd_since: Option<Instant> = None;
        // Counts this process as a user of a server that comes up, so that its watchdog keeps it.
        let mut _waiting: Option<User> = None;
        loop {
            let state = look(&self.directory)?;
            if !matches!(state, State::Alone(_) | State::Unreachable(_)) {
                odd_since = None;
            }
            _waiting = match state {
                State::Running(user, postmaster) => return Ok(self.server(user, postmaster, false)),
                State::Down => match self.launch(deadline)? {
                    Some((user, postmaster)) => return Ok(self.server(user, postmaster, true)),
                    None => None,
                },
                State::Unwatched(postmaster) => Some(self.adopt(&postmaster)?),
                State::Alone(user) if lasts(&mut odd_since) => {
                    user.dismiss_watchdog();
                    None
                }
                State::Starting(user) | State::Alone(user) => Some(user),
                // Nobody can connect to it any more, so nothing is lost when it ends and starts anew.
                State::Unreachable(postmaster) if lasts(&mut odd_since) => {
                    postmaster.stop();
                    None
                }
                State::Changing | State::Unreachable(_) => None,
            };
            if Instant::now() > deadline {
                return Err(self.not_started("an earlier one neither comes up nor goes down"));
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn server(self, user: User, postmaster: Postmaster, freshly_started: bool) -> Server {
        Server::new(self.options, self.directory, user, postmaster, freshly_started)
    }

    /// Gives a new watchdog to a server that has lost its own.
    fn adopt(&self, postmaster: &Postmaster) -> Result<User, StartError> {
        let (user, reader) = User::create(self)?;
        Watchdog::adopt(self, reader, postmaster.pid)?;
        Ok(user)
    }

    /// Starts the server, after making the cluster where there is none. `None`: what is left of a
    /// crashed server is still going away, so that this has to be tried again.
    fn launch(&self, deadline: Instant) -> Result<Option<(User, Postmaster)>, StartError> {
        let cluster = Cluster::prepare(self)?;
        let (user, reader) = User::create(self)?;
        let log = self.directory.log(&self.account)?;
        let mut command = cluster.server_command(self);
        if let Some(stale) = Postmaster::read(&self.directory) {
            // The file of a crashed server may name a process that is now something else. PostgreSQL
            // takes that for a running server, unless it is told that it is its own grandparent. It
            // still refuses to start while processes of the crashed server use the shared memory.
            command.env("PG_GRANDPARENT_PID", stale.pid.to_string());
        }
        let watchdog = Watchdog::launch(self, reader, &command, &log)?;
        loop {
            // The file of a crashed server still says that it is ready, but nobody answers there.
            if let Some(postmaster) = Postmaster::read(&self.directory)
                && postmaster.status == Status::Ready
                && postmaster.is_reachable()
            {
                return Ok(Some((user, postmaster)));
            }
            if watchdog.has_ended() {
                return self.failed(&log, deadline);
            }
            if Instant::now() > deadline {
                return Err(self.not_started("it is not ready after two minutes"));
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn failed<T>(&self, log: &Log, deadline: Instant) -> Result<Option<T>, StartError> {
        let log = log.since_start();
        if is_still_in_use(&log) && Instant::now() < deadline {
            std::thread::sleep(20 * PAUSE);
            return Ok(None);
        }
        Err(self.not_started(&essence(&log)))
    }

    fn not_started(&self, reason: &str) -> StartError {
        StartError::DidNotStart { reason: reason.to_owned(), log: self.directory.log_path() }
    }
}

/// Whether a state that began at `since`, or now, lasts longer than it should.
fn lasts(since: &mut Option<Instant>) -> bool {
    since.get_or_insert_with(Instant::now).elapsed() > MOMENT
}
