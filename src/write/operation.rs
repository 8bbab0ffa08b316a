//! One write to one record, as a mutation or an operation of a push asks for it.

use super::merge::{self, Merged};
use super::read_back::{Look, Seen, look, record, standing};
use super::replay::{First, Replay, Verdict};
use super::user_error::{self, Constraint, Listed, UserError, UserErrorCode};
use super::{Done, Write};
use crate::error::Result;
use crate::query::entity::Entity;
use crate::query::expr::Sql;
use crate::query::request::Request;
use crate::query::statement::Admitted;
use crate::scalar::{DateTime, Id};
use serde_json::Value;
use std::borrow::Cow;
use std::marker::PhantomData;
use std::sync::Arc;

/// How a record must be for a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// It is made.
    New,
    /// Not in the trash.
    Live,
    /// In the trash or not.
    Any,
    /// As before, and one that was purged is as good: it is to be gone.
    Gone,
}

/// A write to a record of the entity `E`.
pub(crate) struct Operation<E> {
    /// The record.
    pub(super) id: Id,
    /// How it must be.
    pub(super) needs: Needs,
    constraints: Cow<'static, [Constraint]>,
    at: &'static [&'static str],
    write: Result<Write, Vec<UserError>>,
    recognised: Option<Value>,
    listed: Listed,
    /// Selects the id of the record to show.
    pub(super) holder: Option<Sql>,
    entity: PhantomData<fn() -> E>,
}

impl<E: Entity> Operation<E> {
    /// A write to a record that must be so, or why there is none. Its fields stand in the input at a path,
    /// and the entity's constraints mean this.
    pub(crate) fn new(
        (id, needs): (Id, Needs),
        constraints: impl Into<Cow<'static, [Constraint]>>,
        at: &'static [&'static str],
        write: Result<Write, Vec<UserError>>,
    ) -> Self {
        let (constraints, listed, entity) = (constraints.into(), Listed::default(), PhantomData);
        Self { id, needs, constraints, at, write, recognised: None, listed, holder: None, entity }
    }

    /// How the record must be.
    pub(crate) fn needs(&self) -> Needs {
        self.needs
    }

    /// The same, of which this is kept for who sends it again: nobody could say it later.
    pub(crate) fn recognising(self, recognised: Value) -> Self {
        Self { recognised: Some(recognised), ..self }
    }

    /// The same, whose input holds a list.
    pub(crate) fn listing(self, listed: Listed) -> Self {
        Self { listed, ..self }
    }

    /// The same, for a new record that another one may stand in for: this selects the id of the record to
    /// show.
    pub(crate) fn or_shown(self, holder: Option<Sql>) -> Self {
        Self { holder, ..self }
    }

    /// The same, refused.
    pub(crate) fn refused(self, error: UserError) -> Self {
        Self { write: Err(vec![error]), ..self }
    }

    /// The statement, which keeps its outcome under the keys, and what to look at where it does nothing.
    pub(crate) fn prepare(self, replay: &Replay, request: &Request) -> Result<Prepared> {
        let (id, needs) = (self.id, self.needs);
        let mut prepared = Prepared {
            id,
            kind: E::NAME,
            needs,
            constraints: self.constraints,
            at: self.at,
            look: Arc::new(look::<E>(id, needs, replay, self.holder)),
            listed: self.listed,
            rejects: false,
            write: None,
            errors: Vec::new(),
        };
        match self.write {
            Ok(mut write) => {
                let judge = write.judge.take();
                prepared.rejects = judge.as_ref().is_some_and(|judge| judge.rejects);
                if replay.is_kept() {
                    let now = DateTime(request.moment.now);
                    let standing = standing::<E>(id, needs);
                    let keep = replay.keep(id, now, standing, judge.as_ref());
                    write.keep(keep.recognising(self.recognised));
                }
                let record = record::<E>(id, needs);
                let parts = judge.map(|judge| merge::parts::<E>(judge, record, &replay.own));
                write.before.extend(parts.into_iter().flatten());
                prepared.write = Some(request.engine.shapes.admit(write)?);
            }
            Err(errors) => prepared.errors = errors,
        }
        Ok(prepared)
    }
}

/// A write to a record, ready to be sent.
pub(crate) struct Prepared {
    /// The record.
    pub(crate) id: Id,
    /// The name of its type.
    pub(crate) kind: &'static str,
    /// How it must be.
    pub(crate) needs: Needs,
    /// The statement; nothing where the input was refused.
    pub(super) write: Option<Admitted<Write>>,
    /// What tells why it did nothing.
    pub(super) look: Arc<Look>,
    constraints: Cow<'static, [Constraint]>,
    at: &'static [&'static str],
    listed: Listed,
    rejects: bool,
    errors: Vec<UserError>,
}

/// What came of a write.
#[derive(Debug, Default)]
pub(crate) struct Came {
    /// Why it was refused, where it was.
    pub(crate) errors: Vec<UserError>,
    /// Whether it was done before, under the same key.
    pub(crate) replayed: bool,
    /// What was recognised then.
    pub(crate) recognised: Option<Value>,
    /// The record that it was done to then, or that has what it was refused.
    pub(crate) record: Option<Id>,
    /// What it did to a newer version than the client knew.
    pub(crate) merge: Merged,
}

impl Prepared {
    /// What came of it, by what the statement said, where it was sent, and by what was seen after it.
    pub(super) fn came(&self, written: Result<Option<Done>>, seen: &Seen) -> Result<Came> {
        let verdict = Verdict::of(&seen.kept);
        let mut came = Came { errors: self.errors.clone(), ..Came::default() };
        match (written, verdict) {
            (Ok(Some(Done { kept: 1.., merge, .. })), _) => came.merge = merge,
            (_, Some(Verdict::Replayed(First { record, recognised, merge }))) => {
                came = Came { errors: Vec::new(), replayed: true, recognised, record, merge };
            }
            (_, Some(Verdict::Mismatch(error))) => came.errors.push(error),
            (Ok(Some(done)), None) => {
                let refused = done.written == 0 && done.merge.conflicting.is_empty();
                came.errors.extend(refused.then(|| missing(self.needs, seen)).flatten());
                came.merge = done.merge;
            }
            (Ok(None), None) => {}
            (Err(error), None) => {
                let (constraints, at) = (&self.constraints, self.at);
                came.errors.push(user_error::refusal(error, constraints, at, &self.listed)?);
                came.record = seen.holder;
            }
        }
        if !came.merge.conflicting.is_empty() {
            came.errors.push(merge::conflict());
            if self.rejects {
                came.merge.merged.clear();
            }
        }
        Ok(came)
    }
}

/// Why a write touched nothing; nothing is wrong where there was nothing to change.
fn missing(needs: Needs, seen: &Seen) -> Option<UserError> {
    let (code, message) = match (seen.trashed, needs) {
        (None, Needs::Gone) if seen.purged => return None,
        (None, _) => (UserErrorCode::NotFound, "there is no such record"),
        (Some(true), Needs::Live) => {
            (UserErrorCode::InTrash, "it is in the trash: restore it first")
        }
        (Some(_), _) => return None,
    };
    Some(UserError::new(code, &["input", "id"], message))
}
