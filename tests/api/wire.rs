//! What a request costs, counted on the wire between the built program and its database.

use crate::database::TestDatabase;
use crate::migrations::client;
use crate::program::{Program, new_token, with};
use crate::tap::{Sent, Tap};

/// 20,000 tasks in 200 projects, with tags.
const WORLD: &str = "SET session_replication_role = replica;
    INSERT INTO projects (id, title) SELECT md5('p' || n)::uuid, 'Project ' || n FROM generate_series(1, 200) AS n;
    INSERT INTO tags (id, name, key) SELECT md5('t' || n)::uuid, 'tag' || n, 'tag' || n FROM generate_series(1, 50) AS n;
    INSERT INTO tasks (id, title, position, project_id, due_date)
        SELECT md5(n::text)::uuid, 'Task ' || n, lpad(n::text, 8, '0'), md5('p' || (n % 200 + 1))::uuid, date '2026-01-01' + n % 60
        FROM generate_series(1, 20000) AS n;
    INSERT INTO task_tags SELECT md5(n::text)::uuid, md5('t' || (n % 50 + 1))::uuid FROM generate_series(1, 20000) AS n;
    ANALYZE";

const DOCUMENT: &str = "{
    today: tasks(filter: {due: {eq: \"2026-01-20\"}}, first: 20) { totalCount nodes { title isOverdue tags { name } project { title } } }
    late: tasks(filter: {isOverdue: true}, orderBy: [{due: ASC}], first: 20) { nodes { title subtaskProgress { total } } }
    projects(first: 10) { nodes { title progress { total open } } }
    tags(first: 10) { nodes { name taskCount } }
    viewer { tokenName }
}";

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_query_of_five_root_fields_is_one_bind_one_execute_and_one_sync() {
    let database = TestDatabase::new();
    client(&database.url).await.batch_execute(WORLD).await.unwrap();
    let token = new_token(&database, &["--name", "wire"]);
    let tap = Tap::before(&database.url);
    let mut command = with(&database, &["--database-connections", "1"]);
    let program = Program::serve(command.env("DATABASE_URL", &tap.url));
    let ask = || program.address.query(&token, DOCUMENT);
    // The first time a shape is seen it is not kept, the second time it is.
    let cold = ask();
    assert_eq!(cold.status, 200, "{cold:?}");
    let of_requests = |sent: &Vec<Sent>| {
        sent.iter()
            .any(|it| matches!(it, Sent::Parse(sql) if sql.starts_with("SELECT array_to_json")))
    };
    let connections = tap.take_by_connection();
    let connection = connections.into_iter().find(|(_, sent)| of_requests(sent)).unwrap().0;
    ask();
    tap.take();
    let warm = ask();
    assert_eq!(warm.body, cold.body);
    let sent = tap.take_by_connection().remove(&connection).unwrap();
    assert_eq!(sent, ["Bind", "Execute", "Sync"].map(Sent::Other));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_create_with_tags_is_the_write_and_its_read_back_in_one_flush() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "wire"]);
    let tap = Tap::before(&database.url);
    let mut command = with(&database, &["--database-connections", "1"]);
    let program = Program::serve(command.env("DATABASE_URL", &tap.url));
    let document = "mutation { createTask(input: {title: \"One\", tagNames: [\"a\", \"b\", \"c\"]}) { task { id tags { name } } userErrors { code } cursor } }";
    let ask = || program.address.query(&token, document);
    let cold = ask();
    assert_eq!(cold.json()["data"]["createTask"]["userErrors"], serde_json::json!([]), "{cold:?}");
    let writes = |sent: &Vec<Sent>| {
        sent.iter().any(|it| matches!(it, Sent::Parse(sql) if sql.starts_with("WITH written")))
    };
    let connections = tap.take_by_connection();
    let connection = connections.into_iter().find(|(_, sent)| writes(sent)).unwrap().0;
    ask();
    tap.take();
    ask();
    let sent = tap.take_by_connection().remove(&connection).unwrap();
    let warm = ["Bind", "Execute", "Sync", "Bind", "Execute", "Sync"];
    assert_eq!(sent, warm.map(Sent::Other));
}
