//! The export from Notion: what it brings, and how it asks.

use crate::notion::{Database, Notion, TOKEN, Trouble, World, uuid};
use crate::program::new_directory;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tomos::clock::Clock;
use tomos::export::pace::Timer;
use tomos::export::{self, Choice, Options, Report, Version, Wanted};

/// A time in which nobody waits: it jumps to where somebody wants to be.
#[derive(Default)]
pub(crate) struct Jumping(Mutex<Duration>);

impl Timer for Jumping {
    fn now(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    fn until(&self, moment: Duration) -> BoxFuture<'_, ()> {
        let mut now = self.0.lock().unwrap();
        *now = moment.max(*now);
        async {}.boxed()
    }

    fn chance(&self) -> f64 {
        0.5
    }
}

/// An export of a Notion of the tests into a directory of its own.
pub(crate) struct Export {
    pub(crate) notion: Notion,
    pub(crate) options: Options,
    pub(crate) timer: Arc<Jumping>,
}

impl Export {
    pub(crate) fn of(world: World) -> Self {
        Self::from(Notion::new(world))
    }

    pub(crate) fn from(notion: Notion) -> Self {
        let options = Options {
            url: notion.url.clone(),
            token: format!("{TOKEN}\n").as_str().into(),
            version: None,
            rate: 3.0,
            out: new_directory("export").join("out"),
            wanted: Wanted::default(),
        };
        Self { notion, options, timer: Arc::default() }
    }

    pub(crate) async fn run(&self) -> anyhow::Result<Report> {
        self.choosing(None).await
    }

    async fn choosing(&self, choose: Choice<'_>) -> anyhow::Result<Report> {
        let clock = Clock::fixed("2026-01-20T06:30:00Z".parse().unwrap());
        let timer = Arc::clone(&self.timer);
        export::run(&self.options, &clock, timer, choose, &mut |_| {}).await
    }

    /// Runs to the end without anything to be said.
    pub(crate) async fn whole(&self) -> String {
        let report = self.run().await.unwrap();
        assert_eq!((report.stopped, report.problems), (None, Vec::new()));
        self.pages()
    }

    pub(crate) async fn refused(&self) -> String {
        let error = format!("{:#}", self.run().await.unwrap_err());
        error.replace(self.options.out.to_str().unwrap(), "DIR")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.options.out.join(name)
    }

    pub(crate) fn pages(&self) -> String {
        // One that went on has them in another file.
        let pages = tomos::export::finished_pages(&self.options.out);
        std::fs::read_to_string(pages.unwrap_or(self.file("pages.jsonl"))).unwrap()
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.options.out.parent().unwrap());
    }
}

/// That no file of a directory holds the token, or can be read by others.
pub(crate) fn holds_no_token(directory: &Path) {
    let files: Vec<_> =
        std::fs::read_dir(directory).unwrap().map(|it| it.unwrap().path()).collect();
    assert!(!files.is_empty());
    for file in files {
        assert_eq!(file.metadata().unwrap().mode() & 0o077, 0, "{}", file.display());
        let text = String::from_utf8_lossy(&std::fs::read(&file).unwrap()).into_owned();
        assert!(!text.contains(TOKEN), "{}", file.display());
    }
}

/// A line's parts; the parent of a page is not the same in both versions.
fn lines(pages: &str) -> Vec<Value> {
    // A lone surrogate is nothing that a `Value` can hold.
    let pages = pages.replace("\\ud83d", "half");
    let read = |line: &str| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        line["page"]["parent"].take();
        line
    };
    pages.lines().map(read).collect()
}

#[tokio::test]
async fn both_versions_bring_the_same_whole_export() {
    let new = Export::of(World::hard(230));
    let mut old = Export::of(World::hard(230));
    old.options.version = Some(Version::Databases);
    let (pages, others) = (new.whole().await, old.whole().await);
    let (lines, others) = (lines(&pages), lines(&others));
    assert!(lines == others);
    assert!(old.notion.requests().iter().all(|seen| !seen.path.contains("data_sources")));
    let kinds: Vec<_> = lines.iter().map(|line| line["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|kind| **kind == "task").count(), 230);
    let expected = [vec!["project"; 3], vec!["tag"; 30], vec!["task"; 230]].concat();
    assert_eq!(kinds, expected);
    let manifest = std::fs::read_to_string(new.file("export.json")).unwrap();
    insta::assert_snapshot!(manifest.split_once("\"pages\"").unwrap().0, @r#"
    {
      "format": "tomos-notion-export",
      "version": 1,
      "notion_version": "2025-09-03",
      "begun": "2026-01-20T06:30:00Z",
      "finished": "2026-01-20T06:30:00Z",
      "databases": [
        {
          "kind": "project",
          "id": "00000000-0000-4000-8000-000000002333",
          "database": "00000000-0000-4000-8000-000000002332",
          "title": "Projects",
          "properties": [
            {
              "id": "title",
              "name": "Name",
              "type": "title"
            }
          ]
        },
        {
          "kind": "tag",
          "id": "00000000-0000-4000-8000-00000000233d",
          "database": "00000000-0000-4000-8000-00000000233c",
          "title": "Tags",
          "properties": [
            {
              "id": "title",
              "name": "Name",
              "type": "title"
            }
          ]
        },
        {
          "kind": "task",
          "id": "00000000-0000-4000-8000-000000002329",
          "database": "00000000-0000-4000-8000-000000002328",
          "title": "Tasks",
          "properties": [
            {
              "id": "title",
              "name": "Name",
              "type": "title"
            }
          ]
        }
      ],
      "left_out": [
        {
          "id": "00000000-0000-4000-8000-000000002347",
          "title": "Recipes"
        }
      ],
      "counts": {
        "project": 3,
        "tag": 30,
        "task": 230
      },
      "with_problems": 0,
    "#);
    assert!(!new.file("listing.jsonl").exists());
    holds_no_token(&new.options.out);
}

#[tokio::test]
async fn what_notion_cuts_is_fetched_whole() {
    let export = Export::of(World::hard(6));
    let lines = lines(&export.whole().await);
    let task = |number: u32| {
        let mut found = lines.iter().filter(|line| line["page"]["id"] == uuid(number));
        found.next().unwrap()
    };
    let tags = task(1)["properties"]["tg%7C"].as_array().unwrap();
    let ids: BTreeSet<_> = tags.iter().map(|tag| tag["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, (2001..=2030).map(uuid).collect());
    let runs = task(2)["properties"]["de%3C"].as_array().unwrap();
    assert_eq!((runs.len(), runs[129]["plain_text"].as_str()), (130, Some("@129 ")));
    assert!(task(3).get("properties").is_none());
    assert_eq!(task(4)["body"].as_array().unwrap().len(), 120);
    insta::assert_snapshot!(task(5)["markdown"].as_str().unwrap(), @r"
    ## Plan

    - outside
      - inside
    - [x] call
    - [ ] write
      with a pen
      - [ ] sign
    ");
    assert_eq!(task(5)["body"][3]["children"][1]["block"]["id"], uuid(4013));
}

#[tokio::test]
async fn it_asks_no_more_than_three_times_a_second() {
    let export = Export::of(World::hard(230));
    export.whole().await;
    let count = u32::try_from(export.notion.requests().len()).unwrap();
    assert!(count > 260, "{count}");
    let least = Duration::from_secs(1) * (count - 1) / 3;
    let took = export.timer.now();
    // Rounding of times aside it is never faster, and it reaches 95 % of what is allowed.
    let (fastest, slowest) = (least.mul_f64(0.999), least.mul_f64(1.0 / 0.95));
    assert!(took >= fastest && took <= slowest, "{took:?} for {count}");
}

#[tokio::test]
async fn who_is_answered_late_holds_up_nobody_else() {
    let export = Export::of(World::hard(5));
    // The body of the first page waits for that of the twentieth, and a block for one behind it.
    let first = ("0003e9/children", "0007e1/children");
    let block = ("000fa2/children", "000fab/children");
    export.notion.inner().order = vec![first, block];
    let soon = tokio::time::timeout(Duration::from_mins(1), export.whole());
    assert_eq!(soon.await.expect("nobody waits for the first").lines().count(), 38);
}

#[tokio::test]
async fn more_rows_than_notion_lists_come_in_windows() {
    let whole = Export::of(World::hard(230)).whole().await;
    let export = Export::of(World::hard(230));
    export.notion.inner().cap = 40;
    assert!(export.whole().await == whole);
    let queries = export.notion.requests();
    let queries = queries.iter().filter(|seen| seen.path.ends_with("/query")).count();
    assert!(queries > 6, "{queries}");
}

#[tokio::test]
async fn more_rows_in_one_minute_than_notion_lists_are_not_passed_over() {
    let mut world = World::hard(50);
    for page in &mut world.database("Tasks").pages[10..] {
        page.created = "2025-01-02T00:00:00.000Z".to_owned();
    }
    let export = Export::of(world);
    export.notion.inner().cap = 30;
    let report = export.run().await.unwrap();
    insta::assert_snapshot!(report.stopped.unwrap(), @"more tasks than Notion lists were made in one minute (2025-01-02T00:00:00.000Z); move some of them to another database");
    assert!(report.counts.is_empty());
}

#[tokio::test]
async fn databases_are_found_by_what_the_owner_calls_them() {
    let address = format!("https://www.notion.so/me/Things-{}?v=1", uuid(9000).replace('-', ""));
    for name in
        [uuid(9000), uuid(9001), uuid(9001).replace('-', ""), address, " things ".to_owned()]
    {
        for is_found in [true, false] {
            if !is_found && name == " things " {
                continue;
            }
            let mut world = World::hard(5);
            let tasks = world.database("Tasks");
            tasks.title = "Things".to_owned();
            tasks.is_found = is_found;
            let mut export = Export::of(world);
            export.options.wanted.tasks = Some(name.clone());
            assert_eq!(export.whole().await.lines().count(), 38, "{name} {is_found}");
        }
    }
}

#[tokio::test]
async fn where_titles_do_not_say_it_the_owner_is_asked() {
    let mut world = World::hard(5);
    world.database("Tasks").title = "Things".to_owned();
    world.database("Recipes").title = "Project ideas".to_owned();
    world.database("Projects").title = "Old projects".to_owned();
    let mut export = Export::of(world);
    let said = export.refused().await;
    insta::assert_snapshot!(said, @r#"which database holds the tasks? Name it with --tasks: "Things" (00000000-0000-4000-8000-000000002329), "Old projects" (00000000-0000-4000-8000-000000002333), "Tags" (00000000-0000-4000-8000-00000000233d), "Project ideas" (00000000-0000-4000-8000-000000002347)"#);
    export.options.wanted.tasks = Some("Things".to_owned());
    insta::assert_snapshot!(export.refused().await, @r#"several may be the projects; name one with --projects: "Old projects" (00000000-0000-4000-8000-000000002333), "Project ideas" (00000000-0000-4000-8000-000000002347)"#);
    assert!(!export.options.out.exists());
    let mut asked = Vec::new();
    let mut choose = |kind, titles: &[String]| {
        asked.push(format!("{kind}: {}", titles.join(", ")));
        Ok(Some(0))
    };
    export.choosing(Some(&mut choose)).await.unwrap();
    insta::assert_snapshot!(asked.join("\n"), @r#"project: "Old projects" (00000000-0000-4000-8000-000000002333), "Project ideas" (00000000-0000-4000-8000-000000002347), "Tags" (00000000-0000-4000-8000-00000000233d)"#);
    assert_eq!(export.pages().lines().count(), 38);
}

#[tokio::test]
async fn a_title_that_only_resembles_is_taken_where_the_owner_says_so() {
    let mut world = World::hard(5);
    world.database("Tasks").title = "My tasks 2026".to_owned();
    let mut asked = Vec::new();
    let mut choose = |kind, titles: &[String]| {
        let titles: Vec<_> = titles.iter().map(|title| title.split_once(" (").unwrap().0).collect();
        asked.push(format!("{kind}: {}", titles.join(", ")));
        Ok(Some(0))
    };
    let export = Export::of(world.clone());
    export.choosing(Some(&mut choose)).await.unwrap();
    assert_eq!(asked, [r#"task: "My tasks 2026", "Projects", "Tags", "Recipes""#]);
    assert_eq!(export.pages().lines().count(), 38);
    // Where nobody is there to be asked it is the only one that can be meant.
    assert_eq!(Export::of(world).whole().await.lines().count(), 38);
}

#[tokio::test]
async fn a_database_among_hundreds_is_found_though_notion_forgets_the_place() {
    let mut world = World::hard(5);
    for number in 0..120 {
        let other = Database::new(20_000 + 2 * number, &format!("List {number}"), Vec::new());
        world.databases.insert(0, other);
    }
    let export = Export::of(world);
    export.notion.fails(vec![("/search", Trouble::Cursor); 3]);
    assert_eq!(export.whole().await.lines().count(), 38);
    export.notion.has_failed();
}

#[tokio::test]
async fn a_database_that_is_not_shared_is_named() {
    let mut world = World::hard(5);
    world.database("Tasks").is_shared = false;
    let mut export = Export::of(world);
    for name in [uuid(9000), "Tasks".to_owned()] {
        export.options.wanted.tasks = Some(name);
        let said = export.refused().await;
        assert!(said.contains("share it: its menu ···, Connections"), "{said}");
        assert!(!export.options.out.exists());
    }
    // One that is shared no longer, on the way.
    let export = Export::of(World::hard(5));
    export.notion.fails([("2333/query", Trouble::Error(404, "object_not_found", None))]);
    let report = export.run().await.unwrap();
    insta::assert_snapshot!(report.stopped.unwrap(), @r#"the database "Projects" of the projects (00000000-0000-4000-8000-000000002333) is not shared with the integration any longer; share it: its menu ···, Connections"#);
    export.whole().await;
}
