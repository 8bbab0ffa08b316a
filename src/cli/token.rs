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
        config::Token::Create {
            name,
            scope,
            expires,
        } => {
            let scopes: &[Scope] = match scope {
                Access::Read => &[Scope::Read],
                Access::Write => &[Scope::Read, Scope::Write],
            };
            let end = expires.map(|span| clock.now() + span);
            let made = token::create(connection, &clock, &name, scopes, end).await;
            let token = made.map_err(|error| refused(error, &name))?;
            print(&format!("{}\n", token.reveal()))?;
        }
        config::Token::List => print(&table(&token::list(connection).await?))?,
        config::Token::Revoke { name } => {
            if !token::revoke(connection, &clock, &name).await? {
                bail!("there is no token named {name:?}: `tomos token list` shows them");
            }
        }
    }
    Ok(Outcome::Done)
}

fn refused(error: Error, name: &str) -> anyhow::Error {
    match error {
        Error::Constraint { constraint } if constraint == "tokens_name_key" => {
            anyhow!("there is a token named {name:?}: revoke it first, or choose another name")
        }
        Error::Constraint { constraint } if constraint == "tokens_name_check" => {
            anyhow!("a name has 1 to 200 characters")
        }
        other => super::opened(other),
    }
}

fn table(tokens: &[token::Token]) -> String {
    let mut text = String::new();
    let _ = tokens;
    text.push('\n');
    text
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
    if token::find(connection, clock, kept.reveal())
        .await?
        .is_some()
    {
        return Ok(kept);
    }
    token::revoke(connection, clock, LOCAL).await?;
    let scopes = [Scope::Read, Scope::Write];
    let made = token::create(connection, clock, LOCAL, &scopes, None).await?;
    rewrite(&mut file, made.reveal())
        .with_context(|| format!("could not write {}", path.display()))?;
    Ok(made)
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
