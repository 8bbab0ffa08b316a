//! The tags of the source: which record each should be, and those that have nothing but a name.

use super::here::Here;
use super::report::{Changed, Difference, Layer, Side, Verification};
use crate::fold::{tag_key, tag_name};
use crate::import::check::{Checked, Placed};
use crate::import::snapshot::{Kind, record_id};
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Says which tags a task should bear.
pub(super) struct Tagged<'a> {
    here: &'a Here,
}

impl<'a> Tagged<'a> {
    pub(super) fn new(here: &'a Here) -> Self {
        Self { here }
    }

    /// The tags that a task should bear, with what they are called there.
    pub(super) fn of(&self, placed: &Placed) -> BTreeMap<Uuid, String> {
        let links = self.here.links.get(&placed.task.origin.id);
        // One that the owner has thrown away stays away; links of before stay, too.
        let stays = |id: &Uuid| {
            let tag = self.here.tags.get(id);
            let is_gone = tag.is_some_and(|tag| tag.deleted_at.is_some());
            !is_gone || links.is_some_and(|links| links.contains(id))
        };
        let mut tags = BTreeMap::new();
        for page in &placed.task.tag_links {
            let page_id = || record_id(&format!("{}:{page}", self.here.source));
            let id = self.here.became(page).unwrap_or_else(page_id);
            let name = self.here.title(Kind::Tag, id);
            tags.insert(
                id,
                if name.is_empty() { page.clone() } else { format!("{name} ({page})") },
            );
        }
        for tag in &placed.task.tag_names {
            let id = self.named(&tag_key(&tag.name));
            tags.entry(id).or_insert_with(|| tag_name(&tag.name));
        }
        tags.retain(|id, _| stays(id));
        tags
    }

    /// The tag of a name: the live one, else the one that an import makes of it.
    fn named(&self, key: &str) -> Uuid {
        let made = || record_id(&format!("{}:tag:{key}", self.here.source));
        self.here.live_tags.get(key).copied().unwrap_or_else(made)
    }
}

/// A tag that tasks name, in all its spellings and colours.
#[derive(Default)]
struct NamedTag {
    spellings: BTreeSet<String>,
    colors: BTreeSet<Option<String>>,
}

/// Compares the tags that are no pages.
pub(super) fn compare(here: &Here, checked: &Checked, verification: &mut Verification) {
    const ROW: &str = "tags by name";
    let pages: BTreeSet<String> = checked.tags.iter().map(|tag| tag_key(&tag.name)).collect();
    let mut named: BTreeMap<String, NamedTag> = BTreeMap::new();
    for tag in checked.tasks.iter().flat_map(|placed| &placed.task.tag_names) {
        let key = tag_key(&tag.name);
        if !pages.contains(&key) {
            let named = named.entry(key).or_default();
            named.spellings.insert(tag_name(&tag.name));
            named.colors.insert(tag.color.clone());
        }
    }
    let mut live = 0;
    for (key, should) in &named {
        let made = record_id(&format!("{}:tag:{key}", here.source));
        let tag = here.live_tags.get(key).copied().unwrap_or(made);
        let tag = here.tags.get(&tag);
        let mut differ = |code, field: &str, source: &str, is: Option<String>| {
            let here = tag.is_some_and(|tag| tag.version > 1);
            verification.differences.push(Difference {
                layer: Layer::Fields,
                row: ROW,
                kind: Kind::Tag,
                record: format!("tag:{key}"),
                title: should.spellings.first().cloned().unwrap_or_default(),
                code,
                field: field.to_owned(),
                sides: Side {
                    source: Some(source.to_owned()).filter(|it| !it.is_empty()),
                    here: is,
                },
                // It has no reference, but nobody changes a tag that was only made.
                changed: Changed { here, there: false },
            });
        };
        let Some(tag) = tag else {
            differ("missing", "", "", None);
            continue;
        };
        if tag.deleted_at.is_some() {
            differ("in_trash", "", "", None);
            continue;
        }
        live += 1;
        // One that was here before has the spelling and the colour that it had.
        if tag.id != made {
            continue;
        }
        if !should.spellings.contains(&tag.name) {
            let name = should.spellings.first().map_or("", |name| name);
            differ("differs", "name", name, Some(tag.name.clone()));
        }
        if !should.colors.contains(&tag.color) {
            let color = should.colors.iter().flatten().next().map_or("", |color| color);
            differ("differs", "color", color, tag.color.clone());
        }
    }
    verification.count(Layer::Counts, ROW, named.len(), live);
    verification.row(Layer::Fields, ROW, named.len(), live);
}
