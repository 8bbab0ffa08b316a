//! Which of the two media types of GraphQL over HTTP a client wants to read, and whether it says so.

use axum::http::{HeaderMap, header};

/// A media type of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// Whose status says how GraphQL went.
    Response,
    /// The older one, named by the client: its status is 200 whatever GraphQL made of a document.
    Json,
    /// The older one, for who takes anything: a shell or a browser, to whom 400 says what is wrong.
    Any,
}

impl Media {
    /// The value of `Content-Type`.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::Response => "application/graphql-response+json; charset=utf-8",
            Self::Json | Self::Any => "application/json; charset=utf-8",
        }
    }

    /// What the client asks for; nothing where it wants neither.
    pub(super) fn wanted(headers: &HeaderMap) -> Option<Self> {
        let mut accepted = headers.get_all(header::ACCEPT).iter().peekable();
        if accepted.peek().is_none() {
            return Some(Self::Any);
        }
        let ranges: Vec<Range> = accepted
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .filter_map(Range::read)
            .collect();
        let response = quality(&ranges, "graphql-response+json");
        let json = quality(&ranges, "json");
        // Of two that are wanted alike, the newer one, if it was named: */* is the older one.
        let best = if (response.weight, response.precision) > (json.weight, json.precision)
            || (response.weight == json.weight && response.precision == 2)
        {
            (Self::Response, response)
        } else if json.precision == 2 {
            (Self::Json, json)
        } else {
            (Self::Any, json)
        };
        (best.1.weight > 0).then_some(best.0)
    }
}

/// Whether the client reads the answers to a subscription as parts of one response, as Apollo's clients
/// say: `multipart/mixed; subscriptionSpec=1.0`.
pub(super) fn takes_parts(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter();
    let mut ranges =
        accepted.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
    ranges.any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_mixed = parts.next().is_some_and(|it| it.eq_ignore_ascii_case("multipart/mixed"));
        let mut parameters = parts.filter_map(|parameter| parameter.split_once('='));
        is_mixed
            && parameters.any(|(name, value)| {
                name.trim().eq_ignore_ascii_case("subscriptionSpec")
                    && value.trim().trim_matches('"') == "1.0"
            })
    })
}

/// One of the ranges in `Accept`.
struct Range {
    /// How many of its two words are no stars.
    precision: u8,
    /// The second word; a star where it is any.
    subtype: String,
    /// The wish for it, in thousandths.
    weight: u16,
}

impl Range {
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(';');
        let (kind, subtype) = parts.next()?.trim().split_once('/')?;
        let precision = match (kind.to_ascii_lowercase().as_str(), subtype) {
            ("*", "*") => 0,
            ("application", "*") => 1,
            ("application", _) => 2,
            _ => return None,
        };
        let mut weight = 1000;
        for parameter in parts {
            let (name, value) = parameter.split_once('=')?;
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "q" => weight = thousandths(value)?,
                // What is answered is UTF-8.
                "charset" if !value.eq_ignore_ascii_case("utf-8") => return None,
                _ => {}
            }
        }
        Some(Self { precision, subtype: subtype.to_ascii_lowercase(), weight })
    }
}

fn thousandths(text: &str) -> Option<u16> {
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let rest: u16 = format!("{rest:0<3}").get(..3)?.parse().ok()?;
    Some((whole.parse::<u16>().ok()?.min(1) * 1000 + rest).min(1000))
}

/// How much a type is wanted: the most precise range that fits it counts.
fn quality(ranges: &[Range], subtype: &str) -> Quality {
    let fits = |range: &&Range| range.subtype == "*" || range.subtype == subtype;
    let most_precise = ranges.iter().filter(fits).max_by_key(|range| range.precision);
    most_precise.map_or(Quality { weight: 0, precision: 0 }, |range| Quality {
        weight: range.weight,
        precision: range.precision,
    })
}

#[derive(Clone, Copy)]
struct Quality {
    weight: u16,
    precision: u8,
}

/// Whether a body says that it is JSON. Forms and plain text do not: a page of a stranger can send
/// those without being asked whether it may.
pub(super) fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(value)) = headers.get(header::CONTENT_TYPE).map(|it| it.to_str()) else {
        return false;
    };
    let mut parts = value.split(';').map(str::trim);
    let is_json = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.all(|parameter| match parameter.split_once('=') {
        Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
            value.trim_matches('"').eq_ignore_ascii_case("utf-8")
        }
        _ => true,
    });
    is_json && is_utf8
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &str) -> Option<Media> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        Media::wanted(&headers)
    }

    #[test]
    fn without_a_wish_the_answer_is_plain_json() {
        assert_eq!(Media::wanted(&HeaderMap::new()), Some(Media::Any));
        assert_eq!(wanted("*/*"), Some(Media::Any));
        assert_eq!(wanted("application/*"), Some(Media::Any));
        assert_eq!(wanted("text/html, */*;q=0.1"), Some(Media::Any));
        assert_eq!(wanted("application/json, */*"), Some(Media::Json));
    }

    #[test]
    fn the_type_that_is_wanted_more_is_taken() {
        let both = "application/graphql-response+json, application/json;q=0.9";
        assert_eq!(wanted(both), Some(Media::Response));
        let both = "application/json, application/graphql-response+json";
        assert_eq!(wanted(both), Some(Media::Response));
        let both = "application/json, application/graphql-response+json;q=0.9";
        assert_eq!(wanted(both), Some(Media::Json));
        let rest = "application/graphql-response+json, */*;q=0.8";
        assert_eq!(wanted(rest), Some(Media::Response));
        let refused = "application/json;q=0, */*";
        assert_eq!(wanted(refused), Some(Media::Response));
    }

    #[test]
    fn a_client_that_reads_neither_gets_neither() {
        assert_eq!(wanted("text/html"), None);
        assert_eq!(wanted("application/xml, image/*"), None);
        assert_eq!(wanted("application/json;q=0"), None);
        assert_eq!(wanted("application/json; charset=latin1"), None);
    }

    #[test]
    fn parts_are_for_who_knows_their_protocol() {
        let takes_parts = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            super::takes_parts(&headers)
        };
        assert!(takes_parts("multipart/mixed;boundary=\"graphql\";subscriptionSpec=\"1.0\""));
        assert!(takes_parts("application/json, multipart/mixed; SubscriptionSpec=1.0"));
        assert!(!takes_parts("multipart/mixed; deferSpec=20220824, application/json"));
        assert!(!takes_parts("*/*"));
    }

    #[test]
    fn only_json_in_utf_8_is_read() {
        let is_json = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, value.parse().unwrap());
            super::is_json(&headers)
        };
        assert!(is_json("application/json"));
        assert!(is_json("Application/JSON; charset=\"UTF-8\""));
        assert!(!is_json("application/json; charset=utf-16"));
        assert!(!is_json("text/plain"));
        assert!(!is_json("application/x-www-form-urlencoded"));
    }
}
