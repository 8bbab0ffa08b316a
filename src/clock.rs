//! The time and new ids, as parameters: nothing else in the program reads the system's clock.

use chrono::{DateTime, SubsecRound, Utc};
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Where the program gets the time from.
#[derive(Clone, Debug)]
pub struct Clock(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Fixed(Arc<Mutex<Fixed>>),
}

#[derive(Debug)]
struct Fixed {
    now: DateTime<Utc>,
    ids: u64,
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
        Self(Source::Fixed(Arc::new(Mutex::new(Fixed { now, ids: 0 }))))
    }

    /// The instant now, in milliseconds as the database keeps them.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one reader of the system's clock")]
    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Source::System => Utc::now().trunc_subsecs(3),
            Source::Fixed(fixed) => fixed.lock().unwrap_or_else(PoisonError::into_inner).now,
        }
    }

    /// A new id: UUID version 7 of [now](Self::now).
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one maker of ids")]
    pub fn new_id(&self) -> Uuid {
        match &self.0 {
            Source::System => Uuid::now_v7(),
            Source::Fixed(fixed) => {
                let mut fixed = fixed.lock().unwrap_or_else(PoisonError::into_inner);
                fixed.ids += 1;
                let millis = u64::try_from(fixed.now.timestamp_millis()).unwrap_or_default();
                let mut counter = [0; 10];
                counter[2..].copy_from_slice(&fixed.ids.to_be_bytes());
                uuid::Builder::from_unix_timestamp_millis(millis, &counter).into_uuid()
            }
        }
    }

    /// Moves a fixed clock; the system's clock is left alone.
    pub fn set(&self, now: DateTime<Utc>) {
        if let Source::Fixed(fixed) = &self.0 {
            fixed.lock().unwrap_or_else(PoisonError::into_inner).now = now.trunc_subsecs(3);
        }
    }
}
