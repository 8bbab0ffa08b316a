//! Full-text search over records of every kind.

mod snippet;

use super::{Project, Tag, Task};
use crate::error::{Error, Result};
use crate::feed::RecordType;
use crate::moment::Moment;
use crate::query::entity::Entity;
use crate::query::hits::{Hit, hits};
use crate::query::kinds::{Known, branch};
use crate::query::page::{Connection, PageInfo};
use crate::query::plan::Json;
use crate::query::request::answer;
use crate::query::search::Search;
use crate::query::selection::Field;
use async_graphql::{Context, Object, Union};
use serde::Deserialize;
use std::sync::Arc;

/// A record that was found.
#[derive(Debug, Deserialize, Union)]
pub enum SearchHit {
    /// A task.
    Task(Task),
    /// A project.
    Project(Project),
    /// A tag.
    Tag(Tag),
}

/// The root field that searches.
#[derive(Debug, Default)]
pub struct SearchQuery;

impl SearchQuery {
    /// The plan of a root field.
    pub(crate) fn plan(field: &Field, moment: &Moment) -> Result<Option<Json>> {
        if field.name != "search" {
            return Ok(None);
        }
        let search = read(&field.argument::<String>("text")?)?;
        let kinds: Option<Vec<RecordType>> = field.argument("types")?;
        let kinds = RecordType::ALL
            .into_iter()
            .filter(|kind| kinds.as_ref().is_none_or(|kinds| kinds.contains(kind)));
        let known = |field: &Field| {
            let branches = vec![
                known::<Task>(RecordType::Task, field, moment)?,
                known::<Project>(RecordType::Project, field, moment)?,
                known::<Tag>(RecordType::Tag, field, moment)?,
            ];
            Ok(Known { branches })
        };
        hits(field, &search, kinds.map(RecordType::label).collect(), known).map(Some)
    }
}

fn read(text: &str) -> Result<Search> {
    Search::read(text).map_err(|error| error.within("text"))
}

/// The record of a hit of this kind.
fn known<E: Entity>(
    kind: RecordType,
    field: &Field,
    moment: &Moment,
) -> Result<(&'static str, &'static str, crate::query::plan::Record)> {
    let (name, record) = branch::<E>(field, &[Task::NAME, Project::NAME, Tag::NAME], moment)?;
    Ok((kind.label(), name, record))
}

#[Object]
impl SearchQuery {
    /// Live records with these words, best first: tasks by their title, tags, project's title and
    /// description, projects by title and description, tags by name. Case and accents do not count. All
    /// words must be there; "…" is a phrase, OR joins alternatives, -word excludes, and the last word
    /// stands for all that begin with it, unless it is quoted. Anything but letters and digits parts words:
    /// area:work is the phrase "area work". Where plain words find nothing, names nearly like them are
    /// found. A text without a word finds nothing; more than 32 words are refused.
    #[expect(clippy::too_many_arguments, reason = "GraphQL has no arguments by name and type")]
    async fn search(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to look for.")] text: String,
        #[graphql(desc = "The kinds of records; all of them where it is absent.")] types: Option<
            Vec<RecordType>,
        >,
        #[graphql(
            desc = "How many from the start, or after the cursor: 50 unless said, 500 at most."
        )]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end, or before the cursor.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<SearchConnection, Arc<Error>> {
        let _ = (types, first, after, last, before);
        let page = answer(ctx).await?;
        Ok(SearchConnection { page, search: read(&text)? })
    }
}

/// A page of what was found.
#[derive(Debug)]
pub struct SearchConnection {
    page: Connection<Hit>,
    search: Search,
}

/// A page of what was found.
#[Object]
impl SearchConnection {
    /// What was found, each with its cursor.
    async fn edges(&self) -> Vec<SearchEdge<'_>> {
        let edge = |(hit, cursor)| SearchEdge { hit, cursor, search: &self.search };
        self.page.places().map(edge).collect()
    }

    /// What was found.
    async fn nodes(&self, ctx: &Context<'_>) -> Result<Vec<SearchHit>> {
        self.page.records().iter().map(|hit| hit.slots.at(ctx)).collect()
    }

    /// What is before and after this page.
    async fn page_info(&self) -> &PageInfo {
        self.page.info()
    }

    /// How many records were found in all.
    async fn total_count(&self) -> i32 {
        self.page.total()
    }
}

/// A record that was found, and why.
#[derive(Debug)]
pub struct SearchEdge<'a> {
    hit: &'a Hit,
    cursor: &'a str,
    search: &'a Search,
}

/// A record that was found, and why.
#[Object]
impl SearchEdge<'_> {
    /// The record.
    async fn node(&self, ctx: &Context<'_>) -> Result<SearchHit> {
        self.hit.slots.at(ctx)
    }

    /// Its place among what was found.
    async fn cursor(&self) -> &str {
        self.cursor
    }

    /// How well it matches: words of the title count most, then tags, project and description.
    async fn score(&self) -> f64 {
        f64::from(i32::try_from(self.hit.score).unwrap_or(i32::MAX)) / 1e6
    }

    /// Plain text with the hits between « and »: of the title, the description, the project's title and
    /// the tags, from the first one that holds most of the words.
    async fn snippet(&self) -> String {
        let texts = self.hit.source.iter().flatten().flatten().map(String::as_str);
        snippet::of(texts, self.search)
    }
}
