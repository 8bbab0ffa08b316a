//! Decides what becomes of each record that an import wrote. It asks nobody.

use super::{Kept, Tally};
use crate::import::image::{Before, Image};
use crate::import::snapshot::Kind;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// What an import wrote of one record of the source.
pub(super) struct Write {
    pub(super) external_id: String,
    pub(super) kind: Kind,
    pub(super) record: Uuid,
    pub(super) is_new: bool,
    pub(super) version: i32,
    pub(super) before: Before,
}

/// How things are now.
#[derive(Default)]
pub(super) struct Facts {
    /// The versions of the records that are there.
    pub(super) versions: HashMap<(Kind, Uuid), i32>,
    /// The last import after this one that wrote a record.
    pub(super) later: HashMap<Uuid, i32>,
    /// Tasks that name records which this import made.
    pub(super) named_by: Vec<(Uuid, (Kind, Uuid))>,
    /// Records that this import made and that others of the source have become too.
    pub(super) shared: HashSet<Uuid>,
}

/// What becomes of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    Remove,
    Restore,
    /// Only what was remembered of it is taken back.
    Forget,
    Keep(String),
}

/// What becomes of all of them.
pub(super) struct Plan<'w> {
    fates: Vec<(&'w Write, Fate)>,
}

const IN_USE: &str = "what stays belongs to it";

impl<'w> Plan<'w> {
    pub(super) fn new(writes: &'w [Write], facts: &Facts, is_forced: bool) -> Self {
        let fates = writes.iter().map(|write| (write, fate(write, facts, is_forced))).collect();
        let mut plan = Self { fates };
        if !is_forced {
            plan.keep_what_is_used(facts);
        }
        plan
    }

    /// What belongs to something that stays, stays too, and so on.
    fn keep_what_is_used(&mut self, facts: &Facts) {
        let mut going: HashSet<(Kind, Uuid)> = self.removed().collect();
        let restored: HashMap<Uuid, &Before> = self
            .restored()
            .filter(|write| write.kind == Kind::Task)
            .map(|write| (write.record, &write.before))
            .collect();
        let as_they_are = facts.named_by.iter().copied();
        let as_they_are = as_they_are.filter(|(task, _)| !restored.contains_key(task));
        // What comes back names what it named before.
        let as_they_were = restored.iter().flat_map(|(task, before)| {
            let tags = before.tags.iter().map(|tag| (Kind::Tag, *tag));
            let links = match &before.record {
                Some(Image::Task(image)) => [
                    image.project_id.map(|id| (Kind::Project, id)),
                    image.parent_id.map(|id| (Kind::Task, id)),
                ],
                _ => [None, None],
            };
            tags.chain(links.into_iter().flatten()).map(|target| (*task, target))
        });
        let named: Vec<_> = as_they_are.chain(as_they_were.collect::<Vec<_>>()).collect();
        let mut staying: HashSet<(Kind, Uuid)> = HashSet::new();
        staying.extend(going.iter().filter(|(_, id)| facts.shared.contains(id)));
        going.retain(|record| !staying.contains(record));
        loop {
            let is_staying = |task: &Uuid| !going.contains(&(Kind::Task, *task));
            let used = named.iter().filter(|(task, to)| is_staying(task) && going.contains(to));
            let used: HashSet<_> = used.map(|(_, to)| *to).collect();
            if used.is_empty() {
                break;
            }
            going.retain(|record| !used.contains(record));
            staying.extend(used);
        }
        for (write, fate) in &mut self.fates {
            if *fate == Fate::Remove && staying.contains(&(write.kind, write.record)) {
                *fate = Fate::Keep(IN_USE.to_owned());
            }
        }
    }

    /// The records that go.
    pub(super) fn removed(&self) -> impl Iterator<Item = (Kind, Uuid)> {
        self.of(&Fate::Remove).map(|write| (write.kind, write.record))
    }

    /// Those that come back as they were.
    pub(super) fn restored(&self) -> impl Iterator<Item = &'w Write> {
        self.of(&Fate::Restore)
    }

    /// Everything of which nothing is left to take back.
    pub(super) fn undone(&self) -> impl Iterator<Item = &'w Write> {
        let undone = self.fates.iter().filter(|(_, fate)| !matches!(fate, Fate::Keep(_)));
        undone.map(|(write, _)| *write)
    }

    fn of(&self, wanted: &Fate) -> impl Iterator<Item = &'w Write> {
        let of_these = self.fates.iter().filter(move |(_, fate)| fate == wanted);
        of_these.map(|(write, _)| *write).collect::<Vec<_>>().into_iter()
    }

    /// Those that stay as they are, with their ids here.
    pub(super) fn kept(&self) -> Vec<(Uuid, Kept)> {
        let kept = self.fates.iter().filter_map(|(write, fate)| match fate {
            Fate::Keep(reason) => Some((write.record, write.kept(reason.clone()))),
            _ => None,
        });
        kept.collect()
    }

    /// Whether nothing stays as it is.
    pub(super) fn keeps_nothing(&self) -> bool {
        !self.fates.iter().any(|(_, fate)| matches!(fate, Fate::Keep(_)))
    }

    /// How many of each kind.
    pub(super) fn tallies(&self) -> BTreeMap<Kind, Tally> {
        let mut tallies: BTreeMap<Kind, Tally> = BTreeMap::new();
        for (write, fate) in &self.fates {
            let tally = tallies.entry(write.kind).or_default();
            match fate {
                Fate::Remove => tally.removed += 1,
                Fate::Restore => tally.restored += 1,
                Fate::Keep(_) => tally.kept += 1,
                Fate::Forget => {}
            }
        }
        tallies
    }
}

impl Write {
    pub(super) fn kept(&self, reason: String) -> Kept {
        Kept { kind: self.kind, record: self.external_id.clone(), title: String::new(), reason }
    }
}

/// What becomes of a record for itself.
fn fate(write: &Write, facts: &Facts, is_forced: bool) -> Fate {
    let version = facts.versions.get(&(write.kind, write.record));
    let wanted = match (write.is_new, &write.before.record) {
        (true, _) => Fate::Remove,
        (false, Some(_)) => Fate::Restore,
        (false, None) => return Fate::Forget,
    };
    let reason = match version {
        None if is_forced && wanted == Fate::Remove => return Fate::Forget,
        // That it was here is remembered, so that the next import does not bring it again.
        None => "it was purged here since".to_owned(),
        Some(version) if *version == write.version => return wanted,
        Some(_) if is_forced => return wanted,
        Some(_) => match facts.later.get(&write.record) {
            Some(later) => format!("import {later} changed it since; take that back first"),
            None => "it was changed here since".to_owned(),
        },
    };
    Fate::Keep(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROJECT: Uuid = Uuid::from_u128(1);
    const PARENT: Uuid = Uuid::from_u128(2);
    const PART: Uuid = Uuid::from_u128(3);

    fn made(kind: Kind, record: Uuid) -> Write {
        let external_id = record.to_string();
        Write { external_id, kind, record, is_new: true, version: 1, before: Before::default() }
    }

    /// A project, a task in it, and a part of that.
    fn family() -> ([Write; 3], Facts) {
        let kinds = [(Kind::Project, PROJECT), (Kind::Task, PARENT), (Kind::Task, PART)];
        let writes = kinds.map(|(kind, id)| made(kind, id));
        let facts = Facts {
            versions: kinds.map(|record| (record, 1)).into(),
            named_by: vec![(PARENT, (Kind::Project, PROJECT)), (PART, (Kind::Task, PARENT))],
            ..Facts::default()
        };
        (writes, facts)
    }

    #[test]
    fn what_nobody_touched_goes() {
        let (writes, facts) = family();
        let plan = Plan::new(&writes, &facts, false);
        assert_eq!(plan.removed().count(), 3);
        assert!(plan.keeps_nothing());
    }

    #[test]
    fn what_was_changed_keeps_what_it_belongs_to_and_so_on() {
        let (writes, mut facts) = family();
        facts.versions.insert((Kind::Task, PART), 2);
        let plan = Plan::new(&writes, &facts, false);
        let reasons: Vec<_> = plan.kept().into_iter().map(|(_, kept)| kept.reason).collect();
        assert_eq!(reasons, [IN_USE, IN_USE, "it was changed here since"]);
        let plan = Plan::new(&writes, &facts, true);
        assert_eq!(plan.removed().count(), 3);
    }

    #[test]
    fn what_a_later_import_changed_is_named_with_its_number() {
        let (writes, mut facts) = family();
        facts.versions.insert((Kind::Task, PART), 2);
        facts.later.insert(PART, 7);
        let plan = Plan::new(&writes, &facts, false);
        let kept = plan.kept().into_iter().find(|(id, _)| *id == PART);
        assert_eq!(kept.unwrap().1.reason, "import 7 changed it since; take that back first");
    }
}
