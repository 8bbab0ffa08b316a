//! The engine: one GraphQL operation becomes one SQL statement.

pub mod comparator;
pub mod declare;
pub mod entity;
pub mod enumeration;
pub mod expr;
pub mod filter;
pub mod hits;
pub mod input;
pub mod kinds;
pub mod link;
pub mod order;
pub mod page;
pub mod page_lists;
pub mod plan;
pub mod request;
pub mod search;
pub mod selection;
pub mod statement;
pub mod tally;
pub mod tsquery;
pub mod turn;
