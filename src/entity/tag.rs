//! Tags: words put on tasks.

pub mod merging;

use super::task::{Task, TaskListFilter};
use super::{external_ref, task};
use crate::entity::ExternalRef;
use crate::entity::trash::DeletePayload;
use crate::error::Result;
use crate::feed::RecordType;
use crate::fold::{tag_key, tag_name};
use crate::query::comparator::{DateTimeFilter, IdFilter, IntFilter, Text, TextFilter, uuids};
use crate::query::declare::{entity, order, roots};
use crate::query::expr::{Cond, Expr, all, always, not};
use crate::query::filter::{Filter as _, filter, operators};
use crate::query::link::Link;
use crate::query::request::Request;
use crate::query::statement::Slots;
use crate::scalar::{DateTime, HexColor, Id, Key};
use crate::tables::{tags, task_tags, tasks};
use crate::write::check::{Check, cleared};
use crate::write::merge::{ConflictPolicy, Merge};
use crate::write::user_error::{Constraint, UserError, UserErrorCode};
use crate::write::{Needs, Operation, RecordRef, Write, payload, run};
use async_graphql::{Context, InputObject, MaybeUndefined, Object, SimpleObject};
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use serde::Deserialize;
use std::sync::Arc;

/// A word put on tasks.
#[derive(Debug, Deserialize, Selectable, SimpleObject)]
#[diesel(table_name = tags, check_for_backend(diesel::pg::Pg))]
#[graphql(complex)]
pub struct Tag {
    /// UUID (version 7), made by the client or the server; it is the only id.
    pub id: Id,
    /// Grows by one with every change of the tag.
    pub version: i32,
    /// When it was made.
    #[serde(default)]
    pub created_at: DateTime,
    /// When it was last changed.
    #[serde(default)]
    pub updated_at: DateTime,
    /// When it was moved to the trash; null while live.
    pub deleted_at: Option<DateTime>,
    /// Unique among live tags without regard to case and blanks, for example area:work.
    pub name: String,
    /// The part before the first colon: area in area:work; null where there is none.
    pub prefix: Option<String>,
    /// The part after the first colon, or the whole name.
    pub label: String,
    /// Its colour.
    pub color: Option<HexColor>,
    #[diesel(embed)]
    #[graphql(skip)]
    #[serde(default)]
    slots: Slots,
}

/// The live tasks that bear a tag.
fn tasks() -> Link<tags::table, tasks::table> {
    let between = (task_tags::tag_id, task_tags::task_id);
    Link::through(tags::id, task_tags::table, between, tasks::id, tasks::table, task::live())
        .counted(counted(Expr::of(task_tags::task_live)))
}

/// How many tasks bear a tag, as their links know it, so that no task is read.
fn counted(which: Cond<task_tags::table>) -> Expr<tags::table, BigInt> {
    Link::new(tags::id, task_tags::tag_id, task_tags::table, which).count(always())
}

/// How many open live tasks bear a tag.
fn open_tasks() -> Expr<tags::table, BigInt> {
    counted(Expr::of(task_tags::task_open))
}

/// Tags that are not in the trash.
pub(super) fn live() -> Cond<tags::table> {
    Expr::of(tags::deleted_at.is_null())
}

entity! { Tag in tags, filter TagFilter, order TagOrder {
    kept { id, version, name, label }
    one {}
    many {}
    pages {
        /// The live tasks that bear it.
        tasks: Task by tasks(),
    }
    values {
        /// How many live tasks bear it.
        task_count: i32 = |_| tasks().count(always()),
        /// How many open live tasks bear it.
        open_task_count: i32 = |_| open_tasks(),
    }
    planned {
        /// Where it was imported from.
        external_refs: Vec<ExternalRef> = |tag, _, _| external_ref::of(tag.outer(tags::id), tag.inside()),
    }
    fields {}
} }
roots! { Tag in TagQuery {
    /// The tag of this id.
    tag,
    /// Tags, by name unless ordered otherwise.
    tags
} }

filter! {
    /// Which tags. Keys side by side are joined with AND; an explicit null is an error. At most 8
    /// levels and 100 conditions.
    TagFilter on tags::table {
        /// Its id.
        id: IdFilter; on Expr::of(tags::id),
        /// Its name.
        name: TextFilter; on Text::of(tags::name),
        /// The part before the first colon.
        prefix: TextFilter; on Text::of(tags::prefix),
        /// The part after the first colon, or the whole name.
        label: TextFilter; on Text::of(tags::label),
        /// The live tasks that bear it.
        tasks: TaskListFilter; on tasks(),
        /// When it was made.
        created_at: DateTimeFilter; on Expr::of(tags::created_at),
        /// When it was last changed.
        updated_at: DateTimeFilter; on Expr::of(tags::updated_at),
    }
}

order! {
    /// One key of an order of tags.
    TagOrder on tags::table {
        /// By name, without regard to case and accents.
        Name = [tags::sort_name],
        /// By when it was made.
        CreatedAt = [tags::created_at],
        /// By how many live tasks bear it.
        TaskCount = [tasks().count(always())],
        /// By how many open live tasks bear it.
        OpenTaskCount = [open_tasks()],
    } usually Name
}

operators! {
    /// How the tags of a record must be; only live tags count.
    TagListFilter on <T> Link<T, tags::table> {
        /// One of these at least; of an empty list, false.
        has_any: Vec<Id> = |tags, ids, _| tags.exists(one_of(ids)),
        /// All of these.
        has_all: Vec<Id> = |tags, ids, _| has_all(&tags, ids),
        /// None of these.
        has_none: Vec<Id> = |tags, ids, _| not(tags.exists(one_of(ids))),
        /// At least one for which this holds.
        some: Box<TagFilter> = |tags, filter, at| tags.exists(filter.condition(at.deeper()?)?),
        /// This holds for each; true where there are none.
        every: Box<TagFilter> = |tags, filter, at| not(tags.exists(not(filter.condition(at.deeper()?)?))),
        /// This holds for none.
        none: Box<TagFilter> = |tags, filter, at| not(tags.exists(filter.condition(at.deeper()?)?)),
        /// Whether there are none.
        is_empty: bool = |tags, wanted, _| if wanted { not(tags.exists(always())) } else { tags.exists(always()) },
        /// How many there are.
        count: IntFilter = |tags, filter, at| filter.on(&Expr::of(tags.count(always())), at)?,
    }
}

fn one_of(ids: Vec<Id>) -> Cond<tags::table> {
    Expr::of(tags::id.eq_any(uuids(ids)))
}

/// As many of the wanted tags as there are different ones among them.
fn has_all<T: Send + Sync + 'static>(tags: &Link<T, tags::table>, mut ids: Vec<Id>) -> Cond<T> {
    ids.sort_unstable();
    ids.dedup();
    match ids.len() {
        0 => always(),
        wanted => tags.at_least(wanted, one_of(ids)),
    }
}

payload! {
    /// What came of a write to a tag.
    TagPayload {
        /// The server's current record, also where the write was refused, so that a client's cache heals itself: of a
        /// new tag whose name is TAKEN, the one that has it.
        tag: Tag
    }
}

/// A new tag.
#[derive(Clone, Debug, InputObject)]
pub struct CreateTagInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The id, where the client makes it; the same content under it again does nothing more
    /// for 30 days, and is TAKEN later.
    pub id: Option<Id>,
    /// Its name: 1 to 200 characters; prefix:label where it has a prefix. Where a live tag has it, it is TAKEN, and
    /// the payload shows that tag, whose id is another.
    pub name: String,
    /// Its colour.
    pub color: Option<HexColor>,
}

/// Changes to a tag: an absent field is kept, null clears it.
#[derive(Clone, Debug, InputObject)]
pub struct TagPatch {
    /// Its name: 1 to 200 characters; prefix:label where it has a prefix.
    pub name: MaybeUndefined<String>,
    /// Its colour.
    pub color: MaybeUndefined<HexColor>,
}

/// A change of one tag.
#[derive(Clone, Debug, InputObject)]
pub struct UpdateTagInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The tag.
    pub id: Id,
    /// The version that the client knows.
    pub base_version: Option<i32>,
    /// What becomes of fields that others changed since.
    #[graphql(default_with = "ConflictPolicy::Merge")]
    pub on_conflict: ConflictPolicy,
    /// What changes.
    pub patch: TagPatch,
}

/// What the constraints on tags mean.
const CONSTRAINTS: &[Constraint] = &[
    ("tags_pkey", UserErrorCode::Taken, "id", "another record has this id"),
    ("tags_key_key", UserErrorCode::Taken, "name", "another tag has this name"),
];

/// What they mean to a tag that comes back: the input has its id alone.
const BACK: &[Constraint] =
    &[("tags_key_key", UserErrorCode::Taken, "id", "another tag has its name by now")];

/// The mutations of tags.
#[derive(Debug, Default)]
pub struct TagMutation;

#[Object]
impl TagMutation {
    /// Creates a tag. Offline its name may be taken by the time it comes here: tagNames of tasks make a tag or
    /// find it, and so are the safe way.
    async fn create_tag(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The new tag.")] input: CreateTagInput,
    ) -> Result<TagPayload> {
        Ok(run(ctx, create(input, Request::of(ctx)?)).await?.into())
    }

    /// Changes a tag.
    async fn update_tag(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tag and what changes.")] input: UpdateTagInput,
    ) -> Result<TagPayload> {
        Ok(run(ctx, update(input, Request::of(ctx)?)).await?.into())
    }

    /// To the trash; tasks show it no more until it is restored, and its name is free.
    async fn delete_tag(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tag.")] input: RecordRef,
    ) -> Result<DeletePayload> {
        let outcome = run(ctx, delete(&input, Request::of(ctx)?)).await?;
        Ok(DeletePayload::of(input.id, outcome))
    }

    /// Back from the trash, unless another tag has its name by now.
    async fn restore_tag(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The tag.")] input: RecordRef,
    ) -> Result<TagPayload> {
        Ok(run(ctx, restore(&input, Request::of(ctx)?)).await?.into())
    }
}

/// A write to a tag.
fn operation(
    record: (Id, Needs),
    at: &'static [&'static str],
    write: Result<Write, Vec<UserError>>,
) -> Operation<Tag> {
    Operation::new(record, CONSTRAINTS, at, write)
}

/// Creates a tag.
pub(super) fn create(input: CreateTagInput, request: &Request) -> Operation<Tag> {
    let id = input.id.unwrap_or_else(|| request.new_id());
    // Who has the name already is what the client has to know: it made the tag without having heard of it.
    let named = tags::key.eq(tag_key(&tag_name(&input.name))).and(tags::deleted_at.is_null());
    let holder = tags::table.filter(named.or(tags::id.eq(id)));
    let holder = holder.order(tags::id.eq(id).desc()).select(tags::id).limit(1);
    let new = new(id, input, DateTime(request.moment.now));
    operation((id, Needs::New), &["input"], new).or_shown(Some(Arc::new(holder)))
}

/// Changes a tag.
pub(super) fn update(input: UpdateTagInput, request: &Request) -> Operation<Tag> {
    let record = (input.id, Needs::Live);
    operation(record, &["input", "patch"], changed(input, DateTime(request.moment.now)))
}

/// Moves a tag to the trash.
pub(super) fn delete(input: &RecordRef, request: &Request) -> Operation<Tag> {
    let now = DateTime(request.moment.now);
    let mut merge = input.merge(RecordType::Tag);
    merge.whole("deletedAt", &live());
    let tag = tags::table.find(input.id).filter(all(vec![live(), merge.gate()]));
    let trashed = diesel::update(tag)
        .set((tags::deleted_at.eq(now), tags::updated_at.eq(now)))
        .returning(tags::id);
    operation((input.id, Needs::Gone), &["input"], Ok(Write::new(trashed).merging(merge)))
}

/// Takes a tag out of the trash.
pub(super) fn restore(input: &RecordRef, request: &Request) -> Operation<Tag> {
    let now = DateTime(request.moment.now);
    let mut merge = input.merge(RecordType::Tag);
    let trashed = Expr::of(tags::deleted_at.is_not_null());
    merge.field("deletedAt", &trashed);
    let tag = tags::table.find(input.id).filter(all(vec![trashed, merge.gate()]));
    let restored = diesel::update(tag)
        .set((tags::deleted_at.eq(None::<DateTime>), tags::updated_at.eq(now)))
        .returning(tags::id);
    let write = Ok(Write::new(restored).merging(merge));
    Operation::new((input.id, Needs::Any), BACK, &["input"], write)
}

fn new(id: Id, input: CreateTagInput, now: DateTime) -> Result<Write, Vec<UserError>> {
    let mut check = Check::at(&["input"]);
    let name = check.tag_name("name", &input.name);
    let values = (
        (tags::id.eq(id), tags::created_at.eq(now), tags::updated_at.eq(now)),
        (tags::key.eq(tag_key(&name)), tags::name.eq(name), tags::color.eq(input.color)),
    );
    check.done(|| Write::new(diesel::insert_into(tags::table).values(values).returning(tags::id)))
}

fn changed(input: UpdateTagInput, now: DateTime) -> Result<Write, Vec<UserError>> {
    let patch = input.patch;
    let mut merge = Merge::new(RecordType::Tag, input.base_version, input.on_conflict);
    let mut check = Check::at(&["input", "patch"]);
    let name = check.kept("name", patch.name);
    let name = name.map(|name| check.tag_name("name", &name));
    let key = name.as_deref().map(tag_key);
    let set = (
        merge.set("name", tags::name, name),
        merge.set("name", tags::key, key),
        merge.set("color", tags::color, cleared(patch.color)),
        tags::updated_at.eq(now),
    );
    let tag = tags::table.find(input.id).filter(all(vec![live(), merge.gate()]));
    check.done(|| Write::new(diesel::update(tag).set(set).returning(tags::id)).merging(merge))
}
