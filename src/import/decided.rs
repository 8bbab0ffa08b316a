//! What of a record is decided elsewhere than in its original: by other records of the source, which close a circle,
//! are in the trash there or have the same name, and by the owner's zone.
//!
//! It is kept of each record. Where a later file decides otherwise, the record is another, though its page is the same.
//! A file decides only what it holds: pages that came before, and are not in it or are older in it, leave things as
//! they are. What is live here decides nothing, or each record in the trash would change others.

use super::check::Placed;
use super::snapshot::{Kind, LeftOut, Origin, Snapshot, Tag, Task, When};
use crate::entity::TaskStatus;
use crate::fold::tag_key;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Pages that are one tag.
type Pages = BTreeSet<String>;

/// What was decided about a record. Records go by their ids in the source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decided {
    /// The project that was chosen; all that are named, where none could be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    projects: Vec<String>,
    /// The same of the parent; none where the link was cut.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parents: Vec<String>,
    /// Whether only the parent says that it is one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_listed: bool,
    /// Of each linked tag the pages that are one with it, and of a tag those that are one with itself, where it is
    /// not the only one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Pages>,
    /// The pages that are the tag of a name, by its key.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    names: BTreeMap<String, Pages>,
    /// The zone in which its times were read, where they depend on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    /// When the record was last changed there.
    #[serde(skip_serializing_if = "Option::is_none")]
    edited: Option<DateTime<Utc>>,
}

impl Decided {
    /// That of a record about which nothing else decides.
    pub(super) fn alone(origin: &Origin) -> Self {
        Self { edited: origin.edited_at, ..Self::default() }
    }

    /// What was kept of it.
    pub(super) fn read(kept: Option<&str>) -> Option<Self> {
        serde_json::from_str(kept?).ok()
    }

    /// As it is kept: short, for it is of every record.
    pub(super) fn json(&self) -> Box<str> {
        serde_json::to_string(self).unwrap_or_default().into_boxed_str()
    }

    /// The same without a parent, for the database refused it.
    pub(super) fn without_parent(self) -> Self {
        Self { parents: Vec::new(), ..self }
    }
}

/// What was decided about all that came from a source before; nothing where that is not known.
pub type Known = BTreeMap<String, Option<Decided>>;

/// What a file decides.
pub(super) struct Deciding<'k> {
    known: &'k Known,
    zone: Tz,
    left_out: BTreeMap<String, LeftOut>,
    /// What it holds, but for what is older than what came before.
    holds: BTreeSet<(Kind, String)>,
    /// The keys of tags, by their pages, and the other way round.
    keys: BTreeMap<String, String>,
    pages: BTreeMap<String, Pages>,
}

impl<'k> Deciding<'k> {
    /// What a snapshot decides behind what is known.
    pub(super) fn new(snapshot: &Snapshot, known: &'k Known, zone: Tz) -> Self {
        let left_out = snapshot.left_out.clone();
        let (holds, keys, pages) = Default::default();
        let mut deciding = Self { known, zone, left_out, holds, keys, pages };
        let projects = snapshot.projects.iter().map(|one| (Kind::Project, &one.origin));
        let tags = snapshot.tags.iter().map(|one| (Kind::Tag, &one.origin));
        let tasks = snapshot.tasks.iter().map(|one| (Kind::Task, &one.origin));
        for (kind, origin) in projects.chain(tags).chain(tasks) {
            if !deciding.is_older(origin) {
                deciding.holds.insert((kind, origin.external_id.clone()));
            }
        }
        for tag in &snapshot.tags {
            let (page, key) = (tag.origin.external_id.clone(), tag_key(&tag.name));
            if deciding.holds(Kind::Tag, &page) {
                deciding.pages.entry(key.clone()).or_default().insert(page.clone());
                deciding.keys.insert(page, key);
            }
        }
        deciding
    }

    fn known(&self, id: &str) -> Option<&'k Decided> {
        self.known.get(id).and_then(Option::as_ref)
    }

    /// Whether something newer of a record has come before.
    pub(super) fn is_older(&self, origin: &Origin) -> bool {
        let known = self.known(&origin.external_id).and_then(|known| known.edited);
        known.zip(origin.edited_at).is_some_and(|(known, edited)| edited < known)
    }

    fn holds(&self, kind: Kind, id: &str) -> bool {
        self.holds.contains(&(kind, id.to_owned()))
    }

    /// Why a record is left out, where it is.
    pub(super) fn left_out(&self, id: &str) -> Option<LeftOut> {
        self.left_out.get(id).copied()
    }

    /// Whether a record is left out, and no other file has it.
    pub(super) fn is_gone(&self, kind: Kind, id: &str) -> bool {
        self.left_out.contains_key(id) && !self.holds(kind, id)
    }

    /// The parent that alone said before that a task is its part, where the file does not hold it.
    pub(super) fn lister(&self, task: &str) -> Option<String> {
        let known = self.known(task).filter(|known| known.is_listed)?;
        known.parents.first().filter(|parent| !self.holds(Kind::Task, parent)).cloned()
    }

    /// The parents of tasks that the file does not hold, or holds as they were before.
    pub(super) fn other_parents(
        &self,
    ) -> impl Iterator<Item = (&'k str, Option<&'k str>)> + use<'_, 'k> {
        let others = self.known.iter().filter(|(id, _)| !self.holds(Kind::Task, id));
        others.filter_map(|(id, known)| {
            let parent = match known.as_ref()?.parents.as_slice() {
                [parent] => Some(parent.as_str()),
                _ => None,
            };
            let is_there = |id: &&str| self.known.contains_key(*id) || self.holds(Kind::Task, id);
            Some((id.as_str(), parent.filter(is_there)))
        })
    }

    /// The one that the file says it is; all, where it is none; nothing where that is not for the file to say.
    fn choice(&self, kind: Kind, named: &[String]) -> Option<Vec<String>> {
        for target in named {
            if self.holds(kind, target) {
                return Some(vec![target.clone()]);
            }
            if !self.left_out.contains_key(target) && self.known.contains_key(target) {
                return None;
            }
        }
        Some(named.to_vec())
    }

    /// The pages that are one tag with a page of the file.
    fn twins(&self, page: &str) -> Option<&Pages> {
        self.pages.get(self.keys.get(page)?)
    }

    /// Those of some pages that the file holds.
    fn held(&self, pages: &Pages) -> Pages {
        pages.iter().filter(|page| self.keys.contains_key(*page)).cloned().collect()
    }

    /// Notes which pages are one tag with this one.
    pub(super) fn note_tag(&self, tag: &mut Tag) {
        let twins = self.twins(&tag.origin.external_id);
        let known = self.known(&tag.origin.external_id);
        let is_alike = known.is_none_or(|known| self.is_as_before(&tag.origin.external_id, known));
        tag.origin.is_linked_alike = is_alike;
        let tags = twins.filter(|twins| twins.len() > 1).cloned().into_iter().collect();
        tag.origin.decisions = Decided { tags, ..Decided::alone(&tag.origin) }.json();
    }

    /// Notes what became of the links of a task, and of its times.
    pub(super) fn note_task(&self, placed: &mut Placed, is_listed: bool, is_cut: bool) {
        let Placed { task, project, parent, .. } = placed;
        let projects = self.choice(Kind::Project, &task.projects);
        let parents =
            if is_cut { Some(Vec::new()) } else { self.choice(Kind::Task, &task.parents) };
        let zone = depends_on_zone(task).then(|| self.zone.name().to_owned());
        let known = self.known(&task.origin.external_id);
        if let Some(known) = known.filter(|_| !self.is_older(&task.origin)) {
            task.origin.is_linked_alike = projects.as_ref().is_none_or(|it| *it == known.projects)
                && parents.as_ref().is_none_or(|it| *it == known.parents)
                && self.is_tagged_alike(task, known);
            task.origin.is_timed_alike = known.zone.is_none() || known.zone == zone;
        }
        let or_is = |choice: Option<Vec<String>>, is: Option<&String>, named: &[String]| {
            choice.unwrap_or_else(|| is.map_or_else(|| named.to_vec(), |is| vec![is.clone()]))
        };
        let project = project.as_ref().map(|target| &target.external_id);
        let parent = parent.as_ref().map(|target| &target.external_id);
        let twins = task.tag_links.iter().filter_map(|page| self.twins(page));
        let decided = Decided {
            projects: or_is(projects, project, &task.projects),
            parents: or_is(parents, parent, &task.parents),
            is_listed,
            tags: twins.filter(|twins| twins.len() > 1).cloned().collect(),
            names: self.names(task),
            zone,
            edited: task.origin.edited_at,
        };
        task.origin.decisions = decided.json();
    }

    fn names(&self, task: &Task) -> BTreeMap<String, Pages> {
        let keys = task.tag_names.iter().map(|tag| tag_key(&tag.name));
        keys.filter_map(|key| self.pages.get(&key).cloned().map(|pages| (key, pages))).collect()
    }

    /// Whether the page of a tag is one with those with which it was one before.
    fn is_as_before(&self, page: &str, known: &Decided) -> bool {
        let before = known.tags.iter().find(|pages| pages.contains(page));
        self.twins(page).is_none_or(|twins| match before {
            Some(before) => self.held(before) == *twins,
            None => twins.len() == 1,
        })
    }

    /// Whether the tags of a task are those that they were before.
    fn is_tagged_alike(&self, task: &Task, known: &Decided) -> bool {
        let are_links_alike = task.tag_links.iter().all(|page| self.is_as_before(page, known));
        // A page that comes takes the name's tag over; one that gets another name takes the tag away.
        let are_names_alike = known.names.iter().all(|(key, before)| {
            let now = self.pages.get(key);
            self.held(before).iter().all(|page| now.is_some_and(|now| now.contains(page)))
        });
        are_links_alike && are_names_alike
    }
}

/// Whether another zone makes other values of it. The day of an instant at which it is due follows by itself.
fn depends_on_zone(task: &Task) -> bool {
    let is_done = task.status == TaskStatus::Done;
    matches!(task.due, Some(When::Local(_)))
        || matches!(task.scheduled, Some(When::At(_)))
        || (is_done && matches!(task.completed, Some(When::Local(_) | When::Day(_))))
}
