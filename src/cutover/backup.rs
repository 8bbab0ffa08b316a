//! Whether a backup is new, whole, and of this database.

use super::{Verdict, Wanted, ago, in_words};
use chrono::{DateTime, Utc};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use uuid::Uuid;

const NAME: &str = "backed up";

/// How a backup is made.
const MAKE: &str = "tomos backup tomos.dump, then tomos cutover check --backup tomos.dump";

/// What must be in it: the tasks, and where they came from.
const TABLES: [&str; 2] = ["tasks", "external_refs"];

/// By what a backup is known to be of this database, as it is now.
pub(super) struct Marks {
    /// The id of its feed, which no other database has.
    pub(super) feed: Uuid,
    /// The number of its last import.
    pub(super) run: Option<i32>,
    /// When that came to its end.
    pub(super) imported_at: Option<DateTime<Utc>>,
}

/// Looks at the backup.
pub(super) fn check(wanted: &Wanted, marks: &Marks, now: DateTime<Utc>) -> anyhow::Result<Verdict> {
    let Some(path) = &wanted.backup else {
        return Ok(Verdict::fails(NAME, "no backup was named", MAKE));
    };
    let shown = path.display();
    // Of a directory the table of contents is written last.
    let contents = path.join("toc.dat");
    let file = if path.is_dir() { &contents } else { path };
    let Ok(made) = file.metadata().and_then(|file| file.modified()) else {
        return Ok(Verdict::fails(NAME, format!("{shown} is no backup that can be read"), MAKE));
    };
    let made: DateTime<Utc> = made.into();
    let when = ago(made, now);
    if now - made > wanted.backup_age {
        let found = format!("{shown} is of {when}, older than {}", in_words(wanted.backup_age));
        return Ok(Verdict::fails(NAME, found, MAKE));
    }
    if marks.imported_at.is_some_and(|end| made < end) {
        let found = format!("{shown} is of {when}, from before the last import");
        return Ok(Verdict::fails(NAME, found, MAKE));
    }
    let read = match kind(file)? {
        Kind::Archive => archive(wanted.pg_restore.as_deref(), path, marks)?,
        Kind::Text => text(BufReader::new(File::open(path)?), marks)?,
    };
    Ok(match read {
        Ok(()) => Verdict::holds(NAME, format!("{shown}, {when}; it was read to its end")),
        Err(why) => Verdict::fails(NAME, format!("{shown}: {why}"), MAKE),
    })
}

enum Kind {
    /// For `pg_restore`.
    Archive,
    /// For `psql`.
    Text,
}

fn kind(file: &Path) -> std::io::Result<Kind> {
    let mut head = Vec::new();
    File::open(file)?.take(512).read_to_end(&mut head)?;
    let is_text = std::str::from_utf8(&head).is_ok_and(|head| head.contains("-- PostgreSQL"));
    Ok(if is_text { Kind::Text } else { Kind::Archive })
}

/// Whether `pg_restore` reads it to its end, and what it reads is right. Its list alone would not tell that the
/// rows are cut off.
fn archive(
    pg_restore: Option<&Path>,
    path: &Path,
    marks: &Marks,
) -> io::Result<Result<(), String>> {
    let Some(program) = pg_restore else {
        return Ok(Err("pg_restore is not installed, which would read it".to_owned()));
    };
    let mut command = Command::new(program);
    command.arg("--file=-").arg(path).stdin(Stdio::null()).env("LC_ALL", "C");
    let started = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return Ok(Err(format!("pg_restore does not run: {error}"))),
    };
    // Both at once: whoever writes much into what nobody reads waits for ever.
    let complaints = child.stderr.take().map(|output| thread::spawn(|| complaint(output)));
    let read = child.stdout.take().map(|output| text(BufReader::new(output), marks));
    let complaint = complaints.and_then(|reading| reading.join().ok()).flatten();
    if child.wait()?.success() {
        return read.unwrap_or(Ok(Ok(())));
    }
    Ok(Err(complaint.unwrap_or_else(|| "pg_restore refuses it".to_owned())))
}

/// The first line of what a program complains of.
fn complaint(mut output: impl Read) -> Option<String> {
    let mut said = Vec::new();
    output.read_to_end(&mut said).ok()?;
    String::from_utf8_lossy(&said).lines().next().map(str::to_owned)
}

/// Whether a text has the rows, is of this database, and ends as `pg_dump` ends.
fn text(mut reader: impl BufRead, marks: &Marks) -> io::Result<Result<(), String>> {
    let mut missing: Vec<&str> = TABLES.to_vec();
    let feed = marks.feed.to_string();
    let run = marks.run.map(|run| format!("{run}\t"));
    let (mut has_feed, mut has_run, mut is_whole) = (false, run.is_none(), false);
    let (mut line, mut table) = (Vec::new(), Vec::new());
    while reader.read_until(b'\n', &mut line)? > 0 {
        if let Some(copied) = line.strip_prefix(b"COPY public.") {
            table = copied.split(|byte| *byte == b' ').next().unwrap_or_default().to_vec();
            missing.retain(|known| known.as_bytes() != table);
        }
        match table.as_slice() {
            b"settings" => has_feed |= has(&line, feed.as_bytes()),
            b"import_runs" => {
                has_run |= run.as_ref().is_some_and(|run| line.starts_with(run.as_bytes()));
            }
            _ => {}
        }
        is_whole |= line.starts_with(b"-- PostgreSQL database dump complete");
        line.clear();
    }
    Ok(match missing.first() {
        _ if !is_whole => Err("it does not end as pg_dump ends: it was cut".to_owned()),
        Some(table) => Err(format!("the rows of {table} are not in it")),
        None if !has_feed => Err("it is of another database".to_owned()),
        None if !has_run => Err("the last import is not in it".to_owned()),
        None => Ok(()),
    })
}

/// Whether bytes are somewhere in others.
fn has(all: &[u8], part: &[u8]) -> bool {
    all.windows(part.len()).any(|window| window == part)
}
