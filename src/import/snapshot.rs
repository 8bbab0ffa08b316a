//! What a source holds, in our words: the only thing that a reader produces and the loader takes.
//!
//! It knows neither where the records came from nor the database they go to. Records refer to each
//! other by their ids in the source, and a reader promises nothing about those: `check.rs` looks.

use super::finding::Finding;
use super::packed::Packed;
use crate::entity::{EnergyLevel, ProjectStatus, TaskPriority, TaskStatus, TimeEstimate};
use crate::moment::bounds;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use uuid::Uuid;

/// The namespace of the ids of imported records (UUID version 5), for ever the same.
pub const NAMESPACE: Uuid = Uuid::from_u128(0x5f6c_2c4e_8d1b_4b7a_9a53_1f0e_7c26_d9b4);

/// The id of an imported record: the same for the same name in every run and on every machine.
#[must_use]
pub fn record_id(name: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// Everything that was found in a source.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The system that it came from: the first part of every id.
    pub source: &'static str,
    /// The live projects.
    pub projects: Vec<Project>,
    /// The live tags that are records of their own.
    pub tags: Vec<Tag>,
    /// The live tasks.
    pub tasks: Vec<Task>,
    /// Records that are there, but not taken: in the trash, or unreadable. By their id in the source.
    pub left_out: BTreeMap<String, LeftOut>,
    /// How many records of each kind were read, those left out and repetitions included.
    pub read: BTreeMap<Kind, usize>,
    /// How many of them were repetitions of another.
    pub repeated: BTreeMap<Kind, usize>,
}

impl Snapshot {
    /// Adds what another file of the same source holds. Of a record that is in both the newer stays.
    pub fn merge(&mut self, other: Self) -> Vec<Finding> {
        self.source = other.source;
        super::add(&mut self.read, other.read);
        super::add(&mut self.repeated, other.repeated);
        self.left_out.extend(other.left_out);
        let mut findings = Vec::new();
        findings.extend(newest(&mut self.projects, other.projects));
        findings.extend(newest(&mut self.tags, other.tags));
        findings.extend(newest(&mut self.tasks, other.tasks));
        for finding in &findings {
            *self.repeated.entry(finding.kind).or_default() += 1;
        }
        findings
    }
}

/// A record with what tells it from others, and the older from the newer.
trait Dated {
    /// Its kind and id, and what is greater in the newer one. One of which the source says no time is older than
    /// one of which it does; of the same the larger says more.
    fn identity(&self) -> (Kind, &str, (Option<DateTime<Utc>>, usize));
}

macro_rules! dated {
    ($($record:ident)*) => { $(
        impl Dated for $record {
            fn identity(&self) -> (Kind, &str, (Option<DateTime<Utc>>, usize)) {
                let Origin { external_id, original, dated_at, .. } = &self.origin;
                (Kind::$record, external_id, (*dated_at, original.len()))
            }
        }
    )* };
}
dated! { Project Tag Task }

/// Adds records to a list. Of one that is in both the newer stays, and it is reported.
fn newest<R: Dated>(list: &mut Vec<R>, more: Vec<R>) -> Vec<Finding> {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (place, record) in list.iter().enumerate() {
        places.insert(record.identity().1.to_owned(), place);
    }
    let mut findings = Vec::new();
    for record in more {
        let (kind, id, age) = record.identity();
        let Some(earlier) = places.get(id).and_then(|&place| list.get_mut(place)) else {
            places.insert(id.to_owned(), list.len());
            list.push(record);
            continue;
        };
        findings.push(Finding::repeated(kind, id));
        if age > earlier.identity().2 {
            *earlier = record;
        }
    }
    findings
}

/// Why a record that is in the source is not in the snapshot's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftOut {
    /// It is in the trash.
    Trashed,
    /// It could not be read.
    Rejected,
}

/// The kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A project.
    Project,
    /// A tag.
    Tag,
    /// A task.
    Task,
}

impl Kind {
    /// The word for several of them.
    #[must_use]
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Project => "projects",
            Self::Tag => "tags",
            Self::Task => "tasks",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Project => "project",
            Self::Tag => "tag",
            Self::Task => "task",
        })
    }
}

/// Where a record came from, and what it was there.
#[derive(Clone, Debug)]
pub struct Origin {
    /// Its id here.
    pub id: Uuid,
    /// Its id there, in one spelling.
    pub external_id: String,
    /// Its address there.
    pub url: Option<String>,
    /// The whole original, byte by byte.
    pub original: Packed,
    /// SHA-256 of the original.
    pub hash: [u8; 32],
    /// SHA-256 of what was made of it, once that is noted.
    pub reading: [u8; 32],
    /// When it was last changed there, where the source itself says so.
    pub edited_at: Option<DateTime<Utc>>,
    /// The last time that the source says of it: of one that is there twice it tells the newer. No time of an import
    /// stands in for it, or another reading would choose another.
    pub dated_at: Option<DateTime<Utc>>,
    /// What was decided about it elsewhere, as it is kept, once that is noted.
    pub decisions: Box<str>,
    /// Whether its links are decided as before, as far as that is known.
    pub is_linked_alike: bool,
    /// Whether its times are read in the same zone as before, or would be the same in any.
    pub is_timed_alike: bool,
}

impl Origin {
    /// The origin of a record of `source`.
    #[must_use]
    pub fn new(source: &str, external_id: String, url: Option<String>, original: &[u8]) -> Self {
        Self {
            id: record_id(&format!("{source}:{external_id}")),
            external_id,
            url,
            original: Packed::new(original),
            hash: Sha256::digest(original).into(),
            reading: [0; 32],
            edited_at: None,
            dated_at: None,
            decisions: Box::default(),
            is_linked_alike: true,
            is_timed_alike: true,
        }
    }

    /// The same, with the time of its last change.
    #[must_use]
    pub fn edited(self, at: Option<DateTime<Utc>>) -> Self {
        Self { edited_at: at, dated_at: at, ..self }
    }
}

/// A project.
#[derive(Clone, Debug)]
pub struct Project {
    /// Where it came from.
    pub origin: Origin,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub description: Option<String>,
    /// How far it is.
    pub status: ProjectStatus,
    /// Its colour, `#RRGGBB`.
    pub color: Option<String>,
    /// Its icon.
    pub icon: Option<String>,
    /// When it was made there.
    pub created_at: DateTime<Utc>,
    /// When it was last changed there.
    pub updated_at: DateTime<Utc>,
}

/// A tag that is a record of its own.
#[derive(Clone, Debug)]
pub struct Tag {
    /// Where it came from.
    pub origin: Origin,
    /// Its name as it is written there.
    pub name: String,
    /// Its colour, `#RRGGBB`.
    pub color: Option<String>,
    /// When it was made there.
    pub created_at: DateTime<Utc>,
    /// When it was last changed there.
    pub updated_at: DateTime<Utc>,
}

/// A tag that has nothing but a name, and perhaps a colour.
#[derive(Clone, Debug)]
pub struct TagName {
    /// The name as it is written there.
    pub name: String,
    /// Its colour, `#RRGGBB`.
    pub color: Option<String>,
}

/// A task.
#[derive(Clone, Debug)]
pub struct Task {
    /// Where it came from.
    pub origin: Origin,
    /// What is to be done.
    pub title: String,
    /// What it is about, in Markdown.
    pub description: Option<String>,
    /// How far it is.
    pub status: TaskStatus,
    /// How much it matters.
    pub priority: TaskPriority,
    /// When it falls due.
    pub due: Option<When>,
    /// When the owner means to work on it.
    pub scheduled: Option<When>,
    /// When it was done, where the source says so; kept only where the status is done. Of what is done at a
    /// time that nobody knows the last edit is taken.
    pub completed: Option<When>,
    /// The energy that it takes.
    pub energy: Option<EnergyLevel>,
    /// How long it takes.
    pub time_estimate: Option<TimeEstimate>,
    /// Where it was captured.
    pub source: Option<String>,
    /// Its tags by name, as they are written there.
    pub tag_names: Vec<TagName>,
    /// Its tags that are records, by their ids there.
    pub tag_links: Vec<String>,
    /// Its projects, by their ids there; the first that is live is taken.
    pub projects: Vec<String>,
    /// The tasks that it is a part of, by their ids there; the first that is live is taken.
    pub parents: Vec<String>,
    /// Its parts, by their ids there; they count where the part itself names no parent.
    pub children: Vec<String>,
    /// Where it stands in a page; nothing where the source knows no order.
    pub place: Option<Place>,
    /// When it was made there.
    pub created_at: DateTime<Utc>,
    /// When it was last changed there.
    pub updated_at: DateTime<Utc>,
}

/// The place of a to-do among those of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The page's id here.
    pub page: Uuid,
    /// When the page was made.
    pub made: DateTime<Utc>,
    /// How many to-dos stand before it in the page, on whatever level.
    pub nth: usize,
}

impl Place {
    /// How many hex digits of a key say the millisecond.
    const TIME: usize = 12;

    /// The key of the manual order: behind that of the page, and before all that was made later.
    #[must_use]
    pub fn key(&self) -> String {
        // In the milliseconds that the database keeps, and rounded as it does it.
        let millis = (self.made.timestamp_micros() + 500).div_euclid(1000).max(0);
        format!("{millis:012x}{}", self.within())
    }

    /// What the key has behind the time, which is not known of every page.
    fn within(&self) -> String {
        format!("{}{:06x}", self.page.simple(), self.nth)
    }

    /// Whether the key of a task is the one of this place, perhaps with the task's own id behind it.
    #[must_use]
    pub fn is_at(&self, task: Uuid, key: &str) -> bool {
        let behind = key.get(Self::TIME..).and_then(|key| key.strip_prefix(&self.within()));
        behind.is_some_and(|own| own.is_empty() || own == task.simple().to_string())
    }

    /// The key at the time of another to-do of the page, where it has one.
    #[must_use]
    pub fn key_beside(&self, other: Option<&str>) -> String {
        let time = other.and_then(|key| key.get(..Self::TIME));
        time.map_or_else(|| self.key(), |time| format!("{time}{}", self.within()))
    }

    /// Whether somebody here gave a task its key by moving it: neither a page of its source did, whose id is of
    /// version 5 and stands before six digits, nor its time, as of every new task.
    #[must_use]
    pub fn is_moved_here(task: Uuid, key: &str) -> bool {
        let own = task.simple().to_string();
        let within = key.get(Self::TIME..).unwrap_or_default();
        let of_page = within.strip_suffix(&own).unwrap_or(within);
        let page = of_page.split_at_checked(32).filter(|(_, nth)| nth.len() == 6);
        let page = page.and_then(|(page, _)| Uuid::parse_str(page).ok());
        let is_of_page = page.is_some_and(|page| page.get_version_num() == 5);
        !is_of_page && within != own
    }

    /// Whether a key is one of a to-do of this page.
    #[must_use]
    pub fn is_in_page(&self, key: &str) -> bool {
        let page = self.page.simple().to_string();
        key.get(Self::TIME..).is_some_and(|key| key.starts_with(&page))
    }
}

/// A date as a source gives it: what it means may depend on the owner's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// A calendar day.
    Day(NaiveDate),
    /// An instant.
    At(DateTime<Utc>),
    /// A time on the owner's clock.
    Local(NaiveDateTime),
}

impl When {
    /// Whether it can be kept: a time on the clock is an instant of the same day, the one before or the one after.
    #[must_use]
    pub fn is_in_calendar(self) -> bool {
        match self {
            Self::Day(day) => bounds::is_day(day),
            Self::At(instant) => bounds::is_instant(instant),
            Self::Local(local) => {
                let around =
                    [-1, 1].map(|day| local.and_utc().checked_add_signed(TimeDelta::days(day)));
                around.into_iter().all(|at| at.is_some_and(bounds::is_instant))
            }
        }
    }

    /// The calendar day in the owner's zone.
    #[must_use]
    pub fn day(self, zone: Tz) -> NaiveDate {
        match self {
            Self::Day(day) => day,
            Self::At(instant) => instant.with_timezone(&zone).date_naive(),
            Self::Local(local) => local.date(),
        }
    }

    /// The instant, or the start of the day in the owner's zone.
    #[must_use]
    pub fn start(self, zone: Tz) -> DateTime<Utc> {
        let midnight = |day: NaiveDate| instant_of(day.and_time(NaiveTime::MIN), zone);
        self.instant(zone).unwrap_or_else(|| midnight(self.day(zone)))
    }

    /// The instant, where there is a time of day.
    #[must_use]
    pub fn instant(self, zone: Tz) -> Option<DateTime<Utc>> {
        match self {
            Self::Day(_) => None,
            Self::At(instant) => Some(instant),
            Self::Local(local) => Some(instant_of(local, zone)),
        }
    }
}

/// The instant of a time on the clock of a zone. One that the clocks skip moves forward by the gap,
/// of one that comes twice the first counts.
#[must_use]
pub fn instant_of(local: NaiveDateTime, zone: Tz) -> DateTime<Utc> {
    if let Some(instant) = zone.from_local_datetime(&local).earliest() {
        return instant.to_utc();
    }
    // Inside a gap: what the clock would show had it not been moved, which it is a day before.
    let before = local - TimeDelta::days(1);
    zone.from_local_datetime(&before)
        .latest()
        .map_or_else(|| local.and_utc(), |instant| instant.to_utc() + TimeDelta::days(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_never_change() {
        let id = record_id("notion:9753536539ee428ea742eabec81e3210");
        assert_eq!(id.get_version_num(), 5);
        assert_eq!(record_id("notion:tag:legal"), record_id("notion:tag:legal"));
    }

    #[test]
    fn a_time_that_the_clocks_skip_moves_forward_by_the_gap() {
        let local = "2026-10-04T02:30:00".parse().unwrap();
        let instant = instant_of(local, chrono_tz::Australia::Sydney);
        assert_eq!(instant.to_rfc3339(), "2026-10-03T16:30:00+00:00");
    }

    #[test]
    fn of_a_time_that_comes_twice_the_first_counts() {
        let local = "2026-04-05T02:30:00".parse().unwrap();
        let instant = instant_of(local, chrono_tz::Australia::Sydney);
        assert_eq!(instant.to_rfc3339(), "2026-04-04T15:30:00+00:00");
    }
}
