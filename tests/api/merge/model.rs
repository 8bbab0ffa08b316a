//! Random histories of two devices, compared with a naive merge of three versions.

use super::{ID, app_with_task, told};
use crate::oracle::world::Dice;
use serde_json::{Map, Value, json};

const FIELDS: &str = "task { version title priority status source due: dueDate tags { id } } \
    mergedFields conflictingFields userErrors { code path }";

/// A task's fields by their names in the feed.
type State = Map<String, Value>;

fn values(tags: &[Value]) -> Vec<(&'static str, Vec<Value>)> {
    vec![
        ("title", vec![json!("A"), json!("B")]),
        ("priority", vec![json!("LOW"), json!("MEDIUM"), json!("HIGH")]),
        ("status", vec![json!("TODO"), json!("BLOCKED")]),
        ("source", vec![Value::Null, json!("ios")]),
        ("due", vec![Value::Null, json!("2026-02-01")]),
        ("tags", vec![json!([]), json!([tags[0]]), json!([tags[1]]), json!(tags)]),
    ]
}

/// What a late patch should come to: the state, and the names merged and in conflict.
fn expected(
    history: &[State],
    base: usize,
    policy: &str,
    patch: &State,
) -> (State, Vec<String>, Vec<String>) {
    let mut now = history.last().unwrap().clone();
    let late = base + 1 < history.len() && policy != "OVERWRITE";
    let (mut merged, mut conflicting) = (Vec::new(), Vec::new());
    for (name, value) in patch {
        let since = &history[base..];
        let changed = since.windows(2).any(|versions| versions[0][name] != versions[1][name]);
        if late && now[name] != *value {
            if changed { &mut conflicting } else { &mut merged }.push(name.clone());
        }
    }
    if policy == "REJECT" && !conflicting.is_empty() {
        return (now, Vec::new(), conflicting);
    }
    for (name, value) in patch {
        if !conflicting.contains(name) {
            now[name] = value.clone();
        }
    }
    (now, merged, conflicting)
}

/// The fields of the payload's task, its tags as sorted ids.
fn shown(mut task: Value) -> State {
    let ids = task["tags"].as_array().unwrap().iter().map(|tag| tag["id"].as_str().unwrap());
    let mut ids: Vec<_> = ids.map(str::to_owned).collect();
    ids.sort();
    task["tags"] = json!(ids);
    task.as_object_mut().unwrap().remove("version");
    task.as_object().unwrap().clone()
}

/// As the API takes it: two fields have other names there.
fn input(patch: &State) -> Value {
    let name = |name: &str| match name {
        "due" => "dueDate".to_owned(),
        "tags" => "tagIds".to_owned(),
        name => name.to_owned(),
    };
    patch.iter().map(|(field, value)| (name(field), value.clone())).collect::<Map<_, _>>().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn random_late_writes_come_to_what_a_naive_merge_says() {
    let seeds = if std::env::var_os("TOMOS_FULL").is_some() { 40 } else { 4 };
    for seed in 0..seeds {
        let mut dice = Dice(seed);
        let app = app_with_task().await;
        let mut tags = Vec::new();
        for name in ["a", "b"] {
            let tag = app.mutate("createTag", json!({"name": name}), "tag { id }").await;
            tags.push(tag["tag"]["id"].clone());
        }
        let mut ask = json!({"id": ID, "patch": {}});
        let first = app.mutate("updateTask", ask.clone(), FIELDS).await;
        let mut history = vec![shown(first["task"].clone())];
        for step in 0..60 {
            let mut patch = State::new();
            for (name, values) in values(&tags) {
                if dice.one_in(3) {
                    patch.insert(name.to_owned(), dice.pick(&values));
                }
            }
            let base = history.len() - 1 - dice.below(history.len().min(4));
            let policy = dice.pick(&["MERGE", "MERGE", "REJECT", "OVERWRITE"]);
            ask["patch"] = input(&patch);
            ask["baseVersion"] = json!(base + 1);
            ask["onConflict"] = json!(policy);
            let done = app.mutate("updateTask", ask.clone(), FIELDS).await;
            let (state, merged, conflicting) = expected(&history, base, policy, &patch);
            let at = format!("seed {seed}, step {step}: {ask}");
            assert_eq!(told(&done), (json!(merged), json!(conflicting)), "{at}");
            assert_eq!(shown(done["task"].clone()), state, "{at}");
            if state != *history.last().unwrap() {
                history.push(state);
            }
            assert_eq!(done["task"]["version"], json!(history.len()), "{at}");
        }
    }
}
