//! One who writes beside the service in transactions that stay open for long: what it does is committed late.

use crate::app::App;
use crate::migrations::client;
use crate::oracle::world::Dice;
use tokio_postgres::Client;

pub(super) struct Slow {
    client: Client,
    open: bool,
}

impl Slow {
    pub(super) async fn new(app: &App) -> Self {
        Self { client: client(&app.database.url).await, open: false }
    }

    /// Writes to records that nobody else writes to, or ends what it has begun.
    pub(super) async fn act(&mut self, dice: &mut Dice) {
        let sql = match (dice.below(12), self.open) {
            (0..2, false) => {
                "BEGIN; INSERT INTO tasks (id, title, source) VALUES (gen_random_uuid(), 'slow', 'slow')"
            }
            (2, true) => {
                "SAVEPOINT here; UPDATE tasks SET title = title || '!' WHERE source = 'slow'; RELEASE here"
            }
            (3 | 4, true) => "COMMIT",
            (5, true) => "ROLLBACK",
            _ => return,
        };
        self.client.batch_execute(sql).await.unwrap();
        self.open = !matches!(sql, "COMMIT" | "ROLLBACK");
    }

    pub(super) async fn end(&mut self) {
        self.client.batch_execute("COMMIT").await.unwrap();
        self.open = false;
    }
}
