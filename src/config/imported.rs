//! What is done with an import once it is here: it is compared, or taken back.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Compare what was kept elsewhere with what is here.
#[derive(Clone, Debug, Subcommand)]
pub enum Verify {
    /// Compare files of Notion's pages with the database: exit 0 where nothing differs, else 1; 2 where it
    /// could not be done.
    Notion(VerifyNotion),
    /// Compare a SQLite file with the database; it ends likewise.
    Sqlite(VerifyTables),
    /// Compare a directory of mongoexport's files with the database; it ends likewise.
    Mongo(VerifyTables),
    /// Compare a dump of the former database with the database; it ends likewise.
    Prisma(VerifyTables),
}

/// Compare files of Notion's pages with the database.
#[derive(Clone, Debug, Args)]
pub struct VerifyNotion {
    /// The files and directories that were imported, all of them.
    #[arg(required = true, value_name = "EXPORT|FILE")]
    pub files: Vec<PathBuf>,
    /// What the properties became (TOML): the one with which it was imported; without it that is inferred.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// What becomes of the report.
    #[command(flatten)]
    pub reports: VerifyReports,
}

/// Compare what keeps its records in tables with the database.
#[derive(Clone, Debug, Args)]
pub struct VerifyTables {
    /// The file that was imported, or for `mongo` the directory of mongoexport's files.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What the tables became (TOML): the one with which it was imported; without it that is inferred.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// What becomes of the report.
    #[command(flatten)]
    pub reports: VerifyReports,
}

/// What becomes of the report of a comparison, besides that it is printed.
#[derive(Clone, Debug, Args)]
pub struct VerifyReports {
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
