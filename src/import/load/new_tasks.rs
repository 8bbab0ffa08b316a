//! New tasks and their links to tags, written by one statement whatever their number.
//!
//! In one statement, because what a task is found by is written once then, and not again for its tags.

use super::record::TaskRow;
use crate::query::enumeration::Labelled;
use crate::tables::{task_tags, tasks};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{self, Array, Nullable};
use uuid::Uuid;

/// Declares the columns of a task: what is kept of a row, and as what it is sent.
macro_rules! columns {
    ($row:ident: $( $column:ident: $type:ty = $value:expr => $sql_type:ty, $cast:literal; )+) => {
        /// Tasks, column by column, and their links.
        #[derive(Default)]
        pub(super) struct NewTasks<'a> {
            id: Vec<Uuid>,
            $( $column: Vec<$type>, )+
            linked_tasks: Vec<Uuid>,
            linked_tags: Vec<Uuid>,
            linked_open: Vec<bool>,
        }

        impl<'a> NewTasks<'a> {
            /// Adds one, with its tags.
            pub(super) fn add(&mut self, $row: &TaskRow<'a>, tags: impl IntoIterator<Item = Uuid>) {
                for tag in tags {
                    self.linked_tasks.push($row.id);
                    self.linked_tags.push(tag);
                    self.linked_open.push($row.status.is_open());
                }
                self.id.push($row.id);
                $( self.$column.push($value); )+
            }

            /// `(id, …) SELECT * FROM unnest($1, …)`.
            fn push_rows<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<()> {
                out.push_sql(concat!(" (id", $( ", ", stringify!($column), )+ ")"));
                out.push_sql(" SELECT * FROM unnest(");
                out.push_bind_param::<Array<sql_types::Uuid>, _>(&self.id)?;
                $(
                    out.push_sql(", ");
                    out.push_bind_param::<Array<$sql_type>, _>(&self.$column)?;
                    out.push_sql($cast);
                )+
                out.push_sql(")");
                Ok(())
            }
        }
    };
}

columns! { row:
    title: &'a str = row.title => sql_types::Text, "";
    description: Option<&'a str> = row.description => Nullable<sql_types::Text>, "";
    status: &'static str = row.status.label() => sql_types::Text, "::task_status[]";
    priority: &'static str = row.priority.label() => sql_types::Text, "::task_priority[]";
    due_date: Option<NaiveDate> = row.due_date => Nullable<sql_types::Date>, "";
    due_at: Option<DateTime<Utc>> = row.due_at => Nullable<sql_types::Timestamptz>, "";
    scheduled_date: Option<NaiveDate> = row.scheduled_date => Nullable<sql_types::Date>, "";
    completed_at: Option<DateTime<Utc>> = row.completed_at => Nullable<sql_types::Timestamptz>, "";
    energy: Option<&'static str> = row.energy.0.map(Labelled::label) => Nullable<sql_types::Text>, "::energy_level[]";
    time_estimate: Option<&'static str> =
        row.time_estimate.0.map(Labelled::label) => Nullable<sql_types::Text>, "::time_estimate[]";
    source: Option<&'a str> = row.source => Nullable<sql_types::Text>, "";
    project_id: Option<Uuid> = row.project_id => Nullable<sql_types::Uuid>, "";
    parent_id: Option<Uuid> = row.parent_id => Nullable<sql_types::Uuid>, "";
    position: Option<String> = row.position.clone() => Nullable<sql_types::Text>, "";
    created_at: DateTime<Utc> = row.created_at => sql_types::Timestamptz, "";
    updated_at: DateTime<Utc> = row.updated_at => sql_types::Timestamptz, "";
}

impl QueryId for NewTasks<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

/// `WITH linked AS (INSERT INTO task_tags …) INSERT INTO tasks …`: the part that nothing reads runs last,
/// when there are the tasks.
impl QueryFragment<Pg> for NewTasks<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("WITH linked AS (INSERT INTO ");
        task_tags::table.walk_ast(out.reborrow())?;
        out.push_sql(" (task_id, tag_id, task_open) SELECT * FROM unnest(");
        out.push_bind_param::<Array<sql_types::Uuid>, _>(&self.linked_tasks)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<sql_types::Uuid>, _>(&self.linked_tags)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<sql_types::Bool>, _>(&self.linked_open)?;
        out.push_sql(")) INSERT INTO ");
        tasks::table.walk_ast(out.reborrow())?;
        self.push_rows(&mut out)
    }
}
