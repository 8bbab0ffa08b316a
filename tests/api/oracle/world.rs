//! The oracle's world: plain structs, made from a seed, and written into a database.

use super::text::{text, word};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

/// The zones in which is asked and, here, near whose midnights things happen.
pub(crate) const ZONES: [&str; 9] = [
    "UTC",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "America/New_York",
    "Pacific/Apia",
    // Days that begin at 01:00, or whose last hour comes twice.
    "Asia/Beirut",
    "America/Nuuk",
];

/// What is taken for now: a usual afternoon in Sydney, and moments when clocks are being changed.
const MOMENTS: [&str; 10] = [
    "2026-01-20T06:30:00Z",
    "2026-01-20T13:00:00Z",
    "2024-02-29T12:15:00Z",
    "2026-04-04T14:30:00Z",
    "2026-10-03T15:45:00Z",
    "2026-03-08T06:59:59.999Z",
    "2026-11-01T05:30:00Z",
    "2011-12-30T10:00:00Z",
    "2026-03-28T22:00:00Z",
    "2026-10-25T01:30:00Z",
];

/// Numbers that follow from a seed (Steele, Lea and Flood's `SplitMix64`).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `sides`.
    pub(crate) fn below(&mut self, sides: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(sides).unwrap()).unwrap()
    }

    /// True once in `sides` times.
    pub(crate) fn one_in(&mut self, sides: usize) -> bool {
        self.below(sides) == 0
    }

    pub(crate) fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    fn maybe<T>(&mut self, make: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (!self.one_in(3)).then(|| make(self))
    }
}

pub(crate) const STATUS: [&str; 6] =
    ["INBOX", "TODO", "IN_PROGRESS", "BLOCKED", "DONE", "CANCELLED"];
pub(crate) const PRIORITY: [&str; 4] = ["LOW", "MEDIUM", "HIGH", "URGENT"];
pub(crate) const ENERGY: [&str; 3] = ["LOW", "MEDIUM", "HIGH"];
pub(crate) const ESTIMATE: [&str; 3] = ["QUICK", "SHORT", "LONG"];
pub(crate) const PROJECT_STATUS: [&str; 3] = ["ACTIVE", "COMPLETED", "ARCHIVED"];

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) id: Uuid,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) source: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) priority: &'static str,
    pub(crate) energy: Option<&'static str>,
    pub(crate) time_estimate: Option<&'static str>,
    pub(crate) due_date: Option<NaiveDate>,
    pub(crate) due_at: Option<DateTime<Utc>>,
    pub(crate) scheduled_date: Option<NaiveDate>,
    pub(crate) snoozed_until: Option<DateTime<Utc>>,
    pub(crate) completed_at: Option<DateTime<Utc>>,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) trashed: bool,
    pub(crate) position: String,
    pub(crate) project: Option<Uuid>,
    pub(crate) parent: Option<Uuid>,
    pub(crate) tags: Vec<Uuid>,
}

#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: Uuid,
    pub(crate) title: String,
    pub(crate) description: Option<String>,
    pub(crate) status: &'static str,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) trashed: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Tag {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) updated_at: DateTime<Utc>,
    pub(crate) trashed: bool,
}

impl Tag {
    /// The parts before and after the first colon, where there is something on both sides.
    pub(crate) fn parts(&self) -> (Option<&str>, &str) {
        match self.name.split_once(':') {
            Some((prefix, label)) if !prefix.is_empty() && !label.is_empty() => {
                (Some(prefix), label)
            }
            _ => (None, &self.name),
        }
    }
}

#[derive(Debug)]
pub(crate) struct World {
    pub(crate) now: DateTime<Utc>,
    /// The zone of the calendar days of timed tasks.
    owner_zone: Tz,
    pub(crate) tasks: Vec<Task>,
    pub(crate) projects: Vec<Project>,
    pub(crate) tags: Vec<Tag>,
}

/// An instant near `now`: often now itself or the edge of a day somewhere, and seldom far away.
pub(crate) fn instant(dice: &mut Dice, now: DateTime<Utc>) -> DateTime<Utc> {
    let near = match dice.below(16) {
        0 => return dice.pick(&["0001-01-02T00:00:00Z", "9999-12-30T00:00:00Z"]).parse().unwrap(),
        1..4 => now,
        4..6 => now + TimeDelta::minutes(i64::try_from(dice.below(4_000)).unwrap() - 2_000),
        _ => {
            let zone: Tz = dice.pick(&ZONES).parse().unwrap();
            let today = now.with_timezone(&zone).date_naive();
            let day = today + Days::new(8) - Days::new(u64::try_from(dice.below(16)).unwrap());
            let midnight = day.and_hms_opt(0, 0, 0).unwrap();
            let there = zone.from_local_datetime(&midnight).earliest();
            there.map_or_else(|| midnight.and_utc(), |there| there.to_utc())
        }
    };
    near + TimeDelta::milliseconds(dice.pick(&[-1, 0, 0, 1]))
}

pub(crate) fn day(dice: &mut Dice, now: DateTime<Utc>) -> NaiveDate {
    instant(dice, now).date_naive()
}

fn id(dice: &mut Dice) -> Uuid {
    Uuid::from_u64_pair(dice.roll(), dice.roll())
}

impl World {
    pub(crate) fn new(dice: &mut Dice) -> Self {
        let now = dice.pick(&MOMENTS).parse().unwrap();
        let owner_zone = dice.pick(&ZONES).parse().unwrap();
        let projects = (0..6).map(|_| project(dice, now)).collect::<Vec<_>>();
        let prefixes = ["", "", "area:", "Area:", "context:", ":"];
        let tags = (0..8)
            .map(|n| Tag {
                id: id(dice),
                // The number keeps live names apart.
                name: format!("{}{}{n}", dice.pick(&prefixes), word(dice)),
                created_at: instant(dice, now),
                updated_at: instant(dice, now),
                trashed: dice.one_in(5),
            })
            .collect::<Vec<_>>();
        let mut world = Self { now, owner_zone, tasks: Vec::new(), projects, tags };
        for n in 0..40 {
            let task = world.task(dice, n);
            world.tasks.push(task);
        }
        world
    }

    fn task(&self, dice: &mut Dice, n: usize) -> Task {
        let now = self.now;
        let due_at = dice.one_in(2).then(|| instant(dice, now));
        let due_date = due_at.map(|at| at.with_timezone(&self.owner_zone).date_naive());
        let due_date = due_date.or_else(|| dice.maybe(|it| day(it, now)));
        let status = dice.pick(&STATUS);
        let optional = |dice: &mut Dice| match dice.below(4) {
            0 => None,
            _ => Some(text(dice)),
        };
        // Of the level above only: five levels of eight tasks each.
        let above = &self.tasks[(n / 8).saturating_sub(1) * 8..n / 8 * 8];
        let parent = if above.is_empty() { None } else { dice.maybe(|it| it.pick(above)) };
        Task {
            id: id(dice),
            title: text(dice),
            description: optional(dice),
            source: optional(dice),
            status,
            priority: dice.pick(&PRIORITY),
            energy: dice.maybe(|it| it.pick(&ENERGY)),
            time_estimate: dice.maybe(|it| it.pick(&ESTIMATE)),
            due_date,
            due_at,
            scheduled_date: dice.maybe(|it| day(it, now)),
            snoozed_until: dice.maybe(|it| instant(it, now)),
            completed_at: (status == "DONE").then(|| instant(dice, now)),
            created_at: instant(dice, now),
            updated_at: instant(dice, now),
            // What is in the trash takes its parts along.
            trashed: dice.one_in(6) || parent.as_ref().is_some_and(|it| it.trashed),
            position: format!("{:04}", dice.below(30)),
            project: dice.maybe(|it| it.pick(&self.projects).id),
            parent: parent.map(|it| it.id),
            tags: self.tags.iter().filter(|_| dice.one_in(3)).map(|tag| tag.id).collect(),
        }
    }

    /// The SQL that writes the world; triggers would forbid links to what is in the trash.
    pub(crate) fn sql(&self) -> String {
        let trash = |trashed: bool| trashed.then_some(self.now);
        let projects = self.projects.iter().map(|it| {
            row(&[
                quoted(Some(&it.id)),
                quoted(Some(&it.title)),
                quoted(it.description.as_ref()),
                quoted(Some(&it.status.to_lowercase())),
                quoted(Some(&it.created_at)),
                quoted(Some(&it.updated_at)),
                quoted(trash(it.trashed).as_ref()),
            ])
        });
        let tags = self.tags.iter().map(|it| {
            row(&[
                quoted(Some(&it.id)),
                quoted(Some(&it.name)),
                quoted(Some(&it.id)),
                quoted(Some(&it.created_at)),
                quoted(Some(&it.updated_at)),
                quoted(trash(it.trashed).as_ref()),
            ])
        });
        let tasks = self.tasks.iter().map(|it| {
            row(&[
                quoted(Some(&it.id)),
                quoted(Some(&it.title)),
                quoted(it.description.as_ref()),
                quoted(it.source.as_ref()),
                quoted(Some(&it.status.to_lowercase())),
                quoted(Some(&it.priority.to_lowercase())),
                quoted(it.energy.map(str::to_lowercase).as_ref()),
                quoted(it.time_estimate.map(str::to_lowercase).as_ref()),
                quoted(it.due_date.as_ref()),
                quoted(it.due_at.as_ref()),
                quoted(it.scheduled_date.as_ref()),
                quoted(it.snoozed_until.as_ref()),
                quoted(it.completed_at.as_ref()),
                quoted(Some(&it.created_at)),
                quoted(Some(&it.updated_at)),
                quoted(trash(it.trashed).as_ref()),
                quoted(Some(&it.position)),
                quoted(it.project.as_ref()),
                quoted(it.parent.as_ref()),
            ])
        });
        let links = self.tasks.iter().flat_map(|it| {
            it.tags.iter().map(|tag| row(&[quoted(Some(&it.id)), quoted(Some(tag))]))
        });
        [
            "SET session_replication_role = replica;".to_owned(),
            "TRUNCATE tasks, projects, tags, task_tags, search_documents;".to_owned(),
            insert("projects (id, title, description, status, created_at, updated_at, deleted_at)", projects),
            insert("tags (id, name, key, created_at, updated_at, deleted_at)", tags),
            insert("tasks (id, title, description, source, status, priority, energy, time_estimate, due_date, due_at, scheduled_date, snoozed_until, completed_at, created_at, updated_at, deleted_at, position, project_id, parent_id)", tasks),
            insert("task_tags (task_id, tag_id)", links),
            "UPDATE task_tags SET task_live = deleted_at IS NULL, task_open = is_open_task(status, deleted_at) FROM tasks WHERE id = task_id;".to_owned(),
            "SELECT write_project_documents(array_agg(id)) FROM projects;".to_owned(),
            "SELECT write_task_documents(array_agg(id)) FROM tasks;".to_owned(),
        ]
        .concat()
    }
}

/// The statement that writes rows; none where there are none.
fn insert(table: &str, rows: impl Iterator<Item = String>) -> String {
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return String::new();
    }
    format!("INSERT INTO {table} VALUES {};", rows.join(", "))
}

fn row(values: &[String]) -> String {
    format!("({})", values.join(", "))
}

fn project(dice: &mut Dice, now: DateTime<Utc>) -> Project {
    Project {
        id: id(dice),
        title: text(dice),
        description: dice.maybe(text),
        status: dice.pick(&PROJECT_STATUS),
        created_at: instant(dice, now),
        updated_at: instant(dice, now),
        trashed: dice.one_in(5),
    }
}

fn quoted<T: ToString>(value: Option<&T>) -> String {
    value.map_or("NULL".to_owned(), |it| format!("'{}'", it.to_string().replace('\'', "''")))
}
