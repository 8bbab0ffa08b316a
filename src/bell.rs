//! The bell: it rings when something was committed, whoever wrote it.
//!
//! One connection listens for the whole process. What it hears only wakes; the feed answers. So nothing
//! is lost where nothing was heard: the bell rings too whenever the listener begins anew, and where
//! transactions went by in silence, as behind a pooler, which lets no notifications through.

use crate::db;
use crate::error::{Error, Result};
use crate::feed::cursor::Snapshot;
use crate::feed::pg_current_snapshot;
use crate::secret::Secret;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use futures_util::{FutureExt, StreamExt};
use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

/// It is seen among the database's connections by its name.
const LISTEN: &str = "LISTEN tomos_changes; SET application_name = 'tomos listener'";

/// How far apart two rings are at least: what is committed in between is one.
const APART: Duration = Duration::from_millis(50);

/// How long silence is trusted.
const SILENCE: Duration = Duration::from_secs(2);

/// How long the listener may take for an answer before it is given up.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long it waits before it begins anew: longer each time that it fails.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];

/// Rings when something was committed.
#[derive(Debug)]
pub struct Bell {
    rings: watch::Sender<u64>,
}

impl Default for Bell {
    fn default() -> Self {
        Self { rings: watch::Sender::new(0) }
    }
}

impl Bell {
    /// Hears every ring from now on; of several it hears the last one.
    #[must_use]
    pub fn hear(&self) -> watch::Receiver<u64> {
        self.rings.subscribe()
    }

    /// Rings whenever something was committed, until it is dropped.
    pub async fn keep_ringing(&self, url: &Secret) -> Infallible {
        let [shortest, longest] = PAUSES;
        let mut pause = shortest;
        loop {
            let before = *self.rings.borrow();
            let Err(error) = self.listen(url).await;
            tracing::warn!("the listener begins anew: {:#}", error.revealed());
            let heard = *self.rings.borrow() != before;
            pause = if heard { shortest } else { longest.min(pause * 2) };
            sleep(pause).await;
        }
    }

    async fn listen(&self, url: &Secret) -> Result<Infallible> {
        let mut connection = db::connect(url.reveal()).await?;
        connection.batch_execute(LISTEN).await?;
        let mut known = newest(&mut connection).await?;
        self.ring();
        loop {
            if self.heard(&mut connection).await? {
                self.ring();
                sleep(APART).await;
                continue;
            }
            let newest = timeout(PATIENCE, newest(&mut connection)).await;
            let newest = newest.map_err(|_elapsed| Error::Timeout)??;
            if newest != known {
                known = newest;
                self.ring();
            }
        }
    }

    /// Whether anything is heard before the silence is too long; what was heard meanwhile is one.
    async fn heard(&self, connection: &mut AsyncPgConnection) -> Result<bool> {
        let mut notes = pin!(connection.notifications_stream());
        let Ok(first) = timeout(SILENCE, notes.next()).await else {
            return Ok(false);
        };
        let mut note = first;
        loop {
            match note {
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => {
                    return Err(Error::Unavailable(anyhow::anyhow!("the connection has ended")));
                }
            }
            match notes.next().now_or_never() {
                Some(next) => note = next,
                None => return Ok(true),
            }
        }
    }

    fn ring(&self) {
        self.rings.send_modify(|number| *number += 1);
    }
}

/// What is committed: another one after every write.
async fn newest(connection: &mut AsyncPgConnection) -> Result<Snapshot> {
    Ok(diesel::select(pg_current_snapshot()).get_result(connection).await?)
}
