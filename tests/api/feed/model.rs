//! A client that only follows the feed has in the end what the server has, whatever others did meanwhile
//! in transactions of any length, and however large its pages were.

use super::pull;
use crate::app::App;
use crate::migrations::client;
use crate::oracle::world::Dice;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tokio_postgres::Client;

/// What a client knows: the version and the title of each record.
#[derive(Debug, Default)]
struct Follower {
    cursor: Value,
    known: BTreeMap<String, (i64, String)>,
}

impl Follower {
    /// Takes a page in, and says whether there is more.
    async fn follow(&mut self, app: &App, first: usize) -> bool {
        let page = pull(app, &self.cursor, &format!(", first: {first}")).await;
        let mut count = 0;
        for (list, name) in [("projects", "title"), ("tags", "name"), ("tasks", "title")] {
            for record in page[list].as_array().unwrap() {
                count += 1;
                let version = record["version"].as_i64().unwrap();
                let value = (version, record[name].as_str().unwrap().to_owned());
                let before = self.known.insert(record["id"].as_str().unwrap().to_owned(), value);
                assert!(before.is_none_or(|(before, _)| before <= version), "back to {record}");
            }
        }
        for gone in page["deleted"].as_array().unwrap() {
            count += 1;
            self.known.remove(gone["id"].as_str().unwrap());
        }
        assert!(count <= first, "{count} of {first}");
        assert_eq!(page["resetRequired"], json!(false));
        self.cursor = page["cursor"].clone();
        page["hasMore"].as_bool().unwrap()
    }
}

/// What there is.
async fn live(client: &Client) -> BTreeMap<String, (i64, String)> {
    let sql = "SELECT id::text, version::bigint, title FROM tasks WHERE deleted_at IS NULL
        UNION ALL SELECT id::text, version, title FROM projects WHERE deleted_at IS NULL
        UNION ALL SELECT id::text, version, name FROM tags WHERE deleted_at IS NULL";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect()
}

/// One of those who write, and whether it is within a transaction.
struct Writer {
    client: Client,
    open: bool,
}

impl Writer {
    /// Does something; where others are in the way it gives up what it has begun.
    async fn act(&mut self, dice: &mut Dice) {
        let sql = match (dice.below(10), self.open) {
            (0 | 1, false) => "BEGIN".to_owned(),
            (0 | 1, true) => "COMMIT".to_owned(),
            (2, true) => "SAVEPOINT here".to_owned(),
            (3, true) => "ROLLBACK".to_owned(),
            _ => statement(dice),
        };
        let done = self.client.batch_execute(&sql).await;
        match (sql.as_str(), done) {
            ("BEGIN", Ok(())) => self.open = true,
            ("COMMIT" | "ROLLBACK", Ok(())) => self.open = false,
            (_, Ok(())) => {}
            (_, Err(_)) => {
                self.client.batch_execute("ROLLBACK").await.unwrap();
                self.open = false;
            }
        }
    }
}

/// Changes one record that nobody else is changing, or makes some.
fn statement(dice: &mut Dice) -> String {
    let title = dice.below(1000);
    let table = dice.pick(&["tasks", "tasks", "tasks", "projects", "tags"]);
    let one = format!(
        "id = (SELECT id FROM {table} ORDER BY md5(id::text || {title}) LIMIT 1 FOR UPDATE SKIP LOCKED)"
    );
    let (name, key) = match table {
        "tags" => ("name", format!(", key = '{title}'")),
        _ => ("title", String::new()),
    };
    match dice.below(8) {
        0 | 1 => format!(
            "INSERT INTO tasks (id, title) SELECT gen_random_uuid(), '{title}' FROM generate_series(1, {})",
            dice.below(4)
        ),
        2 => format!("INSERT INTO projects (id, title) VALUES (gen_random_uuid(), '{title}')"),
        3 => format!(
            "INSERT INTO tags (id, name, key) VALUES (gen_random_uuid(), '{title}', '{title}')"
        ),
        4 => format!(
            "UPDATE {table} SET deleted_at = CASE WHEN deleted_at IS NULL THEN now() END WHERE {one}"
        ),
        5 => format!("DELETE FROM {table} WHERE {one}"),
        6 => {
            let any = |table: &str| {
                format!(
                    "(SELECT id FROM {table} WHERE deleted_at IS NULL ORDER BY md5(id::text || {title}) LIMIT 1)"
                )
            };
            let (task, tag) = (any("tasks"), any("tags"));
            format!(
                "INSERT INTO task_tags SELECT task.id, tag.id FROM {task} AS task, {tag} AS tag ON CONFLICT DO NOTHING"
            )
        }
        _ => format!("UPDATE {table} SET {name} = '{title}'{key} WHERE {one}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_the_feed_has_in_the_end_what_there_is() {
    let seeds = if std::env::var_os("TOMOS_FULL").is_some() { 100 } else { 3 };
    let mut dice = Dice(20_260_120);
    for _ in 0..seeds {
        let seed = dice.roll();
        eprintln!("seed {seed}");
        let mut dice = Dice(seed);
        // Whoever follows from the beginning reads all there is: a database that grew from seed to seed
        // would make each take longer than the one before.
        let app = App::new();
        let mut writers = Vec::new();
        for _ in 0..4 {
            let client = client(&app.database.url).await;
            client.batch_execute("SET lock_timeout = '20ms'").await.unwrap();
            writers.push(Writer { client, open: false });
        }
        let mut followers = [Follower::default(), Follower::default()];
        for _ in 0..300 {
            let writer = dice.below(writers.len());
            writers[writer].act(&mut dice).await;
            let follower = dice.below(followers.len() * 3);
            if let Some(follower) = followers.get_mut(follower) {
                let first = dice.pick(&[1, 2, 5, 500]);
                follower.follow(&app, first).await;
            }
        }
        for writer in &mut writers {
            writer.client.batch_execute("COMMIT").await.unwrap();
        }
        let live = live(&writers[0].client).await;
        assert!(!live.is_empty());
        for follower in &mut followers {
            let first = 1 + dice.below(20);
            while follower.follow(&app, first).await {}
            assert_eq!(follower.known, live);
        }
    }
}
