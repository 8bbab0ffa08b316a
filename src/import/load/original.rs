//! What is remembered of each record: where it came from, what it was there, and its version here after
//! that. By it the next import tells what has changed, and where.

use super::Loader;
use super::place::Places;
use super::record::{Record, Versions};
use crate::error::Result;
use crate::import::kind::{Typed, label};
use crate::import::passing;
use crate::import::snapshot::{Kind, Origin};
use crate::tables::external_refs;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::upsert::excluded;
use diesel_async::RunQueryDsl;
use std::collections::HashMap;
use uuid::Uuid;

/// What an earlier import left of a record.
#[derive(Queryable, Selectable)]
#[diesel(table_name = external_refs)]
pub(super) struct Trace {
    #[diesel(column_name = record_type)]
    kind: Typed,
    #[diesel(column_name = record_id)]
    pub(super) record: Uuid,
    #[diesel(column_name = original_hash)]
    pub(super) hash: Vec<u8>,
    #[diesel(column_name = reading_hash)]
    reading: Option<Vec<u8>>,
    pub(super) edited_at: Option<DateTime<Utc>>,
    #[diesel(column_name = imported_version)]
    version: i32,
}

impl Trace {
    /// Whether the same is made of the original as before, as far as that is known.
    fn is_read_alike(&self, origin: &Origin) -> bool {
        self.reading.as_ref().is_none_or(|reading| *reading == origin.reading)
    }

    /// Whether the original is the same as before, and is read alike.
    pub(super) fn is_same(&self, origin: &Origin) -> bool {
        self.hash == origin.hash && self.is_read_alike(origin)
    }
}

/// A record that was written.
pub(super) struct Written<'r> {
    pub(super) origin: &'r Origin,
    /// The record that it became.
    pub(super) id: Uuid,
    /// What it names and is not there.
    pub(super) missing: Vec<(Kind, String)>,
    /// Whether it was changed on both sides and is alike by now.
    pub(super) is_settled: bool,
}

impl<'r> Written<'r> {
    /// A record that was written as it is in `loose`.
    pub(super) fn new<R: Record>(record: &'r R, loose: &R, id: Uuid) -> Self {
        let missing = loose.missing().to_vec();
        Self { origin: record.origin(), id, missing, is_settled: false }
    }
}

/// What is to be done with a record.
pub(super) enum Fate {
    Create,
    Update(Uuid),
    Unchanged,
    /// It was changed here, and stands elsewhere there.
    Move(Uuid),
    /// It was changed on both sides.
    Dispute(Uuid),
    Keep(&'static str),
}

impl Fate {
    pub(super) fn of<R: Record>(
        record: &R,
        known: &HashMap<String, Trace>,
        versions: &Versions,
        places: &Places,
    ) -> Self {
        let origin = record.origin();
        let Some(known) = known.get(&origin.external_id) else {
            return match versions.get(&origin.id) {
                None => Self::Create,
                Some(_) => Self::Keep("a record with its id is here already; that one was kept"),
            };
        };
        if known.kind.0 != R::KIND {
            return Self::Keep(
                "it was moved there and came as another kind of record; that one was kept",
            );
        }
        let is_as_it_came = versions.get(&known.record) == Some(&known.version);
        // Whose name a tag has is of no matter to the page that it came from.
        let is_own_tag = R::KIND == Kind::Tag && known.record == origin.id;
        let is_linked_alike = origin.is_linked_alike || is_own_tag;
        let is_same = known.is_same(origin) && is_linked_alike && origin.is_timed_alike;
        if is_same && !places.has_moved(known.record) {
            return Self::Unchanged;
        }
        match versions.get(&known.record) {
            // One of several pages that are one tag writes nothing over it.
            Some(_) if known.record != origin.id => Self::Update(known.record),
            Some(_) if is_as_it_came => Self::Update(known.record),
            Some(_) if is_same => Self::Move(known.record),
            Some(_) => Self::Dispute(known.record),
            None => Self::Keep("it was changed there, but purged here since the last import"),
        }
    }
}

impl Loader<'_> {
    /// What is known of these records from earlier imports.
    pub(super) async fn known<R: Record>(
        &mut self,
        records: &[R],
    ) -> Result<HashMap<String, Trace>> {
        let ids = records.iter().map(|record| record.origin().external_id.as_str());
        let rows: Vec<(String, Trace)> = external_refs::table
            .filter(external_refs::source.eq(self.source))
            .filter(external_refs::external_id.eq_any(ids))
            .select((external_refs::external_id, Trace::as_select()))
            .load(self.connection)
            .await?;
        let mut known: HashMap<String, Trace> = rows.into_iter().collect();
        let origins = records.iter().map(Record::origin);
        let changed = origins.filter(|origin| {
            let trace = known.get(&origin.external_id);
            trace.is_some_and(|it| it.hash != origin.hash && it.is_read_alike(origin))
        });
        let changed: Vec<&Origin> = changed.collect();
        let same = passing::unchanged(self.connection, self.source, &changed).await?;
        for origin in changed.into_iter().filter(|origin| same.contains(&origin.external_id)) {
            if let Some(trace) = known.get_mut(&origin.external_id) {
                trace.hash = origin.hash.to_vec();
            }
        }
        Ok(known)
    }

    /// Notes where the records came from, and their versions after that, which it tells.
    pub(super) async fn remember<R: Record>(
        &mut self,
        written: &[Written<'_>],
    ) -> Result<Versions> {
        let ids: Vec<Uuid> = written.iter().map(|one| one.id).collect();
        let versions = R::versions(self.connection, &ids).await?;
        let rows: Vec<_> = written
            .iter()
            .filter_map(|one| Some((one, one.origin, versions.get(&one.id)?)))
            .map(|(one, origin, version)| {
                (
                    external_refs::source.eq(self.source),
                    external_refs::external_id.eq(&origin.external_id),
                    external_refs::record_type.eq(label(R::KIND)),
                    external_refs::record_id.eq(one.id),
                    external_refs::url.eq(&origin.url),
                    external_refs::original.eq(origin.original.bytes()),
                    external_refs::original_hash.eq(origin.hash.as_slice()),
                    external_refs::reading_hash.eq(origin.reading.as_slice()),
                    external_refs::decisions.eq(&*origin.decisions),
                    external_refs::imported_at.eq(self.now),
                    external_refs::imported_version.eq(version),
                    external_refs::is_settled.eq(one.is_settled),
                    external_refs::edited_at.eq(origin.edited_at),
                )
            })
            .collect();
        diesel::insert_into(external_refs::table)
            .values(rows)
            .on_conflict((external_refs::source, external_refs::external_id))
            .do_update()
            .set((
                external_refs::record_id.eq(excluded(external_refs::record_id)),
                external_refs::url.eq(excluded(external_refs::url)),
                external_refs::original.eq(excluded(external_refs::original)),
                external_refs::original_hash.eq(excluded(external_refs::original_hash)),
                external_refs::reading_hash.eq(excluded(external_refs::reading_hash)),
                external_refs::decisions.eq(excluded(external_refs::decisions)),
                external_refs::imported_at.eq(excluded(external_refs::imported_at)),
                external_refs::imported_version.eq(excluded(external_refs::imported_version)),
                external_refs::edited_at.eq(excluded(external_refs::edited_at)),
                // What comes later leaves it a completion that was ours.
                external_refs::is_settled.eq(BoolExpressionMethods::or(
                    external_refs::is_settled,
                    excluded(external_refs::is_settled),
                )),
            ))
            .execute(self.connection)
            .await?;
        if R::KIND == Kind::Task {
            self.remember_missing(written).await?;
        }
        Ok(versions)
    }
}
