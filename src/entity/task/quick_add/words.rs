//! The words of a hastily typed text, and those that are marked: #tag, p:project, !priority.

use crate::entity::task::TaskPriority;
use crate::fold::tag_name;

/// What a marked word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A tag of this name.
    Tag,
    /// Perhaps a project of this title.
    Project,
    /// A priority.
    Priority(TaskPriority),
}

/// The marks before the names of tags, and the prefixes of the tags that they mean.
const TAGS: [(&str, &str); 4] = [("#", ""), ("a:", "area:"), ("act:", "act:"), ("t:", "topic:")];
const PROJECT: &str = "p:";
/// Straight and as telephones write them.
const OPENING: [char; 3] = ['"', '“', '„'];
const CLOSING: [char; 3] = ['"', '”', '“'];
/// How far a closing quote may be, in characters.
const QUOTED: usize = 500;
/// How long the name of a tag may be.
const TAG_NAME: usize = 200;
/// What may stand behind a token and does not belong to it.
const ENDS: [char; 3] = [',', ';', '.'];

/// The words of a line; a marked one in quotes goes as far as they do.
pub(super) fn words(line: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let end = quoted(rest).or_else(|| rest.find(char::is_whitespace)).unwrap_or(rest.len());
        let (word, others) = rest.split_at(end);
        words.push(word);
        rest = others.trim_start();
    }
    words
}

/// How long the word at the start is, where it is a mark with something in quotes.
fn quoted(text: &str) -> Option<usize> {
    let value = marks().find_map(|mark| after(text, mark))?;
    let inner = value.strip_prefix(OPENING)?;
    let mut letters = inner.char_indices().take(QUOTED);
    let (at, quote) = letters.find(|(_, letter)| CLOSING.contains(letter))?;
    let behind = inner.get(at + quote.len_utf8()..)?;
    let behind = behind.trim_start_matches(ENDS);
    let closed = behind.is_empty() || behind.starts_with(char::is_whitespace);
    closed.then(|| text.len() - behind.len())
}

fn marks() -> impl Iterator<Item = &'static str> {
    TAGS.iter().map(|(mark, _)| *mark).chain([PROJECT])
}

/// What stands behind a mark, whatever its case.
fn after<'a>(text: &'a str, mark: &str) -> Option<&'a str> {
    let start = text.get(..mark.len())?;
    if start.eq_ignore_ascii_case(mark) { text.get(mark.len()..) } else { None }
}

/// A marked word: what it is, and its name without quotes.
pub(super) fn marked(word: &str) -> Option<(Mark, String)> {
    if let Some(level) = word.strip_prefix('!') {
        return priority(bare(level)).map(|priority| (Mark::Priority(priority), String::new()));
    }
    if let Some(title) = after(word, PROJECT) {
        return Some((Mark::Project, named(title)?.to_owned()));
    }
    let tag = |(mark, prefix)| Some(format!("{prefix}{}", named(after(word, mark)?)?));
    let name = TAGS.into_iter().find_map(tag)?;
    let fits = name.chars().count() <= TAG_NAME && !name.starts_with('#');
    fits.then_some((Mark::Tag, name))
}

/// A name behind a mark, without its quotes; none where there is nothing but signs.
fn named(value: &str) -> Option<&str> {
    let name = match value.strip_prefix(OPENING) {
        Some(inner) => inner.trim_end_matches(ENDS).strip_suffix(CLOSING)?,
        None => value.trim_end_matches(ENDS).trim_end_matches(['!', '?']),
    };
    let says = |letter: char| letter.is_alphanumeric() || !letter.is_ascii();
    (name.contains(says) && !tag_name(name).is_empty()).then(|| name.trim())
}

fn priority(level: &str) -> Option<TaskPriority> {
    let levels = [
        (["1", "urgent"], TaskPriority::Urgent),
        (["2", "high"], TaskPriority::High),
        (["3", "medium"], TaskPriority::Medium),
        (["4", "low"], TaskPriority::Low),
    ];
    let level = levels.into_iter().find(|(names, _)| is_word(level, names))?;
    Some(level.1)
}

/// A word without what stands behind it.
pub(super) fn bare(word: &str) -> &str {
    word.trim_end_matches(ENDS)
}

/// Whether a word is one of these, whatever its case.
pub(super) fn is_word(word: &str, these: &[&str]) -> bool {
    these.iter().any(|it| word.eq_ignore_ascii_case(it))
}
