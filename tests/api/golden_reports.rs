//! Golden reports: what is said of the samples, word for word.
//!
//! Beside each other in `tests/golden/report` stand the table of the import and the file of what did not
//! come, and of the comparison with what was damaged after that its table, JSON and page. `TOMOS_UPDATE=1`
//! writes them anew, for `git diff` to show what changed.

use crate::import_notion::sydney;
use crate::import_tables::{NOW, fixture};
use std::path::Path;
use tomos::import::mapping::Mapping;
use tomos::import::table::Tables;
use tomos::import::verify::{TIME_OF_IMPORT, Verification, verify};
use tomos::import::{self, Source, mongo, prisma, sqlite};

const SAMPLES: [&str; 6] = [
    "notion/notion-export-a.json",
    "notion/notion-export-b.json",
    "notion/workspace-export.zip",
    "sqlite/mental.db",
    "mongo/relaxed",
    "prisma/dump.sql",
];

/// Damage of each layer, past the triggers, so that no version or time tells of it.
const DAMAGE: &str = "SET session_replication_role = replica;
    CREATE TEMPORARY TABLE imported AS
        SELECT record_id AS id, row_number() OVER (ORDER BY external_id COLLATE \"C\") AS place
        FROM external_refs WHERE record_type = 'task';
    UPDATE tasks SET title = 'Not what it was' FROM imported WHERE imported.id = tasks.id AND place = 1;
    UPDATE tasks SET created_at = '2001-01-01T00:00:00Z' FROM imported WHERE imported.id = tasks.id AND place = 2;
    DELETE FROM task_tags WHERE task_id = (
        SELECT id FROM imported WHERE id IN (SELECT task_id FROM task_tags) ORDER BY place LIMIT 1);
    DELETE FROM tasks USING imported WHERE imported.id = tasks.id AND place = 3";

fn read(name: &str, now: &str) -> Source {
    let (path, now) = (fixture(name), now.parse().unwrap());
    let reader: fn(&Path) -> Result<Tables, String> = match name.split('/').next().unwrap() {
        "sqlite" => sqlite::read,
        "mongo" => mongo::read,
        "prisma" => prisma::read,
        _ => {
            let mut source = Source::default();
            source.add_notion(name, &std::fs::read(path).unwrap(), now).unwrap();
            return source;
        }
    };
    let mut source = Source::default();
    let tables = reader(&path).unwrap();
    let mapping = Mapping::infer(&tables);
    source.add_tables(name, tables, &mapping, now);
    source
}

#[tokio::test]
async fn reports_of_the_samples_say_what_they_said() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/report");
    let mut changed = Vec::new();
    for sample in SAMPLES {
        let (database, client) = sydney().await;
        let mut connection = import::connect(&database.url).await.unwrap();
        let never = std::future::pending();
        let now = NOW.parse().unwrap();
        let source = read(sample, NOW);
        let report =
            import::run(&mut connection, None, source, false, now, &mut |_, _, _| {}, never).await;
        let report = report.unwrap();
        client.batch_execute(DAMAGE).await.unwrap();
        let source = read(sample, &TIME_OF_IMPORT.to_rfc3339());
        let verification: Verification = verify(&mut connection, source).await.unwrap();
        assert!(!verification.is_clean(), "{sample}");
        let name = sample.replace(['/', '.'], "-");
        for (what, now) in [
            ("import.txt", report.to_string()),
            ("import.jsonl", report.error_lines()),
            ("verify.txt", verification.to_string()),
            ("verify.json", verification.to_json()),
            ("verify.html", verification.to_html()),
        ] {
            compare(&directory.join(format!("{name}.{what}")), &now, &mut changed);
        }
    }
    assert!(changed.is_empty(), "{}", changed.join("\n"));
}

fn compare(path: &Path, now: &str, changed: &mut Vec<String>) {
    if std::fs::read_to_string(path).is_ok_and(|before| before == now) {
        return;
    }
    if std::env::var_os("TOMOS_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, now).unwrap();
    } else {
        changed.push(format!("{} is now:\n{now}", path.display()));
    }
}
