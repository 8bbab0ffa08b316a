//! Pages: first/after and last/before over any order, with cursors that hold a row's place.

use super::entity::Entity;
use super::expr::{Cond, Sql};
use super::order::{Order, Sort, Sorting};
use super::page_lists::{PageLists, Row};
use super::plan::{Boxed, Json, Record, Rows, push_slots};
use super::search;
use super::selection::Field;
use super::tally::how_many;
use crate::error::{Error, Result};
use crate::moment::Moment;
use async_graphql::{Object, SimpleObject, TypeName};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{BigInt, Bool};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::sync::Arc;

/// How many records a page holds unless the client says otherwise.
pub const USUAL_PAGE: u32 = 50;
/// How many records a page may hold.
pub const LARGEST_PAGE: u32 = 500;
/// The limits that statements are written with: few, so that few shapes are prepared.
const LIMITS: [u32; 9] = [1, 2, 6, 11, 21, 51, 101, 201, LARGEST_PAGE + 1];

/// The limit with which rows are fetched, one more at least than is wanted of them.
pub(crate) fn limit(take: u32) -> Option<u32> {
    LIMITS.into_iter().find(|limit| *limit > take)
}

/// The plan of a page: each part only where it was selected.
#[derive(Debug)]
pub struct Page {
    take: i64,
    backward: bool,
    /// The rows, one more than the page holds; none where only counts are asked for.
    record: Option<Record>,
    /// Whether each row comes with its place in the order.
    cursors: bool,
    /// Whether there are rows on the near side of the cursor, and on the far side of the other one.
    behind: Option<Boxed>,
    ahead: Option<Boxed>,
    total: Option<Boxed>,
}

/// The paging arguments of a field.
struct Arguments {
    take: u32,
    backward: bool,
    after: Option<serde_json::Value>,
    before: Option<serde_json::Value>,
}

impl Arguments {
    fn read(field: &Field) -> Result<Self> {
        let first: Option<i32> = field.argument("first")?;
        let last: Option<i32> = field.argument("last")?;
        let (take, backward, name) = match (first, last) {
            (Some(_), Some(_)) => {
                return Err(Error::bad_request("give first or last, not both").within("last"));
            }
            (_, Some(last)) => (Some(last), true, "last"),
            (first, None) => (first, false, "first"),
        };
        let take = match take.map(u32::try_from) {
            None => USUAL_PAGE,
            Some(Ok(take)) if take <= LARGEST_PAGE => take,
            Some(_) => {
                let message = format!("a page holds 0 to {LARGEST_PAGE} records");
                return Err(Error::bad_request(message).within(name));
            }
        };
        let cursor = |name: &str| {
            let text: Option<String> = field.argument(name)?;
            text.map(|text| decode(&text).map_err(|error| error.within(name))).transpose()
        };
        Ok(Self { take, backward, after: cursor("after")?, before: cursor("before")? })
    }
}

fn decode(cursor: &str) -> Result<serde_json::Value> {
    let json = BASE64.decode(cursor).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
    let json: Option<serde_json::Value> = json;
    // No text of the database holds NUL, nor can it be asked for one.
    let holds_nul = |value: &serde_json::Value| value.as_str().is_some_and(|it| it.contains('\0'));
    json.filter(|json| !json.as_array().into_iter().flatten().any(holds_nul))
        .ok_or_else(|| Error::bad_request("this is not a cursor of this API"))
}

/// Plans the page that a field asks for of `rows`.
pub(super) fn page<E: Entity>(
    field: &Field,
    rows: Rows<E::Table>,
    depth: u16,
    moment: &Moment,
) -> Result<Json> {
    let sorting = E::sorting(keys::<E>(field)?);
    sorted(field, rows, &sorting, |rows, fields| {
        E::record(rows, fields.iter().copied(), depth, moment)
    })
}

/// The keys by which a field asks its list to be ordered.
fn keys<E: Entity>(field: &Field) -> Result<Vec<Sort<E::Table>>> {
    let orders: Option<Vec<E::Order>> = field.argument("orderBy")?;
    let orders = orders.unwrap_or_default();
    if orders.is_empty() {
        return E::Order::usual();
    }
    let search = search::of_filter(field)?;
    let mut keys = Vec::new();
    for (index, order) in orders.into_iter().enumerate() {
        let within = |error: Error| error.within(&index.to_string()).within("orderBy");
        keys.extend(order.keys(search.as_ref()).map_err(within)?);
    }
    Ok(keys)
}

/// Plans the page that a field asks for of `rows` in an order; `record` plans what hangs on each.
pub(super) fn sorted<T: Send + Sync + 'static>(
    field: &Field,
    rows: Rows<T>,
    sorting: &Sorting<T>,
    record: impl FnOnce(Rows<T>, &[&Field]) -> Result<Record>,
) -> Result<Json> {
    let arguments = Arguments::read(field)?;
    let asked = Asked::of(field);
    let total = asked.total.then(|| Boxed(how_many(&rows.table, rows.condition())));
    let Arguments { take, backward, after, before } = arguments;
    let place = |cursor: Option<serde_json::Value>, name: &str| {
        cursor.map(|cursor| sorting.read(cursor).map_err(|error| error.within(name))).transpose()
    };
    let after = place(after, "after")?;
    let before = place(before, "before")?;
    // Rows on the other side of a cursor, the row at the cursor too.
    let outside = |place: &Option<Vec<Sql>>, backward: bool| {
        let place = asked.ends.then_some(place.as_ref()?)?;
        Some(Boxed(exists(&rows, sorting.beyond(place, backward, true))))
    };
    let (behind, ahead) = (outside(&after, true), outside(&before, false));
    let record = if asked.rows() {
        let mut rows = rows;
        rows.conditions.extend(after.map(|place| sorting.beyond(&place, false, false)));
        rows.conditions.extend(before.map(|place| sorting.beyond(&place, true, false)));
        rows.sorting = Some(sorting.clause(backward));
        rows.limit = limit(take);
        if asked.cursors {
            rows.extras.push(("cursor".to_owned(), sorting.place()));
        }
        rows.paged = true;
        Some(record(rows, &asked.fields)?)
    } else {
        None
    };
    let (take, cursors) = (i64::from(take), asked.cursors);
    Ok(Json::Page(Page { take, backward, record, cursors, behind, ahead, total }))
}

impl Page {
    /// How many records it may bring.
    pub(super) fn cost(&self) -> u64 {
        let each = self.record.as_ref().map_or(0, Record::cost);
        u64::try_from(self.take).unwrap_or(0).saturating_mul(each).saturating_add(1)
    }
}

/// What is selected of a connection.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each part of a connection is there or not")]
struct Asked<'a> {
    fields: Vec<&'a Field>,
    nodes: bool,
    cursors: bool,
    ends: bool,
    total: bool,
}

impl<'a> Asked<'a> {
    fn of(field: &'a Field) -> Self {
        let mut asked = Self::default();
        for part in &field.sub {
            match part.name.as_str() {
                // Of a list that is followed, whatever is shown comes from its rows.
                "nodes" | "upserted" => {
                    asked.nodes = true;
                    asked.fields.extend(&part.sub);
                }
                "order" | "removed_ids" => asked.nodes = true,
                "edges" => asked.edges(part),
                "page_info" => asked.page_info(part),
                "total_count" => asked.total = true,
                _ => {}
            }
        }
        asked
    }

    fn edges(&mut self, edges: &'a Field) {
        self.nodes = true;
        for part in &edges.sub {
            match part.name.as_str() {
                "cursor" => self.cursors = true,
                "node" => self.fields.extend(&part.sub),
                _ => {}
            }
        }
    }

    fn page_info(&mut self, page_info: &Field) {
        for part in &page_info.sub {
            match part.name.as_str() {
                "start_cursor" | "end_cursor" => self.cursors = true,
                "has_next_page" | "has_previous_page" => self.ends = true,
                _ => {}
            }
        }
    }

    fn rows(&self) -> bool {
        self.nodes || self.cursors || self.ends
    }
}

/// `EXISTS (SELECT FROM … WHERE …)`.
fn exists<T: Send + Sync + 'static>(rows: &Rows<T>, condition: Cond<T>) -> Sql {
    let condition = super::expr::all(vec![rows.condition(), condition]);
    let table = Arc::clone(&rows.table);
    Arc::new(Exists { table, condition })
}

struct Exists<T> {
    table: Sql,
    condition: Cond<T>,
}

impl<T> QueryFragment<Pg> for Exists<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("EXISTS (SELECT FROM ");
        self.table.walk_ast(out.reborrow())?;
        out.push_sql(" WHERE ");
        self.condition.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryFragment<Pg> for Page {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        // One aggregate of the rows: what they share is told of it as a whole.
        out.push_sql(if self.record.is_some() { "(SELECT " } else { "" });
        out.push_sql("json_build_object('take', ");
        out.push_bind_param::<BigInt, _>(&self.take)?;
        out.push_sql("::bigint, 'backward', ");
        out.push_bind_param::<Bool, _>(&self.backward)?;
        out.push_sql("::boolean");
        for (name, part) in
            [("behind", &self.behind), ("ahead", &self.ahead), ("total", &self.total)]
        {
            if let Some(part) = part {
                out.push_sql(&format!(", '{name}', "));
                part.walk_ast(out.reborrow())?;
            }
        }
        let Some(record) = &self.record else {
            out.push_sql(")");
            return Ok(());
        };
        if self.cursors {
            out.push_sql(", 'keyed', coalesce(json_agg(json_build_array(");
            record.push_row(&mut out)?;
            out.push_sql(&format!(", \"l{}\".\"cursor\")), '[]')", record.depth));
        } else {
            out.push_sql(", 'rows', coalesce(json_agg(");
            record.push_row(&mut out)?;
            out.push_sql("), '[]')");
        }
        if !record.page_lists.is_empty() {
            out.push_sql(", 'lists', ");
            push_slots(&record.page_lists, &mut out)?;
        }
        out.push_sql(")");
        record.push_from(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// A page as the statement brings it.
#[derive(Deserialize)]
struct Brought<E> {
    take: usize,
    backward: bool,
    #[serde(default = "Vec::new")]
    rows: Vec<E>,
    #[serde(default = "Vec::new")]
    keyed: Vec<(E, Box<RawValue>)>,
    #[serde(default)]
    lists: PageLists,
    #[serde(default)]
    behind: bool,
    #[serde(default)]
    ahead: bool,
    #[serde(default)]
    total: i32,
}

/// A page of a list: its records, each also with its cursor, and what is around them.
#[derive(Debug)]
pub struct Connection<E> {
    nodes: Vec<E>,
    cursors: Vec<String>,
    info: PageInfo,
    total: i32,
}

/// A record in a list.
#[derive(Debug)]
pub struct Edge<'a, E> {
    node: &'a E,
    cursor: String,
}

/// What is before and after a page.
#[derive(Clone, Debug, SimpleObject)]
pub struct PageInfo {
    /// Whether there are records after this page.
    pub has_next_page: bool,
    /// Whether there are records before this page.
    pub has_previous_page: bool,
    /// The cursor of the first record; null on an empty page.
    pub start_cursor: Option<String>,
    /// The cursor of the last record; null on an empty page.
    pub end_cursor: Option<String>,
}

impl<'de, E: Deserialize<'de> + Row> Deserialize<'de> for Connection<E> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let brought = Brought::<E>::deserialize(from)?;
        let (mut nodes, mut cursors) = (brought.rows, Vec::new());
        for (node, place) in brought.keyed {
            nodes.push(node);
            cursors.push(BASE64.encode(place.get()));
        }
        let lists = brought.lists.of_each(nodes.len()).map_err(serde::de::Error::custom)?;
        for (node, of_node) in nodes.iter_mut().zip(lists) {
            node.slots().append(of_node);
        }
        let more = nodes.len() > brought.take;
        nodes.truncate(brought.take);
        cursors.truncate(brought.take);
        if brought.backward {
            nodes.reverse();
            cursors.reverse();
        }
        let info = PageInfo {
            has_next_page: brought.ahead || (more && !brought.backward),
            has_previous_page: brought.behind || (more && brought.backward),
            start_cursor: cursors.first().cloned(),
            end_cursor: cursors.last().cloned(),
        };
        Ok(Self { nodes, cursors, info, total: brought.total })
    }
}

impl<E> Connection<E> {
    /// The records.
    pub(crate) fn records(&self) -> &[E] {
        &self.nodes
    }

    /// The records with their cursors, which are empty where none was asked for.
    pub(crate) fn places(&self) -> impl Iterator<Item = (&E, &str)> {
        let cursors = self.cursors.iter().map(String::as_str);
        self.nodes.iter().zip(cursors.chain(std::iter::repeat("")))
    }

    /// What is before and after this page.
    pub(crate) fn info(&self) -> &PageInfo {
        &self.info
    }

    /// How many records the whole list holds.
    pub(crate) fn total(&self) -> i32 {
        self.total
    }
}

impl<E: Entity> TypeName for Connection<E> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Connection", E::NAME).into()
    }
}

/// A page of a list.
#[Object(name_type)]
impl<E: Entity> Connection<E> {
    /// The records, each with its cursor.
    async fn edges(&self) -> Vec<Edge<'_, E>> {
        let cursors = self.cursors.iter().cloned().chain(std::iter::repeat(String::new()));
        self.nodes.iter().zip(cursors).map(|(node, cursor)| Edge { node, cursor }).collect()
    }

    /// The records.
    async fn nodes(&self) -> &[E] {
        &self.nodes
    }

    /// What is before and after this page.
    async fn page_info(&self) -> &PageInfo {
        &self.info
    }

    /// How many records the whole list holds.
    async fn total_count(&self) -> i32 {
        self.total
    }
}

impl<E: Entity> TypeName for Edge<'_, E> {
    fn type_name() -> Cow<'static, str> {
        format!("{}Edge", E::NAME).into()
    }
}

/// A record in a list.
#[Object(name_type)]
impl<E: Entity> Edge<'_, E> {
    /// The record.
    async fn node(&self) -> &E {
        self.node
    }

    /// Its place in the order of the list.
    async fn cursor(&self) -> &str {
        &self.cursor
    }
}
