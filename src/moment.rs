//! The moment of one request: one `now`, one zone, and the days that follow from them.
//!
//! Every day word of the API (today, overdue, due on) is resolved here, once a request, into plain
//! instants and days; the database never computes with time zones.

pub(crate) mod bounds;
pub mod window;

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};
use chrono_tz::Tz;

/// When and where a request is answered.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The instant that serves filters, computed fields and writes alike.
    pub now: DateTime<Utc>,
    /// The zone in which day words are meant.
    pub zone: Tz,
    /// The owner's zone: that of the calendar days which the database keeps.
    pub owner_zone: Tz,
    /// The first day of the week.
    pub week_start: Weekday,
}

impl Moment {
    /// The calendar day that it is now in the zone.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.day_of(self.now)
    }

    /// The calendar day of an instant in the zone.
    #[must_use]
    pub fn day_of(&self, instant: DateTime<Utc>) -> NaiveDate {
        instant.with_timezone(&self.zone).date_naive()
    }

    /// The first instant of a day in the zone. A day whose midnight is skipped starts where the clocks
    /// go on; of a midnight that comes twice, the first counts.
    #[must_use]
    pub fn start_of(&self, day: NaiveDate) -> DateTime<Utc> {
        // No zone ever skipped more than a day, and none by less than a minute.
        const LONGEST_GAP: i64 = 24 * 60;
        let midnight = day.and_time(NaiveTime::MIN);
        (0..=LONGEST_GAP)
            .filter_map(|minutes| midnight.checked_add_signed(TimeDelta::minutes(minutes)))
            .find_map(|local| self.zone.from_local_datetime(&local).earliest())
            .map_or_else(|| midnight.and_utc(), |local| local.to_utc())
    }

    /// The first instant after a day in the zone: the start of the next one.
    #[must_use]
    pub fn end_of(&self, day: NaiveDate) -> DateTime<Utc> {
        self.start_of(window::next(day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(zone: &str, day: &str) -> String {
        let moment = Moment {
            now: DateTime::UNIX_EPOCH,
            zone: zone.parse().unwrap(),
            owner_zone: Tz::UTC,
            week_start: Weekday::Mon,
        };
        moment.start_of(day.parse().unwrap()).to_rfc3339()
    }

    #[test]
    fn a_day_starts_at_its_local_midnight() {
        assert_eq!(start("Australia/Sydney", "2026-01-20"), "2026-01-19T13:00:00+00:00");
        assert_eq!(start("Asia/Kathmandu", "2026-01-20"), "2026-01-19T18:15:00+00:00");
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_starts_where_the_clocks_go_on() {
        // Beirut's clocks went from 00:00 to 01:00.
        assert_eq!(start("Asia/Beirut", "2022-03-27"), "2022-03-26T22:00:00+00:00");
        // Toronto's went from 23:30 to 00:30, so that the day began at 00:30.
        assert_eq!(start("America/Toronto", "1919-03-31"), "1919-03-31T04:30:00+00:00");
    }

    #[test]
    fn a_day_that_a_zone_skipped_starts_and_ends_at_once() {
        assert_eq!(start("Pacific/Apia", "2011-12-30"), "2011-12-30T10:00:00+00:00");
        assert_eq!(start("Pacific/Apia", "2011-12-31"), "2011-12-30T10:00:00+00:00");
    }

    #[test]
    fn of_a_midnight_that_comes_twice_the_first_counts() {
        assert_eq!(start("America/Havana", "2026-11-01"), "2026-11-01T04:00:00+00:00");
    }
}
