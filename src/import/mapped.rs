//! Makes a snapshot of tables, as a mapping says. It knows neither where they come from nor the database.
//!
//! What has no field is kept in the record's original, with the rows of other tables that it names, and
//! is reported.

mod meaning;
mod record;

use super::finding::{Finding, Severity};
use super::mapping::{Becomes, MappedTable, Mapping, says_of_nothing, usual};
use super::snapshot::{Kind, LeftOut, Origin, Snapshot};
use super::table::{Cell, Row, Table, Tables};
use chrono::{DateTime, Utc};
use record::{Forms, Linked, Record};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// What was made of tables.
#[derive(Debug, Default)]
pub struct Mapped {
    /// The records.
    pub snapshot: Snapshot,
    /// What there is to say about them.
    pub findings: Vec<Finding>,
}

/// Makes records of rows. `now` stands in for the times of a row that has none.
#[must_use]
pub fn map(tables: Tables, mapping: &Mapping, now: DateTime<Utc>) -> Mapped {
    let mut mapper = Mapper {
        ids: ids(&tables, mapping),
        snapshot: Snapshot { source: tables.source, ..Snapshot::default() },
        findings: Vec::new(),
        naming: naming(&tables, mapping),
        named: BTreeSet::new(),
        now,
        tables,
    };
    mapper.idle(mapping);
    for mapped in &mapping.tables {
        if let Some(kind) = mapped.becomes.kind() {
            mapper.records(mapped, kind);
        }
    }
    mapper.task_tags(mapping);
    mapper.left_out(mapping);
    // Of a record that is there twice the newer stays.
    let mut snapshot = Snapshot::default();
    mapper.findings.extend(snapshot.merge(mapper.snapshot));
    Mapped { snapshot, findings: mapper.findings }
}

/// The tables that the mapping names.
fn pairs<'m>(
    tables: &'m Tables,
    mapping: &'m Mapping,
) -> impl Iterator<Item = (&'m Table, &'m MappedTable)> {
    mapping.tables.iter().filter_map(|mapped| Some((tables.get(&mapped.name)?, mapped)))
}

/// The id of a row in the whole source, by its kind and the id that it has in its table.
type Ids = BTreeMap<(Kind, String), String>;

fn ids(tables: &Tables, mapping: &Mapping) -> Ids {
    let mut ids = Ids::new();
    for (table, mapped) in pairs(tables, mapping) {
        let Some(kind) = mapped.becomes.kind() else {
            continue;
        };
        for row in &table.rows {
            if let Some((id, external_id)) = identity(table, mapped, row) {
                ids.entry((kind, id)).or_insert(external_id);
            }
        }
    }
    ids
}

/// The id of a row in its table, and in the source: numbers are told apart by the table's name.
fn identity(table: &Table, mapped: &MappedTable, row: &Row) -> Option<(String, String)> {
    let mut cells = mapped.columns("id").iter().map(|column| row.get(column));
    let cell = cells.find(|cell| cell.says_something())?;
    let id = cell.ids().into_iter().next()?;
    let external_id = match cell {
        Cell::Int(_) => format!("{}:{id}", table.name),
        _ => id.clone(),
    };
    Some((id, external_id))
}

fn is_own_id(column: &str) -> bool {
    matches!(column, "_id" | "id")
}

/// The id of a row of a table without a place.
fn own_id(row: &Row) -> Option<String> {
    let mut cells = row.cells.iter().filter(|(name, _)| is_own_id(name));
    cells.find_map(|(_, cell)| cell.ids().into_iter().next())
}

/// The rows of tables that become nothing, by the records that they name.
fn naming(tables: &Tables, mapping: &Mapping) -> BTreeMap<(Kind, String), Vec<Linked>> {
    let mut naming: BTreeMap<_, Vec<Linked>> = BTreeMap::new();
    for (table, mapped) in pairs(tables, mapping) {
        for (column, target) in &mapped.links {
            let kind = mapping.table(target).and_then(|target| target.becomes.kind());
            let Some(kind) = kind.filter(|_| mapped.becomes == Becomes::Nothing) else {
                continue;
            };
            for (place, row) in table.rows.iter().enumerate() {
                let id = own_id(row).unwrap_or_else(|| format!("row {place}"));
                for named in row.get(column).ids() {
                    let from = format!("{}.{column}", table.name);
                    let linked = Linked::new(&table.name, &id, &from, &row.original.bytes());
                    naming.entry((kind, named)).or_default().push(linked);
                }
            }
        }
    }
    naming
}

struct Mapper {
    tables: Tables,
    ids: Ids,
    snapshot: Snapshot,
    findings: Vec<Finding>,
    /// The rows of tables without a place that name a record, by its kind and id.
    naming: BTreeMap<(Kind, String), Vec<Linked>>,
    /// The rows of tables without a place that records name: table and id.
    named: BTreeSet<(String, String)>,
    now: DateTime<Utc>,
}

impl Mapper {
    /// Says which words of the mapping are nowhere.
    fn idle(&mut self, mapping: &Mapping) {
        for (table, mapped) in pairs(&self.tables, mapping) {
            let Some(kind) = mapped.becomes.kind() else {
                continue;
            };
            let there = |field: &str| {
                let cells = mapped.columns(field).iter().flat_map(|column| table.values(column));
                cells.filter_map(Cell::words).map(|word| word.trim().to_owned()).collect()
            };
            let idle = mapped.idle(there, |field, word| usual(mapped.becomes, field, word));
            let idle = idle.iter().map(|(field, word)| says_of_nothing(kind, field, word));
            self.findings.extend(idle);
        }
    }

    /// Makes records of the rows of a table, of which only what others may name is left.
    fn records(&mut self, mapped: &MappedTable, kind: Kind) {
        let Some(table) = self.tables.get(&mapped.name) else {
            return;
        };
        let forms = Forms::of(table, mapped);
        let links = self.links(mapped);
        let mut table = self.tables.take(&mapped.name);
        *self.snapshot.read.entry(kind).or_default() += table.rows.len();
        for place in 0..table.rows.len() {
            if let Some(row) = table.rows.get(place) {
                self.record((&table, row), (mapped, kind), &forms, &links);
            }
            if let Some(row) = table.rows.get_mut(place) {
                row.cells.retain(|(name, _)| is_own_id(name));
                row.cells.shrink_to_fit();
            }
        }
        self.tables.put(table);
    }

    fn record(
        &mut self,
        (table, row): (&Table, &Row),
        (mapped, kind): (&MappedTable, Kind),
        forms: &Forms,
        links: &[record::Link<'_>],
    ) {
        let Some((row_id, external_id)) = identity(table, mapped, row) else {
            let reason = "it has no id";
            self.leave_out("", row, kind, LeftOut::Rejected, "missing_id", reason);
            return;
        };
        if mapped.columns("trashed").iter().any(|column| row.get(column).is_yes()) {
            let reason = "it is in the trash";
            self.leave_out(&external_id, row, kind, LeftOut::Trashed, "in_trash", reason);
            return;
        }
        let mut record = Record::new(kind, external_id, row, mapped, forms, &mut self.findings);
        if kind == Kind::Tag && record.has_no_name() {
            let reason = "a tag is its name, and it has none";
            let id = record.id;
            self.leave_out(&id, row, kind, LeftOut::Rejected, "missing_title", reason);
            return;
        }
        let mut linked = record.linked(links);
        linked.extend(self.naming.remove(&(kind, row_id)).unwrap_or_default());
        let origin = origin(self.tables.source, &record.id, row, &linked);
        self.named.extend(linked.into_iter().map(|linked| linked.row));
        match kind {
            Kind::Project => {
                self.snapshot.projects.push(meaning::project(record, origin, self.now));
            }
            Kind::Tag => self.snapshot.tags.push(meaning::tag(record, origin, self.now)),
            Kind::Task => {
                let task = meaning::task(record, origin, &self.ids, self.now);
                self.snapshot.tasks.push(task);
            }
        }
    }

    /// The rows that a table's columns may name: column, other table, id, row.
    fn links<'m>(&self, mapped: &'m MappedTable) -> Vec<record::Link<'m>>
    where
        Self: 'm,
    {
        let of = |(column, target): (&'m String, &'m String)| {
            let rows = self.tables.get(target).into_iter().flat_map(|table| {
                table.rows.iter().filter_map(|row| Some((own_id(row)?, row.original.bytes())))
            });
            record::Link { column, target, rows: rows.collect() }
        };
        mapped.links.iter().map(of).collect()
    }

    /// Gives tasks the tags that a table between both names.
    fn task_tags(&mut self, mapping: &Mapping) {
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (place, task) in self.snapshot.tasks.iter().enumerate() {
            places.insert(task.origin.external_id.clone(), place);
        }
        for (table, mapped) in pairs(&self.tables, mapping) {
            if mapped.becomes != Becomes::TaskTag {
                continue;
            }
            for row in &table.rows {
                let one = |field: &str, kind: Kind| {
                    let mut cells = mapped.columns(field).iter().map(|column| row.get(column));
                    let id = cells.find_map(|cell| cell.ids().into_iter().next())?;
                    let known = self.ids.get(&(kind, id.clone()));
                    Some(known.cloned().unwrap_or(id))
                };
                let (task, tag) = (one("task", Kind::Task), one("tag", Kind::Tag));
                let place = task.as_ref().and_then(|task| places.get(task)).copied();
                let found = place.and_then(|place| self.snapshot.tasks.get_mut(place));
                if let (Some(found), Some(tag)) = (found, &tag) {
                    found.tag_links.push(tag.clone());
                    continue;
                }
                let left_out = task.as_ref().and_then(|task| self.snapshot.left_out.get(task));
                if left_out.is_none() {
                    let reason = "a row gives a tag to a task that is not there";
                    let task = task.unwrap_or_default();
                    say(
                        &mut self.findings,
                        Severity::Warning,
                        "dangling_link",
                        &table.name,
                        &task,
                        reason,
                    );
                }
            }
        }
    }

    /// Says which tables become nothing, and how many of their rows no record keeps.
    fn left_out(&mut self, mapping: &Mapping) {
        for table in &self.tables.tables {
            let mapped = mapping.table(&table.name);
            if mapped.is_some_and(|mapped| mapped.becomes != Becomes::Nothing) {
                continue;
            }
            let kept = self.named.iter().filter(|(name, _)| *name == table.name).count();
            let rest = table.rows.len().saturating_sub(kept);
            if kept > 0 {
                let reason = "they are kept in the originals of the records to which they belong";
                let value = format!("{kept} rows");
                say(
                    &mut self.findings,
                    Severity::Information,
                    "table_kept",
                    &table.name,
                    &value,
                    reason,
                );
            }
            if rest > 0 {
                let reason = "the table becomes nothing: they stay in the source";
                let value = format!("{rest} rows");
                say(
                    &mut self.findings,
                    Severity::Warning,
                    "table_left_out",
                    &table.name,
                    &value,
                    reason,
                );
            }
        }
    }

    fn leave_out(
        &mut self,
        id: &str,
        row: &Row,
        kind: Kind,
        why: LeftOut,
        code: &'static str,
        reason: &str,
    ) {
        self.snapshot.left_out.insert(id.to_owned(), why);
        let original = row.original.bytes();
        self.findings.push(Finding::left_out((kind, id), why, code, reason, original));
    }
}

fn say(
    findings: &mut Vec<Finding>,
    severity: Severity,
    code: &'static str,
    property: &str,
    value: &str,
    reason: &str,
) {
    let finding = Finding::new(severity, Kind::Task, "", code, reason);
    findings.push(finding.at(property, value));
}

/// Where a record came from: its own original on the first line, and on a line each the rows of other
/// tables that it names. An id that is a UUID is kept.
fn origin(source: &str, id: &str, row: &Row, linked: &[Linked]) -> Origin {
    let mut original = row.original.bytes();
    for linked in linked {
        original.push(b'\n');
        original.extend_from_slice(&linked.original);
    }
    let origin = Origin::new(source, id.to_owned(), None, &original);
    Origin { id: Uuid::try_parse(id).unwrap_or(origin.id), ..origin }
}
