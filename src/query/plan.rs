//! The plan of an operation: a printable value, built without a connection.
//!
//! A plan is a tree of [`Json`] expressions. Rows at each nesting level come from an ordinary typed
//! query; this module only knows how levels are wrapped into each other.

use super::entity::names;
use super::expr::{Cond, Expr, Outer, Sql, all, push_level};
use super::kinds::{Any, Known};
use super::order::Sorting;
use super::page::Page;
use super::page_lists::NUMBERS;
use super::selection::Slot;
use super::tally::Tally;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::{Column, QueryResult};
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::Arc;

/// `SELECT columns FROM table WHERE … ORDER BY … LIMIT …` over the table `T`.
pub struct Rows<T> {
    pub(super) columns: Sql,
    pub(super) table: Sql,
    /// What is joined to the table.
    pub(super) join: Option<Sql>,
    pub(super) conditions: Vec<Cond<T>>,
    pub(super) sorting: Option<Sql>,
    pub(super) limit: Option<u32>,
    pub(super) extras: Vec<(String, Sql)>,
    /// Whether they are the rows of a page, which may share the records that they list.
    pub(super) paged: bool,
}

impl<T: 'static> Rows<T> {
    /// All rows of a table.
    pub fn new(columns: Sql, table: Sql) -> Self {
        let (conditions, extras) = (Vec::new(), Vec::new());
        let (join, sorting, limit, paged) = (None, None, None, false);
        Self { columns, table, join, conditions, sorting, limit, extras, paged }
    }

    /// The same rows, each with these of its columns alone.
    #[must_use]
    pub(super) fn only(self, names: &[&'static str]) -> Self {
        let columns = Named { table: Arc::clone(&self.table), names: names.to_vec() };
        Self { columns: Arc::new(columns), ..self }
    }

    /// The same rows, each with this value in place of its columns.
    #[must_use]
    pub(crate) fn select<ST>(self, value: &Expr<T, ST>) -> Self {
        Self { columns: value.sql(), ..self }
    }

    /// Keeps the rows for which the condition holds too.
    #[must_use]
    pub fn filter(mut self, condition: Cond<T>) -> Self {
        self.conditions.extend((!condition.is_trivial()).then_some(condition));
        self
    }

    /// Puts the rows in order.
    #[must_use]
    pub fn order(mut self, sorting: &Sorting<T>) -> Self
    where
        T: Send + Sync,
    {
        self.sorting = Some(sorting.clause(false));
        self
    }

    /// No more rows than this.
    #[must_use]
    pub(crate) fn limit(self, most: u32) -> Self {
        Self { limit: Some(most), ..self }
    }

    pub(super) fn condition(&self) -> Cond<T> {
        all(self.conditions.clone())
    }
}

impl<T: 'static> QueryFragment<Pg> for Rows<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        self.columns.walk_ast(out.reborrow())?;
        for (name, extra) in &self.extras {
            out.push_sql(", ");
            extra.walk_ast(out.reborrow())?;
            out.push_sql(" AS ");
            out.push_identifier(name)?;
        }
        out.push_sql(" FROM ");
        self.table.walk_ast(out.reborrow())?;
        if let Some(join) = &self.join {
            join.walk_ast(out.reborrow())?;
        }
        for (index, condition) in self.conditions.iter().enumerate() {
            out.push_sql(if index == 0 { " WHERE " } else { " AND " });
            condition.walk_ast(out.reborrow())?;
        }
        if let Some(sorting) = &self.sorting {
            sorting.walk_ast(out.reborrow())?;
        }
        if let Some(limit) = self.limit {
            // A literal: with a bind the planner cannot know how few rows are wanted.
            out.push_sql(&format!(" LIMIT {limit}"));
        }
        Ok(())
    }
}

/// `table.name, …`.
struct Named {
    table: Sql,
    names: Vec<&'static str>,
}

impl QueryFragment<Pg> for Named {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (index, name) in self.names.iter().enumerate() {
            out.push_sql(if index == 0 { "" } else { ", " });
            self.table.walk_ast(out.reborrow())?;
            out.push_sql(".");
            out.push_identifier(name)?;
        }
        Ok(())
    }
}

/// The rows of a level while it is being planned: its fields may ask for more columns, and the levels
/// inside it for columns to be linked by.
pub struct Parent<T> {
    pub(super) rows: Rows<T>,
    depth: u16,
    names: Vec<&'static str>,
}

impl<T: 'static> Parent<T> {
    /// The rows have columns of these names.
    pub(super) fn new(rows: Rows<T>, depth: u16, names: Vec<&'static str>) -> Self {
        Self { rows, depth, names }
    }

    /// The nesting depth of the levels inside this one.
    pub fn inside(&self) -> u16 {
        self.depth + 1
    }

    /// Whether the rows of this level may share the records that they list.
    pub(super) fn is_paged(&self) -> bool {
        self.rows.paged
    }

    /// A column of the row at this level, for use in a level inside it.
    pub fn outer<C>(&mut self, column: C) -> Outer<C>
    where
        C: Column<Table = T> + QueryFragment<Pg> + Send + Sync + 'static,
    {
        let known = self.names.contains(&C::NAME)
            || self.rows.extras.iter().any(|(name, _)| name == C::NAME);
        if !known {
            self.rows.extras.push((C::NAME.to_owned(), Arc::new(column)));
        }
        Outer::new(self.depth)
    }

    /// A value computed beside the row's columns, for the field of this slot.
    pub fn value<ST>(&mut self, slot: Slot, value: &Expr<T, ST>) -> Json {
        let name = format!("v{slot}");
        self.rows.extras.push((name.clone(), value.sql()));
        Json::Column { depth: self.depth, name }
    }
}

/// One level of rows and what hangs on each.
#[derive(Debug)]
pub struct Record {
    pub(super) depth: u16,
    pub(super) rows: Boxed,
    names: Vec<&'static str>,
    extras: bool,
    children: Vec<Child>,
    /// Lists of records that the rows share.
    pub(super) page_lists: Vec<Child>,
}

/// SQL that prints itself.
pub struct Boxed(pub(crate) Sql);

impl fmt::Debug for Boxed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", diesel::debug_query::<Pg, _>(self))
    }
}

impl diesel::query_builder::QueryId for Boxed {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl QueryFragment<Pg> for Boxed {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out)
    }
}

impl Record {
    pub(super) fn new<T: 'static>(parent: Parent<T>, children: Vec<Child>) -> Self {
        let (page_lists, children) =
            children.into_iter().partition(|child| matches!(child.json, Json::PageList(_)));
        Self {
            depth: parent.depth,
            names: parent.names,
            extras: !parent.rows.extras.is_empty(),
            rows: Boxed(Arc::new(parent.rows)),
            children,
            page_lists,
        }
    }

    /// A level of rows on which nothing hangs; the struct names the columns.
    pub fn plain<T: 'static, R: DeserializeOwned>(rows: Rows<T>, depth: u16) -> Self {
        Self::new(Parent::new(rows, depth, names::<R>()), Vec::new())
    }

    /// How many records a row of the level may bring, itself too.
    pub(crate) fn cost(&self) -> u64 {
        let hanging = self.children.iter().chain(&self.page_lists);
        hanging.fold(1, |cost, child| cost.saturating_add(child.json.cost()))
    }

    /// Whether the level's row is all that there is of it.
    fn is_plain(&self) -> bool {
        self.children.is_empty() && !self.extras
    }

    /// The JSON of one row of the level.
    pub(super) fn push_row(&self, out: &mut AstPass<'_, '_, Pg>) -> QueryResult<()> {
        out.push_sql("row_to_json(");
        if self.is_plain() {
            push_level(out, self.depth)?;
        } else {
            out.push_sql("r");
        }
        out.push_sql(")");
        Ok(())
    }

    /// `FROM (the rows) AS the level, LATERAL (its columns and slots) AS r`: not a sub-select in place of the
    /// row, which would be one more plan to start for each.
    pub(super) fn push_from<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" FROM (");
        self.rows.walk_ast(out.reborrow())?;
        out.push_sql(") AS ");
        push_level(&mut out, self.depth)?;
        if self.is_plain() {
            return Ok(());
        }
        out.push_sql(", LATERAL (SELECT ");
        for (index, name) in self.names.iter().enumerate() {
            out.push_sql(if index == 0 { "" } else { ", " });
            push_level(&mut out, self.depth)?;
            out.push_sql(".");
            out.push_identifier(name)?;
        }
        if !self.children.is_empty() {
            out.push_sql(if self.names.is_empty() { "" } else { ", " });
            push_slots(&self.children, &mut out)?;
            out.push_sql(" AS slots");
        }
        out.push_sql(") AS r");
        Ok(())
    }

    /// `(SELECT the aggregate of each row's JSON FROM …)`.
    pub(super) fn push_rows<'b>(
        &'b self,
        before: &str,
        after: &str,
        mut out: AstPass<'_, 'b, Pg>,
    ) -> QueryResult<()> {
        out.push_sql("(SELECT ");
        out.push_sql(before);
        self.push_row(&mut out)?;
        out.push_sql(after);
        self.push_from(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// A field's answer, filed under its slot.
#[derive(Debug)]
pub struct Child {
    /// The field's slot.
    pub slot: Slot,
    /// The SQL of its JSON.
    pub json: Json,
}

/// An SQL expression of type JSON.
#[derive(Debug)]
pub enum Json {
    /// A value that stands beside the columns of a level's row.
    Column {
        /// The level.
        depth: u16,
        /// The column's name there.
        name: String,
    },
    /// One record, or null.
    One(Record),
    /// All records of the level.
    Many(Record),
    /// All records that the rows of a page list, each once with the numbers of its rows.
    PageList(Record),
    /// A page of records.
    Page(Page),
    /// One object of numbers.
    Tally(Boxed),
    /// An object of parts under these names; it may bring so many records.
    Object(Vec<(&'static str, Boxed)>, u64),
    /// A list of objects, each of parts under these names.
    Objects(Vec<Vec<(&'static str, Boxed)>>),
    /// The first of several kinds of records that is there, under its type's name.
    Any(Any),
    /// The record of a level that tells its kind, under its type's name.
    Known(Known),
    /// Whatever else an entity makes of its levels, and how many records it may bring.
    Other(Boxed, u64),
}

/// How many records an unlimited list is taken to hold.
const USUAL_LIST: u64 = 10;

impl Json {
    /// How many records it may bring.
    pub(crate) fn cost(&self) -> u64 {
        match self {
            Self::Column { .. } => 0,
            Self::Tally(_) => 1,
            Self::Object(_, cost) | Self::Other(_, cost) => *cost,
            Self::Objects(items) => u64::try_from(items.len()).unwrap_or(u64::MAX),
            Self::One(record) => record.cost(),
            Self::Many(record) | Self::PageList(record) => USUAL_LIST.saturating_mul(record.cost()),
            Self::Page(page) => page.cost(),
            Self::Any(any) => {
                let each: u64 = any.branches.iter().map(|(_, record)| record.cost()).sum();
                each.saturating_mul(any.list.unwrap_or(1))
            }
            Self::Known(known) => known.cost(),
        }
    }

    /// One object of numbers.
    pub fn tally<T: Send + Sync + 'static>(tally: Tally<T>) -> Self {
        Self::Tally(Boxed(Arc::new(tally)))
    }
}

impl QueryFragment<Pg> for Json {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self {
            Self::Column { depth, name } => {
                push_level(&mut out, *depth)?;
                out.push_sql(".");
                out.push_identifier(name)
            }
            Self::One(record) => record.push_rows("", "", out),
            Self::Many(record) => record.push_rows("coalesce(json_agg(", "), '[]')", out),
            Self::PageList(record) => record.push_rows(
                "coalesce(json_agg(json_build_array(",
                &format!(", \"l{}\".\"{NUMBERS}\")), '[]')", record.depth),
                out,
            ),
            Self::Page(page) => page.walk_ast(out),
            Self::Tally(tally) => tally.walk_ast(out),
            Self::Object(parts, _) => push_object(parts, &mut out),
            Self::Objects(items) => {
                out.push_sql("array_to_json(ARRAY[");
                for (index, parts) in items.iter().enumerate() {
                    out.push_sql(if index == 0 { "" } else { ", " });
                    push_object(parts, &mut out)?;
                }
                out.push_sql("]::json[])");
                Ok(())
            }
            Self::Any(any) => any.walk_ast(out),
            Self::Known(known) => known.walk_ast(out),
            Self::Other(sql, _) => sql.walk_ast(out),
        }
    }
}

/// Writes `{name: part, …}`.
fn push_object<'b>(
    parts: &'b [(&'static str, Boxed)],
    out: &mut AstPass<'_, 'b, Pg>,
) -> QueryResult<()> {
    out.push_sql("json_build_object(");
    for (index, (name, part)) in parts.iter().enumerate() {
        out.push_sql(&format!("{}'{name}', ", if index == 0 { "" } else { ", " }));
        part.walk_ast(out.reborrow())?;
    }
    out.push_sql(")");
    Ok(())
}

/// Writes `[[slot, answer], …]`.
pub(crate) fn push_slots<'b>(
    children: &'b [Child],
    out: &mut AstPass<'_, 'b, Pg>,
) -> QueryResult<()> {
    // An array and not one json_build_array: a function takes no more than 100 arguments.
    out.push_sql("array_to_json(ARRAY[");
    for (index, child) in children.iter().enumerate() {
        out.push_sql(if index == 0 { "" } else { ", " });
        out.push_sql(&format!("json_build_array({}, ", child.slot));
        child.json.walk_ast(out.reborrow())?;
        out.push_sql(")");
    }
    out.push_sql("]::json[])");
    Ok(())
}
