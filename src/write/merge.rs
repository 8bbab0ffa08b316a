//! Writes of a client that knew an older version: what others changed since is told field by field.
//!
//! The write's statement first locks the record, then judges each field of the patch by what the feed
//! says of the versions since, and applies it where it may. It stays one statement, however late it comes.

use super::user_error::{UserError, UserErrorCode};
use crate::feed::RecordType;
use crate::query::entity::Entity;
use crate::query::expr::{Cond, Expr, Sql, Verbatim, always};
use crate::query::plan::Rows;
use async_graphql::Enum;
use diesel::QueryResult;
use diesel::expression::TypedExpressionType;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::{Array, Integer, SingleValue, Uuid};
use serde::Deserialize;
use std::sync::Arc;

/// What becomes of fields that others changed too.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConflictPolicy {
    /// They stay as they are; the other fields are applied.
    Merge,
    /// Nothing is applied where there is any.
    Reject,
    /// They are applied all the same.
    Overwrite,
}

diesel::table! {
    /// The fields that a write would change in a newer version than its client knew.
    judged (field) {
        /// The name of the field, as the feed has it.
        field -> Text,
        /// Whether others changed it too.
        conflicting -> Bool,
    }
}

/// What a write did to a newer version than the client knew.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct Merged {
    /// The fields that were merged into it.
    pub(crate) merged: Vec<String>,
    /// The fields that others had changed.
    pub(crate) conflicting: Vec<String>,
}

/// The fields of a write to the table `T`, and how they bear with what others changed.
pub(crate) struct Merge<T> {
    base: Option<i32>,
    judge: Judge,
    table: std::marker::PhantomData<fn() -> T>,
}

impl<T: 'static> Merge<T> {
    /// A write of a client that knew this version, or does not say which; then it is done as it is.
    pub(crate) fn new(kind: RecordType, base: Option<i32>, policy: ConflictPolicy) -> Self {
        let base = base.filter(|_| policy != ConflictPolicy::Overwrite);
        let rejects = policy == ConflictPolicy::Reject;
        let judge = Judge {
            kind,
            base: base.unwrap_or_default(),
            rejects,
            any_edit: false,
            set: None,
            fields: Vec::new(),
        };
        Self { base, judge, table: std::marker::PhantomData }
    }

    /// Sets a column, which is a part of a field, where that is not in conflict.
    pub(crate) fn set<C, V>(
        &mut self,
        field: &'static str,
        column: C,
        new: Option<V>,
    ) -> Option<diesel::dsl::Eq<C, Expr<T, C::SqlType>>>
    where
        C: Column<Table = T> + Copy + QueryFragment<Pg> + Send + Sync + 'static,
        C::SqlType: SingleValue + TypedExpressionType,
        V: diesel::expression::AsExpression<C::SqlType>,
        V::Expression: QueryFragment<Pg> + Send + Sync + 'static,
    {
        let (kept, new): (Sql, Sql) = (Arc::new(column), Arc::new(new?.as_expression()));
        let differs = Differs { kept: Arc::clone(&kept), new: Arc::clone(&new) };
        self.judge.fields.push((field, Arc::new(differs)));
        Some(column.eq(self.value(field, kept, new)))
    }

    /// Notes a field that changes where this holds.
    pub(crate) fn field(&mut self, field: &'static str, differs: &Cond<T>) {
        self.judge.fields.push((field, differs.sql()));
    }

    /// As before, of a set to which some are added and from which some are taken: that goes with whatever
    /// others did to it, as far as it is known that they did.
    pub(crate) fn set_of(&mut self, field: &'static str, differs: &Cond<T>) {
        self.judge.set = Some(field);
        self.field(field, differs);
    }

    /// As before; and any edit of others stands against it.
    pub(crate) fn whole(&mut self, field: &'static str, differs: &Cond<T>) {
        self.judge.any_edit = true;
        self.field(field, differs);
    }

    /// Whether a field may be kept while others change.
    fn gates(&self, field: &str) -> bool {
        let judged = self.judge.fields.iter().any(|(known, _)| *known == field);
        self.base.is_some() && !self.judge.rejects && judged
    }

    /// The new value, or what is kept where the field is in conflict.
    pub(crate) fn value<S, ST>(&self, field: &'static str, kept: Sql, new: Sql) -> Expr<S, ST> {
        Expr::trusted(if self.gates(field) { Arc::new(Unless { field, kept, new }) } else { new })
    }

    /// Holds where a field that is no column may change.
    pub(crate) fn allows<S: 'static>(&self, field: &'static str) -> Cond<S> {
        if !self.gates(field) {
            return always();
        }
        let conflict = judged::table.filter(judged::conflicting).filter(judged::field.eq(field));
        Expr::trusted(Arc::new(diesel::dsl::not(diesel::dsl::exists(conflict))))
    }

    /// Holds where the record may be written at all; it also makes the judgement come first, for after the
    /// write the record could not be judged any more.
    pub(crate) fn gate(&self) -> Cond<T> {
        if self.base.is_none() || self.judge.fields.is_empty() {
            return always();
        }
        let conflicts = judged::table.filter(judged::conflicting).count().single_value();
        let sql: Sql =
            if self.judge.rejects { Arc::new(conflicts.eq(0)) } else { Arc::new(conflicts.ge(0)) };
        Expr::trusted(sql)
    }

    /// The judgement that the write needs; nothing where it is done as it is.
    pub(super) fn judge(self) -> Option<Judge> {
        (self.base.is_some() && !self.judge.fields.is_empty()).then_some(self.judge)
    }
}

/// `kept IS DISTINCT FROM new`.
struct Differs {
    kept: Sql,
    new: Sql,
}

impl QueryFragment<Pg> for Differs {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.kept.walk_ast(out.reborrow())?;
        out.push_sql(" IS DISTINCT FROM ");
        self.new.walk_ast(out.reborrow())
    }
}

/// `CASE WHEN (the field is in conflict) THEN kept ELSE new END`.
struct Unless {
    field: &'static str,
    kept: Sql,
    new: Sql,
}

impl QueryFragment<Pg> for Unless {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("CASE WHEN EXISTS (SELECT FROM judged WHERE conflicting AND field = '");
        out.push_sql(self.field);
        out.push_sql("') THEN ");
        self.kept.walk_ast(out.reborrow())?;
        out.push_sql(" ELSE ");
        self.new.walk_ast(out.reborrow())?;
        out.push_sql(" END");
        Ok(())
    }
}

/// How the fields of a write are judged.
pub(super) struct Judge {
    kind: RecordType,
    base: i32,
    /// Whether nothing is applied where anything is in conflict.
    pub(super) rejects: bool,
    any_edit: bool,
    /// The field that is a set.
    set: Option<&'static str>,
    /// The parts of fields, and whether each would change.
    fields: Vec<(&'static str, Sql)>,
}

/// The parts of a write's statement that come before it: the locked record, and the judgement.
/// What the writes of these keys changed is not judged.
pub(super) fn parts<E: Entity>(
    judge: Judge,
    record: Rows<E::Table>,
    own: &Arc<Vec<uuid::Uuid>>,
) -> [(&'static str, Sql); 2] {
    let all: Expr<E::Table, diesel::sql_types::Text> = Expr::trusted(Arc::new(Verbatim("*")));
    let locked = Locked(record.select(&all));
    let (own, table) = (Arc::clone(own), Arc::new(E::Table::default()));
    let judged = Judged { judge, table, own };
    [("locked", Arc::new(locked)), ("judged", Arc::new(judged))]
}

/// `SELECT … FOR NO KEY UPDATE`: the row as the last who changed it left it.
pub(crate) struct Locked<T>(pub(crate) Rows<T>);

impl<T> QueryId for Locked<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
/// Of rows that were told to be ids.
impl<T> Query for Locked<T> {
    type SqlType = Uuid;
}

impl<T: 'static> QueryFragment<Pg> for Locked<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" FOR NO KEY UPDATE");
        Ok(())
    }
}

/// The judgement: the fields that would change, and whether each conflicts; none where the client knew the
/// record's version.
struct Judged {
    judge: Judge,
    table: Sql,
    own: Arc<Vec<uuid::Uuid>>,
}

impl QueryFragment<Pg> for Judged {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Judge { kind, base, any_edit, fields, set, .. } = &self.judge;
        let judged = "(f.field = ANY (s.changed)) IS NOT FALSE";
        out.push_sql("SELECT DISTINCT f.field, ");
        if let Some(set) = set {
            // Nothing is known of a version that is newer than the record, or too old for the feed.
            out.push_sql("CASE f.field WHEN '");
            out.push_sql(set);
            out.push_sql("' THEN s.changed IS NULL ELSE ");
            out.push_sql(judged);
            out.push_sql(" END");
        } else {
            out.push_sql(if *any_edit { "true" } else { judged });
        }
        // Under the table's own name, so that conditions on its columns are conditions on the locked row.
        out.push_sql(" AS conflicting FROM locked AS ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(", LATERAL (SELECT fields_changed_since('");
        out.push_sql(kind.label());
        out.push_sql("', id, ");
        out.push_bind_param::<Integer, _>(base)?;
        out.push_sql(", version");
        if !self.own.is_empty() {
            out.push_sql(", ");
            out.push_bind_param::<Array<Uuid>, _>(&*self.own)?;
        }
        out.push_sql(") AS changed) AS s, LATERAL (VALUES ");
        for (index, (field, differs)) in fields.iter().enumerate() {
            out.push_sql(if index == 0 { "('" } else { ", ('" });
            out.push_sql(field);
            out.push_sql("', ");
            differs.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        // Where nobody else changed anything there is nothing to merge into. A place in the manual order is
        // no edit: a move of others may have given it.
        out.push_sql(
            ") AS f(field, differs) WHERE f.differs AND (s.changed <@ '{position}') IS NOT TRUE",
        );
        Ok(())
    }
}

/// JSON of a [`Merged`].
pub(super) const MERGED: &str = "(SELECT json_build_object(\
    'merged', coalesce(json_agg(field ORDER BY field) FILTER (WHERE NOT conflicting), '[]'), \
    'conflicting', coalesce(json_agg(field ORDER BY field) FILTER (WHERE conflicting), '[]')) FROM judged)";

/// Why fields were not applied.
pub(super) fn conflict() -> UserError {
    let message = "others changed it since that version: conflictingFields says what";
    UserError::new(UserErrorCode::VersionConflict, &["input", "baseVersion"], message)
}
