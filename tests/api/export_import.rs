//! What was exported is imported: whole, by the same rules, and twice makes nothing twice.

use crate::export::Export;
use crate::import_notion::{compare_tasks, fixture, import, rows, sydney, text, truth};
use crate::notion::{Database, Page, World, uuid};
use crate::program::{end, with};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use tomos::export::finished_pages;
use tomos::import::report::Ended;
use tomos::import::snapshot::Kind;

const TASK: &str = "title, description, status::text, version,
    (SELECT title FROM tasks AS above WHERE above.id = r.parent_id) AS parent,
    to_json(completed_at)#>>'{}' AS completed_at,
    (SELECT count(*)::text FROM task_tags WHERE task_id = r.id) AS tags";

fn hex(number: u32) -> String {
    uuid(number).replace('-', "")
}

#[derive(Deserialize)]
struct Line<'a> {
    kind: &'a str,
    #[serde(borrow)]
    page: &'a RawValue,
}

/// The pages of an export as older files hold them.
fn bare(pages: &str) -> String {
    let mut lists: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for line in pages.lines() {
        let line: Line<'_> = serde_json::from_str(line).unwrap();
        lists.entry(format!("{}s", line.kind)).or_default().push(line.page.get());
    }
    let lists: Vec<_> =
        lists.iter().map(|(kind, pages)| format!("\"{kind}\":[{}]", pages.join(","))).collect();
    format!("{{{}}}", lists.join(","))
}

#[tokio::test]
async fn long_values_and_bodies_arrive_and_to_dos_become_subtasks() {
    let export = Export::of(World::hard(8));
    export.whole().await;
    let bytes = std::fs::read(finished_pages(&export.options.out).unwrap()).unwrap();
    let (database, client) = sydney().await;
    let report = import(&database, &bytes).await;
    insta::assert_snapshot!(report.to_string(), @r"
    export.json: Notion pages with their bodies
                read  created  updated  unchanged  skipped  rejected
    projects       3        3        0          0        0         0
    tags          30       30        0          0        0         0
    tasks         11       11        0          0        0         0

    warning
         1  task completion_guessed to-do: when it was done is not known; the time of the last edit was taken
         1  task lone_surrogate Name: halves of characters became U+FFFD

    Import 1: tomos rollback --import 1 takes it back.
    ");
    let tasks = rows(&client, "task", TASK).await;
    assert_eq!(text(&tasks[&hex(1)], "tags").as_deref(), Some("30"));
    let mentions: Vec<_> = (0..130).map(|number| format!("@{number} ")).collect();
    assert_eq!(text(&tasks[&hex(2)], "description"), Some(mentions.concat()));
    let lines: Vec<_> = (0..120).map(|number| format!("line {number}")).collect();
    assert_eq!(text(&tasks[&hex(4)], "description"), Some(lines.join("\n\n")));
    let plan = text(&tasks[&hex(5)], "description").unwrap();
    assert_eq!(plan, "## Plan\n\n- outside\n  - inside");
    let parts = [4010, 4011, 4013].map(|number| {
        let row = &tasks[&hex(number)];
        let words = ["title", "description", "status", "parent", "completed_at"];
        words.map(|word| text(row, word).unwrap_or_default()).join("|")
    });
    let expected = [
        "call||done|task 5|2025-05-02T10:00:00+00:00",
        "write|with a pen|todo|task 5|",
        "sign||todo|write|",
    ];
    assert_eq!(parts, expected);

    let again = import(&database, &bytes).await;
    assert_eq!(again.loaded.tallies[&Kind::Task].unchanged, 11);
    assert_eq!(again.loaded.tallies[&Kind::Tag].unchanged, 30);
    let versions = rows(&client, "task", TASK).await;
    assert!(versions.values().all(|row| row.get::<_, i32>("version") == 1));
}

#[tokio::test]
async fn after_an_older_file_of_the_same_pages_only_what_is_new_is_written() {
    let export = Export::of(World::hard(8));
    let pages = export.whole().await;
    let (database, _client) = sydney().await;
    let older = import(&database, bare(&pages).as_bytes()).await;
    assert_eq!(older.loaded.tallies[&Kind::Task].created, 8);
    let report = import(&database, pages.as_bytes()).await;
    let tally = &report.loaded.tallies[&Kind::Task];
    // Three to-dos are new; links, mentions and two bodies came to their tasks.
    assert_eq!((tally.created, tally.updated, tally.unchanged), (3, 4, 4));
    assert_eq!(report.loaded.tallies[&Kind::Project].unchanged, 3);
    assert_eq!(report.loaded.tallies[&Kind::Tag].unchanged, 30);
    // Both at once are the same again, whichever comes first.
    for files in [[bare(&pages), pages.clone()], [pages.clone(), bare(&pages)]] {
        let now = "2026-01-20T06:30:00Z".parse().unwrap();
        let mut source = tomos::import::Source::default();
        for file in &files {
            source.add_notion("file", file.as_bytes(), now).unwrap();
        }
        let mut connection = tomos::import::connect(&database.url).await.unwrap();
        let never = std::future::pending();
        let quiet = &mut |_, _, _| {};
        let report =
            tomos::import::run(&mut connection, None, source, false, now, quiet, never).await;
        assert_eq!(report.unwrap().loaded.tallies[&Kind::Task].unchanged, 11);
    }
}

/// A Notion that holds the pages of a file.
pub(crate) fn served(name: &str) -> World {
    #[derive(Deserialize)]
    struct Known<'a> {
        id: Option<String>,
        created_time: Option<String>,
        last_edited_time: Option<String>,
        #[serde(borrow)]
        properties: Option<&'a RawValue>,
    }
    let bytes = fixture(name);
    let file: BTreeMap<&str, &RawValue> = serde_json::from_slice(&bytes).unwrap();
    let mut databases = Vec::new();
    for (number, list) in [(9000, "Tasks"), (9010, "Projects"), (9020, "Tags")] {
        let Some(pages) = file.get(list.to_lowercase().as_str()) else { continue };
        let pages: Vec<&RawValue> = serde_json::from_str(pages.get()).unwrap();
        // Notion holds a page once, as it is now.
        let mut newest: BTreeMap<String, (String, Page)> = BTreeMap::new();
        for page in pages {
            let Ok(known) = serde_json::from_str::<Known<'_>>(page.get()) else { continue };
            let (Some(id), Some(_)) = (known.id, known.properties) else { continue };
            let key = id.replace('-', "").to_lowercase();
            let edited = known.last_edited_time.unwrap_or_default();
            let created = known.created_time.unwrap_or_default();
            let mut page = Page::raw(&id, &created, page.get());
            // No more links than these are known.
            page.long_links_as_shown();
            if newest.get(&key).is_none_or(|(earlier, _)| *earlier < edited) {
                newest.insert(key, (edited, page));
            }
        }
        let pages = newest.into_values().map(|(_, page)| page).collect();
        databases.push(Database::new(number, list, pages));
    }
    World { databases, children: BTreeMap::new() }
}

#[tokio::test]
async fn the_pages_of_the_samples_mean_the_same_through_the_api() {
    for (name, has_tag_pages) in [("notion-export-a.json", true), ("notion-export-b.json", false)] {
        let export = Export::of(served(name));
        let report = export.run().await.unwrap();
        assert_eq!((report.stopped, report.problems), (None, Vec::new()));
        let (database, client) = sydney().await;
        let report = import(&database, export.pages().as_bytes()).await;
        assert!(matches!(report.ended(), Ended::Clean | Ended::WithFindings), "{report}");
        let truth = truth(&format!("{name}.truth.json"));
        let differences = compare_tasks(&client, &truth, has_tag_pages, false).await;
        assert!(differences.is_empty(), "{differences:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_program_takes_the_directory_that_was_exported_to() {
    let export = Export::of(World::hard(8));
    export.notion.inner().revoked_after = 20;
    export.run().await.unwrap();
    let (database, _client) = sydney().await;
    let out = export.options.out.to_str().unwrap();
    let mut command = with(&database, &["import", "notion", &format!("{out}/")]);
    let unfinished = end(&mut command);
    assert_eq!(unfinished.code, Some(2));
    assert!(unfinished.error.contains("did not come to its end"), "{unfinished:?}");
    export.notion.inner().revoked_after = usize::MAX;
    export.whole().await;
    let imported = end(&mut command);
    assert_eq!((imported.code, imported.error.as_str()), (Some(1), ""), "{imported:?}");
    assert!(imported.output.contains("Notion pages with their bodies"));
    let pages = tomos::export::finished_pages(&export.options.out).unwrap();
    std::fs::write(pages, export.pages().replace("task 1", "task X")).unwrap();
    let changed = end(&mut command);
    assert_eq!(changed.code, Some(2));
    assert!(changed.error.contains("is not what was exported"), "{changed:?}");
}
