//! Pages: which part of a list each is, and whether the service cuts it in the same places.

use super::case::Case;
use super::world::{Dice, World};
use crate::app::App;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use uuid::Uuid;

/// What a page selects.
const PAGE: &str = "{ totalCount edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";

/// The arguments of a page; cursors are those of any records, whether the list holds them or not.
#[derive(Clone, Debug)]
struct Window {
    backward: bool,
    size: usize,
    after: Option<Uuid>,
    before: Option<Uuid>,
}

impl Window {
    fn whole() -> Self {
        Self { backward: false, size: 500, after: None, before: None }
    }

    /// Pages of this size that follow one another through a list, in one direction.
    fn walk(list: &[Uuid], size: usize, backward: bool) -> Vec<Self> {
        let mut rest = list;
        let mut windows = Vec::new();
        let mut seen = None;
        loop {
            let (after, before) = if backward { (None, seen) } else { (seen, None) };
            windows.push(Self { backward, size, after, before });
            if rest.len() <= size {
                return windows;
            }
            if backward {
                rest = &rest[..rest.len() - size];
            } else {
                rest = &rest[size..];
            }
            // The end of the page: what stands next to the rest.
            seen = if backward {
                Some(list[rest.len()])
            } else {
                Some(list[list.len() - rest.len() - 1])
            };
        }
    }

    /// Any window between any two records, or on one side of one.
    fn roll(ranks: &[Uuid], dice: &mut Dice) -> Self {
        let (one, other) = (dice.below(ranks.len()), dice.below(ranks.len()));
        let (low, high) = (one.min(other), one.max(other));
        let (mut after, mut before) = (Some(ranks[low]), Some(ranks[high]));
        match dice.below(4) {
            0 => after = None,
            1 => before = None,
            // Between a record and itself there is nothing, of which no side is.
            _ if low == high => before = None,
            _ => {}
        }
        Self { backward: dice.one_in(2), size: dice.pick(&[0, 1, 2, 5, 20, 500]), after, before }
    }

    /// The places in the list at which it starts and ends.
    fn cut(&self, list: &[Uuid], ranks: &[Uuid]) -> (usize, usize) {
        let rank = |id: &Uuid| ranks.iter().position(|it| it == id).unwrap();
        let up_to = |end: &dyn Fn(usize) -> bool| list.iter().filter(|id| end(rank(id))).count();
        let low = self.after.map_or(0, |id| up_to(&|it| it <= rank(&id)));
        let high = self.before.map_or(list.len(), |id| up_to(&|it| it < rank(&id)));
        if self.backward {
            (high.saturating_sub(self.size).max(low), high)
        } else {
            (low, (low + self.size).min(high))
        }
    }

    /// The page that it is to be.
    fn expected(&self, list: &[Uuid], ranks: &[Uuid], cursors: &BTreeMap<Uuid, String>) -> Value {
        let (start, end) = self.cut(list, ranks);
        let edge = |id: &Uuid| json!({"cursor": cursors[id], "node": {"id": id}});
        let edges: Vec<_> = list[start..end].iter().map(edge).collect();
        let cursor = |edge: Option<&Value>| edge.map(|edge| edge["cursor"].clone());
        json!({
            "totalCount": list.len(),
            "pageInfo": {
                "hasNextPage": end < list.len(), "hasPreviousPage": start > 0,
                "startCursor": cursor(edges.first()), "endCursor": cursor(edges.last()),
            },
            "edges": edges,
        })
    }
}

/// Where the service and the oracle differ.
pub(crate) struct Mismatch(pub(crate) String);

impl Case {
    /// Asks the service for the list as a whole and in pages, and compares; the dice choose the pages.
    pub(crate) async fn check(
        &self,
        app: &App,
        world: &World,
        mut dice: Dice,
    ) -> Result<(), Mismatch> {
        let list = self.answer(world);
        let ranks = self.ranks(world);
        let cursors = self.cursors(app, &ranks).await?;
        let mut windows = vec![Window::whole()];
        if dice.one_in(2) {
            let size = 1 + list.len() / 6 + dice.below(3);
            windows.extend(Window::walk(&list, size, false));
            windows.extend(Window::walk(&list, size, true));
        }
        windows.extend((0..dice.below(4)).map(|_| Window::roll(&ranks, &mut dice)));
        let document = self.document(windows.len());
        let mut variables = self.variables();
        for (n, window) in windows.iter().enumerate() {
            let (size, other) = if window.backward { ("last", "first") } else { ("first", "last") };
            variables.insert(format!("{size}{n}"), json!(window.size));
            variables.insert(format!("{other}{n}"), Value::Null);
            for (word, id) in [("after", window.after), ("before", window.before)] {
                variables.insert(format!("{word}{n}"), json!(id.map(|id| &cursors[&id])));
            }
        }
        let data = self.data(app, &document, variables).await?;
        for (n, window) in windows.iter().enumerate() {
            let found = match self.list.way() {
                (_, None) => &data[format!("w{n}")],
                (root, _) => &data[root][format!("w{n}")],
            };
            same(&format!("{window:?}"), &window.expected(&list, &ranks, &cursors), found)?;
        }
        self.check_siblings(app, world, dice.below(4)).await
    }

    /// A list within a record, asked for all records of the owner's kind at once.
    async fn check_siblings(&self, app: &App, world: &World, size: usize) -> Result<(), Mismatch> {
        let (root, Some((_, inner))) = self.list.way() else {
            return Ok(());
        };
        let document = format!(
            "query ($filter: TaskFilter, $orderBy: [TaskOrder!]) {{
                {root}s(scope: ALL, first: 100) {{ nodes {{ id
                    {inner}(filter: $filter, orderBy: $orderBy, first: {size}) {{
                        totalCount nodes {{ id }} pageInfo {{ hasNextPage hasPreviousPage }}
                    }}
                }} }}
            }}"
        );
        let mut variables = self.variables();
        variables.remove("scope");
        let data = self.data(app, &document, variables).await?;
        let owners = data[format!("{root}s")]["nodes"].as_array().unwrap();
        for sibling in self.list.siblings(world) {
            let (_, Some((id, _))) = sibling.way() else { continue };
            let list = self.answer_of(world, sibling);
            let nodes: Vec<_> = list.iter().take(size).map(|id| json!({ "id": id })).collect();
            let more = list.len() > size;
            let expected = json!({"totalCount": list.len(), "nodes": nodes,
                "pageInfo": {"hasNextPage": more, "hasPreviousPage": false}});
            let owner = owners.iter().find(|owner| owner["id"] == json!(id)).unwrap();
            same(&format!("{sibling:?} first: {size}"), &expected, &owner[inner])?;
        }
        Ok(())
    }

    /// The cursors of all records in this order, as the whole list of them has them.
    async fn cursors(&self, app: &App, ranks: &[Uuid]) -> Result<BTreeMap<Uuid, String>, Mismatch> {
        let kind = self.list.kind();
        let list = format!("{}s", kind.to_lowercase());
        let document = format!(
            "query ($orderBy: [{kind}Order!]) {{
                {list}(orderBy: $orderBy, scope: ALL, first: 500) {{ edges {{ cursor node {{ id }} }} }}
            }}"
        );
        let mut variables = Map::new();
        variables.insert("orderBy".to_owned(), self.orders.clone());
        let data = self.data(app, &document, variables).await?;
        let edges = data[list]["edges"].as_array().unwrap();
        let found: Vec<_> = edges.iter().map(|edge| edge["node"]["id"].clone()).collect();
        same("all records, those in the trash too", &json!(ranks), &json!(found))?;
        let cursor = |edge: &Value| edge["cursor"].as_str().unwrap().to_owned();
        Ok(ranks.iter().copied().zip(edges.iter().map(cursor)).collect())
    }

    /// The document that asks for this many pages.
    fn document(&self, windows: usize) -> String {
        let kind = self.list.kind();
        let (root, within) = self.list.way();
        let (mut header, mut pages) = (String::new(), String::new());
        let list = within.map_or(root, |(_, list)| list);
        let scope = if within.is_none() { ", scope: $scope" } else { "" };
        for n in 0..windows {
            write!(
                header,
                ", $first{n}: Int, $last{n}: Int, $after{n}: String, $before{n}: String"
            )
            .unwrap();
            write!(
                pages,
                "w{n}: {list}(filter: $filter, orderBy: $orderBy{scope},
                    first: $first{n}, last: $last{n}, after: $after{n}, before: $before{n}) {PAGE}\n"
            )
            .unwrap();
        }
        let header = format!("$filter: {kind}Filter, $orderBy: [{kind}Order!]{header}");
        match within {
            None => format!("query ({header}, $scope: RecordScope!) {{ {pages} }}"),
            Some((id, _)) => format!("query ({header}) {{ {root}(id: \"{id}\") {{ {pages} }} }}"),
        }
    }

    fn variables(&self) -> Map<String, Value> {
        let mut variables = Map::new();
        variables.insert("filter".to_owned(), self.filter.clone());
        variables.insert("orderBy".to_owned(), self.orders.clone());
        if self.list.way().1.is_none() {
            variables.insert("scope".to_owned(), json!(self.scope));
        }
        variables
    }

    async fn data(
        &self,
        app: &App,
        document: &str,
        variables: Map<String, Value>,
    ) -> Result<Value, Mismatch> {
        let mut response = app.respond_in(self.zone, document, Value::Object(variables)).await;
        match response.get("errors") {
            None => Ok(response["data"].take()),
            Some(errors) => Err(Mismatch(format!("refused: {errors}"))),
        }
    }
}

fn same(what: &str, expected: &Value, found: &Value) -> Result<(), Mismatch> {
    if expected == found {
        return Ok(());
    }
    Err(Mismatch(format!("{what}\nexpected {expected}\n     got {found}")))
}
