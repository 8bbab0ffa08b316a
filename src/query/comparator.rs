//! The comparators of scalars: ids, text, numbers and, in `day`, days and instants.

pub(crate) mod day;

pub(crate) use day::{DateFilter, DateTimeFilter, Day};

use super::expr::{Cond, Expr, Sql, any, not};
use super::filter::operators;
use crate::fold::fold;
use crate::scalar::Id;
use diesel::dsl::AsExprOf;
use diesel::expression::{AsExpression, TypedExpressionType};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{self as sql, Nullable};
use std::sync::Arc;
use unicode_normalization::UnicodeNormalization;

operators! {
    /// How an id must be.
    IdFilter ["IDFilter"] on <T> Expr<T, Nullable<sql::Uuid>> {
        /// This one.
        eq: Id = |id, value, _| id.eq(value.0),
        /// Not this one; true where there is none.
        neq: Id = |id, value, _| id.is_distinct_from(value.0),
        /// One of these.
        r#in: Vec<Id> = |id, values, _| id.eq_any(uuids(values)),
        /// None of these; true where there is none.
        not_in: Vec<Id> = |id, values, _| not(among::<_, _, sql::Uuid, _>(id, uuids(values))),
    }
}

/// The UUIDs of ids.
pub(crate) fn uuids(ids: Vec<Id>) -> Vec<uuid::Uuid> {
    ids.into_iter().map(|id| id.0).collect()
}

/// With how many values one is compared one by one. More are put into a hash first: where the plan is kept,
/// the database only does that by itself where it sees them. Ids are looked up in their index however many.
const FEW: usize = 50;

/// True of a value that is one of these; not true where there is none.
fn among<T, V, ST, U>(value: V, values: Vec<U>) -> Cond<T>
where
    V: QueryFragment<Pg> + Send + Sync + 'static,
    ST: sql::SqlType + sql::SingleValue + TypedExpressionType,
    Vec<U>: AsExpression<sql::Array<ST>>,
    AsExprOf<Vec<U>, sql::Array<ST>>: QueryFragment<Pg> + Send + Sync + 'static,
{
    let many = values.len() > FEW;
    let values = Arc::new(values.into_sql::<sql::Array<ST>>());
    Expr::trusted(Arc::new(Among { value: Arc::new(value), values, many }))
}

/// `value = ANY (values)`, or `(value IN (SELECT unnest(values))) IS TRUE`: as a condition by itself it would become
/// a join, in which every row is compared with every value where the planner takes them to be few.
struct Among {
    value: Sql,
    values: Sql,
    many: bool,
}

impl QueryFragment<Pg> for Among {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(if self.many { "((" } else { "(" });
        self.value.walk_ast(out.reborrow())?;
        out.push_sql(if self.many { " IN (SELECT unnest(" } else { " = ANY(" });
        self.values.walk_ast(out.reborrow())?;
        out.push_sql(if self.many { "))) IS TRUE)" } else { "))" });
        Ok(())
    }
}

operators! {
    /// How text must be. Ignores case and accents unless `caseSensitive`. `neq`, `notIn` and
    /// `notContains` keep empty values; `isEmpty` treats null and the empty text alike.
    TextFilter on <T> Text<T>, option {
        /// Whether case and accents count.
        case_sensitive: bool
    } {
        /// Exactly this.
        eq: String = |text, value, _| text.compared().eq(text.folded(&value)),
        /// Not this; true where there is none.
        neq: String = |text, value, _| text.compared().is_distinct_from(text.folded(&value)),
        /// One of these.
        r#in: Vec<String> = |text, values, _| text.one_of(&values),
        /// None of these; true where there is none.
        not_in: Vec<String> = |text, values, _| not(text.one_of(&values)),
        /// This somewhere in it.
        contains: String = |text, value, _| text.like("%", &value, "%"),
        /// This nowhere in it; true where there is none.
        not_contains: String = |text, value, _| not(text.like("%", &value, "%")),
        /// This at its start.
        starts_with: String = |text, value, _| text.like("", &value, "%"),
        /// This at its end.
        ends_with: String = |text, value, _| text.like("%", &value, ""),
        /// Whether there is none.
        is_empty: bool = |text, wanted, _| text.is_empty(wanted),
    }
}

mod functions {
    //! Functions of the database that compare text.
    diesel::define_sql_function! {
        /// Text without case and accents; the twin of [`crate::fold::fold`].
        fn fold(text: diesel::sql_types::Nullable<diesel::sql_types::Text>)
            -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
    }
    diesel::define_sql_function! {
        /// The composed normal form, NFC.
        fn normalize(text: diesel::sql_types::Nullable<diesel::sql_types::Text>)
            -> diesel::sql_types::Nullable<diesel::sql_types::Text>;
    }
}

/// Text that is compared with or without its case and accents.
#[derive(Debug)]
pub struct Text<T> {
    text: Expr<T, Nullable<sql::Text>>,
    case_sensitive: bool,
}

impl<T> Clone for Text<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), case_sensitive: self.case_sensitive }
    }
}

impl<T: Send + Sync + 'static> Text<T> {
    /// The text of an expression.
    pub fn of<E>(expression: E) -> Self
    where
        E: diesel::Expression + diesel::AppearsOnTable<T>,
        E: diesel::query_builder::QueryFragment<diesel::pg::Pg> + Send + Sync + 'static,
        E::SqlType: sql::IntoNullable<Nullable = Nullable<sql::Text>>,
    {
        Self { text: Expr::of(expression), case_sensitive: false }
    }

    fn with(self, case_sensitive: bool) -> Self {
        Self { case_sensitive, ..self }
    }

    /// The text in the form in which it is compared.
    fn compared(&self) -> Expr<T, Nullable<sql::Text>> {
        if self.case_sensitive {
            Expr::of(functions::normalize(self.text.clone()))
        } else {
            Expr::of(functions::fold(self.text.clone()))
        }
    }

    /// A value in the same form.
    fn folded(&self, value: &str) -> String {
        if self.case_sensitive { value.nfc().collect() } else { fold(value) }
    }

    fn one_of(&self, values: &[String]) -> Cond<T> {
        let values: Vec<_> = values.iter().map(|value| self.folded(value)).collect();
        among::<_, _, sql::Text, _>(self.compared(), values)
    }

    /// `LIKE` the value, in which nothing is a wildcard.
    fn like(&self, before: &str, value: &str, after: &str) -> Cond<T> {
        let mut pattern = before.to_owned();
        for letter in self.folded(value).chars() {
            if matches!(letter, '%' | '_' | '\\') {
                pattern.push('\\');
            }
            pattern.push(letter);
        }
        pattern.push_str(after);
        Expr::of(self.compared().like(pattern))
    }

    fn is_empty(&self, wanted: bool) -> Cond<T> {
        let empty =
            any(vec![Expr::of(self.text.clone().is_null()), Expr::of(self.text.clone().eq(""))]);
        if wanted { empty } else { not(empty) }
    }
}

operators! {
    /// How a number must be.
    IntFilter on <T> Expr<T, Nullable<sql::BigInt>> {
        /// Exactly this.
        eq: i32 = |number, value, _| number.eq(i64::from(value)),
        /// Not this; true where there is none.
        neq: i32 = |number, value, _| number.is_distinct_from(i64::from(value)),
        /// One of these.
        r#in: Vec<i32> = |number, values, _| among::<_, _, sql::BigInt, _>(number, longs(values)),
        /// None of these; true where there is none.
        not_in: Vec<i32> = |number, values, _| not(among::<_, _, sql::BigInt, _>(number, longs(values))),
        /// Less than this.
        lt: i32 = |number, value, _| number.lt(i64::from(value)),
        /// This or less.
        lte: i32 = |number, value, _| number.le(i64::from(value)),
        /// More than this.
        gt: i32 = |number, value, _| number.gt(i64::from(value)),
        /// This or more.
        gte: i32 = |number, value, _| number.ge(i64::from(value)),
        /// Whether there is none.
        is_null: bool = |number, wanted, _| is_null(number, wanted),
    }
}

fn longs(numbers: Vec<i32>) -> Vec<i64> {
    numbers.into_iter().map(i64::from).collect()
}

/// Whether there is no value, or that there is one.
pub(crate) fn is_null<T, ST>(value: Expr<T, ST>, wanted: bool) -> Cond<T>
where
    T: Send + Sync + 'static,
    ST: sql::SqlType + sql::SingleValue + TypedExpressionType,
    ST: 'static,
{
    if wanted { Expr::of(value.is_null()) } else { Expr::of(value.is_not_null()) }
}
