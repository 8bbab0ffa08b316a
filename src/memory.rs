//! What every request needs and none asks the database for: the tokens that work, and the settings.
//!
//! One task loads both with one statement, twice a second, over a connection of its own: so a token
//! stops working within a second of its revocation, everywhere, and a full pool cannot delay that. The
//! same task writes down in the background when tokens were used. While the database is away, what was
//! last loaded goes on to hold.

mod known;

use crate::clock::Clock;
use crate::db;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::settings::Settings;
use crate::token::{self, Hash, Token};
use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::AsyncPgConnection;
use known::Known;
use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, timeout};
use uuid::Uuid;

/// How often tokens and settings are loaded.
const PERIOD: Duration = Duration::from_millis(500);

/// How long a load may take before its connection is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// How old what is in memory may be while the database counts as being there.
const FRESH: Duration = Duration::from_secs(3);

/// How far apart the writing-down of one token's uses is.
const USES_APART: TimeDelta = TimeDelta::minutes(1);

/// Tokens and settings, at hand.
#[derive(Debug)]
pub struct Memory {
    url: Secret,
    clock: Clock,
    known: watch::Sender<Arc<Known>>,
    /// Tells those who wait for the end of a token that tokens changed; loads are far more frequent.
    changed: watch::Sender<()>,
    /// Whether the last load failed.
    away: AtomicBool,
    uses: Mutex<HashMap<Uuid, Use>>,
}

/// The uses of one token.
#[derive(Clone, Copy, Debug)]
struct Use {
    last: DateTime<Utc>,
    written: Option<DateTime<Utc>>,
}

impl Use {
    fn is_due(&self) -> bool {
        self.written.is_none_or(|written| self.last - written >= USES_APART)
    }

    fn is_unwritten(&self) -> bool {
        self.written.is_none_or(|written| written < self.last)
    }
}

impl Memory {
    /// Loads tokens and settings for the first time.
    pub async fn load(url: &Secret, clock: &Clock) -> Result<Self> {
        let mut connection = db::connect(url.reveal()).await?;
        let known = Known::load(&mut connection).await?;
        Ok(Self {
            url: url.clone(),
            clock: clock.clone(),
            known: watch::Sender::new(Arc::new(known)),
            changed: watch::Sender::new(()),
            away: AtomicBool::new(false),
            uses: Mutex::default(),
        })
    }

    /// The token of this hash, where it works now; the use is noted.
    ///
    /// The look-up is by hash: how long it takes says nothing about the tokens that there are.
    #[must_use]
    pub fn verify(&self, token: &Hash) -> Option<Token> {
        let now = self.clock.now();
        let found = self.working(token)?;
        let first = Use { last: now, written: None };
        self.uses().entry(found.id).or_insert(first).last = now;
        Some(found)
    }

    /// Waits until the token of this hash does not work any more.
    pub async fn end_of(&self, token: &Hash) {
        let mut changes = self.changed.subscribe();
        while let Some(working) = self.working(token) {
            let expired = async {
                match working.expires_at {
                    Some(end) => self.clock.reach(end).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                // Its sender lives as long as this.
                _ = changes.changed() => {}
                () = expired => {}
            }
        }
    }

    fn working(&self, token: &Hash) -> Option<Token> {
        let found = self.known().tokens.get(token).cloned()?;
        (!found.has_expired(self.clock.now())).then_some(found)
    }

    /// The owner's settings.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.known().settings
    }

    /// Whether there is any token that could work.
    #[must_use]
    pub fn has_tokens(&self) -> bool {
        !self.known().tokens.is_empty()
    }

    /// Whether the database has answered just now.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        !self.away.load(Ordering::Relaxed) && self.known().at.elapsed() < FRESH
    }

    /// Loads again and again, until it is dropped.
    pub async fn keep_fresh(&self) -> Infallible {
        let mut connection = None;
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let refreshed = timeout(PATIENCE, self.refresh(&mut connection)).await;
            let refreshed = refreshed.unwrap_or(Err(Error::Timeout));
            let was_away = self.away.swap(refreshed.is_err(), Ordering::Relaxed);
            match refreshed {
                Ok(()) if was_away => tracing::warn!("the database is back"),
                Ok(()) => {}
                Err(error) => {
                    connection = None;
                    if !was_away {
                        tracing::error!("the database is away: {:#}", error.revealed());
                    }
                }
            }
        }
    }

    /// Writes down the uses that are not written down yet.
    pub async fn write_uses(&self) -> Result<()> {
        let mut connection = db::connect(self.url.reveal()).await?;
        self.note_uses(&mut connection, Use::is_unwritten).await
    }

    async fn refresh(&self, connection: &mut Option<AsyncPgConnection>) -> Result<()> {
        let connection = match connection {
            Some(connection) => connection,
            None => connection.insert(db::connect(self.url.reveal()).await?),
        };
        let known = Known::load(connection).await?;
        let before = self.known.send_replace(Arc::new(known));
        if !self.known().lets_in_the_same(&before) {
            self.changed.send_replace(());
        }
        if let Err(error) = self.note_uses(connection, Use::is_due).await {
            // A database that can be read but not written to is no reason to refuse requests.
            tracing::debug!("last uses were not written: {:#}", error.revealed());
        }
        Ok(())
    }

    /// Writes down the uses that are `wanted`, with one statement.
    async fn note_uses(
        &self,
        connection: &mut AsyncPgConnection,
        wanted: fn(&Use) -> bool,
    ) -> Result<()> {
        let noted: HashMap<Uuid, DateTime<Utc>> = self
            .uses()
            .iter()
            .filter(|(_, it)| wanted(it))
            .map(|(id, it)| (*id, it.last))
            .collect();
        let Some(at) = noted.values().max() else {
            return Ok(());
        };
        let ids: Vec<_> = noted.keys().copied().collect();
        token::note_use(connection, &ids, *at).await?;
        let mut uses = self.uses();
        for (id, last) in noted {
            if let Some(it) = uses.get_mut(&id) {
                it.written = Some(last);
            }
        }
        Ok(())
    }

    fn known(&self) -> Arc<Known> {
        Arc::clone(&self.known.borrow())
    }

    fn uses(&self) -> MutexGuard<'_, HashMap<Uuid, Use>> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
