//! How long things are kept, as the built program is told by flags and variables.

use crate::app::App;
use crate::feed::{names, now, pull};
use crate::live::PATIENCE;
use crate::migrations::client;
use crate::program::{Program, end, new_token, tomos, with};
use crate::triggers::value;
use serde_json::{Value, json};
use tokio_postgres::Client;

/// Makes a task, and gives its id.
async fn task(app: &App, input: Value) -> Value {
    app.mutate("createTask", input, "task { id }").await["task"]["id"].take()
}

/// Waits until a query gives this.
async fn comes_to(client: &Client, sql: &str, expected: &str) {
    let coming = async {
        while value(client, sql).await != expected {
            tokio::task::yield_now().await;
        }
    };
    let came = tokio::time::timeout(PATIENCE, coming).await;
    came.unwrap_or_else(|_elapsed| panic!("waited in vain for {expected:?} from {sql}"));
}

/// The ids of these records in a page, in their order.
fn ids(records: &Value) -> Vec<Value> {
    let ids = records.as_array().unwrap().iter().map(|record| record["id"].clone());
    let mut ids: Vec<_> = ids.collect();
    ids.sort_by_key(Value::to_string);
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_is_purged_after_the_time_that_was_given() {
    let app = App::new();
    let sql = client(&app.database.url).await;
    let project = app.mutate("createProject", json!({"title": "p"}), "project { id }").await;
    let project = &project["project"]["id"];
    let kept = json!({"title": "kept", "projectId": project, "tagNames": ["t", "u"]});
    let kept = task(&app, kept).await;
    let old = task(&app, json!({"title": "old", "tagNames": ["u"]})).await;
    let part = task(&app, json!({"title": "part", "parentId": old})).await;
    let young = task(&app, json!({"title": "young", "tagNames": ["t"]})).await;
    let tag = json!(value(&sql, "SELECT id FROM tags WHERE name = 't'").await);
    for (mutation, id) in [
        ("deleteTask", &old),
        ("deleteTask", &young),
        ("deleteProject", project),
        ("deleteTag", &tag),
    ] {
        app.mutate(mutation, json!({ "id": id }), "deletedId").await;
    }
    // A device that knows all of this, and asks again when it is gone.
    let since = now(&app).await;
    let age =
        "UPDATE tasks SET deleted_at = now() - interval '11 days' WHERE title IN ('old', 'part');
        UPDATE tasks SET deleted_at = now() - interval '9 days' WHERE title = 'young';
        UPDATE projects SET deleted_at = now() - interval '11 days';
        UPDATE tags SET deleted_at = now() - interval '11 days' WHERE name = 't'";
    app.sql(age).await;
    let _program = Program::serve(with(&app.database, &[]).env("TOMOS_PURGE_TRASH_AFTER", "10d"));
    comes_to(&sql, "SELECT count(*) FROM projects", "0").await;
    let left = "SELECT concat_ws(', ',
        (SELECT string_agg(title, ' ' ORDER BY title) FROM tasks), (SELECT string_agg(name, ' ') FROM tags),
        (SELECT string_agg(name, ' ') FROM task_tags JOIN tags ON id = tag_id))";
    assert_eq!(value(&sql, left).await, "kept young, u, u");
    let page = pull(&app, &since, "").await;
    assert_eq!((&page["hasMore"], &page["resetRequired"]), (&json!(false), &json!(false)));
    let mut gone = vec![old, part, young, project.clone(), tag];
    gone.sort_by_key(Value::to_string);
    assert_eq!(ids(&page["deleted"]), gone);
    // The end of its links is a change of the task that had them.
    let task = &page["tasks"][0];
    assert_eq!(ids(&page["tasks"]), std::slice::from_ref(&kept));
    assert_eq!(task["tags"], json!([{"name": "u"}]));
    let document = format!("{{ task(id: {kept}) {{ version project {{ id }} }} }}");
    assert_eq!(
        app.query(&document).await["task"],
        json!({"version": task["version"], "project": null})
    );
    let restored =
        app.mutate("restoreProject", json!({ "id": project }), "userErrors { code }").await;
    assert_eq!(restored["userErrors"][0]["code"], "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_are_forgotten_after_the_time_that_was_given() {
    let app = App::new();
    let sql = client(&app.database.url).await;
    let before = now(&app).await;
    task(&app, json!({"title": "old"})).await;
    let between = now(&app).await;
    app.sql("UPDATE changes SET at = now() - interval '3 weeks'").await;
    task(&app, json!({"title": "young"})).await;
    let young =
        "UPDATE changes SET at = now() - interval '1 week' WHERE at > now() - interval '2 weeks'";
    app.sql(young).await;
    let token = new_token(&app.database, &["--name", "phone"]);
    let program = Program::serve(&mut with(&app.database, &["--keep-changes", "2w"]));
    comes_to(&sql, "SELECT count(*) FROM changes", "1").await;
    let known = program.address.query(&token, "{ serverInfo { tombstoneDays } }").json();
    assert_eq!(known["data"]["serverInfo"]["tombstoneDays"], 14);
    assert_eq!(pull(&app, &before, "").await["resetRequired"], true);
    let page = pull(&app, &between, "").await;
    assert_eq!((names(&page).as_str(), &page["resetRequired"]), ("young", &json!(false)));
}

#[test]
fn a_time_that_cannot_be_is_refused_in_one_line() {
    for (flag, variable) in [
        ("--purge-trash-after", "TOMOS_PURGE_TRASH_AFTER"),
        ("--keep-changes", "TOMOS_KEEP_CHANGES"),
    ] {
        for odd in ["0d", "-1d", "90", "soon", "1.5d", "3 days", "4294967295w", "99999999999d"] {
            let as_flag = end(&mut tomos(&[&format!("{flag}={odd}")]));
            let as_variable = end(tomos(&[]).env(variable, odd));
            for ended in [as_flag, as_variable] {
                assert_eq!((ended.code, ended.output.as_str()), (Some(2), ""), "{ended:?}");
                assert_eq!(ended.error.lines().count(), 1, "{ended:?}");
                for part in [odd, flag, "such as 12h, 90d or 8w"] {
                    assert!(ended.error.contains(part), "{part}: {ended:?}");
                }
            }
        }
    }
}
