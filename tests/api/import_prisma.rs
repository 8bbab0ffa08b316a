//! The import of a dump of the former database.

use crate::import_notion::{state, sydney};
use crate::import_tables::{
    at, comes_back, file, fixture, import, originals, rows, said, tags, text, without_a_place,
};
use crate::program::{end, tomos, with};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tomos::import::prisma;
use tomos::import::report::Ended;

const DUMP: &str = "prisma/dump.sql";

/// The id of a task in the dump.
fn task(number: &str) -> String {
    format!("c0ffee00-0000-4000-8000-00000000000{number}")
}

fn milliseconds(text: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

#[tokio::test]
async fn the_former_database_comes_with_its_ids_and_its_times_in_utc() {
    let (database, client) = sydney().await;
    let tables = prisma::read(&fixture(DUMP)).unwrap();
    let report = import(&database, &tables, None).await;
    let tasks = rows(&client, "prisma", "task").await;
    let columns = ["title", "description", "status", "priority", "project", "parent"];
    let explorers = "3b9d6b7e-0c55-4c0e-8b5e-1f2a3b4c5d01";
    let old = "3b9d6b7e-0c55-4c0e-8b5e-1f2a3b4c5d02";
    let first = task("1");
    let bank = "Wait for the bank";
    for (number, expected) in [
        (
            "1",
            [
                "Renew passport",
                "Bring\\ the \"old\" one\r\nand a photo",
                "todo",
                "urgent",
                explorers,
                "",
            ],
        ),
        ("2", ["Take the photo", "", "done", "high", "", first.as_str()]),
        ("3", ["審査 \\N \\. 契約書", "", "in_progress", "low", "", ""]),
        ("4", [bank, "", "blocked", "medium", "", ""]),
        ("5", ["Odd", "", "todo", "urgent", "", ""]),
        ("6", ["Done, nobody knows when", "", "done", "medium", old, ""]),
    ] {
        let row = &tasks[&task(number)];
        let values = columns.map(|column| text(row, column).unwrap_or_default());
        assert_eq!(values, expected, "{number}");
        // The ids stay as they were.
        assert_eq!(text(row, "id").unwrap(), task(number));
    }
    assert_eq!(tasks.len(), 6);
    for (number, column, expected) in [
        ("1", "created_at", Some("2026-01-18T22:14:03.5Z")),
        ("1", "updated_at", Some("2026-01-19T01:02:03.456Z")),
        ("1", "due_at", Some("2026-02-03T00:00:00Z")),
        ("2", "due_at", Some("2026-02-01T22:30:00Z")),
        ("2", "completed_at", Some("2026-01-25T11:12:13.014Z")),
        ("4", "completed_at", None),
        ("6", "completed_at", Some("2026-01-21T22:14:03.999Z")),
    ] {
        let is = at(&tasks[&task(number)], column);
        assert_eq!(is, expected.map(milliseconds), "{number} {column}");
    }
    let keys = |number: &str| tags(&tasks[&task(number)]).into_iter().collect::<Vec<_>>();
    assert_eq!(keys("1"), ["context:work", "legal"]);
    assert_eq!(keys("3"), ["legal"]);
    let projects = rows(&client, "prisma", "project").await;
    let columns = ["title", "description", "status", "color", "icon"];
    let project = columns.map(|column| text(&projects[explorers], column).unwrap_or_default());
    assert_eq!(project, ["Explorers 🏕️", "", "active", "#337EA9", "⛺"]);
    let project = columns.map(|column| text(&projects[old], column).unwrap_or_default());
    assert_eq!(project, ["Old", "done\twith\nit", "archived", "", ""]);
    assert_eq!(
        at(&projects[explorers], "created_at"),
        Some(milliseconds("2025-06-01T09:30:00.123Z"))
    );

    // The matter has no place yet: its row is kept with the task that names it.
    let kept = originals(&tasks[&task("3")]);
    assert_eq!(kept[0]["matterId"], kept[1]["matterId"]["id"]);
    assert_eq!(kept[1]["matterId"]["matterNumber"], "MAT-2026-001");
    assert_eq!(without_a_place(&report), BTreeMap::from([("task matterId".to_owned(), 1)]));
    // Notes name the task to which they belong.
    let kept = originals(&tasks[&task("1")]);
    assert_eq!(kept[1]["notes.taskId"]["content"], "Form\tB-7");
    let said = said(&report);
    for (record, code, property) in [
        (task("1").as_str(), "due_at_midnight", "dueDate"),
        (&task("3"), "project_unresolved", ""),
        (&task("4"), "completion_without_done", "completed"),
        (&task("5"), "unknown_status", "status"),
        (&task("5"), "parent_unresolved", ""),
        (&task("6"), "completion_guessed", "completed"),
        ("91c2d3e4-1111-4a2b-8c3d-000000000003", "tag_merged", ""),
        ("", "dangling_link", "task_tags"),
        ("", "table_left_out", "shopping_items"),
        ("", "table_kept", "matters"),
        ("", "table_kept", "notes"),
        ("", "table_left_out", "notes"),
    ] {
        let finding = (record.to_owned(), code, property.to_owned());
        assert!(said.contains(&finding), "{finding:?}: {said:?}");
    }
    assert!(!said.iter().any(|(_, _, property)| property == "_prisma_migrations"));
    assert_eq!(report.ended(), Ended::WithFindings);

    let before = state(&client).await;
    import(&database, &tables, None).await;
    assert_eq!(state(&client).await, before);
}

#[tokio::test]
async fn where_the_mapping_says_so_a_midnight_is_a_day() {
    let (database, client) = sydney().await;
    let tables = prisma::read(&fixture(DUMP)).unwrap();
    let mapping = comes_back(&tables).replace("midnight = \"instant\"", "midnight = \"day\"");
    import(&database, &tables, Some(&mapping)).await;
    let tasks = rows(&client, "prisma", "task").await;
    let due = |number: &str| {
        let row = &tasks[&task(number)];
        (text(row, "due_date").unwrap(), at(row, "due_at"))
    };
    assert_eq!(due("1"), ("2026-02-03".to_owned(), None));
    assert_eq!(due("2"), ("2026-02-02".to_owned(), Some(milliseconds("2026-02-01T22:30:00Z"))));
}

#[test]
fn tables_between_two_others_are_understood() {
    let dump = "CREATE TABLE public.\"Task\" (\n    id integer NOT NULL,\n    title text\n);\n\
        COPY public.\"Task\" (id, title) FROM stdin;\r\n1\ta\r\n\\.\r\n\
        COPY public.\"Tag\" (id, name) FROM stdin;\n1\tx\n\\.\n\
        COPY public.\"_TagToTask\" (\"A\", \"B\") FROM stdin;\n1\t1\n\\.\n";
    let path = file("dump.sql", dump.as_bytes());
    let printed = comes_back(&prisma::read(&path).unwrap());
    let fields: BTreeSet<&str> = printed.lines().filter(|line| line.ends_with("\"B\"")).collect();
    assert_eq!(fields, BTreeSet::from(["task = \"B\""]), "{printed}");
}

#[test]
fn what_is_no_dump_is_refused_in_one_line() {
    let whole = std::fs::read(fixture(DUMP)).unwrap();
    let half = whole.get(..whole.len() / 2).unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    let bare = text.replace("-- PostgreSQL database dump\n", "");
    let amid = bare.split("Take the photo").next().unwrap();
    let lines = amid.rsplit_once('\n').unwrap().0;
    for (bytes, expected) in [
        (half, "it was cut; dump it again"),
        (amid.as_bytes(), "line 215 has 2 values, and \"tasks\" has 12 columns"),
        (lines.as_bytes(), "it ends amid the rows of \"tasks\""),
        (b"PGDMP\x01\x0E".as_slice(), "pg_restore"),
        (b"\x1F\x8B\x08".as_slice(), "gunzip"),
        (b"\xFF\xFE-\0-\0".as_slice(), "not UTF-8 from byte 0 on"),
        (b"INSERT INTO public.tasks VALUES ('a');".as_slice(), "without --inserts"),
        (b"{\"tasks\":[]}".as_slice(), "no rows of pg_dump"),
        (b"".as_slice(), "no rows of pg_dump"),
    ] {
        let path = file("dump.sql", bytes);
        let ended = end(&mut tomos(&["import", "prisma", path.to_str().unwrap()]));
        assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{ended:?}");
        assert_eq!(ended.error.lines().count(), 1, "{ended:?}");
        assert!(ended.error.contains(expected), "{expected}: {ended:?}");
    }
    let ended = end(&mut tomos(&["import", "prisma", "/nowhere/dump.sql"]));
    assert_eq!(ended.code, Some(2));
    assert!(ended.error.contains("/nowhere/dump.sql: it cannot be read"), "{ended:?}");
}

#[tokio::test]
async fn the_command_says_what_would_come() {
    let (database, client) = sydney().await;
    let before = state(&client).await;
    let path = fixture(DUMP);
    let arguments = ["import", "prisma", path.to_str().unwrap(), "--dry-run"];
    let ended = end(&mut with(&database, &arguments));
    assert_eq!((ended.code, ended.error.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.output.contains("tasks          6        6"), "{}", ended.output);
    assert_eq!(state(&client).await, before);
    assert!(!Path::new(&format!("{}.errors.jsonl", path.display())).exists());
}
