//! Filters: what a client says of the records it wants, and the condition that follows.
//!
//! Each operator is one line, for every entity. Conditions are two-valued as people mean them: a
//! comparison with an empty value is false, except `neq`, `notIn` and `notContains`; `not` is plain
//! negation.

use super::entity::Entity;
use super::expr::{Cond, all};
use super::selection::{Field, camel_case};
use crate::error::{Error, Result};
use crate::moment::Moment;
use async_graphql::Value;
use std::cell::Cell;

/// How deep a filter may be nested.
pub const FILTER_LEVELS: u8 = 8;
/// How many conditions a filter may hold.
pub const FILTER_CONDITIONS: u16 = 100;

/// What a filter is read with: the moment, and how much of the limits is used up.
#[derive(Clone, Copy, Debug)]
pub struct Scope<'a> {
    /// When and where the request is answered.
    pub moment: &'a Moment,
    level: u8,
    conditions: &'a Cell<u16>,
}

impl Scope<'_> {
    /// The scope of a filter inside this one.
    pub fn deeper(mut self) -> Result<Self> {
        self.level += 1;
        if self.level > FILTER_LEVELS {
            return Err(Error::bad_request(format!("a filter has at most {FILTER_LEVELS} levels")));
        }
        Ok(self)
    }

    /// Counts a condition.
    pub fn count(self) -> Result<()> {
        self.conditions.set(self.conditions.get().saturating_add(1));
        if self.conditions.get() > FILTER_CONDITIONS {
            let message = format!("a filter has at most {FILTER_CONDITIONS} conditions");
            return Err(Error::bad_request(message));
        }
        Ok(())
    }
}

/// A filter of the records in the table `T`.
pub trait Filter<T> {
    /// The condition that it means.
    fn condition(self, at: Scope<'_>) -> Result<Cond<T>>;
}

/// The condition of a field's `filter` argument; true of all where there is none.
pub(crate) fn of_field<E: Entity>(field: &Field, moment: &Moment) -> Result<Cond<E::Table>> {
    let within = |error: Error| error.within("filter");
    if let Some(value) = field.raw("filter").filter(|value| **value != Value::Null) {
        refuse_nulls(value).map_err(within)?;
    }
    let filter: Option<E::Filter> = field.argument("filter")?;
    let condition = filter.map_or_else(|| Ok(all(Vec::new())), |filter| read(filter, moment));
    condition.map_err(within)
}

/// The condition of a whole filter.
pub(crate) fn read<T, F: Filter<T>>(filter: F, moment: &Moment) -> Result<Cond<T>> {
    let conditions = Cell::new(0);
    filter.condition(Scope { moment, level: 1, conditions: &conditions })
}

/// A null inside a filter is never ignored: it would silently widen what is matched.
pub(crate) fn refuse_nulls(value: &Value) -> Result<()> {
    match value {
        Value::Null => Err(Error::bad_request("null says nothing here: leave it out")),
        Value::List(items) => items
            .iter()
            .enumerate()
            .try_for_each(|(n, item)| refuse_nulls(item).map_err(|e| e.within(&n.to_string()))),
        Value::Object(fields) => fields
            .iter()
            .try_for_each(|(name, field)| refuse_nulls(field).map_err(|e| e.within(name))),
        _ => Ok(()),
    }
}

/// Declares a comparator: each operator is one line of name, argument and condition.
///
/// A line is `name: Argument = |subject, argument, at| condition`; the subject is what is compared, as
/// an option of the comparator makes it where there is one. Expands to the input object, and to `on`,
/// which gives the condition of all operators that are present.
macro_rules! operators {
    (
        $(#[$meta:meta])* $name:ident $([$graphql:literal])? on <$table:ident> $subject:ty
        $(, option { $(#[$option_meta:meta])* $option:ident: bool })? {
            $(
                $(#[$line_meta:meta])*
                $operator:ident: $value:ty = |$column:pat_param, $argument:pat_param, $at:pat_param| $condition:expr,
            )+
        }
    ) => {
        $(#[$meta])*
        #[derive(async_graphql::InputObject, Clone, Debug, Default)]
        $(#[graphql(name = $graphql)])?
        pub struct $name {
            $( $(#[$line_meta])* pub $operator: Option<$value>, )+
            $( $(#[$option_meta])* #[graphql(default)] pub $option: bool, )?
        }

        impl $name {
            /// The condition that it means for the subject.
            pub fn on<$table: Send + Sync + 'static>(
                self,
                subject: &$subject,
                at: $crate::query::filter::Scope<'_>,
            ) -> $crate::error::Result<$crate::query::expr::Cond<$table>> {
                let subject = subject.clone()$(.with(self.$option))?;
                let mut conditions = Vec::new();
                $( if let Some($argument) = self.$operator {
                    at.count()?;
                    let ($column, $at) = (subject.clone(), at);
                    let condition = move || Ok($crate::query::expr::Expr::of($condition));
                    conditions.push($crate::query::filter::within(stringify!($operator), condition)?);
                } )+
                Ok($crate::query::expr::all(conditions))
            }
        }
    };
}
pub(crate) use operators;

/// Declares the filter of an entity: each line is a name, its argument and the condition.
///
/// A line `name: Comparator; on expression` compares; `name: Argument = |argument, at| condition` says
/// anything. `and`, `or` and `not` come by themselves.
macro_rules! filter {
    (
        $(#[$meta:meta])* $name:ident on $table:ty {
            $( $(#[$line_meta:meta])* $field:ident: $value:ty $(= |$argument:pat_param, $at:pat_param| $condition:expr)? $(; on $column:expr)?, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(async_graphql::InputObject, Clone, Debug, Default)]
        pub struct $name {
            /// Each of these holds; true of none.
            pub and: Option<Vec<$name>>,
            /// One of these holds; false of none.
            pub or: Option<Vec<$name>>,
            /// This does not hold.
            pub not: Option<Box<$name>>,
            $( $(#[$line_meta])* pub $field: Option<$value>, )+
        }

        impl $crate::query::filter::Filter<$table> for $name {
            fn condition(
                self,
                at: $crate::query::filter::Scope<'_>,
            ) -> $crate::error::Result<$crate::query::expr::Cond<$table>> {
                use $crate::query::expr::{all, any, not};
                let mut conditions = Vec::new();
                if let Some(filters) = self.and {
                    let each = || $crate::query::filter::each(filters, at);
                    conditions.push(all($crate::query::filter::within("and", each)?));
                }
                if let Some(filters) = self.or {
                    let each = || $crate::query::filter::each(filters, at);
                    conditions.push(any($crate::query::filter::within("or", each)?));
                }
                if let Some(filter) = self.not {
                    let inside = || filter.condition(at.deeper()?);
                    conditions.push(not($crate::query::filter::within("not", inside)?));
                }
                $( if let Some(value) = self.$field {
                    let condition = || {
                        $( at.count()?; let ($argument, $at) = (value, at); Ok($condition) )?
                        $( value.on(&$column, at) )?
                    };
                    conditions.push($crate::query::filter::within(stringify!($field), condition)?);
                } )+
                Ok($crate::query::expr::all(conditions))
            }
        }
    };
}
pub(crate) use filter;

/// The conditions of filters side by side.
pub(crate) fn each<T, F: Filter<T>>(filters: Vec<F>, at: Scope<'_>) -> Result<Vec<Cond<T>>> {
    let at = at.deeper()?;
    let number = |(n, filter): (usize, F)| {
        filter.condition(at).map_err(|error| error.within(&n.to_string()))
    };
    filters.into_iter().enumerate().map(number).collect()
}

/// The condition of a field of a filter; where it is refused, the error names the field.
pub(crate) fn within<C>(field: &str, condition: impl FnOnce() -> Result<C>) -> Result<C> {
    condition().map_err(|error| error.within(&camel_case(field)))
}
