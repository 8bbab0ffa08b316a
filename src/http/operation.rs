//! One operation of whoever can hear more than one answer: what is said of it, one after the other.

use super::auth::Session;
use super::graphql::{execute, kind};
use super::reply::refused;
use super::{RequestId, State, Unfinished};
use crate::graphql::{Following, refusal};
use async_graphql::parser::types::OperationType;
use async_graphql::{Request as Document, Response};
use futures_util::Stream;
use futures_util::stream::unfold;
use std::sync::Arc;

/// What is said of an operation.
pub(super) enum Said {
    /// An answer, as JSON.
    Next(Arc<str>),
    /// It cannot be answered, or not any more; nothing follows.
    Error(Box<Response>),
    /// There is no more to say.
    Complete,
}

/// An operation, and where it is answered.
pub(super) struct Operation {
    pub(super) document: Document,
    pub(super) session: Session,
    pub(super) state: Arc<State>,
    pub(super) unfinished: Option<Unfinished>,
}

/// How far an operation is.
enum Stage {
    Begin(Box<Operation>),
    Following(Box<Following>),
    Answered,
    Over,
}

/// What is said of an operation; dropped, it ends.
pub(super) fn say(operation: Operation) -> impl Stream<Item = Said> + Send {
    unfold(Stage::Begin(Box::new(operation)), |stage| async {
        match stage {
            Stage::Begin(operation) => Some(begin(*operation).await),
            Stage::Following(following) => Some(follow(following).await),
            Stage::Answered => Some((Said::Complete, Stage::Over)),
            Stage::Over => None,
        }
    })
}

async fn begin(operation: Operation) -> (Said, Stage) {
    let Operation { mut document, session, state, unfinished } = operation;
    if kind(&mut document) == Some(OperationType::Subscription) {
        let asker = Box::new(move || session.viewer());
        return match state.api.subscribe(&document, asker).await {
            Ok((Some(first), following)) => {
                (Said::Next(first), Stage::Following(Box::new(following)))
            }
            Ok((None, following)) => follow(Box::new(following)).await,
            Err(response) => (Said::Error(Box::new(response)), Stage::Over),
        };
    }
    let id = state.clock.new_id();
    let answered = match session.viewer() {
        Ok(viewer) => execute(&state, document, viewer, RequestId(id), unfinished).await,
        Err(error) => Err(error),
    };
    let response = answered.unwrap_or_else(|error| refusal(error, id));
    match serde_json::to_string(&response) {
        Ok(text) if refused(&response).is_none() => (Said::Next(text.into()), Stage::Answered),
        _ => (Said::Error(Box::new(response)), Stage::Over),
    }
}

async fn follow(mut following: Box<Following>) -> (Said, Stage) {
    match following.next().await {
        Some(Ok(answer)) => (Said::Next(answer), Stage::Following(following)),
        Some(Err(response)) => (Said::Error(Box::new(response)), Stage::Over),
        None => (Said::Complete, Stage::Over),
    }
}
