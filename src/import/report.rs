//! What is said at the end of an import: a table and the findings for a person, and a file with each
//! record that did not come, or not as it was, for whoever looks after them.

use super::finding::{Finding, Severity};
use super::load::{Loaded, Reached};
use super::snapshot::{Kind, LeftOut};
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// What there is to report.
#[derive(Debug, Default)]
pub struct Report {
    /// What was read, in words; one line a file.
    pub sources: Vec<String>,
    /// Whether everything was undone at the end.
    pub is_trial: bool,
    /// How many records of each kind were read.
    pub read: BTreeMap<Kind, usize>,
    /// How many of them were not taken because they are in the trash or repetitions.
    pub skipped: BTreeMap<Kind, usize>,
    /// How many of them could not be read.
    pub rejected: BTreeMap<Kind, usize>,
    /// What was written.
    pub loaded: Loaded,
    /// What the records are called of which there is something to say.
    pub titles: BTreeMap<(Kind, String), String>,
    /// Why it stopped on the way, where it did.
    pub stopped: Option<String>,
}

/// How an import ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything came as it was.
    Clean,
    /// Done, with warnings or rejected records.
    WithFindings,
    /// Stopped on the way; the same command goes on from there.
    Stopped,
}

impl Report {
    /// How it ended.
    #[must_use]
    pub fn ended(&self) -> Ended {
        let matters = |finding: &Finding| finding.severity <= Severity::Warning;
        if self.stopped.is_some() {
            Ended::Stopped
        } else if self.loaded.findings.iter().any(matters) {
            Ended::WithFindings
        } else {
            Ended::Clean
        }
    }

    /// Counts a record that the reader left out.
    pub(super) fn count_left_out(&mut self, kind: Kind, why: LeftOut) {
        let counts = match why {
            LeftOut::Trashed => &mut self.skipped,
            LeftOut::Rejected => &mut self.rejected,
        };
        *counts.entry(kind).or_default() += 1;
    }

    /// The records that did not come, and each warning, one JSON object a line: who, why, and of what did
    /// not come the original.
    #[must_use]
    pub fn error_lines(&self) -> String {
        let mut lines = String::new();
        for finding in &self.loaded.findings {
            if finding.severity == Severity::Information {
                continue;
            }
            let title = self.titles.get(&(finding.kind, finding.record.clone()));
            let line = ErrorLine::of(finding, title.map(String::as_str));
            if let Ok(line) = serde_json::to_string(&line) {
                lines.push_str(&line);
                lines.push('\n');
            }
        }
        lines
    }

    fn table(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<8} {:>7} {:>8} {:>8} {:>10} {:>8} {:>9}",
            "", "read", "created", "updated", "unchanged", "skipped", "rejected"
        )?;
        for kind in [Kind::Project, Kind::Tag, Kind::Task] {
            let of =
                |counts: &BTreeMap<Kind, usize>| counts.get(&kind).copied().unwrap_or_default();
            let tally = self.loaded.tallies.get(&kind).copied().unwrap_or_default();
            writeln!(
                f,
                "{:<8} {:>7} {:>8} {:>8} {:>10} {:>8} {:>9}",
                kind.plural(),
                of(&self.read),
                tally.created,
                tally.updated,
                tally.unchanged,
                of(&self.skipped) + tally.kept,
                of(&self.rejected) + tally.rejected,
            )?;
        }
        match self.loaded.tags_by_name {
            0 => Ok(()),
            1 => writeln!(f, "and 1 tag that tasks name"),
            many => writeln!(f, "and {many} tags that tasks name"),
        }
    }

    /// The findings, grouped by what they are about and counted.
    fn groups(&self) -> BTreeMap<Group<'_>, (usize, &str)> {
        let mut groups: BTreeMap<_, (usize, &str)> = BTreeMap::new();
        for finding in &self.loaded.findings {
            let group = Group {
                severity: finding.severity,
                code: finding.code,
                kind: finding.kind,
                property: &finding.property,
                value: &finding.value,
            };
            groups.entry(group).or_insert((0, &finding.reason)).0 += 1;
        }
        groups
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Group<'a> {
    severity: Severity,
    code: &'static str,
    kind: Kind,
    property: &'a str,
    value: &'a str,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for source in &self.sources {
            writeln!(f, "{source}")?;
        }
        self.table(f)?;
        let mut heading = None;
        for (group, (count, reason)) in self.groups() {
            if heading.replace(group.severity) != Some(group.severity) {
                writeln!(f, "\n{}", group.severity.as_str())?;
            }
            write!(f, "{count:>6}  {} {}", group.kind, group.code)?;
            match (group.property, group.value) {
                ("", "") => {}
                ("", value) => write!(f, " {value:?}")?,
                (property, "") => write!(f, " {property}")?,
                (property, value) => write!(f, " {property} {value:?}")?,
            }
            writeln!(f, ": {reason}")?;
        }
        if let Some(why) = &self.stopped {
            let place = self.loaded.reached.map(|Reached { kind, done, all }| {
                format!(" after {done} of {all} {}", kind.plural())
            });
            writeln!(f, "\nStopped on the way{}: {why}.", place.unwrap_or_default())?;
        }
        match (self.is_trial, self.stopped.is_some()) {
            (true, _) => writeln!(f, "\nThis was a trial: nothing was written.")?,
            (false, true) => {
                writeln!(f, "What is counted as done stays; the same command goes on from there.")?;
            }
            (false, false) => {}
        }
        match self.loaded.run {
            Some(run) => {
                writeln!(f, "\nImport {run}: tomos rollback --import {run} takes it back.")
            }
            None => Ok(()),
        }
    }
}

#[derive(Serialize)]
struct ErrorLine<'a> {
    severity: &'static str,
    kind: String,
    record: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    code: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    property: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    value: &'a str,
    reason: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<Box<RawValue>>,
}

impl<'a> ErrorLine<'a> {
    fn of(finding: &'a Finding, title: Option<&'a str>) -> Self {
        let original = finding.original.clone().and_then(|original| {
            // Line ends stand only between the parts of JSON, never within a string.
            let line = String::from_utf8(original).ok()?.replace(['\n', '\r'], " ");
            RawValue::from_string(line).ok()
        });
        Self {
            severity: finding.severity.as_str(),
            kind: finding.kind.to_string(),
            record: &finding.record,
            title,
            code: finding.code,
            property: &finding.property,
            value: &finding.value,
            reason: &finding.reason,
            original,
        }
    }
}
