//! Reading files of Notion's pages, for every command that does.

use super::database::Database;
use crate::export;
use crate::import::mapping::Mapping;
use crate::import::notion::{self, Known};
use crate::import::remembered::Remembered;
use crate::import::{self, Source};
use anyhow::{Context, anyhow};
use chrono::{DateTime, Utc};
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// How many bytes of a file are read at once.
const READ: usize = 256 * 1024;

/// Files of pages, or directories with an export, and what their properties become.
pub(super) struct Pages {
    files: Vec<PathBuf>,
    mapping: Option<(PathBuf, Mapping)>,
}

impl Pages {
    /// These files, with what is said in that of a mapping.
    pub(super) fn new(files: Vec<PathBuf>, mapping: Option<PathBuf>) -> anyhow::Result<Self> {
        let read = |path: PathBuf| {
            let parsed = Mapping::parse(&mapping_text(&path)?);
            let mapping = parsed.map_err(|why| anyhow!("{}: {why}", path.display()))?;
            anyhow::Ok((path, mapping))
        };
        Ok(Self { files, mapping: mapping.map(read).transpose()? })
    }

    /// The first of the files.
    pub(super) fn first(&self) -> Option<&Path> {
        self.files.first().map(PathBuf::as_path)
    }

    /// Reads them as the properties are called now.
    pub(super) fn read(&self, now: DateTime<Utc>) -> anyhow::Result<Source> {
        self.read_with(Known::default(), now)
    }

    fn read_with(&self, known: Known, now: DateTime<Utc>) -> anyhow::Result<Source> {
        let mapping = self.mapping.as_ref().map(|(_, mapping)| mapping.clone());
        let known = Known { mapping, ..known };
        let mut source = Source { known, ..Source::default() };
        for file in &self.files {
            let name = file.display().to_string();
            let pages = if file.is_dir() {
                source.known.schema.extend(export::schema(file)?);
                &export::finished_pages(file)?
            } else {
                file
            };
            let open = || File::open(pages).map(|file| BufReader::with_capacity(READ, file));
            source.read_notion(&name, open, import::PIECE, now)?;
        }
        Ok(source)
    }

    /// Goes on with what was read: once more where properties are called otherwise than when they were understood.
    pub(super) async fn as_before(
        &self,
        database: &Database,
        source: Source,
        now: DateTime<Utc>,
    ) -> anyhow::Result<Source> {
        let mut connection = import::connect(database.direct.reveal()).await?;
        let remembered = Remembered::read(&mut connection, source.snapshot.source).await?;
        let names = remembered.names();
        let mut source = if names.renamed(&source.properties).is_empty() {
            source
        } else {
            // The other one goes first: a source may be large.
            drop(source);
            self.read_with(Known { names, ..Known::default() }, now)?
        };
        source.remembered = remembered;
        self.check(&source)?;
        Ok(source)
    }

    /// What the properties become, to be edited.
    pub(super) fn print_mapping(&self, now: DateTime<Utc>) -> anyhow::Result<String> {
        let source = self.read(now)?;
        self.check(&source)?;
        Ok(notion::print_mapping(&source))
    }

    /// Whether the mapping names what is there.
    fn check(&self, source: &Source) -> anyhow::Result<()> {
        let Some((path, _)) = &self.mapping else {
            return Ok(());
        };
        notion::check_mapping(source).map_err(|why| anyhow!("{}: {why}", path.display()))
    }
}

/// The text of a mapping.
pub(super) fn mapping_text(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}
