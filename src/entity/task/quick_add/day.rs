//! Days and times of day as people write them, in English.

use super::words::{bare, is_word};
use crate::moment::window::{DateUnit, DateWindow};
use crate::moment::{Moment, bounds};
use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono::{Month, Weekday};

/// The day with which these words begin, and how many of them say it.
pub(super) fn day(words: &[&str], moment: &Moment) -> Option<(NaiveDate, usize)> {
    let first = bare(words.first()?);
    let near = |days| moment.day_in(days, DateUnit::Day).map(|day| (day, 1));
    if is_word(first, &["today"]) {
        return near(0);
    }
    if is_word(first, &["tomorrow"]) {
        return near(1);
    }
    if is_word(first, &["yesterday"]) {
        return near(-1);
    }
    if let Some(weekday) = weekday(first) {
        let days = weekday.days_since(moment.today().weekday());
        return near(i32::try_from(if days == 0 { 7 } else { days }).ok()?);
    }
    let written = NaiveDate::parse_from_str(first, "%Y-%m-%d");
    // chrono reads 2026-1-5 too, which may be something else.
    if let Some(day) = written.ok().filter(|day| day.to_string() == first) {
        return in_years(day).map(|day| (day, 1));
    }
    relative(words, moment).or_else(|| of_month(words, moment))
}

/// A weekday by its whole name: short ones (sun, sat, wed) are words too.
fn weekday(word: &str) -> Option<Weekday> {
    let day = word.parse::<Weekday>().ok()?;
    (word.len() > 3 && word.to_ascii_lowercase().ends_with("day")).then_some(day)
}

/// next week, in N days.
fn relative(words: &[&str], moment: &Moment) -> Option<(NaiveDate, usize)> {
    let (first, second) = (words.first()?, words.get(1)?);
    if is_word(first, &["next"]) && is_word(bare(second), &["week"]) {
        return moment.window(DateWindow::NextWeek).from.map(|day| (day, 2));
    }
    if !is_word(first, &["in"]) || !all_digits(second) {
        return None;
    }
    let unit = bare(words.get(2)?);
    let units = [
        (["day", "days"], DateUnit::Day),
        (["week", "weeks"], DateUnit::Week),
        (["month", "months"], DateUnit::Month),
    ];
    let (_, unit) = units.into_iter().find(|(names, _)| is_word(unit, names))?;
    Some((moment.day_in(second.parse().ok()?, unit)?, 3))
}

/// `D Mon [YYYY]`; without a year, the next such day, today too.
fn of_month(words: &[&str], moment: &Moment) -> Option<(NaiveDate, usize)> {
    let (number, word) = (words.first()?, words.get(1)?);
    if !all_digits(number) || number.len() > 2 {
        return None;
    }
    let (number, month) = (number.parse().ok()?, month(bare(word))?);
    let on = |year| NaiveDate::from_ymd_opt(year, month.number_from_month(), number);
    let year = words.get(2).map(|year| bare(year));
    let year = year.filter(|year| year.len() == 4 && all_digits(year) && bare(word) == *word);
    if let Some(year) = year {
        return Some((in_years(on(year.parse().ok()?)?)?, 3));
    }
    // A 29 February is eight years away at most.
    let today = moment.today();
    let coming = (today.year()..=today.year() + 8).filter_map(on).find(|day| *day >= today)?;
    Some((in_years(coming)?, 2))
}

/// A month by its whole name or its first three letters.
fn month(word: &str) -> Option<Month> {
    let month = if is_word(word, &["sept"]) { Month::September } else { word.parse().ok()? };
    Some(month)
}

/// The time of day with which these words begin, and how many of them say it.
pub(super) fn time(words: &[&str]) -> Option<(NaiveTime, usize)> {
    let first = bare(words.first()?);
    if is_word(first, &["noon"]) {
        return clock("12", "00").map(|time| (time, 1));
    }
    if is_word(first, &["midnight"]) {
        return Some((NaiveTime::MIN, 1));
    }
    if let Some((hours, half)) = half_at_end(first) {
        return of_half(hours, half).map(|time| (time, 1));
    }
    // 5 pm, 5:30 p.m.
    let half = words.get(1).and_then(|word| half(bare(word)));
    let spaced = half.filter(|_| words.first().is_some_and(|word| *word == first));
    if let Some(time) = spaced.and_then(|half| of_half(first, half)) {
        return Some((time, 2));
    }
    let (hours, minutes) = first.split_once(':')?;
    clock(hours, minutes).map(|time| (time, 1))
}

/// Half of a day.
#[derive(Clone, Copy)]
enum Half {
    Before,
    After,
}

fn half(word: &str) -> Option<Half> {
    let before = is_word(word, &["am", "a.m"]).then_some(Half::Before);
    before.or_else(|| is_word(word, &["pm", "p.m"]).then_some(Half::After))
}

/// A time with its half of the day behind it, parted.
fn half_at_end(word: &str) -> Option<(&str, Half)> {
    let at = word.find(|letter: char| letter.is_ascii_alphabetic())?;
    let (time, name) = word.split_at(at);
    Some((time, half(name)?))
}

/// H or H:MM of a half of the day.
fn of_half(time: &str, half: Half) -> Option<NaiveTime> {
    let (hour, minutes) = time.split_once(':').unwrap_or((time, "00"));
    let hour = Some(hour).filter(|hour| all_digits(hour) && hour.len() <= 2)?;
    let hour: u32 = hour.parse().ok().filter(|hour| (1..=12).contains(hour))?;
    let hour = match half {
        Half::Before => hour % 12,
        Half::After => hour % 12 + 12,
    };
    clock(&hour.to_string(), minutes)
}

/// Hours of one or two digits, and minutes of two.
fn clock(hours: &str, minutes: &str) -> Option<NaiveTime> {
    let fits = all_digits(hours) && hours.len() <= 2 && all_digits(minutes) && minutes.len() == 2;
    let (hours, minutes) = (hours.parse().ok()?, minutes.parse().ok()?);
    NaiveTime::from_hms_opt(hours, minutes, 0).filter(|_| fits)
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The day, where it is in the years that can be written.
fn in_years(day: NaiveDate) -> Option<NaiveDate> {
    bounds::is_day(day).then_some(day)
}

/// The instant of a local time in the zone of the request. One that the clocks skip is later by as much as
/// they skip; of one that comes twice, the first counts.
pub(super) fn instant(local: NaiveDateTime, moment: &Moment) -> Option<DateTime<Utc>> {
    // No zone ever skipped more than a day.
    const LONGEST_GAP: i64 = 24 * 60;
    let there = |minutes| {
        let before = local.checked_sub_signed(TimeDelta::minutes(minutes))?;
        let before = moment.zone.from_local_datetime(&before);
        // The time before the gap as it goes on, and where there is no gap, the first of two.
        let before = if minutes == 0 { before.earliest() } else { before.latest() };
        before?.to_utc().checked_add_signed(TimeDelta::minutes(minutes))
    };
    let instant = (0..=LONGEST_GAP).find_map(there)?;
    bounds::is_instant(instant).then_some(instant)
}
