//! TomOS: one person's tasks, projects and tags as a GraphQL API on PostgreSQL.
//!
//! ARCHITECTURE.md is the map: what each module is for, and what it may import.

pub mod backup;
pub mod bell;
pub mod cli;
pub mod clock;
pub mod config;
pub mod cutover;
pub mod db;
pub mod embedded;
pub mod entity;
pub mod error;
pub mod export;
pub mod feed;
pub mod fold;
pub mod graphql;
pub mod http;
pub mod import;
pub mod memory;
pub mod moment;
pub mod query;
pub mod scalar;
pub mod secret;
pub mod settings;
#[expect(missing_docs, reason = "the comments stand in the database")]
pub mod tables;
pub mod telemetry;
pub mod token;
pub mod upkeep;
pub mod viewer;
pub mod write;
