//! A file that comes into being as a whole: it is written beside its place, and moved there at its end.

use anyhow::{Context, bail};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// The part that is there already, locked. Where it is dropped before its end, nothing stays.
pub(super) struct Part {
    file: File,
    path: PathBuf,
    target: PathBuf,
    replaces: bool,
}

impl Part {
    pub(super) fn begin(target: &Path, replaces: bool) -> anyhow::Result<Self> {
        free(target, replaces)?;
        let mut path = target.as_os_str().to_owned();
        path.push(".part");
        let path = PathBuf::from(path);
        let shown = path.display();
        remove_left(&path)?;
        let mut options = OpenOptions::new();
        // What somebody else puts there meanwhile, or where a link leads, is nothing to write to.
        let file = match options.write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => bail!(taken(&path)),
            opened => opened.with_context(|| format!("{shown} cannot be written"))?,
        };
        let part = Self { file, path, target: target.to_owned(), replaces };
        lock(&part.file, &part.path)?;
        Ok(part)
    }

    /// Where a program writes it.
    pub(super) fn output(&self) -> io::Result<Stdio> {
        Ok(self.file.try_clone()?.into())
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Puts it into its place, for good, and says how large it is.
    pub(super) fn finish(self) -> anyhow::Result<u64> {
        free(&self.target, self.replaces)?;
        let moving = || {
            self.file.sync_all()?;
            let bytes = self.file.metadata()?.len();
            std::fs::rename(&self.path, &self.target)?;
            let directory = self.target.parent().filter(|it| !it.as_os_str().is_empty());
            File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
            io::Result::Ok(bytes)
        };
        moving().with_context(|| format!("{} cannot be written", self.target.display()))
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        // After the end the name is gone, or another's.
        if std::fs::metadata(&self.path).is_ok_and(|it| Some(it.ino()) == inode(&self.file)) {
            let _ = std::fs::remove_file(&self.path);
        }
    }
}

fn inode(file: &File) -> Option<u64> {
    file.metadata().ok().map(|it| it.ino())
}

/// Removes what a killed one has left behind, unless somebody writes it.
fn remove_left(path: &Path) -> anyhow::Result<()> {
    let shown = path.display();
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Ok(found) if !found.is_file() => bail!("{shown} is in the way, and no file"),
        _ => {}
    }
    let unwritten = || format!("{shown} cannot be written");
    let left = OpenOptions::new().write(true).open(path).with_context(unwritten)?;
    lock(&left, path)?;
    // It may have come to its end in this moment.
    if std::fs::metadata(path).is_ok_and(|it| Some(it.ino()) == inode(&left)) {
        std::fs::remove_file(path).with_context(unwritten)?;
    }
    Ok(())
}

fn lock(file: &File, path: &Path) -> anyhow::Result<()> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => bail!(taken(path)),
        Err(TryLockError::Error(error)) => {
            Err(error).with_context(|| format!("{} cannot be locked", path.display()))
        }
        Ok(()) => Ok(()),
    }
}

fn taken(path: &Path) -> String {
    format!("{} is being written by another backup", path.display())
}

/// Whether the place may be taken.
fn free(target: &Path, replaces: bool) -> anyhow::Result<()> {
    let shown = target.display();
    match std::fs::symlink_metadata(target) {
        Ok(found) if found.is_dir() => bail!("{shown} is a directory: name a file in it"),
        Ok(_) if !replaces => {
            bail!("{shown} is there already: name another file, or replace it with --force")
        }
        _ => Ok(()),
    }
}
