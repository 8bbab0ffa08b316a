//! The measures of tasks: each is one line, and counted over rows, over cells of many rows, or alone.

use super::kinds::{EachKind, cells};
use super::{TaskPriority, TaskStatus, done, due, live, open, priority_is, status_is};
use crate::moment::Moment;
use crate::moment::window::DayRange;
use crate::query::comparator::Day;
use crate::query::expr::{Cond, Expr, Sql, Verbatim, all, always};
use crate::query::selection::Field;
use crate::query::tally::{Measure, Tally, how_many, rows_of_cells, single};
use crate::scalar::Date;
use crate::tables::tasks;
use async_graphql::SimpleObject;
use diesel::dsl::{count, count_star, max, min};
use diesel::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// Numbers over some live tasks.
#[derive(Debug, Default, Deserialize, SimpleObject)]
#[serde(default)]
pub struct TaskMeasures {
    /// How many there are.
    pub count: i32,
    /// Those on which something is left to do.
    pub open: i32,
    /// Those that are DONE.
    pub done: i32,
    /// Those that are open and past due.
    pub overdue: i32,
    /// Those that are open and due today.
    pub due_today: i32,
    /// Those that were done today.
    pub done_today: i32,
    /// Those that are `IN_PROGRESS`.
    pub in_progress: i32,
    /// Those that are BLOCKED.
    pub blocked: i32,
    /// Those that are open and URGENT.
    pub open_urgent: i32,
    /// The earliest due day, in the zone of the request.
    pub earliest_due: Option<Date>,
    /// The latest due day, in the zone of the request.
    pub latest_due: Option<Date>,
}

/// The day on which a task was done.
pub(super) fn completed() -> Day<tasks::table> {
    Day::Instant(Expr::of(tasks::completed_at))
}

/// What a measure is of the tasks that it is asked of.
pub(super) enum Measured {
    /// How many there are of some kinds: a matter of status and priority alone.
    Kinds(Cond<tasks::table>),
    /// How many there are for which this holds now.
    Now(Cond<tasks::table>),
    /// The earliest due day.
    Earliest,
    /// The latest due day.
    Latest,
}

impl Measured {
    /// Whether all that count are open, whatever else.
    pub(super) fn of_open_only(name: &str) -> bool {
        ["open", "in_progress", "blocked", "open_urgent"].contains(&name)
    }

    /// A measure by the name under which it is read; nothing where there is none of this name.
    fn named(name: &str, moment: &Moment) -> Option<(&'static str, Self)> {
        let today = DayRange::through(moment.today(), moment.today());
        let done_today = || all(vec![done(), completed().within(today, moment)]);
        let urgent = || all(vec![open(), priority_is(TaskPriority::Urgent)]);
        Some(match name {
            "total" => ("total", Self::Kinds(always())),
            "count" => ("count", Self::Kinds(always())),
            "open" => ("open", Self::Kinds(open())),
            "done" => ("done", Self::Kinds(done())),
            "in_progress" => ("in_progress", Self::Kinds(status_is(TaskStatus::InProgress))),
            "blocked" => ("blocked", Self::Kinds(status_is(TaskStatus::Blocked))),
            "open_urgent" => ("open_urgent", Self::Kinds(urgent())),
            "overdue" => ("overdue", Self::Now(due::overdue(moment))),
            "due_today" => ("due_today", Self::Now(due::due_today(moment))),
            "done_today" => ("done_today", Self::Now(done_today())),
            "earliest_due" => ("earliest_due", Self::Earliest),
            "latest_due" => ("latest_due", Self::Latest),
            _ => return None,
        })
    }

    /// The aggregate over rows.
    pub(super) fn aggregate(&self, moment: &Moment) -> Sql {
        match self {
            Self::Kinds(condition) | Self::Now(condition) if condition.is_trivial() => {
                Arc::new(count_star())
            }
            Self::Kinds(condition) | Self::Now(condition) => {
                // Every index that serves counts holds the status, and it is never empty.
                Arc::new(count(tasks::status).aggregate_filter(condition.clone().sure()))
            }
            Self::Earliest => Arc::new(min(due::day().value(moment))),
            Self::Latest => Arc::new(max(due::day().value(moment))),
        }
    }

    /// The number as a query of its own, over the rows for which the condition holds: what it needs of an
    /// index is little.
    fn alone(&self, condition: Cond<tasks::table>, moment: &Moment) -> Sql {
        let from: Sql = Arc::new(tasks::table);
        match self {
            Self::Kinds(own) | Self::Now(own) => how_many(&from, all(vec![condition, own.clone()])),
            Self::Earliest | Self::Latest => single(self.aggregate(moment), from, condition),
        }
    }
}

/// The measures that are selected under these fields, each once.
pub(super) fn selected<'a>(
    fields: impl IntoIterator<Item = &'a Field>,
    moment: &Moment,
) -> Vec<(&'static str, Measured)> {
    let mut measures: Vec<(&'static str, Measured)> = Vec::new();
    for field in fields.into_iter().flat_map(|field| &field.sub) {
        let known = measures.iter().any(|(name, _)| *name == field.name);
        measures.extend(Measured::named(&field.name, moment).filter(|_| !known));
    }
    measures
}

/// The aggregates over rows that are selected under a field.
pub(super) fn measures(field: &Field, moment: &Moment) -> Vec<Measure> {
    let measures = selected([field], moment);
    measures.iter().map(|(name, measured)| (*name, measured.aggregate(moment))).collect()
}

/// The measures of all live tasks for which the condition holds: the kinds are counted together, from
/// cells of status and priority, and each of the others by itself.
pub(super) fn total(
    measures: Vec<(&'static str, Measured)>,
    filter: &Cond<tasks::table>,
    moment: &Moment,
) -> Tally<tasks::table> {
    let condition = all(vec![live(), filter.clone()]);
    let mut kinds = measures
        .iter()
        .filter_map(|(name, measured)| matches!(measured, Measured::Kinds(_)).then_some(*name))
        .peekable();
    let from: Sql = if kinds.peek().is_none() {
        Arc::new(Verbatim("(SELECT) AS one"))
    } else {
        let open = kinds.all(Measured::of_open_only).then(open);
        let condition = all([condition.clone()].into_iter().chain(open).collect());
        if filter.is_trivial() {
            Arc::new(EachKind { condition, counted: always(), columns: Vec::new() })
        } else {
            Arc::new(cells(Arc::new(tasks::table), condition, Vec::new()))
        }
    };
    let number = |measured: Measured| match measured {
        Measured::Kinds(kinds) => rows_of_cells(kinds),
        other => other.alone(condition.clone(), moment),
    };
    let measures = measures.into_iter().map(|(name, measured)| (name, number(measured))).collect();
    Tally { from, condition: always(), measures }
}
