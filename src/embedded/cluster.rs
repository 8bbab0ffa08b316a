//! The database cluster: how it is made, and with which settings its server runs.

use super::NAME;
use super::binaries::Binaries;
use super::directory::open_own;
use super::error::{StartError, essence};
use super::starter::{PAUSE, Starter};
use std::fmt::Write as _;
use std::fs::{DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A cluster and the programs for it.
pub(crate) struct Cluster {
    binaries: Binaries,
    socket_dir: PathBuf,
}

impl Cluster {
    /// The cluster of the directory, made where there is none. To be called under the lock.
    pub(crate) fn prepare(starter: &Starter<'_>) -> Result<Self, StartError> {
        let Starter { options, account, directory, .. } = starter;
        let path = directory.cluster();
        let existing = match std::fs::read_to_string(path.join("PG_VERSION")) {
            Ok(text) => Some(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(StartError::io("read", &path, error)),
        };
        let major = existing.as_ref().and_then(|text| text.trim().parse().ok());
        let version = major.map(|major| (major, path.as_path()));
        let binaries = Binaries::choose(&options.environment.path, version)?;
        if !account.may_enter(&directory.root, &options.environment) {
            return Err(StartError::NotPermitted(format!(
                "user {}, under whom PostgreSQL has to run, may not enter {}: choose another directory with --data-dir",
                account.uid(),
                directory.root.display()
            )));
        }
        let socket_dir = directory.socket_dir(account)?;
        let cluster = Self { binaries, socket_dir };
        if existing.is_none() {
            cluster.make(starter)?;
        }
        Ok(cluster)
    }

    /// Makes the cluster beside its place and moves it there when it is complete, so that what is in
    /// its place is always complete.
    fn make(&self, starter: &Starter<'_>) -> Result<(), StartError> {
        let Starter { options, account, directory, .. } = starter;
        let new = directory.new_cluster();
        let refuse = |source| StartError::io("make", &new, source);
        remove(&new).map_err(refuse)?;
        DirBuilder::new().mode(0o700).create(&new).map_err(refuse)?;
        account.give(&new).map_err(refuse)?;
        self.initdb(starter, &new)?;
        let settings = settings(options.durable);
        let mut file = open_own(&new.join("postgresql.conf")).map_err(refuse)?;
        file.write_all(settings.as_bytes()).map_err(refuse)?;
        self.create_database(starter, &new)?;
        if options.durable {
            // Once for all that was written until here.
            self.sync(starter, &new)?;
        }
        // An empty directory in its place is replaced; anything else is an error.
        let place = directory.cluster();
        let refuse = |source| StartError::io("make", &place, source);
        std::fs::rename(&new, &place).map_err(refuse)?;
        let root = File::open(&directory.root).map_err(refuse)?;
        root.sync_all().map_err(refuse)
    }

    fn initdb(&self, starter: &Starter<'_>, new: &Path) -> Result<(), StartError> {
        let account = &starter.account;
        let mut failure = String::new();
        for locale in self.locales() {
            let mut command = Command::new(self.binaries.program("initdb"));
            command.arg("--pgdata").arg(new).args(*locale).args([
                "--encoding=UTF8",
                "--data-checksums",
                "--auth-local=trust",
                "--auth-host=reject",
                "--text-search-config=simple",
                "--no-instructions",
                "--no-sync",
            ]);
            command.arg(format!("--username={NAME}"));
            let Some(text) = starter.failure_of(&mut command)? else {
                return Ok(());
            };
            failure = text;
            if !failure.contains("locale") {
                break;
            }
        }
        if failure.contains("could not look up effective user ID") {
            return Err(StartError::NotPermitted(format!(
                "PostgreSQL needs a name for user {}: add one to /etc/passwd, or run this as another user",
                account.uid()
            )));
        }
        Err(starter.not_made(&failure))
    }

    /// Writes the whole cluster to the disk.
    fn sync(&self, starter: &Starter<'_>, new: &Path) -> Result<(), StartError> {
        let mut command = Command::new(self.binaries.program("initdb"));
        command.arg("--sync-only").arg("--pgdata").arg(new);
        match starter.failure_of(&mut command)? {
            Some(failure) => Err(starter.not_made(&failure)),
            None => Ok(()),
        }
    }

    /// Locales that order by code point and know the letters of every language, the best first. Not
    /// every system has each of them.
    fn locales(&self) -> &'static [&'static [&'static str]] {
        const BUILT_IN: &[&str] =
            &["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
        const LIBRARY: &[&str] = &["--locale=C.UTF-8"];
        const LETTERS: &[&str] = &["--locale=C", "--lc-ctype=en_US.UTF-8"];
        const PLAIN: &[&str] = &["--locale=C"];
        if self.binaries.major >= 17 {
            &[BUILT_IN, LIBRARY, LETTERS, PLAIN]
        } else {
            &[LIBRARY, LETTERS, PLAIN]
        }
    }

    /// Makes the program's database, without a server.
    fn create_database(&self, starter: &Starter<'_>, new: &Path) -> Result<(), StartError> {
        let Starter { options, account, .. } = starter;
        let program = self.binaries.program("postgres");
        let refuse = |source| account.refused(program.as_os_str(), source);
        let mut command = Command::new(&program);
        command.args(["--single", "-F", "-c", "exit_on_error=on", "-D"]);
        command.arg(new).arg("postgres");
        account.apply(&mut command, &options.environment);
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(refuse)?;
        if let Some(mut input) = child.stdin.take() {
            // One that cannot read says why.
            let _ = writeln!(input, "CREATE DATABASE {NAME}");
        }
        let output = child.wait_with_output().map_err(refuse)?;
        if output.status.success() {
            return Ok(());
        }
        Err(starter.not_made(&String::from_utf8_lossy(&output.stderr)))
    }

    /// The command that runs the server. On the command line stands what the program depends on; what
    /// the owner may tune is in `postgresql.conf`.
    pub(crate) fn server_command(&self, starter: &Starter<'_>) -> Command {
        let Starter { options, directory, .. } = starter;
        let mut command = Command::new(self.binaries.program("postgres"));
        command.arg("-D").arg(directory.cluster());
        let sockets = format!("unix_socket_directories={}", self.socket_dir.display());
        let mut set = |setting: &str| {
            command.args(["-c", setting]);
        };
        set(&sockets);
        for setting in [
            "listen_addresses=",
            "port=5432",
            "unix_socket_permissions=0700",
            "cluster_name=tomos",
            "lc_messages=C",
            "timezone=UTC",
            "log_timezone=UTC",
            "logging_collector=off",
            "log_destination=stderr",
        ] {
            set(setting);
        }
        let safety = if options.durable { "on" } else { "off" };
        for name in ["fsync", "synchronous_commit", "full_page_writes"] {
            set(&format!("{name}={safety}"));
        }
        command
    }
}

/// Settings for one person's data on a small machine, written once when the cluster is made.
fn settings(durable: bool) -> String {
    let mut text =
        String::from("\n# TomOS: for one person's data on a small machine with an SSD.\n");
    let connections = if durable { "100" } else { "300" };
    let mut set = |name: &str, value: &str| {
        let _ = writeln!(text, "{name} = {value}");
    };
    set("max_connections", connections);
    set("shared_buffers", "256MB");
    set("random_page_cost", "1.1");
    set("jit", "off");
    // An import writes 200 MB: with less it would write pages whole, over and over.
    set("max_wal_size", "1GB");
    set("wal_compression", "on");
    if !durable {
        // Statistics, and with them plans, change only when a test says so.
        set("autovacuum", "off");
    }
    // Other systems have no call for it and refuse a server that asks for it.
    if cfg!(target_os = "linux") {
        set("effective_io_concurrency", "200");
    }
    text
}

impl Starter<'_> {
    /// Runs one of the programs to its end; what it says if it fails.
    ///
    /// It outlives a starter that is killed. It holds the lock then, as its standard input, so that
    /// nobody else works in the directory meanwhile.
    fn failure_of(&self, command: &mut Command) -> Result<Option<String>, StartError> {
        let program = command.get_program().to_owned();
        let refuse = |source| self.account.refused(&program, source);
        self.account.apply(command, &self.options.environment);
        command.stdin(self.lock.try_clone().map_err(refuse)?);
        let output = command.output().map_err(refuse)?;
        let failed = !output.status.success();
        Ok(failed.then(|| String::from_utf8_lossy(&output.stderr).into_owned()))
    }

    fn not_made(&self, failure: &str) -> StartError {
        StartError::NotMade { path: self.directory.cluster(), reason: essence(failure) }
    }
}

/// Removes what an interrupted start has left, though an orphan of it may still be writing there.
fn remove(path: &Path) -> io::Result<()> {
    let mut attempts = 100;
    loop {
        attempts -= 1;
        match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty && attempts > 0 => {
                std::thread::sleep(PAUSE);
            }
            result => return result,
        }
    }
}
