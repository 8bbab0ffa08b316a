//! Bringing the owner's data in from where it was.
//!
//! A reader (`notion.rs`) turns a source into a [`snapshot`]; those of sources with tables (`sqlite.rs`, `mongo.rs`,
//! `prisma.rs`)
//! read [`table`]s, of which `mapped.rs` makes one as a [`mapping`] says. `check.rs` makes its links ones that the
//! database takes; `load.rs` writes it; `report.rs` says what happened. Readers know no database, and
//! the rest knows no source.

mod brake;
pub mod check;
pub mod compare;
pub mod comparisons;
pub mod decided;
pub mod finding;
pub mod ids;
mod image;
mod kind;
pub mod load;
pub mod mapped;
pub mod mapping;
pub mod mongo;
pub mod notion;
mod packed;
pub(crate) mod passing;
mod pieces;
pub mod prisma;
mod reading;
pub mod remembered;
pub mod report;
pub mod rollback;
pub mod runs;
pub mod snapshot;
pub mod sqlite;
pub mod table;
pub mod verify;

pub use pieces::PIECE;

use crate::db;
use crate::error::Error;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel_async::AsyncPgConnection;
use finding::Finding;
use load::{Loader, Progress};
use mapping::Mapping;
use remembered::Remembered;
use report::Report;
use snapshot::{Kind, Origin, Snapshot};
use std::collections::BTreeMap;
use std::pin::pin;
use table::Tables;

/// What a reader made of one or more files.
#[derive(Debug, Default)]
pub struct Source {
    /// What is in them.
    pub snapshot: Snapshot,
    /// What there is to say about it.
    pub findings: Vec<Finding>,
    /// Each file in words.
    pub lines: Vec<String>,
    /// The properties that pages of Notion's have.
    pub properties: notion::Properties,
    /// What of the pages stays in Notion.
    pub behind: Vec<notion::Behind>,
    /// What is known of Notion's pages besides what the files say.
    pub known: notion::Known,
    /// The owner's zone, which is kept once the import begins.
    pub time_zone: Option<Tz>,
    /// What earlier imports understood.
    pub remembered: Remembered,
}

impl Source {
    /// Adds a file of Notion's pages. The error is one line that says what is wrong with it.
    pub fn add_notion(
        &mut self,
        name: &str,
        bytes: &[u8],
        now: DateTime<Utc>,
    ) -> Result<(), String> {
        let reading =
            notion::read(bytes, &self.known, now).map_err(|why| format!("{name}: {why}"))?;
        self.add_reading(name, reading);
        Ok(())
    }

    fn add_reading(&mut self, name: &str, reading: notion::Reading) {
        self.lines.push(format!("{name}: {}", reading.shape));
        self.findings.extend(reading.findings);
        self.properties.merge(reading.properties);
        self.behind.extend(reading.behind);
        let repeated = self.snapshot.merge(reading.snapshot);
        self.findings.extend(repeated);
    }

    /// Adds the tables of a source, as the mapping says.
    pub fn add_tables(
        &mut self,
        name: &str,
        tables: Tables,
        mapping: &Mapping,
        now: DateTime<Utc>,
    ) {
        self.lines.push(format!("{name}: {} tables of {}", tables.tables.len(), tables.source));
        let mapped = mapped::map(tables, mapping, now);
        self.findings.extend(mapped.findings);
        self.findings.extend(self.snapshot.merge(mapped.snapshot));
    }
}

/// Brings everything of a source in, until it is told to stop; faster where it has a connection beside the one that
/// it needs. The error means that nothing was done.
pub async fn run(
    connection: &mut AsyncPgConnection,
    beside: Option<&mut AsyncPgConnection>,
    source: Source,
    is_trial: bool,
    now: DateTime<Utc>,
    progress: &mut Progress<'_>,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Report> {
    let mut report = Report {
        sources: source.lines.clone(),
        is_trial,
        read: source.snapshot.read.clone(),
        skipped: source.snapshot.repeated.clone(),
        ..Report::default()
    };
    count_left_out(&mut report, &source.findings);
    let name = source.snapshot.source;
    source.remembered.check(&source)?;
    let understood = source.understood();
    let called = [source.renamed(), source.unmapped(), notion::idle(&source)].concat();
    // A trial is one transaction, which is undone; it changes nothing.
    let beside = beside.filter(|_| !is_trial);
    let zone = source.time_zone.filter(|_| !is_trial);
    let loader = Loader::new(connection, beside, name, zone, now).await;
    let Some(mut loader) = loader.map_err(Error::revealed)? else {
        anyhow::bail!("another import is running; wait for its end");
    };
    if !is_trial {
        let begun = loader.begin_run(&report.sources, &source.snapshot).await;
        begun.map_err(Error::revealed)?;
    }
    let imported = loader.imported().await.map_err(Error::revealed)?;
    let mut titles = titles(&source.snapshot);
    let (checked, found) = check::check(source.snapshot, &imported, loader.zone());
    let (brake, statements) = loader.brake();
    let ended = {
        let mut loading = pin!(loader.load(checked, is_trial, progress));
        tokio::select! {
            ended = &mut loading => ended,
            () = stop => {
                brake.press();
                for statement in &statements {
                    statement.cancel().await;
                }
                loading.await
            }
        }
    };
    report.loaded = loader.finish().await;
    let mut findings = source.findings;
    findings.extend(found);
    findings.extend(called);
    findings.extend(notion::findings_of_behind(&source.behind));
    findings.append(&mut report.loaded.findings);
    report.loaded.findings = findings;
    for finding in &report.loaded.findings {
        let record = (finding.kind, finding.record.clone());
        report.titles.extend(titles.remove_entry(&record));
    }
    report.stopped = ended.err().map(|error| {
        if brake.is_pressed() {
            "it was told to stop".to_owned()
        } else {
            why_stopped(format!("{:#}", error.revealed()))
        }
    });
    if !is_trial && report.stopped.is_none() {
        let remembering = remembered::remember(connection, name, &understood, now).await;
        let failed = remembering.map_err(|error| Error::from(error).revealed()).err();
        report.stopped = failed.map(|error| why_stopped(format!("{error:#}")));
    }
    Ok(report)
}

/// What stopped an import, and what to do.
fn why_stopped(error: String) -> String {
    if db::is_full_disk(&error) {
        return format!("the disk of the database is full; make room there ({error})");
    }
    error
}

/// Opens the connection that an import needs: nobody waits for it, so statements may take their time.
pub async fn connect(url: &str) -> anyhow::Result<AsyncPgConnection> {
    db::connect_for_long(url).await.map_err(Error::revealed)
}

/// What all records are called.
fn titles(snapshot: &Snapshot) -> BTreeMap<(Kind, String), String> {
    let of = |kind: Kind, origin: &Origin, title: &str| {
        ((kind, origin.external_id.clone()), title.to_owned())
    };
    let projects = snapshot.projects.iter().map(|it| of(Kind::Project, &it.origin, &it.title));
    let tags = snapshot.tags.iter().map(|it| of(Kind::Tag, &it.origin, &it.name));
    let tasks = snapshot.tasks.iter().map(|it| of(Kind::Task, &it.origin, &it.title));
    projects.chain(tags).chain(tasks).collect()
}

fn count_left_out(report: &mut Report, findings: &[Finding]) {
    for finding in findings {
        let why = match finding.severity {
            finding::Severity::Skipped => snapshot::LeftOut::Trashed,
            finding::Severity::Rejected => snapshot::LeftOut::Rejected,
            _ => continue,
        };
        report.count_left_out(finding.kind, why);
    }
}

/// The counts of two snapshots together.
fn add(counts: &mut BTreeMap<Kind, usize>, more: BTreeMap<Kind, usize>) {
    for (kind, count) in more {
        *counts.entry(kind).or_default() += count;
    }
}
