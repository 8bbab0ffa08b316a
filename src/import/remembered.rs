//! The properties that imports understood, remembered by their ids: a name that is changed there changes nothing
//! here, and one that is missing does not empty a field of every record.

use super::Source;
use super::finding::{Finding, Severity};
use super::kind::{Typed, label};
use super::notion::{Names, Presence, fold};
use super::snapshot::Kind;
use crate::error::Error;
use crate::tables::known_properties;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::BTreeMap;

/// What is remembered of a source.
#[derive(Debug, Default)]
pub struct Remembered {
    rows: Vec<Row>,
}

impl Remembered {
    /// Reads what is remembered.
    pub async fn read(connection: &mut AsyncPgConnection, source: &str) -> anyhow::Result<Self> {
        let rows: Vec<(Typed, String, String, DateTime<Utc>)> = known_properties::table
            .filter(known_properties::source.eq(source))
            .order((known_properties::record_type, known_properties::property_id))
            .select((
                known_properties::record_type,
                known_properties::property_id,
                known_properties::name,
                known_properties::understood_at,
            ))
            .load(connection)
            .await
            .map_err(|error| Error::from(error).revealed())?;
        let rows = rows.into_iter().map(|(Typed(kind), id, name, at)| (kind, id, name, at));
        Ok(Self { rows: rows.collect() })
    }

    /// The names under which properties were understood.
    #[must_use]
    pub fn names(&self) -> Names {
        let mut names = Names::default();
        for (kind, id, name, _) in &self.rows {
            names.add(*kind, id.clone(), name.clone());
        }
        names
    }

    /// What the last import of each kind understood.
    fn last(&self) -> impl Iterator<Item = &Row> {
        let mut last: BTreeMap<Kind, DateTime<Utc>> = BTreeMap::new();
        for (kind, _, _, at) in &self.rows {
            let last = last.entry(*kind).or_insert(*at);
            *last = (*at).max(*last);
        }
        self.rows.iter().filter(move |(kind, _, _, at)| last.get(kind) == Some(at))
    }

    /// Refuses a source that lacks what the last import understood: its fields would be emptied everywhere.
    pub(super) fn check(&self, source: &Source) -> anyhow::Result<()> {
        let given_up: Vec<String> = source.known.without.iter().map(|name| fold(name)).collect();
        let presence = Presence::of(&source.properties, &source.known.schema);
        let lost: Vec<_> =
            self.last().filter(|(_, _, name, _)| !given_up.contains(&fold(name))).collect();
        let missing = lost.iter().filter(|(kind, id, name, _)| presence.lacks(*kind, id, name));
        refuse(
            &missing.copied().collect::<Vec<_>>(),
            "what the last import understood is not there any longer",
            "restore it there",
        )?;
        if source.known.mapping.is_some() {
            // Whoever says what becomes of each property means it.
            return Ok(());
        }
        let unread = lost.iter().filter(|(kind, id, ..)| source.properties.is_unread(*kind, id));
        refuse(
            &unread.copied().collect::<Vec<_>>(),
            "what the last import understood is there, and is not understood any longer",
            "say with --mapping what it becomes (--print-mapping prints what is understood)",
        )
    }
}

/// A remembered property: its kind, its id, its name, and when it was understood.
type Row = (Kind, String, String, DateTime<Utc>);

/// Refuses an import that would lose properties, where there are such.
fn refuse(properties: &[&Row], what: &str, cure: &str) -> anyhow::Result<()> {
    if properties.is_empty() {
        return Ok(());
    }
    let named =
        properties.iter().map(|(kind, _, name, _)| format!("{name:?} of the {}", kind.plural()));
    let flags = properties.iter().map(|(_, _, name, _)| format!("--without {name:?}"));
    anyhow::bail!(
        "{what}: {}; nothing was written, for each of these records would lose what it said; {cure}, or go on \
         without it: {}",
        named.collect::<Vec<_>>().join(", "),
        flags.collect::<Vec<_>>().join(" ")
    )
}

impl Source {
    /// What is called otherwise now, each once.
    #[must_use]
    pub fn renamed(&self) -> Vec<Finding> {
        let renamed = self.known.names.renamed(&self.properties).into_iter();
        let renamed = renamed.map(|(kind, before, now)| {
            let reason = format!("it is now called {now:?} there, and is read as before");
            Finding::new(Severity::Information, kind, "", "renamed", reason).at(before, "")
        });
        renamed.collect()
    }

    /// What was understood before, and has no place in the mapping: records lose what it said.
    #[must_use]
    pub fn unmapped(&self) -> Vec<Finding> {
        let rows = self.remembered.last().filter(|_| self.known.mapping.is_some());
        let unread = rows.filter(|(kind, id, ..)| self.properties.is_unread(*kind, id));
        let unread = unread.map(|(kind, _, name, _)| {
            let reason = "an earlier import understood it, and the mapping gives it no place";
            Finding::new(Severity::Warning, *kind, "", "unmapped", reason).at(name, "")
        });
        unread.collect()
    }

    /// Remembers what an import understood.
    pub(super) fn understood(&self) -> Vec<(Kind, String, String)> {
        let all = self.properties.all();
        let understood = all.filter(|(_, id, seen)| seen.is_understood && !id.is_empty());
        let understood = understood.map(|(kind, id, seen)| {
            let before = self.known.names.of(kind, id);
            (kind, id.to_owned(), before.unwrap_or(&seen.name).to_owned())
        });
        understood.collect()
    }
}

/// Remembers what an import of this moment understood.
pub(super) async fn remember(
    connection: &mut AsyncPgConnection,
    source: &str,
    understood: &[(Kind, String, String)],
    now: DateTime<Utc>,
) -> QueryResult<()> {
    let rows = understood.iter().map(|(kind, id, name)| {
        (
            known_properties::source.eq(source),
            known_properties::record_type.eq(label(*kind)),
            known_properties::property_id.eq(id),
            known_properties::name.eq(name),
            known_properties::understood_at.eq(now),
        )
    });
    diesel::insert_into(known_properties::table)
        .values(rows.collect::<Vec<_>>())
        .on_conflict((
            known_properties::source,
            known_properties::record_type,
            known_properties::property_id,
        ))
        .do_update()
        .set((
            known_properties::name.eq(excluded(known_properties::name)),
            known_properties::understood_at.eq(excluded(known_properties::understood_at)),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
