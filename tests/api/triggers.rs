//! What the database keeps by itself: versions, the feed, the order by hand, and what may be linked.

use crate::database::TestDatabase;
use crate::migrations::client;
use tokio_postgres::Client;

pub(crate) const PARENT: &str = "00000000-0000-7000-8000-000000000001";

pub(crate) async fn world() -> (TestDatabase, Client) {
    let database = TestDatabase::new();
    let client = client(&database.url).await;
    let sql = "
        INSERT INTO tasks (id, created_at, updated_at, title) VALUES
            ('00000000-0000-7000-8000-000000000001', '2026-01-01', '2026-01-01', 'One'),
            ('00000000-0000-7000-8000-000000000002', '2026-01-02', '2026-01-02', 'Two');
        INSERT INTO tags (id, name, key) VALUES ('00000000-0000-7000-8000-00000000000a', 'x:y:z', 'x:y:z');
        DELETE FROM changes";
    client.batch_execute(sql).await.unwrap();
    (database, client)
}

/// What one value of a query is, as text.
pub(crate) async fn value(client: &Client, sql: &str) -> String {
    client.query_one(&format!("SELECT ({sql})::text"), &[]).await.unwrap().get(0)
}

/// The constraint that refuses a statement.
pub(crate) async fn refused(client: &Client, sql: &str) -> String {
    let error = client.batch_execute(sql).await.unwrap_err();
    error.as_db_error().and_then(|error| error.constraint()).unwrap_or("none").to_owned()
}

const FIRST: &str = "SELECT version || ' ' || updated_at::date FROM tasks WHERE title <> 'Two'";
pub(crate) const FEED: &str = "SELECT string_agg(format('%s %s %s %s', record_type, version, op, fields), '; ' ORDER BY seq) FROM changes";

#[tokio::test]
async fn a_version_rises_once_in_a_transaction_however_much_changes() {
    let (_database, client) = world().await;
    client
        .batch_execute(&format!(
            "BEGIN;
            UPDATE tasks SET title = 'A', updated_at = '2026-01-05' WHERE id = '{PARENT}';
            UPDATE tasks SET priority = 'high', due_date = '2026-02-01', updated_at = '2026-01-05' WHERE id = '{PARENT}';
            INSERT INTO task_tags SELECT '{PARENT}', id FROM tags;
            COMMIT"
        ))
        .await
        .unwrap();
    assert_eq!(value(&client, FIRST).await, "2 2026-01-05");
    assert_eq!(value(&client, FEED).await, "task 2 upsert {due,priority,tags,title}");
}

#[tokio::test]
async fn a_change_that_ends_equal_changes_nothing() {
    let (_database, client) = world().await;
    let sql = "UPDATE tasks SET title = 'One', updated_at = now() WHERE title = 'One';
        UPDATE tags SET name = name, key = key";
    client.batch_execute(sql).await.unwrap();
    assert_eq!(value(&client, FIRST).await, "1 2026-01-01");
    assert_eq!(value(&client, "SELECT version FROM tags").await, "1");
    assert_eq!(value(&client, "SELECT count(*) FROM changes").await, "0");
}

#[tokio::test]
async fn a_change_of_links_is_a_change_of_the_task_and_not_of_the_tag() {
    let (_database, client) = world().await;
    let link = format!(
        "WITH written AS (UPDATE tasks SET updated_at = '2026-01-07' WHERE id = '{PARENT}' RETURNING id)
        INSERT INTO task_tags SELECT written.id, tags.id FROM written, tags"
    );
    client.batch_execute(&link).await.unwrap();
    assert_eq!(value(&client, FIRST).await, "2 2026-01-07");
    client.batch_execute("DELETE FROM task_tags").await.unwrap();
    assert_eq!(value(&client, "SELECT version FROM tasks WHERE title = 'One'").await, "3");
    assert_eq!(value(&client, "SELECT version FROM tags").await, "1");
    assert_eq!(value(&client, FEED).await, "task 2 upsert {tags}; task 3 upsert {tags}");
}

#[tokio::test]
async fn a_task_made_with_its_links_has_version_one_and_the_times_that_it_was_given() {
    let (_database, client) = world().await;
    let sql = "WITH written AS (
            INSERT INTO tasks (id, created_at, updated_at, title)
            VALUES (gen_random_uuid(), '2020-01-01', '2020-01-02', 'New') RETURNING id)
        INSERT INTO task_tags SELECT written.id, tags.id FROM written, tags";
    client.batch_execute(sql).await.unwrap();
    let new = "SELECT format('%s %s %s', version, created_at::date, updated_at::date) FROM tasks WHERE title = 'New'";
    assert_eq!(value(&client, new).await, "1 2020-01-01 2020-01-02");
    assert_eq!(value(&client, FEED).await, "task 1 upsert {}");
}

#[tokio::test]
async fn what_goes_to_the_trash_or_for_good_leaves_the_live_set() {
    let (_database, client) = world().await;
    let sql = "UPDATE tasks SET deleted_at = now() WHERE title = 'One';
        UPDATE tasks SET deleted_at = NULL WHERE title = 'One';
        DELETE FROM tasks WHERE title = 'Two'";
    for statement in sql.split(';') {
        client.batch_execute(statement).await.unwrap();
    }
    let feed = "task 2 delete {deletedAt}; task 3 upsert {deletedAt}; task 2 delete {deletedAt}";
    assert_eq!(value(&client, FEED).await, feed);
}

#[tokio::test]
async fn new_tasks_stand_last_in_the_order_by_hand() {
    let (_database, client) = world().await;
    let sql = "SELECT string_agg(title, ' ' ORDER BY position) FROM tasks";
    client
        .batch_execute("INSERT INTO tasks (id, title) VALUES (gen_random_uuid(), 'Three')")
        .await
        .unwrap();
    assert_eq!(value(&client, sql).await, "One Two Three");
}

#[tokio::test]
async fn subtasks_are_at_most_five_levels_deep() {
    let (_database, client) = world().await;
    let chain = "INSERT INTO tasks (id, title, parent_id)
        SELECT md5(n::text)::uuid, n::text, CASE WHEN n > 1 THEN md5((n - 1)::text)::uuid END
        FROM generate_series(1, 5) AS n ORDER BY n";
    client.batch_execute(chain).await.unwrap();
    let sixth =
        "INSERT INTO tasks (id, title, parent_id) VALUES (gen_random_uuid(), '6', md5('5')::uuid)";
    assert_eq!(refused(&client, sixth).await, "tasks_parent_depth_check");
    let lower = format!("UPDATE tasks SET parent_id = '{PARENT}' WHERE title = '1'");
    assert_eq!(refused(&client, &lower).await, "tasks_parent_depth_check");
    let circle = "UPDATE tasks SET parent_id = md5('5')::uuid WHERE title = '1'";
    assert_eq!(refused(&client, circle).await, "tasks_parent_cycle_check");
    let itself = "UPDATE tasks SET parent_id = id WHERE title = '1'";
    assert_eq!(refused(&client, itself).await, "tasks_parent_cycle_check");
    client
        .batch_execute(&format!("UPDATE tasks SET parent_id = '{PARENT}' WHERE title = '2'"))
        .await
        .unwrap();
}

#[tokio::test]
async fn two_moves_at_once_never_close_a_circle() {
    let (database, one) = world().await;
    let other = client(&database.url).await;
    let part = |child: &str, parent: &str| {
        format!(
            "UPDATE tasks SET parent_id = (SELECT id FROM tasks WHERE title = '{parent}') WHERE title = '{child}'"
        )
    };
    one.batch_execute(&format!("BEGIN; {}", part("One", "Two"))).await.unwrap();
    let second = tokio::spawn(async move { refused(&other, &part("Two", "One")).await });
    // The second waits for the first, which is seen from outside.
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while value(&one, waiting).await != "1" {}
    one.batch_execute("COMMIT").await.unwrap();
    assert_eq!(second.await.unwrap(), "tasks_parent_cycle_check");
}

#[tokio::test]
async fn nothing_is_newly_linked_to_the_trash() {
    let (_database, client) = world().await;
    let sql = "INSERT INTO projects (id, title, deleted_at) VALUES (gen_random_uuid(), 'P', now());
        UPDATE tags SET deleted_at = now(); UPDATE tasks SET deleted_at = now() WHERE title = 'Two'";
    client.batch_execute(sql).await.unwrap();
    let project = "UPDATE tasks SET project_id = (SELECT id FROM projects) WHERE title = 'One'";
    assert_eq!(refused(&client, project).await, "tasks_project_id_trash_check");
    let parent = "UPDATE tasks SET parent_id = (SELECT id FROM tasks WHERE title = 'Two') WHERE title = 'One'";
    assert_eq!(refused(&client, parent).await, "tasks_parent_id_trash_check");
    let tag = "INSERT INTO task_tags SELECT tasks.id, tags.id FROM tasks, tags";
    assert_eq!(refused(&client, tag).await, "task_tags_tag_id_trash_check");
}

#[tokio::test]
async fn status_and_due_agree_with_their_times() {
    let (_database, client) = world().await;
    let refuse = async |sql: &str| refused(&client, sql).await;
    assert_eq!(refuse("UPDATE tasks SET status = 'done'").await, "tasks_completed_at_check");
    assert_eq!(refuse("UPDATE tasks SET completed_at = now()").await, "tasks_completed_at_check");
    assert_eq!(refuse("UPDATE tasks SET title = E' \\t'").await, "tasks_title_check");
    assert_eq!(refuse("UPDATE tags SET color = 'red'").await, "tags_color_check");
    // An instant has its day, whatever is said of that.
    let sql = "UPDATE settings SET time_zone = 'Asia/Tokyo';
        UPDATE tasks SET due_at = '2026-01-20T20:00:00Z' WHERE title = 'One';
        UPDATE tasks SET due_date = NULL WHERE title = 'One';
        UPDATE tasks SET due_at = '2026-01-20T02:00:00Z', due_date = '2026-03-03' WHERE title = 'Two'";
    client.batch_execute(sql).await.unwrap();
    let days = "SELECT string_agg(due_date::text, ' ' ORDER BY title) FROM tasks";
    assert_eq!(value(&client, days).await, "2026-01-21 2026-01-20");
}

#[tokio::test]
async fn a_tag_has_a_prefix_where_there_is_something_on_both_sides_of_its_colon() {
    let (_database, client) = world().await;
    let sql = "INSERT INTO tags (id, name, key) SELECT gen_random_uuid(), name, name
        FROM unnest(ARRAY[':x', 'x:', 'plain', 'a:b', 'é:ü']) AS name";
    client.batch_execute(sql).await.unwrap();
    let all =
        "SELECT string_agg(format('%s=%s|%s', name, prefix, label), ' ' ORDER BY name) FROM tags";
    assert_eq!(value(&client, all).await, ":x=|:x a:b=a|b plain=|plain x:=|x: x:y:z=x|y:z é:ü=é|ü");
}

#[tokio::test]
async fn the_days_of_timed_tasks_follow_the_zone_of_the_owner() {
    let (_database, client) = world().await;
    let sql = "UPDATE tasks SET due_at = '2026-01-20T14:00:00Z', due_date = '2026-01-20' WHERE title = 'One';
        UPDATE tasks SET due_date = '2026-01-20' WHERE title = 'Two';
        UPDATE settings SET time_zone = 'Australia/Sydney'";
    client.batch_execute(sql).await.unwrap();
    let days = "SELECT string_agg(due_date::text, ' ' ORDER BY title) FROM tasks";
    assert_eq!(value(&client, days).await, "2026-01-21 2026-01-20");
}

#[tokio::test]
async fn a_link_that_becomes_another_changes_its_task_once() {
    let (_database, client) = world().await;
    let sql = format!(
        "INSERT INTO tags (id, name, key) VALUES (gen_random_uuid(), 'other', 'other');
        INSERT INTO task_tags SELECT '{PARENT}', id FROM tags WHERE key = 'x:y:z'"
    );
    client.batch_execute(&sql).await.unwrap();
    client.batch_execute("DELETE FROM changes").await.unwrap();
    let same = "UPDATE task_tags SET tag_id = tag_id";
    client.batch_execute(same).await.unwrap();
    assert_eq!(value(&client, "SELECT count(*) FROM changes").await, "0");
    let merge =
        "UPDATE task_tags SET tag_id = tags.id FROM tags WHERE key = 'other' AND tag_id <> tags.id";
    client.batch_execute(merge).await.unwrap();
    assert_eq!(value(&client, FEED).await, "task 3 upsert {tags}");
    let trashed = "UPDATE tags SET deleted_at = now() WHERE key = 'x:y:z'";
    client.batch_execute(trashed).await.unwrap();
    let back = "UPDATE task_tags SET tag_id = tags.id FROM tags WHERE key = 'x:y:z'";
    assert_eq!(refused(&client, back).await, "task_tags_tag_id_trash_check");
}

#[tokio::test]
async fn a_version_never_rises_unseen_by_the_feed() {
    let (_database, client) = world().await;
    let sql = "UPDATE tasks SET created_at = '2026-01-03' WHERE title = 'One';
        UPDATE tags SET key = 'another'";
    for statement in sql.split(';') {
        client.batch_execute(statement).await.unwrap();
    }
    assert_eq!(value(&client, FEED).await, "task 2 upsert {}; tag 2 upsert {}");
}

#[tokio::test]
async fn two_records_of_one_id_have_each_their_row_in_the_feed() {
    let (_database, client) = world().await;
    let sql = format!(
        "BEGIN; UPDATE tasks SET title = 'A' WHERE id = '{PARENT}';
        INSERT INTO projects (id, title) VALUES ('{PARENT}', 'P'); COMMIT"
    );
    client.batch_execute(&sql).await.unwrap();
    assert_eq!(value(&client, FEED).await, "task 2 upsert {title}; project 1 upsert {}");
}

#[tokio::test]
async fn the_time_that_a_write_names_is_the_one_that_is_kept() {
    let (_database, client) = world().await;
    let named = "UPDATE tasks SET priority = 'high', updated_at = '2026-01-01' WHERE title = 'One'";
    client.batch_execute(named).await.unwrap();
    assert_eq!(value(&client, FIRST).await, "2 2026-01-01", "named, equal");
    let link = format!(
        "WITH written AS (UPDATE tasks SET updated_at = '2026-01-01' WHERE id = '{PARENT}' RETURNING id)
        INSERT INTO task_tags SELECT written.id, tags.id FROM written, tags"
    );
    client.batch_execute(&link).await.unwrap();
    assert_eq!(value(&client, FIRST).await, "3 2026-01-01", "of a link");
    // The time that one transaction named is not the next one's.
    let unnamed = "UPDATE tasks SET priority = 'low' WHERE title = 'One'";
    client.batch_execute(unnamed).await.unwrap();
    let own = "SELECT at = updated_at AND version = 4 FROM tasks JOIN changes USING (version) WHERE title = 'One'";
    assert_eq!(value(&client, own).await, "true");
}

#[tokio::test]
async fn those_who_listen_are_woken_by_commits_that_changed_something() {
    let (database, client) = world().await;
    let (listener, mut connection) =
        tokio_postgres::connect(&database.url, tokio_postgres::NoTls).await.unwrap();
    let (heard, mut hear) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(message) = std::future::poll_fn(|cx| connection.poll_message(cx)).await {
            if let Ok(tokio_postgres::AsyncMessage::Notification(note)) = message {
                heard.send(note.channel().to_owned()).unwrap();
            }
        }
    });
    listener
        .batch_execute("LISTEN tomos_changes; LISTEN tomos_settings; LISTEN done")
        .await
        .unwrap();
    for (sql, channels) in [
        ("UPDATE tasks SET title = 'A', priority = 'low'", "tomos_changes"),
        ("UPDATE tasks SET title = title", ""),
        ("DELETE FROM tags", "tomos_changes"),
        ("UPDATE settings SET week_start = 'sunday'", "tomos_settings"),
        (
            "INSERT INTO tokens (id, name, hash, scopes, created_at) VALUES (gen_random_uuid(), 'a', 'a', '{read}', now())",
            "tomos_settings",
        ),
        ("UPDATE tokens SET last_used_at = now()", ""),
        ("UPDATE tokens SET revoked_at = now()", "tomos_settings"),
    ] {
        client.batch_execute(sql).await.unwrap();
        client.batch_execute("NOTIFY done").await.unwrap();
        let mut woken = Vec::new();
        while let Some(channel) = hear.recv().await.filter(|it| it != "done") {
            woken.push(channel);
        }
        assert_eq!(woken.join(" "), channels, "{sql}");
    }
}
