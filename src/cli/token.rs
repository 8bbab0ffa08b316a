//! `tomos token`: makes, lists and revokes tokens; and keeps the one of the program's own database.

use super::database::Database;
use super::{Outcome, print};
use crate::clock::Clock;
use crate::config::{self, Access};
use crate::error::Error;
use crate::secret::Secret;
use crate::token;
use crate::viewer::Scope;
use anyhow::{Context, anyhow, bail};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The token that is made without asking.
const LOCAL: &str = "local";

pub(super) async fn run(
    database: &config::Database,
    command: config::Token,
) -> anyhow::Result<Outcome> {
    let database = Database::reach_migrated(database).await?;
    let clock = Clock::system();
    let connection = &mut database.connect().await?;
    match command {
        config::Token::Create { name, scope, expires } => {
            let scopes: &[Scope] = match scope {
                Access::Read => &[Scope::Read],
                Access::Write => &[Scope::Read, Scope::Write],
            };
            let made = token::create(connection, &clock, &name, scopes, expires).await;
            let token = made.map_err(|error| refused(error, &name))?;
            print(&format!("{}\n", token.reveal()))?;
        }
        config::Token::List => {
            let tokens = token::list(connection).await.map_err(Error::revealed)?;
            print(&table(&tokens, clock.now()))?;
        }
        config::Token::Revoke { name } => {
            let revoked = token::revoke(connection, &clock, &name).await;
            if !revoked.map_err(Error::revealed)? {
                bail!("there is no token named {name:?}: `tomos token list` shows them");
            }
        }
    }
    Ok(Outcome::Done)
}

fn refused(error: Error, name: &str) -> anyhow::Error {
    match error {
        Error::Constraint { constraint, .. } if constraint == "tokens_name_key" => {
            anyhow!("there is a token named {name:?}: revoke it first, or choose another name")
        }
        Error::Constraint { constraint, .. } if constraint == "tokens_name_check" => {
            anyhow!("a name has 1 to 200 characters")
        }
        other => other.revealed(),
    }
}

/// The tokens in columns, under a head.
fn table(tokens: &[token::Token], now: DateTime<Utc>) -> String {
    let head = ["NAME", "SCOPE", "CREATED", "LAST USED", "EXPIRES"].map(str::to_owned);
    let rows: Vec<_> =
        std::iter::once(head).chain(tokens.iter().map(|token| row(token, now))).collect();
    let mut widths = [0; 5];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let line = |row: &[String; 5]| {
        let cells = row.iter().zip(widths);
        let cells: Vec<_> = cells.map(|(cell, width)| format!("{cell:width$}")).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

fn row(token: &token::Token, now: DateTime<Utc>) -> [String; 5] {
    let minute = |at: DateTime<Utc>| at.format("%Y-%m-%d %H:%MZ").to_string();
    let scope = if token.scopes.contains(&Scope::Write) { "write" } else { "read" };
    let expires = match token.expires_at {
        Some(end) if end <= now => format!("{} (over)", minute(end)),
        Some(end) => minute(end),
        None => "never".to_owned(),
    };
    [
        // A name may hold anything but must not break the table.
        token.name.escape_debug().to_string(),
        scope.to_owned(),
        minute(token.created_at),
        token.last_used_at.map_or("never".to_owned(), minute),
        expires,
    ]
}

/// The token `local` of the program's own database, kept in a file beside it: made where there is
/// none that works. The file is locked meanwhile, so that two processes agree on one token.
pub(super) async fn local(
    connection: &mut AsyncPgConnection,
    clock: &Clock,
    data_dir: &Path,
) -> anyhow::Result<Secret> {
    let path = data_dir.join("token");
    let opening = path.clone();
    let file = tokio::task::spawn_blocking(move || locked(&opening)).await?;
    let mut file = file.with_context(|| format!("could not open {}", path.display()))?;
    let mut text = String::new();
    // What is no text is no token either.
    let _ = file.read_to_string(&mut text);
    let kept = Secret::from(text.as_str());
    let found = token::find(connection, clock, kept.reveal()).await;
    if found.map_err(Error::revealed)?.is_some() {
        return Ok(kept);
    }
    let made = renew(connection, clock).await.map_err(Error::revealed)?;
    rewrite(&mut file, made.reveal())
        .with_context(|| format!("could not write {}", path.display()))?;
    Ok(made)
}

async fn renew(connection: &mut AsyncPgConnection, clock: &Clock) -> Result<Secret, Error> {
    token::revoke(connection, clock, LOCAL).await?;
    token::create(connection, clock, LOCAL, &[Scope::Read, Scope::Write], None).await
}

fn locked(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).mode(0o600);
    let file = options.open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.lock()?;
    Ok(file)
}

fn rewrite(file: &mut File, token: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{token}")?;
    file.sync_all()
}
