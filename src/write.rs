//! Writes: of one record one statement, and the read-back of what it did in the same flush; of many, see
//! `transaction`.
//!
//! The read-back is a statement of its own, sent right behind the write on the same connection: it sees
//! the commit, which the write's own snapshot cannot.

pub mod user_error;

pub(crate) mod check;
pub(crate) mod merge;
pub(crate) mod push;
pub(crate) mod replay;

pub(crate) mod transaction;

mod operation;
mod read_back;

use crate::error::{Error, Result};
use crate::feed::{self, RecordType};
use crate::query::entity::Entity;
use crate::query::expr::Sql;
use crate::query::request::{Request, affordable};
use crate::query::statement::{Admitted, Slots};
use crate::scalar::{ChangeCursor, Id, Key};
use crate::tables::task_tags;
use async_graphql::{Context, InputObject};
use diesel::QueryResult;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Json as JsonType;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use merge::{ConflictPolicy, Judge, MERGED, Merge, Merged};
pub(crate) use operation::{Came, Needs, Operation, Prepared};
pub(crate) use read_back::show;
use read_back::{Brought, ReadBack, read_back};
use replay::{Keep, Replay};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use transaction::TRIES;
use user_error::UserError;

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
    before: Vec<(&'static str, Sql)>,
    also: Vec<(&'static str, Sql)>,
    kept: bool,
    judge: Option<Judge>,
}

impl Write {
    /// A write that returns the ids of the records that it touched; the other parts find them in
    /// [`written`].
    pub(crate) fn new(first: impl QueryFragment<Pg> + Send + Sync + 'static) -> Self {
        let (before, also) = (Vec::new(), Vec::new());
        Self { first: Arc::new(first), before, also, kept: false, judge: None }
    }

    /// Another part, under a name by which the parts after it may call what it returns.
    pub(crate) fn also(
        &mut self,
        name: &'static str,
        part: impl QueryFragment<Pg> + Send + Sync + 'static,
    ) {
        self.also.push((name, Arc::new(part)));
    }

    /// The same write, which looks first at what others changed.
    pub(crate) fn merging<T: 'static>(self, merge: Merge<T>) -> Self {
        Self { judge: merge.judge(), ..self }
    }

    /// Keeps what came of it.
    fn keep(&mut self, part: Keep) {
        self.kept = true;
        self.also("kept", part);
    }
}

impl QueryFragment<Pg> for Write {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH ");
        for (name, part) in &self.before {
            out.push_sql(name);
            out.push_sql(" AS (");
            part.walk_ast(out.reborrow())?;
            out.push_sql("), ");
        }
        out.push_sql("written AS (");
        self.first.walk_ast(out.reborrow())?;
        for (name, part) in &self.also {
            out.push_sql("), ");
            out.push_sql(name);
            out.push_sql(" AS (");
            part.walk_ast(out.reborrow())?;
        }
        out.push_sql(") SELECT json_build_object('written', (SELECT count(*) FROM written)");
        if self.kept {
            out.push_sql(", 'kept', (SELECT count(*) FROM kept)");
        }
        if !self.before.is_empty() {
            out.push_sql(", 'merge', ");
            out.push_sql(MERGED);
        }
        out.push_sql(")");
        Ok(())
    }
}
impl QueryId for Write {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl Query for Write {
    type SqlType = JsonType;
}

/// What a write did.
#[derive(Debug, Default, Deserialize, FromSqlRow)]
#[diesel(sql_type = JsonType)]
struct Done {
    /// How many records it touched.
    written: i64,
    /// Under how many keys that was kept.
    #[serde(default)]
    kept: i64,
    /// What it did to a newer version than the client knew.
    #[serde(default)]
    merge: Merged,
}

impl FromSql<JsonType, Pg> for Done {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(serde_json::from_slice(value.as_bytes())?)
    }
}

/// A record that a write is about.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct RecordRef {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// Its id.
    pub id: Id,
    /// The version that the client knows: where others changed what this changes too, it is refused.
    pub base_version: Option<i32>,
}

impl RecordRef {
    /// How a write that the record refers to bears with what others changed.
    pub(crate) fn merge<T: 'static>(&self, kind: RecordType) -> Merge<T> {
        Merge::new(kind, self.base_version, ConflictPolicy::Reject)
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
    /// The client's key of the write.
    pub(crate) client_mutation_id: Option<Key>,
    /// Whether it was done before, under the same key.
    pub(crate) replayed: bool,
    /// What was recognised then.
    pub(crate) recognised: Option<Value>,
    /// What it did to a newer version than the client knew.
    pub(crate) merge: Merged,
}

/// Does a mutation's write, and reads the record of its payload back.
pub(crate) async fn run<E: Entity>(ctx: &Context<'_>, operation: Operation<E>) -> Result<Outcome> {
    let request = Request::of(ctx)?;
    let field = request.field(ctx)?;
    let replay = Replay::of::<E>(field, operation.needs, &request.engine.inputs);
    let read_back = read_back(field, &operation, &replay, request)?;
    affordable(read_back.cost(), 1)?;
    let mut prepared = operation.prepare(&replay, request)?;
    let read_back = request.engine.shapes.admit(read_back.and(&prepared.look))?;
    let write = prepared.write.take();
    let mut tries = 1..TRIES;
    let (written, brought) = loop {
        match exchange(write.as_ref(), &read_back, request).await? {
            (Err(Error::Deadlock), _) if tries.next().is_some() => {}
            came => break came,
        }
    };
    let cursor = feed::cursor(&brought.mark)?;
    let Came { errors, replayed, recognised, merge, .. } = prepared.came(written, &brought.seen)?;
    let (slots, client_mutation_id) = (brought.slots, replay.client_mutation_id);
    Ok(Outcome { slots, cursor, errors, client_mutation_id, replayed, recognised, merge })
}

/// Sends a write and its read-back in one flush.
async fn exchange(
    write: Option<&Admitted<Write>>,
    read_back: &Admitted<ReadBack>,
    request: &Request,
) -> Result<(Result<Option<Done>>, Brought)> {
    let pooled = request.engine.pool.get().await?;
    let connection: &AsyncPgConnection = &pooled;
    let (mut first, mut second) = (connection, connection);
    let written = async {
        match write {
            Some(write) => Ok(Some(write.once().get_result::<Done>(&mut first).await?)),
            None => Ok(None),
        }
    };
    let brought = read_back.once().get_result::<Brought>(&mut second);
    let (written, brought) = tokio::join!(written, brought);
    Ok((written, brought?))
}

/// Sends a write that is a part of a transaction.
pub(crate) async fn send(
    request: &Request,
    write: Write,
    connection: &mut AsyncPgConnection,
) -> Result<()> {
    let write = request.engine.shapes.admit(write)?;
    write.get_result::<Done>(connection).await?;
    Ok(())
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
            /// The client's key of the write, as it was given.
            pub client_mutation_id: Option<$crate::scalar::Key>,
            /// Whether it was done before under the same key: this is the first answer, its record as it is now.
            pub replayed: bool,
            /// The fields that were merged into a newer version than the client knew.
            pub merged_fields: Vec<String>,
            /// The fields that others changed too, to other values.
            pub conflicting_fields: Vec<String>,
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
                Self {
                    user_errors: outcome.errors,
                    cursor: outcome.cursor,
                    client_mutation_id: outcome.client_mutation_id,
                    replayed: outcome.replayed,
                    merged_fields: outcome.merge.merged,
                    conflicting_fields: outcome.merge.conflicting,
                    slots: outcome.slots,
                }
            }
        }
    };
}
pub(crate) use payload;
