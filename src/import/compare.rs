//! Tells what has drifted apart while two systems are in use: what was changed there since it was imported,
//! what was changed here, and what on both sides.
//!
//! What is equal is what `verify` finds equal: its differences are sorted here by who made them. A record that
//! was changed on both sides is compared a second time, as it was when it came: its original is kept.

mod base;
mod json;
mod own;
mod report;

pub use report::Drift;

use super::Source;
use super::snapshot::Kind;
use super::verify::{self, Difference, Layer, Verification};
use crate::error::Error;
use diesel_async::AsyncPgConnection;
use std::collections::BTreeMap;

/// The field that is a place among others.
const ORDER: &str = "order";

/// What happened to a record on one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// It was made there.
    Created,
    /// It was changed.
    Changed,
    /// It was moved to the trash.
    Trashed,
    /// It is gone; from there also where it is only not shared any longer.
    Removed,
    /// It differs, though nothing says that anybody changed it.
    Unexplained,
}

/// Who changed a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Somebody there.
    There,
    /// Somebody here.
    Here,
    /// Both.
    Both,
}

/// A field with two values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which.
    pub name: String,
    /// The value there; of several links one.
    pub there: Option<String>,
    /// The value here.
    pub here: Option<String>,
    /// Who changed it.
    pub changed: Side,
}

/// A record that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drifted {
    /// Its kind.
    pub kind: Kind,
    /// Its id there; of one that was made here, its id here.
    pub record: String,
    /// What it is called.
    pub title: String,
    /// What happened there since it was imported.
    pub there: Option<Act>,
    /// What happened here.
    pub here: Option<Act>,
    /// The fields in which it differs, where it is on both sides.
    pub fields: Vec<Field>,
}

impl Drifted {
    /// Whether there is something there that is not here: it is to be brought over, or decided about. What is
    /// gone there is not missed here.
    #[must_use]
    pub fn is_outstanding(&self) -> bool {
        let is_there = matches!(self.there, Some(Act::Created | Act::Changed));
        is_there || self.here == Some(Act::Unexplained)
    }

    /// Whether an import brings it over.
    #[must_use]
    pub fn can_be_brought(&self) -> bool {
        let is_news = matches!(self.there, Some(Act::Created | Act::Changed));
        // The place of a to-do is brought whatever else of it was changed here.
        let has_moved = |it: &Field| it.name == ORDER && it.changed == Side::There;
        is_news && (self.here.is_none() || self.fields.iter().any(has_moved))
    }
}

/// Compares what is there, read with [`verify::TIME_OF_IMPORT`], with what is here.
pub async fn compare(connection: &mut AsyncPgConnection, there: Source) -> anyhow::Result<Drift> {
    let known = there.known.clone();
    let compared = verify::verify(connection, there).await?;
    let mut drifted = sorted(&compared);
    let alike = compared.disputed.iter().filter(|key| !drifted.contains_key(key)).count();
    if drifted.values().any(is_on_both_sides) {
        let changed_there: Vec<&str> = compared
            .differences
            .iter()
            .filter(|it| it.changed.there)
            .map(|it| it.record.as_str())
            .collect();
        let base = base::read(connection, compared.source, &changed_there, known).await?;
        let then = verify::verify(connection, base).await?;
        for (key, drifted) in drifted.iter_mut().filter(|(_, it)| is_on_both_sides(it)) {
            tell_apart(drifted, of_record(&then, key));
        }
        drifted.retain(|_, one| one.there.is_some() || one.here.is_some());
    }
    let mut records: Vec<Drifted> = drifted.into_values().collect();
    let own = own::created(connection).await;
    records.extend(own.map_err(|error| Error::from(error).revealed())?);
    let named = own::name(connection, &mut records).await;
    named.map_err(|error| Error::from(error).revealed())?;
    records.sort_by(|one, other| {
        // What there is to do comes first: what happened there, then what on both sides.
        let key =
            |it: &Drifted| (it.there.is_none(), it.here.is_some(), it.there, it.here, it.kind);
        key(one).cmp(&key(other)).then_with(|| one.record.cmp(&other.record))
    });
    Ok(Drift { source: compared.source, read: compared.read, records, alike })
}

type Key = (Kind, String);

fn is_on_both_sides(one: &Drifted) -> bool {
    one.there == Some(Act::Changed) && one.here == Some(Act::Changed)
}

/// The differences that say something: an original has more than what is compared, a title is in an address
/// too, and when something was edited says nothing of what.
fn telling(difference: &Difference) -> bool {
    matches!(difference.layer, Layer::Fields | Layer::Relations)
        && !difference.record.is_empty()
        && !["original", "url", "updated_at"].contains(&difference.field.as_str())
}

fn of_record<'v>(
    verification: &'v Verification,
    (kind, record): &'v Key,
) -> impl Iterator<Item = &'v Difference> {
    let differences = verification.differences.iter().filter(|it| telling(it));
    differences.filter(move |it| it.kind == *kind && it.record == *record)
}

/// The records that differ, by what verify says of them.
fn sorted(compared: &Verification) -> BTreeMap<Key, Drifted> {
    let mut drifted: BTreeMap<Key, Drifted> = BTreeMap::new();
    for difference in compared.differences.iter().filter(|it| telling(it)) {
        let Difference { kind, record, title, changed, .. } = difference;
        let there = changed.there.then_some(Act::Changed);
        let here = changed.here.then_some(Act::Changed);
        let (there, here) = match difference.code {
            "missing" if *kind != Kind::Tag || !record.starts_with("tag:") => {
                (Some(Act::Created), None)
            }
            // Tags that are only names have no trace of their own: it is the task that changed.
            "missing" => continue,
            "purged" => (there, Some(Act::Removed)),
            "in_trash" => (there, Some(Act::Trashed)),
            "extra" if difference.layer == Layer::Fields => {
                let is_trashed = difference.sides.source.as_deref() == Some("in the trash");
                (Some(if is_trashed { Act::Trashed } else { Act::Removed }), here)
            }
            "unreferenced" | "misdirected" => (there, Some(Act::Unexplained)),
            _ if there.is_none() && here.is_none() => (None, Some(Act::Unexplained)),
            _ => (there, here),
        };
        let one = drifted.entry((*kind, record.clone())).or_insert_with(|| Drifted {
            kind: *kind,
            record: record.clone(),
            title: title.clone(),
            there,
            here,
            fields: Vec::new(),
        });
        // That it is not there says more than that a link of it is not.
        one.there = one.there.max(there);
        one.here = one.here.max(here);
        if difference.field.is_empty() {
            continue;
        }
        let changed = match (there, here) {
            (Some(_), Some(_)) => Side::Both,
            (Some(_), None) => Side::There,
            _ => Side::Here,
        };
        let verify::Side { source, here } = difference.sides.clone();
        let name = difference.field.clone();
        one.fields.push(Field { name, there: source, here, changed });
    }
    drifted
}

/// Says of each field who changed it, by what differs here from what had come.
fn tell_apart<'v>(drifted: &mut Drifted, since_then: impl Iterator<Item = &'v Difference>) {
    let then: Vec<&Difference> = since_then.collect();
    // Whether a place was changed here is told by the place, and known already.
    let is_known = |it: &Field| it.name == ORDER && it.changed == Side::There;
    for field in drifted.fields.iter_mut().filter(|it| !is_known(it)) {
        let of_field = |it: &&&Difference| it.field == field.name;
        // Of several links each is for itself.
        let is_link = ["tags", "awaited"].contains(&field.name.as_str());
        let (there, here) = (field.there.as_ref(), field.here.as_ref());
        let same = then.iter().filter(of_field).find(|it| {
            !is_link || (it.sides.source.as_ref(), it.sides.here.as_ref()) == (there, here)
        });
        field.changed = match same {
            None if field.name == ORDER => Side::Both,
            None => Side::There,
            Some(it) if it.sides.source.as_ref() == there => Side::Here,
            Some(_) => Side::Both,
        };
    }
    if drifted.fields.iter().all(|field| field.changed == Side::Here) {
        drifted.there = None;
    }
}
