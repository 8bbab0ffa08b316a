//! Writes that a client sends again, because it did not hear the answer: each is done once.
//!
//! What came of a write is kept with it, under the clientMutationId and under the id that
//! the client made for a new record. Where the key is there already the statement fails as a whole, so
//! that nothing is done twice, however many do it at once; the read-back then tells a replay from
//! another write under the same key.

use super::Needs;
use super::merge::{Judge, Merged};
use super::user_error::{UserError, UserErrorCode};
pub(super) use keep::Keep;
pub(crate) use made::Made;

mod keep;
mod made;

use crate::error::{Error, Result};
use crate::query::comparator::uuids;
use crate::query::entity::Entity;
use crate::query::expr::{Cond, Expr, Sql, any};
use crate::query::input::Inputs;
use crate::query::plan::Boxed;
use crate::query::selection::{Field, member};
use crate::scalar::{DateTime, Id, Key};
use crate::tables::outcomes;
use async_graphql::Value;
use chrono::TimeDelta;
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// For how long a write may be sent again.
const KEPT: TimeDelta = TimeDelta::days(30);

/// The name of the client's key.
pub(crate) const KEY: &str = "clientMutationId";

/// The scope of that key; the id of a new record has the record's type.
const WRITE: &str = "";

/// The constraint that a repeat runs into.
pub(super) const REPEATED: &str = "outcomes_pkey";

/// Under which keys the outcome of a write is kept, and what tells it from other writes.
#[derive(Clone, Debug)]
pub(crate) struct Replay {
    /// The clientMutationId.
    pub(super) client_mutation_id: Option<Key>,
    /// The id of a new record, where the client made it, and the record's type.
    made: Option<(uuid::Uuid, &'static str)>,
    mutation: String,
    hash: Vec<u8>,
    /// The keys of other writes of the same device, which are no changes of others to it.
    pub(super) own: Arc<Vec<uuid::Uuid>>,
}

impl Replay {
    /// Those of a mutation's field.
    pub(super) fn of<E: Entity>(field: &Field, needs: Needs, inputs: &Inputs) -> Self {
        let input = field.raw("input").unwrap_or(&Value::Null);
        Self::new::<E>(id(input, KEY).map(Key), (&field.written, input), needs, inputs)
    }

    /// Those of a mutation that makes no record under an id of its own.
    pub(crate) fn of_many(key: Option<Key>, field: &Field, inputs: &Inputs) -> Self {
        let input = field.raw("input").unwrap_or(&Value::Null);
        Self::under(key, None, (&field.written, input), inputs)
    }

    /// Those of a write under a key, by the mutation that does the same, with its input.
    pub(crate) fn new<E: Entity>(
        key: Option<Key>,
        (mutation, input): (&str, &Value),
        needs: Needs,
        inputs: &Inputs,
    ) -> Self {
        let made = id(input, "id").filter(|_| needs == Needs::New).map(|id| (id, E::NAME));
        Self::under(key, made, (mutation, input), inputs)
    }

    fn under(
        client_mutation_id: Option<Key>,
        made: Option<(uuid::Uuid, &'static str)>,
        (name, input): (&str, &Value),
        inputs: &Inputs,
    ) -> Self {
        let (mutation, own) = (name.to_owned(), Arc::default());
        let mut replay = Self { client_mutation_id, made, mutation, hash: Vec::new(), own };
        // What is kept under no key is compared with nothing, and inputs are long.
        if replay.is_kept() {
            let mut bytes = Vec::new();
            canonical(&inputs.plain_of(name, input), &mut bytes);
            replay.hash = Sha256::digest(bytes).to_vec();
        }
        replay
    }

    /// The same, where these keys are of other writes of the same device.
    pub(crate) fn beside(self, own: &Arc<Vec<uuid::Uuid>>) -> Self {
        Self { own: Arc::clone(own), ..self }
    }

    /// Keeps, at the beginning of its transaction, a write that takes several statements. Gives the records of
    /// the first one, where it was done before.
    pub(crate) async fn begin(
        &self,
        connection: &mut AsyncPgConnection,
        now: DateTime,
    ) -> Result<Result<Option<Vec<Id>>, UserError>> {
        let Some(key) = self.client_mutation_id else { return Ok(Ok(None)) };
        let values = (
            (outcomes::key.eq(key.0), outcomes::scope.eq(WRITE), outcomes::at.eq(now)),
            (outcomes::mutation.eq(&self.mutation), outcomes::input_hash.eq(&self.hash)),
            outcomes::record_ids.eq(Vec::<uuid::Uuid>::new()),
        );
        let kept = diesel::insert_into(outcomes::table).values(values).on_conflict_do_nothing();
        if kept.execute(connection).await? == 1 {
            return Ok(Ok(None));
        }
        let first = outcomes::table.filter(self.has_key());
        let first = first.select((self.is_same(), outcomes::record_ids));
        let first: Option<(Option<bool>, Vec<uuid::Uuid>)> =
            first.first(connection).await.optional()?;
        // Forgotten in this moment: the next try will be the first.
        let gone = || Error::Constraint { constraint: REPEATED.to_owned(), missed: None };
        let (same, records) = first.ok_or_else(gone)?;
        let records = records.into_iter().map(Id).collect();
        Ok(if same == Some(true) { Ok(Some(records)) } else { Err(mismatch()) })
    }

    /// Keeps, at the end of that transaction, its records.
    pub(crate) async fn end(
        &self,
        connection: &mut AsyncPgConnection,
        records: &[Id],
    ) -> Result<()> {
        if self.client_mutation_id.is_some() {
            let kept = diesel::update(outcomes::table.filter(self.has_key()));
            let records = uuids(records.to_vec());
            kept.set(outcomes::record_ids.eq(records)).execute(connection).await?;
        }
        Ok(())
    }

    /// Whether there is anything under which to keep it.
    pub(super) fn is_kept(&self) -> bool {
        self.client_mutation_id.is_some() || self.made.is_some()
    }

    fn keys(&self) -> impl Iterator<Item = (uuid::Uuid, &'static str)> {
        self.client_mutation_id.map(|key| (key.0, WRITE)).into_iter().chain(self.made)
    }

    fn has_key(&self) -> Cond<outcomes::table> {
        let one = |(key, scope): (uuid::Uuid, &'static str)| {
            Expr::of(outcomes::key.eq(key).and(outcomes::scope.eq(scope)))
        };
        any(self.keys().map(one).collect())
    }

    fn is_same(&self) -> Cond<outcomes::table> {
        let name = outcomes::mutation.eq(self.mutation.clone());
        Expr::of(name.and(outcomes::input_hash.eq(self.hash.clone())))
    }

    /// Selects the ids of the records of the kept outcome.
    pub(super) fn record(&self) -> Sql {
        let kept = outcomes::table.filter(self.has_key()).filter(self.is_same());
        Arc::new(kept.select(outcomes::record_ids).limit(1))
    }

    /// JSON of what is kept under the keys.
    pub(super) fn kept(&self) -> Boxed {
        let kept = outcomes::table.filter(self.has_key()).select((
            outcomes::scope,
            self.is_same(),
            outcomes::record_ids,
            outcomes::merged_fields,
            outcomes::conflicting_fields,
            outcomes::recognised,
        ));
        Boxed(Arc::new(KeptJson(Arc::new(kept))))
    }

    /// The part of a write that keeps its outcome; `standing` is whether the record is as it must be,
    /// though there was nothing to do.
    pub(super) fn keep(
        &self,
        id: Id,
        now: DateTime,
        standing: Option<Sql>,
        judge: Option<&Judge>,
    ) -> Keep {
        let judged = judge.is_some();
        let (keys, scopes) = self.keys().unzip();
        let (mutation, hash) = (self.mutation.clone(), self.hash.clone());
        let records = vec![id.0];
        Keep { keys, scopes, mutation, hash, records, now, standing, judged, recognised: None }
    }
}

/// A field of an input that holds an id.
fn id(input: &Value, name: &str) -> Option<uuid::Uuid> {
    match member(input, name) {
        Some(Value::String(id)) => uuid::Uuid::try_parse(id).ok(),
        _ => None,
    }
}

/// Writes what is hashed of an input that is plainly written: equal values are equal bytes, in whatever order
/// its fields come. A letter tells what it is, and the length of each part stands before it.
fn canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(b'n'),
        Value::Boolean(value) => {
            out.push(b'b');
            part(out, |out| out.push(u8::from(*value)));
        }
        Value::Number(number) => text(b'd', &number.to_string(), out),
        Value::String(value) => text(b's', value, out),
        // In a variable it is a text.
        Value::Enum(name) => text(b's', name, out),
        Value::Binary(bytes) => {
            out.push(b'x');
            part(out, |out| out.extend_from_slice(bytes));
        }
        Value::List(items) => {
            out.push(b'l');
            for item in items {
                part(out, |out| canonical(item, out));
            }
        }
        Value::Object(fields) => {
            out.push(b'o');
            let sorted: BTreeMap<_, _> = fields.iter().filter(|(name, _)| *name != KEY).collect();
            for (name, value) in sorted {
                part(out, |out| out.extend_from_slice(name.as_bytes()));
                part(out, |out| canonical(value, out));
            }
        }
    }
}

/// A value that is a text.
fn text(tag: u8, value: &str, out: &mut Vec<u8>) {
    out.push(tag);
    part(out, |out| out.extend_from_slice(value.as_bytes()));
}

/// Writes a part behind its length, which is known only then.
fn part(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let begin = out.len();
    out.extend_from_slice(&[0; LENGTH]);
    write(out);
    let length = out.len() - begin - LENGTH;
    if let Some(place) = out.get_mut(begin..begin + LENGTH) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}

/// How many bytes a length takes.
const LENGTH: usize = size_of::<usize>();

/// `(SELECT json_agg(…) FROM (what is kept))`.
struct KeptJson(Sql);

impl QueryFragment<Pg> for KeptJson {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT coalesce(json_agg(row_to_json(k)), '[]') FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS k(scope, same, records, merged, conflicting, recognised))");
        Ok(())
    }
}

/// What is kept under a key.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Kept {
    scope: String,
    same: bool,
    records: Vec<Id>,
    recognised: Option<serde_json::Value>,
    #[serde(flatten)]
    merge: Merged,
}

/// A write that was done before.
#[derive(Clone, Debug)]
pub(super) struct First {
    /// The record that it was done to.
    pub(super) record: Option<Id>,
    /// What was recognised of its text.
    pub(super) recognised: Option<serde_json::Value>,
    /// What it did to a newer version than the client knew.
    pub(super) merge: Merged,
}

/// What is kept of a write that was not done now.
pub(super) enum Verdict {
    /// It was done before.
    Replayed(First),
    /// Another one was done under its key.
    Mismatch(UserError),
}

impl Verdict {
    /// Nothing where nothing is kept. The client's own key says more than the id of a new record.
    pub(super) fn of(kept: &[Kept]) -> Option<Self> {
        let kept = kept.iter().min_by_key(|kept| kept.scope != WRITE)?;
        Some(match (kept.same, kept.scope == WRITE) {
            (true, _) => Self::Replayed(First {
                record: kept.records.as_slice().first().copied(),
                recognised: kept.recognised.clone(),
                merge: kept.merge.clone(),
            }),
            (false, true) => Self::Mismatch(mismatch()),
            (false, false) => {
                let message = "another record has this id";
                Self::Mismatch(UserError::new(UserErrorCode::Taken, &["input", "id"], message))
            }
        })
    }
}

/// Another write was done under the key.
fn mismatch() -> UserError {
    let message = "another write was done under this clientMutationId";
    UserError::new(UserErrorCode::ReplayMismatch, &["input", KEY], message)
}

/// Forgets what came of writes that are too old to be sent again.
pub(crate) async fn forget(connection: &mut AsyncPgConnection, now: DateTime) -> Result<usize> {
    let old = outcomes::table.filter(outcomes::at.lt(DateTime(now.0 - KEPT)));
    Ok(diesel::delete(old).execute(connection).await?)
}

#[cfg(test)]
mod tests {
    use super::{KEY, canonical};
    use async_graphql::value;

    #[test]
    fn a_plain_input_has_the_bytes_that_kept_outcomes_were_hashed_of() {
        let input = value!({ "b": 1, KEY: "anything", "a": ["x", null, true] });
        let mut bytes = Vec::new();
        canonical(&input, &mut bytes);
        let kept = b"o\
            \0\0\0\0\0\0\0\x01a\
            \0\0\0\0\0\0\0\x2el\
                \0\0\0\0\0\0\0\x0as\0\0\0\0\0\0\0\x01x\
                \0\0\0\0\0\0\0\x01n\
                \0\0\0\0\0\0\0\x0ab\0\0\0\0\0\0\0\x01\x01\
            \0\0\0\0\0\0\0\x01b\
            \0\0\0\0\0\0\0\x0ad\0\0\0\0\0\0\0\x011";
        assert_eq!(bytes, kept);
    }
}
