//! The values that Notion cuts when it gives a page: more than 25 links, mentions or people.

use super::client::Client;
use super::fault::Fault;
use super::list;
use crate::import::notion::value::Members;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// How many parts of a value a page holds at most.
const PARTS: usize = 25;

/// The whole values of those properties that may be cut, by the property's id.
pub(super) async fn whole(
    client: &Client,
    page: &str,
    properties: &RawValue,
    problems: &mut Vec<String>,
) -> Result<BTreeMap<String, Vec<Box<RawValue>>>, Fault> {
    let mut whole = BTreeMap::new();
    for (name, property) in &Members::of(properties).0 {
        let Some((id, kind)) = cut(&Members::of(property)) else {
            continue;
        };
        // The id is written as a URL wants it already.
        match list::whole(client, &format!("/v1/pages/{page}/properties/{id}")).await {
            Ok(items) => {
                let parts = items.iter().filter_map(|item| Members::of(item).get(&kind));
                whole.insert(id, parts.map(ToOwned::to_owned).collect());
            }
            Err(fault) if fault.is_of_one_record() => {
                problems.push(format!("the rest of {name:?} could not be read: {fault}"));
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(whole)
}

/// The id and the type of a property whose value may be cut.
fn cut(property: &Members<'_>) -> Option<(String, String)> {
    let kind = property.text("type")?;
    let is_cut = match kind.as_str() {
        "relation" => property.is_true("has_more"),
        // It is not said of these.
        "title" | "rich_text" | "people" => {
            let parts: Vec<&RawValue> = serde_json::from_str(property.get(&kind)?.get()).ok()?;
            parts.len() >= PARTS
        }
        _ => false,
    };
    is_cut.then_some((property.text("id")?, kind))
}
