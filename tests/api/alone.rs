//! A field selected alone brings what it brings among all others, whatever the statement leaves out then.

use crate::app::App;
use serde_json::{Value, json};

/// The fields of a type that are values, without arguments.
async fn values(app: &App, kind: &str) -> Vec<String> {
    let document = "query ($kind: String!) { __type(name: $kind) { fields { name args { name }
        type { kind ofType { kind } } } } }";
    let response = app.respond(document, json!({ "kind": kind })).await;
    let fields = response["data"]["__type"]["fields"].as_array().unwrap();
    let is_value = |field: &&Value| {
        let of = [&field["type"]["kind"], &field["type"]["ofType"]["kind"]];
        field["args"] == json!([]) && of.iter().any(|kind| **kind == "SCALAR" || **kind == "ENUM")
    };
    let names = fields.iter().filter(is_value).map(|field| field["name"].as_str().unwrap());
    names.map(str::to_owned).collect()
}

async fn records(app: &App, list: &str, fields: &str) -> Vec<Value> {
    let document = format!("{{ {list}(scope: ALL, first: 500) {{ nodes {{ {fields} }} }} }}");
    app.query(&document).await[list]["nodes"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_field_alone_brings_what_it_brings_among_others() {
    let app = App::new();
    app.sql(include_str!("../golden/world.sql")).await;
    for (kind, list, few) in [("Task", "tasks", 15), ("Project", "projects", 8), ("Tag", "tags", 8)]
    {
        let names = values(&app, kind).await;
        assert!(names.len() >= few, "{kind}: {names:?}");
        let together = records(&app, list, &names.join(" ")).await;
        assert!(together.len() > 1, "{list}");
        for name in &names {
            let alone = records(&app, list, name).await;
            let among: Vec<_> =
                together.iter().map(|record| json!({ name: record[name] })).collect();
            assert_eq!(alone, among, "{kind}.{name}");
        }
    }
}
