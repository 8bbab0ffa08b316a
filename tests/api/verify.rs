//! The comparison of a source with what is here: it finds what was damaged, and names nothing else.

use crate::database::TestDatabase;
use crate::import_notion::{EDITED, fixture, import, page, sydney};
use crate::import_rules::{relation, tag_page};
use crate::program::{Sql, end, new_directory, with};
use std::collections::BTreeSet;
use tokio_postgres::Client;
use tomos::import::verify::{self, TIME_OF_IMPORT, Verification};
use tomos::import::{self, Source};

/// Compares a file with a database.
pub(crate) async fn verify(database: &TestDatabase, bytes: &[u8]) -> Verification {
    let mut source = Source::default();
    source.add_notion("export.json", bytes, TIME_OF_IMPORT).unwrap();
    let mut connection = import::connect(&database.url).await.unwrap();
    verify::verify(&mut connection, source).await.unwrap()
}

/// What differs, in short: the layer, the record's number, what is wrong, and the field.
fn said(verification: &Verification) -> BTreeSet<String> {
    let short = |record: &str| match u32::from_str_radix(record, 16) {
        Ok(number) => format!("{number}"),
        Err(_) => record.to_owned(),
    };
    let lines = verification.differences.iter().map(|it| {
        let (layer, record, row) = (it.layer.as_str(), short(&it.record), it.row);
        let line = format!("{layer} {row} {record} {} {}", it.code, it.field);
        line.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    lines.collect()
}

fn set(lines: &[&str]) -> BTreeSet<String> {
    lines.iter().map(|&line| line.to_owned()).collect()
}

fn text(name: &str, text: &str) -> String {
    format!(r#","{name}":{{"type":"rich_text","rich_text":[{{"plain_text":"{text}"}}]}}"#)
}

fn date(name: &str, start: &str) -> String {
    format!(r#","{name}":{{"type":"date","date":{{"start":"{start}","end":null}}}}"#)
}

fn option(name: &str, option: &str) -> String {
    format!(r#","{name}":{{"type":"select","select":{{"name":"{option}"}}}}"#)
}

/// Two projects, two tags that are pages and one that is a name, and a small tree of tasks.
pub(crate) fn world() -> Vec<u8> {
    let projects = [page(10, "Garden", EDITED, ""), page(11, "House", EDITED, "")].join(",");
    let tags = [tag_page(20, "home"), tag_page(21, "legal")].join(",");
    let context = r#","Context":{"type":"multi_select","multi_select":[{"name":"Desk"}]}"#;
    let one = relation("Project", &[10])
        + &relation("Tags", &[20, 21])
        + context
        + &date("Due", "2026-02-03");
    let two = relation("Parent task", &[1])
        + &option("Status", "Done")
        + &date("Completed At", "2026-01-05T09:00:00.000+11:00");
    let three = relation("Parent task", &[2])
        + &date("Due", "2026-02-03T17:30:00.000+11:00")
        + &text("Description", "Call the office, then write it down.");
    let tasks = [
        page(1, "Pay the rent", EDITED, &one),
        page(2, "Find the letter", EDITED, &two),
        page(3, "Call", EDITED, &three),
        page(4, "Alone", EDITED, &relation("Project", &[99])),
    ];
    let tasks = tasks.join(",");
    format!(r#"{{"projects":[{projects}],"tags":[{tags}],"tasks":[{tasks}]}}"#).into_bytes()
}

/// A database in which the world is.
async fn imported() -> (TestDatabase, Client) {
    let (database, client) = sydney().await;
    import(&database, &world()).await;
    (database, client)
}

/// A kind of damage: the statements, and what the report says of it.
struct Damage {
    sql: &'static str,
    expected: &'static [&'static str],
}

const fn damage(sql: &'static str, expected: &'static [&'static str]) -> Damage {
    Damage { sql, expected }
}

const DAMAGES: &[Damage] = &[
    // A lost tag link.
    damage(
        "DELETE FROM task_tags USING tags WHERE tag_id = tags.id AND key = 'legal'",
        &["counts links to tags count links to tags", "relations tags 1 lost tags"],
    ),
    // A tag too many.
    damage(
        "INSERT INTO task_tags (task_id, tag_id) SELECT tasks.id, tags.id FROM tasks, tags
         WHERE title = 'Alone' AND key = 'home'",
        &["counts links to tags count links to tags", "relations tags 4 extra tags"],
    ),
    // A moved project.
    damage(
        "UPDATE tasks SET project_id = projects.id FROM projects
         WHERE projects.title = 'House' AND tasks.title = 'Pay the rent'",
        &["relations project 1 differs project"],
    ),
    // Another parent, and none.
    damage(
        "UPDATE tasks SET parent_id = one.id FROM tasks AS one
         WHERE one.title = 'Pay the rent' AND tasks.title = 'Call'",
        &["relations parent 3 differs parent"],
    ),
    damage(
        "UPDATE tasks SET parent_id = NULL WHERE title = 'Call'",
        &["counts links to parents count links to parents", "relations parent 3 differs parent"],
    ),
    // One character of a title.
    damage(
        "UPDATE tasks SET title = 'Pay the rant' WHERE title = 'Pay the rent'",
        &["fields tasks 1 differs title"],
    ),
    // A second, and a day.
    damage(
        "UPDATE tasks SET due_at = due_at + interval '1 second' WHERE title = 'Call'",
        &["fields tasks 3 differs due_at"],
    ),
    damage(
        "UPDATE tasks SET due_date = due_date + 1 WHERE title = 'Pay the rent'",
        &["fields tasks 1 differs due_date"],
    ),
    damage(
        "UPDATE tasks SET due_date = due_date + 1 WHERE title = 'Call'",
        &["fields tasks 3 differs due_date", "rules dates 3 due_day due_date"],
    ),
    // A description that was cut.
    damage(
        "UPDATE tasks SET description = left(description, 10) WHERE title = 'Call'",
        &["fields tasks 3 differs description"],
    ),
    damage(
        "UPDATE tasks SET priority = 'high', energy = 'low' WHERE title = 'Alone'",
        &["fields tasks 4 differs energy", "fields tasks 4 differs priority"],
    ),
    // Done, without a time.
    damage(
        "ALTER TABLE tasks DROP CONSTRAINT tasks_completed_at_check;
         UPDATE tasks SET completed_at = NULL WHERE title = 'Find the letter'",
        &[
            "fields tasks 2 differs completed_at",
            "rules status and completion 2 completion completed_at",
        ],
    ),
    // In the trash, gone, and gone with all that was known of it.
    damage(
        "UPDATE tasks SET deleted_at = now() WHERE title = 'Alone'",
        &["counts tasks count tasks", "fields tasks 4 in_trash"],
    ),
    damage(
        "DELETE FROM tasks WHERE title = 'Alone'",
        &["counts tasks count tasks", "fields tasks 4 purged"],
    ),
    damage(
        "DELETE FROM tasks WHERE title = 'Alone';
         DELETE FROM external_refs WHERE external_id = lpad('4', 32, '0')",
        &["counts tasks count tasks", "fields tasks 4 missing"],
    ),
    damage(
        "DELETE FROM external_refs WHERE external_id = lpad('4', 32, '0')",
        &["counts tasks count tasks", "fields tasks 4 unreferenced"],
    ),
    damage("DELETE FROM missing_links", &["relations awaited 4 lost awaited"]),
    // A record that the source has not.
    damage(
        "INSERT INTO tasks (id, title, position) VALUES (gen_random_uuid(), 'More', 'a5');
         INSERT INTO external_refs SELECT 'notion', lpad('7', 32, '0'), 'task', id, NULL, '', sha256(''), now(), 1
         FROM tasks WHERE title = 'More'",
        &["counts tasks count tasks", "fields tasks 7 extra"],
    ),
    // Two pages that became one task.
    damage(
        "UPDATE external_refs SET record_id = (SELECT id FROM tasks WHERE title = 'Call')
         WHERE external_id = lpad('4', 32, '0')",
        &[
            "fields tasks 4 misdirected",
            "rules one reference a record 3 duplicate_reference reference",
            "rules one reference a record 4 duplicate_reference reference",
        ],
    ),
    // Originals.
    damage(
        "UPDATE external_refs SET original = original || ' ' WHERE external_id = lpad('4', 32, '0')",
        &["rules originals 4 original original"],
    ),
    damage(
        "UPDATE external_refs SET original = '', original_hash = sha256('') WHERE external_id = lpad('4', 32, '0')",
        &["fields tasks 4 differs original"],
    ),
    // A project's title, one of a tag, and a tag that is a name.
    damage(
        "UPDATE projects SET title = 'garden' WHERE title = 'Garden'",
        &["fields projects 10 differs title"],
    ),
    damage(
        "UPDATE tags SET color = '#000000' WHERE key = 'home'",
        &["fields tags 20 differs color"],
    ),
    damage(
        "DELETE FROM tags WHERE key = 'context:desk'",
        &[
            "counts tags by name count tags by name",
            "fields tags by name tag:context:desk missing",
            // Nothing has followed the foreign key.
            "rules links to nothing 1 orphan tag",
        ],
    ),
    // A circle.
    damage(
        "UPDATE tasks SET parent_id = other.id FROM tasks AS other
         WHERE tasks.title = 'Pay the rent' AND other.title = 'Call'",
        &[
            "counts links to parents count links to parents",
            "relations parent 1 differs parent",
            "rules levels of subtasks 1 cycle parent",
            "rules levels of subtasks 2 cycle parent",
            "rules levels of subtasks 3 cycle parent",
        ],
    ),
    // A parent and a tag that are not there.
    damage(
        "UPDATE tasks SET parent_id = lpad('9', 32, '0')::uuid WHERE title = 'Alone'",
        &[
            "counts links to parents count links to parents",
            "relations parent 4 differs parent",
            "rules links to nothing 4 orphan parent",
        ],
    ),
];

#[tokio::test]
async fn every_kind_of_damage_is_named_and_nothing_else() {
    let mut wrong = Vec::new();
    for Damage { sql, expected } in DAMAGES {
        let (database, client) = imported().await;
        // Past the triggers: the damage that nothing else would tell of.
        let sql = format!("SET session_replication_role = replica; {sql}");
        client.batch_execute(&sql).await.unwrap();
        let verification = verify(&database, &world()).await;
        let said = said(&verification);
        if said != set(expected) {
            wrong.push(format!("{sql}: {said:#?}"));
        }
        // Only what is gone has gone here for certain.
        let claims = |it: &&verify::Difference| it.changed.here && it.code != "purged";
        if verification.differences.iter().any(|it| claims(&it)) {
            wrong.push(format!("nobody changed a version: {sql}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_tag_that_is_there_twice_is_named() {
    let (database, client) = imported().await;
    let sql = "INSERT INTO tags (id, name, key) VALUES (gen_random_uuid(), 'LEGAL', 'legal ')";
    client.batch_execute(sql).await.unwrap();
    let verification = verify(&database, &world()).await;
    let said = said(&verification);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said.contains("rules one tag for a name 21 duplicate_tag name"), "{said:?}");
    // One that is found under another name.
    let sql = "UPDATE tags SET name = 'Elsewhere' WHERE key = 'legal '";
    client.batch_execute(sql).await.unwrap();
    let verification = verify(&database, &world()).await;
    let codes: Vec<_> = verification.differences.iter().map(|it| it.code).collect();
    assert_eq!(codes, ["tag_key"]);
}

#[tokio::test]
async fn what_was_imported_does_not_differ() {
    for name in ["notion-export-a.json", "notion-export-b.json"] {
        let (database, client) = sydney().await;
        import(&database, &fixture(name)).await;
        let verification = verify(&database, &fixture(name)).await;
        assert!(verification.is_clean(), "{verification}");
        // Nor after the owner's zone has moved days that nobody wrote.
        let sql = "UPDATE settings SET week_start = 'sunday'";
        client.batch_execute(sql).await.unwrap();
        assert!(verify(&database, &fixture(name)).await.is_clean());
    }
    let (database, _client) = imported().await;
    let verification = verify(&database, &world()).await;
    assert!(verification.is_clean(), "{verification}");
}

#[tokio::test]
async fn a_page_without_times_has_those_of_its_import() {
    let (database, _client) = sydney().await;
    let untimed = r#"{"tasks":[{"id":"00000000000000000000000000000001","properties":
        {"Name":{"type":"title","title":[{"plain_text":"x"}]},"Done":{"type":"checkbox","checkbox":true}}}]}"#;
    import(&database, untimed.as_bytes()).await;
    let verification = verify(&database, untimed.as_bytes()).await;
    assert!(verification.is_clean(), "{verification}");
}

#[tokio::test]
async fn nothing_that_should_be_here_is_missed_in_an_empty_database() {
    let (database, _client) = sydney().await;
    let verification = verify(&database, &world()).await;
    let missing = verification.differences.iter().filter(|it| it.code == "missing");
    assert_eq!(missing.count(), 2 + 2 + 1 + 4, "{verification}");
}

#[tokio::test]
async fn what_was_changed_since_is_told_apart() {
    let (database, client) = imported().await;
    let sql = "UPDATE tasks SET title = 'Mine' WHERE title = 'Call';
        UPDATE projects SET deleted_at = now() WHERE title = 'House'";
    client.batch_execute(sql).await.unwrap();
    let changed = |verification: &Verification| -> BTreeSet<(String, bool, bool)> {
        let records = verification.differences.iter().filter(|it| !it.record.is_empty());
        let records = records.map(|it| (it.title.clone(), it.changed.here, it.changed.there));
        records.collect()
    };
    let verification = verify(&database, &world()).await;
    let expected = [("Call".to_owned(), true, false), ("House".to_owned(), true, false)];
    assert_eq!(changed(&verification), expected.into());
    // The times of the last change are the one field more.
    assert_eq!(
        said(&verification),
        set(&[
            "counts projects count projects",
            "fields projects 11 in_trash",
            "fields tasks 3 differs title",
            "fields tasks 3 differs updated_at",
        ])
    );
    let later = String::from_utf8(world()).unwrap().replace("Alone", "Together");
    let verification = verify(&database, later.as_bytes()).await;
    assert!(changed(&verification).contains(&("Together".to_owned(), false, true)));
}

#[tokio::test]
async fn what_comes_later_and_by_other_names_is_no_difference() {
    let (database, client) = sydney().await;
    // A tag that is here before, and one that is renamed here.
    let sql = "INSERT INTO tags (id, name, key) VALUES (gen_random_uuid(), 'LEGAL', 'legal')";
    client.batch_execute(sql).await.unwrap();
    import(&database, &world()).await;
    let verification = verify(&database, &world()).await;
    assert!(verification.is_clean(), "{verification}");
    // What a task waits for comes in a file of its own; then either file may be compared alone, but
    // what is in neither is named.
    let rest = format!(r#"{{"projects":[{}]}}"#, page(99, "Late", EDITED, ""));
    import(&database, rest.as_bytes()).await;
    let verification = verify(&database, &world()).await;
    let expected = ["counts projects count projects", "fields projects 99 extra"];
    assert_eq!(said(&verification), set(&expected));
}

#[test]
fn the_command_writes_three_reports_and_ends_as_it_should() {
    let directory = new_directory("verify");
    let path = |name: &str| directory.join(name).to_str().unwrap().to_owned();
    std::fs::write(path("export.json"), world()).unwrap();
    let database = TestDatabase::new();
    let imported = end(&mut with(&database, &["import", "notion", &path("export.json")]));
    assert_eq!(imported.code, Some(1), "{imported:?}");
    let verify = || {
        let [file, json, html] = [path("export.json"), path("v.json"), path("v.html")];
        end(&mut with(&database, &["verify", "notion", &file, "--json", &json, "--html", &html]))
    };
    let ended = verify();
    assert_eq!((ended.code, ended.error.as_str()), (Some(0), ""), "{ended:?}");
    assert!(ended.output.contains("Nothing differs."), "{ended:?}");
    let sql =
        "UPDATE tasks SET title = '<script>alert(1)</script>' || chr(27) WHERE title = 'Alone'";
    Sql::on(&database.url).run(sql);
    let ended = verify();
    assert_eq!((ended.code, ended.error.as_str()), (Some(1), ""), "{ended:?}");
    assert!(!ended.output.contains('\u{1b}'), "{ended:?}");
    let html = std::fs::read_to_string(path("v.html")).unwrap();
    assert!(html.contains("&lt;script&gt;alert") && !html.contains("<script"), "{html}");
    for elsewhere in ["http:", "https:", "src=", "href=", "url("] {
        assert!(!html.contains(elsewhere), "{elsewhere}");
    }
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(path("v.json")).unwrap()).unwrap();
    assert_eq!(
        (&json["equal"], &json["differences"][0]["field"]),
        (&false.into(), &"title".into())
    );
    // What cannot be done is neither equal nor different.
    for arguments in [
        &["verify", "notion", "/nowhere.json"][..],
        &["verify", "notion", &path("export.json"), "--json", "/nowhere/v.json"],
    ] {
        let ended = end(&mut with(&database, arguments));
        assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{ended:?}");
    }
    std::fs::remove_dir_all(directory).unwrap();
}
