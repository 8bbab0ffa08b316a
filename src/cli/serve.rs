//! `tomos serve`: reaches the database, brings it up to date, and answers requests until it is told
//! to stop.

use super::database::Database;
use super::signals::Signals;
use super::{Outcome, print, token};
use crate::clock::Clock;
use crate::config;
use crate::db;
use crate::error::Error;
use crate::graphql::Api;
use crate::http::{self, Limits, State};
use crate::memory::Memory;
use crate::secret::Secret;
use crate::settings;
use crate::upkeep;
use anyhow::Context;
use rustix::process::{Resource, getrlimit, setrlimit};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long the last words to the database may take.
const PARTING: Duration = Duration::from_secs(2);

pub(super) async fn run(
    database: &config::Database,
    serve: &config::Serve,
) -> anyhow::Result<Outcome> {
    // Listened to first of all: whoever is told to stop while it starts has nothing to regret.
    let mut signals = Signals::listen()?;
    let ready = tokio::select! {
        ready = Ready::start(database, serve) => ready?,
        () = signals.next() => return Ok(Outcome::Done),
    };
    let Ready { listener, database, state } = ready;
    let (memory, clock) = (Arc::clone(&state.memory), state.clock.clone());
    let upkeep = upkeep::keep_running(&database.url, &clock, serve.keep());
    let telling = state.api.keep_telling(database.direct.clone());
    tokio::select! {
        () = answer(listener, state, &database, &memory, signals) => {}
        never = upkeep => match never {},
        never = telling => match never {},
    }
    let parting = tokio::time::timeout(PARTING, memory.write_uses()).await;
    if !matches!(parting, Ok(Ok(()))) {
        tracing::debug!("the last uses of tokens were not written");
    }
    Ok(Outcome::Done)
}

/// What requests are answered with.
struct Ready {
    listener: TcpListener,
    database: Database,
    state: State,
}

impl Ready {
    /// Reaches the database, prepares it, and says where the service is.
    async fn start(database: &config::Database, serve: &config::Serve) -> anyhow::Result<Self> {
        // First the port: where it is taken, the database is left alone.
        let listener = listen(&serve.listen).await?;
        let address = listener.local_addr()?;
        let database = Database::reach(database).await?;
        database.migrate().await?;
        let clock = Clock::system();
        let token = prepare(&database, serve, &clock).await?;
        let memory = Memory::load(&database.url, &clock).await.map_err(Error::revealed)?;
        let pool = db::pool(database.url.reveal(), serve.database_connections.into());
        let api = Api::new(pool.map_err(Error::revealed)?, clock.clone(), serve.keep());
        let limits = Limits {
            body: serve.max_body,
            read: serve.read_timeout(),
            request: serve.request_timeout(),
            connections: serve.max_connections.into(),
            operations: serve.max_operations.into(),
        };
        allow_connections();
        greet(&database, address, token.as_ref(), memory.has_tokens())?;
        let state = State { api, memory: Arc::new(memory), clock, limits };
        Ok(Self { listener, database, state })
    }
}

/// Answers requests until a signal to stop, and looks after what they need.
async fn answer(
    listener: TcpListener,
    state: State,
    database: &Database,
    memory: &Memory,
    mut signals: Signals,
) {
    let (stop, stopped) = oneshot::channel();
    let stopped = async { stopped.await.unwrap_or_default() };
    let impatience = async {
        signals.next().await;
        let _ = stop.send(());
        signals.next().await;
        tracing::warn!("told to stop twice: requests that had begun were cut off");
    };
    tokio::select! {
        () = http::serve(listener, state, stopped) => {}
        () = impatience => {}
        never = memory.keep_fresh() => match never {},
        never = database.keep_running(|| memory.is_fresh()) => match never {},
    }
}

/// What stands in the database before the first request; gives the token of the program's own.
async fn prepare(
    database: &Database,
    serve: &config::Serve,
    clock: &Clock,
) -> anyhow::Result<Option<Secret>> {
    let mut connection = database.connect().await?;
    // First: by what wrote the settings last a restored database is known.
    if upkeep::renew_restored_feed(&mut connection).await.map_err(Error::revealed)? {
        tracing::warn!("the database was restored: every client loads everything anew");
    }
    if let Some(zone) = serve.time_zone {
        let set = settings::set_time_zone(&mut connection, zone).await;
        set.map_err(Error::revealed).context("the time zone could not be set")?;
    }
    match database.data_dir() {
        Some(directory) => Ok(Some(token::local(&mut connection, clock, directory).await?)),
        None => Ok(None),
    }
}

async fn listen(address: &str) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse => anyhow::anyhow!(
            "{address} is in use: another program, or another tomos, listens there; choose another with --listen"
        ),
        _ => anyhow::anyhow!("cannot listen on {address}: {error}"),
    })
}

/// Each connection is an open file, of which many systems allow few until more are asked for.
fn allow_connections() {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::debug!("the limit of open files stays as it is: {error}");
    }
}

/// Says where it is, with one line to click and one to paste.
fn greet(
    database: &Database,
    address: SocketAddr,
    token: Option<&Secret>,
    has_tokens: bool,
) -> std::io::Result<()> {
    let mut address = address;
    if address.ip().is_unspecified() {
        // It listens everywhere; this machine reaches it here.
        address.set_ip(if address.is_ipv4() {
            std::net::Ipv4Addr::LOCALHOST.into()
        } else {
            std::net::Ipv6Addr::LOCALHOST.into()
        });
    }
    let data = database.data_dir().map(|directory| format!("Data: {}\n", directory.display()));
    let fragment = token.map(|token| format!("#token={}", token.reveal()));
    let hint = if token.is_some() || has_tokens {
        ""
    } else {
        "There is no token yet: make one with `tomos token create --name NAME`.\n"
    };
    let known = token.map_or("$TOMOS_TOKEN", Secret::reveal);
    // With a variable the shell has to look inside.
    let quote = if token.is_some() { '\'' } else { '"' };
    print(&format!(
        "{}{hint}GraphiQL: http://{address}/graphiql{}\n\
         curl http://{address}/graphql -H {quote}Authorization: Bearer {known}{quote} \
         -H 'Content-Type: application/json' -d '{{\"query\":\"{{ viewer {{ tokenName timeZone }} }}\"}}'\n",
        data.unwrap_or_default(),
        fragment.unwrap_or_default(),
    ))
}
