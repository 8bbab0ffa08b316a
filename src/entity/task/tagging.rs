//! Putting tags on tasks and taking them off.

use crate::fold::tag_key;
use crate::query::comparator::uuids;
use crate::query::request::Request;
use crate::scalar::{DateTime, Id};
use crate::tables::{tags, task_tags};
use crate::write::check::Check;
use crate::write::user_error::UserErrorCode;
use crate::write::{Write, made, unnest, written};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Timestamptz, Uuid};
use diesel::upsert::excluded;

/// Tags by name: those that are missing are made.
pub(super) struct Named {
    /// Keys with the first spelling met, in the order of the keys: everyone locks tags in this order, so
    /// that nobody waits for one who waits for them.
    names: std::collections::BTreeMap<String, String>,
}

/// Checks the names of tags.
pub(super) fn named(field: &str, names: Vec<String>, check: &mut Check<'_>) -> Named {
    let mut keyed = std::collections::BTreeMap::new();
    for name in names {
        let name = check.tag_name(field, &name);
        keyed.entry(tag_key(&name)).or_insert(name);
    }
    Named { names: keyed }
}

/// How the tags of a task change.
pub(super) struct Change {
    /// All that it bears from now on.
    pub(super) all: Option<Vec<Id>>,
    /// Those that it bears too.
    pub(super) add: Vec<Id>,
    /// Those that it does not bear any more.
    pub(super) remove: Vec<Id>,
    /// Those that it bears too, by name.
    pub(super) named: Named,
}

impl Change {
    /// All at once and one by one exclude each other.
    pub(super) fn check(&self, check: &mut Check<'_>) {
        let single =
            !self.add.is_empty() || !self.remove.is_empty() || !self.named.names.is_empty();
        if self.all.is_some() && single {
            let message = "give all tags, or those to add and remove, not both";
            check.refuse(UserErrorCode::Invalid, "tagIds", message);
        }
    }

    /// Adds the change to the write of a task.
    pub(super) fn write(self, write: &mut Write, request: &Request) {
        let mine = task_tags::task_id.eq_any(written::table.select(written::id));
        if let Some(all) = &self.all {
            // Links to tags in the trash are hidden, and come back with them.
            let live = tags::table.filter(tags::deleted_at.is_null()).select(tags::id);
            let others = diesel::delete(task_tags::table)
                .filter(mine)
                .filter(task_tags::tag_id.ne_all(uuids(all.clone())))
                .filter(task_tags::tag_id.eq_any(live));
            write.also("unlinked", others);
        } else if !self.remove.is_empty() {
            let removed = diesel::delete(task_tags::table)
                .filter(mine)
                .filter(task_tags::tag_id.eq_any(uuids(self.remove)));
            write.also("unlinked", removed);
        }
        add(write, self.all.unwrap_or(self.add), self.named, request);
    }
}

/// Puts tags on the written tasks.
pub(super) fn add(write: &mut Write, ids: Vec<Id>, named: Named, request: &Request) {
    let columns = (task_tags::task_id, task_tags::tag_id);
    if !ids.is_empty() {
        let mut ids = uuids(ids);
        ids.sort_unstable();
        let links =
            written::table.select((written::id, unnest::<Uuid, _>(ids.into_sql::<Array<Uuid>>())));
        let linked = diesel::insert_into(task_tags::table).values(links).into_columns(columns);
        write.also("linked", linked.on_conflict_do_nothing());
    }
    if !named.names.is_empty() {
        make(write, named, request);
        let links = written::table
            .inner_join(made::table.on(true.into_sql::<Bool>()))
            .select((written::id, made::id));
        let linked = diesel::insert_into(task_tags::table).values(links).into_columns(columns);
        write.also("linked_by_name", linked.on_conflict_do_nothing());
    }
}

/// Makes the tags that are missing, and returns all ids as `made`.
fn make(write: &mut Write, named: Named, request: &Request) {
    let now = DateTime(request.moment.now);
    let ids: Vec<_> = named.names.iter().map(|_| request.new_id().0).collect();
    let (keys, names): (Vec<_>, Vec<_>) = named.names.into_iter().unzip();
    let tags = written::table.select((
        unnest::<Uuid, _>(ids.into_sql::<Array<Uuid>>()),
        now.into_sql::<Timestamptz>(),
        now.into_sql::<Timestamptz>(),
        unnest::<Text, _>(names.into_sql::<Array<Text>>()),
        unnest::<Text, _>(keys.into_sql::<Array<Text>>()),
    ));
    let columns = (tags::id, tags::created_at, tags::updated_at, tags::name, tags::key);
    // The update changes nothing: it waits for whoever is making the same tag, and returns its id.
    let made = diesel::insert_into(tags::table)
        .values(tags)
        .into_columns(columns)
        .on_conflict(tags::key)
        .filter_target(tags::deleted_at.is_null())
        .do_update()
        .set(tags::key.eq(excluded(tags::key)))
        .returning(tags::id);
    write.also("made", made);
}
