//! Full-text search: what is found by which words, in which order, and how it is shown.

mod documents;

use crate::app::App;
use serde_json::{Value, json};

/// A few records that are alike.
const WORLD: &str = "
    INSERT INTO projects (id, title, description) VALUES
        ('00000000-0000-4000-8000-0000000000a1', 'Kitchen renovation', 'Tiles, oven and sink'),
        ('00000000-0000-4000-8000-0000000000a2', 'Zürich trip', NULL);
    INSERT INTO tags (id, name, key) VALUES
        ('00000000-0000-4000-8000-0000000000b1', 'area:home', 'area:home'),
        ('00000000-0000-4000-8000-0000000000b2', 'errand', 'errand');
    INSERT INTO tasks (id, title, description, project_id, position) VALUES
        ('00000000-0000-4000-8000-000000000001', 'Review the contract', 'with the lawyer', NULL, '1'),
        ('00000000-0000-4000-8000-000000000002', 'Call the plumber', 'about the contract', '00000000-0000-4000-8000-0000000000a1', '2'),
        ('00000000-0000-4000-8000-000000000003', 'Café in der Straße', 'Crème brûlée, İstanbul', NULL, '3'),
        ('00000000-0000-4000-8000-000000000004', 'Buy v1.0 🎉 tickets', 'https://example.com/a-b', '00000000-0000-4000-8000-0000000000a2', '4'),
        ('00000000-0000-4000-8000-000000000005', 'שלום עולם', NULL, NULL, '5');
    INSERT INTO task_tags (task_id, tag_id) VALUES
        ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-0000000000b1'),
        ('00000000-0000-4000-8000-000000000004', '00000000-0000-4000-8000-0000000000b2')";

async fn world() -> App {
    let app = App::new();
    app.sql(WORLD).await;
    app
}

/// The titles and names that a text finds, best first.
async fn found(app: &App, text: &str) -> Vec<String> {
    let document = "query ($text: String!) { search(text: $text) { nodes {
        ... on Task { title } ... on Project { title } ... on Tag { name } } } }";
    let response = app.respond(document, json!({ "text": text })).await;
    assert_eq!(response.get("errors"), None, "{text:?}");
    let nodes = response["data"]["search"]["nodes"].as_array().unwrap().clone();
    let title = |node: &Value| node.get("title").or(node.get("name")).unwrap().clone();
    nodes.iter().map(|node| title(node).as_str().unwrap().to_owned()).collect()
}

async fn assert_found(app: &App, text: &str, titles: &[&str]) {
    assert_eq!(found(app, text).await, titles, "{text:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_found_wherever_they_stand_and_the_title_counts_most() {
    let app = world().await;
    assert_found(&app, "contract", &["Review the contract", "Call the plumber"]).await;
    assert_found(&app, "the contract lawyer", &["Review the contract"]).await;
    assert_found(&app, "kitchen", &["Kitchen renovation", "Call the plumber"]).await;
    assert_found(&app, "oven", &["Kitchen renovation"]).await;
    assert_found(&app, "home", &["area:home", "Call the plumber"]).await;
    assert_found(&app, "area:home plumber", &["Call the plumber"]).await;
    assert_found(&app, "nowhere", &[]).await;
    let plum = "INSERT INTO tasks (id, title) VALUES ('00000000-0000-4000-8000-000000000000', 'Eat a plum')";
    app.sql(plum).await;
    assert_found(&app, "plum", &["Eat a plum", "Call the plumber"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn case_accents_and_scripts_do_not_matter() {
    let app = world().await;
    let cafe = ["Café in der Straße"];
    for text in
        ["cafe", "CAFÉ", "STRASSE", "straße", "istanbul", "ISTANBUL", "creme BRULEE", "cafe\u{301}"]
    {
        assert_found(&app, text, &cafe).await;
    }
    assert_found(&app, "zurich", &["Zürich trip", "Buy v1.0 🎉 tickets"]).await;
    assert_found(&app, "עולם", &["שלום עולם"]).await;
    assert_found(&app, "example", &["Buy v1.0 🎉 tickets"]).await;
    assert_found(&app, "🎉 tickets", &["Buy v1.0 🎉 tickets"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn phrases_alternatives_exclusions_and_prefixes_mean_what_they_do_on_the_web() {
    let app = world().await;
    let (review, call) = ("Review the contract", "Call the plumber");
    assert_found(&app, "\"the contract\"", &[review, call]).await;
    assert_found(&app, "\"contract the\"", &[]).await;
    assert_found(&app, "“review the” contract", &[review]).await;
    assert_found(&app, "lawyer OR plumber", &[call, review]).await;
    assert_found(&app, "contract -lawyer", &[call]).await;
    assert_found(&app, "contract -\"the lawyer\"", &[call]).await;
    assert_found(&app, "contr", &[review, call]).await;
    assert_found(&app, "\"contr\" lawyer", &[]).await;
    assert_found(&app, "\"contr\"", &[]).await;
    assert_found(&app, "\"the contr", &[review, call]).await;
    assert_found(&app, "area:ho", &["area:home", call]).await;
    assert_found(&app, "v1.0", &["Buy v1.0 🎉 tickets"]).await;
    assert_found(&app, "1.0", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_misspelt_word_finds_names_like_it_where_nothing_matches() {
    let app = world().await;
    assert_found(&app, "contarct", &["Review the contract"]).await;
    assert_found(&app, "plummber", &["Call the plumber"]).await;
    assert_found(&app, "plummber kitchen", &["Call the plumber"]).await;
    assert_found(&app, "kithcen", &["Kitchen renovation"]).await;
    assert_found(&app, "errant", &["errand"]).await;
    assert_found(&app, "\"contarct\"", &[]).await;
    assert_found(&app, "contarct OR plummber", &[]).await;
    // A word that is there is never widened.
    assert_found(&app, "tickets", &["Buy v1.0 🎉 tickets"]).await;
    app.sql("UPDATE tasks SET deleted_at = now() WHERE title LIKE 'Review%'").await;
    assert_found(&app, "contarct", &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_makes_the_database_stumble() {
    let app = world().await;
    for text in [
        "",
        " ",
        "🎉",
        "-",
        "--",
        "\"",
        "\"\"",
        "OR",
        "OR OR",
        "-OR",
        "- x",
        "()",
        "a & | ! <-> b",
        ":*",
        "'; DROP TABLE tasks; --",
        "\\",
        "%_",
        "a\u{200d}b",
        "'a':1A",
        "x:*",
        "\u{fdfa}",
        "\u{10ffff}",
    ] {
        found(&app, text).await;
    }
    for text in ["", " \n", "🎉", "\"\"", "OR", "& | !"] {
        assert_found(&app, text, &[]).await;
    }
    assert_found(&app, &"x".repeat(10_000), &[]).await;
    assert_eq!(found(&app, "-contract").await.len(), 7, "all others, best first");
    let many = |count: usize| vec!["word"; count].join(" ");
    found(&app, &many(32)).await;
    for document in [
        "{ search(text: \"TEXT\") { totalCount } }",
        "{ tasks(filter: {search: \"TEXT\"}) { totalCount } }",
    ] {
        let response = app.respond(&document.replace("TEXT", &many(33)), json!({})).await;
        assert_eq!(response["errors"][0]["extensions"]["code"], "BAD_REQUEST", "{response}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trash_is_searched_only_by_a_list_of_the_trash() {
    let app = world().await;
    let input = json!({"id": "00000000-0000-4000-8000-000000000001"});
    app.mutate("deleteTask", input.clone(), "deletedId").await;
    assert_found(&app, "lawyer", &[]).await;
    let list = "{ live: tasks(filter: {search: \"lawyer\"}) { totalCount }
        trash: tasks(filter: {search: \"lawyer\"}, scope: TRASH) { nodes { title } } }";
    let listed = app.query(list).await;
    assert_eq!(listed["live"]["totalCount"], 0);
    assert_eq!(listed["trash"]["nodes"], json!([{"title": "Review the contract"}]));
    app.mutate("restoreTask", input, "task { id }").await;
    assert_found(&app, "lawyer", &["Review the contract"]).await;
}

/// The snippets of what a text finds.
async fn snippets(app: &App, text: &str) -> Vec<String> {
    let document = "query ($text: String!) { search(text: $text) { edges { snippet } } }";
    let response = app.respond(document, json!({ "text": text })).await;
    let edges = response["data"]["search"]["edges"].as_array().unwrap().clone();
    edges.iter().map(|edge| edge["snippet"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snippet_shows_the_words_as_they_were_written() {
    let app = world().await;
    for (text, shown) in [
        ("strasse caf", "«Café» in der «Straße»"),
        ("istanbul brulee", "Crème «brûlée», «İstanbul»"),
        ("area:home plumber", "«area»:«home»"),
        ("oven kitch", "«Kitchen» renovation"),
        ("v1.0", "Buy «v1».«0» 🎉 tickets"),
        ("zurich errand", "«Zürich» trip"),
        ("עולם", "שלום «עולם»"),
        ("contract -plumber", "Review the «contract»"),
    ] {
        assert_eq!(snippets(&app, text).await.first().unwrap(), shown, "{text}");
    }
    let padding = "Some other words. ".repeat(500);
    let description = format!("{padding}\n\n# Cre\u{301}me\n{padding}");
    let input = json!({"title": "Long", "description": description});
    app.mutate("createTask", input, "task { id }").await;
    assert_eq!(snippets(&app, "creme long").await, ["«Long»"]);
    let deep = snippets(&app, "creme words").await.remove(0);
    assert!(deep.contains(" other «words». # «Cre\u{301}me» Some "), "{deep}");
    assert!(deep.starts_with("… ") && deep.ends_with(" …") && deep.chars().count() < 200, "{deep}");
}

/// What each page of a list holds, read by its cursors to its end.
async fn pages(app: &App, list: &str, arguments: &str) -> Vec<Value> {
    let (mut all, mut after) = (Vec::new(), Value::Null);
    loop {
        let document = format!(
            "query ($after: String) {{ {list}({arguments}, first: 2, after: $after) {{
            edges {{ node {{ ... on Node {{ id }} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        );
        let mut response = app.respond(&document, json!({ "after": after })).await;
        assert_eq!(response.get("errors"), None, "{document}");
        let page = response["data"][list].take();
        all.extend(page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["id"].clone()));
        if page["pageInfo"]["hasNextPage"] == false {
            return all;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

/// Tasks of which many match equally well.
const EQUALS: &str = "
    INSERT INTO tasks (id, title, description) SELECT gen_random_uuid(),
        concat_ws(' ', 'stone', CASE WHEN n % 3 = 0 THEN 'stone' END, CASE WHEN n % 2 = 0 THEN 'wall' END),
        CASE WHEN n % 5 = 0 THEN 'stone by stone' END
    FROM generate_series(1, 25) AS n;
    INSERT INTO tags (id, name, key) VALUES (gen_random_uuid(), 'stone', 'stone');
    INSERT INTO projects (id, title) VALUES (gen_random_uuid(), 'stone')";

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_hits_in_order_of_relevance_show_each_hit_once() {
    let app = App::new();
    app.sql(EQUALS).await;
    for (list, arguments, count) in [
        ("search", "text: \"stone\"", 27),
        ("search", "text: \"stoen\"", 27),
        ("search", "text: \"stone\", types: [TASK, TAG]", 26),
        ("search", "text: \"stone\", types: []", 0),
        ("tasks", "filter: {search: \"stone\"}, orderBy: [{relevance: DESC}]", 25),
        ("tasks", "filter: {search: \"stoen\"}, orderBy: [{relevance: ASC}, {title: DESC}]", 25),
    ] {
        let all = app.query(&format!("{{ {list}({arguments}) {{ totalCount edges {{ node {{ ... on Node {{ id }} }} }} }} }}")).await;
        let all = &all[list];
        assert_eq!(all["totalCount"], count, "{arguments}");
        let ids: Vec<_> = all["edges"]
            .as_array()
            .unwrap()
            .iter()
            .map(|edge| edge["node"]["id"].clone())
            .collect();
        assert_eq!(pages(&app, list, arguments).await, ids, "{arguments}");
        let mut different: Vec<_> = ids.iter().map(Value::to_string).collect();
        different.sort();
        different.dedup();
        assert_eq!(different.len(), count, "{arguments}");
    }
    let ends = app.query("{ first: search(text: \"stone\", first: 2) { pageInfo { endCursor } edges { score } }
        last: search(text: \"stone\", last: 2) { pageInfo { hasPreviousPage hasNextPage } edges { score } } }").await;
    assert_eq!(ends["last"]["pageInfo"], json!({"hasPreviousPage": true, "hasNextPage": false}));
    let score = |list: &str| ends[list]["edges"][0]["score"].as_f64().unwrap();
    assert!(score("first") > score("last") && score("last") > 0.0, "{ends}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_by_relevance_needs_a_search() {
    let app = App::new();
    let ask = |filter: &str| {
        format!(
            "{{ tasks(filter: {filter}, orderBy: [{{title: ASC}}, {{relevance: DESC}}]) {{ totalCount }} }}"
        )
    };
    for filter in ["{}", "{isOpen: true}", "{or: [{search: \"a\"}]}", "{project: {search: \"a\"}}"]
    {
        let response = app.respond(&ask(filter), json!({})).await;
        let error = &response["errors"][0]["extensions"];
        assert_eq!(error["code"], "BAD_REQUEST", "{response}");
        assert_eq!(error["path"], json!(["tasks", "orderBy", "1", "relevance"]), "{response}");
    }
    for filter in ["{search: \"a\"}", "{and: [{isOpen: true}, {search: \"a\"}]}"] {
        app.query(&ask(filter)).await;
    }
    let nested = "{ projects { nodes { tasks(filter: {search: \"a\"}, orderBy: [{relevance: DESC}]) { nodes { id } } } } }";
    app.query(nested).await;
}
