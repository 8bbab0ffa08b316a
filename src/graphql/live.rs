//! Subscriptions: each event is a turn, one request with one statement, that goes on where the one
//! before ended.
//!
//! Who stands at the same place and asks for the same is told the same, computed once.

use super::respond::{coded, is_passing, refusal};
use super::{document, moment};
use crate::bell::Bell;
use crate::clock::Clock;
use crate::entity::{Mutation, Query, Subscription};
use crate::error::Result;
use crate::query::request::{Engine, Request};
use crate::query::turn::{Next, Outcome, Standing, Turn};
use crate::viewer::Viewer;
use async_graphql::{Response, Schema, ServerError, Variables};
use chrono::Weekday;
use chrono_tz::Tz;
use futures_util::stream::unfold;
use futures_util::{Stream, StreamExt};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until};

/// How many turns ask the database at once: the others' connections are for requests.
const AT_ONCE: usize = 4;

/// How far apart the turns of a list are at least: each asks for the whole page.
const APART: Duration = Duration::from_millis(100);

/// How long a turn waits that could not ask the database.
const PAUSE: Duration = Duration::from_secs(1);

/// How long what was told is kept for others who stand at the same place.
const KEPT: Duration = Duration::from_secs(1);

/// What all subscriptions share.
pub(super) struct Live {
    pub(super) schema: Schema<Query, Mutation, Subscription>,
    pub(super) engine: Arc<Engine>,
    pub(super) clock: Clock,
    pub(super) bell: Bell,
    places: Semaphore,
    round: Mutex<Round>,
}

/// What was told since a ring of the bell.
#[derive(Default)]
struct Round {
    ring: u64,
    told: HashMap<Place, Arc<OnceCell<Arc<Told>>>>,
}

/// What decides what is told next.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Place {
    asked: Arc<Asked>,
    zone: Tz,
    owner_zone: Tz,
    week_start: Weekday,
    standing: Option<Standing>,
    /// The time for which it was waited.
    until: Next,
}

/// What a subscriber asked for. The parsed document would be many times as large.
#[derive(PartialEq, Eq, Hash)]
struct Asked {
    query: String,
    operation: Option<String>,
    variables: String,
}

/// What came of a turn.
struct Told {
    answer: Arc<str>,
    outcome: Result<Outcome, Failed>,
}

/// A turn that failed.
#[derive(Clone)]
struct Failed {
    errors: Vec<ServerError>,
    /// Whether the same turn may go well later.
    is_passing: bool,
}

impl Live {
    pub(super) fn new(
        schema: Schema<Query, Mutation, Subscription>,
        engine: Arc<Engine>,
        clock: Clock,
    ) -> Self {
        let (bell, round) = (Bell::default(), Mutex::default());
        Self { schema, engine, clock, bell, places: Semaphore::new(AT_ONCE), round }
    }

    fn round(&self) -> MutexGuard<'_, Round> {
        self.round.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A turn that is shared with all who have the same one since this ring of the bell.
    async fn shared(self: &Arc<Self>, ring: u64, place: &Place, viewer: &Viewer) -> Arc<Told> {
        let told = {
            let mut round = self.round();
            if round.ring < ring {
                // What is told for an earlier ring may lack what was committed before this one.
                *round = Round { ring, told: HashMap::new() };
            }
            if round.told.is_empty() {
                tokio::spawn(Arc::clone(self).forget(round.ring));
            }
            Arc::clone(round.told.entry(place.clone()).or_default())
        };
        let turn = || async { Arc::new(self.turn(place, viewer).await) };
        let told = Arc::clone(told.get_or_init(turn).await);
        if told.outcome.is_err() {
            self.round().told.remove(place);
        }
        told
    }

    /// Forgets what was told, once nobody is likely to ask for it any more.
    async fn forget(self: Arc<Self>, ring: u64) {
        sleep(KEPT).await;
        let mut round = self.round();
        if round.ring == ring {
            round.told.clear();
        }
    }

    /// One turn.
    async fn turn(&self, place: &Place, viewer: &Viewer) -> Told {
        // It is never closed.
        let _place = self.places.acquire().await;
        let id = self.clock.new_id();
        let turn = Arc::new(Turn::after(place.standing.clone()));
        let mut request = place.asked.request();
        let response = match document::prepare(&mut request, viewer, &self.engine.inputs) {
            Ok(_) => {
                let (engine, moment) = (Arc::clone(&self.engine), moment(&self.clock, viewer));
                let request = request
                    .data(Request::of_turn(engine, moment, Arc::clone(&turn)))
                    .data(viewer.clone());
                self.schema.execute_stream(request).next().await.unwrap_or_default()
            }
            Err(error) => refusal(error, id),
        };
        let is_passing = is_passing(&response);
        let response = coded(response, id);
        let answer = serde_json::to_string(&response).unwrap_or_default().into();
        // An answer that lacks something is none: the subscription would go on behind it.
        let outcome = turn.outcome().filter(|_| response.errors.is_empty());
        let failed = || Failed { errors: response.errors.clone(), is_passing };
        Told { answer, outcome: outcome.ok_or_else(failed) }
    }
}

impl Asked {
    fn of(request: &async_graphql::Request) -> Self {
        Self {
            query: request.query.clone(),
            operation: request.operation_name.clone(),
            variables: serde_json::to_string(&request.variables).unwrap_or_default(),
        }
    }

    fn request(&self) -> async_graphql::Request {
        let variables = serde_json::from_str(&self.variables).unwrap_or_default();
        let request = async_graphql::Request::new(&self.query);
        let request = request.variables(Variables::from_json(variables));
        match &self.operation {
            Some(name) => request.operation_name(name),
            None => request,
        }
    }
}

/// Says who asks, anew for each event: settings may have changed, and the token may work no more.
pub type Asker = Box<dyn Fn() -> Result<Viewer> + Send + Sync>;

/// A subscription on its way.
pub struct Following {
    live: Arc<Live>,
    asked: Arc<Asked>,
    asker: Asker,
    rings: watch::Receiver<u64>,
    standing: Option<Standing>,
    next: Next,
    /// For what it waited before its turn.
    awaited: Next,
    /// When its last turn began.
    began: Instant,
}

impl fmt::Debug for Following {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Following").field("next", &self.next).finish_non_exhaustive()
    }
}

impl Following {
    /// Begins a subscription; what the client hears first comes with it, where there is anything yet.
    pub(super) async fn begin(
        live: &Arc<Live>,
        request: &async_graphql::Request,
        asker: Asker,
    ) -> Result<(Option<Arc<str>>, Self), Response> {
        let mut this = Self {
            asked: Arc::new(Asked::of(request)),
            asker,
            rings: live.bell.hear(),
            standing: None,
            next: Next::Now,
            awaited: Next::Now,
            began: Instant::now(),
            live: Arc::clone(live),
        };
        // Whoever has just written wants to see it: nothing older will do.
        let viewer = (this.asker)().map_err(|error| refusal(error, live.clock.new_id()))?;
        let told = live.turn(&this.place(&viewer), &viewer).await;
        let news = this.take(&told).map_err(|failed| Response::from_errors(failed.errors))?;
        Ok((news, this))
    }

    /// What the client hears next; nothing where it is over. An error ends it too. Where it is given up
    /// before, nothing is lost.
    pub async fn next(&mut self) -> Option<Result<Arc<str>, Response>> {
        while self.next != Next::Never {
            self.wait().await;
            (self.awaited, self.next) = (self.next, Next::Now);
            let ring = *self.rings.borrow_and_update();
            self.began = Instant::now();
            let viewer = match (self.asker)() {
                Ok(viewer) => viewer,
                Err(error) => {
                    let refused = refusal(error, self.live.clock.new_id());
                    return Some(Err(self.over(refused)));
                }
            };
            let told = self.live.shared(ring, &self.place(&viewer), &viewer).await;
            match self.take(&told) {
                Ok(Some(news)) => return Some(Ok(news)),
                Ok(None) => {}
                Err(failed) if failed.is_passing => {
                    // The client holds its place, and goes on with it when the database is back.
                    sleep(PAUSE).await;
                }
                Err(failed) => return Some(Err(self.over(Response::from_errors(failed.errors)))),
            }
        }
        None
    }

    /// All that the client hears from now on.
    pub fn stream(self) -> impl Stream<Item = Result<Arc<str>, Response>> + Send {
        unfold(self, |mut this| async { Some((this.next().await?, this)) })
    }

    fn over(&mut self, response: Response) -> Response {
        self.next = Next::Never;
        response
    }

    /// Goes on to where a turn has led, with what the client is to hear of it.
    fn take(&mut self, told: &Told) -> Result<Option<Arc<str>>, Failed> {
        let outcome = told.outcome.clone()?;
        self.standing = Some(outcome.standing);
        self.next = outcome.next;
        Ok(outcome.is_news.then(|| Arc::clone(&told.answer)))
    }

    async fn wait(&mut self) {
        let time = self.live.clock.clone();
        let until = match self.next {
            Next::Now | Next::Never => return,
            Next::OnCommit => None,
            Next::Until(time) => Some(time),
        };
        let it_is_time = async {
            match until {
                Some(until) => time.reach(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            // Its sender lives as long as what all share.
            _ = self.rings.changed() => {}
            () = it_is_time => {}
        }
        if matches!(self.standing, Some(Standing::Knowing(_))) {
            sleep_until(self.began + APART).await;
        }
    }

    fn place(&self, viewer: &Viewer) -> Place {
        Place {
            asked: Arc::clone(&self.asked),
            zone: viewer.zone(),
            owner_zone: viewer.owner_zone,
            week_start: viewer.week_start,
            standing: self.standing.clone(),
            until: self.awaited,
        }
    }
}
