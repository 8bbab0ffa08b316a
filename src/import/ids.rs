//! Which record each of a source's became: the map that was written at the end of earlier migrations.
//!
//! `{"projects": {…}, "tags": {…}, "tasks": {…}}`, from the id there to the id here. A tag that is only a name
//! there stands under its name.

use super::kind::Typed;
use super::snapshot::Kind;
use crate::error::Error;
use crate::tables::{external_refs, import_writes, projects, tags, task_tags, tasks};
use anyhow::ensure;
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Serialize;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The records that came from a source and are here, also in the trash.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ids {
    projects: BTreeMap<String, Uuid>,
    tags: BTreeMap<String, Uuid>,
    tasks: BTreeMap<String, Uuid>,
}

impl Ids {
    /// Reads them. The error says why there are none.
    pub async fn read(connection: &mut AsyncPgConnection, source: &str) -> anyhow::Result<Self> {
        let read = Self::of(connection, source).await;
        let ids = read.map_err(|error| Error::from(error).revealed())?;
        ensure!(ids != Self::default(), "nothing is here that was imported from {source}");
        Ok(ids)
    }

    async fn of(connection: &mut AsyncPgConnection, source: &str) -> QueryResult<Self> {
        let here = projects::table
            .select(projects::id)
            .union(tags::table.select(tags::id))
            .union(tasks::table.select(tasks::id));
        let rows: Vec<(Typed, String, Uuid)> = external_refs::table
            .filter(external_refs::source.eq(source))
            .filter(external_refs::record_id.eq_any(here))
            .select((
                external_refs::record_type,
                external_refs::external_id,
                external_refs::record_id,
            ))
            .load(connection)
            .await?;
        let mut ids = Self::default();
        for (Typed(kind), there, here) in rows {
            let of_kind = match kind {
                Kind::Project => &mut ids.projects,
                Kind::Tag => &mut ids.tags,
                Kind::Task => &mut ids.tasks,
            };
            of_kind.insert(as_there(source, there), here);
        }
        ids.tags.extend(named(connection, source).await?);
        Ok(ids)
    }

    /// The map as JSON, always in one order.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Texts can always be written.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// The tags that are only names there: those that imports made, and those of before that imported tasks have.
async fn named(
    connection: &mut AsyncPgConnection,
    source: &str,
) -> QueryResult<Vec<(String, Uuid)>> {
    let of_source = || external_refs::table.filter(external_refs::source.eq(source.to_owned()));
    let is_page = of_source().filter(external_refs::record_id.eq(tags::id));
    let came = of_source().select(external_refs::record_id);
    let worn = task_tags::table
        .filter(task_tags::tag_id.eq(tags::id))
        .filter(task_tags::task_id.eq_any(came));
    let made = import_writes::table
        .filter(import_writes::record_id.eq(tags::id))
        .filter(import_writes::external_id.like("tag:%"));
    tags::table
        .filter(tags::deleted_at.is_null())
        .filter(not(exists(is_page)))
        .filter(exists(worn).or(exists(made)))
        .select((tags::name, tags::id))
        .load(connection)
        .await
}

/// An id as it is written there: Notion's have dashes.
fn as_there(source: &str, id: String) -> String {
    match Uuid::try_parse(&id) {
        Ok(uuid) if source == "notion" => uuid.to_string(),
        _ => id,
    }
}
