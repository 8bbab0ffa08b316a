//! Bringing the owner's data in from where it was.
//!
//! A reader (`notion.rs`) turns a source into a [`snapshot`]; `check.rs` makes its links ones that the
//! database takes; `load.rs` writes it; `report.rs` says what happened. Readers know no database, and
//! the rest knows no source.

pub mod check;
pub mod notion;
pub mod snapshot;
