//! Who asks: the token and the zone of a request, before anything else of it is read.

use super::accept::Media;
use super::reply::Refusal;
use super::{RequestId, Shared};
use crate::error::{Error, Result};
use crate::memory::Memory;
use crate::viewer::Viewer;
use axum::Extension;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;

/// Lets a request on, with its viewer, where its token works.
pub(super) async fn sign_in(
    state: Shared,
    Extension(id): Extension<RequestId>,
    mut request: Request,
    next: Next,
) -> Response {
    match viewer(&state.memory, request.headers()) {
        Ok(viewer) => {
            request.extensions_mut().insert(viewer);
            next.run(request).await
        }
        Err(error) => {
            let media = Media::wanted(request.headers()).unwrap_or(Media::Json);
            let mut refusal = Refusal::from(error);
            if refusal.status == StatusCode::UNAUTHORIZED {
                refusal.header = Some((header::WWW_AUTHENTICATE, "Bearer"));
            }
            refusal.send(media, id)
        }
    }
}

fn viewer(memory: &Memory, headers: &HeaderMap) -> Result<Viewer> {
    let token = bearer(headers).and_then(|token| memory.verify(token));
    let token = token.ok_or(Error::Unauthenticated)?;
    let settings = memory.settings();
    Ok(Viewer {
        token_name: token.name,
        scopes: token.scopes,
        time_zone: zone(headers)?.unwrap_or(settings.time_zone),
        owner_zone: settings.time_zone,
        week_start: settings.week_start,
    })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_matches(' '))
}

/// The zone of the header `Time-Zone`, where there is one.
fn zone(headers: &HeaderMap) -> Result<Option<chrono_tz::Tz>> {
    let Some(value) = headers.get("time-zone") else {
        return Ok(None);
    };
    let zone = value.to_str().ok().and_then(|name| name.trim().parse().ok());
    zone.map(Some).ok_or_else(|| {
        let message = "the header Time-Zone names no IANA time zone such as Australia/Sydney";
        Error::bad_request(message).within("Time-Zone")
    })
}
