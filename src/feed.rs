//! The change feed: what changed, told apart by snapshots of the database.
//!
//! A cursor is the snapshot of the statement that produced it, with the feed's id: what changed since
//! is what is visible now and was not then, in whatever order transactions commit.

use crate::scalar::ChangeCursor;
use crate::tables::settings;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use serde_json::value::RawValue;

/// JSON of the place in the feed at which a statement reads.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark;

impl QueryFragment<Pg> for Mark {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("json_build_array((SELECT ");
        settings::feed_id.walk_ast(out.reborrow())?;
        out.push_sql(" FROM ");
        settings::table.walk_ast(out.reborrow())?;
        out.push_sql("), pg_current_snapshot())");
        Ok(())
    }
}

/// The cursor of a [`Mark`] as the statement brought it.
pub(crate) fn cursor(mark: &RawValue) -> ChangeCursor {
    ChangeCursor(BASE64.encode(mark.get()))
}
