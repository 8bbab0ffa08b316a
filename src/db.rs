//! The database: the pool, and how every connection is opened.

/// The connections that requests take turns with.
pub type Pool = diesel_async::pooled_connection::deadpool::Pool<diesel_async::AsyncPgConnection>;
