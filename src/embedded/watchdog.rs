//! The users of a server and the shell script that stops it after the last of them.
//!
//! It knows nothing of clusters: what the watchdog starts is a command like any other.

use super::directory::{Directory, Log};
use super::error::StartError;
use super::starter::Starter;
use rustix::fs::{Mode, OFlags};
use std::ffi::OsStr;
use std::fs::File;
use std::io::Write;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread::JoinHandle;

const SCRIPT: &str = include_str!("watchdog.sh");

/// The writing end of the FIFO: who holds one is a user of the server.
#[derive(Debug)]
pub(crate) struct User(File);

impl User {
    /// Becomes a user of the server, where a watchdog takes care of one.
    ///
    /// The watchdog stops a server in two steps: it takes the FIFO's name away, then reads once more.
    /// So whoever has opened the FIFO is waited for, and says that he stays.
    pub(crate) fn register(directory: &Directory) -> Result<Option<Self>, StartError> {
        let user = open_writer(&directory.users())?.map(Self);
        Ok(user.filter(|user| user.say("here")))
    }

    /// Becomes the first user: gives the reading end too, for the watchdog that is to be started. A
    /// FIFO that is there is used again, as its writing ends may be held by users of the last server.
    pub(crate) fn create(starter: &Starter<'_>) -> Result<(Self, File), StartError> {
        let Starter { account, directory, .. } = starter;
        let path = directory.users();
        let refuse = |source| StartError::io("make", &path, source);
        if !path.exists() && std::fs::rename(directory.closing(), &path).is_err() {
            make_fifo(&path).map_err(refuse)?;
            account.give(&path).map_err(refuse)?;
        }
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let reader = rustix::fs::open(&path, flags, Mode::empty()).map_err(|e| refuse(e.into()))?;
        let Some(writer) = open_writer(&path)? else {
            return Err(refuse(std::io::ErrorKind::NotFound.into()));
        };
        // The script waits in its reads.
        rustix::fs::fcntl_setfl(&reader, OFlags::empty()).map_err(|e| refuse(e.into()))?;
        Ok((Self(writer), reader.into()))
    }

    /// Sends away a watchdog that has lost its server.
    pub(crate) fn dismiss_watchdog(&self) {
        self.say("dismissed");
    }

    /// Whether somebody could hear the word.
    fn say(&self, word: &str) -> bool {
        (&self.0).write_all(format!("{word}\n").as_bytes()).is_ok()
    }
}

/// Whether a watchdog is about to stop the server, or doing so.
pub(crate) fn is_closing(directory: &Directory) -> Result<bool, StartError> {
    Ok(open_writer(&directory.closing())?.is_some())
}

/// Opens a FIFO for writing; `None` where it is absent or nobody reads it.
fn open_writer(path: &Path) -> Result<Option<File>, StartError> {
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    match rustix::fs::open(path, flags, Mode::empty()) {
        Ok(file) => Ok(Some(file.into())),
        Err(rustix::io::Errno::NXIO | rustix::io::Errno::NOENT) => Ok(None),
        Err(error) => Err(StartError::io("open", path, error.into())),
    }
}

/// Makes a FIFO with the program that POSIX has for it: the system call is not offered everywhere.
fn make_fifo(path: &Path) -> std::io::Result<()> {
    let output = Command::new("mkfifo").args(["-m", "600"]).arg(path).output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(std::io::Error::other(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}

/// A watchdog that this process has started.
#[derive(Debug)]
pub(crate) struct Watchdog(JoinHandle<()>);

impl Watchdog {
    /// Starts a watchdog which starts `server`.
    pub(crate) fn launch(
        starter: &Starter<'_>,
        reader: File,
        server: &Command,
        log: &Log,
    ) -> Result<Self, StartError> {
        let mut command = script(starter, reader)?;
        command.arg("").arg(server.get_program()).args(server.get_args());
        for (name, value) in server.get_envs() {
            command.env(name, value.unwrap_or(OsStr::new("")));
        }
        let output = || log.file.try_clone().map(Stdio::from);
        let refuse = |source| StartError::io("write", &starter.directory.log_path(), source);
        command.stdout(output().map_err(refuse)?).stderr(output().map_err(refuse)?);
        spawn(&mut command, starter)
    }

    /// Starts a watchdog for a server that runs already.
    pub(crate) fn adopt(
        starter: &Starter<'_>,
        reader: File,
        server: u32,
    ) -> Result<Self, StartError> {
        let mut command = script(starter, reader)?;
        command.arg(server.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
        spawn(&mut command, starter)
    }

    /// Whether it has ended, and so its server.
    pub(crate) fn has_ended(&self) -> bool {
        self.0.is_finished()
    }
}

fn script(starter: &Starter<'_>, reader: File) -> Result<Command, StartError> {
    let Starter { options, account, directory, .. } = starter;
    let users = directory.users();
    let found = reader.metadata();
    let inode = found.map_err(|source| StartError::io("open", &users, source))?.ino();
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SCRIPT, "tomos-watchdog"])
        .arg(users)
        .arg(directory.closing())
        .arg(inode.to_string())
        .arg(options.linger.as_secs_f64().to_string())
        .stdin(reader)
        // Not in the terminal's foreground group: Ctrl-C reaches the program, which drains, and not
        // its database.
        .process_group(0);
    account.apply(&mut command, &options.environment);
    Ok(command)
}

fn spawn(command: &mut Command, starter: &Starter<'_>) -> Result<Watchdog, StartError> {
    let program = command.get_program().to_owned();
    let refuse = |source| starter.account.refused(&program, source);
    let mut child = command.spawn().map_err(refuse)?;
    // A thread of its own reaps it, so that no zombie stays where the program outlives its server.
    let reaper = std::thread::Builder::new().name("embedded-watchdog".to_owned());
    let reaper = reaper.spawn(move || {
        let _ = child.wait();
    });
    Ok(Watchdog(reaper.map_err(refuse)?))
}
