//! Runs PostgreSQL's client programs: where they connect to, and what they say when they fail.

use crate::db;
use crate::error::Error;
use crate::secret::Secret;
use anyhow::Context;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;
use tokio_postgres::Config;
use tokio_postgres::config::{ChannelBinding, Host, SslMode, TargetSessionAttrs};

/// A program that knows nothing of this process' environment. It ends when it is no longer waited for.
pub(super) fn quiet(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("LC_ALL", "C").kill_on_drop(true).stdin(Stdio::null());
    // Ctrl-C reaches this program, which ends it in order.
    command.process_group(0);
    command
}

/// A program that connects to a database.
pub(super) fn connecting(program: &Path, url: &Secret) -> anyhow::Result<Command> {
    let config = db::parameters(url.reveal()).map_err(Error::revealed)?;
    let mut command = quiet(program);
    command.envs(variables(&config)).arg("--no-password");
    Ok(command)
}

/// What libpq reads from the environment.
fn variables(config: &Config) -> Vec<(&'static str, OsString)> {
    let list = |values: Vec<String>| Some(values.join(",")).filter(|list| !list.is_empty());
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(directory) => directory.to_string_lossy().into_owned(),
    });
    let ssl = match config.get_ssl_mode() {
        SslMode::Disable => "disable",
        SslMode::Require => "require",
        _ => "prefer",
    };
    let binding = match config.get_channel_binding() {
        ChannelBinding::Disable => "disable",
        ChannelBinding::Require => "require",
        _ => "prefer",
    };
    let session = match config.get_target_session_attrs() {
        TargetSessionAttrs::ReadWrite => "read-write",
        TargetSessionAttrs::ReadOnly => "read-only",
        _ => "any",
    };
    let text = |text: Option<&str>| text.map(str::to_owned);
    let said = [
        ("PGHOST", list(hosts.collect())),
        ("PGHOSTADDR", list(config.get_hostaddrs().iter().map(ToString::to_string).collect())),
        ("PGPORT", list(config.get_ports().iter().map(ToString::to_string).collect())),
        ("PGUSER", text(config.get_user())),
        ("PGDATABASE", text(config.get_dbname())),
        ("PGOPTIONS", text(config.get_options())),
        ("PGCONNECT_TIMEOUT", config.get_connect_timeout().map(|it| it.as_secs().to_string())),
        ("PGSSLMODE", text(Some(ssl))),
        ("PGCHANNELBINDING", text(Some(binding))),
        ("PGTARGETSESSIONATTRS", text(Some(session))),
        ("PGAPPNAME", text(Some("tomos"))),
    ];
    let said = said.into_iter().filter_map(|(name, value)| Some((name, value?.into())));
    let password = config.get_password().map(|it| ("PGPASSWORD", OsString::from_vec(it.to_vec())));
    said.chain(password).collect()
}

/// Runs a program to its end. The inner error is what it complains of, in one line.
pub(super) async fn run(mut command: Command) -> anyhow::Result<Result<Vec<u8>, String>> {
    let program = command.as_std().get_program().to_owned();
    let refused = || format!("{} does not run", program.display());
    let child = command.stderr(Stdio::piped()).spawn().with_context(refused)?;
    let ended = child.wait_with_output().await.with_context(refused)?;
    if ended.status.success() {
        return Ok(Ok(ended.stdout));
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let severe = lines.clone().find(|line| line.contains("error:"));
    let line = severe.or_else(|| lines.next()).map(str::to_owned);
    Ok(Err(line.unwrap_or_else(|| format!("{} ended with {}", program.display(), ended.status))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_goes_through_the_environment_alone() {
        let url = Secret::from("postgresql://anna:ge%20heim@one:5433,two:5434/mine?pgbouncer=true");
        let command = connecting(Path::new("/bin/pg_dump"), &url).unwrap();
        let command = command.as_std();
        assert_eq!(command.get_args().collect::<Vec<_>>(), ["--no-password"]);
        let value = |name: &str| {
            let found = command.get_envs().find(|(known, _)| *known == name);
            found.and_then(|(_, value)| value?.to_str()).unwrap_or_default().to_owned()
        };
        assert_eq!(value("PGPASSWORD"), "ge heim");
        assert_eq!((value("PGHOST"), value("PGPORT")), ("one,two".into(), "5433,5434".into()));
        assert_eq!((value("PGUSER"), value("PGDATABASE")), ("anna".into(), "mine".into()));
    }
}
