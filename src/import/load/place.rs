//! Where the to-dos of a page stand in the manual order: in the order of the page, unless they were moved here. That
//! is told by their keys, for who renames one does not move it.

use super::Loader;
use super::noted::Images;
use super::original::Written;
use super::record::{Record, Versions};
use crate::error::Result;
use crate::import::image::Image;
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

    /// Whether a task that is here stands elsewhere, and nobody here moved it there.
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
            let is_moved = |key: &String| !place.is_at(*id, key) && !Place::is_moved_here(*id, key);
            let has_moved = here.get(id).is_some_and(is_moved);
            if has_moved {
                self.places.moved.insert(*id);
            }
            if has_moved || !here.contains_key(id) {
                let key = place.key_beside(beside.get(&place.page).copied());
                self.places.keys.insert(*id, key);
            }
        }
        let ids: Vec<Uuid> = placed.iter().map(|(id, _)| *id).collect();
        self.part_places(&ids).await
    }

    /// Sets apart what would stand in the very place of another, which is gone there and stayed here.
    async fn part_places(&mut self, placed: &[Uuid]) -> QueryResult<()> {
        if self.places.keys.is_empty() {
            return Ok(());
        }
        let taken: Vec<String> = tasks::table
            .filter(tasks::position.eq_any(self.places.keys.values()))
            .filter(tasks::deleted_at.is_null())
            .filter(tasks::id.ne_all(placed))
            .select(tasks::position)
            .load(self.connection)
            .await?;
        let taken: HashSet<String> = taken.into_iter().collect();
        for (id, key) in self.places.keys.iter_mut().filter(|(_, key)| taken.contains(*key)) {
            key.push_str(&id.simple().to_string());
        }
        Ok(())
    }

    /// Gives to-dos that were changed here their places, where only the page has moved them, and nothing else.
    pub(super) async fn put_in_place<'r, R: Record>(
        &mut self,
        moved: &[(&'r R, Uuid)],
        disputed: &[(&'r R, Uuid)],
        (versions, images): (&Versions, &Images),
    ) -> Result<Vec<Written<'r>>> {
        let mut placed = Vec::new();
        for &(record, id) in moved {
            let is_still = images.is_still(id, versions.get(&id));
            let is_placed = is_still && self.put(record, images.of(id)).await?;
            let tally = self.tally(R::KIND);
            tally.updated += usize::from(is_placed);
            tally.unchanged += usize::from(!is_placed);
            placed.extend(is_placed.then(|| Written::new(record, record, id)));
        }
        for &(record, id) in disputed {
            let has_moved = self.places.has_moved(id) && images.is_still(id, versions.get(&id));
            if has_moved && self.put(record, images.of(id)).await? {
                placed.push(Written::new(record, record, id));
            }
        }
        Ok(placed)
    }

    /// Gives a to-do its place; false where it keeps the one that it has.
    async fn put<R: Record>(&mut self, record: &R, image: Option<&Image>) -> QueryResult<bool> {
        let (Some(place), Some(image)) = (record.place(), image) else {
            return Ok(false);
        };
        let key = self.places.key(image.id()).filter(|_| image.is_live());
        // In an older file its page stood otherwise.
        let Some(key) = key.filter(|_| !self.older.contains(&place.page)) else {
            return Ok(false);
        };
        // It is nobody's edit of the task.
        diesel::update(tasks::table.find(image.id()))
            .set((tasks::position.eq(key), tasks::updated_at.eq(tasks::updated_at)))
            .execute(self.connection)
            .await?;
        Ok(true)
    }

    /// Adds to what is noted those that were only put in their places. They are not remembered: as before, they
    /// count as changed here.
    pub(super) async fn add_placed<'r, R: Record>(
        &mut self,
        placed: Vec<Written<'r>>,
        written: &mut Vec<Written<'r>>,
        after: &mut Versions,
    ) -> QueryResult<()> {
        let ids: Vec<Uuid> = placed.iter().map(|one| one.id).collect();
        let only_placed = placed.into_iter().filter(|one| !after.contains_key(&one.id));
        written.extend(only_placed);
        after.extend(R::versions(self.connection, &ids).await?);
        Ok(())
    }
}
