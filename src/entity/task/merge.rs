//! What the fields of a task are where two clients change it: its columns, each set once and judged with
//! those that are one field with it.

use super::tagging;
use super::{EnergyLevel, TaskPriority, TaskStatus, TimeEstimate, live};
use crate::query::enumeration::Maybe;
use crate::query::expr::{Cond, all};
use crate::query::request::Request;
use crate::scalar::{Date, DateTime, Id};
use crate::tables::tasks;
use crate::write::Write;
use crate::write::merge::Merge;
use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Timestamptz};

/// The changes of tasks, checked.
#[derive(Clone)]
pub(super) struct Changes {
    pub(super) title: Option<String>,
    pub(super) description: Option<Option<String>>,
    pub(super) status: Option<TaskStatus>,
    pub(super) priority: Option<TaskPriority>,
    pub(super) due_date: Option<Option<Date>>,
    pub(super) due_at: Option<Option<DateTime>>,
    pub(super) scheduled_date: Option<Option<Date>>,
    pub(super) snoozed_until: Option<Option<DateTime>>,
    pub(super) energy: Option<Maybe<EnergyLevel>>,
    pub(super) time_estimate: Option<Maybe<TimeEstimate>>,
    pub(super) source: Option<Option<String>>,
    pub(super) project_id: Option<Option<Id>>,
    pub(super) parent_id: Option<Option<Id>>,
    /// The new `completed_at`.
    pub(super) completed_at: Option<Option<DateTime>>,
    /// It becomes DONE now, unless it was before.
    pub(super) finished: bool,
    pub(super) tags: tagging::Change,
}

impl Changes {
    /// The write that changes these tasks.
    pub(super) fn write(
        self,
        which: Cond<tasks::table>,
        mut merge: Merge<tasks::table>,
        request: &Request,
    ) -> Write {
        let now = DateTime(request.moment.now);
        let finished = self.finished.then(|| done_since(now));
        let set = (
            merge.set("title", tasks::title, self.title),
            merge.set("description", tasks::description, self.description),
            merge.set("status", tasks::status, self.status),
            merge.set("priority", tasks::priority, self.priority),
            merge.set("due", tasks::due_date, self.due_date),
            merge.set("due", tasks::due_at, self.due_at),
            merge.set("scheduledDate", tasks::scheduled_date, self.scheduled_date),
            merge.set("snoozedUntil", tasks::snoozed_until, self.snoozed_until),
            merge.set("energy", tasks::energy, self.energy),
            merge.set("timeEstimate", tasks::time_estimate, self.time_estimate),
            merge.set("source", tasks::source, self.source),
            merge.set("projectId", tasks::project_id, self.project_id),
            merge.set("parentId", tasks::parent_id, self.parent_id),
            merge.set("status", tasks::completed_at, self.completed_at),
            tasks::updated_at.eq(now),
            merge.set("status", tasks::completed_at, finished),
        );
        // Tags to add and to remove merge with whatever others did; all of them at once are one value.
        if let Some(tags) = &self.tags.all {
            merge.field("tags", &tagging::bears_others(tags));
        } else if self.tags.is_one_by_one() {
            merge.set_of("tags", &self.tags.changes_any());
        }
        let task = tasks::table.filter(all(vec![which, live(), merge.gate()]));
        let mut write = Write::new(diesel::update(task).set(set).returning(tasks::id));
        self.tags.write(&mut write, &merge, request);
        write.merging(merge)
    }
}

/// `completed_at` of a task that becomes DONE now: kept where it is DONE already.
#[diesel::dsl::auto_type(no_type_alias)]
fn done_since(now: DateTime) -> _ {
    let done: TaskStatus = TaskStatus::Done;
    case_when(tasks::status.eq(done), tasks::completed_at)
        .otherwise(now.into_sql::<Nullable<Timestamptz>>())
}
