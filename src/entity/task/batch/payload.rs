//! What a batch answers.

use super::Done;
use crate::entity::task::Task;
use crate::entity::trash::SyncRecord;
use crate::error::Result;
use crate::query::entity::Entity;
use crate::query::kinds::{Known, Named, branch};
use crate::query::plan::{Boxed, Child, Json};
use crate::query::request::Request;
use crate::query::selection::{Field, Slot};
use crate::query::statement::Slots;
use crate::scalar::{ChangeCursor, Id, Key};
use crate::write::show;
use crate::write::user_error::UserError;
use async_graphql::{ComplexObject, Context, SimpleObject};
use std::sync::Arc;

/// What came of a write to many tasks.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct TasksPayload {
    /// How many tasks it was done to, or would be; parts that were made or deleted with others count too.
    pub affected_count: i32,
    /// Why it was refused; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// A mark in the change feed: a page of changes whose cursor is at or past it contains this write.
    pub cursor: ChangeCursor,
    /// The client's key of the write, as it was given.
    pub client_mutation_id: Option<Key>,
    /// Whether it was done before under the same key: this is the first answer, its record as it is now.
    pub replayed: bool,
    #[graphql(skip)]
    slots: Slots,
}

#[ComplexObject]
impl TasksPayload {
    /// The tasks as they are now: new ones in the order of the input, without parts that were made with them;
    /// all others that it was done to, deleted ones too.
    async fn tasks(&self, ctx: &Context<'_>) -> Result<Vec<Task>> {
        let records: Vec<Option<SyncRecord>> = self.slots.at(ctx)?;
        let task = |record| match record {
            Some(SyncRecord::Task(task)) => Some(task),
            _ => None,
        };
        Ok(records.into_iter().filter_map(task).collect())
    }
}

/// How the tasks of the payload are found, for each field that shows them.
fn plans(field: &Field, request: &Request) -> Result<Vec<(Slot, Known)>> {
    let parts = field.sub.iter().filter(|part| part.name == "tasks");
    let known = |part: &Field| {
        let (name, record) = branch::<Task>(part, &[], &request.moment)?;
        Ok((part.slot, Known { branches: vec![(name, name, record)] }))
    };
    parts.map(known).collect()
}

/// How many records the payload may bring for each task.
pub(super) fn cost(field: &Field, request: &Request) -> Result<u64> {
    Ok(plans(field, request)?.iter().map(|(_, known)| known.cost()).sum())
}

impl TasksPayload {
    /// The payload of a batch; `shown` of its records are in it, or all.
    pub(super) async fn of(
        field: &Field,
        request: &Request,
        key: Option<Key>,
        done: Done,
        shown: Option<usize>,
    ) -> Result<Self> {
        let ids: Vec<Id> = done.records.iter().copied().take(shown.unwrap_or(usize::MAX)).collect();
        let child = |(slot, known)| {
            let (ids, kinds) = (ids.iter().map(|id| id.0).collect(), vec![Task::NAME; ids.len()]);
            let named = Named { ids, kinds, known };
            Child { slot, json: Json::Other(Boxed(Arc::new(named)), 0) }
        };
        let children = plans(field, request)?.into_iter().map(child).collect();
        let (slots, cursor) = show(request, children).await?;
        Ok(Self {
            affected_count: i32::try_from(done.records.len()).unwrap_or(i32::MAX),
            user_errors: done.errors,
            cursor,
            client_mutation_id: key,
            replayed: done.replayed,
            slots,
        })
    }
}
