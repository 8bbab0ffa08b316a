//! The time and new ids, as parameters: nothing else in the program reads the system's clock.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;
use uuid::Uuid;

/// How long is slept at most before the system's clock is read again: it may be set, and a machine that
/// sleeps does not count.
const NAP: Duration = Duration::from_mins(1);

/// Where the program gets the time from.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<Fixed>),
}

#[derive(Debug)]
struct Fixed {
    now: watch::Sender<DateTime<Utc>>,
    ids: AtomicU64,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// A clock that stands still until it is [set](Self::set), and that counts its ids: two runs of
    /// the same test make the same ids.
    #[must_use]
    pub fn fixed(now: DateTime<Utc>) -> Self {
        let (now, ids) = (watch::Sender::new(now), AtomicU64::new(0));
        Self(Source::Fixed(Arc::new(Fixed { now, ids })))
    }

    /// The instant now, in milliseconds as the database keeps them.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one reader of the system's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System => Utc::now().trunc_subsecs(3),
            Source::Fixed(fixed) => *fixed.now.borrow(),
        }
    }

    /// A new id: UUID version 7 of [now](Self::now).
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one maker of ids")]
    pub fn new_id(&self) -> Uuid {
        match &self.0 {
            Source::System => Uuid::now_v7(),
            Source::Fixed(fixed) => {
                let number = fixed.ids.fetch_add(1, Ordering::Relaxed) + 1;
                let millis = u64::try_from(self.now().timestamp_millis()).unwrap_or_default();
                let mut counter = [0; 10];
                counter[2..].copy_from_slice(&number.to_be_bytes());
                uuid::Builder::from_unix_timestamp_millis(millis, &counter).into_uuid()
            }
        }
    }

    /// Moves a fixed clock; the system's clock is left alone.
    pub fn set(&self, now: DateTime<Utc>) {
        if let Source::Fixed(fixed) = &self.0 {
            fixed.now.send_replace(now.trunc_subsecs(3));
        }
    }

    /// Waits until it is that late.
    pub async fn reach(&self, instant: DateTime<Utc>) {
        match &self.0 {
            Source::System => {
                while let Ok(left) = (instant - self.now()).to_std()
                    && !left.is_zero()
                {
                    sleep(left.min(NAP)).await;
                }
            }
            Source::Fixed(fixed) => {
                // Its sender lives as long as the clock.
                let _ = fixed.now.subscribe().wait_for(|now| *now >= instant).await;
            }
        }
    }
}
