//! Records of any kind by their ids.

use super::{Project, Tag, Task};
use crate::error::{Error, Result};
use crate::moment::Moment;
use crate::query::entity::Entity;
use crate::query::kinds::{Any, Known, branch, numbered};
use crate::query::page::LARGEST_PAGE;
use crate::query::plan::{Boxed, Json, Record};
use crate::query::request::answer;
use crate::query::selection::Field;
use crate::scalar::Id;
use crate::tables::external_refs;
use async_graphql::{Context, Interface, Object};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::Deserialize;
use std::sync::Arc;

/// A record with an id.
#[derive(Debug, Deserialize, Interface)]
#[graphql(field(name = "id", ty = "&Id", desc = "The only id of the record."))]
pub enum Node {
    /// A task.
    Task(Task),
    /// A project.
    Project(Project),
    /// A tag.
    Tag(Tag),
}

/// The root fields that find records of any kind.
#[derive(Debug, Default)]
pub struct NodeQuery;

impl NodeQuery {
    /// The plan of a root field.
    pub(crate) fn plan(field: &Field, moment: &Moment) -> Result<Option<Json>> {
        let (ids, list) = match field.name.as_str() {
            "node" => (numbered(vec![field.argument("id")?]), None),
            "nodes" => {
                let ids: Vec<Id> = field.argument("ids")?;
                let many = u64::try_from(ids.len()).unwrap_or(u64::MAX);
                if many > LARGEST_PAGE.into() {
                    let message = format!("at most {LARGEST_PAGE} records at once");
                    return Err(Error::bad_request(message).within("ids"));
                }
                (numbered(ids), Some(many))
            }
            "by_external_id" => (referred(field)?, None),
            _ => return Ok(None),
        };
        let branches = branches(field, moment)?;
        Ok(Some(Json::Any(Any { ids, list, branches })))
    }
}

/// How the record of each kind is found; the kinds are labelled by their names.
pub(super) fn known(field: &Field, moment: &Moment) -> Result<Known> {
    let labelled = |(name, record)| (name, name, record);
    Ok(Known { branches: branches(field, moment)?.into_iter().map(labelled).collect() })
}

fn branches(field: &Field, moment: &Moment) -> Result<Vec<(&'static str, Record)>> {
    Ok(vec![
        branch::<Task>(field, &KINDS, moment)?,
        branch::<Project>(field, &KINDS, moment)?,
        branch::<Tag>(field, &KINDS, moment)?,
    ])
}

/// The names of the kinds.
const KINDS: [&str; 3] = [Task::NAME, Project::NAME, Tag::NAME];

/// The record that came from elsewhere, by its id there.
fn referred(field: &Field) -> Result<Boxed> {
    let system: String = field.argument("system")?;
    let external_id: String = field.argument("externalId")?;
    // Notion writes its ids with dashes in the API and without in links.
    let plain = external_id.replace('-', "");
    let query = external_refs::table
        .filter(external_refs::source.eq(system))
        .filter(external_refs::external_id.eq_any([external_id, plain]))
        .select((external_refs::record_id, 1_i64.into_sql::<BigInt>()))
        .limit(1);
    Ok(Boxed(Arc::new(query)))
}

#[Object]
impl NodeQuery {
    /// The record of this id, whatever it is.
    async fn node(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The id; a record in the trash is found too.")] id: Id,
    ) -> Result<Option<Node>, Arc<Error>> {
        let _ = id;
        answer(ctx).await
    }

    /// In the order asked for, null where there is no such record.
    async fn nodes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The ids, 500 at most; records in the trash are found too.")] ids: Vec<Id>,
    ) -> Result<Vec<Option<Node>>, Arc<Error>> {
        let _ = ids;
        answer(ctx).await
    }

    /// The record that came from elsewhere: system notion, externalId with or without dashes.
    async fn by_external_id(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The other system, for example notion.")] system: String,
        #[graphql(desc = "The record's id there.")] external_id: String,
    ) -> Result<Option<Node>, Arc<Error>> {
        let _ = (system, external_id);
        answer(ctx).await
    }
}
