//! What an entity must say of itself so that it can be planned.

use super::expr::{Cond, Expr};
use super::filter::Filter;
use super::order::{Order, Sort, Sorting};
use super::page::page;
use super::plan::{Child, Json, Parent, Record, Rows};
use super::selection::Field;
use crate::error::Result;
use crate::moment::Moment;
use async_graphql::{Enum, InputType, OutputType};
use diesel::pg::Pg;
use diesel::query_builder::QueryFragment;
use diesel::sql_types::{Nullable, Uuid};
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use std::collections::HashSet;

/// Which records a list shows: `LIVE` ones (not in the trash), those in the `TRASH`, or `ALL`.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecordScope {
    /// Those that are not in the trash.
    Live,
    /// Those in the trash.
    Trash,
    /// All of them.
    All,
}

/// A kind of record: a row struct that is also the API's object.
pub trait Entity: OutputType + DeserializeOwned + Send + Sync + 'static {
    /// Its table.
    type Table: QueryFragment<Pg> + Default + Send + Sync + 'static;
    /// Its filter.
    type Filter: Filter<Self::Table> + InputType;
    /// Its orders.
    type Order: Order<Self::Table> + InputType;
    /// The name of its type in the API.
    const NAME: &'static str;
    /// The columns that are fetched whether they are selected or not: those that the struct cannot do
    /// without, and those that other fields read.
    const KEPT: &'static [&'static str];

    /// All its rows, with the columns of the struct.
    fn rows() -> Rows<Self::Table>;
    /// Those that a list of this scope shows.
    fn scoped(scope: RecordScope) -> Cond<Self::Table>;
    /// The row of an id that an enclosing query gives.
    fn with_id(id: Expr<Self::Table, Nullable<Uuid>>) -> Cond<Self::Table>;
    /// These keys, made total.
    fn sorting(keys: Vec<Sort<Self::Table>>) -> Sorting<Self::Table>;
    /// The plan of a field that is more than a column.
    fn plan(
        field: &Field,
        parent: &mut Parent<Self::Table>,
        moment: &Moment,
    ) -> Result<Option<Json>>;

    /// The plan of one level of rows and of the fields selected of each.
    fn record<'a>(
        rows: Rows<Self::Table>,
        fields: impl IntoIterator<Item = &'a Field>,
        depth: u16,
        moment: &Moment,
    ) -> Result<Record> {
        let fields: Vec<_> = fields.into_iter().collect();
        let names: Vec<_> = names::<Self>()
            .into_iter()
            .filter(|name| Self::KEPT.contains(name) || fields.iter().any(|it| it.name == **name))
            .collect();
        let mut parent = Parent::new(rows.only(&names), depth, names);
        let (mut children, mut planned) = (Vec::new(), HashSet::new());
        for field in fields {
            if planned.insert(field.slot) {
                let json = Self::plan(field, &mut parent, moment)?;
                children.extend(json.map(|json| Child { slot: field.slot, json }));
            }
        }
        Ok(Record::new(parent, children))
    }

    /// The plan of a list field that shows pages of `rows`.
    fn page(field: &Field, rows: Rows<Self::Table>, depth: u16, moment: &Moment) -> Result<Json> {
        let filter = super::filter::of_field::<Self>(field, moment)?;
        page::<Self>(field, rows.filter(filter), depth, moment)
    }
}

/// The names of the columns that a row struct reads.
pub(super) fn names<E: DeserializeOwned>() -> Vec<&'static str> {
    let mut names: &'static [&'static str] = &[];
    // It reads nothing: serde tells the names before it asks for the first value.
    let _told = E::deserialize(Names(&mut names));
    names.iter().copied().filter(|name| *name != SLOTS).collect()
}

/// The name under which a row struct reads what hangs on its row.
const SLOTS: &str = "slots";

struct Names<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = serde::de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(Self::Error::custom("only structs have named fields"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        Err(Self::Error::custom("only the names were asked for"))
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
