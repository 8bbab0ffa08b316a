//! The scalars of the API: how ids, instants, days and the like are read and written.
//!
//! Each is a thin wrapper that is also a Diesel value, so that one struct can be row and API object.

use crate::moment::bounds;
use async_graphql::parser::types::Field;
use async_graphql::registry::Registry;
use async_graphql::{
    ContextSelectionSet, InputType, InputValueError, InputValueResult, OutputType, Pos, Positioned,
    Scalar, ScalarType, ServerResult, Value,
};
use chrono::{NaiveDate, SecondsFormat, SubsecRound, Utc};
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::pg::{Pg, PgValue};
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use uuid::Uuid;

/// Delegates a wrapper's Diesel conversions to the value inside.
macro_rules! stored_as {
    ($wrapper:ident($inner:ty) as $sql_type:ty) => {
        impl ToSql<$sql_type, Pg> for $wrapper {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                <$inner as ToSql<$sql_type, Pg>>::to_sql(&self.0, out)
            }
        }

        impl FromSql<$sql_type, Pg> for $wrapper {
            fn from_sql(bytes: PgValue<'_>) -> deserialize::Result<Self> {
                <$inner as FromSql<$sql_type, Pg>>::from_sql(bytes).map(Self)
            }
        }
    };
}

/// Reads a scalar from a string by `read`, or says what would have been right.
fn from_string<T: InputType>(
    value: Value,
    read: impl Fn(&str) -> Option<T>,
    wanted: &str,
) -> InputValueResult<T> {
    let Value::String(text) = &value else {
        return Err(InputValueError::expected_type(value));
    };
    read(text).ok_or_else(|| InputValueError::custom(format!("{text:?} is not {wanted}")))
}

/// The id of a record: `ID` to GraphQL, a UUID everywhere else.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = sql_types::Uuid)]
pub struct Id(pub Uuid);
stored_as! { Id(Uuid) as sql_types::Uuid }

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

// By hand and not `#[Scalar]`: the name `ID` is GraphQL's own and is registered already.
impl InputType for Id {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <async_graphql::ID as InputType>::create_type_info(registry)
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let read = |text: &str| Uuid::try_parse(text).ok().map(Self);
        from_string(value.unwrap_or_default(), read, "a UUID")
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl OutputType for Id {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("ID")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        <async_graphql::ID as OutputType>::create_type_info(registry)
    }

    async fn resolve(
        &self,
        _: &ContextSelectionSet<'_>,
        _: &Positioned<Field>,
    ) -> ServerResult<Value> {
        Ok(InputType::to_value(self))
    }
}

/// RFC 9562 UUID, lower case with hyphens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub Uuid);

/// RFC 9562 UUID, lower case with hyphens.
#[Scalar(name = "UUID", specified_by_url = "https://www.rfc-editor.org/rfc/rfc9562")]
impl ScalarType for Key {
    fn parse(value: Value) -> InputValueResult<Self> {
        from_string(value, |text| Uuid::try_parse(text).ok().map(Self), "a UUID")
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// RFC 3339 instant, always written in UTC as 2026-01-20T06:30:00.000Z; any offset is accepted on input.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = sql_types::Timestamptz)]
pub struct DateTime(pub chrono::DateTime<Utc>);
stored_as! { DateTime(chrono::DateTime<Utc>) as sql_types::Timestamptz }

/// RFC 3339 instant, always written in UTC as 2026-01-20T06:30:00.000Z; any offset is accepted on input.
#[Scalar(
    name = "DateTime",
    specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html"
)]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = |text: &str| {
            let instant = chrono::DateTime::parse_from_rfc3339(text).ok()?.to_utc();
            bounds::is_instant(instant).then(|| Self(instant.trunc_subsecs(3)))
        };
        from_string(value, read, "an RFC 3339 instant such as 2026-01-20T06:30:00Z")
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

/// Calendar day, YYYY-MM-DD, without a zone.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    AsExpression,
    FromSqlRow,
)]
#[serde(transparent)]
#[diesel(sql_type = sql_types::Date)]
pub struct Date(pub NaiveDate);
stored_as! { Date(NaiveDate) as sql_types::Date }

/// Calendar day, YYYY-MM-DD, without a zone.
#[Scalar(name = "Date", specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = |text: &str| {
            let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
            // chrono reads 2026-1-5 and +2026-01-05 too: only the one written form is a Date.
            (bounds::is_day(day) && day.to_string() == text).then_some(Self(day))
        };
        from_string(value, read, "a day such as 2026-01-20")
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_string())
    }
}

/// IANA time zone name, for example Australia/Sydney.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeZone(pub chrono_tz::Tz);

/// IANA time zone name, for example Australia/Sydney.
#[Scalar(name = "TimeZone", specified_by_url = "https://www.iana.org/time-zones")]
impl ScalarType for TimeZone {
    fn parse(value: Value) -> InputValueResult<Self> {
        from_string(value, |text| text.parse().ok().map(Self), "an IANA time zone")
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.name().to_owned())
    }
}

/// Colour as #RRGGBB.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, AsExpression, FromSqlRow)]
#[serde(transparent)]
#[diesel(sql_type = sql_types::Text)]
pub struct HexColor(pub String);
stored_as! { HexColor(String) as sql_types::Text }

/// Colour as #RRGGBB.
#[Scalar(name = "HexColor", specified_by_url = "https://www.w3.org/TR/css-color-4/#hex-notation")]
impl ScalarType for HexColor {
    fn parse(value: Value) -> InputValueResult<Self> {
        let read = |text: &str| {
            let digits = text.strip_prefix('#')?;
            let good = digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            good.then(|| Self(text.to_owned()))
        };
        from_string(value, read, "a colour such as #1E90FF")
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Opaque position in the change feed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ChangeCursor(pub String);

/// Opaque position in the change feed.
#[Scalar(name = "ChangeCursor", specified_by_url = "https://www.rfc-editor.org/rfc/rfc4648")]
impl ScalarType for ChangeCursor {
    fn parse(value: Value) -> InputValueResult<Self> {
        from_string(value, |text| Some(Self(text.to_owned())), "a change cursor")
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A scalar of this name as it is plainly written, or why it cannot be right; nothing of a name that is
/// none. A text is itself.
pub(crate) fn read(name: &str, value: &Value) -> Option<Result<Value, String>> {
    fn plain<T: InputType>(value: &Value) -> Result<Value, String> {
        let refused = |error: InputValueError<T>| error.into_server_error(Pos::default()).message;
        T::parse(Some(value.clone())).map(|read| read.to_value()).map_err(refused)
    }
    let read = match name {
        "ID" => plain::<Id>,
        "UUID" => plain::<Key>,
        "DateTime" => plain::<DateTime>,
        "Date" => plain::<Date>,
        "TimeZone" => plain::<TimeZone>,
        "HexColor" => plain::<HexColor>,
        "ChangeCursor" => plain::<ChangeCursor>,
        // PostgreSQL keeps no NUL in text; dropping it in silence would change what was said.
        "String" if matches!(value, Value::String(text) if text.contains('\0')) => {
            return Some(Err("text must not hold the character NUL".to_owned()));
        }
        _ => return None,
    };
    Some(read(value))
}
