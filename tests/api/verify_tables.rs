//! The comparison of sources with tables: what came does not differ, and what is damaged is named.

use crate::database::TestDatabase;
use crate::import_notion::{EDITED, file as pages, page, sydney};
use crate::import_tables::{NOW, file, fixture, import};
use crate::program::{end, with};
use std::collections::BTreeSet;
use std::path::Path;
use tokio_postgres::Client;
use tomos::import::mapping::Mapping;
use tomos::import::table::Tables;
use tomos::import::verify::{TIME_OF_IMPORT, Verification, verify};
use tomos::import::{self, Source, mongo, prisma, sqlite};

/// A sample, and which of the damages below it has something for.
struct Sample {
    name: &'static str,
    path: &'static str,
    read: fn(&Path) -> Result<Tables, String>,
    damages: usize,
}

const SAMPLES: [Sample; 3] = [
    Sample { name: "sqlite", path: "sqlite/mental.db", read: sqlite::read, damages: 8 },
    Sample { name: "mongo", path: "mongo/relaxed", read: mongo::read, damages: 9 },
    Sample { name: "prisma", path: "prisma/dump.sql", read: prisma::read, damages: 10 },
];

/// Damage to one task: which may suffer it, how it is done, and what is said of it, the record's id left out.
struct Damage {
    to: &'static str,
    sql: &'static str,
    expected: &'static [&'static str],
}

const DAMAGES: [Damage; 10] = [
    Damage {
        to: "true",
        sql: "UPDATE tasks SET title = title || '.' WHERE id = $1",
        expected: &["fields tasks differs title"],
    },
    Damage {
        to: "length(description) > 1",
        sql: "UPDATE tasks SET description = left(description, -1) WHERE id = $1",
        expected: &["fields tasks differs description"],
    },
    Damage {
        to: "status = 'todo'",
        sql: "UPDATE tasks SET status = 'blocked' WHERE id = $1",
        expected: &["fields tasks differs status"],
    },
    Damage {
        to: "priority <> 'low'",
        sql: "UPDATE tasks SET priority = 'low' WHERE id = $1",
        expected: &["fields tasks differs priority"],
    },
    Damage {
        to: "due_at IS NOT NULL",
        sql: "UPDATE tasks SET due_at = due_at + interval '1 millisecond' WHERE id = $1",
        expected: &["fields tasks differs due_at"],
    },
    Damage {
        to: "true",
        sql: "UPDATE tasks SET created_at = created_at - interval '1 second' WHERE id = $1",
        expected: &["fields tasks differs created_at"],
    },
    Damage {
        to: "project_id IS NOT NULL",
        sql: "UPDATE tasks SET project_id = NULL WHERE id = $1",
        expected: &["counts links to projects", "relations project differs project"],
    },
    Damage {
        to: "EXISTS (SELECT FROM task_tags WHERE task_id = tasks.id)",
        sql: "DELETE FROM task_tags WHERE task_id = $1 AND tag_id = (
                SELECT tag_id FROM task_tags WHERE task_id = $1 ORDER BY tag_id LIMIT 1)",
        expected: &["counts links to tags", "relations tags lost tags"],
    },
    Damage {
        to: "true",
        sql: "UPDATE external_refs SET original = original || ' ' WHERE record_id = $1",
        expected: &["rules originals original original"],
    },
    // One on which nothing hangs.
    Damage {
        to: "NOT EXISTS (SELECT FROM task_tags WHERE task_id = tasks.id) AND project_id IS NULL AND parent_id IS NULL
            AND NOT EXISTS (SELECT FROM tasks AS part WHERE part.parent_id = tasks.id)",
        sql: "WITH gone AS (DELETE FROM external_refs WHERE record_id = $1) DELETE FROM tasks WHERE id = $1",
        expected: &["counts tasks", "fields tasks missing"],
    },
];

async fn compared(database: &TestDatabase, sample: &Sample) -> Verification {
    let tables = (sample.read)(&fixture(sample.path)).unwrap();
    let mapping = Mapping::infer(&tables);
    let mut source = Source::default();
    source.add_tables("the source", tables, &mapping, TIME_OF_IMPORT);
    let mut connection = import::connect(&database.url).await.unwrap();
    verify(&mut connection, source).await.unwrap()
}

/// What differs: the layer, the row, what is wrong and the field; and which records.
fn said(verification: &Verification) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut lines = BTreeSet::new();
    let mut records = BTreeSet::new();
    for it in &verification.differences {
        let (layer, row) = (it.layer.as_str(), it.row);
        if layer == "counts" {
            lines.insert(format!("{layer} {row}"));
        } else {
            lines.insert(format!("{layer} {row} {} {}", it.code, it.field).trim_end().to_owned());
            records.insert(it.record.clone());
        }
    }
    (lines, records)
}

/// Damages the first task of the source that can suffer it, past the triggers; tells its id there.
async fn damage(client: &Client, source: &str, damage: &Damage) -> Option<String> {
    let find = format!(
        "SELECT external_id, tasks.id::text FROM external_refs JOIN tasks ON tasks.id = record_id
         WHERE external_refs.source = '{source}' AND {} ORDER BY external_id LIMIT 1",
        damage.to
    );
    let row = client.query_opt(&find, &[]).await.unwrap()?;
    let id: String = row.get(1);
    let sql = damage.sql.replace("$1", &format!("'{id}'::uuid"));
    client.batch_execute(&format!("SET session_replication_role = replica; {sql}")).await.unwrap();
    Some(row.get(0))
}

#[tokio::test]
async fn what_came_does_not_differ_and_every_damage_is_named() {
    for sample in &SAMPLES {
        let (database, client) = sydney().await;
        let tables = (sample.read)(&fixture(sample.path)).unwrap();
        import(&database, &tables, None).await;
        let verification = compared(&database, sample).await;
        assert!(verification.is_clean(), "{}: {verification}", sample.name);
        let mut damages = 0;
        for one in &DAMAGES {
            let (database, client) = sydney().await;
            import(&database, &tables, None).await;
            let Some(id) = damage(&client, sample.name, one).await else {
                continue;
            };
            damages += 1;
            let verification = compared(&database, sample).await;
            let (lines, records) = said(&verification);
            let expected = one.expected.iter().map(|&line| line.to_owned()).collect();
            assert_eq!(lines, expected, "{}: {}", sample.name, one.sql);
            assert_eq!(records, [id].into(), "{}: {}", sample.name, one.sql);
        }
        assert_eq!(damages, sample.damages, "{}", sample.name);
        drop(client);
    }
}

#[tokio::test]
async fn of_a_record_that_is_there_twice_the_import_and_the_comparison_take_the_dated_one() {
    let path = file("twice.db", b"");
    let sql = "CREATE TABLE tasks (id text, title text, created_at text, updated_at text);
        INSERT INTO tasks VALUES
            ('a', 'dated', '2025-01-01T00:00:00Z', '2025-02-02T00:00:00Z'), ('a', 'without a time', NULL, NULL),
            ('b', 'without a time', NULL, NULL), ('b', 'dated', '2025-01-01T00:00:00Z', '2025-02-02T00:00:00Z'),
            ('c', 'dated', '2025-03-03T00:00:00Z', NULL), ('c', 'older', '2025-01-01T00:00:00Z', '2025-02-02T00:00:00Z')";
    rusqlite::Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let tables = sqlite::read(&path).unwrap();
    let (database, client) = sydney().await;
    import(&database, &tables, None).await;
    let rows = client.query("SELECT title FROM tasks", &[]).await.unwrap();
    let titles: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(titles, ["dated"; 3]);
    let mut source = Source::default();
    let mapping = Mapping::infer(&tables);
    source.add_tables("the source", tables, &mapping, TIME_OF_IMPORT);
    let mut connection = import::connect(&database.url).await.unwrap();
    let verification = verify(&mut connection, source).await.unwrap();
    assert!(verification.is_clean(), "{verification}");
}

#[tokio::test]
async fn of_a_page_in_two_files_the_dated_one_is_taken_too() {
    let (database, client) = sydney().await;
    let dated = page(1, "dated", EDITED, "");
    let undated = page(1, "without a time", EDITED, "");
    let undated = undated.replace("created_time", "c").replace("last_edited_time", "e");
    let read = |now| {
        let mut source = Source::default();
        for one in [&dated, &undated] {
            source.add_notion("export.json", &pages(&[one]), now).unwrap();
        }
        source
    };
    let mut connection = import::connect(&database.url).await.unwrap();
    let (never, quiet) = (std::future::pending(), &mut |_, _, _| {});
    let now = NOW.parse().unwrap();
    import::run(&mut connection, None, read(now), false, now, quiet, never).await.unwrap();
    let title: String = client.query_one("SELECT title FROM tasks", &[]).await.unwrap().get(0);
    assert_eq!(title, "dated");
    let verification = verify(&mut connection, read(TIME_OF_IMPORT)).await.unwrap();
    assert!(verification.is_clean(), "{verification}");
}

#[test]
fn the_command_compares_every_source() {
    for sample in &SAMPLES {
        let database = TestDatabase::new();
        let path = fixture(sample.path);
        let path = path.to_str().unwrap();
        let run = |arguments: &[&str]| end(&mut with(&database, arguments));
        let before = run(&["verify", sample.name, path]);
        assert_eq!((before.code, before.error.as_str()), (Some(1), ""), "{before:?}");
        let errors = crate::program::new_directory("errors").join("errors.jsonl");
        run(&["import", sample.name, path, "--errors", errors.to_str().unwrap()]);
        let after = run(&["verify", sample.name, path]);
        assert_eq!((after.code, after.error.as_str()), (Some(0), ""), "{after:?}");
        assert!(after.output.contains("Nothing differs."), "{after:?}");
        // By another mapping something else should be here.
        let mapping = run(&["import", sample.name, path, "--print-mapping"]).output;
        let mapping = mapping.replace("\ncreated = ", "\n# created = ");
        let file = errors.with_file_name("mapping.toml");
        std::fs::write(&file, mapping).unwrap();
        let file = file.to_str().unwrap();
        let mapped = run(&["verify", sample.name, path, "--mapping", file]);
        assert_eq!((mapped.code, mapped.error.as_str()), (Some(1), ""), "{mapped:?}");
        assert!(mapped.output.contains("created_at"), "{mapped:?}");
        let nowhere = run(&["verify", sample.name, "/nowhere"]);
        assert_eq!((nowhere.code, nowhere.output.as_str()), (Some(2), ""), "{nowhere:?}");
        assert_eq!(nowhere.error.lines().count(), 1, "{nowhere:?}");
    }
}
