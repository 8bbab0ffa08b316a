//! Merging two tags into one.

use super::{Tag, TagPayload};
use crate::error::Result;
use crate::query::request::Request;
use crate::scalar::{DateTime, Id, Key};
use crate::write::user_error::{Constraint, UserErrorCode};
use crate::write::{Needs, Operation, Write, run};
use async_graphql::{Context, InputObject, Object};

/// Moves every task of one tag to another and deletes it.
#[derive(Clone, Copy, Debug, InputObject)]
pub struct MergeTagsInput {
    /// The same again does nothing more for 30 days, and gives the first answer.
    pub client_mutation_id: Option<Key>,
    /// The tag that goes to the trash.
    pub source_id: Id,
    /// The tag that its tasks bear from now on.
    pub into_id: Id,
}

/// Why two tags cannot be one.
const CONSTRAINTS: &[Constraint] = &[
    ("tags_merge_same_check", UserErrorCode::Invalid, "intoId", "a tag cannot become itself"),
    (
        "tags_merge_source_missing_check",
        UserErrorCode::NotFound,
        "sourceId",
        "there is no such tag",
    ),
    ("tags_merge_target_missing_check", UserErrorCode::NotFound, "intoId", "there is no such tag"),
    ("tags_merge_source_trash_check", UserErrorCode::InTrash, "sourceId", "it is in the trash"),
    ("tags_merge_target_trash_check", UserErrorCode::InTrash, "intoId", "it is in the trash"),
];

diesel::define_sql_function! {
    /// Puts a tag on all tasks that bear another, which goes to the trash.
    fn merge_tags(
        source: diesel::sql_types::Uuid, target: diesel::sql_types::Uuid, now: diesel::sql_types::Timestamptz
    ) -> diesel::sql_types::Uuid;
}

/// The mutation that merges tags.
#[derive(Debug, Default)]
pub struct MergingMutation;

#[Object]
impl MergingMutation {
    /// Puts a tag on every task that bears another, those in the trash too, and moves the other to the
    /// trash.
    async fn merge_tags(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The two tags.")] input: MergeTagsInput,
    ) -> Result<TagPayload> {
        let now = DateTime(Request::of(ctx)?.moment.now);
        let merged = diesel::select(merge_tags(input.source_id, input.into_id, now));
        let record = (input.into_id, Needs::Live);
        let operation =
            Operation::<Tag>::new(record, CONSTRAINTS, &["input"], Ok(Write::new(merged)));
        Ok(run(ctx, operation).await?.into())
    }
}
