//! What README.md shows is what the program answers.

use crate::app::App;
use serde_json::Value;

/// The first code block of a language.
fn block(language: &str) -> &'static str {
    let page = include_str!("../../README.md");
    let start = page.split_once(&format!("```{language}\n")).unwrap().1;
    start.split_once("```").unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn the_query_of_the_readme_has_the_answer_that_stands_beside_it() {
    let app = App::new();
    app.sql(include_str!("../golden/world.sql")).await;
    let answer: Value = serde_json::from_str(block("json")).unwrap();
    assert_eq!(app.query(block("graphql")).await, answer);
}

#[test]
fn every_script_that_the_readme_names_is_there() {
    for line in block("sh").lines() {
        let script = line.split_whitespace().next().unwrap();
        assert!(std::path::Path::new(script).exists(), "{script}");
    }
}

#[test]
fn the_namespace_of_imported_ids_is_the_one_in_use() {
    let namespace = tomos::import::snapshot::NAMESPACE.to_string();
    assert!(include_str!("../../README.md").contains(&namespace), "{namespace}");
}
