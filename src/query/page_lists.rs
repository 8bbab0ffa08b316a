//! Lists that the rows of a page share: each record comes once, with the numbers of the rows that list it.
//!
//! A tag is on many tasks of a page. Looking it up and writing it for each of them was half the cost of a page.

use super::entity::Entity;
use super::expr::Verbatim;
use super::link::Link;
use super::order::Order;
use super::plan::{Json, Parent};
use super::selection::{Field, Slot};
use super::statement::Slots;
use crate::error::Result;
use crate::moment::Moment;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::sync::Arc;

/// The name under which a shared record has the numbers of its rows, from 1.
pub(super) const NUMBERS: &str = "numbers";

/// The plan of a field that lists all records that a link leads to.
pub(crate) fn list<P: 'static, E: Entity>(
    link: &Link<P, E::Table>,
    field: &Field,
    parent: &mut Parent<P>,
    moment: &Moment,
) -> Result<Json> {
    let rows = E::rows().order(&E::sorting(E::Order::usual()?));
    let numbered = if parent.is_paged() { link.numbered(parent) } else { None };
    let depth = parent.inside();
    let Some(numbered) = numbered else {
        let rows = rows.filter(link.of(parent));
        return Ok(Json::Many(E::record(rows, &field.sub, depth, moment)?));
    };
    let mut rows = rows.filter(link.live());
    rows.join = Some(numbered);
    rows.extras.push((NUMBERS.to_owned(), Arc::new(Verbatim("c.numbers"))));
    Ok(Json::PageList(E::record(rows, &field.sub, depth, moment)?))
}

/// A row of a page as the statement brings it.
pub trait Row {
    /// The answers for what hangs on it.
    fn slots(&mut self) -> &mut Slots;
}

/// For each field that lists them the records that rows share, in the order in which rows list them.
#[derive(Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct PageLists(Vec<(Slot, Vec<Listed>)>);

/// A record and the numbers of the rows that list it.
#[derive(Deserialize)]
struct Listed(Box<RawValue>, Vec<usize>);

impl PageLists {
    /// For each of so many rows its lists.
    pub(crate) fn of_each(&self, rows: usize) -> serde_json::Result<Vec<Slots>> {
        let mut each: Vec<Slots> = std::iter::repeat_with(Slots::default).take(rows).collect();
        for (slot, records) in &self.0 {
            let mut lists: Vec<Vec<&str>> = vec![Vec::new(); rows];
            for Listed(record, numbers) in records {
                for number in numbers {
                    if let Some(list) = number.checked_sub(1).and_then(|index| lists.get_mut(index))
                    {
                        list.push(record.get());
                    }
                }
            }
            for (row, list) in each.iter_mut().zip(lists) {
                row.put(*slot, RawValue::from_string(format!("[{}]", list.join(",")))?);
            }
        }
        Ok(each)
    }
}
