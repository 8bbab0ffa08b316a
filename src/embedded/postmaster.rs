//! What `postmaster.pid`, the file of a running server, says, and whether it is to be believed.

use super::directory::Directory;
use rustix::process::{Pid, Signal};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The contents of the file.
#[derive(Clone, Debug)]
pub(crate) struct Postmaster {
    /// The server's process.
    pub(crate) pid: u32,
    port: String,
    /// Where its socket is.
    pub(crate) socket_dir: PathBuf,
    /// What it does.
    pub(crate) status: Status,
}

/// The file's last line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    /// It comes up.
    Starting,
    /// It accepts connections.
    Ready,
    /// It goes down.
    Stopping,
}

impl Postmaster {
    /// The file, be it of a running server or of a crashed one.
    pub(crate) fn read(directory: &Directory) -> Option<Self> {
        let text = std::fs::read_to_string(directory.cluster().join("postmaster.pid")).ok()?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().map(str::trim);
        let pid = lines.next()?.parse().ok()?;
        let mut line = || lines.next().unwrap_or_default().to_owned();
        let (_cluster, _started, port, socket_dir) = (line(), line(), line(), line());
        let (_tcp, _shared_memory, status) = (line(), line(), line());
        Some(Self {
            pid,
            port,
            socket_dir: PathBuf::from(socket_dir),
            status: match status.as_str() {
                "ready" | "standby" => Status::Ready,
                "stopping" => Status::Stopping,
                _ => Status::Starting,
            },
        })
    }

    /// The file of a server that runs. The socket is asked first: unlike a process id it cannot
    /// mislead, and it is right across containers that share the directory.
    pub(crate) fn running(directory: &Directory) -> Option<Self> {
        Self::read(directory).filter(|found| found.is_reachable() || found.is_alive(directory))
    }

    /// Whether somebody listens at its socket.
    pub(crate) fn is_reachable(&self) -> bool {
        let socket = self.socket_dir.join(format!(".s.PGSQL.{}", self.port));
        UnixStream::connect(socket).is_ok()
    }

    /// Lets it end in order, without waiting for its clients.
    pub(crate) fn stop(&self) {
        if let Some(pid) = self.process() {
            // One that has just ended by itself needs no signal.
            let _ = rustix::process::kill_process(pid, Signal::INT);
        }
    }

    fn process(&self) -> Option<Pid> {
        i32::try_from(self.pid).ok().and_then(Pid::from_raw)
    }

    /// Whether the process is a server of this directory. After a crash the number in the file may be
    /// that of any other process, in containers of the very first ones.
    fn is_alive(&self, directory: &Directory) -> bool {
        let exists = |pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH);
        self.process().is_some_and(exists) && serves(self.pid, &directory.cluster())
    }
}

/// Whether the process is a server of the cluster: it works in its directory, or, where there is no
/// `/proc`, names it as an argument.
fn serves(pid: u32, cluster: &Path) -> bool {
    if Path::new("/proc/self/cwd").exists() {
        let working = std::fs::read_link(format!("/proc/{pid}/cwd"));
        return working.is_ok_and(|working| working == cluster);
    }
    names(pid, cluster)
}

fn names(pid: u32, cluster: &Path) -> bool {
    let output =
        Command::new("ps").args(["-ww", "-o", "command=", "-p", &pid.to_string()]).output();
    output.is_ok_and(|output| {
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        shown.contains("postgres") && shown.contains(&*cluster.to_string_lossy())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str =
        "4711\n/data/postgres\n1790000000\n5432\n/data/run\n\n  1234   5678\nready   \n";

    #[test]
    fn the_file_of_a_ready_server_is_read() {
        let found = Postmaster::parse(READY).unwrap();
        assert_eq!(found.pid, 4711);
        assert_eq!(found.socket_dir, Path::new("/data/run"));
        assert_eq!(found.status, Status::Ready);
    }

    #[test]
    fn a_file_that_is_still_being_written_is_of_a_starting_server() {
        for lines in 1..=7 {
            let text: Vec<&str> = READY.lines().take(lines).collect();
            let found = Postmaster::parse(&text.join("\n")).unwrap();
            assert_eq!(found.status, Status::Starting, "{lines} lines");
        }
        assert!(Postmaster::parse("").is_none());
    }

    #[test]
    fn a_process_elsewhere_is_no_server_of_the_cluster() {
        let own = std::process::id();
        assert!(serves(own, &std::env::current_dir().unwrap()));
        assert!(!serves(own, Path::new("/nowhere")));
        assert!(!names(own, Path::new("/nowhere")));
    }
}
