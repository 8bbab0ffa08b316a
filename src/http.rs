//! The API over HTTP: GraphQL, GraphiQL's page, and the health of the service.
//!
//! It translates between HTTP and [`Api`]; what GraphQL means is not known here. The caller owns the
//! socket and says when to stop.

mod accept;
mod auth;
mod connections;
mod graphiql;
mod graphql;
mod health;
mod linger;
mod operation;
mod parts;
mod reply;
mod socket;

pub use connections::serve;

use crate::clock::Clock;
use crate::graphql::Api;
use crate::memory::Memory;
use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Redirect, Response};
use axum::routing::{any, get};
use axum::{Extension, Router};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

/// How long nothing of what is sent may be taken: who does not read is not waited for any longer.
const SENDING: Duration = Duration::from_secs(30);

/// What the answers are made of.
pub struct State {
    /// GraphQL.
    pub api: Api,
    /// Tokens and settings.
    pub memory: Arc<Memory>,
    /// Where the ids of requests come from.
    pub clock: Clock,
    /// What a request may cost.
    pub limits: Limits,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// What requests may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Bytes of a body.
    pub body: usize,
    /// How long the head or the body of a request may take to come in; also how long a client may stay
    /// without one.
    pub read: Duration,
    /// How long a request may take, once it has come in.
    pub request: Duration,
    /// Clients that are connected at once; as many sockets beside them.
    pub connections: usize,
    /// Operations that go on at once over one socket.
    pub operations: usize,
}

/// The id by which a request is found in the log.
#[derive(Clone, Copy, Debug)]
struct RequestId(Uuid);

/// Held by everything that is to be finished before the service ends.
#[derive(Clone, Debug)]
struct Unfinished {
    _held: mpsc::Sender<()>,
}

/// Becomes true when the service is to end.
#[derive(Clone, Debug)]
struct Ending(watch::Receiver<bool>);

impl Ending {
    async fn come(mut self) {
        // Its sender lives as long as connections are accepted.
        let _ = self.0.wait_for(|ended| *ended).await;
    }
}

type Shared = axum::extract::State<Arc<State>>;

/// All paths of the service.
pub fn router(state: Arc<State>) -> Router {
    let signed_in = middleware::from_fn_with_state(Arc::clone(&state), auth::sign_in);
    let or_socket = middleware::from_fn_with_state(Arc::clone(&state), socket::or_else);
    let places = socket::Places::of(&state.limits);
    Router::new()
        .route("/graphql", any(graphql::answer).layer(signed_in).layer(or_socket))
        .route("/graphql/ws", get(socket::open))
        .route("/graphiql", get(graphiql::page))
        .route("/graphiql/start.js", get(graphiql::start))
        .route("/", get(|| async { Redirect::temporary("/graphiql") }))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .fallback(nothing)
        .layer(Extension(places))
        .layer(middleware::from_fn_with_state(Arc::clone(&state), frame))
        .with_state(state)
}

/// Any other path.
async fn nothing() -> (StatusCode, &'static str) {
    let hint = "nothing is here: the API is at /graphql, GraphiQL at /graphiql\n";
    (StatusCode::NOT_FOUND, hint)
}

/// What is around every request: its id, its line in the log, and headers.
async fn frame(state: Shared, mut request: Request, next: Next) -> Response {
    let id = RequestId(state.clock.new_id());
    request.extensions_mut().insert(id);
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let begin = tokio::time::Instant::now();
    let mut response = next.run(request).await;
    let status = response.status().as_u16();
    tracing::info!(request = %id.0, %method, path, status, took = ?begin.elapsed(), "answered");
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&id.0.to_string()) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    response
}
