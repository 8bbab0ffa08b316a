//! `tomos import`: brings the owner's data in from where it was.

use super::database::Database;
use super::notion::{self, Fetch};
use super::pages::{Pages, mapping_text};
use super::signals::Signals;
use super::{Outcome, complain, print};
use crate::clock::Clock;
use crate::config;
use crate::export::Options;
use crate::import::ids::Ids;
use crate::import::mapping::Mapping;
use crate::import::report::{Ended, Report};
use crate::import::snapshot::Kind;
use crate::import::table::Tables;
use crate::import::{self, Source, mongo, prisma, runs, sqlite};
use anyhow::anyhow;
use chrono::{DateTime, Utc};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use tokio::sync::oneshot;

/// Reads the tables of a file. The error is one line that says what is wrong with it.
pub(super) type Reader = fn(&Path) -> Result<Tables, String>;

pub(super) async fn run(
    database: &config::Database,
    command: config::Import,
) -> anyhow::Result<Outcome> {
    let now = Clock::system().now();
    // The files first: a wrong name is no reason to start a database.
    let (read, arguments): (Reader, _) = match command {
        config::Import::Notion(arguments) => return from_notion(database, arguments).await,
        config::Import::Sqlite(arguments) => (sqlite::read, arguments),
        config::Import::Mongo(arguments) => (mongo::read, arguments),
        config::Import::Prisma(arguments) => (prisma::read, arguments),
        config::Import::Runs => return list_runs(database).await,
        config::Import::Ids { source } => return print_ids(database, &source).await,
    };
    match tables(&arguments, read, now)? {
        None => Ok(Outcome::Done),
        Some(source) => {
            let file = Some(arguments.file.as_path());
            reach_and_load(database, source, file, arguments.manner, now).await
        }
    }
}

/// Brings in Notion's pages, or says what their properties become.
async fn from_notion(
    place: &config::Database,
    arguments: config::ImportNotion,
) -> anyhow::Result<Outcome> {
    let config::ImportNotion { files, export, access, without, mapping, print_mapping, manner } =
        arguments;
    let now = Clock::system().now();
    if files.is_empty() {
        let options = notion::options(access, export_directory(export, place))?;
        let pages = Pages::new(vec![options.out.clone()], mapping)?;
        // The database first: an export may take hours.
        let database =
            if print_mapping { None } else { Some(Database::reach_migrated(place).await?) };
        // A mapping is printed alone.
        let say: Say =
            if print_mapping { |text| io::stderr().write_all(text.as_bytes()) } else { print };
        if !bring_up_to_date(&options, say).await? {
            return Ok(Outcome::Resumable);
        }
        let Some(database) = database else {
            print(&pages.print_mapping(now)?)?;
            return Ok(Outcome::Done);
        };
        let now = Clock::system().now();
        let source = pages.read(now)?;
        return load_pages(&database, (&pages, source), without, manner, now).await;
    }
    let other = access.names_databases();
    anyhow::ensure!(!other, "give either files or databases: a file says itself what it holds");
    let pages = Pages::new(files, mapping)?;
    if print_mapping {
        print(&pages.print_mapping(now)?)?;
        return Ok(Outcome::Done);
    }
    let source = pages.read(now)?;
    let database = Database::reach_migrated(place).await?;
    load_pages(&database, (&pages, source), without, manner, now).await
}

async fn load_pages(
    database: &Database,
    (pages, source): (&Pages, Source),
    without: Vec<String>,
    manner: config::ImportManner,
    now: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let mut source = pages.as_before(database, source, now).await?;
    source.known.without = without;
    load(database, source, pages.first(), manner, now).await
}

/// Where lines go that are not what was asked for.
type Say = fn(&str) -> io::Result<()>;

/// Asks Notion for all that an export of it lacks; false where it was stopped on the way.
async fn bring_up_to_date(options: &Options, say: Say) -> anyhow::Result<bool> {
    notion::prepare(&options.out)?;
    let mut signals = Signals::listen()?;
    let report = notion::fetch(options, Fetch::UpToDate, &mut signals).await?;
    let out = options.out.display();
    if let Some(why) = &report.stopped {
        complain(&format!(
            "stopped on the way ({out}): {why}; the same command goes on from there"
        ));
        return Ok(false);
    }
    for problem in &report.problems {
        say(&format!("{problem}\n"))?;
    }
    say(&format!("{}, in {out}\n\n", notion::counts(&report)))?;
    Ok(true)
}

/// Where an export is that belongs to the program: as named, else in the data directory.
pub(super) fn export_directory(named: Option<PathBuf>, database: &config::Database) -> PathBuf {
    named.unwrap_or_else(|| database.data_dir().join("notion-export"))
}

async fn reach_and_load(
    database: &config::Database,
    source: Source,
    file: Option<&Path>,
    manner: config::ImportManner,
    now: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let database = Database::reach_migrated(database).await?;
    load(&database, source, file, manner, now).await
}

/// Writes a source into a database, and what did not come beside its file.
pub(super) async fn load(
    database: &Database,
    mut source: Source,
    file: Option<&Path>,
    manner: config::ImportManner,
    now: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let mut connection = import::connect(database.direct.reveal()).await?;
    // It only makes it faster.
    let mut beside = import::connect(database.direct.reveal()).await.ok();
    let bar = std::io::stderr().is_terminal();
    let mut progress = |kind: Kind, done: usize, all: usize| {
        if bar {
            let end = if done == all { "\n" } else { "" };
            // One line that is written over; it stays when nobody sees it that it fails.
            let _ = write!(std::io::stderr(), "\r{} {done} of {all}{end}", kind.plural());
        }
    };
    let mut signals = Signals::listen()?;
    let (stop, stopped) = oneshot::channel();
    let stopped = async { stopped.await.unwrap_or_default() };
    let impatience = async {
        signals.next().await;
        let _ = stop.send(());
        signals.next().await;
    };
    let trial = manner.dry_run;
    source.time_zone = manner.time_zone;
    let second = beside.as_mut();
    let running = import::run(&mut connection, second, source, trial, now, &mut progress, stopped);
    let report = tokio::select! {
        report = running => report?,
        () = impatience => {
            complain("told to stop twice: there is no report; the same command goes on from there");
            return Ok(Outcome::Resumable);
        }
    };
    print(&report.to_string())?;
    if !trial {
        write_errors(file, manner.errors, &report)?;
    }
    Ok(match report.ended() {
        Ended::Clean => Outcome::Done,
        Ended::WithFindings => Outcome::Findings,
        Ended::Stopped => Outcome::Resumable,
    })
}

async fn list_runs(database: &config::Database) -> anyhow::Result<Outcome> {
    let database = Database::reach_migrated(database).await?;
    let mut connection = import::connect(database.direct.reveal()).await?;
    print(&runs::list(&mut connection).await?.to_string())?;
    Ok(Outcome::Done)
}

async fn print_ids(database: &config::Database, source: &str) -> anyhow::Result<Outcome> {
    let database = Database::reach_migrated(database).await?;
    let mut connection = import::connect(database.direct.reveal()).await?;
    print(&Ids::read(&mut connection, source).await?.to_json())?;
    Ok(Outcome::Done)
}

/// A source that has tables; nothing where only the mapping was asked for.
fn tables(
    arguments: &config::ImportTables,
    read: Reader,
    now: DateTime<Utc>,
) -> anyhow::Result<Option<Source>> {
    let (tables, mapping) = read_tables(&arguments.file, arguments.mapping.as_deref(), read)?;
    if arguments.print_mapping {
        print(&mapping.print(&tables))?;
        return Ok(None);
    }
    mapped(&arguments.file, tables, &mapping, now).map(Some)
}

/// Reads the tables of a file, and what they become.
pub(super) fn read_tables(
    file: &Path,
    mapping: Option<&Path>,
    read: Reader,
) -> anyhow::Result<(Tables, Mapping)> {
    let tables = read(file).map_err(|why| anyhow!("{}: {why}", file.display()))?;
    let Some(file) = mapping else {
        let mapping = Mapping::infer(&tables);
        return Ok((tables, mapping));
    };
    let mapping = Mapping::read(&mapping_text(file)?, &tables);
    let mapping = mapping.map_err(|why| anyhow!("{}: {why}", file.display()))?;
    Ok((tables, mapping))
}

/// The records that tables become.
pub(super) fn mapped(
    file: &Path,
    tables: Tables,
    mapping: &Mapping,
    now: DateTime<Utc>,
) -> anyhow::Result<Source> {
    let name = file.display();
    // What was inferred may be nothing at all.
    let hint = "; the import's --print-mapping prints what can be edited and given with --mapping";
    mapping.check(&tables).map_err(|why| anyhow!("{name}: {why}{hint}"))?;
    let mut source = Source::default();
    source.add_tables(&name.to_string(), tables, mapping, now);
    Ok(source)
}

/// Writes the file of records that did not come, or not as they were. Where all did, an older one is emptied.
fn write_errors(
    file: Option<&Path>,
    errors: Option<PathBuf>,
    report: &Report,
) -> anyhow::Result<()> {
    let lines = report.error_lines();
    let beside = |file: &Path| {
        // Without the slash that a directory may have at its end.
        let file: PathBuf = file.components().collect();
        PathBuf::from(format!("{}.errors.jsonl", file.display()))
    };
    let path = errors.or_else(|| file.map(beside));
    let Some(path) = path.filter(|path| !lines.is_empty() || path.exists()) else {
        return Ok(());
    };
    match std::fs::write(&path, lines) {
        Ok(()) => print(&format!(
            "\nWhat did not come, and each warning with its record: {}\n",
            path.display()
        ))?,
        Err(error) => complain(&explain(&path, error.kind())),
    }
    Ok(())
}

fn explain(path: &Path, kind: ErrorKind) -> String {
    let path = path.display();
    format!("the rest is done, but {path} cannot be written ({kind}); name another with --errors")
}
