//! Taking the owner's data out of Notion, by its API, into files that `tomos import notion` reads.
//!
//! First the pages of each database are listed (`pages.rs`), then each is asked for what the list does
//! not hold (`details.rs`). What is on disk is the checkpoint: the same command goes on from there.

mod behind;
mod blocks;
mod client;
mod details;
pub mod fault;
mod folder;
mod journal;
mod kept;
mod line;
mod list;
pub mod pace;
mod pages;
mod progress;
mod properties;
mod refresh;
mod schema;
mod search;
mod version;

pub use folder::{Manifest, finished_pages, schema};
pub use progress::Rate;
pub use refresh::up_to_date;
pub use version::Version;

use crate::clock::Clock;
use crate::import::notion::{Property, page_id};
use crate::import::snapshot::Kind;
use crate::secret::Secret;
use client::Client;
use details::Pages;
use fault::Fault;
use folder::{Folder, LISTING, PAGES};
use pace::Timer;
use pages::Listing;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What is to be taken from where to where.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where Notion's API is.
    pub url: String,
    /// Who asks.
    pub token: Secret,
    /// The version of the API; where nothing is said, that of the export on its way, else the newer.
    pub version: Option<Version>,
    /// How many requests are sent in a second.
    pub rate: f64,
    /// The directory.
    pub out: PathBuf,
    /// The databases.
    pub wanted: Wanted,
}

/// The databases that the owner names, by id, address or title.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// That of the tasks.
    pub tasks: Option<String>,
    /// That of the projects.
    pub projects: Option<String>,
    /// That of the tags.
    pub tags: Option<String>,
}

impl Wanted {
    fn of(&self, kind: Kind) -> Option<&str> {
        match kind {
            Kind::Task => self.tasks.as_deref(),
            Kind::Project => self.projects.as_deref(),
            Kind::Tag => self.tags.as_deref(),
        }
    }
}

/// A database that is taken out.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Database {
    /// What its rows are to us.
    kind: String,
    /// Its id: of the data source, where there are such.
    id: String,
    /// The database that the data source belongs to.
    #[serde(rename = "database", skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    /// What it is called.
    title: String,
    /// What it says of its properties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

impl Database {
    fn kind(&self) -> Option<Kind> {
        let kinds = [Kind::Project, Kind::Tag, Kind::Task];
        kinds.into_iter().find(|kind| line::word(*kind) == self.kind)
    }

    fn is(&self, name: &str) -> bool {
        match search::id_within(name) {
            Some(id) => {
                let ids = [Some(&self.id), self.container.as_ref()];
                ids.into_iter().flatten().any(|one| page_id(one).as_ref() == Some(&id))
            }
            None => self.title.trim().to_lowercase() == name.trim().to_lowercase(),
        }
    }
}

/// Asks the owner which of some databases holds records of a kind; nothing where nobody can be asked.
pub type Choice<'a> = Option<&'a mut dyn FnMut(Kind, &[String]) -> anyhow::Result<Option<usize>>>;

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// The pages of a database will be taken.
    Taking {
        /// What they are to us.
        kind: &'a str,
        /// What the database is called.
        title: &'a str,
    },
    /// The pages of a kind are listed.
    Listing {
        /// The kind.
        kind: Kind,
        /// How many are listed.
        found: usize,
    },
    /// The pages are read.
    Reading {
        /// How many are read, those of earlier runs included.
        done: usize,
        /// How many there are.
        all: usize,
    },
}

/// A database that is shared and not taken.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    id: String,
    title: String,
}

/// What there is to say at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The databases that were taken.
    pub databases: Vec<Database>,
    /// Those that are shared and were not, when it began.
    pub left_out: Vec<LeftOut>,
    /// The pages of each kind that are on disk.
    pub counts: BTreeMap<String, usize>,
    /// What could not be read, a line each.
    pub problems: Vec<String>,
    /// What stays in Notion, a line each.
    pub behind: Vec<String>,
    /// Why it stopped on the way, where it did.
    pub stopped: Option<String>,
}

impl Report {
    fn of(manifest: &Manifest) -> Self {
        let Manifest { databases, left_out, .. } = manifest.clone();
        Self { databases, left_out, ..Self::default() }
    }

    /// Which databases were taken for what, and which were left out.
    #[must_use]
    pub fn choice(&self) -> String {
        let mut lines = String::new();
        for Database { kind, title, id, .. } in &self.databases {
            let _ = writeln!(lines, "{kind}s: the database {title:?} ({id})");
        }
        if !self.left_out.is_empty() {
            let left_out = self.left_out.iter().map(|it| format!("{:?} ({})", it.title, it.id));
            let left_out = left_out.collect::<Vec<_>>().join(", ");
            let _ = writeln!(lines, "left out, though shared: {left_out}");
        }
        lines
    }
}

/// Takes everything out. The error means that nothing was done.
pub async fn run(
    options: &Options,
    clock: &Clock,
    timer: Arc<dyn Timer>,
    choose: Choice<'_>,
    progress: &mut dyn FnMut(Step<'_>),
) -> anyhow::Result<Report> {
    let (folder, earlier) = Folder::open(&options.out)?;
    let version = match &earlier {
        Some(earlier) => belongs(options, earlier)?,
        None => options.version.unwrap_or_default(),
    };
    let Some(begun) = &earlier else {
        return take(options, (folder, earlier, version), clock, timer, choose, progress).await;
    };
    let mut report = Report::of(begun);
    if begun.finished.is_none() {
        let begun = (folder, earlier, version);
        report = take(options, begun, clock, Arc::clone(&timer), choose, progress).await?;
        if report.stopped.is_some() {
            return Ok(report);
        }
    } else {
        drop(folder);
    }
    // Its list is of when it was begun: what happened since is not in it.
    let refreshed = refresh::refresh(options, clock, timer, progress).await;
    refreshed.or_else(|error| {
        let stopped = Some(format!("{error:#}"));
        Ok(Report { stopped, ..report })
    })
}

/// An export that is looked at: its directory, what it was begun with, and the version of the API.
type Begun = (Folder, Option<Manifest>, Version);

/// Takes everything that is not there yet; of one on its way, what is in its list.
async fn take(
    options: &Options,
    (folder, earlier, version): Begun,
    clock: &Clock,
    timer: Arc<dyn Timer>,
    mut choose: Choice<'_>,
    progress: &mut dyn FnMut(Step<'_>),
) -> anyhow::Result<Report> {
    let is_new = earlier.is_none();
    let client = Client::new(&options.url, &options.token, version.as_str(), options.rate, timer)?;
    let (folder, manifest) = if let Some(earlier) = earlier {
        (folder, earlier)
    } else {
        let taken = search::databases(&client, version, &options.wanted, &mut choose).await?;
        let manifest = Manifest::begin(version, taken, clock.now());
        let begun = folder.begin(&manifest);
        (begun.map_err(|error| explained(error, &options.out))?, manifest)
    };
    for database in &manifest.databases {
        progress(Step::Taking { kind: &database.kind, title: &database.title });
    }
    let mut report = Report::of(&manifest);
    let taking = Taking { client, version, folder, manifest, clock, is_new };
    if let Err(error) = taking.all(&mut report, progress).await {
        if matches!(error.downcast_ref(), Some(Fault::SeveralSources)) {
            // The same command would never come further: what it began is in the way of another.
            if is_new {
                folder::clear(&options.out)?;
            }
            return Err(error);
        }
        report.stopped = Some(format!("{:#}", explained(error, &options.out)));
    }
    Ok(report)
}

/// Whether an export on its way is the one that is wanted, and its version.
fn belongs(options: &Options, earlier: &Manifest) -> anyhow::Result<Version> {
    let out = options.out.display();
    if let Some(finished) = earlier.finished
        && !options.out.join(LISTING).exists()
    {
        folder::finished_sum(&options.out)?;
        let day = finished.date_naive();
        anyhow::bail!("{out} holds a whole export, of {day}; name another directory with --out");
    }
    fits(options, earlier)
}

/// Whether an export is one of the databases that are wanted, and its version.
fn fits(options: &Options, earlier: &Manifest) -> anyhow::Result<Version> {
    let out = options.out.display();
    let version: Version = earlier.notion_version.parse().map_err(anyhow::Error::msg)?;
    let kinds = [Kind::Project, Kind::Tag, Kind::Task];
    let is_other = kinds.into_iter().any(|kind| {
        let is_it = |name| earlier.database(kind).is_some_and(|database| database.is(name));
        options.wanted.of(kind).is_some_and(|name| !is_it(name))
    });
    if is_other || options.version.is_some_and(|wanted| wanted != version) {
        anyhow::bail!(
            "{out} holds an export of other databases or another version; name another directory"
        );
    }
    Ok(version)
}

/// An export on its way.
struct Taking<'a> {
    client: Client,
    version: Version,
    folder: Folder,
    manifest: Manifest,
    clock: &'a Clock,
    /// Whether its list is of now.
    is_new: bool,
}

impl Taking<'_> {
    async fn all(
        mut self,
        report: &mut Report,
        progress: &mut dyn FnMut(Step<'_>),
    ) -> anyhow::Result<()> {
        let mut pages = Pages::open(&self.folder.file(PAGES), report)?;
        let mut listing = Listing::open(&self.folder.file(LISTING))?;
        for database in &mut self.manifest.databases {
            let Some(kind) = database.kind() else { continue };
            listing.complete(&self.client, self.version, kind, database, progress).await?;
            database.properties = schema::of(&self.client, self.version, &database.id).await?;
        }
        pages.complete(&self.client, &listing, None, report, progress).await?;
        self.manifest.finished = Some(self.clock.now());
        self.manifest.counts.clone_from(&report.counts);
        self.manifest.with_problems = pages.with_problems;
        self.manifest.pages = Some(self.folder.sum(PAGES)?);
        self.folder.write(&self.manifest)?;
        if self.is_new {
            // Else it stays until what is behind is made up for: by it one knows that this is to be done.
            self.folder.remove_listing()?;
        }
        report.behind = behind::lines(&self.folder.pages(&self.manifest))?;
        Ok(())
    }
}

/// The error in the owner's words, where it is about the disk.
fn explained(error: anyhow::Error, out: &Path) -> anyhow::Error {
    let io = error.downcast_ref::<std::io::Error>().map(std::io::Error::kind);
    let out = out.display();
    match io {
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            anyhow::anyhow!("the disk of {out} is full; make room there")
        }
        Some(_) => error.context(format!("{out} cannot be written")),
        None => error,
    }
}
