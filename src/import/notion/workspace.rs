//! A workspace export, read into the lines that an export through Notion's API would have: a page each,
//! with its properties and its body.
//!
//! Ids stand only in the names of files, values in the CSV of the database, bodies in Markdown. What a
//! page was in the ZIP is kept with it, under `csv` and `markdown`.

use super::archive::{self, Archive, Seekable};
use super::columns::{self, Column};
use super::page::page_id;
use super::text_body;
use crate::import::finding::{Finding, Severity};
use crate::import::mapping::Mapping;
use crate::import::snapshot::{Kind, record_id};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a workspace export holds.
pub(super) struct Workspace {
    /// A line for each page.
    pub(super) lines: String,
    pub(super) findings: Vec<Finding>,
}

/// A page as a file of Markdown.
struct Page<'a> {
    id: String,
    heading: String,
    text: &'a str,
    is_taken: bool,
}

/// Reads a ZIP. The error is one line that says what is wrong with it.
pub(super) fn read(
    file: &mut dyn Seekable,
    mapping: Option<&Mapping>,
) -> Result<Workspace, String> {
    let archive = archive::unpack(file, archive::CAP)?;
    let mut reader = Reader { mapping, lines: String::new(), findings: Vec::new(), count: 0 };
    let mut pages = pages(&archive)?;
    for (path, file, csv) in databases(&archive, &mut reader) {
        reader.database(path, table(file, csv)?, &mut pages);
    }
    if reader.count == 0 {
        return Err("no database with pages is in the ZIP; export the workspace, or the \
                    databases of tasks, projects and tags, as Markdown and CSV"
            .to_owned());
    }
    reader.losses(&archive, &pages);
    Ok(Workspace { lines: reader.lines, findings: reader.findings })
}

/// The pages by the directory in which they stand.
fn pages(archive: &Archive) -> Result<BTreeMap<&str, Vec<Page<'_>>>, String> {
    let mut pages: BTreeMap<&str, Vec<Page<'_>>> = BTreeMap::new();
    for (path, bytes) in &archive.texts {
        let Some(page) = path.strip_suffix(".md") else {
            continue;
        };
        let text = utf8(path, bytes)?;
        let (directory, name) = page.rsplit_once('/').unwrap_or(("", page));
        let Some(id) = id_at_end(name) else {
            continue;
        };
        let heading = text.lines().next().unwrap_or_default();
        let heading = alike(heading.strip_prefix('#').unwrap_or(heading));
        pages.entry(directory).or_default().push(Page { id, heading, text, is_taken: false });
    }
    Ok(pages)
}

fn utf8<'a>(path: &str, bytes: &'a [u8]) -> Result<&'a str, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        format!("{path:?} in the ZIP is not UTF-8 from byte {at} on; export it again")
    })
}

/// The id at the end of a file's name.
fn id_at_end(name: &str) -> Option<String> {
    let start = name.len().checked_sub(32)?;
    page_id(name.get(start..)?)
}

/// A title as it can be compared: Notion puts it on one line, and cleans it in its own way.
fn alike(title: &str) -> String {
    let words = title.split(|letter: char| letter.is_whitespace() || letter.is_control());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let title = words.join(" ");
    if title == "Untitled" { String::new() } else { title }
}

/// The tables: of each database that of all rows, else that of its view.
/// With the path of the database and that of the table.
fn databases<'a>(
    archive: &'a Archive,
    reader: &mut Reader<'_>,
) -> Vec<(&'a str, &'a str, &'a [u8])> {
    let mut whole = BTreeSet::new();
    let mut views = Vec::new();
    let mut databases = Vec::new();
    for (path, csv) in &archive.texts {
        let Some(table) = path.strip_suffix(".csv") else {
            continue;
        };
        if let Some(database) = table.strip_suffix("_all") {
            whole.insert(database);
            databases.push((database, path.as_str(), csv.as_slice()));
        } else {
            views.push((table, path.as_str(), csv.as_slice()));
        }
    }
    views.retain(|(database, ..)| !whole.contains(database));
    for (database, ..) in &views {
        let reason = "the ZIP holds only a view of it: hidden columns and rows are not there";
        reader.say(Severity::Warning, "view_only", database, reason);
    }
    databases.append(&mut views);
    databases
}

struct Reader<'m> {
    /// What the columns become, where the owner says it.
    mapping: Option<&'m Mapping>,
    lines: String,
    findings: Vec<Finding>,
    count: usize,
}

impl Reader<'_> {
    fn say(&mut self, severity: Severity, code: &'static str, property: &str, reason: &str) {
        let finding = Finding::new(severity, Kind::Task, "", code, reason);
        self.findings.push(finding.at(property, ""));
    }

    /// Reads a database: its rows, each with its page.
    fn database(
        &mut self,
        path: &str,
        (columns, rows): Rows,
        pages: &mut BTreeMap<&str, Vec<Page<'_>>>,
    ) {
        let (title, id) = title_and_id(path);
        let Some(kind) = kind(title) else {
            let reason = "it is no database of tasks, projects or tags; it was left out";
            self.say(Severity::Warning, "database_left_out", title, reason);
            return;
        };
        let columns = columns::types(kind, &columns, &rows, self.mapping);
        let directory = path.rsplit_once('/').map_or("", |(directory, _)| directory);
        let below = |name: &str| {
            if directory.is_empty() { name.to_owned() } else { format!("{directory}/{name}") }
        };
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        let places = [below(title), below(name)];
        for (place, row) in rows.iter().enumerate() {
            let near = places.iter().find(|place| pages.contains_key(place.as_str()));
            let near = near.and_then(|place| pages.get_mut(place.as_str()));
            let page = near.and_then(|pages| page_of(pages, &columns, row));
            let (id, text) = match page {
                Some((id, text)) => (id, text),
                // Without a page there is no id: the row is known by what it says.
                None => (self.id_of_row(kind, &id, place, row), ""),
            };
            self.line(kind, &id, &columns, row, text);
        }
    }

    fn id_of_row(&mut self, kind: Kind, database: &str, place: usize, row: &[String]) -> String {
        let first = row.first().map(String::as_str).unwrap_or_default();
        let key = crate::fold::tag_key(first);
        let name = match kind {
            Kind::Tag if key.is_empty() => format!("notion:{database}:row:{place}"),
            Kind::Tag => format!("notion:{database}:tag:{key}"),
            _ => format!("notion:{database}:row:{}", Value::from(row.to_vec())),
        };
        let id = record_id(&name).simple().to_string();
        if kind != Kind::Tag {
            let reason = "its page is not in the ZIP: it has no body, and nothing can link to it";
            let finding = Finding::new(Severity::Warning, kind, &id, "row_without_page", reason);
            self.findings.push(finding);
        }
        id
    }

    /// Writes a page as a line.
    fn line(&mut self, kind: Kind, id: &str, columns: &[Column], row: &[String], text: &str) {
        let mut properties = Map::new();
        let mut page = Map::new();
        let mut csv = Map::new();
        page.insert("object".to_owned(), json!("page"));
        page.insert("id".to_owned(), json!(id));
        for (column, cell) in columns.iter().zip(row) {
            csv.insert(column.name.clone(), json!(cell));
            let (value, of_the_page) = column.property(cell);
            if let Some((member, instant)) = of_the_page {
                page.insert(member.to_owned(), json!(instant));
            }
            properties.insert(column.name.clone(), value);
        }
        page.insert("properties".to_owned(), Value::Object(properties));
        page.insert("csv".to_owned(), Value::Object(csv));
        page.insert("markdown".to_owned(), json!(text));
        let body = text_body::blocks(body(text, columns, row), id);
        let line = json!({"kind": kind.to_string(), "page": page, "body": body});
        self.lines.push_str(&line.to_string());
        self.lines.push('\n');
        self.count += 1;
    }

    /// Says what the ZIP does not hold, and what of it has no place.
    fn losses(&mut self, archive: &Archive, pages: &BTreeMap<&str, Vec<Page<'_>>>) {
        for (what, reason) in [
            ("trash", "what is in the trash is not exported"),
            (
                "relations",
                "only links to exported pages are there, and which property mirrors which is not",
            ),
            (
                "types",
                "which type a property has, and which options, is guessed from its name and values",
            ),
            (
                "times",
                "times are to the minute, and when a page was made and edited only where a property says so",
            ),
            ("rollups and formulas", "only their results are there"),
            (
                "looks",
                "links, bold, code and the like of text properties are not there, those of bodies are",
            ),
        ] {
            self.say(Severity::Information, "not_in_zip", what, reason);
        }
        let loose = pages.values().flatten().filter(|page| !page.is_taken).count();
        if loose > 0 {
            let reason = format!(
                "{loose} pages are in no database of tasks and projects; they were left out"
            );
            self.say(Severity::Warning, "page_left_out", "", &reason);
        }
        if archive.others > 0 {
            let reason = format!(
                "{} other files (pictures and the like) have no place here",
                archive.others
            );
            self.say(Severity::Information, "file_left_out", "", &reason);
        }
    }
}

/// The title and the id in the path of a database's table.
fn title_and_id(path: &str) -> (&str, String) {
    let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
    let id = id_at_end(name).unwrap_or_default();
    let title = if id.is_empty() { name } else { name.get(..name.len() - 32).unwrap_or(name) };
    (title.trim(), id)
}

/// What the pages of a database are, by its title.
fn kind(title: &str) -> Option<Kind> {
    let title = title.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| title.contains(word));
    if has(&["task", "to-do", "todo", "to do", "inbox"]) {
        Some(Kind::Task)
    } else if has(&["project"]) {
        Some(Kind::Project)
    } else {
        has(&["tag", "label"]).then_some(Kind::Tag)
    }
}

type Rows = (Vec<String>, Vec<Vec<String>>);

/// The names of a table's columns, and its rows.
fn table(path: &str, csv: &[u8]) -> Result<Rows, String> {
    let text = utf8(path, csv)?;
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let wrong = |error: csv::Error| format!("{path:?} in the ZIP is no CSV ({error})");
    let names: Vec<String> = reader.headers().map_err(wrong)?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row.map_err(wrong)?;
        if row.len() != names.len() {
            let line = row.position().map_or(0, csv::Position::line);
            let (is, expected) = (row.len(), names.len());
            return Err(format!(
                "line {line} of {path:?} in the ZIP has {is} values, not {expected}; export it again"
            ));
        }
        rows.push(row.iter().map(str::to_owned).collect());
    }
    Ok((names, rows))
}

/// The page of a row: of those with its title that whose properties are most like it.
fn page_of<'a>(
    pages: &mut [Page<'a>],
    columns: &[Column],
    row: &[String],
) -> Option<(String, &'a str)> {
    let title = alike(row.first()?);
    let says = |page: &Page<'_>| {
        let lines: BTreeSet<&str> = page.text.lines().collect();
        let told =
            columns.iter().zip(row).skip(1).filter(|(column, cell)| {
                lines.contains(format!("{}: {cell}", column.name).as_str())
            });
        told.count()
    };
    let fitting = pages.iter_mut().filter(|page| !page.is_taken && page.heading == title);
    // Of pages that are alike the first, as the rows come in their order.
    let page = fitting.rev().max_by_key(|page| says(page))?;
    page.is_taken = true;
    Some((page.id.clone(), page.text))
}

/// What stands in a page behind its title and its properties. These come in the order of the columns,
/// and with as many lines as their values have.
fn body<'a>(text: &'a str, columns: &[Column], row: &[String]) -> &'a str {
    let after = |text: &'a str| text.split_once('\n').map_or("", |(_, rest)| rest);
    let mut rest = after(text);
    let mut passed = 0;
    while let Some(line) = rest.lines().next() {
        let found = property(line, columns, passed);
        if found.is_none() && (passed > 0 || !line.trim().is_empty()) {
            break;
        }
        let lines = found.and_then(|place| row.get(place)).map_or(1, |cell| cell.lines().count());
        for _ in 0..lines.max(1) {
            rest = after(rest);
        }
        passed = found.map_or(passed, |place| place + 1);
    }
    rest
}

/// The place of the column, behind those that were passed, whose property stands in a line.
fn property(line: &str, columns: &[Column], passed: usize) -> Option<usize> {
    let stands = |column: &Column| {
        let value = line.strip_prefix(column.name.as_str());
        value.is_some_and(|value| value.starts_with(": ") || value.trim_end() == ":")
    };
    let mut places = columns.iter().enumerate().skip(passed.max(1));
    places.find(|(_, column)| stands(column)).map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, description: &str) -> String {
        let names = ["Task", "Status", "Description", "Done"].map(str::to_owned);
        let row = ["T", "Inbox", description, "No"].map(str::to_owned);
        body(text, &columns::types(Kind::Task, &names, &[], None), &row).trim().to_owned()
    }

    #[test]
    fn the_body_begins_behind_the_properties() {
        let text = "# T\n\nStatus: Inbox\nDone: No\n\nStatus: no property\n";
        assert_eq!(of(text, ""), "Status: no property");
        let text = "# T\n\nDescription: a\n\nb\nDone: No\n\nbody\n\nmore";
        assert_eq!(of(text, "a\n\nb"), "body\n\nmore");
        assert_eq!(of("# T\n\nNo property here", ""), "No property here");
        assert_eq!(of("# T\n\nStatus: Inbox", ""), "");
        assert_eq!(of("# T", ""), "");
    }
}
