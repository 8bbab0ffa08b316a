//! What a client sees of an error: a code of the closed list, a clear sentence, and the request's id.
//!
//! It is the one place where internal errors are logged; their text never leaves.

use crate::error::{Code, Error};
use async_graphql::{ErrorExtensionValues, Pos, Response, ServerError, Value};
use std::sync::Arc;
use uuid::Uuid;

/// Gives every error of a response its code, and the id of the request to ask for it by.
pub(super) fn coded(mut response: Response, request: Uuid) -> Response {
    for error in &mut response.errors {
        let (code, path) = match source(error) {
            Some(ours) => {
                if let Error::Internal(cause) | Error::Unavailable(cause) = ours {
                    tracing::error!(%request, code = %ours.code(), "{cause:#}");
                }
                (ours.code(), path(ours))
            }
            None => (foreign(error), Vec::new()),
        };
        let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
        extensions.set("code", code.as_str());
        extensions.set("requestId", request.to_string());
        if !path.is_empty() {
            extensions.set("path", Value::List(path.into_iter().map(Value::String).collect()));
        }
    }
    response
}

/// Whether a response has failed for reasons that pass by themselves.
pub(super) fn is_passing(response: &Response) -> bool {
    let passes = |error: &ServerError| {
        source(error).is_some_and(|ours| matches!(ours, Error::Unavailable(_) | Error::Timeout))
    };
    !response.errors.is_empty() && response.errors.iter().all(passes)
}

/// An error that refuses the whole request.
pub(crate) fn refusal(error: Error, request: Uuid) -> Response {
    let error = async_graphql::Error::new_with_source(error).into_server_error(Pos::default());
    coded(Response::from_errors(vec![ServerError { locations: Vec::new(), ..error }]), request)
}

/// Our own error, where it is one.
fn source(error: &ServerError) -> Option<&Error> {
    error.source::<Error>().or_else(|| error.source::<Arc<Error>>().map(AsRef::as_ref))
}

/// Whether it is the service's fault.
pub(super) fn is_fault(error: &ServerError) -> bool {
    let code = source(error).map(Error::code);
    matches!(code, Some(Code::Internal | Code::Unavailable | Code::Timeout))
}

fn path(error: &Error) -> Vec<String> {
    match error {
        Error::BadRequest { path, .. } => path.clone(),
        _ => Vec::new(),
    }
}

/// The code of an error that async-graphql itself made: without a path it comes from validation, with
/// one from reading an argument.
fn foreign(error: &ServerError) -> Code {
    match error.message.as_str() {
        "Query is nested too deep." | "Query is too complex." => Code::TooComplex,
        message if message.starts_with("The number of directives") => Code::TooComplex,
        _ if error.path.is_empty() => Code::ValidationFailed,
        _ => Code::BadRequest,
    }
}
