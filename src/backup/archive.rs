//! What is in a backup, read without a database.

use super::program;
use crate::db;
use crate::error::Error;
use anyhow::{Context, bail};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// How a file of `pg_dump --format=custom` begins.
const MAGIC: &[u8] = b"PGDMP";

/// What must be in it: the tasks, where they came from, and of what time the tables are.
const TABLES: [&str; 3] = ["tasks", "external_refs", MIGRATIONS];

const MIGRATIONS: &str = "__diesel_schema_migrations";

/// A backup of a database that this program can use.
#[derive(Debug)]
pub struct Archive {
    path: PathBuf,
}

impl Archive {
    /// Reads its table of contents, and of what time it is. The error says what else the file is.
    pub async fn read(pg_restore: &Path, path: &Path) -> anyhow::Result<Self> {
        check_kind(path)?;
        let list = ask(pg_restore, path, &["--list"]).await?;
        if let Some(table) = missing(&list, &TABLES) {
            bail!("{} is a backup of another program: no {table} is in it", path.display());
        }
        let data = ["--data-only", "--table", MIGRATIONS, "--file=-"];
        check_versions(path, &ask(pg_restore, path, &data).await?)?;
        Ok(Self { path: path.to_owned() })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// The first of the tables whose rows are not in it.
fn missing<'a>(list: &str, tables: &[&'a str]) -> Option<&'a str> {
    let mut tables = tables.iter().copied();
    tables.find(|table| !list.contains(&format!(" TABLE DATA public {table} ")))
}

/// Whether `pg_restore` complains of the file; what the server says is marked by it.
pub(super) fn is_cut(why: &str) -> bool {
    if why.contains("ERROR:") {
        return false;
    }
    let words = ["input file", "archive", "uncompress", "could not read", "end of file", "block"];
    words.iter().any(|word| why.contains(word))
}

fn check_kind(path: &Path) -> anyhow::Result<()> {
    let shown = path.display();
    let unread = || format!("{shown} cannot be read");
    let file = File::open(path).with_context(unread)?;
    if !file.metadata().with_context(unread)?.is_file() {
        bail!("{shown} is no file: name one that `tomos backup` has made");
    }
    let mut head = Vec::new();
    file.take(512).read_to_end(&mut head).with_context(unread)?;
    if head.starts_with(MAGIC) {
        return Ok(());
    }
    if String::from_utf8_lossy(&head).contains("-- PostgreSQL") {
        bail!(
            "{shown} is a dump in plain text, which psql reads: name one that `tomos backup` has made"
        );
    }
    bail!("{shown} is no backup: name a file that `tomos backup` has made")
}

async fn ask(pg_restore: &Path, path: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let mut command = program::quiet(pg_restore);
    command.args(arguments).arg(path).stdout(std::process::Stdio::piped());
    match program::run(command).await? {
        Ok(output) => Ok(String::from_utf8_lossy(&output).into_owned()),
        Err(why) => bail!("{} is damaged or was cut off ({why})", path.display()),
    }
}

/// Whether all of its migrations are known here, and ours.
fn check_versions(path: &Path, data: &str) -> anyhow::Result<()> {
    let ours = db::versions().map_err(Error::revealed)?;
    let rows = data.lines().skip_while(|line| !line.starts_with("COPY ")).skip(1);
    let rows = rows.take_while(|line| *line != r"\.");
    let theirs: Vec<&str> = rows.filter_map(|row| row.split('\t').next()).collect();
    let shown = path.display();
    if ours.first().is_none_or(|first| !theirs.contains(&first.as_str())) {
        bail!("{shown} is a backup of another program: its tables were made otherwise");
    }
    if let Some(newer) = theirs.iter().find(|it| !ours.iter().any(|known| known == **it)) {
        bail!(
            "{shown} was made by a newer tomos (it has migration {newer}): restore it with that one"
        );
    }
    Ok(())
}
