//! Properties that are called otherwise in Notion, and such as are gone.

use crate::compare::Parallel;
use crate::notion::Page;
use crate::program::{Ended, end};

const LATER: &str = "2030-01-20T12:00:00.000Z";
const TASKS: &str = "SELECT string_agg(concat_ws(' ', title, status, description,
        (SELECT title FROM projects WHERE id = project_id)), ', ' ORDER BY title COLLATE \"C\")
    FROM tasks WHERE title IN ('task 1', 'task 2', 'task 10')";

/// Changes the properties of every page.
fn everywhere(parallel: &Parallel, change: impl Fn(&mut Page)) {
    parallel.there(|world| {
        let tasks = world.database("Tasks");
        tasks.pages.iter_mut().for_each(change);
    });
}

fn import(parallel: &Parallel, flags: &[&str]) -> Ended {
    end(&mut parallel.command(&[&["import", "notion"], flags].concat()))
}

#[test]
fn a_property_keeps_its_meaning_under_another_name() {
    let parallel = Parallel::begin();
    let before = parallel.sql().row(TASKS);
    assert!(before.contains("task 1 todo about 1 Garden"), "{before}");
    everywhere(&parallel, |page| {
        page.edit("\"Project\"", "\"Plan\"", LATER);
        page.edit("\"Description\"", "\"What about it\"", LATER);
    });
    let compared = parallel.compare(&[]);
    assert_eq!((compared.code, compared.error.as_str()), (Some(0), ""), "{compared:?}");
    let line = "Project of the tasks: it is now called \"Plan\" there, and is read as before\n";
    assert_eq!(compared.output.matches(line).count(), 1, "{compared:?}");
    parallel.there(|world| world.page(2).edit("about 2", "about two", LATER));
    let applied = parallel.compare(&["--apply"]);
    assert_eq!((applied.code, applied.error.as_str()), (Some(0), ""), "{applied:?}");
    let expected = before.replace("about 2", "about two");
    assert_eq!(parallel.sql().row(TASKS), expected);

    // The import says it too, once, and knows it the next time.
    for _ in 0..2 {
        let imported = import(&parallel, &[]);
        let line = "     1  task renamed Project: it is now called \"Plan\" there";
        assert_eq!(imported.output.matches(line).count(), 1, "{imported:?}");
        assert_eq!(parallel.sql().row(TASKS), expected);
    }
    let export = parallel.directory.join("export");
    let verify = ["verify", "notion", export.to_str().unwrap()];
    let verified = end(&mut crate::program::with(&parallel.database, &verify));
    assert_eq!(verified.code, Some(0), "{verified:?}");
}

#[test]
fn nothing_is_written_where_a_property_that_was_understood_is_gone() {
    let parallel = Parallel::begin();
    let before = parallel.sql().row(TASKS);
    everywhere(&parallel, |page| {
        let text = page.id.trim_start_matches("00000000-0000-4000-8000-").to_owned();
        let number = u32::from_str_radix(&text, 16).unwrap();
        let run = crate::notion::run(&format!("about {number}"));
        let gone = format!(r#""Description":{{"id":"d","type":"rich_text","rich_text":[{run}]}},"#);
        page.edit(&gone, "", LATER);
    });
    let because = "what the last import understood is not there any longer: \"Description\" of the tasks; \
                   nothing was written";
    let zone = parallel.sql().row("SELECT time_zone FROM settings");
    let import_elsewhere = ["import", "notion", "--time-zone", "Asia/Tokyo"];
    for command in [&import_elsewhere[..], &["compare", "notion", "--apply"]] {
        let stopped = end(&mut parallel.command(command));
        assert_eq!(stopped.code, Some(2), "{stopped:?}");
        assert!(stopped.error.contains(because), "{stopped:?}");
        assert!(
            stopped.error.contains("go on without it: --without \"Description\""),
            "{stopped:?}"
        );
        assert_eq!(parallel.sql().row(TASKS), before);
        assert_eq!(parallel.sql().row("SELECT time_zone FROM settings"), zone);
    }
    // Whoever only looks sees what it would be.
    assert_eq!(parallel.compare(&[]).code, Some(1));
    let imported = import(&parallel, &["--without", "description"]);
    assert_eq!((imported.code, imported.error.as_str()), (Some(0), ""), "{imported:?}");
    assert!(parallel.sql().row(TASKS).contains("task 1 todo Garden"));
    // It is not missed for ever.
    assert_eq!(import(&parallel, &[]).code, Some(0));
}
