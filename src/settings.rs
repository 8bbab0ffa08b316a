//! The owner's settings as the database keeps them: the zone, and the first day of the week.
//!
//! Requests do not read them here, but for the one that changes them: `memory.rs` keeps them at hand.

use crate::error::Result;
use crate::tables::{settings, sql_types};
use chrono_tz::Tz;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::io::Write as _;

/// The owner's settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The owner's zone.
    pub time_zone: Tz,
    /// The first day of the owner's week.
    pub week_start: chrono::Weekday,
}

impl Settings {
    /// Settings from the row of the database.
    pub(crate) fn stored(time_zone: &str, week_start: StoredDay) -> Self {
        let time_zone = time_zone.parse().unwrap_or_else(|_| {
            tracing::debug!(time_zone, "the owner's zone is unknown here: days are UTC's");
            Tz::UTC
        });
        Self { time_zone, week_start: week_start.0 }
    }
}

/// The settings as they are now.
pub(crate) async fn load(connection: &mut AsyncPgConnection) -> Result<Settings> {
    let now = settings::table.select((settings::time_zone, settings::week_start));
    let (zone, day): (String, StoredDay) = now.first(connection).await?;
    Ok(Settings::stored(&zone, day))
}

/// Changes the owner's zone, where it is another.
pub async fn set_time_zone(connection: &mut AsyncPgConnection, zone: Tz) -> Result<()> {
    let another = settings::table.filter(settings::time_zone.ne(zone.name()));
    diesel::update(another).set(settings::time_zone.eq(zone.name())).execute(connection).await?;
    Ok(())
}

/// Changes the first day of the owner's week, where it is another.
pub(crate) async fn set_week_start(
    connection: &mut AsyncPgConnection,
    day: chrono::Weekday,
) -> Result<()> {
    let day = StoredDay(day);
    let another = settings::table.filter(settings::week_start.ne(day));
    diesel::update(another).set(settings::week_start.eq(day)).execute(connection).await?;
    Ok(())
}

/// A day of the week in the database.
#[derive(Clone, Copy, Debug, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Weekday)]
pub(crate) struct StoredDay(chrono::Weekday);

impl ToSql<sql_types::Weekday, Pg> for StoredDay {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let label = match self.0 {
            chrono::Weekday::Mon => "monday",
            chrono::Weekday::Tue => "tuesday",
            chrono::Weekday::Wed => "wednesday",
            chrono::Weekday::Thu => "thursday",
            chrono::Weekday::Fri => "friday",
            chrono::Weekday::Sat => "saturday",
            chrono::Weekday::Sun => "sunday",
        };
        out.write_all(label.as_bytes())?;
        Ok(IsNull::No)
    }
}

impl FromSql<sql_types::Weekday, Pg> for StoredDay {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        // chrono reads whole English names, whatever their case.
        let day = std::str::from_utf8(value.as_bytes())?.parse();
        day.map(Self).map_err(|error| format!("{error:?}").into())
    }
}
