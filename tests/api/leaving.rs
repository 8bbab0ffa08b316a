//! Moving from Notion as README.md has it, step by step, and the way back from each.
//!
//! The full suite takes 20,000 tasks and says how long each step took:
//! `TOMOS_PROGRAM=target/release/tomos script/test --full leaving --nocapture`, with an absolute path.

use crate::compare::{Parallel, described};
use crate::database::TestDatabase;
use crate::export_import::served;
use crate::notion::{Database, Page, World, run};
use crate::program::{Ended, Sql, end, new_token, with};
use std::process::Command;
use std::time::Instant;

const LATER: &str = "2030-01-20T12:00:00.000Z";

/// Tasks with a text, a project and two tags, and a body of a few lines; each is a minute younger.
fn many(tasks: u32) -> World {
    let project = |number: u32| Page::new(100_000 + number, &format!("project {number}"));
    let tag = |number: u32| Page::new(110_000 + number, &format!("tag {number}"));
    let task = |number: u32| {
        let page = Page::new(number, &format!("task {number} of many"));
        let tags = [110_000 + number % 200, 110_000 + (number + 1) % 200];
        let page = page.linked("Project", "pr", &[100_000 + number % 100]);
        described(page.linked("Tags", "tg", &tags), &"what there is to say ".repeat(20))
    };
    let databases = vec![
        Database::new(900_000, "Tasks", (1..=tasks).map(task).collect()),
        Database::new(900_010, "Projects", (0..100).map(project).collect()),
        Database::new(900_020, "Tags", (0..200).map(tag).collect()),
    ];
    let paragraph = |number: u32, part: u32| {
        let run = run(&"a line of a body ".repeat(8));
        format!(
            r#"{{"object":"block","id":"{}","type":"paragraph","has_children":false,"paragraph":{{"rich_text":[{run}]}}}}"#,
            crate::notion::uuid(1_000_000 + number * 4 + part)
        )
    };
    let body = |number| (0..4).map(|part| paragraph(number, part)).collect();
    let children = (1..=tasks).map(|number| (crate::notion::uuid(number), body(number)));
    World { databases, children: children.collect() }
}

/// Runs a step, and says how long it took.
fn step(what: &str, command: &mut Command) -> Ended {
    let begun = Instant::now();
    let ended = end(command);
    let took = begun.elapsed().as_secs_f64();
    eprintln!("{what}: {took:.1} s, exit {:?}", ended.code);
    ended
}

/// Goes through all of it.
fn move_house(parallel: &Parallel, rates: (&str, &str), edited: u32) {
    let export = parallel.directory.join("export");
    let export = export.to_str().unwrap();
    let (export_rate, list_rate) = rates;
    let mut import = parallel.command(&["import", "notion"]);
    let imported = step("import", import.env("NOTION_RATE", export_rate));
    assert!(matches!(imported.code, Some(0 | 1)), "{imported:?}");
    let count = parallel.sql().row("SELECT count(*)::text FROM tasks");
    let verified = step("verify", &mut with(&parallel.database, &["verify", "notion", export]));
    assert_eq!(verified.code, Some(0), "{verified:?}");

    // Both systems are in use.
    let mut compare = parallel.command(&["compare", "notion"]);
    let same = step("compare", compare.env("NOTION_RATE", list_rate));
    assert_eq!(same.code, Some(0), "{same:?}");
    parallel.there(|world| {
        for page in world.database("Tasks").pages.iter_mut().skip(1).take(10) {
            page.edit(r#""Name""#, r#""Name""#, LATER);
        }
        let id = world.database("Tasks").pages[0].id.clone();
        let number = u32::from_str_radix(id.rsplit('-').next().unwrap(), 16).unwrap();
        assert_eq!(number, edited);
        world.page(edited).edit("of many", "of one", LATER);
    });
    let mut apply = parallel.command(&["compare", "notion", "--apply"]);
    let applied = step("compare --apply", apply.env("NOTION_RATE", list_rate));
    assert_eq!(applied.code, Some(0), "{applied:?}");
    assert!(applied.output.contains("of one"), "{applied:?}");
    let applied_run = parallel.sql().row("SELECT max(id)::text FROM import_runs");

    // Whether Notion can be left.
    let backup = parallel.directory.join("tomos.dump");
    let backup = backup.to_str().unwrap();
    let backed_up = step("backup", &mut with(&parallel.database, &["backup", backup]));
    assert_eq!(backed_up.code, Some(0), "{backed_up:?}");
    step("verify", &mut with(&parallel.database, &["verify", "notion", export]));
    new_token(&parallel.database, &["--name", "phone"]);
    parallel.here("UPDATE comparisons SET started_at = started_at - interval '25 h', finished_at = finished_at - interval '25 h', outstanding = 0 WHERE kind = 'compare'");
    assert_eq!(parallel.compare(&[]).code, Some(0));
    let check = ["cutover", "check", "--backup", backup];
    let easy = ["--targets", "600000,600000,600000"];
    let ready = step("cutover check", &mut with(&parallel.database, &[&check[..], &easy].concat()));
    eprintln!("{}", ready.output);
    assert_eq!(ready.code, Some(0), "{ready:?}");
    step("import ids", &mut with(&parallel.database, &["import", "ids"]));

    // And all the way back.
    let restored = TestDatabase::empty();
    let back = step("restore", &mut with(&restored, &["restore", backup]));
    assert_eq!(back.code, Some(0), "{back:?}");
    assert_eq!(Sql::on(&restored.url).row("SELECT count(*)::text FROM tasks"), count);
    let verified = step("verify", &mut with(&restored, &["verify", "notion", export]));
    assert_eq!(verified.code, Some(0), "{verified:?}");
    for (what, run) in [("rollback of what came later", &*applied_run), ("rollback of all", "1")] {
        let trial = ["rollback", "--import", run, "--dry-run"];
        assert_eq!(end(&mut with(&parallel.database, &trial)).code, Some(0));
        let back = step(what, &mut with(&parallel.database, &["rollback", "--import", run]));
        assert_eq!(back.code, Some(0), "{back:?}");
        if run != "1" {
            assert_eq!(parallel.sql().row("SELECT count(*)::text FROM tasks"), count);
        }
    }
    assert_eq!(parallel.sql().row("SELECT count(*)::text FROM tasks"), "0");
}

#[test]
fn each_step_of_the_way_out_of_notion_leads_to_the_next_and_back() {
    let is_full = std::env::var_os("TOMOS_FULL").is_some();
    let (tasks, list_rate) = if is_full { (20_000, "2.9") } else { (150, "10000") };
    move_house(&Parallel::of(many(tasks)), ("10000", list_rate), 1);
}

/// The sample at the pace that Notion allows, which nobody waits for usually.
#[test]
fn the_sample_comes_out_of_notion() {
    let rate = if std::env::var_os("TOMOS_FULL").is_some() { "2.9" } else { "10000" };
    let parallel = Parallel::of(served("notion-export-b.json"));
    let mut import = parallel.command(&["import", "notion"]);
    let imported = step("import of the sample", import.env("NOTION_RATE", rate));
    assert_eq!(imported.code, Some(1), "{imported:?}");
    let export = parallel.directory.join("export");
    let mut verify = with(&parallel.database, &["verify", "notion", export.to_str().unwrap()]);
    assert_eq!(step("verify of the sample", &mut verify).code, Some(0));
    let mut compare = parallel.command(&["compare", "notion"]);
    let compared = step("compare of the sample", compare.env("NOTION_RATE", rate));
    assert_eq!(compared.code, Some(0), "{compared:?}");
}
