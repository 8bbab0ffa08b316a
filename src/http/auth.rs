//! Who asks: the token and the zone of a request, before anything else of it is read, and as long as it
//! lasts.

use super::accept::Media;
use super::reply::Refusal;
use super::{RequestId, Shared};
use crate::error::{Error, Result};
use crate::memory::Memory;
use crate::token::Hash;
use crate::viewer::Viewer;
use axum::Extension;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use chrono_tz::Tz;
use std::sync::Arc;

/// Lets a request on, with its viewer, where its token works.
pub(super) async fn sign_in(
    state: Shared,
    Extension(id): Extension<RequestId>,
    mut request: Request,
    next: Next,
) -> Response {
    let opened = Session::of_headers(&state.memory, request.headers());
    match opened.and_then(|session| Ok((session.viewer()?, session))) {
        Ok((viewer, session)) => {
            let extensions = request.extensions_mut();
            extensions.insert(viewer);
            extensions.insert(session);
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

/// A token and a zone, for requests that last: the token may be revoked meanwhile, and settings change.
#[derive(Clone, Debug)]
pub(super) struct Session {
    memory: Arc<Memory>,
    token: Hash,
    zone: Option<Tz>,
}

impl Session {
    /// A session of what stands in `Authorization` and `Time-Zone`.
    pub(super) fn open(
        memory: &Arc<Memory>,
        authorization: Option<&str>,
        zone: Option<&str>,
    ) -> Result<Self> {
        let token = authorization.and_then(bearer).map(Hash::of);
        let token = token.filter(|token| memory.verify(token).is_some());
        let token = token.ok_or(Error::Unauthenticated)?;
        let zone = zone.map(named_zone).transpose()?;
        Ok(Self { memory: Arc::clone(memory), token, zone })
    }

    fn of_headers(memory: &Arc<Memory>, headers: &HeaderMap) -> Result<Self> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let (Some(authorization), None) = (values.next(), values.next()) else {
            return Err(Error::Unauthenticated);
        };
        // What is no text names no zone.
        let zone = headers.get("time-zone").map(|zone| zone.to_str().unwrap_or_default());
        Self::open(memory, authorization.to_str().ok(), zone)
    }

    /// Who asks now.
    pub(super) fn viewer(&self) -> Result<Viewer> {
        let token = self.memory.verify(&self.token).ok_or(Error::Unauthenticated)?;
        let settings = self.memory.settings();
        Ok(Viewer {
            token_name: token.name,
            scopes: token.scopes,
            time_zone: self.zone.unwrap_or(settings.time_zone),
            owner_zone: settings.time_zone,
            week_start: settings.week_start,
        })
    }

    /// Waits until the token does not work any more.
    pub(super) async fn end(&self) {
        self.memory.end_of(&self.token).await;
    }
}

fn bearer(authorization: &str) -> Option<&str> {
    let (scheme, token) = authorization.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim_matches(' '))
}

fn named_zone(name: &str) -> Result<Tz> {
    name.trim().parse().map_err(|_unknown| {
        let message = "Time-Zone names no IANA time zone such as Australia/Sydney";
        Error::bad_request(message).within("Time-Zone")
    })
}
