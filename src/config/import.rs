//! What `tomos import` is told.

use super::NotionAccess;
use chrono_tz::Tz;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Bring in what was kept elsewhere.
#[derive(Clone, Debug, Subcommand)]
pub enum Import {
    /// Bring in what is in Notion: by its API, or from files.
    Notion(ImportNotion),
    /// Bring in a SQLite file.
    Sqlite(ImportTables),
    /// Bring in a directory of mongoexport's files.
    Mongo(ImportTables),
    /// Bring in a dump of the former database (`pg_dump`, plain text).
    Prisma(ImportTables),
    /// List the imports that there were.
    Runs,
    /// Print which record each of a source's became, as JSON: projects, tags and tasks, from the id there to
    /// the id here.
    Ids {
        /// The source.
        #[arg(value_name = "SOURCE", value_parser = ["notion", "sqlite", "mongo", "prisma"], default_value = "notion")]
        source: String,
    },
}

/// Bring in what is in Notion: by its API, or from files.
///
/// Without files Notion is asked: what it holds is exported to a directory, which is kept, and that export is
/// imported. One that is there already is brought up to date: a request for each hundred pages and a few
/// for each page that was changed since. What was stopped goes on with the same command.
#[derive(Clone, Debug, Args)]
pub struct ImportNotion {
    /// Directories of `export notion`, or files (JSON, ZIP); of a page that is in several the newest is taken
    /// [default: what Notion's API gives].
    #[arg(value_name = "EXPORT|FILE")]
    pub files: Vec<PathBuf>,
    /// Where the export is kept that is made without files [default: notion-export in the data directory].
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    pub export: Option<PathBuf>,
    /// How Notion is asked, without files.
    #[command(flatten)]
    pub access: NotionAccess,
    /// A property that the last import understood and that is not there any longer: go on without it. It can be
    /// given more than once.
    #[arg(long, value_name = "NAME")]
    pub without: Vec<String>,
    /// What the properties become (TOML); without it that is inferred from their names.
    #[arg(long, value_name = "FILE")]
    pub mapping: Option<PathBuf>,
    /// Print what the properties become, to be edited and given with --mapping; import nothing.
    #[arg(long)]
    pub print_mapping: bool,
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
    /// Your time zone, for example Australia/Sydney, for days without a zone and times without an offset; it is
    /// kept in the settings.
    #[arg(long, env = "TOMOS_TIME_ZONE", value_name = "ZONE", value_parser = super::time_zone)]
    pub time_zone: Option<Tz>,
    /// Where the records that did not come are written, and each warning with its record [default: FILE.errors.jsonl].
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
