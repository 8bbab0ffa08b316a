//! What a status of Notion's means that nobody knows by its name: its group says it.

use crate::compare::Parallel;
use crate::database::TestDatabase;
use crate::notion::{Database, Page, World, status, status_schema};
use crate::program::{Ended, Sql, end, with};

const TASKS: &str = "SELECT string_agg(title || ' ' || status, ', ' ORDER BY title) FROM tasks";
const PROJECTS: &str =
    "SELECT string_agg(title || ' ' || status, ', ' ORDER BY title) FROM projects";

fn groups(done: &'static str) -> [(&'static str, &'static [&'static str]); 3] {
    let complete: &[&str] = match done {
        "Done" => &["Done", "Shelved", "Canceled", "COMPLETE"],
        _ => &["Erledigt", "Shelved", "Canceled", "COMPLETE"],
    };
    [("To-do", &["Someday"]), ("In progress", &["Waiting", "In review"]), ("Complete", complete)]
}

/// A task and a project of each status.
fn world(done: &'static str) -> World {
    let schema = status_schema("Status", "st%3D", groups(done));
    let options = groups(done).into_iter().flat_map(|(_, options)| options.iter());
    // The id of an option stays when it is called otherwise.
    let own = |option: &str| status("Status", "st%3D", option);
    let tasks = options.zip(1..).map(|(option, number)| {
        let title = if *option == done { "Done" } else { option };
        Page::new(number, title).with(&own(option))
    });
    let mut tasks = Database::new(9000, "Tasks", tasks.collect());
    let projects = ["Waiting", "Shelved"]
        .into_iter()
        .zip(101..)
        .map(|(option, number)| Page::new(number, option).with(&own(option)));
    let mut projects = Database::new(9010, "Projects", projects.collect());
    tasks.schema.push(schema.clone());
    projects.schema.push(schema);
    World { databases: vec![tasks, projects], ..World::default() }
}

fn import(parallel: &Parallel) -> Ended {
    end(&mut parallel.command(&["import", "notion"]))
}

#[test]
fn a_status_that_has_no_name_here_is_decided_by_its_group() {
    let parallel = Parallel::of(world("Done"));
    let imported = import(&parallel);
    assert_eq!(imported.error, "", "{imported:?}");
    assert!(!imported.output.contains("unknown_status"), "{imported:?}");
    let expected = "COMPLETE done, Canceled cancelled, Done done, In review in_progress, \
                    Shelved done, Someday todo, Waiting in_progress";
    assert_eq!(parallel.sql().row(TASKS), expected);
    assert_eq!(parallel.sql().row(PROJECTS), "Shelved completed, Waiting active");
    assert!(imported.output.contains("1  task status_by_group Status \"Shelved\""), "{imported:?}");

    // Called otherwise, it is done all the same.
    let other = world("Erledigt");
    parallel.there(|world| *world = other);
    let compared = parallel.compare(&["--apply"]);
    assert_eq!(compared.error, "", "{compared:?}");
    assert_eq!(parallel.sql().row(TASKS), expected);
}

#[test]
fn an_export_that_does_not_know_the_groups_is_imported_all_the_same() {
    let parallel = Parallel::of(world("Done"));
    assert_eq!(import(&parallel).error, "");
    let directory = parallel.directory.join("export");
    let path = directory.join("export.json");
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    for database in manifest["databases"].as_array_mut().unwrap() {
        assert!(database.as_object_mut().unwrap().remove("properties").is_some());
    }
    std::fs::write(&path, manifest.to_string()).unwrap();
    let database = TestDatabase::new();
    let imported = end(&mut with(&database, &["import", "notion", directory.to_str().unwrap()]));
    assert_eq!((imported.code, imported.error.as_str()), (Some(1), ""), "{imported:?}");
    assert!(imported.output.contains("1  task unknown_status Status \"Shelved\""), "{imported:?}");
    let expected = "COMPLETE done, Canceled cancelled, Done done, In review todo, \
                    Shelved todo, Someday todo, Waiting todo";
    assert_eq!(Sql::on(&database.url).row(TASKS), expected);
}
