//! Layer two: the project, the parent and the tags of every task, and what a task waits for.

use super::here::{Here, Shape};
use super::report::{Changed, Difference, Layer, Side, Verification};
use super::tagged::Tagged;
use crate::import::check::{Checked, Placed};
use crate::import::snapshot::{Kind, Place};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use uuid::Uuid;

/// A link of a task to one record or to none.
struct Single {
    row: &'static str,
    count: &'static str,
    kind: Kind,
    should: fn(&Placed) -> Option<Uuid>,
    is: fn(&Shape) -> Option<Uuid>,
}

const SINGLE: [Single; 2] = [
    Single {
        row: "project",
        count: "links to projects",
        kind: Kind::Project,
        should: |placed| placed.project.as_ref().map(|target| target.id),
        is: |shape| shape.project_id,
    },
    Single {
        row: "parent",
        count: "links to parents",
        kind: Kind::Task,
        should: |placed| placed.parent.as_ref().map(|target| target.id),
        is: |shape| shape.parent_id,
    },
];

/// Compares all of them.
pub(super) fn compare(here: &Here, checked: &Checked, verification: &mut Verification) {
    let mut relations = Relations { here, names: here.names(), verification };
    for single in &SINGLE {
        relations.compare_single(single, checked);
    }
    relations.compare_tags(checked);
    relations.compare_awaited(checked);
    relations.compare_order(checked);
}

struct Relations<'a, 'v> {
    here: &'a Here,
    names: HashMap<Uuid, &'a str>,
    verification: &'v mut Verification,
}

impl<'a> Relations<'a, '_> {
    /// The task that is here and live: what is not there at all has been said already.
    fn shape(&self, placed: &Placed) -> Option<&'a Shape> {
        let shape = self.here.tasks.get(&placed.task.origin.id);
        shape.filter(|shape| shape.deleted_at.is_none())
    }

    fn compare_single(&mut self, single: &Single, checked: &Checked) {
        let (mut expected, mut found) = (0, 0);
        for placed in &checked.tasks {
            let should = (single.should)(placed);
            expected += usize::from(should.is_some());
            let Some(shape) = self.shape(placed) else {
                continue;
            };
            let is = (single.is)(shape);
            found += usize::from(is.is_some());
            if should != is {
                let [source, here] = [should, is].map(|id| id.map(|id| self.name(single.kind, id)));
                self.differ(placed, single.row, "differs", Side { source, here });
            }
        }
        self.verification.row(Layer::Relations, single.row, expected, found);
        self.verification.count(Layer::Counts, single.count, expected, found);
    }

    fn compare_tags(&mut self, checked: &Checked) {
        let tagged = Tagged::new(self.here);
        let nothing = BTreeSet::new();
        let (mut expected, mut found) = (0, 0);
        for placed in &checked.tasks {
            let should = tagged.of(placed);
            expected += should.len();
            if self.shape(placed).is_none() {
                continue;
            }
            let is = self.here.links.get(&placed.task.origin.id).unwrap_or(&nothing);
            found += is.len();
            for tag in should.keys().filter(|tag| !is.contains(*tag)) {
                let name = should.get(tag).cloned();
                self.differ(placed, "tags", "lost", Side { source: name, here: None });
            }
            for tag in is.iter().filter(|tag| !should.contains_key(*tag)) {
                let name = Some(self.name(Kind::Tag, *tag));
                self.differ(placed, "tags", "extra", Side { source: None, here: name });
            }
        }
        self.verification.row(Layer::Relations, "tags", expected, found);
        self.verification.count(Layer::Counts, "links to tags", expected, found);
    }

    /// What tasks name and the files lack is remembered, to be linked when it comes.
    fn compare_awaited(&mut self, checked: &Checked) {
        let (mut expected, mut found) = (0, 0);
        for placed in &checked.tasks {
            let id = &placed.task.origin.external_id;
            let should: BTreeSet<_> = placed.missing.iter().cloned().collect();
            expected += should.len();
            if self.shape(placed).is_none() || !self.here.references.contains_key(id) {
                continue;
            }
            let first = (id.clone(), Kind::Project, String::new());
            let all = self.here.awaited.range(first..);
            let all = all.take_while(|(task, ..)| task == id);
            let is: BTreeSet<_> = all.map(|(_, kind, page)| (*kind, page.clone())).collect();
            found += is.len();
            for (kind, page) in should.difference(&is) {
                let page = Some(format!("{kind} {page}"));
                self.differ(placed, "awaited", "lost", Side { source: page, here: None });
            }
            for (kind, page) in is.difference(&should) {
                let page = Some(format!("{kind} {page}"));
                self.differ(placed, "awaited", "extra", Side { source: None, here: page });
            }
        }
        self.verification.row(Layer::Relations, "awaited", expected, found);
    }

    /// The to-dos of a page stand in its order.
    fn compare_order(&mut self, checked: &Checked) {
        let mut pages: BTreeMap<Uuid, Vec<(Place, &str, &Placed)>> = BTreeMap::new();
        for placed in &checked.tasks {
            if let (Some(place), Some(shape)) = (placed.task.place, self.shape(placed)) {
                pages.entry(place.page).or_default().push((place, &shape.position, placed));
            }
        }
        let (mut expected, mut found) = (0, 0);
        for mut todos in pages.into_values() {
            todos.sort_by_key(|(place, ..)| place.nth);
            expected += todos.len();
            found += todos.len();
            if todos.is_sorted_by(|(_, one, _), (_, next, _)| one < next) {
                continue;
            }
            let mut here: Vec<&str> = todos.iter().map(|(_, position, _)| *position).collect();
            here.sort_unstable();
            // Those that left their places made the others move up, and not these themselves.
            let is_at_home = |(place, position, placed): &(Place, &str, &Placed)| {
                place.is_at(placed.task.origin.id, position)
            };
            let are_all_at_home = todos.iter().all(is_at_home);
            for (nth, todo) in todos.iter().enumerate() {
                let (_, position, placed) = todo;
                let is = here.iter().position(|other| other == position).unwrap_or(nth);
                let is_right = if are_all_at_home { is == nth } else { is_at_home(todo) };
                // Who has the same number as there has moved up or down with the others.
                if is_right || is == nth {
                    continue;
                }
                let [source, here] = [nth, is].map(|nth| Some(format!("to-do {}", nth + 1)));
                self.differ(placed, "order", "differs", Side { source, here });
            }
        }
        self.verification.row(Layer::Relations, "order", expected, found);
    }

    /// A record in words: its title where it is known, and its id there, else here.
    fn name(&self, kind: Kind, id: Uuid) -> String {
        let title = self.here.title(kind, id);
        let name = self.names.get(&id).map_or_else(|| id.to_string(), |&name| name.to_owned());
        if title.is_empty() { name } else { format!("{title} ({name})") }
    }

    fn differ(&mut self, placed: &Placed, row: &'static str, code: &'static str, sides: Side) {
        let origin = &placed.task.origin;
        let mut changed: Changed = self.here.changed(Kind::Task, origin);
        let shape = self.shape(placed).filter(|_| row == "order");
        if let Some(shape) = shape {
            // The order is no part of a to-do's original: what nobody moved here has it from there.
            changed.here = Place::is_moved_here(shape.id, &shape.position);
            changed.there |= !changed.here;
        }
        self.verification.differences.push(Difference {
            layer: Layer::Relations,
            row,
            kind: Kind::Task,
            record: origin.external_id.clone(),
            title: placed.task.title.clone(),
            code,
            field: row.to_owned(),
            sides,
            changed,
        });
    }
}
