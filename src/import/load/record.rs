//! How the records of each kind are written: their rows, and the links of tasks.

#![expect(clippy::ref_option_ref, reason = "the derives write it for borrowed texts")]

use super::Loader;
use super::new_tasks::NewTasks;
use super::place::Places;
use crate::entity::{EnergyLevel, ProjectStatus, TaskPriority, TaskStatus, TimeEstimate};
use crate::import::check::Placed;
use crate::import::image::Image;
use crate::import::snapshot::{Kind, Origin, Place, Project, Task, When};
use crate::import::verify;
use crate::query::enumeration::Maybe;
use crate::tables::{projects, task_tags, tasks};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The versions of records, by id.
pub(super) type Versions = HashMap<Uuid, i32>;

/// A record that can be written.
pub(super) trait Record: Clone {
    const KIND: Kind;

    fn origin(&self) -> &Origin;

    /// The versions of those that are there.
    async fn versions(connection: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Versions>;

    /// Writes new records, and tells the ids of the records that they became.
    async fn insert(loader: &mut Loader<'_>, records: &[&Self]) -> QueryResult<Vec<Uuid>>;

    /// Writes a record over what an earlier import left, and tells the id of the record that it is now.
    async fn update(
        loader: &mut Loader<'_>,
        record: &Self,
        id: Uuid,
        image: Option<&Image>,
    ) -> QueryResult<Uuid>;

    /// Whether a record that is here is as the source has it.
    async fn is_alike(loader: &mut Loader<'_>, record: &Self, image: &Image) -> QueryResult<bool>;

    /// Whether the links of a record that is here are as the source has them.
    async fn is_linked(_: &mut Loader<'_>, _: &Self, _: &Image) -> QueryResult<bool> {
        Ok(false)
    }

    /// Its place among others, where the source has an order.
    fn place(&self) -> Option<Place> {
        None
    }

    /// Whether no other record of its kind must be there first.
    fn stands_alone(&self) -> bool {
        false
    }

    /// What it names and is not there.
    fn missing(&self) -> &[(Kind, String)] {
        &[]
    }

    /// Takes away the link to which a constraint objects; false where it is about something else.
    fn loosen(&mut self, _constraint: &str) -> bool {
        false
    }
}

/// The versions of the records of a table.
macro_rules! versions {
    ($table:ident, $connection:expr, $ids:expr) => {{
        let rows: Vec<(Uuid, i32)> = $table::table
            .filter($table::id.eq_any($ids))
            .select(($table::id, $table::version))
            .load($connection)
            .await?;
        Ok(rows.into_iter().collect())
    }};
}
pub(super) use versions;

#[derive(AsChangeset, Insertable)]
#[diesel(table_name = projects, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
struct ProjectRow<'a> {
    id: Uuid,
    title: &'a str,
    description: Option<&'a str>,
    status: ProjectStatus,
    color: Option<&'a str>,
    icon: Option<&'a str>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl<'a> ProjectRow<'a> {
    fn new(project: &'a Project, id: Uuid) -> Self {
        Self {
            id,
            title: &project.title,
            description: project.description.as_deref(),
            status: project.status,
            color: project.color.as_deref(),
            icon: project.icon.as_deref(),
            created_at: project.created_at,
            updated_at: project.updated_at,
        }
    }
}

impl Record for Project {
    const KIND: Kind = Kind::Project;

    fn origin(&self) -> &Origin {
        &self.origin
    }

    async fn versions(connection: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Versions> {
        versions!(projects, connection, ids)
    }

    async fn insert(loader: &mut Loader<'_>, records: &[&Self]) -> QueryResult<Vec<Uuid>> {
        let rows = records.iter().map(|one| ProjectRow::new(one, one.origin.id));
        diesel::insert_into(projects::table)
            .values(rows.collect::<Vec<_>>())
            .execute(loader.connection)
            .await?;
        loader.tally(Kind::Project).created += records.len();
        Ok(records.iter().map(|one| one.origin.id).collect())
    }

    async fn is_alike(_: &mut Loader<'_>, record: &Self, image: &Image) -> QueryResult<bool> {
        Ok(verify::is_project_alike(record, image))
    }

    async fn update(
        loader: &mut Loader<'_>,
        record: &Self,
        id: Uuid,
        _: Option<&Image>,
    ) -> QueryResult<Uuid> {
        diesel::update(projects::table.find(id))
            .set(ProjectRow::new(record, id))
            .execute(loader.connection)
            .await?;
        loader.tally(Kind::Project).updated += 1;
        Ok(id)
    }
}

#[derive(AsChangeset)]
#[diesel(table_name = tasks, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
pub(super) struct TaskRow<'a> {
    pub(super) id: Uuid,
    pub(super) title: &'a str,
    pub(super) description: Option<&'a str>,
    pub(super) status: TaskStatus,
    pub(super) priority: TaskPriority,
    pub(super) due_date: Option<NaiveDate>,
    pub(super) due_at: Option<DateTime<Utc>>,
    pub(super) scheduled_date: Option<NaiveDate>,
    pub(super) completed_at: Option<DateTime<Utc>>,
    pub(super) energy: Maybe<EnergyLevel>,
    pub(super) time_estimate: Maybe<TimeEstimate>,
    pub(super) source: Option<&'a str>,
    pub(super) project_id: Option<Uuid>,
    pub(super) parent_id: Option<Uuid>,
    /// Where it is to stand; else it is where it was, or where its time puts it.
    #[diesel(skip_update)]
    pub(super) position: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

impl<'a> TaskRow<'a> {
    fn new(placed: &'a Placed, id: Uuid, zone: Tz, places: &Places) -> Self {
        let task = &placed.task;
        Self {
            id,
            title: &task.title,
            description: task.description.as_deref(),
            status: task.status,
            priority: task.priority,
            due_date: task.due.map(|due| due.day(zone)),
            due_at: task.due.and_then(|due| due.instant(zone)),
            scheduled_date: task.scheduled.map(|scheduled| scheduled.day(zone)),
            completed_at: completed_at(task, zone),
            energy: Maybe(task.energy),
            time_estimate: Maybe(task.time_estimate),
            source: task.source.as_deref(),
            project_id: placed.project.as_ref().map(|project| project.id),
            parent_id: placed.parent.as_ref().map(|parent| parent.id),
            position: places.key(id),
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

/// Of a day, its start in the owner's zone; the database has it exactly while the task is done.
fn completed_at(task: &Task, zone: Tz) -> Option<DateTime<Utc>> {
    if task.status != TaskStatus::Done {
        return None;
    }
    let when = task.completed.unwrap_or(When::At(task.updated_at));
    Some(when.start(zone))
}

impl Record for Placed {
    const KIND: Kind = Kind::Task;

    fn origin(&self) -> &Origin {
        &self.task.origin
    }

    async fn versions(connection: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Versions> {
        versions!(tasks, connection, ids)
    }

    async fn insert(loader: &mut Loader<'_>, records: &[&Self]) -> QueryResult<Vec<Uuid>> {
        let tags = loader.tags_of(records).await?;
        let mut new = NewTasks::default();
        for (one, tags) in records.iter().zip(tags) {
            new.add(&TaskRow::new(one, one.task.origin.id, loader.zone, &loader.places), tags);
        }
        new.execute(loader.connection).await?;
        loader.tally(Kind::Task).created += records.len();
        Ok(records.iter().map(|one| one.task.origin.id).collect())
    }

    async fn is_alike(loader: &mut Loader<'_>, record: &Self, image: &Image) -> QueryResult<bool> {
        let is_alike = verify::is_task_alike(&record.task, loader.zone, image);
        Ok(is_alike && loader.has_links(record, image).await?)
    }

    async fn is_linked(loader: &mut Loader<'_>, record: &Self, image: &Image) -> QueryResult<bool> {
        loader.has_links(record, image).await
    }

    async fn update(
        loader: &mut Loader<'_>,
        record: &Self,
        id: Uuid,
        image: Option<&Image>,
    ) -> QueryResult<Uuid> {
        let mut row = TaskRow::new(record, id, loader.zone, &loader.places);
        // A guess is no news of what is done already.
        if let (Some(Image::Task(image)), None) = (image, record.task.completed) {
            row.completed_at = row.completed_at.map(|guess| image.completed_at.unwrap_or(guess));
        }
        diesel::update(tasks::table.find(id))
            .set((row, loader.places.key(id).map(|key| tasks::position.eq(key))))
            .execute(loader.connection)
            .await?;
        let wanted: Vec<Uuid> = loader.tags_of(&[record]).await?.into_iter().flatten().collect();
        let of_the_task = task_tags::table.filter(task_tags::task_id.eq(id));
        let there: Vec<Uuid> =
            of_the_task.select(task_tags::tag_id).load(loader.connection).await?;
        diesel::delete(of_the_task.filter(task_tags::tag_id.eq_any(without(&there, &wanted))))
            .execute(loader.connection)
            .await?;
        let missing = without(&wanted, &there);
        diesel::insert_into(task_tags::table)
            .values(missing.into_iter().map(|tag| link(id, tag)).collect::<Vec<_>>())
            .execute(loader.connection)
            .await?;
        loader.tally(Kind::Task).updated += 1;
        Ok(id)
    }

    fn place(&self) -> Option<Place> {
        self.task.place
    }

    fn stands_alone(&self) -> bool {
        self.parent.is_none() && self.task.place.is_none()
    }

    fn missing(&self) -> &[(Kind, String)] {
        &self.missing
    }

    fn loosen(&mut self, constraint: &str) -> bool {
        let (kind, target) = if constraint.starts_with("tasks_parent_") {
            (Kind::Task, self.parent.take())
        } else if constraint.starts_with("tasks_project_id_") {
            (Kind::Project, self.project.take())
        } else {
            return false;
        };
        let Some(target) = target else {
            return false;
        };
        // One that is not there may come, and a circle or too many levels may be none once all is written.
        if constraint.ends_with("_id_fkey") || is_of_order(constraint) {
            self.missing.push((kind, target.external_id));
        }
        true
    }
}

/// Whether what is written later may take away what a constraint objects to.
pub(super) fn is_of_order(constraint: &str) -> bool {
    matches!(constraint, "tasks_parent_cycle_check" | "tasks_parent_depth_check")
}

type Link = (diesel::dsl::Eq<task_tags::task_id, Uuid>, diesel::dsl::Eq<task_tags::tag_id, Uuid>);

fn link(task: Uuid, tag: Uuid) -> Link {
    (task_tags::task_id.eq(task), task_tags::tag_id.eq(tag))
}

/// The ids among these that are not in the others.
fn without(ids: &[Uuid], others: &[Uuid]) -> BTreeSet<Uuid> {
    let others: BTreeSet<_> = others.iter().collect();
    ids.iter().filter(|id| !others.contains(id)).copied().collect()
}
