//! The import of a workspace export of Notion, against what the truth beside the sample says.

use crate::import_notion::{
    compare_projects, compare_tasks, fixture, import, rows, state, sydney, text, truth, unreported,
};
use crate::import_tables::file;
use crate::program::{end, tomos, with};
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::{Cursor, Write};
use tomos::import::finding::Severity;
use tomos::import::report::{Ended, Report};
use zip::write::SimpleFileOptions;

const ZIP: &str = "workspace-export.zip";
const NOTHING: [String; 0] = [];

pub(crate) fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn codes(report: &Report) -> BTreeSet<&str> {
    report.loaded.findings.iter().map(|finding| finding.code).collect()
}

#[tokio::test]
async fn a_workspace_export_comes_as_its_truth_says() {
    let (database, client) = sydney().await;
    let report = import(&database, &fixture(ZIP)).await;
    let truth = truth("workspace-export.zip.truth.json");
    assert_eq!(compare_tasks(&client, &truth, true, true).await, NOTHING);
    assert_eq!(compare_projects(&client, &truth, false).await, NOTHING);
    assert_eq!(unreported(&report, &truth), NOTHING);
    assert_eq!(report.ended(), Ended::WithFindings);
    let tags = client
        .query("SELECT key FROM tags WHERE prefix IS DISTINCT FROM 'context'", &[])
        .await
        .unwrap();
    let tags: BTreeSet<String> = tags.iter().map(|row| row.get(0)).collect();
    let expected: BTreeSet<String> = truth["tags"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(tags, expected);
    // Each line of a body is in the description, or is a subtask.
    let tasks = rows(&client, "task", "r.description, r.title, r.status::text, original").await;
    let mut bodies = 0;
    for task in truth["tasks"].as_array().unwrap() {
        let Some(row) = tasks.get(&task["notion_id"].as_str().unwrap().replace('-', "")) else {
            continue;
        };
        let description = text(row, "description").unwrap_or_default();
        for line in task["body_markdown"].as_str().unwrap().lines() {
            bodies += 1;
            let todo = line.trim_start().strip_prefix("- [ ] ");
            let todo = todo.or_else(|| line.trim_start().strip_prefix("- [x] "));
            let is_part = |todo| tasks.values().any(|row| text(row, "title").as_deref() == todo);
            let is_there = if todo.is_some() { is_part(todo) } else { description.contains(line) };
            assert!(is_there, "{}: {line:?} is not in {description:?}", task["notion_id"]);
        }
        // The properties stand in the page's file too, and are no part of its body.
        assert!(!description.contains("\nCreated: "), "{}: {description}", task["notion_id"]);
        let original: Vec<u8> = row.get("original");
        let original: Value = serde_json::from_slice(&original).unwrap();
        let page = original.get("page").unwrap_or(&original);
        assert_eq!(
            page["csv"]["Phone"].as_str().unwrap_or_default(),
            task["extras"]["phone"].as_str().unwrap_or_default()
        );
        assert!(page["markdown"].as_str().unwrap().starts_with("# "));
    }
    assert!(bodies > 50);

    let before = state(&client).await;
    import(&database, &fixture(ZIP)).await;
    assert_eq!(state(&client).await, before);
}

#[tokio::test]
async fn the_report_says_what_a_zip_cannot_carry() {
    let (database, _client) = sydney().await;
    let report = import(&database, &fixture(ZIP)).await;
    let lost = report.loaded.findings.iter().filter(|one| one.code == "not_in_zip");
    let lost: Vec<&str> = lost.map(|one| one.property.as_str()).collect();
    assert_eq!(lost, ["trash", "relations", "types", "times", "rollups and formulas", "looks"]);
    let others = report.loaded.findings.iter().find(|one| one.code == "file_left_out").unwrap();
    assert_eq!(others.severity, Severity::Information);
}

#[tokio::test]
async fn all_rows_are_read_where_there_is_a_table_of_all() {
    let (database, client) = sydney().await;
    let id = |digit: &str| digit.repeat(32);
    let (tasks, loose) = (id("a"), id("f"));
    let page = |title: &str, rest: &str| format!("# {title}\n\n{rest}");
    let files = [
        (format!("X/Tasks {tasks}.csv"), "Name,Status\nOne,Done\n".to_owned()),
        (
            format!("X/Tasks {tasks}_all.csv"),
            "Name,Status,Due Date,Created\nOne,Done,soon,\"May 1, 2025\"\nOne,Inbox,,\n\
             \"Two, (b)\",Todo,\"May 1, 2026 9:00 AM\",\"May 1, 2025 9:00 AM (GMT+10)\"\nThree,,,\n"
                .to_owned(),
        ),
        (format!("X/Tasks/One {}.md", id("1")), page("One", "Status: Inbox\n\n- [x] part\n")),
        (format!("X/Tasks/One {}.md", id("2")), page("One", "Status: Done\nDue Date: soon\n")),
        (format!("X/Tasks/Two b {}.md", id("3")), page("Two, (b)", "Status: Todo\n\nbody")),
        (format!("X/Loose {loose}.md"), page("Loose", "text")),
        (format!("X/Goals {}_all.csv", id("b")), "Name\nGoal\n".to_owned()),
        (format!("X/Projects {}.csv", id("c")), "Name\nHome\n".to_owned()),
    ];
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let report = import(&database, &zip(&files)).await;
    let select = "r.title, r.status::text, r.description, r.due_at, r.created_at";
    let tasks = rows(&client, "task", select).await;
    let of = |id: &str| {
        let row = &tasks[id];
        [text(row, "title").unwrap(), text(row, "status").unwrap()].join(" ")
    };
    assert_eq!(of(&id("1")), "One inbox");
    assert_eq!(of(&id("2")), "One done");
    assert_eq!(of(&id("3")), "Two, (b) todo");
    assert_eq!(text(&tasks[&id("3")], "description").unwrap(), "body");
    // Four rows, and the part of one.
    assert_eq!(tasks.len(), 5);
    let codes = codes(&report);
    for code in [
        "row_without_page",
        "page_left_out",
        "database_left_out",
        "view_only",
        "malformed_date",
        "missing_time",
    ] {
        assert!(codes.contains(code), "{code}: {codes:?}");
    }
}

#[tokio::test]
async fn what_is_no_workspace_export_is_refused_in_one_line() {
    let whole = fixture(ZIP);
    let half = whole.get(..whole.len() / 2).unwrap();
    let slip = zip(&[("../../etc/Tasks.csv", "Name\n")]);
    let empty = zip(&[]);
    let html = zip(&[("Tasks.html", "<html>")]);
    let latin = {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        writer.start_file("Tasks_all.csv", SimpleFileOptions::default()).unwrap();
        writer.write_all(b"Name\nCaf\xE9\n").unwrap();
        writer.finish().unwrap().into_inner()
    };
    let short = zip(&[("Tasks_all.csv", "Name,Status\nOne,Done\nTwo\n")]);
    for (bytes, expected) in [
        (half, "the ZIP is damaged"),
        (&slip, "\"../../etc/Tasks.csv\", which leads out of it"),
        (&empty, "no database with pages is in the ZIP"),
        (&html, "no database with pages is in the ZIP"),
        (&latin, "\"Tasks_all.csv\" in the ZIP is not UTF-8 from byte 8 on"),
        (&short, "line 3 of \"Tasks_all.csv\" in the ZIP has 1 values, not 2"),
    ] {
        let path = file("export.zip", bytes);
        let ended = end(&mut tomos(&["import", "notion", path.to_str().unwrap()]));
        assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{ended:?}");
        assert_eq!(ended.error.lines().count(), 1, "{ended:?}");
        assert!(ended.error.contains(expected), "{expected}: {ended:?}");
    }
    let (database, _client) = sydney().await;
    let path = file("export.zip", &whole);
    let ended = end(&mut with(&database, &["import", "notion", path.to_str().unwrap()]));
    assert_eq!((ended.code, ended.error.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.output.contains("a workspace export of Notion"), "{}", ended.output);
}
