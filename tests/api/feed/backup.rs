//! Devices whose database comes back from a backup: nothing that they miss is missed in silence, and what they
//! send again is done once.

use crate::database::TestDatabase;
use crate::embedded::DataDir;
use crate::program::{Program, Sql, end, new_directory, new_token, tomos, with};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;

const BEFORE: &str = "00000000-0000-4000-8000-00000000000b";
const AFTER: &str = "00000000-0000-4000-8000-00000000000a";

/// Transactions, so that the numbers of another server's are lower.
const TRANSACTIONS: &str = "CREATE TEMP TABLE numbers (n integer); DO $$ BEGIN
    FOR n IN 1..5000 LOOP
        BEGIN INSERT INTO numbers VALUES (n); EXCEPTION WHEN division_by_zero THEN NULL; END;
    END LOOP;
END $$";

fn ask(program: &Program, token: &str, document: &str) -> Value {
    let mut answer = program.address.query(token, document).json();
    assert_eq!(answer.get("errors"), None, "{document}: {answer}");
    answer["data"].take()
}

fn create(program: &Program, token: &str, title: &str, key: &str) -> Value {
    let document = format!(
        "mutation {{ createTask(input: {{clientMutationId: \"{key}\", title: \"{title}\"}}) {{ replayed task {{ id title }} userErrors {{ code }} }} }}"
    );
    ask(program, token, &document)["createTask"].take()
}

fn changes(program: &Program, token: &str, arguments: &str) -> Value {
    let document = format!(
        "{{ changes{arguments} {{ cursor resetRequired tasks {{ title }} deleted {{ id }} }} }}"
    );
    ask(program, token, &document)["changes"].take()
}

fn titles(page: &Value) -> Vec<&str> {
    let mut titles: Vec<_> = page["tasks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|task| task["title"].as_str().unwrap())
        .collect();
    titles.sort_unstable();
    titles
}

/// Runs a program of PostgreSQL's.
fn run(name: &str, arguments: &[&str]) {
    let environment = tomos::embedded::Environment::read(|name| std::env::var_os(name));
    let ended = end(Command::new(environment.program(name).unwrap()).args(arguments));
    assert_eq!(ended.code, Some(0), "{name}: {ended:?}");
}

/// A database that was saved and went on, and what devices know of it.
struct Saved {
    database: TestDatabase,
    dump: PathBuf,
    token: String,
    /// The task that was made before, as it was answered.
    first: Value,
    cursors: Vec<Value>,
}

impl Saved {
    /// One that is saved by this too.
    fn by(save: impl FnOnce(&TestDatabase)) -> Self {
        let database = TestDatabase::new();
        let dump = new_directory("backup").join("tomos.dump");
        let token = new_token(&database, &["--name", "phone"]);
        let program = Program::on(&database);
        Sql::on(&database.url).run(TRANSACTIONS);
        let first = create(&program, &token, "kept", BEFORE);
        for (title, key) in [("changed", 1), ("gone", 2)] {
            create(&program, &token, title, &format!("00000000-0000-4000-8000-00000000001{key}"));
        }
        let known = changes(&program, &token, "")["cursor"].clone();
        let loading = changes(&program, &token, "(first: 1)")["cursor"].clone();
        assert_eq!(program.stop().code, Some(0));
        run("pg_dump", &["--format=custom", "--file", dump.to_str().unwrap(), &database.url]);
        save(&database);
        let program = Program::on(&database);
        create(&program, &token, "lost", AFTER);
        Sql::on(&database.url).run(
            "UPDATE tasks SET title = 'was changed' WHERE title = 'changed'; DELETE FROM tasks WHERE title = 'gone'",
        );
        let within = changes(&program, &token, &format!("(since: {known}, first: 1)"));
        assert_eq!(within["resetRequired"], false, "a start alone begins no new feed");
        let newest = changes(&program, &token, &format!("(since: {known})"));
        assert_eq!(titles(&newest), ["lost", "was changed"]);
        let cursors = vec![known, loading, within["cursor"].clone(), newest["cursor"].clone()];
        assert_eq!(program.stop().code, Some(0));
        Self { database, dump, token, first, cursors }
    }

    fn restore(&self, url: &str, more: &[&str]) {
        let arguments =
            ["--no-owner", "--exit-on-error", "--dbname", url, self.dump.to_str().unwrap()];
        run("pg_restore", &[more, &arguments].concat());
    }

    /// Checks what devices find in the database that came back.
    fn is_another_feed(&self, url: &str, serve: impl Fn() -> Program) {
        let program = serve();
        for cursor in &self.cursors {
            let page = changes(&program, &self.token, &format!("(since: {cursor})"));
            assert_eq!((&page["resetRequired"], titles(&page).len()), (&json!(true), 0), "{page}");
        }
        let own = "SELECT count(*)::text FROM outcomes WHERE done_in <> '0'";
        assert_eq!(Sql::on(url).row(own), "0", "their transactions are of another feed too");
        let load = changes(&program, &self.token, "");
        assert_eq!(titles(&load), ["changed", "gone", "kept"]);
        let mut again = create(&program, &self.token, "kept", BEFORE);
        assert_eq!(again["replayed"].take(), true);
        again["replayed"] = json!(false);
        assert_eq!(again, self.first);
        // What the backup does not know is done again, once.
        assert_eq!(create(&program, &self.token, "lost", AFTER)["replayed"], false);
        assert_eq!(create(&program, &self.token, "lost", AFTER)["replayed"], true);
        let since = format!("(since: {})", load["cursor"]);
        assert_eq!(titles(&changes(&program, &self.token, &since)), ["lost"]);
        assert_eq!(program.stop().code, Some(0));
        let page = changes(&serve(), &self.token, &since);
        assert_eq!((titles(&page), &page["resetRequired"]), (vec!["lost"], &json!(false)));
    }
}

#[test]
fn a_backup_in_another_database_is_another_feed() {
    let saved = Saved::by(|_| {});
    let restored = TestDatabase::empty();
    saved.restore(&restored.url, &[]);
    saved.is_another_feed(&restored.url, || Program::on(&restored));
}

#[test]
fn a_backup_in_its_own_place_is_another_feed() {
    let saved = Saved::by(|_| {});
    saved.restore(&saved.database.url, &["--clean", "--if-exists"]);
    saved.is_another_feed(&saved.database.url, || Program::on(&saved.database));
}

#[test]
fn a_copy_on_the_same_server_is_another_feed() {
    let saved = Saved::by(|database| {
        let (server, name) = database.url.rsplit_once('/').unwrap();
        let sql = Sql::on(&format!("{server}/postgres"));
        let leave = format!(
            "SELECT count(pg_terminate_backend(pid, 10000))::text FROM pg_stat_activity WHERE datname = '{name}'"
        );
        sql.row(&leave);
        sql.run(&format!("CREATE DATABASE {name}_copy TEMPLATE {name}"));
    });
    let url = format!("{}_copy", saved.database.url);
    let serve = || Program::serve(with(&saved.database, &[]).env("DATABASE_URL", &url));
    saved.is_another_feed(&url, serve);
}

#[test]
fn a_backup_on_a_server_whose_numbers_are_behind_is_another_feed() {
    let saved = Saved::by(|_| {});
    let directory = DataDir::with_cluster("backup");
    let serve = || Program::serve(&mut tomos(&["--data-dir", directory.0.to_str().unwrap()]));
    let program = serve();
    saved.restore(&directory.url(), &["--clean", "--if-exists"]);
    let newest = "SELECT (max(xid) >= pg_snapshot_xmax(pg_current_snapshot()))::text FROM changes";
    assert_eq!(Sql::on(&directory.url()).row(newest), "true", "they are behind");
    assert_eq!(program.stop().code, Some(0));
    // The server outlives the program by a moment, or is there again.
    saved.is_another_feed(&directory.url(), serve);
}
