//! The views: the lists that the apps show, each one condition.

use super::{TaskPriority, TaskStatus, done, due, live, open, priority_is, status_is, top_level};
use crate::moment::Moment;
use crate::moment::window::{DateUnit, DayRange};
use crate::query::comparator::Day;
use crate::query::expr::{Cond, Expr, all, any, one_of_apart};
use crate::tables::tasks;
use async_graphql::Enum;
use diesel::prelude::*;

/// The lists that the apps show.
///
/// They are computed on the server in the zone of the request, over open live tasks (INBOX, TODO,
/// `IN_PROGRESS`, BLOCKED) that are not snoozed; INBOX, `QUICK_WINS` and UNSCHEDULED hold top-level tasks only.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskView {
    /// Due before the end of today (overdue included), or undated and URGENT.
    Today,
    /// Past due.
    Overdue,
    /// Due within the next 7 days after today.
    Upcoming,
    /// Status INBOX.
    Inbox,
    /// LOW priority, or undated and TODO.
    QuickWins,
    /// Neither dueDate nor scheduledDate.
    Unscheduled,
    /// Done today or within the 7 days before (not open).
    RecentlyDone,
}

/// How many days UPCOMING looks ahead, and `RECENTLY_DONE` back.
const DAYS: i32 = 7;

/// The tasks that a view shows.
pub(super) fn shown(view: TaskView, moment: &Moment) -> Cond<tasks::table> {
    let today = moment.today();
    let day = |amount| moment.day_in(amount, DateUnit::Day).unwrap_or(today);
    let due = |days| due::day().within(days, moment);
    let condition = match view {
        TaskView::Today => one_of_apart(vec![
            due(DayRange::until(today)),
            undated_and(priority_is(TaskPriority::Urgent)),
        ]),
        TaskView::Overdue => due::overdue(moment),
        TaskView::Upcoming => due(DayRange::through(day(1), day(DAYS))),
        TaskView::Inbox => all(vec![status_is(TaskStatus::Inbox), top_level()]),
        TaskView::QuickWins => all(vec![
            any(vec![priority_is(TaskPriority::Low), undated_and(status_is(TaskStatus::Todo))]),
            top_level(),
        ]),
        TaskView::Unscheduled => {
            all(vec![undated_and(Expr::of(tasks::scheduled_date.is_null())), top_level()])
        }
        TaskView::RecentlyDone => {
            let completed = Day::Instant(Expr::of(tasks::completed_at));
            let lately = completed.within(DayRange::through(day(-DAYS), today), moment);
            return all(vec![live(), done(), lately]);
        }
    };
    all(vec![live(), open(), awake(moment), condition])
}

/// Tasks that are not snoozed now.
fn awake(moment: &Moment) -> Cond<tasks::table> {
    let over = Expr::of(tasks::snoozed_until.le(moment.now));
    any(vec![Expr::of(tasks::snoozed_until.is_null()), over])
}

fn undated_and(condition: Cond<tasks::table>) -> Cond<tasks::table> {
    all(vec![Expr::of(tasks::due_date.is_null()), condition])
}
