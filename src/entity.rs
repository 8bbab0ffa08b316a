//! The entities: what the API knows of.

pub mod changes;
pub mod external_ref;
pub mod node;
pub mod payload;
pub mod project;
pub mod push;
pub mod search;
pub mod tag;
pub mod task;
pub mod trash;

pub use external_ref::ExternalRef;
pub use project::{Project, ProjectStatus};
pub use tag::Tag;
pub use task::{EnergyLevel, Task, TaskPriority, TaskStatus, TimeEstimate};

use crate::error::Result;
use crate::moment::Moment;
use crate::query::plan::Json;
use crate::query::request::Request;
use crate::query::selection::Field;
use crate::scalar::DateTime;
use crate::viewer::Viewer;
use async_graphql::{
    ComplexObject, Context, MergedObject, MergedSubscription, Object, SimpleObject,
};

/// What can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    ViewerQuery,
    node::NodeQuery,
    task::TaskQuery,
    task::stats::StatsQuery,
    project::ProjectQuery,
    tag::TagQuery,
    search::SearchQuery,
    changes::ChangesQuery,
);

/// What can be changed.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    task::create::CreationMutation,
    task::change::TaskMutation,
    task::completion::CompletionMutation,
    task::snooze::SnoozeMutation,
    task::moving::MovingMutation,
    task::quick_add::adding::QuickAddMutation,
    task::trash::TaskTrashMutation,
    project::ProjectMutation,
    tag::TagMutation,
    tag::merging::MergingMutation,
    push::PushMutation,
);

/// What can be followed as it changes.
#[derive(Debug, Default, MergedSubscription)]
pub struct Subscription(changes::ChangesSubscription, task::list::TaskListSubscription);

/// Plans a root field of [`Query`] or [`Subscription`]; nothing where it needs no database.
pub fn plan_root(field: &Field, moment: &Moment) -> Result<Option<Json>> {
    let planners = [
        node::NodeQuery::plan,
        task::TaskQuery::plan,
        task::stats::StatsQuery::plan,
        project::ProjectQuery::plan,
        tag::TagQuery::plan,
        search::SearchQuery::plan,
        changes::ChangesQuery::plan,
        task::list::TaskListSubscription::plan,
    ];
    for plan in planners {
        if let Some(json) = plan(field, moment)? {
            return Ok(Some(json));
        }
    }
    Ok(None)
}

/// What a client may want to know of the service itself.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct ServerInfo {
    /// The version of the program.
    pub version: String,
    /// SHA-256 of the schema's text: it changes when the schema does.
    pub schema_hash: String,
    /// How many records a page may hold.
    pub max_page_size: i32,
    /// How deep a document may nest its fields.
    pub max_depth: i32,
    /// How many records an operation may bring where every page is full.
    pub max_cost: i32,
    /// For how many days the feed keeps what changed: older cursors start anew.
    pub tombstone_days: i32,
}

#[ComplexObject]
impl ServerInfo {
    /// The server's clock: the now of this request.
    async fn server_time(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(DateTime(Request::of(ctx)?.moment.now))
    }
}

/// The root fields that need no database.
#[derive(Debug, Default)]
pub struct ViewerQuery;

#[Object]
impl ViewerQuery {
    /// Who is asking: the token of this request and the owner's settings.
    async fn viewer<'a>(&self, ctx: &Context<'a>) -> async_graphql::Result<&'a Viewer> {
        ctx.data::<Viewer>()
    }

    /// What the service is, and how much it takes at once.
    async fn server_info<'a>(&self, ctx: &Context<'a>) -> async_graphql::Result<&'a ServerInfo> {
        ctx.data::<ServerInfo>()
    }
}
