//! What an answer of Notion means: good, passing trouble, or trouble that stays.

use crate::export::fault::Fault;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// Why a try failed.
#[derive(Debug)]
pub(super) enum Failure {
    Passing(Passing),
    Lasting(Fault),
}

/// Trouble that passes.
#[derive(Debug)]
pub(super) struct Passing {
    pub(super) why: String,
    /// How long Notion wants to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// Whether there were too many requests.
    pub(super) is_limit: bool,
    /// Whether there was an answer at all.
    pub(super) is_answer: bool,
}

impl Passing {
    /// The connection failed before the answer was whole.
    pub(super) fn cut(why: String) -> Self {
        Self { why, retry_after: None, is_limit: false, is_answer: false }
    }
}

impl From<Passing> for Failure {
    fn from(passing: Passing) -> Self {
        Self::Passing(passing)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Words {
    code: String,
    message: String,
}

/// The JSON of an answer, or why there is none.
pub(super) fn read(
    status: StatusCode,
    retry_after: Option<Duration>,
    body: &[u8],
) -> Result<String, Failure> {
    if status.is_success() {
        let whole = serde_json::from_slice::<&RawValue>(body).is_ok();
        let text = std::str::from_utf8(body).ok().filter(|_| whole);
        // A body that was cut, or the page of a proxy.
        return text.map(str::to_owned).ok_or_else(|| {
            Passing { is_answer: true, ..Passing::cut("its answer is not JSON".to_owned()) }.into()
        });
    }
    let words: Words = serde_json::from_slice(body).unwrap_or_default();
    let said = match (words.code.as_str(), words.message.as_str()) {
        ("", _) => format!("status {}", status.as_u16()),
        (code, message) => format!("{} {code}: {message}", status.as_u16()),
    };
    let lasting = |fault| Err(Failure::Lasting(fault));
    match status.as_u16() {
        401 => lasting(Fault::Token),
        403 => lasting(Fault::Forbidden(said)),
        404 => lasting(Fault::NotFound),
        400 if words.code == "validation_error" && words.message.contains("start_cursor") => {
            lasting(Fault::Cursor)
        }
        408 | 409 | 425 | 429 | 500.. => Err(Failure::Passing(Passing {
            why: said,
            retry_after,
            is_limit: matches!(status.as_u16(), 429 | 529),
            is_answer: true,
        })),
        300..400 => lasting(Fault::Strange(format!("status {} (a redirect)", status.as_u16()))),
        _ => lasting(Fault::Refused(said)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &str) -> String {
        let status = StatusCode::from_u16(status).unwrap();
        match read(status, None, body.as_bytes()) {
            Ok(_) => "good".to_owned(),
            Err(Failure::Passing(_)) => "passing".to_owned(),
            Err(Failure::Lasting(fault)) => format!("{fault:?}"),
        }
    }

    #[test]
    fn each_answer_has_its_meaning() {
        assert_eq!(kind(200, r#"{"results":["\ud83d"]}"#), "good");
        assert_eq!(kind(200, r#"{"results":["#), "passing");
        for status in [409, 429, 500, 502, 503, 504, 529] {
            assert_eq!(kind(status, "<html>"), "passing");
        }
        assert_eq!(kind(401, "{}"), "Token");
        assert_eq!(kind(404, "{}"), "NotFound");
        let cursor =
            r#"{"code":"validation_error","message":"The start_cursor provided is invalid: x"}"#;
        assert_eq!(kind(400, cursor), "Cursor");
        let other = r#"{"code":"validation_error","message":"body failed"}"#;
        assert_eq!(kind(400, other), r#"Refused("400 validation_error: body failed")"#);
    }
}
