//! Which tasks a batch is about.

use super::{MOST, too_many};
use crate::entity::task::{Task, TaskFilter};
use crate::error::{Error, Result};
use crate::feed::RecordType;
use crate::query::comparator::uuids;
use crate::query::entity::{Entity, RecordScope};
use crate::query::expr::{Cond, Expr};
use crate::query::filter;
use crate::query::request::Request;
use crate::query::selection::{Field, member};
use crate::scalar::Id;
use crate::tables::{changes, tasks};
use crate::write::merge::Locked;
use crate::write::user_error::{UserError, UserErrorCode};
use async_graphql::OneofObject;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{HashMap, HashSet};

/// Which tasks.
#[derive(Clone, Debug, OneofObject)]
pub enum TaskTarget {
    /// These.
    Ids(Vec<Id>),
    /// The live ones that match.
    Filter(Box<TaskFilter>),
}

/// How many tasks a batch is expected to be about, and whether only that is asked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Expected {
    pub(super) dry_run: bool,
    pub(super) count: Option<i32>,
}

impl Expected {
    /// Why it is not done to so many.
    pub(super) fn refusal(&self, found: usize) -> Option<UserError> {
        let other = self.count.is_some_and(|count| usize::try_from(count) != Ok(found));
        let message = || format!("it would be done to {found} tasks");
        other
            .then(|| UserError::new(UserErrorCode::Invalid, &["input", "expectedCount"], message()))
    }
}

/// Which tasks, understood.
pub(super) enum Target {
    Ids(Vec<Id>),
    Filter(Cond<tasks::table>),
}

impl Target {
    pub(super) fn of(target: TaskTarget, field: &Field, request: &Request) -> Result<Self> {
        Ok(match target {
            TaskTarget::Ids(mut ids) => {
                // Each is told of where it stands first.
                let mut met = HashSet::new();
                ids.retain(|id| met.insert(*id));
                Self::Ids(ids)
            }
            TaskTarget::Filter(filter) => {
                let path = ["filter", "target", "input", &field.written];
                let within =
                    |error| path.iter().fold(error, |error: Error, step| error.within(step));
                let written = field.raw("input").and_then(|input| member(input, "target"));
                if let Some(written) = written.and_then(|target| member(target, "filter")) {
                    filter::refuse_nulls(written).map_err(within)?;
                }
                Self::Filter(filter::read(*filter, &request.moment).map_err(within)?)
            }
        })
    }

    /// The tasks, locked. Those that are listed must be live, unless those that are gone are as good: in the
    /// trash, or purged from it.
    pub(super) async fn tasks(
        &self,
        gone_too: bool,
        request: &Request,
        connection: &mut AsyncPgConnection,
    ) -> Result<Result<Vec<Id>, Vec<UserError>>> {
        match self {
            Self::Ids(ids) => listed(ids, gone_too, connection).await,
            Self::Filter(filter) => matching(filter, request, connection).await,
        }
    }
}

async fn matching(
    filter: &Cond<tasks::table>,
    request: &Request,
    connection: &mut AsyncPgConnection,
) -> Result<Result<Vec<Id>, Vec<UserError>>> {
    let rows = Task::rows()
        .select(&Expr::of(tasks::id))
        .filter(Task::scoped(RecordScope::Live))
        .filter(filter.clone())
        .order(&Task::sorting(Vec::new()))
        .limit(u32::try_from(MOST + 1).unwrap_or(u32::MAX));
    let locked = request.engine.shapes.admit(Locked(rows))?;
    let ids: Vec<Id> = locked.load(connection).await?;
    let too_many = ids.len() > MOST;
    Ok(if too_many { Err(vec![super::too_many(&["input", "target", "filter"])]) } else { Ok(ids) })
}

async fn listed(
    ids: &[Id],
    gone_too: bool,
    connection: &mut AsyncPgConnection,
) -> Result<Result<Vec<Id>, Vec<UserError>>> {
    if ids.len() > MOST {
        return Ok(Err(vec![too_many(&["input", "target", "ids"])]));
    }
    let found = tasks::table
        .filter(tasks::id.eq_any(uuids(ids.to_vec())))
        .order(tasks::id)
        .select((tasks::id, tasks::deleted_at.is_not_null()))
        .for_no_key_update()
        .load::<(Id, bool)>(connection);
    let mut found: HashMap<_, _> = found.await?.into_iter().collect();
    if gone_too {
        let purged = changes::table
            .filter(changes::record_id.eq_any(uuids(ids.to_vec())))
            .filter(changes::record_type.eq(RecordType::Task))
            .select(changes::record_id)
            .load::<Id>(connection);
        for id in purged.await? {
            found.entry(id).or_insert(true);
        }
    }
    let errors = ids.iter().enumerate().filter_map(|(place, id)| {
        let (code, message) = match found.get(id) {
            None => (UserErrorCode::NotFound, "there is no such task"),
            Some(true) if !gone_too => {
                (UserErrorCode::InTrash, "it is in the trash: restore it first")
            }
            Some(_) => return None,
        };
        let path = ["input", "target", "ids", &place.to_string()];
        Some(UserError::new(code, &path, message))
    });
    let errors: Vec<_> = errors.collect();
    Ok(if errors.is_empty() { Ok(ids.to_vec()) } else { Err(errors) })
}
