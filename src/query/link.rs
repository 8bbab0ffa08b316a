//! Links between entities: each is declared once and serves nested lists, filters and counts.
//!
//! A link sees live records only, whatever the scope of the list that it starts from.

use super::expr::{Cond, Expr, Outer, Sql, all};
use super::plan::Parent;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{BigInt, IntoNullable, Nullable, Uuid};
use diesel::{AppearsOnTable, Column, Expression, QueryResult};
use std::marker::PhantomData;
use std::sync::Arc;

/// How rows of `P` lead to rows of `C`.
pub struct Link<P, C> {
    parent_key: Sql,
    child_key: Sql,
    child_table: Sql,
    outer: fn(&mut Parent<P>) -> Sql,
    through: Option<Through>,
    live: Cond<C>,
    /// How many rows there are, where that is known without reading them.
    counted: Option<Expr<P, BigInt>>,
    typed: PhantomData<fn() -> (P, C)>,
}

impl<P, C> Clone for Link<P, C> {
    fn clone(&self) -> Self {
        Self {
            parent_key: Arc::clone(&self.parent_key),
            child_key: Arc::clone(&self.child_key),
            child_table: Arc::clone(&self.child_table),
            outer: self.outer,
            through: self.through.clone(),
            live: self.live.clone(),
            counted: self.counted.clone(),
            typed: PhantomData,
        }
    }
}

/// The table between two entities.
#[derive(Clone)]
struct Through {
    table: Sql,
    to_parent: Sql,
    to_child: Sql,
}

/// A column that holds ids of records.
pub trait IdColumn: Column + Default + QueryFragment<Pg> + Send + Sync + 'static {}
impl<C> IdColumn for C
where
    C: Column + Default + QueryFragment<Pg> + Send + Sync + 'static,
    C: Expression<SqlType: IntoNullable<Nullable = Nullable<Uuid>>>,
{
}

impl<P: 'static, C: 'static> Link<P, C> {
    /// The rows of `C` whose `child_key` is the row's `parent_key`: of a reference to one record, or
    /// of the records that refer to this one.
    pub fn new<PK, CK>(_: PK, _: CK, child_table: C, live: Cond<C>) -> Self
    where
        PK: IdColumn + Column<Table = P>,
        CK: IdColumn + Column<Table = C>,
        C: QueryFragment<Pg> + Send + Sync,
        Outer<PK>: QueryFragment<Pg> + Send + Sync,
    {
        Self {
            parent_key: Arc::new(PK::default()),
            child_key: Arc::new(CK::default()),
            child_table: Arc::new(child_table),
            outer: |parent| Arc::new(parent.outer(PK::default())),
            through: None,
            live,
            counted: None,
            typed: PhantomData,
        }
    }

    /// The rows of `C` that a table between the two names.
    pub fn through<PK, J, TP, TC, CK>(
        parent_key: PK,
        table: J,
        (_, _): (TP, TC),
        child_key: CK,
        child_table: C,
        live: Cond<C>,
    ) -> Self
    where
        PK: IdColumn + Column<Table = P>,
        J: QueryFragment<Pg> + Send + Sync + 'static,
        TP: IdColumn + Column<Table = J>,
        TC: IdColumn + Column<Table = J>,
        CK: IdColumn + Column<Table = C>,
        C: QueryFragment<Pg> + Send + Sync,
        Outer<PK>: QueryFragment<Pg> + Send + Sync,
    {
        let through = Through {
            table: Arc::new(table),
            to_parent: Arc::new(TP::default()),
            to_child: Arc::new(TC::default()),
        };
        Self { through: Some(through), ..Self::new(parent_key, child_key, child_table, live) }
    }

    /// The same link, all of whose rows are counted in this way.
    #[must_use]
    pub fn counted(self, count: Expr<P, BigInt>) -> Self {
        Self { counted: Some(count), ..self }
    }

    /// The condition on rows of `C` that they are linked to the row of an enclosing level.
    pub fn of(&self, parent: &mut Parent<P>) -> Cond<C> {
        let outer = (self.outer)(parent);
        let (key, through) = (Arc::clone(&self.child_key), self.through.clone());
        let linked = Linked { key, outer, through };
        all(vec![Expr::trusted(Arc::new(linked)), self.live.clone()])
    }

    /// The rows of `C` that rows of the enclosing page lead to through a table between, joined to
    /// `(id, numbers)`: to which of them, from 1; none where no table is between.
    pub(super) fn numbered(&self, parent: &mut Parent<P>) -> Option<Sql> {
        let (through, outer) = (self.through.clone()?, (self.outer)(parent));
        Some(Arc::new(Numbered { key: Arc::clone(&self.child_key), outer, through }))
    }

    /// The condition on rows of `C` that a link shows them.
    pub(super) fn live(&self) -> Cond<C> {
        self.live.clone()
    }

    /// True of a row of `P` that leads to a row of `C` for which the condition holds.
    pub fn exists(&self, condition: Cond<C>) -> Cond<P> {
        Expr::trusted(self.related("EXISTS (SELECT FROM ", None, condition))
    }

    /// True of a row of `P` that leads to so many rows of `C`, or more, for which the condition holds.
    ///
    /// Who leads to them is looked up once for all rows, and not counted for each.
    pub fn at_least(&self, least: usize, condition: Cond<C>) -> Cond<P> {
        let least = i64::try_from(least).unwrap_or(i64::MAX);
        let (keys, parent_key) = (self.keys(None, condition), Arc::clone(&self.parent_key));
        Expr::trusted(Arc::new(AtLeast { keys, parent_key, least }))
    }

    /// How many rows of `C`, for which the condition holds, a row of `P` leads to.
    pub fn count(&self, condition: Cond<C>) -> Expr<P, BigInt> {
        match &self.counted {
            Some(count) if condition.is_trivial() => count.clone(),
            _ => Expr::trusted(self.related("(SELECT count(*) FROM ", None, condition)),
        }
    }

    /// The least value among the rows of `C`, for which the condition holds, that a row of `P` leads to.
    pub fn least<E>(&self, value: E, condition: Cond<C>) -> Expr<P, E::SqlType>
    where
        E: Expression + AppearsOnTable<C> + QueryFragment<Pg> + Send + Sync + 'static,
    {
        Expr::trusted(self.related("(SELECT min(c.v) FROM ", Some(Arc::new(value)), condition))
    }

    /// The value of the one row of `C` that a row of `P` leads to.
    pub fn value<E>(&self, value: E) -> Expr<P, <E::SqlType as IntoNullable>::Nullable>
    where
        E: Expression + AppearsOnTable<C> + QueryFragment<Pg> + Send + Sync + 'static,
        E::SqlType: IntoNullable,
    {
        let value: Sql = Arc::new(value);
        Expr::trusted(self.related("(SELECT c.v FROM ", Some(value), all(Vec::new())))
    }

    fn related(&self, opening: &'static str, value: Option<Sql>, condition: Cond<C>) -> Sql {
        let (keys, parent_key) = (self.keys(value, condition), Arc::clone(&self.parent_key));
        Arc::new(Related { opening, keys, parent_key })
    }

    fn keys(&self, value: Option<Sql>, condition: Cond<C>) -> Keys {
        Keys {
            value,
            child_key: Arc::clone(&self.child_key),
            child_table: Arc::clone(&self.child_table),
            through: self.through.clone(),
            condition: all(vec![self.live.clone(), condition]).sql(),
        }
    }
}

/// `key = outer`, or `key IN (the keys that the table between names for outer)`.
struct Linked {
    key: Sql,
    outer: Sql,
    through: Option<Through>,
}

impl QueryFragment<Pg> for Linked {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.key.walk_ast(out.reborrow())?;
        let Some(Through { table, to_parent, to_child }) = &self.through else {
            out.push_sql(" = ");
            return self.outer.walk_ast(out);
        };
        out.push_sql(" IN (SELECT ");
        to_child.walk_ast(out.reborrow())?;
        out.push_sql(" FROM ");
        table.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        to_parent.walk_ast(out.reborrow())?;
        out.push_sql(" = ");
        self.outer.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// ` INNER JOIN (SELECT to_child AS id, array_agg(n) AS numbers FROM … GROUP BY to_child) AS c ON c.id = key`.
struct Numbered {
    key: Sql,
    outer: Sql,
    through: Through,
}

impl QueryFragment<Pg> for Numbered {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let Through { table, to_parent, to_child } = &self.through;
        out.push_sql(" INNER JOIN (SELECT ");
        to_child.walk_ast(out.reborrow())?;
        out.push_sql(" AS id, array_agg(n) AS numbers FROM unnest(array_agg(");
        self.outer.walk_ast(out.reborrow())?;
        out.push_sql(")) WITH ORDINALITY AS parent(id, n) INNER JOIN ");
        table.walk_ast(out.reborrow())?;
        out.push_sql(" ON ");
        to_parent.walk_ast(out.reborrow())?;
        out.push_sql(" = parent.id GROUP BY ");
        to_child.walk_ast(out.reborrow())?;
        out.push_sql(") AS c ON c.id = ");
        self.key.walk_ast(out)
    }
}

/// `(SELECT … FROM (the linked rows' keys) AS c(k) WHERE c.k = the row's key)`.
struct Related {
    opening: &'static str,
    keys: Keys,
    parent_key: Sql,
}

impl QueryFragment<Pg> for Related {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.opening);
        self.keys.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE c.k = ");
        self.parent_key.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// `the row's key IN (SELECT c.k FROM (the linked rows' keys) AS c(k) GROUP BY c.k HAVING count(*) >= least)`.
struct AtLeast {
    keys: Keys,
    parent_key: Sql,
    least: i64,
}

impl QueryFragment<Pg> for AtLeast {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.parent_key.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT c.k FROM ");
        self.keys.walk_ast(out.reborrow())?;
        out.push_sql(" GROUP BY c.k HAVING count(*) >= ");
        out.push_bind_param::<BigInt, _>(&self.least)?;
        out.push_sql(")");
        Ok(())
    }
}

/// `(SELECT key FROM … WHERE …) AS c(k)`, or with a value `AS c(k, v)`.
///
/// The inner select keeps a link of a table to itself apart without aliases; the planner pulls it up.
struct Keys {
    value: Option<Sql>,
    child_key: Sql,
    child_table: Sql,
    through: Option<Through>,
    condition: Sql,
}

impl QueryFragment<Pg> for Keys {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        let key = self.through.as_ref().map_or(&self.child_key, |it| &it.to_parent);
        out.push_sql("(SELECT ");
        key.walk_ast(out.reborrow())?;
        if let Some(value) = &self.value {
            out.push_sql(", ");
            value.walk_ast(out.reborrow())?;
        }
        out.push_sql(" FROM ");
        if let Some(Through { table, to_child, .. }) = &self.through {
            table.walk_ast(out.reborrow())?;
            out.push_sql(" INNER JOIN ");
            self.child_table.walk_ast(out.reborrow())?;
            out.push_sql(" ON ");
            to_child.walk_ast(out.reborrow())?;
            out.push_sql(" = ");
            self.child_key.walk_ast(out.reborrow())?;
        } else {
            self.child_table.walk_ast(out.reborrow())?;
        }
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out.reborrow())?;
        out.push_sql(if self.value.is_some() { ") AS c(k, v)" } else { ") AS c(k)" });
        Ok(())
    }
}
