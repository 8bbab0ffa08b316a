//! The queue of a device that was offline: many writes, in their order.

use super::node::known;
use super::project::{self, CreateProjectInput, UpdateProjectInput};
use super::tag::{self, CreateTagInput, UpdateTagInput};
use super::task::change::{self, UpdateTaskInput};
use super::task::create::{self, CreateTaskInput};
use super::task::moving::{self, MoveTaskInput};
use super::task::{completion, trash};
use super::trash::SyncRecord;
use crate::error::{Error, Result};
use crate::query::entity::Entity;
use crate::query::kinds::{Known, Named};
use crate::query::plan::{Boxed, Child, Json};
use crate::query::request::{Request, affordable};
use crate::query::selection::{Field, Slot, member};
use crate::query::statement::Slots;
use crate::scalar::{ChangeCursor, DateTime, Id, Key};
use crate::write::push::{Pushed, push};
use crate::write::replay::{KEY, Replay};
use crate::write::user_error::{UserError, UserErrorCode};
use crate::write::{Came, Needs, Operation, Prepared, RecordRef, show};
use async_graphql::{
    ComplexObject, Context, Enum, InputObject, Object, OneofObject, SimpleObject, Value,
};
use std::collections::HashSet;
use std::sync::Arc;

/// How many operations a push may hold.
const MOST: usize = 500;

/// An offline queue.
#[derive(Clone, Debug, InputObject)]
pub struct SyncPushInput {
    /// The key of the whole push; its operations have keys of their own, so it is seldom needed.
    pub client_mutation_id: Option<Key>,
    /// The operations, in order: 500 at most.
    pub operations: Vec<SyncOperation>,
    /// Whether all are done or none.
    #[graphql(default)]
    pub atomic: bool,
}

/// One operation of an offline queue.
#[derive(Clone, Debug, InputObject)]
pub struct SyncOperation {
    /// Its key, as clientMutationId is that of a mutation: the same again does nothing more for 30 days.
    pub op_id: Key,
    /// What it does.
    pub action: SyncAction,
}

/// What an operation does: the same as the mutation of this name. An inner clientMutationId is refused.
#[derive(Clone, Debug, OneofObject)]
pub enum SyncAction {
    /// As createTask does.
    CreateTask(CreateTaskInput),
    /// As updateTask does.
    UpdateTask(UpdateTaskInput),
    /// As moveTask does.
    MoveTask(MoveTaskInput),
    /// As completeTask does.
    CompleteTask(RecordRef),
    /// As reopenTask does.
    ReopenTask(RecordRef),
    /// As deleteTask does.
    DeleteTask(RecordRef),
    /// As restoreTask does.
    RestoreTask(RecordRef),
    /// As createProject does.
    CreateProject(CreateProjectInput),
    /// As updateProject does.
    UpdateProject(UpdateProjectInput),
    /// As deleteProject does.
    DeleteProject(RecordRef),
    /// As restoreProject does.
    RestoreProject(RecordRef),
    /// As createTag does.
    CreateTag(CreateTagInput),
    /// As updateTag does.
    UpdateTag(UpdateTagInput),
    /// As deleteTag does.
    DeleteTag(RecordRef),
    /// As restoreTag does.
    RestoreTag(RecordRef),
}

/// What came of an operation.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationOutcome {
    /// It was done.
    Applied,
    /// It was done before, under the same key.
    Replayed,
    /// It was done to a newer version than the client knew, beside what others changed.
    Merged,
    /// Others had changed the same: conflictingFields were not applied.
    Conflict,
    /// It was not done: userErrors says why.
    Rejected,
}

/// What came of one operation of a push.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct OperationResult {
    /// The operation's key.
    pub op_id: Key,
    /// Whether it was done.
    pub outcome: OperationOutcome,
    /// The id of the record that is in the trash now; null where nothing was to be deleted.
    pub deleted_id: Option<Id>,
    /// The fields that were merged into a newer version than the client knew.
    pub merged_fields: Vec<String>,
    /// The fields that others changed too, to other values.
    pub conflicting_fields: Vec<String>,
    /// Why it was not done, or not as a whole.
    pub user_errors: Vec<UserError>,
    #[graphql(skip)]
    slots: Slots,
}

#[ComplexObject]
impl OperationResult {
    /// The server's current record; null where there is none. Of a new tag whose name is TAKEN, the one that has it.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<SyncRecord>> {
        self.slots.at(ctx)
    }
}

/// What came of a push.
#[derive(Debug, SimpleObject)]
pub struct SyncPushPayload {
    /// What came of each operation, in their order; empty where the push was refused as a whole.
    pub results: Vec<OperationResult>,
    /// The server's clock.
    pub server_time: DateTime,
    /// Why it was refused as a whole.
    pub user_errors: Vec<UserError>,
    /// A mark in the change feed: a page of changes whose cursor is at or past it contains this write.
    pub cursor: ChangeCursor,
    /// The client's key of the write, as it was given.
    pub client_mutation_id: Option<Key>,
    /// Whether it was sent before under the same key: what was refused then was tried again.
    pub replayed: bool,
}

/// The mutation that takes an offline queue.
#[derive(Debug, Default)]
pub struct PushMutation;

#[Object]
impl PushMutation {
    /// Does an offline queue's operations in order, in one transaction: 500 at most. Each answers for itself,
    /// unless atomic. What operations of the same queue changed is no change of others to its baseVersions.
    /// A tag that was made offline may be TAKEN by name: tagNames of tasks are the safe way, and the result
    /// shows the tag that has the name.
    async fn sync_push(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The operations.")] input: SyncPushInput,
    ) -> Result<SyncPushPayload> {
        let request = Request::of(ctx)?;
        let field = request.field(ctx)?;
        let (key, count) = (input.client_mutation_id, input.operations.len());
        let records = records(field, request)?;
        affordable(records.iter().map(|(_, known)| known.cost()).sum(), count.min(MOST))?;
        let (queue, writes, pushed) = if count > MOST {
            let message = format!("a push may hold {MOST} operations");
            let error = UserError::new(UserErrorCode::TooMany, &["input", "operations"], message);
            (Vec::new(), Vec::new(), Pushed::refused(error))
        } else {
            let (queue, writes) = queue(field, input.operations, request)?;
            let replay = Replay::of_many(key, field, &request.engine.inputs);
            let pushed = push(request, &replay, &writes, input.atomic).await?;
            (queue, writes, pushed)
        };
        let Pushed { came, replayed, errors, undone } = pushed;
        let done: Vec<Done> =
            writes.iter().zip(came).map(|(write, came)| Done::of(write, came)).collect();
        let (slots, cursor) = show(request, children(records, &done)).await?;
        let slots = slots.each(done.len())?;
        let mut met = HashSet::new();
        let results = queue.into_iter().zip(done).zip(slots).map(|((queued, done), slots)| {
            // A replay of what was undone with the rest is undone too.
            let first = met.insert(queued.key.0) && done.came.replayed;
            queued.result(done, undone && !first, slots)
        });
        Ok(SyncPushPayload {
            results: results.collect(),
            server_time: DateTime(request.moment.now),
            user_errors: errors,
            cursor,
            client_mutation_id: key,
            replayed,
        })
    }
}

/// How the records of the results are found, for each field that shows them.
fn records(field: &Field, request: &Request) -> Result<Vec<(Slot, Known)>> {
    let results = field.sub.iter().filter(|part| part.name == "results");
    let parts = results.flat_map(|results| &results.sub).filter(|part| part.name == "record");
    parts.map(|part| Ok((part.slot, known(part, &request.moment)?))).collect()
}

/// The records of what was done, in its order.
fn children(records: Vec<(Slot, Known)>, done: &[Done]) -> Vec<Child> {
    let ids: Vec<_> = done.iter().map(|done| done.record.0).collect();
    let kinds: Vec<_> = done.iter().map(|done| done.kind).collect();
    let child = |(slot, known)| {
        let named = Named { ids: ids.clone(), kinds: kinds.clone(), known };
        Child { slot, json: Json::Other(Boxed(Arc::new(named)), 0) }
    };
    records.into_iter().map(child).collect()
}

/// An operation as it stands in the input.
struct Queued {
    key: Key,
    /// The way to it, and to its action.
    at: [String; 3],
}

/// Readies the operations, which know each other's keys.
fn queue(
    field: &Field,
    operations: Vec<SyncOperation>,
    request: &Request,
) -> Result<(Vec<Queued>, Vec<Prepared>)> {
    let own = Arc::new(operations.iter().map(|operation| operation.op_id.0).collect());
    let written = field.raw_items("operations");
    let mut queue = (Vec::new(), Vec::new());
    for (index, operation) in operations.into_iter().enumerate() {
        let action = written.get(index).and_then(|written| member(written, "action"));
        let Some(Value::Object(action)) = action else {
            return Err(Error::Internal(anyhow::anyhow!("an operation without an action")));
        };
        let Some((name, input)) = action.iter().next() else {
            return Err(Error::Internal(anyhow::anyhow!("an action without a name")));
        };
        let entry = Entry { key: operation.op_id, name, input, own: &own, request };
        queue.1.push(operation.action.prepare(&entry)?);
        let at = [index.to_string(), "action".to_owned(), name.to_string()];
        queue.0.push(Queued { key: operation.op_id, at });
    }
    Ok(queue)
}

/// What an operation is readied with.
struct Entry<'a> {
    key: Key,
    /// The mutation that does the same, and its input.
    name: &'a str,
    input: &'a Value,
    own: &'a Arc<Vec<uuid::Uuid>>,
    request: &'a Request,
}

impl Entry<'_> {
    fn prepare<E: Entity>(&self, mut operation: Operation<E>) -> Result<Prepared> {
        if member(self.input, KEY).is_some_and(|key| *key != Value::Null) {
            let message = "an operation's key is its opId";
            let error = UserError::new(UserErrorCode::Invalid, &["input", KEY], message);
            operation = operation.refused(error);
        }
        let (done, inputs) = ((self.name, self.input), &self.request.engine.inputs);
        let replay = Replay::new::<E>(Some(self.key), done, operation.needs(), inputs);
        operation.prepare(&replay.beside(self.own), self.request)
    }
}

impl SyncAction {
    fn prepare(self, entry: &Entry<'_>) -> Result<Prepared> {
        let request = entry.request;
        match self {
            Self::CreateTask(input) => entry.prepare(create::create(input, request)),
            Self::UpdateTask(input) => entry.prepare(change::update(input, request)),
            Self::MoveTask(input) => entry.prepare(moving::move_to(&input, request)),
            Self::CompleteTask(input) => entry.prepare(completion::complete(&input, request)),
            Self::ReopenTask(input) => entry.prepare(completion::reopen(&input, request)),
            Self::DeleteTask(input) => entry.prepare(trash::delete(&input, request)),
            Self::RestoreTask(input) => entry.prepare(trash::restore(&input, request)),
            Self::CreateProject(input) => entry.prepare(project::create(input, request)),
            Self::UpdateProject(input) => entry.prepare(project::update(input, request)),
            Self::DeleteProject(input) => entry.prepare(project::delete(&input, request)),
            Self::RestoreProject(input) => entry.prepare(project::restore(&input, request)),
            Self::CreateTag(input) => entry.prepare(tag::create(input, request)),
            Self::UpdateTag(input) => entry.prepare(tag::update(input, request)),
            Self::DeleteTag(input) => entry.prepare(tag::delete(&input, request)),
            Self::RestoreTag(input) => entry.prepare(tag::restore(&input, request)),
        }
    }
}

/// An operation that was tried.
struct Done {
    record: Id,
    kind: &'static str,
    deletes: bool,
    came: Came,
}

impl Done {
    fn of(write: &Prepared, came: Came) -> Self {
        let (record, kind) = (came.record.unwrap_or(write.id), write.kind);
        Self { record, kind, deletes: write.needs == Needs::Gone, came }
    }

    fn outcome(&self) -> OperationOutcome {
        let Came { errors, replayed, merge, .. } = &self.came;
        if *replayed {
            OperationOutcome::Replayed
        } else if !merge.conflicting.is_empty() {
            OperationOutcome::Conflict
        } else if !errors.is_empty() {
            OperationOutcome::Rejected
        } else if !merge.merged.is_empty() {
            OperationOutcome::Merged
        } else {
            OperationOutcome::Applied
        }
    }
}

impl Queued {
    fn result(self, done: Done, undone: bool, slots: Slots) -> OperationResult {
        let mut outcome = done.outcome();
        let Done { record, deletes, came: Came { mut errors, merge, .. }, .. } = done;
        let (input, operations) = ("input".to_owned(), "operations".to_owned());
        let at: Vec<_> = [input, operations].into_iter().chain(self.at).collect();
        for error in &mut errors {
            if error.code == UserErrorCode::ReplayMismatch {
                // The key of an operation has a place and a name of its own.
                let place = at.iter().take(3).cloned();
                error.path = place.chain(["opId".to_owned()]).collect();
                "another operation was done under this opId".clone_into(&mut error.message);
            } else {
                error.path.splice(..1, at.iter().cloned());
            }
        }
        let mut merged_fields = merge.merged;
        if undone && outcome != OperationOutcome::Rejected {
            if outcome != OperationOutcome::Conflict {
                outcome = OperationOutcome::Rejected;
            }
            merged_fields.clear();
            let message =
                "it was undone: another operation was not done, and all or none were to be";
            errors.push(UserError::new(UserErrorCode::Invalid, &["input", "atomic"], message));
        }
        OperationResult {
            op_id: self.key,
            outcome,
            deleted_id: (deletes && errors.is_empty()).then_some(record),
            merged_fields,
            conflicting_fields: merge.conflicting,
            user_errors: errors,
            slots,
        }
    }
}
