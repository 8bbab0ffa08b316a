//! The oracle: a naive evaluator over plain structs answers random filters, orders and pages, and the
//! service must say the same.
//!
//! `TOMOS_ORACLE_SEED=n` repeats the cases of a seed that failed; `TOMOS_FULL=1` runs many more.

mod filter;
mod order;
mod random;
mod world;

use crate::app::{App, NOW};
use filter::Asked;
use order::{PROJECT, TAG, TASK, orders, sort};
use random::Filters;
use serde_json::{Value, json};
use uuid::Uuid;
use world::{Dice, World};

const ZONES: [&str; 7] = [
    "UTC",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
    "Asia/Kathmandu",
    "America/New_York",
    "Pacific/Apia",
];

/// One question.
struct Case {
    kind: &'static str,
    zone: &'static str,
    scope: &'static str,
    filter: Value,
    orders: Value,
}

impl Case {
    fn roll(world: &World, dice: &mut Dice) -> Self {
        let kind = dice.pick(&["task", "task", "task", "project", "tag"]);
        let words: &[&str] = match kind {
            "task" => &TASK,
            "project" => &PROJECT,
            _ => &TAG,
        };
        let orders = orders(dice, words);
        let levels = dice.pick(&[1, 2, 3, 8]);
        let filter = Filters { world, dice: Dice(dice.roll()) }.of(kind, levels);
        let scope = dice.pick(&["LIVE", "LIVE", "LIVE", "TRASH", "ALL"]);
        Self { kind, zone: dice.pick(&ZONES), scope, filter, orders }
    }

    /// The ids that answer it, in order, by the oracle.
    fn expected(&self, world: &World) -> Vec<Uuid> {
        let asked = Asked { world, zone: self.zone.parse().unwrap() };
        let shown = |trashed: bool| match self.scope {
            "LIVE" => !trashed,
            "TRASH" => trashed,
            _ => true,
        };
        let mut orders: Vec<(String, String)> = Vec::new();
        for order in self.orders.as_array().unwrap() {
            let (word, direction) = order.as_object().unwrap().iter().next().unwrap();
            orders.push((word.clone(), direction.as_str().unwrap().to_owned()));
        }
        if orders.is_empty() {
            let usual = match self.kind {
                "task" => "manual",
                "project" => "title",
                _ => "name",
            };
            orders.push((usual.to_owned(), "ASC".to_owned()));
        }
        match self.kind {
            "task" => {
                let all = world.tasks.iter().filter(|it| shown(it.trashed));
                let mut found: Vec<_> = all.filter(|it| asked.task(&self.filter, it)).collect();
                sort(&mut found, &orders, |word, it| asked.task_keys(word, it), |it| it.id);
                found.iter().map(|it| it.id).collect()
            }
            "project" => {
                let all = world.projects.iter().filter(|it| shown(it.trashed));
                let mut found: Vec<_> = all.filter(|it| asked.project(&self.filter, it)).collect();
                sort(&mut found, &orders, |word, it| asked.project_keys(word, it), |it| it.id);
                found.iter().map(|it| it.id).collect()
            }
            _ => {
                let all = world.tags.iter().filter(|it| shown(it.trashed));
                let mut found: Vec<_> = all.filter(|it| asked.tag(&self.filter, it)).collect();
                sort(&mut found, &orders, |word, it| asked.tag_keys(word, it), |it| it.id);
                found.iter().map(|it| it.id).collect()
            }
        }
    }

    /// The connection that the service answers with, for these paging arguments.
    async fn answer(&self, app: &App, paging: &str) -> Value {
        let (list, kind) = match self.kind {
            "task" => ("tasks", "Task"),
            "project" => ("projects", "Project"),
            _ => ("tags", "Tag"),
        };
        let document = format!(
            "query ($filter: {kind}Filter, $orderBy: [{kind}Order!], $scope: RecordScope!) {{
                {list}(filter: $filter, orderBy: $orderBy, scope: $scope, {paging}) {{
                    totalCount edges {{ cursor node {{ id }} }} pageInfo {{ hasNextPage hasPreviousPage }}
                }}
            }}"
        );
        let variables = json!({"filter": self.filter, "orderBy": self.orders, "scope": self.scope});
        let mut response = app.respond_in(self.zone, &document, variables).await;
        assert_eq!(response.get("errors"), None, "{self}");
        response["data"][list].take()
    }

    async fn check(&self, app: &App, expected: &[Uuid], pages: Option<usize>) {
        let whole = self.answer(app, "first: 500").await;
        assert_eq!(ids(&whole), expected, "{self}");
        assert_eq!(whole["totalCount"], json!(expected.len()), "{self}");
        let Some(size) = pages else { return };
        for (first, after) in [("first", "after"), ("last", "before")] {
            let mut expected: Vec<_> = expected.to_vec();
            if first == "last" {
                expected.reverse();
            }
            let (mut seen, mut paging) = (Vec::new(), format!("{first}: {size}"));
            loop {
                let page = self.answer(app, &paging).await;
                let mut found = ids(&page);
                let edges = page["edges"].as_array().unwrap();
                let furthest = if first == "first" { edges.last() } else { edges.first() };
                let cursor = furthest.map(|edge| edge["cursor"].clone());
                if first == "last" {
                    found.reverse();
                }
                let info = &page["pageInfo"];
                let (ahead, behind) = match first {
                    "first" => (&info["hasNextPage"], &info["hasPreviousPage"]),
                    _ => (&info["hasPreviousPage"], &info["hasNextPage"]),
                };
                assert_eq!(*behind, json!(!seen.is_empty()), "{self} {paging}");
                seen.extend(found);
                assert_eq!(*ahead, json!(seen.len() < expected.len()), "{self} {paging}");
                if *ahead == json!(false) {
                    break;
                }
                paging = format!("{first}: {size}, {after}: {}", cursor.unwrap());
            }
            assert_eq!(seen, expected, "{self} in pages of {first} {size}");
        }
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { kind, zone, scope, filter, orders } = self;
        write!(f, "{scope} {kind}s in {zone}: filter {filter} orderBy {orders}")
    }
}

fn ids(connection: &Value) -> Vec<Uuid> {
    let edges = connection["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"]["id"].as_str().unwrap().parse().unwrap()).collect()
}

/// How many worlds, and how many questions in each.
fn amount() -> (u64, usize) {
    if std::env::var_os("TOMOS_FULL").is_some() { (100, 100) } else { (4, 60) }
}

fn seed() -> u64 {
    let given = std::env::var_os("TOMOS_ORACLE_SEED");
    given.map_or(20_260_120, |seed| seed.to_str().unwrap().parse().unwrap())
}

async fn write(app: &App, world: &World) {
    app.sql(&format!("TRUNCATE tasks, projects, tags, task_tags; {}", world.sql())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_answers_random_questions_as_the_oracle_does() {
    let app = App::new();
    let (worlds, cases) = amount();
    for seed in (seed()..).take(usize::try_from(worlds).unwrap()) {
        let mut dice = Dice(seed);
        let world = World::new(&mut dice, NOW.parse().unwrap());
        write(&app, &world).await;
        for _ in 0..cases {
            let case = Case::roll(&world, &mut dice);
            let expected = case.expected(&world);
            let size = 1 + dice.below(7);
            let pages = dice.one_in(3).then_some(size);
            eprintln!("TOMOS_ORACLE_SEED={seed}: {case}");
            case.check(&app, &expected, pages).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_service_computes_fields_as_the_oracle_does() {
    let app = App::new();
    let mut dice = Dice(seed());
    let world = World::new(&mut dice, NOW.parse().unwrap());
    write(&app, &world).await;
    let document = "{
        tasks(scope: ALL, first: 500) { nodes { id isOverdue isDueToday daysUntilDue subtaskProgress { total open done overdue } project { id } parent { id } tags { id } } }
        projects(scope: ALL) { nodes { id nextDueDate progress { total open done overdue } tasks(first: 0) { totalCount } } }
        tags(scope: ALL) { nodes { id prefix label taskCount openTaskCount } }
    }";
    for zone in ZONES {
        let asked = Asked { world: &world, zone: zone.parse().unwrap() };
        let mut response = app.respond_in(zone, document, json!({})).await;
        let data = response["data"].take();
        let node = |list: &str, id: Uuid| {
            let nodes = data[list]["nodes"].as_array().unwrap().iter();
            nodes.clone().find(|node| node["id"] == json!(id)).unwrap().clone()
        };
        let progress = |tasks: &[&world::Task]| {
            let many =
                |keep: &dyn Fn(&world::Task) -> bool| tasks.iter().filter(|it| keep(it)).count();
            json!({"total": tasks.len(), "open": many(&|it| Asked::open(it)),
                "done": many(&|it| it.status == "DONE"), "overdue": many(&|it| asked.overdue(it))})
        };
        for task in &world.tasks {
            let days = asked.due_day(task).map(|day| (day - asked.today()).num_days());
            let mut tags = asked.tags_of(task);
            sort(
                &mut tags,
                &[("name".to_owned(), "ASC".to_owned())],
                |word, it| asked.tag_keys(word, it),
                |it| it.id,
            );
            let tags: Vec<_> = tags.iter().map(|tag| json!({"id": tag.id})).collect();
            let expected = json!({
                "id": task.id, "isOverdue": asked.overdue(task), "isDueToday": asked.due_today(task),
                "daysUntilDue": days, "subtaskProgress": progress(&asked.subtasks_of(task)),
                "project": asked.project_of(task).map(|it| json!({"id": it.id})),
                "parent": asked.parent_of(task).map(|it| json!({"id": it.id})), "tags": tags,
            });
            assert_eq!(node("tasks", task.id), expected, "{zone} {task:?}");
        }
        for project in &world.projects {
            let tasks = asked.tasks_of_project(project);
            let next = tasks.iter().filter(|it| Asked::open(it)).filter_map(|it| it.due_date).min();
            let expected = json!({"id": project.id, "nextDueDate": next, "progress": progress(&tasks), "tasks": {"totalCount": tasks.len()}});
            assert_eq!(node("projects", project.id), expected, "{zone}");
        }
        for tag in &world.tags {
            let tasks = asked.tasks_of_tag(tag);
            let open = tasks.iter().filter(|it| Asked::open(it)).count();
            let (prefix, label) = tag.parts();
            let expected = json!({"id": tag.id, "prefix": prefix, "label": label, "taskCount": tasks.len(), "openTaskCount": open});
            assert_eq!(node("tags", tag.id), expected, "{zone}");
        }
    }
}
