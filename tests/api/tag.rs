//! Tags and projects: what writes do to them.

use crate::app::App;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_tag_is_free_while_it_is_in_the_trash() {
    let app = App::new();
    let fields = "tag { id name prefix label version } userErrors { code path }";
    let one =
        app.mutate("createTag", json!({"name": " Area:  Work ", "color": "#00ff00"}), fields).await;
    assert_eq!(one["tag"]["name"], "Area: Work");
    let id = one["tag"]["id"].clone();
    let taken = json!([{"code": "TAKEN", "path": ["input", "name"]}]);
    let same = app.mutate("createTag", json!({"name": "AREA: work"}), fields).await;
    // Who made it offline has to know which tag has the name.
    assert_eq!(same, json!({"tag": one["tag"], "userErrors": taken}));
    let mine = "0199bda0-0000-7000-8000-0000000000a1";
    let again = json!({"clientMutationId": mine, "id": mine, "name": "area: work"});
    for input in [json!({"id": mine, "name": "area: work"}), again] {
        let same = app.mutate("createTag", input, fields).await;
        assert_eq!(same, json!({"tag": one["tag"], "userErrors": taken}));
    }
    app.mutate("deleteTag", json!({"id": id}), "deletedId").await;
    let other = app.mutate("createTag", json!({"name": "area: WORK"}), fields).await;
    assert_eq!(other["userErrors"], json!([]));
    let back = app.mutate("restoreTag", json!({"id": id}), "userErrors { code path }").await;
    assert_eq!(back["userErrors"], json!([{"code": "TAKEN", "path": ["input", "id"]}]));
    let patch = json!({"id": other["tag"]["id"], "patch": {"name": "x:y"}});
    let renamed = app.mutate("updateTag", patch, fields).await;
    assert_eq!(renamed["tag"]["prefix"], "x");
    let back = app.mutate("restoreTag", json!({"id": id}), fields).await;
    assert_eq!((&back["userErrors"], &back["tag"]["version"]), (&json!([]), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tasks_of_a_project_stay_and_show_none_while_it_is_in_the_trash() {
    let app = App::new();
    let fields = "project { id version title color } userErrors { code path }";
    let input = json!({"title": "House", "color": "#1E90FF", "icon": "🏠"});
    let id = app.mutate("createProject", input, fields).await["project"]["id"].clone();
    let task =
        app.mutate("createTask", json!({"title": "Paint", "projectId": id}), "task { id }").await;
    let task = task["task"]["id"].as_str().unwrap().to_owned();
    let seen = format!(
        "{{ task(id: \"{task}\") {{ version project {{ title }} }} tasks(filter: {{hasProject: true}}) {{ totalCount }} }}"
    );
    app.mutate("deleteProject", json!({"id": id}), "deletedId").await;
    let hidden = json!({"task": {"version": 1, "project": null}, "tasks": {"totalCount": 0}});
    assert_eq!(app.query(&seen).await, hidden);
    app.mutate("restoreProject", json!({"id": id}), fields).await;
    let shown =
        json!({"task": {"version": 1, "project": {"title": "House"}}, "tasks": {"totalCount": 1}});
    assert_eq!(app.query(&seen).await, shown);
    let patch = json!({"id": id, "patch": {"color": null, "status": null}});
    let refused = app.mutate("updateProject", patch, fields).await;
    let required = json!([{"code": "REQUIRED", "path": ["input", "patch", "status"]}]);
    assert_eq!(
        (&refused["userErrors"], &refused["project"]["color"]),
        (&required, &json!("#1E90FF"))
    );
}
