//! A list of tasks as it is followed: the whole page first, then what changes of it.
//!
//! Each turn asks for the page as it is now and compares it with the one that the client knows: so that
//! whatever decides a list (a filter over relations, an order, the clock) needs no rule of its own here.

mod shown;

use super::{Task, TaskFilter, TaskOrder, live, open};
use crate::error::{Error, Result};
use crate::moment::Moment;
use crate::query::entity::Entity;
use crate::query::expr::{Cond, Expr, Sql, all};
use crate::query::page_lists::PageLists;
use crate::query::plan::{Boxed, Json};
use crate::query::request::{Request, answer};
use crate::query::selection::Field;
use crate::query::tally::single;
use crate::query::turn::{List, Next, Outcome, Standing};
use crate::scalar::{DateTime, Id};
use crate::tables::tasks;
use async_graphql::{Context, SimpleObject, Subscription};
use chrono::TimeDelta;
use diesel::dsl::min;
use diesel::prelude::*;
use futures_util::Stream;
use futures_util::stream::once;
use serde::Deserialize;
use serde_json::value::RawValue;
use shown::hash_row;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The subscription to a list of tasks.
#[derive(Debug, Default)]
pub struct TaskListSubscription;

#[Subscription]
impl TaskListSubscription {
    /// The answer to a filter, whole on every connect, then the changes to it, those that only time brings
    /// (midnight, a due instant, a snooze) too.
    async fn task_list(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which tasks; all unless said.")] filter: Option<TaskFilter>,
        #[graphql(desc = "The order; ties are broken by id.")] order_by: Option<Vec<TaskOrder>>,
        #[graphql(desc = "How many tasks the list shows: 500 at most.", default = 50)] first: i32,
    ) -> Result<impl Stream<Item = TaskListEvent>, Arc<Error>> {
        // They were read when the list was planned.
        drop((filter, order_by, first));
        let request = Request::of(ctx)?;
        let turn = request.turn()?;
        let brought: Brought = answer(ctx).await?;
        let next = Next::Until(brought.boundary(&request.moment));
        let field = request.field(ctx)?;
        let (event, list) = brought.page.compared(turn.known(), field, &request.moment)?;
        let is_news = turn.known().is_none_or(|known| event.tells(field, known));
        turn.end(Outcome { standing: Standing::Knowing(Arc::new(list)), is_news, next });
        Ok(once(async { event }))
    }
}

impl TaskListSubscription {
    /// The plan of the root field: the page, and the instants at which time changes lists.
    pub(crate) fn plan(field: &Field, moment: &Moment) -> Result<Option<Json>> {
        if field.name != "task_list" {
            return Ok(None);
        }
        let page = Task::page(field, Task::rows().filter(live()), 1, moment)?;
        let cost = page.cost();
        let is_due = all(vec![live(), open(), Expr::of(tasks::due_at.ge(moment.now))]);
        let wakes = all(vec![live(), open(), Expr::of(tasks::snoozed_until.gt(moment.now))]);
        let parts = vec![
            ("page", Boxed(Arc::new(page))),
            ("due", Boxed(earliest(Arc::new(min(tasks::due_at)), is_due))),
            ("snooze", Boxed(earliest(Arc::new(min(tasks::snoozed_until)), wakes))),
        ];
        Ok(Some(Json::Object(parts, cost)))
    }
}

fn earliest(instant: Sql, condition: Cond<tasks::table>) -> Sql {
    single(instant, Arc::new(tasks::table), condition)
}

/// What changed of a list; at first the whole list.
#[derive(Debug, SimpleObject)]
pub struct TaskListEvent {
    /// Tasks that came into the list, or of which something that is shown changed.
    pub upserted: Vec<Task>,
    /// Tasks that left the list.
    pub removed_ids: Vec<Id>,
    /// The ids of the list's tasks in their order.
    pub order: Vec<Id>,
    /// How many tasks the filter matches in all.
    pub total_count: i32,
}

impl TaskListEvent {
    /// Whether something that is selected of it is news to a client that knows a list.
    fn tells(&self, field: &Field, known: &List) -> bool {
        let order = || known.rows.iter().map(|(id, _)| id).ne(&self.order);
        field.sub.iter().any(|part| match part.name.as_str() {
            "upserted" => !self.upserted.is_empty(),
            "removed_ids" => !self.removed_ids.is_empty(),
            "order" => order(),
            "total_count" => self.total_count != known.total,
            _ => false,
        })
    }
}

/// A list as its statement brings it.
#[derive(Deserialize)]
struct Brought {
    page: Page,
    /// The next instant at which an open task falls due.
    due: Option<DateTime>,
    /// The next instant at which an open task is snoozed no more.
    snooze: Option<DateTime>,
}

impl Brought {
    /// When time alone may change the list. Other words for times in filters are words for days.
    fn boundary(&self, moment: &Moment) -> chrono::DateTime<chrono::Utc> {
        let midnight = moment.end_of(moment.today());
        // At its instant a task is not past due yet.
        let due = self.due.as_ref().map(|due| due.0 + TimeDelta::milliseconds(1));
        let snooze = self.snooze.as_ref().map(|snooze| snooze.0);
        [due, snooze].into_iter().flatten().fold(midnight, Ord::min)
    }
}

/// The page, its rows as they were written.
#[derive(Deserialize)]
struct Page {
    take: usize,
    #[serde(default)]
    rows: Vec<Box<RawValue>>,
    #[serde(default)]
    lists: PageLists,
    #[serde(default)]
    total: i32,
}

impl Page {
    /// What a client that knows a list is to hear, and the list that it knows then.
    fn compared(
        self,
        known: Option<&List>,
        field: &Field,
        moment: &Moment,
    ) -> Result<(TaskListEvent, List)> {
        #[derive(Deserialize)]
        struct Named {
            id: Id,
        }
        // Where days are counted from today they change with it, and with the zone.
        let counted = shows_days(field).then(|| (moment.today(), moment.zone));
        let parts = || field.sub.iter().filter(|part| part.name == "upserted");
        let shown: HashMap<Id, u64> =
            known.map(|known| known.rows.iter().copied().collect()).unwrap_or_default();
        let mut list = List { rows: Vec::new(), total: self.total };
        let mut upserted = Vec::new();
        let lists = self.lists.of_each(self.rows.len());
        let lists = lists.map_err(|error| Error::Internal(error.into()))?;
        for (row, of_row) in self.rows.iter().zip(lists).take(self.take) {
            let Named { id } = read(row)?;
            let mut hasher = DefaultHasher::new();
            counted.hash(&mut hasher);
            hash_row(row, &of_row, parts().flat_map(|part| &part.sub), &mut hasher);
            let hash = hasher.finish();
            if shown.get(&id) != Some(&hash) {
                let mut task: Task = read(row)?;
                task.slots.append(of_row);
                upserted.push(task);
            }
            list.rows.push((id, hash));
        }
        let order: Vec<Id> = list.rows.iter().map(|(id, _)| *id).collect();
        let present: HashSet<Id> = order.iter().copied().collect();
        let before = known.map(|known| known.rows.as_slice()).unwrap_or_default();
        let gone = before.iter().map(|(id, _)| *id).filter(|id| !present.contains(id));
        let removed_ids = gone.collect();
        Ok((TaskListEvent { upserted, removed_ids, order, total_count: self.total }, list))
    }
}

/// Whether days until a day are shown: the one thing that is computed beside the rows.
fn shows_days(field: &Field) -> bool {
    field.sub.iter().any(|part| part.name == "days_until_due" || shows_days(part))
}

fn read<'a, T: Deserialize<'a>>(row: &'a RawValue) -> Result<T> {
    serde_json::from_str(row.get()).map_err(|error| Error::Internal(error.into()))
}
