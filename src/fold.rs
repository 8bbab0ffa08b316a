//! Text without case and accents, and the keys of tags; the twins of functions of the database.

/// Text as it is compared.
#[must_use]
pub fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// The name of a tag as it is written.
#[must_use]
pub fn tag_name(name: &str) -> String {
    name.trim().to_owned()
}

/// What makes two tags the same.
#[must_use]
pub fn tag_key(name: &str) -> String {
    tag_name(name).to_lowercase()
}
