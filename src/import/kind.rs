//! The kinds of records as the database names them.

use super::snapshot::Kind;
use crate::query::enumeration::Label;
use crate::tables::sql_types;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::pg::{Pg, PgValue};

/// A kind that was read.
#[derive(Clone, Copy, Debug, FromSqlRow)]
pub(super) struct Typed(pub(super) Kind);

impl FromSql<sql_types::RecordType, Pg> for Typed {
    fn from_sql(value: PgValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(match value.as_bytes() {
            b"project" => Kind::Project,
            b"tag" => Kind::Tag,
            b"task" => Kind::Task,
            other => return Err(String::from_utf8_lossy(other).into()),
        }))
    }
}

/// A kind that is written.
pub(super) fn label(kind: Kind) -> Label<sql_types::RecordType> {
    let label = match kind {
        Kind::Project => "project",
        Kind::Tag => "tag",
        Kind::Task => "task",
    };
    Label::new(Some(label), "::record_type")
}
