//! Originals that are the same as before though they came anew, and such as are read otherwise by now.

use crate::compare::Parallel;
use crate::notion::{Database, Page, World};
use crate::program::{Ended, end, with};

/// When all pages were edited: nobody edits them here.
const THEN: &str = "2025-06-01T12:00:00.000Z";
const TASKS: &str =
    "SELECT string_agg(title || ' ' || status || ' ' || version, ', ' ORDER BY title) FROM tasks";

/// Tasks with a file and a formula of the time.
fn world() -> World {
    let task = |number| {
        Page::new(number, &format!("task {number}")).with(
            r#""Files":{"id":"fi","type":"files","files":[{"name":"a.pdf","type":"file","file":{"url":"https://files.test/a.pdf?X-Amz=1","expiry_time":"2026-01-20T07:30:00.000Z"}}]},
               "Now":{"id":"no","type":"formula","formula":{"type":"string","string":"at one"}},
               "Status":{"id":"st","type":"select","select":{"name":"Waiting"}}"#,
        )
    };
    let tasks = Database::new(9000, "Tasks", vec![task(1), task(2), task(3)]);
    World { databases: vec![tasks], ..World::default() }
}

/// What became of the tasks, as the table says it.
fn tasks(ended: &Ended) -> String {
    assert_eq!(ended.error, "", "{ended:?}");
    let line = ended.output.lines().find(|line| line.starts_with("tasks ")).unwrap();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn import(parallel: &Parallel, flags: &[&str]) -> Ended {
    end(&mut parallel.command(&[&["import", "notion"], flags].concat()))
}

fn verify(parallel: &Parallel, flags: &[&str]) -> Ended {
    let export = parallel.directory.join("export");
    let verify = ["verify", "notion", export.to_str().unwrap()];
    end(&mut with(&parallel.database, &[&verify[..], flags].concat()))
}

#[test]
fn what_passes_with_the_time_is_no_change() {
    let parallel = Parallel::of(world());
    assert_eq!(tasks(&import(&parallel, &[])), "tasks 3 3 0 0 0 0");
    parallel.here("UPDATE tasks SET title = 'ours' WHERE title = 'task 2'");
    parallel.there(|world| {
        for number in 1..=3 {
            world.page(number).edit("?X-Amz=1", "?X-Amz=2", THEN);
            world.page(number).edit("T07:30:00", "T08:30:00", THEN);
            world.page(number).edit("at one", "at two", THEN);
        }
    });
    let imported = import(&parallel, &[]);
    assert_eq!(tasks(&imported), "tasks 3 0 0 3 0 0");
    assert!(!imported.output.contains("changed_here"), "{imported:?}");
    assert_eq!(parallel.sql().row(TASKS), "ours todo 2, task 1 todo 1, task 3 todo 1");
    let verified = verify(&parallel, &[]);
    assert!(!verified.output.contains(" original: "), "{verified:?}");
    // Another file is a change, though nothing of it has a place here.
    parallel.there(|world| world.page(1).edit("a.pdf\"", "b.pdf\"", THEN));
    assert_eq!(tasks(&import(&parallel, &[])), "tasks 3 0 1 2 0 0");
    assert_eq!(tasks(&import(&parallel, &[])), "tasks 3 0 0 3 0 0");
}

#[test]
fn an_original_that_is_read_otherwise_is_written_again() {
    let parallel = Parallel::of(world());
    assert_eq!(tasks(&import(&parallel, &[])), "tasks 3 3 0 0 0 0");
    let printed = import(&parallel, &["--print-mapping"]).output;
    let path = parallel.directory.join("mapping.toml");
    let flags = ["--mapping", path.to_str().unwrap()];
    // What is given as it was inferred changes nothing.
    std::fs::write(&path, &printed).unwrap();
    assert_eq!(tasks(&import(&parallel, &flags)), "tasks 3 0 0 3 0 0");

    let edited = format!("{printed}\n[table.values.status]\nWaiting = \"BLOCKED\"\n");
    std::fs::write(&path, edited).unwrap();
    parallel.here("UPDATE tasks SET title = 'ours' WHERE title = 'task 2'");
    assert_eq!(verify(&parallel, &flags).code, Some(1));
    let imported = import(&parallel, &flags);
    assert_eq!(tasks(&imported), "tasks 3 0 2 0 1 0");
    let kept =
        "1  task changed_here: it is read otherwise than when it came, and was changed here since";
    assert!(imported.output.contains(kept), "{imported:?}");
    assert_eq!(parallel.sql().row(TASKS), "ours todo 2, task 1 blocked 2, task 3 blocked 2");
    assert_eq!(tasks(&import(&parallel, &flags)), "tasks 3 0 0 2 1 0");
    parallel.here("UPDATE tasks SET title = 'task 2', status = 'blocked' WHERE title = 'ours'");
    assert_eq!(tasks(&import(&parallel, &flags)), "tasks 3 0 0 3 0 0");
    let verified = verify(&parallel, &flags);
    assert!(!verified.output.contains(" status: "), "{verified:?}");
    // The import is taken back with what it read otherwise.
    let rollback = end(&mut with(&parallel.database, &["rollback", "--import", "3"]));
    assert_eq!(rollback.error, "", "{rollback:?}");
    assert_eq!(parallel.sql().row(TASKS), "task 1 todo 3, task 2 blocked 3, task 3 todo 3");
    let compared = parallel.compare(&[&flags[..], &["--apply"]].concat());
    assert_eq!((compared.code, compared.error.as_str()), (Some(0), ""), "{compared:?}");
    assert_eq!(parallel.sql().row(TASKS), "task 1 blocked 4, task 2 blocked 3, task 3 blocked 4");
}
