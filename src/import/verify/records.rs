//! Layers one and three: whether every record is there, and each of its fields as it should be.

use super::here::{Here, Reference, State};
use super::json::hex;
use super::report::{Changed, Difference, Layer, Side, Verification};
use super::values::{self, TaskRow, Values, fingerprint};
use crate::error::Result;
use crate::import::check::{Checked, Placed};
use crate::import::snapshot::{Kind, LeftOut, Origin};
use crate::tables::tasks;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use futures_util::TryStreamExt;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};
use uuid::Uuid;

/// A record of the source: its kind, where it came from, and what it is called.
#[derive(Clone, Copy)]
struct Expected<'a> {
    kind: Kind,
    origin: &'a Origin,
    title: &'a str,
}

/// A record that should be here: its hash, and that of what is here.
type Hashes = ([u8; 32], Option<[u8; 32]>);

/// The comparison of records.
pub(super) struct Records<'a> {
    here: &'a Here,
    checked: &'a Checked,
    hashes: BTreeMap<(Kind, &'a str), Hashes>,
    differences: Vec<Difference>,
}

impl<'a> Records<'a> {
    pub(super) fn new(here: &'a Here, checked: &'a Checked) -> Self {
        Self { here, checked, hashes: BTreeMap::new(), differences: Vec::new() }
    }

    /// Compares the texts of tasks, one row after the other: they are never here all at once.
    pub(super) async fn compare_tasks(&mut self, connection: &mut AsyncPgConnection) -> Result<()> {
        let by_id: HashMap<Uuid, &Placed> =
            self.checked.tasks.iter().map(|placed| (placed.task.origin.id, placed)).collect();
        let ids: Vec<Uuid> = by_id.keys().copied().collect();
        let mut rows = tasks::table
            .filter(tasks::id.eq_any(ids))
            .filter(tasks::deleted_at.is_null())
            .select((
                tasks::id,
                tasks::title,
                tasks::description,
                tasks::status,
                tasks::priority,
                tasks::due_date,
                tasks::due_at,
                tasks::scheduled_date,
                tasks::completed_at,
                tasks::energy,
                tasks::time_estimate,
                tasks::source,
                tasks::created_at,
                tasks::updated_at,
            ))
            .load_stream::<TaskRow>(connection)
            .await?;
        while let Some(row) = rows.try_next().await? {
            if let Some(placed) = by_id.get(&row.id) {
                let task = &placed.task;
                let (mut should, is) = (values::of_task(task, self.here.zone), row.values());
                if let Some(guess) = self.here.guess(&task.origin) {
                    values::guessed(task, &mut should, &is, guess);
                }
                let title = task.title.as_str();
                let expected = Expected { kind: Kind::Task, origin: &task.origin, title };
                self.compare(expected, &should, &is);
            }
        }
        Ok(())
    }

    /// Adds everything to the report.
    pub(super) fn report(
        mut self,
        left_out: &BTreeMap<String, LeftOut>,
        verification: &mut Verification,
    ) {
        self.compare_projects();
        self.compare_tags();
        for expected in self.expected() {
            self.look(expected);
        }
        self.look_for_more(left_out);
        for kind in [Kind::Project, Kind::Tag, Kind::Task] {
            let expected = self.expected().filter(|one| one.kind == kind).count();
            let live = |one: &&Reference| {
                one.kind == kind && self.state(one.kind, one.record).is_some_and(|it| it.is_live)
            };
            let here = self.here.references.values().filter(live).count();
            verification.count(Layer::Counts, kind.plural(), expected, here);
            let hashes = || self.hashes.iter().filter(|((of, _), _)| *of == kind);
            let compared = hashes().filter(|(_, (_, is))| is.is_some()).count();
            verification.row(Layer::Fields, kind.plural(), expected, compared);
            let digest = |side: fn(&Hashes) -> Option<[u8; 32]>| {
                let mut hash = Sha256::new();
                for ((_, id), hashes) in hashes() {
                    hash.update(id.as_bytes());
                    hash.update(side(hashes).unwrap_or_default());
                }
                hash.finalize().into()
            };
            let sides = [digest(|(should, _)| Some(*should)), digest(|(_, is)| *is)];
            verification.fingerprints.insert(kind, sides);
        }
        verification.differences.extend(self.differences);
    }

    fn state(&self, kind: Kind, id: Uuid) -> Option<State> {
        self.here.state(kind, id)
    }

    fn expected(&self) -> impl Iterator<Item = Expected<'a>> + use<'a> {
        let Checked { projects, tags, tasks } = self.checked;
        let of = |kind, origin, title| Expected { kind, origin, title };
        let projects = projects.iter().map(move |one| of(Kind::Project, &one.origin, &*one.title));
        let tags = tags.iter().map(move |one| of(Kind::Tag, &one.origin, &*one.name));
        let tasks = tasks.iter().map(move |one| of(Kind::Task, &one.task.origin, &*one.task.title));
        projects.chain(tags).chain(tasks)
    }

    fn compare_projects(&mut self) {
        let checked = self.checked;
        for project in &checked.projects {
            let (origin, title) = (&project.origin, project.title.as_str());
            let should = values::of_project(project);
            let expected = Expected { kind: Kind::Project, origin, title };
            match self.here.projects.get(&origin.id) {
                Some(row) if row.deleted_at.is_none() => {
                    self.compare(expected, &should, &values::of_project_row(row));
                }
                _ => self.hash(expected, &should, None),
            }
        }
    }

    fn compare_tags(&mut self) {
        let checked = self.checked;
        for tag in &checked.tags {
            let (origin, title) = (&tag.origin, tag.name.as_str());
            let id = self.here.became(&origin.external_id).unwrap_or(origin.id);
            let expected = Expected { kind: Kind::Tag, origin, title };
            let (mut should, is) = (values::of_tag(tag), self.here.tags.get(&id));
            let mut is = is.filter(|row| row.deleted_at.is_none()).map(values::of_tag_row);
            if id != origin.id {
                // It is another page's tag, or was here before: they have its name in common.
                should.retain(|(field, _)| *field == "key");
                if let Some(is) = &mut is {
                    is.retain(|(field, _)| *field == "key");
                }
            }
            match is {
                Some(is) => self.compare(expected, &should, &is),
                None => self.hash(expected, &should, None),
            }
        }
    }

    fn hash(&mut self, expected: Expected<'a>, should: &Values, is: Option<&Values>) {
        let hashes = (fingerprint(should), is.map(fingerprint));
        self.hashes.insert((expected.kind, expected.origin.external_id.as_str()), hashes);
    }

    fn compare(&mut self, expected: Expected<'a>, should: &Values, is: &Values) {
        let mut should = values::timed(should, is);
        if self.here.again.contains(&expected.origin.external_id) {
            values::touch(&mut should, is, self.here.is_settled(expected.origin));
        }
        let should = &should;
        self.hash(expected, should, Some(is));
        let key = (expected.kind, expected.origin.external_id.as_str());
        if self.hashes.get(&key).is_some_and(|(should, is)| Some(*should) == *is) {
            return;
        }
        for ((field, should), (_, is)) in should.iter().zip(is) {
            if should != is {
                let sides = Side::both(should.as_deref(), is.as_deref());
                self.differ(expected, "differs", field, sides);
            }
        }
    }

    /// Whether a record is there, and what is remembered of it.
    fn look(&mut self, expected: Expected<'a>) {
        let Expected { kind, origin, .. } = expected;
        let here = self.here;
        let reference = here.references.get(&origin.external_id);
        let id = match (kind, reference) {
            (Kind::Tag, Some(reference)) => reference.record,
            _ => origin.id,
        };
        let state = self.state(kind, id);
        if !self.hashes.contains_key(&(kind, origin.external_id.as_str())) {
            // What is not there has no row that would have been compared.
            self.hashes.insert((kind, &origin.external_id), ([0; 32], None));
        }
        let code = match (reference, state) {
            (None, None) => "missing",
            (Some(_), None) => "purged",
            (_, Some(State { is_live: false, .. })) => "in_trash",
            (None, Some(_)) => "unreferenced",
            (Some(one), Some(_)) if one.kind != kind || one.record != id => "misdirected",
            (Some(reference), Some(_)) => return self.look_at_original(expected, reference),
        };
        self.differ(expected, code, "", Side::NONE);
    }

    fn look_at_original(&mut self, expected: Expected<'a>, reference: &Reference) {
        let origin = expected.origin;
        if reference.hash != origin.hash {
            let [should, is] = [&origin.hash[..], &reference.hash].map(hex);
            self.differ(expected, "differs", "original", Side::both(Some(&should), Some(&is)));
        }
        if origin.url != reference.url {
            let sides = Side::both(origin.url.as_deref(), reference.url.as_deref());
            self.differ(expected, "differs", "url", sides);
        }
    }

    /// Records that are said to come from the source, which has none of them.
    fn look_for_more(&mut self, left_out: &BTreeMap<String, LeftOut>) {
        let expected: BTreeMap<&str, Kind> =
            self.expected().map(|one| (one.origin.external_id.as_str(), one.kind)).collect();
        for (id, reference) in &self.here.references {
            let state = self.state(reference.kind, reference.record);
            let Some(state) = state.filter(|it| it.is_live && !expected.contains_key(&**id)) else {
                continue;
            };
            let there = left_out.get(id).map(|why| match why {
                LeftOut::Trashed => "in the trash".to_owned(),
                LeftOut::Rejected => "unreadable".to_owned(),
            });
            self.differences.push(Difference {
                layer: Layer::Fields,
                row: reference.kind.plural(),
                kind: reference.kind,
                record: id.clone(),
                title: self.here.title(reference.kind, reference.record),
                code: "extra",
                field: String::new(),
                sides: Side { source: there, here: Some(reference.record.to_string()) },
                changed: Changed { here: state.version != reference.version, there: false },
            });
        }
    }

    fn differ(
        &mut self,
        expected: Expected<'a>,
        code: &'static str,
        field: &'static str,
        sides: Side,
    ) {
        let Expected { kind, origin, title } = expected;
        self.differences.push(Difference {
            layer: Layer::Fields,
            row: kind.plural(),
            kind,
            record: origin.external_id.clone(),
            title: title.to_owned(),
            code,
            field: field.to_owned(),
            sides,
            changed: self.here.changed(kind, origin),
        });
    }
}
