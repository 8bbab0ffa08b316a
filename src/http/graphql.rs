//! GraphQL over HTTP: a request is read from a POST or a GET, answered, and sent back.
//!
//! Batches, uploads and forms are not spoken.

use super::accept::{Media, is_json, takes_parts};
use super::auth::Session;
use super::parts;
use super::reply::{self, Refusal};
use super::{Ending, Limits, RequestId, Shared, State, Unfinished};
use crate::error::Error;
use crate::graphql;
use crate::viewer::Viewer;
use async_graphql::parser::types::OperationType;
use async_graphql::{Request as Document, Variables};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Query, Request};
use axum::http::{Method, StatusCode, Uri, header};
use axum::response::Response;
use futures_util::StreamExt;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::sync::Arc;
use tokio::time::timeout;

/// Answers what comes to `/graphql`.
pub(super) async fn answer(
    state: Shared,
    Extension(viewer): Extension<Viewer>,
    Extension(session): Extension<Session>,
    Extension(id): Extension<RequestId>,
    unfinished: Option<Extension<Unfinished>>,
    ending: Option<Extension<Ending>>,
    request: Request,
) -> Response {
    let wanted = Media::wanted(request.headers());
    let takes_parts = takes_parts(request.headers());
    let media = wanted.unwrap_or(Media::Json);
    let document = if wanted.is_some() || takes_parts {
        read(request, &state.limits).await
    } else {
        Err(Refusal::new(
            StatusCode::NOT_ACCEPTABLE,
            "answers are application/graphql-response+json or application/json: the header Accept wants neither",
        ))
    };
    let mut document = match document {
        Ok(document) => document,
        Err(refusal) => return refusal.send(media, id),
    };
    if kind(&mut document) == Some(OperationType::Subscription) {
        if takes_parts {
            let ending = ending.map(|it| it.0);
            let media = wanted.unwrap_or(Media::Any);
            return parts::answer(&state.0, &document, session, ending, media).await;
        }
        return Refusal::new(
            StatusCode::BAD_REQUEST,
            "a subscription is answered over WebSocket (graphql-transport-ws), or to Accept: multipart/mixed; subscriptionSpec=1.0",
        )
        .send(media, id);
    }
    match execute(&state.0, document, viewer, id, unfinished.map(|it| it.0)).await {
        Ok(response) => reply::answer(media, &response),
        Err(error) => Refusal::from(error).send(media, id),
    }
}

/// Has the request executed on a task of its own: a client that goes away, or a limit of time, must
/// not cut a write in two.
pub(super) async fn execute(
    state: &Arc<State>,
    document: Document,
    viewer: Viewer,
    id: RequestId,
    unfinished: Option<Unfinished>,
) -> Result<async_graphql::Response, Error> {
    let executing = tokio::spawn({
        let state = Arc::clone(state);
        async move {
            let response = state.api.answer_as(document, viewer, id.0).await;
            drop(unfinished);
            response
        }
    });
    match timeout(state.limits.request, executing).await {
        Ok(executed) => executed.map_err(|panic| Error::Internal(panic.into())),
        Err(_) => Err(Error::Timeout),
    }
}

async fn read(request: Request, limits: &Limits) -> Result<Document, Refusal> {
    match *request.method() {
        Method::POST if is_json(request.headers()) => {
            let body = body(request, limits).await?;
            from_json(&body)
        }
        Method::POST => Err(Refusal::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "a request is JSON: send it with Content-Type: application/json",
        )),
        Method::GET => from_query(request.uri()),
        _ => Err(Refusal {
            header: Some((header::ALLOW, "GET, POST")),
            ..Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "GraphQL is asked with POST, or with GET for queries",
            )
        }),
    }
}

/// The whole body, up to a number of bytes.
async fn body(request: Request, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let most = limits.body;
    let too_large =
        || Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("a request may have {most} bytes"));
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).map_or(true, |it| it > most)) {
        return Err(too_large());
    }
    let reading = timeout(limits.read, collect(request.into_body(), most));
    match reading.await {
        Ok(Ok(Some(body))) => Ok(body),
        Ok(Ok(None)) => Err(too_large()),
        Ok(Err(_)) => {
            Err(Refusal::new(StatusCode::BAD_REQUEST, "the body of the request ended too early"))
        }
        Err(_) => {
            Err(Refusal::new(StatusCode::REQUEST_TIMEOUT, "the body of the request took too long"))
        }
    }
}

/// The bytes of a body; nothing where there are too many.
async fn collect(body: Body, most: usize) -> Result<Option<Vec<u8>>, axum::Error> {
    let mut stream = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk?;
        if bytes.len() + chunk.len() > most {
            return Ok(None);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(Some(bytes))
}

fn from_json(body: &[u8]) -> Result<Document, Refusal> {
    let wrong = |message: String| Refusal::new(StatusCode::BAD_REQUEST, message);
    let value = serde_json::from_slice(body)
        .map_err(|error| wrong(format!("the body is no JSON: {error}")))?;
    match value {
        Value::Object(fields) => from_fields(fields),
        Value::Array(_) => {
            Err(wrong("batches are not answered: send one request at a time".to_owned()))
        }
        _ => Err(wrong("the body has to be a JSON object".to_owned())),
    }
}

/// A request of the fields query, operationName, variables and extensions.
pub(super) fn from_fields(mut fields: Map<String, Value>) -> Result<Document, Refusal> {
    let wrong = |message: String| Refusal::new(StatusCode::BAD_REQUEST, message);
    let query = match fields.remove("query") {
        Some(Value::String(query)) => query,
        Some(_) => return Err(wrong("query has to be a string".to_owned())),
        None => return Err(wrong("the field query is missing".to_owned())),
    };
    let operation_name = match fields.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name),
        Some(_) => return Err(wrong("operationName has to be a string".to_owned())),
    };
    let mut map = |name: &str| match fields.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(wrong(format!("{name} has to be an object"))),
    };
    let variables = map("variables")?;
    map("extensions")?;
    Ok(document(query, operation_name, variables))
}

fn document(
    query: String,
    operation_name: Option<String>,
    variables: Map<String, Value>,
) -> Document {
    let variables = Variables::from_json(Value::Object(variables));
    let document = Document::new(query).variables(variables);
    match operation_name {
        Some(name) => document.operation_name(name),
        None => document,
    }
}

/// What a GET asks for; it cannot change anything.
fn from_query(uri: &Uri) -> Result<Document, Refusal> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Asked {
        query: String,
        operation_name: Option<String>,
        variables: Option<String>,
        extensions: Option<String>,
    }
    let wrong = |message: &str| Refusal::new(StatusCode::BAD_REQUEST, message);
    let Ok(Query(asked)) = Query::<Asked>::try_from_uri(uri) else {
        return Err(wrong("the address has no parameter query, or one parameter twice"));
    };
    // What a form leaves empty is not there.
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let map = |text: Option<String>| match filled(text).as_deref().map(serde_json::from_str) {
        None | Some(Ok(Value::Null)) => Some(Map::new()),
        Some(Ok(Value::Object(map))) => Some(map),
        Some(_) => None,
    };
    let variables = map(asked.variables).ok_or_else(|| wrong("variables is no JSON object"))?;
    map(asked.extensions).ok_or_else(|| wrong("extensions is no JSON object"))?;
    let mut document = document(asked.query, filled(asked.operation_name), variables);
    if kind(&mut document).is_some_and(|kind| kind != OperationType::Query) {
        return Err(Refusal {
            header: Some((header::ALLOW, "POST")),
            ..Refusal::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "a GET only asks: send mutations and subscriptions with POST",
            )
        });
    }
    Ok(document)
}

/// What sort of operation is asked for; nothing where the document cannot be read, which is refused
/// later.
pub(super) fn kind(document: &mut Document) -> Option<OperationType> {
    let name = document.operation_name.clone();
    let parsed = graphql::parsed(document).ok()?;
    graphql::operation(&parsed.operations, name.as_deref()).map(|operation| operation.ty)
}
