//! Moving tasks to the trash with their subtasks, and back.

use super::change::{CONSTRAINTS, TaskPayload};
use super::{Task, live};
use crate::entity::trash::DeletePayload;
use crate::error::Result;
use crate::feed::RecordType;
use crate::query::expr::{Expr, all};
use crate::query::request::Request;
use crate::scalar::{DateTime, Id};
use crate::tables::tasks;
use crate::write::{Needs, Operation, RecordRef, Write, run};
use async_graphql::{Context, Object};
use diesel::dsl::{case_when, not};
use diesel::prelude::*;
use diesel::sql_types::Nullable;

/// The mutations that move tasks to the trash and back.
#[derive(Debug, Default)]
pub struct TaskTrashMutation;

#[Object]
impl TaskTrashMutation {
    /// To the trash, with its subtasks; deleting again succeeds.
    async fn delete_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task.")] input: RecordRef,
    ) -> Result<DeletePayload> {
        let outcome = run(ctx, delete(&input, Request::of(ctx)?)).await?;
        Ok(DeletePayload::of(input.id, outcome))
    }

    /// Back from the trash, with the subtasks that went with it. A subtask whose parent stays in the
    /// trash becomes a task of the top level.
    async fn restore_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task.")] input: RecordRef,
    ) -> Result<TaskPayload> {
        Ok(run(ctx, restore(&input, Request::of(ctx)?)).await?.into())
    }
}

/// Moves a task to the trash with its subtasks.
pub(in crate::entity) fn delete(input: &RecordRef, request: &Request) -> Operation<Task> {
    let now = DateTime(request.moment.now);
    let mut merge = input.merge(RecordType::Task);
    merge.whole("deletedAt", &live());
    let trashed = diesel::update(tasks::table)
        .filter(all(vec![live(), merge.gate()]))
        .filter(tasks::id.eq_any(family(input.id)))
        .set((
            tasks::deleted_at.eq(now),
            tasks::trashed_with.eq(input.id),
            tasks::updated_at.eq(now),
        ))
        .returning(tasks::id);
    operation((input.id, Needs::Gone), Write::new(trashed).merging(merge))
}

/// Takes a task out of the trash with what went there with it.
pub(in crate::entity) fn restore(input: &RecordRef, request: &Request) -> Operation<Task> {
    let (id, now) = (input.id, DateTime(request.moment.now));
    let mut merge = input.merge(RecordType::Task);
    let trashed = Expr::of(tasks::deleted_at.is_not_null());
    merge.field("deletedAt", &trashed);
    diesel::alias!(tasks as others: Others);
    let went = others
        .filter(others.field(tasks::id).eq(id))
        .select(others.field(tasks::trashed_with))
        .single_value();
    let live = others
        .filter(others.field(tasks::deleted_at).is_null())
        .select(others.field(tasks::id).nullable());
    let orphaned = tasks::id.eq(id).and(not(tasks::parent_id.eq_any(live)));
    let restored = diesel::update(tasks::table)
        .filter(all(vec![trashed, merge.gate()]))
        .filter(tasks::trashed_with.eq(went))
        .filter(tasks::id.eq_any(family(id)))
        .set((
            tasks::deleted_at.eq(None::<DateTime>),
            tasks::trashed_with.eq(None::<Id>),
            tasks::updated_at.eq(now),
            tasks::parent_id.eq(case_when(
                orphaned.assume_not_null(),
                None::<Id>.into_sql::<Nullable<diesel::sql_types::Uuid>>(),
            )
            .otherwise(tasks::parent_id)),
        ))
        .returning(tasks::id);
    operation((id, Needs::Any), Write::new(restored).merging(merge))
}

/// A write that a record in the trash does not refuse.
fn operation(record: (Id, Needs), write: Write) -> Operation<Task> {
    Operation::new(record, CONSTRAINTS, &["input"], Ok(write))
}

diesel::define_sql_function! {
    /// A task with its subtasks of every level.
    fn task_family(id: diesel::sql_types::Uuid) -> diesel::sql_types::Uuid;
}

#[diesel::dsl::auto_type(no_type_alias)]
fn family(id: Id) -> _ {
    diesel::dsl::select(task_family(id))
}
