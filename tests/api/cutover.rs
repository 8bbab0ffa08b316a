//! Leaving Notion: what must hold first, what became what, and what is said where it does not.

use crate::compare::Parallel;
use crate::database::TestDatabase;
use crate::program::{Ended, end, new_token, printed, with};
use serde_json::Value;
use std::fs::File;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

/// How fast whatever machine is, it is fast enough.
const EASY: &str = "--targets=600000,600000,600000";

fn check(parallel: &Parallel, flags: &[&str]) -> Ended {
    let arguments = [&["cutover", "check", "--runs", "2", EASY], flags].concat();
    end(&mut with(&parallel.database, &arguments))
}

/// The line of a condition, and what to do.
#[track_caller]
fn says(ended: &Ended, condition: &str, expected: &str) {
    let mut lines = ended.output.lines().skip_while(|line| !line.contains(condition));
    let line = lines.next().unwrap_or_default();
    let next = lines.next().filter(|line| line.contains("next: ")).unwrap_or_default();
    let said = format!("{line}{next}");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&said).contains(expected), "{expected}: {ended:?}");
}

/// A backup by PostgreSQL's own program.
fn dump(parallel: &Parallel, format: &str) -> PathBuf {
    let environment = tomos::embedded::Environment::read(|name| std::env::var_os(name));
    let path = parallel.directory.join(format!("backup.{format}"));
    let mut command = Command::new(environment.program("pg_dump").unwrap());
    command.arg(format!("--format={format}")).arg("--file").arg(&path).arg(&parallel.database.url);
    assert!(command.status().unwrap().success());
    path
}

#[test]
fn each_condition_says_what_to_do_until_all_hold() {
    let parallel = Parallel::begin();
    let first = check(&parallel, &[]);
    assert_eq!((first.code, first.error.as_str()), (Some(1), ""), "{first:?}");
    says(
        &first,
        "verified",
        "NO verified what came was never compared with its source next: tomos verify notion",
    );
    says(&first, "backed up", "NO backed up no backup was named next: tomos backup tomos.dump");
    says(
        &first,
        "no drift",
        "NO no drift both systems were never compared next: tomos compare notion",
    );
    says(&first, "tokens", "NO tokens no device has a token next: tomos token create");
    says(&first, "fast", "yes fast the dashboard");
    assert!(first.output.ends_with("Not yet: 4 conditions do not hold.\n"), "{first:?}");

    let export = parallel.directory.join("export");
    printed(&mut with(&parallel.database, &["verify", "notion", export.to_str().unwrap()]));
    new_token(&parallel.database, &["--name", "phone"]);
    assert_eq!(parallel.compare(&[]).code, Some(0));
    let backup = dump(&parallel, "custom");
    let backup = backup.to_str().unwrap();
    let early = check(&parallel, &["--backup", backup]);
    says(
        &early,
        "no drift",
        "NO no drift nothing came up in Notion for 0 min next: wait until it is 24 h",
    );
    assert_eq!(early.code, Some(1), "{early:?}");

    parallel.here("UPDATE comparisons SET started_at = started_at - interval '25 h', finished_at = finished_at - interval '25 h' WHERE kind = 'compare'");
    let stale = check(&parallel, &["--backup", backup]);
    says(&stale, "no drift", "NO no drift the last look was 25 h ago next: tomos compare notion");
    assert_eq!(parallel.compare(&[]).code, Some(0));
    let json = parallel.directory.join("check.json");
    let ready = check(&parallel, &["--backup", backup, "--json", json.to_str().unwrap()]);
    assert_eq!(ready.code, Some(0), "{ready:?}");
    says(&ready, "no drift", "yes no drift nothing came up in Notion for 25 h");
    says(&ready, "tokens", "yes tokens phone (never used)");
    says(&ready, "backed up", "it was read to its end");
    assert!(ready.output.ends_with("\nAll is ready.\n"), "{ready:?}");
    let json: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    assert_eq!(json["ready"], true);
    assert_eq!(json["verdicts"].as_array().unwrap().len(), 5);
    // Nothing of the new tasks stays.
    assert_eq!(parallel.sql().row("SELECT count(*)::text FROM tasks"), "11");

    let slow = ["cutover", "check", "--runs", "2", "--targets", "0,0,0"];
    let slow = end(&mut with(&parallel.database, &slow));
    assert_eq!(slow.code, Some(1), "{slow:?}");
    says(&slow, "fast", "NO fast the dashboard");
}

#[test]
fn what_happens_later_takes_a_verdict_back() {
    let parallel = Parallel::begin();
    let export = parallel.directory.join("export");
    let verify = &["verify", "notion", export.to_str().unwrap()];
    printed(&mut with(&parallel.database, verify));
    // An edit made here is none of the migration's faults.
    parallel.here("UPDATE tasks SET title = 'mine' WHERE title = 'task 1'");
    end(&mut with(&parallel.database, verify));
    says(
        &check(&parallel, &[]),
        "verified",
        "yes verified 0 min ago, nothing differed but by edits made since",
    );
    // Damage is.
    parallel.here("SET session_replication_role = replica; UPDATE tasks SET title = 'x' WHERE title = 'task 2'");
    end(&mut with(&parallel.database, verify));
    says(
        &check(&parallel, &[]),
        "verified",
        "NO verified 0 min ago 1 differences were found that no edit accounts for",
    );

    parallel.there(|world| world.page(3).edit("task 3", "task three", "2030-01-20T12:00:00.000Z"));
    assert_eq!(parallel.compare(&["--apply"]).code, Some(1));
    let ended = check(&parallel, &[]);
    says(&ended, "verified", "NO verified import 2 came behind the last comparison");
    // It was not quiet there, though it was brought over; and the damage counts.
    says(&ended, "no drift", "NO no drift 0 min ago, 2 records had in Notion what is not here");
    let expired = new_token(&parallel.database, &["--name", "old", "--expires", "1h"]);
    assert!(!expired.is_empty());
    parallel.here("UPDATE tokens SET created_at = '2020-01-01', expires_at = '2020-01-02'");
    says(&check(&parallel, &[]), "tokens", "NO tokens no device has a token");
}

#[test]
fn a_backup_is_read_and_not_believed() {
    let parallel = Parallel::begin();
    let custom = dump(&parallel, "custom");
    let text = dump(&parallel, "plain");
    let directory = dump(&parallel, "directory");
    for good in [&custom, &text, &directory] {
        let ended = check(&parallel, &["--backup", good.to_str().unwrap()]);
        says(&ended, "backed up", "yes backed up");
    }
    for (whole, why) in [(&custom, "pg_restore: error"), (&text, "it was cut")] {
        let bytes = std::fs::read(whole).unwrap();
        let cut = parallel.directory.join("cut");
        // The list of what is in it is whole.
        std::fs::write(&cut, &bytes[..bytes.len() - bytes.len() / 8]).unwrap();
        let ended = check(&parallel, &["--backup", cut.to_str().unwrap()]);
        says(&ended, "backed up", "NO backed up");
        says(&ended, "backed up", why);
    }
    let other = parallel.directory.join("other");
    std::fs::write(&other, "dear diary").unwrap();
    says(
        &check(&parallel, &["--backup", other.to_str().unwrap()]),
        "backed up",
        "pg_restore: error",
    );
    // Of another database, and of this one before something.
    let stranger = Parallel::begin();
    // The tests' databases are copies of one.
    stranger.here("UPDATE settings SET feed_id = gen_random_uuid()");
    let stranger = dump(&stranger, "custom");
    let ended = check(&parallel, &["--backup", stranger.to_str().unwrap()]);
    says(&ended, "backed up", "it is of another database");
    let missing = check(&parallel, &["--backup", "/nowhere"]);
    says(&missing, "backed up", "/nowhere is no backup that can be read");
    let old = File::options().write(true).open(&custom).unwrap();
    old.set_modified(SystemTime::now() - Duration::from_hours(25)).unwrap();
    let flags = ["--backup", custom.to_str().unwrap()];
    says(&check(&parallel, &flags), "backed up", "is of 25 h ago, older than 24 h");
    let patient = check(&parallel, &[&flags[..], &["--backup-age", "2d"]].concat());
    says(&patient, "backed up", "from before the last import");
    parallel.here("INSERT INTO import_runs (source, files, digest, state, started_at, finished_at) VALUES ('notion', '{}', '', 'done', now(), '2020-01-01')");
    let ended = check(&parallel, &["--backup", text.to_str().unwrap()]);
    says(&ended, "backed up", "the last import is not in it");
}

#[test]
fn flags_that_make_no_sense_are_refused() {
    for (flags, expected) in [
        (&["--targets", "100"][..], "100,50,50"),
        (&["--targets", "fast,50,50"], "100,50,50"),
        (&["--quiet", "soon"], "12h, 90d"),
        (&["--runs", "0"], "1..=1000"),
    ] {
        let ended = end(&mut crate::program::tomos(&[&["cutover", "check"], flags].concat()));
        assert_eq!((ended.code, ended.error.lines().count()), (Some(2), 1), "{ended:?}");
        assert!(ended.error.contains(expected), "{ended:?}");
    }
}

#[test]
fn the_map_of_ids_has_the_shape_of_before() {
    let parallel = Parallel::begin();
    parallel.here("UPDATE tasks SET deleted_at = now() WHERE title = 'task 1'");
    parallel.here("DELETE FROM tasks WHERE title = 'task 2'");
    // A tag that is only a name there, and one that was made here.
    parallel.here("INSERT INTO tags (id, name, key) VALUES ('00000000-0000-7000-8000-000000000002', 'Desk', 'desk'),
        ('00000000-0000-7000-8000-000000000003', 'mine', 'mine');
        INSERT INTO task_tags (task_id, tag_id) SELECT id, '00000000-0000-7000-8000-000000000002' FROM tasks WHERE title = 'task 3'");
    let printed = printed(&mut with(&parallel.database, &["import", "ids"]));
    let ids: Value = serde_json::from_str(&printed).unwrap();
    let there = |number: u32| crate::notion::uuid(number);
    let here = |title: &str| {
        parallel.sql().row(&format!("SELECT id::text FROM tasks WHERE title = '{title}'"))
    };
    assert_eq!(ids["tasks"][there(1)], here("task 1"));
    assert_eq!(ids["tasks"][there(3)], here("task 3"));
    assert_eq!(ids["tasks"][there(4010)], here("call"));
    assert_eq!(ids["tasks"].as_object().unwrap().len(), 10);
    assert_eq!(ids["projects"].as_object().unwrap().len(), 2);
    let tags: Vec<_> = ids["tags"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(tags, [there(201), there(202), "Desk".to_owned()]);
    let nothing = end(&mut with(&TestDatabase::new(), &["import", "ids"]));
    assert_eq!((nothing.code, nothing.output.as_str()), (Some(2), ""), "{nothing:?}");
}
