//! The oracle's days: windows, spans and relative days, each said of one day by the calendar alone.

use super::filter::{Asked, compared, each};
use super::world::Task;
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use serde_json::{Value, json};

pub(crate) const WINDOWS: [&str; 15] = [
    "TODAY",
    "TOMORROW",
    "YESTERDAY",
    "THIS_WEEK",
    "NEXT_WEEK",
    "LAST_WEEK",
    "THIS_MONTH",
    "NEXT_MONTH",
    "LAST_MONTH",
    "THIS_QUARTER",
    "THIS_YEAR",
    "NEXT_YEAR",
    "LAST_YEAR",
    "BEFORE_TODAY",
    "AFTER_TODAY",
];
pub(crate) const UNITS: [&str; 5] = ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"];
pub(crate) const VIEWS: [&str; 7] =
    ["TODAY", "OVERDUE", "UPCOMING", "INBOX", "QUICK_WINS", "UNSCHEDULED", "RECENTLY_DONE"];

/// The number of the week, which begins on a Monday: so did the year 1.
fn week(day: NaiveDate) -> i32 {
    day.num_days_from_ce().wrapping_sub(1).div_euclid(7)
}

fn month(day: NaiveDate) -> i32 {
    day.year() * 12 + i32::try_from(day.month0()).unwrap()
}

fn quarter(day: NaiveDate) -> i32 {
    month(day).div_euclid(3)
}

pub(crate) fn moved(day: NaiveDate, amount: i64, unit: &str) -> NaiveDate {
    let months = match unit {
        "DAY" | "WEEK" => {
            let days = amount * if unit == "DAY" { 1 } else { 7 };
            let by = Days::new(days.unsigned_abs());
            return if days < 0 { day - by } else { day + by };
        }
        "MONTH" => amount,
        "QUARTER" => amount * 3,
        "YEAR" => amount * 12,
        other => panic!("the oracle does not know {other}"),
    };
    let month = month(day) + i32::try_from(months).unwrap();
    let (year, month) = (month.div_euclid(12), u32::try_from(month.rem_euclid(12)).unwrap() + 1);
    let last = (28..=day.day().max(28)).rev();
    let mut days = [day.day()].into_iter().chain(last);
    days.find_map(|day| NaiveDate::from_ymd_opt(year, month, day)).unwrap()
}

impl Asked<'_> {
    fn during(&self, window: &str, day: NaiveDate) -> bool {
        let today = self.today();
        let days = (day - today).num_days();
        match window {
            "TODAY" => days == 0,
            "TOMORROW" => days == 1,
            "YESTERDAY" => days == -1,
            "THIS_WEEK" => week(day) == week(today),
            "NEXT_WEEK" => week(day) == week(today) + 1,
            "LAST_WEEK" => week(day) == week(today) - 1,
            "THIS_MONTH" => month(day) == month(today),
            "NEXT_MONTH" => month(day) == month(today) + 1,
            "LAST_MONTH" => month(day) == month(today) - 1,
            "THIS_QUARTER" => quarter(day) == quarter(today),
            "THIS_YEAR" => day.year() == today.year(),
            "NEXT_YEAR" => day.year() == today.year() + 1,
            "LAST_YEAR" => day.year() == today.year() - 1,
            "BEFORE_TODAY" => days < 0,
            "AFTER_TODAY" => days > 0,
            other => panic!("the oracle does not know {other}"),
        }
    }

    /// The day so many units from today.
    fn in_units(&self, span: &Value, direction: i64) -> NaiveDate {
        let amount = span.get("amount").map_or(0, |amount| amount.as_i64().unwrap());
        let unit = span.get("unit").map_or("DAY", |unit| unit.as_str().unwrap());
        moved(self.today(), amount * direction, unit)
    }

    /// Whether a condition about days holds of this one; nothing where it is about something else.
    fn on_day(&self, key: &str, value: &Value, day: Option<NaiveDate>) -> Option<bool> {
        if key == "relative" {
            // Of no comparison it is true, also of no day.
            return Some(each(value, |operator, offset| {
                let other = json!({ operator: self.in_units(offset, 1).to_string() });
                self.dated(&other, day)
            }));
        }
        let test: &dyn Fn(NaiveDate) -> bool = match key {
            "onDate" => &|day| value.as_str() == Some(&day.to_string()),
            "during" => &|day| self.during(value.as_str().unwrap(), day),
            "withinNext" => &|day| self.today() <= day && day <= self.in_units(value, 1),
            "withinLast" => &|day| self.in_units(value, -1) <= day && day <= self.today(),
            _ => return None,
        };
        Some(day.is_some_and(test))
    }

    pub(crate) fn dated(&self, filter: &Value, day: Option<NaiveDate>) -> bool {
        each(filter, |key, value| {
            let read = |value: &Value| value.as_str().unwrap().parse().unwrap();
            let other = || compared(&json!({ key: value }), day.as_ref(), read);
            self.on_day(key, value, day).unwrap_or_else(other)
        })
    }

    pub(crate) fn timed(&self, filter: &Value, at: Option<DateTime<Utc>>) -> bool {
        let day = at.map(|at| at.with_timezone(&self.zone).date_naive());
        each(filter, |key, value| {
            let read = |value: &Value| value.as_str().unwrap().parse().unwrap();
            let other = || compared(&json!({ key: value }), at.as_ref(), read);
            self.on_day(key, value, day).unwrap_or_else(other)
        })
    }

    /// Whether a view shows a task.
    pub(crate) fn view(&self, view: &str, it: &Task) -> bool {
        let days = |day: NaiveDate| (day - self.today()).num_days();
        let until_due = self.due_day(it).map(days);
        let undated = until_due.is_none();
        let top_level = self.parent_of(it).is_none();
        let since_done = it.completed_at.map(|at| days(at.with_timezone(&self.zone).date_naive()));
        let awake = it.snoozed_until.is_none_or(|until| until <= self.world.now);
        let waiting = !it.trashed && Self::open(it) && awake;
        match view {
            "TODAY" => {
                let urgent = undated && it.priority == "URGENT";
                waiting && (until_due.is_some_and(|days| days <= 0) || urgent)
            }
            "OVERDUE" => waiting && self.overdue(it),
            "UPCOMING" => waiting && until_due.is_some_and(|days| (1..=7).contains(&days)),
            "INBOX" => waiting && it.status == "INBOX" && top_level,
            "QUICK_WINS" => {
                let to_do = undated && it.status == "TODO";
                waiting && top_level && (it.priority == "LOW" || to_do)
            }
            "UNSCHEDULED" => waiting && top_level && undated && it.scheduled_date.is_none(),
            "RECENTLY_DONE" => {
                !it.trashed && since_done.is_some_and(|days| (-7..=0).contains(&days))
            }
            other => panic!("the oracle does not know {other}"),
        }
    }
}
