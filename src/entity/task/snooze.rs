//! Hiding tasks from the views for a while.

use super::change::{TaskPayload, live, operation};
use crate::error::Result;
use crate::query::request::Request;
use crate::scalar::{DateTime, Id, Key};
use crate::tables::tasks;
use crate::write::check::Check;
use crate::write::user_error::{UserError, UserErrorCode};
use crate::write::{Write, run};
use async_graphql::{Context, InputObject, Object};
use chrono::TimeDelta;
use diesel::prelude::*;

/// For how many minutes a task is snoozed where nothing is said.
const USUAL_MINUTES: i32 = 30;

/// Hides a task from the views for some minutes or until an instant, not both; neither is 30 minutes.
#[derive(Clone, Debug, InputObject)]
pub struct SnoozeTaskInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The task.
    pub id: Id,
    /// For how many minutes from now: at least 1.
    pub minutes: Option<i32>,
    /// Until when.
    pub until: Option<DateTime>,
}

/// The mutation that hides tasks for a while.
#[derive(Debug, Default)]
pub struct SnoozeMutation;

#[Object]
impl SnoozeMutation {
    /// Hides a task from the views for a while; updateTask with snoozedUntil null shows it again.
    async fn snooze_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, and for how long.")] input: SnoozeTaskInput,
    ) -> Result<TaskPayload> {
        let change = snooze(&input, DateTime(Request::of(ctx)?.moment.now));
        Ok(run(ctx, operation(input.id, &["input"], change)).await?.into())
    }
}

fn snooze(input: &SnoozeTaskInput, now: DateTime) -> Result<Write, Vec<UserError>> {
    let mut check = Check::at(&["input"]);
    if input.minutes.is_some() && input.until.is_some() {
        let message = "give the minutes or the end, not both";
        check.refuse(UserErrorCode::Invalid, "until", message);
    }
    let minutes = input.minutes.unwrap_or(USUAL_MINUTES);
    if minutes < 1 {
        check.refuse(UserErrorCode::Invalid, "minutes", "must be at least 1");
    }
    let until = input.until.unwrap_or(DateTime(now.0 + TimeDelta::minutes(minutes.into())));
    check.done(|| {
        let changed = diesel::update(live(input.id))
            .set((tasks::snoozed_until.eq(until), tasks::updated_at.eq(now)));
        Write::new(changed.returning(tasks::id))
    })
}
