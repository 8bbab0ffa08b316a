//! Tokens: made, hashed, kept and revoked.
//!
//! Only the hash of a token is ever stored. Requests are not checked here: `memory.rs` holds the
//! hashes of the tokens that work.

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::tables::{sql_types::TokenScope, tokens};
use crate::viewer::Scope;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use chrono::{DateTime, TimeDelta, Utc};
use diesel::deserialize::{self, FromSql};
use diesel::pg::{Pg, PgValue};
use diesel::prelude::*;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use sha2::{Digest, Sha256};
use std::io::Write;
use uuid::Uuid;

/// What every token begins with, so that people and scanners of leaked secrets know it.
const PREFIX: &str = "tomos_";

/// The SHA-256 of a token: 32 random bytes need no slower hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// The hash of a token.
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// A hash from the database; nothing where it is none.
    #[must_use]
    pub fn stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// A token as it is kept.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = tokens)]
pub struct Token {
    /// Its id.
    pub id: Uuid,
    /// What the owner calls it.
    pub name: String,
    /// The hash of its text.
    pub hash: Vec<u8>,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it stops working by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute or so.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl Token {
    /// Whether its time is over.
    #[must_use]
    pub fn has_expired(&self, now: DateTime<Utc>) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// Makes a token, keeps its hash, and gives its text: it cannot be had again.
pub async fn create(
    connection: &mut AsyncPgConnection,
    clock: &Clock,
    name: &str,
    scopes: &[Scope],
    expires_in: Option<TimeDelta>,
) -> Result<Secret> {
    let now = clock.now();
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(error.into()))?;
    let token = format!("{PREFIX}{}", BASE64.encode(bytes));
    diesel::insert_into(tokens::table)
        .values((
            tokens::id.eq(clock.new_id()),
            tokens::name.eq(name),
            tokens::hash.eq(Hash::of(&token).0.to_vec()),
            tokens::scopes.eq(scopes),
            tokens::created_at.eq(now),
            tokens::expires_at.eq(expires_in.map(|span| now + span)),
        ))
        .execute(connection)
        .await?;
    Ok(Secret::from(token.as_str()))
}

/// The tokens that are not revoked, by name.
pub async fn list(connection: &mut AsyncPgConnection) -> Result<Vec<Token>> {
    let tokens = tokens::table
        .filter(tokens::revoked_at.is_null())
        .order(tokens::name)
        .select(Token::as_select());
    Ok(tokens.load(connection).await?)
}

/// The token of this text, where it works.
pub async fn find(
    connection: &mut AsyncPgConnection,
    clock: &Clock,
    token: &str,
) -> Result<Option<Token>> {
    let found = tokens::table
        .filter(tokens::hash.eq(Hash::of(token).0.to_vec()))
        .filter(tokens::revoked_at.is_null())
        .select(Token::as_select());
    let found = found.first(connection).await.optional()?;
    Ok(found.filter(|token| !token.has_expired(clock.now())))
}

/// Revokes the token of this name; false where there is none.
pub async fn revoke(connection: &mut AsyncPgConnection, clock: &Clock, name: &str) -> Result<bool> {
    let named = tokens::table.filter(tokens::name.eq(name)).filter(tokens::revoked_at.is_null());
    let revoked =
        diesel::update(named).set(tokens::revoked_at.eq(clock.now())).execute(connection).await?;
    Ok(revoked > 0)
}

/// Notes that tokens were used at an instant.
pub async fn note_use(
    connection: &mut AsyncPgConnection,
    tokens: &[Uuid],
    at: DateTime<Utc>,
) -> Result<()> {
    let earlier = tokens::last_used_at.is_null().or(tokens::last_used_at.lt(at));
    let used = tokens::table.filter(tokens::id.eq_any(tokens)).filter(earlier);
    diesel::update(used).set(tokens::last_used_at.eq(at)).execute(connection).await?;
    Ok(())
}

const READ: &[u8] = b"read";
const WRITE: &[u8] = b"write";

impl ToSql<TokenScope, Pg> for Scope {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(match self {
            Self::Read => READ,
            Self::Write => WRITE,
        })?;
        Ok(IsNull::No)
    }
}

impl FromSql<TokenScope, Pg> for Scope {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes() {
            READ => Ok(Self::Read),
            WRITE => Ok(Self::Write),
            other => Err(format!("unknown scope {:?}", String::from_utf8_lossy(other)).into()),
        }
    }
}
