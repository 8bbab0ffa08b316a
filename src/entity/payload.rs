//! What the payloads of all mutations share.

use super::project::ProjectPayload;
use super::push::SyncPushPayload;
use super::tag::TagPayload;
use super::task::change::TaskPayload;
use super::task::quick_add::adding::QuickAddPayload;
use super::trash::DeletePayload;
use crate::scalar::{ChangeCursor, Key};
use crate::write::user_error::UserError;
use async_graphql::Interface;

/// Business errors come here; top-level errors are left for requests that could not be served at all.
///
/// `cursor` is a mark: a page of changes whose cursor is at or past it contains this write. Pull from
/// your last page's cursor, not from here.
#[derive(Debug, Interface)]
#[graphql(
    field(
        name = "user_errors",
        ty = "&Vec<UserError>",
        desc = "Why it was refused; empty where it was done."
    ),
    field(
        name = "cursor",
        ty = "&ChangeCursor",
        desc = "A mark in the change feed: a page of changes whose cursor is at or past it contains this write."
    ),
    field(
        name = "client_mutation_id",
        ty = "&Option<Key>",
        desc = "The client's key of the write, as it was given."
    ),
    field(
        name = "replayed",
        ty = "&bool",
        desc = "Whether it was done before under the same key: this is the first answer, its record as it is now."
    )
)]
pub enum MutationPayload {
    /// Of a task.
    Task(TaskPayload),
    /// Of a project.
    Project(ProjectPayload),
    /// Of a tag.
    Tag(TagPayload),
    /// Of a hastily typed text.
    QuickAdd(QuickAddPayload),
    /// Of a deletion.
    Delete(DeletePayload),
    /// Of an offline queue.
    SyncPush(SyncPushPayload),
}
