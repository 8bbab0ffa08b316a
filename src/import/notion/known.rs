//! What is known of Notion's properties besides what a page says: of their databases, and of earlier imports.

use super::schema::Schema;
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

/// The properties that the pages of a source have, by their ids.
#[derive(Clone, Debug, Default)]
pub struct Properties(BTreeMap<Kind, BTreeMap<String, Seen>>);

/// A property that a page has.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// What it is called now.
    pub(crate) name: String,
    /// Whether it means something to us.
    pub(crate) is_understood: bool,
}

impl Properties {
    pub(super) fn see(&mut self, kind: Kind, id: &str, name: &str) {
        let of_kind = self.0.entry(kind).or_default();
        if !id.is_empty() && !of_kind.contains_key(id) {
            let seen = Seen { name: name.to_owned(), is_understood: false };
            of_kind.insert(id.to_owned(), seen);
        }
    }

    pub(super) fn understand(&mut self, kind: Kind, id: &str) {
        if let Some(seen) = self.0.get_mut(&kind).and_then(|of_kind| of_kind.get_mut(id)) {
            seen.is_understood = true;
        }
    }

    /// Adds what other pages have.
    pub(crate) fn merge(&mut self, other: Self) {
        for (kind, of_kind) in other.0 {
            for (id, seen) in of_kind {
                self.see(kind, &id, &seen.name);
                if seen.is_understood {
                    self.understand(kind, &id);
                }
            }
        }
    }

    /// Each with its kind and its id.
    pub(crate) fn all(&self) -> impl Iterator<Item = (Kind, &str, &Seen)> {
        let kinds = self.0.iter();
        kinds.flat_map(|(kind, seen)| seen.iter().map(|(id, seen)| (*kind, id.as_str(), seen)))
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
