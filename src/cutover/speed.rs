//! How long the apps' operations take, on this database and machine, now.

use super::{Verdict, Wanted};
use crate::clock::Clock;
use crate::db;
use crate::error::Error;
use crate::graphql::Api;
use crate::memory::Memory;
use crate::secret::Secret;
use crate::tables::tasks;
use crate::upkeep::Keep;
use crate::viewer::{Scope, Viewer};
use anyhow::bail;
use async_graphql::{Request, Variables};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, TransactionManager};
use serde_json::json;
use std::time::{Duration, Instant};

type Manager = <AsyncPgConnection as AsyncConnection>::TransactionManager;

/// How often a shape is seen before it counts: it is prepared at its second sight.
const WARM: usize = 3;

/// What the apps show first.
const DASHBOARD: &str = "query Dashboard {
  taskStats(groupBy: [PRIORITY]) { total { open overdue dueToday doneToday blocked openUrgent } groups { priority measures { open } } }
  today: tasks(filter: {view: TODAY}, orderBy: [{priority: DESC}, {due: ASC}], first: 10) { totalCount nodes { id title priority dueDate project { id title } tags { id name } } }
  projects(filter: {status: {eq: ACTIVE}}, first: 20) { nodes { id title progress { total open done overdue } nextDueDate } }
  recent: tasks(orderBy: [{updatedAt: DESC}], first: 5) { nodes { id title updatedAt } }
  tags(orderBy: [{openTaskCount: DESC}], first: 10) { nodes { id name openTaskCount } }
}";

const SEARCH: &str = "query Search($text: String!) {
  search(text: $text, first: 20) { totalCount edges { score snippet node { __typename ... on Task { id title status project { id title } tags { id name } } ... on Project { id title } ... on Tag { id name } } } }
}";

diesel::define_sql_function! {
    /// Writes something that nobody reads, so that a commit has something to wait for.
    fn pg_logical_emit_message(
        transactional: diesel::sql_types::Bool,
        prefix: diesel::sql_types::Text,
        content: diesel::sql_types::Text,
    ) -> diesel::sql_types::PgLsn;
}

/// How fast the apps' operations must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Targets {
    /// The dashboard.
    pub dashboard: Duration,
    /// A search.
    pub search: Duration,
    /// A new task.
    pub create: Duration,
}

/// Runs each of them, one after the other.
pub(super) async fn measure(
    connection: &mut AsyncPgConnection,
    url: &Secret,
    clock: &Clock,
    wanted: &Wanted,
) -> anyhow::Result<Verdict> {
    let runs = usize::from(wanted.runs);
    let titles: Vec<String> = tasks::table
        .filter(tasks::deleted_at.is_null())
        .order(tasks::id)
        .limit(wanted.runs.into())
        .select(tasks::title)
        .load(connection)
        .await?;
    let count: i64 = tasks::table.count().get_result(connection).await?;
    let memory = Memory::load(url, clock).await.map_err(Error::revealed)?;
    let settings = memory.settings();
    let viewer = Viewer {
        token_name: "cutover check".to_owned(),
        scopes: vec![Scope::Read],
        named_zone: None,
        owner_zone: settings.time_zone,
        week_start: settings.week_start,
    };
    let pool = db::pool(url.reveal(), 1).map_err(Error::revealed)?;
    let app = App { api: Api::new(pool, clock.clone(), Keep::default()), viewer };
    let (mut dashboards, mut searches, mut creations) = (Vec::new(), Vec::new(), Vec::new());
    for run in 0..runs + WARM {
        let word = titles.get(run % titles.len().max(1)).map_or("call", |title| longest(title));
        dashboards.push(app.ask(DASHBOARD, "").await?);
        searches.push(app.ask(SEARCH, word).await?);
        creations.push(create(connection, clock).await?);
    }
    let targets = wanted.targets;
    let measured = [
        ("the dashboard", slow(dashboards), targets.dashboard),
        ("a search", slow(searches), targets.search),
        ("a new task", slow(creations), targets.create),
    ];
    let parts = measured.map(|(what, took, target)| {
        format!("{what} {:.1} ms (at most {})", took.as_secs_f64() * 1000.0, target.as_millis())
    });
    let found =
        format!("{}; the slowest but one in twenty of {runs}, on {count} tasks", parts.join(", "));
    if measured.iter().any(|(_, took, target)| took > target) {
        let next = "script/bench on the machine that will serve; see whether the database is near, and not busy";
        return Ok(Verdict::fails("fast", found, next));
    }
    Ok(Verdict::holds("fast", found))
}

/// Whoever asks as the apps do.
struct App {
    api: Api,
    viewer: Viewer,
}

impl App {
    /// How long an answer takes.
    async fn ask(&self, document: &str, text: &str) -> anyhow::Result<Duration> {
        let variables = Variables::from_json(json!({ "text": text }));
        let request = Request::new(document).variables(variables);
        let begun = Instant::now();
        let response = self.api.answer(request, self.viewer.clone()).await;
        let took = begun.elapsed();
        if let Some(error) = response.errors.into_iter().next() {
            bail!("an operation of the apps fails: {}", error.message);
        }
        Ok(took)
    }
}

/// The insert with its triggers, which is undone, and beside it a commit: there is no new task behind it.
/// What GraphQL adds is not in it.
async fn create(connection: &mut AsyncPgConnection, clock: &Clock) -> anyhow::Result<Duration> {
    let begun = Instant::now();
    Manager::begin_transaction(connection).await?;
    let inserting = diesel::insert_into(tasks::table)
        .values((tasks::id.eq(clock.new_id()), tasks::title.eq("a task of cutover check")))
        .execute(connection)
        .await;
    let inserted = begun.elapsed();
    Manager::rollback_transaction(connection).await?;
    inserting?;
    let begun = Instant::now();
    let emit = pg_logical_emit_message(true, "tomos", "");
    diesel::select(emit).execute(connection).await?;
    Ok(inserted + begun.elapsed())
}

/// The longest word of a title.
fn longest(title: &str) -> &str {
    title.split_whitespace().max_by_key(|word| word.len()).unwrap_or("call")
}

/// The slowest but one in twenty, of those that count.
fn slow(mut times: Vec<Duration>) -> Duration {
    times.drain(..WARM.min(times.len()));
    times.sort();
    let place = (times.len() * 19).div_ceil(20).saturating_sub(1);
    times.get(place).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_in_twenty_may_be_slower() {
        let times = |count: u64| (0..count + 3).rev().map(Duration::from_millis).collect();
        assert_eq!(slow(times(20)), Duration::from_millis(18));
        assert_eq!(slow(times(1)), Duration::ZERO);
    }
}
