//! Snippets: the part of a text in which the words of a search are, with marks around them.

use crate::fold::{fold, is_blank};
use crate::query::search::Search;
use std::collections::HashSet;
use std::ops::Range;

/// How many characters a snippet shows.
const LENGTH: usize = 160;
/// How many of them stand before the first hit.
const BEFORE: usize = 40;

/// The snippet of the text in which most of the words are: the first one among equals.
pub(super) fn of<'a>(texts: impl Iterator<Item = &'a str>, search: &'a Search) -> String {
    let mut best: Option<Marked<'a>> = None;
    for text in texts {
        let marked = Marked::new(text, search);
        if best.as_ref().is_none_or(|best| marked.different > best.different) {
            best = Some(marked);
        }
    }
    best.map(|marked| marked.cut()).unwrap_or_default()
}

/// A text, and where it holds words of a search.
struct Marked<'a> {
    text: &'a str,
    hits: Vec<Hit<'a>>,
    different: usize,
}

/// A place in a text, and which word is met there.
struct Hit<'a> {
    place: Range<usize>,
    wanted: &'a str,
}

impl<'a> Marked<'a> {
    fn new(text: &'a str, search: &'a Search) -> Self {
        let mut hits = Vec::new();
        for (word, place) in placed(text) {
            let wanted = search.wanted().find(|wanted| wanted.is_met_by(&word));
            hits.extend(wanted.map(|wanted| Hit { place, wanted: &wanted.text }));
        }
        let different = different(&hits);
        Self { text, hits, different }
    }

    /// The first hit from which on a snippet shows most of the words.
    fn first(&self) -> usize {
        let mut best = (0, 0);
        for (index, hit) in self.hits.iter().enumerate() {
            let within = self.hits.get(index..).unwrap_or_default();
            let near =
                within.partition_point(|other| other.place.end < hit.place.start + LENGTH - BEFORE);
            let shown = different(within.get(..near).unwrap_or_default());
            if shown > best.0 {
                best = (shown, hit.place.start);
            }
            if shown == self.different {
                break;
            }
        }
        best.1
    }

    /// The part around the hits, each between marks, on one line.
    fn cut(&self) -> String {
        let start = back(self.text, self.first(), BEFORE);
        let end = forth(self.text, start, LENGTH);
        let mut marked = String::from(if start > 0 { "… " } else { "" });
        let mut at = start;
        let shown = self.hits.iter().map(|hit| &hit.place);
        for place in shown.filter(|place| place.start >= start && place.end <= end) {
            let between = self.text.get(at..place.start).unwrap_or_default();
            let word = self.text.get(place.clone()).unwrap_or_default();
            marked.extend([between, "«", word, "»"]);
            at = place.end;
        }
        marked.push_str(self.text.get(at..end).unwrap_or_default());
        marked.push_str(if end < self.text.len() { " …" } else { "" });
        let words: Vec<_> = marked.split_whitespace().collect();
        words.join(" ")
    }
}

/// How many different words are met.
fn different(hits: &[Hit<'_>]) -> usize {
    hits.iter().map(|hit| hit.wanted).collect::<HashSet<_>>().len()
}

/// The words of a text, folded, and where each stands in it.
fn placed(text: &str) -> Vec<(String, Range<usize>)> {
    let mut words: Vec<(String, Range<usize>)> = Vec::new();
    let mut inside = false;
    for (start, letter) in text.char_indices() {
        let end = start + letter.len_utf8();
        let folded = fold(letter.encode_utf8(&mut [0; 4]));
        if let Some((_, place)) = words.last_mut().filter(|_| inside && folded.is_empty()) {
            // An accent of its own belongs to the letter before it.
            place.end = end;
        }
        for folded in folded.chars() {
            let blank = is_blank(folded);
            match words.last_mut().filter(|_| inside && !blank) {
                Some((word, place)) => {
                    word.push(folded);
                    place.end = end;
                }
                None if !blank => words.push((folded.to_string(), start..end)),
                None => {}
            }
            inside = !blank;
        }
    }
    words
}

/// The start of a word at most so many characters before a place.
fn back(text: &str, place: usize, most: usize) -> usize {
    let before = text.get(..place).unwrap_or_default();
    let Some((start, _)) = before.char_indices().rev().nth(most) else {
        return 0;
    };
    let blank = before.get(start..).and_then(|part| part.find(char::is_whitespace));
    blank.map_or(place, |blank| start + blank)
}

/// The end of a word at most so many characters behind a place.
fn forth(text: &str, place: usize, most: usize) -> usize {
    let behind = text.get(place..).unwrap_or_default();
    let Some((end, _)) = behind.char_indices().nth(most) else {
        return text.len();
    };
    let blank = behind.get(..end).and_then(|part| part.rfind(char::is_whitespace));
    place + blank.filter(|blank| *blank > 0).unwrap_or(end)
}
