//! Records that were made here, and what tasks are called.

use super::{Act, Drifted};
use crate::import::snapshot::Kind;
use crate::tables::{external_refs, import_writes, projects, tags, tasks};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::HashMap;
use uuid::Uuid;

/// Live records that no import has brought.
pub(super) async fn created(connection: &mut AsyncPgConnection) -> QueryResult<Vec<Drifted>> {
    let mut created = Vec::new();
    macro_rules! of {
        ($kind:expr, $table:ident, $title:ident) => {
            let came = external_refs::table.filter(external_refs::record_id.eq($table::id));
            // Tags that are only names there have no reference.
            let written = import_writes::table.filter(import_writes::record_id.eq($table::id));
            let rows: Vec<(Uuid, String)> = $table::table
                .filter($table::deleted_at.is_null())
                .filter(not(exists(came)))
                .filter(not(exists(written)))
                .select(($table::id, $table::$title))
                .load(connection)
                .await?;
            created.extend(rows.into_iter().map(|(id, title)| Drifted {
                kind: $kind,
                record: id.to_string(),
                title,
                there: None,
                here: Some(Act::Created),
                fields: Vec::new(),
            }));
        };
    }
    of!(Kind::Project, projects, title);
    of!(Kind::Tag, tags, name);
    of!(Kind::Task, tasks, title);
    Ok(created)
}

/// Says what tasks are called that are only here.
pub(super) async fn name(
    connection: &mut AsyncPgConnection,
    records: &mut [Drifted],
) -> QueryResult<()> {
    let nameless = |one: &Drifted| one.kind == Kind::Task && one.title.is_empty();
    let ids = records.iter().filter(|one| nameless(one)).map(|one| one.record.as_str());
    let ids: Vec<&str> = ids.collect();
    let rows: Vec<(String, String)> = external_refs::table
        .inner_join(tasks::table.on(tasks::id.eq(external_refs::record_id)))
        .filter(external_refs::external_id.eq_any(ids))
        .select((external_refs::external_id, tasks::title))
        .load(connection)
        .await?;
    let mut titles: HashMap<String, String> = rows.into_iter().collect();
    for one in records.iter_mut().filter(|one| nameless(one)) {
        one.title = titles.remove(&one.record).unwrap_or_default();
    }
    Ok(())
}
