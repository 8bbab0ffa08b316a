//! What a person types in haste, understood: a task's title with tags, a project, a priority, days and
//! times of day among the words, and subtasks in the lines below.
//!
//! It is pure and knows no database: which words name a project is asked of the caller. What is not
//! understood stays in the title.

pub mod adding;
mod day;
mod words;

use super::TaskPriority;
use crate::fold::tag_key;
use crate::moment::Moment;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use std::ops::Range;
use words::{Mark, is_word, marked, words};

/// What was understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Understood {
    /// The words that mean nothing else.
    pub(super) title: String,
    /// The tags, each once, in their order.
    pub(super) tag_names: Vec<String>,
    /// The title of a project, as it was typed.
    pub(super) project: Option<String>,
    /// The priority.
    pub(super) priority: Option<TaskPriority>,
    /// When it is due.
    pub(super) due: Option<Due>,
    /// The titles of the subtasks.
    pub(super) subtasks: Vec<String>,
}

/// When a task is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// On a day.
    Day(NaiveDate),
    /// At an instant.
    At(DateTime<Utc>),
}

/// Understands a text at a moment.
pub(super) fn understand(
    text: &str,
    moment: &Moment,
    is_project: impl Fn(&str) -> bool,
) -> Understood {
    let (head, subtasks) = lines(text);
    let mut found = Understood { subtasks, ..Understood::default() };
    let (mut day, mut time) = (None, None);
    let words: Vec<&str> = head.iter().flat_map(|line| words(line)).collect();
    let mut kept: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    while let Some((word, rest)) = words.get(start).zip(words.get(start..)) {
        let mut token = start..start + 1;
        match (marked(word), when(rest, moment)) {
            (Some((Mark::Project, title)), _) if is_project(&title) => found.project = Some(title),
            (Some((Mark::Tag, name)), _) => found.tag_names.push(name),
            (Some((Mark::Priority(priority), _)), _) => found.priority = Some(priority),
            (None, Some((When::Day(said), used))) => {
                token.end = start + used;
                day = Some((said, token.clone()));
            }
            (None, Some((When::Time(said), used))) => {
                token.end = start + used;
                time = Some((said, token.clone()));
            }
            _ => kept.push(token.clone()),
        }
        start = token.end;
    }
    let (day, of_day) = day.unzip();
    let (time, of_time) = time.unzip();
    found.due = due(day, time, moment);
    if found.due.is_none() {
        // There is no such instant: what was meant as one is a part of the title.
        kept.extend(of_day.into_iter().chain(of_time));
        kept.sort_by_key(|words| words.start);
    }
    let kept = kept.into_iter().filter_map(|kept| words.get(kept)).flatten();
    found.title = kept.copied().collect::<Vec<_>>().join(" ");
    let mut seen = std::collections::BTreeSet::new();
    found.tag_names.retain(|name| seen.insert(tag_key(name)));
    found
}

/// The titles that may be those of projects.
pub(super) fn project_titles(text: &str) -> Vec<String> {
    let (head, _) = lines(text);
    let marks = head.into_iter().flat_map(words).filter_map(marked);
    marks.filter(|(mark, _)| *mark == Mark::Project).map(|(_, title)| title).collect()
}

/// The lines of the title, and the subtasks: the lines below that start with a dash.
fn lines(text: &str) -> (Vec<&str>, Vec<String>) {
    let (mut head, mut subtasks) = (Vec::new(), Vec::new());
    for line in text.split(['\n', '\r', '\u{2028}', '\u{2029}']).map(str::trim) {
        match line.strip_prefix(DASHES) {
            Some(title) if !head.is_empty() => {
                let title = title.trim_start_matches(DASHES).trim();
                subtasks.extend((!title.is_empty()).then(|| title.to_owned()));
            }
            _ if line.is_empty() => {}
            _ => head.push(line),
        }
    }
    (head, subtasks)
}

const DASHES: [char; 3] = ['-', '–', '—'];

/// A day or a time of day.
#[derive(Clone, Copy, Debug)]
enum When {
    Day(NaiveDate),
    Time(NaiveTime),
}

/// The day or time with which these words begin, and how many of them say it. The preposition before it
/// belongs to it.
fn when(words: &[&str], moment: &Moment) -> Option<(When, usize)> {
    let said = |words: &[&str]| {
        let day = day::day(words, moment).map(|(day, used)| (When::Day(day), used));
        day.or_else(|| day::time(words).map(|(time, used)| (When::Time(time), used)))
    };
    if let Some(found) = said(words) {
        return Some(found);
    }
    let (first, others) = words.split_first()?;
    let (found, used) = said(others)?;
    let fits = match found {
        When::Day(_) => is_word(first, &["on", "by"]),
        When::Time(_) => is_word(first, &["at", "by"]),
    };
    fits.then_some((found, used + 1))
}

/// What a day and a time mean together; nothing at the ends of the calendar, where an instant has no day in some
/// zones. A time alone is today's, or tomorrow's where it has passed.
fn due(day: Option<NaiveDate>, time: Option<NaiveTime>, moment: &Moment) -> Option<Due> {
    let Some(time) = time else {
        return day.map(Due::Day);
    };
    let on = |day: NaiveDate| day::instant(day.and_time(time), moment);
    let Some(day) = day else {
        let today = on(moment.today()).filter(|instant| *instant >= moment.now);
        return today.or_else(|| on(moment.today().succ_opt()?)).map(Due::At);
    };
    on(day).map(Due::At)
}

#[cfg(test)]
mod table;
