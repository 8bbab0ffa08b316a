//! What is said over a socket: the protocol `graphql-transport-ws`, without the socket.

use super::super::auth::Session;
use super::super::graphql::from_fields;
use super::super::operation::{Operation, Said, say};
use super::super::{State, Unfinished};
use super::{Close, SIGN_IN};
use crate::error::Error;
use crate::graphql;
use axum::http::HeaderMap;
use futures_util::StreamExt;
use futures_util::stream::{AbortHandle, BoxStream, SelectAll, abortable};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// What a client says.
#[derive(Deserialize)]
#[serde(expecting = "a message of graphql-transport-ws", tag = "type", rename_all = "snake_case")]
enum Heard {
    ConnectionInit { payload: Option<Map<String, Value>> },
    Ping { payload: Option<Value> },
    Pong {},
    Subscribe { id: String, payload: Map<String, Value> },
    Complete { id: String },
}

/// A conversation over one socket.
pub(super) struct Conversation {
    state: Arc<State>,
    /// The headers with which the socket was opened, as far as they sign in.
    headers: HeaderMap,
    session: Option<Session>,
    operations: SelectAll<BoxStream<'static, (Arc<str>, Said)>>,
    running: HashMap<Arc<str>, AbortHandle>,
    unfinished: Option<Unfinished>,
}

impl Conversation {
    pub(super) fn new(
        state: Arc<State>,
        headers: HeaderMap,
        unfinished: Option<Unfinished>,
    ) -> Self {
        let (operations, running) = (SelectAll::new(), HashMap::new());
        Self { state, headers, session: None, operations, running, unfinished }
    }

    /// How long a client may keep silent.
    pub(super) fn patience(&self) -> Duration {
        self.state.limits.read
    }

    pub(super) fn is_signed_in(&self) -> bool {
        self.session.is_some()
    }

    /// Waits until the client may listen no more.
    pub(super) fn end_of_session(&self) -> impl Future<Output = ()> + use<> {
        let session = self.session.clone();
        async move {
            match session {
                Some(session) => session.end().await,
                None => std::future::pending().await,
            }
        }
    }

    /// Takes what the client says, and gives what is to be said at once.
    pub(super) fn hear(&mut self, text: &str) -> Result<Option<String>, Close> {
        let heard = serde_json::from_str(text);
        let heard = heard.map_err(|error| Close::invalid(format!("Invalid message: {error}")))?;
        match heard {
            Heard::ConnectionInit { payload } => {
                self.sign_in(&payload.unwrap_or_default())?;
                Ok(Some(json!({"type": "connection_ack"}).to_string()))
            }
            Heard::Ping { payload: None } => Ok(Some(json!({"type": "pong"}).to_string())),
            Heard::Ping { payload } => {
                Ok(Some(json!({"type": "pong", "payload": payload}).to_string()))
            }
            Heard::Pong {} => Ok(None),
            Heard::Subscribe { id, payload } => self.subscribe(id.into(), payload),
            Heard::Complete { id } => {
                if let Some(running) = self.running.remove(id.as_str()) {
                    running.abort();
                }
                Ok(None)
            }
        }
    }

    fn sign_in(&mut self, payload: &Map<String, Value>) -> Result<(), Close> {
        if self.is_signed_in() {
            return Err(Close(4429, "Too many initialisation requests".into()));
        }
        let [authorization, zone] = SIGN_IN.map(|name| {
            // Names of headers are written as one likes.
            let said = payload.iter().find(|(key, _)| name.as_str().eq_ignore_ascii_case(key));
            let header = || self.headers.get(&name).and_then(|value| value.to_str().ok());
            said.map(|(_, value)| value.as_str().unwrap_or_default()).or_else(header)
        });
        let session = Session::open(&self.state.memory, authorization, zone);
        self.session = Some(session.map_err(|error| match error {
            Error::Unauthenticated => Close::UNAUTHORIZED,
            other => Close::invalid(other.to_string()),
        })?);
        Ok(())
    }

    fn subscribe(
        &mut self,
        id: Arc<str>,
        payload: Map<String, Value>,
    ) -> Result<Option<String>, Close> {
        let session = self.session.clone().ok_or(Close::UNAUTHORIZED)?;
        if self.running.contains_key(&id) {
            return Err(Close(4409, format!("Subscriber for {id} already exists").into()));
        }
        let document = from_fields(payload)
            .map_err(|refusal| Close::invalid(format!("Invalid message: {}", refusal.error)))?;
        let most = self.state.limits.operations;
        if self.running.len() >= most {
            let message = format!("a socket carries {most} operations at once: end one of them");
            let refused = graphql::refusal(Error::TooComplex(message), self.state.clock.new_id());
            return Ok(Some(written(&id, &Said::Error(Box::new(refused)))));
        }
        let (state, unfinished) = (Arc::clone(&self.state), self.unfinished.clone());
        let operation = Operation { document, session, state, unfinished };
        let (said, running) = abortable(say(operation));
        self.running.insert(Arc::clone(&id), running);
        self.operations.push(said.map(move |said| (Arc::clone(&id), said)).boxed());
        Ok(None)
    }

    /// What is to be said next; nothing as long as no operation goes on.
    pub(super) async fn next(&mut self) -> Option<String> {
        let (id, said) = self.operations.next().await?;
        if !matches!(said, Said::Next(_)) {
            self.running.remove(&id);
        }
        Some(written(&id, &said))
    }
}

/// A message as it is sent.
fn written(id: &str, said: &Said) -> String {
    match said {
        Said::Next(answer) => {
            // The answer is JSON already, and may be long.
            format!(r#"{{"id":{},"type":"next","payload":{answer}}}"#, Value::from(id))
        }
        Said::Error(response) => {
            json!({"id": id, "type": "error", "payload": response.errors}).to_string()
        }
        Said::Complete => json!({"id": id, "type": "complete"}).to_string(),
    }
}
