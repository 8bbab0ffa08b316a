//! Enum types: one declaration gives the API's enum, the database's labels, and the filter.

/// Declares an enum whose values stand in rank order.
///
/// `enumeration! { Name as SqlType("::label_cast", "::list_cast[]") { Value = "label", } }`.
/// Values are sent as text and cast, so that no connection has to look up the type's id.
macro_rules! enumeration {
    (
        $(#[$meta:meta])* $name:ident as $sql_type:ident($label_cast:literal, $list_cast:literal)
        { $( $(#[$value_meta:meta])* $value:ident = $label:literal, )+ }
    ) => {
        $(#[$meta])*
        #[derive(async_graphql::Enum, serde::Serialize, serde::Deserialize)]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[derive(diesel::deserialize::FromSqlRow)]
        pub enum $name {
            $( $(#[$value_meta])* #[serde(rename = $label)] $value, )+
        }

        impl $name {
            /// The label in the database.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $( Self::$value => $label, )+ }
            }
        }

        impl diesel::deserialize::FromSql<$crate::tables::sql_types::$sql_type, diesel::pg::Pg> for $name {
            fn from_sql(value: diesel::pg::PgValue<'_>) -> diesel::deserialize::Result<Self> {
                match value.as_bytes() {
                    $( bytes if bytes == $label.as_bytes() => Ok(Self::$value), )+
                    other => Err(format!("unknown label {:?}", String::from_utf8_lossy(other)).into()),
                }
            }
        }

        $crate::query::enumeration::bound! { $name as $sql_type, $label_cast, $list_cast }
    };
}
pub(crate) use enumeration;

/// Sends an enum's values, and lists of them, as text with a cast.
macro_rules! bound {
    ($name:ident as $sql_type:ident, $label_cast:literal, $list_cast:literal) => {
        impl diesel::expression::AsExpression<$crate::tables::sql_types::$sql_type> for $name {
            type Expression =
                $crate::query::enumeration::Label<$crate::tables::sql_types::$sql_type>;
            fn as_expression(self) -> Self::Expression {
                $crate::query::enumeration::Label::new(Some(self.label()), $label_cast)
            }
        }
        impl diesel::expression::AsExpression<$crate::tables::sql_types::$sql_type> for &$name {
            type Expression =
                $crate::query::enumeration::Label<$crate::tables::sql_types::$sql_type>;
            fn as_expression(self) -> Self::Expression {
                $crate::query::enumeration::Label::new(Some(self.label()), $label_cast)
            }
        }
        impl
            diesel::expression::AsExpression<
                diesel::sql_types::Nullable<$crate::tables::sql_types::$sql_type>,
            > for $name
        {
            type Expression = $crate::query::enumeration::Label<
                diesel::sql_types::Nullable<$crate::tables::sql_types::$sql_type>,
            >;
            fn as_expression(self) -> Self::Expression {
                $crate::query::enumeration::Label::new(Some(self.label()), $label_cast)
            }
        }
        impl
            diesel::expression::AsExpression<
                diesel::sql_types::Nullable<$crate::tables::sql_types::$sql_type>,
            > for &$name
        {
            type Expression = $crate::query::enumeration::Label<
                diesel::sql_types::Nullable<$crate::tables::sql_types::$sql_type>,
            >;
            fn as_expression(self) -> Self::Expression {
                $crate::query::enumeration::Label::new(Some(self.label()), $label_cast)
            }
        }
        impl $crate::query::order::Key for $crate::tables::sql_types::$sql_type {
            type Value = $name;
            const ENDS: Option<$crate::query::order::Ends> = None;
            const TURNED: Option<&'static str> = Some("turned(");
            fn bind(value: $name) -> $crate::query::expr::Sql {
                use diesel::expression::AsExpression;
                std::sync::Arc::new(
                    AsExpression::<$crate::tables::sql_types::$sql_type>::as_expression(value),
                )
            }
        }
        impl $crate::query::enumeration::Labelled for $name {
            type SqlType = $crate::tables::sql_types::$sql_type;
            const LABEL_CAST: &'static str = $label_cast;
            const LIST_CAST: &'static str = $list_cast;
            fn label(self) -> &'static str {
                self.label()
            }
        }
    };
}
pub(crate) use bound;

use super::expr::{Cond, Expr};
use diesel::QueryResult;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, TypedExpressionType,
    ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, Nullable, SqlType, Text};
use std::marker::PhantomData;
use std::sync::Arc;

/// A value of an enum type, sent as text: `$1::its_type`.
#[derive(Debug, Clone, Copy)]
pub struct Label<ST> {
    text: Option<&'static str>,
    cast: &'static str,
    typed: PhantomData<fn() -> ST>,
}

impl<ST> Label<ST> {
    pub(crate) fn new(label: Option<&'static str>, cast: &'static str) -> Self {
        Self { text: label, cast, typed: PhantomData }
    }
}

impl<ST: SqlType + TypedExpressionType> Expression for Label<ST> {
    type SqlType = ST;
}
impl<ST: SqlType + TypedExpressionType, T> AppearsOnTable<T> for Label<ST> {}
impl<ST: SqlType + TypedExpressionType, T> SelectableExpression<T> for Label<ST> {}
impl<ST, G> ValidGrouping<G> for Label<ST> {
    type IsAggregate = is_aggregate::Never;
}
impl<ST> QueryId for Label<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<ST> QueryFragment<Pg> for Label<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<Nullable<Text>, _>(&self.text)?;
        out.push_sql(self.cast);
        Ok(())
    }
}

/// An enum whose values have labels in the database.
pub trait Labelled {
    /// The type in the database.
    type SqlType: SqlType;
    /// The cast of a label.
    const LABEL_CAST: &'static str;
    /// The cast of a list of labels.
    const LIST_CAST: &'static str;
    /// The label of a value.
    fn label(self) -> &'static str;
}

/// A value of an enum type, or none.
#[derive(Debug, Clone, Copy)]
pub struct Maybe<E>(pub Option<E>);

impl<E: Labelled> AsExpression<Nullable<E::SqlType>> for Maybe<E>
where
    Nullable<E::SqlType>: SqlType + TypedExpressionType,
{
    type Expression = Label<Nullable<E::SqlType>>;

    fn as_expression(self) -> Self::Expression {
        Label::new(self.0.map(Labelled::label), E::LABEL_CAST)
    }
}

impl<E: Labelled + Copy> AsExpression<Nullable<E::SqlType>> for &Maybe<E>
where
    Nullable<E::SqlType>: SqlType + TypedExpressionType,
{
    type Expression = Label<Nullable<E::SqlType>>;

    fn as_expression(self) -> Self::Expression {
        Maybe(self.0).as_expression()
    }
}

/// True where the value is one of these.
pub fn one_of<T, E: Labelled>(value: &Expr<T, Nullable<E::SqlType>>, values: Vec<E>) -> Cond<T> {
    let labels = values.into_iter().map(Labelled::label).collect();
    Expr::trusted(Arc::new(OneOf { value: value.sql(), labels, cast: E::LIST_CAST }))
}

struct OneOf {
    value: super::expr::Sql,
    labels: Vec<&'static str>,
    cast: &'static str,
}

impl QueryFragment<Pg> for OneOf {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.value.walk_ast(out.reborrow())?;
        out.push_sql(" = ANY(");
        out.push_bind_param::<Array<Text>, _>(&self.labels)?;
        out.push_sql(self.cast);
        out.push_sql(")");
        Ok(())
    }
}

/// True where the value is one of these, written into the statement: an index over some values only
/// can serve it, which it cannot where they are sent beside.
pub fn literally_one_of<T, E: Labelled>(
    value: &Expr<T, Nullable<E::SqlType>>,
    values: impl IntoIterator<Item = E>,
) -> Cond<T> {
    let labels = values.into_iter().map(Labelled::label).collect();
    Expr::trusted(Arc::new(Literally { value: value.sql(), labels }))
}

struct Literally {
    value: super::expr::Sql,
    labels: Vec<&'static str>,
}

impl QueryFragment<Pg> for Literally {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.value.walk_ast(out.reborrow())?;
        out.push_sql(" IN (");
        for (index, label) in self.labels.iter().enumerate() {
            out.push_sql(if index == 0 { "'" } else { ", '" });
            out.push_sql(label);
            out.push_sql("'");
        }
        out.push_sql(")");
        Ok(())
    }
}

/// Declares the filter of an enum; `ranked` compares by rank, `nullable` asks for emptiness too.
macro_rules! enum_filter {
    ($(#[$meta:meta])* $filter:ident of $name:ident as $sql_type:ident) => {
        $crate::query::enumeration::enum_filter! { @lines $(#[$meta])* $filter of $name as $sql_type {} }
    };
    ($(#[$meta:meta])* $filter:ident of $name:ident as $sql_type:ident, ranked) => {
        $crate::query::enumeration::enum_filter! { @lines $(#[$meta])* $filter of $name as $sql_type {
            /// Of a lower rank.
            lt: $name = |column, value, _| column.lt(value),
            /// Of this rank or a lower one.
            lte: $name = |column, value, _| column.le(value),
            /// Of a higher rank.
            gt: $name = |column, value, _| column.gt(value),
            /// Of this rank or a higher one.
            gte: $name = |column, value, _| column.ge(value),
        } }
    };
    ($(#[$meta:meta])* $filter:ident of $name:ident as $sql_type:ident, nullable) => {
        $crate::query::enumeration::enum_filter! { @lines $(#[$meta])* $filter of $name as $sql_type {
            /// Whether there is none.
            is_null: bool = |column, wanted, _| $crate::query::comparator::is_null(column, wanted),
        } }
    };
    (@lines $(#[$meta:meta])* $filter:ident of $name:ident as $sql_type:ident { $($more:tt)* }) => {
        $crate::query::filter::operators! {
            $(#[$meta])*
            $filter on <T> $crate::query::expr::Expr<T, diesel::sql_types::Nullable<$crate::tables::sql_types::$sql_type>> {
                /// This one.
                eq: $name = |column, value, _| column.eq(value),
                /// Not this one; true where there is none.
                neq: $name = |column, value, _| column.is_distinct_from(value),
                /// One of these.
                r#in: Vec<$name> = |column, values, _| $crate::query::enumeration::one_of(&column, values),
                /// None of these; true where there is none.
                not_in: Vec<$name> = |column, values, _| $crate::query::expr::not($crate::query::enumeration::one_of(&column, values)),
                $($more)*
            }
        }
    };
}
pub(crate) use enum_filter;
