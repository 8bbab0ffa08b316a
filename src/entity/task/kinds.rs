//! Tasks counted by their kind, that is status and priority: cells of which all other numbers are sums.

use crate::query::expr::{Cond, Sql};
use crate::query::tally::Cells;
use crate::tables::tasks;
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use std::sync::Arc;

/// Tasks counted by kind and these columns.
pub(super) fn cells(
    from: Sql,
    condition: Cond<tasks::table>,
    columns: Vec<(Sql, &'static str)>,
) -> Cells<tasks::table> {
    let kinds: [(Sql, _); 2] =
        [(Arc::new(tasks::status), "status"), (Arc::new(tasks::priority), "priority")];
    let columns = kinds.into_iter().chain(columns).collect();
    Cells { name: "tasks", from, condition, columns }
}

/// The cells of all tasks for which a condition holds that an index by kind serves, each counted by itself:
/// there are so few kinds that jumping to each costs less than comparing every task with the one before.
pub(super) struct EachKind {
    /// Which tasks count.
    pub(super) condition: Cond<tasks::table>,
    /// Of kinds for which this does not hold it is only told that there are some.
    pub(super) counted: Cond<tasks::table>,
    /// What else a cell shows: its status or priority under another name.
    pub(super) columns: Vec<(Sql, &'static str)>,
}

impl QueryFragment<Pg> for EachKind {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT kind.*, cell.n FROM (SELECT tasks.status, tasks.priority");
        for (column, name) in &self.columns {
            out.push_sql(", ");
            column.walk_ast(out.reborrow())?;
            out.push_sql(" AS ");
            out.push_identifier(name)?;
        }
        if !self.counted.is_trivial() {
            out.push_sql(", CASE WHEN ");
            self.counted.walk_ast(out.reborrow())?;
            out.push_sql(" THEN NULL ELSE 1 END AS most");
        }
        out.push_sql(
            " FROM (SELECT * FROM unnest(enum_range(NULL::task_status)) AS s(status), \
             unnest(enum_range(NULL::task_priority)) AS p(priority)) AS tasks) AS kind, \
             LATERAL (SELECT count(*) AS n FROM ",
        );
        let each = |out: &mut AstPass<'_, 'b, Pg>| {
            out.push_sql("tasks WHERE ");
            self.condition.walk_ast(out.reborrow())?;
            out.push_sql(" AND tasks.status = kind.status AND tasks.priority = kind.priority");
            QueryResult::Ok(())
        };
        if self.counted.is_trivial() {
            each(&mut out)?;
        } else {
            out.push_sql("(SELECT FROM ");
            each(&mut out)?;
            out.push_sql(" LIMIT kind.most) AS of_kind");
        }
        out.push_sql(") AS cell WHERE cell.n > 0) AS tasks");
        Ok(())
    }
}
