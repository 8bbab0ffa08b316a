//! Two who write at the same moment.

use crate::migrations::client;
use tokio_postgres::Client;

/// Whether the last statement of a connection waits for another's lock, or has ended.
async fn waits(client: &Client, other: i32) -> bool {
    let state = "SELECT state, wait_event_type FROM pg_stat_activity WHERE pid = $1";
    loop {
        let Some(row) = client.query_opt(state, &[&other]).await.unwrap() else {
            return false;
        };
        let (state, event): (String, Option<String>) = (row.get(0), row.get(1));
        match event.as_deref() {
            Some("Lock") => return true,
            _ if state == "idle" => return false,
            _ => {}
        }
    }
}

/// Runs the second statement while a transaction that ran the first one is not committed yet.
pub(crate) async fn interleaved(url: &str, first: &str, second: &str) {
    let (watching, earlier, later) = (client(url).await, client(url).await, client(url).await);
    earlier.batch_execute(&format!("BEGIN; {first}")).await.unwrap();
    let pid: i32 = later.query_one("SELECT pg_backend_pid()", &[]).await.unwrap().get(0);
    later.batch_execute("SELECT").await.unwrap();
    let statement = second.to_owned();
    let writing = tokio::spawn(async move { later.batch_execute(&statement).await });
    while !writing.is_finished() && !waits(&watching, pid).await {}
    earlier.batch_execute("COMMIT").await.unwrap();
    let written = writing.await.unwrap();
    assert!(written.is_ok(), "{first}; {second}: {written:?}");
}
