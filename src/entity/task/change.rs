//! Changing tasks.

use super::merge::Changes;
use super::tagging::{self, Names};
use super::{EnergyLevel, Task, TaskPriority, TaskStatus, TimeEstimate, due};
use crate::error::Result;
use crate::feed::RecordType;
use crate::query::enumeration::Maybe;
use crate::query::expr::Expr;
use crate::query::request::Request;
use crate::scalar::{Date, DateTime, Id, Key};
use crate::tables::tasks;
use crate::write::check::{Check, cleared};
use crate::write::merge::{ConflictPolicy, Merge};
use crate::write::user_error::{Constraint, UserError, UserErrorCode};
use crate::write::{Needs, Operation, Write, payload, run};
use async_graphql::{Context, InputObject, MaybeUndefined, Object};
use chrono::TimeDelta;
use diesel::prelude::*;

payload! {
    /// What came of a write to a task.
    TaskPayload {
        /// The server's current record, also where the write was refused, so that a client's cache heals itself.
        task: Task
    }
}

/// Changes to a task: an absent field is kept, null clears it.
#[derive(Clone, Debug, InputObject)]
pub struct TaskPatch {
    /// What is to be done: 1 to 500 characters.
    pub title: MaybeUndefined<String>,
    /// What it is about, in Markdown: up to 1,000,000 characters.
    pub description: MaybeUndefined<String>,
    /// How far it is.
    pub status: MaybeUndefined<TaskStatus>,
    /// How much it matters.
    pub priority: MaybeUndefined<TaskPriority>,
    /// The day on which it falls due. Alone it makes the task all-day; null alone clears dueAt too.
    pub due_date: MaybeUndefined<Date>,
    /// The due instant; it decides the day too. Null alone makes the task all-day on its day.
    pub due_at: MaybeUndefined<DateTime>,
    /// Day on which the owner means to work on it.
    pub scheduled_date: MaybeUndefined<Date>,
    /// Hidden from the views until then.
    pub snoozed_until: MaybeUndefined<DateTime>,
    /// The energy that it takes.
    pub energy: MaybeUndefined<EnergyLevel>,
    /// How long it takes.
    pub time_estimate: MaybeUndefined<TimeEstimate>,
    /// Where it was captured.
    pub source: MaybeUndefined<String>,
    /// The project that it belongs to.
    pub project_id: MaybeUndefined<Id>,
    /// The task that it is a part of.
    pub parent_id: MaybeUndefined<Id>,
    /// All tags that it bears from now on; null is the empty list.
    pub tag_ids: MaybeUndefined<Vec<Id>>,
    /// Tags that it bears too from now on.
    pub add_tag_ids: Option<Vec<Id>>,
    /// Tags that it does not bear any more.
    pub remove_tag_ids: Option<Vec<Id>>,
    /// Names of tags that it bears too from now on; those that are missing are made.
    pub add_tag_names: Option<Vec<String>>,
    /// When it was done; only with DONE.
    pub completed_at: MaybeUndefined<DateTime>,
}

/// A change of one task.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateTaskInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The task.
    pub id: Id,
    /// The version that the client knows.
    pub base_version: Option<i32>,
    /// What becomes of fields that others changed since.
    #[graphql(default_with = "ConflictPolicy::Merge")]
    pub on_conflict: ConflictPolicy,
    /// What changes.
    pub patch: TaskPatch,
}

/// What the constraints on tasks mean.
pub(super) const CONSTRAINTS: &[Constraint] = &[
    ("tasks_pkey", UserErrorCode::Taken, "id", "another record has this id"),
    ("tasks_project_id_fkey", UserErrorCode::NotFound, "projectId", "there is no such project"),
    ("tasks_project_id_trash_check", UserErrorCode::InTrash, "projectId", "it is in the trash"),
    ("tasks_parent_id_fkey", UserErrorCode::NotFound, "parentId", "there is no such task"),
    ("tasks_parent_id_trash_check", UserErrorCode::InTrash, "parentId", "it is in the trash"),
    (
        "tasks_parent_cycle_check",
        UserErrorCode::Cycle,
        "parentId",
        "a task cannot be a part of itself or of its own parts",
    ),
    (
        "tasks_parent_depth_check",
        UserErrorCode::TooDeep,
        "parentId",
        "subtasks are nested at most five levels deep",
    ),
    ("task_tags_tag_id_fkey", UserErrorCode::NotFound, "tagIds", "there is no such tag"),
    ("task_tags_tag_id_trash_check", UserErrorCode::InTrash, "tagIds", "a tag is in the trash"),
    (
        "tasks_completed_at_check",
        UserErrorCode::Invalid,
        "completedAt",
        "only a task that is DONE has a completedAt",
    ),
];

/// The mutation that changes a task.
#[derive(Debug, Default)]
pub struct TaskMutation;

#[Object]
impl TaskMutation {
    /// Changes a task.
    async fn update_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task and what changes.")] input: UpdateTaskInput,
    ) -> Result<TaskPayload> {
        Ok(run(ctx, update(input, Request::of(ctx)?)).await?.into())
    }
}

/// A write to a live task.
pub(super) fn operation(
    id: Id,
    at: &'static [&'static str],
    write: Result<Write, Vec<UserError>>,
) -> Operation<Task> {
    Operation::new((id, Needs::Live), CONSTRAINTS, at, write)
}

/// Changes a task.
pub(in crate::entity) fn update(input: UpdateTaskInput, request: &Request) -> Operation<Task> {
    let UpdateTaskInput { id, base_version, on_conflict, patch, .. } = input;
    let at = &["input", "patch"];
    match changes(patch, request) {
        Ok(changes) => {
            let listed = changes.tags.listed();
            let merge = Merge::new(RecordType::Task, base_version, on_conflict);
            let write = changes.write(Expr::of(tasks::id.eq(id)), merge, request);
            operation(id, at, Ok(write)).listing(listed)
        }
        Err(errors) => operation(id, at, Err(errors)),
    }
}

/// The changes that a patch asks for.
pub(super) fn changes(patch: TaskPatch, request: &Request) -> Result<Changes, Vec<UserError>> {
    let mut check = Check::at(&["input", "patch"]);
    let now = DateTime(request.moment.now);
    let title = check.kept("title", patch.title);
    let title = title.map(|title| check.title("title", &title));
    let status = check.kept("status", patch.status);
    let done_at = completion(status, patch.completed_at.value().copied(), now, &mut check);
    let due = due::change(patch.due_date, patch.due_at, &request.moment, &mut check);
    // Into DONE without a time: now, unless it was DONE already; out of DONE: none.
    let finished = status == Some(TaskStatus::Done) && done_at.is_none();
    let completed_at = match status {
        Some(_) => (!finished).then_some(done_at),
        None => cleared(patch.completed_at),
    };
    let mut named = Names::default();
    named.add("addTagNames", &patch.add_tag_names.unwrap_or_default(), &mut check);
    let tags = tagging::Change {
        all: cleared(patch.tag_ids).map(Option::unwrap_or_default),
        add: patch.add_tag_ids.unwrap_or_default(),
        remove: patch.remove_tag_ids.unwrap_or_default(),
        named,
    };
    tags.check(&mut check);
    let changes = Changes {
        title,
        description: cleared(patch.description).map(|text| check.description(text)),
        status,
        priority: check.kept("priority", patch.priority),
        due_date: due.date,
        due_at: due.at,
        scheduled_date: cleared(patch.scheduled_date),
        snoozed_until: cleared(patch.snoozed_until),
        energy: cleared(patch.energy).map(Maybe),
        time_estimate: cleared(patch.time_estimate).map(Maybe),
        source: cleared(patch.source).map(|text| check.word("source", text)),
        project_id: cleared(patch.project_id),
        parent_id: cleared(patch.parent_id),
        completed_at,
        finished,
        tags,
    };
    if check.errors.is_empty() { Ok(changes) } else { Err(check.errors) }
}

/// The task of this id, where it is live.
#[diesel::dsl::auto_type(no_type_alias)]
pub(super) fn live(id: Id) -> _ {
    tasks::table.filter(tasks::id.eq(id)).filter(tasks::deleted_at.is_null())
}

/// When a task of this status was done: only DONE has a time, and none in the future.
pub(super) fn completion(
    status: Option<TaskStatus>,
    given: Option<DateTime>,
    now: DateTime,
    check: &mut Check<'_>,
) -> Option<DateTime> {
    let invalid = UserErrorCode::Invalid;
    let given = given?;
    if status.is_some_and(|status| status != TaskStatus::Done) {
        check.refuse(invalid, "completedAt", "only a task that is DONE has a completedAt");
    }
    // A minute of grace: the clocks of devices are not exact.
    if given.0 > now.0 + TimeDelta::minutes(1) {
        check.refuse(invalid, "completedAt", "must not be in the future");
    }
    Some(given)
}
