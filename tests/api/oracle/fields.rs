//! Computed fields: what the oracle expects of each record, and whether the service says so.

use super::filter::Asked;
use super::order::sort;
use super::world::{Project, Tag, Task, World};
use crate::app::App;
use serde_json::{Value, json};

const FIELDS: &str = "{
    tasks(scope: ALL, first: 500) { nodes { id isOverdue isDueToday daysUntilDue
        subtaskProgress { total open done overdue }
        project { id } parent { id } tags { id } subtasks(first: 0) { totalCount } } }
    projects(scope: ALL) { nodes { id nextDueDate progress { total open done overdue }
        tasks(first: 0) { totalCount } } }
    tags(scope: ALL) { nodes { id prefix label taskCount openTaskCount
        tasks(first: 0) { totalCount } } }
    overdue: tasks(filter: {isOverdue: true}, first: 0) { totalCount }
    open: tasks(filter: {isOpen: true}, first: 0) { totalCount }
}";

/// Compares every computed field of every record, asked in a zone.
pub(crate) async fn check(app: &App, world: &World, zone: &str) {
    let asked = Asked { world, zone: zone.parse().unwrap() };
    let mut response = app.respond_in(zone, FIELDS, json!({})).await;
    assert_eq!(response.get("errors"), None, "{zone}");
    let data = response["data"].take();
    let compare = |list: &str, mut expected: Vec<Value>| {
        let mut found = data[list]["nodes"].as_array().unwrap().clone();
        for records in [&mut expected, &mut found] {
            records.sort_by_key(|record| record["id"].to_string());
        }
        for (expected, found) in expected.iter().zip(&found) {
            assert_eq!(found, expected, "{list} in {zone} at {}", world.now);
        }
        assert_eq!(found.len(), expected.len(), "{list}");
    };
    compare("tasks", world.tasks.iter().map(|it| asked.task_fields(it)).collect());
    compare("projects", world.projects.iter().map(|it| asked.project_fields(it)).collect());
    compare("tags", world.tags.iter().map(|it| asked.tag_fields(it)).collect());
    // What is counted by the filter is what the fields sum up to.
    let nodes = data["tasks"]["nodes"].as_array().unwrap().iter();
    let live = |node: &&Value| {
        world.tasks.iter().any(|task| !task.trashed && node["id"] == json!(task.id))
    };
    let overdue = nodes.filter(live).filter(|node| node["isOverdue"] == json!(true)).count();
    assert_eq!(data["overdue"]["totalCount"], json!(overdue), "overdue in {zone}");
    let open = world.tasks.iter().filter(|it| !it.trashed && Asked::open(it)).count();
    assert_eq!(data["open"]["totalCount"], json!(open), "open in {zone}");
}

impl Asked<'_> {
    fn task_fields(&self, task: &Task) -> Value {
        let days = self.due_day(task).map(|day| (day - self.today()).num_days());
        let by_name = [("name".to_owned(), "ASC".to_owned())];
        let mut tags = self.tags_of(task);
        sort(&mut tags, &by_name, |word, it| self.tag_keys(word, it), |it| it.id);
        let tags: Vec<_> = tags.iter().map(|tag| json!({"id": tag.id})).collect();
        let subtasks = self.subtasks_of(task);
        json!({
            "id": task.id, "isOverdue": self.overdue(task), "isDueToday": self.due_today(task),
            "daysUntilDue": days, "subtaskProgress": self.progress(&subtasks),
            "project": self.project_of(task).map(|it| json!({"id": it.id})),
            "parent": self.parent_of(task).map(|it| json!({"id": it.id})),
            "tags": tags, "subtasks": {"totalCount": subtasks.len()},
        })
    }

    fn project_fields(&self, project: &Project) -> Value {
        let tasks = self.tasks_of_project(project);
        let next = tasks.iter().filter(|it| Self::open(it)).filter_map(|it| it.due_date).min();
        json!({"id": project.id, "nextDueDate": next, "progress": self.progress(&tasks),
            "tasks": {"totalCount": tasks.len()}})
    }

    fn tag_fields(&self, tag: &Tag) -> Value {
        let tasks = self.tasks_of_tag(tag);
        let open = tasks.iter().filter(|it| Self::open(it)).count();
        let (prefix, label) = tag.parts();
        json!({"id": tag.id, "prefix": prefix, "label": label, "taskCount": tasks.len(),
            "openTaskCount": open, "tasks": {"totalCount": tasks.len()}})
    }

    fn progress(&self, tasks: &[&Task]) -> Value {
        let many = |keep: &dyn Fn(&Task) -> bool| tasks.iter().filter(|it| keep(it)).count();
        json!({"total": tasks.len(), "open": many(&|it| Self::open(it)),
            "done": many(&|it| it.status == "DONE"), "overdue": many(&|it| self.overdue(it))})
    }
}
