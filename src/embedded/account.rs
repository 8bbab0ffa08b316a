//! Under which account the server runs, and which directories that account can use.
//!
//! PostgreSQL refuses to run as root, so a root process hands the cluster to another account. Nothing
//! here changes the process itself: only its children and the files it makes for them.

use super::Environment;
use super::error::StartError;
use std::ffi::OsStr;
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
    pub(crate) fn of_database(data_dir: &Path, environment: &Environment) -> Self {
        let new = Self::of_new(environment);
        let owner = |path: &Path| {
            let found = std::fs::metadata(path).ok();
            found.filter(|found| found.uid() != 0 && new.other)
        };
        let found = owner(&data_dir.join("postgres")).or_else(|| owner(data_dir));
        found.map_or(new, |found| Self { uid: found.uid(), gid: found.gid(), other: true })
    }

    /// The account for a data directory that is still to be made.
    fn of_new(environment: &Environment) -> Self {
        let own = rustix::process::geteuid().as_raw();
        if own != 0 {
            let gid = rustix::process::getegid().as_raw();
            return Self { uid: own, gid, other: false };
        }
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let (uid, gid) = in_place_of_root(&users, environment.sudo_uid);
        Self { uid, gid, other: true }
    }

    /// Lets a command run under the account, in a directory that everybody may enter, and with nothing
    /// of this process' environment (which holds secrets) but the search path.
    pub(crate) fn apply(&self, command: &mut Command, environment: &Environment) {
        let mut path = environment.path.clone();
        path.push(if path.is_empty() { "" } else { ":" });
        path.push("/usr/local/bin:/usr/bin:/bin");
        command.env_clear().env("PATH", path).env("LC_ALL", "C").env("TZ", "UTC").current_dir("/");
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

    /// Hands a directory that root has made to the owner of the directory around it.
    pub(crate) fn give_as_around(&self, path: &Path) -> io::Result<()> {
        if let (true, Some(around)) = (self.other, path.parent()) {
            let around = std::fs::metadata(around)?;
            std::os::unix::fs::lchown(path, Some(around.uid()), Some(around.gid()))?;
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
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    /// A program that could not be started.
    pub(crate) fn refused(&self, program: &OsStr, source: io::Error) -> StartError {
        let uid = self.uid;
        if self.other && source.kind() != io::ErrorKind::NotFound {
            return StartError::NotPermitted(format!(
                "root may not run {} as user {uid} ({source}): run this as an ordinary user",
                program.display()
            ));
        }
        StartError::io("run", Path::new(program), source)
    }

    /// The user's number, for messages.
    pub(crate) fn uid(&self) -> u32 {
        self.uid
    }
}

/// Where the data directory is unless something else is asked for.
///
/// It is `$XDG_DATA_HOME/tomos`, `~/.local/share/tomos` or `~/Library/Application Support/tomos`; where
/// the account of the database may not enter that (below `/root`), `/var/lib/tomos` or a directory in
/// `/var/tmp`.
#[must_use]
pub fn default_data_dir(environment: &Environment) -> PathBuf {
    let home = |below: &str| environment.home.as_ref().map(|home| home.join(below));
    let preferred = if cfg!(target_os = "macos") {
        home("Library/Application Support/tomos")
    } else {
        let xdg = environment.xdg_data_home.as_ref().map(|data| data.join("tomos"));
        xdg.or_else(|| home(".local/share/tomos"))
    };
    preferred
        .filter(|path| is_accessible(path, environment))
        .unwrap_or_else(|| of_the_machine(environment))
}

/// The directory itself where the account of the database may enter it, else one in `/var/tmp`.
#[must_use]
pub fn accessible_data_dir(preferred: &Path, environment: &Environment) -> PathBuf {
    if is_accessible(preferred, environment) {
        return preferred.to_owned();
    }
    let name = format!("tomos-{}", super::directory::short_hash(preferred));
    in_var_tmp(&name, environment)
}

fn is_accessible(path: &Path, environment: &Environment) -> bool {
    let existing = path.ancestors().find(|ancestor| ancestor.is_dir());
    let account = Account::of_database(path, environment);
    existing.is_some_and(|existing| account.may_enter(existing, environment))
}

/// A directory where the machine's services keep their data, if that may be written to.
fn of_the_machine(environment: &Environment) -> PathBuf {
    let var_lib = Path::new("/var/lib");
    if rustix::fs::access(var_lib, rustix::fs::Access::WRITE_OK).is_ok() {
        return var_lib.join("tomos");
    }
    in_var_tmp("tomos", environment)
}

/// A directory that outlives a restart of the machine. Everybody may write to `/var/tmp`, so what a
/// stranger has made under the name is passed over.
fn in_var_tmp(name: &str, environment: &Environment) -> PathBuf {
    let own = rustix::process::geteuid().as_raw();
    let new = Account::of_new(environment);
    let strange = |path: &PathBuf| {
        let found = std::fs::symlink_metadata(path);
        found.is_ok_and(|found| !new.owns(&found) && found.uid() != own)
    };
    let var_tmp = Path::new("/var/tmp");
    let mut path = var_tmp.join(format!("{name}-{own}"));
    let mut number = 1;
    while strange(&path) {
        number += 1;
        path = var_tmp.join(format!("{name}-{own}-{number}"));
    }
    path
}

/// User and group of the server that root starts.
fn in_place_of_root(users: &str, sudo: Option<u32>) -> (u32, u32) {
    let named = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        Some((number(line, 2)?, number(line, 3)?))
    };
    let group_of = |uid: u32| {
        let line = users.lines().find(|line| number(line, 2) == Some(uid))?;
        number(line, 3)
    };
    sudo.filter(|uid| *uid != 0)
        .map(|uid| (uid, group_of(uid).unwrap_or(uid)))
        .or_else(|| named("postgres"))
        .or_else(|| named("_postgres"))
        .or_else(|| named("nobody"))
        .unwrap_or((65534, 65534))
}

/// A number of a line of /etc/passwd; macOS has negative ones.
fn number(line: &str, field: usize) -> Option<u32> {
    let text = line.split(':').nth(field)?;
    let negative = || Some(text.parse::<i32>().ok()?.cast_unsigned());
    text.parse().ok().or_else(negative)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USERS: &str = "root:x:0:0::/root:/bin/sh\nanna:x:1000:100::/home/anna:/bin/sh\nnobody:*:-2:-2::/:/bin/false\n";

    #[test]
    fn root_starts_the_server_as_who_called_sudo() {
        assert_eq!(in_place_of_root(USERS, Some(1000)), (1000, 100));
        assert_eq!(in_place_of_root(USERS, Some(1001)), (1001, 1001));
    }

    #[test]
    fn root_itself_starts_the_server_as_postgres_else_as_nobody() {
        let postgres = format!("{USERS}postgres:x:70:71::/:/bin/sh\n");
        assert_eq!(in_place_of_root(&postgres, None), (70, 71));
        assert_eq!(in_place_of_root(USERS, Some(0)), (u32::MAX - 1, u32::MAX - 1));
        assert_eq!(in_place_of_root("", None), (65534, 65534));
    }

    #[test]
    fn the_default_is_the_platforms_directory() {
        let environment = |data_home: Option<&str>| {
            Environment::read(|name| match name {
                "HOME" => Some("/home".into()),
                "XDG_DATA_HOME" => data_home.map(Into::into),
                _ => None,
            })
        };
        let home = if cfg!(target_os = "macos") {
            "/home/Library/Application Support/tomos"
        } else {
            "/home/.local/share/tomos"
        };
        assert_eq!(default_data_dir(&environment(None)), Path::new(home));
        // A relative path is to be ignored, says the XDG specification.
        assert_eq!(default_data_dir(&environment(Some("data"))), Path::new(home));
        if !cfg!(target_os = "macos") {
            let chosen = default_data_dir(&environment(Some("/var")));
            assert_eq!(chosen, Path::new("/var/tomos"));
        }
    }

    #[test]
    fn without_a_home_the_default_is_still_a_place() {
        let chosen = default_data_dir(&Environment::default());
        assert!(chosen.starts_with("/var"), "{}", chosen.display());
    }
}
