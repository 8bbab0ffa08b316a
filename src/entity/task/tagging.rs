//! Putting tags on tasks and taking them off.

use crate::fold::tag_key;
use crate::query::comparator::uuids;
use crate::query::expr::{Cond, Expr, Verbatim, all, always, any};
use crate::query::request::Request;
use crate::scalar::{DateTime, Id};
use crate::tables::{tags, task_tags, tasks};
use crate::write::check::Check;
use crate::write::merge::Merge;
use crate::write::user_error::{Listed, UserErrorCode};
use crate::write::{Write, made, unnest, written};
use diesel::dsl::{array, not};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Text, Timestamptz, Uuid};
use diesel::upsert::excluded;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The field that the constraints on a task's tags name.
pub(super) const TAG_IDS: &str = "tagIds";

diesel::table! {
    /// Which tasks shall bear tags of which keys, made by the write's statement.
    named (task_id, key) {
        /// The task.
        task_id -> Uuid,
        /// The key of the tag.
        key -> Text,
    }
}

diesel::table! {
    /// One of the written tasks, where there is any.
    once (id) {
        /// The task.
        id -> Uuid,
    }
}

diesel::allow_tables_to_appear_in_same_query!(named, made);

diesel::define_sql_function! {
    /// The tags that a task bears, without those in the trash.
    fn live_tags_of(task: Uuid) -> Array<Uuid>;
}

diesel::define_sql_function! {
    /// These tags; one in the trash is refused, also where a task bears it already.
    fn linkable_tags(ids: Array<Uuid>) -> Array<Uuid>;
}

/// Tags by name: those that are missing are made.
#[derive(Clone, Default)]
pub(super) struct Names {
    /// Keys with the first spelling met, in the order of the keys: everyone locks tags in this order, so
    /// that nobody waits for one who waits for them.
    spelled: BTreeMap<String, String>,
}

impl Names {
    /// Checks names, adds them, and gives their keys.
    pub(super) fn add(
        &mut self,
        field: &str,
        names: &[String],
        check: &mut Check<'_>,
    ) -> Vec<String> {
        let names = check.each(field, names, Check::tag_name);
        let spelled = names.into_iter().map(|name| {
            let key = tag_key(&name);
            self.spelled.entry(key.clone()).or_insert(name);
            key
        });
        spelled.collect()
    }
}

/// The tags of new tasks.
#[derive(Default)]
pub(super) struct Links {
    tags: Vec<(Id, Id)>,
    named: Vec<(Id, String)>,
    names: Names,
}

impl Links {
    /// Adds those of one task.
    pub(super) fn add(
        &mut self,
        task: Id,
        tags: Option<Vec<Id>>,
        names: Option<Vec<String>>,
        check: &mut Check<'_>,
    ) {
        self.tags.extend(tags.into_iter().flatten().map(|tag| (task, tag)));
        let keys = self.names.add("tagNames", &names.unwrap_or_default(), check);
        self.named.extend(keys.into_iter().map(|key| (task, key)));
    }

    /// The list of those of one task.
    pub(super) fn listed(&self) -> Listed {
        let ids = self.tags.iter().map(|(_, tag)| *tag).collect();
        Listed { named: TAG_IDS, field: TAG_IDS, ids }
    }

    /// The tags that must be there, each with its task.
    pub(super) fn wanted(&self) -> &[(Id, Id)] {
        &self.tags
    }

    /// Adds them to the write of the tasks.
    pub(super) fn write(mut self, write: &mut Write, request: &Request) {
        let columns = (task_tags::task_id, task_tags::tag_id);
        if !self.tags.is_empty() {
            self.tags.sort_unstable();
            let (tasks, tags): (Vec<_>, Vec<_>) =
                self.tags.into_iter().map(|(task, tag)| (task.0, tag.0)).unzip();
            let links = diesel::select((
                unnest::<Uuid, _>(tasks.into_sql::<Array<Uuid>>()),
                unnest::<Uuid, _>(tags.into_sql::<Array<Uuid>>()),
            ));
            let linked = diesel::insert_into(task_tags::table).values(links).into_columns(columns);
            write.also("linked", linked.on_conflict_do_nothing());
        }
        if !self.named.is_empty() {
            make(write, self.names, &always(), request);
            let (tasks, keys): (Vec<_>, Vec<_>) =
                self.named.into_iter().map(|(task, key)| (task.0, key)).unzip();
            let pairs = diesel::select((
                unnest::<Uuid, _>(tasks.into_sql::<Array<Uuid>>()),
                unnest::<Text, _>(keys.into_sql::<Array<Text>>()),
            ));
            write.also("named (task_id, key)", pairs);
            let links = named::table
                .inner_join(made::table.on(made::key.eq(named::key)))
                .select((named::task_id, made::id));
            let linked = diesel::insert_into(task_tags::table).values(links).into_columns(columns);
            write.also("linked_by_name", linked.on_conflict_do_nothing());
        }
    }
}

/// Whether a task bears other live tags than these.
pub(super) fn bears_others(tags: &[Id]) -> Cond<tasks::table> {
    let (borne, tags) = (live_tags_of(tasks::id), uuids(tags.to_vec()).into_sql::<Array<Uuid>>());
    Expr::of(not(borne.contains(tags.clone()).and(borne.is_contained_by(tags))))
}

/// How the tags of a task change.
#[derive(Clone)]
pub(super) struct Change {
    /// All that it bears from now on.
    pub(super) all: Option<Vec<Id>>,
    /// Those that it bears too.
    pub(super) add: Vec<Id>,
    /// Those that it does not bear any more.
    pub(super) remove: Vec<Id>,
    /// Those that it bears too, by name.
    pub(super) named: Names,
}

impl Change {
    /// The list of those that must be there.
    pub(super) fn listed(&self) -> Listed {
        match &self.all {
            Some(all) => Listed { named: TAG_IDS, field: TAG_IDS, ids: all.clone() },
            None => Listed { named: TAG_IDS, field: "addTagIds", ids: self.add.clone() },
        }
    }

    /// All at once and one by one exclude each other.
    pub(super) fn check(&self, check: &mut Check<'_>) {
        if self.all.is_some() && self.is_one_by_one() {
            let message = "give all tags, or those to add and remove, not both";
            check.refuse(UserErrorCode::Invalid, "tagIds", message);
        }
    }

    /// Whether some are added or removed.
    pub(super) fn is_one_by_one(&self) -> bool {
        !self.add.is_empty() || !self.remove.is_empty() || !self.named.spelled.is_empty()
    }

    /// Whether a task bears none of those to add, or one of those to remove.
    pub(super) fn changes_any(&self) -> Cond<tasks::table> {
        let borne = || live_tags_of(tasks::id);
        let ids = |ids: &[Id]| uuids(ids.to_vec()).into_sql::<Array<Uuid>>();
        let keys: Vec<String> = self.named.spelled.keys().cloned().collect();
        let many = i64::try_from(keys.len()).unwrap_or(i64::MAX);
        let mine: Expr<tags::table, Array<Uuid>> = Expr::trusted(Arc::new(borne()));
        let named =
            tags::table.filter(tags::key.eq_any(keys)).filter(mine.contains(array((tags::id,))));
        let named: Cond<tasks::table> =
            Expr::trusted(Arc::new(named.count().single_value().lt(many)));
        any(vec![
            Expr::of(not(borne().contains(ids(&self.add)))),
            Expr::of(borne().overlaps_with(ids(&self.remove))),
            named,
        ])
    }

    /// Adds the change to the write of a task.
    pub(super) fn write(self, write: &mut Write, merge: &Merge<tasks::table>, request: &Request) {
        let mine = task_tags::task_id.eq_any(written::table.select(written::id));
        if let Some(tags) = &self.all {
            // Links to tags in the trash are hidden, and come back with them.
            let live = tags::table.filter(tags::deleted_at.is_null()).select(tags::id);
            let others = diesel::delete(task_tags::table)
                .filter(all(vec![Expr::of(mine), merge.allows("tags")]))
                .filter(task_tags::tag_id.ne_all(uuids(tags.clone())))
                .filter(task_tags::tag_id.eq_any(live));
            write.also("unlinked", others);
        } else if !self.remove.is_empty() {
            let removed = diesel::delete(task_tags::table)
                .filter(all(vec![Expr::of(mine), merge.allows("tags")]))
                .filter(task_tags::tag_id.eq_any(uuids(self.remove)));
            write.also("unlinked", removed);
        }
        add(write, self.all.unwrap_or(self.add), self.named, merge, request);
    }
}

/// Puts tags on all written tasks.
fn add(
    write: &mut Write,
    ids: Vec<Id>,
    names: Names,
    merge: &Merge<tasks::table>,
    request: &Request,
) {
    let columns = (task_tags::task_id, task_tags::tag_id);
    if !ids.is_empty() {
        let mut ids = uuids(ids);
        ids.sort_unstable();
        let none = Arc::new(Verbatim("'{}'::uuid[]"));
        let ids: Expr<written::table, Array<Uuid>> =
            merge.value("tags", none, Arc::new(ids.into_sql::<Array<Uuid>>()));
        let links = written::table.select((written::id, unnest::<Uuid, _>(linkable_tags(ids))));
        let linked = diesel::insert_into(task_tags::table).values(links).into_columns(columns);
        write.also("linked", linked.on_conflict_do_nothing());
    }
    if !names.spelled.is_empty() {
        make(write, names, &merge.allows("tags"), request);
        let links = written::table
            .inner_join(made::table.on(true.into_sql::<Bool>()))
            .select((written::id, made::id));
        let linked = diesel::insert_into(task_tags::table).values(links).into_columns(columns);
        write.also("linked_by_name", linked.on_conflict_do_nothing());
    }
}

/// Makes the tags that are missing, where anything is written and it may be, and returns all of them as `made`.
fn make(write: &mut Write, names: Names, may: &Cond<written::table>, request: &Request) {
    let now = DateTime(request.moment.now);
    let ids: Vec<_> = names.spelled.iter().map(|_| request.new_id().0).collect();
    let (keys, names): (Vec<_>, Vec<_>) = names.spelled.into_iter().unzip();
    let once = written::table.select(written::id).limit(1);
    if may.is_trivial() {
        write.also("once", once);
    } else {
        write.also("once", once.filter(may.clone()));
    }
    let tags = once::table.select((
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
        .returning((tags::id, tags::key));
    write.also("made", made);
}
