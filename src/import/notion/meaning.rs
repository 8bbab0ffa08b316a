//! What the pages of Notion mean to us: the rules of conversion, one function each.
//!
//! A value that no rule knows is reported and never taken for another without a word.

use super::page::{Named, Page, string};
use super::schema::Group;
use super::value::Members;
use crate::entity::{EnergyLevel, ProjectStatus, TaskPriority, TaskStatus, TimeEstimate};
use crate::import::snapshot::{Origin, Project, Tag, TagName, Task, When};
use chrono::{DateTime, Utc};

pub(super) const UNTITLED: &str = "Untitled";

/// The times of a page: when it was made, and last changed.
type Times = (DateTime<Utc>, DateTime<Utc>);

/// Tries the values that a property may have, trimmed and without case.
macro_rules! meant {
    ($text:expr, { $( $( $word:literal )|+ => $value:expr, )+ }) => {
        match $text.trim().to_lowercase().as_str() {
            $( $( $word )|+ => Some($value), )+
            _ => None,
        }
    };
}

pub(super) fn project(mut page: Page<'_, '_>, origin: Origin, now: DateTime<Utc>) -> Project {
    let (created_at, updated_at) = times(&mut page, now);
    let title = title(&mut page);
    let status = match page.option(&["status"]) {
        None => ProjectStatus::Active,
        Some((name, option)) => meant!(option.name, {
            "active" => ProjectStatus::Active,
            "completed" => ProjectStatus::Completed,
            "archived" => ProjectStatus::Archived,
        })
        .or_else(|| Some(by_group(&mut page, &name, &option)?.of_project()))
        .unwrap_or_else(|| {
            let reason = "the status is unknown; the project became active";
            page.warn("unknown_status", &name, &option.name, reason);
            ProjectStatus::Active
        }),
    };
    let color = color(&mut page);
    let icon = page.markdown(&["icon"]).or_else(|| emoji(&page));
    let project = Project {
        origin,
        title,
        description: page.markdown(&["description"]),
        status,
        color,
        icon,
        created_at,
        updated_at,
    };
    page.finish();
    project
}

pub(super) fn tag(mut page: Page<'_, '_>, origin: Origin, now: DateTime<Utc>) -> Tag {
    let (created_at, updated_at) = times(&mut page, now);
    let tag =
        Tag { origin, name: title(&mut page), color: color(&mut page), created_at, updated_at };
    page.finish();
    tag
}

pub(super) fn task(mut page: Page<'_, '_>, origin: Origin, now: DateTime<Utc>) -> Task {
    let (created_at, updated_at) = times(&mut page, now);
    let title = title(&mut page);
    let status = status(&mut page);
    let completed = completed(&mut page, status);
    let (_, start, end) = page.dates(&["due date", "due"]);
    let task = Task {
        origin,
        title,
        description: page.markdown(&["description"]),
        status,
        priority: priority(&mut page),
        due: end.or(start),
        scheduled: end.and(start),
        completed,
        energy: energy(&mut page),
        time_estimate: time_estimate(&mut page),
        source: page.option(&["source"]).map(|(_, option)| option.name),
        tag_names: tag_names(&mut page),
        tag_links: page.relation(&["tags", "tag", "tag links"]),
        projects: page.relation(&["project", "projects"]),
        parents: page.relation(&["parent task", "parent", "parent item"]),
        children: page.relation(&["sub-tasks", "subtasks", "sub-items"]),
        place: None,
        created_at,
        updated_at,
    };
    page.finish();
    task
}

/// What the page says of its own times.
fn times(page: &mut Page<'_, '_>, now: DateTime<Utc>) -> Times {
    let updated = page.instant("last_edited_time");
    let created = page.instant("created_time");
    for (member, is_there) in
        [("created_time", created.is_some()), ("last_edited_time", updated.is_some())]
    {
        if !is_there {
            let reason = "the time is missing; the other one, or that of the import, was taken";
            page.warn("missing_time", member, "", reason);
        }
    }
    let created = created.or(updated).unwrap_or(now);
    (created, updated.unwrap_or(created))
}

fn title(page: &mut Page<'_, '_>) -> String {
    let title = page.title();
    if !title.trim().is_empty() {
        return title;
    }
    let reason = "the title is empty; it became \"Untitled\"";
    page.warn("missing_title", "", "", reason);
    UNTITLED.to_owned()
}

fn status(page: &mut Page<'_, '_>) -> TaskStatus {
    let is_ticked = page.is_ticked(&["done"]);
    let Some((name, option)) = page.option(&["status"]) else {
        return if is_ticked == Some(true) { TaskStatus::Done } else { TaskStatus::Todo };
    };
    let status = meant!(option.name, {
        "inbox" => TaskStatus::Inbox,
        "to do" | "todo" | "to-do" | "not started" => TaskStatus::Todo,
        "in progress" | "in-progress" => TaskStatus::InProgress,
        "blocked" => TaskStatus::Blocked,
        "done" | "complete" | "completed" => TaskStatus::Done,
        "cancelled" | "canceled" => TaskStatus::Cancelled,
    });
    let status = status.or_else(|| Some(by_group(page, &name, &option)?.of_task()));
    let Some(status) = status else {
        let reason = "the status is unknown; the task is to do";
        page.warn("unknown_status", &name, &option.name, reason);
        return TaskStatus::Todo;
    };
    if is_ticked.is_some_and(|is_ticked| is_ticked != (status == TaskStatus::Done)) {
        let reason = "the Done box and the status do not agree; the status was taken";
        page.warn("done_checkbox_conflict", &name, &option.name, reason);
    }
    status
}

/// The group of a status that nobody knows by its name: it says at least whether there is something to do.
fn by_group(page: &mut Page<'_, '_>, property: &str, option: &Named) -> Option<Group> {
    let group = option.group?;
    let reason = format!("its group in Notion decided, {:?}", group.as_str());
    page.inform("status_by_group", property, &option.name, &reason);
    Some(group)
}

fn completed(page: &mut Page<'_, '_>, status: TaskStatus) -> Option<When> {
    let (name, start, _) = page.dates(&["completed at", "completed"]);
    match (status, start) {
        (TaskStatus::Done, Some(when)) => Some(when),
        (TaskStatus::Done, None) => {
            let reason = "when it was done is not known; the time of the last edit was taken";
            page.warn("completion_guessed", "Completed At", "", reason);
            None
        }
        (_, Some(_)) => {
            let reason = "it has a time of completion, but is not done; the time was left out";
            page.warn("completion_without_done", &name, "", reason);
            None
        }
        (_, None) => None,
    }
}

fn priority(page: &mut Page<'_, '_>) -> TaskPriority {
    let Some((name, option)) = page.option(&["priority"]) else {
        return TaskPriority::Medium;
    };
    meant!(option.name, {
        "urgent" => TaskPriority::Urgent,
        "important" | "high" => TaskPriority::High,
        "medium" => TaskPriority::Medium,
        "someday" | "low" => TaskPriority::Low,
    })
    .unwrap_or_else(|| {
        let reason = "the priority is unknown; it became medium";
        page.warn("unknown_priority", &name, &option.name, reason);
        TaskPriority::Medium
    })
}

fn energy(page: &mut Page<'_, '_>) -> Option<EnergyLevel> {
    let (name, option) = page.option(&["energy"])?;
    let energy = meant!(option.name, {
        "low" => EnergyLevel::Low,
        "medium" => EnergyLevel::Medium,
        "high" => EnergyLevel::High,
    });
    if energy.is_none() {
        let reason = "the energy is unknown; it was left empty";
        page.warn("unknown_energy", &name, &option.name, reason);
    }
    energy
}

fn time_estimate(page: &mut Page<'_, '_>) -> Option<TimeEstimate> {
    let (name, option) = page.option(&["time", "time estimate"])?;
    let estimate = meant!(option.name, {
        "quick" => TimeEstimate::Quick,
        "short" => TimeEstimate::Short,
        "long" => TimeEstimate::Long,
    });
    if estimate.is_none() {
        let reason = "the time estimate is unknown; it was left empty";
        page.warn("unknown_time_estimate", &name, &option.name, reason);
    }
    estimate
}

/// The tags of the multi-select, and the contexts as tags with a prefix.
fn tag_names(page: &mut Page<'_, '_>) -> Vec<TagName> {
    let (_, tags) = page.options(&["tags"]);
    let (_, contexts) = page.options(&["context", "contexts"]);
    let named = |name: String, color: Option<String>| TagName {
        name,
        color: color.as_deref().and_then(hex),
    };
    let tags = tags.into_iter().map(|tag| named(tag.name, tag.color));
    let contexts = contexts
        .into_iter()
        .map(|context| named(format!("context:{}", context.name.trim()), context.color));
    tags.chain(contexts).collect()
}

fn color(page: &mut Page<'_, '_>) -> Option<String> {
    let (name, option) = page.option(&["color", "colour"])?;
    let color = option.color.as_deref().unwrap_or(&option.name);
    // Notion shows its default as gray.
    let hex = hex(if color == "default" { "gray" } else { color });
    if hex.is_none() {
        let reason = "the colour is unknown; it was left empty";
        page.warn("unknown_color", &name, color, reason);
    }
    hex
}

/// Notion names colours; these are the ones that its light theme shows.
fn hex(color: &str) -> Option<String> {
    let hex = match color {
        "gray" => "#787774",
        "brown" => "#9F6B53",
        "orange" => "#D9730D",
        "yellow" => "#CB912F",
        "green" => "#448361",
        "blue" => "#337EA9",
        "purple" => "#9065B0",
        "pink" => "#C14C8A",
        "red" => "#D44C47",
        _ => return None,
    };
    Some(hex.to_owned())
}

/// The page's own icon, where it is an emoji.
fn emoji(page: &Page<'_, '_>) -> Option<String> {
    let icon: Members<'_> = serde_json::from_str(page.member("icon")?.get()).ok()?;
    icon.get("emoji").and_then(string)
}
