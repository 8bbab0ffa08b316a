//! Tokens, from being made to being revoked, as the person at the command line and clients see them.

use crate::database::TestDatabase;
use crate::embedded::{DataDir, wait_until};
use crate::program::{Program, Sql, end, new_token, printed, tomos, with};
use serde_json::json;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const VIEWER: &str = "{ viewer { tokenName scopes } }";

#[test]
fn a_token_is_printed_alone_and_only_its_hash_is_kept() {
    let database = TestDatabase::new();
    let output = printed(&mut with(&database, &["token", "create", "--name", "watch"]));
    let token = output.trim_end();
    assert_eq!(output, format!("{token}\n"));
    assert!(token.starts_with("tomos_") && token.len() == 49, "{token}");
    let sql = Sql::on(&database.url);
    let kept = format!(
        "SELECT concat_ws(' ', name, scopes, hash = sha256('{token}'), tokens::text LIKE '%{token}%') FROM tokens"
    );
    assert_eq!(sql.row(&kept), "watch {read,write} t f");
}

#[test]
fn a_token_does_what_its_scope_lets_it() {
    let database = TestDatabase::new();
    let reader = new_token(&database, &["--name", "reader", "--scope", "read"]);
    let writer = new_token(&database, &["--name", "writer", "--scope", "write"]);
    let program = Program::on(&database);
    let viewer = |token| program.address.query(token, VIEWER).json()["data"]["viewer"].clone();
    let expected = json!({"tokenName": "reader", "scopes": ["READ"]});
    assert_eq!(viewer(&reader), expected);
    let expected = json!({"tokenName": "writer", "scopes": ["READ", "WRITE"]});
    assert_eq!(viewer(&writer), expected);
    let mutation = "mutation { createTask(input: {title: \"x\"}) { task { title } } }";
    let refused = program.address.query(&reader, mutation);
    assert_eq!((refused.status, refused.code().as_str()), (403, "FORBIDDEN"));
    let done = program.address.query(&writer, mutation).json();
    assert_eq!(done["data"]["createTask"]["task"]["title"], "x");
}

#[test]
fn tokens_are_made_and_revoked_while_the_program_serves() {
    let database = TestDatabase::new();
    let program = Program::on(&database);
    assert!(program.greeting.contains("There is no token yet"));
    let token = new_token(&database, &["--name", "phone"]);
    let status = || program.address.query(&token, VIEWER).status;
    wait_until("the new token works", || status() == 200);
    printed(&mut with(&database, &["token", "revoke", "phone"]));
    wait_until("the revoked token is refused", || status() == 401);
    // Its name is free again.
    new_token(&database, &["--name", "phone"]);
}

#[test]
fn a_token_stops_working_when_its_time_is_over() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "guest", "--expires", "12h"]);
    let program = Program::on(&database);
    assert_eq!(program.address.query(&token, VIEWER).status, 200);
    let sql = Sql::on(&database.url);
    let left = "SELECT (expires_at - created_at)::text FROM tokens";
    assert_eq!(sql.row(left), "12:00:00");
    sql.run("UPDATE tokens SET expires_at = now()");
    wait_until("the token is refused", || program.address.query(&token, VIEWER).status == 401);
    let list = printed(&mut with(&database, &["token", "list"]));
    assert!(list.contains("(over)"), "{list}");
}

#[test]
fn the_list_shows_who_may_ask_and_no_secret() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "phone"]);
    new_token(&database, &["--name", "a\nb", "--scope", "read", "--expires", "2w"]);
    new_token(&database, &["--name", "gone"]);
    printed(&mut with(&database, &["token", "revoke", "gone"]));
    let list = printed(&mut with(&database, &["token", "list"]));
    let columns: Vec<Vec<_>> = list.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(columns.len(), 3, "{list}");
    assert_eq!(columns[0], ["NAME", "SCOPE", "CREATED", "LAST", "USED", "EXPIRES"]);
    assert_eq!(columns[1][..2], ["a\\nb", "read"]);
    assert_eq!(columns[2][..2], ["phone", "write"]);
    assert_eq!(columns[2][4..], ["never", "never"]);
    assert!(!list.contains(&token));
}

#[test]
fn the_last_use_of_a_token_is_written_down_in_the_background() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "phone"]);
    let other = new_token(&database, &["--name", "other"]);
    let program = Program::on(&database);
    let sql = Sql::on(&database.url);
    let used = || {
        sql.row("SELECT coalesce(string_agg(name, ',' ORDER BY name), '') FROM tokens WHERE last_used_at IS NOT NULL")
    };
    assert_eq!(used(), "");
    assert_eq!(program.address.query(&token, VIEWER).status, 200);
    wait_until("the use is written", || used() == "phone");
    // What is not written yet is written at the end.
    assert_eq!(program.address.query(&other, VIEWER).status, 200);
    assert_eq!(program.stop().code, Some(0));
    assert_eq!(used(), "other,phone");
}

#[test]
fn what_cannot_be_done_with_a_token_is_said_and_not_done() {
    let database = TestDatabase::new();
    new_token(&database, &["--name", "phone"]);
    let long = "x".repeat(201);
    for (arguments, expected) in [
        (vec!["create", "--name", "phone"], "a token named \"phone\""),
        (vec!["create", "--name", " "], "1 to 200 characters"),
        (vec!["create", "--name", &long], "1 to 200 characters"),
        (vec!["create", "--name", "x", "--expires", "0d"], "no span of time"),
        (vec!["create", "--name", "x", "--expires", "5"], "no span of time"),
        (vec!["revoke", "watch"], "no token named \"watch\""),
    ] {
        let mut all = vec!["token"];
        all.extend(&arguments);
        let ended = end(&mut with(&database, &all));
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert_eq!(ended.error.lines().count(), 1, "{ended:?}");
        assert!(ended.error.contains(expected), "{ended:?}");
        assert_eq!(ended.output, "");
    }
    let count = Sql::on(&database.url).row("SELECT count(*)::text FROM tokens");
    assert_eq!(count, "1");
}

#[test]
fn no_log_holds_a_token() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "phone"]);
    let program = Program::serve(&mut with(&database, &["--log", "trace"]));
    assert_eq!(program.address.query(&token, VIEWER).status, 200);
    let wrong = format!("{token}x");
    assert_eq!(program.address.query(&wrong, VIEWER).status, 401);
    let ended = program.stop();
    assert!(ended.error.contains("/graphql"), "the log is on");
    assert!(!ended.error.contains(&token));
}

/// Serves the program's own database in a directory.
fn serve_own(directory: &Path) -> Program {
    let directory = directory.to_str().unwrap();
    Program::serve(&mut tomos(&["--data-dir", directory]))
}

/// The token in the link that was printed.
fn linked(program: &Program) -> String {
    let (_, rest) = program.greeting.split_once("/graphiql#token=").unwrap();
    rest.lines().next().unwrap().to_owned()
}

#[test]
fn the_own_database_has_a_token_in_a_file_that_nobody_else_reads() {
    let directory = DataDir::with_cluster("local-token");
    let file = directory.0.join("token");
    let serve = || serve_own(&directory.0);
    let works = |program: &Program, token: &str| {
        let answer = program.address.query(token, VIEWER);
        answer.status == 200 && answer.json()["data"]["viewer"]["tokenName"] == "local"
    };
    let first = serve();
    let token = linked(&first);
    assert!(works(&first, &token));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), format!("{token}\n"));
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // A second process on the same directory has the same token, and so has the next start.
    let second = serve();
    assert_eq!(linked(&second), token);
    assert!(works(&second, &token));
    drop((first, second));
    assert_eq!(linked(&serve()), token);
    // Lost or revoked, it is made anew; the one before works no longer.
    std::fs::remove_file(&file).unwrap();
    let third = serve();
    let renewed = linked(&third);
    assert_ne!(renewed, token);
    assert!(works(&third, &renewed) && !works(&third, &token));
    let data_dir = directory.0.to_str().unwrap();
    printed(&mut tomos(&["token", "revoke", "local", "--data-dir", data_dir]));
    wait_until("the token is refused", || !works(&third, &renewed));
    let fourth = serve();
    assert_ne!(linked(&fourth), renewed);
    assert!(works(&fourth, &linked(&fourth)));
}
