//! Records whose kind is only known once they were found: interfaces and unions.

use super::comparator::uuids;
use super::entity::Entity;
use super::expr::{Expr, Verbatim, push_level};
use super::plan::{Boxed, Record};
use super::selection::Field;
use crate::error::Result;
use crate::moment::Moment;
use crate::scalar::Id;
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Array, Text, Uuid};
use std::sync::Arc;

/// Records of several kinds by their ids: each is a JSON object with one key, its kind.
#[derive(Debug)]
pub struct Any {
    /// A query of `(id, n)`: which records, in which order.
    pub ids: Boxed,
    /// Of how many records at most a list is wanted; none where one record is.
    pub list: Option<u64>,
    /// For each kind its name and its record of the id.
    pub branches: Vec<(&'static str, Record)>,
}

/// The record of the level above, by its id and its kind there: a JSON object with one key.
#[derive(Debug)]
pub struct Known {
    /// For each kind its label, its name and its record of the id.
    pub branches: Vec<(&'static str, &'static str, Record)>,
}

impl Known {
    /// How many records it may bring.
    pub(crate) fn cost(&self) -> u64 {
        self.branches.iter().map(|(_, _, record)| record.cost()).max().unwrap_or(0)
    }
}

/// Records of known kinds by their ids, in this order: each is a JSON object with one key, or null.
#[derive(Debug)]
pub(crate) struct Named {
    /// The records.
    pub(crate) ids: Vec<uuid::Uuid>,
    /// The label of each one's kind.
    pub(crate) kinds: Vec<&'static str>,
    /// How each kind is found.
    pub(crate) known: Known,
}

/// The level of the ids; each kind's record stands one level deeper.
const IDS: u16 = 1;

/// How a record of one kind is found by the id of the level above; `kinds` names all that may be there.
pub fn branch<E: Entity>(
    field: &Field,
    kinds: &[&str],
    moment: &Moment,
) -> Result<(&'static str, Record)> {
    // A fragment on another kind of record says nothing here.
    let mine = |field: &&Field| {
        field.on.as_ref().is_none_or(|on| on == E::NAME || !kinds.contains(&on.as_str()))
    };
    let id = Expr::trusted(Arc::new(Verbatim("\"l1\".\"id\"")));
    let rows = E::rows().filter(E::with_id(id));
    Ok((E::NAME, E::record(rows, field.sub.iter().filter(mine), IDS + 1, moment)?))
}

/// These ids, numbered.
pub fn numbered(ids: Vec<Id>) -> Boxed {
    Boxed(Arc::new(Numbered(uuids(ids))))
}

/// `SELECT id, n FROM unnest(…) WITH ORDINALITY`.
struct Numbered(Vec<uuid::Uuid>);

impl QueryFragment<Pg> for Numbered {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT * FROM unnest(");
        out.push_bind_param::<Array<Uuid>, _>(&self.0)?;
        out.push_sql(") WITH ORDINALITY");
        Ok(())
    }
}

impl QueryFragment<Pg> for Any {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let (before, after) = if self.list.is_some() {
            ("(SELECT coalesce(json_agg(coalesce(", ") ORDER BY n), '[]') FROM (")
        } else {
            ("(SELECT coalesce(", ") FROM (")
        };
        out.push_sql(before);
        for (index, (name, record)) in self.branches.iter().enumerate() {
            out.push_sql(if index == 0 { "" } else { ", " });
            record.push_rows(&format!("json_build_object('{name}', "), ")", out.reborrow())?;
        }
        out.push_sql(after);
        self.ids.walk_ast(out.reborrow())?;
        out.push_sql(") AS ");
        push_level(&mut out, IDS)?;
        out.push_sql("(id, n))");
        Ok(())
    }
}

impl QueryFragment<Pg> for Named {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT coalesce(json_agg(");
        self.known.walk_ast(out.reborrow())?;
        out.push_sql(" ORDER BY n), '[]') FROM unnest(");
        out.push_bind_param::<Array<Uuid>, _>(&self.ids)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.kinds)?;
        out.push_sql(") WITH ORDINALITY AS ");
        push_level(&mut out, IDS)?;
        out.push_sql("(id, kind, n))");
        Ok(())
    }
}

impl QueryFragment<Pg> for Known {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("CASE ");
        push_level(&mut out, IDS)?;
        out.push_sql(".\"kind\"");
        for (label, name, record) in &self.branches {
            out.push_sql(&format!(" WHEN '{label}' THEN "));
            record.push_rows(&format!("json_build_object('{name}', "), ")", out.reborrow())?;
        }
        out.push_sql(" END");
        Ok(())
    }
}
