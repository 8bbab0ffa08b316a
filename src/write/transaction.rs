//! Writes that take several statements: one transaction, tried again where another was in the way.

use super::replay::REPEATED;
use crate::error::{Error, Result};
use crate::query::request::Request;
use diesel_async::{AsyncConnection, AsyncPgConnection};

/// How often a write is tried that got into another one's way.
pub(super) const TRIES: usize = 5;

/// What is done in one transaction; it may be done more than once, but only once to its end.
pub(crate) trait Work: Sync {
    /// What came of it.
    type Done: Send;

    /// Does it.
    fn run(
        &self,
        connection: &mut AsyncPgConnection,
    ) -> impl Future<Output = Result<Self::Done, Ended<Self::Done>>> + Send;
}

/// How a transaction ends without its writes.
#[derive(Debug)]
pub(crate) enum Ended<T> {
    /// With this, though nothing was written.
    Undone(T),
    /// By a fault.
    Failed(Error),
}

impl<T> From<diesel::result::Error> for Ended<T> {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl<T> From<Error> for Ended<T> {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Does the work.
pub(crate) async fn transaction<W: Work>(request: &Request, work: &W) -> Result<W::Done> {
    let mut tries = 1..TRIES;
    loop {
        let mut pooled = request.engine.pool.get().await?;
        let connection: &mut AsyncPgConnection = &mut pooled;
        let working = async |connection: &mut AsyncPgConnection| work.run(connection).await;
        match connection.transaction(working).await {
            Ok(done) | Err(Ended::Undone(done)) => return Ok(done),
            Err(Ended::Failed(error)) if passes(&error) && tries.next().is_some() => {}
            Err(Ended::Failed(error)) => return Err(error),
        }
    }
}

/// Whether a fault is gone at the next try: another transaction held what this one needed and waited for
/// what this one held, or kept the same key in the same moment.
fn passes(error: &Error) -> bool {
    match error {
        Error::Deadlock => true,
        Error::Constraint { constraint, .. } => constraint == REPEATED,
        _ => false,
    }
}
