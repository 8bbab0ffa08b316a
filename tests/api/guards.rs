//! What the database refuses or puts right by itself, whoever writes: texts, families, zones.

use crate::database::TestDatabase;
use crate::interleaved::someone_waits;
use crate::migrations::client;
use crate::triggers::{FEED, PARENT, refused, value, world};

#[tokio::test]
async fn the_database_calls_blank_what_the_program_calls_blank() {
    let database = TestDatabase::new();
    let client = client(&database.url).await;
    let all: Vec<String> = ('\u{1}'..=char::MAX).map(String::from).collect();
    let sql = "SELECT letter FROM unnest($1::text[]) AS letter WHERE is_blank(letter)";
    let rows = client.query(sql, &[&all]).await.unwrap();
    let blank: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    let ours: Vec<_> = all.iter().filter(|it| it.trim().is_empty()).collect();
    assert_eq!(blank.iter().collect::<Vec<_>>(), ours);
    assert!(ours.len() > 20, "{ours:?}");
    assert_eq!(value(&client, "SELECT is_blank('')").await, "true");
    assert_eq!(value(&client, "SELECT is_blank(U&' \\00A0x')").await, "false");
}

#[tokio::test]
async fn texts_have_the_sizes_that_the_rules_give_them_counted_in_code_points() {
    let (_database, client) = world().await;
    let cases = [
        ("tasks", "title", "tasks_title_check", 1, 10_000),
        ("tasks", "position", "tasks_position_check", 1, 500),
        ("tasks", "description", "tasks_description_check", 0, 1_000_000),
        ("projects", "title", "projects_title_check", 1, 10_000),
        ("projects", "description", "projects_description_check", 0, 1_000_000),
        ("tags", "name", "tags_name_check", 1, 200),
    ];
    let project = "INSERT INTO projects (id, title) VALUES (gen_random_uuid(), 'P')";
    client.batch_execute(project).await.unwrap();
    for (table, column, constraint, least, most) in cases {
        // A position is hex digits.
        let letter = if column == "position" { 'e' } else { 'é' };
        let write = |length| format!("UPDATE {table} SET {column} = repeat('{letter}', {length})");
        client.batch_execute(&write(most)).await.unwrap();
        assert_eq!(refused(&client, &write(most + 1)).await, constraint);
        if least > 0 {
            assert_eq!(refused(&client, &write(0)).await, constraint);
        }
    }
    for (sql, constraint) in [
        ("UPDATE tasks SET title = U&'\\00A0\\3000'", "tasks_title_check"),
        ("UPDATE projects SET title = U&'\\2009'", "projects_title_check"),
        ("UPDATE tags SET name = U&'\\00A0'", "tags_name_check"),
        ("UPDATE tags SET key = ''", "tags_key_check"),
        ("UPDATE projects SET color = '#12345'", "projects_color_check"),
    ] {
        assert_eq!(refused(&client, sql).await, constraint, "{sql}");
    }
}

#[tokio::test]
async fn the_name_of_a_trashed_tag_is_free_until_it_comes_back() {
    let (_database, client) = world().await;
    let again = "INSERT INTO tags (id, name, key) VALUES (gen_random_uuid(), 'x:y:z', 'x:y:z')";
    assert_eq!(refused(&client, again).await, "tags_key_key");
    client.batch_execute("UPDATE tags SET deleted_at = now()").await.unwrap();
    client.batch_execute(again).await.unwrap();
    let back = "UPDATE tags SET deleted_at = NULL WHERE deleted_at IS NOT NULL";
    assert_eq!(refused(&client, back).await, "tags_key_key");
}

const CHILD: &str =
    "INSERT INTO tasks (id, title, parent_id) VALUES ('00000000-0000-7000-8000-000000000003',
    'Child', '00000000-0000-7000-8000-000000000001')";
const TRASH: &str = "UPDATE tasks SET deleted_at = '2026-02-01', updated_at = '2026-02-01',
    trashed_with = '00000000-0000-7000-8000-000000000001'
    WHERE deleted_at IS NULL AND id IN (SELECT task_family('00000000-0000-7000-8000-000000000001'))";
const FAMILY: &str = "SELECT string_agg(concat_ws(' ', title, (deleted_at IS NULL)::text, (parent_id IS NULL)::text), '; '
    ORDER BY title) FROM tasks WHERE title <> 'Two'";

#[tokio::test]
async fn a_subtask_made_while_its_parent_goes_to_the_trash_goes_along() {
    let (database, client) = world().await;
    let making = crate::migrations::client(&database.url).await;
    let begin = format!("BEGIN; {CHILD}");
    making.batch_execute(&begin).await.unwrap();
    let trashing = crate::migrations::client(&database.url).await;
    let trashed = tokio::spawn(async move { trashing.batch_execute(TRASH).await });
    someone_waits(&client).await;
    making.batch_execute("COMMIT").await.unwrap();
    trashed.await.unwrap().unwrap();
    assert_eq!(value(&client, FAMILY).await, "Child false false; One false true");
    let along =
        "SELECT format('%s %s', trashed_with, updated_at::date) FROM tasks WHERE title = 'Child'";
    assert_eq!(value(&client, along).await, format!("{PARENT} 2026-02-01"));
}

#[tokio::test]
async fn a_subtask_is_refused_when_its_parent_was_going_to_the_trash() {
    let (database, client) = world().await;
    let trashing = crate::migrations::client(&database.url).await;
    let begin = format!("BEGIN; {TRASH}");
    trashing.batch_execute(&begin).await.unwrap();
    let making = crate::migrations::client(&database.url).await;
    let made = tokio::spawn(async move { refused(&making, CHILD).await });
    someone_waits(&client).await;
    trashing.batch_execute("COMMIT").await.unwrap();
    assert_eq!(made.await.unwrap(), "tasks_parent_id_trash_check");
}

#[tokio::test]
async fn a_subtask_that_comes_back_while_its_parent_goes_stands_alone_or_goes_along() {
    let restore = "UPDATE tasks SET deleted_at = NULL, trashed_with = NULL WHERE title = 'Child'";
    let alone = "UPDATE tasks SET deleted_at = now(), trashed_with = id WHERE title = 'Child'";
    for (first, second, family) in [
        (TRASH, restore, "Child true true; One false true"),
        (restore, TRASH, "Child false false; One false true"),
    ] {
        let (database, client) = world().await;
        client.batch_execute(CHILD).await.unwrap();
        client.batch_execute(alone).await.unwrap();
        let one = crate::migrations::client(&database.url).await;
        let other = crate::migrations::client(&database.url).await;
        one.batch_execute(&format!("BEGIN; {first}")).await.unwrap();
        let later = tokio::spawn(async move { other.batch_execute(second).await });
        someone_waits(&client).await;
        one.batch_execute("COMMIT").await.unwrap();
        later.await.unwrap().unwrap();
        assert_eq!(value(&client, FAMILY).await, family, "{first}");
    }
}

#[tokio::test]
async fn a_whole_family_goes_and_comes_back_with_one_row_each_in_the_feed() {
    let (_database, client) = world().await;
    client.batch_execute(CHILD).await.unwrap();
    client.batch_execute("DELETE FROM changes").await.unwrap();
    // The top alone is named: what is below goes along.
    let go = format!(
        "UPDATE tasks SET deleted_at = '2026-02-01', trashed_with = id WHERE id = '{PARENT}'"
    );
    client.batch_execute(&go).await.unwrap();
    assert_eq!(value(&client, FAMILY).await, "Child false false; One false true");
    let back = format!(
        "UPDATE tasks SET deleted_at = NULL, trashed_with = NULL WHERE trashed_with = '{PARENT}'"
    );
    client.batch_execute(&back).await.unwrap();
    assert_eq!(value(&client, FAMILY).await, "Child true false; One true true");
    let rows = "task 2 delete {deletedAt}; task 2 delete {deletedAt}; task 3 upsert {deletedAt}; task 3 upsert {deletedAt}";
    assert_eq!(value(&client, FEED).await, rows);
}

#[tokio::test]
async fn a_deletion_for_good_takes_links_and_leaves_what_was_linked() {
    let (_database, client) = world().await;
    client.batch_execute(CHILD).await.unwrap();
    let sql = format!(
        "INSERT INTO projects (id, title) VALUES (gen_random_uuid(), 'P');
        UPDATE tasks SET project_id = projects.id FROM projects WHERE tasks.title = 'Child';
        INSERT INTO task_tags SELECT tasks.id, tags.id FROM tasks, tags;
        DELETE FROM projects; DELETE FROM tasks WHERE id = '{PARENT}'"
    );
    client.batch_execute(&sql).await.unwrap();
    let left = "SELECT string_agg(format('%s %s %s', title, project_id IS NULL, parent_id IS NULL), '; ' ORDER BY title) FROM tasks";
    assert_eq!(value(&client, left).await, "Child t t; Two t t");
    assert_eq!(value(&client, "SELECT count(*) FROM task_tags").await, "2");
    client.batch_execute("DELETE FROM tags").await.unwrap();
    assert_eq!(value(&client, "SELECT count(*) FROM task_tags").await, "0");
}

#[tokio::test]
async fn a_zone_that_the_server_does_not_know_is_refused_by_name() {
    let (_database, client) = world().await;
    let unknown = "UPDATE settings SET time_zone = 'Mars/Olympus'";
    assert_eq!(refused(&client, unknown).await, "settings_time_zone_check");
    let timed = "UPDATE tasks SET due_at = now(), due_date = current_date";
    client.batch_execute(timed).await.unwrap();
    assert_eq!(refused(&client, unknown).await, "settings_time_zone_check");
    let known = "UPDATE settings SET time_zone = 'Pacific/Chatham'";
    client.batch_execute(known).await.unwrap();
}
