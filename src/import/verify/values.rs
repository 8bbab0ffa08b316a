//! Values as texts that are compared: one form for the source's and for ours.
//!
//! How a snapshot's values come into columns is said here a second time, from the rules.

use super::here::{ProjectRow, TagRow};
use crate::entity::{EnergyLevel, TaskPriority, TaskStatus, TimeEstimate};
use crate::fold::{tag_key, tag_name};
use crate::import::image::TaskImage;
use crate::import::snapshot::{Project, Tag, Task, When};
use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// The fields of a record, in one order.
pub(super) type Values = Vec<(&'static str, Option<String>)>;

/// What stands for the time of the import in a source that is read to be compared: a page that says no
/// time has the one at which it came, which nobody knows later.
pub const TIME_OF_IMPORT: DateTime<Utc> = DateTime::<Utc>::UNIX_EPOCH;

/// The values that should be, with the times of the import filled in.
pub(super) fn timed(should: &Values, is: &Values) -> Values {
    let unknown = instant(TIME_OF_IMPORT);
    let sides = should.iter().zip(is);
    let timed = sides.map(|((field, should), (_, is))| {
        let is_unknown = *should == unknown && is.is_some();
        (*field, if is_unknown { is.clone() } else { should.clone() })
    });
    timed.collect()
}

/// Takes over the time of the last edit where nothing else differs: a later import that changes nothing else of a
/// record leaves it that time, for a change that ends equal is none. What was settled has the one of the owner's own
/// edit, which may be the later one.
pub(super) fn touch(should: &mut Values, is: &Values, is_settled: bool) {
    let differing = should.iter().zip(is).filter(|(should, is)| should != is);
    let is_taken = differing
        .map(|((field, should), (_, is))| *field == "updated_at" && (is_settled || is < should));
    if is_taken.fold(None, |all, one| Some(all.unwrap_or(true) && one)) == Some(true) {
        should.clone_from(is);
    }
}

/// Which time at which a task was done stands for a guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// An earlier one, where imports alone wrote it: what is guessed again is later.
    Earlier,
    /// Any that is here: the owner may have done it here.
    Any,
}

/// Takes over when a task was done, where the source does not say it.
pub(super) fn guessed(task: &Task, should: &mut Values, is: &Values, guess: Guess) {
    if task.status != TaskStatus::Done || task.completed.is_some() {
        return;
    }
    for ((field, should), (_, is)) in should.iter_mut().zip(is) {
        let is_taken = is.is_some() && (guess == Guess::Any || is < should);
        if *field == "completed_at" && is_taken {
            should.clone_from(is);
        }
    }
}

/// A hash of all of them; fields cannot run into each other.
pub(super) fn fingerprint(values: &Values) -> [u8; 32] {
    let mut hash = Sha256::new();
    for (name, value) in values {
        hash.update(name.as_bytes());
        match value {
            None => hash.update([0]),
            Some(text) => {
                hash.update([1]);
                hash.update(text.len().to_be_bytes());
                hash.update(text.as_bytes());
            }
        }
    }
    hash.finalize().into()
}

/// An instant in the milliseconds that are kept, rounded as the database does it.
fn instant(instant: impl Into<Option<DateTime<Utc>>>) -> Option<String> {
    let instant = instant.into()?;
    let millis = (instant.timestamp_micros() + 500).div_euclid(1000);
    let instant = DateTime::from_timestamp_millis(millis).unwrap_or(instant);
    Some(instant.to_rfc3339_opts(SecondsFormat::Millis, true))
}

fn text<'a>(value: impl Into<Option<&'a str>>) -> Option<String> {
    value.into().map(str::to_owned)
}

fn day(value: Option<NaiveDate>) -> Option<String> {
    value.map(|day| day.to_string())
}

/// A project as it should be.
pub(super) fn of_project(project: &Project) -> Values {
    vec![
        ("title", text(&*project.title)),
        ("description", project.description.clone()),
        ("status", text(project.status.label())),
        ("color", project.color.clone()),
        ("icon", project.icon.clone()),
        ("created_at", instant(project.created_at)),
        ("updated_at", instant(project.updated_at)),
    ]
}

/// A project as it is.
pub(super) fn of_project_row(row: &ProjectRow) -> Values {
    vec![
        ("title", text(&*row.title)),
        ("description", row.description.clone()),
        ("status", text(row.status.label())),
        ("color", row.color.clone()),
        ("icon", row.icon.clone()),
        ("created_at", instant(row.created_at)),
        ("updated_at", instant(row.updated_at)),
    ]
}

/// A tag as it should be.
pub(super) fn of_tag(tag: &Tag) -> Values {
    vec![
        ("name", Some(tag_name(&tag.name))),
        ("key", Some(tag_key(&tag.name))),
        ("color", tag.color.clone()),
        ("created_at", instant(tag.created_at)),
        ("updated_at", instant(tag.updated_at)),
    ]
}

/// A tag as it is.
pub(super) fn of_tag_row(row: &TagRow) -> Values {
    vec![
        ("name", text(&*row.name)),
        ("key", text(&*row.key)),
        ("color", row.color.clone()),
        ("created_at", instant(row.created_at)),
        ("updated_at", instant(row.updated_at)),
    ]
}

/// A task as it should be.
pub(super) fn of_task(task: &Task, zone: Tz) -> Values {
    // A time of day makes an instant; without one only the day counts.
    let (due, due_at) = match task.due {
        None => (None, None),
        Some(When::Day(day)) => (Some(day), None),
        Some(when) => (Some(when.day(zone)), when.instant(zone)),
    };
    // Done needs a time: the one that the source says, else the last that is known of it.
    let completed = match (task.status, task.completed) {
        (TaskStatus::Done, Some(when)) => Some(when.start(zone)),
        (TaskStatus::Done, None) => Some(task.updated_at),
        _ => None,
    };
    vec![
        ("title", text(&*task.title)),
        ("description", task.description.clone()),
        ("status", text(task.status.label())),
        ("priority", text(task.priority.label())),
        ("due_date", day(due)),
        ("due_at", instant(due_at)),
        ("scheduled_date", day(task.scheduled.map(|when| when.day(zone)))),
        ("completed_at", instant(completed)),
        ("energy", text(task.energy.map(EnergyLevel::label))),
        ("time_estimate", text(task.time_estimate.map(TimeEstimate::label))),
        ("source", task.source.clone()),
        ("created_at", instant(task.created_at)),
        ("updated_at", instant(task.updated_at)),
    ]
}

/// The fields of a task that is here.
#[derive(Queryable)]
pub(super) struct TaskRow {
    pub(super) id: Uuid,
    title: String,
    description: Option<String>,
    status: TaskStatus,
    priority: TaskPriority,
    due_date: Option<NaiveDate>,
    due_at: Option<DateTime<Utc>>,
    scheduled_date: Option<NaiveDate>,
    completed_at: Option<DateTime<Utc>>,
    energy: Option<EnergyLevel>,
    time_estimate: Option<TimeEstimate>,
    source: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TaskRow {
    /// A task as it is.
    pub(super) fn values(self) -> Values {
        vec![
            ("title", Some(self.title)),
            ("description", self.description),
            ("status", text(self.status.label())),
            ("priority", text(self.priority.label())),
            ("due_date", day(self.due_date)),
            ("due_at", instant(self.due_at)),
            ("scheduled_date", day(self.scheduled_date)),
            ("completed_at", instant(self.completed_at)),
            ("energy", text(self.energy.map(EnergyLevel::label))),
            ("time_estimate", text(self.time_estimate.map(TimeEstimate::label))),
            ("source", self.source),
            ("created_at", instant(self.created_at)),
            ("updated_at", instant(self.updated_at)),
        ]
    }
}

impl From<&TaskImage> for TaskRow {
    fn from(image: &TaskImage) -> Self {
        let image = image.clone();
        Self {
            id: Uuid::nil(),
            title: image.title,
            description: image.description,
            status: image.status,
            priority: image.priority,
            due_date: image.due_date,
            due_at: image.due_at,
            scheduled_date: image.scheduled_date,
            completed_at: image.completed_at,
            energy: image.energy,
            time_estimate: image.time_estimate,
            source: image.source,
            created_at: image.created_at,
            updated_at: image.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_that_run_into_each_other_are_told_apart() {
        let values = |one: &str, other: Option<&str>| -> Values {
            vec![("a", Some(one.to_owned())), ("b", other.map(str::to_owned))]
        };
        let all = [
            values("x", Some("y")),
            values("xy", Some("")),
            values("", Some("xy")),
            values("xy", None),
        ];
        let hashes: std::collections::BTreeSet<_> = all.iter().map(fingerprint).collect();
        assert_eq!(hashes.len(), all.len());
    }

    #[test]
    fn only_an_older_time_of_the_last_edit_is_taken_over() {
        let values = |title: &str, time: &str| -> Values {
            vec![("title", text(title)), ("updated_at", text(time))]
        };
        for (should, is, same) in [
            (values("a", "2026"), values("a", "2025"), true),
            (values("a", "2025"), values("a", "2026"), false),
            (values("a", "2026"), values("b", "2025"), false),
        ] {
            let mut touched = should;
            touch(&mut touched, &is, false);
            assert_eq!(touched == is, same);
        }
    }

    #[test]
    fn instants_are_rounded_to_the_milliseconds_that_are_kept() {
        let rounded = |text: &str| instant(text.parse::<DateTime<Utc>>().unwrap()).unwrap();
        assert_eq!(rounded("2026-01-01T00:00:00.000499Z"), "2026-01-01T00:00:00.000Z");
        assert_eq!(rounded("2026-01-01T00:00:00.000500Z"), "2026-01-01T00:00:00.001Z");
    }
}
