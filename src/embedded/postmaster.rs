//! What `postmaster.pid`, the file of a running server, says, and whether it is to be believed.

use super::directory::Directory;
use std::path::PathBuf;

/// The contents of the file. Two servers never write the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Postmaster {
    /// The server's process.
    pub(crate) pid: u32,
    started: String,
    port: String,
    /// Where its socket is.
    pub(crate) socket_dir: PathBuf,
    shared_memory: String,
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
        let mut lines = text.lines().map(str::trim);
        let pid = lines.next()?.parse().ok()?;
        let (_data_dir, started) = (lines.next(), lines.next());
        let (port, socket_dir, _listen) = (lines.next(), lines.next(), lines.next());
        let (shared_memory, status) = (lines.next(), lines.next());
        let owned = |line: Option<&str>| line.unwrap_or_default().to_owned();
        Some(Self {
            pid,
            started: owned(started),
            port: owned(port),
            socket_dir: PathBuf::from(owned(socket_dir)),
            shared_memory: owned(shared_memory),
            status: match status {
                Some("ready" | "standby") => Status::Ready,
                Some("stopping") => Status::Stopping,
                _ => Status::Starting,
            },
        })
    }

    /// The file of a server that runs.
    pub(crate) fn running(directory: &Directory) -> Option<Self> {
        Self::read(directory).filter(|found| found.is_alive(directory))
    }

    /// The path of its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.socket_dir.join(format!(".s.PGSQL.{}", self.port))
    }

    /// Whether the process is a server of this directory. After a crash the number in the file may be
    /// that of any other process, in containers of the very first ones.
    fn is_alive(&self, directory: &Directory) -> bool {
        let Some(pid) = i32::try_from(self.pid)
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        else {
            return false;
        };
        if rustix::process::test_kill_process(pid) == Err(rustix::io::Errno::SRCH) {
            return false;
        }
        works_in(self.pid, directory)
    }
}

/// A server works in its cluster's directory.
#[cfg(target_os = "linux")]
fn works_in(pid: u32, directory: &Directory) -> bool {
    std::fs::read_link(format!("/proc/{pid}/cwd"))
        .is_ok_and(|working| working == directory.cluster())
}

/// Where there is no `/proc`, a server shows its cluster's directory as an argument.
#[cfg(not(target_os = "linux"))]
fn works_in(pid: u32, directory: &Directory) -> bool {
    let output = std::process::Command::new("/bin/ps")
        .args(["-ww", "-o", "command=", "-p", &pid.to_string()])
        .output();
    output.is_ok_and(|output| {
        let shown = String::from_utf8_lossy(&output.stdout).into_owned();
        shown.contains("postgres") && shown.contains(&*directory.cluster().to_string_lossy())
    })
}
