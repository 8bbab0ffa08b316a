//! What an import writes over: records as they were, kept with the import and put back when it is
//! taken back.

use super::kind::{Typed, label};
use super::snapshot::Kind;
use crate::entity::{EnergyLevel, ProjectStatus, TaskPriority, TaskStatus, TimeEstimate};
use crate::tables::{external_refs, missing_links, projects, tags, task_tags, tasks};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// The columns of a project that an import writes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Queryable)]
pub(super) struct ProjectImage {
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) status: ProjectStatus,
    pub(super) color: Option<String>,
    pub(super) icon: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    /// Not kept: an import writes nothing of it.
    #[serde(skip)]
    deleted_at: Option<DateTime<Utc>>,
}

/// Those of a tag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Queryable)]
pub(super) struct TagImage {
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) name: String,
    pub(super) key: String,
    pub(super) color: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    /// Not kept: an import writes nothing of it.
    #[serde(skip)]
    deleted_at: Option<DateTime<Utc>>,
}

/// Those of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Queryable)]
pub(super) struct TaskImage {
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) status: TaskStatus,
    pub(super) priority: TaskPriority,
    pub(super) due_date: Option<NaiveDate>,
    pub(super) due_at: Option<DateTime<Utc>>,
    pub(super) scheduled_date: Option<NaiveDate>,
    pub(super) completed_at: Option<DateTime<Utc>>,
    pub(super) energy: Option<EnergyLevel>,
    pub(super) time_estimate: Option<TimeEstimate>,
    pub(super) source: Option<String>,
    pub(super) project_id: Option<Uuid>,
    pub(super) parent_id: Option<Uuid>,
    /// Nothing in what earlier versions kept, which wrote no places.
    #[serde(default)]
    pub(super) position: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
    /// Not kept: an import writes nothing of it.
    #[serde(skip)]
    deleted_at: Option<DateTime<Utc>>,
}

/// A record as it was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Image {
    Project(ProjectImage),
    Tag(TagImage),
    Task(TaskImage),
}

impl Image {
    pub(super) fn id(&self) -> Uuid {
        match self {
            Self::Project(it) => it.id,
            Self::Tag(it) => it.id,
            Self::Task(it) => it.id,
        }
    }

    /// Whether it is not in the trash.
    pub(super) fn is_live(&self) -> bool {
        let deleted_at = match self {
            Self::Project(it) => it.deleted_at,
            Self::Tag(it) => it.deleted_at,
            Self::Task(it) => it.deleted_at,
        };
        deleted_at.is_none()
    }

    pub(super) fn version(&self) -> i32 {
        match self {
            Self::Project(it) => it.version,
            Self::Tag(it) => it.version,
            Self::Task(it) => it.version,
        }
    }

    /// The records of a kind as they are, held until the transaction ends.
    pub(super) async fn read(
        connection: &mut AsyncPgConnection,
        kind: Kind,
        ids: &[Uuid],
    ) -> QueryResult<HashMap<Uuid, Self>> {
        let images: Vec<Self> = match kind {
            Kind::Project => projects(connection, ids).await?.map(Self::Project).collect(),
            Kind::Tag => tags(connection, ids).await?.map(Self::Tag).collect(),
            Kind::Task => tasks(connection, ids).await?.map(Self::Task).collect(),
        };
        Ok(images.into_iter().map(|image| (image.id(), image)).collect())
    }
}

async fn projects(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> QueryResult<impl Iterator<Item = ProjectImage> + use<>> {
    let rows: Vec<ProjectImage> = projects::table
        .filter(projects::id.eq_any(ids))
        .order(projects::id)
        .select((
            projects::id,
            projects::version,
            projects::title,
            projects::description,
            projects::status,
            projects::color,
            projects::icon,
            projects::created_at,
            projects::updated_at,
            projects::deleted_at,
        ))
        .for_no_key_update()
        .load(connection)
        .await?;
    Ok(rows.into_iter())
}

async fn tags(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> QueryResult<impl Iterator<Item = TagImage> + use<>> {
    let rows: Vec<TagImage> = tags::table
        .filter(tags::id.eq_any(ids))
        .order((tags::key, tags::id))
        .select((
            tags::id,
            tags::version,
            tags::name,
            tags::key,
            tags::color,
            tags::created_at,
            tags::updated_at,
            tags::deleted_at,
        ))
        .for_no_key_update()
        .load(connection)
        .await?;
    Ok(rows.into_iter())
}

async fn tasks(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> QueryResult<impl Iterator<Item = TaskImage> + use<>> {
    let rows: Vec<TaskImage> = tasks::table
        .filter(tasks::id.eq_any(ids))
        .order(tasks::id)
        .select((
            tasks::id,
            tasks::version,
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
            tasks::project_id,
            tasks::parent_id,
            tasks::position.nullable(),
            tasks::created_at,
            tasks::updated_at,
            tasks::deleted_at,
        ))
        .for_no_key_update()
        .load(connection)
        .await?;
    Ok(rows.into_iter())
}

/// The tags of tasks.
pub(super) async fn tags_of(
    connection: &mut AsyncPgConnection,
    ids: &[Uuid],
) -> QueryResult<HashMap<Uuid, BTreeSet<Uuid>>> {
    let rows: Vec<(Uuid, Uuid)> = task_tags::table
        .filter(task_tags::task_id.eq_any(ids))
        .select((task_tags::task_id, task_tags::tag_id))
        .load(connection)
        .await?;
    let mut tags: HashMap<Uuid, BTreeSet<Uuid>> = HashMap::new();
    for (task, tag) in rows {
        tags.entry(task).or_default().insert(tag);
    }
    Ok(tags)
}

/// What was remembered of where a record came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Reference {
    pub(super) record_id: Uuid,
    pub(super) url: Option<String>,
    /// In base64: JSON holds no bytes.
    original: String,
    hash: String,
    /// That of what was made of it, where it is known.
    #[serde(default)]
    reading: Option<String>,
    /// What was decided about it elsewhere, where that is known.
    #[serde(default)]
    decisions: Option<String>,
    pub(super) imported_at: DateTime<Utc>,
    pub(super) imported_version: i32,
    /// Whether it was settled once.
    #[serde(default)]
    is_settled: bool,
    /// When it was last changed there, where that is known.
    #[serde(default)]
    edited_at: Option<DateTime<Utc>>,
}

impl Reference {
    /// Those of some records of a source, by their ids there.
    pub(super) async fn read(
        connection: &mut AsyncPgConnection,
        source: &str,
        ids: &[&str],
    ) -> QueryResult<HashMap<String, Self>> {
        type Made = (Vec<u8>, Vec<u8>, Option<Vec<u8>>, Option<String>);
        type Times = (DateTime<Utc>, Option<DateTime<Utc>>);
        type Row = (String, Uuid, Option<String>, Made, Times, i32, bool);
        let rows: Vec<Row> = external_refs::table
            .filter(external_refs::source.eq(source))
            .filter(external_refs::external_id.eq_any(ids))
            .select((
                external_refs::external_id,
                external_refs::record_id,
                external_refs::url,
                (
                    external_refs::original,
                    external_refs::original_hash,
                    external_refs::reading_hash,
                    external_refs::decisions,
                ),
                (external_refs::imported_at, external_refs::edited_at),
                external_refs::imported_version,
                external_refs::is_settled,
            ))
            .load(connection)
            .await?;
        let reference = |row: Row| {
            let (id, record_id, url, made, times, imported_version, is_settled) = row;
            let ((original, hash, reading, decisions), (imported_at, edited_at)) = (made, times);
            let [original, hash] = [original, hash].map(|bytes| STANDARD.encode(bytes));
            let reading = reading.map(|bytes| STANDARD.encode(bytes));
            let reference = Self {
                record_id,
                url,
                original,
                hash,
                reading,
                decisions,
                imported_at,
                imported_version,
                is_settled,
                edited_at,
            };
            (id, reference)
        };
        Ok(rows.into_iter().map(reference).collect())
    }

    /// The original, byte by byte.
    pub(super) fn original(&self) -> Vec<u8> {
        STANDARD.decode(&self.original).unwrap_or_default()
    }

    /// Its hash.
    pub(super) fn hash(&self) -> Vec<u8> {
        STANDARD.decode(&self.hash).unwrap_or_default()
    }

    /// That of what was made of it.
    fn reading(&self) -> Option<Vec<u8>> {
        STANDARD.decode(self.reading.as_ref()?).ok()
    }
}

/// The links for which some tasks of a source waited.
pub(super) async fn awaited(
    connection: &mut AsyncPgConnection,
    source: &str,
    ids: &[&str],
) -> QueryResult<HashMap<String, Vec<(Kind, String)>>> {
    let rows: Vec<(String, Typed, String)> = missing_links::table
        .filter(missing_links::source.eq(source))
        .filter(missing_links::external_id.eq_any(ids))
        .select((missing_links::external_id, missing_links::record_type, missing_links::target))
        .load(connection)
        .await?;
    let mut awaited: HashMap<String, Vec<(Kind, String)>> = HashMap::new();
    for (id, Typed(kind), target) in rows {
        awaited.entry(id).or_default().push((kind, target));
    }
    Ok(awaited)
}

/// Everything that an import wrote over of one record of a source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Before {
    /// The record; nothing where the import only noted which it is.
    pub(super) record: Option<Image>,
    /// Its tags.
    pub(super) tags: BTreeSet<Uuid>,
    /// What was remembered of it.
    pub(super) reference: Option<Reference>,
    /// The links that it waited for.
    pub(super) awaited: Vec<(Kind, String)>,
}

impl Before {
    /// Puts back what was remembered of a record, which has this version now.
    pub(super) async fn remember(
        &self,
        connection: &mut AsyncPgConnection,
        (source, external_id): (&str, &str),
        version: Option<i32>,
    ) -> QueryResult<()> {
        let Some(reference) = &self.reference else {
            return Ok(());
        };
        // Where it counted as unchanged, it does so again; else no version may say that it is.
        let was_unchanged =
            self.record.as_ref().is_none_or(|it| it.version() == reference.imported_version);
        let version = version.filter(|_| was_unchanged).unwrap_or(reference.imported_version);
        diesel::update(external_refs::table.find((source, external_id)))
            .set((
                external_refs::record_id.eq(reference.record_id),
                external_refs::url.eq(&reference.url),
                external_refs::original.eq(reference.original()),
                external_refs::original_hash.eq(reference.hash()),
                external_refs::reading_hash.eq(reference.reading()),
                external_refs::decisions.eq(&reference.decisions),
                external_refs::imported_at.eq(reference.imported_at),
                external_refs::imported_version.eq(version),
                external_refs::is_settled.eq(reference.is_settled),
                external_refs::edited_at.eq(reference.edited_at),
            ))
            .execute(connection)
            .await?;
        let of_it = missing_links::table
            .filter(missing_links::source.eq(source))
            .filter(missing_links::external_id.eq(external_id));
        diesel::delete(of_it).execute(connection).await?;
        let links = self.awaited.iter().map(|(kind, target)| {
            (
                missing_links::source.eq(source),
                missing_links::external_id.eq(external_id),
                missing_links::record_type.eq(label(*kind)),
                missing_links::target.eq(target),
            )
        });
        let links: Vec<_> = links.collect();
        diesel::insert_into(missing_links::table).values(links).execute(connection).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_reads_as_it_was_written() {
        let at = "2026-01-01T00:00:00.123Z".parse().unwrap();
        let reference = Reference {
            record_id: Uuid::from_u128(1),
            url: None,
            original: STANDARD.encode([0, 255, 10]),
            hash: STANDARD.encode([7; 32]),
            reading: None,
            decisions: None,
            imported_at: at,
            imported_version: 3,
            is_settled: true,
            edited_at: Some(at),
        };
        let project = ProjectImage {
            id: Uuid::from_u128(1),
            version: 2,
            title: "\u{FFFD} \"x\"".to_owned(),
            description: Some(String::new()),
            status: ProjectStatus::Archived,
            color: None,
            icon: None,
            created_at: at,
            updated_at: at,
            deleted_at: None,
        };
        let before = Before {
            record: Some(Image::Project(project)),
            tags: [Uuid::from_u128(2)].into(),
            reference: Some(reference),
            awaited: vec![(Kind::Tag, "x".to_owned())],
        };
        let json = serde_json::to_value(&before).unwrap();
        let read: Before = serde_json::from_value(json).unwrap();
        assert_eq!(read, before);
        assert_eq!(read.reference.unwrap().original(), [0, 255, 10]);
    }
}
