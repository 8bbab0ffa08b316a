//! The trash: what the deletion of any record answers.

use super::{Project, Tag, Task};
use crate::error::Result;
use crate::query::statement::Slots;
use crate::scalar::{ChangeCursor, DateTime, Id, Key};
use crate::write::Outcome;
use crate::write::user_error::UserError;
use async_graphql::{ComplexObject, Context, Interface, SimpleObject};
use serde::Deserialize;

/// What the change feed carries.
#[derive(Debug, Deserialize, Interface)]
#[expect(clippy::duplicated_attributes, reason = "two fields have the same type")]
#[graphql(
    field(name = "id", ty = "&Id", desc = "The only id of the record."),
    field(name = "version", ty = "&i32", desc = "Grows by one with every change of the record."),
    field(name = "created_at", ty = "&DateTime", desc = "When it was made."),
    field(name = "updated_at", ty = "&DateTime", desc = "When it was last changed."),
    field(
        name = "deleted_at",
        ty = "&Option<DateTime>",
        desc = "When it was moved to the trash; null while live."
    )
)]
pub enum SyncRecord {
    /// A task.
    Task(Task),
    /// A project.
    Project(Project),
    /// A tag.
    Tag(Tag),
}

/// What came of a deletion.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub struct DeletePayload {
    /// The id of the record that is in the trash now; null where the deletion was refused.
    pub deleted_id: Option<Id>,
    /// Why it was refused; empty where it was done.
    pub user_errors: Vec<UserError>,
    /// A mark in the change feed: a page of changes whose cursor is at or past it contains this write.
    pub cursor: ChangeCursor,
    /// The client's key of the write, as it was given.
    pub client_mutation_id: Option<Key>,
    /// Whether it was done before under the same key: this is the first answer, its record as it is now.
    pub replayed: bool,
    #[graphql(skip)]
    slots: Slots,
}

#[ComplexObject]
impl DeletePayload {
    /// The server's current record; null where it is gone for good.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<SyncRecord>> {
        self.slots.at(ctx)
    }
}

impl DeletePayload {
    pub(super) fn of(id: Id, outcome: Outcome) -> Self {
        let Outcome { slots, cursor, errors, client_mutation_id, replayed, .. } = outcome;
        let deleted_id = errors.is_empty().then_some(id);
        Self { deleted_id, user_errors: errors, cursor, client_mutation_id, replayed, slots }
    }
}
