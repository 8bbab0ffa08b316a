//! Checks of what a client writes, before the database sees it.

use super::Write;
use super::user_error::{UserError, UserErrorCode};
use async_graphql::MaybeUndefined;

/// How many code points a title may have.
const TITLE: usize = 500;
/// How many code points a description may have.
const DESCRIPTION: usize = 1_000_000;
/// How many code points the name of a tag may have.
const TAG_NAME: usize = 200;
/// How many code points other short texts may have.
const WORD: usize = 200;

/// How many records a write may make beside its own, of each sort.
const MOST_AT_ONCE: usize = 100;

/// Checks the fields of one input, and collects what is wrong with them.
#[derive(Debug)]
pub(crate) struct Check<'a> {
    at: &'a [&'a str],
    /// What is wrong.
    pub(crate) errors: Vec<UserError>,
}

impl<'a> Check<'a> {
    /// Checks fields of the input at this path.
    pub(crate) fn at(at: &'a [&'a str]) -> Self {
        Self { at, errors: Vec::new() }
    }

    /// Notes an error of a field.
    pub(crate) fn refuse(&mut self, code: UserErrorCode, field: &str, message: &str) {
        let path: Vec<_> = self.at.iter().copied().chain([field]).collect();
        self.errors.push(UserError::new(code, &path, message));
    }

    /// The items of a list, each checked alike: what is wrong with one is told at its place. More than may be
    /// made at once are refused.
    pub(crate) fn each(
        &mut self,
        field: &str,
        items: &[String],
        check: impl Fn(&mut Self, &str, &str) -> String,
    ) -> Vec<String> {
        if items.len() > MOST_AT_ONCE {
            let message = format!("at most {MOST_AT_ONCE} at once");
            self.refuse(UserErrorCode::TooMany, field, &message);
        }
        let one = |(place, item): (usize, &String)| {
            let before = self.errors.len();
            let checked = check(self, field, item);
            let wrong = self.errors.iter_mut().skip(before);
            wrong.for_each(|error| error.path.push(place.to_string()));
            checked
        };
        items.iter().take(MOST_AT_ONCE).enumerate().map(one).collect()
    }

    /// A title, without the blanks around it.
    pub(crate) fn title(&mut self, field: &str, title: &str) -> String {
        self.needed(field, title, TITLE)
    }

    /// The name of a tag, as it will be written.
    pub(crate) fn tag_name(&mut self, field: &str, name: &str) -> String {
        self.needed(field, &crate::fold::tag_name(name), TAG_NAME)
    }

    /// The write, where nothing is wrong.
    pub(crate) fn done(self, write: impl FnOnce() -> Write) -> Result<Write, Vec<UserError>> {
        if self.errors.is_empty() { Ok(write()) } else { Err(self.errors) }
    }

    fn needed(&mut self, field: &str, text: &str, longest: usize) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.refuse(UserErrorCode::Required, field, "must not be blank");
        }
        self.short(field, text, longest);
        text.to_owned()
    }

    fn short(&mut self, field: &str, text: &str, longest: usize) {
        if text.chars().count() > longest {
            let message = format!("must have at most {longest} characters");
            self.refuse(UserErrorCode::Invalid, field, &message);
        }
    }

    /// A description; a blank one is none.
    pub(crate) fn description(&mut self, text: Option<String>) -> Option<String> {
        self.optional("description", text, DESCRIPTION)
    }

    /// A short text; a blank one is none.
    pub(crate) fn word(&mut self, field: &str, text: Option<String>) -> Option<String> {
        self.optional(field, text, WORD)
    }

    fn optional(&mut self, field: &str, text: Option<String>, most: usize) -> Option<String> {
        let text = text.filter(|text| !text.trim().is_empty())?;
        self.short(field, &text, most);
        Some(text)
    }

    /// The new value of a field that is never empty: absent keeps it, null is refused.
    pub(crate) fn kept<T>(&mut self, field: &str, value: MaybeUndefined<T>) -> Option<T> {
        if value.is_null() {
            self.refuse(UserErrorCode::Required, field, "must not be null");
        }
        value.take()
    }
}

/// The new value of a field that may be empty: absent keeps it, null clears it.
pub(crate) fn cleared<T>(value: MaybeUndefined<T>) -> Option<Option<T>> {
    match value {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// The value of a field of a new record: null and absent are alike.
pub(crate) fn given<T>(value: Option<T>) -> MaybeUndefined<T> {
    value.map_or(MaybeUndefined::Undefined, MaybeUndefined::Value)
}
