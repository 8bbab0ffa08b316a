//! How tags are found or made. A tag is its key: two pages, a page and an option of a list, or a page
//! and a tag that is here already may all be one tag.

use super::Loader;
use super::record::{Record, Versions, versions};
use crate::fold::{tag_key, tag_name};
use crate::import::check::Placed;
use crate::import::finding::Severity;
use crate::import::image::Image;
use crate::import::snapshot::{Kind, Origin, Tag, record_id};
use crate::import::verify;
use crate::tables::{external_refs, tags};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

#[derive(AsChangeset, Insertable)]
#[diesel(table_name = tags, treat_none_as_null = true, check_for_backend(diesel::pg::Pg))]
struct TagRow {
    id: Uuid,
    name: String,
    key: String,
    color: Option<String>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

impl TagRow {
    fn new(tag: &Tag, id: Uuid) -> Self {
        Self {
            id,
            name: tag_name(&tag.name),
            key: tag_key(&tag.name),
            color: tag.color.clone(),
            created_at: tag.created_at,
            updated_at: tag.updated_at,
        }
    }
}

impl Record for Tag {
    const KIND: Kind = Kind::Tag;

    fn origin(&self) -> &Origin {
        &self.origin
    }

    async fn versions(connection: &mut AsyncPgConnection, ids: &[Uuid]) -> QueryResult<Versions> {
        versions!(tags, connection, ids)
    }

    async fn insert(loader: &mut Loader<'_>, records: &[&Self]) -> QueryResult<Vec<Uuid>> {
        let keys = records.iter().map(|tag| tag_key(&tag.name));
        let mut known = loader.live_tags(keys.collect()).await?;
        let mut rows = Vec::new();
        let mut ids = Vec::new();
        for tag in records {
            let key = tag_key(&tag.name);
            if let Some(id) = known.get(&key) {
                ids.push(*id);
                loader.tally(Kind::Tag).kept += 1;
                let reason = "a tag of that name is here already; both are one";
                let severity = Severity::Information;
                loader.say(severity, Kind::Tag, &tag.origin, "tag_merged", &key, reason);
                continue;
            }
            ids.push(tag.origin.id);
            known.insert(key, tag.origin.id);
            rows.push(TagRow::new(tag, tag.origin.id));
        }
        loader.tally(Kind::Tag).created += rows.len();
        diesel::insert_into(tags::table).values(rows).execute(loader.connection).await?;
        Ok(ids)
    }

    async fn is_alike(_: &mut Loader<'_>, record: &Self, image: &Image) -> QueryResult<bool> {
        Ok(verify::is_tag_alike(record, image))
    }

    async fn update(
        loader: &mut Loader<'_>,
        record: &Self,
        id: Uuid,
        _: Option<&Image>,
    ) -> QueryResult<Uuid> {
        if id != record.origin.id {
            // The tag is another page's, or was here before: this page has no say in what it is like.
            // Under another name it is a tag of its own now.
            let ids = Self::insert(loader, &[record]).await?;
            return Ok(ids.into_iter().next().unwrap_or(id));
        }
        diesel::update(tags::table.find(id))
            .set(TagRow::new(record, id))
            .execute(loader.connection)
            .await?;
        loader.tally(Kind::Tag).updated += 1;
        Ok(id)
    }
}

impl Loader<'_> {
    /// The live tags that have these keys.
    async fn live_tags(&mut self, keys: BTreeSet<String>) -> QueryResult<HashMap<String, Uuid>> {
        let rows: Vec<(String, Uuid)> = tags::table
            .filter(tags::key.eq_any(keys))
            .filter(tags::deleted_at.is_null())
            .select((tags::key, tags::id))
            .load(self.connection)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// The tags of each of these tasks, made where they are missing.
    pub(super) async fn tags_of(&mut self, tasks: &[&Placed]) -> QueryResult<Vec<BTreeSet<Uuid>>> {
        let by_link = self.linked_tags(tasks).await?;
        let by_name = self.named_tags(tasks).await?;
        let of_task = |placed: &&Placed| {
            let links = placed.task.tag_links.iter();
            let names = placed.task.tag_names.iter();
            links
                .filter_map(|id| by_link.get(id))
                .chain(names.filter_map(|tag| by_name.get(&tag_key(&tag.name))))
                .copied()
                .collect()
        };
        Ok(tasks.iter().map(of_task).collect())
    }

    /// The tags of a task, none of them made; nothing where one is missing.
    pub(super) async fn live_tags_of(
        &mut self,
        placed: &Placed,
    ) -> QueryResult<Option<BTreeSet<Uuid>>> {
        let keys: BTreeSet<String> =
            placed.task.tag_names.iter().map(|tag| tag_key(&tag.name)).collect();
        let by_name = self.live_tags(keys.clone()).await?;
        let by_link = self.linked_tags(&[placed]).await?;
        let is_whole = by_name.len() == keys.len();
        let tags = by_name.into_values().chain(by_link.into_values()).collect();
        Ok(is_whole.then_some(tags))
    }

    /// The live tags that the pages became to which tasks link.
    async fn linked_tags(&mut self, tasks: &[&Placed]) -> QueryResult<HashMap<String, Uuid>> {
        let links: BTreeSet<&str> = tasks
            .iter()
            .flat_map(|placed| placed.task.tag_links.iter().map(String::as_str))
            .collect();
        let live = tags::table.filter(tags::deleted_at.is_null()).select(tags::id);
        let rows: Vec<(String, Uuid)> = external_refs::table
            .filter(external_refs::source.eq(self.source))
            .filter(external_refs::external_id.eq_any(links))
            .filter(external_refs::record_id.eq_any(live))
            .select((external_refs::external_id, external_refs::record_id))
            .load(self.connection)
            .await?;
        Ok(rows.into_iter().collect())
    }

    /// The tags that tasks name: the live one with the key, else the one that an earlier import made of
    /// the name, else a new one.
    async fn named_tags(&mut self, tasks: &[&Placed]) -> QueryResult<HashMap<String, Uuid>> {
        let mut first: BTreeMap<String, TagRow> = BTreeMap::new();
        for placed in tasks {
            for tag in &placed.task.tag_names {
                let key = tag_key(&tag.name);
                first.entry(key.clone()).or_insert_with(|| TagRow {
                    id: record_id(&format!("{}:tag:{key}", self.source)),
                    name: tag_name(&tag.name),
                    key,
                    color: tag.color.clone(),
                    created_at: self.now,
                    updated_at: self.now,
                });
            }
        }
        let mut known = self.live_tags(first.keys().cloned().collect()).await?;
        first.retain(|key, _| !known.contains_key(key));
        let ids: Vec<Uuid> = first.values().map(|tag| tag.id).collect();
        let renamed: Vec<(Uuid, Option<DateTime<Utc>>)> = tags::table
            .filter(tags::id.eq_any(ids))
            .select((tags::id, tags::deleted_at))
            .load(self.connection)
            .await?;
        for (id, deleted_at) in renamed {
            // One that the owner has thrown away stays away.
            let key = first.values().find(|tag| tag.id == id).map(|tag| tag.key.clone());
            let Some(tag) = key.and_then(|key| first.remove(&key)) else {
                continue;
            };
            if deleted_at.is_none() {
                known.insert(tag.key, id);
            }
        }
        let missing: BTreeSet<String> = first.keys().cloned().collect();
        // Whoever makes one of them at this moment is waited for, and that one is taken.
        let made: Vec<(String, Uuid)> = diesel::insert_into(tags::table)
            .values(first.into_values().collect::<Vec<_>>())
            .on_conflict_do_nothing()
            .returning((tags::key, tags::id))
            .get_results(self.connection)
            .await?;
        if made.len() < missing.len() {
            known.extend(self.live_tags(missing).await?);
        }
        self.loaded.tags_by_name += made.len();
        known.extend(made.iter().cloned());
        self.noted.named.extend(made);
        Ok(known)
    }
}
