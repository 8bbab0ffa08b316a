//! Finishing tasks, and beginning them anew.

use super::change::{TaskPayload, live, operation};
use super::{Task, TaskStatus, open};
use crate::error::Result;
use crate::feed::RecordType;
use crate::query::expr::{Expr, all, not};
use crate::query::request::Request;
use crate::scalar::DateTime;
use crate::tables::tasks;
use crate::write::{Operation, RecordRef, Write, run};
use async_graphql::{Context, Object};
use diesel::prelude::*;

/// The mutations that finish tasks and begin them anew.
#[derive(Debug, Default)]
pub struct CompletionMutation;

#[Object]
impl CompletionMutation {
    /// Makes a task DONE, now; one that is DONE already stays as it is, and so do its subtasks.
    async fn complete_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task.")] input: RecordRef,
    ) -> Result<TaskPayload> {
        Ok(run(ctx, complete(&input, Request::of(ctx)?)).await?.into())
    }

    /// Makes a task that is DONE or CANCELLED TODO again; an open one stays as it is.
    async fn reopen_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task.")] input: RecordRef,
    ) -> Result<TaskPayload> {
        Ok(run(ctx, reopen(&input, Request::of(ctx)?)).await?.into())
    }
}

/// Makes a task DONE.
pub(in crate::entity) fn complete(input: &RecordRef, request: &Request) -> Operation<Task> {
    let now = DateTime(request.moment.now);
    let mut merge = input.merge(RecordType::Task);
    let unfinished = Expr::of(tasks::status.ne(TaskStatus::Done));
    merge.field("status", &unfinished);
    let task = live(input.id).filter(all(vec![unfinished, merge.gate()]));
    let changed = diesel::update(task)
        .set((
            tasks::status.eq(TaskStatus::Done),
            tasks::completed_at.eq(now),
            tasks::updated_at.eq(now),
        ))
        .returning(tasks::id);
    operation(input.id, &["input"], Ok(Write::new(changed).merging(merge)))
}

/// Makes a task that is not open TODO.
pub(in crate::entity) fn reopen(input: &RecordRef, request: &Request) -> Operation<Task> {
    let now = DateTime(request.moment.now);
    let mut merge = input.merge(RecordType::Task);
    merge.field("status", &not(open()));
    let task = live(input.id).filter(all(vec![not(open()), merge.gate()]));
    let changed = diesel::update(task)
        .set((
            tasks::status.eq(TaskStatus::Todo),
            tasks::completed_at.eq(None::<DateTime>),
            tasks::updated_at.eq(now),
        ))
        .returning(tasks::id);
    operation(input.id, &["input"], Ok(Write::new(changed).merging(merge)))
}
