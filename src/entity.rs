//! The entities: what the API knows of.

pub mod external_ref;
pub mod node;
pub mod payload;
pub mod project;
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
use crate::query::selection::Field;
use crate::viewer::Viewer;
use async_graphql::{Context, MergedObject, Object};

/// What can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    ViewerQuery,
    node::NodeQuery,
    task::TaskQuery,
    project::ProjectQuery,
    tag::TagQuery,
);

/// What can be changed.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    task::change::TaskMutation,
    task::completion::CompletionMutation,
    task::trash::TaskTrashMutation,
    project::ProjectMutation,
    tag::TagMutation,
);

/// Plans a root field of [`Query`]; nothing where it needs no database.
pub fn plan_root(field: &Field, moment: &Moment) -> Result<Option<Json>> {
    let planners = [
        node::NodeQuery::plan,
        task::TaskQuery::plan,
        project::ProjectQuery::plan,
        tag::TagQuery::plan,
    ];
    for plan in planners {
        if let Some(json) = plan(field, moment)? {
            return Ok(Some(json));
        }
    }
    Ok(None)
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
}
