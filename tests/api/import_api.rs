//! The import straight from Notion's API: one command, which is the same after it was stopped.

use crate::database::TestDatabase;
use crate::export::holds_no_token;
use crate::notion::{Notion, Page, TOKEN, World};
use crate::program::{Ended, Sql, end, new_directory, with};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The program with a Notion of the tests.
pub(crate) fn asking(database: &TestDatabase, notion: &Notion, arguments: &[&str]) -> Command {
    let mut command = with(database, arguments);
    command.env("NOTION_TOKEN", TOKEN).env("NOTION_URL", &notion.url).env("NOTION_RATE", "10000");
    command
}

fn import(database: &TestDatabase, notion: &Notion, directory: &Path) -> Command {
    let directory = directory.to_str().unwrap();
    asking(database, notion, &["import", "notion", "--export", directory])
}

/// What was printed, without what is another with each run.
fn said(ended: &Ended, directory: &Path) -> String {
    ended.output.replace(directory.to_str().unwrap(), "DIR")
}

/// How many questions were asked since.
fn asked(notion: &Notion, since: usize, part: &str) -> usize {
    notion.requests().iter().skip(since).filter(|seen| seen.path.contains(part)).count()
}

fn new_export(name: &str) -> PathBuf {
    new_directory(name).join("kept")
}

#[test]
fn notion_is_imported_by_one_command_which_later_brings_what_changed() {
    let notion = Notion::new(World::hard(30));
    let database = TestDatabase::new();
    let out = new_export("import-api");
    let first = end(&mut import(&database, &notion, &out));
    assert_eq!((first.code, first.error.as_str()), (Some(1), ""), "{first:?}");
    insta::assert_snapshot!(said(&first, &out), @r"
    3 projects, 30 tags, 30 tasks, in DIR

    DIR: Notion pages with their bodies
                read  created  updated  unchanged  skipped  rejected
    projects       3        3        0          0        0         0
    tags          30       30        0          0        0         0
    tasks         33       33        0          0        0         0

    warning
         1  task completion_guessed to-do: when it was done is not known; the time of the last edit was taken
         1  task lone_surrogate Name: halves of characters became U+FFFD

    Import 1: tomos rollback --import 1 takes it back.

    What did not come, and each warning with its record: DIR.errors.jsonl
    ");
    holds_no_token(&out);
    let all = notion.requests().len();

    let again = end(&mut import(&database, &notion, &out));
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.output.contains("tasks         33        0        0         33"), "{again:?}");
    // The list of each database and its properties, and nothing of what is known.
    assert_eq!(notion.requests().len() - all, 6);

    let before = notion.requests().len();
    {
        let world = &mut notion.inner().world;
        world.page(7).edit("task 7", "task seven", "2026-01-20T12:00:00.000Z");
        world.remove(8);
        world.database("Tasks").pages.push(Page::new(31, "task 31"));
    }
    let changed = end(&mut import(&database, &notion, &out));
    assert!(
        changed.output.contains("tasks         33        1        1         31"),
        "{changed:?}"
    );
    assert_eq!(asked(&notion, before, "/children"), 2);
    let titles = "SELECT string_agg(title, ', ' ORDER BY title) FROM tasks
        WHERE title IN ('task 7', 'task seven', 'task 8', 'task 31')";
    assert_eq!(Sql::on(&database.url).row(titles), "task 31, task 8, task seven");
}

#[test]
fn both_versions_of_the_api_bring_an_export_up_to_date() {
    let mut told = Vec::new();
    for version in ["2025-09-03", "2022-06-28"] {
        let notion = Notion::new(World::hard(12));
        let (database, out) = (TestDatabase::new(), new_export("import-versions"));
        let mut command = import(&database, &notion, &out);
        command.env("NOTION_VERSION", version);
        end(&mut command);
        notion.inner().world.page(2).edit("task 2", "task two", "2026-01-20T12:00:00.000Z");
        let ended = end(&mut command);
        told.push(said(&ended, &out));
    }
    assert!(told[0].contains("tasks         15        0        1         14"), "{}", told[0]);
    assert_eq!(told[0], told[1]);
}

#[test]
fn one_that_was_killed_goes_on_with_the_same_command() {
    let notion = Notion::new(World::hard(30));
    let database = TestDatabase::new();
    let out = new_export("import-killed");
    let mut command = import(&database, &notion, &out);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut kill_at = |place| {
        let held = notion.holds(place);
        let mut child = command.spawn().unwrap();
        held.recv().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    };
    // On its way, and once more.
    kill_at(20);
    kill_at(10);
    let before = notion.requests().len();
    let whole = end(&mut import(&database, &notion, &out));
    assert_eq!((whole.code, whole.error.as_str()), (Some(1), ""), "{whole:?}");
    // What was there was not asked for again: the rest, and the list for what happened meanwhile.
    assert!(asked(&notion, before, "/children") < 60, "{:?}", notion.requests());
    assert_eq!(asked(&notion, before, "/query"), 3);
    // While it is brought up to date.
    notion.inner().world.page(7).edit("task 7", "task seven", "2026-01-20T12:00:00.000Z");
    kill_at(3);
    let ended = end(&mut import(&database, &notion, &out));
    assert!(ended.output.contains("tasks         33        0        1         32"), "{ended:?}");
    assert!(!out.join("next").exists());
}

#[test]
fn what_notion_refuses_is_said_and_leaves_the_export_as_it_is() {
    let notion = Notion::new(World::hard(5));
    let (database, out) = (TestDatabase::new(), new_export("import-refused"));
    let wrong = end(import(&database, &notion, &out).env("NOTION_TOKEN", "ntn_falsch"));
    assert_eq!((wrong.code, wrong.error.lines().count()), (Some(2), 1), "{wrong:?}");
    assert!(wrong.error.contains("does not take the token") && !out.exists(), "{wrong:?}");
    end(&mut import(&database, &notion, &out));
    let manifest = std::fs::read_to_string(out.join("export.json")).unwrap();
    let wrong = end(import(&database, &notion, &out).env("NOTION_TOKEN", "ntn_falsch"));
    assert_eq!(wrong.code, Some(2), "{wrong:?}");
    notion.inner().world.database("Tasks").is_shared = false;
    let gone = end(&mut import(&database, &notion, &out));
    assert_eq!((gone.code, gone.error.lines().count()), (Some(2), 1), "{gone:?}");
    assert!(gone.error.contains("\"Tasks\"") && gone.error.contains("not shared"), "{gone:?}");
    assert_eq!(std::fs::read_to_string(out.join("export.json")).unwrap(), manifest);
    tomos::export::finished_pages(&out).unwrap();
}

#[test]
fn without_a_flag_the_export_is_kept_in_the_data_directory() {
    let notion = Notion::new(World::hard(3));
    let database = TestDatabase::new();
    let data = new_directory("import-data");
    let mut command = asking(&database, &notion, &["import", "notion", "--dry-run"]);
    let ended = end(command.env("TOMOS_DATA_DIR", &data));
    assert_eq!(ended.code, Some(1), "{ended:?}");
    tomos::export::finished_pages(&data.join("notion-export")).unwrap();
    assert_eq!(Sql::on(&database.url).row("SELECT count(*)::text FROM tasks"), "0");
}

#[test]
fn files_and_the_api_are_one_or_the_other() {
    for (flags, expected) in [
        (&["--export", "x", "y.json"][..], "cannot be used with"),
        (&["--tasks", "My tasks", "y.json"], "either files or databases"),
        (&["--export"], "--export"),
        (&[], "NOTION_TOKEN is not set"),
    ] {
        let arguments = [&["import", "notion"], flags].concat();
        let ended = end(&mut crate::program::tomos(&arguments));
        assert_eq!((ended.code, ended.error.lines().count()), (Some(2), 1), "{ended:?}");
        assert!(ended.error.contains(expected), "{ended:?}");
    }
}
