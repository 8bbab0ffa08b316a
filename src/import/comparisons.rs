//! How comparisons ended, remembered: by them it is told whether the owner can leave what is elsewhere.

use crate::error::Error;
use crate::query::enumeration::enumeration;
use crate::tables::comparisons;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};

enumeration! {
    /// Which command compared.
    ComparisonKind as ComparisonKind("::comparison_kind", "::comparison_kind[]") {
        /// Everything with the files that were imported.
        Verify = "verify",
        /// What is there now with what is here now.
        Compare = "compare",
    }
}

/// A comparison that came to its end.
#[derive(Clone, Debug, Insertable, Queryable, Selectable)]
#[diesel(table_name = comparisons, check_for_backend(diesel::pg::Pg))]
pub struct Comparison {
    /// Which command compared.
    pub kind: ComparisonKind,
    /// The system that was compared.
    pub source: String,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it came to its end.
    pub finished_at: DateTime<Utc>,
    /// How many differences there were, or records that differ.
    pub differing: i32,
    /// How many of them no edit made here accounts for.
    pub outstanding: i32,
}

impl Comparison {
    /// Remembers it.
    pub async fn remember(&self, connection: &mut AsyncPgConnection) -> anyhow::Result<()> {
        let remembering = diesel::insert_into(comparisons::table).values(self).execute(connection);
        remembering.await.map_err(|error| Error::from(error).revealed())?;
        Ok(())
    }

    /// Those of a system by one command, the last one first.
    pub async fn list(
        connection: &mut AsyncPgConnection,
        kind: ComparisonKind,
        source: &str,
    ) -> QueryResult<Vec<Self>> {
        comparisons::table
            .filter(comparisons::kind.eq(kind))
            .filter(comparisons::source.eq(source))
            .order(comparisons::id.desc())
            .select(Self::as_select())
            .load(connection)
            .await
    }
}
