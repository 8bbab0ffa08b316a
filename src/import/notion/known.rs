//! What is known of Notion's properties besides what a page says: of their databases, and of earlier imports.

use super::schema::Schema;
use crate::import::mapping::Mapping;
use crate::import::snapshot::Kind;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the pages besides what they say themselves.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// What their databases say of the properties; nothing where only pages came.
    pub schema: Schema,
    /// What the properties were called when they were understood.
    pub names: Names,
    /// The names of properties that the owner took away.
    pub without: Vec<String>,
    /// What the owner says that properties become; else their names say it.
    pub mapping: Option<Mapping>,
}

/// Names by the ids of properties, which stay when somebody gives these another name.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<Kind, BTreeMap<String, String>>);

impl Names {
    /// Adds what a property was called.
    pub fn add(&mut self, kind: Kind, id: String, name: String) {
        self.0.entry(kind).or_default().insert(id, name);
    }

    /// What a property was called.
    pub(crate) fn of(&self, kind: Kind, id: &str) -> Option<&str> {
        self.0.get(&kind)?.get(id).map(String::as_str)
    }

    /// The properties of a source that have another name now: the kind, the name of before and that of now.
    #[must_use]
    pub fn renamed<'a>(&'a self, properties: &'a Properties) -> Vec<(Kind, &'a str, &'a str)> {
        let all = properties.all().filter(|(_, id, _)| !id.is_empty());
        let renamed = all.filter_map(|(kind, id, seen)| {
            let before = self.of(kind, id)?;
            (fold(before) != fold(&seen.name)).then_some((kind, before, seen.name.as_str()))
        });
        renamed.collect()
    }
}

/// The properties that the pages of a source have, by their ids, or by their names where they have none.
#[derive(Clone, Debug, Default)]
pub struct Properties(BTreeMap<Kind, OfKind>);

#[derive(Clone, Debug, Default)]
struct OfKind {
    pages: usize,
    seen: BTreeMap<String, Seen>,
}

/// A property that a page has.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// How many were met before it.
    place: usize,
    /// Its id; nothing where the pages do not say it.
    pub(crate) id: String,
    /// What it is called now.
    pub(crate) name: String,
    /// Its type.
    pub(crate) kind: String,
    /// Whether it means something to us.
    pub(crate) is_understood: bool,
    /// The words in it, where we have a list of what they mean.
    pub(crate) words: BTreeSet<String>,
}

impl Properties {
    /// Counts a page.
    pub(super) fn count(&mut self, kind: Kind) {
        self.0.entry(kind).or_default().pages += 1;
    }

    /// Adds a property of a page.
    pub(super) fn see(&mut self, kind: Kind, id: &str, name: &str, of_type: &str) -> &mut Seen {
        let seen = &mut self.0.entry(kind).or_default().seen;
        let place = seen.len();
        // No id has a blank in it.
        let key = if id.is_empty() { format!(" {name}") } else { id.to_owned() };
        seen.entry(key).or_insert_with(|| Seen {
            place,
            id: id.to_owned(),
            name: name.to_owned(),
            kind: of_type.to_owned(),
            is_understood: false,
            words: BTreeSet::new(),
        })
    }

    /// Adds what other pages have.
    pub(crate) fn merge(&mut self, other: Self) {
        for (kind, of_kind) in other.0 {
            self.0.entry(kind).or_default().pages += of_kind.pages;
            let mut all: Vec<Seen> = of_kind.seen.into_values().collect();
            all.sort_by_key(|seen| seen.place);
            for one in all {
                let seen = self.see(kind, &one.id, &one.name, &one.kind);
                seen.is_understood |= one.is_understood;
                seen.words.extend(one.words);
            }
        }
    }

    /// Whether pages have a property that means nothing to us.
    pub(crate) fn is_unread(&self, kind: Kind, id: &str) -> bool {
        let seen = self.0.get(&kind).and_then(|of_kind| of_kind.seen.get(id));
        seen.is_some_and(|seen| !seen.is_understood)
    }

    /// How many pages of a kind there are.
    pub(super) fn pages(&self, kind: Kind) -> usize {
        self.0.get(&kind).map_or(0, |of_kind| of_kind.pages)
    }

    /// The properties of a kind, in the order in which they were met.
    pub(super) fn of(&self, kind: Kind) -> Vec<&Seen> {
        let of_kind = self.0.get(&kind).into_iter();
        let mut all: Vec<&Seen> = of_kind.flat_map(|of_kind| of_kind.seen.values()).collect();
        all.sort_by_key(|seen| seen.place);
        all
    }

    /// Each with its kind and its id.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Kind, &str, &Seen)> {
        let kinds = self.0.iter();
        kinds.flat_map(|(kind, all)| all.seen.values().map(|seen| (*kind, seen.id.as_str(), seen)))
    }
}

/// Whether properties are still there, by their ids or at least under their names.
pub(crate) struct Presence<'a> {
    kinds: BTreeSet<Kind>,
    ids: BTreeSet<(Kind, &'a str)>,
    names: BTreeSet<(Kind, String)>,
}

impl<'a> Presence<'a> {
    /// What the pages and the databases of a source have.
    pub(crate) fn of(properties: &'a Properties, schema: &'a Schema) -> Self {
        let seen = properties.all().map(|(kind, id, seen)| (kind, id, seen.name.as_str()));
        let mut presence =
            Self { kinds: BTreeSet::new(), ids: BTreeSet::new(), names: BTreeSet::new() };
        for (kind, id, name) in seen.chain(schema.all()) {
            presence.kinds.insert(kind);
            presence.ids.insert((kind, id));
            presence.names.insert((kind, fold(name)));
        }
        presence
    }

    /// Whether one is gone: of a kind of which there is nothing at all, nobody can tell.
    pub(crate) fn lacks(&self, kind: Kind, id: &str, name: &str) -> bool {
        self.kinds.contains(&kind)
            && !self.ids.contains(&(kind, id))
            && !self.names.contains(&(kind, fold(name)))
    }
}

/// A name as it is compared.
pub(crate) fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}
