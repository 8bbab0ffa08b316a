//! The way between the devices and the service: requests as they are sent, and what comes back.

use super::action::Operation;
use super::device::Kind;
use super::online;
use crate::app::App;
use serde_json::{Value, json};

/// Who answers.
pub(super) trait Service {
    /// The data of the answer; nothing where none came.
    async fn ask(&self, document: &str, variables: Value) -> Option<Value>;
}

impl Service for App {
    async fn ask(&self, document: &str, variables: Value) -> Option<Value> {
        let mut response = self.respond(document, variables.clone()).await;
        assert_eq!(response.get("errors"), None, "{document}\n{variables}");
        Some(response["data"].take())
    }
}

/// What is asked of a record of any kind.
fn any() -> String {
    let kinds = [("Task", Kind::Task), ("Project", Kind::Project), ("Tag", Kind::Tag)];
    let parts = kinds.map(|(name, kind)| format!("... on {name} {{ {} }}", kind.fields()));
    format!("__typename {}", parts.join(" "))
}

/// Does a queue; gives what came of each operation.
pub(super) async fn push(
    service: &impl Service,
    operations: &[Operation],
    atomic: bool,
) -> Option<Value> {
    let document = format!(
        "mutation ($input: SyncPushInput!) {{ syncPush(input: $input) {{ userErrors {{ code }} results {{ opId outcome
            mergedFields conflictingFields userErrors {{ code path }} record {{ {} }} }} }} }}",
        any()
    );
    let operations: Vec<_> = operations.iter().map(Operation::in_push).collect();
    let input = json!({"operations": operations, "atomic": atomic});
    let mut data = service.ask(&document, json!({ "input": input })).await?;
    assert_eq!(data["syncPush"]["userErrors"], json!([]));
    Some(data["syncPush"]["results"].take())
}

/// Does one operation as a mutation of its own; gives what came of it as a push would.
pub(super) async fn alone(service: &impl Service, operation: &Operation) -> Option<Value> {
    let Operation { verb, key, input, .. } = operation;
    let kind = operation.kind();
    let (kind_of_input, payload) = match *verb {
        "completeTask" | "reopenTask" => ("RecordRef".to_owned(), kind.field()),
        verb if verb.starts_with("restore") => ("RecordRef".to_owned(), kind.field()),
        verb if verb.starts_with("delete") => ("RecordRef".to_owned(), "record"),
        verb => {
            let (first, rest) = verb.split_at(1);
            (format!("{}{rest}Input", first.to_uppercase()), kind.field())
        }
    };
    let fields = if payload == "record" { any() } else { format!("__typename {}", kind.fields()) };
    let merges = if payload == "record" { "" } else { "mergedFields conflictingFields" };
    let document = format!(
        "mutation ($input: {kind_of_input}!) {{ {verb}(input: $input) {{ replayed {merges} userErrors {{ code path }}
            record: {payload} {{ {fields} }} }} }}"
    );
    let mut input = input.clone();
    input["clientMutationId"] = json!(key);
    let mut data = service.ask(&document, json!({ "input": input })).await?;
    let mut result = data[verb].take();
    result["opId"] = json!(key);
    let some = |list: &str| result[list].as_array().is_some_and(|list| !list.is_empty());
    let outcome = if result["replayed"] == json!(true) {
        "REPLAYED"
    } else if some("conflictingFields") || result["userErrors"][0]["code"] == "VERSION_CONFLICT" {
        "CONFLICT"
    } else if some("userErrors") {
        "REJECTED"
    } else if some("mergedFields") {
        "MERGED"
    } else {
        "APPLIED"
    };
    result["outcome"] = json!(outcome);
    Some(json!([result]))
}

/// A page of the feed.
pub(super) async fn page(service: &impl Service, since: &Value, first: u64) -> Option<Value> {
    let [task, project, tag] = Kind::ALL.map(Kind::fields);
    let document = format!(
        "query ($since: ChangeCursor, $first: Int!) {{ changes(since: $since, first: $first) {{ cursor hasMore resetRequired
            tasks {{ {task} }} projects {{ {project} }} tags {{ {tag} }} deleted {{ id type version deletedAt }} }} }}"
    );
    let mut data = service.ask(&document, json!({"since": since, "first": first})).await?;
    Some(data["changes"].take())
}

/// Does what is only done online.
pub(super) async fn batch(service: &impl Service, operation: &Operation) -> Option<Value> {
    let Operation { verb, key, input, .. } = operation;
    let (first, rest) = verb.split_at(1);
    let document = format!(
        "mutation ($input: {}{rest}Input!) {{ {verb}(input: $input) {{ replayed userErrors {{ code path }} {} }} }}",
        first.to_uppercase(),
        online::payload(verb)
    );
    let mut input = input.clone();
    input["clientMutationId"] = json!(key);
    let mut data = service.ask(&document, json!({ "input": input })).await?;
    Some(data[*verb].take())
}
