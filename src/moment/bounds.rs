//! Which days and instants there are: those that can be written, in any zone.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};

/// Years 1 to 9999: what RFC 3339 can write with four digits.
pub(crate) fn is_day(day: NaiveDate) -> bool {
    (1..=9999).contains(&day.year())
}

/// Whether the day of an instant is such a day in every zone: whoever moves to another one keeps it.
pub(crate) fn is_instant(instant: DateTime<Utc>) -> bool {
    let days = [-1, 1].map(|day| instant.checked_add_signed(TimeDelta::days(day)));
    days.iter().all(|at| at.is_some_and(|at| is_day(at.date_naive())))
}

#[cfg(test)]
mod tests {
    use super::is_instant;

    #[test]
    fn an_instant_has_a_day_in_every_zone() {
        let is_one = |text: &str| is_instant(text.parse().unwrap());
        for (first, last) in [("0001-01-02T00:00:00Z", "9999-12-30T23:59:59.999Z")] {
            assert!(is_one(first) && is_one(last));
            for zone in chrono_tz::TZ_VARIANTS {
                for text in [first, last] {
                    let instant: chrono::DateTime<chrono::Utc> = text.parse().unwrap();
                    assert!(super::is_day(instant.with_timezone(&zone).date_naive()), "{zone}");
                }
            }
        }
        assert!(!is_one("0001-01-01T23:59:59Z") && !is_one("9999-12-31T00:00:00Z"));
        assert!(!is_instant(chrono::DateTime::<chrono::Utc>::MAX_UTC));
    }
}
