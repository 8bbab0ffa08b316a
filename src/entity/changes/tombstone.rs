//! What left the live records: in the trash, purged, or merged into others.

use super::page::{Kind, records, taken};
use crate::feed::RecordType;
use crate::feed::cursor::Place;
use crate::query::expr::{Sql, Verbatim};
use crate::query::plan::{Boxed, Json};
use crate::scalar::{DateTime, Id};
use crate::tables::{projects, tags, tasks};
use async_graphql::SimpleObject;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Integer, Nullable, Timestamptz};
use serde::Deserialize;
use std::sync::Arc;

/// A record that left the live ones.
#[derive(Clone, Debug, Deserialize, SimpleObject)]
pub struct Tombstone {
    /// The only id of the record.
    pub id: Id,
    /// What it was.
    #[graphql(name = "type")]
    #[serde(rename = "type")]
    pub kind: RecordType,
    /// Its version, or the one after its last.
    pub version: i32,
    /// When it was moved to the trash, or purged.
    pub deleted_at: DateTime,
}

diesel::table! {
    use diesel::sql_types::{Int4, Nullable, Timestamptz, Uuid};
    use crate::tables::sql_types::RecordType;

    /// Those of them that are there, live or in the trash.
    there (id) {
        /// The record.
        id -> Uuid,
        /// Its kind.
        kind -> RecordType,
        /// Its version now.
        version -> Int4,
        /// When it went to the trash.
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::allow_tables_to_appear_in_same_query!(taken, there);

/// The page's records that are not among the live ones.
pub(super) fn tombstones(place: Option<&Place>) -> Json {
    let sql: Sql = match place {
        // Who begins has nothing to forget.
        None | Some(Place::Loading { .. }) => Arc::new(Verbatim("'[]'::json")),
        Some(Place::Since(_) | Place::Within { .. }) => {
            Arc::new(Tombstones { there: there(), gone: Arc::new(gone()) })
        }
    };
    Json::Other(Boxed(sql), 1)
}

/// Each with its version and time: its own, where it is in the trash, or those of its last change.
#[diesel::dsl::auto_type(no_type_alias)]
fn gone() -> _ {
    let same = taken::id.eq(there::id).and(taken::kind.eq(there::kind));
    taken::table
        .left_join(there::table.on(same))
        .filter(there::id.is_null().or(there::deleted_at.is_not_null()))
        .select((
            taken::id,
            taken::kind,
            version(there::version.nullable(), taken::version),
            deleted_at(there::deleted_at.nullable(), taken::at),
        ))
}

/// The page's records that are there. A join with each table would read those that are small as a whole.
fn there() -> [Sql; 3] {
    /// The same lines for each table.
    macro_rules! there {
        ($table:ident, $kind:expr) => {
            Arc::new(
                $table::table
                    .filter($table::id.nullable().eq(records::<$table::table>($kind)))
                    .select(($table::id, Kind($kind), $table::version, $table::deleted_at)),
            )
        };
    }
    [
        there!(tasks, RecordType::Task),
        there!(projects, RecordType::Project),
        there!(tags, RecordType::Tag),
    ]
}

diesel::define_sql_function! {
    /// The first that there is.
    #[sql_name = "coalesce"]
    fn version(own: Nullable<Integer>, last: Integer) -> Integer;
}
diesel::define_sql_function! {
    /// The first that there is.
    #[sql_name = "coalesce"]
    fn deleted_at(own: Nullable<Timestamptz>, last: Timestamptz) -> Timestamptz;
}

struct Tombstones {
    there: [Sql; 3],
    gone: Sql,
}

impl QueryFragment<Pg> for Tombstones {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(WITH there (id, kind, version, deleted_at) AS MATERIALIZED (");
        for (index, there) in self.there.iter().enumerate() {
            out.push_sql(if index == 0 { "" } else { " UNION ALL " });
            there.walk_ast(out.reborrow())?;
        }
        out.push_sql(") SELECT coalesce(json_agg(row_to_json(t) ORDER BY id), '[]') FROM (");
        self.gone.walk_ast(out.reborrow())?;
        out.push_sql(") AS t(id, type, version, deleted_at))");
        Ok(())
    }
}
