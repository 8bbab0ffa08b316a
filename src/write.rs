//! Writes: one statement, and the read-back of what it did in the same flush.
//!
//! The read-back is a statement of its own, sent right behind the write on the same connection: it sees
//! the commit, which the write's own snapshot cannot.

pub mod user_error;

pub(crate) mod check;

use crate::error::Result;
use crate::feed;
use crate::query::entity::{Entity, RecordScope};
use crate::query::expr::{Sql, bound};
use crate::query::kinds::{Any, branch, numbered};
use crate::query::plan::{Boxed, Child, Json, push_slots};
use crate::query::request::Request;
use crate::query::selection::Field;
use crate::query::statement::Slots;
use crate::scalar::{ChangeCursor, Id};
use crate::tables::{changes, task_tags};
use async_graphql::{Context, InputObject};
use diesel::QueryResult;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::dsl::exists;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Json as JsonType};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;
use user_error::{Constraint, UserError, UserErrorCode};

diesel::table! {
    /// The ids of the records that a write touched, for the other parts of its statement.
    written (id) {
        /// The record's id.
        id -> Uuid,
    }
}

diesel::table! {
    /// The tags that a write made or found by their names, likewise.
    made (id) {
        /// The tag's id.
        id -> Uuid,
        /// Its key.
        key -> Text,
    }
}

diesel::allow_tables_to_appear_in_same_query!(written, made);
diesel::allow_tables_to_appear_in_same_query!(written, task_tags);

diesel::define_sql_function! {
    /// A row for each item of an array.
    fn unnest<ST: diesel::sql_types::SingleValue>(items: diesel::sql_types::Array<ST>) -> ST;
}

/// Typed writes joined into one statement.
pub(crate) struct Write {
    first: Sql,
    also: Vec<(&'static str, Sql)>,
}

impl Write {
    /// A write that returns the ids of the records that it touched; the other parts find them in
    /// [`written`].
    pub(crate) fn new(first: impl QueryFragment<Pg> + Send + Sync + 'static) -> Self {
        Self { first: Arc::new(first), also: Vec::new() }
    }

    /// Another part, under a name by which the parts after it may call what it returns.
    pub(crate) fn also(
        &mut self,
        name: &'static str,
        part: impl QueryFragment<Pg> + Send + Sync + 'static,
    ) {
        self.also.push((name, Arc::new(part)));
    }
}

impl QueryFragment<Pg> for Write {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH written AS (");
        self.first.walk_ast(out.reborrow())?;
        for (name, part) in &self.also {
            out.push_sql("), ");
            out.push_sql(name);
            out.push_sql(" AS (");
            part.walk_ast(out.reborrow())?;
        }
        out.push_sql(") SELECT count(*) FROM written");
        Ok(())
    }
}
impl QueryId for Write {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl Query for crate::query::statement::Admitted<Write> {
    type SqlType = BigInt;
}

/// A record that a write is about.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct RecordRef {
    /// Its id.
    pub id: Id,
}

/// What a write is read back with: the payload's record, where it stands, and the feed's mark.
struct ReadBack {
    children: Vec<Child>,
    trashed: Boxed,
    purged: Option<Boxed>,
}

impl QueryFragment<Pg> for ReadBack {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT json_build_object('slots', ");
        push_slots(&self.children, &mut out)?;
        out.push_sql(", 'mark', ");
        feed::Mark.walk_ast(out.reborrow())?;
        out.push_sql(", 'trashed', (");
        self.trashed.walk_ast(out.reborrow())?;
        out.push_sql(")");
        if let Some(purged) = &self.purged {
            out.push_sql(", 'purged', ");
            purged.walk_ast(out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}
impl QueryId for ReadBack {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl Query for crate::query::statement::Admitted<ReadBack> {
    type SqlType = JsonType;
}

/// What the read-back brings.
#[derive(Debug, Deserialize, FromSqlRow)]
#[diesel(sql_type = JsonType)]
struct Brought {
    slots: Slots,
    mark: Box<RawValue>,
    /// Whether the record is in the trash; none where there is no such record.
    trashed: Option<bool>,
    /// Whether there was one, which was purged.
    #[serde(default)]
    purged: bool,
}

impl FromSql<JsonType, Pg> for Brought {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(serde_json::from_slice(value.as_bytes())?)
    }
}

/// What came of a write: the payload is made of it.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The answers for the payload's fields.
    pub(crate) slots: Slots,
    /// A mark in the feed that covers the write.
    pub(crate) cursor: ChangeCursor,
    /// Why it was refused, where it was.
    pub(crate) errors: Vec<UserError>,
}

/// What a write is about.
pub(crate) struct About<'a> {
    /// The record.
    pub(crate) id: Id,
    /// What the entity's constraints mean.
    pub(crate) constraints: &'a [Constraint],
    /// The way to the input that holds the fields.
    pub(crate) at: &'a [&'a str],
    /// How the record must be.
    pub(crate) needs: Needs,
}

/// How a record must be for a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Not in the trash.
    Live,
    /// In the trash or not.
    Any,
    /// As before, and one that was purged is as good: it is to be gone.
    Gone,
}

/// Runs a write, and reads the record of its payload back.
pub(crate) async fn run<E: Entity>(
    ctx: &Context<'_>,
    about: About<'_>,
    write: Result<Write, Vec<UserError>>,
) -> Result<Outcome> {
    let request = Request::of(ctx)?;
    let field = request.field(ctx)?;
    let read_back = request.engine.shapes.admit(read_back::<E>(field, &about, request)?)?;
    let (write, mut errors) = match write {
        Ok(write) => (Some(request.engine.shapes.admit(write)?), Vec::new()),
        Err(errors) => (None, errors),
    };
    let pooled = request.engine.pool.get().await?;
    let connection: &AsyncPgConnection = &pooled;
    let (mut first, mut second) = (connection, connection);
    let written = async {
        match write {
            Some(write) => Ok(Some(write.get_result::<i64>(&mut first).await?)),
            None => Ok(None),
        }
    };
    let (written, brought) = tokio::join!(written, read_back.get_result::<Brought>(&mut second));
    let brought = brought?;
    match written {
        Ok(Some(0)) => errors.extend(missing(about.needs, &brought)),
        Ok(_) => {}
        Err(error) => errors.push(user_error::refusal(error, about.constraints, about.at)?),
    }
    Ok(Outcome { slots: brought.slots, cursor: feed::cursor(&brought.mark)?, errors })
}

/// Why a write touched nothing; nothing is wrong where there was nothing to change.
fn missing(needs: Needs, brought: &Brought) -> Option<UserError> {
    let (code, message) = match (brought.trashed, needs) {
        (None, Needs::Gone) if brought.purged => return None,
        (None, _) => (UserErrorCode::NotFound, "there is no such record"),
        (Some(true), Needs::Live) => {
            (UserErrorCode::InTrash, "it is in the trash: restore it first")
        }
        (Some(_), _) => return None,
    };
    Some(UserError::new(code, &["input", "id"], message))
}

/// The plan of the record in the payload.
fn read_back<E: Entity>(field: &Field, about: &About<'_>, request: &Request) -> Result<ReadBack> {
    let moment = &request.moment;
    let mut children = Vec::new();
    for part in &field.sub {
        let json = match part.name.as_str() {
            "task" | "project" | "tag" => {
                let rows = E::rows().filter(E::with_id(bound(about.id)));
                Json::One(E::record(rows, &part.sub, 1, moment)?)
            }
            "record" => Json::Any(Any {
                ids: numbered(vec![about.id]),
                list: false,
                branches: vec![branch::<E>(part, &[], moment)?],
            }),
            _ => continue,
        };
        children.push(Child { slot: part.slot, json });
    }
    let trashed = E::rows().select(&E::scoped(RecordScope::Trash));
    let trashed = Boxed(Arc::new(trashed.filter(E::with_id(bound(about.id)))));
    let purged = (about.needs == Needs::Gone).then(|| {
        let deletions = changes::table.filter(changes::record_id.eq(about.id));
        Boxed(Arc::new(exists(deletions)))
    });
    Ok(ReadBack { children, trashed, purged })
}

/// Declares the payload of an entity's mutations.
macro_rules! payload {
    ($(#[$meta:meta])* $payload:ident { $(#[$field_meta:meta])* $field:ident: $entity:ident }) => {
        $(#[$meta])*
        #[derive(Debug, async_graphql::SimpleObject)]
        #[graphql(complex)]
        pub struct $payload {
            /// Why it was refused; empty where it was done.
            pub user_errors: Vec<$crate::write::user_error::UserError>,
            /// A mark in the change feed: a page of changes whose cursor is at or past it contains this write.
            pub cursor: $crate::scalar::ChangeCursor,
            #[graphql(skip)]
            slots: $crate::query::statement::Slots,
        }

        #[async_graphql::ComplexObject]
        impl $payload {
            $(#[$field_meta])*
            async fn $field(
                &self,
                ctx: &async_graphql::Context<'_>,
            ) -> $crate::error::Result<Option<$entity>> {
                self.slots.at(ctx)
            }
        }

        impl From<$crate::write::Outcome> for $payload {
            fn from(outcome: $crate::write::Outcome) -> Self {
                let $crate::write::Outcome { slots, cursor, errors } = outcome;
                Self { user_errors: errors, cursor, slots }
            }
        }
    };
}
pub(crate) use payload;
