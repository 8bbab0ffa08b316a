//! Why there is no server: one line each, which says what to do.

use std::io;
use std::path::{Path, PathBuf};

/// Why the embedded PostgreSQL does not run.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No server binaries, or only of versions too old.
    #[error(
        "no PostgreSQL server {needed} was found on this machine{}: run `{install}`, or set DATABASE_URL to a server you have",
        only(found)
    )]
    NoBinaries {
        /// The versions that would do.
        needed: String,
        /// The versions that are there, with their directories.
        found: String,
        /// The command that installs it on this platform.
        install: String,
    },
    /// A client program is missing, or only there in versions too old for the server.
    #[error(
        "{name} {needed} or newer was not found on this machine{}: run `{install}`",
        only(found)
    )]
    NoProgram {
        /// The program.
        name: &'static str,
        /// The server's version.
        needed: u32,
        /// The versions that are there, with their places.
        found: String,
        /// The command that installs it on this platform.
        install: String,
    },
    /// The cluster was made by another major version than those installed.
    #[error("{} was made by PostgreSQL {cluster}, but only {found} is installed: install PostgreSQL {cluster} again, or, to move to the new version, run pg_dumpall with version {cluster}, rename that directory, start again and load the dump with psql", path.display())]
    OtherMajor {
        /// The cluster.
        path: PathBuf,
        /// Its major version.
        cluster: u32,
        /// The versions that are there, with their directories.
        found: String,
    },
    /// The directory holds something else.
    #[error("{} holds other things ({found}, …) and no database of TomOS: choose an empty or a new directory with --data-dir", data_dir.display())]
    Foreign {
        /// The directory.
        data_dir: PathBuf,
        /// One of the things in it.
        found: String,
    },
    /// The operating system's permissions are in the way.
    #[error("{0}")]
    NotPermitted(String),
    /// The cluster could not be made.
    #[error("the database could not be made in {}: {reason}", path.display())]
    NotMade {
        /// The cluster.
        path: PathBuf,
        /// The last error of `initdb`.
        reason: String,
    },
    /// The server ended, or did not come up in time.
    #[error("PostgreSQL did not start: {reason} (its log: {})", log.display())]
    DidNotStart {
        /// The last error in its log.
        reason: String,
        /// Its log.
        log: PathBuf,
    },
    /// A file or directory could not be used.
    #[error("could not {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl StartError {
    /// A file that could not be used.
    pub(crate) fn io(action: &'static str, path: &Path, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::PermissionDenied {
            return Self::NotPermitted(format!(
                "not permitted to {action} {}: run this as the user it belongs to, or choose another directory with --data-dir",
                path.display()
            ));
        }
        Self::Io { action, path: path.to_owned(), source }
    }
}

fn only(found: &str) -> String {
    if found.is_empty() {
        return String::new();
    }
    format!(" (only {found})")
}

/// The line of a log that says most: its last error, else its last line.
pub(crate) fn essence(log: &str) -> String {
    let severe = ["PANIC:", "FATAL:", "ERROR:", "error:"];
    let lines = || log.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines()
        .rfind(|line| severe.iter().any(|word| line.contains(word)))
        .or_else(|| lines().next_back());
    let Some(line) = line else {
        return "it ended without a word".to_owned();
    };
    let start = severe.iter().find_map(|word| Some(line.find(word)? + word.len()));
    start.and_then(|at| line.get(at..)).unwrap_or(line).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_essence_of_a_log_is_its_last_error() {
        let log = "2026-01-01 UTC [7] LOG:  starting\n\
                   2026-01-01 UTC [7] FATAL:  could not map anonymous shared memory\n\
                   2026-01-01 UTC [7] HINT:  This error usually means\n\
                   2026-01-01 UTC [7] LOG:  database system is shut down\n";
        assert_eq!(essence(log), "could not map anonymous shared memory");
        assert_eq!(essence("initdb: error: no space\n"), "no space");
        assert_eq!(essence("sh: not found\n\n"), "sh: not found");
        assert_eq!(essence(""), "it ended without a word");
    }
}
