//! Where the to-dos of a page stand in the manual order: in the order of the page.

use super::Loader;
use super::record::Record;
use crate::import::snapshot::Place;
use crate::tables::tasks;
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

/// The places of the to-dos of a batch.
#[derive(Default)]
pub(super) struct Places {
    keys: HashMap<Uuid, String>,
    moved: HashSet<Uuid>,
}

impl Places {
    /// The key that a task is to have; nothing where the order of time is its own.
    pub(super) fn key(&self, task: Uuid) -> Option<String> {
        self.keys.get(&task).cloned()
    }

    /// Whether a task that is here stands elsewhere.
    pub(super) fn has_moved(&self, task: Uuid) -> bool {
        self.moved.contains(&task)
    }
}

impl Loader<'_> {
    /// Looks where the to-dos of a batch are to stand, and which of them stand elsewhere.
    pub(super) async fn look_at_places<R: Record>(&mut self, records: &[R]) -> QueryResult<()> {
        let placed = records.iter().filter_map(|one| Some((one.origin().id, one.place()?)));
        let placed: Vec<(Uuid, Place)> = placed.collect();
        self.places = Places::default();
        if placed.is_empty() {
            return Ok(());
        }
        let here: HashMap<Uuid, String> = tasks::table
            .filter(tasks::id.eq_any(placed.iter().map(|(id, _)| *id)))
            .select((tasks::id, tasks::position))
            .load::<(Uuid, String)>(self.connection)
            .await?
            .into_iter()
            .collect();
        // Of a page that says no time each import would make another: the one that was taken first stays.
        let mut beside: HashMap<Uuid, &str> = HashMap::new();
        for (id, place) in &placed {
            if let Some(key) = here.get(id).filter(|key| place.is_in_page(key)) {
                beside.entry(place.page).or_insert(key);
            }
        }
        for (id, place) in &placed {
            let is_elsewhere = here.get(id).is_some_and(|key| !place.is_at(key));
            if is_elsewhere {
                self.places.moved.insert(*id);
            }
            if is_elsewhere || !here.contains_key(id) {
                let key = place.key_beside(beside.get(&place.page).copied());
                self.places.keys.insert(*id, key);
            }
        }
        Ok(())
    }
}
