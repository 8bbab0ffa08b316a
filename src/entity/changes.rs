//! The change feed as it is asked for: what changed since a cursor, page by page.

mod page;
pub mod tombstone;

use super::{Project, Tag, Task};
use crate::error::{Error, Result};
use crate::feed::RecordType;
use crate::feed::cursor::{Cursor, Place, Snapshot, Xid};
use crate::moment::Moment;
use crate::query::entity::{Entity, RecordScope};
use crate::query::page::LARGEST_PAGE;
use crate::query::plan::{Child, Json};
use crate::query::request::{Request, answer};
use crate::query::selection::Field;
use crate::query::statement::Slots;
use crate::query::turn::{Next, Outcome, Standing};
use crate::scalar::{ChangeCursor, DateTime};
use async_graphql::{ComplexObject, Context, Object, SimpleObject, Subscription};
use futures_util::Stream;
use futures_util::stream::once;
use page::{Page, records};
use serde::Deserialize;
use std::sync::Arc;
use tombstone::{Tombstone, tombstones};
use uuid::Uuid;

/// The root field of the feed.
#[derive(Debug, Default)]
pub struct ChangesQuery;

#[Object]
impl ChangesQuery {
    /// What changed since a cursor, tombstones included; without a cursor a full, pageable first load.
    /// A record may come again with the version that the client has: it is to be taken all the same. So do tasks
    /// whose project or tag comes back from the trash, for they are shown with it again.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor of the last page; none for a first load.")] since: Option<
            ChangeCursor,
        >,
        #[graphql(
            desc = "Which kinds of records; all unless said. A cursor goes on with its own."
        )]
        types: Option<Vec<RecordType>>,
        #[graphql(desc = "How many records and tombstones together: 500 at most.", default = 500)]
        first: i32,
    ) -> Result<ChangePage, Arc<Error>> {
        // The plan has refused what cannot be right, and said where.
        let brought: Brought = answer(ctx).await?;
        Ok(brought.page(Wanted::of(since, types, Some(first))?)?)
    }
}

impl ChangesQuery {
    /// The plan of the root field.
    pub(crate) fn plan(field: &Field, moment: &Moment) -> Result<Option<Json>> {
        if field.name != "changes" {
            return Ok(None);
        }
        let wanted = Wanted::of(
            field.argument("since")?,
            field.argument("types")?,
            field.argument("first")?,
        )?;
        let (mut children, mut most) = (Vec::new(), 1);
        for part in &field.sub {
            let (json, cost) = match part.name.as_str() {
                "tasks" => live::<Task>(part, RecordType::Task, moment)?,
                "projects" => live::<Project>(part, RecordType::Project, moment)?,
                "tags" => live::<Tag>(part, RecordType::Tag, moment)?,
                "deleted" => (tombstones(wanted.place()), 1),
                _ => continue,
            };
            most = most.max(cost);
            children.push(Child { slot: part.slot, json });
        }
        let cost = most.saturating_mul(wanted.first.into());
        let page = Page::new(&wanted, children);
        Ok(Some(page.json(cost)))
    }
}

/// The subscription to the feed.
#[derive(Debug, Default)]
pub struct ChangesSubscription;

#[Subscription]
impl ChangesSubscription {
    /// Replays from the cursor, then stays live; nothing is missed or sent out of order. As in the query, a record
    /// may come again with the version that the client has.
    async fn changes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The cursor of the last page; none for a first load before.")]
        since: Option<ChangeCursor>,
        #[graphql(
            desc = "Which kinds of records; all unless said. A cursor goes on with its own."
        )]
        types: Option<Vec<RecordType>>,
    ) -> Result<impl Stream<Item = ChangePage>, Arc<Error>> {
        // The cursor that was given is that of the first turn; later ones bring their own.
        drop(since);
        let request = Request::of(ctx)?;
        let since: Option<ChangeCursor> = request.field(ctx)?.argument("since")?;
        let is_first_load = since.is_none();
        let brought: Brought = answer(ctx).await?;
        let is_news = is_first_load || brought.found > 0 || brought.reset;
        let page = brought.page(Wanted::of(since, types, None)?)?;
        let next = match &page {
            page if page.reset_required => Next::Never,
            page if page.has_more => Next::Now,
            _ => Next::OnCommit,
        };
        request.turn()?.end(Outcome { standing: Standing::At(page.cursor.clone()), is_news, next });
        Ok(once(async { page }))
    }
}

/// The plan of the page's live records of one kind, and how many records each may bring.
fn live<E: Entity>(field: &Field, kind: RecordType, moment: &Moment) -> Result<(Json, u64)> {
    let rows = E::rows().filter(E::scoped(RecordScope::Live)).filter(E::with_id(records(kind)));
    let rows = rows.order(&E::sorting(Vec::new()));
    let record = E::record(rows, &field.sub, 1, moment)?;
    let cost = record.cost();
    Ok((Json::Many(record), cost))
}

/// What is asked of the feed.
struct Wanted {
    since: Option<Cursor>,
    types: Vec<RecordType>,
    first: u32,
}

impl Wanted {
    fn of(
        since: Option<ChangeCursor>,
        types: Option<Vec<RecordType>>,
        first: Option<i32>,
    ) -> Result<Self> {
        let mut types = types.unwrap_or_else(|| RecordType::ALL.to_vec());
        types.sort_unstable();
        types.dedup();
        if types.is_empty() {
            return Err(Error::bad_request("name one kind of record at least").within("types"));
        }
        let since = since.map(|cursor| Cursor::decode(&cursor)).transpose();
        let since = since.map_err(|error| error.within("since"))?;
        if since.as_ref().is_some_and(|cursor| cursor.types != types) {
            let message = "the cursor follows other kinds of records: start without one for these";
            return Err(Error::bad_request(message).within("types"));
        }
        let first = first.map_or(Some(LARGEST_PAGE), |first| u32::try_from(first).ok());
        let first = first.filter(|first| (1..=LARGEST_PAGE).contains(first)).ok_or_else(|| {
            let message = format!("a page of changes holds 1 to {LARGEST_PAGE} records");
            Error::bad_request(message).within("first")
        })?;
        Ok(Self { since, types, first })
    }

    fn place(&self) -> Option<&Place> {
        self.since.as_ref().map(|cursor| &cursor.place)
    }
}

/// A page as the statement brings it.
#[derive(Debug, Deserialize)]
struct Brought {
    feed: Uuid,
    /// The snapshot that the answer's pages share.
    target: Snapshot,
    /// Whether the cursor is of no use any more.
    reset: bool,
    /// How many records there are, counted to one more than wanted at least.
    found: u32,
    /// The change of the page's last record, where the page is one of changes.
    #[serde(default)]
    change: Option<(Xid, i64)>,
    /// The page's last record.
    record: Option<(RecordType, Uuid)>,
    /// Whether more has changed since the snapshot that the pages share.
    #[serde(default)]
    newer: Option<bool>,
    slots: Slots,
}

impl Brought {
    fn page(self, wanted: Wanted) -> Result<ChangePage> {
        let cut = self.found > wanted.first;
        let cursor = match wanted.since {
            // Whoever goes on with it is told again.
            Some(cursor) if self.reset => cursor,
            since => Cursor {
                feed: self.feed,
                types: wanted.types,
                place: next(
                    since.map(|since| since.place),
                    cut,
                    self.target,
                    self.change,
                    self.record,
                ),
            },
        };
        Ok(ChangePage {
            cursor: cursor.encode()?,
            has_more: !self.reset && (cut || self.newer == Some(true)),
            reset_required: self.reset,
            slots: self.slots,
        })
    }
}

/// The place after a page: within its answer, where that was cut, or at the answer's end.
fn next(
    before: Option<Place>,
    cut: bool,
    target: Snapshot,
    change: Option<(Xid, i64)>,
    record: Option<(RecordType, Uuid)>,
) -> Place {
    match (before, change, record) {
        (Some(Place::Since(then) | Place::Within { then, .. }), Some(last), _) if cut => {
            Place::Within { then, target, last }
        }
        (None | Some(Place::Loading { .. }), _, Some(last)) if cut => {
            Place::Loading { target, last }
        }
        _ => Place::Since(target),
    }
}

/// One page of changes: live records as they are now, and in deleted what left the live set.
///
/// first counts all four together; link by id, a parent may come later. resetRequired: the cursor is
/// older than what is kept, or of another feed; start again without one.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct ChangePage {
    /// Where this page ends: the next one starts there.
    pub cursor: ChangeCursor,
    /// Whether there is more already.
    pub has_more: bool,
    /// Whether the cursor is older than what is kept, or of another feed: start again without one.
    pub reset_required: bool,
    #[graphql(skip)]
    slots: Slots,
}

#[ComplexObject]
impl ChangePage {
    /// The server's clock: the now of this request.
    async fn server_time(&self, ctx: &Context<'_>) -> Result<DateTime> {
        Ok(DateTime(Request::of(ctx)?.moment.now))
    }

    /// Projects that were made or changed.
    async fn projects(&self, ctx: &Context<'_>) -> Result<Vec<Project>> {
        self.slots.at(ctx)
    }

    /// Tags that were made or changed.
    async fn tags(&self, ctx: &Context<'_>) -> Result<Vec<Tag>> {
        self.slots.at(ctx)
    }

    /// Tasks that were made or changed, also where only their tags were; and those that are shown with a project
    /// or tag again that was in the trash.
    async fn tasks(&self, ctx: &Context<'_>) -> Result<Vec<Task>> {
        self.slots.at(ctx)
    }

    /// Records that are in the trash, purged, or merged into others.
    async fn deleted(&self, ctx: &Context<'_>) -> Result<Vec<Tombstone>> {
        self.slots.at(ctx)
    }
}
