//! Cursors that were given out before the database was killed.

use crate::embedded::DataDir;
use crate::program::{Program, Sql, tomos};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::time::Duration;

/// The answer's data; while the database starts again there is none.
fn ask(program: &Program, token: &str, document: &str) -> Value {
    loop {
        let answer = program.address.query(token, document).json();
        let code = &answer["errors"][0]["extensions"]["code"];
        if code != "UNAVAILABLE" {
            assert!(code.is_null(), "{answer}");
            return answer["data"].clone();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_number_of_a_transaction_that_is_given_again_hides_no_change() {
    let directory = DataDir::with_cluster("killed");
    let program = Program::serve(&mut tomos(&["--data-dir", directory.0.to_str().unwrap()]));
    let token = std::fs::read_to_string(directory.0.join("token")).unwrap();
    let ask = |document: &str| ask(&program, token.trim(), document);
    ask(r#"mutation { createTask(input: {title: "one"}) { cursor } }"#);
    let sql = Sql::on(&directory.url());
    let number = "SELECT pg_current_xact_id()::text";
    sql.run("BEGIN");
    let lost = sql.row(number);
    sql.run("ROLLBACK");
    let since = ask("{ changes { cursor } }")["changes"]["cursor"].clone();
    let pid = Pid::from_raw(directory.postmaster().cast_signed()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
    ask("{ tasks(first: 0) { totalCount } }");
    ask(r#"mutation { createTask(input: {title: "two"}) { cursor } }"#);
    let sql = Sql::on(&directory.url());
    let next = sql.row(number);
    assert_eq!(next, (lost.parse::<u64>().unwrap() + 1).to_string(), "two has the lost number");
    let page = format!("{{ changes(since: {since}) {{ resetRequired tasks {{ title }} }} }}");
    let page = &ask(&page)["changes"];
    assert_eq!(page["resetRequired"], false);
    assert_eq!(page["tasks"], serde_json::json!([{ "title": "two" }]));
}
