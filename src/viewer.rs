//! Who asks: the token of a request and the owner's settings.

use crate::scalar::TimeZone;
use async_graphql::{Enum, Object};
use chrono::Weekday as Day;

/// What a token may do.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[graphql(name = "TokenScope")]
pub enum Scope {
    /// Queries and subscriptions.
    Read,
    /// Mutations.
    Write,
}

/// Who is asking: the token of this request and the owner's settings.
#[derive(Clone, Debug)]
pub struct Viewer {
    /// The name of the token.
    pub token_name: String,
    /// What the token may do.
    pub scopes: Vec<Scope>,
    /// The zone that this request names for its days.
    pub named_zone: Option<chrono_tz::Tz>,
    /// The owner's zone.
    pub owner_zone: chrono_tz::Tz,
    /// The first day of the owner's week.
    pub week_start: Day,
}

/// A day of the week.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weekday {
    /// The first day by ISO 8601.
    Monday,
    /// The second day.
    Tuesday,
    /// The third day.
    Wednesday,
    /// The fourth day.
    Thursday,
    /// The fifth day.
    Friday,
    /// The sixth day.
    Saturday,
    /// The seventh day.
    Sunday,
}

impl Viewer {
    /// The zone in which this request means its days.
    pub(crate) fn zone(&self) -> chrono_tz::Tz {
        self.named_zone.unwrap_or(self.owner_zone)
    }
}

impl From<Weekday> for Day {
    fn from(day: Weekday) -> Self {
        match day {
            Weekday::Monday => Self::Mon,
            Weekday::Tuesday => Self::Tue,
            Weekday::Wednesday => Self::Wed,
            Weekday::Thursday => Self::Thu,
            Weekday::Friday => Self::Fri,
            Weekday::Saturday => Self::Sat,
            Weekday::Sunday => Self::Sun,
        }
    }
}

impl From<Day> for Weekday {
    fn from(day: Day) -> Self {
        match day {
            Day::Mon => Self::Monday,
            Day::Tue => Self::Tuesday,
            Day::Wed => Self::Wednesday,
            Day::Thu => Self::Thursday,
            Day::Fri => Self::Friday,
            Day::Sat => Self::Saturday,
            Day::Sun => Self::Sunday,
        }
    }
}

/// Who is asking: the token of this request and the owner's settings.
#[Object]
impl Viewer {
    /// The name of the token.
    async fn token_name(&self) -> &str {
        &self.token_name
    }

    /// What the token may do.
    async fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The zone in which the days of this request are meant.
    async fn time_zone(&self) -> TimeZone {
        TimeZone(self.zone())
    }

    /// The first day of the owner's week.
    async fn week_start(&self) -> Weekday {
        self.week_start.into()
    }
}
