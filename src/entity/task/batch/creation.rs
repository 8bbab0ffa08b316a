//! Creating many tasks at once.

use super::{Batch, Done, MOST, too_many};
use crate::entity::task::Task;
use crate::entity::task::create::{CreateTaskInput, New};
use crate::entity::task::tagging::TAG_IDS;
use crate::error::Result;
use crate::query::request::{Request, affordable};
use crate::query::selection::Field;
use crate::scalar::{DateTime, Id};
use crate::tables::{projects, tags, tasks};
use crate::write::replay::{KEY, Made};
use crate::write::transaction::Ended;
use crate::write::user_error::{Listed, UserError, UserErrorCode};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use std::collections::{HashMap, HashSet};

/// New tasks as they were given.
pub(super) struct Creation {
    ids: Vec<Id>,
    inputs: Vec<CreateTaskInput>,
    made: Made,
}

/// How many tasks may be made at once, with their parts.
const MOST_WITH_PARTS: usize = 5_000;

impl Batch<'_> {
    /// Creates those that were not created before.
    pub(super) async fn create(
        &self,
        new: &Creation,
        connection: &mut AsyncPgConnection,
    ) -> Result<Done, Ended<Done>> {
        if new.inputs.len() > MOST {
            return Err(Done::refused(vec![too_many(&["input", "tasks"])]));
        }
        if new.count() > MOST_WITH_PARTS {
            let message = format!("at most {MOST_WITH_PARTS} tasks at once, their parts too");
            let refusal = UserError::new(UserErrorCode::TooMany, &["input", "tasks"], message);
            return Err(Done::refused(vec![refusal]));
        }
        affordable(self.each, new.inputs.len())?;
        let before = new.made.before(connection).await?;
        let (mut tasks, mut errors) = new.check(&before, self.request);
        let replayed = errors.is_empty() && !before.is_empty() && before.len() == new.inputs.len();
        let mut records = new.ids.clone();
        if replayed {
            return Ok(Done { records, replayed, errors });
        }
        let now = DateTime(self.request.moment.now);
        // First: who makes the same at once shall run into the key, not into the record.
        new.made.keep(&before, now, connection).await?;
        errors.extend(missing(new, &tasks, connection).await?);
        let circle = tasks.sort();
        let message = "a task cannot be a part of itself or of its own parts";
        errors.extend(new.at(circle, UserErrorCode::Cycle, "parentId", message));
        if !errors.is_empty() {
            return Err(Done::refused(errors));
        }
        let places = new.places();
        records.extend(tasks.ids().filter(|id| !places.contains_key(id)));
        self.send(tasks.write(self.request), &["input", "tasks"], Listed::default(), connection)
            .await?;
        Ok(Done { records, replayed, errors })
    }
}

impl Creation {
    pub(super) fn of(inputs: Vec<CreateTaskInput>, field: &Field, request: &Request) -> Self {
        let ids = inputs.iter().map(|task| task.id.unwrap_or_else(|| request.new_id()));
        let made =
            Made::of::<Task>("createTask", &field.raw_items("tasks"), &request.engine.inputs);
        Self { ids: ids.collect(), made, inputs }
    }

    /// How many tasks there would be, with their parts.
    fn count(&self) -> usize {
        let parts = self.inputs.iter().map(|task| task.subtasks.as_ref().map_or(0, Vec::len));
        self.inputs.len() + parts.sum::<usize>()
    }

    /// Where each task stands in the input.
    fn places(&self) -> HashMap<Id, usize> {
        self.ids.iter().copied().zip(0..).collect()
    }

    /// Where a tag stands among those of a task.
    fn place_of_tag(&self, task: Id, tag: Id) -> Option<String> {
        let (_, input) = self.ids.iter().zip(&self.inputs).find(|(id, _)| **id == task)?;
        let place = input.tag_ids.as_ref()?.iter().position(|id| *id == tag)?;
        Some(place.to_string())
    }

    /// The tasks that were not made before, and what is wrong with the input.
    fn check(&self, before: &HashMap<usize, bool>, request: &Request) -> (New, Vec<UserError>) {
        let (mut tasks, mut errors, mut met) = (New::default(), Vec::new(), HashSet::new());
        let taken = "another task has this id, or the same one was made with other content";
        for (place, (id, input)) in self.ids.iter().zip(&self.inputs).enumerate() {
            let number = place.to_string();
            let mut refuse = |code, field: &str, message: &str| {
                let path = ["input", "tasks", &number, field];
                errors.push(UserError::new(code, &path, message));
            };
            if input.client_mutation_id.is_some() {
                let message = "a task's key is its id; the batch has one of its own";
                refuse(UserErrorCode::Invalid, KEY, message);
            }
            match before.get(&place) {
                _ if !met.insert(id) => refuse(UserErrorCode::Taken, "id", taken),
                Some(true) => {}
                Some(false) => refuse(UserErrorCode::Taken, "id", taken),
                None => {
                    let at = ["input", "tasks", &number];
                    errors.extend(tasks.add(*id, input.clone(), &at, request));
                }
            }
        }
        (tasks, errors)
    }

    /// The same error at a field of these tasks.
    fn at(
        &self,
        tasks: impl IntoIterator<Item = Id>,
        code: UserErrorCode,
        field: &str,
        message: &str,
    ) -> Vec<UserError> {
        let places = self.places();
        let mut places: Vec<_> =
            tasks.into_iter().filter_map(|id| places.get(&id).copied()).collect();
        places.sort_unstable();
        let error = |place: usize| {
            UserError::new(code, &["input", "tasks", &place.to_string(), field], message)
        };
        places.into_iter().map(error).collect()
    }
}

/// What new tasks need of others' records and is not there, and the ids that others have.
async fn missing(
    new: &Creation,
    tasks: &New,
    connection: &mut AsyncPgConnection,
) -> Result<Vec<UserError>> {
    /// Which of these records of a table are in the trash; those that are not there are left out.
    macro_rules! known {
        ($table:ident, $wanted:expr) => {{
            let wanted: Vec<_> = $wanted.into_iter().map(|id: Id| id.0).collect();
            let mut found = Vec::new();
            if !wanted.is_empty() {
                let rows = $table::table.filter($table::id.eq_any(wanted));
                let rows = rows.select(($table::id, $table::deleted_at.is_not_null()));
                found = rows.load::<(Id, bool)>(connection).await?;
            }
            found.into_iter().collect::<HashMap<_, _>>()
        }};
    }
    let wants = tasks.wants();
    let wanted = |wants: &[(Id, Id)]| wants.iter().map(|(_, id)| *id).collect::<Vec<_>>();
    let mut errors = Vec::new();
    let mine = known!(tasks, tasks.ids());
    let taken = "another task has this id";
    errors.extend(new.at(mine.into_keys(), UserErrorCode::Taken, "id", taken));
    let projects = known!(projects, wanted(&wants.projects));
    let parents = known!(tasks, wanted(&wants.parents));
    let tags = known!(tags, wanted(wants.tags));
    for (wants, known, field) in [
        (&*wants.projects, projects, "projectId"),
        (&*wants.parents, parents, "parentId"),
        (wants.tags, tags, TAG_IDS),
    ] {
        for (task, wanted) in wants {
            let (code, message) = match known.get(wanted) {
                None => (UserErrorCode::NotFound, "there is no such record"),
                Some(true) => (UserErrorCode::InTrash, "it is in the trash"),
                Some(false) => continue,
            };
            let place = (field == TAG_IDS).then(|| new.place_of_tag(*task, *wanted)).flatten();
            for mut error in new.at([*task], code, field, message) {
                error.path.extend(place.clone());
                errors.push(error);
            }
        }
    }
    Ok(errors)
}
