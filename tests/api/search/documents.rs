//! What records are found by, and that the database keeps it whoever writes.

use super::{found, world};
use crate::app::App;
use crate::database::TestDatabase;
use crate::interleaved::interleaved;
use crate::migrations::client;
use serde_json::json;

/// Fails where a document is not what it would be if it were written now.
const KEPT: &str = "
    CREATE TEMP TABLE kept ON COMMIT DROP AS TABLE search_documents;
    DELETE FROM search_documents;
    SELECT write_task_documents(array_agg(id)) FROM tasks;
    SELECT write_project_documents(array_agg(id)) FROM projects;
    SELECT write_tag_documents(array_agg(id)) FROM tags;
    DO $$ BEGIN
        ASSERT NOT EXISTS (TABLE kept EXCEPT TABLE search_documents), 'a document is old';
        ASSERT NOT EXISTS (TABLE search_documents EXCEPT TABLE kept), 'a document is missing';
    END $$";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_task_is_found_by_follows_its_project_and_its_tags() {
    let app = world().await;
    let call = "Call the plumber";
    let steps: [(&str, &str, &[&str]); 11] = [
        (
            "UPDATE projects SET title = 'Garden' WHERE title LIKE 'Kitchen%'",
            "garden",
            &["Garden", call],
        ),
        ("", "kitchen", &[]),
        ("UPDATE projects SET deleted_at = now() WHERE title = 'Garden'", "garden", &[]),
        (
            "UPDATE projects SET deleted_at = NULL WHERE title = 'Garden'",
            "garden",
            &["Garden", call],
        ),
        (
            "UPDATE tags SET name = 'act:phone', key = 'act:phone' WHERE name = 'area:home'",
            "phone",
            &["act:phone", call],
        ),
        ("UPDATE tags SET deleted_at = now() WHERE name = 'act:phone'", "phone", &[]),
        (
            "UPDATE tags SET deleted_at = NULL WHERE name = 'act:phone'",
            "phone",
            &["act:phone", call],
        ),
        ("DELETE FROM task_tags", "phone", &["act:phone"]),
        (
            "INSERT INTO task_tags SELECT tasks.id, tags.id FROM tasks, tags WHERE title LIKE 'Call%'",
            "phone errand",
            &[call],
        ),
        ("UPDATE tasks SET project_id = NULL", "garden", &["Garden"]),
        ("DELETE FROM tags", "phone", &[]),
    ];
    for (sql, text, titles) in steps {
        app.sql(sql).await;
        app.sql(KEPT).await;
        assert_eq!(found(&app, text).await, titles, "{sql}: {text}");
    }
    app.sql("DELETE FROM tasks; DELETE FROM projects").await;
    app.sql(KEPT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_at_the_same_moment_is_not_missed() {
    let rename = "UPDATE projects SET title = 'Garden' WHERE title LIKE 'Kitchen%'";
    let trash = "UPDATE projects SET deleted_at = now() WHERE title LIKE 'Kitchen%'";
    let rename_tag =
        "UPDATE tags SET name = 'act:phone', key = 'act:phone' WHERE name = 'area:home'";
    let create = "INSERT INTO tasks (id, title, project_id) SELECT gen_random_uuid(), 'New', id FROM projects WHERE title LIKE 'Kitchen%'";
    let tag = "INSERT INTO task_tags SELECT tasks.id, tags.id FROM tasks, tags WHERE title LIKE 'Review%' AND name = 'area:home'";
    let untag = "DELETE FROM task_tags";
    let edit = "UPDATE tasks SET title = 'Phone the plumber' WHERE title LIKE 'Call%'";
    for (one, other) in [
        (rename, create),
        (trash, create),
        (rename_tag, tag),
        (rename_tag, untag),
        (rename, rename_tag),
        (rename, edit),
        (tag, edit),
        (create, tag),
    ] {
        for (first, second) in [(one, other), (other, one)] {
            let app = world().await;
            interleaved(&app.database.url, first, second).await;
            let watching = client(&app.database.url).await;
            let kept = watching.batch_execute(&format!("BEGIN; {KEPT}; ROLLBACK")).await;
            assert!(kept.is_ok(), "{first}; {second}: {kept:?}");
        }
    }
}

#[tokio::test]
async fn records_that_were_there_before_can_be_found() {
    let database = TestDatabase::empty();
    while tomos::db::pending(&database.url).await.unwrap()[0] != "2026-11-21-070000_search_words" {
        tomos::db::migrate_once(&database.url).await.unwrap();
    }
    let client = client(&database.url).await;
    client.batch_execute(super::WORLD).await.unwrap();
    tomos::db::migrate(&database.url).await.unwrap();
    let count = "SELECT count(*) FROM search_documents";
    assert_eq!(client.query_one(count, &[]).await.unwrap().get::<_, i64>(0), 9);
    client.batch_execute(&format!("BEGIN; {KEPT}; ROLLBACK")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_at_once_are_written_by_one_statement() {
    let app = world().await;
    let many = "INSERT INTO tasks (id, title, description, project_id)
        SELECT gen_random_uuid(), 'Stone ' || n, 'of a wall', projects.id
        FROM generate_series(1, 1000) AS n, projects WHERE title LIKE 'Kitchen%'";
    let client = client(&app.database.url).await;
    let writes =
        "SELECT n_tup_ins FROM pg_stat_xact_user_tables WHERE relname = 'search_documents'";
    // The trigger is one call, whatever it writes; a call for each row would plan and lock as often.
    let explained = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) {many}");
    client.batch_execute("BEGIN").await.unwrap();
    let rows = client.query(&explained, &[]).await.unwrap();
    let lines: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let trigger = lines.iter().find(|line| line.contains("tasks_search_inserts")).unwrap();
    assert!(trigger.ends_with("calls=1"), "{trigger}");
    assert_eq!(client.query_one(writes, &[]).await.unwrap().get::<_, i64>(0), 1000);
    client.batch_execute("COMMIT").await.unwrap();
    assert_eq!(found(&app, "stone 77").await.first().unwrap(), "Stone 77");
    app.sql("UPDATE projects SET title = 'Garden'").await;
    app.sql(KEPT).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn any_description_can_be_written_and_its_first_words_are_found() {
    let app = App::new();
    let words: Vec<_> = (0..140_000).map(|n| format!("w{n:x}")).collect();
    let texts = [
        words.join(" "),
        "x".repeat(1_000_000),
        "字".repeat(1_000_000),
        "\u{fdfa}".repeat(200_000),
        "a b ".repeat(250_000),
    ];
    for text in texts {
        let input = json!({"title": "Long", "description": format!("beginning {text}")[..].chars().take(1_000_000).collect::<String>()});
        let payload = app.mutate("createTask", input, "task { id } userErrors { code }").await;
        assert_eq!(payload["userErrors"], json!([]));
    }
    assert_eq!(found(&app, "beginning").await.len(), 5);
    assert_eq!(found(&app, "w1ff").await.len(), 1);
    assert_eq!(found(&app, "w1f40").await.len(), 1, "behind the last place that is counted");
}
