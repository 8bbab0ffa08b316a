//! A mapping of Notion's properties: printed as it was inferred, edited, taken back, checked.

use crate::compare::Parallel;
use crate::notion::{Database, Page, World};
use crate::program::{Ended, end, tomos, with};
use std::path::PathBuf;

const LATER: &str = "2030-01-20T12:00:00.000Z";
const TASKS: &str = "SELECT string_agg(concat_ws(' ', title, status, priority, due_date, scheduled_date,
        (SELECT string_agg(name, '+' ORDER BY name) FROM tags JOIN task_tags ON tag_id = tags.id WHERE task_id = tasks.id)
    ), ', ' ORDER BY title) FROM tasks";

/// Tasks whose properties have names of their own.
fn world() -> World {
    let task = |number, state: &str| {
        Page::new(number, &format!("task {number}")).with(&format!(
            r#""Stage":{{"id":"sg%3D","type":"select","select":{{"name":"{state}"}}}},
               "Priority level":{{"id":"pl","type":"select","select":{{"name":"P0"}}}},
               "Deadline":{{"id":"dl","type":"date","date":{{"start":"2026-03-0{number}","end":null}}}},
               "Do date":{{"id":"dd","type":"date","date":{{"start":"2026-02-0{number}","end":null}}}},
               "Labels":{{"id":"lb","type":"multi_select","multi_select":[{{"name":"home"}}]}}"#
        ))
    };
    World {
        databases: vec![Database::new(9000, "Tasks", vec![task(1, "Waiting"), task(2, "Shipped")])],
        ..World::default()
    }
}

fn import(parallel: &Parallel, flags: &[&str]) -> Ended {
    end(&mut parallel.command(&[&["import", "notion"], flags].concat()))
}

fn file(parallel: &Parallel, name: &str, text: &str) -> PathBuf {
    let path = parallel.directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// What is printed, with the stage as the status.
fn edited(parallel: &Parallel) -> String {
    let printed = import(parallel, &["--print-mapping"]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    let edited = printed.output.replace("# status =", "status = \"Stage\"");
    let edited = edited.replace("# tags =", "tags = \"Labels\"");
    format!(
        "{edited}\n[table.values.status]\n\"Waiting\" = \"BLOCKED\"\n\"Shipped\" = \"DONE\"\n\
         [table.values.priority]\nP0 = \"URGENT\"\n"
    )
}

#[test]
fn the_command_prints_what_was_inferred_and_takes_it_edited() {
    let parallel = Parallel::of(world());
    let printed = import(&parallel, &["--print-mapping"]);
    assert_eq!(printed.code, Some(0), "{printed:?}");
    insta::assert_snapshot!(printed.output, @r##"
    # What the properties of Notion's pages become. Edit it, and give it with --mapping.
    # Of several columns the first that says something counts; of tags, contexts and links all do.
    # ids: what Notion knows the columns by, whatever they are called.
    source = "notion"

    [[table]] # 2 pages
    name = "tasks"
    becomes = "task"
    [table.fields]
    title = "Name"
    # description =
    # status =
    # done =
    priority = "Priority level"
    due = "Deadline"
    scheduled = "Do date"
    # completed =
    # energy =
    # time_estimate =
    # source =
    # tags =
    # contexts =
    # project =
    # parent =
    # subtasks =
    # without a place, kept in the originals: "Stage", "Labels"
    [table.ids]
    "Deadline" = "dl"
    "Do date" = "dd"
    "Labels" = "lb"
    "Name" = "title"
    "Priority level" = "pl"
    "Stage" = "sg%3D"
    # not understood, add it to [table.values.priority]: "P0" = "…"
    "##);
    assert_eq!(parallel.sql().row("SELECT count(*)::text FROM tasks"), "0");

    let path = file(&parallel, "mapping.toml", &edited(&parallel));
    let mapping = ["--mapping", path.to_str().unwrap()];
    // What there is to say of the words is said once they mean something.
    let again = import(&parallel, &[&mapping[..], &["--print-mapping"]].concat());
    assert!(again.output.contains("status = \"Stage\""), "{again:?}");
    assert!(!again.output.contains("not understood"), "{again:?}");

    let text = edited(&parallel).replace("P0 = ", "P9 = \"LOW\"\nP0 = ");
    std::fs::write(&path, text).unwrap();
    let imported = import(&parallel, &mapping);
    assert_eq!(imported.error, "", "{imported:?}");
    let idle =
        "1  task idle_mapping priority \"P9\": the mapping says what it means, and it is nowhere";
    assert!(imported.output.contains(idle), "{imported:?}");
    let expected = "task 1 blocked urgent 2026-03-01 2026-02-01 home, \
                    task 2 done urgent 2026-03-02 2026-02-02 home";
    assert_eq!(parallel.sql().row(TASKS), expected);

    let export = parallel.directory.join("export");
    let verify = ["verify", "notion", export.to_str().unwrap()];
    let verified = end(&mut with(&parallel.database, &[&verify[..], &mapping].concat()));
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert_eq!(end(&mut with(&parallel.database, &verify)).code, Some(1));
    assert_eq!(parallel.compare(&mapping).code, Some(0));
    assert_eq!(parallel.compare(&[]).code, Some(1));

    // By its id a property is known whatever it is called, also without a database that remembers it.
    parallel.there(|world| {
        for number in [1, 2] {
            world.page(number).edit("\"Stage\"", "\"Where it is\"", LATER);
        }
        world.page(1).edit("Waiting", "Shipped", LATER);
    });
    let compared = parallel.compare(&[&mapping[..], &["--apply"]].concat());
    assert_eq!((compared.code, compared.error.as_str()), (Some(0), ""), "{compared:?}");
    assert_eq!(parallel.sql().row(TASKS), expected.replace("blocked", "done"));
    let printed = import(&parallel, &[&mapping[..], &["--print-mapping"]].concat());
    assert_eq!((printed.code, printed.error.contains("there is no column")), (Some(0), false));
}

#[test]
fn an_import_without_the_mapping_of_the_last_one_is_refused() {
    let parallel = Parallel::of(world());
    let text = edited(&parallel);
    let path = file(&parallel, "mapping.toml", &text);
    let imported = import(&parallel, &["--mapping", path.to_str().unwrap()]);
    assert_eq!(imported.error, "", "{imported:?}");
    let before = parallel.sql().row(TASKS);
    for command in [&["import", "notion"][..], &["import", "notion", "--dry-run"]] {
        let refused = end(&mut parallel.command(command));
        assert_eq!(refused.code, Some(2), "{refused:?}");
        for part in ["\"Labels\" of the tasks, \"Stage\" of the tasks", "say with --mapping"] {
            assert!(refused.error.contains(part), "{refused:?}");
        }
        assert_eq!(parallel.sql().row(TASKS), before);
    }
    // Who says what becomes of each property means it, and is told what that takes away.
    let less = file(&parallel, "less.toml", &text.replace("tags = \"Labels\"", ""));
    let imported = import(&parallel, &["--mapping", less.to_str().unwrap()]);
    assert_eq!(imported.error, "", "{imported:?}");
    let warning = "1  task unmapped Labels: an earlier import understood it";
    assert!(imported.output.contains(warning), "{imported:?}");
}

#[test]
fn a_mapping_that_names_what_does_not_exist_is_refused_in_one_line() {
    let parallel = Parallel::of(world());
    let text = edited(&parallel);
    let refusals = [
        ("source = \"notion\"", "source = \"sqlite\""),
        ("name = \"tasks\"", "name = \"errands\""),
        ("becomes = \"task\"", "becomes = \"project\""),
        ("status = \"Stage\"", "status = \"Stufe\""),
        ("status = \"Stage\"", "status = \"Deadline\""),
        ("status = \"Stage\"", "state = \"Stage\""),
        ("\"BLOCKED\"", "\"STUCK\""),
        ("[table.ids]", "[table.links]"),
        ("[table.fields]", "table.fields"),
    ];
    let refusals = refusals.map(|(from, to)| {
        assert!(text.contains(from), "{from}");
        let path = file(&parallel, "wrong.toml", &text.replace(from, to));
        let export = parallel.directory.join("export");
        let arguments = ["import", "notion", export.to_str().unwrap(), "--print-mapping"];
        let refused =
            end(&mut tomos(&[&arguments[..], &["--mapping", path.to_str().unwrap()]].concat()));
        assert_eq!((refused.code, refused.output.as_str()), (Some(2), ""), "{refused:?}");
        let (_, why) = refused.error.trim_end().split_once("wrong.toml: ").unwrap();
        why.to_owned()
    });
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    the mapping is for "sqlite", and this is "notion"
    there is no table "errands"; there are "projects", "tags", "tasks"
    table "tasks": it becomes "task" and nothing else; which database is which, --tasks, --projects and --tags say when Notion is asked
    table "tasks": there is no column "Stufe"; there are "Name", "Stage", "Priority level", "Deadline", "Do date", "Labels"
    table "tasks": "Deadline" is of the type "date", and the field "status" is read from: select, status, multi_select, rich_text
    table "tasks": a task has no field "state"; there are "title", "description", "status", "done", "priority", "due", "scheduled", "completed", "energy", "time_estimate", "source", "tags", "contexts", "project", "parent", "subtasks"
    table "tasks": "Waiting" cannot mean "STUCK", which is no status of a task; there are "INBOX", "TODO", "IN_PROGRESS", "BLOCKED", "DONE", "CANCELLED"
    table "tasks": "Deadline" links to the table "dl", which is not there; there are "projects", "tags", "tasks"
    line 9: key with no value, expected `=`
    "#);
}

#[test]
fn a_workspace_export_has_a_mapping_too() {
    let zip = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/notion/workspace-export.zip");
    let parallel = Parallel::of(world());
    let printed = end(&mut tomos(&["import", "notion", zip, "--print-mapping"]));
    assert_eq!((printed.code, printed.error.as_str()), (Some(0), ""), "{printed:?}");
    // A column that was only a text is read as what it feeds.
    let edited = printed.output.replace("# scheduled =", "scheduled = \"Captured\"");
    let edited = edited.replace("due = \"Due Date\"", "# due =");
    let path = file(&parallel, "zip.toml", &edited);
    let mapping = ["--mapping", path.to_str().unwrap()];
    let import = [&["import", "notion", zip][..], &mapping].concat();
    let imported = end(&mut with(&parallel.database, &import));
    assert_eq!(imported.error, "", "{imported:?}");
    let dates = "SELECT count(due_date) || ' ' || (count(scheduled_date) > 40) FROM tasks";
    assert_eq!(parallel.sql().row(dates), "0 true");
    let verify = [&["verify", "notion", zip][..], &mapping].concat();
    let verified = end(&mut with(&parallel.database, &verify));
    assert_eq!(verified.code, Some(0), "{verified:?}");
}
