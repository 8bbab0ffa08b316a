//! Expressions that Diesel has type-checked and that are then carried about as plain values.
//!
//! An [`Expr`] forgets how it was built but not its table and its SQL type, so a comparator can be
//! written once for every table, without a where-clause full of Diesel's traits.

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping,
    is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, IntoNullable, Nullable, SqlType};
use diesel::{Column, QueryResult};
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// A piece of SQL that was type-checked when it was made.
pub type Sql = Arc<dyn QueryFragment<Pg> + Send + Sync>;

/// An expression of the SQL type `ST` that is valid on the table `T`.
pub struct Expr<T, ST> {
    sql: Sql,
    /// Whether it is a condition that is always true, which need not be written among others.
    trivial: bool,
    /// Conditions of which exactly one holds where it does, so that they can be counted one by one.
    apart: Vec<Self>,
    typed: PhantomData<fn() -> (T, ST)>,
}

/// A condition on the rows of the table `T`.
pub type Cond<T> = Expr<T, Nullable<Bool>>;

impl<T, ST> Expr<T, ST> {
    /// Takes an expression that Diesel accepts on `T`; `ST` is the nullable form of its type.
    pub fn of<E>(expression: E) -> Self
    where
        E: Expression + AppearsOnTable<T> + QueryFragment<Pg> + Send + Sync + 'static,
        E::SqlType: IntoNullable<Nullable = ST>,
    {
        Self::trusted(Arc::new(expression))
    }

    /// Takes SQL whose type only the caller knows.
    pub(crate) fn trusted(sql: Sql) -> Self {
        Self { sql, trivial: false, apart: Vec::new(), typed: PhantomData }
    }

    /// Whether it is a condition that is always true.
    pub(crate) fn is_trivial(&self) -> bool {
        self.trivial
    }

    /// Conditions of which exactly one holds where this one does: often itself alone.
    pub(crate) fn apart(self) -> Vec<Self> {
        if self.apart.is_empty() { vec![self] } else { self.apart }
    }

    /// The SQL, its type forgotten.
    pub(crate) fn sql(&self) -> Sql {
        Arc::clone(&self.sql)
    }
}

impl<T, ST> Clone for Expr<T, ST> {
    fn clone(&self) -> Self {
        let apart = self.apart.clone();
        Self { sql: self.sql(), trivial: self.trivial, apart, typed: PhantomData }
    }
}

impl<T, ST> fmt::Debug for Expr<T, ST> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", diesel::debug_query::<Pg, _>(self))
    }
}

impl<T, ST: SqlType + TypedExpressionType> Expression for Expr<T, ST> {
    type SqlType = ST;
}
impl<T, ST: SqlType + TypedExpressionType> AppearsOnTable<T> for Expr<T, ST> {}
impl<T, ST: SqlType + TypedExpressionType> SelectableExpression<T> for Expr<T, ST> {}
impl<T, ST> ValidGrouping<()> for Expr<T, ST> {
    type IsAggregate = is_aggregate::Never;
}
impl<T, ST> QueryId for Expr<T, ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<T, ST> QueryFragment<Pg> for Expr<T, ST> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.sql.walk_ast(out)
    }
}

/// A column of an enclosing level's row; levels are named `l1`, `l2`, … in the SQL.
#[derive(Clone, Copy, Debug)]
pub struct Outer<C> {
    depth: u16,
    column: PhantomData<fn() -> C>,
}

impl<C> Outer<C> {
    /// Only the plan of the level itself calls this, once it has made sure that the column is there.
    pub(super) fn new(depth: u16) -> Self {
        Self { depth, column: PhantomData }
    }
}

impl<C: Column> Expression for Outer<C>
where
    C::SqlType: SqlType + TypedExpressionType,
{
    type SqlType = C::SqlType;
}
impl<C: Column, T> AppearsOnTable<T> for Outer<C> where C::SqlType: SqlType + TypedExpressionType {}
impl<C, G> ValidGrouping<G> for Outer<C> {
    type IsAggregate = is_aggregate::Never;
}
impl<C> QueryId for Outer<C> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<C: Column> QueryFragment<Pg> for Outer<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        push_level(&mut out, self.depth)?;
        out.push_sql(".");
        out.push_identifier(C::NAME)
    }
}

/// Writes the name of a level.
pub(super) fn push_level(out: &mut AstPass<'_, '_, Pg>, depth: u16) -> QueryResult<()> {
    out.push_identifier(&format!("l{depth}"))
}

/// Conditions joined by AND or OR.
pub(crate) struct Junction<T> {
    word: &'static str,
    empty: &'static str,
    conditions: Vec<Cond<T>>,
}

impl<T> QueryFragment<Pg> for Junction<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if self.conditions.is_empty() {
            out.push_sql(self.empty);
            return Ok(());
        }
        out.push_sql("(");
        for (index, condition) in self.conditions.iter().enumerate() {
            if index > 0 {
                out.push_sql(self.word);
            }
            condition.walk_ast(out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}

/// True where each of the conditions is: true of none at all.
pub fn all<T: 'static>(mut conditions: Vec<Cond<T>>) -> Cond<T> {
    conditions.retain(|condition| !condition.trivial);
    let trivial = conditions.is_empty();
    let apart = distributed(&conditions);
    Expr { trivial, apart, ..join(" AND ", "TRUE", conditions) }
}

/// Each part of the first condition that has parts, with all the other conditions.
fn distributed<T: 'static>(conditions: &[Cond<T>]) -> Vec<Cond<T>> {
    let Some(at) = conditions.iter().position(|condition| !condition.apart.is_empty()) else {
        return Vec::new();
    };
    let (before, after) = conditions.split_at(at);
    let parts = after.first().map(|parted| parted.apart.clone()).unwrap_or_default();
    let with_others = |part: Cond<T>| {
        let others = before.iter().chain(after.iter().skip(1));
        let others = others.map(|other| Expr { apart: Vec::new(), ..other.clone() });
        all(others.chain([part]).collect())
    };
    parts.into_iter().map(with_others).collect()
}

/// The condition that is always true.
pub fn always<T: 'static>() -> Cond<T> {
    all(Vec::new())
}

/// True where one of the conditions is: false of none at all.
pub fn any<T: 'static>(conditions: Vec<Cond<T>>) -> Cond<T> {
    join(" OR ", "FALSE", conditions)
}

/// True where one of these conditions is, which exclude each other: each may be counted by an index of its
/// own.
pub fn one_of_apart<T: 'static>(conditions: Vec<Cond<T>>) -> Cond<T> {
    Expr { apart: conditions.clone(), ..any(conditions) }
}

fn join<T: 'static>(
    word: &'static str,
    empty: &'static str,
    mut conditions: Vec<Cond<T>>,
) -> Cond<T> {
    match (conditions.pop(), conditions.is_empty()) {
        (Some(only), true) => only,
        (last, _) => {
            conditions.extend(last);
            Expr::trusted(Arc::new(Junction { word, empty, conditions }))
        }
    }
}

diesel::postfix_operator!(IsNotTrue, " IS NOT TRUE", Bool, backend: Pg);
diesel::postfix_operator!(IsTrue, " IS TRUE", Bool, backend: Pg);

impl<T: 'static> Cond<T> {
    /// The condition as a value that is true or false, never empty.
    #[must_use]
    pub fn sure(self) -> Expr<T, Bool> {
        Expr::trusted(Arc::new(IsTrue::new(Parens(self))))
    }
}

/// Plain negation: true where the condition is false or cannot be told.
pub fn not<T: 'static>(condition: Cond<T>) -> Cond<T> {
    let negated: Cond<T> = Expr::of(IsNotTrue::new(Parens(condition)));
    negated
}

/// An expression in parentheses.
#[derive(Debug, Clone, QueryId)]
pub(crate) struct Parens<E>(pub(crate) E);

impl<E: Expression> Expression for Parens<E>
where
    E::SqlType: TypedExpressionType,
{
    type SqlType = E::SqlType;
}
impl<E: AppearsOnTable<T>, T> AppearsOnTable<T> for Parens<E> where E::SqlType: TypedExpressionType {}
impl<E, G> ValidGrouping<G> for Parens<E> {
    type IsAggregate = is_aggregate::Never;
}
impl<E: QueryFragment<Pg>> QueryFragment<Pg> for Parens<E> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// A fixed word of SQL, such as a column that another fragment defines.
#[derive(Clone, Debug)]
pub(crate) struct Verbatim(pub(crate) &'static str);

impl QueryFragment<Pg> for Verbatim {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

/// An id as a value that is sent beside the statement.
pub fn bound<T>(id: crate::scalar::Id) -> Expr<T, Nullable<diesel::sql_types::Uuid>> {
    Expr::of(diesel::IntoSql::into_sql::<diesel::sql_types::Uuid>(id))
}
