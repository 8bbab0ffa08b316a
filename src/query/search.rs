//! Full-text search: what a client typed as a query of words, and the condition and score that follow.
//!
//! Words are folded and parted as the database does it, so that only clean words are ever sent, in the
//! binary form of a `tsquery`: there is no text of operators that could be broken out of.

use super::expr::{Cond, Expr, Sql};
use super::selection::Field;
use super::tsquery::Query;
use crate::error::{Error, Result};
use crate::fold::words;
use crate::tables::search_documents;
use async_graphql::Value;
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment};
use diesel::sql_types::{Array, BigInt, Nullable, Text};
use diesel::{Column, QueryResult};
use std::sync::Arc;

/// How many words a search holds.
pub const MOST_WORDS: usize = 32;
/// How much of a word counts: the database keeps as many characters of each.
const LONGEST_WORD: usize = 500;

/// A word that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// It, folded.
    pub text: String,
    /// Whether words that begin with it are meant too.
    pub prefix: bool,
}

/// Words side by side, or what must not be there.
#[derive(Clone, Debug)]
struct Term {
    words: Vec<Word>,
    negated: bool,
    quoted: bool,
}

/// A search: one of its alternatives matches, of which all terms do.
#[derive(Clone, Debug, Default)]
pub struct Search {
    alternatives: Vec<Vec<Term>>,
}

impl Search {
    /// Reads what a client typed: words (all of them), `"a phrase"`, `OR`, `-without`. The last word is a
    /// prefix too, unless it is quoted or excluded. A term of several words, such as `area:work`, is a
    /// phrase. Nothing else has a meaning, and no text is wrong but for its length.
    pub fn read(text: &str) -> Result<Self> {
        let mut search = Self { alternatives: vec![Vec::new()] };
        let mut rest = text.trim_start();
        while !rest.is_empty() {
            let (term, after) = Term::read(rest);
            match term {
                Some(term) if !term.words.is_empty() => search.push(term),
                Some(_) => {}
                None => search.alternatives.push(Vec::new()),
            }
            rest = after.trim_start();
        }
        search.alternatives.retain(|terms| !terms.is_empty());
        let count: usize = search.terms().map(|term| term.words.len()).sum();
        if count > MOST_WORDS {
            let message = format!("a search holds at most {MOST_WORDS} words");
            return Err(Error::bad_request(message));
        }
        Ok(search)
    }

    fn push(&mut self, term: Term) {
        // What was typed last before was not the last word.
        if let Some(last) = self.alternatives.iter_mut().flatten().last() {
            last.words.iter_mut().for_each(|word| word.prefix = false);
        }
        if let Some(terms) = self.alternatives.last_mut() {
            terms.push(term);
        }
    }

    /// The same without prefixes: whose last word is there as it stands matches better.
    fn whole(&self) -> Self {
        let mut search = self.clone();
        for term in search.alternatives.iter_mut().flatten() {
            term.words.iter_mut().for_each(|word| word.prefix = false);
        }
        search
    }

    fn terms(&self) -> impl Iterator<Item = &Term> {
        self.alternatives.iter().flatten()
    }

    /// The words that a match may hold.
    pub fn wanted(&self) -> impl Iterator<Item = &Word> {
        self.terms().filter(|term| !term.negated).flat_map(|term| &term.words)
    }

    /// The same as plain text.
    pub fn wanted_texts(&self) -> Vec<String> {
        self.wanted().map(|word| word.text.clone()).collect()
    }

    /// The words for which names nearly like them will do: who quotes or writes OR knows what is there.
    pub fn forgiven(&self) -> Option<Vec<String>> {
        let plain = self.alternatives.len() == 1 && self.terms().all(|term| !term.quoted);
        let wanted = self.wanted_texts();
        (plain && !wanted.is_empty()).then_some(wanted)
    }

    /// It as the database takes it.
    pub fn query(&self) -> Query {
        let all = |terms: &Vec<Term>| terms.iter().map(Term::query).reduce(Query::and);
        let any = self.alternatives.iter().filter_map(all).reduce(Query::or);
        any.unwrap_or_default()
    }

    /// The condition that a record of this kind matches what a client typed, by the column of its id.
    pub fn condition<C>(text: &str, kind: &'static str, id: C) -> Result<Cond<C::Table>>
    where
        C: Column + QueryFragment<Pg> + Send + Sync + 'static,
    {
        let search = Self::read(text).map_err(|error| error.within("search"))?;
        Ok(Expr::trusted(Arc::new(Among { id: Arc::new(id), hits: search.hits(vec![kind]) })))
    }

    /// How well a record of this kind matches, by the column of its id.
    pub fn score_of<C>(&self, kind: &'static str, id: C) -> Expr<C::Table, Nullable<BigInt>>
    where
        C: Column + QueryFragment<Pg> + Send + Sync + 'static,
    {
        let score = ScoreOf { kind, id: Arc::new(id), score: self.score().sql() };
        Expr::trusted(Arc::new(score))
    }

    /// How well a document matches.
    pub fn score(&self) -> Expr<search_documents::table, Nullable<BigInt>> {
        let (words, name) = (search_documents::words, search_documents::name);
        let (query, whole, forgiven) = (self.query(), self.whole().query(), self.forgiven());
        Expr::of(functions::search_score(words, name, query, whole, forgiven))
    }

    /// The documents that match, among records of these kinds, as if they were the table.
    pub fn documents(&self, kinds: Vec<&'static str>) -> Sql {
        Arc::new(Documents(self.hits(kinds)))
    }

    fn hits(&self, kinds: Vec<&'static str>) -> Hits {
        Hits { kinds, query: self.query(), forgiven: self.forgiven() }
    }
}

impl Term {
    /// The term at the start of a text, and what is behind it; none where it is the word `OR`.
    fn read(text: &str) -> (Option<Self>, &str) {
        let positive = text.strip_prefix('-').filter(|rest| !rest.starts_with(char::is_whitespace));
        let (negated, text) = (positive.is_some(), positive.unwrap_or(text));
        let inside = text.strip_prefix(QUOTES);
        let quoted = inside.is_some();
        let (said, rest, closed) = if let Some(inside) = inside {
            let ended = inside.split_once(QUOTES).map(|(said, rest)| (said, rest, true));
            ended.unwrap_or((inside, "", false))
        } else {
            let ends = |letter: char| letter.is_whitespace() || QUOTES.contains(&letter);
            let (said, rest) = text.split_at(text.find(ends).unwrap_or(text.len()));
            (said, rest, false)
        };
        if said == "OR" && !quoted && !negated {
            return (None, rest);
        }
        let mut words: Vec<_> = words(said).iter().map(|word| Word::whole(word)).collect();
        if let Some(last) = words.last_mut() {
            last.prefix = !negated && !closed;
        }
        (Some(Self { words, negated, quoted }), rest)
    }

    fn query(&self) -> Query {
        let words = self.words.iter().map(|word| Query::word(&word.text, word.prefix));
        let phrase = words.reduce(Query::then).unwrap_or_default();
        if self.negated { phrase.negated() } else { phrase }
    }
}

/// What phones make of a typed quote counts as one.
const QUOTES: [char; 4] = ['"', '“', '”', '„'];

impl Word {
    /// Whether a folded word is this one, or begins with it where that will do.
    pub fn is_met_by(&self, word: &str) -> bool {
        if self.prefix { word.starts_with(&self.text) } else { word == self.text }
    }

    fn whole(text: &str) -> Self {
        Self { text: text.chars().take(LONGEST_WORD).collect(), prefix: false }
    }
}

/// The search in the filter of a field, by which its list may be ordered.
pub(super) fn of_filter(field: &Field) -> Result<Option<Search>> {
    let text = field.raw("filter").and_then(text_of);
    text.map(Search::read).transpose().map_err(|error| error.within("search").within("filter"))
}

/// The search that an order asks for.
pub(crate) fn needed(search: Option<&Search>) -> Result<&Search> {
    search.ok_or_else(|| {
        Error::bad_request("an order by relevance needs a search in the filter").within("relevance")
    })
}

/// A filter's own search, or one that is joined to it with AND.
fn text_of(filter: &Value) -> Option<&str> {
    let Value::Object(fields) = filter else {
        return None;
    };
    if let Some(Value::String(text)) = fields.get("search") {
        return Some(text);
    }
    match fields.get("and") {
        Some(Value::List(filters)) => filters.iter().find_map(text_of),
        // A list of one may be written without its brackets.
        Some(filter) => text_of(filter),
        None => None,
    }
}

mod functions {
    //! Functions of the database that search.
    use crate::query::tsquery::Tsquery;
    use crate::tables::sql_types::Tsvector;
    use diesel::sql_types::{Array, Nullable, Text};

    diesel::define_sql_function! {
        /// How well a document matches, in millionths.
        fn search_score(
            words: Tsvector,
            name: Text,
            query: Tsquery,
            whole: Tsquery,
            forgiven: Nullable<Array<Text>>,
        ) -> BigInt;
    }
}

/// `search_hits(…)`: the documents that match.
struct Hits {
    kinds: Vec<&'static str>,
    query: Query,
    forgiven: Option<Vec<String>>,
}

impl QueryFragment<Pg> for Hits {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("search_hits(");
        self.query.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Array<Text>>, _>(&self.forgiven)?;
        out.push_sql(&format!(", '{{{}}}'::record_type[])", self.kinds.join(",")));
        Ok(())
    }
}

/// Documents that match, as if they were the table.
struct Documents(Hits);

impl QueryFragment<Pg> for Documents {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(" AS search_documents");
        Ok(())
    }
}

/// `id IN (the records whose documents match)`.
struct Among {
    id: Sql,
    hits: Hits,
}

impl QueryFragment<Pg> for Among {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.id.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT record_id FROM ");
        self.hits.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}

/// `(SELECT the score FROM search_documents WHERE it is that of the record)`.
struct ScoreOf {
    kind: &'static str,
    id: Sql,
    score: Sql,
}

impl QueryFragment<Pg> for ScoreOf {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("(SELECT ");
        self.score.walk_ast(out.reborrow())?;
        out.push_sql(" FROM search_documents WHERE record_id = ");
        self.id.walk_ast(out.reborrow())?;
        out.push_sql(&format!(" AND record_type = '{}')", self.kind));
        Ok(())
    }
}
