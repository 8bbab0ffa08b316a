//! Many writes in one transaction, each with an outcome of its own: a savepoint each.

use super::Done;
use super::operation::{Came, Prepared};
use super::read_back::{Brought, ReadBack, Seen};
use super::replay::Replay;
use super::transaction::{Ended, Work, transaction};
use super::user_error::UserError;
use crate::error::{Error, Result};
use crate::query::request::Request;
use crate::scalar::DateTime;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};

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

/// Does writes in their order and in one transaction; where `atomic`, all or none.
pub(crate) async fn push(
    request: &Request,
    replay: &Replay,
    writes: &[Prepared],
    atomic: bool,
) -> Result<Pushed> {
    transaction(request, &Push { request, replay, writes, atomic }).await
}

struct Push<'a> {
    request: &'a Request,
    replay: &'a Replay,
    writes: &'a [Prepared],
    atomic: bool,
}

impl Work for Push<'_> {
    type Done = Pushed;

    async fn run(&self, connection: &mut AsyncPgConnection) -> Result<Pushed, Ended<Pushed>> {
        diesel::select(pg_advisory_xact_lock(PUSHING)).execute(connection).await?;
        let now = DateTime(self.request.moment.now);
        let first = match self.replay.begin(connection, now).await? {
            Ok(first) => first,
            Err(error) => return Err(Ended::Undone(Pushed::refused(error))),
        };
        let (replayed, errors) = (first.is_some(), Vec::new());
        let mut pushed = Pushed { came: Vec::new(), replayed, errors, undone: false };
        for write in self.writes {
            let came = one(connection, self.request, write).await?;
            pushed.undone |= self.atomic && !came.errors.is_empty() && !came.replayed;
            pushed.came.push(came);
        }
        if pushed.undone { Err(Ended::Undone(pushed)) } else { Ok(pushed) }
    }
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
