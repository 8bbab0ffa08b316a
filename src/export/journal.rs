//! Files to which lines are added, and which are good up to their last whole line whatever happens.

use serde::Serialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// After how many lines the disk is asked to keep them.
const LINES_TO_SYNC: usize = 200;

/// A file to which lines are added.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    unsynced: usize,
}

impl Journal {
    /// Opens a file and shows the lines that are there, until one is not taken: it is cut off there.
    pub(super) fn open(path: &Path, mut takes: impl FnMut(&str) -> bool) -> io::Result<Self> {
        let mut options = File::options();
        let file = options.read(true).append(true).create(true).mode(0o600).open(path)?;
        let length = file.metadata()?.len();
        let mut good = 0;
        let mut lines = Lines::new(&file, length);
        while let Some(line) = lines.next()? {
            if !takes(&line) {
                break;
            }
            good = lines.read;
        }
        if good < length {
            file.set_len(good)?;
        }
        Ok(Self { path: path.to_owned(), file, unsynced: 0 })
    }

    /// Adds a line.
    pub(super) fn add(&mut self, line: &impl Serialize) -> io::Result<()> {
        self.add_json(&serde_json::to_string(line).map_err(io::Error::other)?)
    }

    /// Adds a line that is JSON already.
    pub(super) fn add_json(&mut self, json: &str) -> io::Result<()> {
        let mut line = super::line::one_line(json);
        line.push('\n');
        self.file.write_all(line.as_bytes())?;
        self.unsynced += 1;
        if self.unsynced >= LINES_TO_SYNC {
            self.sync()?;
        }
        Ok(())
    }

    /// Waits until the disk holds everything.
    pub(super) fn sync(&mut self) -> io::Result<()> {
        self.unsynced = 0;
        self.file.sync_data()
    }

    /// Reads the lines that are there now.
    pub(super) fn lines(&self) -> io::Result<Lines<File>> {
        Lines::of(&self.path)
    }
}

/// The whole lines of a file.
pub(super) struct Lines<R> {
    reader: BufReader<io::Take<R>>,
    /// How many bytes were read.
    pub(super) read: u64,
}

impl Lines<File> {
    /// Those of a file as it is now.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self::new(file, length))
    }
}

impl<R: Read> Lines<R> {
    fn new(reader: R, length: u64) -> Self {
        Self { reader: BufReader::new(reader.take(length)), read: 0 }
    }

    /// The next line, without its end; nothing where it has none, or is no text.
    pub(super) fn next(&mut self) -> io::Result<Option<String>> {
        let mut line = Vec::new();
        let read = self.reader.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Ok(None);
        }
        self.read += u64::try_from(read).unwrap_or_default();
        Ok(String::from_utf8(line).ok())
    }
}
