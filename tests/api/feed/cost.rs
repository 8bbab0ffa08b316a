//! What a page of the feed costs: it is read from indexes, and planned once for all cursors.

use super::{now, pull};
use crate::app::App;
use crate::indexes::{CROWD, explained};
use crate::migrations::client;
use crate::tap::Sent;
use serde_json::Value;
use tokio_postgres::Client;

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_pull_is_one_bind_one_execute_and_one_sync() {
    let app = App::new();
    let mut since = now(&app).await;
    for _ in 0..2 {
        since = pull(&app, &since, "").await["cursor"].clone();
    }
    app.tap.take();
    pull(&app, &since, "").await;
    assert_eq!(app.tap.take(), ["Bind", "Execute", "Sync"].map(Sent::Other));
}

/// How the server would answer a pull, whatever the cursor says.
async fn plan(app: &App, planner: &Client, since: &Value) -> String {
    app.tap.take();
    pull(app, since, "").await;
    let sent = app.tap.take();
    let sql = sent.iter().find_map(|sent| match sent {
        Sent::Parse(sql) if sql.contains("WITH ground") => Some(sql),
        _ => None,
    });
    explained(planner, sql.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_read_from_indexes() {
    let app = App::new();
    app.sql(CROWD).await;
    app.sql("UPDATE tasks SET title = 'x' WHERE priority = 'low'; ANALYZE").await;
    let planner = client(&app.database.url).await;
    planner.batch_execute("SET plan_cache_mode = force_generic_plan").await.unwrap();
    let first = plan(&app, &planner, &Value::Null).await;
    assert!(first.contains("tasks_pkey"), "{first}");
    let changed = plan(&app, &planner, &now(&app).await).await;
    let started = "Index Cond: (ROW(xid, seq) > ROW($";
    assert!(changed.contains("changes_xid_idx"), "{changed}");
    assert!(changed.contains(started), "{changed}");
    for scan in
        ["Seq Scan on tasks", "Seq Scan on projects", "Seq Scan on tags", "Seq Scan on changes"]
    {
        assert!(!changed.contains(scan), "{scan}:\n{changed}");
    }
}
