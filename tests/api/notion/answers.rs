//! What the Notion of the tests answers, as the documentation of each version has it.

use super::Inner;
use super::world::Database;
use axum::http::{HeaderMap, Method, Uri};
use serde_json::Value;

type Refusal = (u16, &'static str, String);

/// A request, understood.
pub(crate) struct Question {
    path: Vec<String>,
    is_new: bool,
    version: String,
    is_post: bool,
    size: usize,
    pub(crate) cursor: Option<String>,
    body: Value,
}

impl Question {
    pub(crate) fn read(method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Self {
        let body: Value = serde_json::from_slice(body).unwrap_or_default();
        let query = uri.query().unwrap_or_default();
        let given = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let value = pairs.into_iter().find(|(it, _)| *it == name).map(|(_, value)| value);
            // The only thing to be decoded in our cursors.
            value.map(|value| value.replace("%3A", ":"))
        };
        let version = headers.get("notion-version").map_or("", |it| it.to_str().unwrap());
        let cursor = body["start_cursor"].as_str().map(str::to_owned);
        let size = body["page_size"].as_u64().map(|size| size.to_string());
        let size = size.or_else(|| given("page_size")).map_or(100, |size| size.parse().unwrap());
        Self {
            path: uri.path().split('/').skip(2).map(str::to_owned).collect(),
            is_new: version == "2025-09-03",
            version: version.to_owned(),
            is_post: method == Method::POST,
            size,
            cursor: cursor.or_else(|| given("start_cursor")),
            body,
        }
    }
}

pub(crate) fn answer(inner: &Inner, question: &Question) -> Result<String, Refusal> {
    let wrong = |message: &str| Err((400, "validation_error", message.to_owned()));
    if !["2025-09-03", "2022-06-28"].contains(&&*question.version) {
        return Err((400, "missing_version", "Notion-Version header".to_owned()));
    }
    if question.size > 100 {
        return wrong("body.page_size should be ≤ 100");
    }
    let path: Vec<&str> = question.path.iter().map(String::as_str).collect();
    let tables = if question.is_new { "data_sources" } else { "databases" };
    match (question.is_post, path.as_slice()) {
        (true, ["search"]) => search(inner, question),
        (true, [table, id, "query"]) if *table == tables => query(inner, question, id),
        (false, [table, id]) if *table == tables => {
            Ok(object(database(inner, question, id)?, question))
        }
        (false, ["databases", id]) => container(inner, id),
        (false, ["blocks", id, "children"]) => children(inner, question, id),
        (false, ["pages", page, "properties", id]) => property(inner, question, page, id),
        _ => Err((400, "invalid_request_url", "Invalid request URL.".to_owned())),
    }
}

/// A page of a list. A cursor is `at:` and a place, which is good for one version only.
fn list(question: &Question, items: &[String], cap: usize) -> Result<String, Refusal> {
    list_of(question, items.len(), |place| items[place].clone(), cap)
}

/// The same, of things that are made only where they are asked for.
fn list_of(
    question: &Question,
    count: usize,
    item: impl Fn(usize) -> String,
    cap: usize,
) -> Result<String, Refusal> {
    let mark = format!("at:{}:", question.version);
    let start: usize = match &question.cursor {
        None => 0,
        Some(cursor) => {
            let start = cursor.strip_prefix(&mark).and_then(|place| place.parse().ok());
            let message = "The start_cursor provided is invalid: no such cursor";
            start.ok_or_else(|| (400, "validation_error", message.to_owned()))?
        }
    };
    let all = count.min(cap);
    let end = (start + question.size).min(all);
    let next = if end < all { format!("\"{mark}{end}\"") } else { "null".to_owned() };
    let status = if count > cap {
        r#","request_status":{"type":"incomplete","incomplete_reason":"query_result_limit_reached"}"#
    } else {
        ""
    };
    Ok(format!(
        r#"{{"object":"list","results":[{}],"has_more":{},"next_cursor":{next}{status}}}"#,
        (start.min(end)..end).map(item).collect::<Vec<_>>().join(","),
        end < all,
    ))
}

fn id_of<'a>(database: &'a Database, question: &Question) -> &'a str {
    if question.is_new { &database.source } else { &database.id }
}

fn object(database: &Database, question: &Question) -> String {
    let (title, id) = (&database.title, id_of(database, question));
    let (kind, parent) = if question.is_new {
        ("data_source", format!(r#"{{"type":"database_id","database_id":"{}"}}"#, database.id))
    } else {
        ("database", r#"{"type":"workspace","workspace":true}"#.to_owned())
    };
    format!(
        r#"{{"object":"{kind}","id":"{id}","parent":{parent},"title":[{{"plain_text":"{title}"}}],"properties":{{{}}},"in_trash":false}}"#,
        database.schema.join(",")
    )
}

fn search(inner: &Inner, question: &Question) -> Result<String, Refusal> {
    let expected = if question.is_new { "data_source" } else { "database" };
    if question.body["filter"]["value"] != expected {
        return Err((400, "validation_error", "body.filter.value".to_owned()));
    }
    let shared = inner.world.databases.iter().filter(|one| one.is_shared && one.is_found);
    let objects: Vec<_> = shared.map(|one| object(one, question)).collect();
    list(question, &objects, usize::MAX)
}

fn database<'a>(inner: &'a Inner, question: &Question, id: &str) -> Result<&'a Database, Refusal> {
    let plain = |id: &str| id.replace('-', "");
    let mut shared = inner.world.databases.iter().filter(|one| one.is_shared);
    let found = shared.find(|one| plain(id_of(one, question)) == plain(id));
    found.ok_or_else(|| (404, "object_not_found", "Could not find database.".to_owned()))
}

fn container(inner: &Inner, id: &str) -> Result<String, Refusal> {
    let plain = |id: &str| id.replace('-', "");
    let mut shared = inner.world.databases.iter().filter(|one| one.is_shared);
    let found = shared.find(|one| plain(&one.id) == plain(id));
    let found = found.ok_or((404, "object_not_found", String::new()))?;
    Ok(format!(
        r#"{{"object":"database","id":"{}","data_sources":[{{"id":"{}","name":"x"}}]}}"#,
        found.id, found.source
    ))
}

fn query(inner: &Inner, question: &Question, id: &str) -> Result<String, Refusal> {
    let database = database(inner, question, id)?;
    let since = question.body["filter"]["created_time"]["on_or_after"].as_str();
    let sort = &question.body["sorts"][0];
    if sort["timestamp"] != "created_time" || sort["direction"] != "ascending" {
        return Err((400, "validation_error", "the tests expect an order".to_owned()));
    }
    let pages = database.pages.iter().filter(|page| since.is_none_or(|it| &*page.created >= it));
    let parent = if question.is_new {
        format!(
            r#"{{"type":"data_source_id","data_source_id":"{}","database_id":"{}"}}"#,
            database.source, database.id
        )
    } else {
        format!(r#"{{"type":"database_id","database_id":"{}"}}"#, database.id)
    };
    let pages: Vec<_> = pages.collect();
    list_of(question, pages.len(), |place| pages[place].json(&parent), inner.cap)
}

fn children(inner: &Inner, question: &Question, id: &str) -> Result<String, Refusal> {
    let mut pages = inner.world.databases.iter().flat_map(|one| &one.pages);
    let none = Vec::new();
    match inner.world.children.get(id) {
        Some(blocks) => list(question, blocks, usize::MAX),
        None if pages.any(|page| page.id == id) => list(question, &none, usize::MAX),
        None => Err((404, "object_not_found", "Could not find block.".to_owned())),
    }
}

fn property(inner: &Inner, question: &Question, page: &str, id: &str) -> Result<String, Refusal> {
    let mut pages = inner.world.databases.iter().flat_map(|one| &one.pages);
    let page = pages.find(|it| it.id == page);
    let items = page.and_then(|page| page.long.get(id));
    let items = items.ok_or((404, "object_not_found", String::new()))?;
    list(question, items, usize::MAX)
}
