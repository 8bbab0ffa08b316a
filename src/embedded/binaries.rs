//! Finds PostgreSQL's server programs on this machine; installs and downloads nothing.

use super::error::StartError;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest major version whose SQL the program can use.
pub(crate) const OLDEST: u32 = 14;

/// Where packages put the programs; `*` is a version.
const PLACES: [&str; 13] = [
    // Debian, Ubuntu
    "/usr/lib/postgresql/*/bin",
    // Fedora, RHEL and the like, with the packages of postgresql.org
    "/usr/pgsql-*/bin",
    // Alpine
    "/usr/libexec/postgresql*",
    // openSUSE, Gentoo
    "/usr/lib/postgresql*/bin",
    "/usr/lib64/postgresql*/bin",
    // built from source
    "/usr/local/pgsql/bin",
    // Homebrew on Apple silicon, on Intel, on Linux
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    // MacPorts
    "/opt/local/lib/postgresql*/bin",
    // Postgres.app
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    // EDB's installer
    "/Library/PostgreSQL/*/bin",
    "/opt/PostgreSQL/*/bin",
];

/// One installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Binaries {
    /// The directory of `initdb` and `postgres`.
    pub(crate) directory: PathBuf,
    /// The major version.
    pub(crate) major: u32,
}

impl Binaries {
    /// The installation for a cluster of the version, or the newest one.
    pub(crate) fn choose(
        search_path: &OsStr,
        cluster: Option<(u32, &Path)>,
    ) -> Result<Self, StartError> {
        let found = find(search_path);
        let wanted = |binaries: &&Self| match cluster {
            Some((major, _)) => binaries.major == major,
            None => binaries.major >= OLDEST,
        };
        if let Some(binaries) = found.iter().find(wanted) {
            return Ok(binaries.clone());
        }
        match cluster {
            Some((cluster, path)) if !found.is_empty() => Err(StartError::OtherMajor {
                path: path.to_owned(),
                cluster,
                found: list(&found),
            }),
            _ => Err(StartError::NoBinaries {
                needed: match cluster {
                    Some((cluster, _)) => cluster.to_string(),
                    None => format!("{OLDEST} or newer"),
                },
                but: if found.is_empty() {
                    String::new()
                } else {
                    format!(" (only {})", list(&found))
                },
                install: install_command(),
            }),
        }
    }

    /// One of the programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

/// Every installation, the newest first.
fn find(search_path: &OsStr) -> Vec<Binaries> {
    let mut directories: Vec<PathBuf> = std::env::split_paths(search_path).collect();
    directories.extend(PLACES.iter().flat_map(|pattern| expand(pattern)));
    let mut found: Vec<Binaries> = Vec::new();
    for directory in directories {
        if !directory.is_absolute() || !directory.join("initdb").is_file() {
            continue;
        }
        // Debian's /usr/bin and Homebrew's bin hold links into the real place.
        let real = directory.join("initdb").canonicalize().ok();
        let directory = real
            .and_then(|initdb| Some(initdb.parent()?.to_owned()))
            .unwrap_or(directory);
        if found.iter().any(|known| known.directory == directory) {
            continue;
        }
        if let Some(major) = version(&directory.join("postgres")) {
            found.push(Binaries { directory, major });
        }
    }
    found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
    found
}

/// The directories that a pattern with at most one `*` names.
fn expand(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![PathBuf::from(pattern)];
    };
    let Some((parent, prefix)) = before.rsplit_once('/') else {
        return Vec::new();
    };
    let Ok(entries) = std::fs::read_dir(parent) else {
        return Vec::new();
    };
    let names = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    let mut paths: Vec<PathBuf> = names
        .filter(|name| name.starts_with(prefix))
        .map(|name| PathBuf::from(format!("{parent}/{name}{after}")))
        .collect();
    paths.sort();
    paths
}

/// The major version that a `postgres` program says it is of.
fn version(postgres: &Path) -> Option<u32> {
    let output = Command::new(postgres).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let number = text.split(')').nth(1)?.trim();
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn list(found: &[Binaries]) -> String {
    let one =
        |binaries: &Binaries| format!("{} in {}", binaries.major, binaries.directory.display());
    found.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The command that installs a server here.
fn install_command() -> String {
    if cfg!(target_os = "macos") {
        return "brew install postgresql@18".to_owned();
    }
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    install_command_for(&release).to_owned()
}

fn install_command_for(os_release: &str) -> &'static str {
    let value = |key: &str| {
        let line = os_release.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    let systems = format!("{} {}", value("ID="), value("ID_LIKE="));
    for system in systems.split_whitespace() {
        match system {
            "debian" | "ubuntu" => return "sudo apt-get install postgresql",
            "fedora" | "rhel" | "centos" => return "sudo dnf install postgresql-server",
            "alpine" => return "sudo apk add postgresql",
            "arch" => return "sudo pacman -S postgresql",
            "suse" | "opensuse" => return "sudo zypper install postgresql-server",
            _ => {}
        }
    }
    "script/bootstrap"
}
