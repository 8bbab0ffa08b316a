//! Moving tasks in the manual order, and to other projects and tasks.
//!
//! Where a task then stands is computed by the database, behind a lock: two who move at once see each
//! other, and the whole move stays one statement.

use super::Task;
use super::change::{CONSTRAINTS, TaskPayload, live};
use crate::error::Result;
use crate::query::request::Request;
use crate::scalar::{DateTime, Id, Key};
use crate::tables::tasks;
use crate::write::user_error::{Constraint, UserError, UserErrorCode};
use crate::write::{Needs, Operation, Write, run};
use async_graphql::{Context, InputObject, Object, OneofObject};
use diesel::prelude::*;
use std::borrow::Cow;

/// A task and where it is to stand.
#[derive(Clone, Debug, InputObject)]
pub struct MoveTaskInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The task.
    pub id: Id,
    /// Where it is to stand.
    pub place: TaskPlace,
}

/// A place in the manual order. Beside another task only the place changes; in a container the task
/// comes to belong to it too.
#[derive(Clone, Copy, Debug, OneofObject)]
pub enum TaskPlace {
    /// Right before this task.
    Before(Id),
    /// Right behind this task.
    After(Id),
    /// Before all others there.
    FirstIn(TaskContainer),
    /// Behind all others there.
    LastIn(TaskContainer),
}

/// What tasks belong to: a project, another task, or no project (only true is a container).
#[derive(Clone, Copy, Debug, OneofObject)]
pub enum TaskContainer {
    /// The project.
    ProjectId(Id),
    /// The task that it is a part of.
    ParentId(Id),
    /// The tasks that have no live project.
    NoProject(bool),
}

/// The mutation that moves tasks.
#[derive(Debug, Default)]
pub struct MovingMutation;

#[Object]
impl MovingMutation {
    /// Moves a task in the manual order; one that stands there already stays as it is.
    async fn move_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The task, and where it is to stand.")] input: MoveTaskInput,
    ) -> Result<TaskPayload> {
        Ok(run(ctx, move_to(&input, Request::of(ctx)?)).await?.into())
    }
}

/// Moves a task in the manual order.
pub(in crate::entity) fn move_to(input: &MoveTaskInput, request: &Request) -> Operation<Task> {
    let (at, constraints): (&'static [_], _) = match input.place {
        TaskPlace::Before(_) => (&["input", "place"], beside("before").into()),
        TaskPlace::After(_) => (&["input", "place"], beside("after").into()),
        TaskPlace::FirstIn(_) => (&["input", "place", "firstIn"], Cow::from(CONSTRAINTS)),
        TaskPlace::LastIn(_) => (&["input", "place", "lastIn"], CONSTRAINTS.into()),
    };
    Operation::new((input.id, Needs::Live), constraints, at, moved(input, at, request))
}

/// What it means that there is no place beside a task.
fn beside(field: &'static str) -> Vec<Constraint> {
    let (invalid, missing) = (UserErrorCode::Invalid, UserErrorCode::NotFound);
    vec![
        ("tasks_place_self_check", invalid, field, "a task has no place beside itself"),
        ("tasks_place_missing_check", missing, field, "there is no such task"),
        ("tasks_place_trash_check", UserErrorCode::InTrash, field, "it is in the trash"),
    ]
}

/// The columns that a move changes.
#[derive(AsChangeset)]
#[diesel(table_name = tasks)]
struct Belonging {
    project_id: Option<Option<Id>>,
    parent_id: Option<Option<Id>>,
    updated_at: DateTime,
}

fn moved(input: &MoveTaskInput, at: &[&str], request: &Request) -> Result<Write, Vec<UserError>> {
    let (id, tail) = (input.id, tail(request.new_id()));
    let now = DateTime(request.moment.now);
    let (container, last) = match input.place {
        TaskPlace::Before(other) | TaskPlace::After(other) => {
            let behind = matches!(input.place, TaskPlace::After(_));
            let place = tasks::position.eq(place_beside(id, other, behind, tail, now));
            let moved = diesel::update(live(id)).set((place, tasks::updated_at.eq(now)));
            return Ok(Write::new(moved.returning(tasks::id)));
        }
        TaskPlace::FirstIn(container) => (container, false),
        TaskPlace::LastIn(container) => (container, true),
    };
    let (project_id, parent_id) = match container {
        TaskContainer::ProjectId(project) => (Some(Some(project)), None),
        TaskContainer::ParentId(parent) => (None, Some(Some(parent))),
        TaskContainer::NoProject(true) => (Some(None), None),
        TaskContainer::NoProject(false) => {
            let path: Vec<_> = at.iter().copied().chain(["noProject"]).collect();
            let message = "only true is a container: name a project instead";
            return Err(vec![UserError::new(UserErrorCode::Invalid, &path, message)]);
        }
    };
    let (project, parent) = (project_id.flatten(), parent_id.flatten());
    let place = tasks::position.eq(place_in(id, project, parent, last, tail, now));
    let belonging = Belonging { project_id, parent_id, updated_at: now };
    let moved = diesel::update(live(id)).set((place, belonging));
    Ok(Write::new(moved.returning(tasks::id)))
}

/// The digits behind a new key, drawn from an id. The last one is not zero: there is no key between one
/// and the same with zeros behind.
fn tail(id: Id) -> String {
    let drawn = id.0.as_u128() & 0xffff_ffff_ffff;
    format!("{:012x}", drawn | 1)
}

mod sql {
    use diesel::sql_types::{Bool, Nullable, Text, Timestamptz, Uuid};

    diesel::define_sql_function! {
        /// The key by which a task stands right before or behind another.
        fn place_beside(task: Uuid, beside: Uuid, behind: Bool, tail: Text, now: Timestamptz) -> Text;
    }
    diesel::define_sql_function! {
        /// The key by which a task stands before or behind all others of a container.
        fn place_in(
            task: Uuid, project: Nullable<Uuid>, parent: Nullable<Uuid>, last: Bool, tail: Text, now: Timestamptz
        ) -> Text;
    }
}
use sql::{place_beside, place_in};
