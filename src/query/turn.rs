//! Where a subscription stands: each of its events is a turn, planned and answered as a request of its
//! own that goes on where the one before ended.

use crate::scalar::{ChangeCursor, Id};
use async_graphql::{Name, ScalarType, Value};
use chrono::{DateTime, Utc};
use std::sync::{Arc, OnceLock};

/// Where a subscription stands after a turn: two that stand alike are told the same next.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Standing {
    /// At a place in the feed.
    At(ChangeCursor),
    /// Knowing a list.
    Knowing(Arc<List>),
}

/// A list as a client knows it.
#[derive(Debug, Default, PartialEq, Eq, Hash)]
pub struct List {
    /// Its records in their order, each with a hash of all that was shown of it.
    pub rows: Vec<(Id, u64)>,
    /// How many there are in all, where that was asked for.
    pub total: i32,
}

/// What came of a turn.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Where the subscription stands now.
    pub standing: Standing,
    /// Whether the client is to hear of it.
    pub is_news: bool,
    /// What is to be waited for.
    pub next: Next,
}

/// When a subscription has its next turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Next {
    /// Right away: there is more already.
    Now,
    /// When something is committed.
    OnCommit,
    /// When something is committed, or at this time.
    Until(DateTime<Utc>),
    /// Never: it is over.
    Never,
}

/// One turn of a subscription.
#[derive(Debug, Default)]
pub struct Turn {
    before: Option<Standing>,
    outcome: OnceLock<Outcome>,
}

impl Turn {
    /// A turn that goes on from there; the first one from nowhere.
    #[must_use]
    pub fn after(before: Option<Standing>) -> Self {
        Self { before, outcome: OnceLock::new() }
    }

    /// The list that the client knows.
    pub(crate) fn known(&self) -> Option<&List> {
        match &self.before {
            Some(Standing::Knowing(list)) => Some(list),
            _ => None,
        }
    }

    /// The argument that stands in place of the one that was written.
    pub(super) fn argument(&self) -> Option<(Name, Value)> {
        match &self.before {
            Some(Standing::At(cursor)) => Some((Name::new("since"), cursor.to_value())),
            _ => None,
        }
    }

    /// Says what came of it.
    pub(crate) fn end(&self, outcome: Outcome) {
        // A subscription has one root field, which says it once.
        let _ = self.outcome.set(outcome);
    }

    /// What came of it; nothing where it failed.
    #[must_use]
    pub fn outcome(&self) -> Option<Outcome> {
        self.outcome.get().cloned()
    }
}
