//! Where imported records came from.

use crate::query::expr::{Expr, Outer};
use crate::query::plan::{Json, Record, Rows};
use crate::scalar::DateTime;
use crate::tables::external_refs;
use async_graphql::SimpleObject;
use diesel::prelude::*;
use diesel::sql_types::Uuid;
use serde::Deserialize;
use std::sync::Arc;

/// Where an imported record came from; the old system's links still resolve through it.
#[derive(Debug, Deserialize, Selectable, SimpleObject)]
#[diesel(table_name = external_refs, check_for_backend(diesel::pg::Pg))]
pub struct ExternalRef {
    /// The other system, for example notion.
    #[graphql(name = "system")]
    pub source: String,
    /// The record's id there.
    pub external_id: String,
    /// The record's address there.
    pub url: Option<String>,
    /// When it was imported.
    pub imported_at: DateTime,
}

/// The plan of the references of the record whose id this is.
pub(super) fn of<C>(id: Outer<C>, depth: u16) -> Json
where
    C: Column<SqlType = Uuid> + Send + Sync + 'static,
{
    let columns = Arc::new(<ExternalRef as Selectable<diesel::pg::Pg>>::construct_selection());
    let rows: Rows<external_refs::table> = Rows::new(columns, Arc::new(external_refs::table))
        .filter(Expr::of(external_refs::record_id.eq(id)));
    Json::Many(Record::plain::<_, ExternalRef>(rows, depth))
}
