//! From plan to answer: the one statement of a query operation, and the only await on the read path.

use super::plan::{Child, push_slots};
use super::request::Request;
use super::selection::Slot;
use crate::db::Pool;
use crate::error::{Error, Result};
use async_graphql::Context;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::{Expression, ValidGrouping, is_aggregate};
use diesel::pg::{Pg, PgValue};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::Json;
use diesel::{QueryResult, Selectable, SelectableExpression};
use diesel_async::RunQueryDsl;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

/// Answers by slot: of the operation's root fields, or of the fields of one row.
#[derive(Debug, Default, Deserialize, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = Json)]
pub struct Slots(Vec<(Slot, Box<RawValue>)>);

impl Slots {
    /// The answer for the field that is being resolved.
    pub fn at<T: DeserializeOwned>(&self, ctx: &Context<'_>) -> Result<T> {
        let slot = Request::of(ctx)?.slot(ctx)?;
        let answer = self.0.iter().find(|(filed, _)| *filed == slot);
        let Some((_, answer)) = answer else {
            let missing = anyhow::anyhow!("field {} was not planned", ctx.item.node.name.node);
            return Err(Error::Internal(missing));
        };
        serde_json::from_str(answer.get()).map_err(|error| {
            let field = ctx.item.node.name.node.as_str();
            Error::Internal(anyhow::Error::new(error).context(format!("reading field {field}")))
        })
    }
}

impl Slots {
    /// Files the answer for one more field.
    pub(super) fn put(&mut self, slot: Slot, answer: Box<RawValue>) {
        self.0.push((slot, answer));
    }

    /// The answer that is filed for a field.
    pub(crate) fn get(&self, slot: Slot) -> Option<&RawValue> {
        self.0.iter().find(|(filed, _)| *filed == slot).map(|(_, answer)| &**answer)
    }

    /// Files the answers for other fields of the same row.
    pub(crate) fn append(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// The answers of each of several objects: the nth of every list here, which hold as many.
    pub(crate) fn each(&self, objects: usize) -> Result<Vec<Self>> {
        let mut each: Vec<Self> = std::iter::repeat_with(Self::default).take(objects).collect();
        for (slot, list) in &self.0 {
            let items: Vec<Box<RawValue>> =
                serde_json::from_str(list.get()).map_err(|error| Error::Internal(error.into()))?;
            for (object, item) in each.iter_mut().zip(items) {
                object.0.push((*slot, item));
            }
        }
        Ok(each)
    }
}

impl FromSql<Json, Pg> for Slots {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(serde_json::from_slice(value.as_bytes())?)
    }
}

// A row struct embeds its slots; they are no column, so nothing is selected for them.
impl Selectable<Pg> for Slots {
    type SelectExpression = Nothing;

    fn construct_selection() -> Nothing {
        Nothing
    }
}

/// An expression that writes nothing.
#[derive(Clone, Copy, Debug, QueryId)]
pub struct Nothing;

impl Expression for Nothing {
    type SqlType = Json;
}
impl<T> diesel::AppearsOnTable<T> for Nothing {}
impl<T> SelectableExpression<T> for Nothing {}
impl<G> ValidGrouping<G> for Nothing {
    type IsAggregate = is_aggregate::Never;
}
impl QueryFragment<Pg> for Nothing {
    fn walk_ast<'b>(&'b self, _: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        Ok(())
    }
}

/// The statement that answers an operation.
#[derive(Debug)]
pub struct Statement {
    roots: Vec<Child>,
}

impl Statement {
    /// The statement that answers these root fields.
    #[must_use]
    pub fn new(roots: Vec<Child>) -> Self {
        Self { roots }
    }

    /// Whether there is nothing to ask the database.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roots.is_empty()
    }

    /// Runs the statement. It only reads, so it is sent again where the pool's connection turns out to
    /// have been closed while it lay idle.
    pub async fn run(self, pool: &Pool, shapes: &Shapes) -> Result<Slots> {
        if self.is_empty() {
            return Ok(Slots::default());
        }
        let statement = shapes.admit(self)?;
        let first: Result<Slots> = async {
            let mut connection = pool.get().await?;
            Ok(statement.once().get_result(&mut connection).await?)
        }
        .await;
        match first {
            Err(Error::Unavailable(_)) => {
                let mut connection = pool.get().await?;
                Ok(statement.once().get_result(&mut connection).await?)
            }
            answer => answer,
        }
    }
}

impl QueryFragment<Pg> for Statement {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("SELECT ");
        push_slots(&self.roots, &mut out)
    }
}

impl QueryId for Statement {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// The shapes of statements that are kept prepared.
///
/// Each costs every connection of the database 40 to 400 kB, so a shape is admitted when it is seen
/// for the second time, and only so many are; the others are prepared anew each time.
#[derive(Debug, Default)]
pub struct Shapes {
    hasher: RandomState,
    seen: Mutex<HashMap<u64, bool>>,
}

/// How many shapes are kept prepared.
const MOST_SHAPES: usize = 128;
/// How many shapes are remembered as seen once, before they are forgotten together.
const MOST_SEEN: usize = 4_096;

impl Shapes {
    /// Wraps a statement so that its connection keeps it prepared only where its shape is admitted.
    pub fn admit<S: QueryFragment<Pg> + QueryId>(&self, statement: S) -> Result<Admitted<S>> {
        let mut builder = diesel::pg::PgQueryBuilder::default();
        statement.to_sql(&mut builder, &Pg)?;
        let sql = diesel::query_builder::QueryBuilder::<Pg>::finish(builder);
        let shape = self.hasher.hash_one(sql);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = match seen.get(&shape) {
            Some(kept) => *kept || seen.values().filter(|kept| **kept).count() < MOST_SHAPES,
            None => false,
        };
        if seen.len() >= MOST_SEEN {
            seen.retain(|_, kept| *kept);
        }
        seen.insert(shape, kept);
        Ok(Admitted { statement, kept })
    }
}

/// A statement of which it was decided whether it is kept prepared.
///
/// It is run by value: behind a reference Diesel would ask the statement's parts instead, and keep it.
#[derive(Debug)]
pub struct Admitted<S> {
    statement: S,
    kept: bool,
}

impl<S> Admitted<S> {
    /// The same statement, which may be run once more after it.
    pub(crate) fn once(&self) -> Admitted<&S> {
        Admitted { statement: &self.statement, kept: self.kept }
    }
}

impl<S: QueryFragment<Pg>> QueryFragment<Pg> for Admitted<S> {
    fn walk_ast<'b>(&'b self, out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.statement.walk_ast(out)
    }

    // Statements are told apart by their text, which is always right; a part that Diesel would rather
    // not keep must not decide for the whole.
    fn is_safe_to_cache_prepared(&self, _: &Pg) -> QueryResult<bool> {
        Ok(self.kept)
    }
}
impl<S> QueryId for Admitted<S> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
impl<S: Query> Query for Admitted<S> {
    type SqlType = S::SqlType;
}
impl Query for Statement {
    type SqlType = Json;
}
