//! Golden operations: `tests/golden/**/*.graphql` in, the statement and the answer out.
//!
//! Beside each document stand the `.sql` that it costs and the `.json` that it answers; both are
//! compared, and `TOMOS_UPDATE=1` writes them anew, for `git diff` to show what changed. The first lines
//! of a document may say `# variables: {…}` and `# zone: Australia/Sydney`; those of a batch say how many
//! statements it takes.

use crate::app::App;
use crate::tap::Sent;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

fn documents(below: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(below);
    let mut found: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|it| it == "graphql"))
        .collect();
    found.sort();
    found
}

/// What a document's first lines say.
fn header<'a>(document: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = document.lines().take_while(|line| line.starts_with('#'));
    lines.find_map(|line| line.strip_prefix("# ")?.strip_prefix(name)?.strip_prefix(": "))
}

async fn answer(app: &App, document: &str) -> Value {
    let variables = header(document, "variables").unwrap_or("{}");
    let zone = header(document, "zone").unwrap_or("UTC");
    app.respond_in(zone, document, serde_json::from_str(variables).unwrap()).await
}

fn compare(path: &Path, extension: &str, now: &str, changed: &mut Vec<String>) {
    let path = path.with_extension(extension);
    if std::fs::read_to_string(&path).unwrap_or_default() == now {
        return;
    }
    if std::env::var_os("TOMOS_UPDATE").is_some() {
        std::fs::write(&path, now).unwrap();
    } else {
        changed.push(format!("{} is now:\n{now}", path.display()));
    }
}

/// The statements of what was sent, as a person reads them.
fn statements(sent: &[Sent]) -> Vec<String> {
    let statements = sent.iter().filter_map(|sent| match sent {
        Sent::Parse(sql) | Sent::Query(sql) => Some(sql),
        Sent::Other(_) => None,
    });
    let options = sqlformat::FormatOptions {
        indent: sqlformat::Indent::Spaces(2),
        max_inline_block: 90,
        max_inline_arguments: Some(90),
        ..sqlformat::FormatOptions::default()
    };
    statements.map(|sql| sqlformat::format(sql, &sqlformat::QueryParams::None, &options)).collect()
}

fn executed(sent: &[Sent]) -> usize {
    sent.iter().filter(|sent| matches!(sent, Sent::Query(_) | Sent::Other("Execute"))).count()
}

/// Compares what an operation costs and answers, and gives the number of its statements.
async fn check(app: &App, path: &Path, most: usize, changed: &mut Vec<String>) -> usize {
    let document = std::fs::read_to_string(path).unwrap();
    app.tap.take();
    let response = answer(app, &document).await;
    let sent = app.tap.take();
    assert!(executed(&sent) <= most, "{} took {}: {sent:?}", path.display(), executed(&sent));
    let sql = statements(&sent);
    let sql = format!("-- {} statement(s)\n{}\n", sql.len(), sql.join(";\n\n"));
    compare(path, "sql", &sql, changed);
    let json = serde_json::to_string_pretty(&response).unwrap() + "\n";
    compare(path, "json", &json, changed);
    executed(&sent)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_golden_query_is_one_statement_with_the_same_answer() {
    let app = App::new();
    app.sql(include_str!("../golden/world.sql")).await;
    app.query("{ tasks(first: 0) { totalCount } }").await;
    let mut changed = Vec::new();
    for path in documents("query") {
        check(&app, &path, 1, &mut changed).await;
    }
    assert!(changed.is_empty(), "TOMOS_UPDATE=1 accepts:\n{}", changed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warm_golden_query_is_one_bind_one_execute_and_one_sync() {
    let app = App::new();
    app.sql(include_str!("../golden/world.sql")).await;
    for path in documents("query") {
        let document = std::fs::read_to_string(&path).unwrap();
        // A shape is kept prepared when it is seen for the second time.
        answer(&app, &document).await;
        let second = answer(&app, &document).await;
        app.tap.take();
        let third = answer(&app, &document).await;
        let warm = ["Bind", "Execute", "Sync"].map(Sent::Other);
        let sent = app.tap.take();
        assert!(sent.is_empty() || sent == warm, "{}: {sent:?}", path.display());
        assert_eq!(second.get("data"), third.get("data"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_keeps_a_statement_from_the_second_time_that_its_shape_is_seen() {
    let fields = ["dueDate", "energy", "description", "scheduledDate", "isOverdue", "source"];
    let app = App::new();
    let ask = async || {
        app.tap.take();
        for field in fields {
            app.query(&format!("{{ tasks {{ nodes {{ {field} }} }} }}")).await;
        }
        let sent = app.tap.take();
        let count = |wanted: &dyn Fn(&Sent) -> bool| sent.iter().filter(|it| wanted(it)).count();
        let prepared = count(&|it| matches!(it, Sent::Parse(_)));
        (prepared, count(&|it| *it == Sent::Other("Close")))
    };
    app.query("{ tasks(first: 0) { totalCount } }").await;
    let (prepared, closed) = ask().await;
    assert_eq!(prepared, fields.len());
    // That of the last one may still be on its way.
    assert!(closed >= fields.len() - 1, "{closed} of {prepared} statements are closed");
    let (prepared, closed) = ask().await;
    assert_eq!(prepared, fields.len());
    assert!(closed <= 1, "{closed} of {prepared} statements are closed");
    assert_eq!(ask().await, (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_golden_mutation_is_one_write_and_its_read_back() {
    let mut changed = Vec::new();
    for path in documents("mutation") {
        let app = App::new();
        app.sql(include_str!("../golden/world.sql")).await;
        app.query("{ tasks(first: 0) { totalCount } }").await;
        check(&app, &path, 2, &mut changed).await;
    }
    assert!(changed.is_empty(), "TOMOS_UPDATE=1 accepts:\n{}", changed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_golden_batch_is_as_many_statements_as_it_says() {
    let mut changed = Vec::new();
    for path in documents("batch") {
        let app = App::with_connections(1);
        app.sql(include_str!("../golden/world.sql")).await;
        app.query("{ tasks(first: 0) { totalCount } }").await;
        let document = std::fs::read_to_string(&path).unwrap();
        let said = header(&document, "statements").unwrap().parse().unwrap();
        assert_eq!(check(&app, &path, said, &mut changed).await, said, "{}", path.display());
    }
    assert!(changed.is_empty(), "TOMOS_UPDATE=1 accepts:\n{}", changed.join("\n"));
}

/// What each tells first; cursors, which are another each time, are left out of the documents.
#[tokio::test(flavor = "multi_thread")]
async fn every_golden_subscription_begins_with_one_statement() {
    let app = App::new();
    app.sql(include_str!("../golden/world.sql")).await;
    app.query("{ tasks(first: 0) { totalCount } }").await;
    let mut changed = Vec::new();
    for path in documents("subscription") {
        let document = std::fs::read_to_string(&path).unwrap();
        let zone: &'static str = header(&document, "zone").unwrap_or("UTC").to_owned().leak();
        app.tap.take();
        let first = app.subscribe(zone, &document, json!({})).await.unwrap().0.unwrap();
        let sent = app.tap.take();
        assert_eq!(executed(&sent), 1, "{}: {sent:?}", path.display());
        compare(&path, "sql", &format!("{}\n", statements(&sent).join(";\n\n")), &mut changed);
        let first: Value = serde_json::from_str(&first).unwrap();
        compare(
            &path,
            "json",
            &(serde_json::to_string_pretty(&first).unwrap() + "\n"),
            &mut changed,
        );
    }
    assert!(changed.is_empty(), "TOMOS_UPDATE=1 accepts:\n{}", changed.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_operation_is_one_statement_too() {
    let app = App::new();
    app.query("{ tasks(first: 0) { totalCount } }").await;
    app.sql("ALTER TABLE tags RENAME TO elsewhere").await;
    app.tap.take();
    let response = app
        .respond(
            "{ tags { totalCount } node(id: \"00000000-0000-4000-8000-000000000000\") { id } }",
            json!({}),
        )
        .await;
    assert_eq!(response["errors"][0]["extensions"]["code"], "INTERNAL");
    assert_eq!(response["errors"][0]["message"], "an internal error happened");
    let parsed = app.tap.take().into_iter().filter(|sent| matches!(sent, Sent::Parse(_))).count();
    assert_eq!(parsed, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn root_fields_come_in_the_order_in_which_they_were_asked_for() {
    let app = App::new();
    let document = "query { ...Rest b: tasks(first: 0) { totalCount } viewer { tokenName } a: tags(first: 0) { totalCount } }
        fragment Rest on Query { c: projects(first: 0) { totalCount } serverInfo { version } }";
    let response = app.respond_as_text(document).await;
    let place = |key: &str| response.find(&format!("\"{key}\":")).unwrap();
    assert!(["c", "serverInfo", "b", "viewer", "a"].map(place).is_sorted(), "{response}");
}
