//! The shapes in which pages of Notion come in a file, told apart by what is there.

use super::line::Entry;
use super::value::Members;
use crate::import::snapshot::Kind;
use serde_json::value::RawValue;
use std::fmt;

/// How a file holds its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Lists of projects, tasks and tags.
    ThreeLists,
    /// A list of tasks, and the names of their tags.
    TasksOnly,
    /// A line for each page, with its body.
    Export,
    /// A ZIP of Markdown and CSV.
    Workspace,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ThreeLists => "Notion pages: projects, tasks and tags",
            Self::TasksOnly => "Notion pages: tasks alone",
            Self::Export => "Notion pages with their bodies",
            Self::Workspace => "a workspace export of Notion: Markdown and CSV",
        })
    }
}

/// The pages of a file, unread.
pub(super) struct Pages<'a> {
    pub(super) shape: Shape,
    pub(super) pages: Vec<Entry<'a>>,
}

const LISTS: [(&str, Kind); 3] =
    [("projects", Kind::Project), ("tags", Kind::Tag), ("tasks", Kind::Task)];

/// Finds the pages of a file. What the file says about itself (counts, names) is not believed.
pub(super) fn pages(text: &str) -> Result<Pages<'_>, String> {
    if text.lines().next().is_some_and(|line| Entry::read(line).is_some()) {
        return lines(text);
    }
    let file: Members<'_> = serde_json::from_str(text).map_err(|error| {
        if error.is_data() {
            "it is JSON, but no export of Notion: an object with a list \"tasks\" is expected"
                .to_owned()
        } else {
            format!("it is not valid JSON ({error}); export it again")
        }
    })?;
    let mut pages = Vec::new();
    let mut lists = Vec::new();
    for (name, kind) in LISTS {
        let Some(list) = file.get(name) else {
            continue;
        };
        let list: Vec<&RawValue> = serde_json::from_str(list.get())
            .map_err(|_error| format!("\"{name}\" is not a list of pages; export it again"))?;
        pages.extend(list.into_iter().map(|page| Entry::bare(kind, page)));
        lists.push(kind);
    }
    let shape = match lists.as_slice() {
        [] => {
            let expected = "it is no export of Notion: none of the lists \"tasks\", \"projects\" and \"tags\" is in it";
            return Err(expected.to_owned());
        }
        [Kind::Task] => Shape::TasksOnly,
        _ => Shape::ThreeLists,
    };
    Ok(Pages { shape, pages })
}

/// The pages of an export, a line each.
fn lines(text: &str) -> Result<Pages<'_>, String> {
    let mut pages = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let wrong = || format!("line {} is no page; export it again", place + 1);
        pages.push(Entry::read(line).ok_or_else(wrong)?);
    }
    Ok(Pages { shape: Shape::Export, pages })
}
