//! Cuts files of Notion's pages into small files of the same shape, so that nobody ever holds a whole one.
//!
//! It knows where a page begins and ends, and nothing of what is in it. A file in which anything is unusual
//! is read as a whole, with the same outcome or the same complaint; so is one in which a page comes twice,
//! for which of them is the newer is decided among all pages.

use super::finding::Finding;
use super::notion::{self, Behind, Known, Properties, Shape};
use super::snapshot::Snapshot;
use super::{Source, add};
use anyhow::anyhow;
use chrono::{DateTime, Utc};
use std::io::{self, BufRead, Seek};
use std::mem;
use std::panic::resume_unwind;
use std::thread;

/// How many bytes a piece has at least, but for the last.
pub const PIECE: usize = 512 * 1024;

/// How many pieces are still being read when the next is cut.
const AT_ONCE: usize = 1;

/// The lists of pages that a file may have.
const LISTS: [&str; 3] = ["projects", "tags", "tasks"];
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";
/// How a line of an export begins.
const LINE: &[u8] = b"{\"kind\":";

impl Source {
    /// Adds a file of Notion's pages, piece by piece. It is opened anew where it has to be read as a whole.
    pub fn read_notion<R: BufRead + Seek>(
        &mut self,
        name: &str,
        open: impl Fn() -> io::Result<R>,
        piece: usize,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let broken = |error| anyhow::Error::new(error).context(format!("{name} cannot be read"));
        let mut file = open().map_err(broken)?;
        if notion::is_zip(file.fill_buf().map_err(broken)?) {
            let reading = notion::read_zip(&mut file, &self.known, now);
            self.add_reading(name, reading.map_err(|why| anyhow!("{name}: {why}"))?);
            return Ok(());
        }
        if let Some(parts) = Parts::read(file, piece, &self.known, now).map_err(broken)? {
            let Parts { snapshot, findings, shape, properties, behind } = parts;
            let reading = notion::Reading { snapshot, findings, shape, properties, behind };
            self.add_reading(name, reading);
            return Ok(());
        }
        let mut bytes = Vec::new();
        open().and_then(|mut file| file.read_to_end(&mut bytes)).map_err(broken)?;
        self.add_notion(name, &bytes, now).map_err(anyhow::Error::msg)
    }
}

/// What the pieces of a file hold together.
struct Parts {
    snapshot: Snapshot,
    findings: Vec<Finding>,
    shape: Shape,
    properties: Properties,
    behind: Vec<Behind>,
}

impl Parts {
    /// Reads a file; nothing where it has to be read as a whole.
    fn read(
        file: impl BufRead,
        size: usize,
        known: &Known,
        now: DateTime<Utc>,
    ) -> io::Result<Option<Self>> {
        let mut pieces = Pieces::new(file, size)?;
        let mut parts: Option<Self> = None;
        // While one is cut, those before it are read.
        thread::scope(|scope| {
            let mut readings = Vec::new();
            loop {
                let waiting = match pieces.next()? {
                    Next::Piece(piece) => {
                        readings.push(scope.spawn(move || notion::read(&piece, known, now)));
                        AT_ONCE
                    }
                    Next::End => 0,
                    Next::Unusual => return Ok(None),
                };
                for reading in readings.drain(..readings.len().saturating_sub(waiting)) {
                    let read = reading.join().unwrap_or_else(|panic| resume_unwind(panic));
                    if !read.is_ok_and(|reading| Self::add(&mut parts, reading)) {
                        return Ok(None);
                    }
                }
                if waiting == 0 {
                    return Ok(parts.filter(Self::is_apart));
                }
            }
        })
    }

    /// Adds what one more piece holds. False where a record is in it that was there before.
    fn add(parts: &mut Option<Self>, reading: notion::Reading) -> bool {
        let notion::Reading { snapshot, findings, shape, properties, behind } = reading;
        let Some(parts) = parts else {
            *parts = Some(Self { snapshot, findings, shape, properties, behind });
            return true;
        };
        parts.findings.extend(findings);
        parts.properties.merge(properties);
        parts.behind.extend(behind);
        if shape == Shape::ThreeLists {
            parts.shape = shape;
        }
        parts.take(snapshot)
    }

    /// Adds a piece. False where a record is in it that was there before.
    fn take(&mut self, more: Snapshot) -> bool {
        let Snapshot { projects, tags, tasks, left_out, read, repeated, .. } = more;
        self.snapshot.projects.extend(projects);
        self.snapshot.tags.extend(tags);
        self.snapshot.tasks.extend(tasks);
        add(&mut self.snapshot.read, read);
        add(&mut self.snapshot.repeated, repeated);
        left_out.into_iter().all(|(id, why)| self.snapshot.left_out.insert(id, why).is_none())
    }

    /// Whether no record is in two pieces.
    fn is_apart(&self) -> bool {
        let Snapshot { projects, tags, tasks, left_out, .. } = &self.snapshot;
        let projects = projects.iter().map(|one| &one.origin.external_id);
        let tags = tags.iter().map(|one| &one.origin.external_id);
        let tasks = tasks.iter().map(|one| &one.origin.external_id);
        let mut seen = std::collections::HashSet::new();
        let mut all = projects.chain(tags).chain(tasks).chain(left_out.keys());
        all.all(|id| seen.insert(id))
    }
}

/// What comes next of a file.
enum Next {
    Piece(Vec<u8>),
    End,
    Unusual,
}

/// A file that is cut.
struct Pieces<R> {
    file: R,
    size: usize,
    /// Of a file with lists.
    scanner: Option<Scanner>,
}

impl<R: BufRead> Pieces<R> {
    fn new(mut file: R, size: usize) -> io::Result<Self> {
        if file.fill_buf()?.starts_with(BYTE_ORDER_MARK) {
            file.consume(BYTE_ORDER_MARK.len());
        }
        let is_lines = file.fill_buf()?.starts_with(LINE);
        let scanner = (!is_lines).then(Scanner::default);
        Ok(Self { file, size, scanner })
    }

    fn next(&mut self) -> io::Result<Next> {
        let Some(scanner) = &mut self.scanner else {
            let mut lines = Vec::new();
            while lines.len() < self.size && self.file.read_until(b'\n', &mut lines)? > 0 {}
            return Ok(if lines.is_empty() { Next::End } else { Next::Piece(lines) });
        };
        loop {
            let bytes = self.file.fill_buf()?;
            if bytes.is_empty() {
                return Ok(scanner.end());
            }
            for (place, byte) in bytes.iter().enumerate() {
                match scanner.take(*byte, self.size) {
                    Ok(None) => {}
                    Ok(Some(piece)) => {
                        self.file.consume(place + 1);
                        return Ok(Next::Piece(piece));
                    }
                    Err(Unusual) => return Ok(Next::Unusual),
                }
            }
            let read = bytes.len();
            self.file.consume(read);
        }
    }
}

/// Something that only the reader of the whole file can judge.
struct Unusual;

/// Where in a file with lists the next byte stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Start,
    BeforeFirstKey,
    BeforeKey,
    Key,
    BeforeColon,
    BeforeValue,
    /// In a value that is no list of pages.
    Other,
    BeforeFirstPage,
    BeforePage,
    Page,
    AfterList,
    End,
    /// The piece that says which lists there are was given.
    Told,
}

/// Goes through a file with lists, byte by byte.
#[derive(Default)]
struct Scanner {
    place: Place,
    key: Vec<u8>,
    /// The lists that there were.
    seen: Vec<&'static str>,
    /// How deep the byte stands within a page or another value.
    depth: usize,
    is_text: bool,
    is_escaped: bool,
    piece: Vec<u8>,
}

impl Scanner {
    /// Takes a byte, and gives a piece where one is whole.
    fn take(&mut self, byte: u8, size: usize) -> Result<Option<Vec<u8>>, Unusual> {
        let is_blank = byte.is_ascii_whitespace();
        self.place = match (self.place, byte) {
            (Place::Page, _) => return self.take_in_page(byte, size),
            (Place::Other, _) => self.take_in_other(byte)?,
            (Place::Key, b'"') => Place::BeforeColon,
            // A list's name has no need of that.
            (Place::Key, b'\\' | 0x80..) => return Err(Unusual),
            (Place::Key, _) => {
                self.key.push(byte);
                Place::Key
            }
            (place, _) if is_blank => place,
            (Place::Start, b'{') => Place::BeforeFirstKey,
            (Place::BeforeFirstKey | Place::BeforeKey, b'"') => {
                self.key.clear();
                Place::Key
            }
            (Place::BeforeColon, b':') => Place::BeforeValue,
            (Place::BeforeValue, _) => self.begin_value(byte)?,
            (Place::BeforeFirstPage, b']') => Place::AfterList,
            (Place::BeforeFirstPage | Place::BeforePage, _) if !matches!(byte, b',' | b']') => {
                self.begin_page();
                return self.take_in_page(byte, size);
            }
            (Place::AfterList, b',') => Place::BeforeKey,
            (Place::AfterList | Place::BeforeFirstKey, b'}') => Place::End,
            _ => return Err(Unusual),
        };
        Ok(None)
    }

    fn begin_value(&mut self, byte: u8) -> Result<Place, Unusual> {
        let list = LISTS.iter().find(|list| list.as_bytes() == self.key);
        match (list, byte) {
            (Some(list), b'[') if !self.seen.contains(list) => {
                self.seen.push(list);
                Ok(Place::BeforeFirstPage)
            }
            (Some(_), _) | (None, b',' | b'}') => Err(Unusual),
            (None, _) => {
                self.depth = 0;
                self.take_in_other(byte)
            }
        }
    }

    fn begin_page(&mut self) {
        self.depth = 0;
        if self.piece.is_empty() {
            let list = self.seen.last().copied().unwrap_or_default();
            self.piece.extend_from_slice(format!("{{\"{list}\":[").as_bytes());
        } else {
            self.piece.push(b',');
        }
        self.place = Place::Page;
    }

    fn take_in_page(&mut self, byte: u8, size: usize) -> Result<Option<Vec<u8>>, Unusual> {
        if self.is_text || self.depth > 0 || !matches!(byte, b',' | b']') {
            self.piece.push(byte);
            self.look(byte)?;
            return Ok(None);
        }
        self.place = if byte == b']' { Place::AfterList } else { Place::BeforePage };
        let is_whole = byte == b']' || self.piece.len() >= size;
        Ok(is_whole.then(|| self.cut()))
    }

    fn take_in_other(&mut self, byte: u8) -> Result<Place, Unusual> {
        if !self.is_text && self.depth == 0 {
            match byte {
                b',' => return Ok(Place::BeforeKey),
                b'}' => return Ok(Place::End),
                _ => {}
            }
        }
        if !byte.is_ascii() {
            // Nobody else reads this part: whether it is UTF-8, the whole tells.
            return Err(Unusual);
        }
        self.look(byte)?;
        Ok(Place::Other)
    }

    /// Follows texts and brackets.
    fn look(&mut self, byte: u8) -> Result<(), Unusual> {
        if self.is_text {
            (self.is_escaped, self.is_text) = match byte {
                _ if self.is_escaped => (false, true),
                b'\\' => (true, true),
                b'"' => (false, false),
                _ => (false, true),
            };
            return Ok(());
        }
        match byte {
            b'"' => self.is_text = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.checked_sub(1).ok_or(Unusual)?,
            _ => {}
        }
        Ok(())
    }

    fn cut(&mut self) -> Vec<u8> {
        let mut piece = mem::take(&mut self.piece);
        piece.extend_from_slice(b"]}");
        piece
    }

    /// The end of the file. Which lists there are is said once more: some may be empty.
    fn end(&mut self) -> Next {
        match self.place {
            Place::End => {
                self.place = Place::Told;
                let lists = self.seen.iter().map(|list| format!("\"{list}\":[]"));
                let lists = lists.collect::<Vec<_>>().join(",");
                Next::Piece(format!("{{{lists}}}").into_bytes())
            }
            Place::Told => Next::End,
            _ => Next::Unusual,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pieces of a file; nothing where it has to be read as a whole.
    fn pieces(text: &str, size: usize) -> Option<Vec<String>> {
        // A buffer of a few bytes: a piece may end anywhere in it.
        let mut pieces =
            Pieces::new(io::BufReader::with_capacity(9, text.as_bytes()), size).unwrap();
        let mut all = Vec::new();
        loop {
            match pieces.next().unwrap() {
                Next::Piece(piece) => all.push(String::from_utf8(piece).unwrap()),
                Next::End => return Some(all),
                Next::Unusual => return None,
            }
        }
    }

    #[test]
    fn lists_are_cut_between_pages() {
        let text =
            r#" {"n": {"tasks":[1]}, "tasks": [ {"a":"]},\"["} ,[2], 3 ], "x":"}", "tags":[] } "#;
        let all = [r#"{"tasks":[{"a":"]},\"["} ,[2],3 ]}"#, r#"{"tasks":[],"tags":[]}"#];
        assert_eq!(pieces(text, 1000).unwrap(), all);
        let each =
            [r#"{"tasks":[{"a":"]},\"["} ]}"#, r#"{"tasks":[[2]]}"#, r#"{"tasks":[3 ]}"#, all[1]];
        assert_eq!(pieces(text, 1).unwrap(), each);
    }

    #[test]
    fn lines_are_cut_between_lines() {
        let text = "{\"kind\":1}\n{\"kind\":2}\n{\"kind\":3}";
        assert_eq!(pieces(text, 15).unwrap(), ["{\"kind\":1}\n{\"kind\":2}\n", "{\"kind\":3}"]);
    }

    #[test]
    fn what_is_unusual_is_read_as_a_whole() {
        for text in [
            "",
            "[]",
            "{",
            r#"{"tasks":[1,2"#,
            r#"{"tasks":[1,2]"#,
            r#"{"tasks":[1,]}"#,
            r#"{"tasks":{}}"#,
            r#"{"tasks":[],"tasks":[1]}"#,
            r#"{"t\u0061sks":[1]}"#,
            r#"{"tasks":[1]} x"#,
            r#"{"tasks":[,1]}"#,
            r#"{"x":]}"#,
            r#"{"tasks":[1],"x":]"#,
            r#"{"x":,"tasks":[1]}"#,
            r#"{"x":1]}"#,
            r#"{"tasks":[1]]}"#,
            r#"{"tasks":[1],}"#,
            r#"{"tasks" [1]}"#,
        ] {
            assert_eq!(pieces(text, 1000), None, "{text}");
        }
    }
}
