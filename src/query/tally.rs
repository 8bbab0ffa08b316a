//! Tallies: numbers over the rows for which a condition holds, as a whole and by groups.

use super::expr::{Cond, Sql, push_level};
use super::plan::{Child, push_slots};
use diesel::QueryResult;
use diesel::dsl::count_star;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use std::sync::Arc;

/// A number, by the name under which it is read, and the aggregate that it is.
pub type Measure = (&'static str, Sql);

/// Numbers over the rows of `T` for which a condition holds.
pub struct Tally<T> {
    /// The table, or a join of it.
    pub from: Sql,
    /// Which rows count.
    pub condition: Cond<T>,
    /// The numbers; those of no row are never empty, but zero.
    pub measures: Vec<Measure>,
}

/// A tally by groups.
pub struct Groups<T> {
    /// What each group brings; its table is a join that holds the keys.
    pub tally: Tally<T>,
    /// What the rows are grouped by; the groups come in this order.
    pub keys: Vec<Key>,
    /// How many groups there may be.
    pub limit: usize,
    /// The level that the groups are for what hangs on them.
    pub depth: u16,
    /// What hangs on each group.
    pub children: Vec<Child>,
}

/// What rows are grouped by.
pub struct Key {
    /// The name under which the group's value is read.
    pub name: &'static str,
    /// The value.
    pub value: Sql,
    /// What the groups are ordered by before the value.
    pub order: Option<Sql>,
}

impl<T> Tally<T> {
    /// `json_build_object(name, aggregate, …)`.
    fn push_measures<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("json_build_object(");
        for (index, (name, measure)) in self.measures.iter().enumerate() {
            out.push_sql(&format!("{}'{name}', ", if index == 0 { "" } else { ", " }));
            measure.walk_ast(out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }

    fn push_from<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(" FROM ");
        self.from.walk_ast(out.reborrow())?;
        if self.condition.is_trivial() {
            return Ok(());
        }
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out)
    }
}

impl<T> QueryFragment<Pg> for Tally<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT ");
        self.push_measures(out.reborrow())?;
        self.push_from(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl<T> QueryFragment<Pg> for Groups<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT coalesce(json_agg(json_build_object(");
        for name in self.keys.iter().map(|key| key.name).chain(["measures"]) {
            out.push_sql(&format!("'{name}', "));
            push_level(&mut out, self.depth)?;
            out.push_sql(".");
            out.push_identifier(name)?;
            out.push_sql(", ");
        }
        out.push_sql("'slots', ");
        push_slots(&self.children, &mut out)?;
        out.push_sql(")), '[]') FROM (SELECT ");
        for key in &self.keys {
            key.value.walk_ast(out.reborrow())?;
            out.push_sql(" AS ");
            out.push_identifier(key.name)?;
            out.push_sql(", ");
        }
        self.tally.push_measures(out.reborrow())?;
        out.push_sql(" AS \"measures\"");
        self.tally.push_from(out.reborrow())?;
        self.push_order(out.reborrow())?;
        out.push_sql(&format!(" LIMIT {}) AS ", self.limit));
        push_level(&mut out, self.depth)?;
        out.push_sql(")");
        Ok(())
    }
}

impl<T> Groups<T> {
    /// `GROUP BY 1, … ORDER BY …`: by number, because a value that holds a bind has another bind at each
    /// place, and would not be seen as equal.
    fn push_order<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for number in 1..=self.keys.len() {
            out.push_sql(&format!("{}{number}", if number == 1 { " GROUP BY " } else { ", " }));
        }
        for (key, number) in self.keys.iter().zip(1..) {
            out.push_sql(if number == 1 { " ORDER BY " } else { ", " });
            if let Some(order) = &key.order {
                order.walk_ast(out.reborrow())?;
                out.push_sql(", ");
            }
            out.push_sql(&number.to_string());
        }
        Ok(())
    }
}

/// Rows counted by what they have in common, to be tallied in their place: many rows become few before
/// anything is asked of each.
pub struct Cells<T> {
    /// The name of the table whose place they take.
    pub name: &'static str,
    /// The rows.
    pub from: Sql,
    /// Which of them count.
    pub condition: Cond<T>,
    /// What the rows of a cell have in common, and what it is called.
    pub columns: Vec<(Sql, &'static str)>,
}

impl<T> QueryFragment<Pg> for Cells<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT ");
        for (column, name) in &self.columns {
            column.walk_ast(out.reborrow())?;
            out.push_sql(" AS ");
            out.push_identifier(name)?;
            out.push_sql(", ");
        }
        out.push_sql("count(*) AS n FROM ");
        self.from.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out.reborrow())?;
        for number in 1..=self.columns.len() {
            out.push_sql(&format!("{}{number}", if number == 1 { " GROUP BY " } else { ", " }));
        }
        out.push_sql(") AS ");
        out.push_identifier(self.name)
    }
}

/// How many rows the cells hold together for which the condition holds.
pub fn rows_of_cells<T: Send + Sync + 'static>(condition: Cond<T>) -> Sql {
    Arc::new(RowsOfCells(condition))
}

struct RowsOfCells<T>(Cond<T>);

impl<T> QueryFragment<Pg> for RowsOfCells<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("coalesce(sum(n)");
        if !self.0.is_trivial() {
            out.push_sql(" FILTER (WHERE ");
            self.0.walk_ast(out.reborrow())?;
            out.push_sql(")");
        }
        out.push_sql(", 0)");
        Ok(())
    }
}

/// How many rows there are for which the condition holds; its parts are counted one by one.
pub fn how_many<T: Send + Sync + 'static>(from: &Sql, condition: Cond<T>) -> Sql {
    let part =
        |condition| Single { aggregate: Arc::new(count_star()), from: Arc::clone(from), condition };
    Arc::new(Sum(condition.apart().into_iter().map(part).collect()))
}

struct Sum<T>(Vec<Single<T>>);

impl<T> QueryFragment<Pg> for Sum<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (index, part) in self.0.iter().enumerate() {
            out.push_sql(if index == 0 { "" } else { " + " });
            part.walk_ast(out.reborrow())?;
        }
        Ok(())
    }
}

/// One aggregate over the rows for which the condition holds.
pub fn single<T: Send + Sync + 'static>(aggregate: Sql, from: Sql, condition: Cond<T>) -> Sql {
    Arc::new(Single { aggregate, from, condition })
}

struct Single<T> {
    aggregate: Sql,
    from: Sql,
    condition: Cond<T>,
}

impl<T> QueryFragment<Pg> for Single<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT ");
        self.aggregate.walk_ast(out.reborrow())?;
        out.push_sql(" FROM ");
        self.from.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// The rows of one side, each with those of the other for which the condition holds, or with none.
pub fn left_join(left: Sql, right: Sql, on: Sql) -> Sql {
    Arc::new(Joined { left, word: " LEFT JOIN ", right, on })
}

/// The pairs of rows for which the condition holds.
pub fn inner_join(left: Sql, right: Sql, on: Sql) -> Sql {
    Arc::new(Joined { left, word: " INNER JOIN ", right, on })
}

/// Diesel writes a join only as a part of a query that also selects.
struct Joined {
    left: Sql,
    word: &'static str,
    right: Sql,
    on: Sql,
}

impl QueryFragment<Pg> for Joined {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(");
        self.left.walk_ast(out.reborrow())?;
        out.push_sql(self.word);
        self.right.walk_ast(out.reborrow())?;
        out.push_sql(" ON ");
        self.on.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}
