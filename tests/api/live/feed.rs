//! The feed as it is followed.

use super::{PATIENCE, Subscriber, refused};
use crate::app::App;
use crate::feed::{names, now};
use crate::migrations::client;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const LIVE: &str = "subscription ($since: ChangeCursor) { changes(since: $since) {
    cursor hasMore resetRequired serverTime
    projects { id version title } tags { id version name }
    tasks { id version title tags { name } } deleted { id type version } } }";

#[tokio::test(flavor = "multi_thread")]
async fn a_subscriber_hears_all_there_is_and_then_every_change() {
    let app = App::new();
    app.keep_telling();
    app.mutate("createTask", json!({"title": "old"}), "task { id }").await;
    let mut all = Subscriber::new(&app, LIVE, json!({})).await;
    let mut news = Subscriber::new(&app, LIVE, json!({ "since": now(&app).await })).await;
    assert_eq!(names(&all.next().await), "old");
    app.mutate("createTask", json!({"title": "new", "tagNames": ["a"]}), "task { id }").await;
    for subscriber in [&mut all, &mut news] {
        let event = subscriber.next().await;
        assert_eq!(names(&event), "a new");
        assert_eq!(event["tasks"][0]["tags"], json!([{"name": "a"}]));
        assert_eq!(event["serverTime"], "2026-01-20T06:30:00.000Z");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_first_load_is_told_so_that_there_is_a_cursor() {
    let app = App::new();
    let mut subscriber = Subscriber::new(&app, LIVE, json!({})).await;
    let event = subscriber.next().await;
    assert_eq!((names(&event).as_str(), &event["hasMore"]), ("", &json!(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_answer_comes_in_pages_that_follow_each_other() {
    let app = App::new();
    app.keep_telling();
    let writer = client(&app.database.url).await;
    let start = now(&app).await;
    let sql = "INSERT INTO tasks (id, title)
        SELECT gen_random_uuid(), n::text FROM generate_series(1, 1200) AS n";
    writer.batch_execute(sql).await.unwrap();
    for since in [Value::Null, start] {
        let mut subscriber = Subscriber::new(&app, LIVE, json!({ "since": since })).await;
        let mut sizes = Vec::new();
        while sizes.iter().sum::<usize>() < 1200 {
            let event = subscriber.next().await;
            sizes.push(event["tasks"].as_array().unwrap().len());
        }
        assert_eq!(sizes, [500, 500, 200]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_kinds_that_are_asked_for_are_told() {
    let app = App::new();
    app.keep_telling();
    let document = "subscription { changes(types: [PROJECT]) {
        projects { id version title } tags { id version name } tasks { id title } deleted { id } } }";
    let mut subscriber = Subscriber::new(&app, document, json!({})).await;
    assert_eq!(names(&subscriber.next().await), "");
    app.mutate("createTask", json!({"title": "task"}), "task { id }").await;
    app.mutate("createProject", json!({"title": "project"}), "project { id }").await;
    assert_eq!(names(&subscriber.next().await), "project");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_that_cannot_be_right_is_refused() {
    let app = App::new();
    for (document, variables, code, path) in [
        (LIVE, json!({"since": "abc"}), "BAD_REQUEST", json!(["changes", "since"])),
        (
            "subscription { changes(types: []) { cursor } }",
            json!({}),
            "BAD_REQUEST",
            json!(["changes", "types"]),
        ),
        ("subscription { changes { nothing } }", json!({}), "VALIDATION_FAILED", json!(null)),
        (
            "subscription { changes { cursor } b: changes { cursor } }",
            json!({}),
            "VALIDATION_FAILED",
            json!(null),
        ),
        (
            "subscription { ...A } fragment A on Subscription { changes { cursor } }",
            json!({}),
            "VALIDATION_FAILED",
            json!(null),
        ),
        ("subscription { __typename }", json!({}), "VALIDATION_FAILED", json!(null)),
        (
            "subscription { changes @skip(if: true) { cursor } }",
            json!({}),
            "VALIDATION_FAILED",
            json!(null),
        ),
    ] {
        let errors = refused(&app, document, variables).await;
        assert_eq!(errors[0]["extensions"]["code"], code, "{document}");
        assert_eq!(errors[0]["extensions"]["path"], path, "{document}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_no_use_is_told_once_and_ends_the_subscription() {
    let app = App::new();
    let start = now(&app).await;
    app.sql("UPDATE settings SET feed_id = gen_random_uuid()").await;
    let mut subscriber = Subscriber::new(&app, LIVE, json!({ "since": start })).await;
    assert_eq!(subscriber.next().await["resetRequired"], true);
    assert!(subscriber.following.next().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_that_stand_alike_share_their_statements() {
    let app = App::new();
    app.keep_telling();
    let mut subscribers = Vec::new();
    for _ in 0..50 {
        let mut subscriber = Subscriber::new(&app, LIVE, json!({})).await;
        subscriber.next().await;
        subscribers.push(tokio::spawn(async move { subscriber.next().await }));
    }
    app.tap.take();
    app.mutate("createTask", json!({"title": "one for all"}), "task { id }").await;
    for subscriber in subscribers {
        assert_eq!(names(&subscriber.await.unwrap()), "one for all");
    }
    let sent = app.tap.take();
    let statements = sent.iter().filter(|sent| **sent == crate::tap::Sent::Other("Execute"));
    // The mutation is two or three; the listener, whose connection is not tapped, is none.
    assert!(statements.count() < 10, "{sent:?}");
}

/// What a client keeps of the feed: the version and title of each task.
#[derive(Default)]
struct Kept {
    cursor: Value,
    tasks: BTreeMap<String, (i64, String)>,
}

impl Kept {
    fn take(&mut self, event: &Value) {
        self.cursor = event["cursor"].clone();
        for task in event["tasks"].as_array().unwrap() {
            let id = task["id"].as_str().unwrap().to_owned();
            let version = task["version"].as_i64().unwrap();
            let known =
                self.tasks.insert(id, (version, task["title"].as_str().unwrap().to_owned()));
            assert!(known.is_none_or(|(known, _)| known <= version), "it went back: {task}");
        }
        for gone in event["deleted"].as_array().unwrap() {
            self.tasks.remove(gone["id"].as_str().unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_missed_under_many_writers_and_over_many_connections() {
    const WRITERS: usize = 20;
    const ROUNDS: usize = 15;
    let app = App::with_connections(4);
    app.keep_telling();
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let url = app.database.url.clone();
    let writers = tokio::spawn(async move {
        let writing = (0..WRITERS).map(|writer| {
            let url = url.clone();
            tokio::spawn(async move {
                let client = client(&url).await;
                for round in 0..ROUNDS {
                    // Three transactions, the last one open for a while beside the others'.
                    let sql = format!(
                        "INSERT INTO tasks (id, title) VALUES (gen_random_uuid(), 'w{writer}-');
                        UPDATE tasks SET title = title || '.' WHERE id IN (
                            SELECT id FROM tasks WHERE title LIKE 'w{writer}-%' ORDER BY random() LIMIT 1);
                        BEGIN; UPDATE tasks SET source = '{round}' WHERE id IN (
                            SELECT id FROM tasks WHERE title LIKE 'w{writer}-%' LIMIT 1);
                        DELETE FROM tasks WHERE title = 'w{writer}-..'; SELECT pg_sleep(0.002); COMMIT"
                    );
                    client.batch_execute(&sql).await.unwrap();
                }
            })
        });
        for writer in writing.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        stop.send(()).unwrap();
    });
    let mut kept = Kept::default();
    let mut stopped = std::pin::pin!(stopped);
    let mut is_over = false;
    // Connects again and again, each time with the cursor of the last event alone.
    while !is_over {
        let mut subscriber = Subscriber::new(&app, LIVE, json!({ "since": kept.cursor })).await;
        for _ in 0..3 {
            tokio::select! {
                event = subscriber.next() => kept.take(&event),
                _ = &mut stopped => { is_over = true; break }
            }
        }
    }
    writers.await.unwrap();
    let sql = "SELECT json_object_agg(id, json_build_array(version, title))::text FROM tasks";
    let there = client(&app.database.url).await.query_one(sql, &[]).await.unwrap();
    let there: BTreeMap<String, (i64, String)> = serde_json::from_str(there.get(0)).unwrap();
    let mut last = Subscriber::new(&app, LIVE, json!({ "since": kept.cursor })).await;
    while kept.tasks != there {
        kept.take(&last.next().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_heard_after_the_listener_was_cut_off() {
    let app = App::new();
    app.keep_telling();
    let mut subscriber = Subscriber::new(&app, LIVE, json!({})).await;
    subscriber.next().await;
    let writer = client(&app.database.url).await;
    for round in 0..3 {
        let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'tomos listener'";
        while writer.query_one(cut, &[]).await.unwrap().get::<_, i64>(0) == 0 {
            tokio::task::yield_now().await;
        }
        let title = format!("after cut {round}");
        app.mutate("createTask", json!({ "title": title }), "task { id }").await;
        let heard = tokio::time::timeout(PATIENCE, subscriber.next()).await.unwrap();
        assert_eq!(names(&heard), title);
    }
}
