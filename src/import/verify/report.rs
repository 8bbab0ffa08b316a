//! What a comparison found: a table and the differences for a person at a terminal.

use super::json;
use crate::import::snapshot::Kind;
use std::collections::BTreeMap;
use std::fmt;

/// How many differences of one kind a terminal shows.
const SHOWN: usize = 20;
/// How many characters of a value are shown, around the place where it differs.
const EXCERPT: usize = 60;

/// What is compared, from the coarse to the fine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// How many there are.
    Counts,
    /// What belongs to what.
    Relations,
    /// Each record and each of its fields.
    Fields,
    /// What holds of every record.
    Rules,
}

impl Layer {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counts => "counts",
            Self::Relations => "relations",
            Self::Fields => "fields",
            Self::Rules => "rules",
        }
    }
}

/// A line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// The layer.
    pub layer: Layer,
    /// What was compared.
    pub what: &'static str,
    /// How many there are in the source; of a rule, how many records it is for.
    pub source: usize,
    /// How many of them were found here.
    pub here: usize,
    /// How many differences there are.
    pub differing: usize,
    /// How many of these are of records that were changed here since the import.
    pub changed_here: usize,
}

/// A value in the source and here.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Side {
    /// There.
    pub source: Option<String>,
    /// Here.
    pub here: Option<String>,
}

impl Side {
    /// Nothing to show.
    pub(super) const NONE: Self = Self { source: None, here: None };

    /// Both of them.
    pub(super) fn both(source: Option<&str>, here: Option<&str>) -> Self {
        Self { source: source.map(str::to_owned), here: here.map(str::to_owned) }
    }
}

/// Whether a record was changed since it was imported, as far as this is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// It has another version here.
    pub here: bool,
    /// Its original has another hash there.
    pub there: bool,
}

/// Something that is not as it should be.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The layer that found it.
    pub layer: Layer,
    /// The line of the table that counts it.
    pub row: &'static str,
    /// The kind of the record.
    pub kind: Kind,
    /// The record: its id in the source, else its id here; empty where it is about all of a kind.
    pub record: String,
    /// What it is called.
    pub title: String,
    /// A short code that scripts can rely on.
    pub code: &'static str,
    /// The field or the relation; empty where it is the whole record.
    pub field: String,
    /// The values.
    pub sides: Side,
    /// Whether it was changed since the import.
    pub changed: Changed,
}

/// What a comparison found.
#[derive(Clone, Debug, Default)]
pub struct Verification {
    /// The system that the source is of.
    pub source: &'static str,
    /// Each file in words.
    pub sources: Vec<String>,
    /// How many records the reader met.
    pub read: BTreeMap<Kind, usize>,
    /// How many of them were repetitions of another.
    pub repeated: BTreeMap<Kind, usize>,
    /// How many links and texts of the source no import can keep as they are.
    pub check_findings: usize,
    /// The table.
    pub rows: Vec<Row>,
    /// Everything that differs.
    pub differences: Vec<Difference>,
    /// The records that were changed there and here since they came, by their ids there, whether they differ or not.
    pub disputed: Vec<(Kind, String)>,
    /// Of each kind a hash over all fields of all records: there, and here.
    pub fingerprints: BTreeMap<Kind, [[u8; 32]; 2]>,
}

impl Verification {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.differences.is_empty()
    }

    /// The whole of it for programs.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::page(self)
    }

    /// The whole of it as one page that needs nothing else.
    #[must_use]
    pub fn to_html(&self) -> String {
        super::html::page(self)
    }

    /// How many differences no edit accounts for that was made since the import. Counts differ by others.
    #[must_use]
    pub fn unexplained(&self) -> usize {
        let is_unexplained = |it: &&Difference| {
            let is_counted = it.layer != Layer::Counts;
            is_counted && !it.changed.here && !it.changed.there
        };
        self.differences.iter().filter(is_unexplained).count()
    }

    /// Adds a line to the table.
    pub(super) fn row(&mut self, layer: Layer, what: &'static str, source: usize, here: usize) {
        self.rows.push(Row { layer, what, source, here, differing: 0, changed_here: 0 });
    }

    /// Adds a count, which differs where the numbers do.
    pub(super) fn count(&mut self, layer: Layer, what: &'static str, source: usize, here: usize) {
        self.row(layer, what, source, here);
        if source == here {
            return;
        }
        self.differences.push(Difference {
            layer,
            row: what,
            kind: Kind::Task,
            record: String::new(),
            title: String::new(),
            code: "count",
            field: what.to_owned(),
            sides: Side { source: Some(source.to_string()), here: Some(here.to_string()) },
            changed: Changed::default(),
        });
    }

    /// Puts everything in one order, whatever order it was found in, and counts it.
    pub(super) fn settle(&mut self) {
        self.differences.sort_by(|one, other| {
            let key = |it: &Difference| (it.layer, it.kind, it.row, it.code);
            let rest = |it: &Difference| (it.record.clone(), it.field.clone(), it.sides.clone());
            key(one).cmp(&key(other)).then_with(|| rest(one).cmp(&rest(other)))
        });
        self.rows.sort_by_key(|row| row.layer);
        for row in &mut self.rows {
            let of_row = |it: &&Difference| it.layer == row.layer && it.row == row.what;
            let differing: Vec<_> = self.differences.iter().filter(of_row).collect();
            row.differing = differing.len();
            row.changed_here = differing.iter().filter(|it| it.changed.here).count();
        }
    }
}

impl Difference {
    /// What is wrong, in words.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self.code {
            "count" => "there are not as many",
            "missing" => "it is not here",
            "purged" => "it was here and is gone for good",
            "in_trash" => "it is in the trash here",
            "unreferenced" => "it is here, but nothing says where it came from",
            "misdirected" => "what it is said to have become is another record",
            "extra" if self.layer == Layer::Fields => "it is here, but not in the source",
            "extra" => "it has it here, but not in the source",
            "lost" => "it has it in the source, but not here",
            "orphan" => "it names what is not there",
            "parent_in_trash" => "what it is a part of is in the trash",
            "due_day" => "the day is not the one of the time",
            "completion" => "it is done without a time, or has a time and is not done",
            "duplicate_tag" => "several tags have one name",
            "tag_key" => "it is found under another name than it has",
            "duplicate_reference" => "several references name one record",
            "original" => "the original that is kept is not the one that came",
            "too_deep" => "it is nested too deeply",
            "cycle" => "it is a part of itself",
            _ => "it is another one",
        }
    }

    /// Whether it was changed since the import, in words.
    #[must_use]
    pub fn since(&self) -> &'static str {
        match (self.changed.here, self.changed.there) {
            (false, false) => "",
            (true, false) => "changed here since",
            (false, true) => "changed there since",
            (true, true) => "changed here and there since",
        }
    }

    /// Both values, cut to where they differ.
    #[must_use]
    pub fn excerpts(&self) -> Side {
        self.sides.excerpts()
    }
}

impl Side {
    /// Both values, cut to where they differ.
    pub(crate) fn excerpts(&self) -> Self {
        let Self { source, here } = self;
        let (one, other) = (source.as_deref().unwrap_or(""), here.as_deref().unwrap_or(""));
        let same = one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count();
        let cut = |text: &String| excerpt(text, same);
        Self { source: source.as_ref().map(cut), here: here.as_ref().map(cut) }
    }
}

/// A part of a text around a place in it.
pub(crate) fn excerpt(text: &str, place: usize) -> String {
    let start = place.saturating_sub(EXCERPT / 3);
    let start = if place <= EXCERPT / 2 { 0 } else { start };
    let mut rest = text.chars().skip(start);
    let part: String = rest.by_ref().take(EXCERPT).collect();
    let before = if start > 0 { "…" } else { "" };
    let behind = if rest.next().is_some() { "…" } else { "" };
    format!("{before}{part}{behind}")
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for source in &self.sources {
            writeln!(f, "{source}")?;
        }
        self.table(f)?;
        let mut shown: BTreeMap<(Layer, &str, &str), usize> = BTreeMap::new();
        for difference in &self.differences {
            let group = (difference.layer, difference.row, difference.code);
            let place = shown.entry(group).or_default();
            *place += 1;
            if *place == 1 {
                writeln!(f, "\n{} {}: {}", group.0.as_str(), group.1, difference.reason())?;
            }
            if *place <= SHOWN {
                line(f, difference)?;
            }
            let all = || self.differences.iter().filter(|it| (it.layer, it.row, it.code) == group);
            if *place == SHOWN + 1 {
                writeln!(f, "  and {} more; --json FILE has them all", all().count() - SHOWN)?;
            }
        }
        let here = self.differences.iter().filter(|it| it.changed.here).count();
        match (self.differences.len(), here) {
            (0, _) => writeln!(f, "\nNothing differs."),
            (1, 0) => writeln!(f, "\n1 difference."),
            (all, 0) => writeln!(f, "\n{all} differences."),
            (all, here) => {
                writeln!(f, "\n{all} differences, {here} of records that were changed here since.")
            }
        }
    }
}

impl Verification {
    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<10} {:<22} {:>7} {:>7} {:>7} {:>13}",
            "", "", "source", "here", "differ", "changed here"
        )?;
        let mut last = None;
        for row in &self.rows {
            let layer =
                if last.replace(row.layer) == Some(row.layer) { "" } else { row.layer.as_str() };
            writeln!(
                f,
                "{:<10} {:<22} {:>7} {:>7} {:>7} {:>13}",
                layer, row.what, row.source, row.here, row.differing, row.changed_here
            )?;
        }
        Ok(())
    }
}

/// A difference in one line. Control characters cannot play with the terminal.
fn line(f: &mut fmt::Formatter<'_>, difference: &Difference) -> fmt::Result {
    let Difference { kind, record, title, field, .. } = difference;
    f.write_str("  ")?;
    if !record.is_empty() {
        write!(f, "{kind} {record}")?;
        if !title.is_empty() {
            write!(f, " {:?}", excerpt(title, 0))?;
        }
        f.write_str(" ")?;
    }
    f.write_str(field)?;
    let Side { source, here } = difference.excerpts();
    if source.is_some() || here.is_some() {
        let value =
            |value: Option<String>| value.map_or("nothing".to_owned(), |it| format!("{it:?}"));
        if difference.layer == Layer::Rules {
            write!(f, ": {}", value(here))?;
        } else {
            write!(f, ": source {}, here {}", value(source), value(here))?;
        }
    }
    match difference.since() {
        "" => writeln!(f),
        since => writeln!(f, " ({since})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_are_shown_around_the_place_where_they_differ() {
        let (one, other) = ("a".repeat(500) + "b" + &"c".repeat(500), "a".repeat(500) + "x");
        let difference = Difference {
            layer: Layer::Fields,
            row: "tasks",
            kind: Kind::Task,
            record: String::new(),
            title: String::new(),
            code: "differs",
            field: "description".to_owned(),
            sides: Side { source: Some(one), here: Some(other) },
            changed: Changed::default(),
        };
        let Side { source, here } = difference.excerpts();
        let same = "a".repeat(20);
        assert_eq!(source, Some(format!("…{same}b{}…", "c".repeat(39))));
        assert_eq!(here, Some(format!("…{same}x")));
    }
}
