//! What has drifted apart, for a person at a terminal.

use super::{Act, Drifted, Field, Side, json};
use crate::import::snapshot::Kind;
use crate::import::verify;
use std::collections::BTreeMap;
use std::fmt;

/// How many records of one sort a terminal shows.
const SHOWN: usize = 20;

/// What a comparison found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drift {
    /// The system that is compared.
    pub source: &'static str,
    /// How many records of each kind are there.
    pub read: BTreeMap<Kind, usize>,
    /// The records that are not the same.
    pub records: Vec<Drifted>,
    /// How many records were changed on both sides and are alike by now: they are to be settled, so that what
    /// happens to them there alone can be brought.
    pub alike: usize,
}

/// How many records there are of each sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Counts {
    /// Those that were changed there alone.
    pub there: usize,
    /// Those that were changed here alone.
    pub here: usize,
    /// Those that were changed on both sides.
    pub both: usize,
}

impl Drift {
    /// Whether both sides are the same.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.records.is_empty()
    }

    /// How many records there have something that is not here.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.records.iter().filter(|one| one.is_outstanding()).count()
    }

    /// How many records there are of each sort.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let count = |there, here| {
            let is_one = |it: &&Drifted| (it.there.is_some(), it.here.is_some()) == (there, here);
            self.records.iter().filter(is_one).count()
        };
        Counts { there: count(true, false), here: count(false, true), both: count(true, true) }
    }

    /// The whole of it for programs.
    #[must_use]
    pub fn to_json(&self, looked_at: chrono::DateTime<chrono::Utc>) -> String {
        json::page(self, looked_at)
    }
}

/// What happened to a record, in words.
fn heading(one: &Drifted) -> String {
    let word = |act| match act {
        Act::Created => "created",
        Act::Changed => "changed",
        Act::Trashed => "moved to the trash",
        Act::Removed => "removed",
        Act::Unexplained => "another, and nobody says why (tomos verify compares all of it):",
    };
    match (one.there, one.here) {
        (Some(Act::Changed), Some(Act::Changed)) => "changed on both sides".to_owned(),
        (Some(there), Some(here)) => format!("{} there, {} here", word(there), word(here)),
        (Some(there), None) => format!("{} there", word(there)),
        (None, here) => format!("{} here", here.map_or("", word)),
    }
}

impl fmt::Display for Drift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown: BTreeMap<String, usize> = BTreeMap::new();
        for one in &self.records {
            let heading = heading(one);
            let all = self.records.iter().filter(|it| self::heading(it) == heading).count();
            let place = shown.entry(heading.clone()).or_default();
            *place += 1;
            if *place == 1 {
                writeln!(f, "{heading}: {all}")?;
            }
            if *place <= SHOWN {
                record(f, one)?;
            } else if *place == SHOWN + 1 {
                writeln!(f, "  and {} more; --json FILE has them all", all - SHOWN)?;
            }
        }
        let Counts { there, here, both } = self.counts();
        match self.alike {
            0 => {}
            1 => writeln!(f, "1 record was changed on both sides and is alike by now.")?,
            all => writeln!(f, "{all} records were changed on both sides and are alike by now.")?,
        }
        match self.records.len() {
            0 => writeln!(f, "Nothing differs."),
            all => {
                let records = if all == 1 { "record differs" } else { "records differ" };
                writeln!(
                    f,
                    "{all} {records}: {there} by what happened there, {here} here, {both} on both sides."
                )?;
                self.advise(f)
            }
        }
    }
}

impl Drift {
    /// Says what the owner has to do, and nobody does for him.
    fn advise(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let acts = || self.records.iter().map(|it| (it.there, it.here));
        if acts().any(|acts| matches!(acts, (Some(Act::Changed), Some(_)))) {
            writeln!(
                f,
                "What was changed on both sides stays as it is here; make it alike on one of them."
            )?;
        }
        if acts().any(|(there, _)| matches!(there, Some(Act::Removed | Act::Trashed))) {
            writeln!(
                f,
                "What is gone there stays here; move it to the trash here, too, or keep it."
            )?;
        }
        Ok(())
    }
}

fn record(f: &mut fmt::Formatter<'_>, one: &Drifted) -> fmt::Result {
    writeln!(f, "  {} {} {:?}", one.kind, one.record, verify::excerpt(&one.title, 0))?;
    for field in &one.fields {
        let Field { name, there, here, changed } = field;
        let sides = verify::Side { source: there.clone(), here: here.clone() };
        let verify::Side { source, here } = sides.excerpts();
        let value = |it: Option<String>| it.map_or("nothing".to_owned(), |it| format!("{it:?}"));
        let who = match changed {
            Side::There => "there",
            Side::Here => "here",
            Side::Both => "on both sides",
        };
        writeln!(f, "    {name}, changed {who}: there {}, here {}", value(source), value(here))?;
    }
    Ok(())
}
