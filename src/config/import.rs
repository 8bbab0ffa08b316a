//! What `tomos import` is told.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Bring in what was kept elsewhere.
#[derive(Clone, Debug, Subcommand)]
pub enum Import {
    /// Bring in files of Notion's pages.
    Notion(ImportNotion),
    /// Bring in a SQLite file.
    Sqlite(ImportTables),
    /// Bring in a directory of mongoexport's files.
    Mongo(ImportTables),
    /// Bring in a dump of the former database (`pg_dump`, plain text).
    Prisma(ImportTables),
    /// List the imports that there were.
    Runs,
}

/// Bring in files of Notion's pages.
#[derive(Clone, Debug, Args)]
pub struct ImportNotion {
    /// Directories of `export notion`, or files (JSON); of a page that is in several the newest is taken.
    #[arg(required = true, value_name = "EXPORT|FILE")]
    pub files: Vec<PathBuf>,
    /// How it is done.
    #[command(flatten)]
    pub manner: ImportManner,
}

/// How an import is done.
#[derive(Clone, Debug, Args)]
pub struct ImportManner {
    /// Say what would be done, and write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Where the records that did not come are written, with reasons [default: FILE.errors.jsonl].
    #[arg(long, value_name = "FILE")]
    pub errors: Option<PathBuf>,
}

/// Bring in what keeps its records in tables.
#[derive(Clone, Debug, Args)]
pub struct ImportTables {
    /// The file, or for `mongo` the directory of mongoexport's files.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What the tables become (TOML); without it that is inferred.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Print what the tables become, to be edited and given with --mapping; import nothing.
    #[arg(long)]
    pub print_mapping: bool,
    /// How it is done.
    #[command(flatten)]
    pub manner: ImportManner,
}
