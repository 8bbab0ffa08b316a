//! What of an original is another with each answer of Notion's, and no change: the addresses of its files, which end
//! within an hour, and the results of formulas and rollups, which may be of the time or of other pages.

use super::snapshot::Origin;
use crate::tables::external_refs;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// How many originals are here at once.
const AT_ONCE: usize = 500;

/// Takes away the addresses of files.
pub(crate) fn forget_addresses(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if members.remove("expiry_time").is_some() {
                members.remove("url");
            }
            members.values_mut().for_each(forget_addresses);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_addresses),
        _ => {}
    }
}

/// Takes away what properties reckon.
fn forget_results(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let kind = members.get("type").and_then(Value::as_str);
            if let Some(kind @ ("formula" | "rollup")) = kind {
                let kind = kind.to_owned();
                members.remove(&kind);
            }
            members.values_mut().for_each(forget_results);
        }
        Value::Array(items) => items.iter_mut().for_each(forget_results),
        _ => {}
    }
}

/// What lasts of an original; nothing where it is none of Notion's.
fn lasting(original: &[u8]) -> Option<Value> {
    let mut value: Value = serde_json::from_slice(original).ok()?;
    forget_addresses(&mut value);
    forget_results(&mut value);
    Some(value)
}

fn are_same(one: &[u8], other: &[u8]) -> bool {
    let one = lasting(one);
    one.is_some() && one == lasting(other)
}

/// Those of some records that are what came of a source before, but for what passes: their ids there.
pub(super) async fn unchanged(
    connection: &mut AsyncPgConnection,
    source: &str,
    records: &[&Origin],
) -> QueryResult<BTreeSet<String>> {
    let mut unchanged = BTreeSet::new();
    for some in records.chunks(AT_ONCE) {
        let by_id: BTreeMap<&str, &&Origin> =
            some.iter().map(|origin| (origin.external_id.as_str(), origin)).collect();
        let rows: Vec<(String, Vec<u8>)> = external_refs::table
            .filter(external_refs::source.eq(source))
            .filter(external_refs::external_id.eq_any(by_id.keys().copied()))
            .select((external_refs::external_id, external_refs::original))
            .load(connection)
            .await?;
        let same = rows.into_iter().filter(|(id, original)| {
            by_id.get(id.as_str()).is_some_and(|it| are_same(original, &it.original.bytes()))
        });
        unchanged.extend(same.map(|(id, _)| id));
    }
    Ok(unchanged)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_addresses_and_results_are_no_change() {
        let page = |title: &str, time: u32| {
            format!(
                r#"{{"url":"{title}","properties":{{
                    "F":{{"type":"files","files":[{{"file":{{"url":"https://x/{time}","expiry_time":"{time}"}}}}]}},
                    "N":{{"type":"formula","formula":{{"type":"string","string":"{time}"}}}},
                    "R":{{"type":"rollup","rollup":{{"type":"number","number":{time}}}}}}}}}"#
            )
        };
        assert!(are_same(page("a", 1).as_bytes(), page("a", 2).as_bytes()));
        assert!(!are_same(page("a", 1).as_bytes(), page("b", 1).as_bytes()));
        assert!(!are_same(b"no JSON", b"no JSON"));
    }
}
