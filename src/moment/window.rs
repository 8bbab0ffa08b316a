//! Windows of days and days relative to today, as half-open ranges.

use super::Moment;
use async_graphql::Enum;
use chrono::{Datelike, Days, Months, NaiveDate};

/// A unit in which days are counted.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateUnit {
    /// Days.
    Day,
    /// Weeks of seven days.
    Week,
    /// Calendar months; a day that a month has not is its last one.
    Month,
    /// Three calendar months.
    Quarter,
    /// Calendar years.
    Year,
}

/// Days around today, in the zone of the request; weeks begin on the owner's first day of the week.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateWindow {
    /// Today.
    Today,
    /// The day after today.
    Tomorrow,
    /// The day before today.
    Yesterday,
    /// The calendar week that holds today.
    ThisWeek,
    /// The calendar week after this one.
    NextWeek,
    /// The calendar week before this one.
    LastWeek,
    /// The calendar month that holds today.
    ThisMonth,
    /// The calendar month after this one.
    NextMonth,
    /// The calendar month before this one.
    LastMonth,
    /// The quarter of the year that holds today.
    ThisQuarter,
    /// The calendar year that holds today.
    ThisYear,
    /// The calendar year after this one.
    NextYear,
    /// The calendar year before this one.
    LastYear,
    /// All days before today.
    BeforeToday,
    /// All days after today.
    AfterToday,
}

/// Days from one on, and before another; open where an end is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayRange {
    /// The first day.
    pub from: Option<NaiveDate>,
    /// The day after the last.
    pub before: Option<NaiveDate>,
}

impl DayRange {
    /// From a day through another.
    #[must_use]
    pub fn through(from: NaiveDate, last: NaiveDate) -> Self {
        Self { from: Some(from), before: Some(next(last)) }
    }

    /// From a day on.
    #[must_use]
    pub fn from(day: NaiveDate) -> Self {
        Self { from: Some(day), before: None }
    }

    /// After a day.
    #[must_use]
    pub fn after(day: NaiveDate) -> Self {
        Self::from(next(day))
    }

    /// Before a day.
    #[must_use]
    pub fn before(day: NaiveDate) -> Self {
        Self { from: None, before: Some(day) }
    }

    /// With so many days more at both ends.
    #[must_use]
    pub fn widened(self, days: i64) -> Self {
        let moved = |by| move |day| plus(day, DateUnit::Day, by);
        Self { from: self.from.map(moved(-days)), before: self.before.map(moved(days)) }
    }

    /// Through a day.
    #[must_use]
    pub fn until(day: NaiveDate) -> Self {
        Self::before(next(day))
    }
}

impl Moment {
    /// The days of a window.
    #[must_use]
    pub fn window(&self, window: DateWindow) -> DayRange {
        let today = self.today();
        let week =
            plus(today, DateUnit::Day, -i64::from(today.weekday().days_since(self.week_start)));
        let month = first_of_month(today, today.month0());
        let year = first_of_month(today, 0);
        let span = |start, unit, nth| DayRange {
            from: Some(plus(start, unit, nth)),
            before: Some(plus(start, unit, nth + 1)),
        };
        match window {
            DateWindow::Today => span(today, DateUnit::Day, 0),
            DateWindow::Tomorrow => span(today, DateUnit::Day, 1),
            DateWindow::Yesterday => span(today, DateUnit::Day, -1),
            DateWindow::ThisWeek => span(week, DateUnit::Week, 0),
            DateWindow::NextWeek => span(week, DateUnit::Week, 1),
            DateWindow::LastWeek => span(week, DateUnit::Week, -1),
            DateWindow::ThisMonth => span(month, DateUnit::Month, 0),
            DateWindow::NextMonth => span(month, DateUnit::Month, 1),
            DateWindow::LastMonth => span(month, DateUnit::Month, -1),
            DateWindow::ThisQuarter => {
                span(first_of_month(today, today.month0() / 3 * 3), DateUnit::Quarter, 0)
            }
            DateWindow::ThisYear => span(year, DateUnit::Year, 0),
            DateWindow::NextYear => span(year, DateUnit::Year, 1),
            DateWindow::LastYear => span(year, DateUnit::Year, -1),
            DateWindow::BeforeToday => DayRange::before(today),
            DateWindow::AfterToday => DayRange::after(today),
        }
    }

    /// The day so many units from today; none where it is not in the years 1 to 9999.
    #[must_use]
    pub fn day_in(&self, amount: i32, unit: DateUnit) -> Option<NaiveDate> {
        let day = added(self.today(), unit, i64::from(amount))?;
        super::bounds::is_day(day).then_some(day)
    }
}

fn first_of_month(day: NaiveDate, month0: u32) -> NaiveDate {
    day.with_day(1).and_then(|day| day.with_month0(month0)).unwrap_or(day)
}

/// The day so many units later; where the calendar ends, its end.
fn plus(day: NaiveDate, unit: DateUnit, amount: i64) -> NaiveDate {
    let end = if amount < 0 { NaiveDate::MIN } else { NaiveDate::MAX };
    added(day, unit, amount).unwrap_or(end)
}

fn added(day: NaiveDate, unit: DateUnit, amount: i64) -> Option<NaiveDate> {
    let days = |each: u64| {
        let days = Days::new(amount.unsigned_abs().checked_mul(each)?);
        if amount < 0 { day.checked_sub_days(days) } else { day.checked_add_days(days) }
    };
    let months = |each: u64| {
        let months = amount.unsigned_abs().checked_mul(each)?;
        let months = Months::new(u32::try_from(months).ok()?);
        if amount < 0 { day.checked_sub_months(months) } else { day.checked_add_months(months) }
    };
    match unit {
        DateUnit::Day => days(1),
        DateUnit::Week => days(7),
        DateUnit::Month => months(1),
        DateUnit::Quarter => months(3),
        DateUnit::Year => months(12),
    }
}

/// The day after.
pub(super) fn next(day: NaiveDate) -> NaiveDate {
    plus(day, DateUnit::Day, 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{TimeZone, Utc, Weekday};

    fn moment(today: &str, week_start: Weekday) -> Moment {
        let noon = today.parse::<NaiveDate>().unwrap().and_hms_opt(12, 0, 0).unwrap();
        let now = Utc.from_utc_datetime(&noon);
        Moment { now, zone: chrono_tz::UTC, owner_zone: chrono_tz::UTC, week_start }
    }

    fn range(today: &str, week_start: Weekday, window: DateWindow) -> [String; 2] {
        let days = moment(today, week_start).window(window);
        [days.from, days.before].map(|day| day.map_or("open".to_owned(), |day| day.to_string()))
    }

    #[test]
    fn weeks_begin_on_the_owners_first_day() {
        // A Tuesday.
        let week = |start| range("2026-01-20", start, DateWindow::ThisWeek);
        assert_eq!(week(Weekday::Mon), ["2026-01-19", "2026-01-26"]);
        assert_eq!(week(Weekday::Tue), ["2026-01-20", "2026-01-27"]);
        assert_eq!(week(Weekday::Wed), ["2026-01-14", "2026-01-21"]);
        assert_eq!(week(Weekday::Sun), ["2026-01-18", "2026-01-25"]);
        let next = range("2026-01-18", Weekday::Sun, DateWindow::NextWeek);
        assert_eq!(next, ["2026-01-25", "2026-02-01"]);
    }

    #[test]
    fn months_quarters_and_years_are_those_of_the_calendar() {
        let at = |window| range("2024-12-31", Weekday::Mon, window);
        assert_eq!(at(DateWindow::NextMonth), ["2025-01-01", "2025-02-01"]);
        assert_eq!(at(DateWindow::LastMonth), ["2024-11-01", "2024-12-01"]);
        assert_eq!(at(DateWindow::ThisQuarter), ["2024-10-01", "2025-01-01"]);
        assert_eq!(at(DateWindow::LastYear), ["2023-01-01", "2024-01-01"]);
        assert_eq!(at(DateWindow::BeforeToday), ["open", "2024-12-31"]);
        assert_eq!(at(DateWindow::AfterToday), ["2025-01-01", "open"]);
    }

    #[test]
    fn a_day_that_a_month_has_not_is_its_last() {
        let in_units = |amount, unit| moment("2024-01-31", Weekday::Mon).day_in(amount, unit);
        assert_eq!(in_units(1, DateUnit::Month).unwrap().to_string(), "2024-02-29");
        assert_eq!(in_units(-2, DateUnit::Month).unwrap().to_string(), "2023-11-30");
        assert_eq!(in_units(1, DateUnit::Quarter).unwrap().to_string(), "2024-04-30");
        assert_eq!(in_units(-1, DateUnit::Week).unwrap().to_string(), "2024-01-24");
    }

    #[test]
    fn there_is_no_day_beyond_the_years_that_can_be_written() {
        let in_units = |amount, unit| moment("2026-01-20", Weekday::Mon).day_in(amount, unit);
        assert_eq!(in_units(7_973, DateUnit::Year).unwrap().to_string(), "9999-01-20");
        for unit in
            [DateUnit::Day, DateUnit::Week, DateUnit::Month, DateUnit::Quarter, DateUnit::Year]
        {
            assert_eq!(in_units(i32::MAX, unit), None, "{unit:?}");
            assert_eq!(in_units(i32::MIN, unit), None, "{unit:?}");
        }
    }
}
