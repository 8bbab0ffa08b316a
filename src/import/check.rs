//! Makes the links of a snapshot ones that the database takes, and reports each that could not stay.
//!
//! It decides and asks nobody: what is in the database already is handed to it.

use super::decided::{Decided, Deciding, Known};
use super::finding::{Finding, Severity};
use super::reading;
use super::snapshot::{Kind, LeftOut, Origin, Project, Snapshot, Tag, Task};
use chrono_tz::Tz;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// How deep subtasks may be nested, the top level included.
const LEVELS: usize = 5;
/// The sizes that the database takes, in characters.
const TITLE: usize = 10_000;
const DESCRIPTION: usize = 1_000_000;
const TAG: usize = 200;

/// What earlier imports have brought.
#[derive(Debug, Default)]
pub struct Imported {
    /// The ids here of what is live, by kind and id in the source.
    pub ids: BTreeMap<(Kind, String), Uuid>,
    /// What was decided about everything.
    pub decided: Known,
}

/// Records whose links all lead somewhere.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// The projects.
    pub projects: Vec<Project>,
    /// The tags.
    pub tags: Vec<Tag>,
    /// The tasks, parents before their parts.
    pub tasks: Vec<Placed>,
}

impl Checked {
    /// Where all of them came from.
    pub fn origins(&self) -> impl Iterator<Item = (Kind, &Origin)> {
        let projects = self.projects.iter().map(|one| (Kind::Project, &one.origin));
        let tags = self.tags.iter().map(|one| (Kind::Tag, &one.origin));
        let tasks = self.tasks.iter().map(|one| (Kind::Task, &one.task.origin));
        projects.chain(tags).chain(tasks)
    }
}

/// A task with the one project and the one parent that it gets.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The task. Its links to tags are such that lead somewhere.
    pub task: Task,
    /// Its project.
    pub project: Option<Target>,
    /// Its parent.
    pub parent: Option<Target>,
    /// What it names and is not there, and would be linked to.
    pub missing: Vec<(Kind, String)>,
}

/// What a link leads to.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its id here.
    pub id: Uuid,
    /// Its id in the source.
    pub external_id: String,
}

/// Checks a snapshot, whose times are read in the owner's zone.
#[must_use]
pub fn check(mut snapshot: Snapshot, imported: &Imported, zone: Tz) -> (Checked, Vec<Finding>) {
    reading::note(&mut snapshot);
    let mut ids = imported.ids.clone();
    let projects = snapshot.projects.iter().map(|one| (Kind::Project, &one.origin));
    let tags = snapshot.tags.iter().map(|one| (Kind::Tag, &one.origin));
    let tasks = snapshot.tasks.iter().map(|one| (Kind::Task, &one.origin));
    for (kind, origin) in projects.chain(tags).chain(tasks) {
        ids.insert((kind, origin.external_id.clone()), origin.id);
    }
    let deciding = Deciding::new(&snapshot, &imported.decided, zone);
    for project in &mut snapshot.projects {
        project.origin.decisions = Decided::alone(&project.origin).json();
    }
    snapshot.tags.iter_mut().for_each(|tag| deciding.note_tag(tag));
    let mut checker = Checker { ids, deciding, findings: Vec::new() };
    let mut checked = Checked {
        projects: snapshot.projects,
        tags: snapshot.tags,
        tasks: checker.place(snapshot.tasks),
    };
    checker.fit(&mut checked);
    (checked, checker.findings)
}

struct Checker<'k> {
    ids: BTreeMap<(Kind, String), Uuid>,
    deciding: Deciding<'k>,
    findings: Vec<Finding>,
}

/// The codes of links to one kind of record.
struct Codes {
    kind: Kind,
    unresolved: &'static str,
    in_trash: &'static str,
    extra: &'static str,
}

const PROJECT: Codes = Codes {
    kind: Kind::Project,
    unresolved: "project_unresolved",
    in_trash: "project_in_trash",
    extra: "extra_projects",
};
const PARENT: Codes = Codes {
    kind: Kind::Task,
    unresolved: "parent_unresolved",
    in_trash: "parent_in_trash",
    extra: "two_parents",
};
const LINKED_TAG: Codes =
    Codes { kind: Kind::Tag, unresolved: "tag_unresolved", in_trash: "tag_in_trash", extra: "" };

impl Checker<'_> {
    fn warn(&mut self, kind: Kind, record: &str, code: &'static str, value: &str, reason: String) {
        let finding = Finding::new(Severity::Warning, kind, record, code, reason);
        self.findings.push(finding.at("", value));
    }

    /// The links that lead somewhere; the others are reported.
    fn resolved(&mut self, task: &str, codes: &Codes, targets: &[String]) -> Vec<String> {
        let mut resolved = Vec::new();
        for target in targets {
            if self.ids.contains_key(&(codes.kind, target.clone())) {
                resolved.push(target.clone());
                continue;
            }
            let kind = codes.kind;
            let (code, why) = match self.deciding.left_out(target) {
                Some(LeftOut::Trashed) => (codes.in_trash, "is in the trash"),
                Some(LeftOut::Rejected) => (codes.unresolved, "could not be read"),
                None => {
                    (codes.unresolved, "is not in the file: in the trash, not shared, or elsewhere")
                }
            };
            let reason = format!("the {kind} that it names {why}; the link was left out");
            self.warn(Kind::Task, task, code, target, reason);
        }
        resolved
    }

    /// The first link that leads somewhere; all others are reported. What is left out there, and is here all the
    /// same, is taken where there is nothing else.
    fn first(&mut self, task: &str, codes: &Codes, targets: &[String]) -> Option<String> {
        let mut resolved = self.resolved(task, codes, targets);
        resolved.sort_by_key(|target| self.deciding.is_gone(codes.kind, target));
        let mut resolved = resolved.into_iter();
        let first = resolved.next()?;
        for further in resolved {
            let reason = format!(
                "a task has one {}; the first was taken",
                match codes.kind {
                    Kind::Task => "parent",
                    _ => "project",
                }
            );
            self.warn(Kind::Task, task, codes.extra, &further, reason);
        }
        Some(first)
    }

    /// Gives tasks that name no parent those that name them as their parts, and tells which tasks these are.
    fn adopt(&self, tasks: &mut [Task]) -> BTreeSet<String> {
        let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for task in tasks.iter().filter(|task| !self.deciding.is_older(&task.origin)) {
            for child in &task.children {
                named.entry(child.clone()).or_default().push(task.origin.external_id.clone());
            }
        }
        let mut adopted = BTreeSet::new();
        for task in tasks.iter_mut().filter(|task| task.parents.is_empty()) {
            let id = &task.origin.external_id;
            let before = || self.deciding.lister(id).into_iter().collect();
            task.parents = named.remove(id).unwrap_or_else(before);
            if !task.parents.is_empty() {
                adopted.insert(id.clone());
            }
        }
        adopted
    }

    fn place(&mut self, mut tasks: Vec<Task>) -> Vec<Placed> {
        let adopted = self.adopt(&mut tasks);
        let mut parents = BTreeMap::new();
        let mut missing = Vec::new();
        for task in &mut tasks {
            let id = task.origin.external_id.clone();
            let parent = self.first(&id, &PARENT, &task.parents);
            let linked = self.resolved(&id, &LINKED_TAG, &task.tag_links);
            let tags = std::mem::replace(&mut task.tag_links, linked);
            missing.push(Self::missing(task, parent.is_some(), tags));
            parents.extend(parent.map(|parent| (id, parent)));
        }
        self.add_others(&mut parents);
        let whole: BTreeSet<String> = parents.keys().cloned().collect();
        self.cut_cycles(&mut parents);
        let levels = self.flatten(&tasks, &mut parents);
        let mut placed: Vec<Placed> = tasks
            .into_iter()
            .zip(missing)
            .map(|(task, mut missing)| {
                let id = &task.origin.external_id;
                let project = self.first(id, &PROJECT, &task.projects);
                if project.is_none() {
                    missing.extend(task.projects.iter().map(|page| (Kind::Project, page.clone())));
                }
                let is_cut = whole.contains(id) && !parents.contains_key(id);
                let is_adopted = adopted.contains(id);
                let project = self.target(Kind::Project, project);
                let parent = self.target(Kind::Task, parents.get(id).cloned());
                let mut placed = Placed { task, project, parent, missing };
                self.deciding.note_task(&mut placed, is_adopted, is_cut);
                placed
            })
            .collect();
        placed.sort_by_key(|placed| levels.get(&placed.task.origin.external_id).copied());
        placed
    }

    /// Adds the parents of tasks of which the file says nothing new: circles and levels are those of all tasks.
    fn add_others(&self, parents: &mut BTreeMap<String, String>) {
        for (task, parent) in self.deciding.other_parents() {
            if let Some(parent) = parent {
                parents.insert(task.to_owned(), parent.to_owned());
            } else {
                parents.remove(task);
            }
        }
    }

    /// The parents and tags that are not there. Where there is one parent, no other is waited for.
    fn missing(task: &Task, has_parent: bool, tags: Vec<String>) -> Vec<(Kind, String)> {
        let parents = task.parents.iter().filter(|_| !has_parent);
        let parents = parents.map(|page| (Kind::Task, page.clone()));
        let tags = tags.into_iter().filter(|page| !task.tag_links.contains(page));
        parents.chain(tags.map(|page| (Kind::Tag, page))).collect()
    }

    fn target(&self, kind: Kind, external_id: Option<String>) -> Option<Target> {
        let external_id = external_id?;
        let id = *self.ids.get(&(kind, external_id.clone()))?;
        Some(Target { id, external_id })
    }

    /// Cuts each circle of parents at the page with the smallest id.
    fn cut_cycles(&mut self, parents: &mut BTreeMap<String, String>) {
        let mut seen = BTreeSet::new();
        let starts: Vec<String> = parents.keys().cloned().collect();
        for start in starts {
            let mut path: Vec<String> = Vec::new();
            let mut next = Some(start);
            while let Some(id) = next.filter(|id| !seen.contains(id)) {
                next = parents.get(&id).cloned();
                seen.insert(id.clone());
                let closes = next
                    .as_ref()
                    .and_then(|next| path.iter().chain([&id]).position(|earlier| earlier == next));
                path.push(id);
                if let Some(place) = closes {
                    self.cut(path.get(place..).unwrap_or_default(), parents);
                    break;
                }
            }
        }
    }

    fn cut(&mut self, circle: &[String], parents: &mut BTreeMap<String, String>) {
        let Some(smallest) = circle.iter().min() else {
            return;
        };
        parents.remove(smallest);
        for id in circle {
            let reason = format!("it is a part of itself; the circle was cut at {smallest}");
            self.warn(Kind::Task, id, "parent_cycle", smallest, reason);
        }
    }

    /// Makes tasks that are nested too deeply top-level ones, and tells the level of each. What is below
    /// them stays there.
    fn flatten(
        &mut self,
        tasks: &[Task],
        parents: &mut BTreeMap<String, String>,
    ) -> BTreeMap<String, usize> {
        let mut levels: BTreeMap<String, usize> = BTreeMap::new();
        for task in tasks {
            // From the task up to the first one whose level is known, then down again.
            let mut path = vec![task.origin.external_id.clone()];
            while let Some(parent) = path.last().and_then(|id| parents.get(id)) {
                path.push(parent.clone());
                if levels.contains_key(parent) {
                    break;
                }
            }
            for id in path.into_iter().rev() {
                if levels.contains_key(&id) {
                    continue;
                }
                let above = parents.get(&id).and_then(|parent| levels.get(parent));
                let mut level = above.map_or(1, |above| above + 1);
                if level > LEVELS {
                    let parent = parents.remove(&id).unwrap_or_default();
                    let reason = format!("subtasks have {LEVELS} levels; it stands alone now");
                    self.warn(Kind::Task, &id, "too_deep", &parent, reason);
                    level = 1;
                }
                levels.insert(id, level);
            }
        }
        levels
    }

    /// Cuts texts that the database would refuse.
    fn fit(&mut self, checked: &mut Checked) {
        for project in &mut checked.projects {
            let id = project.origin.external_id.clone();
            self.shorten(Kind::Project, &id, "title", Some(&mut project.title), TITLE);
            let description = project.description.as_mut();
            self.shorten(Kind::Project, &id, "description", description, DESCRIPTION);
        }
        for tag in &mut checked.tags {
            let id = tag.origin.external_id.clone();
            self.shorten(Kind::Tag, &id, "name", Some(&mut tag.name), TAG);
        }
        for Placed { task, .. } in &mut checked.tasks {
            let id = task.origin.external_id.clone();
            self.shorten(Kind::Task, &id, "title", Some(&mut task.title), TITLE);
            let description = task.description.as_mut();
            self.shorten(Kind::Task, &id, "description", description, DESCRIPTION);
            for tag in &mut task.tag_names {
                self.shorten(Kind::Task, &id, "tag", Some(&mut tag.name), TAG);
            }
        }
    }

    fn shorten(
        &mut self,
        kind: Kind,
        record: &str,
        what: &str,
        text: Option<&mut String>,
        most: usize,
    ) {
        let Some(text) = text else {
            return;
        };
        let Some((end, _)) = text.char_indices().nth(most) else {
            return;
        };
        text.truncate(end);
        let reason =
            format!("the {what} was cut after {most} characters; the original is kept whole");
        self.warn(kind, record, "too_long", "", reason);
    }
}
