//! What is loaded at one time, and the one statement that loads it.

use crate::error::{Error, Result};
use crate::settings::{Settings, StoredDay};
use crate::tables::{settings, tokens};
use crate::token::{Hash, Token};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use tokio::time::Instant;

/// What was loaded at one time.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) settings: Settings,
    pub(super) tokens: HashMap<Hash, Token>,
    pub(super) at: Instant,
}

impl Known {
    /// The settings, beside each token that is not revoked.
    pub(super) async fn load(connection: &mut AsyncPgConnection) -> Result<Self> {
        let rows: Vec<(String, StoredDay, Option<Token>)> = settings::table
            .left_join(tokens::table.on(tokens::revoked_at.is_null()))
            .select((settings::time_zone, settings::week_start, Option::<Token>::as_select()))
            .load(connection)
            .await?;
        let at = Instant::now();
        let [(time_zone, week_start, _), ..] = rows.as_slice() else {
            let missing = anyhow::anyhow!("the row of settings is missing");
            return Err(Error::Internal(missing));
        };
        let settings = Settings::stored(time_zone, *week_start);
        let tokens = rows
            .into_iter()
            .filter_map(|(_, _, token)| {
                let token = token?;
                Some((Hash::stored(&token.hash)?, token))
            })
            .collect();
        Ok(Self { settings, tokens, at })
    }

    /// Whether the same tokens work, as long.
    pub(super) fn lets_in_the_same(&self, other: &Self) -> bool {
        let same = |(hash, token): (&Hash, &Token)| {
            other.tokens.get(hash).is_some_and(|other| other.expires_at == token.expires_at)
        };
        self.tokens.len() == other.tokens.len() && self.tokens.iter().all(same)
    }
}
