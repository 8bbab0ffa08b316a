//! The change feed: what changed, told apart by snapshots of the database.
//!
//! A cursor is the snapshot of the statement that produced it, as far as it stays true when the server is
//! killed, with the feed's id: what changed since is what is visible now and was not then, in whatever
//! order transactions commit.

pub(crate) mod cursor;

use crate::error::{Error, Result};
use crate::query::enumeration::enumeration;
use crate::scalar::ChangeCursor;
use crate::tables::sql_types::{PgSnapshot, Xid8};
use crate::tables::{changes, outcomes, settings};
use cursor::{Cursor, Place, Snapshot, Xid};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Integer, Nullable, Timestamptz};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use serde_json::value::RawValue;

enumeration! {
    /// A kind of record.
    RecordType as RecordType("::record_type", "::record_type[]") {
        /// A thing to do.
        Task = "task",
        /// A container of tasks.
        Project = "project",
        /// A word put on tasks.
        Tag = "tag",
    }
}

impl RecordType {
    /// All kinds, in their order.
    pub(crate) const ALL: [Self; 3] = [Self::Task, Self::Project, Self::Tag];

    /// The kind whose records have a type of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.label().eq_ignore_ascii_case(name))
    }
}

diesel::define_sql_function! {
    /// The snapshot of the statement.
    fn pg_current_snapshot() -> PgSnapshot;
}
diesel::define_sql_function! {
    /// The snapshot of the statement up to the newest change: it stays true when the server is killed.
    fn settled_snapshot() -> PgSnapshot;
}
diesel::define_sql_function! {
    /// The transaction from which on none is visible.
    fn pg_snapshot_xmax(snapshot: PgSnapshot) -> Xid8;
}
diesel::define_sql_function! {
    /// Whether a transaction is visible in a snapshot.
    fn pg_visible_in_snapshot(xid: Xid8, snapshot: Nullable<PgSnapshot>) -> Nullable<Bool>;
}
diesel::define_sql_function! {
    /// Whether all that the second snapshot sees is seen by the first one; nothing where there is none.
    fn snapshot_covers(later: PgSnapshot, earlier: Nullable<PgSnapshot>) -> Nullable<Bool>;
}
diesel::define_sql_function! {
    /// Begins a new feed where the database was restored, and says whether it was.
    fn renew_restored_feed() -> Bool;
}
diesel::define_sql_function! {
    /// Forgets changes of before a time, and says how many.
    fn prune_changes(before: Timestamptz) -> BigInt;
}
diesel::define_sql_function! {
    /// Deletes for good what went to the trash before a time, at most so many of each kind.
    fn purge_trash(before: Timestamptz, most: Integer) -> BigInt;
}

diesel::define_sql_function! {
    /// A random id.
    fn gen_random_uuid() -> Uuid;
}

/// Begins a new feed, whatever the restored one looks like: numbers of transactions that were given by another
/// server mean nothing here, and may yet be given again.
pub(crate) async fn renew(connection: &mut AsyncPgConnection) -> Result<()> {
    connection
        .transaction(async |connection| {
            let _: bool = diesel::select(renew_restored_feed()).get_result(connection).await?;
            diesel::delete(changes::table).execute(connection).await?;
            let none = outcomes::done_in.eq(Xid::default());
            diesel::update(outcomes::table).set(none).execute(connection).await?;
            let feed = (
                settings::feed_id.eq(gen_random_uuid()),
                settings::feed_pruned.eq(None::<Snapshot>),
            );
            diesel::update(settings::table).set(feed).execute(connection).await?;
            Ok(())
        })
        .await
}

/// JSON of the place in the feed at which a statement reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark;

impl QueryFragment<Pg> for Mark {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("json_build_array((SELECT ");
        settings::feed_id.walk_ast(out.reborrow())?;
        out.push_sql(" FROM ");
        settings::table.walk_ast(out.reborrow())?;
        out.push_sql("), settled_snapshot())");
        Ok(())
    }
}

/// The cursor of a [`Mark`] as the statement brought it.
pub(crate) fn cursor(mark: &RawValue) -> Result<ChangeCursor> {
    let read: (uuid::Uuid, Snapshot) =
        serde_json::from_str(mark.get()).map_err(|error| Error::Internal(error.into()))?;
    let (feed, now) = read;
    Cursor { feed, types: RecordType::ALL.to_vec(), place: Place::Since(now) }.encode()
}
