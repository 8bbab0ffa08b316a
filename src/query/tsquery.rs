//! Queries of words as PostgreSQL takes them over the wire, in the binary form of a `tsquery`.

use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::{self, IsNull, Output, ToSql};
use std::io::Write;

/// `tsquery`
#[derive(Clone, Copy, Debug, QueryId, diesel::sql_types::SqlType)]
#[diesel(postgres_type(oid = 3615, array_oid = 3645))]
pub struct Tsquery;

/// A query of words; the empty one matches nothing.
///
/// Its parts stand as the server keeps them: an operator, what is right of it, what is left of it.
#[derive(Clone, Debug, Default, diesel::expression::AsExpression)]
#[diesel(sql_type = Tsquery)]
pub struct Query {
    parts: u32,
    bytes: Vec<u8>,
}

/// The kinds of parts.
const VALUE: u8 = 1;
const OPERATOR: u8 = 2;
/// The operators.
const NOT: u8 = 1;
const AND: u8 = 2;
const OR: u8 = 3;
const PHRASE: u8 = 4;

impl Query {
    /// A word, or all that begin with it.
    pub fn word(word: &str, prefix: bool) -> Self {
        // No weight is asked for.
        let mut bytes = vec![VALUE, 0, u8::from(prefix)];
        bytes.extend_from_slice(word.as_bytes());
        bytes.push(0);
        Self { parts: 1, bytes }
    }

    /// What does not match this.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::of(&[NOT], self, Self::default())
    }

    /// What matches both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self::of(&[AND], other, self)
    }

    /// What matches either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self::of(&[OR], other, self)
    }

    /// Where the other comes right behind this.
    #[must_use]
    pub fn then(self, other: Self) -> Self {
        Self::of(&[PHRASE, 0, 1], other, self)
    }

    fn of(operator: &[u8], right: Self, left: Self) -> Self {
        let parts = 1 + right.parts + left.parts;
        let bytes = [&[OPERATOR], operator].concat();
        let bytes = bytes.into_iter().chain(right.bytes).chain(left.bytes);
        Self { parts, bytes: bytes.collect() }
    }
}

impl ToSql<Tsquery, Pg> for Query {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        if self.parts == 0 {
            // Not every release reads a query without parts; a blank is a word of no document.
            let nothing = Self::word(" ", false);
            return ToSql::<Tsquery, Pg>::to_sql(&nothing, &mut out.reborrow());
        }
        out.write_all(&self.parts.to_be_bytes())?;
        out.write_all(&self.bytes)?;
        Ok(IsNull::No)
    }
}

impl QueryFragment<Pg> for Query {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_bind_param::<Tsquery, _>(self)
    }
}
