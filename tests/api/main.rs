//! What the program does, seen from outside: one binary, one module for each topic.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

mod app;
mod database;
mod embedded;
mod golden;
mod schema;
mod tap;
