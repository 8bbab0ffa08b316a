//! Searches: from a seed, and what they mean, said without SQL.
//!
//! All is quoted here, for then nothing is forgiven: names that are nearly like are another test's.

use super::filter::Asked;
use super::text::piece;
use super::world::{Dice, Project, Task};
use tomos::fold::words;

/// A search of some phrases, of which the last may still be being typed.
pub(crate) fn roll(dice: &mut Dice) -> String {
    let mut search = String::new();
    for n in 0..dice.pick(&[0, 1, 1, 1, 1, 2, 2, 3]) {
        if n > 0 {
            search.push_str(dice.pick(&[" ", " ", " OR "]));
        }
        search.push_str(dice.pick(&["", "", "", "-"]));
        search.extend(["\"", &piece(dice).replace('"', ""), "\""]);
    }
    if dice.one_in(2) && search.ends_with('"') {
        search.pop();
    }
    search
}

/// Whether a record with these texts is found.
fn holds(search: &str, texts: &[String]) -> bool {
    let texts: Vec<_> = texts.iter().map(|text| words(text)).collect();
    let mut alternatives = vec![Vec::new()];
    let mut rest = search;
    while let Some((before, phrase)) = rest.split_once('"') {
        let closed = phrase.contains('"');
        let (phrase, after) = phrase.split_once('"').unwrap_or((phrase, ""));
        rest = after;
        if before.starts_with(" OR ") {
            alternatives.push(Vec::new());
        }
        let (phrase, negated) = (words(phrase), before.ends_with('-'));
        if !phrase.is_empty() {
            let there = texts.iter().any(|text| has(text, &phrase, !closed && !negated));
            alternatives.last_mut().unwrap().push(there != negated);
        }
    }
    alternatives.iter().any(|terms| !terms.is_empty() && terms.iter().all(|holds| *holds))
}

/// Whether the words hold the phrase, of whose last word the beginning may do.
fn has(words: &[String], phrase: &[String], open: bool) -> bool {
    let (last, first) = phrase.split_last().unwrap();
    words.windows(phrase.len()).any(|window| {
        let (end, start) = window.split_last().unwrap();
        start == first && if open { end.starts_with(last) } else { end == last }
    })
}

impl Asked<'_> {
    pub(crate) fn finds_task(&self, search: &str, it: &Task) -> bool {
        let mut tags = self.tags_of(it);
        tags.sort_by_key(|tag| tag.id);
        let tags: Vec<_> = tags.iter().map(|tag| tag.name.as_str()).collect();
        let mut texts = vec![it.title.clone(), tags.join(" ")];
        texts.extend(self.project_of(it).map(|project| project.title.clone()));
        texts.extend(it.description.clone());
        holds(search, &texts)
    }

    pub(crate) fn finds_project(search: &str, it: &Project) -> bool {
        let texts: Vec<_> =
            [Some(it.title.clone()), it.description.clone()].into_iter().flatten().collect();
        holds(search, &texts)
    }
}
