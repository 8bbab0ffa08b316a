//! What an answer of Notion means: good, passing trouble, or trouble that stays.

use crate::export::fault::Fault;
use hyper::StatusCode;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::time::Duration;

/// What a database with several data sources is called in a refusal.
const SEVERAL_SOURCES: &str = "multiple_data_sources_for_database";

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
    /// Whether the answer contradicts itself: that is asked about a few times only.
    pub(super) is_contradiction: bool,
}

impl Passing {
    /// The connection failed before the answer was whole.
    pub(super) fn cut(why: String) -> Self {
        let (is_limit, is_answer, is_contradiction) = (false, false, false);
        Self { why, retry_after: None, is_limit, is_answer, is_contradiction }
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
    additional_data: Additional,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Additional {
    error_type: String,
}

/// Where a list goes on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place<'a> {
    has_more: bool,
    #[serde(borrow)]
    next_cursor: Option<&'a RawValue>,
}

impl Place<'_> {
    /// Whether there is more, and nothing says where.
    fn is_lost(&self) -> bool {
        let cursor = self.next_cursor.map_or("null", RawValue::get);
        self.has_more && matches!(cursor, "null" | "\"\"")
    }
}

/// The beginning of what a stranger answered, in a line.
fn shown(body: &[u8]) -> String {
    const SIGNS: usize = 60;
    let text = String::from_utf8_lossy(body);
    let beginning: String = text.trim().chars().take(SIGNS).collect();
    if beginning.is_empty() { "nothing".to_owned() } else { format!("{beginning:?}") }
}

/// The JSON of an answer, or why there is none.
pub(super) fn read(
    status: StatusCode,
    retry_after: Option<Duration>,
    body: &[u8],
) -> Result<String, Failure> {
    if status.is_success() {
        let whole = serde_json::from_slice::<&RawValue>(body).is_ok();
        let Some(text) = std::str::from_utf8(body).ok().filter(|_| whole) else {
            // A body that was cut, the page of a proxy, or somebody who is not Notion.
            let why = format!("its answer is not JSON, but {}", shown(body));
            return Err(Passing::cut(why).into());
        };
        let place: Place<'_> = serde_json::from_str(text).unwrap_or_default();
        if place.is_lost() {
            let why = "a list has more, and does not say where it goes on".to_owned();
            let passing = Passing { is_answer: true, is_contradiction: true, ..Passing::cut(why) };
            return Err(passing.into());
        }
        return Ok(text.to_owned());
    }
    let words: Words = serde_json::from_slice(body).unwrap_or_default();
    let said = match (words.code.as_str(), words.message.as_str()) {
        ("", _) => format!("status {}", status.as_u16()),
        (code, message) => format!("{} {code}: {message}", status.as_u16()),
    };
    let lasting = |fault| Err(Failure::Lasting(fault));
    match status.as_u16() {
        // Who says it without a word of Notion's is not Notion.
        400..408 if words.code.is_empty() => {
            let status = status.as_u16();
            lasting(Fault::Strange(format!("status {status} and {}", shown(body))))
        }
        401 => lasting(Fault::Token),
        403 => lasting(Fault::Forbidden(said)),
        404 => lasting(Fault::NotFound),
        400 if words.additional_data.error_type == SEVERAL_SOURCES => {
            lasting(Fault::SeveralSources)
        }
        400 if words.code == "validation_error" && words.message.contains("start_cursor") => {
            lasting(Fault::Cursor)
        }
        408 | 409 | 425 | 429 | 500.. => Err(Failure::Passing(Passing {
            why: said,
            retry_after,
            is_limit: matches!(status.as_u16(), 429 | 529),
            is_answer: true,
            is_contradiction: false,
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
        assert_eq!(kind(401, r#"{"code":"unauthorized"}"#), "Token");
        assert_eq!(kind(404, r#"{"code":"object_not_found"}"#), "NotFound");
        assert_eq!(kind(404, "<p>\n"), r#"Strange("status 404 and \"<p>\"")"#);
        let several = r#"{"code":"validation_error","additional_data":{"error_type":"multiple_data_sources_for_database"}}"#;
        assert_eq!(kind(400, several), "SeveralSources");
        assert_eq!(kind(200, r#"{"results":[],"has_more":true,"next_cursor":null}"#), "passing");
        assert_eq!(kind(200, r#"{"results":[],"has_more":true}"#), "passing");
        assert_eq!(kind(200, r#"{"results":[],"has_more":false,"next_cursor":null}"#), "good");
        let cursor =
            r#"{"code":"validation_error","message":"The start_cursor provided is invalid: x"}"#;
        assert_eq!(kind(400, cursor), "Cursor");
        let other = r#"{"code":"validation_error","message":"body failed"}"#;
        assert_eq!(kind(400, other), r#"Refused("400 validation_error: body failed")"#);
    }
}
