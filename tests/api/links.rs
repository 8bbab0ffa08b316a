//! A link between a task and a tag knows what is counted of the task, whoever writes what and when.

use crate::app::App;
use crate::database::TestDatabase;
use crate::import_notion::{fixture, import, sydney};
use crate::interleaved::interleaved;
use crate::migrations::client;
use crate::oracle::world::Dice;
use crate::triggers::{FEED, refused, value};
use serde_json::json;
use tokio_postgres::Client;

const TASK: &str = "00000000-0000-7000-8000-000000000001";
const MIGRATION: &str = "2026-11-21-110500_count_links";

/// Five tasks, the second a part of the first, which bears the first of three tags.
const WORLD: &str = "
    INSERT INTO tasks (id, title, position)
    SELECT ('00000000-0000-7000-8000-00000000000' || n)::uuid, 'Task ' || n, n::text FROM generate_series(1, 5) AS n;
    UPDATE tasks SET parent_id = '00000000-0000-7000-8000-000000000001' WHERE title = 'Task 2';
    INSERT INTO tags (id, name, key)
    SELECT ('00000000-0000-7000-8000-00000000010' || n)::uuid, 'tag' || n, 'tag' || n FROM generate_series(1, 3) AS n;
    INSERT INTO task_tags (task_id, tag_id) VALUES
        ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000101'),
        ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000101');
    DELETE FROM changes";

/// The links that know something else than is so.
const WRONG: &str = "SELECT coalesce(string_agg(concat_ws(' ', title, status, deleted_at, task_live, task_open), '; '), '')
    FROM task_tags JOIN tasks ON tasks.id = task_id
    WHERE task_live <> (deleted_at IS NULL)
        OR task_open <> (deleted_at IS NULL AND status IN ('inbox', 'todo', 'in_progress', 'blocked'))";

async fn world() -> (TestDatabase, Client) {
    let database = TestDatabase::new();
    let client = client(&database.url).await;
    client.batch_execute(WORLD).await.unwrap();
    (database, client)
}

/// A write to some records.
fn any_write(dice: &mut Dice, number: usize) -> String {
    let tasks = format!(
        "(SELECT id FROM tasks ORDER BY md5(id::text || {number}) LIMIT {})",
        1 + dice.below(3)
    );
    let tags = format!(
        "(SELECT id FROM tags WHERE deleted_at IS NULL ORDER BY md5(id::text || {number}) LIMIT {})",
        1 + dice.below(2)
    );
    let status = dice.pick(&["inbox", "todo", "in_progress", "blocked", "done", "cancelled"]);
    let completed = if status == "done" { "now()" } else { "NULL" };
    match dice.below(11) {
        0 => format!("INSERT INTO tasks (id, title, status, completed_at) VALUES (gen_random_uuid(), 'New', '{status}', {completed})"),
        1 | 2 => format!("UPDATE tasks SET status = '{status}', completed_at = {completed} WHERE id IN {tasks}"),
        3 => format!("UPDATE tasks SET title = title || '.' WHERE id IN {tasks}"),
        4 => format!("UPDATE tasks SET deleted_at = now(), trashed_with = id WHERE id IN {tasks} AND deleted_at IS NULL"),
        5 => format!("UPDATE tasks SET deleted_at = NULL, trashed_with = NULL WHERE id IN {tasks}"),
        6 | 7 => format!("INSERT INTO task_tags SELECT a.id, b.id FROM {tasks} AS a, {tags} AS b ON CONFLICT DO NOTHING"),
        8 => format!("DELETE FROM task_tags WHERE task_id IN {tasks} AND tag_id IN {tags}"),
        9 => format!("WITH written AS (UPDATE tasks SET status = '{status}', completed_at = {completed} WHERE id IN {tasks} RETURNING id)
            INSERT INTO task_tags SELECT written.id, b.id FROM written, {tags} AS b ON CONFLICT DO NOTHING"),
        _ if dice.one_in(4) => "SELECT purge_trash(now() + interval '1 day', 1)".to_owned(),
        _ => format!("UPDATE task_tags SET task_id = (SELECT id FROM tasks ORDER BY md5(id::text || {number}) LIMIT 1)
            WHERE ctid = (SELECT ctid FROM task_tags AS one WHERE NOT EXISTS (SELECT FROM task_tags AS two WHERE two.tag_id = one.tag_id
                AND two.task_id = (SELECT id FROM tasks ORDER BY md5(id::text || {number}) LIMIT 1)) LIMIT 1)"),
    }
}

#[tokio::test]
async fn a_link_knows_its_task_whatever_is_written() {
    for seed in 0..4 {
        let (_database, client) = world().await;
        let mut dice = Dice(seed);
        let mut closed = 0;
        for number in 0..100 {
            let sql = any_write(&mut dice, number);
            client.batch_execute(&sql).await.unwrap();
            assert_eq!(value(&client, WRONG).await, "", "{seed}, {number}: {sql}");
            let some = "SELECT count(*) FROM task_tags WHERE NOT task_open";
            closed += value(&client, some).await.parse::<u32>().unwrap();
        }
        assert!(closed > 100, "the writes of {seed} leave nothing to know");
    }
}

#[tokio::test]
async fn a_link_knows_its_task_whoever_else_writes() {
    let complete = "UPDATE tasks SET status = 'done', completed_at = now()";
    let trash = "UPDATE tasks SET deleted_at = now()";
    let tag = "INSERT INTO task_tags SELECT tasks.id, tags.id FROM tasks, tags WHERE name = 'tag2' ORDER BY 1";
    // As the API does it: the task comes first.
    let untag = "WITH written AS (UPDATE tasks SET title = title || '.' RETURNING id)
        DELETE FROM task_tags WHERE task_id IN (SELECT id FROM written)";
    let purge_tag = "DELETE FROM tags WHERE name = 'tag1'";
    let purge_task = "DELETE FROM tasks WHERE title = 'Task 1'";
    for (one, other) in [
        (complete, tag),
        (complete, trash),
        (trash, tag),
        (complete, untag),
        (complete, purge_tag),
        (trash, purge_tag),
        (complete, purge_task),
    ] {
        for (first, second) in [(one, other), (other, one)] {
            let (database, client) = world().await;
            interleaved(&database.url, first, second).await;
            assert_eq!(value(&client, WRONG).await, "", "{first}; {second}");
        }
    }
}

#[tokio::test]
async fn that_a_link_knows_its_task_better_is_no_change_of_the_link() {
    let (_database, client) = world().await;
    let complete =
        format!("UPDATE tasks SET status = 'done', completed_at = now() WHERE id = '{TASK}'");
    client.batch_execute(&complete).await.unwrap();
    assert_eq!(value(&client, FEED).await, "task 2 upsert {status}");
    let known = "SELECT task_open FROM task_tags JOIN tasks ON id = task_id WHERE title = 'Task 1'";
    assert_eq!(value(&client, known).await, "false");
    // Who writes a document locks it before.
    let locked =
        "SELECT count(*) FROM search_documents WHERE xmax::text = pg_current_xact_id()::xid::text";
    for (change, documents) in
        [("task_live = NOT task_live", "0"), ("tag_id = tag_id", "0"), ("tag_id = id", "2")]
    {
        let change = format!("BEGIN; UPDATE task_tags SET {change} FROM tags WHERE name = 'tag3'");
        client.batch_execute(&change).await.unwrap();
        assert_eq!(value(&client, locked).await, documents, "{change}");
        client.batch_execute("ROLLBACK").await.unwrap();
    }
}

#[tokio::test]
async fn a_link_to_a_task_that_is_not_there_is_refused_as_before() {
    let (_database, client) = world().await;
    let sql = "INSERT INTO task_tags SELECT gen_random_uuid(), id FROM tags LIMIT 1";
    assert_eq!(refused(&client, sql).await, "task_tags_task_id_fkey");
}

#[tokio::test]
async fn links_that_were_there_before_know_their_tasks() {
    let database = TestDatabase::empty();
    while tomos::db::pending(&database.url).await.unwrap()[0] != MIGRATION {
        tomos::db::migrate_once(&database.url).await.unwrap();
    }
    let client = client(&database.url).await;
    let closed = "UPDATE tasks SET status = 'done', completed_at = now() WHERE title = 'Task 1';
        UPDATE tasks SET deleted_at = now() WHERE title = 'Task 2'; DELETE FROM changes";
    client.batch_execute(&format!("{WORLD}; {closed}")).await.unwrap();
    tomos::db::migrate(&database.url).await.unwrap();
    assert_eq!(value(&client, WRONG).await, "");
    assert_eq!(value(&client, "SELECT count(*) FROM task_tags WHERE NOT task_open").await, "2");
    assert_eq!(value(&client, "SELECT count(*) FROM changes").await, "0");
}

#[tokio::test]
async fn links_of_imported_tasks_know_them() {
    let (database, client) = sydney().await;
    import(&database, &fixture("notion-export-a.json")).await;
    assert_eq!(value(&client, WRONG).await, "");
    let closed = "SELECT count(*) > 10 FROM task_tags WHERE NOT task_open";
    assert_eq!(value(&client, closed).await, "true");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_counts_its_live_and_its_open_tasks() {
    let app = App::new();
    let task = async |title: &str, status: &str| {
        let input = json!({"title": title, "status": status, "tagNames": ["home"]});
        app.mutate("createTask", input, "task { id }").await["task"]["id"].clone()
    };
    task("Open", "TODO").await;
    task("Done", "DONE").await;
    let gone = task("Gone", "BLOCKED").await;
    let fields = "taskCount openTaskCount tasks { totalCount }";
    let filter =
        "filter: {tasks: {count: {eq: 3}}}, orderBy: [{taskCount: DESC}, {openTaskCount: ASC}]";
    let document = format!(
        "{{ all: tags {{ nodes {{ {fields} }} }} three: tags({filter}) {{ totalCount }} }}"
    );
    let counted = |all: u32, open: u32, three: u32| {
        json!({
            "all": {"nodes": [{"taskCount": all, "openTaskCount": open, "tasks": {"totalCount": all}}]},
            "three": {"totalCount": three},
        })
    };
    assert_eq!(app.query(&document).await, counted(3, 2, 1));
    app.mutate("deleteTask", json!({"id": gone}), "deletedId").await;
    assert_eq!(app.query(&document).await, counted(2, 1, 0));
    app.mutate("restoreTask", json!({"id": gone}), "task { id }").await;
    assert_eq!(app.query(&document).await, counted(3, 2, 1));
}
