//! What must be true in the end: an account of all that the service said it did, also in answers that were lost
//! on their way.

use super::action::Operation;
use super::device::{Key, Kind};
use super::online::{created, parts};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio_postgres::Client;

/// What an operation has come to so far.
#[derive(Clone, Debug)]
struct Fate {
    operation: Operation,
    /// How many answers said that it was done just now.
    applied: u32,
    /// Whether it has been done, by any answer; in part, where others had changed the same.
    done: bool,
    /// Whether it, or a part of it, may have been done without an answer that says so.
    unsure: bool,
}

/// A field of a record that changed.
#[derive(Debug)]
struct Change {
    version: i64,
    field: String,
    by: String,
}

/// A record whose fields are followed.
#[derive(Debug, Default)]
struct Track {
    now: Map<String, Value>,
    changes: Vec<Change>,
}

/// How often each outcome was heard.
pub(super) type Outcomes = BTreeMap<String, u32>;

pub(super) struct Ledger {
    /// Whether requests come one after the other: then the account of fields is exact.
    pub(super) strict: bool,
    fates: BTreeMap<String, Fate>,
    tracks: BTreeMap<Key, Track>,
    /// How many operations were done to a record by its id.
    touches: BTreeMap<Key, i64>,
    /// How many were done that change other tasks too, and how often the trash was emptied.
    families: i64,
    pub(super) outcomes: Outcomes,
}

/// The fields that are followed, with those of a new record.
fn begun(kind: Kind, input: &Value) -> Map<String, Value> {
    let fields = match kind {
        Kind::Task => {
            json!({"title": input["title"], "source": null, "priority": "MEDIUM", "status": "TODO",
            "dueDate": null})
        }
        Kind::Project => json!({"title": input["title"], "color": null, "icon": null}),
        Kind::Tag => json!({"name": input["name"], "color": null}),
    };
    fields.as_object().unwrap().clone()
}

/// The feed's name of a field.
fn in_feed(field: &str) -> &str {
    if field == "dueDate" { "due" } else { field }
}

fn names(result: &Value, list: &str) -> Vec<String> {
    let names = result[list].as_array().into_iter().flatten();
    names.map(|name| name.as_str().unwrap().to_owned()).collect()
}

impl Ledger {
    pub(super) fn new(strict: bool) -> Self {
        let (fates, tracks, touches, outcomes) = Default::default();
        Self { strict, fates, tracks, touches, families: 0, outcomes }
    }

    /// Operations that were sent, and what was answered to them, if anyone heard.
    pub(super) fn heard(&mut self, operations: &[Operation], atomic: bool, answer: Option<&Value>) {
        let Some(results) = answer else {
            for operation in operations.iter().flat_map(created) {
                self.fate(&operation).unsure = true;
            }
            return;
        };
        let results = results.as_array().unwrap();
        assert_eq!(results.len(), operations.len());
        let refused = |result: &Value| {
            result["userErrors"] != json!([]) && result["outcome"] != json!("REPLAYED")
        };
        let undone = atomic && results.iter().any(refused);
        let own: Vec<_> = operations.iter().map(|operation| operation.key.clone()).collect();
        for (operation, result) in operations.iter().zip(results) {
            assert_eq!(result["opId"], json!(operation.key));
            self.take(operation, result, undone, &own);
        }
    }

    fn fate(&mut self, operation: &Operation) -> &mut Fate {
        self.fates.entry(operation.key.clone()).or_insert_with(|| Fate {
            operation: operation.clone(),
            applied: 0,
            done: false,
            unsure: false,
        })
    }

    fn take(&mut self, operation: &Operation, result: &Value, undone: bool, own: &[String]) {
        let strict = self.strict;
        let outcome = result["outcome"].as_str().unwrap();
        *self.outcomes.entry(outcome.to_owned()).or_default() += 1;
        let merges = operation.input["onConflict"] == "MERGE";
        let some = result["mergedFields"] != json!([]);
        let partly = outcome == "CONFLICT" && merges && some && !undone;
        let fate = self.fate(operation);
        let at = format!("{operation:?}: {result}");
        if strict && fate.done {
            assert_eq!(outcome, "REPLAYED", "done already: {at}");
        }
        if outcome == "APPLIED" || outcome == "MERGED" {
            fate.applied += 1;
            assert_eq!(fate.applied, 1, "done twice: {at}");
        }
        if strict && outcome == "REPLAYED" {
            assert!(fate.done || fate.unsure, "never done: {at}");
        }
        let first = !fate.done && (partly || ["APPLIED", "MERGED", "REPLAYED"].contains(&outcome));
        fate.done |= first;
        if first {
            self.touch(operation, &result["record"]);
        }
        if strict && !undone && matches!(outcome, "APPLIED" | "MERGED" | "CONFLICT") {
            self.follow(operation, result, own);
        }
    }

    fn touch(&mut self, operation: &Operation, record: &Value) {
        let input = &operation.input;
        let id = record["id"].as_str().or_else(|| input["id"].as_str());
        for id in id.into_iter().chain(input["sourceId"].as_str()) {
            *self.touches.entry((operation.kind(), id.to_owned())).or_default() += 1;
        }
        let family = ["deleteTask", "restoreTask", "mergeTags"];
        self.families += i64::from(family.contains(&operation.verb));
    }

    /// Keeps account of the fields, and judges what was said to be in conflict.
    fn follow(&mut self, operation: &Operation, result: &Value, own: &[String]) {
        let (input, record) = (&operation.input, &result["record"]);
        let kind = operation.kind();
        let Some(id) = record["id"].as_str() else { return };
        let key = (kind, id.to_owned());
        let wanted = match operation.verb {
            verb if verb == kind.verbs().create => {
                let track = Track { now: begun(kind, input), changes: Vec::new() };
                self.tracks.insert(key, track);
                return;
            }
            verb if verb == kind.verbs().update => input["patch"].as_object().unwrap().clone(),
            "completeTask" => status("DONE"),
            "reopenTask" => status("TODO"),
            _ => return,
        };
        let Some(track) = self.tracks.get_mut(&key) else { return };
        if operation.verb == "reopenTask" && track.now["status"] != "DONE" {
            return;
        }
        let judged = input["onConflict"] != "OVERWRITE";
        let base = input["baseVersion"].as_i64().filter(|_| judged).unwrap_or(i64::MAX);
        let conflicting = names(result, "conflictingFields");
        let at = format!("{operation:?}: {result}, {track:?}");
        for (field, value) in wanted.iter().filter(|(field, _)| track.now.contains_key(*field)) {
            let foreign = |change: &Change| {
                change.field == *field && change.version > base && !own.contains(&change.by)
            };
            let clash = track.now[field] != *value && track.changes.iter().any(foreign);
            let told = conflicting.iter().any(|name| name == in_feed(field));
            assert_eq!(told, clash, "{field} in conflict: {at}");
        }
        let all_or_none = input["onConflict"] == "REJECT" || operation.verb != kind.verbs().update;
        if all_or_none && !conflicting.is_empty() {
            return;
        }
        let version = record["version"].as_i64().unwrap();
        for (field, value) in wanted {
            let told = conflicting.iter().any(|name| name == in_feed(&field));
            if !told && track.now.get(&field).is_some_and(|now| *now != value) {
                track.now.insert(field.clone(), value);
                track.changes.push(Change { version, field, by: operation.key.clone() });
            }
        }
    }

    /// Notes whether the trash is emptied: of live tasks the links to what was in it end.
    pub(super) fn purges(&mut self, purges: bool) {
        self.families += i64::from(purges);
    }

    /// Keeps account of what was done online.
    pub(super) fn follow_batch(&mut self, operation: &Operation, payload: &Value) {
        *self.outcomes.entry(operation.verb.to_owned()).or_default() += 1;
        for operation in created(operation) {
            self.fate(&operation).done = true;
        }
        if payload["replayed"] == json!(true) {
            return;
        }
        for (part, record) in parts(operation, payload) {
            self.touch(&part, &record);
            if self.strict {
                self.follow(&part, &json!({ "record": record }), &[]);
            }
            if let Some(source) = part.input["sourceId"].as_str() {
                self.tracks.remove(&(Kind::Tag, source.to_owned()));
            }
        }
    }

    /// Compares the account with what the database holds.
    pub(super) async fn check(&mut self, client: &Client) {
        self.each_was_done_once(client).await;
        self.each_version_is_in_the_feed_once(client).await;
        self.fields_are_as_accounted(client).await;
        self.only_trash_was_purged(client).await;
    }

    async fn each_was_done_once(&self, client: &Client) {
        let sql = "SELECT description, count(*) FROM
                (SELECT description FROM tasks UNION ALL SELECT description FROM projects
                UNION ALL SELECT record->>'description' FROM graves) AS made
            WHERE description IS NOT NULL GROUP BY 1
            UNION ALL SELECT name, count(*) FROM (SELECT name FROM tags UNION ALL SELECT record->>'name' FROM graves WHERE kind = 'tag') AS named
            GROUP BY 1";
        let rows = client.query(sql, &[]).await.unwrap();
        let found: BTreeMap<String, i64> =
            rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        let count = |name: &str| found.get(name).copied().unwrap_or(0);
        for fate in self.fates.values() {
            let Fate { operation, done, unsure, .. } = fate;
            let Operation { input, mark, .. } = operation;
            let tag = format!("m{mark}");
            // Tags to add are in conflict with nothing.
            let made = input["description"].is_string().then_some(mark);
            let input = input.to_string();
            let named = [format!("\"{tag}\""), format!("#{tag} ")];
            let named = named.iter().any(|named| input.contains(named)).then_some(&tag);
            for mark in made.into_iter().chain(named) {
                let (count, least) = (count(mark), i64::from(*done));
                let most = i64::from(*done || *unsure);
                assert!((least..=most).contains(&count), "{count} times {mark}: {fate:?}");
            }
        }
    }

    async fn each_version_is_in_the_feed_once(&self, client: &Client) {
        let sql = "SELECT kind, id::text, version::bigint, told.times, told.last::bigint, slow, purged FROM (
                SELECT 'task' AS kind, id, version, source IS NOT DISTINCT FROM 'slow' AS slow, 0 AS purged FROM tasks
                UNION ALL SELECT 'project', id, version, false, 0 FROM projects
                UNION ALL SELECT 'tag', id, version, false, 0 FROM tags
                UNION ALL SELECT kind, id, version + 1, false, 1 FROM graves) AS records
            LEFT JOIN LATERAL (SELECT count(*) AS times, max(version) AS last FROM changes
                -- Those of version 0 only show again what did not change.
                WHERE record_id = id AND record_type::text = kind AND version > 0) AS told ON true";
        for row in client.query(sql, &[]).await.unwrap() {
            let kind: &str = row.get(0);
            let kind = Kind::ALL.into_iter().find(|it| it.field() == kind).unwrap();
            let key: Key = (kind, row.get(1));
            let (version, times, last): (i64, i64, Option<i64>) =
                (row.get(2), row.get(3), row.get(4));
            assert_eq!((times, last), (version, Some(version)), "{key:?} in the feed");
            let others = if kind == Kind::Task { self.families } else { 0 };
            // What nobody heard of was not counted.
            let unsure = self.fates.values().filter(|fate| fate.unsure).count();
            let touches = self.touches.get(&key).copied().unwrap_or(0);
            let purged: i32 = row.get(6);
            let most = 1 + touches + others + i64::try_from(unsure).unwrap() + i64::from(purged);
            let slow: bool = row.get(5);
            assert!(
                slow || version <= most,
                "{key:?} has version {version} after {most} operations"
            );
        }
    }

    async fn fields_are_as_accounted(&self, client: &Client) {
        let sql = "WITH tasks AS (SELECT id, title, source, priority::text, status::text, due_date FROM tasks
                UNION ALL SELECT id, record->>'title', record->>'source', record->>'priority', record->>'status', (record->>'due_date')::date
                FROM graves WHERE kind = 'task'),
            projects AS (SELECT id, title, color, icon FROM projects
                UNION ALL SELECT id, record->>'title', record->>'color', record->>'icon' FROM graves WHERE kind = 'project'),
            tags AS (SELECT id, name, color FROM tags
                UNION ALL SELECT id, record->>'name', record->>'color' FROM graves WHERE kind = 'tag')
            SELECT 'task', id::text, jsonb_build_object('title', title, 'source', source, 'priority', upper(priority),
                'status', upper(status), 'dueDate', due_date)::text FROM tasks
            UNION ALL SELECT 'project', id::text, jsonb_build_object('title', title, 'color', color, 'icon', icon)::text FROM projects
            UNION ALL SELECT 'tag', id::text, jsonb_build_object('name', name, 'color', color)::text FROM tags";
        let mut missing: BTreeSet<_> = self.tracks.keys().cloned().collect();
        for row in client.query(sql, &[]).await.unwrap() {
            let kind: &str = row.get(0);
            let kind = Kind::ALL.into_iter().find(|it| it.field() == kind).unwrap();
            let key: Key = (kind, row.get(1));
            let found: Value = serde_json::from_str(row.get(2)).unwrap();
            if let Some(track) = self.tracks.get(&key) {
                assert_eq!(found, json!(track.now), "{key:?}: {:?}", track.changes);
            }
            missing.remove(&key);
        }
        assert_eq!(missing, BTreeSet::new(), "neither there nor purged");
    }

    /// Whatever is gone for good was in the trash, and with it went what named it.
    async fn only_trash_was_purged(&mut self, client: &Client) {
        let sql = "SELECT count(*), count(*) FILTER (WHERE deleted_at IS NULL),
                (SELECT count(*) FROM search_documents JOIN graves ON id = record_id AND kind = record_type::text)
            FROM graves";
        let row = client.query_one(sql, &[]).await.unwrap();
        let (purged, live, found): (i64, i64, i64) = (row.get(0), row.get(1), row.get(2));
        assert_eq!((live, found), (0, 0), "of {purged} that were purged");
        if purged > 0 {
            *self.outcomes.entry("purged".to_owned()).or_default() += 1;
        }
    }
}

fn status(status: &str) -> Map<String, Value> {
    json!({ "status": status }).as_object().unwrap().clone()
}
