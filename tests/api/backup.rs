//! Backups: what was backed up comes back as it was, and what cannot be brought back is refused as a whole.

use crate::compare::Parallel;
use crate::connections::owned_by_a_plain_role;
use crate::database::TestDatabase;
use crate::embedded::process::Programs;
use crate::embedded::{DataDir, wait_until};
use crate::program::{Program, Sql, end, new_directory, new_token, printed, tomos, with};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const KEY: &str = "0199bda0-0000-7000-8000-00000000000a";

/// What differs after a restore: the numbers of transactions, and which feed it is.
const RENEWED: &str =
    "'changed_in' - 'done_in' - 'feed_id' - 'written_in' - 'feed_pruned' - 'home'";

/// Checks that a command did nothing, and said why in one line.
#[track_caller]
fn refused(command: &mut Command, expected: &str) {
    let ended = end(command);
    assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{ended:?}");
    assert_eq!(ended.error.lines().count(), 1, "{ended:?}");
    assert!(ended.error.contains(expected), "{expected}: {ended:?}");
}

fn backup(database: &TestDatabase, file: &Path) -> Command {
    with(database, &["backup", file.to_str().unwrap()])
}

fn restore(database: &TestDatabase, file: &Path) -> Command {
    with(database, &["restore", file.to_str().unwrap()])
}

/// A backup of a database with one task.
fn of_one_task(name: &str) -> PathBuf {
    let database = TestDatabase::new();
    Sql::on(&database.url).run("INSERT INTO tasks (id, title) VALUES (gen_random_uuid(), 'one')");
    let file = new_directory("backup").join(name);
    printed(&mut backup(&database, &file));
    file
}

fn is_empty(database: &TestDatabase) -> bool {
    let tables = "SELECT count(*)::text FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    Sql::on(&database.url).row(tables) == "0"
}

/// The rows of each table, in lines; without those of the feed, which begins anew.
fn rows(database: &TestDatabase) -> Vec<String> {
    let sql = Sql::on(&database.url);
    let tables = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'changes'";
    let tables = sql.row(tables);
    let rows = tables.split(' ').map(|table| {
        let row = format!("(to_jsonb(t) - {RENEWED} - 'last_used_at')::text");
        let all = format!("coalesce(string_agg({row}, E'\\n' ORDER BY {row}), '')");
        sql.row(&format!("SELECT '{table}: ' || {all} FROM \"{table}\" t"))
    });
    rows.collect()
}

fn ask(program: &Program, token: &str, document: &str) -> Value {
    let answer = program.address.query(token, document).json();
    assert_eq!(answer.get("errors"), None, "{answer}");
    answer["data"].clone()
}

#[test]
fn what_was_backed_up_comes_back_record_for_record_and_each_device_hears_of_it() {
    let parallel = Parallel::begin();
    let old = &parallel.database;
    let token = new_token(old, &["--name", "phone"]);
    let serving = Program::serve(with(old, &[]).env("TOMOS_TIME_ZONE", "Australia/Sydney"));
    let create = format!(
        "mutation {{ createTask(input: {{clientMutationId: \"{KEY}\", title: \"kept\", tagNames: [\"home\", \"new\"]}}) {{ replayed cursor task {{ id version }} }} }}"
    );
    let created = ask(&serving, &token, &create)["createTask"].clone();
    // What is in the trash is a part of it.
    let legal = parallel.sql().row("SELECT id::text FROM tags WHERE name = 'legal'");
    let delete = format!("mutation {{ deleteTag(input: {{id: \"{legal}\"}}) {{ deletedId }} }}");
    ask(&serving, &token, &delete);

    // It is in use meanwhile.
    let file = parallel.directory.join("tomos.dump");
    let said = printed(&mut backup(old, &file));
    let (name, holds) = said.split_once(": ").unwrap();
    assert_eq!(name, file.to_str().unwrap());
    assert!(
        holds.ends_with("B, 12 tasks, 2 projects and 3 tags, those in the trash too\n"),
        "{said}"
    );
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let names = std::fs::read_dir(&parallel.directory).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.into_iter().all(|name| !name.contains("part")));
    serving.stop();

    let new = TestDatabase::empty();
    let said = printed(&mut restore(&new, &file));
    assert!(
        said.ends_with(": 12 tasks, 2 projects and 3 tags, those in the trash too are back\n"),
        "{said}"
    );
    let (before, after) = (rows(old), rows(&new));
    assert_eq!(before, after);
    for table in [
        "tasks",
        "task_tags",
        "external_refs",
        "tokens",
        "import_runs",
        "import_writes",
        "outcomes",
        "settings",
    ] {
        let line = after.iter().find(|line| line.starts_with(&format!("{table}: "))).unwrap();
        assert!(line.contains('{'), "{table} is empty");
    }
    assert_eq!(printed(&mut with(&new, &["migrate", "--check"])), "");

    let serving = Program::on(&new);
    let since = &created["cursor"];
    let changes =
        format!("{{ changes(since: {since}) {{ resetRequired }} viewer {{ timeZone }} }}");
    let answer = ask(&serving, &token, &changes);
    assert_eq!(
        answer,
        json!({"changes": {"resetRequired": true}, "viewer": {"timeZone": "Australia/Sydney"}})
    );
    let again = ask(&serving, &token, &create)["createTask"].clone();
    assert_eq!((&again["replayed"], &again["task"]), (&json!(true), &created["task"]));
    // What changes from here on is told as ever.
    let first = ask(&serving, &token, "{ changes { cursor } }")["changes"]["cursor"].clone();
    ask(&serving, &token, "mutation { createTask(input: {title: \"later\"}) { task { id } } }");
    let later = format!("{{ changes(since: {first}) {{ resetRequired tasks {{ title }} }} }}");
    let later = ask(&serving, &token, &later);
    assert_eq!(later["changes"], json!({"resetRequired": false, "tasks": [{"title": "later"}]}));
}

#[test]
fn the_own_database_is_backed_up_while_it_serves_and_comes_back_in_another_directory() {
    let (old, new) = (DataDir::with_cluster("backup-old"), DataDir::with_cluster("backup-new"));
    let (old_path, new_path) = (old.0.to_str().unwrap(), new.0.to_str().unwrap());
    let directory = new_directory("backup");
    // A path from where the person stands.
    let own = |arguments: &[&str], data_dir: &str| {
        let mut command = tomos(arguments);
        command.args(["--data-dir", data_dir]).current_dir(&directory);
        command
    };
    refused(&mut own(&["backup", "mine"], old_path), "there is nothing to back up");
    let serving = Program::serve(&mut own(&[], old_path));
    let token = std::fs::read_to_string(old.0.join("token")).unwrap();
    ask(&serving, token.trim(), "mutation { createTask(input: {title: \"one\"}) { task { id } } }");
    let said = printed(&mut own(&["backup", "mine"], old_path));
    assert!(said.contains(" kB, 1 task, 0 projects and 0 tags"), "{said}");
    serving.stop();
    printed(&mut own(&["restore", "mine"], new_path));
    let serving = Program::serve(&mut own(&[], new_path));
    let token = std::fs::read_to_string(new.0.join("token")).unwrap();
    let tasks = ask(&serving, token.trim(), "{ tasks { nodes { title } } }");
    assert_eq!(tasks, json!({"tasks": {"nodes": [{"title": "one"}]}}));
    serving.stop();
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_file_that_is_there_stays_until_its_replacement_is_whole() {
    let database = TestDatabase::new();
    let directory = new_directory("backup");
    let file = directory.join("tomos.dump");
    std::fs::write(&file, "dear diary").unwrap();
    refused(&mut backup(&database, &file), "is there already: name another file, or replace it");
    // What a killed one has left, for all to read.
    let part = directory.join("tomos.dump.part");
    std::fs::write(&part, vec![b'x'; 1_000_000]).unwrap();
    std::fs::set_permissions(&part, Permissions::from_mode(0o644)).unwrap();
    let missing = format!("{}_missing", database.url);
    refused(backup(&database, &file).arg("--force").env("DATABASE_URL", missing), "does not exist");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "dear diary");
    printed(backup(&database, &file).arg("--force"));
    let metadata = file.metadata().unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
    assert!(metadata.len() < 1_000_000 && !part.exists());
    printed(&mut restore(&TestDatabase::empty(), &file));

    refused(backup(&database, &directory).arg("--force"), "is a directory: name a file in it");
    refused(&mut backup(&database, &directory.join("not/there")), "there.part cannot be written");
    let other = directory.join("other");
    let held = File::create(directory.join("other.part")).unwrap();
    held.lock().unwrap();
    refused(&mut backup(&database, &other), "is being written by another backup");
    drop(held);
    std::os::unix::fs::symlink(&file, directory.join("linked.part")).unwrap();
    let linked = directory.join("linked");
    refused(&mut backup(&database, &linked), "linked.part is in the way, and no file");
    std::fs::remove_file(directory.join("linked.part")).unwrap();
    refused(&mut backup(&TestDatabase::empty(), &other), "there is nothing to back up");
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1);
    std::fs::remove_dir_all(directory).unwrap();
}

/// PostgreSQL's programs of the server's version, the first of which are these.
fn programs(test: &str, name: &str, script: &str) -> Programs {
    let database = TestDatabase::empty();
    let version = Sql::on(&database.url).row("SHOW server_version");
    let environment = tomos::embedded::Environment::read(|name| std::env::var_os(name));
    let real = environment.program(name).unwrap();
    let programs = Programs::new(test);
    let says =
        format!("#!/bin/sh\n[ \"$1\" = --version ] && echo '(PostgreSQL) {version}' && exit\n");
    programs.add("initdb", "");
    programs.add("postgres", &says);
    let script = script.replace("REAL", real.to_str().unwrap());
    programs.add(name, &format!("{says}{script}\n"));
    programs
}

#[test]
fn a_full_disk_is_called_so_and_nothing_stays() {
    let programs = programs("disk-full", "pg_dump", "exec REAL \"$@\" >/dev/full");
    let directory = new_directory("backup");
    let database = TestDatabase::new();
    let mut command = backup(&database, &directory.join("full"));
    command.env("PATH", programs.search_path());
    refused(&mut command, "full.part is full; make room there");
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0);
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn one_that_is_told_to_stop_leaves_nothing() {
    let script = "echo $$ >\"${0%/*}/pid\"; exec sleep 600";
    let programs = programs("told-to-stop", "pg_dump", script);
    let directory = new_directory("backup");
    let database = TestDatabase::new();
    let mut command = backup(&database, &directory.join("stopped"));
    let stopped = command.env("PATH", programs.search_path()).stderr(std::process::Stdio::piped());
    let stopped = stopped.spawn().unwrap();
    let pid = || std::fs::read_to_string(programs.0.join("pid")).ok()?.trim().parse().ok();
    wait_until("it dumps", || pid().is_some());
    kill_process(Pid::from_child(&stopped), Signal::TERM).unwrap();
    let ended = stopped.wait_with_output().unwrap();
    assert_eq!(ended.status.code(), Some(2));
    let error = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(error, "tomos: it was told to stop: nothing was written\n");
    let pid = Pid::from_raw(pid().unwrap()).unwrap();
    wait_until("the dump has ended", || rustix::process::test_kill_process(pid).is_err());
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 0);
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn what_is_no_whole_backup_is_refused_and_the_database_stays_empty() {
    let whole = of_one_task("whole");
    let directory = whole.parent().unwrap();
    let empty = TestDatabase::empty();
    let bytes = std::fs::read(&whole).unwrap();
    let cut = directory.join("cut");
    for length in [10, bytes.len() / 4, bytes.len() / 2, bytes.len() - 200] {
        std::fs::write(&cut, &bytes[..length]).unwrap();
        refused(&mut restore(&empty, &cut), "cut is damaged or was cut off");
        assert!(is_empty(&empty), "{length}");
    }
    std::fs::write(&cut, "dear diary").unwrap();
    refused(&mut restore(&empty, &cut), "cut is no backup");
    std::fs::write(&cut, "--\n-- PostgreSQL database dump\n").unwrap();
    refused(&mut restore(&empty, &cut), "a dump in plain text, which psql reads");
    std::fs::write(&cut, "").unwrap();
    refused(&mut restore(&empty, &cut), "cut is no backup");
    refused(&mut restore(&empty, directory), "is no file");
    refused(&mut restore(&empty, &directory.join("missing")), "missing cannot be read");
    // With a database that would be made for it.
    let data_dir = directory.join("data");
    let mut own = tomos(&["restore", cut.to_str().unwrap(), "--data-dir"]);
    refused(own.arg(&data_dir), "cut is no backup");
    assert!(!data_dir.exists());
    assert!(is_empty(&empty));
    // And where it is whole, it comes back.
    printed(&mut restore(&empty, &whole));
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_backup_of_another_program_or_of_a_newer_one_is_refused() {
    let directory = new_directory("backup");
    let empty = TestDatabase::empty();
    let environment = tomos::embedded::Environment::read(|name| std::env::var_os(name));
    let dump = |name: &str, sql: &str, database: TestDatabase| {
        Sql::on(&database.url).run(sql);
        let file = directory.join(name);
        let mut command = Command::new(environment.program("pg_dump").unwrap());
        command.args(["--format=custom", "--file"]).arg(&file).arg(&database.url);
        assert!(command.status().unwrap().success());
        file
    };
    let other = "CREATE TABLE tasks (id int); CREATE TABLE letters (id int)";
    let other = dump("other", other, TestDatabase::empty());
    refused(&mut restore(&empty, &other), "a backup of another program: no external_refs is in it");
    let alike = "CREATE TABLE tasks (id int); CREATE TABLE external_refs (id int);
        CREATE TABLE __diesel_schema_migrations (version text); INSERT INTO __diesel_schema_migrations VALUES ('1')";
    let alike = dump("alike", alike, TestDatabase::empty());
    refused(&mut restore(&empty, &alike), "its tables were made otherwise");
    let newer = "INSERT INTO __diesel_schema_migrations VALUES ('20991231000000')";
    let newer = dump("newer", newer, TestDatabase::new());
    refused(
        &mut restore(&empty, &newer),
        "made by a newer tomos (it has migration 20991231000000)",
    );
    assert!(is_empty(&empty));
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn a_database_that_is_not_empty_stays_as_it_is() {
    let file = of_one_task("one");
    let used = TestDatabase::new();
    let before = rows(&used);
    refused(&mut restore(&used, &file), "this database is not empty, it holds");
    assert_eq!(rows(&used), before);
    let other = TestDatabase::empty();
    Sql::on(&other.url).run("CREATE TABLE letters (id int)");
    refused(&mut restore(&other, &file), "it holds letters: restore into a new one");
    // What the look before has not seen is met on the way, and all of it is taken back.
    let hidden = TestDatabase::empty();
    Sql::on(&hidden.url).run("CREATE TYPE weekday AS ENUM ('monday')");
    refused(&mut restore(&hidden, &file), "nothing was restored: ");
    assert!(is_empty(&hidden));
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
}

#[test]
fn a_backup_of_an_older_time_is_brought_up_to_date() {
    let old = TestDatabase::new();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for _ in 0..10 {
        runtime.block_on(tomos::db::revert_last(&old.url)).unwrap().unwrap();
    }
    Sql::on(&old.url).run("INSERT INTO tasks (id, title) VALUES (gen_random_uuid(), 'old')");
    let file = new_directory("backup").join("old");
    printed(&mut backup(&old, &file));
    let new = TestDatabase::empty();
    printed(&mut restore(&new, &file));
    assert_eq!(printed(&mut with(&new, &["migrate", "--check"])), "");
    assert_eq!(Sql::on(&new.url).row("SELECT title FROM tasks"), "old");
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
}

#[test]
fn records_that_are_back_stay_where_they_cannot_be_brought_up_to_date() {
    let old = TestDatabase::new();
    let sql = Sql::on(&old.url);
    sql.run("INSERT INTO tasks (id, title) VALUES (gen_random_uuid(), 'one')");
    let feed = "SELECT feed_id::text FROM settings";
    let before = sql.row(feed);
    // It will make a table that is there already.
    sql.run("DELETE FROM __diesel_schema_migrations WHERE version = '20261121000008'");
    let file = new_directory("backup").join("odd");
    printed(&mut backup(&old, &file));
    let new = TestDatabase::empty();
    let ended = end(&mut restore(&new, &file));
    assert_eq!((ended.code, ended.output.as_str()), (Some(3), ""), "{ended:?}");
    let said = ended
        .error
        .starts_with("tomos: the records are back, but it could not be brought up to date: ");
    assert!(said && ended.error.ends_with("; `tomos serve` goes on from there\n"), "{ended:?}");
    let sql = Sql::on(&new.url);
    assert_eq!(sql.row("SELECT title FROM tasks"), "one");
    sql.run("INSERT INTO __diesel_schema_migrations VALUES ('20261121000008')");
    Program::on(&new).stop();
    assert_ne!(sql.row(feed), before);
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
}

#[test]
fn an_owner_who_is_no_superuser_restores_and_backs_up() {
    let file = of_one_task("hosted");
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (hosted, url) = runtime.block_on(owned_by_a_plain_role());
    let sql = Sql::on(&hosted.url);
    // Who did not install the extension may not name its settings before it is in use.
    sql.run("CREATE EXTENSION pg_trgm");
    let mut command = restore(&hosted, &file);
    refused(command.env("DATABASE_URL", &url), "the extension pg_trgm is there already");
    sql.run("DROP EXTENSION pg_trgm");
    printed(restore(&hosted, &file).env("DATABASE_URL", &url));
    let owner = "SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE relname = 'tasks'";
    assert_eq!(sql.row(owner), "plain");
    let again = file.with_extension("again");
    printed(backup(&hosted, &again).env("DATABASE_URL", &url));
    std::fs::remove_dir_all(file.parent().unwrap()).unwrap();
}
