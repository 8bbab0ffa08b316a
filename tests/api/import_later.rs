//! What a later import takes over and what it leaves: guesses, older files, what is alike by now, zones.

use crate::database::TestDatabase;
use crate::import_notion::{EDITED, file, import, page, sydney};
use crate::import_rules::{relation, said, tag_page};
use crate::program::{end, new_directory, with};
use crate::verify::verify;
use tokio_postgres::Client;
use tomos::import::report::Ended;
use tomos::import::snapshot::Kind;

const LATER: &str = "2025-03-03T00:00:00.000Z";
const LAST: &str = "2025-04-04T00:00:00.000Z";

async fn texts(client: &Client, sql: &str) -> Vec<String> {
    let sql = format!("SELECT it::text FROM ({sql}) AS rows (it) ORDER BY 1");
    client.query(&sql, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

fn done(title: &str, edited: &str) -> Vec<u8> {
    let status = r#","Status":{"type":"status","status":{"name":"Done"}}"#;
    file(&[&page(1, title, edited, status)])
}

#[tokio::test]
async fn a_guess_of_when_something_was_done_moves_no_earlier_one() {
    let (database, client) = sydney().await;
    import(&database, &done("one", EDITED)).await;
    import(&database, &done("two", LATER)).await;
    let sql = "SELECT title || ' ' || completed_at::date || ' ' || updated_at::date FROM tasks";
    assert_eq!(texts(&client, sql).await, ["two 2025-02-02 2025-03-03"]);
    let verification = verify(&database, &done("two", LATER)).await;
    assert!(verification.is_clean(), "{verification}");
    // A later one is no guess of an import.
    let sql = "SET session_replication_role = replica; UPDATE tasks SET completed_at = now()";
    client.batch_execute(sql).await.unwrap();
    let verification = verify(&database, &done("two", LATER)).await;
    let fields: Vec<_> = verification.differences.iter().map(|it| &*it.field).collect();
    assert_eq!(fields, ["completed_at"]);
}

fn kinds(title: &str, edited: &str) -> Vec<u8> {
    let one = |number| page(number, &format!("{title} {number}"), edited, "");
    format!(r#"{{"projects":[{}],"tags":[{}],"tasks":[{}]}}"#, one(1), one(2), one(3)).into_bytes()
}

#[tokio::test]
async fn an_older_file_takes_nothing_back_and_says_so() {
    let (database, client) = sydney().await;
    import(&database, &kinds("old", EDITED)).await;
    import(&database, &kinds("new", LATER)).await;
    let titles =
        "SELECT title FROM projects UNION SELECT name FROM tags UNION SELECT title FROM tasks";
    let new = ["new 1", "new 2", "new 3"];
    assert_eq!(texts(&client, titles).await, new);
    let report = import(&database, &kinds("old", EDITED)).await;
    assert_eq!(texts(&client, titles).await, new);
    assert_eq!((said(&report, "older").len(), report.ended()), (3, Ended::WithFindings));
    assert!(report.loaded.tallies.values().all(|tally| (tally.updated, tally.kept) == (0, 1)));
    // What comes after that is still the next version, and no conflict.
    let report = import(&database, &kinds("last", LAST)).await;
    assert_eq!((said(&report, "older").len(), report.ended()), (0, Ended::Clean));
    assert_eq!(texts(&client, titles).await, ["last 1", "last 2", "last 3"]);
}

#[tokio::test]
async fn a_file_without_times_is_no_newer_one() {
    let (database, client) = sydney().await;
    let untimed = page(1, "of a file without times", EDITED, "");
    let untimed = untimed.replace("created_time", "c").replace("last_edited_time", "e");
    import(&database, &file(&[&untimed])).await;
    import(&database, &file(&[&page(1, "of Notion", EDITED, "")])).await;
    assert_eq!(texts(&client, "SELECT title FROM tasks").await, ["of Notion"]);
}

#[tokio::test]
async fn what_is_alike_on_both_sides_is_no_conflict_any_longer() {
    let (database, client) = sydney().await;
    let project = page(10, "Garden", EDITED, "");
    let tags = [tag_page(20, "home"), tag_page(21, "legal")].join(",");
    let bytes = |title: &str, tags_of: &[u32], edited: &str| {
        let links = relation("Project", &[10]) + &relation("Tags", tags_of);
        let task = page(1, title, edited, &links);
        format!(r#"{{"projects":[{project}],"tags":[{tags}],"tasks":[{task}]}}"#).into_bytes()
    };
    import(&database, &bytes("one", &[20], EDITED)).await;
    let sql = "UPDATE tasks SET title = 'two', updated_at = '2025-02-12T00:00:00Z'";
    client.batch_execute(sql).await.unwrap();
    // A link is a part of it.
    let report = import(&database, &bytes("two", &[20, 21], LATER)).await;
    assert_eq!(said(&report, "changed_here").len(), 1);
    let report = import(&database, &bytes("two", &[20], LATER)).await;
    let tally = report.loaded.tallies[&Kind::Task];
    assert_eq!((tally.unchanged, tally.kept, report.ended()), (1, 0, Ended::Clean));
    // From now on what is changed there alone comes.
    let report = import(&database, &bytes("three", &[21], LAST)).await;
    assert_eq!((said(&report, "changed_here").len(), report.ended()), (0, Ended::Clean));
    assert_eq!(texts(&client, "SELECT title FROM tasks").await, ["three"]);
    // What is in the trash here is another thing.
    client.batch_execute("UPDATE tasks SET deleted_at = now()").await.unwrap();
    let report = import(&database, &bytes("three", &[20], LAST)).await;
    assert_eq!(said(&report, "changed_here").len(), 1);
}

#[tokio::test]
async fn another_zone_of_the_owner_is_no_edit_of_what_came() {
    let (database, client) = sydney().await;
    let due = r#","Due":{"type":"date","date":{"start":"2026-02-03T23:30:00.000+11:00"}}"#;
    let mine = page(2, "mine", EDITED, due);
    import(&database, &file(&[&page(1, "one", EDITED, due), &mine])).await;
    client.batch_execute("UPDATE tasks SET title = 'ours' WHERE title = 'mine'").await.unwrap();
    let zone = "UPDATE settings SET time_zone = 'Pacific/Auckland'";
    client.batch_execute(zone).await.unwrap();
    let sql = "SELECT due_date || ' ' || version || ' ' || updated_at::date FROM tasks WHERE title = 'one'";
    assert_eq!(texts(&client, sql).await, ["2026-02-04 2 2025-02-02"]);
    let report = import(&database, &file(&[&page(1, "two", LATER, due), &mine])).await;
    assert_eq!((report.loaded.tallies[&Kind::Task].updated, report.ended()), (1, Ended::Clean));
    // What was changed here still counts as that, and an import can be taken back.
    let changed = "SELECT title FROM tasks JOIN external_refs ON record_id = id WHERE version <> imported_version";
    assert_eq!(texts(&client, changed).await, ["ours"]);
    let zone = "UPDATE settings SET time_zone = 'Australia/Sydney'";
    client.batch_execute(zone).await.unwrap();
    let noted = "SELECT run_id FROM import_writes AS w JOIN tasks AS t ON t.id = record_id WHERE w.version = t.version";
    assert_eq!(texts(&client, noted).await, ["2"]);
}

#[test]
fn the_command_takes_the_owners_zone_and_names_what_it_warns_of() {
    let database = TestDatabase::new();
    let path = new_directory("later").join("export.json");
    let due = r#","Due":{"type":"date","date":{"start":"2026-02-03T23:30:00.000Z"}}
        ,"Status":{"type":"select","select":{"name":"Perhaps"}}"#;
    std::fs::write(&path, file(&[&page(7, "Call", EDITED, due)])).unwrap();
    let path = path.to_str().unwrap();
    let run = |more: &[&str]| {
        let arguments = [&["import", "notion", path], more].concat();
        end(&mut with(&database, &arguments))
    };
    let ended = run(&["--time-zone", "Australia/Sydney"]);
    assert_eq!((ended.code, ended.error.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.output.contains("each warning with its record"), "{ended:?}");
    let lines = std::fs::read_to_string(format!("{path}.errors.jsonl")).unwrap();
    let line: serde_json::Value = serde_json::from_str(&lines).unwrap();
    assert_eq!(
        (&line["severity"], &line["code"], &line["title"], &line["record"]),
        (
            &"warning".into(),
            &"unknown_status".into(),
            &"Call".into(),
            &format!("{:032x}", 7).into()
        )
    );
    let sql = crate::program::Sql::on(&database.url);
    assert_eq!(
        sql.row("SELECT due_date::text || time_zone FROM tasks, settings"),
        "2026-02-04Australia/Sydney"
    );
    assert_eq!(run(&["--time-zone", "Nowhere"]).code, Some(2));
}

#[tokio::test]
async fn a_page_that_was_moved_to_another_database_is_named() {
    let (database, client) = sydney().await;
    import(&database, &file(&[&page(1, "Garden", EDITED, "")])).await;
    let link = relation("Project", &[1]);
    let (moved, task) = (page(1, "Garden", LATER, ""), page(2, "Dig", LATER, &link));
    let bytes = format!(r#"{{"projects":[{moved}],"tags":[],"tasks":[{task}]}}"#).into_bytes();
    for _ in 0..2 {
        let report = import(&database, &bytes).await;
        let reasons = report.loaded.findings.iter().map(|finding| &*finding.reason);
        assert_eq!(reasons.filter(|reason| reason.contains("moved there")).count(), 1);
        assert_eq!(report.loaded.tallies[&Kind::Project].kept, 1);
        let titles = "SELECT title FROM projects UNION SELECT title FROM tasks";
        assert_eq!(texts(&client, titles).await, ["Dig", "Garden"]);
    }
    let verification = verify(&database, &bytes).await;
    assert!(!verification.is_clean(), "{verification}");
}
