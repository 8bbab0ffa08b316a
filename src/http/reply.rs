//! How an answer of GraphQL, or a refusal, is sent.

use super::RequestId;
use super::accept::Media;
use crate::error::{Code, Error};
use crate::graphql;
use async_graphql::{ServerError, Value};
use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A request that did not get as far as GraphQL.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: Error,
    /// A header that goes with the status.
    pub(super) header: Option<(header::HeaderName, &'static str)>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, error: Error::bad_request(message), header: None }
    }

    /// As JSON that GraphQL's clients can read.
    pub(super) fn send(self, media: Media, id: RequestId) -> Response {
        let refused = graphql::refusal(self.error, id.0);
        let mut response = reply(self.status, media, &refused);
        if let Some((name, value)) = self.header {
            response.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self { status: status(error.code().as_str()), error, header: None }
    }
}

/// An answer of GraphQL.
pub(super) fn answer(media: Media, response: &async_graphql::Response) -> Response {
    let status = refused(response).map_or(StatusCode::OK, |error| {
        let status = status(code(error));
        // To a client of the older type 400 would mean that no GraphQL was spoken.
        if media == Media::Json && status == StatusCode::BAD_REQUEST {
            StatusCode::OK
        } else {
            status
        }
    });
    reply(status, media, response)
}

fn reply(status: StatusCode, media: Media, response: &async_graphql::Response) -> Response {
    #[derive(Serialize)]
    struct Refused<'a> {
        errors: &'a [ServerError],
    }
    // Where nothing was executed, there is no data, not even null.
    let body = if refused(response).is_some() {
        serde_json::to_vec(&Refused { errors: &response.errors })
    } else {
        serde_json::to_vec(response)
    };
    let Ok(body) = body else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media.content_type()));
    if status == StatusCode::SERVICE_UNAVAILABLE {
        headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
}

/// The error for which nothing was executed: that of the request, or, as one statement answers all
/// fields, a fault of the service that took all data away.
pub(super) fn refused(response: &async_graphql::Response) -> Option<&ServerError> {
    if response.data != Value::Null {
        return None;
    }
    let errors = &response.errors;
    let is_ours = |error: &ServerError| status(code(error)).is_server_error();
    let fault = errors.first().filter(|_| errors.iter().all(is_ours));
    errors.iter().find(|error| error.path.is_empty()).or(fault)
}

fn code(error: &ServerError) -> &str {
    let code = error.extensions.as_ref().and_then(|it| it.get("code"));
    match code {
        Some(Value::String(code)) => code,
        _ => Code::Internal.as_str(),
    }
}

fn status(code: &str) -> StatusCode {
    const STATUS: &[(Code, StatusCode)] = &[
        (Code::Unauthenticated, StatusCode::UNAUTHORIZED),
        (Code::Forbidden, StatusCode::FORBIDDEN),
        (Code::RateLimited, StatusCode::TOO_MANY_REQUESTS),
        (Code::BadRequest, StatusCode::BAD_REQUEST),
        (Code::ValidationFailed, StatusCode::BAD_REQUEST),
        (Code::TooComplex, StatusCode::BAD_REQUEST),
        (Code::Timeout, StatusCode::GATEWAY_TIMEOUT),
        (Code::Unavailable, StatusCode::SERVICE_UNAVAILABLE),
    ];
    let found = STATUS.iter().find(|(it, _)| it.as_str() == code);
    found.map_or(StatusCode::INTERNAL_SERVER_ERROR, |(_, status)| *status)
}
