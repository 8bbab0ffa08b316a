//! What the fields of rows mean to us: the rules of conversion, one function each.
//!
//! A value that no rule knows is reported and never taken for another without a word.

use super::Ids;
use super::record::Record;
use crate::entity::{ProjectStatus, TaskPriority, TaskStatus};
use crate::import::mapping::words::Word;
use crate::import::snapshot::{Kind, Origin, Project, Tag, TagName, Task, When};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;

const UNTITLED: &str = "Untitled";

pub(super) fn project(mut row: Record<'_, '_>, mut origin: Origin, now: DateTime<Utc>) -> Project {
    let (created_at, updated_at) = times(&mut row, &mut origin, now);
    let project = Project {
        origin,
        title: title(&mut row),
        description: row.text("description"),
        status: word(&mut row, "status", "unknown_status", ProjectStatus::Active),
        color: color(&mut row),
        icon: row.text("icon"),
        created_at,
        updated_at,
    };
    row.finish();
    project
}

pub(super) fn tag(mut row: Record<'_, '_>, mut origin: Origin, now: DateTime<Utc>) -> Tag {
    let (created_at, updated_at) = times(&mut row, &mut origin, now);
    let name = row.text("name").unwrap_or_default();
    let tag = Tag { origin, name, color: color(&mut row), created_at, updated_at };
    row.finish();
    tag
}

pub(super) fn task(
    mut row: Record<'_, '_>,
    mut origin: Origin,
    ids: &Ids,
    now: DateTime<Utc>,
) -> Task {
    let (created_at, updated_at) = times(&mut row, &mut origin, now);
    let title = title(&mut row);
    let status = word(&mut row, "status", "unknown_status", TaskStatus::Todo);
    let tag = |id: &str| ids.get(&(Kind::Tag, id.to_owned()));
    let names = row.names("tags", &|id| tag(id).is_some());
    let tag_links = row.links("tags").iter().filter_map(|id| tag(id).cloned()).collect();
    let linked = |row: &Record<'_, '_>, field: &str, kind: Kind| {
        let of = |id: String| ids.get(&(kind, id.clone())).cloned().unwrap_or(id);
        row.links(field).into_iter().map(of).collect::<Vec<_>>()
    };
    let task = Task {
        origin,
        title,
        description: row.text("description"),
        status,
        priority: word(&mut row, "priority", "unknown_priority", TaskPriority::Medium),
        due: row.due("due"),
        scheduled: row.due("scheduled"),
        completed: completed(&mut row, status),
        energy: maybe(&mut row, "energy", "unknown_energy"),
        time_estimate: maybe(&mut row, "time_estimate", "unknown_time_estimate"),
        source: row.text("source"),
        tag_names: names.into_iter().map(|name| TagName { name, color: None }).collect(),
        tag_links,
        projects: linked(&row, "project", Kind::Project),
        parents: linked(&row, "parent", Kind::Task),
        children: Vec::new(),
        place: None,
        created_at,
        updated_at,
    };
    row.finish();
    task
}

/// When it was made, and last changed.
fn times(
    row: &mut Record<'_, '_>,
    origin: &mut Origin,
    now: DateTime<Utc>,
) -> (DateTime<Utc>, DateTime<Utc>) {
    let created = row.when("created").map(|when| when.start(Tz::UTC));
    let updated = row.when("updated").map(|when| when.start(Tz::UTC));
    origin.edited_at = updated;
    origin.dated_at = updated.or(created);
    for (field, is_there) in [("created", created.is_some()), ("updated", updated.is_some())] {
        if !is_there {
            let reason = "the time is missing; the other one, or that of the import, was taken";
            row.warn("missing_time", field, "", reason);
        }
    }
    let created = created.or(updated).unwrap_or(now);
    (created, updated.unwrap_or(created))
}

fn title(row: &mut Record<'_, '_>) -> String {
    let title = row.text("title").filter(|title| !title.trim().is_empty());
    title.unwrap_or_else(|| {
        let reason = "the title is empty; it became \"Untitled\"";
        row.warn("missing_title", "", "", reason);
        UNTITLED.to_owned()
    })
}

/// What a word means; where it is not known, `else_this`.
fn word<W: Word>(row: &mut Record<'_, '_>, field: &str, code: &'static str, else_this: W) -> W {
    match row.word(field) {
        None => else_this,
        Some(Ok(value)) => value,
        Some(Err((column, word))) => {
            let reason = format!("the {} is unknown; it became {}", W::WHAT, else_this.name());
            row.warn(code, &column, &word, &reason);
            else_this
        }
    }
}

/// What a word means, where there is one that is known.
fn maybe<W: Word>(row: &mut Record<'_, '_>, field: &str, code: &'static str) -> Option<W> {
    match row.word(field)? {
        Ok(value) => Some(value),
        Err((column, word)) => {
            let reason = format!("the {} is unknown; it was left empty", W::WHAT);
            row.warn(code, &column, &word, &reason);
            None
        }
    }
}

fn completed(row: &mut Record<'_, '_>, status: TaskStatus) -> Option<When> {
    let when = row.when("completed");
    match (status, when) {
        (TaskStatus::Done, None) => {
            let reason = "when it was done is not known; the time of the last change was taken";
            row.warn("completion_guessed", "completed", "", reason);
            None
        }
        (TaskStatus::Done, when) => when,
        (_, Some(_)) => {
            let reason = "it has a time of completion, but is not done; the time was left out";
            row.warn("completion_without_done", "completed", "", reason);
            None
        }
        (_, None) => None,
    }
}

/// A colour as `#RRGGBB`.
fn color(row: &mut Record<'_, '_>) -> Option<String> {
    let color = row.text("color")?;
    let digits = color.trim().trim_start_matches('#');
    if digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Some(format!("#{}", digits.to_uppercase()));
    }
    row.warn("unknown_color", "color", &color, "the colour is unknown; it was left empty");
    None
}
