//! Dates as a workspace export writes them: in words, with an offset behind the time.

use chrono::{NaiveDate, NaiveTime};

/// The start and the end of a date in words, as Notion's API writes them; nothing where it is no date.
pub(super) fn dates(text: &str) -> Option<(String, Option<String>)> {
    let mut parts = text.split('→').map(str::trim);
    let (day, start) = moment(parts.next()?, None)?;
    let end = match parts.next() {
        // On the same day the end has only a time.
        Some(end) => Some(moment(end, Some(day))?.1),
        None => None,
    };
    parts.next().is_none().then_some((start, end))
}

/// A day with or without a time.
fn moment(text: &str, same_day: Option<NaiveDate>) -> Option<(NaiveDate, String)> {
    let (text, offset) = match text.split_once('(') {
        Some((text, zone)) => (text.trim(), Some(offset(zone.trim_end_matches(')'))?)),
        None => (text.trim(), None),
    };
    let (day, time) = match first_day(text) {
        Some((day, rest)) => (day, rest),
        None => (same_day?, text),
    };
    if time.is_empty() {
        return Some((day, day.to_string()));
    }
    let formats = ["%I:%M %p", "%H:%M", "%I:%M:%S %p", "%H:%M:%S"];
    let time = formats.iter().find_map(|format| NaiveTime::parse_from_str(time, format).ok())?;
    Some((day, format!("{day}T{time}{}", offset.unwrap_or_default())))
}

/// The day at the start of a text, and the rest of it.
fn first_day(text: &str) -> Option<(NaiveDate, &str)> {
    ["%B %d, %Y", "%Y/%m/%d", "%Y-%m-%d"].iter().find_map(|format| {
        let (day, rest) = NaiveDate::parse_and_remainder(text, format).ok()?;
        Some((day, rest.trim_start_matches('@').trim()))
    })
}

/// `GMT+11`, `GMT+5:30` or `UTC` as an offset.
fn offset(zone: &str) -> Option<String> {
    let rest = zone.trim().strip_prefix("GMT").or_else(|| zone.trim().strip_prefix("UTC"))?;
    if rest.is_empty() {
        return Some("Z".to_owned());
    }
    let (sign, digits) = rest.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let (hours, minutes) = digits.split_once(':').unwrap_or((digits, "0"));
    let (hours, minutes): (u8, u8) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 15 && minutes < 60).then(|| format!("{sign}{hours:02}:{minutes:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_words_are_understood() {
        for (text, start, end) in [
            ("January 11, 2026", "2026-01-11", None),
            ("January 11, 2026 → January 16, 2026", "2026-01-11", Some("2026-01-16")),
            ("April 5, 2026 2:30 AM (GMT+11)", "2026-04-05T02:30:00+11:00", None),
            ("April 5, 2026 12:30 AM (GMT+5:30)", "2026-04-05T00:30:00+05:30", None),
            ("April 5, 2026 12:30 PM (GMT-3)", "2026-04-05T12:30:00-03:00", None),
            ("April 5, 2026 14:30 (UTC)", "2026-04-05T14:30:00Z", None),
            ("April 5, 2026 2:30 PM", "2026-04-05T14:30:00", None),
            ("2026/04/05 14:30", "2026-04-05T14:30:00", None),
            (
                "November 6, 2026 11:30 AM (GMT+11) → 12:30 PM (GMT+11)",
                "2026-11-06T11:30:00+11:00",
                Some("2026-11-06T12:30:00+11:00"),
            ),
        ] {
            let expected = (start.to_owned(), end.map(str::to_owned));
            assert_eq!(dates(text), Some(expected), "{text}");
        }
        for text in ["", "soon", "February 30, 2026", "May 1, 2026 25:00", "May 1, 2026 1:00 (CET)"]
        {
            assert_eq!(dates(text), None, "{text}");
        }
    }
}
