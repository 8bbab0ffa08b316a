//! The read-back of a write: the payload's record as it is after the commit, and a mark in the feed.

use super::Needs;
use super::merge::Locked;
use super::operation::Operation;
use super::replay::{Kept, Replay};
use crate::error::Result;
use crate::feed::{self, RecordType};
use crate::query::entity::{Entity, RecordScope};
use crate::query::expr::{Expr, Sql, bound};
use crate::query::kinds::{Any, branch, numbered};
use crate::query::plan::{Boxed, Child, Json, Rows, push_slots};
use crate::query::request::Request;
use crate::query::selection::Field;
use crate::query::statement::Slots;
use crate::scalar::{ChangeCursor, Id};
use crate::tables::changes;
use diesel::QueryResult;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::dsl::exists;
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Json as JsonType, Nullable, Uuid};
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// What a write is read back with: the payload's record, where it stands, and the feed's mark.
pub(super) struct ReadBack {
    children: Vec<Child>,
    look: Option<Arc<Look>>,
}

impl QueryFragment<Pg> for ReadBack {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT json_build_object('slots', ");
        push_slots(&self.children, &mut out)?;
        out.push_sql(", 'mark', ");
        feed::Mark.walk_ast(out.reborrow())?;
        if let Some(look) = &self.look {
            out.push_sql(", 'seen', ");
            look.walk_ast(out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}
impl QueryId for ReadBack {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl Query for ReadBack {
    type SqlType = JsonType;
}

/// What the read-back brings.
#[derive(Debug, Deserialize, FromSqlRow)]
#[diesel(sql_type = JsonType)]
pub(super) struct Brought {
    pub(super) slots: Slots,
    pub(super) mark: Box<RawValue>,
    #[serde(default)]
    pub(super) seen: Seen,
}

impl FromSql<JsonType, Pg> for Brought {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(serde_json::from_slice(value.as_bytes())?)
    }
}

/// JSON of what tells why a write did nothing.
pub(super) struct Look {
    trashed: Boxed,
    purged: Option<Boxed>,
    kept: Option<Boxed>,
    holder: Option<Sql>,
}

impl QueryFragment<Pg> for Look {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("json_build_object('trashed', (");
        self.trashed.walk_ast(out.reborrow())?;
        out.push_sql(")");
        for (name, part) in [("purged", &self.purged), ("kept", &self.kept)] {
            if let Some(part) = part {
                out.push_sql(&format!(", '{name}', "));
                part.walk_ast(out.reborrow())?;
            }
        }
        if let Some(holder) = &self.holder {
            out.push_sql(", 'holder', (");
            holder.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(")");
        Ok(())
    }
}

/// What was seen of a record and of the write's keys.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Seen {
    /// Whether the record is in the trash; none where there is no such record.
    pub(super) trashed: Option<bool>,
    /// Whether there was one, which was purged.
    #[serde(default)]
    pub(super) purged: bool,
    /// What is kept under the write's keys.
    #[serde(default)]
    pub(super) kept: Vec<Kept>,
    /// The record that stands in for a new one.
    #[serde(default)]
    pub(super) holder: Option<Id>,
}

impl ReadBack {
    /// Only these answers.
    pub(super) fn answers(children: Vec<Child>) -> Self {
        Self { children, look: None }
    }

    /// How many records it may bring.
    pub(super) fn cost(&self) -> u64 {
        self.children.iter().map(|child| child.json.cost()).sum()
    }

    /// Only what tells why a write did nothing.
    pub(super) fn looking(look: &Arc<Look>) -> Self {
        Self { children: Vec::new(), look: Some(Arc::clone(look)) }
    }

    /// The same, and what tells why a write did nothing.
    pub(super) fn and(self, look: &Arc<Look>) -> Self {
        Self { look: Some(Arc::clone(look)), ..self }
    }
}

/// The plan of the record in the payload.
pub(super) fn read_back<E: Entity>(
    field: &Field,
    operation: &Operation<E>,
    replay: &Replay,
    request: &Request,
) -> Result<ReadBack> {
    let (id, moment) = (operation.id, &request.moment);
    let mut children = Vec::new();
    for part in &field.sub {
        let json = match part.name.as_str() {
            name if name.eq_ignore_ascii_case(E::NAME) => {
                let rows = E::rows().filter(E::with_id(shown(operation, replay)));
                Json::One(E::record(rows, &part.sub, 1, moment)?)
            }
            "record" => Json::Any(Any {
                ids: numbered(vec![id]),
                list: None,
                branches: vec![branch::<E>(part, &[], moment)?],
            }),
            _ => continue,
        };
        children.push(Child { slot: part.slot, json });
    }
    Ok(ReadBack::answers(children))
}

/// What tells why a write to a record did nothing.
pub(super) fn look<E: Entity>(id: Id, needs: Needs, replay: &Replay, holder: Option<Sql>) -> Look {
    let trashed = E::rows().select(&E::scoped(RecordScope::Trash));
    let trashed = Boxed(Arc::new(trashed.filter(E::with_id(bound(id)))));
    let purged = (needs == Needs::Gone).then(|| Boxed(was::<E>(id)));
    let kept = replay.is_kept().then(|| replay.kept());
    Look { trashed, purged, kept, holder }
}

/// Whether there ever was such a record of this id.
fn was<E: Entity>(id: Id) -> Sql {
    let of_id = changes::table.filter(changes::record_id.eq(id));
    match RecordType::named(E::NAME) {
        Some(kind) => Arc::new(exists(of_id.filter(changes::record_type.eq(kind)))),
        None => Arc::new(exists(of_id)),
    }
}

/// The id of the payload's record: only for a new one the server may have made another before, or another
/// may stand in for it.
fn shown<E: Entity>(operation: &Operation<E>, replay: &Replay) -> Expr<E::Table, Nullable<Uuid>> {
    let (id, holder) = (operation.id, operation.holder.clone());
    let kept = operation.needs == Needs::New && replay.client_mutation_id.is_some();
    let kept = kept.then(|| replay.record());
    if kept.is_none() && holder.is_none() {
        return bound(id);
    }
    Expr::trusted(Arc::new(Shown { kept, holder, id }))
}

/// `coalesce((the first of the kept records' ids), (the one that stands in), $id)`.
struct Shown {
    kept: Option<Sql>,
    holder: Option<Sql>,
    id: Id,
}

impl QueryFragment<Pg> for Shown {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("coalesce(");
        if let Some(kept) = &self.kept {
            out.push_sql("(");
            kept.walk_ast(out.reborrow())?;
            out.push_sql(")[1], ");
        }
        if let Some(holder) = &self.holder {
            out.push_sql("(");
            holder.walk_ast(out.reborrow())?;
            out.push_sql("), ");
        }
        out.push_bind_param::<Uuid, _>(&self.id)?;
        out.push_sql(")");
        Ok(())
    }
}

/// The record of a write, where it is as it must be.
pub(super) fn record<E: Entity>(id: Id, needs: Needs) -> Rows<E::Table> {
    let here = E::rows().filter(E::with_id(bound(id)));
    if needs == Needs::Live { here.filter(E::scoped(RecordScope::Live)) } else { here }
}

/// Whether the record is as it must be for a write, which then keeps it so until its end; nothing for a
/// new record.
pub(super) fn standing<E: Entity>(id: Id, needs: Needs) -> Option<Sql> {
    let rows = record::<E>(id, needs).select(&E::with_id(bound(id)));
    let purged = (needs == Needs::Gone).then(|| was::<E>(id));
    let standing = Standing { record: Locked(rows), purged };
    (needs != Needs::New).then(|| -> Sql { Arc::new(standing) })
}

/// `EXISTS (SELECT … FOR NO KEY UPDATE)`; or, where that is as good, whether it was purged.
struct Standing<T> {
    record: Locked<T>,
    purged: Option<Sql>,
}

impl<T: 'static> QueryFragment<Pg> for Standing<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(EXISTS (");
        self.record.walk_ast(out.reborrow())?;
        out.push_sql(")");
        if let Some(purged) = &self.purged {
            out.push_sql(" OR ");
            purged.walk_ast(out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}

/// What a payload shows after its transaction, and a mark in the feed.
pub(crate) async fn show(request: &Request, children: Vec<Child>) -> Result<(Slots, ChangeCursor)> {
    let read_back = request.engine.shapes.admit(ReadBack::answers(children))?;
    let mut connection = request.engine.pool.get().await?;
    let brought: Brought = read_back.get_result(&mut connection).await?;
    Ok((brought.slots, feed::cursor(&brought.mark)?))
}
