//! Cursors of the change feed: what they hold, and how they are written.
//!
//! To a client they are opaque. They carry a version, so that another way of writing them can come, and
//! a checksum, so that one that was cut or mistyped is refused instead of skipping changes.

use super::RecordType;
use crate::error::{Error, Result};
use crate::scalar::ChangeCursor;
use crate::tables::sql_types::{PgSnapshot, Xid8};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, IsNull, Output, ToSql};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io::Write;
use std::str::FromStr;
use uuid::Uuid;

/// The first byte of a cursor.
const VERSION: u8 = 1;
/// How many bytes of SHA-256 follow it.
const CHECKSUM: usize = 6;

/// A place in the feed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// Which feed it belongs to.
    pub(crate) feed: Uuid,
    /// The kinds of records that it has followed so far.
    pub(crate) types: Vec<RecordType>,
    /// Where it is.
    pub(crate) place: Place,
}

/// How far a client is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    /// It knows all that this snapshot sees.
    #[serde(rename = "s")]
    Since(Snapshot),
    /// It is within the pages of what one snapshot sees and an earlier one does not.
    #[serde(rename = "w")]
    Within {
        /// The earlier one.
        then: Snapshot,
        /// The later one: all pages of an answer share it.
        target: Snapshot,
        /// The change of the page's last record.
        last: (Xid, i64),
    },
    /// It is within the pages of its first load.
    #[serde(rename = "l")]
    Loading {
        /// That of the first page: what comes after it follows later.
        target: Snapshot,
        /// The page's last record.
        last: (RecordType, Uuid),
    },
}

impl Place {
    /// What the client has seen already, or will have when its first load is done.
    pub(crate) fn base(&self) -> &Snapshot {
        match self {
            Self::Since(then) | Self::Within { then, .. } => then,
            Self::Loading { target, .. } => target,
        }
    }

    /// The snapshot that the pages of an answer share, where it has begun.
    pub(crate) fn target(&self) -> Option<&Snapshot> {
        match self {
            Self::Since(_) => None,
            Self::Within { target, .. } | Self::Loading { target, .. } => Some(target),
        }
    }

    /// The transaction before which it has seen all, or nothing that is yet to come.
    pub(crate) fn newest(&self) -> Xid {
        let target = self.target().map(|target| target.xmax);
        self.base().xmax.max(target.unwrap_or_default())
    }
}

impl Cursor {
    /// The cursor as clients keep it.
    pub(crate) fn encode(&self) -> Result<ChangeCursor> {
        let json = serde_json::to_vec(self).map_err(|error| Error::Internal(error.into()))?;
        let bytes: Vec<u8> =
            [VERSION].into_iter().chain(checksum(&json)).chain(json.iter().copied()).collect();
        Ok(ChangeCursor(BASE64.encode(bytes)))
    }

    /// The cursor that a client kept.
    pub(crate) fn decode(cursor: &ChangeCursor) -> Result<Self> {
        let read = || {
            let bytes = BASE64.decode(&cursor.0).ok()?;
            let (version, rest) = bytes.split_first()?;
            let (sum, json) = rest.split_at_checked(CHECKSUM)?;
            let sound = *version == VERSION && checksum(json).eq(sum.iter().copied());
            sound.then(|| serde_json::from_slice(json).ok())?
        };
        read().ok_or_else(|| Error::bad_request("this is not a cursor of the change feed"))
    }
}

fn checksum(json: &[u8]) -> impl Iterator<Item = u8> {
    Sha256::digest(json).into_iter().take(CHECKSUM)
}

/// A transaction.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    AsExpression,
    Serialize,
    Deserialize,
)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = Xid8)]
pub(crate) struct Xid(u64);

impl TryFrom<String> for Xid {
    type Error = std::num::ParseIntError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

impl From<Xid> for String {
    fn from(xid: Xid) -> Self {
        xid.0.to_string()
    }
}

impl ToSql<Xid8, Pg> for Xid {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.0.to_be_bytes())?;
        Ok(IsNull::No)
    }
}

/// Which transactions are visible: all before `xmax` but those that are still running.
#[derive(Clone, Debug, PartialEq, Eq, AsExpression, FromSqlRow, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[diesel(sql_type = PgSnapshot)]
pub(crate) struct Snapshot {
    /// The first transaction that is not visible.
    pub(crate) xmin: Xid,
    /// The transaction from which on none is visible.
    pub(crate) xmax: Xid,
    running: Vec<Xid>,
}

/// Text that is no snapshot.
#[derive(Debug, thiserror::Error)]
#[error("not a snapshot")]
pub(crate) struct NoSnapshot;

impl FromStr for Snapshot {
    type Err = NoSnapshot;

    fn from_str(text: &str) -> Result<Self, NoSnapshot> {
        let mut parts = text.splitn(3, ':');
        let mut xid = || parts.next()?.parse().ok().filter(|xid| *xid > 0).map(Xid);
        let (xmin, xmax) = (xid().ok_or(NoSnapshot)?, xid().ok_or(NoSnapshot)?);
        let running = parts.next().ok_or(NoSnapshot)?.split(',').filter(|xid| !xid.is_empty());
        let running: Result<Vec<_>, _> = running.map(|xid| xid.parse().map(Xid)).collect();
        let running = running.map_err(|_not_a_number| NoSnapshot)?;
        // The server refuses others too, but it would be a fault of ours there.
        let ordered = running.is_sorted_by(|one, other| one < other);
        let within = running.iter().all(|xid| (xmin..xmax).contains(xid));
        if xmin <= xmax && ordered && within {
            Ok(Self { xmin, xmax, running })
        } else {
            Err(NoSnapshot)
        }
    }
}

impl TryFrom<String> for Snapshot {
    type Error = NoSnapshot;

    fn try_from(text: String) -> Result<Self, NoSnapshot> {
        text.parse()
    }
}

impl fmt::Display for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:", self.xmin.0, self.xmax.0)?;
        for (index, xid) in self.running.iter().enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { "," }, xid.0)?;
        }
        Ok(())
    }
}

impl From<Snapshot> for String {
    fn from(snapshot: Snapshot) -> Self {
        snapshot.to_string()
    }
}

impl ToSql<PgSnapshot, Pg> for Snapshot {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&u32::try_from(self.running.len())?.to_be_bytes())?;
        for xid in [self.xmin, self.xmax].iter().chain(&self.running) {
            out.write_all(&xid.0.to_be_bytes())?;
        }
        Ok(IsNull::No)
    }
}

impl FromSql<PgSnapshot, Pg> for Snapshot {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        let (count, rest) = value.as_bytes().split_first_chunk().ok_or(NoSnapshot)?;
        let count = usize::try_from(u32::from_be_bytes(*count))?;
        let (xids, []) = rest.as_chunks() else {
            return Err(NoSnapshot.into());
        };
        let xids: Vec<_> = xids.iter().map(|xid| Xid(u64::from_be_bytes(*xid))).collect();
        match xids.as_slice() {
            [xmin, xmax, running @ ..] if running.len() == count => {
                Ok(Self { xmin: *xmin, xmax: *xmax, running: running.to_vec() })
            }
            _ => Err(NoSnapshot.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor() -> Cursor {
        let then: Snapshot = "10:20:10,14".parse().unwrap();
        let target = "30:30:".parse().unwrap();
        let place = Place::Within { then, target, last: (Xid(u64::MAX), 7) };
        Cursor { feed: Uuid::nil(), types: vec![RecordType::Task], place }
    }

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        assert_eq!(Cursor::decode(&cursor().encode().unwrap()).unwrap(), cursor());
    }

    #[test]
    fn a_cursor_that_was_changed_anywhere_is_refused() {
        let good = cursor().encode().unwrap().0;
        for place in 0..good.len() {
            let mut bytes = good.clone().into_bytes();
            bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
            let bad = ChangeCursor(String::from_utf8(bytes).unwrap());
            assert!(Cursor::decode(&bad).is_err(), "{place}");
            assert!(Cursor::decode(&ChangeCursor(good[..place].to_owned())).is_err(), "{place}");
        }
    }

    #[test]
    fn a_snapshot_is_what_the_server_writes() {
        for text in ["1:1:", "795:799:795,797", "18446744073709551615:18446744073709551615:"] {
            assert_eq!(text.parse::<Snapshot>().unwrap().to_string(), text);
        }
        for wrong in
            ["", "1", "1:2", "0:1:", "2:1:", "1:4:3,2", "1:4:2,2", "1:4:4", "2:4:1", "1:2:x"]
        {
            assert!(wrong.parse::<Snapshot>().is_err(), "{wrong}");
        }
    }
}
