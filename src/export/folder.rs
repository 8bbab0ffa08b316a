//! The directory of an export: what it is of, how far it came, and its files.

use super::search::Taken;
use super::version::Version;
use super::{Database, LeftOut};
use crate::import::notion::Schema;
use crate::import::snapshot::Kind;
use anyhow::Context;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, DirBuilder, File, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

const FORMAT: &str = "tomos-notion-export";
const MANIFEST: &str = "export.json";
const UNFINISHED_MANIFEST: &str = "export.json.new";
/// The file with the pages.
pub(super) const PAGES: &str = "pages.jsonl";
/// The other name of it: that of the two which the manifest does not say is free for what comes next.
const PAGES_TOO: &str = "pages-2.jsonl";
/// The file with the list of pages, there while an export is on its way.
pub(super) const LISTING: &str = "listing.jsonl";

/// What stands in `export.json`.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Manifest {
    format: String,
    version: u32,
    /// The version of Notion's API.
    pub notion_version: String,
    /// When it began.
    pub begun: DateTime<Utc>,
    /// When it ended; nothing while it is on its way.
    pub finished: Option<DateTime<Utc>>,
    /// What was taken out.
    pub databases: Vec<Database>,
    /// What was shared when it began, and not taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// How many pages of each kind there are.
    pub counts: BTreeMap<String, usize>,
    /// How many of them could not be read wholly.
    pub with_problems: usize,
    /// The file with the pages.
    pub pages: Option<Sum>,
}

/// What a file is known by.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Sum {
    file: String,
    bytes: u64,
    sha256: String,
}

impl Sum {
    /// The file's name, which is one of two.
    fn name(&self) -> &'static str {
        if self.file == PAGES_TOO { PAGES_TOO } else { PAGES }
    }
}

impl Manifest {
    /// That of an export which begins now.
    pub(super) fn begin(version: Version, taken: Taken, now: DateTime<Utc>) -> Self {
        let Taken { databases, left_out } = taken;
        Self {
            format: FORMAT.to_owned(),
            version: 1,
            notion_version: version.to_string(),
            begun: now,
            finished: None,
            databases,
            left_out,
            counts: BTreeMap::new(),
            with_problems: 0,
            pages: None,
        }
    }

    /// The database of a kind.
    pub(super) fn database(&self, kind: Kind) -> Option<&Database> {
        self.databases.iter().find(|database| database.kind == super::line::word(kind))
    }
}

/// A directory for an export.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// Held as long as somebody writes; nothing where there is no directory yet.
    lock: Option<File>,
}

impl Folder {
    /// Looks at a directory, which need not be there. The error says why nothing can be written to it.
    pub(super) fn open(path: &Path) -> anyhow::Result<(Self, Option<Manifest>)> {
        let shown = path.display();
        if !path.exists() {
            return Ok((Self { path: path.to_owned(), lock: None }, None));
        }
        anyhow::ensure!(path.is_dir(), "{shown} is a file; name another directory with --out");
        let lock = File::open(path)?;
        let is_ours = lock_soon(&lock)?;
        anyhow::ensure!(is_ours, "another export writes to {shown}; wait for its end");
        let folder = Self { path: path.to_owned(), lock: Some(lock) };
        if let Some(manifest) = manifest(path)? {
            return Ok((folder, Some(manifest)));
        }
        let mut names = fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.file_name()));
        let is_empty = names.all(|name| name.is_ok_and(|name| name == UNFINISHED_MANIFEST));
        anyhow::ensure!(is_empty, "{shown} holds something else; name another with --out");
        Ok((folder, None))
    }

    /// Makes the directory where it is missing, readable for its owner alone, and notes what it is for.
    pub(super) fn begin(self, manifest: &Manifest) -> anyhow::Result<Self> {
        let folder = if self.lock.is_some() {
            self
        } else {
            DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
            let (folder, earlier) = Self::open(&self.path)?;
            anyhow::ensure!(earlier.is_none(), "another export was begun there at this moment");
            folder
        };
        folder.write(manifest)?;
        Ok(folder)
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Writes the manifest, as a whole or not at all.
    pub(super) fn write(&self, manifest: &Manifest) -> io::Result<()> {
        let new = self.file(UNFINISHED_MANIFEST);
        let mut options = File::options();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        let mut json = serde_json::to_string_pretty(manifest).map_err(io::Error::other)?;
        json.push('\n');
        file.write_all(json.as_bytes())?;
        file.sync_all()?;
        fs::rename(new, self.file(MANIFEST))?;
        File::open(&self.path)?.sync_all()
    }

    /// Takes away the list of pages, which nobody needs any longer.
    pub(super) fn remove_listing(&self) -> io::Result<()> {
        match fs::remove_file(self.file(LISTING)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// The file with the pages of a finished export.
    pub(super) fn pages(&self, manifest: &Manifest) -> PathBuf {
        self.file(manifest.pages.as_ref().map_or(PAGES, |pages| pages.name()))
    }

    /// Puts new pages in the place of those of a finished export, as a whole or not at all.
    pub(super) fn replace(
        &self,
        pages: &Path,
        earlier: &Manifest,
        manifest: &mut Manifest,
    ) -> io::Result<()> {
        let before = earlier.pages.as_ref().map_or(PAGES, |pages| pages.name());
        let name = if before == PAGES { PAGES_TOO } else { PAGES };
        fs::rename(pages, self.file(name))?;
        manifest.pages = Some(self.sum(name)?);
        self.write(manifest)?;
        fs::remove_file(self.file(before))
    }

    /// What a file of pages is known by.
    pub(super) fn sum(&self, name: &str) -> io::Result<Sum> {
        sum(&self.path, name)
    }
}

/// Takes the lock of a directory, also from somebody who is about to end.
fn lock_soon(directory: &File) -> io::Result<bool> {
    for _ in 0..20 {
        match directory.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(25)),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
    Ok(false)
}

fn sum(directory: &Path, name: &str) -> io::Result<Sum> {
    let mut file = File::open(directory.join(name))?;
    let mut digest = Sha256::new();
    let mut bytes = 0;
    let mut part = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut part)?;
        let Some(part) = part.get(..read).filter(|part| !part.is_empty()) else {
            break;
        };
        digest.update(part);
        bytes += u64::try_from(read).unwrap_or_default();
    }
    let mut sha256 = String::new();
    for byte in digest.finalize() {
        let _ = write!(sha256, "{byte:02x}");
    }
    Ok(Sum { file: name.to_owned(), bytes, sha256 })
}

/// The manifest of a directory; nothing where there is none.
pub(super) fn manifest(directory: &Path) -> anyhow::Result<Option<Manifest>> {
    let path = directory.join(MANIFEST);
    let text = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        text => text?,
    };
    let manifest: Option<Manifest> = serde_json::from_str(&text).ok();
    let manifest = manifest.filter(|manifest| manifest.format == FORMAT && manifest.version == 1);
    let wrong = || anyhow::anyhow!("{} is not of an export of Notion", path.display());
    manifest.map(Some).ok_or_else(wrong)
}

/// Takes away what an export began that can never end.
pub(super) fn clear(directory: &Path) -> io::Result<()> {
    for name in [PAGES, LISTING, MANIFEST] {
        match fs::remove_file(directory.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Whether a directory holds an export that came to its end, of which nothing is left to be cleared away.
pub(super) fn is_finished(directory: &Path) -> anyhow::Result<bool> {
    let is_finished = manifest(directory)?.is_some_and(|manifest| manifest.finished.is_some());
    if is_finished && !directory.join(LISTING).exists() {
        finished_sum(directory)?;
        return Ok(true);
    }
    Ok(false)
}

/// Makes a directory that its owner alone can read.
pub(super) fn make_private(directory: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(directory)
}

/// Whether the pages of a finished export are what they were, and their file's name. The error says what is wrong.
pub(super) fn finished_sum(directory: &Path) -> anyhow::Result<&'static str> {
    let shown = directory.display();
    let Some(manifest) = manifest(directory)? else {
        anyhow::bail!("{shown} is no export of Notion: it has no {MANIFEST}");
    };
    let Some(pages) = manifest.pages else {
        anyhow::bail!("the export in {shown} did not come to its end; export to it again first");
    };
    let name = pages.name();
    let now = sum(directory, name).with_context(|| format!("{shown}/{name} cannot be read"))?;
    let how = if now.bytes < pages.bytes { "cut off" } else { "changed" };
    anyhow::ensure!(
        now == pages,
        "{shown}/{name} is not what was exported: it was {how} since; \
         export again, to another directory with --out"
    );
    Ok(name)
}

/// What the databases of an export say of their properties; nothing where it is from before that was kept.
pub fn schema(directory: &Path) -> anyhow::Result<Schema> {
    let mut schema = Schema::default();
    for database in manifest(directory)?.into_iter().flat_map(|manifest| manifest.databases) {
        if let Some(kind) = database.kind() {
            schema.add(kind, database.properties);
        }
    }
    Ok(schema)
}

/// The file with the pages of a finished export, after a look whether it is what it was.
pub fn finished_pages(directory: &Path) -> anyhow::Result<PathBuf> {
    Ok(directory.join(finished_sum(directory)?))
}
