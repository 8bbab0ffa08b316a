//! The command line: what is typed wrong, what is in the way, and how the program ends.

use crate::database::TestDatabase;
use crate::embedded::{DataDir, wait_until};
use crate::http_client::{Request, read};
use crate::program::{
    Ended, Program, Sql, end, locked, new_directory, new_token, printed, tomos, with,
};
use rustix::process::Signal;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

const VIEWER: &str = "{ viewer { tokenName timeZone } }";

/// Checks that a command did nothing, and said why in one line.
#[track_caller]
fn refused(command: &mut Command, expected: &str) -> Ended {
    let ended = end(command);
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert_eq!(ended.output, "", "{ended:?}");
    let one_line = ended.error.lines().count() == 1 && ended.error.starts_with("tomos: ");
    assert!(one_line, "{ended:?}");
    assert!(ended.error.contains(expected), "{expected}: {ended:?}");
    ended
}

#[test]
fn what_is_typed_wrong_is_said_in_one_line() {
    for (line, expected) in [
        ("--lisen 127.0.0.1:0", "'--lisen'"),
        ("sevre", "'sevre'"),
        ("serve now", "'now'"),
        ("token", "subcommand"),
        ("token create", "--name"),
        ("token create --name x --scope admin", "[possible values: read, write]"),
        ("--time-zone Mars", "Australia/Sydney"),
        ("--max-body many", "--max-body"),
        ("--log a=b=c schema", "no log level"),
        ("--listen 127.0.0.1:0 token list", "--listen is for `serve`"),
        ("--listen nowhere", "cannot listen on nowhere"),
        ("--listen 127.0.0.1:99999", "cannot listen on 127.0.0.1:99999"),
        ("--direct-url postgresql://h/d", "set DATABASE_URL"),
        ("migrate --data-dir d --database-url postgresql://h/d", "two databases"),
    ] {
        let arguments: Vec<_> = line.split(' ').collect();
        refused(&mut tomos(&arguments), expected);
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let help = printed(&mut tomos(&["--help"]));
    for (flag, variable, default) in [
        ("--data-dir", "TOMOS_DATA_DIR", "the platform's"),
        ("--database-url", "DATABASE_URL", ""),
        ("--direct-url", "DIRECT_URL", "the database's URL"),
        ("--log", "TOMOS_LOG", "warn"),
        ("--listen", "TOMOS_LISTEN", "127.0.0.1:8080"),
        ("--time-zone", "TOMOS_TIME_ZONE", ""),
        ("--max-body", "TOMOS_MAX_BODY", "2097152"),
        ("--read-timeout", "TOMOS_READ_TIMEOUT", "20"),
        ("--request-timeout", "TOMOS_REQUEST_TIMEOUT", "20"),
        ("--max-connections", "TOMOS_MAX_CONNECTIONS", "4096"),
        ("--database-connections", "TOMOS_DATABASE_CONNECTIONS", "10"),
    ] {
        let line = help.lines().find(|line| line.contains(flag));
        let line = line.unwrap_or_else(|| panic!("{flag}: {help}"));
        assert!(line.contains(&format!("[env: {variable}")), "{line}");
        assert!(line.contains(&format!("[default: {default}")) || default.is_empty(), "{line}");
    }
    let secret = printed(tomos(&["--help"]).env("DATABASE_URL", "postgresql://u:geheim@h/d"));
    assert!(!secret.contains("geheim"));
    let version = printed(&mut tomos(&["--version"]));
    assert_eq!(version, concat!("tomos ", env!("CARGO_PKG_VERSION"), "\n"));
    let schema = printed(&mut tomos(&["schema"]));
    assert!(schema.contains("type Viewer"));
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut command = tomos(&["schema"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.len()), (Some(0), 0));
}

#[test]
fn a_port_in_use_is_found_before_the_database_is_touched() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let directory = new_directory("port-in-use");
    let data_dir = directory.join("data");
    let data_dir = data_dir.to_str().unwrap();
    let arguments = ["--listen", &address, "--data-dir", data_dir];
    refused(&mut tomos(&arguments), &format!("{address} is in use"));
    assert!(!Path::new(data_dir).exists());
    let database = TestDatabase::empty();
    refused(&mut with(&database, &["--listen", &address]), "is in use");
    let tables = "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(Sql::on(&database.url).row(tables), "0");
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_database_that_cannot_be_reached_is_named_without_its_password() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let url = format!("postgresql://anna:geheim@{closed}/mine");
    for arguments in [&["--listen", "127.0.0.1:0"][..], &["token", "list"], &["migrate"]] {
        let mut command = tomos(arguments);
        let ended = refused(command.env("DATABASE_URL", &url), "\"mine\" on 127.0.0.1");
        assert!(ended.error.contains("refused"), "{ended:?}");
        assert!(!ended.error.contains("geheim"), "{ended:?}");
    }
    let database = TestDatabase::new();
    let missing = format!("{}_missing", database.url);
    let mut command = tomos(&["token", "list"]);
    refused(command.env("DATABASE_URL", missing), "does not exist");
    let mut command = tomos(&["token", "list"]);
    refused(command.env("DATABASE_URL", "geheim"), "invalid connection string");
}

#[test]
fn a_directory_of_someone_else_is_left_alone() {
    let directory = new_directory("not-ours");
    let letter = directory.join("letter.txt");
    std::fs::write(&letter, "dear").unwrap();
    let path = directory.to_str().unwrap();
    let arguments = ["--listen", "127.0.0.1:0", "--data-dir", path];
    refused(&mut tomos(&arguments), "letter.txt");
    let names: Vec<_> =
        std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["letter.txt"]);
    assert_eq!(std::fs::read_to_string(letter).unwrap(), "dear");
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn the_command_line_goes_before_the_environment_and_that_before_the_file() {
    let database = TestDatabase::new();
    let directory = new_directory("dotenv");
    let token = new_token(&database, &["--name", "test"]);
    let zone = |prepare: &dyn Fn(&mut Command)| {
        let mut command = tomos(&[]);
        command.current_dir(&directory);
        prepare(&mut command);
        let program = Program::serve(&mut command);
        let answer = program.address.query(&token, VIEWER).json();
        answer["data"]["viewer"]["timeZone"].as_str().unwrap().to_owned()
    };
    let file = format!("DATABASE_URL=' {} '\nTOMOS_TIME_ZONE=Asia/Tokyo\n", database.url);
    std::fs::write(directory.join(".env"), file).unwrap();
    assert_eq!(zone(&|_| {}), "Asia/Tokyo");
    let variable = |command: &mut Command| {
        command.env("TOMOS_TIME_ZONE", "Europe/Rome");
    };
    assert_eq!(zone(&variable), "Europe/Rome");
    let flag = |command: &mut Command| {
        variable(command);
        command.args(["--time-zone", "America/Lima"]);
    };
    assert_eq!(zone(&flag), "America/Lima");
    // A variable of blanks counts as not set, and without a zone the settings stay as they are.
    let blank = |command: &mut Command| {
        command.env("TOMOS_TIME_ZONE", " ").env("TOMOS_DATA_DIR", "");
    };
    assert_eq!(zone(&blank), "America/Lima");
    std::fs::write(directory.join(".env"), "no sense here\n").unwrap();
    refused(tomos(&["schema"]).current_dir(&directory), ".env");
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn migrations_go_over_the_direct_url_by_any_of_its_names() {
    for name in ["DIRECT_URL", "DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING"] {
        let (pooled, direct) = (TestDatabase::empty(), TestDatabase::empty());
        printed(with(&pooled, &["migrate"]).env(name, &direct.url));
        let tables = |database: &TestDatabase| {
            Sql::on(&database.url).row("SELECT (to_regclass('tasks') IS NOT NULL)::text")
        };
        assert_eq!((tables(&pooled), tables(&direct)), ("false".into(), "true".into()), "{name}");
    }
}

#[test]
fn what_is_missing_in_a_database_is_named_then_done() {
    let database = TestDatabase::empty();
    let check = || end(&mut with(&database, &["migrate", "--check"]));
    let missing = check();
    assert_eq!(missing.code, Some(1), "{missing:?}");
    refused(&mut with(&database, &["token", "list"]), "run `tomos migrate` first");
    let done = printed(&mut with(&database, &["migrate"]));
    assert_eq!(done.lines().count(), missing.output.lines().count());
    let up_to_date = check();
    assert_eq!((up_to_date.code, up_to_date.output.as_str()), (Some(0), ""));
    assert_eq!(printed(&mut with(&database, &["migrate"])), "");
}

#[test]
fn a_signal_ends_it_after_the_requests_that_have_begun() {
    for signal in [Signal::TERM, Signal::INT] {
        let database = TestDatabase::new();
        let token = new_token(&database, &["--name", "test"]);
        let mut program = Program::on(&database);
        let idle = program.address.connect();
        let lock = locked(&database, "tasks");
        let request = Request::graphql(
            &token,
            "mutation { createTask(input: {title: \"x\"}) { task { title } } }",
        );
        let mut begun = program.address.connect();
        request.write_to(&mut begun);
        wait_for_lock(&database);
        program.signal(signal);
        wait_until("nobody new is let in", || TcpStream::connect(&program.address.0).is_err());
        drop(lock);
        let answer = read(begun);
        assert_eq!(answer.json()["data"]["createTask"]["task"]["title"], "x");
        assert_eq!(program.end().code, Some(0));
        drop(idle);
    }
}

#[test]
fn a_write_whose_client_has_gone_is_finished_before_the_end() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "test"]);
    let mut program = Program::on(&database);
    let lock = locked(&database, "tasks");
    let request =
        Request::graphql(&token, "mutation { createTask(input: {title: \"x\"}) { task { id } } }");
    let mut gone = program.address.connect();
    request.write_to(&mut gone);
    wait_for_lock(&database);
    drop(gone);
    program.signal(Signal::TERM);
    wait_until("nobody new is let in", || TcpStream::connect(&program.address.0).is_err());
    drop(lock);
    assert_eq!(program.end().code, Some(0));
    let count = Sql::on(&database.url).row("SELECT count(*)::text FROM tasks");
    assert_eq!(count, "1");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "test"]);
    let mut program = Program::on(&database);
    let _lock = locked(&database, "tasks");
    let mut begun = program.address.connect();
    Request::graphql(&token, "{ tasks { totalCount } }").write_to(&mut begun);
    wait_for_lock(&database);
    program.signal(Signal::INT);
    wait_until("nobody new is let in", || TcpStream::connect(&program.address.0).is_err());
    program.signal(Signal::INT);
    let ended = program.end();
    assert_eq!(ended.code, Some(0));
    assert!(ended.error.contains("told to stop twice"), "{ended:?}");
}

#[test]
fn a_signal_while_it_starts_ends_it_in_order() {
    let database = TestDatabase::new();
    let lock = locked(&database, "settings");
    let mut starting = with(&database, &["--listen", "127.0.0.1:0"]).spawn().unwrap();
    wait_for_lock(&database);
    rustix::process::kill_process(rustix::process::Pid::from_child(&starting), Signal::TERM)
        .unwrap();
    assert_eq!(starting.wait().unwrap().code(), Some(0));
    drop(lock);
}

#[test]
fn the_own_database_is_started_again_when_it_was_killed() {
    let directory = DataDir::with_cluster("killed");
    let data_dir = directory.0.to_str().unwrap();
    let program = Program::serve(&mut tomos(&["--data-dir", data_dir]));
    let token = std::fs::read_to_string(directory.0.join("token")).unwrap();
    let count = || {
        let answer = program.address.query(token.trim(), "{ tasks { totalCount } }");
        (answer.status, answer.body)
    };
    let before = count();
    assert_eq!(before.0, 200);
    let postmaster = rustix::process::Pid::from_raw(directory.postmaster().cast_signed());
    rustix::process::kill_process(postmaster.unwrap(), Signal::KILL).unwrap();
    wait_until("its end is noticed", || count().0 == 503);
    wait_until("it runs again", || count() == before);
}

/// Waits until somebody waits for a lock in the database.
pub(crate) fn wait_for_lock(database: &TestDatabase) {
    let sql = Sql::on(&database.url);
    let waiting = "SELECT count(*)::text FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    wait_until("a request has begun", || sql.row(waiting) != "0");
}

#[test]
fn the_lines_that_are_printed_work_when_pasted() {
    let directory = DataDir::with_cluster("first-start");
    let data_dir = directory.0.to_str().unwrap();
    let mut program = Program::serve(&mut tomos(&["serve", "--data-dir", data_dir]));
    assert!(program.greeting.contains(&format!("Data: {data_dir}\n")));
    let line = program.greeting.lines().find(|line| line.starts_with("curl ")).unwrap();
    let pasted = Command::new("sh").args(["-c", &format!("{line} --silent")]).output().unwrap();
    let answer = String::from_utf8(pasted.stdout).unwrap();
    assert_eq!(answer, r#"{"data":{"viewer":{"tokenName":"local","timeZone":"UTC"}}}"#);
    // Killed, it leaves nothing behind that keeps the next one from starting.
    program.child.kill().unwrap();
    let again = Program::serve(&mut tomos(&["--data-dir", data_dir]));
    let link = |program: &Program| program.greeting.split_once("#token=").unwrap().1.to_owned();
    let token = |program: &Program| link(program).lines().next().unwrap().to_owned();
    assert_eq!(token(&program), token(&again));
    assert_eq!(again.address.query(&token(&again), VIEWER).status, 200);
    let ended = again.stop();
    assert_eq!((ended.code, ended.error.as_str()), (Some(0), ""));
    directory.stops_cleanly();
}
