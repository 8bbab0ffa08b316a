//! The feed's versions and fields, compared with what really changed while many wrote at once.

use super::action::{Names, Operation, roll};
use super::device::{Device, Kind};
use super::net::{alone, batch, page, push};
use crate::app::App;
use crate::migrations::client;
use crate::oracle::world::Dice;
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Keeps each version of each record as it was committed, its links too.
const KEEP: &str = "
    CREATE TABLE kept (kind text, id uuid, version int, state jsonb, PRIMARY KEY (kind, id, version));
    CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        state jsonb;
        tags jsonb;
    BEGIN
        EXECUTE format('SELECT to_jsonb(it) FROM %I AS it WHERE id = $1', TG_TABLE_NAME) INTO state USING NEW.id;
        SELECT coalesce(jsonb_agg(tag_id ORDER BY tag_id), '[]') INTO tags FROM task_tags WHERE task_id = NEW.id;
        INSERT INTO kept VALUES (rtrim(TG_TABLE_NAME, 's'), NEW.id, (state->>'version')::int, state || jsonb_build_object('tags', tags))
        ON CONFLICT (kind, id, version) DO UPDATE SET state = excluded.state;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER keep AFTER INSERT OR UPDATE ON tasks DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION keep();
    CREATE CONSTRAINT TRIGGER keep AFTER INSERT OR UPDATE ON projects DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION keep();
    CREATE CONSTRAINT TRIGGER keep AFTER INSERT OR UPDATE ON tags DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION keep();";

/// The columns of a kind of record with the feed's names of them.
fn columns(kind: Kind) -> Vec<(&'static str, &'static str)> {
    let mut columns = vec![("deleted_at", "deletedAt"), ("color", "color")];
    columns.extend(match kind {
        Kind::Task => vec![
            ("title", "title"),
            ("description", "description"),
            ("status", "status"),
            ("completed_at", "status"),
            ("priority", "priority"),
            ("due_date", "due"),
            ("due_at", "due"),
            ("scheduled_date", "scheduledDate"),
            ("snoozed_until", "snoozedUntil"),
            ("energy", "energy"),
            ("time_estimate", "timeEstimate"),
            ("source", "source"),
            ("position", "position"),
            ("project_id", "projectId"),
            ("parent_id", "parentId"),
            ("tags", "tags"),
        ],
        Kind::Project => vec![
            ("title", "title"),
            ("description", "description"),
            ("status", "status"),
            ("icon", "icon"),
        ],
        Kind::Tag => vec![("name", "name")],
    });
    columns
}

/// What one of the writers sends: an operation, a queue, or a change of many tasks.
async fn write(app: &App, dice: &mut Dice, operations: Vec<Operation>) {
    match (operations.as_slice(), dice.below(3)) {
        ([], _) => {}
        ([one], 0) if one.verb == "updateTask" => {
            let mut patch = one.input["patch"].clone();
            // Many tasks together are no circle.
            patch.as_object_mut().unwrap().remove("parentId");
            let input = json!({"target": {"ids": [one.input["id"]]}, "patch": patch});
            batch(app, &Operation { verb: "updateTasks", input, ..one.clone() }).await;
        }
        ([one, ..], 1) => drop(alone(app, one).await),
        (all, _) => drop(push(app, all, false).await),
    }
}

/// Some operations on different records, so that none takes back what another of them did.
fn several(dice: &mut Dice, names: &mut Names, device: &Device) -> Vec<Operation> {
    let (mut several, mut records) = (Vec::<Operation>::new(), BTreeSet::new());
    for _ in 0..=dice.below(4) {
        let Some(operation) = roll(dice, names, &device.copy, &[]) else { continue };
        let of_trash = |verb: &str| verb.starts_with("delete") || verb.starts_with("restore");
        let second = of_trash(operation.verb) && several.iter().any(|it| of_trash(it.verb));
        if !second && operation.record().is_none_or(|record| records.insert(record)) {
            several.push(operation);
        }
    }
    several
}

#[tokio::test(flavor = "multi_thread")]
async fn the_feed_tells_of_each_version_the_fields_in_which_it_differs() {
    let full = std::env::var_os("TOMOS_FULL").is_some();
    let app = App::with_connections(6);
    let client = client(&app.database.url).await;
    client.batch_execute(KEEP).await.unwrap();
    let (mut dice, mut names, mut device) = (Dice(20_260_120), Names::default(), Device::default());
    for _ in 0..if full { 300 } else { 25 } {
        let page = page(&app, &device.cursor, 500).await.unwrap();
        device.take_page(&page, 500);
        let mut writes = Vec::new();
        for _ in 0..6 {
            writes.push((Dice(dice.roll()), several(&mut dice, &mut names, &device)));
        }
        let app = &app;
        let writing = writes.into_iter();
        join_all(writing.map(|(mut dice, all)| async move { write(app, &mut dice, all).await }))
            .await;
    }
    let sql = "SELECT kind, id::text, kept.version, state::text, fields, count(*) OVER (PARTITION BY kind, id, kept.version)
        FROM kept LEFT JOIN changes ON record_type::text = kind AND record_id = id AND changes.version = kept.version
        ORDER BY kind, id, kept.version";
    let mut before: BTreeMap<(Kind, String), (i32, Value)> = BTreeMap::new();
    let mut told_of = BTreeMap::<(Kind, &str), u32>::new();
    for row in client.query(sql, &[]).await.unwrap() {
        let kind: &str = row.get(0);
        let kind = Kind::ALL.into_iter().find(|it| it.field() == kind).unwrap();
        let key = (kind, row.get::<_, String>(1));
        let (version, fields): (i32, Option<Vec<String>>) = (row.get(2), row.get(4));
        let state: Value = serde_json::from_str(row.get(3)).unwrap();
        let at = format!("{key:?} version {version}: {fields:?}");
        assert_eq!(row.get::<_, i64>(5), 1, "told once: {at}");
        let fields: BTreeSet<_> =
            fields.unwrap_or_else(|| panic!("never told: {at}")).into_iter().collect();
        if let Some((last, then)) = before.insert(key, (version, state.clone())) {
            assert_eq!(version, last + 1, "{at}");
            let differs = columns(kind).into_iter().filter(|(it, _)| then[it] != state[it]);
            let differs: BTreeSet<_> = differs.map(|(_, field)| field).collect();
            for field in &differs {
                *told_of.entry((kind, field)).or_default() += 1;
            }
            let differs: BTreeSet<_> = differs.into_iter().map(str::to_owned).collect();
            assert_eq!(fields, differs, "{at}\n{then}\n{state}");
        } else {
            assert_eq!(version, 1, "{at}");
        }
    }
    for (kind, field) in [
        (Kind::Task, "title"),
        (Kind::Task, "tags"),
        (Kind::Task, "status"),
        (Kind::Task, "due"),
        (Kind::Task, "projectId"),
        (Kind::Task, "position"),
        (Kind::Task, "deletedAt"),
        (Kind::Project, "deletedAt"),
        (Kind::Project, "icon"),
        (Kind::Tag, "color"),
    ] {
        assert!(told_of.contains_key(&(kind, field)), "{kind:?} {field} in {told_of:?}");
    }
}
