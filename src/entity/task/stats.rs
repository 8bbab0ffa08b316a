//! The numbers of tasks: measures over all that a filter matches, by groups, and for badges.

use super::kinds::{EachKind, cells};
use super::measure::{Measured, TaskMeasures, completed, selected, total};
use super::{
    EnergyLevel, Project, Tag, Task, TaskFilter, TaskPriority, TaskStatus, TimeEstimate, due, live,
    open,
};
use crate::error::{Error, Result};
use crate::moment::Moment;
use crate::query::entity::{Entity, RecordScope};
use crate::query::expr::{Cond, Expr, Sql, Verbatim, all, always};
use crate::query::filter;
use crate::query::plan::{Boxed, Child, Json};
use crate::query::request::answer;
use crate::query::selection::Field;
use crate::query::statement::Slots;
use crate::query::tally::{Groups, Key, Tally, how_many, inner_join, left_join, rows_of_cells};
use crate::scalar::Date;
use crate::tables::{projects, tags, task_tags, tasks};
use async_graphql::{ComplexObject, Context, Enum, InputObject, Object, SimpleObject, Value};
use diesel::prelude::*;
use serde::Deserialize;
use std::sync::Arc;

/// What tasks can be grouped by.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskGroupField {
    /// Status.
    Status,
    /// Priority.
    Priority,
    /// Energy.
    Energy,
    /// Time estimate.
    TimeEstimate,
    /// The live project.
    Project,
    /// Each live tag: a task with two tags is in two groups.
    Tag,
    /// The due day in the zone of the request.
    DueDay,
    /// The week of the due day, by its first day.
    DueWeek,
    /// The month of the due day, by its first day.
    DueMonth,
    /// The day on which it was done, in the zone of the request.
    CompletedDay,
    /// The week in which it was done, by its first day.
    CompletedWeek,
}

/// Numbers of tasks.
#[derive(Debug, Deserialize, SimpleObject)]
pub struct TaskStats {
    /// Over all tasks that the filter matches.
    #[serde(default)]
    pub total: TaskMeasures,
    /// By group, in the order of their keys; none where nothing is grouped by.
    #[serde(default)]
    pub groups: Vec<TaskStatsGroup>,
}

/// Numbers over the tasks of one group: of what it is not grouped by, and of tasks without a value, null.
#[derive(Debug, Deserialize, SimpleObject)]
#[serde(default)]
#[derive(Default)]
#[graphql(complex)]
pub struct TaskStatsGroup {
    /// The status.
    pub status: Option<TaskStatus>,
    /// The priority.
    pub priority: Option<TaskPriority>,
    /// The energy.
    pub energy: Option<EnergyLevel>,
    /// The time estimate.
    pub time_estimate: Option<TimeEstimate>,
    /// The due day, or the first day of its week or month.
    pub due_date: Option<Date>,
    /// The day on which they were done, or the first day of its week.
    pub completed_date: Option<Date>,
    /// The numbers.
    pub measures: TaskMeasures,
    #[graphql(skip)]
    slots: Slots,
}

#[ComplexObject]
impl TaskStatsGroup {
    /// The project.
    async fn project(&self, ctx: &Context<'_>) -> Result<Option<Project>> {
        self.slots.at(ctx)
    }

    /// The tag.
    async fn tag(&self, ctx: &Context<'_>) -> Result<Option<Tag>> {
        self.slots.at(ctx)
    }
}

/// A number of a badge that is wanted.
#[derive(InputObject, Clone, Debug)]
pub struct NamedTaskFilter {
    /// What the number is called.
    pub name: String,
    /// Which live tasks count.
    pub filter: TaskFilter,
}

/// The number of a badge.
#[derive(Debug, Deserialize, SimpleObject)]
pub struct NamedCount {
    /// What it is called.
    pub name: String,
    /// How many live tasks the filter matches.
    pub count: i32,
}

impl TaskGroupField {
    /// The name under which a group's value is read.
    fn name(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Energy => "energy",
            Self::TimeEstimate => "time_estimate",
            Self::Project => "project",
            Self::Tag => "tag",
            Self::DueDay | Self::DueWeek | Self::DueMonth => "due_date",
            Self::CompletedDay | Self::CompletedWeek => "completed_date",
        }
    }

    fn key(self, moment: &Moment) -> Key {
        let due = || due::day().value(moment);
        let completed = || completed().value(moment);
        let (value, order): (Sql, Option<Sql>) = match self {
            Self::Status => (Arc::new(tasks::status), None),
            Self::Priority => (Arc::new(tasks::priority), None),
            Self::Energy => (Arc::new(tasks::energy), None),
            Self::TimeEstimate => (Arc::new(tasks::time_estimate), None),
            Self::Project => (Arc::new(projects::id), Some(Arc::new(projects::sort_title))),
            Self::Tag => (Arc::new(tags::id), Some(Arc::new(tags::sort_name))),
            Self::DueDay => (due().sql(), None),
            Self::DueWeek => (due().first_of_week(moment).sql(), None),
            Self::DueMonth => (due().first_of_month().sql(), None),
            Self::CompletedDay => (completed().sql(), None),
            Self::CompletedWeek => (completed().first_of_week(moment).sql(), None),
        };
        Key { name: self.name(), value, order }
    }
}

/// How many fields tasks are grouped by at most.
const MOST_KEYS: usize = 3;
/// How many groups an answer may hold.
const MOST_GROUPS: usize = 10_000;
/// How many groups are taken for usual, where it is told how much an operation may bring.
const USUAL_GROUPS: u64 = 100;
/// How many badges are counted at once.
const MOST_COUNTS: usize = 50;

/// The root fields that count tasks.
#[derive(Debug, Default)]
pub struct StatsQuery;

impl StatsQuery {
    /// The plan of a root field.
    pub(crate) fn plan(field: &Field, moment: &Moment) -> Result<Option<Json>> {
        Ok(Some(match field.name.as_str() {
            "task_stats" => stats(field, moment)?,
            "task_counts" => counts(field, moment)?,
            _ => return Ok(None),
        }))
    }
}

fn stats(field: &Field, moment: &Moment) -> Result<Json> {
    let filter = filter::of_field::<Task>(field, moment)?;
    let named = |name: &'static str| field.sub.iter().filter(move |part| part.name == name);
    let (mut parts, mut cost) = (Vec::new(), 1);
    let measured = selected(named("total"), moment);
    if !measured.is_empty() {
        parts.push(("total", Boxed(Arc::new(total(measured, &filter, moment)))));
    }
    let keys = keys(field)?;
    if !keys.is_empty() && named("groups").next().is_some() {
        let fields: Vec<_> = named("groups").flat_map(|groups| &groups.sub).collect();
        let children = children(&fields, &keys, moment)?;
        cost += USUAL_GROUPS * children.iter().fold(1, |cost, child| cost + child.json.cost());
        let measured = fields.into_iter().filter(|part| part.name == "measures");
        let (tally, keys) = grouped(selected(measured, moment), &keys, &filter, moment);
        let groups = Groups { tally, keys, limit: MOST_GROUPS + 1, depth: GROUPS, children };
        parts.push(("groups", Boxed(Arc::new(groups))));
    }
    Ok(Json::Object(parts, cost))
}

/// The measures in groups: from cells where all of them are of kinds, else from the rows.
fn grouped(
    measures: Vec<(&'static str, Measured)>,
    keys: &[TaskGroupField],
    filter: &Cond<tasks::table>,
    moment: &Moment,
) -> (Tally<tasks::table>, Vec<Key>) {
    const NAMES: [(&str, &str, &str, &str); MOST_KEYS] = [
        ("k1", "tasks.k1", "o1", "min(tasks.o1)"),
        ("k2", "tasks.k2", "o2", "min(tasks.o2)"),
        ("k3", "tasks.k3", "o3", "min(tasks.o3)"),
    ];
    let condition = all(vec![live(), filter.clone()]);
    let of_kinds = filter.is_trivial()
        && keys.iter().all(|key| matches!(key, TaskGroupField::Status | TaskGroupField::Priority));
    let from = source(keys);
    let keys = keys.iter().map(|key| key.key(moment));
    if !measures.iter().all(|(_, measured)| matches!(measured, Measured::Kinds(_))) {
        let measures =
            measures.iter().map(|(name, measured)| (*name, measured.aggregate(moment))).collect();
        return (Tally { from, condition, measures }, keys.collect());
    }
    let (mut columns, mut outside) = (Vec::new(), Vec::new());
    for (key, (name, value, order_name, order)) in keys.zip(NAMES) {
        columns.push((key.value, name));
        let ordered = key.order.is_some();
        columns.extend(key.order.map(|order| (order, order_name)));
        let order: Sql = Arc::new(Verbatim(order));
        let value = Arc::new(Verbatim(value));
        outside.push(Key { name: key.name, value, order: ordered.then_some(order) });
    }
    let number = |measured: Measured| match measured {
        Measured::Kinds(kinds) => rows_of_cells(kinds),
        other => other.aggregate(moment),
    };
    let of_open = measures.iter().all(|(name, _)| Measured::of_open_only(name));
    let measures = measures.into_iter().map(|(name, measured)| (name, number(measured))).collect();
    let from: Sql = if of_kinds {
        // A group is there whatever its tasks are.
        let counted = if of_open { open() } else { always() };
        Arc::new(EachKind { condition, counted, columns })
    } else {
        Arc::new(cells(from, condition, columns))
    };
    (Tally { from, condition: always(), measures }, outside)
}

/// The level of the groups.
const GROUPS: u16 = 1;

/// The fields that tasks are to be grouped by.
fn keys(field: &Field) -> Result<Vec<TaskGroupField>> {
    let keys: Option<Vec<TaskGroupField>> = field.argument("groupBy")?;
    let keys = keys.unwrap_or_default();
    let refuse = |message: String| Err(Error::bad_request(message).within("groupBy"));
    if keys.len() > MOST_KEYS {
        return refuse(format!("tasks are grouped by at most {MOST_KEYS} fields"));
    }
    for (index, key) in keys.iter().enumerate() {
        let earlier = keys.iter().take(index);
        if earlier.map(|other| other.name()).any(|name| name == key.name()) {
            let message = "name a field once, and at most one of DUE_* and one of COMPLETED_*";
            return refuse(message.to_owned());
        }
    }
    Ok(keys)
}

/// The tasks, joined with what they are grouped by.
fn source(keys: &[TaskGroupField]) -> Sql {
    let mut source: Sql = Arc::new(tasks::table);
    if keys.contains(&TaskGroupField::Project) {
        let of = tasks::project_id.eq(projects::id.nullable()).and(projects::deleted_at.is_null());
        source = left_join(source, Arc::new(projects::table), Arc::new(of));
    }
    if keys.contains(&TaskGroupField::Tag) {
        let live = tags::id.eq(task_tags::tag_id).and(tags::deleted_at.is_null());
        let borne = inner_join(Arc::new(task_tags::table), Arc::new(tags::table), Arc::new(live));
        source = left_join(source, borne, Arc::new(task_tags::task_id.eq(tasks::id)));
    }
    source
}

/// The records that groups are of; null where it is not grouped by them.
fn children(fields: &[&Field], keys: &[TaskGroupField], moment: &Moment) -> Result<Vec<Child>> {
    let mut children = Vec::new();
    for field in fields {
        let json = match field.name.as_str() {
            "project" => {
                let grouped = keys.contains(&TaskGroupField::Project);
                of_group::<Project>(grouped.then_some("\"l1\".\"project\""), field, moment)?
            }
            "tag" => {
                let grouped = keys.contains(&TaskGroupField::Tag);
                of_group::<Tag>(grouped.then_some("\"l1\".\"tag\""), field, moment)?
            }
            _ => continue,
        };
        children.push(Child { slot: field.slot, json });
    }
    Ok(children)
}

/// The record whose id a group's key is.
fn of_group<E: Entity>(key: Option<&'static str>, field: &Field, moment: &Moment) -> Result<Json> {
    let id = Expr::trusted(Arc::new(Verbatim(key.unwrap_or("NULL"))));
    let rows = E::rows().filter(E::with_id(id));
    Ok(Json::One(E::record(rows, &field.sub, GROUPS + 1, moment)?))
}

fn counts(field: &Field, moment: &Moment) -> Result<Json> {
    let within = |error: Error, n: usize| error.within(&n.to_string()).within("queries");
    if let Some(Value::List(queries)) = field.raw("queries") {
        for (n, query) in queries.iter().enumerate() {
            filter::refuse_nulls(query).map_err(|error| within(error, n))?;
        }
    }
    let queries: Vec<NamedTaskFilter> = field.argument("queries")?;
    if queries.len() > MOST_COUNTS {
        let message = format!("at most {MOST_COUNTS} numbers are counted at once");
        return Err(Error::bad_request(message).within("queries"));
    }
    let (table, mut counts): (Sql, _) = (Arc::new(tasks::table), Vec::new());
    for (n, NamedTaskFilter { name, filter }) in queries.into_iter().enumerate() {
        let matched =
            filter::read(filter, moment).map_err(|error| within(error.within("filter"), n))?;
        let condition = all(vec![Task::scoped(RecordScope::Live), matched]);
        let count = how_many(&table, condition);
        counts.push(vec![
            ("name", Boxed(Arc::new(name.into_sql::<diesel::sql_types::Text>()))),
            ("count", Boxed(count)),
        ]);
    }
    Ok(Json::Objects(counts))
}

#[Object]
impl StatsQuery {
    /// Up to three group fields, at most one `DUE_*` and one `COMPLETED_*`; those group by day, week
    /// (owner's week start) or month in the zone of the request. A task with two tags is in two groups, one
    /// with none in the null group; groups come in the order of their keys.
    async fn task_stats(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which live tasks; all where it is absent.")] filter: Option<TaskFilter>,
        #[graphql(
            desc = "What they are grouped by, the first key first.",
            default_with = "Vec::new()"
        )]
        group_by: Vec<TaskGroupField>,
    ) -> Result<TaskStats, Arc<Error>> {
        let _ = (filter, group_by);
        let stats: TaskStats = answer(ctx).await?;
        if stats.groups.len() > MOST_GROUPS {
            let message = format!(
                "there are more than {MOST_GROUPS} groups: group by fewer fields, or filter"
            );
            return Err(Arc::new(Error::TooComplex(message)));
        }
        Ok(stats)
    }

    /// Many badge numbers at once.
    async fn task_counts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be counted: 50 at most.")] queries: Vec<NamedTaskFilter>,
    ) -> Result<Vec<NamedCount>, Arc<Error>> {
        let _ = queries;
        answer(ctx).await
    }
}
