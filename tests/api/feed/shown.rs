//! Links that a trashed project or tag hid: who knows a task without them is told of it when they are seen again.

use super::{names, now, pull};
use crate::app::App;
use crate::live::Subscriber;
use serde_json::{Value, json};

const SHOWN: &str = "tasks { id version title project { title } tags { name } }";

async fn made(app: &App, mutation: &str, input: Value, kind: &str) -> Value {
    app.mutate(mutation, input, &format!("{kind} {{ id }}")).await[kind]["id"].take()
}

/// A task with a project and two tags, and another one of them in the trash.
struct World {
    app: App,
    task: Value,
    /// The mutations' words for a project and a tag, and the id of each.
    links: [(&'static str, Value); 2],
}

impl World {
    async fn new() -> Self {
        let app = App::new();
        let project = made(&app, "createProject", json!({"title": "house"}), "project").await;
        let tag = made(&app, "createTag", json!({"name": "garden"}), "tag").await;
        let new = |title: &str| json!({"title": title, "projectId": project, "tagIds": [tag], "tagNames": ["paint"]});
        let task = made(&app, "createTask", new("task"), "task").await;
        let gone = made(&app, "createTask", new("gone"), "task").await;
        app.mutate("createTask", json!({"title": "other", "tagNames": ["paint"]}), "cursor").await;
        app.mutate("deleteTask", json!({ "id": gone }), "deletedId").await;
        Self { app, task, links: [("Project", project), ("Tag", tag)] }
    }

    /// Does it with the project and with the tag.
    async fn each(&self, verb: &str) {
        for (kind, id) in &self.links {
            let mutation = format!("{verb}{kind}");
            let fields = "userErrors { code }";
            let payload = self.app.mutate(&mutation, json!({ "id": id }), fields).await;
            assert_eq!(payload["userErrors"], json!([]));
        }
    }

    async fn rename(&self, title: &str, base: u32) -> Value {
        let patch = json!({"title": title, "projectId": null, "removeTagIds": [self.links[1].1]});
        let input = json!({"id": self.task, "baseVersion": base, "patch": patch});
        self.app.mutate("updateTask", input, "conflictingFields mergedFields").await
    }

    /// What is told since a cursor, with the version, the project and the tags of the task.
    async fn told(&self, since: &Value) -> (String, Value) {
        let page = pull(&self.app, since, "").await;
        let document =
            format!("query ($since: ChangeCursor) {{ changes(since: $since) {{ {SHOWN} }} }}");
        let response = self.app.respond(&document, json!({ "since": since })).await;
        let tasks = response["data"]["changes"]["tasks"].as_array().unwrap();
        let task = tasks.iter().find(|task| task["id"] == self.task).map(seen);
        (names(&page), task.unwrap_or_default())
    }
}

fn seen(task: &Value) -> Value {
    let tags = task["tags"].as_array().unwrap().iter().map(|tag| tag["name"].clone());
    json!([task["version"], task["project"]["title"], tags.collect::<Vec<_>>()])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_that_was_known_without_its_project_and_tag_comes_again_when_they_do() {
    let world = World::new().await;
    let app = &world.app;
    world.each("delete").await;
    app.mutate("updateTask", json!({"id": world.task, "patch": {"title": "renamed"}}), "cursor")
        .await;
    let (known, loaded) = (now(app).await, pull(app, &Value::Null, "").await);
    assert_eq!(names(&loaded), "other paint renamed");
    assert_eq!(world.told(&Value::Null).await.1, json!([2, null, ["paint"]]));
    world.each("restore").await;
    let told = ("garden house renamed".to_owned(), json!([2, "house", ["garden", "paint"]]));
    assert_eq!(world.told(&known).await, told);
    assert_eq!(world.told(&loaded["cursor"]).await, told);
    let after = now(app).await;
    assert_eq!(world.told(&after).await, (String::new(), Value::Null));
    // What is live already does not come back.
    world.each("restore").await;
    app.sql(
        "UPDATE projects SET icon = 'x'; UPDATE tags SET color = '#112233' WHERE name = 'garden'",
    )
    .await;
    assert_eq!(world.told(&after).await, ("garden house".to_owned(), Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_is_shown_again_is_nobodys_change_of_the_task() {
    let world = World::new().await;
    world.each("delete").await;
    world
        .app
        .mutate("updateTask", json!({"id": world.task, "patch": {"source": "x"}}), "cursor")
        .await;
    world.each("restore").await;
    let payload = world.rename("renamed", 1).await;
    assert_eq!(payload["conflictingFields"], json!([]));
    // Where the version between is forgotten, what is left tells nothing of it.
    let world = World::new().await;
    world.each("delete").await;
    world
        .app
        .mutate("updateTask", json!({"id": world.task, "patch": {"title": "y"}}), "cursor")
        .await;
    world.app.sql("DELETE FROM changes").await;
    world.each("restore").await;
    let payload = world.rename("renamed", 1).await;
    assert_eq!(payload["mergedFields"], json!([]), "{payload}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_push_that_hides_shows_and_changes_is_told_with_the_last_version() {
    let world = World::new().await;
    let [(_, project), (_, tag)] = &world.links;
    let since = now(&world.app).await;
    let patch = |title: &str| json!({"updateTask": {"id": world.task, "patch": {"title": title}}});
    let operations = [
        patch("one"),
        json!({"deleteProject": {"id": project}}),
        json!({"deleteTag": {"id": tag}}),
        json!({"restoreProject": {"id": project}}),
        json!({"restoreTag": {"id": tag}}),
        patch("two"),
    ];
    let operations: Vec<_> = operations
        .into_iter()
        .enumerate()
        .map(|(n, action)| {
            json!({"opId": format!("0199bda0-0000-7000-8000-{n:012}"), "action": action})
        })
        .collect();
    let input = json!({ "operations": operations });
    let pushed = world.app.mutate("syncPush", input, "results { outcome }").await;
    assert_eq!(pushed["results"], json!(vec![json!({"outcome": "APPLIED"}); 6]));
    let task = json!([2, "house", ["garden", "paint"]]);
    assert_eq!(world.told(&since).await, ("garden house two".to_owned(), task));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_follows_the_feed_sees_the_links_again_at_once() {
    let world = World::new().await;
    world.app.keep_telling();
    world.each("delete").await;
    let document = format!("subscription {{ changes {{ cursor {SHOWN} }} }}");
    let mut follower = Subscriber::new(&world.app, &document, json!({})).await;
    follower.next().await;
    world.each("restore").await;
    let whole = json!([1, "house", ["garden", "paint"]]);
    loop {
        let event = follower.next().await;
        if event["tasks"].as_array().unwrap().iter().map(seen).any(|task| task == whole) {
            return;
        }
    }
}
