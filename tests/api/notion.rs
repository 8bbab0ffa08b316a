//! A Notion of the tests: it speaks both versions of the API on this machine, and fails when it is told to.

mod answers;
mod world;

pub(crate) use world::{Database, Page, World, block, run, status, status_schema, todo, uuid};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::sync::Notify;

pub(crate) const TOKEN: &str = "ntn_geheim_4711";

/// What goes wrong with one request.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// An error of Notion's, perhaps with seconds to wait.
    Error(u16, &'static str, Option<u32>),
    /// The page of a proxy.
    Html(u16),
    /// Half an answer, and the end of the connection.
    Cut,
    /// The place in the list is forgotten.
    Cursor,
    /// There is more of a list, but nothing says where.
    NoCursor,
    /// There is more of a list, at a new place, and nothing of it comes.
    Endless,
    /// The older version of the API does not know what several data sources are.
    SeveralSources,
}

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) path: String,
}

pub(crate) struct Inner {
    pub(crate) world: World,
    /// What goes wrong next where a path has a part; a cursor is forgotten only where there is one.
    pub(crate) script: Vec<(&'static str, Trouble)>,
    pub(crate) seen: Vec<Seen>,
    /// After how many requests the token is no good any longer.
    pub(crate) revoked_after: usize,
    /// How many rows a query gives at most.
    pub(crate) cap: usize,
    /// The request that is told of when it comes, and whether it gets an answer.
    pub(crate) held: Option<(usize, Sender<()>, bool)>,
    /// Paths with the first part are answered only when one with the second came.
    pub(crate) order: Vec<(&'static str, &'static str)>,
    arrived: Arc<Notify>,
}

impl Inner {
    fn must_wait(&self, path: &str) -> bool {
        let came = |part: &str| self.seen.iter().any(|seen| seen.path.contains(part));
        self.order.iter().any(|(part, other)| path.contains(part) && !came(other))
    }
}

/// The server; it ends with the tests.
#[derive(Clone)]
pub(crate) struct Notion {
    pub(crate) url: String,
    inner: Arc<Mutex<Inner>>,
}

impl Notion {
    pub(crate) fn new(world: World) -> Self {
        let script = Vec::new();
        let inner = Inner {
            world,
            script,
            seen: Vec::new(),
            revoked_after: usize::MAX,
            cap: 10_000,
            held: None,
            order: Vec::new(),
            arrived: Arc::default(),
        };
        let inner = Arc::new(Mutex::new(inner));
        let router = Router::new().fallback(answer).with_state(Arc::clone(&inner));
        let (tell, told) = channel();
        // A runtime of its own: the programs that ask it are waited for.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                tell.send(listener.local_addr().unwrap()).unwrap();
                axum::serve(listener, router).await.unwrap();
            });
        });
        Self { url: format!("http://{}", told.recv().unwrap()), inner }
    }

    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap()
    }

    /// Lets things go wrong, each once.
    pub(crate) fn fails(&self, script: impl IntoIterator<Item = (&'static str, Trouble)>) {
        self.inner().script.extend(script);
    }

    /// That everything went wrong that should.
    pub(crate) fn has_failed(&self) {
        let left = &self.inner().script;
        assert!(left.is_empty(), "{left:?} did not happen");
    }

    /// Gives no answer to one request from now on, and tells when it came.
    pub(crate) fn holds(&self, place: usize) -> Receiver<()> {
        self.tells(place, false)
    }

    /// Tells when a request came, counted from now on; nothing comes once `nothing_is_held`.
    pub(crate) fn tells(&self, place: usize, is_answered: bool) -> Receiver<()> {
        let (tell, told) = channel();
        let mut inner = self.inner();
        let place = inner.seen.len() + place;
        inner.held = Some((place, tell, is_answered));
        told
    }

    pub(crate) fn nothing_is_held(&self) {
        self.inner().held = None;
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.inner().seen.clone()
    }
}

async fn answer(
    State(inner): State<Arc<Mutex<Inner>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(response) = respond(&mut inner.lock().unwrap(), &method, &uri, &headers, &body) else {
        return std::future::pending().await;
    };
    let arrived = Arc::clone(&inner.lock().unwrap().arrived);
    arrived.notify_waiters();
    loop {
        let next = arrived.notified();
        if !inner.lock().unwrap().must_wait(uri.path()) {
            return response;
        }
        next.await;
    }
}

/// The answer; nothing where none should come.
fn respond(
    inner: &mut Inner,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Option<Response> {
    let path = uri.path_and_query().unwrap().to_string();
    let question = answers::Question::read(method, uri, headers, body);
    let has_cursor = question.cursor.is_some();
    inner.seen.push(Seen { path: path.clone() });
    let held = inner.held.take_if(|(place, ..)| *place <= inner.seen.len());
    if let Some((_, who, is_answered)) = held {
        who.send(()).unwrap();
        if !is_answered {
            return None;
        }
    }
    let token = headers.get("authorization").and_then(|it| it.to_str().ok());
    if inner.seen.len() > inner.revoked_after || token != Some(&format!("Bearer {TOKEN}")) {
        return Some(error(401, "unauthorized", "API token is invalid."));
    }
    let happens = |(part, trouble): &(&str, Trouble)| {
        path.contains(part) && (has_cursor || !matches!(trouble, Trouble::Cursor))
    };
    if let Some(place) = inner.script.iter().position(happens) {
        return Some(troubled(&inner.script.remove(place).1, inner.seen.len()));
    }
    Some(match answers::answer(inner, &question) {
        Ok(json) => ([("content-type", "application/json")], json).into_response(),
        Err((status, code, message)) => error(status, code, &message),
    })
}

fn troubled(trouble: &Trouble, number: usize) -> Response {
    match trouble {
        Trouble::Error(status, code, wait) => {
            let mut response = error(*status, code, "it is said");
            if let Some(wait) = wait {
                response.headers_mut().insert("retry-after", (*wait).into());
            }
            response
        }
        Trouble::Html(status) => {
            (StatusCode::from_u16(*status).unwrap(), "<html>Bad gateway</html>").into_response()
        }
        Trouble::Cut => {
            let parts = [
                Ok(Bytes::from_static(b"{\"results\":[")),
                Err(std::io::Error::other("the line is cut")),
            ];
            Body::from_stream(futures_util::stream::iter(parts)).into_response()
        }
        Trouble::NoCursor => {
            r#"{"object":"list","results":[],"has_more":true,"next_cursor":null}"#.into_response()
        }
        Trouble::Endless => format!(
            r#"{{"object":"list","results":[],"has_more":true,"next_cursor":"new:{number}"}}"#
        )
        .into_response(),
        Trouble::SeveralSources => {
            let body = r#"{"object":"error","status":400,"code":"validation_error","message":"Database contains multiple data sources.","additional_data":{"error_type":"multiple_data_sources_for_database","minimum_api_version":"2025-09-03"}}"#;
            (StatusCode::BAD_REQUEST, body).into_response()
        }
        Trouble::Cursor => {
            let message = "The start_cursor provided is invalid: it is too old";
            error(400, "validation_error", message)
        }
    }
}

fn error(status: u16, code: &str, message: &str) -> Response {
    let body = serde_json::json!({"object":"error","status":status,"code":code,"message":message});
    (StatusCode::from_u16(status).unwrap(), body.to_string()).into_response()
}
