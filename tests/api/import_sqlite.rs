//! The import of a SQLite file, against what the truth beside the sample says, and its mapping.

use crate::import_notion::{state, sydney};
use crate::import_tables::{
    at, comes_back, file, fixture, import, originals, refusal, rows, said, tags, text, truth,
    without_a_place,
};
use crate::program::{end, tomos, with};
use chrono::{DateTime, Utc};
use rusqlite::Connection;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use tomos::import::report::Ended;
use tomos::import::sqlite;
use tomos::import::table::Tables;

/// The text that is too long for us; the fixture holds a short one in its place.
const LONG: usize = 1_200_000;
const LONG_ID: &str = "coouhls6b5aa972f5yspj4bd";

/// The sample, whole.
fn mental() -> PathBuf {
    let path = file("mental.db", &std::fs::read(fixture("sqlite/mental.db")).unwrap());
    let sql = "UPDATE mental_items SET content = ?1 WHERE id = ?2";
    let sample = Connection::open(&path).unwrap();
    assert_eq!(sample.execute(sql, ("x".repeat(LONG), LONG_ID)).unwrap(), 1);
    path
}

fn made(sql: &str) -> Tables {
    let path = file("made.db", b"");
    Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    sqlite::read(&path).unwrap()
}

fn milliseconds(value: &Value) -> Option<i64> {
    let instant = value.as_str()?.parse::<DateTime<Utc>>().unwrap();
    Some(instant.timestamp_millis())
}

#[tokio::test]
async fn mental_items_come_as_their_truth_says() {
    let (database, client) = sydney().await;
    let tables = sqlite::read(&mental()).unwrap();
    let report = import(&database, &tables, None).await;
    let truth = truth("sqlite/mental.db.truth.json");
    let rows = rows(&client, "sqlite", "task").await;
    let items = truth["items"].as_array().unwrap();
    assert_eq!(items.len(), truth["counts"]["items"]);
    assert_eq!(rows.len(), items.len());
    let said = said(&report);
    let mut done = 0;
    for item in items {
        let id = item["id"].as_str().unwrap();
        let row = &rows[id];
        let expected_title = item["title"].as_str().filter(|title| !title.is_empty());
        assert_eq!(text(row, "title").unwrap(), expected_title.unwrap_or("Untitled"), "{id}");
        let description = text(row, "description").unwrap_or_default();
        if let Some(content) = item["content"].as_str() {
            assert_eq!(description, content, "{id}");
        }
        if let Some(length) = item["content_length"].as_u64() {
            let length = usize::try_from(length).unwrap();
            // We take a million characters; the original keeps them all.
            assert_eq!(description.chars().count(), length.min(1_000_000), "{id}");
        }
        if let Some(expected) = item["tags"].as_array() {
            let keys = expected.iter().map(|tag| tag.as_str().unwrap().to_lowercase());
            assert_eq!(tags(row), keys.collect::<BTreeSet<_>>(), "{id}");
        }
        let is_done = item["status"] == "resolved";
        done += usize::from(is_done);
        assert_eq!(text(row, "status").unwrap(), if is_done { "done" } else { "todo" }, "{id}");
        for (column, member) in [
            ("created_at", "created_at"),
            ("updated_at", "updated_at"),
            ("completed_at", "resolved_at"),
        ] {
            let mut expected = milliseconds(&item[member]);
            if is_done && expected.is_none() {
                // Nobody knows when: the last change is taken, and it is said.
                assert!(said.contains(&(id.to_owned(), "completion_guessed", "completed".into())));
                expected = milliseconds(&item["updated_at"]);
            }
            assert_eq!(at(row, column), expected, "{id} {column}");
        }
        let original = &originals(row)[0];
        for column in ["theme", "session_id", "id", "status"] {
            assert_eq!(original[column], item[column], "{id} {column}");
        }
        for code in item["must_report"].as_array().unwrap() {
            let code = code.as_str().unwrap();
            assert!(said.iter().any(|(of, is, _)| of == id && *is == code), "{id} {code}");
        }
    }
    assert_eq!(done, truth["counts"]["resolved"]);
    let long = &originals(&rows[LONG_ID])[0]["content"];
    assert_eq!(long.as_str().unwrap().len(), LONG);
    assert!(said.contains(&(LONG_ID.to_owned(), "too_long", String::new())));
    let of = |column: &str| {
        items.iter().filter(|item| !item[column].as_str().unwrap_or("").is_empty()).count()
    };
    let expected = BTreeMap::from([
        ("task theme".to_owned(), of("theme")),
        ("task session_id".to_owned(), of("session_id")),
    ]);
    assert_eq!(without_a_place(&report), expected);
    assert_eq!(report.ended(), Ended::WithFindings);

    let before = state(&client).await;
    let again = import(&database, &sqlite::read(&mental()).unwrap(), None).await;
    assert_eq!(state(&client).await, before);
    assert_eq!(again.loaded.tallies.values().map(|tally| tally.unchanged).sum::<usize>(), 150);
}

#[tokio::test]
async fn a_mapping_that_was_edited_says_what_comes() {
    let (database, client) = sydney().await;
    let tables = made(
        "CREATE TABLE things (nr INTEGER PRIMARY KEY, what TEXT, more TEXT, state TEXT, made TEXT, area INT, up INT, gone INT);
         CREATE TABLE areas (nr INTEGER PRIMARY KEY, what TEXT, state TEXT);
         CREATE TABLE marks (nr INTEGER PRIMARY KEY, what TEXT, hue TEXT);
         CREATE TABLE marked (thing INT, mark INT);
         INSERT INTO things VALUES
            (1, NULL, 'Call', 'later', '2025-01-02 03:04:05', 1, NULL, 0),
            (2, 'Ring', 'x', 'over', '2025-01-02T03:04:05+01:00', 7, 1, 0),
            (3, 'Old', 'x', 'over', '2025-01-02', 7, 1, 1);
         INSERT INTO areas VALUES (1, 'Home', 'dormant');
         INSERT INTO marks VALUES (1, 'Legal', '337ea9'), (2, ' ', NULL);
         INSERT INTO marked VALUES (1, 1), (2, 1), (3, 1), (9, 1);",
    );
    let mapping = r#"
        source = "sqlite"
        [[table]]
        name = "things"
        becomes = "task"
        fields = { id = "nr", title = ["what", "more"], status = "state", created = "made", updated = "made", project = "area", parent = "up", trashed = "gone" }
        values.status = { later = "BLOCKED", over = "CANCELLED" }
        [[table]]
        name = "areas"
        becomes = "project"
        fields = { id = "nr", title = "what", status = "state" }
        values.status = { dormant = "ARCHIVED" }
        [[table]]
        name = "marks"
        becomes = "tag"
        fields = { id = "nr", name = "what", color = "hue" }
        [[table]]
        name = "marked"
        becomes = "task_tag"
        fields = { task = "thing", tag = "mark" }
    "#;
    let report = import(&database, &tables, Some(mapping)).await;
    let tasks = rows(&client, "sqlite", "task").await;
    let of = |id: &str| {
        let row = &tasks[id];
        let words = ["title", "status", "project", "parent"].map(|column| text(row, column));
        (words.map(Option::unwrap_or_default), at(row, "created_at").unwrap(), tags(row))
    };
    let legal = BTreeSet::from(["legal".to_owned()]);
    let first = ["Call", "blocked", "areas:1", ""].map(str::to_owned);
    assert_eq!(of("things:1"), (first, 1_735_787_045_000, legal.clone()));
    let second = ["Ring", "cancelled", "", "things:1"].map(str::to_owned);
    assert_eq!(of("things:2"), (second, 1_735_783_445_000, legal));
    assert_eq!(tasks.len(), 2);
    let projects = rows(&client, "sqlite", "project").await;
    assert_eq!(text(&projects["areas:1"], "status").unwrap(), "archived");
    let marks = rows(&client, "sqlite", "tag").await;
    assert_eq!(text(&marks["marks:1"], "color").unwrap(), "#337EA9");
    let said = said(&report);
    for (record, code) in [
        ("things:3", "in_trash"),
        ("things:2", "project_unresolved"),
        ("marks:2", "missing_title"),
        ("areas:1", "missing_time"),
        ("", "dangling_link"),
    ] {
        assert!(said.iter().any(|(of, is, _)| of == record && *is == code), "{record} {code}");
    }
}

#[test]
fn a_mapping_is_printed_as_it_was_inferred_and_read_again() {
    let tables = sqlite::read(&fixture("sqlite/mental.db")).unwrap();
    insta::assert_snapshot!(comes_back(&tables), @r##"
    # What the tables of the source become. Edit it, and give it with --mapping.
    # becomes: task, project, tag, task_tag (each row gives a task a tag) or nothing.
    source = "sqlite"

    [[table]] # 0 rows
    name = "drizzle_migrations"
    becomes = "nothing"
    # columns: "id", "hash"

    [[table]] # 150 rows
    name = "mental_items"
    becomes = "task"
    [table.fields]
    id = "id"
    title = "title"
    description = "content"
    status = "status"
    # priority =
    # due =
    # scheduled =
    completed = "resolved_at"
    # energy =
    # time_estimate =
    # source =
    tags = "tags"
    # project =
    # parent =
    created = "created_at"
    updated = "updated_at"
    # trashed =
    # without a place, kept in the originals: "theme", "session_id"
    [table.values.status]
    "open" = "TODO"
    "resolved" = "DONE"
    "##);
    let odd = made(
        "CREATE TABLE \"t \"\"o\\ds\" (id TEXT, \"the\ttitle\" TEXT);
         CREATE TABLE tasks (id TEXT, title TEXT, status TEXT, \"q\"\"\" TEXT);
         INSERT INTO tasks VALUES ('a', 'b', 'wai\"ting', 'x'), ('b', 'b', 'In-Progress', '');",
    );
    let printed = comes_back(&odd);
    assert!(printed.contains(r#""In-Progress" = "IN_PROGRESS""#), "{printed}");
    let unknown = r#"# not understood, add it to [table.values.status]: "wai\"ting" = "…""#;
    assert!(printed.contains(unknown), "{printed}");
}

#[test]
fn a_mapping_that_names_what_does_not_exist_is_refused() {
    let tables = made(
        "CREATE TABLE tasks (id TEXT, title TEXT, status TEXT); CREATE TABLE logs (line TEXT);",
    );
    let table = |rest: &str| format!("source = \"sqlite\"\n[[table]]\nname = \"tasks\"\n{rest}");
    let task = |rest: &str| {
        table(&format!("becomes = \"task\"\nfields.id = \"id\"\nfields.title = \"title\"\n{rest}"))
    };
    let mappings = [
        "source = ".to_owned(),
        "source = \"mongo\"".to_owned(),
        "source = \"sqlite\"".to_owned(),
        "source = \"sqlite\"\nchart = 1".to_owned(),
        table("becomes = \"deed\""),
        table("becomes = \"task\"\nfields.id = \"id\""),
        table("becomes = \"task\"\nfields.id = 1"),
        task("").replace("name = \"tasks\"", "name = \"jobs\""),
        task("fields.description = \"body\""),
        task("fields.content = \"body\""),
        task("values.status.open = \"OPEN\""),
        task("values.title.a = \"b\""),
        task("links.status = \"people\""),
        task("links.people = \"logs\""),
        task("[[table]]\nname = \"tasks\"\nbecomes = \"nothing\""),
    ];
    let errors = mappings.map(|mapping| refusal(&tables, &mapping));
    insta::assert_snapshot!(errors.join("\n"), @r##"
    line 1: string values must be quoted, expected literal string
    the mapping is for "mongo", and this is "sqlite"
    no table becomes a task, project or tag; there are "logs", "tasks"
    line 2: unknown field `chart`, expected `source` or `table`
    line 4: unknown variant `deed`, expected one of `project`, `tag`, `task`, `task_tag`, `nothing`
    table "tasks": a task needs the field "title"
    line 5: expected the name of a column, or a list of them
    there is no table "jobs"; there are "logs", "tasks"
    table "tasks": there is no column "body"; there are "id", "title", "status"
    table "tasks": a task has no field "content"; there are "id", "title", "description", "status", "priority", "due", "scheduled", "completed", "energy", "time_estimate", "source", "tags", "project", "parent", "created", "updated", "trashed"
    table "tasks": "open" cannot mean "OPEN", which is no status of a task; there are "INBOX", "TODO", "IN_PROGRESS", "BLOCKED", "DONE", "CANCELLED"
    table "tasks": the field "title" of a task has no list of values
    table "tasks": "status" links to the table "people", which is not there; there are "logs", "tasks"
    table "tasks": there is no column "people"; there are "id", "title", "status"
    the table "tasks" is there twice
    "##);
}

#[test]
fn what_is_no_sqlite_file_is_refused_in_one_line() {
    let whole = std::fs::read(fixture("sqlite/mental.db")).unwrap();
    let half = whole.get(..whole.len() / 2).unwrap();
    let nothing = file("made.db", b"");
    Connection::open(&nothing).unwrap().execute_batch("CREATE TABLE logs (line TEXT)").unwrap();
    let nothing = std::fs::read(nothing).unwrap();
    let utf16: Vec<u8> = "SQLite format 3".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, expected) in [
        (half, "malformed"),
        (b"".as_slice(), "it is no SQLite file"),
        (b"{\"tasks\":[]}".as_slice(), "it is no SQLite file"),
        (&utf16, "it is no SQLite file"),
        (&nothing, "no table becomes a task, project or tag; there are \"logs\""),
        (b"SQLite format 3\0 and then nothing of the kind".as_slice(), "cannot be read"),
    ] {
        let path = file("bad.db", bytes);
        let ended = end(&mut tomos(&["import", "sqlite", path.to_str().unwrap()]));
        assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{ended:?}");
        assert_eq!(ended.error.lines().count(), 1, "{ended:?}");
        assert!(ended.error.contains(expected), "{expected}: {ended:?}");
        assert!(ended.error.contains("bad.db"), "{ended:?}");
    }
}

#[tokio::test]
async fn the_command_prints_a_mapping_takes_it_back_and_imports() {
    let (database, _client) = sydney().await;
    let path = mental();
    let path = path.to_str().unwrap();
    let printed = end(&mut tomos(&["import", "sqlite", path, "--print-mapping"]));
    assert_eq!((printed.code, printed.error.as_str()), (Some(0), ""), "{printed:?}");
    let values = "[table.values.status]\n";
    let odd = printed.output.replace(values, &format!("{values}\"opun\" = \"TODO\"\n"));
    let mapping = file("mapping.toml", odd.as_bytes());
    let mapping = mapping.to_str().unwrap();
    let arguments = ["import", "sqlite", path, "--mapping", mapping];
    let trial = end(&mut with(&database, &[&arguments[..], &["--dry-run"]].concat()));
    assert_eq!((trial.code, trial.error.as_str()), (Some(1), ""), "{trial:?}");
    let ended = end(&mut with(&database, &arguments));
    assert_eq!((ended.code, ended.error.as_str()), (Some(1), ""), "{ended:?}");
    assert!(ended.output.contains("tasks        150      150"), "{}", ended.output);
    let idle =
        "1  task idle_mapping status \"opun\": the mapping says what it means, and it is nowhere";
    assert!(ended.output.contains(idle), "{}", ended.output);
    let wrong = file("wrong.toml", printed.output.replace("resolved_at", "resolved").as_bytes());
    let wrong = ["import", "sqlite", path, "--mapping", wrong.to_str().unwrap()];
    let refused = end(&mut tomos(&wrong));
    assert_eq!((refused.code, refused.output.as_str()), (Some(2), ""), "{refused:?}");
    let expected = "there is no column \"resolved\"; there are \"id\", \"title\", \"content\"";
    assert!(refused.error.contains(expected), "{refused:?}");
}
