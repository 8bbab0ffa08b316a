//! Creating, changing and deleting many tasks in one transaction, with as many statements for one as for
//! a thousand.

mod creation;
mod payload;
mod target;

pub use payload::TasksPayload;
pub use target::TaskTarget;

use super::change::{CONSTRAINTS, TaskPatch, changes};
use super::create::CreateTaskInput;
use super::merge::Changes;
use crate::error::{Error, Result};
use crate::feed::RecordType;
use crate::query::comparator::uuids;
use crate::query::expr::Expr;
use crate::query::request::{Request, affordable};
use crate::scalar::{DateTime, Id, Key};
use crate::tables::tasks;
use crate::write::merge::{ConflictPolicy, Merge};
use crate::write::replay::Replay;
use crate::write::transaction::{Ended, Work, transaction};
use crate::write::user_error::{Listed, UserError, UserErrorCode, refusal};
use crate::write::{Write, send};
use async_graphql::{Context, InputObject, Object};
use diesel::prelude::*;

use creation::Creation;
use diesel::sql_types::{Array, Uuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use target::{Expected, Target};

/// How many tasks a batch may be about.
const MOST: usize = 1_000;

/// New tasks.
#[derive(Clone, Debug, InputObject)]
pub struct CreateTasksInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The tasks, in any order: 1,000 at most, with their parts 5,000. An inner clientMutationId is refused.
    pub tasks: Vec<CreateTaskInput>,
}

/// One change of many tasks.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateTasksInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The tasks: 1,000 at most.
    pub target: TaskTarget,
    /// What changes.
    pub patch: TaskPatch,
    /// Whether only to tell which tasks it is about, or why it would be refused.
    #[graphql(default)]
    pub dry_run: bool,
    /// How many tasks it must be about to be done.
    pub expected_count: Option<i32>,
}

/// A deletion of many tasks.
#[derive(Clone, Debug, InputObject)]
pub struct DeleteTasksInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The tasks: 1,000 at most; their subtasks go with them.
    pub target: TaskTarget,
    /// Whether only to tell which tasks would go.
    #[graphql(default)]
    pub dry_run: bool,
    /// How many tasks must go, subtasks too, for it to be done.
    pub expected_count: Option<i32>,
}

/// The mutations of many tasks.
#[derive(Debug, Default)]
pub struct BatchMutation;

#[Object]
impl BatchMutation {
    /// Creates tasks, all or none: 1,000 at most.
    async fn create_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new tasks.")] input: CreateTasksInput,
    ) -> Result<TasksPayload> {
        let request = Request::of(ctx)?;
        let field = request.field(ctx)?;
        let shown = input.tasks.len();
        let verb = Ok(Verb::Create(Creation::of(input.tasks, field, request)));
        done(ctx, input.client_mutation_id, verb, Expected::default(), Some(shown)).await
    }

    /// Changes tasks alike, all or none. One that has those values already counts too.
    async fn update_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tasks and what changes.")] input: UpdateTasksInput,
    ) -> Result<TasksPayload> {
        let request = Request::of(ctx)?;
        let target = Target::of(input.target, request.field(ctx)?, request)?;
        let verb =
            changes(input.patch, request).map(|changes| Verb::Update(target, Box::new(changes)));
        let expected = Expected { dry_run: input.dry_run, count: input.expected_count };
        done(ctx, input.client_mutation_id, verb, expected, None).await
    }

    /// To the trash with their subtasks, all or none.
    async fn delete_tasks(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tasks.")] input: DeleteTasksInput,
    ) -> Result<TasksPayload> {
        let request = Request::of(ctx)?;
        let target = Target::of(input.target, request.field(ctx)?, request)?;
        let expected = Expected { dry_run: input.dry_run, count: input.expected_count };
        done(ctx, input.client_mutation_id, Ok(Verb::Delete(target)), expected, None).await
    }
}

/// Does a batch; `shown` of its records are in the payload, or all.
async fn done(
    ctx: &Context<'_>,
    key: Option<Key>,
    verb: Result<Verb, Vec<UserError>>,
    expected: Expected,
    shown: Option<usize>,
) -> Result<TasksPayload> {
    let request = Request::of(ctx)?;
    let field = request.field(ctx)?;
    let replay = Replay::of_many(key, field, &request.engine.inputs);
    let done = match verb {
        Ok(verb) => {
            let each = payload::cost(field, request)?;
            transaction(request, &Batch { request, replay, verb, expected, each }).await?
        }
        Err(errors) => Done { errors, ..Done::default() },
    };
    TasksPayload::of(field, request, key, done, shown).await
}

/// What a batch does.
enum Verb {
    Create(Creation),
    Update(Target, Box<Changes>),
    Delete(Target),
}

/// A batch in its transaction.
struct Batch<'a> {
    request: &'a Request,
    replay: Replay,
    verb: Verb,
    expected: Expected,
    /// How many records the payload brings for each task.
    each: u64,
}

/// What came of a batch.
#[derive(Debug, Default)]
struct Done {
    /// The tasks that it was about.
    records: Vec<Id>,
    replayed: bool,
    errors: Vec<UserError>,
}

impl Done {
    /// Nothing, for these reasons.
    fn refused(errors: Vec<UserError>) -> Ended<Self> {
        Ended::Undone(Self { errors, ..Self::default() })
    }
}

impl Work for Batch<'_> {
    type Done = Done;

    async fn run(&self, connection: &mut AsyncPgConnection) -> Result<Done, Ended<Done>> {
        let now = DateTime(self.request.moment.now);
        match self.replay.begin(connection, now).await? {
            Err(error) => return Err(Done::refused(vec![error])),
            Ok(Some(records)) => {
                affordable(self.each, records.len())?;
                return Ok(Done { records, replayed: true, errors: Vec::new() });
            }
            Ok(None) => {}
        }
        let done = match &self.verb {
            Verb::Create(new) => self.create(new, connection).await?,
            Verb::Update(target, changes) => self.update(target, changes, connection).await?,
            Verb::Delete(target) => self.delete(target, connection).await?,
        };
        self.replay.end(connection, &done.records).await?;
        Ok(done)
    }
}

impl Batch<'_> {
    async fn update(
        &self,
        target: &Target,
        changes: &Changes,
        connection: &mut AsyncPgConnection,
    ) -> Result<Done, Ended<Done>> {
        let ids = target.tasks(false, self.request, connection).await?.map_err(Done::refused)?;
        self.expect(&ids)?;
        let merge = Merge::new(RecordType::Task, None, ConflictPolicy::Overwrite);
        let which = Expr::of(tasks::id.eq_any(uuids(ids.clone())));
        let write = changes.clone().write(which, merge, self.request);
        self.send(write, &["input", "patch"], changes.tags.listed(), connection).await?;
        self.end(ids)
    }

    async fn delete(
        &self,
        target: &Target,
        connection: &mut AsyncPgConnection,
    ) -> Result<Done, Ended<Done>> {
        let now = DateTime(self.request.moment.now);
        let roots = target.tasks(true, self.request, connection).await?.map_err(Done::refused)?;
        let roots = uuids(roots);
        let family = tasks::table
            .filter(tasks::id.eq_any(diesel::dsl::select(task_families(roots.clone()))))
            .filter(tasks::deleted_at.is_null())
            .order(tasks::id)
            .select(tasks::id)
            .for_no_key_update();
        let locked: Vec<Id> = family.load(connection).await?;
        // What somebody moved away while it was waited for does not go along any more.
        let still = topmost_task(tasks::id, roots.clone()).is_not_null();
        let family = tasks::table.filter(tasks::id.eq_any(uuids(locked))).filter(still);
        let ids: Vec<Id> = family.order(tasks::id).select(tasks::id).load(connection).await?;
        self.expect(&ids)?;
        let trashed = diesel::update(tasks::table)
            .filter(tasks::id.eq_any(uuids(ids.clone())))
            .set((
                tasks::deleted_at.eq(now),
                // What went along with another comes back with it.
                tasks::trashed_with.eq(topmost_task(tasks::id, roots)),
                tasks::updated_at.eq(now),
            ))
            .returning(tasks::id);
        self.send(Write::new(trashed), &["input"], Listed::default(), connection).await?;
        self.end(ids)
    }

    /// Goes on where the batch is about as many tasks as it was expected to be.
    fn expect(&self, ids: &[Id]) -> Result<(), Ended<Done>> {
        affordable(self.each, ids.len())?;
        if let Some(error) = self.expected.refusal(ids.len()) {
            return Err(Done::refused(vec![error]));
        }
        Ok(())
    }

    /// What came of a batch that was done. One that is only tried is undone, for only who writes hears what the
    /// database refuses.
    fn end(&self, records: Vec<Id>) -> Result<Done, Ended<Done>> {
        let done = Done { records, ..Done::default() };
        if self.expected.dry_run { Err(Ended::Undone(done)) } else { Ok(done) }
    }

    /// Sends the write; what a constraint refuses is told of the input at this path.
    async fn send(
        &self,
        write: Write,
        at: &[&str],
        listed: Listed,
        connection: &mut AsyncPgConnection,
    ) -> Result<(), Ended<Done>> {
        match send(self.request, write, connection).await {
            Ok(()) => Ok(()),
            Err(error @ Error::Constraint { .. }) => {
                Err(Done::refused(vec![refusal(error, CONSTRAINTS, at, &listed)?]))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// More tasks than a batch may be about.
fn too_many(path: &[&str]) -> UserError {
    UserError::new(UserErrorCode::TooMany, path, format!("at most {MOST} tasks at once"))
}

diesel::define_sql_function! {
    /// Tasks with their subtasks of every level.
    fn task_families(roots: Array<Uuid>) -> Uuid;
}
diesel::define_sql_function! {
    /// The topmost of some tasks that a task is or is a part of.
    fn topmost_task(task: Uuid, among: Array<Uuid>) -> Nullable<Uuid>;
}
