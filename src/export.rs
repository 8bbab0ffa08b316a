//! Taking the owner's data out of Notion, by its API, into files that `tomos import notion` reads.

mod client;
pub mod fault;
pub mod pace;
