//! Finds PostgreSQL's server programs on this machine; installs and downloads nothing.

use super::error::StartError;
use std::ffi::OsStr;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest major version whose SQL the program can use.
const OLDEST: u32 = 14;
/// The newest one, where a package must be named by its version.
const NEWEST: u32 = 18;

/// Where packages put the programs; `*` is a version. `script/bootstrap` has the same list.
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
    /// The installation for a cluster that was made by a version, or the newest one.
    pub(crate) fn choose(
        search_path: &OsStr,
        cluster: Option<(u32, &Path)>,
    ) -> Result<Self, StartError> {
        pick(find(search_path), cluster)
    }

    /// One of the programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

/// One of PostgreSQL's client programs, of the newest version that is there: it reads what older ones wrote.
pub(crate) fn program(search_path: &OsStr, name: &str) -> Option<PathBuf> {
    programs(search_path, name).into_iter().next().map(|(program, _)| program)
}

/// The same for work with a server: of the server's version where that is installed, else the next newer one.
pub(crate) fn program_for(
    search_path: &OsStr,
    name: &'static str,
    server: u32,
) -> Result<PathBuf, StartError> {
    fitting(&programs(search_path, name), name, server)
}

fn fitting(
    found: &[(PathBuf, u32)],
    name: &'static str,
    server: u32,
) -> Result<PathBuf, StartError> {
    // The newest stands first. One that is newer than it has to be may say what the server does not know.
    let fits = found.iter().filter(|(_, major)| *major >= server).min_by_key(|(_, major)| *major);
    if let Some((program, _)) = fits {
        return Ok(program.clone());
    }
    let list = found.iter().map(|(path, major)| format!("{major} in {}", path.display()));
    Err(StartError::NoProgram {
        name,
        needed: server,
        found: list.collect::<Vec<_>>().join(", "),
        install: install_command(Some(server)),
    })
}

/// A client program wherever it is, with its version: those beside servers first, then the newest.
fn programs(search_path: &OsStr, name: &str) -> Vec<(PathBuf, u32)> {
    let beside = find(search_path).into_iter().map(|binaries| binaries.program(name));
    // Clients may be installed without a server.
    let alone = std::env::split_paths(search_path).map(|directory| directory.join(name));
    let mut found: Vec<(PathBuf, u32)> = Vec::new();
    for program in beside.chain(alone) {
        let is_known = found.iter().any(|(known, _)| *known == program);
        if !is_known && let Some(major) = version(&program) {
            found.push((program, major));
        }
    }
    found.sort_by_key(|(_, major)| std::cmp::Reverse(*major));
    found
}

fn pick(found: Vec<Binaries>, cluster: Option<(u32, &Path)>) -> Result<Binaries, StartError> {
    let list = list(&found);
    let fits = |binaries: &Binaries| match cluster {
        Some((major, _)) => binaries.major == major,
        None => binaries.major >= OLDEST,
    };
    if let Some(binaries) = found.into_iter().find(fits) {
        return Ok(binaries);
    }
    match cluster {
        Some((cluster, path)) if !list.is_empty() => {
            Err(StartError::OtherMajor { path: path.to_owned(), cluster, found: list })
        }
        Some((cluster, _)) => Err(StartError::NoBinaries {
            needed: cluster.to_string(),
            found: list,
            install: install_command(Some(cluster)),
        }),
        None => Err(StartError::NoBinaries {
            needed: format!("{OLDEST} or newer"),
            found: list,
            install: install_command(None),
        }),
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
        let directory =
            real.and_then(|initdb| Some(initdb.parent()?.to_owned())).unwrap_or(directory);
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
    let names = entries.flatten().filter_map(|entry| entry.file_name().into_string().ok());
    let mut paths: Vec<PathBuf> = names
        .filter(|name| name.starts_with(prefix))
        .map(|name| PathBuf::from(format!("{parent}/{name}{after}")))
        .collect();
    paths.sort();
    paths
}

/// The major version that one of the programs says it is of.
fn version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let number = text.split(')').nth(1)?.trim();
    let digits = number.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

fn list(found: &[Binaries]) -> String {
    let mut list = String::new();
    for Binaries { directory, major } in found {
        let comma = if list.is_empty() { "" } else { ", " };
        let _ = write!(list, "{comma}{major} in {}", directory.display());
    }
    list
}

/// The command that installs a server on this machine.
fn install_command(major: Option<u32>) -> String {
    let release = if cfg!(target_os = "macos") {
        "ID=macos".to_owned()
    } else {
        std::fs::read_to_string("/etc/os-release").unwrap_or_default()
    };
    install_command_for(&release, major)
}

fn install_command_for(os_release: &str, major: Option<u32>) -> String {
    let value = |key: &str| {
        let line = os_release.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    let systems = format!("{} {}", value("ID="), value("ID_LIKE="));
    let version = major.map(|major| major.to_string()).unwrap_or_default();
    let versioned = |before: &str| match major {
        Some(major) => format!("{before}-{major}"),
        None => before.to_owned(),
    };
    let command = systems.split_whitespace().find_map(|system| match system {
        "debian" | "ubuntu" => Some(versioned("sudo apt-get install postgresql")),
        "fedora" | "rhel" | "centos" => {
            Some(format!("sudo dnf install postgresql{version}-server"))
        }
        "alpine" => Some(format!("sudo apk add postgresql{version}")),
        "suse" | "opensuse" => Some(format!("sudo zypper install postgresql{version}-server")),
        "arch" => Some("sudo pacman -S postgresql".to_owned()),
        "macos" => Some(format!("brew install postgresql@{}", major.unwrap_or(NEWEST))),
        _ => None,
    });
    command.unwrap_or_else(|| "script/bootstrap".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(majors: &[u32]) -> Vec<Binaries> {
        let one = |major: &u32| Binaries {
            directory: PathBuf::from(format!("/pg/{major}/bin")),
            major: *major,
        };
        majors.iter().map(one).collect()
    }

    #[test]
    fn a_new_cluster_takes_the_newest_version() {
        assert_eq!(pick(installed(&[17, 15]), None).unwrap().major, 17);
    }

    #[test]
    fn an_old_cluster_takes_its_own_version() {
        let cluster = Some((15, Path::new("/data/postgres")));
        assert_eq!(pick(installed(&[17, 15]), cluster).unwrap().major, 15);
    }

    #[test]
    fn a_cluster_of_a_version_that_is_not_installed_is_refused_with_the_way_out() {
        let cluster = Some((14, Path::new("/data/postgres")));
        let line = pick(installed(&[17, 15]), cluster).unwrap_err().to_string();
        for part in ["14", "17 in /pg/17/bin, 15 in /pg/15/bin", "pg_dumpall", "rename", "/data"] {
            assert!(line.contains(part), "{part} is missing: {line}");
        }
    }

    #[test]
    fn without_binaries_the_line_names_the_command_that_installs_them() {
        let line = pick(Vec::new(), None).unwrap_err().to_string();
        assert!(line.contains("no PostgreSQL server 14 or newer was found"), "{line}");
        assert!(line.contains(&install_command(None)), "{line}");
        let line = pick(installed(&[12]), None).unwrap_err().to_string();
        assert!(line.contains("(only 12 in /pg/12/bin)"), "{line}");
    }

    #[test]
    fn a_client_program_is_of_the_servers_version_or_a_newer_one() {
        let choose = |majors: &[u32]| {
            let found: Vec<_> =
                majors.iter().map(|it| (PathBuf::from(format!("/pg/{it}/pg_dump")), *it)).collect();
            fitting(&found, "pg_dump", 16)
        };
        assert_eq!(choose(&[18, 17, 16, 15]).unwrap(), Path::new("/pg/16/pg_dump"));
        assert_eq!(choose(&[18, 17, 15]).unwrap(), Path::new("/pg/17/pg_dump"));
        let old = choose(&[15]).unwrap_err().to_string();
        assert!(
            old.contains("pg_dump 16 or newer") && old.contains("15 in /pg/15/pg_dump"),
            "{old}"
        );
        let none = choose(&[]).unwrap_err().to_string();
        assert!(none.contains(&install_command(Some(16))), "{none}");
    }

    #[test]
    fn each_platform_has_its_own_command() {
        let of = |release, major| install_command_for(release, major);
        assert_eq!(of("ID=debian\n", None), "sudo apt-get install postgresql");
        assert_eq!(of("ID=debian\n", Some(15)), "sudo apt-get install postgresql-15");
        let mint = "NAME=x\nID=linuxmint\nID_LIKE=\"ubuntu debian\"\n";
        assert_eq!(of(mint, None), "sudo apt-get install postgresql");
        let rocky = "ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n";
        assert_eq!(of(rocky, None), "sudo dnf install postgresql-server");
        assert_eq!(of("ID=alpine\n", Some(16)), "sudo apk add postgresql16");
        assert_eq!(of("ID=macos", None), "brew install postgresql@18");
        assert_eq!(of("ID=other\n", None), "script/bootstrap");
    }

    #[test]
    fn the_script_that_installs_a_server_looks_in_the_same_places() {
        let script = include_str!("../../script/bootstrap");
        for place in PLACES {
            assert!(script.contains(&format!(" {place}")), "{place}");
        }
        for (name, value) in [("oldest", OLDEST), ("newest", NEWEST)] {
            assert!(script.contains(&format!("\n{name}={value}\n")), "{name}");
        }
    }

    #[test]
    fn installations_are_found_on_the_search_path_once_each_and_the_newest_first() {
        let root = std::env::temp_dir().join(format!("tomos-binaries-{}", std::process::id()));
        for version in ["98.1 (Debian 98.1-1)", "99beta1"] {
            let directory = root.join(version.split(['.', 'b']).next().unwrap());
            std::fs::create_dir_all(&directory).unwrap();
            std::fs::write(directory.join("initdb"), "").unwrap();
            // A shell writes it: a program that this process has open for writing, or a child that
            // another test is just starting, cannot be run.
            let script = r#"printf '#!/bin/sh\necho "postgres (PostgreSQL) %s"' "$1" >postgres"#;
            let mut shell = Command::new("sh");
            shell.args(["-c", &format!("{script} && chmod +x postgres"), "sh", version]);
            assert!(shell.current_dir(&directory).status().unwrap().success());
        }
        // A directory of links, as Debian's and Homebrew's.
        let links = root.join("links");
        std::fs::create_dir_all(&links).unwrap();
        std::os::unix::fs::symlink(root.join("98/initdb"), links.join("initdb")).unwrap();
        let places = ["links", "98", "empty", "99"].map(|name| root.join(name));
        let found = find(&std::env::join_paths(places).unwrap());
        std::fs::remove_dir_all(&root).unwrap();
        let majors: Vec<u32> = found.iter().map(|binaries| binaries.major).collect();
        assert_eq!(majors.iter().filter(|major| **major > 90).collect::<Vec<_>>(), [&99, &98]);
        assert!(majors.is_sorted_by(|newer, older| newer >= older), "{majors:?}");
    }
}
