//! What is done to the database from time to time: the trash is emptied, old changes are
//! forgotten, and what came of writes that nobody sends again.

use crate::clock::Clock;
use crate::db;
use crate::error::{Error, Result};
use crate::feed;
use crate::scalar::DateTime;
use crate::secret::Secret;
use crate::write::replay;
use chrono::TimeDelta;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often it is done.
const PERIOD: Duration = Duration::from_hours(1);

/// How many records of a kind are purged at once, so that nobody waits long for their locks.
const BATCH: i32 = 500;

/// How long things are kept.
#[derive(Clone, Copy, Debug)]
pub struct Keep {
    /// Records in the trash.
    pub trash: TimeDelta,
    /// Changes, and with them the tombstones of records: older cursors start anew.
    pub changes: TimeDelta,
}

impl Default for Keep {
    fn default() -> Self {
        Self { trash: TimeDelta::days(90), changes: TimeDelta::days(90) }
    }
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Done {
    /// How many records were purged.
    pub purged: i64,
    /// How many changes were forgotten.
    pub forgotten: i64,
}

/// Does it now.
pub async fn run(connection: &mut AsyncPgConnection, clock: &Clock, keep: Keep) -> Result<Done> {
    let now = clock.now();
    let trashed = DateTime(now - keep.trash);
    let mut purged = 0;
    loop {
        let some = diesel::select(feed::purge_trash(trashed, BATCH));
        let some: i64 = some.get_result(connection).await?;
        purged += some;
        if some < i64::from(BATCH) {
            break;
        }
    }
    let forget = diesel::select(feed::prune_changes(DateTime(now - keep.changes)));
    let forgotten = forget.get_result(connection).await?;
    replay::forget(connection, DateTime(now)).await?;
    Ok(Done { purged, forgotten })
}

/// Begins a new feed where the database was restored: the cursors out there are of another one.
pub async fn renew_restored_feed(connection: &mut AsyncPgConnection) -> Result<bool> {
    Ok(diesel::select(feed::renew_restored_feed()).get_result(connection).await?)
}

/// Does it again and again, until it is dropped.
pub async fn keep_running(url: &Secret, clock: &Clock, keep: Keep) -> Infallible {
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let done = async {
            // Seldom enough for a connection of its own.
            let mut connection = db::connect(url.reveal()).await?;
            run(&mut connection, clock, keep).await
        };
        match done.await {
            Ok(done) => tracing::debug!(?done, "upkeep"),
            // Nobody waits for it, and the next time comes.
            Err(error @ Error::Unavailable(_)) => tracing::debug!("{:#}", error.revealed()),
            Err(error) => tracing::error!("upkeep failed: {:#}", error.revealed()),
        }
    }
}
