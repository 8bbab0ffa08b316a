//! Projects: what tasks are done for.

use super::task::{Progress, Task, TaskListFilter};
use super::{external_ref, task};
use crate::entity::ExternalRef;
use crate::entity::trash::DeletePayload;
use crate::error::Result;
use crate::feed::RecordType;
use crate::query::comparator::{DateTimeFilter, IdFilter, Text, TextFilter};
use crate::query::declare::{entity, order, roots};
use crate::query::enumeration::{enum_filter, enumeration};
use crate::query::expr::{Cond, Expr, all};
use crate::query::filter::filter;
use crate::query::link::Link;
use crate::query::request::Request;
use crate::query::search::Search;
use crate::query::statement::Slots;
use crate::scalar::{Date, DateTime, HexColor, Id, Key};
use crate::tables::{projects, tasks};
use crate::write::check::{Check, cleared};
use crate::write::merge::{ConflictPolicy, Merge};
use crate::write::user_error::{Constraint, UserError, UserErrorCode};
use crate::write::{Needs, Operation, RecordRef, Write, payload, run};
use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use diesel::prelude::*;
use serde::Deserialize;

/// What tasks are done for.
#[derive(Debug, Deserialize, Selectable, SimpleObject)]
#[diesel(table_name = projects, check_for_backend(diesel::pg::Pg))]
#[graphql(complex)]
pub struct Project {
    /// UUID (version 7), made by the client or the server; it is the only id.
    pub id: Id,
    /// Grows by one with every change of the project.
    pub version: i32,
    /// When it was made.
    #[serde(default)]
    pub created_at: DateTime,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: DateTime,
    /// When it was moved to the trash; null while live.
    pub deleted_at: Option<DateTime>,
    /// What it is called.
    pub title: String,
    /// How far it is.
    pub status: ProjectStatus,
    /// Its colour.
    pub color: Option<HexColor>,
    /// Its icon: an emoji or a symbol's name.
    pub icon: Option<String>,
    #[diesel(embed)]
    #[graphql(skip)]
    #[serde(default)]
    slots: Slots,
}

enumeration! {
    /// How far a project is.
    ProjectStatus as ProjectStatus("::project_status", "::project_status[]") {
        /// Being worked on.
        Active = "active",
        /// Done.
        Completed = "completed",
        /// Put away.
        Archived = "archived",
    }
}
enum_filter! {
    /// How the status of a project must be.
    ProjectStatusFilter of ProjectStatus as ProjectStatus
}

/// The live tasks that name a project.
fn tasks() -> Link<projects::table, tasks::table> {
    Link::new(projects::id, tasks::project_id, tasks::table, task::live())
}

/// Projects that are not in the trash.
pub(super) fn live() -> Cond<projects::table> {
    Expr::of(projects::deleted_at.is_null())
}

entity! { Project in projects, filter ProjectFilter, order ProjectOrder {
    kept { id, version, title, status }
    one {}
    many {}
    pages {
        /// The live tasks that name it, of every level.
        tasks: Task by tasks(),
    }
    values {
        /// What it is about, in Markdown.
        description: Option<String> = |_| projects::description,
        /// Earliest dueDate of its open live tasks.
        next_due_date: Option<Date> = |_| tasks().least(tasks::due_date, task::open()),
    }
    planned {
        /// How many of its live tasks are done.
        progress: Progress = |project, field, moment| task::progress(&tasks(), project, field, moment),
        /// Where it was imported from.
        external_refs: Vec<ExternalRef> = |project, _, _| external_ref::of(project.outer(projects::id), project.inside()),
    }
    fields {}
} }
roots! { Project in ProjectQuery {
    /// The project of this id.
    project,
    /// Projects, by title unless ordered otherwise.
    projects
} }

filter! {
    /// Which projects. Keys side by side are joined with AND; an explicit null is an error. At most 8
    /// levels and 100 conditions.
    ProjectFilter on projects::table {
        /// Its id.
        id: IdFilter; on Expr::of(projects::id),
        /// What it is called.
        title: TextFilter; on Text::of(projects::title),
        /// What it is about.
        description: TextFilter; on Text::of(projects::description),
        /// How far it is.
        status: ProjectStatusFilter; on Expr::of(projects::status),
        /// The live tasks that name it.
        tasks: TaskListFilter; on tasks(),
        /// When it was made.
        created_at: DateTimeFilter; on Expr::of(projects::created_at),
        /// When it was last changed.
        updated_at: DateTimeFilter; on Expr::of(projects::updated_at),
        /// Full text over title and description, as the field search takes it.
        search: String = |text, _| Search::condition(&text, RecordType::Project.label(), projects::id)?,
    }
}

order! {
    /// One key of an order of projects.
    ProjectOrder on projects::table {
        /// By title, without regard to case and accents.
        Title = [projects::sort_title],
        /// By status: active, completed, archived.
        Status = [projects::status],
        /// By when it was made.
        CreatedAt = [projects::created_at],
        /// By when it was last changed.
        UpdatedAt = [projects::updated_at],
        /// By how many open live tasks it has.
        OpenTaskCount = [tasks().count(task::open())],
        /// By the earliest due day of its open live tasks.
        NextDueDate = [tasks().least(tasks::due_date, task::open())],
    } usually Title
}

payload! {
    /// What came of a write to a project.
    ProjectPayload {
        /// The server's current record, also where the write was refused, so that a client's cache heals itself.
        project: Project
    }
}

/// A new project.
#[derive(Clone, Debug, InputObject)]
pub struct CreateProjectInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The id, where the client makes it; the same content under it again does nothing more
    /// for 30 days, and is TAKEN later.
    pub id: Option<Id>,
    /// What it is called: 1 to 500 characters.
    pub title: String,
    /// What it is about, in Markdown: up to 1,000,000 characters.
    pub description: Option<String>,
    /// How far it is.
    #[graphql(default_with = "ProjectStatus::Active")]
    pub status: ProjectStatus,
    /// Its colour.
    pub color: Option<HexColor>,
    /// Its icon: an emoji or a symbol's name.
    pub icon: Option<String>,
}

/// Changes to a project: an absent field is kept, null clears it.
#[derive(Clone, Debug, InputObject)]
pub struct ProjectPatch {
    /// What it is called: 1 to 500 characters.
    pub title: MaybeUndefined<String>,
    /// What it is about, in Markdown: up to 1,000,000 characters.
    pub description: MaybeUndefined<String>,
    /// How far it is.
    pub status: MaybeUndefined<ProjectStatus>,
    /// Its colour.
    pub color: MaybeUndefined<HexColor>,
    /// Its icon: an emoji or a symbol's name.
    pub icon: MaybeUndefined<String>,
}

/// A change of one project.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateProjectInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The project.
    pub id: Id,
    /// The version that the client knows.
    pub base_version: Option<i32>,
    /// What becomes of fields that others changed since.
    #[graphql(default_with = "ConflictPolicy::Merge")]
    pub on_conflict: ConflictPolicy,
    /// What changes.
    pub patch: ProjectPatch,
}

/// What the constraints on projects mean.
const CONSTRAINTS: &[Constraint] =
    &[("projects_pkey", UserErrorCode::Taken, "id", "another record has this id")];

/// The mutations of projects.
#[derive(Debug, Default)]
pub struct ProjectMutation;

#[Object]
impl ProjectMutation {
    /// Creates a project.
    async fn create_project(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new project.")] input: CreateProjectInput,
    ) -> Result<ProjectPayload> {
        Ok(run(ctx, create(input, Request::of(ctx)?)).await?.into())
    }

    /// Changes a project.
    async fn update_project(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The project and what changes.")] input: UpdateProjectInput,
    ) -> Result<ProjectPayload> {
        Ok(run(ctx, update(input, Request::of(ctx)?)).await?.into())
    }

    /// To the trash; its tasks stay and show no project until it is restored.
    async fn delete_project(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The project.")] input: RecordRef,
    ) -> Result<DeletePayload> {
        let outcome = run(ctx, delete(&input, Request::of(ctx)?)).await?;
        Ok(DeletePayload::of(input.id, outcome))
    }

    /// Back from the trash.
    async fn restore_project(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The project.")] input: RecordRef,
    ) -> Result<ProjectPayload> {
        Ok(run(ctx, restore(&input, Request::of(ctx)?)).await?.into())
    }
}

/// A write to a project.
fn operation(
    record: (Id, Needs),
    at: &'static [&'static str],
    write: Result<Write, Vec<UserError>>,
) -> Operation<Project> {
    Operation::new(record, CONSTRAINTS, at, write)
}

/// Creates a project.
pub(super) fn create(input: CreateProjectInput, request: &Request) -> Operation<Project> {
    let id = input.id.unwrap_or_else(|| request.new_id());
    let new = new(id, input, DateTime(request.moment.now));
    operation((id, Needs::New), &["input"], new)
}

/// Changes a project.
pub(super) fn update(input: UpdateProjectInput, request: &Request) -> Operation<Project> {
    let record = (input.id, Needs::Live);
    operation(record, &["input", "patch"], changed(input, DateTime(request.moment.now)))
}

/// Moves a project to the trash.
pub(super) fn delete(input: &RecordRef, request: &Request) -> Operation<Project> {
    let now = DateTime(request.moment.now);
    let mut merge = input.merge(RecordType::Project);
    merge.whole("deletedAt", &live());
    let project = projects::table.find(input.id).filter(all(vec![live(), merge.gate()]));
    let trashed = diesel::update(project)
        .set((projects::deleted_at.eq(now), projects::updated_at.eq(now)))
        .returning(projects::id);
    operation((input.id, Needs::Gone), &["input"], Ok(Write::new(trashed).merging(merge)))
}

/// Takes a project out of the trash.
pub(super) fn restore(input: &RecordRef, request: &Request) -> Operation<Project> {
    let now = DateTime(request.moment.now);
    let mut merge = input.merge(RecordType::Project);
    let trashed = Expr::of(projects::deleted_at.is_not_null());
    merge.field("deletedAt", &trashed);
    let project = projects::table.find(input.id).filter(all(vec![trashed, merge.gate()]));
    let restored = diesel::update(project)
        .set((projects::deleted_at.eq(None::<DateTime>), projects::updated_at.eq(now)))
        .returning(projects::id);
    operation((input.id, Needs::Any), &["input"], Ok(Write::new(restored).merging(merge)))
}

fn new(id: Id, input: CreateProjectInput, now: DateTime) -> Result<Write, Vec<UserError>> {
    let mut check = Check::at(&["input"]);
    let values = (
        (projects::id.eq(id), projects::created_at.eq(now), projects::updated_at.eq(now)),
        projects::title.eq(check.title("title", &input.title)),
        projects::description.eq(check.description(input.description)),
        (projects::status.eq(input.status), projects::color.eq(input.color)),
        projects::icon.eq(check.word("icon", input.icon)),
    );
    check.done(|| {
        Write::new(diesel::insert_into(projects::table).values(values).returning(projects::id))
    })
}

fn changed(input: UpdateProjectInput, now: DateTime) -> Result<Write, Vec<UserError>> {
    let patch = input.patch;
    let mut merge = Merge::new(RecordType::Project, input.base_version, input.on_conflict);
    let mut check = Check::at(&["input", "patch"]);
    let title = check.kept("title", patch.title);
    let status = check.kept("status", patch.status);
    let description = cleared(patch.description).map(|text| check.description(text));
    let icon = cleared(patch.icon).map(|text| check.word("icon", text));
    let set = (
        merge.set("title", projects::title, title.map(|title| check.title("title", &title))),
        merge.set("description", projects::description, description),
        merge.set("status", projects::status, status),
        merge.set("color", projects::color, cleared(patch.color)),
        merge.set("icon", projects::icon, icon),
        projects::updated_at.eq(now),
    );
    let project = projects::table.find(input.id).filter(all(vec![live(), merge.gate()]));
    check.done(|| {
        Write::new(diesel::update(project).set(set).returning(projects::id)).merging(merge)
    })
}
