//! The plan of a search over several kinds of records: a page of documents, on each the record it is of.

use super::entity::names;
use super::expr::{Expr, Sql};
use super::kinds::Known;
use super::order::{Sort, SortOrder, Sorting};
use super::page::sorted;
use super::page_lists::Row;
use super::plan::{Child, Json, Parent, Record, Rows};
use super::search::Search;
use super::selection::Field;
use super::statement::Slots;
use crate::error::Result;
use crate::tables::search_documents;
use crate::tables::sql_types::RecordType;
use diesel::QueryResult;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Array, Nullable, Text};
use serde::Deserialize;
use std::sync::Arc;

/// A document that matches, as the statement brings it.
#[derive(Debug, Deserialize)]
pub struct Hit {
    /// How well it matches, in millionths.
    pub score: i64,
    /// The texts by which the record may have been found, where a snippet is wanted.
    pub source: Option<Vec<Option<String>>>,
    /// The record, for each field that shows it.
    #[serde(default)]
    pub slots: Slots,
}

impl Row for Hit {
    fn slots(&mut self) -> &mut Slots {
        &mut self.slots
    }
}

/// The level of the hits.
const HITS: u16 = 1;

/// Plans a page of what matches among records of these kinds, best first; `known` plans the record of a
/// hit for a field that shows it.
pub fn hits(
    field: &Field,
    search: &Search,
    kinds: Vec<&'static str>,
    known: impl Fn(&Field) -> Result<Known>,
) -> Result<Json> {
    let edges = || field.sub.iter().filter(|part| part.name == "edges").flat_map(|part| &part.sub);
    let snippets = edges().any(|part| part.name == "snippet");
    let shown = field.sub.iter().filter(|part| part.name == "nodes");
    let shown: Vec<_> = shown.chain(edges().filter(|part| part.name == "node")).collect();
    let columns = Columns { score: search.score().sql(), source: snippets.then(|| source(search)) };
    let rows = Rows::new(Arc::new(columns), search.documents(kinds));
    let rows = rows.filter(Expr::of(search_documents::live));
    // Among equals the kinds of which there are few come first, then what is new.
    let keys = vec![
        Sort::by("score", search.score(), SortOrder::Desc),
        Sort::by("kind", search_documents::record_type, SortOrder::Desc),
    ];
    let sorting = Sorting::new(keys, search_documents::record_id);
    sorted(field, rows, &sorting, |rows, _| {
        let parent = Parent::new(rows, HITS, names::<Hit>());
        let child =
            |field: &&Field| Ok(Child { slot: field.slot, json: Json::Known(known(field)?) });
        let children: Result<Vec<_>> = shown.iter().map(child).collect();
        Ok(Record::new(parent, children?))
    })
}

/// The texts from which a snippet is cut.
fn source(search: &Search) -> Sql {
    let (kind, id) = (search_documents::record_type, search_documents::record_id);
    let source = functions::search_source(kind, id, search.wanted_texts());
    Expr::<search_documents::table, Nullable<Array<Nullable<Text>>>>::of(source).sql()
}

mod functions {
    //! Functions of the database that bring what was found.
    use super::{Array, RecordType, Text};
    use diesel::sql_types::Uuid;

    diesel::define_sql_function! {
        /// The texts by which a record may have been found.
        fn search_source(kind: RecordType, id: Uuid, wanted: Array<Text>) -> Array<Nullable<Text>>;
    }
}

/// The columns of a hit.
struct Columns {
    score: Sql,
    source: Option<Sql>,
}

impl QueryFragment<Pg> for Columns {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("record_type AS kind, record_id AS id, ");
        self.score.walk_ast(out.reborrow())?;
        out.push_sql(" AS score, ");
        match &self.source {
            Some(source) => source.walk_ast(out.reborrow())?,
            None => out.push_sql("NULL"),
        }
        out.push_sql(" AS source");
        Ok(())
    }
}
