//! What there is to say of a record on its way from a source.
//!
//! Whoever meets something odd says it at once; `report.rs` prints it.

use super::snapshot::{Kind, LeftOut};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The record is not imported, and should have been.
    Rejected,
    /// Something of the record could not be kept as it was, or had to be guessed.
    Warning,
    /// The record is not imported, and should not be.
    Skipped,
    /// Worth knowing.
    Information,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Warning => "warning",
            Self::Skipped => "skipped",
            Self::Information => "information",
        }
    }
}

/// Something that the report says about a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// The kind of the record.
    pub kind: Kind,
    /// The record's id in the source; empty where it has none.
    pub record: String,
    /// A short code that scripts can rely on, for example `unknown_status`.
    pub code: &'static str,
    /// The property in question; empty where it is the whole record.
    pub property: String,
    /// The value in question; empty where there is none.
    pub value: String,
    /// What was done and why, for a person.
    pub reason: String,
    /// The original of a record that is not imported.
    pub original: Option<Vec<u8>>,
}

impl Finding {
    /// One about a whole record.
    pub(crate) fn new(
        severity: Severity,
        kind: Kind,
        record: &str,
        code: &'static str,
        reason: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            kind,
            record: record.to_owned(),
            code,
            property: String::new(),
            value: String::new(),
            reason: reason.into(),
            original: None,
        }
    }

    /// What of the record it is about.
    pub(crate) fn at(mut self, property: &str, value: &str) -> Self {
        property.clone_into(&mut self.property);
        value.clone_into(&mut self.value);
        self
    }

    /// A record that is not imported, with its original.
    pub(crate) fn left_out(
        (kind, record): (Kind, &str),
        why: LeftOut,
        code: &'static str,
        reason: impl Into<String>,
        original: Vec<u8>,
    ) -> Self {
        let severity = match why {
            LeftOut::Trashed => Severity::Skipped,
            LeftOut::Rejected => Severity::Rejected,
        };
        Self { original: Some(original), ..Self::new(severity, kind, record, code, reason) }
    }

    /// A record that is there more than once.
    pub(crate) fn repeated(kind: Kind, record: &str) -> Self {
        let reason = "it is there more than once; the newest was taken";
        Self::new(Severity::Information, kind, record, "duplicate_record", reason)
    }
}
