//! Subscriptions over plain HTTP: events as parts of one response that goes on, which is Apollo's
//! multipart protocol for subscriptions.

use super::accept::Media;
use super::auth::Session;
use super::{Ending, State, reply};
use crate::error::Error;
use crate::graphql::refusal;
use async_graphql::{Request as Document, Response as GraphQlResponse};
use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, unfold};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

const CONTENT_TYPE: HeaderValue =
    HeaderValue::from_static(r#"multipart/mixed;boundary="graphql";subscriptionSpec="1.0""#);

/// How often a part without content says that the connection is alive.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// What stands before and behind each part: a reader takes a part for whole when it sees the second one.
const BOUNDARY: &str = "\r\n--graphql";

/// What makes the last boundary the end.
const END: &str = "--\r\n";

/// A response on its way.
struct Telling {
    session: Session,
    ending: Option<Ending>,
    /// What is sent before all else.
    opening: Option<String>,
    /// What is followed; nothing once it is over.
    following: Option<BoxStream<'static, Result<Arc<str>, GraphQlResponse>>>,
    state: Arc<State>,
}

/// Answers a subscription with parts; what refuses it at once is answered as anything else is.
pub(super) async fn answer(
    state: &Arc<State>,
    document: &Document,
    session: Session,
    ending: Option<Ending>,
    media: Media,
) -> Response {
    let asker = session.clone();
    let begun = state.api.subscribe(document, Box::new(move || asker.viewer())).await;
    let (first, following) = match begun {
        Ok(begun) => begun,
        Err(refused) => return reply::answer(media, &refused),
    };
    let opening = format!("{BOUNDARY}{}", first.map(|first| payload(&first)).unwrap_or_default());
    let (opening, following) = (Some(opening), Some(following.stream().boxed()));
    let telling = Telling { session, ending, opening, following, state: Arc::clone(state) };
    let parts = unfold(telling, |mut telling| async {
        let text = telling.next().await?;
        Some((Ok::<_, Infallible>(text), telling))
    });
    let mut response = Response::new(Body::from_stream(parts));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, CONTENT_TYPE);
    // A proxy that gathers parts would make them late.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

impl Telling {
    /// What is sent next.
    async fn next(&mut self) -> Option<String> {
        if let Some(opening) = self.opening.take() {
            return Some(opening);
        }
        let following = self.following.as_mut()?;
        let ending = self.ending.clone();
        let end = async {
            match ending {
                Some(ending) => ending.come().await,
                None => std::future::pending().await,
            }
        };
        let last = tokio::select! {
            news = following.next() => match news {
                Some(Ok(answer)) => return Some(payload(&answer)),
                Some(Err(refused)) => failure(&refused),
                None => String::new(),
            },
            () = sleep(HEARTBEAT) => return Some(part("{}")),
            () = self.session.end() => {
                failure(&refusal(Error::Unauthenticated, self.state.clock.new_id()))
            }
            () = end => String::new(),
        };
        self.following = None;
        Some(last + END)
    }
}

/// The part of an answer.
fn payload(answer: &str) -> String {
    part(&format!(r#"{{"payload":{answer}}}"#))
}

/// The part that says why there are no more.
fn failure(refused: &GraphQlResponse) -> String {
    part(&json!({"payload": null, "errors": refused.errors}).to_string())
}

fn part(json: &str) -> String {
    format!("\r\nContent-Type: application/json\r\n\r\n{json}{BOUNDARY}")
}
