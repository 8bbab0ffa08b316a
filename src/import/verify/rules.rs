//! Layer four: what must hold of every record, whatever the source says. The database refuses most of
//! this; it is asked all the same, for a constraint may have been taken away.

use super::here::{Here, Shape};
use super::report::{Changed, Difference, Layer, Side, Verification};
use crate::entity::TaskStatus;
use crate::fold::tag_key;
use crate::import::snapshot::Kind;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

/// How deep subtasks may be nested, the top level included.
const LEVELS: usize = 5;

/// Judges everything that is here.
pub(super) fn judge(here: &Here, verification: &mut Verification) {
    let mut judge = Judge { here, names: here.names(), differences: Vec::new() };
    let mut tasks: Vec<&Shape> = here.tasks.values().filter(|it| it.deleted_at.is_none()).collect();
    tasks.sort_by_key(|task| task.id);
    judge.links_lead_somewhere(&tasks);
    for task in &tasks {
        judge.dates(task);
        judge.completion(task);
    }
    judge.levels(&tasks);
    judge.tags();
    judge.references();
    let (all, tags) = (tasks.len(), here.live_tags.len());
    let checked = [
        ("links to nothing", all),
        ("dates", all),
        ("status and completion", all),
        ("levels of subtasks", all),
        ("one tag for a name", tags),
        ("one reference a record", here.references.len()),
        ("originals", here.references.len()),
    ];
    for (rule, checked) in checked {
        verification.row(Layer::Rules, rule, checked, checked);
    }
    verification.differences.append(&mut judge.differences);
}

struct Judge<'a> {
    here: &'a Here,
    names: HashMap<Uuid, &'a str>,
    differences: Vec<Difference>,
}

impl Judge<'_> {
    fn links_lead_somewhere(&mut self, tasks: &[&Shape]) {
        const RULE: &str = "links to nothing";
        for task in tasks {
            if let Some(id) = task.project_id.filter(|id| !self.here.projects.contains_key(id)) {
                self.breaks(RULE, Kind::Task, task.id, "orphan", "project", id.to_string());
            }
            let parent = task.parent_id.map(|id| (id, self.here.tasks.get(&id)));
            let (code, id) = match parent {
                Some((id, None)) => ("orphan", id),
                Some((id, Some(parent))) if parent.deleted_at.is_some() => ("parent_in_trash", id),
                _ => continue,
            };
            self.breaks(RULE, Kind::Task, task.id, code, "parent", id.to_string());
        }
        let mut links: Vec<(Uuid, Uuid)> = Vec::new();
        for (task, tags) in &self.here.links {
            links.extend(tags.iter().map(|tag| (*task, *tag)));
        }
        links.sort_unstable();
        for (task, tag) in links {
            if !self.here.tags.contains_key(&tag) || !self.here.tasks.contains_key(&task) {
                self.breaks(RULE, Kind::Task, task, "orphan", "tag", tag.to_string());
            }
        }
    }

    fn dates(&mut self, task: &Shape) {
        let Some(due_at) = task.due_at else {
            return;
        };
        let day = due_at.with_timezone(&self.here.zone).date_naive();
        if task.due_date != Some(day) {
            let is = task.due_date.map_or_else(|| "none".to_owned(), |day| day.to_string());
            let value = format!("{is}, but the time is on {day}");
            self.breaks("dates", Kind::Task, task.id, "due_day", "due_date", value);
        }
    }

    fn completion(&mut self, task: &Shape) {
        if (task.status == TaskStatus::Done) == task.completed_at.is_some() {
            return;
        }
        let value = format!("{} {:?}", task.status.label(), task.completed_at);
        let (rule, field) = ("status and completion", "completed_at");
        self.breaks(rule, Kind::Task, task.id, "completion", field, value);
    }

    /// Circles, and levels below the last that there is. One task at a time up to one that is known.
    fn levels(&mut self, tasks: &[&Shape]) {
        const RULE: &str = "levels of subtasks";
        let mut levels: HashMap<Uuid, usize> = HashMap::new();
        for task in tasks {
            let mut path: Vec<Uuid> = Vec::new();
            let mut on_path = HashSet::new();
            let mut next = Some(task.id);
            let mut closes = None;
            while let Some(id) = next.filter(|id| !levels.contains_key(id)) {
                if !on_path.insert(id) {
                    closes = Some(id);
                    break;
                }
                path.push(id);
                next = self.here.tasks.get(&id).and_then(|task| task.parent_id);
            }
            if let Some(start) = closes {
                let circle = path.iter().skip_while(|id| **id != start);
                for id in circle.copied().collect::<Vec<_>>() {
                    let value = "it is a part of itself".to_owned();
                    self.breaks(RULE, Kind::Task, id, "cycle", "parent", value);
                }
            }
            // A circle has no level; what hangs on it is counted from there.
            let mut level = next
                .filter(|_| closes.is_none())
                .map_or(0, |id| levels.get(&id).copied().unwrap_or_default());
            for id in path.into_iter().rev() {
                level += 1;
                levels.insert(id, level);
                if level > LEVELS && closes.is_none() {
                    let value = format!("level {level}");
                    self.breaks(RULE, Kind::Task, id, "too_deep", "parent", value);
                }
            }
        }
    }

    fn tags(&mut self) {
        const RULE: &str = "one tag for a name";
        let mut by_name: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
        for tag in self.here.tags.values().filter(|tag| tag.deleted_at.is_none()) {
            by_name.entry(tag_key(&tag.name)).or_default().push(tag.id);
        }
        for (key, mut ids) in by_name {
            ids.sort_unstable();
            for id in &ids {
                let kept = self.here.tags.get(id).map(|tag| tag.key.clone()).unwrap_or_default();
                if ids.len() > 1 {
                    let value = format!("{} tags are {key:?}", ids.len());
                    self.breaks(RULE, Kind::Tag, *id, "duplicate_tag", "name", value);
                } else if kept != key {
                    self.breaks(RULE, Kind::Tag, *id, "tag_key", "key", kept);
                }
            }
        }
    }

    fn references(&mut self) {
        let mut records: HashMap<Uuid, usize> = HashMap::new();
        // Several pages may be one tag.
        let single = self.here.references.values().filter(|one| one.kind != Kind::Tag);
        for reference in single {
            *records.entry(reference.record).or_default() += 1;
        }
        for (external_id, reference) in &self.here.references {
            if let Some(times @ 2..) = records.get(&reference.record) {
                let value = format!("{times} references name {}", reference.record);
                let (rule, code) = ("one reference a record", "duplicate_reference");
                self.breaks_there(rule, reference.kind, external_id, code, "reference", value);
            }
            if !reference.is_sound {
                let value = "its hash is another".to_owned();
                let rule = "originals";
                self.breaks_there(rule, reference.kind, external_id, "original", "original", value);
            }
        }
    }

    fn breaks(
        &mut self,
        rule: &'static str,
        kind: Kind,
        id: Uuid,
        code: &'static str,
        field: &str,
        value: String,
    ) {
        let name = self.names.get(&id).map_or_else(|| id.to_string(), |&name| name.to_owned());
        let title = self.here.title(kind, id);
        let version = self.here.state(kind, id).map(|state| state.version);
        let imported = self.here.references.get(&name).map(|reference| reference.version);
        let here = imported.is_some() && imported != version;
        self.differences.push(Difference {
            layer: Layer::Rules,
            row: rule,
            kind,
            record: name,
            title,
            code,
            field: field.to_owned(),
            sides: Side { source: None, here: Some(value) },
            changed: Changed { here, there: false },
        });
    }

    fn breaks_there(
        &mut self,
        rule: &'static str,
        kind: Kind,
        external_id: &str,
        code: &'static str,
        field: &str,
        value: String,
    ) {
        self.differences.push(Difference {
            layer: Layer::Rules,
            row: rule,
            kind,
            record: external_id.to_owned(),
            title: String::new(),
            code,
            field: field.to_owned(),
            sides: Side { source: None, here: Some(value) },
            changed: Changed::default(),
        });
    }
}
