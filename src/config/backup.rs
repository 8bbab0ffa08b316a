//! What `tomos backup` and `tomos restore` are told.

use clap::Args;
use std::path::PathBuf;

/// Write the whole database into one file, while it is in use: exit 0 where it is whole, else 2.
#[derive(Clone, Debug, Args)]
pub struct Backup {
    /// The file, which only you can read; it is there once it is whole.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace the file where it is there already.
    #[arg(long)]
    pub force: bool,
}

/// Bring a backup back into an empty database, as a whole or not at all: exit 0, else 2.
///
/// Every device then loads everything anew. Where it ends with 3 the records are back, and `serve` does what is
/// left.
#[derive(Clone, Debug, Args)]
pub struct Restore {
    /// The file that `backup` has made.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}
