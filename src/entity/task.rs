//! Tasks: things to do.

pub mod batch;
pub mod change;
pub mod completion;
pub mod create;
pub(crate) mod due;
mod kinds;
pub mod list;
mod measure;
mod merge;
pub mod moving;
pub mod quick_add;
pub mod snooze;
pub mod stats;
mod tagging;
pub mod trash;
pub mod views;

use super::project::{self, Project, ProjectFilter};
use super::tag::{self, Tag, TagListFilter};
use super::{ExternalRef, external_ref};
use crate::feed::RecordType;
use crate::moment::Moment;
use crate::query::comparator::{
    DateFilter, DateTimeFilter, Day, IdFilter, IntFilter, Text, TextFilter,
};
use crate::query::declare::{entity, order, roots};
use crate::query::enumeration::{enum_filter, enumeration, literally_one_of};
use crate::query::expr::{Cond, Expr, all, always, any, not};
use crate::query::filter::{Filter as _, filter, operators};
use crate::query::link::Link;
use crate::query::order::sort_key;
use crate::query::plan::{Json, Parent};
use crate::query::request::Request;
use crate::query::search::Search;
use crate::query::selection::Field;
use crate::query::statement::Slots;
use crate::query::tally::Tally;
use crate::scalar::{Date, DateTime, Id};
use crate::tables::{projects, tags, task_tags, tasks};
use async_graphql::SimpleObject;
use diesel::prelude::*;
use serde::Deserialize;
use std::sync::Arc;
use views::TaskView;

/// A thing to do.
#[derive(Debug, Deserialize, Selectable, SimpleObject)]
#[diesel(table_name = tasks, check_for_backend(diesel::pg::Pg))]
#[graphql(complex)]
pub struct Task {
    /// UUID (version 7), made by the client or the server; it is the only id.
    pub id: Id,
    /// Grows by one with every change of the task or of its tags.
    pub version: i32,
    /// When it was made.
    #[serde(default)]
    pub created_at: DateTime,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: DateTime,
    /// When it was moved to the trash; null while live.
    pub deleted_at: Option<DateTime>,
    /// What is to be done.
    pub title: String,
    /// How far it is.
    pub status: TaskStatus,
    /// How much it matters.
    pub priority: TaskPriority,
    /// Calendar day on which it falls due. With dueAt set it is that instant's day in the owner's zone,
    /// kept by the server.
    pub due_date: Option<Date>,
    /// The due instant; set only where a time of day was given.
    pub due_at: Option<DateTime>,
    /// Day on which the owner means to work on it.
    pub scheduled_date: Option<Date>,
    /// Hidden from every view but `RECENTLY_DONE` until then; filters, counts and isOverdue ignore it.
    pub snoozed_until: Option<DateTime>,
    /// Follows status: set when it becomes DONE, cleared when it is reopened.
    pub completed_at: Option<DateTime>,
    /// The energy that it takes.
    pub energy: Option<EnergyLevel>,
    /// How long it takes.
    pub time_estimate: Option<TimeEstimate>,
    /// Where it was captured: ios, watch, shortcut, notion, email ...
    pub source: Option<String>,
    /// Manual order, one order over all tasks; compare as bytes.
    pub position: String,
    #[diesel(embed)]
    #[graphql(skip)]
    #[serde(default)]
    slots: Slots,
}

enumeration! {
    /// How far a task is.
    TaskStatus as TaskStatus("::task_status", "::task_status[]") {
        /// Captured, not yet looked at.
        Inbox = "inbox",
        /// To be done.
        Todo = "todo",
        /// Begun.
        InProgress = "in_progress",
        /// Waiting for something.
        Blocked = "blocked",
        /// Done.
        Done = "done",
        /// Given up.
        Cancelled = "cancelled",
    }
}
enum_filter! {
    /// How the status of a task must be.
    TaskStatusFilter of TaskStatus as TaskStatus
}

enumeration! {
    /// How much a task matters, in rank order.
    TaskPriority as TaskPriority("::task_priority", "::task_priority[]") {
        /// Someday.
        Low = "low",
        /// As usual.
        Medium = "medium",
        /// Important.
        High = "high",
        /// Before all else.
        Urgent = "urgent",
    }
}
enum_filter! {
    /// How the priority of a task must be; lt, lte, gt and gte compare by rank.
    TaskPriorityFilter of TaskPriority as TaskPriority, ranked
}

enumeration! {
    /// The energy that a task takes.
    EnergyLevel as EnergyLevel("::energy_level", "::energy_level[]") {
        /// For tired hours.
        Low = "low",
        /// For usual hours.
        Medium = "medium",
        /// For the best hours.
        High = "high",
    }
}
enum_filter! {
    /// How the energy of a task must be.
    EnergyLevelFilter of EnergyLevel as EnergyLevel, nullable
}

enumeration! {
    /// How long a task takes.
    TimeEstimate as TimeEstimate("::time_estimate", "::time_estimate[]") {
        /// Under 15 minutes.
        Quick = "quick",
        /// 15 to 60 minutes.
        Short = "short",
        /// Over an hour.
        Long = "long",
    }
}
enum_filter! {
    /// How the time estimate of a task must be.
    TimeEstimateFilter of TimeEstimate as TimeEstimate, nullable
}

impl TaskStatus {
    /// Those in which something is left to do: neither DONE nor CANCELLED.
    const OPEN: [Self; 4] = [Self::Inbox, Self::Todo, Self::InProgress, Self::Blocked];

    /// Whether something is left to do.
    pub(crate) fn is_open(self) -> bool {
        Self::OPEN.contains(&self)
    }
}

/// Tasks that are not in the trash.
pub(super) fn live() -> Cond<tasks::table> {
    Expr::of(tasks::deleted_at.is_null())
}

/// Tasks on which something is left to do.
pub(super) fn open() -> Cond<tasks::table> {
    literally_one_of(&Expr::of(tasks::status), TaskStatus::OPEN)
}

/// Tasks that are DONE.
pub(super) fn done() -> Cond<tasks::table> {
    status_is(TaskStatus::Done)
}

fn status_is(status: TaskStatus) -> Cond<tasks::table> {
    literally_one_of(&Expr::of(tasks::status), [status])
}

fn priority_is(priority: TaskPriority) -> Cond<tasks::table> {
    literally_one_of(&Expr::of(tasks::priority), [priority])
}

/// Live tasks that are part of no live task: their parents are live, which the database sees to.
pub(super) fn top_level() -> Cond<tasks::table> {
    Expr::of(tasks::parent_id.is_null())
}

/// Tasks that are part of no live task, those in the trash too.
fn stray() -> Cond<tasks::table> {
    any(vec![top_level(), all(vec![not(live()), not(parent().exists(always()))])])
}

fn project() -> Link<tasks::table, projects::table> {
    Link::new(tasks::project_id, projects::id, projects::table, project::live())
}

fn parent() -> Link<tasks::table, tasks::table> {
    Link::new(tasks::parent_id, tasks::id, tasks::table, live())
}

fn subtasks() -> Link<tasks::table, tasks::table> {
    Link::new(tasks::id, tasks::parent_id, tasks::table, live())
}

fn tags() -> Link<tasks::table, tags::table> {
    let between = (task_tags::task_id, task_tags::tag_id);
    Link::through(tasks::id, task_tags::table, between, tags::id, tags::table, tag::live())
}

entity! { Task in tasks, filter TaskFilter, order TaskOrder {
    kept { id, version, title, status, priority, due_date, due_at, position }
    one {
        /// The live project that it belongs to.
        project: Project by project(),
        /// The live task that it is a part of.
        parent: Task by parent(),
    }
    many {
        /// Its live tags, ordered by name.
        tags: Tag by tags(),
    }
    pages {
        /// The live tasks that are its parts, one level below it.
        subtasks: Task by subtasks(),
    }
    values {
        /// What it is about, in Markdown.
        description: Option<String> = |_| tasks::description,
        /// Open and past due, in the zone of this request.
        is_overdue: bool = |moment| due::overdue(moment).sure(),
        /// Open and due today, in the zone of this request.
        is_due_today: bool = |moment| due::due_today(moment).sure(),
    }
    planned {
        /// How many of its live subtasks are done.
        subtask_progress: Progress = |task, field, moment| progress(&subtasks(), task, field, moment),
        /// Where it was imported from.
        external_refs: Vec<ExternalRef> = |task, _, _| external_ref::of(task.outer(tasks::id), task.inside()),
    }
    fields {
        /// Days from today to the due day (that of dueAt where set, else dueDate), both in the zone of this
        /// request; negative when past.
        async fn days_until_due(&self, ctx: &async_graphql::Context<'_>) -> crate::error::Result<Option<i32>> {
            Ok(due::days_until_due(self, &Request::of(ctx)?.moment))
        }
    }
} }
roots! { Task in TaskQuery {
    /// The task of this id.
    task,
    /// Tasks, in manual order unless ordered otherwise.
    tasks
} }

filter! {
    /// Which tasks. Keys side by side are joined with AND; an explicit null is an error. At most 8
    /// levels and 100 conditions.
    TaskFilter on tasks::table {
        /// Its id.
        id: IdFilter; on Expr::of(tasks::id),
        /// What is to be done.
        title: TextFilter; on Text::of(tasks::title),
        /// What it is about.
        description: TextFilter; on Text::of(tasks::description),
        /// Where it was captured.
        source: TextFilter; on Text::of(tasks::source),
        /// How far it is.
        status: TaskStatusFilter; on Expr::of(tasks::status),
        /// How much it matters.
        priority: TaskPriorityFilter; on Expr::of(tasks::priority),
        /// The energy that it takes.
        energy: EnergyLevelFilter; on Expr::of(tasks::energy),
        /// How long it takes.
        time_estimate: TimeEstimateFilter; on Expr::of(tasks::time_estimate),
        /// Day tests: dueAt in the zone of the request where there is one, else dueDate.
        due: DateFilter; on due::day(),
        /// The due instant.
        due_at: DateTimeFilter; on Expr::of(tasks::due_at),
        /// Day on which the owner means to work on it.
        scheduled_date: DateFilter; on Day::Date(Expr::of(tasks::scheduled_date)),
        /// Until when it is hidden from the views.
        snoozed_until: DateTimeFilter; on Expr::of(tasks::snoozed_until),
        /// Whether something is left to do: neither DONE nor CANCELLED.
        is_open: bool = |wanted, _| holds(open(), wanted),
        /// Whether it is open and past due.
        is_overdue: bool = |wanted, at| holds(due::overdue(at.moment), wanted),
        /// Whether this view shows it.
        view: TaskView = |view, at| views::shown(view, at.moment),
        /// When it was made.
        created_at: DateTimeFilter; on Expr::of(tasks::created_at),
        /// When it was last changed.
        updated_at: DateTimeFilter; on Expr::of(tasks::updated_at),
        /// When it was done.
        completed_at: DateTimeFilter; on Expr::of(tasks::completed_at),
        /// It has a live project for which this holds.
        project: Box<ProjectFilter> = |filter, at| project().exists(filter.condition(at.deeper()?)?),
        /// It is part of a live task for which this holds.
        parent: Box<TaskFilter> = |filter, at| parent().exists(filter.condition(at.deeper()?)?),
        /// Whether it has a live project.
        has_project: bool = |wanted, _| holds(project().exists(always()), wanted),
        /// Whether it is part of a live task.
        has_parent: bool = |wanted, _| holds(stray(), !wanted),
        /// Its live tags.
        tags: TagListFilter; on tags(),
        /// Its live subtasks.
        subtasks: TaskListFilter; on subtasks(),
        /// Full text over title, tags, project title and description: web-search syntax, the last word
        /// also as a prefix; see the field search.
        search: String = |text, _| Search::condition(&text, RecordType::Task.label(), tasks::id)?,
    }
}

/// The condition, or its opposite.
fn holds(condition: Cond<tasks::table>, wanted: bool) -> Cond<tasks::table> {
    if wanted { condition } else { not(condition) }
}

order! {
    /// One key of an order of tasks; ties are always broken by id, so every order is total.
    /// relevance needs a search in the filter.
    TaskOrder on tasks::table {
        /// By hand.
        Manual = [tasks::position],
        /// By due day and, within it, by due instant.
        Due = [tasks::due_date, tasks::due_at],
        /// By rank of priority.
        Priority = [tasks::priority],
        /// By status: inbox, todo, in progress, blocked, done, cancelled.
        Status = [tasks::status],
        /// By title, without regard to case and accents.
        Title = [sort_key(tasks::title)],
        /// By the title of the project.
        ProjectTitle = [project().value(projects::sort_title)],
        /// By the day on which the owner means to work on it.
        ScheduledDate = [tasks::scheduled_date],
        /// By when it was made.
        CreatedAt = [tasks::created_at],
        /// By when it was last changed.
        UpdatedAt = [tasks::updated_at],
        /// By when it was done.
        CompletedAt = [tasks::completed_at],
        /// By how well it matches the search in the filter.
        Relevance = |search| [search.score_of(RecordType::Task.label(), tasks::id)],
        /// By how many live subtasks it has.
        SubtaskCount = [subtasks().count(always())],
    } usually Manual
}

operators! {
    /// How the tasks of a record must be; only live tasks count.
    TaskListFilter on <T> Link<T, tasks::table> {
        /// At least one for which this holds.
        some: Box<TaskFilter> = |tasks, filter, at| tasks.exists(filter.condition(at.deeper()?)?),
        /// This holds for each; true where there are none.
        every: Box<TaskFilter> = |tasks, filter, at| not(tasks.exists(not(filter.condition(at.deeper()?)?))),
        /// This holds for none.
        none: Box<TaskFilter> = |tasks, filter, at| not(tasks.exists(filter.condition(at.deeper()?)?)),
        /// Whether there are none.
        is_empty: bool = |tasks, wanted, _| if wanted { not(tasks.exists(always())) } else { tasks.exists(always()) },
        /// How many there are.
        count: IntFilter = |tasks, filter, at| filter.on(&Expr::of(tasks.count(always())), at)?,
    }
}

/// Counts of live tasks.
#[derive(Debug, Default, Deserialize, SimpleObject)]
#[serde(default)]
pub struct Progress {
    /// All of them.
    pub total: i32,
    /// Those on which something is left to do.
    pub open: i32,
    /// Those that are DONE.
    pub done: i32,
    /// Those that are open and past due.
    pub overdue: i32,
}

/// The plan of the counts of the tasks that a link leads to.
pub(super) fn progress<P: 'static>(
    link: &Link<P, tasks::table>,
    parent: &mut Parent<P>,
    field: &Field,
    moment: &Moment,
) -> Json {
    let measures = measure::measures(field, moment);
    Json::tally(Tally { from: Arc::new(tasks::table), condition: link.of(parent), measures })
}
