//! What is done with an import once it is here: it is compared, or taken back.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Compare what was kept elsewhere with what is here.
#[derive(Clone, Debug, Subcommand)]
pub enum Verify {
    /// Compare files of Notion's pages with the database: exit 0 where nothing differs, else 1; 2 where it
    /// could not be done.
    Notion(VerifyNotion),
}

/// Compare files of Notion's pages with the database.
#[derive(Clone, Debug, Args)]
pub struct VerifyNotion {
    /// The files and directories that were imported, all of them.
    #[arg(required = true, value_name = "EXPORT|FILE")]
    pub files: Vec<PathBuf>,
    /// Where the report is written as JSON, with every difference.
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Where the report is written as a page for a browser.
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
}

/// Take one import back.
#[derive(Clone, Copy, Debug, Args)]
pub struct Rollback {
    /// The import, by the number that it printed; `import runs` lists them.
    #[arg(long, value_name = "NUMBER")]
    pub import: i32,
    /// Take back what was changed here since, too: those changes are lost.
    #[arg(long)]
    pub force: bool,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}
