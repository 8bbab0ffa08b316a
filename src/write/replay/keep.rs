//! The part of a write's statement that keeps what came of it.

use crate::query::expr::Sql;
use crate::scalar::DateTime;
use crate::write::written;
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Array, Bytea, Text, Timestamptz, Uuid};

/// The part of a write that keeps its outcome.
pub(crate) struct Keep {
    pub(super) keys: Vec<uuid::Uuid>,
    pub(super) scopes: Vec<&'static str>,
    pub(super) mutation: String,
    pub(super) hash: Vec<u8>,
    pub(super) records: Vec<uuid::Uuid>,
    pub(super) now: DateTime,
    pub(super) standing: Option<Sql>,
    /// Whether it looks at what others changed.
    pub(super) judged: bool,
    pub(super) recognised: Option<String>,
}

impl Keep {
    /// The same, which keeps this too.
    pub(in crate::write) fn recognising(self, recognised: Option<serde_json::Value>) -> Self {
        Self { recognised: recognised.map(|json| json.to_string()), ..self }
    }
}

impl QueryFragment<Pg> for Keep {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO outcomes (key, scope, mutation, input_hash, record_ids, at");
        out.push_sql(if self.judged { ", merged_fields, conflicting_fields" } else { "" });
        out.push_sql(if self.recognised.is_some() { ", recognised) " } else { ") " });
        out.push_sql("SELECT k.key, k.scope, ");
        out.push_bind_param::<Text, _>(&self.mutation)?;
        out.push_sql(", ");
        out.push_bind_param::<Bytea, _>(&self.hash)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Uuid>, _>(&self.records)?;
        out.push_sql(", ");
        out.push_bind_param::<Timestamptz, _>(&self.now)?;
        if self.judged {
            out.push_sql(", ARRAY(SELECT field FROM judged WHERE NOT conflicting ORDER BY field)");
            out.push_sql(", ARRAY(SELECT field FROM judged WHERE conflicting ORDER BY field)");
        }
        if let Some(recognised) = &self.recognised {
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(recognised)?;
            out.push_sql("::json");
        }
        out.push_sql(" FROM unnest(");
        out.push_bind_param::<Array<Uuid>, _>(&self.keys)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.scopes)?;
        out.push_sql(") AS k(key, scope) WHERE (EXISTS (SELECT FROM ");
        written::table.walk_ast(out.reborrow())?;
        out.push_sql(")");
        if let Some(standing) = &self.standing {
            out.push_sql(" OR ");
            standing.walk_ast(out.reborrow())?;
            if self.judged {
                // What was refused for a conflict may be sent again.
                out.push_sql(" AND NOT EXISTS (SELECT FROM judged WHERE conflicting)");
            }
        }
        out.push_sql(")");
        if self.judged {
            // And so may what was merged, where nothing of it was applied.
            out.push_sql(" AND (SELECT bool_and(conflicting) FROM judged) IS NOT TRUE");
        }
        out.push_sql(" RETURNING key");
        Ok(())
    }
}
