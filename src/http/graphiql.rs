//! GraphiQL: the page on which a person explores the API.
//!
//! Its own two files are here; GraphiQL and React come from a network of caches, pinned by hash.

use axum::http::{HeaderName, header};
use axum::response::{Html, IntoResponse};

const PAGE: &str = include_str!("graphiql/page.html");
const START: &str = include_str!("graphiql/start.js");

/// What the page may load, and from where. Whatever it loads can read the token, so all of it is
/// pinned by hash in the page.
const POLICY: &str = "default-src 'none'; script-src 'self' https://unpkg.com; \
    style-src 'self' 'unsafe-inline' https://unpkg.com; font-src 'self' data: https://unpkg.com; \
    img-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; base-uri 'none'; \
    form-action 'none'; frame-ancestors 'none'";

/// The page.
pub(super) async fn page() -> impl IntoResponse {
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_SECURITY_POLICY, POLICY), (header::REFERRER_POLICY, "no-referrer")];
    (headers, Html(PAGE))
}

/// The script that signs in and shows GraphiQL.
pub(super) async fn start() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/javascript; charset=utf-8")], START)
}
