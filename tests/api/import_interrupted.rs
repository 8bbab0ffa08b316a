//! Imports that are stopped on the way, or meet each other: the built program, as a person runs it.

use crate::cli::wait_for_lock;
use crate::database::TestDatabase;
use crate::embedded::wait_until;
use crate::import_notion::{EDITED, file, import, page};
use crate::import_rules::{relation, tag_page};
use crate::many::Chance;
use crate::program::{Ended, Sql, end, new_directory, with};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// More tasks than one transaction takes.
const TASKS: u32 = 510;

/// So many of the last are each a part of one of the first.
const PARTS: u32 = 200;

/// Tasks of which those that stand alone fill more than two transactions: two of them are written at once.
const MANY: u32 = 1_700;

/// A file of an export in a directory of its own.
struct Export(PathBuf);

impl Export {
    fn new() -> Self {
        Self::of(TASKS)
    }

    fn of(tasks: u32) -> Self {
        let directory = new_directory("import");
        let task = |number: u32| {
            let mut properties = relation("Project", &[9001]) + &relation("Tags", &[9101]);
            if number > tasks - PARTS {
                properties += &relation("Parent task", &[number - (tasks - PARTS)]);
            }
            // What two transactions find missing at once is made once.
            let late = if (600..1_400).contains(&number) { r#",{"name":"Late"}"# } else { "" };
            let options = format!(r#"{{"name":"Home"}}{late}"#);
            properties += r#","Context":{"type":"multi_select","multi_select":["#;
            properties += &(options + "]}");
            page(number, &format!("task {number}"), EDITED, &properties)
        };
        let tasks: Vec<String> = (1..=tasks).map(task).collect();
        let (project, tag) = (page(9001, "project", EDITED, ""), tag_page(9101, "tag"));
        let tasks = tasks.join(",");
        let text = format!(r#"{{"projects":[{project}],"tags":[{tag}],"tasks":[{tasks}]}}"#);
        std::fs::write(directory.join("export.json"), text).unwrap();
        Self(directory)
    }

    fn import(&self, database: &TestDatabase) -> Command {
        let file = self.0.join("export.json");
        with(database, &["import", "notion", file.to_str().unwrap()])
    }

    /// Imports until it waits in its second transaction of tasks, for whoever holds the answer.
    fn begin(&self, database: &TestDatabase) -> (Child, Sql) {
        let somebody = Sql::on(&database.url);
        // The last task of the file has this key too, until this is undone.
        let sql = format!(
            "BEGIN; INSERT INTO external_refs VALUES ('notion', '{TASKS:032x}', 'task',
                gen_random_uuid(), NULL, '', '', now(), 1)"
        );
        somebody.run(&sql);
        let mut command = self.import(database);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        wait_for_lock(database);
        (child, somebody)
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn signal(child: &Child, signal: Signal) {
    let pid = Pid::from_raw(child.id().cast_signed()).unwrap();
    kill_process(pid, signal).unwrap();
}

fn ended(child: Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        output: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    }
}

/// All that an import leaves, but the times and transactions of the run itself.
fn state(database: &TestDatabase) -> BTreeSet<String> {
    let sql = Sql::on(&database.url);
    let tables = [
        ("projects", "{changed_in}"),
        // That of a tag which tasks name is made now.
        ("tags", "{changed_in,created_at,updated_at}"),
        ("tasks", "{changed_in}"),
        ("task_tags", "{}"),
        ("external_refs", "{imported_at}"),
        ("missing_links", "{}"),
        ("search_documents", "{}"),
        ("changes", "{seq,xid,at}"),
        // What was done before it was stopped is unchanged after that.
        ("import_runs", "{started_at,finished_at,unchanged}"),
        ("import_writes", "{}"),
    ];
    let mut state = BTreeSet::new();
    for (table, without) in tables {
        let rows = sql.row(&format!(
            "SELECT coalesce(string_agg('{table} ' || (to_jsonb(t) - '{without}'::text[])::text, E'\n'), '') FROM {table} AS t"
        ));
        state.extend(rows.lines().map(str::to_owned));
    }
    state
}

fn count(database: &TestDatabase) -> String {
    Sql::on(&database.url).row("SELECT count(*)::text FROM tasks")
}

/// What an undisturbed import leaves.
fn undisturbed(export: &Export) -> BTreeSet<String> {
    let undisturbed = TestDatabase::new();
    let ended = end(&mut export.import(&undisturbed));
    assert_eq!((ended.code, ended.error.as_str()), (Some(0), ""));
    state(&undisturbed)
}

/// That the state is the one that an undisturbed import leaves.
fn is_whole(database: &TestDatabase, export: &Export) {
    is_same(&state(database), &undisturbed(export));
}

#[track_caller]
fn is_same(state: &BTreeSet<String>, expected: &BTreeSet<String>) {
    let differing: Vec<_> = state.symmetric_difference(expected).take(5).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

/// Waits until the server has noticed that a program is gone: it may be done with a statement first.
fn is_left_alone(database: &TestDatabase) {
    let somebody = Sql::on(&database.url);
    wait_until("the server has noticed", || {
        let sql = "SELECT count(*)::text FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'tomos'";
        somebody.row(sql) == "0"
    });
}

#[test]
fn told_to_stop_it_says_how_far_it_came_and_the_same_command_goes_on() {
    let export = Export::new();
    for word in [Signal::INT, Signal::TERM] {
        let database = TestDatabase::new();
        let (child, somebody) = export.begin(&database);
        // It does not wait any longer for what it waits for.
        signal(&child, word);
        let stopped = ended(child);
        assert_eq!((stopped.code, stopped.error.as_str()), (Some(3), ""), "{stopped:?}");
        let name = export.0.join("export.json");
        let said = stopped.output.replace(name.to_str().unwrap(), "export.json");
        insta::allow_duplicates! {
            insta::assert_snapshot!(said, @r"
            export.json: Notion pages: projects, tasks and tags
                        read  created  updated  unchanged  skipped  rejected
            projects       1        1        0          0        0         0
            tags           1        1        0          0        0         0
            tasks        510      500        0          0        0         0
            and 1 tag that tasks name

            Stopped on the way after 500 of 510 tasks: it was told to stop.
            What is counted as done stays; the same command goes on from there.

            Import 1: tomos rollback --import 1 takes it back.
            ");
        }
        assert_eq!(count(&database), "500");
        somebody.run("ROLLBACK");
        let again = end(&mut export.import(&database));
        assert_eq!((again.code, again.error.as_str()), (Some(0), ""));
        is_whole(&database, &export);
    }
}

#[test]
fn killed_it_goes_on_where_it_was() {
    let export = Export::new();
    let database = TestDatabase::new();
    let (mut child, somebody) = export.begin(&database);
    child.kill().unwrap();
    child.wait().unwrap();
    somebody.run("ROLLBACK");
    is_left_alone(&database);
    assert_eq!(count(&database), "500");
    let again = end(&mut export.import(&database));
    assert_eq!((again.code, again.error.as_str()), (Some(0), ""));
    is_whole(&database, &export);
}

#[test]
fn where_the_disk_is_full_it_says_so_and_goes_on_when_there_is_room() {
    let export = Export::new();
    let database = TestDatabase::new();
    let somebody = Sql::on(&database.url);
    // As the server says it when it is so, in the second transaction of tasks.
    somebody.run(
        "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            RAISE disk_full USING MESSAGE = 'could not extend file \"base/5/1\": No space left on device';
        END $$;
        CREATE TRIGGER fill BEFORE INSERT ON tasks FOR EACH ROW WHEN (NEW.title = 'task 505') EXECUTE FUNCTION fill()",
    );
    let stopped = end(&mut export.import(&database));
    assert_eq!((stopped.code, stopped.error.as_str()), (Some(3), ""), "{stopped:?}");
    let said = "Stopped on the way after 500 of 510 tasks: the disk of the database is full; make room there";
    assert!(stopped.output.contains(said), "{stopped:?}");
    somebody.run("DROP FUNCTION fill CASCADE");
    let again = end(&mut export.import(&database));
    assert_eq!((again.code, again.error.as_str()), (Some(0), ""));
    is_whole(&database, &export);
}

#[test]
fn two_batches_at_once_leave_what_one_after_the_other_leaves() {
    let export = Export::of(MANY);
    let database = TestDatabase::new();
    let bytes = std::fs::read(export.0.join("export.json")).unwrap();
    // It has one connection.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let report = runtime.block_on(import(&database, &bytes));
    assert_eq!(report.loaded.tags_by_name, 2);
    let together = TestDatabase::new();
    let ended = end(&mut export.import(&together));
    assert_eq!((ended.code, ended.error.as_str()), (Some(0), ""));
    assert!(ended.output.contains("and 2 tags that tasks name"), "{ended:?}");
    let own = |rows: BTreeSet<String>| -> BTreeSet<String> {
        rows.into_iter().filter(|row| !row.starts_with("import_runs")).collect()
    };
    is_same(&own(state(&together)), &own(state(&database)));
    let runs = "SELECT concat_ws(' ', created, updated, unchanged, rejected, tags_by_name, state) FROM import_runs";
    for database in [&together, &database] {
        assert_eq!(Sql::on(&database.url).row(runs), "1702 0 0 0 2 done");
    }
}

#[test]
fn two_batches_at_once_that_make_the_same_tags_in_different_order_are_both_written() {
    let directory = new_directory("crossed");
    let write = |name: &str, pages: &[String]| {
        let path = directory.join(name);
        let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
        std::fs::write(&path, file(&pages)).unwrap();
        path
    };
    let before: Vec<_> = (1..=1000).map(|n| page(n, "old", EDITED, "")).collect();
    // The first of those that come after the new ones make the tags in one order, the others in the other.
    let late = (1..=1000_u32).map(|n| {
        let tag = if n > 500 { 1000 - n } else { n - 1 };
        let tags =
            format!(r#","Tags":{{"type":"multi_select","multi_select":[{{"name":"tag {tag}"}}]}}"#);
        page(n, "changed", "2025-03-03T00:00:00.000Z", &tags)
    });
    let new = (1001..=1500).map(|n| page(n, "new", EDITED, ""));
    let after: Vec<_> = new.chain(late).collect();
    let (before, after) = (write("before.json", &before), write("after.json", &after));
    let database = TestDatabase::new();
    for path in [before, after] {
        let ended = end(&mut with(&database, &["import", "notion", path.to_str().unwrap()]));
        assert_eq!((ended.code, ended.error.as_str()), (Some(0), ""), "{ended:?}");
    }
    let counts = "SELECT concat_ws(' ', count(*), count(*) FILTER (WHERE title = 'changed'),
        (SELECT count(*) FROM tags), (SELECT count(*) FROM task_tags)) FROM tasks";
    assert_eq!(Sql::on(&database.url).row(counts), "1500 1000 500 1000");
    std::fs::remove_dir_all(directory).unwrap();
}

/// One of two batches that are written at once fails, the other stays.
#[test]
fn where_one_of_two_batches_fails_the_other_stays() {
    let export = Export::of(MANY);
    for failing in ["task 505", "task 1405"] {
        let database = TestDatabase::new();
        let somebody = Sql::on(&database.url);
        somebody.run(&format!(
            "CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                RAISE disk_full USING MESSAGE = 'could not extend file';
            END $$;
            CREATE TRIGGER fill BEFORE INSERT ON tasks FOR EACH ROW WHEN (NEW.title = '{failing}') EXECUTE FUNCTION fill()"
        ));
        let stopped = end(&mut export.import(&database));
        assert_eq!((stopped.code, stopped.error.as_str()), (Some(3), ""), "{stopped:?}");
        assert!(stopped.output.contains("after 1000 of 1700 tasks"), "{stopped:?}");
        assert_eq!(count(&database), "1000");
        let created = somebody.row("SELECT created::text FROM import_runs");
        assert_eq!(created, "1002");
        somebody.run("DROP FUNCTION fill CASCADE");
        let again = end(&mut export.import(&database));
        assert_eq!((again.code, again.error.as_str()), (Some(0), ""));
        is_whole(&database, &export);
    }
}

#[test]
fn a_second_import_is_refused_while_one_runs() {
    let export = Export::new();
    let database = TestDatabase::new();
    let (child, somebody) = export.begin(&database);
    let second = end(&mut export.import(&database));
    let line = "tomos: another import is running; wait for its end\n";
    assert_eq!((second.code, second.output.as_str(), &*second.error), (Some(2), "", line));
    somebody.run("ROLLBACK");
    assert_eq!(ended(child).code, Some(0));
    is_whole(&database, &export);
    let third = end(&mut export.import(&database));
    assert_eq!(third.code, Some(0));
}

/// Two hundred times in the full suite. Where it was killed nobody knows: in a batch, between two, before
/// the first, or when all was done.
#[test]
fn killed_at_any_moment_it_ends_as_if_it_was_left_alone() {
    let kills = if std::env::var_os("TOMOS_FULL").is_some() { 200 } else { 6 };
    let export = Export::of(MANY);
    let begun = Instant::now();
    let expected = undisturbed(&export);
    let longest = u64::try_from(begun.elapsed().as_millis()).unwrap();
    let (mut chance, mut killed, mut amid) = (Chance(7), 0, 0);
    while killed < kills {
        let database = TestDatabase::new();
        // Killed when all was done, there is nothing to go on with: the next import would be another one.
        let is_done = || {
            let sql = "SELECT count(*)::text FROM import_runs WHERE state = 'done'";
            Sql::on(&database.url).row(sql) == "1"
        };
        for _ in 0..3 {
            let mut command = export.import(&database);
            let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
            std::thread::sleep(Duration::from_millis(chance.below(longest)));
            child.kill().unwrap();
            killed += u32::from(child.wait().unwrap().code().is_none());
            is_left_alone(&database);
            amid += u32::from(!matches!(count(&database).as_str(), "0" | "1700"));
            if is_done() {
                break;
            }
        }
        if !is_done() {
            let again = end(&mut export.import(&database));
            assert_eq!((again.code, again.error.as_str()), (Some(0), ""));
        }
        is_same(&state(&database), &expected);
    }
    // Some were killed amid the tasks, or this proves little.
    assert!(kills < 100 || amid > 10, "{amid} of {killed}");
}
