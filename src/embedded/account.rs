//! Under which account the server runs, and which directories that account can use.
//!
//! PostgreSQL refuses to run as root, so a root process hands the cluster to another account. Nothing
//! here changes the process itself: only its children and the files it makes for them.

use super::Environment;
use super::error::StartError;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The account of the server.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    uid: u32,
    gid: u32,
    /// Whether this process is root and the server's account is another.
    other: bool,
}

impl Account {
    /// The account for a data directory: one's own, except for root: the owner of what is there, else
    /// who called sudo, else `postgres`, else `nobody`.
    pub(crate) fn of_database(
        data_dir: &Path,
        environment: &Environment,
    ) -> Result<Self, StartError> {
        let own = rustix::process::geteuid().as_raw();
        if own != 0 {
            let gid = rustix::process::getegid().as_raw();
            return Ok(Self {
                uid: own,
                gid,
                other: false,
            });
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let owner = |path: &Path| {
            let metadata = std::fs::metadata(path)
                .ok()
                .filter(|found| found.uid() != 0)?;
            Some((metadata.uid(), metadata.gid()))
        };
        let (uid, gid) = owner(&data_dir.join("postgres"))
            .or_else(|| owner(data_dir))
            .or_else(|| {
                let uid = environment.sudo_uid.filter(|uid| *uid != 0)?;
                Some((uid, group_of(&users, uid).unwrap_or(uid)))
            })
            .or_else(|| named(&users, "postgres"))
            .or_else(|| named(&users, "_postgres"))
            .or_else(|| named(&users, "nobody"))
            .unwrap_or((65534, 65534));
        Ok(Self {
            uid,
            gid,
            other: true,
        })
    }

    /// Lets a command run under the account, in a directory that everybody may enter, and with nothing
    /// of this process' environment (which holds secrets) but the search path.
    pub(crate) fn apply(&self, command: &mut Command, environment: &Environment) {
        let mut path = environment.path.clone();
        path.push(if path.is_empty() { "" } else { ":" });
        path.push("/usr/local/bin:/usr/bin:/bin");
        command
            .env_clear()
            .env("PATH", path)
            .env("LC_ALL", "C")
            .env("TZ", "UTC")
            .current_dir("/");
        if self.other {
            command.uid(self.uid).gid(self.gid);
        }
    }

    /// Hands a file or directory that this process has made to the account.
    pub(crate) fn give(&self, path: &Path) -> io::Result<()> {
        if self.other {
            std::os::unix::fs::lchown(path, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// Whether the file belongs to the account.
    pub(crate) fn owns(&self, metadata: &std::fs::Metadata) -> bool {
        metadata.uid() == self.uid
    }

    /// Whether the account may enter a directory, and so each one above it.
    pub(crate) fn may_enter(&self, directory: &Path, environment: &Environment) -> bool {
        if !self.other {
            return true;
        }
        let mut command = Command::new("/bin/sh");
        command.args(["-c", r#"cd -- "$1""#, "sh"]).arg(directory);
        self.apply(&mut command, environment);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// A child that could not be started.
    pub(crate) fn refused(&self, source: io::Error) -> StartError {
        if self.other {
            return StartError::NotPermitted(format!(
                "root may not start a program as user {} ({source}): run this as an ordinary user",
                self.uid
            ));
        }
        StartError::io("run", Path::new("/bin/sh"), source)
    }

    /// The user's number, for messages.
    pub(crate) fn uid(&self) -> u32 {
        self.uid
    }
}

/// Where the data directory is unless something else is asked for: `$XDG_DATA_HOME/tomos`,
/// `~/.local/share/tomos` or `~/Library/Application Support/tomos`; where the account of the database
/// may not enter that (below `/root`), `/var/lib/tomos` or a directory in `/var/tmp`.
#[must_use]
pub fn default_data_dir(environment: &Environment) -> PathBuf {
    let home = |below: &str| environment.home.as_ref().map(|home| home.join(below));
    let preferred = if cfg!(target_os = "macos") {
        home("Library/Application Support/tomos")
    } else {
        let xdg = environment
            .xdg_data_home
            .as_ref()
            .map(|data| data.join("tomos"));
        xdg.or_else(|| home(".local/share/tomos"))
    };
    preferred
        .filter(|path| is_accessible(path, environment))
        .unwrap_or_else(|| otherwise("tomos"))
}

/// The directory itself where the account of the database may enter it, else one in its stead.
#[must_use]
pub fn accessible_data_dir(preferred: &Path, environment: &Environment) -> PathBuf {
    if is_accessible(preferred, environment) {
        return preferred.to_owned();
    }
    otherwise(&format!(
        "tomos-{}",
        super::directory::short_hash(preferred)
    ))
}

fn is_accessible(path: &Path, environment: &Environment) -> bool {
    let Some(existing) = path.ancestors().find(|ancestor| ancestor.is_dir()) else {
        return false;
    };
    Account::of_database(path, environment)
        .is_ok_and(|account| account.may_enter(existing, environment))
}

fn otherwise(name: &str) -> PathBuf {
    let var_lib = Path::new("/var/lib");
    if rustix::fs::access(var_lib, rustix::fs::Access::WRITE_OK).is_ok() {
        return var_lib.join(name);
    }
    // Everybody may write there: the name says whose it is, and one that another has made is refused
    // when it is used.
    let mut name = OsString::from(name);
    name.push(format!("-{}", rustix::process::geteuid().as_raw()));
    Path::new("/var/tmp").join(name)
}

fn named(users: &str, name: &str) -> Option<(u32, u32)> {
    let line = users
        .lines()
        .find(|line| line.split(':').next() == Some(name))?;
    Some((number(line, 2)?, number(line, 3)?))
}

fn group_of(users: &str, uid: u32) -> Option<u32> {
    let line = users.lines().find(|line| number(line, 2) == Some(uid))?;
    number(line, 3)
}

/// A number of a line of /etc/passwd; macOS has negative ones.
fn number(line: &str, field: usize) -> Option<u32> {
    let text = line.split(':').nth(field)?;
    text.parse()
        .ok()
        .or_else(|| Some(text.parse::<i32>().ok()?.cast_unsigned()))
}
