//! When a task is due: the due day, overdue and due today, each said once.
//!
//! Filters, counts and fields come from the conditions here.

use super::{Task, open};
use crate::moment::Moment;
use crate::moment::window::DayRange;
use crate::query::comparator::Day;
use crate::query::expr::{Cond, Expr, all, any};
use crate::scalar::{Date, DateTime};
use crate::tables::tasks;
use crate::write::check::Check;
use crate::write::user_error::UserErrorCode;
use async_graphql::MaybeUndefined;
use diesel::prelude::*;

/// The due day: that of the due instant in the zone of the request where there is one, else the day.
pub(crate) fn day() -> Day<tasks::table> {
    Day::Timed { instant: Expr::of(tasks::due_at), date: Expr::of(tasks::due_date) }
}

/// Open, and the due instant has passed, or the due day where there is no instant.
pub(crate) fn overdue(moment: &Moment) -> Cond<tasks::table> {
    let past = any(vec![
        Expr::of(tasks::due_at.lt(moment.now)),
        all(vec![Expr::of(tasks::due_at.is_null()), Expr::of(tasks::due_date.lt(moment.today()))]),
    ]);
    all(vec![open(), day().near(DayRange::until(moment.today())), past])
}

/// Open, and the due day is today.
pub(crate) fn due_today(moment: &Moment) -> Cond<tasks::table> {
    all(vec![open(), day().on(moment.today(), moment)])
}

/// Days from today to the due day, both in the zone of the request; negative when past.
pub(crate) fn days_until_due(task: &Task, moment: &Moment) -> Option<i32> {
    let instant = task.due_at.map(|instant| moment.day_of(instant.0));
    let day = instant.or(task.due_date.map(|date| date.0))?;
    i32::try_from((day - moment.today()).num_days()).ok()
}

/// How the due columns change: nothing where a column is kept.
pub(super) struct Change {
    /// The new `due_date`.
    pub(super) date: Option<Option<Date>>,
    /// The new `due_at`.
    pub(super) at: Option<Option<DateTime>>,
}

/// What a client's `dueDate` and `dueAt` mean together.
///
/// The day alone is all day; the instant decides the day, in the owner's zone; no instant makes the task
/// all-day on its day; no day is no instant either.
pub(super) fn change(
    date: MaybeUndefined<Date>,
    at: MaybeUndefined<DateTime>,
    moment: &Moment,
    check: &mut Check<'_>,
) -> Change {
    match (date, at) {
        (date, MaybeUndefined::Value(at)) => {
            let day = Date(at.0.with_timezone(&moment.owner_zone).date_naive());
            let here = Date(moment.day_of(at.0));
            if date.take().is_some_and(|date| date != day && date != here) {
                let message = "is not the day of dueAt: leave one of them out";
                check.refuse(UserErrorCode::Invalid, "dueDate", message);
            }
            Change { date: Some(Some(day)), at: Some(Some(at)) }
        }
        (MaybeUndefined::Undefined, MaybeUndefined::Undefined) => Change { date: None, at: None },
        (MaybeUndefined::Undefined, MaybeUndefined::Null) => Change { date: None, at: Some(None) },
        (date, _) => Change { date: Some(date.take()), at: Some(None) },
    }
}
