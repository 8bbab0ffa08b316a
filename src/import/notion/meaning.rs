//! What the pages of Notion mean to us: the rules of conversion, one function each.
//!
//! A value that no rule knows is reported and never taken for another without a word.

use super::page::{Chosen, Page, string};
use super::schema::Group;
use super::value::Members;
use super::words;
use crate::entity::{EnergyLevel, ProjectStatus, TaskPriority, TaskStatus, TimeEstimate};
use crate::import::mapping::words::Word;
use crate::import::snapshot::{Origin, Project, Tag, TagName, Task, When};
use chrono::{DateTime, Utc};

pub(super) const UNTITLED: &str = "Untitled";

/// The times of a page: when it was made, and last changed.
type Times = (DateTime<Utc>, DateTime<Utc>);

/// A property, one of its words, and what that may mean.
struct Listed<W> {
    property: String,
    option: Chosen,
    meant: Option<W>,
}

/// What the one word of a property means: what the mapping says, else what the rule does.
fn listed<W: Word>(
    page: &mut Page<'_, '_>,
    field: &str,
    rule: fn(&str) -> Option<W>,
) -> Option<Listed<W>> {
    let (property, option) = page.option(field)?;
    let meant = page.said(field, &option.name).or_else(|| rule(&option.name));
    Some(Listed { property, option, meant })
}

pub(super) fn project(mut page: Page<'_, '_>, origin: Origin, now: DateTime<Utc>) -> Project {
    let (created_at, updated_at) = times(&mut page, now);
    let title = title(&mut page);
    let status = match listed(&mut page, "status", words::project_status) {
        None => ProjectStatus::Active,
        Some(Listed { property, option, meant }) => meant
            .or_else(|| Some(by_group(&mut page, &property, &option)?.of_project()))
            .unwrap_or_else(|| {
                let reason = "the status is unknown; the project became active";
                page.warn("unknown_status", &property, &option.name, reason);
                ProjectStatus::Active
            }),
    };
    let color = color(&mut page);
    let icon = page.markdown("icon").or_else(|| emoji(&page));
    let project = Project {
        origin,
        title,
        description: page.markdown("description"),
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
    let (_, start, end) = page.dates("due");
    let (_, scheduled, _) = page.dates("scheduled");
    let task = Task {
        origin,
        title,
        description: page.markdown("description"),
        status,
        priority: priority(&mut page),
        due: end.or(start),
        scheduled: scheduled.or(end.and(start)),
        completed,
        energy: energy(&mut page),
        time_estimate: time_estimate(&mut page),
        source: page.option("source").map(|(_, option)| option.name),
        tag_names: tag_names(&mut page),
        tag_links: page.relation("tags"),
        projects: page.relation("project"),
        parents: page.relation("parent"),
        children: page.relation("subtasks"),
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
    let is_ticked = page.is_ticked("done");
    let Some(Listed { property, option, meant }) = listed(page, "status", words::task_status)
    else {
        return if is_ticked == Some(true) { TaskStatus::Done } else { TaskStatus::Todo };
    };
    let status = meant.or_else(|| Some(by_group(page, &property, &option)?.of_task()));
    let Some(status) = status else {
        let reason = "the status is unknown; the task is to do";
        page.warn("unknown_status", &property, &option.name, reason);
        return TaskStatus::Todo;
    };
    if is_ticked.is_some_and(|is_ticked| is_ticked != (status == TaskStatus::Done)) {
        let reason = "the Done box and the status do not agree; the status was taken";
        page.warn("done_checkbox_conflict", &property, &option.name, reason);
    }
    status
}

/// The group of a status that nobody knows by its name: it says at least whether there is something to do.
fn by_group(page: &mut Page<'_, '_>, property: &str, option: &Chosen) -> Option<Group> {
    let group = option.group?;
    let reason = format!("its group in Notion decided, {:?}", group.as_str());
    page.inform("status_by_group", property, &option.name, &reason);
    Some(group)
}

fn completed(page: &mut Page<'_, '_>, status: TaskStatus) -> Option<When> {
    let (name, start, _) = page.dates("completed");
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
    let Some(Listed { property, option, meant }) = listed(page, "priority", words::priority) else {
        return TaskPriority::Medium;
    };
    meant.unwrap_or_else(|| {
        let reason = "the priority is unknown; it became medium";
        page.warn("unknown_priority", &property, &option.name, reason);
        TaskPriority::Medium
    })
}

fn energy(page: &mut Page<'_, '_>) -> Option<EnergyLevel> {
    let Listed { property, option, meant } = listed(page, "energy", words::energy)?;
    if meant.is_none() {
        let reason = "the energy is unknown; it was left empty";
        page.warn("unknown_energy", &property, &option.name, reason);
    }
    meant
}

fn time_estimate(page: &mut Page<'_, '_>) -> Option<TimeEstimate> {
    let Listed { property, option, meant } = listed(page, "time_estimate", words::time_estimate)?;
    if meant.is_none() {
        let reason = "the time estimate is unknown; it was left empty";
        page.warn("unknown_time_estimate", &property, &option.name, reason);
    }
    meant
}

/// The tags of the multi-select, and the contexts as tags with a prefix.
fn tag_names(page: &mut Page<'_, '_>) -> Vec<TagName> {
    let all = |page: &mut Page<'_, '_>, field: &str| {
        let next = std::iter::from_fn(|| page.next_options(field));
        next.flat_map(|(_, options)| options).collect::<Vec<_>>()
    };
    let (tags, contexts) = (all(page, "tags"), all(page, "contexts"));
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
    let (name, option) = page.option("color")?;
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
