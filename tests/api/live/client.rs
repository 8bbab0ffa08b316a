//! The client of npm that most web apps use, against the built program.

use crate::database::TestDatabase;
use crate::program::{Program, new_token, printed, with};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

/// The client's directory with what it needs from npm; a reason where it cannot be had, which only CI
/// does not accept.
fn installed() -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/graphql-ws");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("clients/graphql-ws");
    std::fs::create_dir_all(&target).unwrap();
    for file in ["package.json", "package-lock.json", "client.mjs"] {
        std::fs::copy(source.join(file), target.join(file)).unwrap();
    }
    let mut npm = Command::new("npm");
    npm.args(["ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"]);
    let ended = npm.current_dir(&target).stdin(Stdio::null()).output();
    match ended {
        Ok(output) if output.status.success() => Ok(target),
        Ok(output) => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        Err(error) => Err(format!("npm: {error}")),
    }
}

/// The client, killed when dropped.
struct Client {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Client {
    fn start(directory: &Path, program: &Program, token: &str) -> Self {
        let mut command = Command::new("node");
        command.arg("client.mjs").arg(format!("ws://{}/graphql", program.address.0));
        command.current_dir(directory).env("TOMOS_TOKEN", token).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    fn line(&mut self) -> Value {
        let line = self.lines.next().expect("a line").unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_client_of_npm_follows_changes_over_a_restart_and_until_its_token_ends() {
    let directory = match installed() {
        Ok(directory) => directory,
        Err(reason) => {
            assert!(std::env::var_os("CI").is_none(), "{reason}");
            eprintln!("skipped: {reason}");
            return;
        }
    };
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "web"]);
    let program = Program::on(&database);
    let create = |program: &Program, title: &str| {
        let document =
            format!("mutation {{ createTask(input: {{title: \"{title}\"}}) {{ task {{ id }} }} }}");
        let answer = program.address.query(&token, &document);
        assert_eq!(answer.json().get("errors"), None);
    };
    let mut client = Client::start(&directory, &program, &token);
    assert_eq!(client.line(), json!({"data": {"viewer": {"timeZone": "Australia/Sydney"}}}));
    assert_eq!(client.line(), json!({"refused": "VALIDATION_FAILED"}));
    assert_eq!(client.line(), json!([]));
    create(&program, "heard");
    assert_eq!(client.line(), json!(["heard"]));
    let address = program.address.0.clone();
    assert_eq!(program.stop().code, Some(0));
    assert_eq!(client.line(), json!({"closed": 1001}));
    // Written while nobody could be told.
    let beside = Program::on(&database);
    create(&beside, "missed");
    // What is typed goes before the environment, in which a free port is asked for.
    let _program = Program::serve(&mut with(&database, &["--listen", &address]));
    let mut line = client.line();
    while line.get("closed").is_some() {
        line = client.line();
    }
    assert_eq!(line, json!(["missed"]));
    printed(&mut with(&database, &["token", "revoke", "web"]));
    assert_eq!(client.line(), json!({"closed": 4401}));
    assert!(client.child.wait().unwrap().success());
}
