//! Cursors that were given out before the database was killed.

use crate::embedded::DataDir;
use crate::program::{Program, Sql, tomos};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::time::Duration;

/// Between two looks at whether it is there.
const PAUSE: Duration = Duration::from_millis(20);

/// The answer's data; while the database starts again there is none.
fn ask(program: &Program, token: &str, document: &str) -> Value {
    loop {
        let answer = program.address.query(token, document).json();
        let code = &answer["errors"][0]["extensions"]["code"];
        if code != "UNAVAILABLE" {
            assert!(code.is_null(), "{answer}");
            return answer["data"].clone();
        }
        std::thread::sleep(PAUSE);
    }
}

#[test]
fn a_number_of_a_transaction_that_is_given_again_hides_no_change() {
    let directory = DataDir::with_cluster("killed");
    let program = Program::serve(&mut tomos(&["--data-dir", directory.0.to_str().unwrap()]));
    let token = std::fs::read_to_string(directory.0.join("token")).unwrap();
    let ask = |document: &str| ask(&program, token.trim(), document);
    ask(r#"mutation { createTask(input: {title: "one"}) { cursor } }"#);
    // What the server does on its own may be written down in between: then no number is given again.
    loop {
        let lost = lose_numbers(&directory);
        let since = ask("{ changes { cursor } }")["changes"]["cursor"].clone();
        let pid = Pid::from_raw(directory.postmaster().cast_signed()).unwrap();
        kill_process(pid, Signal::KILL).unwrap();
        let sql = started_again(&directory);
        ask(r#"mutation { createTask(input: {title: "two"}) { cursor } }"#);
        let given = sql.row("SELECT max(xid::text::bigint)::text FROM changes");
        let given: u64 = given.parse().unwrap();
        let page = format!("{{ changes(since: {since}) {{ resetRequired tasks {{ title }} }} }}");
        let page = &ask(&page)["changes"];
        assert_eq!(page["resetRequired"], false);
        assert_eq!(page["tasks"], json!([{ "title": "two" }]), "{given} after {lost}");
        if given <= lost {
            return;
        }
    }
}

/// A connection to the server that the program starts in the place of the one that was killed.
fn started_again(directory: &DataDir) -> Sql {
    loop {
        if let Ok(sql) = Sql::reached(&directory.url()) {
            return sql;
        }
        std::thread::sleep(PAUSE);
    }
}

/// Begins transactions that come to nothing, and says what the last one's number was.
fn lose_numbers(directory: &DataDir) -> u64 {
    let sql = Sql::on(&directory.url());
    let mut last = String::new();
    for _ in 0..50 {
        sql.run("BEGIN");
        last = sql.row("SELECT pg_current_xact_id()::text");
        sql.run("ROLLBACK");
    }
    last.parse().unwrap()
}
