//! What was changed on both sides and is alike by now: it is one record again, and what happens to it later is seen.

use crate::compare::Parallel;
use crate::notion::{todo, uuid};
use crate::program::{Ended, end, with};

/// A minute behind every import of the tests, and what was done here in that minute.
const LATER: &str = "2030-01-20T12:00:00.000Z";
const HERE: &str = "2030-01-20T12:00:30.000Z";
const LAST: &str = "2030-01-21T12:00:00.000Z";

impl Parallel {
    /// Changes the first task here, in the minute in which it is edited there.
    fn change_here(&self, change: &str) {
        let number = uuid(1).replace('-', "");
        self.here(&format!(
            "UPDATE tasks SET {change}, updated_at = '{HERE}' FROM external_refs
            WHERE record_id = id AND external_id = '{number}'"
        ));
    }

    /// Edits it there.
    fn change_there(&self, before: &str, after: &str, minute: &str) {
        self.there(|world| world.page(1).edit(before, after, minute));
    }

    /// The same is changed on both sides, and that is settled.
    fn settle(&self) {
        self.change_here("title = 'one'");
        self.change_there("task 1", "one", LATER);
        let ended = self.compare(&["--apply"]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let alike = "1 record was changed on both sides and is alike by now.\nNothing differs.\n";
        assert!(ended.output.contains(alike), "{ended:?}");
        assert!(ended.output.ends_with("\nAfter that:\nNothing differs.\n"), "{ended:?}");
    }

    fn description(&self) -> String {
        self.sql().row("SELECT description FROM tasks WHERE title = 'one'")
    }

    fn verify(&self) -> Ended {
        let export = self.directory.join("export");
        end(&mut with(&self.database, &["verify", "notion", export.to_str().unwrap()]))
    }
}

#[test]
fn what_is_done_on_both_sides_is_done_though_one_only_guesses_when() {
    let parallel = Parallel::begin();
    parallel.change_here(&format!("status = 'done', completed_at = '{HERE}'"));
    parallel.change_there("To Do", "Done", LATER);
    let ended = parallel.compare(&["--apply"]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let imported = end(&mut parallel.command(&["import", "notion"]));
    assert!(!imported.output.contains("changed_here"), "{imported:?}");
    for ended in [parallel.verify(), parallel.compare(&["--apply"])] {
        assert_eq!(ended.code, Some(0), "{ended:?}");
    }
    let completed = "SELECT completed_at::text FROM tasks WHERE status = 'done'";
    assert_eq!(parallel.sql().row(completed), "2030-01-20 12:00:30+00");
    let outstanding = "SELECT max(outstanding)::text FROM comparisons";
    assert_eq!(parallel.sql().row(outstanding), "0");
}

#[test]
fn what_became_alike_is_settled_so_that_a_later_edit_comes() {
    let parallel = Parallel::begin();
    parallel.settle();
    // Once it is settled there is nothing to be done about it.
    assert_eq!(parallel.compare(&["--apply"]).code, Some(0));
    assert_eq!(parallel.sql().row("SELECT count(*)::text FROM import_runs"), "2");
    parallel.change_there("about 1", "about one", LAST);
    let ended = parallel.compare(&["--apply"]);
    assert_eq!((ended.code, parallel.description().as_str()), (Some(0), "about one"), "{ended:?}");
}

#[test]
fn an_edit_in_the_minute_of_one_made_here_is_not_older() {
    let parallel = Parallel::begin();
    parallel.settle();
    parallel.change_there("about 1", "about one", LATER);
    let ended = parallel.compare(&["--apply"]);
    assert_eq!((ended.code, parallel.description().as_str()), (Some(0), "about one"), "{ended:?}");
    // What was there before that is.
    parallel.change_there("about one", "about 1", "2029-01-20T12:00:00.000Z");
    let ended = parallel.compare(&["--apply"]);
    assert_eq!((ended.code, parallel.description().as_str()), (Some(1), "about one"), "{ended:?}");
    assert!(ended.output.contains("what is here came from there later"), "{ended:?}");
}

#[test]
fn the_places_of_to_dos_that_were_renamed_here_are_brought() {
    let parallel = Parallel::begin();
    let put = |titles: [(u32, &str); 2], minute: &str| {
        let to_dos = titles.map(|(number, title)| todo(number, title, false, false));
        parallel.there(|world| {
            world.children.insert(uuid(10), to_dos.into());
            world.page(10).edit("about 10", "about 10", minute);
        });
        parallel.compare(&["--apply"])
    };
    let ended = put([(4010, "call"), (4011, "write")], LATER);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    parallel.here("UPDATE tasks SET title = title || '!' WHERE title IN ('call', 'write')");
    let ended = put([(4011, "write"), (4010, "call")], LAST);
    assert!(ended.output.contains("order, changed there"), "{ended:?}");
    let (_, after) = ended.output.split_once("After that:").unwrap();
    assert!(after.contains("title, changed here") && !after.contains("order"), "{ended:?}");
    let order = "SELECT string_agg(title, ' ' ORDER BY position) FROM tasks WHERE title LIKE '%!'";
    assert_eq!(parallel.sql().row(order), "write! call!");
    // They are moved once.
    parallel.compare(&["--apply"]);
    assert_eq!(parallel.sql().row("SELECT count(*)::text FROM import_runs"), "3");
}
