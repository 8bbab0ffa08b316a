//! The to-dos in the body of a task's page: each is a subtask.

use super::body::{Todo, Todos, markdown};
use super::page::{instant, page_id};
use super::value::{Members, Mended};
use super::{SOURCE, meaning};
use crate::entity::{TaskPriority, TaskStatus};
use crate::import::finding::{Finding, Severity};
use crate::import::snapshot::{Kind, Origin, Place, Task};

/// The subtasks that the to-dos of a page are, in its order: each before its own.
pub(super) fn subtasks(todos: &[Todo<'_>], page: &Task, findings: &mut Vec<Finding>) -> Vec<Task> {
    let mut tasks = below(todos, &page.origin.external_id, page, findings);
    for (nth, task) in tasks.iter_mut().enumerate() {
        // Their times are of the minute, and tell no order.
        task.place = Some(Place { page: page.origin.id, made: page.created_at, nth });
    }
    tasks
}

fn below(todos: &[Todo<'_>], parent: &str, page: &Task, findings: &mut Vec<Finding>) -> Vec<Task> {
    let mut tasks = Vec::new();
    for todo in todos {
        let members = Members::of(&todo.block.block);
        let id = members.text("id").and_then(|id| page_id(&id));
        let Some(id) = id.filter(|_| !members.is_true("in_trash")) else {
            continue;
        };
        let task = subtask(todo, &members, &id, parent, page, findings);
        tasks.push(task);
        tasks.extend(below(&todo.parts, &id, page, findings));
    }
    tasks
}

fn subtask(
    todo: &Todo<'_>,
    members: &Members<'_>,
    id: &str,
    parent: &str,
    page: &Task,
    findings: &mut Vec<Finding>,
) -> Task {
    let text = markdown(&todo.block.children, Todos::Apart);
    mended(Kind::Task, id, &todo.title, findings);
    mended(Kind::Task, id, &text, findings);
    let mut title = todo.title.text.clone();
    if title.trim().is_empty() {
        let reason = "the title is empty; it became \"Untitled\"";
        findings.push(Finding::new(Severity::Warning, Kind::Task, id, "missing_title", reason));
        meaning::UNTITLED.clone_into(&mut title);
    }
    let created_at = instant(members, "created_time").unwrap_or(page.created_at);
    let edited_at = instant(members, "last_edited_time");
    let updated_at = edited_at.unwrap_or(created_at);
    if todo.is_done {
        let reason = "when it was done is not known; the time of the last edit was taken";
        let code = "completion_guessed";
        let finding = Finding::new(Severity::Warning, Kind::Task, id, code, reason);
        findings.push(finding.at("to-do", ""));
    }
    Task {
        // What stands in it counts too; only the whole of it tells whether it has changed.
        origin: Origin::new(SOURCE, id.to_owned(), page.origin.url.clone(), &original(todo))
            .edited(edited_at),
        title,
        description: Some(text.text).filter(|text| !text.trim().is_empty()),
        status: if todo.is_done { TaskStatus::Done } else { TaskStatus::Todo },
        priority: TaskPriority::Medium,
        due: None,
        scheduled: None,
        completed: None,
        energy: None,
        time_estimate: None,
        source: None,
        tag_names: Vec::new(),
        tag_links: Vec::new(),
        projects: Vec::new(),
        parents: vec![parent.to_owned()],
        children: Vec::new(),
        place: None,
        created_at,
        updated_at,
    }
}

/// The bytes by which a to-do is known: the block, and with it what stands in it.
fn original(todo: &Todo<'_>) -> Vec<u8> {
    if todo.block.children.is_empty() {
        return todo.block.block.get().as_bytes().to_vec();
    }
    serde_json::to_vec(todo.block).unwrap_or_default()
}

/// Reports what a text lost on the way.
pub(super) fn mended(kind: Kind, record: &str, text: &Mended, findings: &mut Vec<Finding>) {
    let lost = [
        (text.nuls, "nul", "NUL characters were dropped"),
        (text.lone_surrogates, "lone_surrogate", "halves of characters became U+FFFD"),
    ];
    for (_, code, reason) in lost.into_iter().filter(|(count, ..)| *count > 0) {
        let finding = Finding::new(Severity::Warning, kind, record, code, reason);
        findings.push(finding.at("body", ""));
    }
}
