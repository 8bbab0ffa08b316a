//! Why a write was refused: told in the payload, field by field.

use super::replay::REPEATED;
use crate::error::Error;
use crate::scalar::Id;
use async_graphql::{Enum, SimpleObject};

/// Why a write was refused.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserErrorCode {
    /// The value cannot be right.
    Invalid,
    /// A value is needed.
    Required,
    /// There is no such record.
    NotFound,
    /// Another record has it.
    Taken,
    /// A subtask would contain itself.
    Cycle,
    /// Subtasks would be nested more than five levels deep.
    TooDeep,
    /// More than are allowed at once.
    TooMany,
    /// The record is in the trash.
    InTrash,
    /// Others changed the record since the version that the client knew.
    VersionConflict,
    /// Another write was done under the same clientMutationId.
    ReplayMismatch,
}

/// Why a write was refused; path is the way to the input field, for example [input, patch, title].
#[derive(Clone, Debug, PartialEq, Eq, SimpleObject)]
pub struct UserError {
    /// The kind of refusal.
    pub code: UserErrorCode,
    /// The reason, for people.
    pub message: String,
    /// The way to the input field.
    pub path: Vec<String>,
}

impl UserError {
    /// An error at a field of the input, named by its way from the outermost.
    pub(crate) fn new(code: UserErrorCode, path: &[&str], message: impl Into<String>) -> Self {
        let path = path.iter().map(|&step| step.to_owned()).collect();
        Self { code, message: message.into(), path }
    }
}

/// What a constraint of the database means to the client: its name, the code, the field and the reason.
pub(crate) type Constraint = (&'static str, UserErrorCode, &'static str, &'static str);

/// The user error that a refused write means by the entity's constraints; `at` is the way to the input
/// that holds the fields.
pub(crate) fn refusal(
    error: Error,
    constraints: &[Constraint],
    at: &[&str],
    listed: &Listed,
) -> Result<UserError, Error> {
    let Error::Constraint { constraint, missed } = &error else {
        return Err(error);
    };
    if constraint == REPEATED {
        // What it ran into was forgotten before it could be read back: the next try will be the first.
        return Err(Error::Unavailable(error.into()));
    }
    let known = constraints.iter().find(|(name, ..)| name == constraint);
    let Some((_, code, field, message)) = known else {
        return Err(error);
    };
    // Ids and the like stand beside the patch, not in it.
    let mut path: Vec<_> = if *field == "id" { vec!["input"] } else { at.to_vec() };
    if *field != listed.named {
        path.push(field);
        return Ok(UserError::new(*code, &path, *message));
    }
    path.push(listed.field);
    let place = listed.place(*missed).map(|place| place.to_string());
    path.extend(place.as_deref());
    Ok(UserError::new(*code, &path, *message))
}

/// The ids of a list in the input: a constraint knows neither which field it is nor which of them it is about.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listed {
    /// The field that the constraint names.
    pub(crate) named: &'static str,
    /// The field that was given.
    pub(crate) field: &'static str,
    /// Its items.
    pub(crate) ids: Vec<Id>,
}

impl Listed {
    /// Where the record stands that is missed, or the only one.
    fn place(&self, missed: Option<uuid::Uuid>) -> Option<usize> {
        match missed {
            Some(missed) => self.ids.iter().position(|id| id.0 == missed),
            None => (self.ids.len() == 1).then_some(0),
        }
    }
}
