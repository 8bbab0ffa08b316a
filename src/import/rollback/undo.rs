//! Carries a plan out: what is restored first, then what is removed, then what was remembered of both.

use super::Kept;
use super::plan::{Facts, Plan, Write};
use crate::error::Result;
use crate::import::image::{Image, ProjectImage, TagImage, TaskImage, tags_of};
use crate::import::kind::label;
use crate::import::runs::{ImportState, Run};
use crate::import::snapshot::Kind;
use crate::query::enumeration::Maybe;
use crate::tables::{external_refs, import_runs, import_writes, projects, tags, task_tags, tasks};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeSet, HashMap, HashSet};
use uuid::Uuid;

/// How many ids or links are sent in one statement.
const CHUNK: usize = 10_000;

/// One who takes an import back.
pub(super) struct Undo<'c> {
    connection: &'c mut AsyncPgConnection,
    run: i32,
    source: String,
}

/// Records that links may lead to.
struct Targets(HashSet<(Kind, Uuid)>);

impl Targets {
    fn of(&self, kind: Kind, id: Option<Uuid>) -> Option<Uuid> {
        id.filter(|id| self.0.contains(&(kind, *id)))
    }
}

macro_rules! titles {
    ($connection:expr, $table:ident, $title:ident, $ids:expr) => {
        $table::table
            .filter($table::id.eq_any($ids))
            .select(($table::id, $table::$title))
            .load::<(Uuid, String)>($connection)
            .await?
    };
}

macro_rules! delete {
    ($connection:expr, $table:ident, $ids:expr) => {
        diesel::delete($table::table.filter($table::id.eq_any($ids))).execute($connection).await?
    };
}

macro_rules! live {
    ($connection:expr, $table:ident, $ids:expr) => {
        $table::table
            .filter($table::id.eq_any($ids))
            .filter($table::deleted_at.is_null())
            .select($table::id)
            .load::<Uuid>($connection)
            .await?
    };
}

impl<'c> Undo<'c> {
    pub(super) fn new(connection: &'c mut AsyncPgConnection, run: &Run) -> Self {
        Self { connection, run: run.id, source: run.source.clone() }
    }

    /// How things are; what the import wrote stays so until the end.
    pub(super) async fn look(&mut self, writes: &[Write]) -> Result<Facts> {
        let mut facts = Facts::default();
        let ids = |kind: Kind| -> Vec<Uuid> {
            let of_kind = writes.iter().filter(|write| write.kind == kind);
            of_kind.map(|write| write.record).collect()
        };
        // Tasks by id, then tags by key, as everyone locks them.
        for kind in [Kind::Task, Kind::Tag, Kind::Project] {
            self.hold(kind, &ids(kind)).await?;
            let versions = self.versions(kind, &ids(kind)).await?;
            facts.versions.extend(versions.into_iter().map(|(id, version)| ((kind, id), version)));
        }
        let records: Vec<Uuid> = writes.iter().map(|write| write.record).collect();
        let later: Vec<(Uuid, Option<i32>)> = import_writes::table
            .filter(import_writes::run_id.gt(self.run))
            .filter(import_writes::record_id.eq_any(&records))
            .group_by(import_writes::record_id)
            .select((import_writes::record_id, max(import_writes::run_id)))
            .load(self.connection)
            .await?;
        facts.later = later.into_iter().filter_map(|(id, run)| Some((id, run?))).collect();
        self.look_at_links(writes, &mut facts).await?;
        Ok(facts)
    }

    /// Who names what this import made.
    async fn look_at_links(&mut self, writes: &[Write], facts: &mut Facts) -> Result<()> {
        let made = |kind: Kind| -> Vec<Uuid> {
            let made = writes.iter().filter(|write| write.is_new && write.kind == kind);
            made.map(|write| write.record).collect()
        };
        let in_projects: Vec<(Uuid, Option<Uuid>)> = tasks::table
            .filter(tasks::project_id.eq_any(made(Kind::Project)))
            .select((tasks::id, tasks::project_id))
            .load(self.connection)
            .await?;
        let below: Vec<(Uuid, Option<Uuid>)> = tasks::table
            .filter(tasks::parent_id.eq_any(made(Kind::Task)))
            .select((tasks::id, tasks::parent_id))
            .load(self.connection)
            .await?;
        let tagged: Vec<(Uuid, Uuid)> = task_tags::table
            .filter(task_tags::tag_id.eq_any(made(Kind::Tag)))
            .select((task_tags::task_id, task_tags::tag_id))
            .load(self.connection)
            .await?;
        let named = |kind: Kind| move |(task, id): (Uuid, Option<Uuid>)| Some((task, (kind, id?)));
        facts.named_by.extend(in_projects.into_iter().filter_map(named(Kind::Project)));
        facts.named_by.extend(below.into_iter().filter_map(named(Kind::Task)));
        facts.named_by.extend(tagged.into_iter().map(|(task, tag)| (task, (Kind::Tag, tag))));
        let ours: HashSet<&str> = writes.iter().map(|write| write.external_id.as_str()).collect();
        let references: Vec<(Uuid, String)> = external_refs::table
            .filter(external_refs::record_id.eq_any(made(Kind::Tag)))
            .select((external_refs::record_id, external_refs::external_id))
            .load(self.connection)
            .await?;
        let others = references.into_iter().filter(|(_, id)| !ours.contains(id.as_str()));
        facts.shared.extend(others.map(|(record, _)| record));
        Ok(())
    }

    /// Keeps records from being changed, or named by others, until the end.
    async fn hold(&mut self, kind: Kind, ids: &[Uuid]) -> QueryResult<()> {
        match kind {
            Kind::Task => {
                let these = tasks::table.filter(tasks::id.eq_any(ids)).order(tasks::id);
                these.select(tasks::id).for_update().load::<Uuid>(self.connection).await?;
            }
            Kind::Tag => {
                let these = tags::table.filter(tags::id.eq_any(ids)).order((tags::key, tags::id));
                these.select(tags::id).for_update().load::<Uuid>(self.connection).await?;
            }
            Kind::Project => {
                let these = projects::table.filter(projects::id.eq_any(ids)).order(projects::id);
                these.select(projects::id).for_update().load::<Uuid>(self.connection).await?;
            }
        }
        Ok(())
    }

    async fn versions(&mut self, kind: Kind, ids: &[Uuid]) -> QueryResult<HashMap<Uuid, i32>> {
        macro_rules! versions {
            ($table:ident) => {
                $table::table
                    .filter($table::id.eq_any(ids))
                    .select(($table::id, $table::version))
                    .load::<(Uuid, i32)>(self.connection)
                    .await?
            };
        }
        let rows = match kind {
            Kind::Task => versions!(tasks),
            Kind::Tag => versions!(tags),
            Kind::Project => versions!(projects),
        };
        Ok(rows.into_iter().collect())
    }

    /// Does it, and tells which links could not be made again.
    pub(super) async fn carry_out(&mut self, plan: &Plan<'_>) -> Result<Vec<(Uuid, Kept)>> {
        let losses = self.restore(plan).await?;
        let removed = |kind: Kind| -> Vec<Uuid> {
            plan.removed().filter(|(of, _)| *of == kind).map(|(_, id)| id).collect()
        };
        delete!(self.connection, tasks, removed(Kind::Task));
        delete!(self.connection, tags, removed(Kind::Tag));
        delete!(self.connection, projects, removed(Kind::Project));
        self.remember(plan).await?;
        Ok(losses)
    }

    async fn restore(&mut self, plan: &Plan<'_>) -> Result<Vec<(Uuid, Kept)>> {
        let targets = self.targets(plan).await?;
        let mut losses = Vec::new();
        for write in plan.restored() {
            match &write.before.record {
                Some(Image::Project(image)) => self.restore_project(write.record, image).await?,
                Some(Image::Tag(image)) => self.restore_tag(write.record, image).await?,
                _ => {}
            }
        }
        let tasks: Vec<Uuid> =
            plan.restored().filter(|it| it.kind == Kind::Task).map(|it| it.record).collect();
        self.part(plan, &tasks).await?;
        let mut there = tags_of(self.connection, &tasks).await?;
        for write in plan.restored() {
            let Some(Image::Task(image)) = &write.before.record else {
                continue;
            };
            self.restore_task(write.record, image, &targets).await?;
            let there = there.remove(&write.record).unwrap_or_default();
            self.restore_tags(write, &there, &targets).await?;
            let lost = [(Kind::Project, image.project_id), (Kind::Task, image.parent_id)];
            let tags = write.before.tags.iter().map(|tag| (Kind::Tag, Some(*tag)));
            let lost =
                lost.into_iter().chain(tags).filter(|(kind, id)| *id != targets.of(*kind, *id));
            // Of several it is said once.
            let lost: BTreeSet<&str> = lost
                .map(|(kind, _)| if kind == Kind::Task { "parent" } else { "project or tag" })
                .collect();
            for what in lost {
                let reason = format!("it is as it was, but for a {what} that is not there now");
                losses.push((write.record, write.kept(reason)));
            }
        }
        Ok(losses)
    }

    /// What restored tasks may be linked to: what is live, and stays.
    async fn targets(&mut self, plan: &Plan<'_>) -> Result<Targets> {
        let mut wanted: HashMap<Kind, BTreeSet<Uuid>> = HashMap::new();
        for write in plan.restored() {
            wanted.entry(Kind::Tag).or_default().extend(&write.before.tags);
            if let Some(Image::Task(image)) = &write.before.record {
                wanted.entry(Kind::Project).or_default().extend(image.project_id);
                wanted.entry(Kind::Task).or_default().extend(image.parent_id);
            }
        }
        let going: HashSet<(Kind, Uuid)> = plan.removed().collect();
        let mut targets = HashSet::new();
        for (kind, ids) in wanted {
            let live = match kind {
                Kind::Project => live!(self.connection, projects, ids),
                Kind::Tag => live!(self.connection, tags, ids),
                Kind::Task => live!(self.connection, tasks, ids),
            };
            targets.extend(live.into_iter().map(|id| (kind, id)));
        }
        targets.retain(|record| !going.contains(record));
        Ok(Targets(targets))
    }

    async fn restore_project(&mut self, id: Uuid, image: &ProjectImage) -> QueryResult<()> {
        diesel::update(projects::table.find(id))
            .set((
                projects::title.eq(&image.title),
                projects::description.eq(&image.description),
                projects::status.eq(image.status),
                projects::color.eq(&image.color),
                projects::icon.eq(&image.icon),
                projects::created_at.eq(image.created_at),
                projects::updated_at.eq(image.updated_at),
            ))
            .execute(self.connection)
            .await?;
        Ok(())
    }

    async fn restore_tag(&mut self, id: Uuid, image: &TagImage) -> QueryResult<()> {
        diesel::update(tags::table.find(id))
            .set((
                tags::name.eq(&image.name),
                tags::key.eq(&image.key),
                tags::color.eq(&image.color),
                tags::created_at.eq(image.created_at),
                tags::updated_at.eq(image.updated_at),
            ))
            .execute(self.connection)
            .await?;
        Ok(())
    }

    /// Takes tasks that get another parent from the one that they have: on the way from one tree to
    /// the other there may be a circle.
    async fn part(&mut self, plan: &Plan<'_>, tasks: &[Uuid]) -> Result<()> {
        let now: Vec<(Uuid, Option<Uuid>)> = tasks::table
            .filter(tasks::id.eq_any(tasks))
            .select((tasks::id, tasks::parent_id))
            .load(self.connection)
            .await?;
        let now: HashMap<Uuid, Option<Uuid>> = now.into_iter().collect();
        let moved = plan.restored().filter_map(|write| match &write.before.record {
            Some(Image::Task(image)) => {
                let parent = now.get(&write.record).copied().flatten();
                Some(write.record).filter(|_| parent.is_some() && parent != image.parent_id)
            }
            _ => None,
        });
        let moved: Vec<Uuid> = moved.collect();
        diesel::update(tasks::table.filter(tasks::id.eq_any(moved)))
            .set((tasks::parent_id.eq(None::<Uuid>), tasks::updated_at.eq(tasks::updated_at)))
            .execute(self.connection)
            .await?;
        Ok(())
    }

    async fn restore_task(
        &mut self,
        id: Uuid,
        image: &TaskImage,
        targets: &Targets,
    ) -> QueryResult<()> {
        diesel::update(tasks::table.find(id))
            .set((
                tasks::title.eq(&image.title),
                tasks::description.eq(&image.description),
                tasks::status.eq(image.status),
                tasks::priority.eq(image.priority),
                tasks::due_date.eq(image.due_date),
                tasks::due_at.eq(image.due_at),
                tasks::scheduled_date.eq(image.scheduled_date),
                tasks::completed_at.eq(image.completed_at),
                tasks::energy.eq(Maybe(image.energy)),
                tasks::time_estimate.eq(Maybe(image.time_estimate)),
                tasks::source.eq(&image.source),
                tasks::project_id.eq(targets.of(Kind::Project, image.project_id)),
                tasks::parent_id.eq(targets.of(Kind::Task, image.parent_id)),
                image.position.as_ref().map(|place| tasks::position.eq(place)),
                tasks::created_at.eq(image.created_at),
                tasks::updated_at.eq(image.updated_at),
            ))
            .execute(self.connection)
            .await?;
        Ok(())
    }

    async fn restore_tags(
        &mut self,
        write: &Write,
        there: &BTreeSet<Uuid>,
        targets: &Targets,
    ) -> QueryResult<()> {
        let wanted = write.before.tags.iter().copied();
        let wanted: BTreeSet<Uuid> =
            wanted.filter(|tag| targets.of(Kind::Tag, Some(*tag)).is_some()).collect();
        let superfluous: Vec<Uuid> = there.difference(&wanted).copied().collect();
        let of_it = task_tags::table.filter(task_tags::task_id.eq(write.record));
        diesel::delete(of_it.filter(task_tags::tag_id.eq_any(superfluous)))
            .execute(self.connection)
            .await?;
        let missing = wanted
            .difference(there)
            .map(|tag| (task_tags::task_id.eq(write.record), task_tags::tag_id.eq(*tag)));
        let missing: Vec<_> = missing.collect();
        diesel::insert_into(task_tags::table).values(missing).execute(self.connection).await?;
        Ok(())
    }

    /// Puts back, or forgets, what the import remembered of what it wrote.
    async fn remember(&mut self, plan: &Plan<'_>) -> Result<()> {
        let undone: Vec<&Write> = plan.undone().collect();
        let forgotten: Vec<&str> = undone
            .iter()
            .filter(|write| write.before.reference.is_none())
            .map(|write| write.external_id.as_str())
            .collect();
        for ids in forgotten.chunks(CHUNK) {
            let these = external_refs::table
                .filter(external_refs::source.eq(&self.source))
                .filter(external_refs::external_id.eq_any(ids));
            diesel::delete(these).execute(self.connection).await?;
        }
        for kind in [Kind::Project, Kind::Tag, Kind::Task] {
            let of_kind: Vec<_> = undone.iter().filter(|write| write.kind == kind).collect();
            let ids: Vec<Uuid> = of_kind.iter().map(|write| write.record).collect();
            let versions = self.versions(kind, &ids).await?;
            for write in of_kind {
                let version = versions.get(&write.record).copied();
                let place = (self.source.as_str(), write.external_id.as_str());
                write.before.remember(self.connection, place, version).await?;
                self.tell_earlier(write, version).await?;
            }
        }
        // Where it was forced, others may have become the same.
        let removed: Vec<Uuid> = plan.removed().map(|(_, id)| id).collect();
        let of_removed = external_refs::table.filter(external_refs::record_id.eq_any(removed));
        diesel::delete(of_removed).execute(self.connection).await?;
        let ids: Vec<&str> = undone.iter().map(|write| write.external_id.as_str()).collect();
        for ids in ids.chunks(CHUNK) {
            let these = import_writes::table
                .filter(import_writes::run_id.eq(self.run))
                .filter(import_writes::external_id.eq_any(ids));
            diesel::delete(these).execute(self.connection).await?;
        }
        Ok(())
    }

    /// To an earlier import a record that is as it left it is unchanged, though its version is another.
    async fn tell_earlier(&mut self, write: &Write, version: Option<i32>) -> QueryResult<()> {
        let (Some(image), Some(version)) = (&write.before.record, version) else {
            return Ok(());
        };
        let earlier = import_writes::table
            .filter(import_writes::record_id.eq(write.record))
            .filter(import_writes::record_type.eq(label(write.kind)))
            .filter(import_writes::run_id.lt(self.run))
            .filter(import_writes::version.eq(image.version()));
        diesel::update(earlier)
            .set(import_writes::version.eq(version))
            .execute(self.connection)
            .await?;
        Ok(())
    }

    /// Says what the records are called.
    pub(super) async fn entitle(&mut self, kept: &mut [(Uuid, Kept)]) -> Result<()> {
        let ids: Vec<Uuid> = kept.iter().map(|(id, _)| *id).collect();
        let mut titles: HashMap<Uuid, String> = HashMap::new();
        titles.extend(titles!(self.connection, projects, title, &ids));
        titles.extend(titles!(self.connection, tags, name, &ids));
        titles.extend(titles!(self.connection, tasks, title, &ids));
        for (id, kept) in kept {
            kept.title = titles.get(id).cloned().unwrap_or_default();
        }
        Ok(())
    }

    /// Says how far the import is taken back.
    pub(super) async fn close(&mut self, is_whole: bool) -> Result<()> {
        let state = if is_whole { ImportState::RolledBack } else { ImportState::PartlyRolledBack };
        let run = import_runs::table.find(self.run);
        // One that was killed has no end.
        let finished = import_runs::started_at;
        diesel::update(run.filter(import_runs::finished_at.is_null()))
            .set((import_runs::state.eq(state), import_runs::finished_at.eq(finished.nullable())))
            .execute(self.connection)
            .await?;
        diesel::update(run).set(import_runs::state.eq(state)).execute(self.connection).await?;
        Ok(())
    }
}
