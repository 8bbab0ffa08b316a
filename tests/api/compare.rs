//! Notion and the database in use side by side: what drifted apart is named, and brought over where it can be.

use crate::database::TestDatabase;
use crate::import_api::asking;
use crate::notion::{Database, Notion, Page, TOKEN, World, run, todo, uuid};
use crate::program::{Ended, Sql, end, new_directory, tomos};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// A minute behind every import of the tests.
const LATER: &str = "2030-01-20T12:00:00.000Z";

const AN_EXPORT: &str = "/export: Notion pages with their bodies";

pub(crate) fn described(page: Page, text: &str) -> Page {
    let run = run(text);
    page.with(&format!(
        r#""Description":{{"id":"d","type":"rich_text","rich_text":[{run}]}},"Status":{{"id":"s","type":"select","select":{{"name":"To Do"}}}}"#
    ))
}

/// Ten tasks of two projects with two tags, of which one has a to-do.
fn small() -> World {
    let tasks = (1..=10).map(|number| {
        let page = Page::new(number, &format!("task {number}"));
        let page = page.linked("Project", "pr", &[101]).linked("Tags", "tg", &[201]);
        described(page, &format!("about {number}"))
    });
    let mut world = World {
        databases: vec![
            Database::new(9000, "Tasks", tasks.collect()),
            Database::new(
                9010,
                "Projects",
                vec![Page::new(101, "Garden"), Page::new(102, "House")],
            ),
            Database::new(9020, "Tags", vec![Page::new(201, "home"), Page::new(202, "legal")]),
        ],
        ..World::default()
    };
    world.children.insert(uuid(10), vec![todo(4010, "call", false, false)]);
    world
}

/// Both systems, the same at the beginning.
pub(crate) struct Parallel {
    pub(crate) notion: Notion,
    pub(crate) database: TestDatabase,
    pub(crate) directory: PathBuf,
}

impl Parallel {
    pub(crate) fn of(world: World) -> Self {
        let (notion, database) = (Notion::new(world), TestDatabase::new());
        Self { notion, database, directory: new_directory("compare") }
    }

    pub(crate) fn begin() -> Self {
        let one = Self::of(small());
        let mut import = one.command(&["import", "notion"]);
        let imported = end(&mut import);
        assert_eq!((imported.code, imported.error.as_str()), (Some(0), ""), "{imported:?}");
        one
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let export = self.directory.join("export");
        let arguments = [arguments, &["--export", export.to_str().unwrap()]].concat();
        asking(&self.database, &self.notion, &arguments)
    }

    pub(crate) fn compare(&self, flags: &[&str]) -> Ended {
        end(&mut self.command(&[&["compare", "notion"], flags].concat()))
    }

    pub(crate) fn sql(&self) -> Sql {
        Sql::on(&self.database.url)
    }

    pub(crate) fn here(&self, statement: &str) {
        self.sql().run(statement);
    }

    pub(crate) fn there(&self, change: impl FnOnce(&mut World)) {
        change(&mut self.notion.inner().world);
    }
}

/// What was said, without the time and the addresses.
fn said(ended: &Ended) -> String {
    assert_eq!(ended.error, "", "{ended:?}");
    let (first, rest) = ended.output.split_once('\n').unwrap_or((&ended.output, ""));
    let (_, counts) = first.split_once(" UTC: ").unwrap();
    let lines = rest.lines().map(|line| match line.split_once(": /") {
        Some((what, place)) if place.ends_with("/export.errors.jsonl") => format!("{what}: DIR"),
        _ => line.strip_suffix(AN_EXPORT).map_or(line, |_| "DIR").to_owned(),
    });
    format!("{counts}\n{}\n", lines.collect::<Vec<_>>().join("\n"))
}

fn hex(number: u32) -> String {
    uuid(number).replace('-', "")
}

#[test]
fn where_nobody_changed_anything_nothing_differs() {
    let parallel = Parallel::begin();
    let before = parallel.notion.requests().len();
    let ended = parallel.compare(&[]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    insta::assert_snapshot!(said(&ended), @r"
    2 projects, 2 tags, 10 tasks.
    Nothing differs.
    ");
    // A request for each list and for what it says of its properties, and nothing else.
    assert_eq!(parallel.notion.requests().len() - before, 6);
}

#[test]
fn each_direction_of_drift_is_named_with_its_fields() {
    let parallel = Parallel::begin();
    parallel.there(|world| {
        world.page(1).edit("task 1", "task one", LATER);
        world.page(1).edit("about 1", "about one", LATER);
        world.page(4).edit("about 4", "about four", LATER);
        world.remove(6);
        world.remove(7);
        world.database("Tasks").pages.push(Page::new(11, "new there"));
        world.children.insert(uuid(10), vec![todo(4010, "call twice", true, false)]);
        world.page(10).edit("about 10", "about 10", LATER);
        world.page(102).edit("House", "Home", LATER);
    });
    parallel.here(
        "UPDATE tasks SET status = 'done', completed_at = '2026-01-01' WHERE title = 'task 3'",
    );
    parallel.here("DELETE FROM task_tags USING tasks WHERE task_id = id AND title = 'task 3'");
    parallel.here("UPDATE tasks SET title = 'task 4!' WHERE title = 'task 4'");
    parallel.here("UPDATE tasks SET deleted_at = '2026-01-01' WHERE title IN ('task 5', 'task 6')");
    parallel.here("UPDATE tasks SET title = 'seven' WHERE title = 'task 7'");
    parallel.here("DELETE FROM tasks WHERE title = 'task 8'");
    parallel.here(
        "INSERT INTO tasks (id, title) VALUES ('00000000-0000-7000-8000-000000000001', 'new here')",
    );
    parallel.here("INSERT INTO tags (id, name, key) VALUES ('00000000-0000-7000-8000-000000000002', 'mine', 'mine')");
    let json = parallel.directory.join("drift.json");
    let ended = parallel.compare(&["--json", json.to_str().unwrap()]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    insta::assert_snapshot!(said(&ended), @r#"
    2 projects, 2 tags, 9 tasks.
    created there: 1
      task 0000000000004000800000000000000b "new there"
    changed there: 3
      project 00000000000040008000000000000066 "Home"
        title, changed there: there "Home", here "House"
      task 00000000000040008000000000000001 "task one"
        description, changed there: there "about one", here "about 1"
        title, changed there: there "task one", here "task 1"
      task 00000000000040008000000000000faa "call twice"
        completed_at, changed there: there "2025-05-02T10:00:00.000Z", here nothing
        status, changed there: there "done", here "todo"
        title, changed there: there "call twice", here "call"
    changed on both sides: 1
      task 00000000000040008000000000000004 "task 4"
        description, changed there: there "about four", here "about 4"
        title, changed here: there "task 4", here "task 4!"
    removed there, changed here: 1
      task 00000000000040008000000000000007 "seven"
    created here: 2
      tag 00000000-0000-7000-8000-000000000002 "mine"
      task 00000000-0000-7000-8000-000000000001 "new here"
    changed here: 1
      task 00000000000040008000000000000003 "task 3"
        tags, changed here: there "home (000000000000400080000000000000c9)", here nothing
        completed_at, changed here: there nothing, here "2026-01-01T00:00:00.000Z"
        status, changed here: there "todo", here "done"
    moved to the trash here: 1
      task 00000000000040008000000000000005 "task 5"
    removed here: 1
      task 00000000000040008000000000000008 "task 8"
    11 records differ: 4 by what happened there, 5 here, 2 on both sides.
    What was changed on both sides stays as it is here; make it alike on one of them.
    What is gone there stays here; move it to the trash here, too, or keep it.
    "#);
    let json: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(json["equal"], false);
    assert_eq!(json["counts"].to_string(), r#"{"both":2,"here":5,"there":4}"#);
    let both = json["records"].as_array().unwrap().iter().find(|one| one["record"] == hex(4));
    insta::assert_snapshot!(both.unwrap().to_string(), @r#"{"fields":[{"changed":"there","field":"description","here":"about 4","there":"about four"},{"changed":"here","field":"title","here":"task 4!","there":"task 4"}],"here":"changed","kind":"task","record":"00000000000040008000000000000004","there":"changed","title":"task 4"}"#);
}

#[test]
fn what_was_changed_there_comes_and_what_was_changed_here_stays() {
    let parallel = Parallel::begin();
    parallel.there(|world| {
        world.page(1).edit("task 1", "task one", LATER);
        world.page(2).edit("task 2", "task two", LATER);
        world.database("Tasks").pages.push(Page::new(11, "new there"));
    });
    parallel.here("UPDATE tasks SET priority = 'urgent' WHERE title IN ('task 2', 'task 3')");
    let ended = parallel.compare(&["--apply"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    insta::assert_snapshot!(said(&ended), @r#"
    2 projects, 2 tags, 11 tasks.
    created there: 1
      task 0000000000004000800000000000000b "new there"
    changed there: 1
      task 00000000000040008000000000000001 "task one"
        title, changed there: there "task one", here "task 1"
    changed on both sides: 1
      task 00000000000040008000000000000002 "task two"
        priority, changed here: there "medium", here "urgent"
        title, changed there: there "task two", here "task 2"
    changed here: 1
      task 00000000000040008000000000000003 "task 3"
        priority, changed here: there "medium", here "urgent"
    4 records differ: 2 by what happened there, 1 here, 1 on both sides.
    What was changed on both sides stays as it is here; make it alike on one of them.

    DIR
                read  created  updated  unchanged  skipped  rejected
    projects       2        0        0          2        0         0
    tags           2        0        0          2        0         0
    tasks         12        1        1          9        1         0

    warning
         1  task changed_here: it was changed there and here since the last import; ours was kept

    Import 2: tomos rollback --import 2 takes it back.

    What did not come, and each warning with its record: DIR

    After that:
    changed on both sides: 1
      task 00000000000040008000000000000002 "task two"
        priority, changed here: there "medium", here "urgent"
        title, changed there: there "task two", here "task 2"
    changed here: 1
      task 00000000000040008000000000000003 "task 3"
        priority, changed here: there "medium", here "urgent"
    2 records differ: 0 by what happened there, 1 here, 1 on both sides.
    What was changed on both sides stays as it is here; make it alike on one of them.
    "#);
    let titles = "SELECT string_agg(title || ' ' || priority, ', ' ORDER BY title) FROM tasks
        WHERE title IN ('task one', 'task 2', 'task two', 'task 3', 'new there')";
    let expected = "new there medium, task 2 urgent, task 3 urgent, task one medium";
    assert_eq!(parallel.sql().row(titles), expected);
    // Where there is nothing to be brought, there is no import.
    parallel.compare(&["--apply"]);
    assert_eq!(parallel.sql().row("SELECT count(*)::text FROM import_runs"), "2");
    // What is made alike by hand differs no longer.
    parallel.here("UPDATE tasks SET title = 'task two' WHERE title = 'task 2'");
    parallel.here("UPDATE tasks SET priority = 'medium' WHERE priority = 'urgent'");
    let alike = parallel.compare(&[]);
    assert_eq!(alike.code, Some(0), "{alike:?}");
}

#[test]
fn what_notion_says_anew_with_each_answer_is_no_drift() {
    let parallel = Parallel::begin();
    // A formula without a field here, and somebody here who changed something else.
    parallel.there(|world| {
        let page = world.page(2).clone();
        *world.page(2) = page
            .with(r#""Age":{"id":"f","type":"formula","formula":{"type":"number","number":8}}"#);
    });
    parallel.here("UPDATE tasks SET title = 'two' WHERE title = 'task 2'");
    let ended = parallel.compare(&[]);
    assert!(ended.output.contains("changed here: 1\n"), "{ended:?}");
    assert!(ended.output.contains("0 by what happened there, 1 here, 0 on both"), "{ended:?}");
    parallel.here("UPDATE tasks SET title = 'task 2' WHERE title = 'two'");
    assert_eq!(parallel.compare(&[]).code, Some(0));
}

#[test]
fn damage_that_nobody_noted_is_no_edit_of_anybody() {
    let parallel = Parallel::begin();
    // Without the triggers, which would count a version.
    parallel.here("SET session_replication_role = replica; UPDATE tasks SET title = 'x' WHERE title = 'task 2'");
    let ended = parallel.compare(&["--apply"]);
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.output.contains("another, and nobody says why"), "{ended:?}");
    assert!(
        ended.output.contains("title, changed here: there \"task 2\", here \"x\""),
        "{ended:?}"
    );
    let outstanding = "SELECT max(outstanding)::text FROM comparisons";
    assert_eq!(parallel.sql().row(outstanding), "1");
}

#[test]
fn both_versions_of_the_api_see_the_same() {
    let mut all = Vec::new();
    for version in ["2025-09-03", "2022-06-28"] {
        let parallel = Parallel::of(small());
        end(parallel.command(&["import", "notion"]).env("NOTION_VERSION", version));
        parallel.there(|world| {
            world.page(1).edit("task 1", "task one", LATER);
            world.remove(2);
        });
        let ended = parallel.compare(&[]);
        all.push(said(&ended));
        // The other version is another export.
        let other = if version == "2025-09-03" { "2022-06-28" } else { "2025-09-03" };
        let other = end(parallel.command(&["compare", "notion"]).env("NOTION_VERSION", other));
        assert_eq!(other.code, Some(2), "{other:?}");
    }
    assert!(all[0].contains("changed there: 1") && all[0].contains("removed there: 1"), "{all:?}");
    assert_eq!(all[0], all[1]);
}

/// A watch, whose looks are read line by line.
struct Watching {
    child: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Watching {
    fn begin(parallel: &Parallel, flags: &[&str]) -> Self {
        let flags = [&["compare", "notion", "--watch", "1s"], flags].concat();
        let mut command = parallel.command(&flags);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Reads until a line holds a text.
    fn until(&mut self, text: &str) -> String {
        let mut said = String::new();
        while !said.lines().last().is_some_and(|line| line.contains(text)) {
            assert_ne!(self.lines.read_line(&mut said).unwrap(), 0, "{said}");
        }
        said
    }

    fn end(mut self) -> Ended {
        let mut ended = Ended { code: None, output: String::new(), error: String::new() };
        self.lines.read_to_string(&mut ended.output).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut ended.error).unwrap();
        ended.code = self.child.wait().unwrap().code();
        ended
    }
}

#[test]
fn a_watch_looks_again_and_again_until_it_is_told_to_stop() {
    let parallel = Parallel::begin();
    let mut watching = Watching::begin(&parallel, &[]);
    watching.until("Nothing differs.");
    watching.until("Nothing differs, as before.");
    parallel.there(|world| world.page(1).edit("task 1", "task one", LATER));
    let seen = watching.until("1 record differs: 1 by what happened there, 0 here");
    assert!(seen.contains("changed there: 1") && seen.contains("\"task one\""), "{seen}");
    watching.until("1 record differs, as before.");
    kill_process(Pid::from_child(&watching.child), Signal::INT).unwrap();
    let ended = watching.end();
    assert_eq!((ended.code, ended.error.as_str()), (Some(1), ""), "{ended:?}");
    let looks = "SELECT (count(*) >= 4)::text || ' ' || max(outstanding) FROM comparisons WHERE kind = 'compare'";
    assert_eq!(parallel.sql().row(looks), "true 1");
}

#[test]
fn a_watch_that_was_killed_goes_on_from_where_it_was() {
    let parallel = Parallel::begin();
    let mut watching = Watching::begin(&parallel, &["--apply"]);
    watching.until("Nothing differs.");
    // Between two looks.
    watching.child.kill().unwrap();
    assert_eq!(watching.end().code, None);
    parallel.there(|world| {
        world.page(1).edit("task 1", "task one", LATER);
        world.remove(2);
    });
    // In the middle of one, before it knows of what changed.
    let held = parallel.notion.holds(3);
    let mut watching = Watching::begin(&parallel, &["--apply"]);
    held.recv().unwrap();
    watching.child.kill().unwrap();
    assert_eq!(watching.end().code, None);
    let before = parallel.notion.requests().len();
    let mut watching = Watching::begin(&parallel, &["--apply"]);
    let seen = watching.until("removed there: 1");
    assert!(seen.contains("changed there: 1"), "{seen}");
    watching.until("1 record differs: 1 by what happened there, 0 here, 0 on both");
    kill_process(Pid::from_child(&watching.child), Signal::TERM).unwrap();
    assert_eq!(watching.end().code, Some(1));
    let bodies = parallel.notion.requests()[before..]
        .iter()
        .filter(|it| it.path.contains("/children"))
        .count();
    assert!((1..=4).contains(&bodies), "{bodies} bodies were read");
    assert_eq!(
        parallel.sql().row("SELECT count(*)::text FROM tasks WHERE title = 'task one'"),
        "1"
    );
}

#[test]
fn a_watch_ends_where_the_owner_has_to_do_something() {
    let parallel = Parallel::begin();
    let mut watching = Watching::begin(&parallel, &[]);
    watching.until("Nothing differs.");
    parallel.there(|world| world.database("Tasks").is_shared = false);
    let ended = watching.end();
    assert_eq!((ended.code, ended.error.lines().count()), (Some(3), 1), "{ended:?}");
    assert!(ended.error.contains("\"Tasks\"") && ended.error.contains("share it"), "{ended:?}");
    // Nothing was taken for removed.
    let wrong = parallel.compare(&[]);
    assert_eq!((wrong.code, wrong.output.as_str()), (Some(2), ""), "{wrong:?}");
    parallel.there(|world| world.database("Tasks").is_shared = true);
    assert_eq!(parallel.compare(&[]).code, Some(0));

    let mut watching = Watching::begin(&parallel, &[]);
    watching.until("Nothing differs.");
    parallel.notion.inner().revoked_after = 0;
    let ended = watching.end();
    assert_eq!((ended.code, ended.error.lines().count()), (Some(3), 1), "{ended:?}");
    assert!(ended.error.contains("does not take the token") && !ended.error.contains(TOKEN));
    let revoked = parallel.compare(&["--watch"]);
    assert_eq!((revoked.code, revoked.error.lines().count()), (Some(2), 1), "{revoked:?}");
}

#[test]
fn flags_that_make_no_sense_are_refused() {
    for (flags, expected) in [
        (&["--watch", "now"][..], "30s, 5m or 1h"),
        (&["--watch", "0s"], "30s, 5m or 1h"),
        (&["export"], "'export'"),
        (&["--notion-version", "2020-01-01"], "2025-09-03"),
        (&[], "NOTION_TOKEN is not set"),
    ] {
        let ended = end(&mut tomos(&[&["compare", "notion"], flags].concat()));
        assert_eq!((ended.code, ended.error.lines().count()), (Some(2), 1), "{ended:?}");
        assert!(ended.error.contains(expected), "{ended:?}");
    }
}
