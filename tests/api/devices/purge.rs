//! The upkeep of the service, which empties the trash while devices write and ask: what it takes is kept beside, so
//! that the account can be compared with it.

use crate::app::App;
use crate::migrations::client;
use chrono::TimeDelta;
use diesel_async::AsyncPgConnection;
use tokio_postgres::Client;
use tomos::clock::Clock;
use tomos::upkeep::{self, Keep};

/// Keeps each record that is deleted for good as it was.
const GRAVES: &str = "
    CREATE TABLE IF NOT EXISTS graves (kind text, id uuid, version int, deleted_at timestamptz, record jsonb, PRIMARY KEY (kind, id));
    CREATE OR REPLACE FUNCTION bury() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO graves VALUES (rtrim(TG_TABLE_NAME, 's'), OLD.id, OLD.version, OLD.deleted_at, to_jsonb(OLD));
        RETURN NULL;
    END $$;
    CREATE OR REPLACE TRIGGER bury AFTER DELETE ON tasks FOR EACH ROW EXECUTE FUNCTION bury();
    CREATE OR REPLACE TRIGGER bury AFTER DELETE ON projects FOR EACH ROW EXECUTE FUNCTION bury();
    CREATE OR REPLACE TRIGGER bury AFTER DELETE ON tags FOR EACH ROW EXECUTE FUNCTION bury();";

/// Makes the place for what is deleted.
pub(super) async fn dig(client: &Client) {
    client.batch_execute(GRAVES).await.unwrap();
}

/// Who does the upkeep.
pub(super) struct Sexton {
    connection: AsyncPgConnection,
    clock: Clock,
}

impl Sexton {
    pub(super) async fn new(app: &App) -> Self {
        dig(&client(&app.database.url).await).await;
        let connection = tomos::db::connect(&app.database.url).await.unwrap();
        Self { connection, clock: app.clock.clone() }
    }

    /// Purges what has been in the trash for so many seconds.
    pub(super) async fn purge(&mut self, seconds: i64) {
        let keep = Keep { trash: TimeDelta::seconds(seconds), ..Keep::default() };
        let done = upkeep::run(&mut self.connection, &self.clock, keep).await.unwrap();
        assert_eq!(done.forgotten, 0);
    }
}
