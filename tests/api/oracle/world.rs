//! The oracle's world: plain structs, made from a seed, and written into a database.

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use std::fmt::Write;
use uuid::Uuid;

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

/// Text that tools stumble over.
pub(crate) const TEXTS: [&str; 20] = [
    "Straße",
    "STRASSE",
    "straße nach Köln",
    "100% sure",
    "under_score",
    "back\\slash",
    "it's \"quoted\"",
    "İstanbul",
    "ıstanbul",
    "istanbul",
    "👩‍👩‍👧 family",
    "e\u{301}té",
    "Été",
    "שלום עולם",
    "مرحبا",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "%",
    "a",
    "Zz",
];

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
    pub(crate) tasks: Vec<Task>,
    pub(crate) projects: Vec<Project>,
    pub(crate) tags: Vec<Tag>,
}

/// An instant near `now`, often on the edge of a day somewhere.
pub(crate) fn instant(dice: &mut Dice, now: DateTime<Utc>) -> DateTime<Utc> {
    let day = now.date_naive() + Days::new(8) - Days::new(u64::try_from(dice.below(16)).unwrap());
    let midnight = day.and_hms_opt(0, 0, 0).unwrap().and_utc();
    // Midnights of the zones that are asked in, and a millisecond around them.
    let offset = dice.pick(&[-14, -13, -11, -6, 0, 5]) * 60 + dice.pick(&[0, 0, 15, 30]);
    midnight + TimeDelta::minutes(offset) + TimeDelta::milliseconds(dice.pick(&[-1, 0, 0, 1]))
}

pub(crate) fn day(dice: &mut Dice, now: DateTime<Utc>) -> NaiveDate {
    instant(dice, now).date_naive()
}

fn text(dice: &mut Dice) -> String {
    match dice.below(3) {
        0 => format!("{} {}", dice.pick(&TEXTS), dice.pick(&TEXTS)),
        _ => dice.pick(&TEXTS).to_owned(),
    }
}

fn id(dice: &mut Dice) -> Uuid {
    Uuid::from_u64_pair(dice.roll(), dice.roll())
}

impl World {
    pub(crate) fn new(dice: &mut Dice, now: DateTime<Utc>) -> Self {
        let projects = (0..6).map(|_| project(dice, now)).collect::<Vec<_>>();
        let prefixes = ["", "", "area:", "Area:", "context:", ":"];
        let tags = (0..8)
            .map(|n| Tag {
                id: id(dice),
                // The number keeps live names apart.
                name: format!("{}{}{n}", dice.pick(&prefixes), dice.pick(&TEXTS)),
                created_at: instant(dice, now),
                updated_at: instant(dice, now),
                trashed: dice.one_in(5),
            })
            .collect::<Vec<_>>();
        let mut world = Self { now, tasks: Vec::new(), projects, tags };
        for n in 0..40 {
            let task = world.task(dice, n);
            world.tasks.push(task);
        }
        world
    }

    fn task(&self, dice: &mut Dice, n: usize) -> Task {
        let now = self.now;
        let due_at = dice.one_in(2).then(|| instant(dice, now));
        let due_date = due_at.map(|at| at.date_naive()).or_else(|| dice.maybe(|it| day(it, now)));
        let status = dice.pick(&STATUS);
        let optional = |dice: &mut Dice| match dice.below(4) {
            0 => None,
            _ => Some(text(dice)),
        };
        let parent = self.tasks.get(dice.below(30)).filter(|_| n >= 10);
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
            trashed: dice.one_in(6),
            position: format!("{:04}", dice.below(30)),
            project: dice.maybe(|it| it.pick(&self.projects).id),
            // Of the first ten only, so that nothing is nested too deep.
            parent: parent.filter(|it| it.parent.is_none()).map(|it| it.id),
            tags: self.tags.iter().filter(|_| dice.one_in(3)).map(|tag| tag.id).collect(),
        }
    }

    /// The SQL that writes the world; triggers would forbid links to what is in the trash.
    pub(crate) fn sql(&self) -> String {
        let mut sql = "SET session_replication_role = replica;".to_owned();
        let trash = |trashed: bool| trashed.then_some(self.now);
        for it in &self.projects {
            let values = [
                quoted(Some(&it.id)),
                quoted(Some(&it.title)),
                quoted(it.description.as_ref()),
                quoted(Some(&it.status.to_lowercase())),
                quoted(Some(&it.created_at)),
                quoted(Some(&it.updated_at)),
                quoted(trash(it.trashed).as_ref()),
            ];
            let columns = "id, title, description, status, created_at, updated_at, deleted_at";
            write!(sql, "INSERT INTO projects ({columns}) VALUES ({});", values.join(", "))
                .unwrap();
        }
        for it in &self.tags {
            let values = [
                quoted(Some(&it.id)),
                quoted(Some(&it.name)),
                quoted(Some(&it.id)),
                quoted(Some(&it.created_at)),
                quoted(Some(&it.updated_at)),
                quoted(trash(it.trashed).as_ref()),
            ];
            let columns = "id, name, key, created_at, updated_at, deleted_at";
            write!(sql, "INSERT INTO tags ({columns}) VALUES ({});", values.join(", ")).unwrap();
        }
        for it in &self.tasks {
            let values = [
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
            ];
            let columns = "id, title, description, source, status, priority, energy, time_estimate, due_date, due_at, scheduled_date, snoozed_until, completed_at, created_at, updated_at, deleted_at, position, project_id, parent_id";
            write!(sql, "INSERT INTO tasks ({columns}) VALUES ({});", values.join(", ")).unwrap();
            for tag in &it.tags {
                write!(sql, "INSERT INTO task_tags VALUES ('{}', '{tag}');", it.id).unwrap();
            }
        }
        sql
    }
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
