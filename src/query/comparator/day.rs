//! The comparators of days and instants; what a day word means is said in [`crate::moment`].

use super::is_null;
use crate::error::{Error, Result};
use crate::moment::Moment;
use crate::moment::window::{DateUnit, DateWindow, DayRange};
use crate::query::expr::{Cond, Expr, all, any, not};
use crate::query::filter::operators;
use crate::scalar::{Date, DateTime};
use async_graphql::InputObject;
use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{self as sql, Nullable};

operators! {
    /// How a calendar day must be.
    DateFilter on <T> Day<T> {
        /// This day.
        eq: Date = |day, value, at| day.on(value.0, at.moment),
        /// Not this day; true where there is none.
        neq: Date = |day, value, at| not(day.on(value.0, at.moment)),
        /// One of these days.
        r#in: Vec<Date> = |day, values, at| day.on_any(values, at.moment)?,
        /// None of these days; true where there is none.
        not_in: Vec<Date> = |day, values, at| not(day.on_any(values, at.moment)?),
        /// Before this day.
        lt: Date = |day, value, at| day.within(DayRange::before(value.0), at.moment),
        /// On this day or before.
        lte: Date = |day, value, at| day.within(DayRange::until(value.0), at.moment),
        /// After this day.
        gt: Date = |day, value, at| day.within(DayRange::after(value.0), at.moment),
        /// On this day or after.
        gte: Date = |day, value, at| day.within(DayRange::from(value.0), at.moment),
        /// In this window.
        during: DateWindow = |day, window, at| day.within(at.moment.window(window), at.moment),
        /// From today through the day so far ahead.
        within_next: DateSpan = |day, span, at| day.within(span.ahead(at.moment)?, at.moment),
        /// From the day so far back through today.
        within_last: DateSpan = |day, span, at| day.within(span.back(at.moment)?, at.moment),
        /// Compared with days relative to today.
        relative: RelativeDateFilter = |day, filter, at| filter.on(&day, at)?,
        /// Whether there is none.
        is_null: bool = |day, wanted, _| day.absent(wanted),
    }
}

operators! {
    /// How an instant must be.
    DateTimeFilter on <T> Expr<T, Nullable<sql::Timestamptz>> {
        /// This instant.
        eq: DateTime = |instant, value, _| instant.eq(value.0),
        /// Not this instant; true where there is none.
        neq: DateTime = |instant, value, _| instant.is_distinct_from(value.0),
        /// Before this instant.
        lt: DateTime = |instant, value, _| instant.lt(value.0),
        /// This instant or before.
        lte: DateTime = |instant, value, _| instant.le(value.0),
        /// After this instant.
        gt: DateTime = |instant, value, _| instant.gt(value.0),
        /// This instant or after.
        gte: DateTime = |instant, value, _| instant.ge(value.0),
        /// On this day in the zone of the request.
        on_date: Date = |instant, value, at| Day::Instant(instant).on(value.0, at.moment),
        /// On a day in this window.
        during: DateWindow = |instant, window, at| Day::Instant(instant).within(at.moment.window(window), at.moment),
        /// From the start of today through the end of the day so far ahead.
        within_next: DateSpan = |instant, span, at| Day::Instant(instant).within(span.ahead(at.moment)?, at.moment),
        /// From the start of the day so far back through the end of today.
        within_last: DateSpan = |instant, span, at| Day::Instant(instant).within(span.back(at.moment)?, at.moment),
        /// Its day compared with days relative to today.
        relative: RelativeDateFilter = |instant, filter, at| filter.on(&Day::Instant(instant), at)?,
        /// Whether there is none.
        is_null: bool = |instant, wanted, _| is_null(instant, wanted),
    }
}

operators! {
    /// How a day must be, compared with days relative to today.
    RelativeDateFilter on <T> Day<T> {
        /// That day.
        eq: DateOffset = |day, offset, at| day.on(offset.day(at.moment)?, at.moment),
        /// Before that day.
        lt: DateOffset = |day, offset, at| day.within(DayRange::before(offset.day(at.moment)?), at.moment),
        /// On that day or before.
        lte: DateOffset = |day, offset, at| day.within(DayRange::until(offset.day(at.moment)?), at.moment),
        /// After that day.
        gt: DateOffset = |day, offset, at| day.within(DayRange::after(offset.day(at.moment)?), at.moment),
        /// On that day or after.
        gte: DateOffset = |day, offset, at| day.within(DayRange::from(offset.day(at.moment)?), at.moment),
    }
}

/// A day relative to today: amount 0 is today, amount -1 with unit WEEK is a week ago.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct DateOffset {
    /// How many units ahead; back where it is negative.
    #[graphql(default = 0)]
    pub amount: i32,
    /// The unit.
    #[graphql(default_with = "DateUnit::Day")]
    pub unit: DateUnit,
}

impl DateOffset {
    fn day(self, moment: &Moment) -> Result<NaiveDate> {
        moment.day_in(self.amount, self.unit).ok_or_else(|| out_of_calendar(self.amount))
    }
}

/// A stretch of days that begins or ends today.
#[derive(InputObject, Clone, Copy, Debug)]
pub struct DateSpan {
    /// How many units, 0 or more; of 0, today alone.
    pub amount: i32,
    /// The unit.
    pub unit: DateUnit,
}

impl DateSpan {
    fn ahead(self, moment: &Moment) -> Result<DayRange> {
        Ok(DayRange::through(moment.today(), self.end(1, moment)?))
    }

    fn back(self, moment: &Moment) -> Result<DayRange> {
        Ok(DayRange::through(self.end(-1, moment)?, moment.today()))
    }

    fn end(self, direction: i32, moment: &Moment) -> Result<NaiveDate> {
        if self.amount < 0 {
            return Err(Error::bad_request("must not be negative").within("amount"));
        }
        let end = moment.day_in(self.amount * direction, self.unit);
        end.ok_or_else(|| out_of_calendar(self.amount))
    }
}

fn out_of_calendar(amount: i32) -> Error {
    let message = format!("{amount} leads beyond the years 1 to 9999");
    Error::bad_request(message).within("amount")
}

/// A calendar day on the rows of `T`.
#[derive(Debug)]
pub enum Day<T> {
    /// The day in a column.
    Date(Expr<T, Nullable<sql::Date>>),
    /// The day of an instant in the zone of the request.
    Instant(Expr<T, Nullable<sql::Timestamptz>>),
    /// The day of the instant where there is one, else that of the column; the column then holds the
    /// instant's day in the owner's zone.
    Timed {
        /// The instant.
        instant: Expr<T, Nullable<sql::Timestamptz>>,
        /// The column.
        date: Expr<T, Nullable<sql::Date>>,
    },
}

impl<T> Clone for Day<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Date(date) => Self::Date(date.clone()),
            Self::Instant(instant) => Self::Instant(instant.clone()),
            Self::Timed { instant, date } => {
                Self::Timed { instant: instant.clone(), date: date.clone() }
            }
        }
    }
}

/// How many days `in` and `notIn` take: each is a range of instants in the zone.
const MOST_DAYS: usize = 1_000;

impl<T: Send + Sync + 'static> Day<T> {
    /// In a range of days: the one test that every word about days becomes.
    pub fn within(&self, days: DayRange, moment: &Moment) -> Cond<T> {
        match self {
            Self::Date(date) => of_days(date, days),
            Self::Instant(instant) => of_instants(instant, days, moment),
            Self::Timed { instant, date } => {
                let all_day = all(vec![Expr::of(instant.clone().is_null()), of_days(date, days)]);
                let exactly = any(vec![all_day, of_instants(instant, days, moment)]);
                all(vec![self.near(days), exactly])
            }
        }
    }

    /// In a range of days, or close to it: what an index over the column can find. An instant's days in
    /// two zones are at most two days apart.
    pub fn near(&self, days: DayRange) -> Cond<T> {
        match self {
            Self::Date(date) | Self::Timed { date, .. } => of_days(date, days.widened(2)),
            Self::Instant(_) => all(Vec::new()),
        }
    }

    /// On this day.
    pub fn on(&self, day: NaiveDate, moment: &Moment) -> Cond<T> {
        self.within(DayRange::through(day, day), moment)
    }

    fn on_any(&self, days: Vec<Date>, moment: &Moment) -> Result<Cond<T>> {
        if days.len() > MOST_DAYS {
            return Err(Error::bad_request(format!("a list of days holds at most {MOST_DAYS}")));
        }
        Ok(any(days.into_iter().map(|day| self.on(day.0, moment)).collect()))
    }

    fn absent(self, wanted: bool) -> Cond<T> {
        match self {
            Self::Date(date) | Self::Timed { date, .. } => is_null(date, wanted),
            Self::Instant(instant) => is_null(instant, wanted),
        }
    }
}

impl<T: Send + Sync + 'static> Day<T> {
    /// The day itself. This alone is computed by the database with the zone of the request; conditions
    /// are ranges.
    pub fn value(&self, moment: &Moment) -> Expr<T, Nullable<sql::Date>> {
        let day_of = |instant: &Expr<T, _>| local_day(instant.clone(), moment.zone.name());
        match self {
            Self::Date(date) => date.clone(),
            Self::Instant(instant) => Expr::of(day_of(instant)),
            Self::Timed { instant, date } => Expr::of(coalesce(day_of(instant), date.clone())),
        }
    }
}

impl<T: Send + Sync + 'static> Expr<T, Nullable<sql::Date>> {
    /// The first day of the day's week, by the owner's first day of the week.
    #[must_use]
    pub fn first_of_week(self, moment: &Moment) -> Self {
        let first = i32::try_from(moment.week_start.num_days_from_monday()).unwrap_or(0);
        Self::of(first_of_week(self, first))
    }

    /// The first day of the day's month.
    #[must_use]
    pub fn first_of_month(self) -> Self {
        Self::of(first_of_month(self))
    }
}

mod functions {
    //! Functions of the database that compute with days.
    use diesel::sql_types::{Date, Integer, Nullable, Text, Timestamptz};
    diesel::define_sql_function! {
        /// The calendar day of an instant in a zone.
        fn local_day(instant: Nullable<Timestamptz>, zone: Text) -> Nullable<Date>;
    }
    diesel::define_sql_function! {
        /// The first day of a day's week; weeks begin so many days after Monday.
        fn first_of_week(day: Nullable<Date>, start: Integer) -> Nullable<Date>;
    }
    diesel::define_sql_function! {
        /// The first day of a day's month.
        fn first_of_month(day: Nullable<Date>) -> Nullable<Date>;
    }
    diesel::define_sql_function! {
        /// The first of the two that is there.
        fn coalesce(first: Nullable<Date>, second: Nullable<Date>) -> Nullable<Date>;
    }
}
use functions::{coalesce, first_of_month, first_of_week, local_day};

fn of_days<T>(date: &Expr<T, Nullable<sql::Date>>, days: DayRange) -> Cond<T>
where
    T: Send + Sync + 'static,
{
    let from = days.from.map(|day| Expr::of(date.clone().ge(day)));
    let before = days.before.map(|day| Expr::of(date.clone().lt(day)));
    all(from.into_iter().chain(before).collect())
}

fn of_instants<T>(
    instant: &Expr<T, Nullable<sql::Timestamptz>>,
    days: DayRange,
    moment: &Moment,
) -> Cond<T>
where
    T: Send + Sync + 'static,
{
    let from = days.from.map(|day| Expr::of(instant.clone().ge(moment.start_of(day))));
    let before = days.before.map(|day| Expr::of(instant.clone().lt(moment.start_of(day))));
    all(from.into_iter().chain(before).collect())
}
