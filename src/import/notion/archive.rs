//! Unpacks a workspace export into memory: the texts of a ZIP, and of the ZIPs in it.
//!
//! Nothing is written to disk, and of a file nothing is read but texts. What is read is counted as it comes,
//! whatever the ZIP says of its sizes.

use std::io::{self, Cursor, Read, Seek};
use zip::result::ZipResult;
use zip::{CompressionMethod, ZipArchive};

/// How much a ZIP may hold, unpacked.
pub(super) const CAP: u64 = 1 << 30;

/// How many ZIPs may stand in one another: Notion's own is one in another.
const LEVELS: usize = 3;

/// What was in a ZIP.
#[derive(Debug, Default)]
pub(super) struct Archive {
    /// The Markdown and CSV files, by their paths.
    pub(super) texts: Vec<(String, Vec<u8>)>,
    /// How many other files there are: pictures and the like.
    pub(super) others: usize,
    left: u64,
}

/// Whether a file is a ZIP.
pub(crate) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// What a ZIP can be read from, piece by piece.
pub(crate) trait Seekable: Read + Seek {}

impl<R: Read + Seek> Seekable for R {}

/// Unpacks a ZIP. The error is one line that says what is wrong with it.
pub(super) fn unpack(file: &mut dyn Seekable, cap: u64) -> Result<Archive, String> {
    let mut archive = Archive { left: cap, ..Archive::default() };
    archive.add(file, LEVELS)?;
    archive.texts.sort();
    Ok(archive)
}

impl Archive {
    fn add(&mut self, file: &mut dyn Seekable, levels: usize) -> Result<(), String> {
        if levels == 0 {
            return Err("ZIPs stand in one another without end".to_owned());
        }
        let mut zip = ZipArchive::new(file).map_err(|error| broken(&error))?;
        for place in 0..zip.len() {
            let file = zip.by_index(place).map_err(|error| broken(&error))?;
            // Notion writes UTF-8, and does not always say so.
            let name = String::from_utf8_lossy(file.name_raw()).into_owned();
            if leads_out(&name) {
                return Err(format!("the ZIP holds {name:?}, which leads out of it"));
            }
            if file.is_dir() {
                continue;
            }
            let ends = |end: &str| name.to_lowercase().ends_with(end);
            if !(ends(".md") || ends(".csv") || ends(".zip")) {
                self.others += 1;
                continue;
            }
            let stands = file.compression() == CompressionMethod::Stored && !file.encrypted();
            drop(file);
            // Notion packs its parts once, not twice: such a one can be read where it stands.
            if stands && ends(".zip") {
                let mut inner = zip.by_index_seek(place).map_err(|error| broken(&error))?;
                if begins_as_zip(&mut inner).is_ok_and(|is_zip| is_zip) {
                    self.add(&mut inner, levels - 1)?;
                    continue;
                }
            }
            let content = self.content(zip.by_index(place), &name)?;
            if is_zip(&content) {
                self.add(&mut Cursor::new(content), levels - 1)?;
            } else if ends(".zip") {
                return Err(format!("{name:?} in the ZIP is no ZIP; export it again"));
            } else {
                self.texts.push((name, content));
            }
        }
        Ok(())
    }

    /// Reads one of the files whole, as far as the cap allows.
    fn content(&mut self, file: ZipResult<impl Read>, name: &str) -> Result<Vec<u8>, String> {
        let mut content = Vec::new();
        let mut limited = file.map_err(|error| broken(&error))?.take(self.left + 1);
        limited.read_to_end(&mut content).map_err(|error| {
            format!("{name:?} in the ZIP cannot be read ({error}); export it again")
        })?;
        let size = u64::try_from(content.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(size).ok_or("the ZIP holds more than 1 GB of text")?;
        Ok(content)
    }
}

fn broken(error: &zip::result::ZipError) -> String {
    format!("the ZIP is damaged ({error}); export it again")
}

fn begins_as_zip(file: impl Read) -> io::Result<bool> {
    let mut head = Vec::new();
    file.take(4).read_to_end(&mut head)?;
    Ok(is_zip(&head))
}

/// Whether a path is not one below the directory in which it is unpacked.
fn leads_out(name: &str) -> bool {
    let is_absolute = name.starts_with(['/', '\\']) || name.get(1..2) == Some(":");
    is_absolute || name.split(['/', '\\']).any(|part| part == "..") || name.contains('\0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use zip::write::SimpleFileOptions;

    fn unpack(bytes: &[u8], cap: u64) -> Result<Archive, String> {
        super::unpack(&mut Cursor::new(bytes), cap)
    }

    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        packed(files, CompressionMethod::Deflated)
    }

    fn packed(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            let options = SimpleFileOptions::default().compression_method(method);
            writer.start_file(*name, options).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn a_zip_in_a_zip_is_unpacked() {
        let inner = zip(&[("a/b.md", b"# b"), ("a/c.png", b"c")]);
        for method in [CompressionMethod::Deflated, CompressionMethod::Stored] {
            let outer = packed(&[("Part-1.zip", &inner), ("index.csv", b"x")], method);
            let archive = unpack(&outer, CAP).unwrap();
            let names: Vec<_> = archive.texts.iter().map(|(name, _)| name.as_str()).collect();
            assert_eq!(names, ["a/b.md", "index.csv"]);
            assert_eq!(archive.others, 1);
            let text = unpack(&packed(&[("Part-1.zip", b"dear diary")], method), CAP);
            assert_eq!(text.unwrap_err(), "\"Part-1.zip\" in the ZIP is no ZIP; export it again");
        }
    }

    #[test]
    fn a_path_that_leads_out_is_refused() {
        for name in ["../x.md", "a/../../x.md", "/etc/x.md", "C:\\x.md", "a\\..\\x.md"] {
            let error = unpack(&zip(&[(name, b"x")]), CAP).unwrap_err();
            assert_eq!(error, format!("the ZIP holds {name:?}, which leads out of it"));
        }
    }

    #[test]
    fn more_than_the_cap_is_refused_however_small_it_is_packed() {
        let many = vec![b'x'; 100_000];
        let packed = zip(&[("a.md", &many), ("b.md", &many)]);
        assert!(packed.len() < 2_000);
        assert_eq!(unpack(&packed, 200_000).unwrap().texts.len(), 2);
        let error = unpack(&packed, 199_999).unwrap_err();
        assert_eq!(error, "the ZIP holds more than 1 GB of text");
        let inner = zip(&[("inner.zip", &packed)]);
        assert!(unpack(&inner, 199_999).is_err());
    }

    #[test]
    fn zips_in_one_another_have_an_end() {
        let mut bytes = zip(&[("a.md", b"a")]);
        for _ in 0..LEVELS {
            bytes = zip(&[("a.zip", &bytes)]);
        }
        assert_eq!(unpack(&bytes, CAP).unwrap_err(), "ZIPs stand in one another without end");
    }

    #[test]
    fn a_zip_that_was_cut_is_refused() {
        let bytes = zip(&[("a.md", &[b'a'; 500])]);
        let error = unpack(bytes.get(..bytes.len() / 2).unwrap(), CAP).unwrap_err();
        assert!(error.starts_with("the ZIP is damaged ("), "{error}");
    }
}
