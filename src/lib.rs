//! TomOS: one person's tasks, projects and tags as a GraphQL API on PostgreSQL.
//!
//! ARCHITECTURE.md is the map: what each module is for, and what it may import.

pub mod clock;
pub mod embedded;
pub mod error;
pub mod tables;
