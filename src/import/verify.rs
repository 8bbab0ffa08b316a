//! Compares a source with the database, in four layers: counts, relations, fields, rules.
//!
//! What a correct import must hold is a snapshot whose links were checked, as the loader gets it; what is
//! here is read in one look and a fixed number of statements. How values come into columns is written a
//! second time (`values.rs`), from the rules and not from the loader.
//!
//! Both share what stands before and beside the loader. A mistake there is in both, and found by
//! neither: a reader that misunderstands a page, or does not see it (the tests compare readers with
//! files whose truth was written by hand); `check.rs`, which says which of several projects and parents
//! counts, what is cut and what is shortened; `When`, which makes days and instants of dates in the
//! owner's zone; the keys of tags; the ids of records; and the driver, which reads values as it wrote
//! them. It sees an edit that changed a record's version, but not who made it: damage done through
//! the database's triggers looks like one of the owner's.

mod alike;
mod here;
mod html;
mod json;
mod records;
mod relations;
mod report;
mod rules;
mod tagged;
mod values;

pub(super) use alike::{is_project_alike, is_tag_alike, is_task_alike};
pub(crate) use report::excerpt;
pub use report::{Changed, Difference, Layer, Row, Side, Verification};
pub use values::TIME_OF_IMPORT;

use super::Source;
use super::check;
use super::snapshot::{Kind, Origin, Snapshot};
use crate::error::{Error, Result};
use diesel_async::AsyncPgConnection;
use here::Here;
use records::Records;
use std::collections::BTreeMap;
use uuid::Uuid;

/// Compares a source, read with [`TIME_OF_IMPORT`] as its time, with what is here. The error means that it could not be done.
pub async fn verify(
    connection: &mut AsyncPgConnection,
    source: Source,
) -> anyhow::Result<Verification> {
    let Source { snapshot, lines, .. } = source;
    let counted = Counted::of(&snapshot);
    let comparing = async move |connection: &mut AsyncPgConnection| {
        compare(connection, snapshot, counted).await
    };
    // All of it as it was at one moment, whoever writes meanwhile.
    let mut transaction = connection.build_transaction().read_only().repeatable_read();
    let compared: Result<Verification> = transaction.run(comparing).await;
    let mut verification = compared.map_err(Error::revealed)?;
    verification.sources = lines;
    Ok(verification)
}

/// What the reader counted.
struct Counted {
    read: BTreeMap<Kind, usize>,
    repeated: BTreeMap<Kind, usize>,
}

impl Counted {
    fn of(snapshot: &Snapshot) -> Self {
        Self { read: snapshot.read.clone(), repeated: snapshot.repeated.clone() }
    }
}

async fn compare(
    connection: &mut AsyncPgConnection,
    snapshot: Snapshot,
    counted: Counted,
) -> Result<Verification> {
    let source = snapshot.source;
    let mut here = Here::read(connection, source, &expected_ids(&snapshot)).await?;
    let left_out = snapshot.left_out.clone();
    let (checked, findings) = check::check(snapshot, &here.imported(), here.zone);
    here.look_closer(connection, &checked).await?;
    let mut verification = Verification {
        source,
        read: counted.read,
        repeated: counted.repeated,
        // What the check could not keep is no difference, but whoever looks for it should find it.
        check_findings: findings.len(),
        disputed: here.disputed(&checked),
        ..Verification::default()
    };
    let mut records = Records::new(&here, &checked);
    records.compare_tasks(connection).await?;
    records.report(&left_out, &mut verification);
    tagged::compare(&here, &checked, &mut verification);
    relations::compare(&here, &checked, &mut verification);
    rules::judge(&here, &mut verification);
    verification.settle();
    Ok(verification)
}

/// The ids that the source's records have, where nothing else is known.
fn expected_ids(snapshot: &Snapshot) -> Vec<Uuid> {
    let projects = snapshot.projects.iter().map(|one| &one.origin);
    let tags = snapshot.tags.iter().map(|one| &one.origin);
    let tasks = snapshot.tasks.iter().map(|one| &one.origin);
    projects.chain(tags).chain(tasks).map(|origin: &Origin| origin.id).collect()
}
