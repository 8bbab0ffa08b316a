//! Imports behind imports: what changed there, here, or both, and what comes later than its links.

use crate::import_notion::{EDITED, file, fixture, import, page, sydney, time};
use crate::import_rules::{relation, said, tag_page};
use std::collections::BTreeSet;
use tokio_postgres::Client;
use tomos::import::report::{Ended, Report};
use tomos::import::snapshot::Kind;

const LATER: &str = "2025-03-03T00:00:00.000Z";

/// How many of the records of a kind were new, updated, unchanged, and kept.
pub(crate) fn counts(report: &Report, kind: Kind) -> [usize; 4] {
    let tally = report.loaded.tallies.get(&kind).copied().unwrap_or_default();
    [tally.created, tally.updated, tally.unchanged, tally.kept]
}

/// Each task with its links, and, where they count, its version and the time of its last change.
pub(crate) async fn tasks(client: &Client, with_version: bool) -> BTreeSet<String> {
    let sql = "SELECT concat_ws(' | ', t.title, 'in ' || p.title, 'below ' || above.title,
            (SELECT string_agg(key, ',' ORDER BY key) FROM task_tags JOIN tags ON id = tag_id WHERE task_id = t.id),
            CASE WHEN $1 THEN t.version || ' ' || to_char(t.updated_at, 'YYYY-MM-DD') END)
        FROM tasks AS t LEFT JOIN projects AS p ON p.id = t.project_id LEFT JOIN tasks AS above ON above.id = t.parent_id";
    let rows = client.query(sql, &[&with_version]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

fn set(lines: &[&str]) -> BTreeSet<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

#[tokio::test]
async fn records_that_changed_there_in_nothing_that_we_keep_stay_as_they_are() {
    let (database, client) = sydney().await;
    let sample = String::from_utf8(fixture("notion-export-a.json")).unwrap();
    let first = import(&database, sample.as_bytes()).await;
    let state = async || {
        let mut rows = BTreeSet::new();
        for table in ["projects", "tags", "tasks", "task_tags", "changes"] {
            let sql = format!("SELECT to_jsonb(t)::text FROM {table} AS t");
            let answer = client.query(&sql, &[]).await.unwrap();
            rows.extend(answer.iter().map(|row| row.get::<_, String>(0)));
        }
        rows
    };
    let before = state().await;
    let other = sample.replace("\"created_time\":", "\"new_member\":1,\"created_time\":");
    assert_ne!(other, sample);
    let report = import(&database, other.as_bytes()).await;
    for (kind, tally) in &first.loaded.tallies {
        assert_eq!(counts(&report, *kind), [0, tally.created, 0, tally.kept], "{kind}");
    }
    let after = state().await;
    let differing: Vec<_> = after.symmetric_difference(&before).take(4).collect();
    assert!(differing.is_empty(), "{differing:#?}");
    let report = import(&database, other.as_bytes()).await;
    assert_eq!(counts(&report, Kind::Task)[1], 0);
}

#[tokio::test]
async fn of_pages_that_are_one_tag_the_first_says_what_it_is_like() {
    let (database, client) = sydney().await;
    let tags = async |pages: [String; 2]| {
        let task = page(9, "task", EDITED, &relation("Tags", &[2]));
        let bytes = format!(r#"{{"tags":[{}],"tasks":[{task}]}}"#, pages.join(","));
        let report = import(&database, bytes.as_bytes()).await;
        let sql =
            "SELECT external_id, name FROM tags JOIN external_refs ON record_id = id ORDER BY 1";
        let rows = client.query(sql, &[]).await.unwrap();
        let names: Vec<String> = rows.iter().map(|row| row.get(1)).collect();
        (names, counts(&report, Kind::Tag))
    };
    let one = |title: &str| tag_page(1, title);
    let two = |title: &str, edited: &str| page(2, title, edited, "");
    let names = |one: &str, two: &str| vec![one.to_owned(), two.to_owned()];
    assert_eq!(
        tags([one("Home"), two("HOME", EDITED)]).await,
        (names("Home", "Home"), [1, 0, 0, 1])
    );
    let changed = [one("HoMe"), two("HOME", EDITED)];
    assert_eq!(tags(changed).await, (names("HoMe", "HoMe"), [0, 1, 1, 0]));
    let changed = [one("HoMe"), two("home", LATER)];
    assert_eq!(tags(changed).await, (names("HoMe", "HoMe"), [0, 0, 1, 1]));
    // Under another name it is another.
    let parted = [one("HoMe"), two("garden", LATER)];
    assert_eq!(tags(parted).await, (names("HoMe", "garden"), [1, 0, 1, 0]));
}

#[tokio::test]
async fn the_time_of_a_change_is_the_one_that_the_source_says() {
    let (database, client) = sydney().await;
    let pages = |titles: [&str; 3], times: [&str; 3]| -> Vec<String> {
        let pages = titles.iter().zip(times).zip(1..);
        pages.map(|((title, time), number)| page(number, title, time, "")).collect()
    };
    let bytes = |pages: Vec<String>| file(&pages.iter().map(String::as_str).collect::<Vec<_>>());
    import(&database, &bytes(pages(["1", "2", "3"], [EDITED; 3]))).await;
    let second = bytes(pages(["1", "two", "three"], [EDITED, LATER, EDITED]));
    let report = import(&database, &second).await;
    assert_eq!(counts(&report, Kind::Task), [0, 2, 1, 0]);
    let sql = "SELECT title, version, to_json(updated_at)#>>'{}' AS at FROM tasks ORDER BY id";
    let expected = [("1", 1, EDITED), ("two", 2, LATER), ("three", 2, EDITED)];
    let expected: BTreeSet<_> = expected
        .map(|(title, version, at)| (title.to_owned(), version, Some(at.parse().unwrap())))
        .into();
    let rows = client.query(sql, &[]).await.unwrap();
    let rows: BTreeSet<_> =
        rows.iter().map(|row| (row.get(0), row.get::<_, i32>(1), time(row, "at"))).collect();
    assert_eq!(rows, expected);
}

/// Two tasks that name a project, a tag and a parent, and those in a file of their own.
fn two_files() -> (String, String) {
    let links = relation("Project", &[10]) + &relation("Tags", &[20]);
    let (one, two) = (links.clone() + &relation("Parent task", &[30]), links);
    let tasks = [page(1, "one", EDITED, &one), page(2, "two", EDITED, &two)].join(",");
    let (project, tag) = (page(10, "project", EDITED, ""), tag_page(20, "tag"));
    let parent = page(30, "parent", EDITED, "");
    (tasks, format!(r#""projects":[{project}],"tags":[{tag}],"tasks":[{parent}"#))
}

#[tokio::test]
async fn what_a_task_names_may_come_in_a_later_file() {
    let (database, client) = sydney().await;
    let (tasks_alone, rest) = two_files();
    let report = import(&database, format!(r#"{{"tasks":[{tasks_alone}]}}"#).as_bytes()).await;
    assert_eq!(report.ended(), Ended::WithFindings);
    assert_eq!(tasks(&client, true).await, set(&["one | 1 2025-02-02", "two | 1 2025-02-02"]));
    let rest = format!("{{{rest}]}}");
    let report = import(&database, rest.as_bytes()).await;
    let linked = set(&[
        "one | in project | below parent | tag | 2 2025-02-02",
        "parent | 1 2025-02-02",
        "two | in project | tag | 2 2025-02-02",
    ]);
    assert_eq!(tasks(&client, true).await, linked);
    assert_eq!((said(&report, "link_found").len(), report.ended()), (5, Ended::Clean));
    // Once: neither the same again nor what changes there later is taken for a change of ours.
    let report = import(&database, rest.as_bytes()).await;
    assert_eq!((said(&report, "link_found").len(), report.ended()), (0, Ended::Clean));
    let renamed = tasks_alone.replace("\"two\"", "\"second\"");
    let report = import(&database, format!(r#"{{"tasks":[{renamed}]}}"#).as_bytes()).await;
    assert_eq!(counts(&report, Kind::Task), [0, 1, 1, 0]);
    let renamed =
        set(&["one | in project | below parent | tag", "parent", "second | in project | tag"]);
    assert_eq!(tasks(&client, false).await, renamed);
}

#[tokio::test]
async fn what_comes_later_takes_no_place_that_was_taken_here() {
    let (database, client) = sydney().await;
    let (tasks_alone, rest) = two_files();
    import(&database, format!(r#"{{"tasks":[{tasks_alone}]}}"#).as_bytes()).await;
    let sql = "INSERT INTO projects (id, title) VALUES (gen_random_uuid(), 'mine');
        UPDATE tasks SET project_id = (SELECT id FROM projects) WHERE title = 'one'";
    client.batch_execute(sql).await.unwrap();
    // The same tasks once more, in the file with the rest.
    let report = import(&database, format!("{{{rest},{tasks_alone}]}}").as_bytes()).await;
    assert_eq!(counts(&report, Kind::Task), [1, 0, 2, 0]);
    assert_eq!(said(&report, "link_taken"), [(&*format!("{:032x}", 1), "")]);
    let expected = set(&["one | in mine | below parent | tag", "parent", "two | in project | tag"]);
    assert_eq!(tasks(&client, false).await, expected);
    // It still counts as changed here.
    let renamed = tasks_alone.replace("\"one\"", "\"theirs\"");
    let report = import(&database, format!(r#"{{"tasks":[{renamed}]}}"#).as_bytes()).await;
    assert_eq!(counts(&report, Kind::Task), [0, 0, 1, 1]);
}

#[tokio::test]
async fn a_parent_that_comes_later_and_too_high_up_is_reported_once() {
    let (database, client) = sydney().await;
    let below = |number: u32, parent: u32| {
        page(number, &number.to_string(), EDITED, &relation("Parent task", &[parent]))
    };
    let chain = [below(1, 9), below(2, 1), below(3, 2), below(4, 3), below(5, 4)];
    import(&database, &file(&chain.each_ref().map(String::as_str))).await;
    let later = file(&[&page(9, "9", EDITED, "")]);
    let report = import(&database, &later).await;
    assert_eq!(said(&report, "link_refused"), [(&*format!("{:032x}", 1), "")]);
    assert_eq!(report.ended(), Ended::WithFindings);
    assert!(tasks(&client, false).await.contains("1"));
    assert_eq!(import(&database, &later).await.ended(), Ended::Clean);
}

#[tokio::test]
async fn what_the_database_refused_is_linked_when_it_comes_at_last() {
    let (database, client) = sydney().await;
    let (tasks_alone, rest) = two_files();
    let all = format!("{{{rest},{tasks_alone}]}}");
    let tables = ["projects", "tasks", "tags"];
    for table in tables {
        let name = if table == "tags" { "name" } else { "title" };
        let sql = format!(
            "ALTER TABLE {table} ADD CONSTRAINT {table}_of_the_test_check CHECK ({name} NOT IN ('project', 'tag', 'parent'))"
        );
        client.batch_execute(&sql).await.unwrap();
    }
    let report = import(&database, all.as_bytes()).await;
    assert_eq!(tasks(&client, true).await, set(&["one | 1 2025-02-02", "two | 1 2025-02-02"]));
    assert_eq!((said(&report, "refused").len(), said(&report, "link_refused").len()), (3, 5));
    for table in tables {
        let sql = format!("ALTER TABLE {table} DROP CONSTRAINT {table}_of_the_test_check");
        client.batch_execute(&sql).await.unwrap();
    }
    let report = import(&database, all.as_bytes()).await;
    let expected =
        set(&["one | in project | below parent | tag", "parent", "two | in project | tag"]);
    assert_eq!(tasks(&client, false).await, expected);
    assert_eq!((said(&report, "link_found").len(), report.ended()), (5, Ended::Clean));
}
