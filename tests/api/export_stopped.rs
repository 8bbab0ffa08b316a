//! The built program, exporting: killed at any point, told to stop, with what it prints.

use crate::export::{Export, holds_no_token};
use crate::notion::{Database, Notion, Page, TOKEN, World, block, uuid};
use crate::program::{Ended, end, tomos};
use rustix::process::{Pid, Signal, kill_process};
use std::path::Path;
use std::process::{Child, Command, Stdio};

fn program(notion: &Notion, out: &Path) -> Command {
    let mut command = tomos(&["export", "notion", "--notion-rate", "10000", "--out"]);
    command.arg(out).env("NOTION_TOKEN", format!("{TOKEN}\n")).env("NOTION_URL", &notion.url);
    command.env("TOMOS_LOG", "trace");
    command
}

fn begin(command: &mut Command) -> Child {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

fn ended(child: Child) -> Ended {
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code(),
        output: String::from_utf8(output.stdout).unwrap(),
        error: String::from_utf8(output.stderr).unwrap(),
    }
}

fn says_no_token(ended: &Ended) {
    assert!(!ended.output.contains(TOKEN) && !ended.error.contains(TOKEN), "{ended:?}");
}

/// Places that look as if chosen by chance, and are the same each time.
struct Places(u64);

impl Places {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        usize::try_from(self.0 >> 40).unwrap() % below
    }
}

/// Kills the program when a request comes: before the answer, or while it works on it. Says whether
/// it was killed; it may have come to its end before.
fn killed(notion: &Notion, out: &Path, place: usize, is_answered: bool) -> bool {
    let told = notion.tells(place, is_answered);
    let mut child = begin(&mut program(notion, out));
    let errors = child.stderr.take().unwrap();
    let watched = notion.clone();
    let watching = std::thread::spawn(move || {
        let said = std::io::read_to_string(errors).unwrap();
        // It ended, so nothing will come.
        watched.nothing_is_held();
        said
    });
    if told.recv().is_ok() {
        child.kill().unwrap();
    }
    let ended = ended(child);
    let said = watching.join().unwrap();
    assert!(!said.contains(TOKEN) && !ended.output.contains(TOKEN));
    match ended.code {
        None => true,
        Some(0) => false,
        // It had been met behind its last step.
        Some(2) if said.contains("holds a whole export") => false,
        code => panic!("{code:?}: {said}"),
    }
}

#[test]
fn killed_at_any_point_it_goes_on_to_the_same_bytes() {
    let times = if std::env::var_os("TOMOS_FULL").is_some() { 200 } else { 12 };
    let notion = Notion::new(World::hard(120));
    let undisturbed = Export::from(notion.clone());
    let whole = end(&mut program(&notion, &undisturbed.options.out));
    assert_eq!(whole.code, Some(0), "{whole:?}");
    says_no_token(&whole);
    let (expected, requests) = (undisturbed.pages(), notion.requests().len());
    assert!(requests > 150, "{requests}");
    let (mut places, mut kills) = (Places(4711), 0);
    while kills < times {
        let export = Export::from(notion.clone());
        let out = &export.options.out;
        // Several times on its way, later and later, until it is not met any longer.
        let is_met = |place| killed(&notion, out, 1 + place, place % 2 == 0);
        let mut below = requests / 5;
        while is_met(places.next(below)) {
            kills += 1;
            below += requests / 20;
        }
        // Who was met behind the last step has nothing left to do.
        let last = end(&mut program(&notion, out));
        assert!(last.code == Some(2) && last.error.contains("holds a whole export"), "{last:?}");
        assert!(export.pages() == expected, "after {kills}");
        tomos::export::finished_pages(out).unwrap();
        assert!(!export.file("listing.jsonl").exists());
        holds_no_token(out);
    }
}

#[test]
fn told_to_stop_it_says_that_it_goes_on() {
    let notion = Notion::new(World::hard(30));
    let export = Export::from(notion.clone());
    for (word, place) in [(Signal::INT, 1), (Signal::TERM, 20)] {
        let held = notion.holds(place);
        let child = begin(program(&notion, &export.options.out).env("TOMOS_LOG", "warn"));
        held.recv().unwrap();
        kill_process(Pid::from_child(&child), word).unwrap();
        let stopped = ended(child);
        let (code, said) = if place == 1 {
            (2, "tomos: told to stop before anything was done\n")
        } else {
            (
                3,
                "tomos: stopped on the way: it was told to stop; the same command goes on from there\n",
            )
        };
        assert_eq!((stopped.code, stopped.error.as_str()), (Some(code), said));
    }
    let last = end(program(&notion, &export.options.out).env("TOMOS_LOG", "warn"));
    assert_eq!((last.code, last.error.as_str()), (Some(0), ""), "{last:?}");
    let said = last.output.replace(export.options.out.to_str().unwrap(), "DIR");
    insta::assert_snapshot!(said, @r#"
    projects: the database "Projects" (00000000-0000-4000-8000-000000002333)
    tags: the database "Tags" (00000000-0000-4000-8000-00000000233d)
    tasks: the database "Tasks" (00000000-0000-4000-8000-000000002329)
    left out, though shared: "Recipes" (00000000-0000-4000-8000-000000002347)
    3 projects, 30 tags, 30 tasks, in DIR; bring it in with: tomos import notion DIR
    "#);
}

#[test]
fn each_ending_has_its_exit_code() {
    let notion = Notion::new(World::hard(5));
    let export = Export::from(notion.clone());
    let mut command = program(&notion, &export.options.out);
    command.env("TOMOS_LOG", "warn");
    let without = end(command.env("NOTION_TOKEN", " "));
    assert_eq!(without.code, Some(2));
    assert!(without.error.starts_with("tomos: NOTION_TOKEN is not set"), "{without:?}");
    let wrong = end(command.env("NOTION_TOKEN", "ntn_falsch"));
    assert_eq!(wrong.code, Some(2));
    assert!(!wrong.error.contains("falsch") && wrong.error.lines().count() == 1, "{wrong:?}");
    command.env("NOTION_TOKEN", TOKEN);
    notion.inner().revoked_after = notion.requests().len() + 10;
    assert_eq!(end(&mut command).code, Some(3));
    notion.inner().revoked_after = usize::MAX;
    // What cannot be read of a page; who goes on would ask for it a second time.
    let export = Export::from(notion.clone());
    let mut command = program(&notion, &export.options.out);
    command.env("TOMOS_LOG", "warn");
    notion.fails([("/children", crate::notion::Trouble::Error(404, "object_not_found", None))]);
    assert_eq!(end(&mut command).code, Some(1));
    let again = end(&mut command);
    assert_eq!(again.code, Some(2));
    assert!(again.error.contains("holds a whole export"), "{again:?}");
}

#[test]
fn what_happened_since_it_was_listed_is_in_an_export_that_goes_on() {
    const LATER: &str = "2026-01-25T12:00:00.000Z";
    let tasks = (1..=8).map(|number| Page::new(number, &format!("task {number}"))).collect();
    let database = Database::new(9000, "Tasks", tasks);
    let mut world = World { databases: vec![database], ..World::default() };
    world.children.insert(uuid(5), vec![block(4005, "paragraph", "old body")]);
    let notion = Notion::new(world);
    let export = Export::from(notion.clone());
    let out = &export.options.out;
    // The search, the list, what the database says of its properties, and some bodies.
    assert!(killed(&notion, out, 7, true));
    {
        let world = &mut notion.inner().world;
        world.page(2).edit("task 2", "renamed", LATER);
        world.page(5).edit("task 5", "new title", LATER);
        world.children.insert(uuid(5), vec![block(4006, "paragraph", "new body")]);
        world.remove(3);
        world.database("Tasks").pages.push(Page::new(9, "added"));
    }
    let mut again = program(&notion, out);
    let ended = end(again.env("TOMOS_LOG", "warn"));
    assert_eq!((ended.code, ended.error.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.output.contains("8 tasks, in "), "{ended:?}");
    let pages = std::fs::read_to_string(tomos::export::finished_pages(out).unwrap()).unwrap();
    for (text, is_there) in [
        ("renamed", true),
        ("task 2", false),
        ("new title", true),
        ("new body", true),
        ("old body", false),
        ("task 3", false),
        ("added", true),
    ] {
        assert_eq!(pages.contains(text), is_there, "{text}");
    }
    assert!(!export.file("listing.jsonl").exists());
    let whole = end(&mut program(&notion, out));
    assert!(whole.error.contains("holds a whole export"), "{whole:?}");
}
