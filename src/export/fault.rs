//! What can go wrong with a question to Notion, sorted by what is to be done about it.

use thiserror::Error;

/// Why a question has no answer.
#[derive(Debug, Error)]
pub enum Fault {
    /// The token is wrong, or not valid any longer.
    #[error(
        "Notion does not take the token in NOTION_TOKEN: it is wrong or was revoked; \
         see https://www.notion.so/my-integrations"
    )]
    Token,
    /// The integration may not do what was asked for.
    #[error("the integration may not read this; give it the capability \"Read content\" ({0})")]
    Forbidden(String),
    /// It is not there, or not shared with the integration: Notion does not tell these apart.
    #[error("it is not there, or not shared with the integration")]
    NotFound,
    /// The place in a list is not known any longer.
    #[error("Notion forgot the place in its list")]
    Cursor,
    /// Notion understood the question and will never answer it.
    #[error("Notion refuses the request: {0}")]
    Refused(String),
    /// A database with several data sources, asked for in words that know of one.
    #[error(
        "the database has several data sources, which version 2022-06-28 of Notion's API cannot read; \
         give --notion-version 2025-09-03, and another directory where this one holds an export already"
    )]
    SeveralSources,
    /// No answer came for as long as it was worth waiting.
    #[error("Notion does not answer: {0}")]
    Unreachable(String),
    /// Notion wants to be left alone for so many seconds.
    #[error("Notion takes no more requests for {0} seconds; begin again after that")]
    Busy(u64),
    /// The answer is none that Notion gives.
    #[error("the answer is none of Notion's: {0}")]
    Strange(String),
}

impl Fault {
    /// Whether it concerns nothing but the one thing that was asked for: the rest can go on.
    pub(super) fn is_of_one_record(&self) -> bool {
        matches!(self, Self::NotFound | Self::Refused(_) | Self::Forbidden(_) | Self::Cursor)
    }
}
