//! The mutation that makes a task of a hastily typed text.

use super::{Due, Understood, project_titles, understand};
use crate::entity::task::create::{CreateTaskInput, New};
use crate::entity::task::{Task, TaskPriority, TaskStatus};
use crate::error::{Error, Result};
use crate::fold::{fold, sort_key};
use crate::moment::Moment;
use crate::query::request::Request;
use crate::query::statement::Slots;
use crate::scalar::{ChangeCursor, Date, DateTime, Id, Key};
use crate::tables::projects;
use crate::write::run;
use crate::write::user_error::UserError;
use async_graphql::{ComplexObject, Context, InputObject, Object, SimpleObject};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

/// A task as a person types it.
#[derive(Clone, Debug, InputObject)]
pub struct QuickAddInput {
    /// The same again does nothing more for 30 days, and gives the first task, with what was recognised then.
    pub client_mutation_id: Option<Key>,
    /// The id, where the client makes it.
    pub id: Option<Id>,
    /// What was typed, for example "Call mum tomorrow 5pm #family !high".
    pub text: String,
    /// Where it was captured.
    pub source: Option<String>,
}

/// What was understood of the text.
#[derive(Clone, Debug, Serialize, Deserialize, SimpleObject)]
pub struct Recognised {
    /// The words that mean nothing else.
    pub title: String,
    /// The names of the tags.
    pub tag_names: Vec<String>,
    /// The priority; null where none was said.
    pub priority: Option<TaskPriority>,
    /// The day on which it falls due.
    pub due_date: Option<Date>,
    /// The due instant; null where no time of day was said.
    pub due_at: Option<DateTime>,
    /// The titles of the subtasks.
    pub subtasks: Vec<String>,
}

/// What came of a hastily typed text.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct QuickAddPayload {
    /// What was understood of the text, also where it was refused.
    pub recognised: Recognised,
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
impl QuickAddPayload {
    /// The new task; null where it was refused.
    async fn task(&self, ctx: &Context<'_>) -> Result<Option<Task>> {
        self.slots.at(ctx)
    }
}

/// The mutation that understands text.
#[derive(Debug, Default)]
pub struct QuickAddMutation;

#[Object]
impl QuickAddMutation {
    /// Makes an INBOX task of a text, always in the same way: its title with #tag, p:project, a:area,
    /// act:action, t:topic, !priority, and days or times of day in the zone of the request. Following lines
    /// that start with a dash become subtasks; what is not understood stays in the title.
    async fn quick_add(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was typed.")] input: QuickAddInput,
    ) -> Result<QuickAddPayload> {
        let request = Request::of(ctx)?;
        let (recognised, project_id) = recognise(&input.text, request).await?;
        let id = input.id.unwrap_or_else(|| request.new_id());
        let mut new = New::default();
        let task = task(recognised.clone(), project_id, input.source);
        let mut errors = new.add(id, task, &["input"], request);
        errors.iter_mut().for_each(point_at_text);
        let operation = new.operation(id, errors, request);
        // Tomorrow may be another day by then, the zone another one, and the project have another title.
        let operation = operation.recognising(serde_json::to_value(&recognised).map_err(internal)?);
        let outcome = run(ctx, operation).await?;
        let first = outcome.recognised.map(serde_json::from_value).transpose().map_err(internal)?;
        Ok(QuickAddPayload {
            recognised: first.unwrap_or(recognised),
            user_errors: outcome.errors,
            cursor: outcome.cursor,
            client_mutation_id: outcome.client_mutation_id,
            replayed: outcome.replayed,
            slots: outcome.slots,
        })
    }
}

fn internal(error: serde_json::Error) -> Error {
    Error::Internal(error.into())
}

/// What is recognised, and the project.
async fn recognise(text: &str, request: &Request) -> Result<(Recognised, Option<Id>)> {
    let moment = &request.moment;
    let projects = projects_named(project_titles(text), request).await?;
    let understood = understand(text, moment, |title| project(title, &projects).is_some());
    let recognised = recognised(&understood, moment);
    Ok((recognised, understood.project.and_then(|title| project(&title, &projects))))
}

fn recognised(understood: &Understood, moment: &Moment) -> Recognised {
    let (due_date, due_at) = match understood.due {
        None => (None, None),
        Some(Due::Day(day)) => (Some(Date(day)), None),
        // As the task has it: the owner's day.
        Some(Due::At(at)) => {
            (Some(Date(at.with_timezone(&moment.owner_zone).date_naive())), Some(DateTime(at)))
        }
    };
    Recognised {
        title: understood.title.clone(),
        tag_names: understood.tag_names.clone(),
        priority: understood.priority,
        due_date,
        due_at,
        subtasks: understood.subtasks.clone(),
    }
}

fn task(of: Recognised, project_id: Option<Id>, source: Option<String>) -> CreateTaskInput {
    CreateTaskInput {
        client_mutation_id: None,
        id: None,
        title: of.title,
        description: None,
        status: TaskStatus::Inbox,
        priority: of.priority.unwrap_or(TaskPriority::Medium),
        due_date: of.due_date,
        due_at: of.due_at,
        scheduled_date: None,
        snoozed_until: None,
        energy: None,
        time_estimate: None,
        source,
        project_id,
        parent_id: None,
        tag_ids: None,
        tag_names: Some(of.tag_names),
        subtasks: Some(of.subtasks),
        completed_at: None,
    }
}

/// All that was understood came from the text.
fn point_at_text(error: &mut UserError) {
    if let [_, field, ..] = error.path.as_mut_slice()
        && ["title", "subtasks", "tagNames"].contains(&field.as_str())
    {
        "text".clone_into(field);
        error.path.truncate(2);
    }
}

/// The live projects that have one of these titles, the oldest first; nothing is asked where there are no
/// titles.
async fn projects_named(titles: Vec<String>, request: &Request) -> Result<Vec<(Id, String)>> {
    if titles.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<String> = titles.iter().map(|title| sort_key(title)).collect();
    let mut connection = request.engine.pool.get().await?;
    let found = projects::table
        .filter(projects::sort_title.eq_any(keys))
        .filter(projects::deleted_at.is_null())
        .order((projects::created_at, projects::id))
        .select((projects::id, projects::title))
        .load(&mut connection)
        .await?;
    Ok(found)
}

/// The project of a title: the one that is spelled alike, else one that differs in case and accents only.
fn project(title: &str, projects: &[(Id, String)]) -> Option<Id> {
    let alike = projects.iter().find(|(_, other)| other == title);
    let folded = fold(title);
    let found = alike.or_else(|| projects.iter().find(|(_, other)| fold(other) == folded));
    found.map(|(id, _)| *id)
}
