//! Imports that are taken back: what they made goes, what they wrote over comes back, and what was
//! changed since stays.

use crate::database::TestDatabase;
use crate::import_notion::{EDITED, file, fixture, import, page, sydney};
use crate::import_rules::{relation, tag_page};
use crate::program::{Sql, end, new_directory, printed, with};
use crate::verify::{verify, world};
use std::collections::BTreeSet;
use tokio_postgres::Client;
use tomos::import::rollback::{self, Options, RolledBack};
use tomos::import::snapshot::Kind;
use tomos::import::{self, Source};

const LATER: &str = "2025-03-03T00:00:00.000Z";

const GENTLY: Options = Options { is_forced: false, is_trial: false };
const BY_FORCE: Options = Options { is_forced: true, is_trial: false };

async fn roll_back(database: &TestDatabase, run: i32, options: Options) -> RolledBack {
    let mut connection = import::connect(&database.url).await.unwrap();
    rollback::roll_back(&mut connection, run, options).await.unwrap()
}

/// Why nothing was done.
async fn refused(database: &TestDatabase, run: i32) -> String {
    let mut connection = import::connect(&database.url).await.unwrap();
    rollback::roll_back(&mut connection, run, GENTLY).await.unwrap_err().to_string()
}

/// All records, links and references; without what every change moves.
async fn state(client: &Client) -> BTreeSet<String> {
    let mut state = BTreeSet::new();
    for (table, without) in [
        ("projects", "{version,changed_in}"),
        ("tags", "{version,changed_in}"),
        ("tasks", "{version,changed_in}"),
        ("task_tags", "{}"),
        ("external_refs", "{imported_version}"),
        ("missing_links", "{}"),
        ("search_documents", "{}"),
    ] {
        let sql = format!(
            "SELECT '{table} ' || (to_jsonb(t) - '{without}'::text[])::text FROM {table} AS t"
        );
        let rows = client.query(&sql, &[]).await.unwrap();
        state.extend(rows.iter().map(|row| row.get::<_, String>(0)));
    }
    state
}

#[track_caller]
fn same(is: &BTreeSet<String>, expected: &BTreeSet<String>) {
    let differing: Vec<_> = is.symmetric_difference(expected).take(6).collect();
    assert!(differing.is_empty(), "{differing:#?}");
}

/// Things that the owner had before, the tag `legal` among them.
const MINE: &str = "
    INSERT INTO projects (id, title) VALUES (lpad('a1', 32, '0')::uuid, 'Mine');
    INSERT INTO tags (id, name, key) VALUES (lpad('a2', 32, '0')::uuid, 'LEGAL', 'legal');
    INSERT INTO tasks (id, title, project_id) VALUES (lpad('a3', 32, '0')::uuid, 'My task', lpad('a1', 32, '0')::uuid);
    INSERT INTO task_tags (task_id, tag_id) VALUES (lpad('a3', 32, '0')::uuid, lpad('a2', 32, '0')::uuid)";

/// What stays, with the reason.
fn kept(rolled_back: &RolledBack) -> Vec<(String, &str)> {
    let kept = rolled_back.kept.iter();
    kept.map(|kept| (kept.title.clone(), kept.reason.as_str())).collect()
}

async fn one<T: for<'a> tokio_postgres::types::FromSql<'a>>(client: &Client, sql: &str) -> T {
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn nothing_of_an_import_stays_and_nothing_else_goes() {
    for name in ["notion-export-a.json", "notion-export-b.json"] {
        let (database, client) = sydney().await;
        client.batch_execute(MINE).await.unwrap();
        let before = state(&client).await;
        let report = import(&database, &fixture(name)).await;
        let run = report.loaded.run.unwrap();
        let records: i64 = one(&client, "SELECT count(*) FROM tasks").await;
        let rolled_back = roll_back(&database, run, GENTLY).await;
        assert!(rolled_back.is_whole(), "{rolled_back}");
        same(&state(&client).await, &before);
        // Devices hear of each.
        let sql = "SELECT count(*) FROM changes WHERE record_type = 'task' AND op = 'delete'";
        assert_eq!(one::<i64>(&client, sql).await, records - 1);
        assert_eq!(refused(&database, run).await, format!("import {run} was taken back already"));
        // Nothing is in the way of the next.
        let again = import(&database, &fixture(name)).await;
        assert_eq!(again.loaded.tallies, report.loaded.tallies);
        let verification = verify(&database, &fixture(name)).await;
        assert!(verification.is_clean(), "{verification}");
    }
}

#[tokio::test]
async fn what_an_import_wrote_over_comes_back() {
    let (database, client) = sydney().await;
    client.batch_execute(MINE).await.unwrap();
    let empty = state(&client).await;
    let first = String::from_utf8(fixture("notion-export-a.json")).unwrap();
    import(&database, first.as_bytes()).await;
    let before = state(&client).await;
    // Other titles, links and times for most, and records that are new.
    let second = first
        .replace("\"To Do\"", "\"Done\"")
        .replace("last_edited_time\":\"2025-", "last_edited_time\":\"2026-")
        .replace("\"High\"", "\"Urgent\"")
        .replace("\"parent", "\"other");
    let mut second: serde_json::Value = serde_json::from_str(&second).unwrap();
    for (number, task) in second["tasks"].as_array_mut().unwrap().iter_mut().enumerate() {
        if number % 3 == 0 {
            task["id"] = format!("{number:032x}").into();
        } else if let Some(properties) = task["properties"].as_object_mut() {
            properties.retain(|name, _| !["Project", "Parent task"].contains(&name.as_str()));
        }
    }
    let report = import(&database, second.to_string().as_bytes()).await;
    let updated: usize = report.loaded.tallies.values().map(|tally| tally.updated).sum();
    assert!(updated > 20, "{report}");
    let trial = Options { is_trial: true, ..GENTLY };
    let after = state(&client).await;
    let run = report.loaded.run.unwrap();
    let tried = roll_back(&database, run, trial).await;
    same(&state(&client).await, &after);
    let rolled_back = roll_back(&database, run, GENTLY).await;
    assert_eq!(tried.tallies, rolled_back.tallies);
    assert!(rolled_back.is_whole(), "{rolled_back}");
    same(&state(&client).await, &before);
    let verification = verify(&database, first.as_bytes()).await;
    assert!(verification.is_clean(), "{verification}");
    // And the first, to which nothing has changed.
    let rolled_back = roll_back(&database, run - 1, GENTLY).await;
    assert!(rolled_back.is_whole(), "{rolled_back}");
    same(&state(&client).await, &empty);
}

#[tokio::test]
async fn what_was_changed_since_stays_with_what_it_belongs_to() {
    let (database, client) = sydney().await;
    client.batch_execute(MINE).await.unwrap();
    let before = state(&client).await;
    import(&database, &world()).await;
    // The task is a part of another one, which is in a project and bears three tags.
    client
        .batch_execute("UPDATE tasks SET title = 'Found' WHERE title = 'Find the letter'")
        .await
        .unwrap();
    let rolled_back = roll_back(&database, 1, GENTLY).await;
    let in_use = "what stays belongs to it";
    let mut expected = vec![
        ("Found".to_owned(), "it was changed here since"),
        ("Garden".to_owned(), in_use),
        ("Pay the rent".to_owned(), in_use),
        ("context:Desk".to_owned(), in_use),
        ("home".to_owned(), in_use),
    ];
    expected.sort();
    let mut said = kept(&rolled_back);
    said.sort();
    assert_eq!(said, expected, "{rolled_back}");
    let sql = "SELECT string_agg(title, ',' ORDER BY title) FROM tasks";
    assert_eq!(one::<String>(&client, sql).await, "Found,My task,Pay the rent");
    // The rest may be taken back later, and by force.
    let rolled_back = roll_back(&database, 1, BY_FORCE).await;
    assert!(rolled_back.is_whole(), "{rolled_back}");
    same(&state(&client).await, &before);
}

#[tokio::test]
async fn what_the_owner_put_into_an_imported_project_keeps_it() {
    let (database, client) = sydney().await;
    client.batch_execute(MINE).await.unwrap();
    import(&database, &world()).await;
    let sql = "UPDATE tasks SET project_id = (SELECT id FROM projects WHERE title = 'House') WHERE title = 'My task';
        INSERT INTO task_tags (task_id, tag_id) SELECT tasks.id, tags.id FROM tasks, tags
        WHERE title = 'My task' AND key = 'home';
        INSERT INTO tasks (id, title, parent_id) SELECT gen_random_uuid(), 'My part', id FROM tasks WHERE title = 'Alone'";
    client.batch_execute(sql).await.unwrap();
    let rolled_back = roll_back(&database, 1, GENTLY).await;
    let said: BTreeSet<String> = kept(&rolled_back).into_iter().map(|(title, _)| title).collect();
    let expected = ["Alone", "House", "home"].map(str::to_owned);
    assert_eq!(said, expected.into(), "{rolled_back}");
    let version = "SELECT version FROM tasks WHERE title = 'My task'";
    let before: i32 = one(&client, version).await;
    let rolled_back = roll_back(&database, 1, BY_FORCE).await;
    assert!(rolled_back.is_whole(), "{rolled_back}");
    // The owner's own stays, and its devices hear that it has changed.
    assert!(one::<i32>(&client, version).await > before);
    let sql = "SELECT count(*) FROM tasks WHERE title LIKE 'My %'
        AND parent_id IS NULL AND project_id IS NULL";
    assert_eq!(one::<i64>(&client, sql).await, 2);
}

#[tokio::test]
async fn an_import_behind_another_is_taken_back_first() {
    let (database, client) = sydney().await;
    let empty = state(&client).await;
    let one =
        |title: &str, edited| file(&[&page(1, title, edited, ""), &page(2, "two", EDITED, "")]);
    import(&database, &one("first", EDITED)).await;
    import(&database, &one("second", LATER)).await;
    let rolled_back = roll_back(&database, 1, GENTLY).await;
    let reason = "import 2 changed it since; take that back first";
    assert_eq!(kept(&rolled_back), [("second".to_owned(), reason)]);
    assert!(roll_back(&database, 2, GENTLY).await.is_whole());
    assert!(roll_back(&database, 1, GENTLY).await.is_whole());
    same(&state(&client).await, &empty);
    assert_eq!(refused(&database, 3).await, "there is no import 3; tomos import runs lists them");
}

#[tokio::test]
async fn links_that_were_made_because_something_came_wait_again() {
    let (database, client) = sydney().await;
    let links = relation("Project", &[10]) + &relation("Tags", &[20]);
    let tasks = page(1, "one", EDITED, &(links.clone() + &relation("Parent task", &[30])));
    let tasks = [tasks, page(2, "two", EDITED, &links)].join(",");
    let (project, tag) = (page(10, "project", EDITED, ""), tag_page(20, "tag"));
    let parent = page(30, "parent", EDITED, "");
    let rest = format!(r#"{{"projects":[{project}],"tags":[{tag}],"tasks":[{parent}]}}"#);
    let tasks = format!(r#"{{"tasks":[{tasks}]}}"#);
    import(&database, tasks.as_bytes()).await;
    let before = state(&client).await;
    import(&database, rest.as_bytes()).await;
    let linked = state(&client).await;
    let rolled_back = roll_back(&database, 2, GENTLY).await;
    assert!(rolled_back.is_whole(), "{rolled_back}");
    same(&state(&client).await, &before);
    import(&database, rest.as_bytes()).await;
    same(&state(&client).await, &linked);
    // What is linked and changed since stays linked.
    client.batch_execute("UPDATE tasks SET title = 'mine' WHERE title = 'two'").await.unwrap();
    let rolled_back = roll_back(&database, 3, GENTLY).await;
    let said: BTreeSet<String> = kept(&rolled_back).into_iter().map(|(title, _)| title).collect();
    assert_eq!(said, ["mine", "project", "tag"].map(str::to_owned).into(), "{rolled_back}");
}

#[tokio::test]
async fn pages_that_were_one_tag_are_one_again() {
    let (database, client) = sydney().await;
    let tags = |second: &str, edited: &str| {
        let (first, second) = (tag_page(1, "Home"), page(2, second, edited, ""));
        let task = page(9, "task", EDITED, &relation("Tags", &[2]));
        format!(r#"{{"tags":[{first},{second}],"tasks":[{task}]}}"#).into_bytes()
    };
    import(&database, &tags("HOME", EDITED)).await;
    let before = state(&client).await;
    import(&database, &tags("garden", LATER)).await;
    assert_eq!(one::<i64>(&client, "SELECT count(*) FROM tags").await, 2);
    let rolled_back = roll_back(&database, 2, GENTLY).await;
    assert!(rolled_back.is_whole(), "{rolled_back}");
    same(&state(&client).await, &before);
}

#[tokio::test]
async fn what_is_not_there_any_more_is_said() {
    let (database, client) = sydney().await;
    let project = page(10, "project", EDITED, "");
    let task = |links: &str, edited: &str| {
        let task = page(1, "task", edited, links);
        let tags = [tag_page(20, "home"), tag_page(21, "legal")].join(",");
        format!(r#"{{"projects":[{project}],"tags":[{tags}],"tasks":[{task}]}}"#).into_bytes()
    };
    let links = relation("Project", &[10]) + &relation("Tags", &[20, 21]);
    import(&database, &task(&links, EDITED)).await;
    import(&database, &task("", LATER)).await;
    let trash = "UPDATE projects SET deleted_at = now(); UPDATE tags SET deleted_at = now()";
    client.batch_execute(trash).await.unwrap();
    let rolled_back = roll_back(&database, 2, GENTLY).await;
    let reason = "it is as it was, but for a project or tag that is not there now";
    assert_eq!(kept(&rolled_back), [("task".to_owned(), reason)]);
    // What was purged stays known as that: the next import does not bring it again.
    client.batch_execute("DELETE FROM projects").await.unwrap();
    let rolled_back = roll_back(&database, 1, GENTLY).await;
    let projects = rolled_back.kept.iter().filter(|it| it.kind == Kind::Project);
    let reasons: Vec<_> = projects.map(|it| &*it.reason).collect();
    assert_eq!(reasons, ["it was purged here since"], "{rolled_back}");
}

#[tokio::test]
async fn one_that_was_stopped_goes_on_under_its_number() {
    let (database, client) = sydney().await;
    let run = async |bytes: &[u8], stop: bool| {
        let now = "2026-01-20T06:30:00Z".parse().unwrap();
        let mut source = Source::default();
        source.add_notion("export.json", bytes, now).unwrap();
        let mut connection = import::connect(&database.url).await.unwrap();
        let stopping = async move {
            if !stop {
                std::future::pending::<()>().await;
            }
        };
        let mut progress = |_, _, _| {};
        let run = import::run(&mut connection, None, source, false, now, &mut progress, stopping);
        run.await.unwrap().loaded.run
    };
    let states = "SELECT string_agg(id || ' ' || state, ',' ORDER BY id) FROM import_runs";
    assert_eq!(run(&world(), true).await, Some(1));
    assert_eq!(one::<String>(&client, states).await, "1 stopped");
    // Killed, it could not say so.
    let sql = "UPDATE import_runs SET state = 'running', finished_at = NULL";
    client.batch_execute(sql).await.unwrap();
    assert_eq!(run(&world(), false).await, Some(1));
    assert_eq!(one::<String>(&client, states).await, "1 done");
    // However far it came, all that it made is its own.
    let sql = "SELECT created || ' ' || tags_by_name || ' ' ||
        (SELECT count(*) FROM import_writes WHERE run_id = 1 AND is_new) FROM import_runs";
    assert_eq!(one::<String>(&client, sql).await, "8 1 9");
    // What is done is done, and another source is another import.
    assert_eq!(run(&world(), false).await, Some(2));
    let (project, task) = (page(70, "x", EDITED, ""), page(71, "y", EDITED, ""));
    let other = format!(r#"{{"projects":[{project}],"tasks":[{task}]}}"#);
    assert_eq!(run(other.as_bytes(), true).await, Some(3));
    assert_eq!(run(&world(), false).await, Some(4));
    assert_eq!(one::<String>(&client, states).await, "1 done,2 done,3 stopped,4 done");
}

#[test]
fn the_commands_print_numbers_and_end_as_they_should() {
    let directory = new_directory("rollback");
    let export = directory.join("export.json");
    std::fs::write(&export, world()).unwrap();
    let database = TestDatabase::new();
    let run = |arguments: &[&str]| end(&mut with(&database, arguments));
    assert_eq!(printed(&mut with(&database, &["import", "runs"])), "There was no import yet.\n");
    let trial = run(&["import", "notion", export.to_str().unwrap(), "--dry-run"]);
    assert!(!trial.output.contains("Import 1"), "{trial:?}");
    let imported = run(&["import", "notion", export.to_str().unwrap()]);
    assert!(
        imported.output.contains("\nImport 1: tomos rollback --import 1 takes it back.\n"),
        "{imported:?}"
    );
    let runs = printed(&mut with(&database, &["import", "runs"]));
    let lines: Vec<_> = runs.lines().collect();
    assert_eq!(lines.len(), 2, "{runs}");
    assert!(lines[1].trim_start().starts_with("1 ") && lines[1].contains(" done "), "{runs}");
    Sql::on(&database.url).run("UPDATE tasks SET title = 'Mine' WHERE title = 'Alone'");
    let trial = run(&["rollback", "--import", "1", "--dry-run"]);
    assert_eq!(trial.code, Some(1), "{trial:?}");
    assert!(trial.output.ends_with("This was a trial: nothing was changed.\n"), "{trial:?}");
    let rolled_back = run(&["rollback", "--import", "1"]);
    assert_eq!(rolled_back.code, Some(1), "{rolled_back:?}");
    assert!(rolled_back.output.contains("\"Mine\": it was changed here since"), "{rolled_back:?}");
    let rolled_back = run(&["rollback", "--import", "1", "--force"]);
    assert_eq!((rolled_back.code, rolled_back.error.as_str()), (Some(0), ""), "{rolled_back:?}");
    assert_eq!(Sql::on(&database.url).row("SELECT count(*)::text FROM tasks"), "0");
    let again = run(&["rollback", "--import", "1"]);
    assert_eq!((again.code, again.output.as_str()), (Some(2), ""), "{again:?}");
    assert_eq!(again.error, "tomos: import 1 was taken back already\n");
    std::fs::remove_dir_all(directory).unwrap();
}
