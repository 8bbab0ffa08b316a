//! The built program, as a person runs it: its own process, its own environment, an empty directory.

use crate::database::TestDatabase;
use crate::http_client::Address;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread::JoinHandle;

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) output: String,
    pub(crate) error: String,
}

/// The program, with nothing in its environment but the search path. Who measures names the optimised one.
pub(crate) fn tomos(arguments: &[&str]) -> Command {
    let program = std::env::var_os("TOMOS_PROGRAM");
    let mut command = Command::new(program.unwrap_or(env!("CARGO_BIN_EXE_tomos").into()));
    command
        .args(arguments)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .current_dir(empty_directory());
    command
}

/// Runs a command to its end.
pub(crate) fn end(command: &mut Command) -> Ended {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Ended {
        code: output.status.code(),
        output: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs a command that has to succeed, and gives what it printed.
pub(crate) fn printed(command: &mut Command) -> String {
    let ended = end(command);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.output
}

/// A directory in which nothing is, the same for all tests.
fn empty_directory() -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("empty");
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// A new directory below the target directory.
pub(crate) fn new_directory(name: &str) -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("{name}-{}-{number}", std::process::id());
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&path).unwrap();
    path
}

/// The program, serving; killed when dropped.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) address: Address,
    /// What it printed until it was ready.
    pub(crate) greeting: String,
    /// Reads what it says on standard error, so that it never waits for a reader.
    error: Option<JoinHandle<String>>,
}

impl Program {
    /// Serves until dropped, on a free port.
    pub(crate) fn serve(command: &mut Command) -> Self {
        let mut child = command
            .env("TOMOS_LISTEN", "127.0.0.1:0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pipe = child.stderr.take().unwrap();
        let error = std::thread::spawn(move || {
            let mut text = String::new();
            pipe.read_to_string(&mut text).unwrap();
            text
        });
        let mut greeting = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        // The line to paste is the last one.
        while !greeting.lines().any(|line| line.starts_with("curl ")) {
            let read = lines.read_line(&mut greeting).unwrap();
            assert_ne!(read, 0, "it did not serve: {}", error.join().unwrap());
        }
        let (_, rest) = greeting.split_once("GraphiQL: http://").unwrap();
        let (address, _) = rest.split_once('/').unwrap();
        Self { address: Address(address.to_owned()), child, greeting, error: Some(error) }
    }

    /// Serves a database of the tests.
    pub(crate) fn on(database: &TestDatabase) -> Self {
        Self::serve(&mut with(database, &[]))
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) -> Ended {
        self.signal(rustix::process::Signal::TERM);
        self.end()
    }

    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    pub(crate) fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.child)
    }

    /// Waits until it has ended.
    pub(crate) fn end(&mut self) -> Ended {
        Ended {
            code: self.child.wait().unwrap().code(),
            output: self.greeting.clone(),
            error: self.error.take().unwrap().join().unwrap(),
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The program with a database of the tests.
pub(crate) fn with(database: &TestDatabase, arguments: &[&str]) -> Command {
    let mut command = tomos(arguments);
    command.env("DATABASE_URL", &database.url);
    command
}

/// A new token of a database of the tests, made by the program.
pub(crate) fn new_token(database: &TestDatabase, arguments: &[&str]) -> String {
    let mut all = vec!["token", "create"];
    all.extend(arguments);
    printed(&mut with(database, &all)).trim_end().to_owned()
}

/// SQL beside the program, on a runtime of its own.
pub(crate) struct Sql {
    runtime: tokio::runtime::Runtime,
    client: tokio_postgres::Client,
}

impl Sql {
    pub(crate) fn on(url: &str) -> Self {
        Self::reached(url).unwrap()
    }

    pub(crate) fn reached(url: &str) -> Result<Self, tokio_postgres::Error> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let connecting = tokio_postgres::connect(url, tokio_postgres::NoTls);
        let (client, connection) = runtime.block_on(connecting)?;
        runtime.spawn(connection);
        Ok(Self { runtime, client })
    }

    pub(crate) fn run(&self, sql: &str) {
        self.runtime.block_on(self.client.batch_execute(sql)).unwrap();
    }

    /// The only row of an answer, as text.
    pub(crate) fn row(&self, sql: &str) -> String {
        let row = self.runtime.block_on(self.client.query_one(sql, &[]));
        row.unwrap().get(0)
    }
}

/// Holds a table as long as it is kept: whoever needs the table waits.
pub(crate) fn locked(database: &TestDatabase, table: &str) -> Sql {
    let sql = Sql::on(&database.url);
    sql.run(&format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"));
    sql
}

/// A gate before a database of the tests: closed, the database is away for the program.
pub(crate) struct Gate {
    server: Sql,
    name: String,
}

impl Gate {
    pub(crate) fn new(database: &TestDatabase) -> Self {
        let (server, name) = database.url.rsplit_once('/').unwrap();
        Self { server: Sql::on(&format!("{server}/postgres")), name: name.to_owned() }
    }

    pub(crate) fn close(&self) {
        let name = &self.name;
        self.server.run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"));
        self.server.run(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        ));
    }

    pub(crate) fn open(&self) {
        let name = &self.name;
        self.server.run(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"));
    }
}
