//! What the program is told: the command line, the environment and the file `.env`, in this order.
//!
//! It is the one reader of the environment. It opens nothing and connects to nothing.

mod backup;
mod compare;
mod cutover;
mod import;
mod imported;
mod notion;

pub use backup::{Backup, Restore};
pub use compare::{Compare, CompareNotion};
pub use cutover::{Cutover, CutoverCheck};
pub use import::{Import, ImportManner, ImportNotion, ImportTables};
pub use imported::{Rollback, Verify, VerifyNotion, VerifyReports, VerifyTables};
pub use notion::NotionAccess;

use crate::embedded::{self, Environment};
use crate::secret::Secret;
use crate::upkeep::Keep;
use anyhow::{Context, bail};
use chrono::TimeDelta;
use chrono_tz::Tz;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Other names of variables, as hosts of databases set them: the first one that is set counts.
const ALIASES: &[(&str, &[&str])] =
    &[("direct", &["DATABASE_URL_UNPOOLED", "POSTGRES_URL_NON_POOLING"])];

/// How long the embedded server outlives its last user: commands in a row share it.
const LINGER: Duration = Duration::from_secs(1);

/// Of a span of time: a thousand years.
const LONGEST: TimeDelta = TimeDelta::days(365_000);

/// Your tasks, projects and tags: a GraphQL API on PostgreSQL. Without a command it serves.
#[derive(Debug, Parser)]
#[command(name = "tomos", version, disable_help_subcommand = true)]
pub struct Config {
    /// What is logged to standard error: off, error, warn, info, debug, trace, or tracing's directives.
    #[arg(long, global = true, env = "TOMOS_LOG", value_name = "LEVEL", default_value = "warn")]
    pub log: String,
    /// Where the database is.
    #[command(flatten)]
    pub database: Database,
    /// How requests are answered, where there is no command.
    #[command(flatten)]
    serve: Serve,
    /// What to do, where it is said.
    #[command(subcommand)]
    command: Option<Command>,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Answer requests until it is told to stop (this is what happens without a command).
    Serve(Serve),
    /// Make, list and revoke the tokens by which the API knows its clients.
    #[command(subcommand, arg_required_else_help = false)]
    Token(Token),
    /// Bring the database up to date; `serve` does it too.
    Migrate(Migrate),
    /// Bring in what was kept elsewhere.
    #[command(subcommand, arg_required_else_help = false)]
    Import(Import),
    /// Compare what was kept elsewhere with what is here.
    #[command(subcommand, arg_required_else_help = false)]
    Verify(Verify),
    /// Compare what is in use in both systems, as it is now, and bring over what changed there.
    #[command(subcommand, arg_required_else_help = false)]
    Compare(Compare),
    /// See whether all is ready for leaving what was used before.
    #[command(subcommand, arg_required_else_help = false)]
    Cutover(Cutover),
    /// Take one import back: what it made goes, what it wrote over comes back.
    Rollback(Rollback),
    /// Take out what is kept elsewhere, into files that `import` reads.
    #[command(subcommand, arg_required_else_help = false)]
    Export(Export),
    /// Write the whole database into one file, while it is in use.
    Backup(Backup),
    /// Bring a backup back into an empty database, as a whole or not at all.
    Restore(Restore),
    /// Print the GraphQL schema.
    Schema,
}

/// Where the database is.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Database (all commands)")]
pub struct Database {
    /// Where the program's own PostgreSQL keeps its data [default: the platform's directory for data].
    #[arg(long, global = true, env = "TOMOS_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    #[arg(
        long = "database-url",
        global = true,
        env = "DATABASE_URL",
        value_name = "URL",
        hide_env_values = true,
        help = "A PostgreSQL server to use instead of the program's own: postgresql://user:password@host/name"
    )]
    url: Option<Secret>,
    #[arg(
        long = "direct-url",
        global = true,
        env = "DIRECT_URL",
        value_name = "URL",
        hide_env_values = true,
        help = "The same database past its pooler (PgBouncer, Neon), for migrations and to hear of changes [default: the database's URL] \
            [also: DATABASE_URL_UNPOOLED, POSTGRES_URL_NON_POOLING]"
    )]
    direct: Option<Secret>,
}

/// How requests are answered.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Serving")]
pub struct Serve {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, env = "TOMOS_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    pub listen: String,
    /// Your time zone, for example Australia/Sydney; it is kept in the settings.
    #[arg(long, env = "TOMOS_TIME_ZONE", value_name = "ZONE", value_parser = time_zone)]
    pub time_zone: Option<Tz>,
    /// How many bytes the body of a request may have.
    #[arg(
        long,
        env = "TOMOS_MAX_BODY",
        value_name = "BYTES",
        default_value_t = 2 * 1024 * 1024
    )]
    pub max_body: usize,
    /// How many seconds a client may take to send the head or the body of a request.
    #[arg(long, env = "TOMOS_READ_TIMEOUT", value_name = "SECONDS", default_value_t = 20)]
    read_timeout: u32,
    /// After how many seconds a request is given up.
    #[arg(long, env = "TOMOS_REQUEST_TIMEOUT", value_name = "SECONDS", default_value_t = 20)]
    request_timeout: u32,
    /// How many clients may be connected at once; others wait.
    #[arg(long, env = "TOMOS_MAX_CONNECTIONS", value_name = "NUMBER", default_value_t = 4096)]
    pub max_connections: u16,
    /// How many operations, subscriptions among them, may go on at once over one WebSocket.
    #[arg(long, env = "TOMOS_MAX_OPERATIONS", value_name = "NUMBER", default_value_t = 100)]
    pub max_operations: u16,
    /// How many connections to the database are used at most.
    #[arg(long, env = "TOMOS_DATABASE_CONNECTIONS", value_name = "NUMBER", default_value_t = 10)]
    pub database_connections: u16,
    /// For how long what is in the trash can be restored: 30d, 12w.
    #[arg(long, env = "TOMOS_PURGE_TRASH_AFTER", value_name = "TIME", value_parser = span, default_value = "90d")]
    purge_trash_after: TimeDelta,
    /// For how long clients find what changed, and what is gone, since they last asked; later they load
    /// everything anew: 30d, 12w.
    #[arg(long, env = "TOMOS_KEEP_CHANGES", value_name = "TIME", value_parser = span, default_value = "90d")]
    keep_changes: TimeDelta,
}

impl Serve {
    /// How long a client may take to send the head or the body of a request.
    #[must_use]
    pub fn read_timeout(&self) -> Duration {
        Duration::from_secs(self.read_timeout.into())
    }

    /// How long things are kept.
    #[must_use]
    pub fn keep(&self) -> Keep {
        Keep { trash: self.purge_trash_after, changes: self.keep_changes }
    }

    /// After how long a request is given up.
    #[must_use]
    pub fn request_timeout(&self) -> Duration {
        Duration::from_secs(self.request_timeout.into())
    }
}

/// Make, list and revoke tokens.
#[derive(Clone, Debug, Subcommand)]
pub enum Token {
    /// Make a token, and print it: it cannot be shown again.
    Create {
        /// What you call it, for example the device that uses it.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// What it may do: `read` is queries alone, `write` is queries and mutations.
        #[arg(long, value_enum, value_name = "SCOPE", default_value_t = Access::Write)]
        scope: Access,
        /// After how long it stops working: 12h, 90d, 8w [default: never].
        #[arg(long, value_name = "TIME", value_parser = span)]
        expires: Option<TimeDelta>,
    },
    /// Show the tokens that are not revoked.
    List,
    /// Make a token useless, at once.
    Revoke {
        /// What you called it.
        name: String,
    },
}

/// What a token may do.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Access {
    /// Queries alone.
    Read,
    /// Queries and mutations.
    Write,
}

/// Bring the database up to date.
#[derive(Clone, Copy, Debug, Args)]
pub struct Migrate {
    /// Change nothing; name what is missing, and exit with 1 if anything is.
    #[arg(long)]
    pub check: bool,
}

/// Take out what is kept elsewhere.
#[derive(Clone, Debug, Subcommand)]
pub enum Export {
    /// Take tasks, projects and tags out of Notion; what was stopped goes on with the same command.
    Notion(ExportNotion),
}

/// Take tasks, projects and tags out of Notion.
#[derive(Clone, Debug, Args)]
pub struct ExportNotion {
    /// How Notion is asked.
    #[command(flatten)]
    pub access: NotionAccess,
    /// The directory for the export: a new one, or one of an export that was stopped.
    #[arg(long, value_name = "DIR", default_value = "notion-export")]
    pub out: PathBuf,
}

/// Which database it is.
#[derive(Clone, Debug)]
pub enum Place {
    /// The program's own.
    Own(embedded::Options),
    /// A server's.
    Server {
        /// For requests.
        url: Secret,
        /// For what a pooler does not let through.
        direct: Secret,
    },
}

impl Config {
    /// Reads `.env` of the working directory, the environment and the command line.
    ///
    /// It is to be called before any thread is started: `.env` becomes part of the environment.
    pub fn read() -> anyhow::Result<Self> {
        let file = Path::new(".env");
        if file.is_file() {
            dotenvy::from_path(file).context("the file .env cannot be read")?;
        }
        Self::of(std::env::args_os(), |name| std::env::var_os(name))
    }

    fn of(
        line: impl IntoIterator<Item = OsString>,
        variable: impl Fn(&str) -> Option<OsString>,
    ) -> anyhow::Result<Self> {
        let command = settled(Self::command(), &variable);
        let matches = command.try_get_matches_from(line)?;
        let mut config = Self::from_arg_matches(&matches)?;
        config.check(&matches)?;
        Ok(config)
    }

    /// What to do.
    #[must_use]
    pub fn command_or_serve(&self) -> Command {
        let serve = || Command::Serve(self.serve.clone());
        self.command.clone().unwrap_or_else(serve)
    }

    /// What the parser cannot see by itself.
    fn check(&mut self, matches: &ArgMatches) -> anyhow::Result<()> {
        let typed = |id: &str| matches.value_source(id) == Some(ValueSource::CommandLine);
        if let Some((command, _)) = matches.subcommand() {
            let serve = Serve::augment_args(clap::Command::new("serve"));
            let misplaced = serve.get_arguments().find(|flag| typed(flag.get_id().as_str()));
            if let Some(flag) = misplaced.and_then(clap::Arg::get_long) {
                bail!("--{flag} is for `serve` and comes after that word, not before {command:?}");
            }
        }
        let database = &mut self.database;
        if typed("data_dir") && typed("url") {
            bail!("give either --data-dir or --database-url: they are two databases");
        }
        if typed("data_dir") {
            // What is typed goes before what the environment happens to hold.
            (database.url, database.direct) = (None, None);
        } else if database.direct.is_some() && database.url.is_none() {
            bail!("a direct URL alone is not enough: set DATABASE_URL (--database-url) too");
        }
        Ok(())
    }
}

impl Database {
    /// Which database it is.
    #[must_use]
    pub fn place(&self) -> Place {
        if let Some(url) = &self.url {
            let direct = self.direct.as_ref().unwrap_or(url).clone();
            return Place::Server { url: url.clone(), direct };
        }
        let environment = environment();
        let default = || embedded::default_data_dir(&environment);
        Place::Own(embedded::Options {
            data_dir: self.data_dir.clone().unwrap_or_else(default),
            durable: true,
            linger: LINGER,
            environment,
        })
    }
}

/// The environment, as far as the embedded server needs it.
#[must_use]
pub fn environment() -> Environment {
    Environment::read(|name| std::env::var_os(name))
}

impl Database {
    /// Where what belongs to no database is kept: the data directory, also beside another server.
    #[must_use]
    pub fn data_dir(&self) -> PathBuf {
        let environment = environment();
        let default = || embedded::default_data_dir(&environment);
        self.data_dir.clone().unwrap_or_else(default)
    }
}

/// The command with variables that are set to nothing left out, and with other names looked up.
fn settled(
    mut command: clap::Command,
    variable: &impl Fn(&str) -> Option<OsString>,
) -> clap::Command {
    let is_set =
        |name: &str| variable(name).is_some_and(|value| !value.to_string_lossy().trim().is_empty());
    command = command.mut_args(|arg| {
        let Some(name) = arg.get_env().map(|name| name.to_string_lossy().into_owned()) else {
            return arg;
        };
        if is_set(&name) {
            return arg;
        }
        let others = ALIASES.iter().find(|(id, _)| arg.get_id() == id);
        let other = others.and_then(|(_, names)| names.iter().copied().find(|name| is_set(name)));
        match other {
            Some(other) => arg.env(other),
            None if variable(&name).is_some() => arg.env(None::<&str>),
            None => arg,
        }
    });
    command.mut_subcommands(|sub| settled(sub, variable))
}

fn time_zone(text: &str) -> Result<Tz, String> {
    let text = text.trim();
    let zone = text.parse().ok();
    zone.ok_or_else(|| format!("{text:?} is no IANA time zone such as Australia/Sydney"))
}

/// A span of time: a number and its unit.
fn span(text: &str) -> Result<TimeDelta, String> {
    let wrong = || format!("{text:?} is no span of time such as 12h, 90d or 8w");
    let unit = text.chars().next_back().ok_or_else(wrong)?;
    let number = text.strip_suffix(unit).and_then(|number| number.parse().ok());
    let number: u32 = number.filter(|number| *number > 0).ok_or_else(wrong)?;
    let number = i64::from(number);
    let span = match unit {
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        'w' => TimeDelta::try_weeks(number),
        _ => None,
    };
    // The database's times do not reach back for ever.
    span.filter(|span| *span <= LONGEST).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flags_do_not_contradict_each_other() {
        Config::command().debug_assert();
    }

    #[test]
    fn a_span_is_a_number_with_its_unit() {
        assert_eq!(span("12h"), Ok(TimeDelta::hours(12)));
        assert_eq!(span("90d"), Ok(TimeDelta::days(90)));
        assert_eq!(span("8w"), Ok(TimeDelta::weeks(8)));
        for wrong in
            ["", "d", "0d", "-1d", "1.5d", "90", "90 d", "9m", "１d", "99999999999d", "365001d"]
        {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn secrets_stay_out_of_what_is_printed() {
        let line = ["tomos", "--database-url", "postgresql://u:geheim@h/d"];
        let config = Config::of(line.map(Into::into), |_| None).unwrap();
        assert!(!format!("{config:?}").contains("geheim"));
    }
}
