//! The import of mongoexport's files, against what the truth beside the sample says.

use crate::import_notion::{state, sydney};
use crate::import_tables::{
    at, comes_back, file, fixture, import, originals, refusal, rows, said, tags, text, truth,
    without_a_place,
};
use crate::program::{end, new_directory, tomos, with};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tomos::import::mongo;
use tomos::import::report::{Ended, Report};

const COLLECTIONS: [&str; 4] = ["documents", "projects", "tasks", "users"];

/// A directory of a sample, in which each file is one array.
fn as_arrays(form: &str) -> PathBuf {
    let directory = new_directory("arrays");
    std::fs::create_dir_all(&directory).unwrap();
    for name in COLLECTIONS {
        let lines = fixture(&format!("mongo/{form}/{name}.json"));
        let lines = std::fs::read_to_string(lines).unwrap();
        let list = lines.lines().collect::<Vec<_>>().join(",\n  ");
        std::fs::write(directory.join(format!("{name}.json")), format!("[\n  {list}\n]\n"))
            .unwrap();
    }
    directory
}

fn ids(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// The rows of other collections that are kept with a record, by the field that names them.
fn kept(originals: &[Value], field: &str) -> BTreeSet<String> {
    let others = originals.iter().skip(1).filter_map(|other| other.get(field));
    others.map(|row| row["_id"]["$oid"].as_str().unwrap().to_owned()).collect()
}

fn unreported(report: &Report, task: &Value) -> Vec<String> {
    let said = said(report);
    let id = task["id"].as_str().unwrap();
    let codes = task["must_report"].as_array().unwrap().iter();
    let missing = codes.filter(|code| {
        let (code, property) = match code.as_str().unwrap() {
            "dangling_watcher" => ("dangling_link", "watchers"),
            "dangling_project" => ("project_unresolved", ""),
            "bad_date" => ("bad_date", "dueDate"),
            "nan" => ("nan", "estimate"),
            "nul" => ("nul", "title"),
            code => (code, ""),
        };
        !said.iter().any(|(of, is, on)| of == id && *is == code && on == property)
    });
    missing.map(|code| format!("{id} {code}")).collect()
}

/// How many documents hold something in fields that have no place here.
fn fields_without_a_place() -> BTreeMap<String, usize> {
    let tasks = ["_id", "title", "status", "project", "tags", "dueDate", "createdAt", "updatedAt"];
    let mut counts = BTreeMap::new();
    for (kind, known) in [("task", tasks.as_slice()), ("project", &["_id", "name", "createdAt"])] {
        let lines = fixture(&format!("mongo/canonical/{kind}s.json"));
        for line in std::fs::read_to_string(lines).unwrap().lines() {
            let document: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
            for (field, value) in document {
                let is_empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
                if !is_empty && !known.contains(&field.as_str()) {
                    *counts.entry(format!("{kind} {field}")).or_default() += 1;
                }
            }
        }
    }
    counts
}

async fn comes_as_its_truth_says(directory: &Path) -> Vec<String> {
    let (database, client) = sydney().await;
    let report = import(&database, &mongo::read(directory).unwrap(), None).await;
    let truth = truth("mongo/truth.json");
    let counts = &truth["counts"];
    let rows_of = rows(&client, "mongo", "task").await;
    let (mut watchers, mut documents) = (0, 0);
    let tasks = truth["tasks"].as_array().unwrap();
    assert_eq!(rows_of.len(), tasks.len());
    assert_eq!(rows_of.len(), counts["tasks"]);
    let mut values = Vec::new();
    for task in tasks {
        let id = task["id"].as_str().unwrap();
        let row = &rows_of[id];
        assert_eq!(text(row, "title").unwrap(), task["title"].as_str().unwrap_or("Untitled"));
        assert_eq!(text(row, "status").unwrap(), task["status"], "{id}");
        assert_eq!(text(row, "project").as_deref(), task["project"].as_str(), "{id}");
        for (column, member) in
            [("created_at", "created_ms"), ("updated_at", "updated_ms"), ("due_at", "due_ms")]
        {
            assert_eq!(at(row, column), task[member].as_i64(), "{id} {column}");
        }
        let all = originals(row);
        for (field, count) in [("watchers", &mut watchers), ("documents", &mut documents)] {
            let kept = kept(&all, field);
            assert_eq!(kept, ids(&task[field]), "{id} {field}");
            *count += kept.len();
        }
        let bytes = &all[0]["bytes"];
        let bytes = bytes["$numberLong"].as_str().map_or_else(|| bytes.to_string(), str::to_owned);
        assert_eq!(bytes, task["bytes"].as_str().unwrap(), "{id}");
        let binary = all[0]["ref"]["$binary"]["base64"].as_str().unwrap();
        let binary = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, binary).unwrap();
        let uuid = uuid::Uuid::from_slice(&binary).unwrap();
        assert_eq!(uuid.to_string(), task["ref"].as_str().unwrap(), "{id}");
        let named = all[0]["tags"].as_array().cloned().unwrap_or(vec![all[0]["tags"].clone()]);
        let named = named.iter().map(|tag| tag.as_str().unwrap().to_lowercase());
        assert_eq!(tags(row), named.collect(), "{id}");
        assert_eq!(unreported(&report, task), [""; 0]);
        let columns = ["id", "title", "status", "project", "due_date"];
        let columns = columns.map(|column| text(row, column).unwrap_or_default());
        values.push(format!("{columns:?} {:?} {:?}", at(row, "created_at"), tags(row)));
    }
    assert_eq!(watchers, counts["task_watchers"]);
    assert_eq!(documents, counts["task_documents"]);
    let projects = rows(&client, "mongo", "project").await;
    assert_eq!(projects.len(), counts["projects"]);
    assert_eq!(text(&projects["625900e480767aacd448d275"], "title").unwrap(), "Project 0");
    assert_eq!(at(&projects["625900e480767aacd448d275"], "created_at"), Some(1_650_000_100_007));
    let repeated = report.loaded.findings.iter().filter(|one| one.code == "duplicate_record");
    assert_eq!(repeated.count(), 1);
    assert_eq!(report.ended(), Ended::WithFindings);
    assert_eq!(without_a_place(&report), fields_without_a_place());

    let before = state(&client).await;
    import(&database, &mongo::read(directory).unwrap(), None).await;
    assert_eq!(state(&client).await, before);
    values
}

#[tokio::test]
async fn both_forms_as_lines_and_as_arrays_come_as_their_truth_says_and_alike() {
    let relaxed = comes_as_its_truth_says(&fixture("mongo/relaxed")).await;
    let canonical = comes_as_its_truth_says(&as_arrays("canonical")).await;
    assert_eq!(relaxed, canonical);
}

#[tokio::test]
async fn a_document_becomes_a_uuid_of_its_object_id_and_a_uuid_stays() {
    let (database, client) = sydney().await;
    let lines = r#"{"_id":{"$oid":"62590081FFAB067caa5bf26e"},"title":"a","parent":{"$uuid":"3C17FA7C-b540-4e76-a37c-c5b07696b508"}}
        {"_id":{"$binary":{"base64":"PBf6fLVATnajfMWwdpa1CA==","subType":"04"}},"title":"b","deleted":false}
        {"_id":7,"title":{"$date":"2025-01-01T00:00:00Z"},"tags":["x",{"y":1}]}
        {"_id":8,"title":"c","deleted":true}
        {"title":"d"}"#;
    let path = file("tickets.json", lines.as_bytes());
    let report = import(&database, &mongo::read(&path).unwrap(), None).await;
    let rows = rows(&client, "mongo", "task").await;
    let first = tomos::import::snapshot::record_id("mongo:62590081ffab067caa5bf26e");
    let uuid = "3c17fa7c-b540-4e76-a37c-c5b07696b508";
    assert_eq!(text(&rows["62590081ffab067caa5bf26e"], "id").unwrap(), first.to_string());
    assert_eq!(text(&rows["62590081ffab067caa5bf26e"], "parent").unwrap(), uuid);
    assert_eq!(text(&rows[uuid], "id").unwrap(), uuid);
    assert_eq!(text(&rows["tickets:7"], "title").unwrap(), "2025-01-01T00:00:00+00:00");
    assert_eq!(rows.len(), 3);
    let said = said(&report);
    let has = |id: &str, code: &str| said.iter().any(|(of, is, _)| of == id && *is == code);
    assert!(has("", "missing_id") && has("tickets:8", "in_trash"), "{said:?}");
    assert!(has("tickets:7", "bad_tag_elements"), "{said:?}");
}

#[tokio::test]
async fn a_list_of_ids_of_tags_names_these_tags() {
    let (database, client) = sydney().await;
    let tags_of = r#"{"_id":{"$oid":"62590081ffab067caa5bf26e"},"name":"Legal"}"#;
    let path = file("tags.json", tags_of.as_bytes());
    let tasks =
        r#"{"_id":1,"title":"a","tags":[{"$oid":"62590081ffab067caa5bf26e"},"b",{"$oid":"0"}]}"#;
    std::fs::write(path.with_file_name("tasks.json"), tasks).unwrap();
    let report = import(&database, &mongo::read(path.parent().unwrap()).unwrap(), None).await;
    let task = &rows(&client, "mongo", "task").await["tasks:1"];
    assert_eq!(tags(task), BTreeSet::from(["b".to_owned(), "legal".to_owned()]));
    assert!(said(&report).contains(&("tasks:1".to_owned(), "bad_tag_elements", "tags".to_owned())));
}

#[test]
fn a_mapping_of_collections_is_printed_and_checked() {
    let tables = mongo::read(&fixture("mongo/relaxed")).unwrap();
    let printed = comes_back(&tables);
    insta::assert_snapshot!(printed, @r##"
    # What the tables of the source become. Edit it, and give it with --mapping.
    # becomes: task, project, tag, task_tag (each row gives a task a tag) or nothing.
    source = "mongo"

    [[table]] # 18 rows
    name = "documents"
    becomes = "nothing"
    # columns: "_id", "filename", "size", "uploadedAt"

    [[table]] # 3 rows
    name = "projects"
    becomes = "project"
    [table.fields]
    id = "_id"
    title = "name"
    # description =
    # status =
    # color =
    # icon =
    created = "createdAt"
    # updated =
    # trashed =
    # without a place, kept in the originals: "members"
    [table.links]
    "members" = "users"

    [[table]] # 151 rows
    name = "tasks"
    becomes = "task"
    midnight = "instant" # in UTC, where something is due: or "day"
    [table.fields]
    id = "_id"
    title = "title"
    # description =
    status = "status"
    # priority =
    due = "dueDate"
    # scheduled =
    # completed =
    # energy =
    # time_estimate =
    # source =
    tags = "tags"
    project = "project"
    # parent =
    created = "createdAt"
    updated = "updatedAt"
    # trashed =
    # without a place, kept in the originals: "watchers", "documents", "estimate", "bytes", "ref", "meta", "__v", "extra $field.with.dots"
    [table.links]
    "documents" = "documents"
    "watchers" = "users"
    [table.values.status]
    "blocked" = "BLOCKED"
    "done" = "DONE"
    "in_progress" = "IN_PROGRESS"
    "todo" = "TODO"

    [[table]] # 12 rows
    name = "users"
    becomes = "nothing"
    # columns: "_id", "name", "email"
    "##);
    let wrong = printed.replace("\"watchers\" = \"users\"", "\"watchers\" = \"people\"");
    let expected = "\"watchers\" links to the table \"people\", which is not there; \
        there are \"documents\", \"projects\", \"tasks\", \"users\"";
    assert_eq!(refusal(&tables, &wrong), format!("table \"tasks\": {expected}"));
}

#[tokio::test]
async fn what_no_record_names_is_said_to_stay_in_the_source() {
    let (database, _client) = sydney().await;
    let directory = as_arrays("relaxed");
    std::fs::write(directory.join("logs.json"), "{\"_id\":1,\"line\":\"x\"}\n").unwrap();
    let report = import(&database, &mongo::read(&directory).unwrap(), None).await;
    let of = |code: &str| {
        let found = report.loaded.findings.iter().filter(|one| one.code == code);
        found.map(|one| format!("{} {}", one.property, one.value)).collect::<Vec<_>>()
    };
    assert_eq!(of("table_left_out"), ["logs 1 rows"]);
    assert_eq!(of("table_kept"), ["documents 18 rows", "users 12 rows"]);
}

#[tokio::test]
async fn what_is_no_file_of_mongoexport_is_refused_in_one_line() {
    let whole = std::fs::read(fixture("mongo/relaxed/tasks.json")).unwrap();
    let half = whole.get(..whole.len() / 2).unwrap();
    let utf16: Vec<u8> = "{\"_id\":1}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (name, bytes, expected) in [
        ("tasks.json", half, "tasks.json: line 75 is not valid JSON"),
        ("tasks.json", b"[{\"_id\":1},".as_slice(), "tasks.json: it is not valid JSON"),
        ("tasks.json", b"[1]".as_slice(), "number 1 is no document"),
        ("tasks.json", b"\xFF\xFE{".as_slice(), "not UTF-8 from byte 0 on"),
        ("tasks.json", &utf16, "line 1 is not valid JSON"),
        ("tasks.bson", b"x".as_slice(), "mongodump"),
        ("tasks.txt", b"x".as_slice(), "no file of mongoexport"),
    ] {
        let path = file(name, bytes);
        let directory = path.parent().unwrap().to_str().unwrap();
        let ended = end(&mut tomos(&["import", "mongo", directory]));
        assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{ended:?}");
        assert_eq!(ended.error.lines().count(), 1, "{ended:?}");
        assert!(ended.error.contains(expected), "{expected}: {ended:?}");
    }
    let (database, _client) = sydney().await;
    let path = fixture("mongo/canonical");
    let out = file("errors.jsonl", b"");
    let arguments = ["import", "mongo", path.to_str().unwrap(), "--errors", out.to_str().unwrap()];
    let ended = end(&mut with(&database, &arguments));
    assert_eq!((ended.code, ended.error.as_str()), (Some(1), ""), "{ended:?}");
}

#[test]
fn documents_over_several_lines_and_documents_twice_are_the_same_documents() {
    let once = mongo::read(&fixture("mongo/relaxed")).unwrap();
    let directory = new_directory("pretty");
    for table in ["documents", "projects", "tasks", "users"] {
        let text = std::fs::read_to_string(fixture("mongo/relaxed").join(format!("{table}.json")));
        let text = text.unwrap();
        // As --pretty indents them, texts with quotes and backslashes included.
        let pretty = text.lines().map(|line| {
            let mut pretty = String::new();
            let (mut is_text, mut is_escaped) = (false, false);
            for letter in line.chars() {
                pretty.push(letter);
                if !is_text && matches!(letter, ',' | '{' | ':') {
                    pretty.push_str("\n\t ");
                }
                is_text ^= letter == '"' && !is_escaped;
                is_escaped = letter == '\\' && !is_escaped;
            }
            pretty
        });
        let pretty = pretty.collect::<Vec<_>>().join("\n");
        std::fs::write(directory.join(format!("{table}.array.json")), text).unwrap();
        std::fs::write(directory.join(format!("{table}.json")), pretty).unwrap();
    }
    let both = mongo::read(&directory).unwrap();
    for (table, expected) in both.tables.iter().zip(&once.tables) {
        assert_eq!((&table.name, table.rows.len()), (&expected.name, expected.rows.len()));
        for (row, expected) in table.rows.iter().zip(&expected.rows) {
            assert_eq!(row.original.bytes(), expected.original.bytes());
        }
    }
    std::fs::write(directory.join("tasks.json"), "{\n\"_id\": 1,\n}\n").unwrap();
    let wrong = mongo::read(&directory).unwrap_err();
    assert_eq!(wrong, "tasks.json: line 3 is not valid JSON; export it again");
}
