//! Other processes that use the server: this binary again, running the one test below.

use std::ffi::OsString;
use std::fs::{File, Permissions};
use std::io::{BufRead, BufReader, Lines, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdin, Command, Stdio};
use std::time::Duration;
use tomos::embedded::{Options, Server};

const DATA_DIR: &str = "TOMOS_TEST_DATA_DIR";
const DURABLE: &str = "TOMOS_TEST_DURABLE";

/// A process that holds the server until its standard input is closed, or until it is killed.
#[test]
#[ignore = "started by the other tests"]
fn a_user_of_the_server() {
    let Some(data_dir) = std::env::var_os(DATA_DIR) else {
        return;
    };
    let server = Server::start(&Options {
        data_dir: data_dir.into(),
        durable: std::env::var_os(DURABLE).is_some(),
        linger: Duration::ZERO,
        environment: super::environment(),
    });
    match &server {
        Ok(server) => eprintln!("server {} {}", server.freshly_started(), server.url("tomos")),
        Err(error) => eprintln!("refused {error}"),
    }
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// A directory of programs that are found before those of the system, for one test.
pub(crate) struct Programs(pub(crate) PathBuf);

impl Programs {
    pub(crate) fn new(test: &str) -> Self {
        // Not in memory: there, programs may not be run everywhere.
        let name = format!("programs/{test}-{}", std::process::id());
        let directory = super::in_target("embedded").join(name);
        std::fs::create_dir_all(&directory).unwrap();
        // The account of the server writes there too.
        std::fs::set_permissions(&directory, Permissions::from_mode(0o777)).unwrap();
        Self(directory)
    }

    /// Written by another process: what this one, or a child that another test just starts, has open
    /// for writing cannot be run.
    pub(crate) fn add(&self, name: &str, script: &str) {
        let mut shell = Command::new("sh");
        shell.args(["-c", r#"cat >"$1" && chmod 755 "$1""#, "sh"]).arg(self.0.join(name));
        let mut shell = shell.stdin(Stdio::piped()).spawn().unwrap();
        shell.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
        assert!(shell.wait().unwrap().success());
    }

    /// A search path that begins with them.
    pub(crate) fn search_path(&self) -> OsString {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::env::split_paths(&path).collect::<Vec<_>>();
        std::env::join_paths([self.0.clone()].into_iter().chain(paths)).unwrap()
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Where scripts wait until they are let through.
pub(super) struct Gate<'a>(&'a Programs);

impl<'a> Gate<'a> {
    /// The lines of a script that wait.
    pub(super) const WAIT: &'static str =
        ": >\"${0%/*}/arrived\"\nread -r _ <\"${0%/*}/leave\" || true\n";

    pub(super) fn new(programs: &'a Programs) -> Self {
        let mut mkfifo = Command::new("mkfifo");
        mkfifo.args(["-m", "666", "arrived", "leave"]).current_dir(&programs.0);
        assert!(mkfifo.status().unwrap().success());
        Self(programs)
    }

    /// Waits until a script has come; it leaves when the answer is dropped.
    pub(super) fn reached(&self) -> File {
        std::fs::read(self.0.0.join("arrived")).unwrap();
        File::options().write(true).open(self.0.0.join("leave")).unwrap()
    }
}

fn this_binary() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// Such a process.
pub(super) struct User {
    pub(super) child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStderr>>,
}

impl User {
    pub(super) fn new(data_dir: &Path) -> Self {
        Self::run(Command::new(this_binary()), data_dir)
    }

    /// Whose server is as durable as that of the program.
    pub(super) fn durable(data_dir: &Path) -> Self {
        let mut command = Command::new(this_binary());
        command.env(DURABLE, "yes");
        Self::run(command, data_dir)
    }

    /// With a search path of its own.
    pub(super) fn with_programs(programs: &Programs, data_dir: &Path) -> Self {
        let mut command = Command::new(this_binary());
        command.env("PATH", programs.search_path());
        Self::run(command, data_dir)
    }

    /// Started by another program, given with its arguments.
    pub(super) fn within(launcher: &[&str], data_dir: &Path) -> Self {
        let mut command = Command::new(launcher[0]);
        command.args(&launcher[1..]).arg(this_binary());
        Self::run(command, data_dir)
    }

    fn run(mut command: Command, data_dir: &Path) -> Self {
        command.args(["--exact", "embedded::process::a_user_of_the_server"]);
        command.args(["--ignored", "--nocapture"]);
        command.env(DATA_DIR, data_dir).env("TOMOS_TEST_SECRET", "secret");
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        // A group of its own, as a shell gives to what it runs in a terminal.
        let mut child = command.process_group(0).spawn().unwrap();
        let input = child.stdin.take();
        let output = BufReader::new(child.stderr.take().unwrap()).lines();
        Self { child, input, output }
    }

    /// Waits until it holds the server; whether it has started it.
    pub(super) fn has_started(&mut self) -> bool {
        let line = self.output.find_map(|line| {
            let line = line.unwrap();
            (line.starts_with("server ") || line.starts_with("refused ")).then_some(line)
        });
        let line = line.expect("it ended before it had a server");
        assert!(line.starts_with("server "), "{line}");
        line.starts_with("server true")
    }

    /// Lets it end by itself.
    pub(super) fn leave(mut self) {
        self.input = None;
        assert!(self.child.wait().unwrap().success());
    }

    /// Ends it by a signal, without a chance to clean up.
    pub(super) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Reads its output to the end: it ends when nobody holds it any more.
    pub(super) fn rest_of_output(mut self) -> String {
        let lines: Result<Vec<String>, _> = self.output.by_ref().collect();
        lines.unwrap().join("\n")
    }
}

/// The processes whose command line holds all of the words.
#[cfg(target_os = "linux")]
pub(super) fn find(words: &[&str]) -> Vec<u32> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let fits = |pid: &u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).into_owned();
        words.iter().all(|word| line.contains(word))
    };
    numbers.filter(fits).collect()
}

pub(super) fn signal(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let _ = rustix::process::kill_process(pid, signal);
}
