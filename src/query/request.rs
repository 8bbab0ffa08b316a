//! One request: its moment, and the answers of its operation, fetched once.

use super::input::Inputs;
use super::plan::{Child, Json};
use super::selection::{Field, Selection, Slot};
use super::statement::{Shapes, Slots, Statement};
use super::turn::Turn;
use crate::clock::Clock;
use crate::db::Pool;
use crate::error::{Error, Result};
use crate::moment::Moment;
use crate::scalar::Id;
use async_graphql::Context;
use serde::de::DeserializeOwned;
use std::fmt;
use std::sync::{Arc, OnceLock};
use tokio::sync::OnceCell;

/// Plans a root field of a query; nothing where it needs no database.
pub type PlanRoot = fn(&Field, &Moment) -> Result<Option<Json>>;

/// How many records an operation may bring, where every page and list is full: far above any screen's
/// need, and far below what would keep the database busy.
pub const MOST_COST: u64 = 50_000;

/// What all requests share.
pub struct Engine {
    /// The connections.
    pub pool: Pool,
    /// The statements that are kept prepared.
    pub shapes: Shapes,
    /// Where new ids come from.
    pub clock: Clock,
    /// How root fields are planned.
    pub plan_root: PlanRoot,
    /// What the schema says of inputs.
    pub inputs: Inputs,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine").field("shapes", &self.shapes).finish_non_exhaustive()
    }
}

/// What the resolvers of one request share.
#[derive(Debug)]
pub struct Request {
    /// What all requests share.
    pub engine: Arc<Engine>,
    /// When and where the request is answered.
    pub moment: Moment,
    /// The turn of the subscription that it is.
    turn: Option<Arc<Turn>>,
    selection: OnceLock<Selection>,
    answers: OnceCell<Result<Slots, Arc<Error>>>,
}

impl Request {
    /// A request at a moment.
    #[must_use]
    pub fn new(engine: Arc<Engine>, moment: Moment) -> Self {
        Self { engine, moment, turn: None, selection: OnceLock::new(), answers: OnceCell::new() }
    }

    /// The same, as a turn of a subscription.
    #[must_use]
    pub fn of_turn(engine: Arc<Engine>, moment: Moment, turn: Arc<Turn>) -> Self {
        Self { turn: Some(turn), ..Self::new(engine, moment) }
    }

    /// The turn of the subscription that it is.
    pub(crate) fn turn(&self) -> Result<&Turn> {
        let missing = || Error::Internal(anyhow::anyhow!("a subscription without turns"));
        self.turn.as_deref().ok_or_else(missing)
    }

    /// The request that a resolver belongs to.
    pub fn of<'a>(ctx: &Context<'a>) -> Result<&'a Self> {
        ctx.data::<Self>().map_err(|error| Error::Internal(anyhow::anyhow!(error.message)))
    }

    /// The id of a new record.
    #[must_use]
    pub fn new_id(&self) -> Id {
        Id(self.engine.clock.new_id())
    }

    /// What the operation selects.
    pub fn selection(&self, ctx: &Context<'_>) -> Result<&Selection> {
        if let Some(selection) = self.selection.get() {
            return Ok(selection);
        }
        let mut selection = Selection::of_operation(ctx.query_env)?;
        if let Some((name, value)) = self.turn.as_ref().and_then(|turn| turn.argument()) {
            selection.go_on(&name, &value);
        }
        Ok(self.selection.get_or_init(|| selection))
    }

    /// The root field that is being resolved.
    pub fn field(&self, ctx: &Context<'_>) -> Result<&Field> {
        let slot = self.slot(ctx)?;
        let field = self.selection(ctx)?.roots.iter().find(|field| field.slot == slot);
        field.ok_or_else(|| Error::Internal(anyhow::anyhow!("a root field without a place")))
    }

    /// The slot of the field that is being resolved.
    pub(super) fn slot(&self, ctx: &Context<'_>) -> Result<Slot> {
        let slot = self.selection(ctx)?.slot(ctx.item.pos);
        slot.ok_or_else(|| Error::Internal(anyhow::anyhow!("a field without a place")))
    }

    /// The statement that answers the operation.
    pub fn statement(&self, ctx: &Context<'_>) -> Result<Statement> {
        let mut roots = Vec::new();
        for field in &self.selection(ctx)?.roots {
            let planned = (self.engine.plan_root)(field, &self.moment);
            let json = planned.map_err(|error| error.within(&field.written))?;
            roots.extend(json.map(|json| Child { slot: field.slot, json }));
        }
        affordable(roots.iter().map(|root| root.json.cost()).sum(), 1)?;
        Ok(Statement::new(roots))
    }

    async fn answers(&self, ctx: &Context<'_>) -> Result<&Slots, Arc<Error>> {
        let fetch = || async {
            let statement = self.statement(ctx)?;
            Ok(statement.run(&self.engine.pool, &self.engine.shapes).await?)
        };
        // The outcome is kept, not only the answers: a failed operation is one statement too.
        self.answers.get_or_init(fetch).await.as_ref().map_err(Arc::clone)
    }
}

/// Refuses an operation that may bring too many records: so many for each of several.
pub(crate) fn affordable(each: u64, several: usize) -> Result<()> {
    let cost = each.saturating_mul(u64::try_from(several).unwrap_or(u64::MAX));
    if cost > MOST_COST {
        let message = format!("the operation may bring {cost} records, {MOST_COST} are allowed");
        return Err(Error::TooComplex(message));
    }
    Ok(())
}

/// The answer for the root field that is being resolved. All root fields of a query share one
/// statement, which is sent by whichever of them asks first.
pub async fn answer<T: DeserializeOwned>(ctx: &Context<'_>) -> Result<T, Arc<Error>> {
    let request = Request::of(ctx)?;
    Ok(request.answers(ctx).await?.at(ctx)?)
}
