//! Whether the process lives, and whether it can serve.

use super::Shared;
use axum::http::StatusCode;

/// It lives: it answers.
pub(super) async fn live() -> &'static str {
    "ok\n"
}

/// It can serve: the database answered just now. Asking costs no statement.
pub(super) async fn ready(state: Shared) -> (StatusCode, &'static str) {
    if state.memory.is_fresh() {
        (StatusCode::OK, "ok\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "the database is away\n")
    }
}
