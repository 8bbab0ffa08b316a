//! What can go wrong, as one type with a closed list of codes.
//!
//! It says what the client may see and keeps what only the operator may see. It knows no entity: a
//! refused write carries the constraint's name, which the entity that owns the constraint translates.

use diesel::result::{DatabaseErrorKind, Error as Diesel};
use std::fmt;
use uuid::Uuid;

/// A result whose error is [`enum@Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token, or not a valid one.
    #[error("a valid token is needed: Authorization: Bearer <token>")]
    Unauthenticated,
    /// A valid token that may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// Too many requests.
    #[error("too many requests; try again later")]
    RateLimited,
    /// A value that cannot be right: a filter, cursor, id or date.
    #[error("{message}")]
    BadRequest {
        /// What is wrong with it, and what would be right.
        message: String,
        /// The way to the argument, outermost first.
        path: Vec<String>,
    },
    /// A document that GraphQL's own validation refuses.
    #[error("{0}")]
    ValidationFailed(String),
    /// A document over the limits of depth, cost or size.
    #[error("{0}")]
    TooComplex(String),
    /// The statement or the request took longer than allowed.
    #[error("the request took too long and was stopped")]
    Timeout,
    /// The database cannot be reached, or cannot be written to, for now.
    #[error("the database cannot serve this request now; try again")]
    Unavailable(#[source] anyhow::Error),
    /// Two transactions waited for each other, and the database ended this one: nothing was done.
    #[error("another write was in the way; try again")]
    Deadlock,
    /// A constraint of the database refused a write. Entities turn it into a field error.
    #[error("the database refused the write ({constraint})")]
    Constraint {
        /// The constraint's name.
        constraint: String,
        /// The record that it misses, where the database names one.
        missed: Option<Uuid>,
    },
    /// Anything else: logged once with an id that the client gets instead of the text.
    #[error("an internal error happened")]
    Internal(#[source] anyhow::Error),
}

/// The closed list of `extensions.code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// No valid token.
    Unauthenticated,
    /// A valid token without the scope.
    Forbidden,
    /// Too many requests.
    RateLimited,
    /// A value that cannot be right.
    BadRequest,
    /// Refused by GraphQL's validation.
    ValidationFailed,
    /// Over a limit of the document.
    TooComplex,
    /// Took too long.
    Timeout,
    /// The database is away.
    Unavailable,
    /// A fault of ours.
    Internal,
}

impl Code {
    /// The word in `extensions.code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
            Self::RateLimited => "RATE_LIMITED",
            Self::BadRequest => "BAD_REQUEST",
            Self::ValidationFailed => "VALIDATION_FAILED",
            Self::TooComplex => "TOO_COMPLEX",
            Self::Timeout => "TIMEOUT",
            Self::Unavailable => "UNAVAILABLE",
            Self::Internal => "INTERNAL",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Error {
    /// A value that cannot be right, without the way to it.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::BadRequest { message: message.into(), path: Vec::new() }
    }

    /// The same error, one step further out on the way to the argument.
    #[must_use]
    pub fn within(mut self, step: &str) -> Self {
        if let Self::BadRequest { path, .. } = &mut self {
            path.insert(0, step.to_owned());
        }
        self
    }

    /// The code that a client sees.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Unauthenticated => Code::Unauthenticated,
            Self::Forbidden(_) => Code::Forbidden,
            Self::RateLimited => Code::RateLimited,
            Self::BadRequest { .. } => Code::BadRequest,
            Self::ValidationFailed(_) => Code::ValidationFailed,
            Self::TooComplex(_) => Code::TooComplex,
            Self::Timeout => Code::Timeout,
            Self::Unavailable(_) | Self::Deadlock => Code::Unavailable,
            Self::Constraint { .. } | Self::Internal(_) => Code::Internal,
        }
    }
}

impl Error {
    /// What really happened, for the operator's eyes only.
    #[must_use]
    pub fn revealed(self) -> anyhow::Error {
        match self {
            Self::Unavailable(cause) | Self::Internal(cause) => cause,
            other => other.into(),
        }
    }
}

/// The one lossy door from the database: constraints keep their name, a lost connection is
/// [`Error::Unavailable`], the rest is internal.
impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        let Diesel::DatabaseError(kind, info) = &error else {
            return Self::Internal(error.into());
        };
        if let Some(constraint) = info.constraint_name() {
            let missed = info.details().and_then(missed);
            return Self::Constraint { constraint: constraint.to_owned(), missed };
        }
        match kind {
            DatabaseErrorKind::ClosedConnection
            | DatabaseErrorKind::UnableToSendCommand
            | DatabaseErrorKind::ReadOnlyTransaction => Self::Unavailable(error.into()),
            // diesel has no kind for a cancelled statement (SQLSTATE 57014): its text is the same in
            // every version of PostgreSQL with lc_messages = C, which every connection sets.
            DatabaseErrorKind::Unknown if info.message().contains("statement timeout") => {
                Self::Timeout
            }
            // The server's last words to a connection that it ends (SQLSTATE class 57P).
            DatabaseErrorKind::Unknown if info.message().starts_with("terminating connection") => {
                Self::Unavailable(error.into())
            }
            // Likewise (SQLSTATE 40P01).
            DatabaseErrorKind::Unknown if info.message() == "deadlock detected" => Self::Deadlock,
            // The program's list of zones may be younger than the server's.
            DatabaseErrorKind::Unknown if info.message().starts_with("time zone \"") => {
                Self::bad_request("the database does not know this time zone")
            }
            _ => Self::Internal(error.into()),
        }
    }
}

/// The id in `Key (tag_id)=(…) is not present in table "tags".`
fn missed(details: &str) -> Option<Uuid> {
    let (_, key) = details.split_once(")=(")?;
    key.split_once(')')?.0.parse().ok()
}

impl From<diesel_async::pooled_connection::deadpool::PoolError> for Error {
    fn from(error: diesel_async::pooled_connection::deadpool::PoolError) -> Self {
        Self::Unavailable(error.into())
    }
}
