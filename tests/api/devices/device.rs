//! A device: a copy of the records as the service told them, a queue of what is not acknowledged yet, and a
//! place in the feed.

use super::action::Operation;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The kinds of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Task,
    Project,
    Tag,
}

/// The names of a kind's mutations.
pub(super) struct Verbs {
    pub(super) create: &'static str,
    pub(super) update: &'static str,
    pub(super) delete: &'static str,
    pub(super) restore: &'static str,
}

impl Kind {
    pub(super) const ALL: [Self; 3] = [Self::Task, Self::Project, Self::Tag];

    pub(super) fn verbs(self) -> Verbs {
        let (create, update, delete, restore) = match self {
            Self::Task => ("createTask", "updateTask", "deleteTask", "restoreTask"),
            Self::Project => ("createProject", "updateProject", "deleteProject", "restoreProject"),
            Self::Tag => ("createTag", "updateTag", "deleteTag", "restoreTag"),
        };
        Verbs { create, update, delete, restore }
    }

    /// The field that shows one.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Project => "project",
            Self::Tag => "tag",
        }
    }

    /// What is asked of one.
    pub(super) fn fields(self) -> &'static str {
        match self {
            Self::Task => {
                "id version deletedAt title description status priority dueDate dueAt scheduledDate \
                 snoozedUntil completedAt energy timeEstimate source position createdAt updatedAt \
                 project { id } parent { id } tags { id }"
            }
            Self::Project => {
                "id version deletedAt title description state: status color icon createdAt updatedAt"
            }
            Self::Tag => "id version deletedAt name color createdAt updatedAt",
        }
    }

    fn named(name: &Value) -> Self {
        match name.as_str().unwrap() {
            "Task" | "TASK" => Self::Task,
            "Project" | "PROJECT" => Self::Project,
            "Tag" | "TAG" => Self::Tag,
            other => panic!("no kind of record: {other}"),
        }
    }
}

pub(super) type Key = (Kind, String);

/// What a device knows of the service's records.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Copy {
    pub(super) live: BTreeMap<Key, Value>,
    /// The versions of those in the trash.
    pub(super) gone: BTreeMap<Key, i64>,
}

fn version(record: &Value) -> i64 {
    record["version"].as_i64().unwrap()
}

impl Copy {
    fn version(&self, key: &Key) -> Option<i64> {
        self.live.get(key).map(version).or_else(|| self.gone.get(key).copied())
    }

    /// Takes a record as it was told.
    fn take(&mut self, kind: Kind, record: &Value) {
        let key = (kind, record["id"].as_str().unwrap().to_owned());
        if record["deletedAt"].is_null() {
            self.gone.remove(&key);
            self.live.insert(key, record.clone());
        } else {
            self.live.remove(&key);
            self.gone.insert(key, version(record));
        }
    }

    /// The live records with the links that are seen: those to live records.
    pub(super) fn shown(&self) -> BTreeMap<Key, Value> {
        let lives = |kind, link: &Value| {
            self.live.contains_key(&(kind, link["id"].as_str().unwrap().to_owned()))
        };
        let mut shown = self.live.clone();
        for ((kind, _), task) in &mut shown {
            if *kind == Kind::Task {
                for (field, kind) in [("project", Kind::Project), ("parent", Kind::Task)] {
                    if !task[field].is_null() && !lives(kind, &task[field]) {
                        task[field] = Value::Null;
                    }
                }
                let tags = task["tags"].as_array_mut().unwrap();
                tags.retain(|tag| lives(Kind::Tag, tag));
                tags.sort_by_key(|tag| tag["id"].to_string());
            }
        }
        shown
    }
}

/// An operation that was not acknowledged yet.
#[derive(Clone, Debug)]
pub(super) struct Queued {
    pub(super) operation: Operation,
    /// Whether the service may know it: then it must be the same when it is sent again.
    pub(super) sent: bool,
}

#[derive(Default)]
pub(super) struct Device {
    pub(super) copy: Copy,
    pub(super) cursor: Value,
    pub(super) queue: Vec<Queued>,
}

impl Device {
    /// The records that are to be made by what is in the queue.
    pub(super) fn made(&self) -> Vec<Key> {
        let queued = self.queue.iter().map(|queued| &queued.operation);
        let made = queued.filter(|operation| operation.verb.starts_with("create"));
        made.filter_map(Operation::record).collect()
    }

    /// Forgets its copy, and begins again; its queue is all that it alone has.
    pub(super) fn begin_anew(&mut self) {
        self.copy = Copy::default();
        self.cursor = Value::Null;
    }

    /// Takes the answers to some of its operations: what was done, and what cannot be done, leaves the queue; of
    /// what others changed too the service's record counts.
    pub(super) fn acknowledge(&mut self, results: &[Value]) {
        for result in results {
            let undone =
                |error: &Value| error["path"].as_array().unwrap().last().unwrap() == "atomic";
            let errors = result["userErrors"].as_array().unwrap();
            if errors.iter().any(undone) {
                continue;
            }
            self.queue.retain(|queued| queued.operation.key != result["opId"]);
            let record = &result["record"];
            if record.is_null() {
                continue;
            }
            let kind = Kind::named(&record["__typename"]);
            let key = (kind, record["id"].as_str().unwrap().to_owned());
            // Of what it does not know it hears by the feed.
            if self.copy.version(&key).is_some_and(|known| known <= version(record)) {
                let mut record = record.clone();
                record.as_object_mut().unwrap().remove("__typename");
                self.copy.take(kind, &record);
            }
            self.rebase(&key, version(record));
        }
    }

    /// What was not sent yet is a change of what the person sees by now.
    fn rebase(&mut self, key: &Key, version: i64) {
        for queued in &mut self.queue {
            let operation = &mut queued.operation;
            if !queued.sent
                && operation.record().as_ref() == Some(key)
                && !operation.input["baseVersion"].is_null()
            {
                operation.input["baseVersion"] = version.into();
            }
        }
    }

    /// Takes a page of the feed, and says whether there is more.
    pub(super) fn take_page(&mut self, page: &Value, first: u64) -> bool {
        assert_eq!(page["resetRequired"], json!(false));
        let mut count = 0;
        for (list, kind) in
            [("tasks", Kind::Task), ("projects", Kind::Project), ("tags", Kind::Tag)]
        {
            for record in page[list].as_array().unwrap() {
                count += 1;
                let key = (kind, record["id"].as_str().unwrap().to_owned());
                let known = self.copy.version(&key);
                assert!(known <= Some(version(record)), "back from {known:?} to {record}");
                self.copy.take(kind, record);
            }
        }
        for gone in page["deleted"].as_array().unwrap() {
            count += 1;
            self.copy.take(Kind::named(&gone["type"]), gone);
        }
        assert!(count <= first, "{count} of {first}");
        self.cursor = page["cursor"].clone();
        page["hasMore"].as_bool().unwrap()
    }
}
