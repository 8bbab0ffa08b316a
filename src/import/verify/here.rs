//! What is here: read whole, but for the texts of tasks, by a fixed number of statements.

use super::report::Changed;
use super::values::Guess;
use crate::entity::{ProjectStatus, TaskStatus};
use crate::error::Result;
use crate::import::check::{Checked, Imported};
use crate::import::decided::Decided;
use crate::import::image::{ProjectImage, TagImage, tags_of};
use crate::import::kind::Typed;
use crate::import::passing;
use crate::import::snapshot::{Kind, Origin};
use crate::tables::{
    external_refs, import_runs, import_writes, missing_links, projects, settings, tags, tasks,
};
use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use uuid::Uuid;

mod sql {
    diesel::define_sql_function! {
        /// SHA-256, computed where the bytes are.
        fn sha256(bytes: diesel::sql_types::Bytea) -> diesel::sql_types::Bytea;
    }
}

/// What is remembered of an imported record.
pub(super) struct Reference {
    pub(super) kind: Kind,
    pub(super) record: Uuid,
    pub(super) url: Option<String>,
    pub(super) hash: Vec<u8>,
    /// The hash of what was made of it, where that is known.
    pub(super) reading: Option<Vec<u8>>,
    /// What was decided about it elsewhere, where that is known.
    decided: Option<Decided>,
    /// Whether the original is the one of which this is the hash.
    pub(super) is_sound: bool,
    pub(super) version: i32,
    /// Whether it was once changed on both sides and became alike.
    pub(super) is_settled: bool,
}

impl Reference {
    /// Whether the same is made of the original as when it came, as far as that is known.
    fn is_read_alike(&self, origin: &Origin) -> bool {
        self.reading.as_ref().is_none_or(|reading| *reading == origin.reading)
    }
}

/// A task without its texts.
#[derive(Queryable)]
pub(super) struct Shape {
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) deleted_at: Option<DateTime<Utc>>,
    pub(super) status: TaskStatus,
    pub(super) completed_at: Option<DateTime<Utc>>,
    pub(super) due_date: Option<NaiveDate>,
    pub(super) due_at: Option<DateTime<Utc>>,
    pub(super) project_id: Option<Uuid>,
    pub(super) parent_id: Option<Uuid>,
    pub(super) position: String,
}

/// A project.
#[derive(Queryable)]
pub(super) struct ProjectRow {
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) deleted_at: Option<DateTime<Utc>>,
    pub(super) title: String,
    pub(super) description: Option<String>,
    pub(super) status: ProjectStatus,
    pub(super) color: Option<String>,
    pub(super) icon: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

/// A tag.
#[derive(Queryable)]
pub(super) struct TagRow {
    pub(super) id: Uuid,
    pub(super) version: i32,
    pub(super) deleted_at: Option<DateTime<Utc>>,
    pub(super) name: String,
    pub(super) key: String,
    pub(super) color: Option<String>,
    pub(super) created_at: DateTime<Utc>,
    pub(super) updated_at: DateTime<Utc>,
}

impl From<&ProjectImage> for ProjectRow {
    fn from(image: &ProjectImage) -> Self {
        let image = image.clone();
        Self {
            id: image.id,
            version: image.version,
            deleted_at: None,
            title: image.title,
            description: image.description,
            status: image.status,
            color: image.color,
            icon: image.icon,
            created_at: image.created_at,
            updated_at: image.updated_at,
        }
    }
}

impl From<&TagImage> for TagRow {
    fn from(image: &TagImage) -> Self {
        let image = image.clone();
        Self {
            id: image.id,
            version: image.version,
            deleted_at: None,
            name: image.name,
            key: image.key,
            color: image.color,
            created_at: image.created_at,
            updated_at: image.updated_at,
        }
    }
}

/// Whether a record is live, and its version.
#[derive(Clone, Copy)]
pub(super) struct State {
    pub(super) is_live: bool,
    pub(super) version: i32,
}

/// A link that a task waits for: the task, what it names, and its id there.
pub(super) type Awaited = (String, Kind, String);

/// Everything that is compared.
pub(super) struct Here {
    pub(super) source: &'static str,
    pub(super) zone: Tz,
    /// What is remembered, by id in the source.
    pub(super) references: BTreeMap<String, Reference>,
    /// All tasks: the rules are for all.
    pub(super) tasks: HashMap<Uuid, Shape>,
    pub(super) projects: HashMap<Uuid, ProjectRow>,
    pub(super) tags: HashMap<Uuid, TagRow>,
    pub(super) live_tags: HashMap<String, Uuid>,
    /// The tags of each task that came.
    pub(super) links: HashMap<Uuid, BTreeSet<Uuid>>,
    pub(super) awaited: BTreeSet<Awaited>,
    /// What an import wrote over that was here before, by id in the source.
    pub(super) again: HashSet<String>,
}

impl Here {
    /// Reads it.
    pub(super) async fn read(
        connection: &mut AsyncPgConnection,
        source: &'static str,
        expected: &[Uuid],
    ) -> Result<Self> {
        let zone: String = settings::table.select(settings::time_zone).first(connection).await?;
        let tags = Self::tags(connection).await?;
        let live = tags.values().filter(|tag| tag.deleted_at.is_none());
        let live_tags = live.map(|tag| (tag.key.clone(), tag.id)).collect();
        let references = Self::references(connection, source).await?;
        let imported = references.values().map(|reference| reference.record);
        let bearers: Vec<Uuid> = imported.chain(expected.iter().copied()).collect();
        Ok(Self {
            source,
            zone: zone.parse().unwrap_or(Tz::UTC),
            references,
            tasks: Self::tasks(connection).await?,
            projects: Self::projects(connection).await?,
            tags,
            live_tags,
            links: tags_of(connection, &bearers).await?,
            awaited: Self::awaited(connection, source).await?,
            again: Self::again(connection, source).await?,
        })
    }

    async fn references(
        connection: &mut AsyncPgConnection,
        source: &str,
    ) -> QueryResult<BTreeMap<String, Reference>> {
        type Made = (Vec<u8>, Option<Vec<u8>>, Option<String>);
        type Row = (String, Typed, Uuid, Option<String>, Made, (bool, bool), i32);
        let is_sound = sql::sha256(external_refs::original).eq(external_refs::original_hash);
        let rows: Vec<Row> = external_refs::table
            .filter(external_refs::source.eq(source))
            .select((
                external_refs::external_id,
                external_refs::record_type,
                external_refs::record_id,
                external_refs::url,
                (
                    external_refs::original_hash,
                    external_refs::reading_hash,
                    external_refs::decisions,
                ),
                (is_sound, external_refs::is_settled),
                external_refs::imported_version,
            ))
            .load(connection)
            .await?;
        let reference = |(id, Typed(kind), record, url, made, truths, version): Row| {
            let ((hash, reading, decided), (is_sound, is_settled)) = (made, truths);
            let decided = Decided::read(decided.as_deref());
            let reference = Reference {
                kind,
                record,
                url,
                hash,
                reading,
                decided,
                is_sound,
                version,
                is_settled,
            };
            (id, reference)
        };
        Ok(rows.into_iter().map(reference).collect())
    }

    async fn tasks(connection: &mut AsyncPgConnection) -> QueryResult<HashMap<Uuid, Shape>> {
        let rows: Vec<Shape> = tasks::table
            .select((
                tasks::id,
                tasks::version,
                tasks::deleted_at,
                tasks::status,
                tasks::completed_at,
                tasks::due_date,
                tasks::due_at,
                tasks::project_id,
                tasks::parent_id,
                tasks::position,
            ))
            .load(connection)
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    async fn projects(
        connection: &mut AsyncPgConnection,
    ) -> QueryResult<HashMap<Uuid, ProjectRow>> {
        let rows: Vec<ProjectRow> = projects::table
            .select((
                projects::id,
                projects::version,
                projects::deleted_at,
                projects::title,
                projects::description,
                projects::status,
                projects::color,
                projects::icon,
                projects::created_at,
                projects::updated_at,
            ))
            .load(connection)
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    async fn tags(connection: &mut AsyncPgConnection) -> QueryResult<HashMap<Uuid, TagRow>> {
        let rows: Vec<TagRow> = tags::table
            .select((
                tags::id,
                tags::version,
                tags::deleted_at,
                tags::name,
                tags::key,
                tags::color,
                tags::created_at,
                tags::updated_at,
            ))
            .load(connection)
            .await?;
        Ok(rows.into_iter().map(|row| (row.id, row)).collect())
    }

    async fn awaited(
        connection: &mut AsyncPgConnection,
        source: &str,
    ) -> QueryResult<BTreeSet<Awaited>> {
        let rows: Vec<(String, Typed, String)> = missing_links::table
            .filter(missing_links::source.eq(source))
            .select((missing_links::external_id, missing_links::record_type, missing_links::target))
            .load(connection)
            .await?;
        Ok(rows.into_iter().map(|(id, Typed(kind), target)| (id, kind, target)).collect())
    }

    async fn again(
        connection: &mut AsyncPgConnection,
        source: &str,
    ) -> QueryResult<HashSet<String>> {
        let ids: Vec<String> = import_writes::table
            .inner_join(import_runs::table)
            .filter(import_runs::source.eq(source))
            .filter(import_writes::is_new.eq(false))
            .select(import_writes::external_id)
            .load(connection)
            .await?;
        Ok(ids.into_iter().collect())
    }

    /// How a record is; nothing where there is none.
    pub(super) fn state(&self, kind: Kind, id: Uuid) -> Option<State> {
        let (deleted_at, version) = match kind {
            Kind::Project => self.projects.get(&id).map(|one| (one.deleted_at, one.version)),
            Kind::Tag => self.tags.get(&id).map(|one| (one.deleted_at, one.version)),
            Kind::Task => self.tasks.get(&id).map(|one| (one.deleted_at, one.version)),
        }?;
        Some(State { is_live: deleted_at.is_none(), version })
    }

    /// What has come from the source and is live: links may lead to it though the files lack it.
    pub(super) fn imported(&self) -> Imported {
        let live = |reference: &Reference| {
            let state = self.state(reference.kind, reference.record);
            state.is_some_and(|state| state.is_live)
        };
        let references = self.references.iter().filter(|(_, reference)| live(reference));
        let ids = references.map(|(id, one)| ((one.kind, id.clone()), one.record)).collect();
        let all = self.references.iter();
        let decided = all.map(|(id, one)| (id.clone(), one.decided.clone())).collect();
        Imported { ids, decided }
    }

    /// The record that something of the source became.
    pub(super) fn became(&self, external_id: &str) -> Option<Uuid> {
        self.references.get(external_id).map(|reference| reference.record)
    }

    /// What to call a record in a report: its id in the source, else its id here.
    pub(super) fn names(&self) -> HashMap<Uuid, &str> {
        self.references.iter().map(|(id, reference)| (reference.record, id.as_str())).collect()
    }
}

impl Here {
    /// Whether a record was changed here, or there, since it was imported; as far as versions and hashes tell.
    pub(super) fn changed(&self, kind: Kind, origin: &Origin) -> Changed {
        let Some(reference) = self.references.get(&origin.external_id) else {
            return Changed::default();
        };
        let state = self.state(kind, reference.record);
        Changed {
            // What is gone has gone here.
            here: state.is_none_or(|state| state.version != reference.version),
            there: reference.hash != origin.hash
                || !reference.is_read_alike(origin)
                || !(origin.is_linked_alike && origin.is_timed_alike),
        }
    }

    /// Whether a record was once changed on both sides and became alike.
    pub(super) fn is_settled(&self, origin: &Origin) -> bool {
        self.references.get(&origin.external_id).is_some_and(|reference| reference.is_settled)
    }

    /// Which completion of a task stands for the guess of one that the source does not say; nothing where it is as
    /// it came. Of one that was ever changed here it may be the owner's own, which no guess is better than.
    pub(super) fn guess(&self, origin: &Origin) -> Option<Guess> {
        let changed = self.changed(Kind::Task, origin);
        if changed.here || self.is_settled(origin) {
            return Some(Guess::Any);
        }
        let came_again = self.again.contains(&origin.external_id);
        (came_again || changed.there).then_some(Guess::Earlier)
    }

    /// The records that were changed on both sides.
    pub(super) fn disputed(&self, checked: &Checked) -> Vec<(Kind, String)> {
        let disputed = checked.origins().filter(|(kind, origin)| {
            let changed = self.changed(*kind, origin);
            changed.here && changed.there
        });
        disputed.map(|(kind, origin)| (kind, origin.external_id.clone())).collect()
    }

    /// Takes the originals for the same of which only that is another that passes.
    pub(super) async fn look_closer(
        &mut self,
        connection: &mut AsyncPgConnection,
        checked: &Checked,
    ) -> QueryResult<()> {
        let changed = checked.origins().map(|(_, origin)| origin).filter(|origin| {
            let reference = self.references.get(&origin.external_id);
            reference.is_some_and(|it| it.hash != origin.hash && it.is_read_alike(origin))
        });
        let changed: Vec<&Origin> = changed.collect();
        let same = passing::unchanged(connection, self.source, &changed).await?;
        for origin in changed.into_iter().filter(|origin| same.contains(&origin.external_id)) {
            if let Some(reference) = self.references.get_mut(&origin.external_id) {
                reference.hash = origin.hash.to_vec();
            }
        }
        Ok(())
    }

    /// What a record is called; tasks by their number here, for their texts are not read.
    pub(super) fn title(&self, kind: Kind, id: Uuid) -> String {
        let title = match kind {
            Kind::Project => self.projects.get(&id).map(|one| one.title.clone()),
            Kind::Tag => self.tags.get(&id).map(|one| one.name.clone()),
            Kind::Task => None,
        };
        title.unwrap_or_default()
    }
}
