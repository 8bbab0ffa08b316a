//! Creating tasks, one or many, in one statement.

use super::change::{CONSTRAINTS, TaskPayload, completion};
use super::tagging::Links;
use super::{EnergyLevel, Task, TaskPriority, TaskStatus, TimeEstimate, due};
use crate::error::Result;
use crate::query::request::Request;
use crate::scalar::{Date, DateTime, Id, Key};
use crate::tables::tasks;
use crate::write::check::{Check, given};
use crate::write::user_error::UserError;
use crate::write::{Needs, Operation, Write, run};
use async_graphql::{Context, InputObject, Object};
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::Json;
use serde::Serialize;
use std::collections::HashSet;

/// A new task.
#[derive(Clone, Debug, InputObject)]
pub struct CreateTaskInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The id, where the client makes it; the same content under it again does nothing more
    /// for 30 days, and is TAKEN later.
    pub id: Option<Id>,
    /// What is to be done: 1 to 500 characters.
    pub title: String,
    /// What it is about, in Markdown: up to 1,000,000 characters.
    pub description: Option<String>,
    /// How far it is.
    #[graphql(default_with = "TaskStatus::Todo")]
    pub status: TaskStatus,
    /// How much it matters.
    #[graphql(default_with = "TaskPriority::Medium")]
    pub priority: TaskPriority,
    /// The day on which it falls due; alone, all day.
    pub due_date: Option<Date>,
    /// The due instant; it decides the day too.
    pub due_at: Option<DateTime>,
    /// Day on which the owner means to work on it.
    pub scheduled_date: Option<Date>,
    /// Hidden from the views until then.
    pub snoozed_until: Option<DateTime>,
    /// The energy that it takes.
    pub energy: Option<EnergyLevel>,
    /// How long it takes.
    pub time_estimate: Option<TimeEstimate>,
    /// Where it was captured.
    pub source: Option<String>,
    /// The project that it belongs to.
    pub project_id: Option<Id>,
    /// The task that it is a part of.
    pub parent_id: Option<Id>,
    /// The tags that it bears.
    pub tag_ids: Option<Vec<Id>>,
    /// Names of tags that it bears; those that are missing are made.
    pub tag_names: Option<Vec<String>>,
    /// Titles of parts that are made with it, in this order.
    pub subtasks: Option<Vec<String>>,
    /// When it was done, where it is DONE already; now unless said.
    pub completed_at: Option<DateTime>,
}

/// The mutation that creates a task.
#[derive(Debug, Default)]
pub struct CreationMutation;

#[Object]
impl CreationMutation {
    /// Creates a task. The same id with the same content again gives the same task (replayed); with other
    /// content it is TAKEN.
    async fn create_task(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new task.")] input: CreateTaskInput,
    ) -> Result<TaskPayload> {
        Ok(run(ctx, create(input, Request::of(ctx)?)).await?.into())
    }
}

/// Creates a task.
pub(in crate::entity) fn create(input: CreateTaskInput, request: &Request) -> Operation<Task> {
    let id = input.id.unwrap_or_else(|| request.new_id());
    let mut new = New::default();
    let errors = new.add(id, input, &["input"], request);
    new.operation(id, errors, request)
}

/// The row of a new task: what is not here is the database's to give.
#[derive(Debug, Serialize)]
struct Row {
    id: Id,
    created_at: DateTime,
    updated_at: DateTime,
    title: String,
    description: Option<String>,
    status: TaskStatus,
    priority: TaskPriority,
    due_date: Option<Date>,
    due_at: Option<DateTime>,
    scheduled_date: Option<Date>,
    snoozed_until: Option<DateTime>,
    completed_at: Option<DateTime>,
    energy: Option<EnergyLevel>,
    time_estimate: Option<TimeEstimate>,
    source: Option<String>,
    project_id: Option<Id>,
    parent_id: Option<Id>,
}

/// The names of its fields.
const COLUMNS: &str = "id, created_at, updated_at, title, description, status, priority, due_date, due_at, \
    scheduled_date, snoozed_until, completed_at, energy, time_estimate, source, project_id, parent_id";

impl Row {
    /// A task of which only the title is known.
    fn titled(id: Id, title: String, now: DateTime) -> Self {
        Self {
            id,
            created_at: now,
            updated_at: now,
            title,
            description: None,
            status: TaskStatus::Todo,
            priority: TaskPriority::Medium,
            due_date: None,
            due_at: None,
            scheduled_date: None,
            snoozed_until: None,
            completed_at: None,
            energy: None,
            time_estimate: None,
            source: None,
            project_id: None,
            parent_id: None,
        }
    }
}

/// The records that new tasks need, each with the task that needs it.
pub(super) struct Wants<'a> {
    pub(super) projects: Vec<(Id, Id)>,
    pub(super) parents: Vec<(Id, Id)>,
    pub(super) tags: &'a [(Id, Id)],
}

/// New tasks, checked.
#[derive(Default)]
pub(super) struct New {
    rows: Vec<Row>,
    tags: Links,
}

impl New {
    /// Checks one more, whose input stands at a path; gives what is wrong with it.
    pub(super) fn add(
        &mut self,
        id: Id,
        input: CreateTaskInput,
        at: &[&str],
        request: &Request,
    ) -> Vec<UserError> {
        let mut check = Check::at(at);
        let now = DateTime(request.moment.now);
        let (due_date, due_at) = (given(input.due_date), given(input.due_at));
        let due = due::change(due_date, due_at, &request.moment, &mut check);
        let done_at = completion(Some(input.status), input.completed_at, now, &mut check);
        self.rows.push(Row {
            description: check.description(input.description),
            status: input.status,
            priority: input.priority,
            due_date: due.date.flatten(),
            due_at: due.at.flatten(),
            scheduled_date: input.scheduled_date,
            snoozed_until: input.snoozed_until,
            completed_at: (input.status == TaskStatus::Done).then(|| done_at.unwrap_or(now)),
            energy: input.energy,
            time_estimate: input.time_estimate,
            source: check.word("source", input.source),
            project_id: input.project_id,
            parent_id: input.parent_id,
            ..Row::titled(id, check.title("title", &input.title), now)
        });
        let parts = input.subtasks.unwrap_or_default();
        for title in check.each("subtasks", &parts, Check::title) {
            let part = Row::titled(request.new_id(), title, now);
            self.rows.push(Row { parent_id: Some(id), ..part });
        }
        self.tags.add(id, input.tag_ids, input.tag_names, &mut check);
        check.errors
    }

    /// The creation of the one that was added, unless something is wrong with it.
    pub(super) fn operation(
        self,
        id: Id,
        errors: Vec<UserError>,
        request: &Request,
    ) -> Operation<Task> {
        let listed = self.tags.listed();
        let write = if errors.is_empty() { Ok(self.write(request)) } else { Err(errors) };
        Operation::new((id, Needs::New), CONSTRAINTS, &["input"], write).listing(listed)
    }

    /// Puts parents before their parts; gives those that would be parts of themselves.
    pub(super) fn sort(&mut self) -> HashSet<Id> {
        let mut waiting = std::mem::take(&mut self.rows);
        let mut absent: HashSet<Id> = waiting.iter().map(|row| row.id).collect();
        loop {
            let waits = |row: &Row| row.parent_id.is_some_and(|parent| absent.contains(&parent));
            let (waiting_still, ready): (Vec<_>, Vec<_>) = waiting.into_iter().partition(waits);
            if ready.is_empty() {
                return absent;
            }
            for row in ready {
                absent.remove(&row.id);
                self.rows.push(row);
            }
            waiting = waiting_still;
        }
    }

    /// The ids of the tasks, those of parts too.
    pub(super) fn ids(&self) -> impl Iterator<Item = Id> {
        self.rows.iter().map(|row| row.id)
    }

    /// The records of others that must be live for them, each with its task.
    pub(super) fn wants(&self) -> Wants<'_> {
        let mine: HashSet<Id> = self.ids().collect();
        let projects = self.rows.iter().filter_map(|row| Some((row.id, row.project_id?)));
        let parents = self.rows.iter().filter_map(|row| Some((row.id, row.parent_id?)));
        Wants {
            projects: projects.collect(),
            parents: parents.filter(|(_, parent)| !mine.contains(parent)).collect(),
            tags: self.tags.wanted(),
        }
    }

    /// The write that creates them all.
    pub(super) fn write(self, request: &Request) -> Write {
        let mut write = Write::new(Insert(Rows(self.rows)));
        self.tags.write(&mut write, request);
        write
    }
}

/// `INSERT INTO tasks (…) SELECT … FROM json_populate_recordset(…) RETURNING id`: as many rows as there
/// are, in one shape of statement.
struct Insert(Rows);

/// New rows, as JSON.
#[derive(Debug)]
struct Rows(Vec<Row>);

impl ToSql<Json, Pg> for Rows {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}

impl QueryFragment<Pg> for Insert {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO ");
        tasks::table.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" ({COLUMNS}) SELECT {COLUMNS} FROM json_populate_recordset(NULL::"));
        tasks::table.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        out.push_bind_param::<Json, _>(&self.0)?;
        out.push_sql(") RETURNING id");
        Ok(())
    }
}
