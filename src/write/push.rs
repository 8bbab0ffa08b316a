//! Many writes in one transaction, each with an outcome of its own: a savepoint each.

use super::Done;
use super::operation::{Came, Prepared};
use super::read_back::{Brought, ReadBack, Seen};
use super::replay::Replay;
use super::user_error::UserError;
use crate::error::{Error, Result};
use crate::feed;
use crate::query::plan::Child;
use crate::query::request::Request;
use crate::query::statement::Slots;
use crate::scalar::{ChangeCursor, DateTime};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

/// How often a push is tried that got into another write's way.
const TRIES: usize = 5;

/// The advisory lock of pushes: one after the other, for two that go through the same records crosswise
/// would end each other again and again.
const PUSHING: i64 = 0x0074_6f6d_6f73_7075;

diesel::define_sql_function! {
    /// Waits for the lock, and keeps it until the end of the transaction. What it returns means nothing.
    fn pg_advisory_xact_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Text;
}

/// What came of a push.
#[derive(Debug)]
pub(crate) struct Pushed {
    /// What came of each write; nothing where the push was refused as a whole.
    pub(crate) came: Vec<Came>,
    /// Whether it was done before, under the same key.
    pub(crate) replayed: bool,
    /// Why it was refused as a whole.
    pub(crate) errors: Vec<UserError>,
    /// Whether it was undone as a whole, for what came of some of its writes.
    pub(crate) undone: bool,
}

impl Pushed {
    /// A push that was refused as a whole.
    pub(crate) fn refused(error: UserError) -> Self {
        Self { came: Vec::new(), replayed: false, errors: vec![error], undone: false }
    }
}

/// How a transaction ends without its writes.
enum Ended {
    /// By what was to be.
    Undone(Pushed),
    /// By a fault.
    Failed(Error),
}

impl From<diesel::result::Error> for Ended {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// Does writes in their order and in one transaction; where `atomic`, all or none.
pub(crate) async fn push(
    request: &Request,
    replay: &Replay,
    writes: &[Prepared],
    atomic: bool,
) -> Result<Pushed> {
    let mut tries = 1..TRIES;
    loop {
        let mut pooled = request.engine.pool.get().await?;
        let connection: &mut AsyncPgConnection = &mut pooled;
        let pushing = async |connection: &mut AsyncPgConnection| {
            all(connection, request, replay, writes, atomic).await
        };
        match connection.transaction(pushing).await {
            // Another transaction held what this one needed, and waited for what this one held.
            Err(Ended::Failed(Error::Deadlock)) if tries.next().is_some() => {}
            Err(Ended::Failed(error)) => return Err(error),
            Ok(pushed) | Err(Ended::Undone(pushed)) => return Ok(pushed),
        }
    }
}

async fn all(
    connection: &mut AsyncPgConnection,
    request: &Request,
    replay: &Replay,
    writes: &[Prepared],
    atomic: bool,
) -> Result<Pushed, Ended> {
    diesel::select(pg_advisory_xact_lock(PUSHING)).execute(connection).await?;
    let now = DateTime(request.moment.now);
    let mut pushed =
        Pushed { came: Vec::new(), replayed: false, errors: Vec::new(), undone: false };
    match replay.begin(connection, now).await? {
        Ok(replayed) => pushed.replayed = replayed,
        Err(error) => return Err(Ended::Undone(Pushed::refused(error))),
    }
    for write in writes {
        let came = one(connection, request, write).await?;
        pushed.undone |= atomic && !came.errors.is_empty() && !came.replayed;
        pushed.came.push(came);
    }
    if pushed.undone { Err(Ended::Undone(pushed)) } else { Ok(pushed) }
}

/// One write behind a savepoint; where it was not done, one look at why.
async fn one(
    connection: &mut AsyncPgConnection,
    request: &Request,
    prepared: &Prepared,
) -> Result<Came> {
    let written = match &prepared.write {
        None => Ok(None),
        Some(write) => {
            let writing = async |connection: &mut AsyncPgConnection| {
                Ok::<Done, Error>(write.get_result(connection).await?)
            };
            connection.transaction(writing).await.map(Some)
        }
    };
    let seen = match &written {
        Ok(Some(Done { kept: 1.., .. })) => Seen::default(),
        Ok(_) | Err(Error::Constraint { .. }) => {
            let look = request.engine.shapes.admit(ReadBack::looking(&prepared.look))?;
            look.get_result::<Brought>(connection).await?.seen
        }
        // Told below as it is.
        Err(_) => Seen::default(),
    };
    prepared.came(written, &seen)
}

/// What the payload shows after the transaction, and a mark in the feed.
pub(crate) async fn show(request: &Request, children: Vec<Child>) -> Result<(Slots, ChangeCursor)> {
    let read_back = request.engine.shapes.admit(ReadBack::answers(children))?;
    let mut connection = request.engine.pool.get().await?;
    let brought: Brought = read_back.get_result(&mut connection).await?;
    Ok((brought.slots, feed::cursor(&brought.mark)?))
}
