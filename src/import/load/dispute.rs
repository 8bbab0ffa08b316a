//! Records that were changed there and here since the last import: ours is kept, unless both are alike now.

use super::Loader;
use super::noted::Images;
use super::original::{Trace, Written};
use super::record::Record;
use crate::error::Result;
use crate::import::check::Placed;
use crate::import::image::{Image, tags_of};
use diesel::QueryResult;
use std::collections::HashMap;
use uuid::Uuid;

impl Loader<'_> {
    /// The records that are alike: what they are there is what was imported now. The others are reported.
    pub(super) async fn settle<'r, R: Record>(
        &mut self,
        disputed: &[(&'r R, Uuid)],
        known: &HashMap<String, Trace>,
        images: &Images,
    ) -> Result<Vec<Written<'r>>> {
        let mut settled = Vec::new();
        for &(record, id) in disputed {
            let origin = record.origin();
            let trace = known.get(&origin.external_id);
            let image = images.of(id).filter(|image| image.is_live());
            let is_page_same = trace.is_some_and(|trace| trace.is_same(origin));
            if let Some(image) = image.filter(|_| is_page_same && origin.is_timed_alike) {
                // Its links alone are decided otherwise: where they are so here, nothing is in dispute. What was
                // changed here is not what came, though.
                if R::is_linked(self, record, image).await? {
                    self.tally(R::KIND).unchanged += 1;
                    continue;
                }
            }
            let is_alike = match image {
                Some(image) => R::is_alike(self, record, image).await?,
                None => false,
            };
            if is_alike {
                self.tally(R::KIND).unchanged += 1;
                let written = Written::new(record, record, id);
                settled.push(Written { is_settled: true, ..written });
                continue;
            }
            self.tally(R::KIND).kept += 1;
            let reason = if is_page_same {
                "other pages or the zone make something else of it than when it came, and it was changed here since; ours was kept"
            } else if trace.is_some_and(|trace| trace.hash == origin.hash) {
                "it is read otherwise than when it came, and was changed here since; ours was kept"
            } else {
                "it was changed there and here since the last import; ours was kept"
            };
            self.warn(R::KIND, origin, "changed_here", reason);
        }
        Ok(settled)
    }

    /// Whether the links of a task lead where the source says.
    pub(super) async fn has_links(&mut self, placed: &Placed, image: &Image) -> QueryResult<bool> {
        let Image::Task(task) = image else {
            return Ok(false);
        };
        let project = placed.project.as_ref().map(|project| project.id);
        let parent = placed.parent.as_ref().map(|parent| parent.id);
        if (project, parent) != (task.project_id, task.parent_id) {
            return Ok(false);
        }
        let id = image.id();
        let here = tags_of(self.connection, &[id]).await?.remove(&id).unwrap_or_default();
        Ok(self.live_tags_of(placed).await? == Some(here))
    }
}
