//! Whether a backup is new, whole, and of this kind of database.

use super::{Verdict, Wanted, ago, in_words};
use crate::backup::archive::missing;
use chrono::{DateTime, Utc};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

const NAME: &str = "backed up";

/// How a backup is made.
const MAKE: &str = "tomos backup tomos.dump, then tomos cutover check --backup tomos.dump";

/// What must be in it: the tasks, and where they came from.
const TABLES: [&str; 2] = ["tasks", "external_refs"];

/// Looks at the backup.
pub(super) fn check(
    wanted: &Wanted,
    imported_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> anyhow::Result<Verdict> {
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
    if imported_at.is_some_and(|end| made < end) {
        let found = format!("{shown} is of {when}, from before the last import");
        return Ok(Verdict::fails(NAME, found, MAKE));
    }
    let read = match kind(file)? {
        Kind::Archive => archive(wanted.pg_restore.as_deref(), path),
        Kind::Text => text(path)?,
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

/// Whether `pg_restore` reads it to its end. Its list alone would not tell that the rows are cut off.
fn archive(pg_restore: Option<&Path>, path: &Path) -> Result<(), String> {
    let Some(program) = pg_restore else {
        return Err("pg_restore is not installed, which would read it".to_owned());
    };
    let run = |arguments: &[&str]| {
        let mut command = Command::new(program);
        let ended = command.args(arguments).arg(path).stdin(Stdio::null()).output();
        let ended = ended.map_err(|error| format!("pg_restore does not run: {error}"))?;
        if ended.status.success() {
            return Ok(ended.stdout);
        }
        let said = String::from_utf8_lossy(&ended.stderr).into_owned();
        let line = said.lines().next().unwrap_or("pg_restore refuses it").to_owned();
        Err(line)
    };
    let list = run(&["--list"])?;
    let list = String::from_utf8_lossy(&list);
    if let Some(table) = missing(&list, &TABLES) {
        return Err(format!("the rows of {table} are not in it"));
    }
    run(&["--file=/dev/null"]).map(drop)
}

/// Whether a text has the rows, and ends as `pg_dump` ends.
fn text(path: &Path) -> std::io::Result<Result<(), String>> {
    let mut missing: Vec<&str> = TABLES.to_vec();
    let mut is_whole = false;
    let mut reader = BufReader::new(File::open(path)?);
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        missing.retain(|table| !line.starts_with(format!("COPY public.{table} ").as_bytes()));
        is_whole |= line.starts_with(b"-- PostgreSQL database dump complete");
        line.clear();
    }
    Ok(match missing.first() {
        _ if !is_whole => Err("it does not end as pg_dump ends: it was cut".to_owned()),
        Some(table) => Err(format!("the rows of {table} are not in it")),
        None => Ok(()),
    })
}
