//! Which databases of Notion are tasks, projects and tags: as named, else by their titles.

use super::client::Client;
use super::fault::Fault;
use super::list::{BEGINNINGS, Batch, Headway, SIZE};
use super::version::Version;
use super::{Choice, Database, LeftOut, Wanted, line};
use crate::import::notion::page_id;
use crate::import::notion::value::{self, Members, Run};
use crate::import::snapshot::Kind;
use anyhow::{Context, bail};
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeSet;

/// Something with rows: a data source, or a database of the older version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) id: String,
    /// The database that it is in.
    database: Option<String>,
    pub(super) title: String,
}

impl Found {
    fn read(object: &RawValue, version: Version) -> Option<Self> {
        let members = Members::of(object);
        let is_one = members.text("object").is_some_and(|it| it == version.object());
        if !is_one || members.is_true("in_trash") || members.is_true("archived") {
            return None;
        }
        let title: Vec<Run> = serde_json::from_str(members.get("title")?.get()).ok()?;
        let database = members.inner("parent").text("database_id");
        let title = value::plain_text(&title).text.trim().to_owned();
        Some(Self { id: members.text("id")?, database, title })
    }

    fn is(&self, id: &str) -> bool {
        let ids = [Some(&self.id), self.database.as_ref()];
        ids.into_iter().flatten().any(|one| page_id(one).as_deref() == Some(id))
    }

    fn named(&self, kind: Kind) -> Database {
        Database {
            kind: line::word(kind).to_owned(),
            id: self.id.clone(),
            container: self.database.clone(),
            title: self.title.clone(),
            properties: Vec::new(),
        }
    }
}

/// All that is shared with the token.
async fn shared(client: &Client, version: Version) -> Result<Vec<Found>, Fault> {
    let mut found: Vec<Found> = Vec::new();
    let mut cursor: Option<String> = None;
    let mut beginnings = 0;
    let mut headway = Headway::default();
    loop {
        let mut body = json!({
            "filter": {"property": "object", "value": version.object()},
            "page_size": SIZE,
        });
        if let (Some(cursor), Some(body)) = (&cursor, body.as_object_mut()) {
            body.insert("start_cursor".to_owned(), cursor.as_str().into());
        }
        let answer = match client.post("/v1/search", &body.to_string()).await {
            Err(Fault::Cursor) if beginnings < BEGINNINGS => {
                (beginnings, cursor) = (beginnings + 1, None);
                headway = Headway::default();
                continue;
            }
            answer => answer?,
        };
        let batch = Batch::read(&answer).map_err(|fault| client.located(fault))?;
        headway.note(&batch)?;
        for object in &batch.results {
            found.extend(Found::read(object, version).filter(|one| !found.contains(one)));
        }
        let next = batch.next().map(str::to_owned);
        if next.is_none() {
            return Ok(found);
        }
        if next == cursor {
            return Err(Fault::Strange("a list does not come to its end".to_owned()));
        }
        cursor = next;
    }
}

/// The databases that are taken, and what of the shared ones is not.
pub(super) struct Taken {
    pub(super) databases: Vec<Database>,
    pub(super) left_out: Vec<LeftOut>,
}

/// Finds the databases that are wanted.
pub(super) async fn databases(
    client: &Client,
    version: Version,
    wanted: &Wanted,
    choose: &mut Choice<'_>,
) -> anyhow::Result<Taken> {
    let shared = shared(client, version).await?;
    let mut databases: Vec<Database> = Vec::new();
    for kind in [Kind::Task, Kind::Project, Kind::Tag] {
        let database = match wanted.of(kind) {
            Some(name) => Some(named(client, version, &shared, kind, name).await?),
            None => guessed(&shared, &databases, kind, choose)?,
        };
        if let Some(found) = database {
            if let Some(other) = databases.iter().find(|other| other.id == found.id) {
                bail!("{:?} cannot be {} and {}s", found.title, kind.plural(), other.kind);
            }
            databases.push(found.named(kind));
        }
    }
    // What others name comes first.
    let places = [Kind::Project, Kind::Tag, Kind::Task].map(line::word);
    databases.sort_by_key(|database| places.iter().position(|kind| *kind == database.kind));
    let is_left = |one: &&Found| !databases.iter().any(|taken| taken.id == one.id);
    let left_out = shared.iter().filter(is_left);
    let left_out = left_out.map(|one| LeftOut { id: one.id.clone(), title: one.title.clone() });
    Ok(Taken { left_out: left_out.collect(), databases })
}

/// The one that was named by its id, its address or its title.
async fn named(
    client: &Client,
    version: Version,
    shared: &[Found],
    kind: Kind,
    name: &str,
) -> anyhow::Result<Found> {
    let kind = kind.plural();
    if let Some(id) = id_within(name) {
        let fitting: Vec<_> = shared.iter().filter(|one| one.is(&id)).collect();
        return match fitting.as_slice() {
            [one] => Ok((*one).clone()),
            [] => by_id(client, version, &id).await.with_context(|| {
                format!("the database {name} of the {kind} cannot be read; share it: its menu ···, Connections")
            }),
            several => bail!(
                "the database {name} has several data sources; name one with --{kind}: {}",
                list(several)
            ),
        };
    }
    let fold = |text: &str| text.trim().to_lowercase();
    let fitting: Vec<_> = shared.iter().filter(|one| fold(&one.title) == fold(name)).collect();
    match fitting.as_slice() {
        [one] => Ok((*one).clone()),
        [] => bail!(
            "no database {name:?} is shared with the integration; share it: its menu ···, Connections \
             (shared are: {})",
            list(&shared.iter().collect::<Vec<_>>())
        ),
        several => bail!("several are called {name:?}; name one by its id: {}", list(several)),
    }
}

/// One that the search did not bring: it forgets what was shared a moment ago.
async fn by_id(client: &Client, version: Version, id: &str) -> anyhow::Result<Found> {
    let direct = client.get(&format!("{}/{id}", version.path())).await;
    let answer = match direct {
        Err(Fault::NotFound) if version == Version::DataSources => {
            let answer = client.get(&format!("/v1/databases/{id}")).await?;
            let database: &RawValue = serde_json::from_str(&answer)?;
            let sources = Members::of(database).get("data_sources").map_or("[]", RawValue::get);
            let sources: Vec<&RawValue> = serde_json::from_str(sources)?;
            let ids = sources.iter().filter_map(|source| Members::of(source).text("id"));
            let ids: Vec<String> = ids.collect();
            let [id] = ids.as_slice() else {
                bail!("it has {} data sources; name one by its id: {}", ids.len(), ids.join(", "));
            };
            client.get(&format!("{}/{id}", version.path())).await?
        }
        answer => answer?,
    };
    let found = serde_json::from_str(&answer).ok().and_then(|it| Found::read(it, version));
    found.context("it is in the trash, or nothing that has rows")
}

/// The one whose title says what it is; who sits at a terminal is asked.
fn guessed(
    shared: &[Found],
    taken: &[Database],
    kind: Kind,
    choose: &mut Choice<'_>,
) -> anyhow::Result<Option<Found>> {
    let free = |one: &&Found| !taken.iter().any(|taken| taken.id == one.id);
    let free: Vec<&Found> = shared.iter().filter(free).collect();
    let exact: Vec<_> = free.iter().copied().filter(|one| fits(&one.title, kind, true)).collect();
    let is_sure = !exact.is_empty();
    let near = || free.iter().copied().filter(|one| fits(&one.title, kind, false)).collect();
    let fitting: Vec<&Found> = if is_sure { exact } else { near() };
    if let [one] = fitting.as_slice()
        && (is_sure || choose.is_none())
    {
        return Ok(Some((*one).clone()));
    }
    if let Some(choose) = choose {
        let mut offered = if is_sure { fitting.clone() } else { free.clone() };
        // The likely ones come first.
        offered.sort_by_key(|one| !fits(&one.title, kind, false));
        let titles: Vec<_> = offered.iter().map(|one| shown(one)).collect();
        let chosen = if titles.is_empty() { None } else { choose(kind, &titles)? };
        if let Some(one) = chosen.and_then(|place| offered.get(place)) {
            return Ok(Some((*one).clone()));
        }
    } else if !fitting.is_empty() {
        let kind = kind.plural();
        bail!("several may be the {kind}; name one with --{kind}: {}", list(&fitting));
    }
    if kind != Kind::Task {
        return Ok(None);
    }
    if shared.is_empty() {
        bail!("no database is shared with the integration; share it: its menu ···, Connections");
    }
    bail!("which database holds the tasks? Name it with --tasks: {}", list(&free))
}

/// Whether a title says that these are records of a kind.
fn fits(title: &str, kind: Kind, exactly: bool) -> bool {
    let words: &[&str] = match kind {
        Kind::Task => &["task", "tasks", "todo", "todos", "to-do", "to-dos"],
        Kind::Project => &["project", "projects"],
        Kind::Tag => &["tag", "tags"],
    };
    let title = title.to_lowercase();
    let said: BTreeSet<&str> = title
        .split(|letter: char| !(letter.is_alphanumeric() || letter == '-'))
        .filter(|word| !word.is_empty())
        .collect();
    let has_word = words.iter().any(|word| said.contains(word));
    has_word && (!exactly || said.len() == 1)
}

/// The id that a text is, or that stands in an address, in one spelling.
pub(super) fn id_within(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(id) = page_id(text) {
        return Some(id);
    }
    let path = text.strip_prefix("https://")?.split(['?', '#']).next()?;
    let digits: Vec<char> = path.chars().filter(|letter| *letter != '-').collect();
    let start = digits.len().checked_sub(32)?;
    page_id(&digits.get(start..)?.iter().collect::<String>())
}

fn shown(found: &Found) -> String {
    format!("{:?} ({})", found.title, found.id)
}

fn list(found: &[&Found]) -> String {
    match found {
        [] => "none".to_owned(),
        some => some.iter().map(|one| shown(one)).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_say_what_is_in_a_database() {
        assert!(fits("🗂 Tasks", Kind::Task, true));
        assert!(fits("My Tasks 2026", Kind::Task, false));
        assert!(!fits("My Tasks 2026", Kind::Task, true));
        assert!(!fits("Multitasking", Kind::Task, false));
        assert!(fits("To-dos", Kind::Task, true));
    }

    #[test]
    fn an_id_is_found_in_every_spelling() {
        let id = Some("0123456789abcdef0123456789abcdef".to_owned());
        for text in [
            "0123456789ABCDEF0123456789abcdef",
            "01234567-89ab-cdef-0123-456789abcdef",
            "https://www.notion.so/me/Tasks-0123456789abcdef0123456789abcdef?v=1",
        ] {
            assert_eq!(id_within(text), id, "{text}");
        }
        assert_eq!(id_within("Tasks"), None);
    }
}
