//! Orders: lists of keys that end in the id, so that every order is total and every page has a place.
//!
//! A key that may be empty is ordered as if empty were the first or the last value there is, so that
//! the same comparison serves ordering, cursors and indexes.

use super::expr::{Cond, Expr, Sql, all, any};
use super::search::Search;
use crate::error::{Error, Result};
use async_graphql::Enum;
use diesel::expression::{AppearsOnTable, Expression};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{BigInt, Date, Int4, Nullable, Text, Timestamptz, Uuid};
use diesel::{IntoSql, QueryResult};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// Which way. Empty values come last in both directions, unless `NULLS_FIRST`.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SortOrder {
    /// Smallest first; empty values last.
    Asc,
    /// Largest first; empty values last.
    Desc,
    /// Smallest first, after the empty values.
    AscNullsFirst,
    /// Largest first, after the empty values.
    DescNullsFirst,
}

impl SortOrder {
    fn descending(self) -> bool {
        matches!(self, Self::Desc | Self::DescNullsFirst)
    }

    /// Whether empty counts as the largest value: then it is last going up, and first going down.
    fn empty_is_largest(self) -> bool {
        matches!(self, Self::Asc | Self::DescNullsFirst)
    }
}

/// SQL types that can be keys of an order.
pub trait Key {
    /// A key's value as a cursor holds it.
    type Value: DeserializeOwned;
    /// What is below and above all values, where a key may be empty.
    const ENDS: Option<Ends>;
    /// The beginning of a call that turns the order of the values around, where there is one.
    const TURNED: Option<&'static str> = None;
    /// The value of a cursor as SQL.
    fn bind(value: Self::Value) -> Sql;
}

/// SQL of a value below and a value above all others, as they are compared: with `before` before them.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    before: &'static str,
    first: &'static str,
    last: &'static str,
}

/// `key! { SQL type: Rust type, below all, above all }`
macro_rules! key {
    ($($sql_type:ty: $value:ty $(, $first:literal, $last:literal)?;)+) => { $(
        impl Key for $sql_type {
            type Value = $value;
            const ENDS: Option<Ends> = None;
            fn bind(value: $value) -> Sql {
                Arc::new(value.into_sql::<$sql_type>())
            }
        }
        $(impl Key for Nullable<$sql_type> {
            type Value = $value;
            const ENDS: Option<Ends> = Some(Ends { before: "", first: $first, last: $last });
            fn bind(value: $value) -> Sql {
                <$sql_type as Key>::bind(value)
            }
        })?
    )+ };
}
key! {
    Uuid: uuid::Uuid;
    Int4: i32;
    BigInt: i64, "-1", "9223372036854775807";
    Date: chrono::NaiveDate, "date '-infinity'", "date 'infinity'";
    Timestamptz: chrono::DateTime<chrono::Utc>, "timestamptz '-infinity'", "timestamptz 'infinity'";
    Text: String;
}

impl Key for Nullable<Text> {
    type Value = String;
    // There is text that is empty once it is folded, and none that is above all other text: a dot
    // before each makes room for both ends.
    const ENDS: Option<Ends> = Some(Ends { before: "'.' || ", first: "''", last: "'/'" });
    fn bind(value: String) -> Sql {
        <Text as Key>::bind(format!(".{value}"))
    }
}

/// One key of an order over the table `T`.
pub struct Sort<T> {
    /// What it is called in a cursor's signature.
    name: &'static str,
    order: SortOrder,
    key: Sql,
    ends: Option<Ends>,
    turning: Option<&'static str>,
    /// Whether it is compared turned around.
    turned: bool,
    read: fn(Value) -> Option<Sql>,
    typed: PhantomData<fn() -> T>,
}

impl<T> Clone for Sort<T> {
    fn clone(&self) -> Self {
        Self { key: Arc::clone(&self.key), ..*self }
    }
}

impl<T> Sort<T> {
    /// Orders by an expression; `name` tells it from the other keys of the entity's orders.
    pub fn by<E>(name: &'static str, expression: E, order: SortOrder) -> Self
    where
        E: Expression + AppearsOnTable<T> + QueryFragment<Pg> + Send + Sync + 'static,
        E::SqlType: Key,
    {
        Self {
            name,
            order,
            key: Arc::new(expression),
            ends: E::SqlType::ENDS,
            turning: E::SqlType::TURNED,
            turned: false,
            read: |value| serde_json::from_value(value).ok().map(<E::SqlType as Key>::bind),
            typed: PhantomData,
        }
    }

    /// The expression, its empty values replaced by the end at which they stand.
    fn total(&self) -> Total<'_> {
        let empty = self.ends.map(|ends| (ends.before, self.end(ends)));
        Total { key: &self.key, empty, turning: self.turning() }
    }

    fn turning(&self) -> Option<&'static str> {
        self.turning.filter(|_| self.turned)
    }

    /// Whether what is compared falls.
    fn falls(&self) -> bool {
        self.order.descending() != self.turned
    }

    /// The end at which empty values stand.
    fn end(&self, ends: Ends) -> &'static str {
        if self.order.empty_is_largest() { ends.last } else { ends.first }
    }
}

mod functions {
    //! Functions of the database that order text.
    diesel::define_sql_function! {
        /// What text is ordered by: its folded start, compared by code points.
        fn sort_key(text: diesel::sql_types::Text) -> diesel::sql_types::Text;
    }
}
pub use functions::sort_key;

/// Orders that a client may ask for.
pub trait Order<T> {
    /// The keys, without the id that ends every order; `search` is that of the list's filter.
    fn keys(self, search: Option<&Search>) -> Result<Vec<Sort<T>>>;
    /// The order of a list that asks for none.
    fn usual() -> Result<Vec<Sort<T>>>;
}

/// A total order: its last key is the id.
pub struct Sorting<T> {
    keys: Vec<Sort<T>>,
}

impl<T> Clone for Sorting<T> {
    fn clone(&self) -> Self {
        Self { keys: self.keys.clone() }
    }
}

impl<T: 'static> Sorting<T> {
    /// The keys with `id` after them, in the last key's direction: one index then serves both.
    pub fn new<C>(mut keys: Vec<Sort<T>>, id: C) -> Self
    where
        C: Expression<SqlType = Uuid> + AppearsOnTable<T>,
        C: QueryFragment<Pg> + Send + Sync + 'static,
    {
        let down = keys.last().is_some_and(|key| key.order.descending());
        keys.push(Sort::by("id", id, if down { SortOrder::Desc } else { SortOrder::Asc }));
        // All in one direction, where that can be: only then does a page start right at its place.
        let other = |key: &Sort<T>| key.order.descending() != down;
        if keys.iter().all(|key| !other(key) || key.turning.is_some()) {
            for key in &mut keys {
                key.turned = key.order.descending() != down;
            }
        }
        Self { keys }
    }

    /// The order's name, by which a cursor knows whether it belongs to it.
    fn signature(&self) -> String {
        let words: Vec<_> =
            self.keys.iter().map(|key| format!("{}:{:?}", key.name, key.order)).collect();
        words.join(",")
    }

    /// `ORDER BY` this; `backward` turns every key around.
    pub(super) fn clause(&self, backward: bool) -> Sql
    where
        T: Send + Sync,
    {
        Arc::new(OrderBy { sorting: self.clone(), backward })
    }

    /// JSON of the place of a row in this order.
    pub(super) fn place(&self) -> Sql
    where
        T: Send + Sync,
    {
        Arc::new(Place { signature: self.signature(), sorting: self.clone() })
    }

    /// The place that a cursor's JSON names; an error where it belongs to another order.
    pub(super) fn read(&self, cursor: Value) -> Result<Vec<Sql>> {
        let Value::Array(values) = cursor else {
            return Err(Error::bad_request("this is not a cursor of this API"));
        };
        let mut values = values.into_iter();
        if values.next() != Some(Value::String(self.signature())) || values.len() != self.keys.len()
        {
            return Err(Error::bad_request("this cursor belongs to a list in another order"));
        }
        let read = |(key, value): (&Sort<T>, Value)| match (value, key.ends) {
            (Value::Null, Some(ends)) => {
                let end: Sql = Arc::new(super::expr::Verbatim(key.end(ends)));
                Some(end)
            }
            (value, _) => (key.read)(value),
        };
        let place: Option<Vec<_>> = self.keys.iter().zip(values).map(read).collect();
        place.ok_or_else(|| Error::bad_request("this is not a cursor of this API"))
    }

    /// The rows after (or before) a place in this order, the row at the place too where `inclusive`.
    pub(super) fn beyond(&self, place: &[Sql], backward: bool, inclusive: bool) -> Cond<T>
    where
        T: Send + Sync,
    {
        let down = |key: &Sort<T>| key.falls() != backward;
        let first_down = self.keys.first().is_some_and(down);
        if self.keys.iter().all(|key| down(key) == first_down) {
            // One direction: a row comparison, from which an index starts right at the place.
            let operator = operator(first_down, inclusive);
            let pairs = self.keys.iter().cloned().zip(place.iter().cloned()).collect();
            return Expr::trusted(Arc::new(RowCompare { operator, pairs }));
        }
        let mut beyond: Option<Cond<T>> = None;
        for (key, value) in self.keys.iter().zip(place).rev() {
            let compare = |operator| {
                let pairs = vec![(key.clone(), Arc::clone(value))];
                Expr::trusted(Arc::new(RowCompare { operator, pairs }))
            };
            beyond = Some(match beyond {
                None => compare(operator(down(key), inclusive)),
                // The bound alone lets an index start there; the rest decides among equals.
                Some(rest) => all(vec![
                    compare(operator(down(key), true)),
                    any(vec![compare(operator(down(key), false)), all(vec![compare(" = "), rest])]),
                ]),
            });
        }
        beyond.unwrap_or_else(|| all(Vec::new()))
    }
}

fn operator(down: bool, inclusive: bool) -> &'static str {
    match (down, inclusive) {
        (false, false) => " > ",
        (false, true) => " >= ",
        (true, false) => " < ",
        (true, true) => " <= ",
    }
}

/// A key whose empty values are replaced by an end; what stands before the others comes with it.
struct Total<'a> {
    key: &'a Sql,
    empty: Option<(&'static str, &'static str)>,
    turning: Option<&'static str>,
}

impl<'a> Total<'a> {
    fn push<'b>(&self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()>
    where
        'a: 'b,
    {
        let Some((before, empty)) = self.empty else {
            return turn(self.turning, self.key, out);
        };
        out.push_sql("coalesce(");
        out.push_sql(before);
        self.key.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        out.push_sql(empty);
        out.push_sql(")");
        Ok(())
    }
}

/// A value as it is compared.
fn turn<'b>(
    turning: Option<&str>,
    value: &'b Sql,
    mut out: AstPass<'_, 'b, Pg>,
) -> QueryResult<()> {
    out.push_sql(turning.unwrap_or_default());
    value.walk_ast(out.reborrow())?;
    out.push_sql(if turning.is_some() { ")" } else { "" });
    Ok(())
}

struct OrderBy<T> {
    sorting: Sorting<T>,
    backward: bool,
}

impl<T: 'static> QueryFragment<Pg> for OrderBy<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for (index, key) in self.sorting.keys.iter().enumerate() {
            out.push_sql(if index == 0 { " ORDER BY " } else { ", " });
            key.total().push(out.reborrow())?;
            if key.falls() != self.backward {
                out.push_sql(" DESC");
            }
        }
        Ok(())
    }
}

struct Place<T> {
    signature: String,
    sorting: Sorting<T>,
}

impl<T> QueryFragment<Pg> for Place<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("json_build_array(");
        out.push_bind_param::<Text, _>(&self.signature)?;
        out.push_sql("::text");
        for key in &self.sorting.keys {
            out.push_sql(", ");
            key.key.walk_ast(out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}

struct RowCompare<T> {
    operator: &'static str,
    pairs: Vec<(Sort<T>, Sql)>,
}

impl<T: 'static> QueryFragment<Pg> for RowCompare<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(");
        for (index, (key, _)) in self.pairs.iter().enumerate() {
            if index > 0 {
                out.push_sql(", ");
            }
            key.total().push(out.reborrow())?;
        }
        out.push_sql(")");
        out.push_sql(self.operator);
        out.push_sql("(");
        for (index, (key, value)) in self.pairs.iter().enumerate() {
            if index > 0 {
                out.push_sql(", ");
            }
            turn(key.turning(), value, out.reborrow())?;
        }
        out.push_sql(")");
        Ok(())
    }
}

impl<T> fmt::Debug for Sort<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.name, self.order)
    }
}
