//! What of a record other pages decide, and the owner's zone: a later import follows it, though the record's own page
//! is the same.

use crate::import_again::{counts, tasks};
use crate::import_notion::{EDITED, file, import, page, sydney};
use crate::import_rules::{relation, said};
use crate::verify::verify;
use std::collections::BTreeSet;
use tokio_postgres::Client;
use tomos::import::report::{Ended, Report};
use tomos::import::snapshot::Kind;
use tomos::import::verify::{Layer, Verification};

const LATER: &str = "2025-03-03T00:00:00.000Z";

/// A page with its parent.
fn below(number: u32, parent: Option<u32>, edited: &str) -> String {
    let links = relation("Parent task", parent.as_slice());
    page(number, &number.to_string(), edited, &links)
}

fn tasks_of(pages: &[String]) -> Vec<u8> {
    file(&pages.iter().map(String::as_str).collect::<Vec<_>>())
}

fn whole(projects: &[String], tags: &[String], tasks: &[String]) -> Vec<u8> {
    let [projects, tags, tasks] = [projects, tags, tasks].map(|pages| pages.join(","));
    format!(r#"{{"projects":[{projects}],"tags":[{tags}],"tasks":[{tasks}]}}"#).into_bytes()
}

fn trashed(page: &str) -> String {
    page.replacen('{', r#"{"in_trash":true,"#, 1)
}

/// The tasks with their links; what is in the trash there stays here, and is passed over.
async fn here(client: &Client, with_version: bool) -> BTreeSet<String> {
    let mut tasks = tasks(client, with_version).await;
    tasks.retain(|task| !task.starts_with("gone"));
    tasks
}

/// Whether nothing differs, but for what is here and not in the file.
fn is_clean(verification: &Verification) -> bool {
    verification.differences.iter().all(|it| it.code == "extra" || it.layer == Layer::Counts)
}

/// Imports one file and then another: what is here is what the other makes of an empty database, and so it stays.
async fn follows(first: &[u8], second: &[u8]) -> Report {
    let (database, client) = sydney().await;
    import(&database, first).await;
    let report = import(&database, second).await;
    let (fresh, fresh_client) = sydney().await;
    import(&fresh, second).await;
    assert_eq!(here(&client, false).await, here(&fresh_client, false).await);
    assert!(said(&report, "link_refused").is_empty(), "{:#?}", report.loaded.findings);
    let verification = verify(&database, second).await;
    assert!(is_clean(&verification), "{verification}");
    let before = here(&client, true).await;
    let again = import(&database, second).await;
    assert_eq!(here(&client, true).await, before);
    let updated = [Kind::Project, Kind::Tag, Kind::Task].map(|kind| counts(&again, kind)[1]);
    assert_eq!(updated, [0; 3]);
    report
}

/// Pages of which each is a part of the next; the second as it is said.
fn circle(second: Option<u32>, edited: &str) -> Vec<u8> {
    tasks_of(&[below(1, Some(2), EDITED), below(2, second, edited), below(3, Some(1), EDITED)])
}

#[tokio::test]
async fn who_was_cut_out_of_a_circle_comes_back_when_there_is_none() {
    follows(&circle(Some(3), EDITED), &circle(None, LATER)).await;
    let report = follows(&circle(None, EDITED), &circle(Some(3), LATER)).await;
    assert_eq!(counts(&report, Kind::Task), [0, 2, 1, 0]);
}

/// Six pages, each below the one before, but for the second and the sixth, which stand where it is said.
fn chain(second: Option<u32>, sixth: u32, edited: &str) -> Vec<u8> {
    let mut pages = vec![below(1, None, EDITED), below(2, second, edited)];
    pages.extend((3..=5).map(|number| below(number, Some(number - 1), EDITED)));
    let edited = if sixth == 5 { EDITED } else { edited };
    pages.push(below(6, Some(sixth), edited));
    tasks_of(&pages)
}

#[tokio::test]
async fn who_stood_too_deep_comes_back_when_there_is_room_and_the_other_way_round() {
    follows(&chain(Some(1), 5, EDITED), &chain(None, 5, LATER)).await;
    follows(&chain(None, 5, EDITED), &chain(Some(1), 5, LATER)).await;
}

#[tokio::test]
async fn a_part_that_makes_room_later_keeps_no_other_from_its_parent() {
    // The second page comes first, while the sixth stands below it still.
    let report = follows(&chain(None, 5, EDITED), &chain(Some(1), 1, LATER)).await;
    assert_eq!(report.ended(), Ended::Clean);
}

#[tokio::test]
async fn tags_of_one_name_part_when_one_of_them_is_renamed() {
    let bytes = |first: (u32, &str, &str), second: (u32, &str, &str)| {
        let tags = [first, second].map(|(number, name, edited)| page(number, name, edited, ""));
        let task = |number, tag| page(number, "task", EDITED, &relation("Tags", &[tag]));
        whole(&[], &tags, &[task(1, 20), task(2, 21)])
    };
    let one = bytes((20, "Work", EDITED), (21, "WORK", EDITED));
    follows(&one, &bytes((20, "Work", EDITED), (21, "Home", LATER))).await;
    // It is the tag of the first that is renamed, and the second's page is the same.
    follows(&one, &bytes((20, "Home", LATER), (21, "WORK", EDITED))).await;
    follows(&one, &bytes((21, "WORK", EDITED), (20, "Home", LATER))).await;
    // A new page takes the name that another gives up.
    let (before, after) = ((20, "Work", EDITED), (20, "Home", LATER));
    let task = page(1, "task", EDITED, &relation("Tags", &[20]));
    let tag = |(number, name, edited): (u32, &str, &str)| page(number, name, edited, "");
    let first = whole(&[], &[tag(before)], std::slice::from_ref(&task));
    let new = page(2, "new", LATER, &relation("Tags", &[22]));
    follows(&first, &whole(&[], &[tag((22, "Work", LATER)), tag(after)], &[task, new])).await;
}

#[tokio::test]
async fn a_name_is_a_tag_again_when_the_page_of_that_name_is_renamed() {
    let names = r#","Tags":{"type":"multi_select","multi_select":[{"name":"work"}]}"#;
    let task = page(1, "task", EDITED, names);
    let tag = |name: &str, edited: &str| page(20, name, edited, "");
    let bytes = |tag: String| whole(&[], &[tag], std::slice::from_ref(&task));
    follows(&bytes(tag("Work", EDITED)), &bytes(tag("Home", LATER))).await;
}

#[tokio::test]
async fn the_first_project_that_is_live_there_is_taken_whenever_that_is() {
    let bytes = |first: String| {
        let task = page(1, "task", EDITED, &relation("Project", &[10, 11]));
        whole(&[first, page(11, "other", EDITED, "")], &[], &[task])
    };
    let first = page(10, "first", EDITED, "");
    follows(&bytes(trashed(&first)), &bytes(first.clone())).await;
    follows(&bytes(first.clone()), &bytes(trashed(&first))).await;
}

#[tokio::test]
async fn the_first_parent_that_is_live_there_is_taken_whenever_that_is() {
    let bytes = |first: String| {
        let part = page(1, "part", EDITED, &relation("Parent task", &[30, 31]));
        tasks_of(&[part, page(31, "other", EDITED, ""), first])
    };
    let first = page(30, "gone at times", EDITED, "");
    follows(&bytes(trashed(&first)), &bytes(first.clone())).await;
    follows(&bytes(first.clone()), &bytes(trashed(&first))).await;
}

/// A page that names its parts, which do not name it.
fn list(parts: &[u32], edited: &str) -> Vec<u8> {
    let list = page(1, "list", edited, &relation("Sub-tasks", parts));
    tasks_of(&[list, page(2, "2", EDITED, ""), page(3, "3", EDITED, "")])
}

#[tokio::test]
async fn who_is_no_longer_in_its_parents_list_stands_alone() {
    follows(&list(&[2, 3], EDITED), &list(&[2], LATER)).await;
    follows(&list(&[2], EDITED), &list(&[2, 3], LATER)).await;
}

/// Tasks that other pages decide about in every way, and those pages.
fn world() -> (Vec<u8>, [String; 3]) {
    let links = relation("Project", &[10, 11]) + &relation("Tags", &[20, 21]);
    let tasks = [
        page(1, "1", EDITED, &(links + &relation("Parent task", &[2, 30]))),
        below(6, Some(5), EDITED),
        page(7, "7", EDITED, ""),
    ];
    let mut all = tasks.to_vec();
    all.extend([below(2, Some(3), EDITED), below(3, Some(1), EDITED), below(4, None, EDITED)]);
    all.extend([below(5, Some(43), EDITED), below(30, None, EDITED)]);
    all.extend([below(43, Some(42), EDITED), below(42, Some(41), EDITED)]);
    all.extend([below(41, Some(40), EDITED), below(40, None, EDITED)]);
    all.push(page(50, "50", EDITED, &relation("Sub-tasks", &[7])));
    let projects = [10, 11].map(|number| page(number, &number.to_string(), EDITED, ""));
    let tags = [page(20, "Work", EDITED, ""), page(21, "WORK", EDITED, "")];
    (whole(&projects, &tags, &all), tasks)
}

#[tokio::test]
async fn a_file_with_some_of_the_pages_takes_no_links_away() {
    let (database, client) = sydney().await;
    let (all, [one, six, seven]) = world();
    import(&database, &all).await;
    let before = tasks(&client, true).await;
    assert!(before.iter().any(|task| task.starts_with("1 | in 10 | work")), "{before:?}");
    assert!(before.iter().any(|task| task.starts_with("7 | below 50")), "{before:?}");
    let parts = [vec![one.clone(), six.clone(), seven.clone()], vec![one], vec![seven], vec![six]];
    for some in parts {
        let report = import(&database, &tasks_of(&some)).await;
        assert_eq!(counts(&report, Kind::Task), [0, 0, some.len(), 0]);
        assert_eq!(tasks(&client, true).await, before);
        let verification = verify(&database, &tasks_of(&some)).await;
        assert!(is_clean(&verification), "{verification}");
    }
}

#[tokio::test]
async fn what_is_in_the_trash_here_changes_nothing_else() {
    let (database, client) = sydney().await;
    let (all, some) = world();
    import(&database, &all).await;
    let before = tasks(&client, true).await;
    client
        .batch_execute("UPDATE projects SET deleted_at = now() WHERE title = '10'")
        .await
        .unwrap();
    for (bytes, tasks) in [(all, 13), (tasks_of(&some), 3)] {
        let report = import(&database, &bytes).await;
        assert_eq!(counts(&report, Kind::Task), [0, 0, tasks, 0]);
    }
    client.batch_execute("UPDATE projects SET deleted_at = NULL").await.unwrap();
    assert_eq!(tasks(&client, true).await, before);
}

#[tokio::test]
async fn what_was_changed_here_and_is_decided_otherwise_there_is_kept_and_named() {
    let (database, client) = sydney().await;
    import(&database, &circle(Some(3), EDITED)).await;
    client.batch_execute("UPDATE tasks SET title = 'ours' WHERE title = '1'").await.unwrap();
    let report = import(&database, &circle(None, LATER)).await;
    assert_eq!(counts(&report, Kind::Task), [0, 1, 1, 1]);
    assert_eq!(said(&report, "changed_here"), [(&*format!("{:032x}", 1), "")]);
    assert!(tasks(&client, false).await.contains("ours"));
    // Once its link is the same here it is no longer in dispute, but what was changed here still counts.
    let sql = "UPDATE tasks SET parent_id = (SELECT id FROM tasks WHERE title = '2') WHERE title = 'ours'";
    client.batch_execute(sql).await.unwrap();
    let report = import(&database, &circle(None, LATER)).await;
    assert_eq!((counts(&report, Kind::Task), report.ended()), ([0, 0, 3, 0], Ended::Clean));
    let other = tasks_of(&[page(1, "theirs", LATER, &relation("Parent task", &[2]))]);
    assert_eq!(counts(&import(&database, &other).await, Kind::Task), [0, 0, 0, 1]);
}

#[tokio::test]
async fn of_what_came_before_decisions_were_kept_nothing_is_in_dispute() {
    let (database, client) = sydney().await;
    let (all, _) = world();
    import(&database, &all).await;
    let sql = "UPDATE external_refs SET decisions = NULL; UPDATE tasks SET title = 'ours' WHERE title = '1'";
    client.batch_execute(sql).await.unwrap();
    let report = import(&database, &all).await;
    assert_eq!(counts(&report, Kind::Task), [0, 0, 13, 0]);
}

#[tokio::test]
async fn an_older_file_decides_nothing_anew() {
    let (database, client) = sydney().await;
    import(&database, &circle(None, LATER)).await;
    let before = tasks(&client, true).await;
    let report = import(&database, &circle(Some(3), EDITED)).await;
    assert_eq!((counts(&report, Kind::Task), said(&report, "older").len()), ([0, 0, 2, 1], 1));
    assert_eq!(tasks(&client, true).await, before);
    import(&database, &list(&[2], LATER)).await;
    let before = tasks(&client, true).await;
    import(&database, &list(&[2, 3], EDITED)).await;
    assert_eq!(tasks(&client, true).await, before);
}

#[tokio::test]
async fn times_that_depend_on_the_owners_zone_are_read_anew_in_another() {
    let (database, client) = sydney().await;
    let date = |name: &str, value: &str| {
        format!(r#","{name}":{{"type":"date","date":{{"start":"{value}","time_zone":null}}}}"#)
    };
    let done =
        |properties: String| properties + r#","Status":{"type":"status","status":{"name":"Done"}}"#;
    let local = date("Due", "2026-03-01T23:00:00");
    let instant =
        date("Due", "2026-03-01T23:00:00+11:00") + &date("Completed At", "2026-02-01T01:00:00Z");
    let pages = [
        page(1, "local", EDITED, &local),
        page(2, "done on a day", EDITED, &done(date("Completed At", "2025-03-03"))),
        page(3, "instant", EDITED, &done(instant)),
        page(4, "day", EDITED, &date("Due", "2026-03-01")),
        page(5, "edited here", EDITED, &local),
    ];
    let bytes = tasks_of(&pages);
    client.batch_execute("UPDATE settings SET time_zone = 'UTC'").await.unwrap();
    import(&database, &bytes).await;
    let sql = "UPDATE tasks SET title = 'ours' WHERE title = 'edited here';
        UPDATE settings SET time_zone = 'Australia/Sydney'";
    client.batch_execute(sql).await.unwrap();
    let report = import(&database, &bytes).await;
    assert_eq!(counts(&report, Kind::Task), [0, 2, 2, 1]);
    assert_eq!(said(&report, "changed_here"), [(&*format!("{:032x}", 5), "")]);
    let sql = "SELECT title || ' ' || coalesce(due_at, completed_at) FROM tasks WHERE title <> 'ours' AND title <> 'day' ORDER BY 1";
    let rows = client.query(sql, &[]).await.unwrap();
    let rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let expected = [
        "done on a day 2025-03-02 13:00:00+00",
        "instant 2026-03-01 12:00:00+00",
        "local 2026-03-01 12:00:00+00",
    ];
    assert_eq!(rows, expected);
    let verification = verify(&database, &bytes).await;
    let differing: BTreeSet<_> = verification.differences.iter().map(|it| &*it.title).collect();
    assert_eq!(differing, BTreeSet::from(["edited here"]), "{verification}");
    assert_eq!(counts(&import(&database, &bytes).await, Kind::Task), [0, 0, 4, 1]);
}
