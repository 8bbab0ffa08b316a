//! The GraphQL schema, and how a request is answered with it.

mod document;
mod live;
mod respond;

pub(crate) use document::{operation, parsed};
pub use live::{Asker, Following};
pub(crate) use respond::refusal;

use crate::clock::Clock;
use crate::db::Pool;
use crate::entity::payload::MutationPayload;
use crate::entity::{Mutation, Query, ServerInfo, Subscription, plan_root};
use crate::error::Result;
use crate::moment::Moment;
use crate::query::input::Inputs;
use crate::query::page::LARGEST_PAGE;
use crate::query::request::{Engine, MOST_COST, Request};
use crate::query::statement::Shapes;
use crate::secret::Secret;
use crate::upkeep::Keep;
use crate::viewer::Viewer;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::ServiceDocument;
use async_graphql::{Response, Schema, SchemaBuilder};
use document::Nullable;
use live::Live;
use sha2::{Digest, Sha256};
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use uuid::Uuid;

/// How deep a document may nest its fields.
pub const DEEPEST: usize = 16;

/// The API: all that a request is answered with.
pub struct Api {
    live: Arc<Live>,
    nullable: Nullable,
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").finish_non_exhaustive()
    }
}

impl Api {
    /// An API on these connections.
    #[must_use]
    pub fn new(pool: Pool, clock: Clock, keep: Keep) -> Self {
        let sdl = Self::sdl();
        // It is async-graphql's own text, which its own parser reads.
        let parsed = parse_schema(&sdl).unwrap_or(ServiceDocument { definitions: Vec::new() });
        let (shapes, inputs) = (Shapes::default(), Inputs::of(&parsed));
        let engine = Engine { pool, shapes, clock: clock.clone(), plan_root, inputs };
        let info = ServerInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            schema_hash: format!("{:x}", Sha256::digest(&sdl)),
            max_page_size: small(LARGEST_PAGE),
            max_depth: small(DEEPEST),
            max_cost: small(MOST_COST),
            tombstone_days: small(keep.changes.num_days()),
        };
        let live = Live::new(schema().data(info).finish(), Arc::new(engine), clock);
        Self { live: Arc::new(live), nullable: Nullable::of(&parsed) }
    }

    /// Answers a request of a viewer.
    pub async fn answer(&self, request: async_graphql::Request, viewer: Viewer) -> Response {
        let id = self.live.clock.new_id();
        self.answer_as(request, viewer, id).await
    }

    /// The same, for a request that has an id already.
    pub async fn answer_as(
        &self,
        mut request: async_graphql::Request,
        viewer: Viewer,
        id: Uuid,
    ) -> Response {
        let roots = match document::prepare(&mut request, &viewer, &self.live.engine.inputs) {
            Ok(roots) => roots,
            Err(error) => return refusal(error, id),
        };
        let Live { schema, engine, clock, .. } = &*self.live;
        let moment = moment(clock, &viewer);
        let request = request.data(Request::new(Arc::clone(engine), moment)).data(viewer);
        let mut response = schema.execute(request).await;
        self.nullable.complete(&mut response, &roots);
        respond::coded(response, id)
    }

    /// Begins a subscription of whoever `asker` names. What the client hears first comes with it, where
    /// there is anything yet.
    pub async fn subscribe(
        &self,
        request: &async_graphql::Request,
        asker: Asker,
    ) -> Result<(Option<Arc<str>>, Following), Response> {
        Following::begin(&self.live, request, asker).await
    }

    /// Tells subscriptions of what is committed to the database, until it is dropped. The URL leads past
    /// poolers: they let no notifications through.
    pub fn keep_telling(&self, url: Secret) -> impl Future<Output = Infallible> + use<> {
        let live = Arc::clone(&self.live);
        async move { live.bell.keep_ringing(&url).await }
    }

    /// The schema as text.
    #[must_use]
    pub fn sdl() -> String {
        schema().finish().sdl()
    }
}

/// A limit as GraphQL writes whole numbers.
fn small(limit: impl TryInto<i32>) -> i32 {
    limit.try_into().unwrap_or(i32::MAX)
}

/// The moment of a request of a viewer.
fn moment(clock: &Clock, viewer: &Viewer) -> Moment {
    Moment {
        now: clock.now(),
        zone: viewer.zone(),
        owner_zone: viewer.owner_zone,
        week_start: viewer.week_start,
    }
}

fn schema() -> SchemaBuilder<Query, Mutation, Subscription> {
    Schema::build(Query::default(), Mutation::default(), Subscription::default())
        .register_output_type::<MutationPayload>()
        .limit_depth(DEEPEST)
}
