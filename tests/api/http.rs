//! GraphQL over HTTP: what is answered, what is refused, and how that is said.

use crate::database::TestDatabase;
use crate::embedded::wait_until;
use crate::http_client::{Address, Answer, Request, read};
use crate::program::{Program, new_token, with};
use serde_json::json;
use std::io::{Read, Write};

const RESPONSE: &str = "application/graphql-response+json";

/// The program on a database, with a token that may do everything.
struct Service {
    database: TestDatabase,
    program: Program,
    token: String,
}

impl Service {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(arguments: &[&str]) -> Self {
        let database = TestDatabase::new();
        let token = new_token(&database, &["--name", "test"]);
        let program = Program::serve(&mut with(&database, arguments));
        Self { database, program, token }
    }

    fn address(&self) -> &Address {
        &self.program.address
    }

    fn send(&self, request: Request) -> Answer {
        request.token(&self.token).send(self.address())
    }

    fn post(&self, body: &str) -> Answer {
        self.send(Request::new("POST", "/graphql").json(body))
    }

    fn query(&self, document: &str) -> Answer {
        self.address().query(&self.token, document)
    }

    fn task_count(&self) -> u64 {
        let answer = self.query("{ tasks { totalCount } }").json();
        answer["data"]["tasks"]["totalCount"].as_u64().unwrap()
    }
}

#[test]
fn a_query_is_answered_by_post_and_by_get() {
    let service = Service::new();
    let posted = service.post(
        r#"{"query": "query A($name: String!) { __type(name: $name) { name } } query B { b: __typename }",
            "operationName": "A", "variables": {"name": "Task"}, "extensions": {"x": 1}}"#,
    );
    assert_eq!(posted.status, 200, "{posted:?}");
    assert_eq!(posted.json(), json!({"data": {"__type": {"name": "Task"}}}));
    let path = "/graphql?query=query(%24name%3AString!)%7B__type(name%3A%24name)%7Bname%7D%7D\
        &variables=%7B%22name%22%3A%22Task%22%7D";
    let got = service.send(Request::new("GET", path));
    assert_eq!(got.json(), posted.json());
    let path = "/graphql?query=%7B__typename%7D&operationName=&variables=&extensions=";
    let got = service.send(Request::new("GET", path));
    assert_eq!(got.json(), json!({"data": {"__typename": "Query"}}), "what is empty is not there");
}

#[test]
fn the_answer_has_the_media_type_that_the_client_wants() {
    let service = Service::new();
    let asked = |accept: &str, document: &str| {
        let request = Request::graphql(&service.token, document).header("Accept", accept);
        request.send(service.address())
    };
    let plain = "application/json; charset=utf-8";
    let answer = asked("*/*", "{ __typename }");
    assert_eq!(answer.header("content-type"), Some(plain));
    let answer = asked(RESPONSE, "{ __typename }");
    let content_type = format!("{RESPONSE}; charset=utf-8");
    assert_eq!(answer.header("content-type"), Some(content_type.as_str()));
    assert_eq!(answer.status, 200);
    let answer = asked("text/html", "{ __typename }");
    assert_eq!((answer.status, answer.code().as_str()), (406, "BAD_REQUEST"));
}

#[test]
fn a_document_that_cannot_be_executed_has_a_code_and_no_data() {
    let service = Service::new();
    for (document, code) in [
        ("{", "BAD_REQUEST"),
        ("", "BAD_REQUEST"),
        ("{ nothing }", "VALIDATION_FAILED"),
        ("query A { __typename } query A { __typename }", "BAD_REQUEST"),
        ("query($a: Int!) { __typename }", "VALIDATION_FAILED"),
    ] {
        // Only who names the older type, and so may know no other, looks for errors under 200.
        for (accept, status) in [
            (None, 400),
            (Some("*/*"), 400),
            (Some(RESPONSE), 400),
            (Some("application/json"), 200),
        ] {
            let request = Request::graphql(&service.token, document);
            let request = match accept {
                Some(accept) => request.header("Accept", accept),
                None => request,
            };
            let answer = request.send(service.address());
            assert_eq!(answer.status, status, "{document}, {accept:?}");
            assert_eq!(answer.code(), code, "{document}: {answer:?}");
            assert!(answer.json().get("data").is_none(), "{answer:?}");
        }
    }
}

#[test]
fn a_malformed_request_is_refused_with_a_code() {
    let service = Service::new();
    let deep = "[".repeat(100_000);
    for body in [
        "",
        "no JSON",
        r#"{"query": "{ __typename }""#,
        "\u{feff}{}",
        "null",
        "\"{ __typename }\"",
        r#"[{"query": "{ __typename }"}]"#,
        "{}",
        r#"{"query": null}"#,
        r#"{"query": 5}"#,
        r#"{"query": "{ __typename }", "operationName": 5}"#,
        r#"{"query": "{ __typename }", "variables": []}"#,
        r#"{"query": "{ __typename }", "variables": "{}"}"#,
        r#"{"query": "{ __typename }", "extensions": []}"#,
        r#"{"query": "{ tag(name: \"\ud800\") { id } }"}"#,
        &deep,
    ] {
        let answer = service.post(body);
        let shown = body.get(..50).unwrap_or(body);
        assert_eq!(answer.status, 400, "{shown}: {answer:?}");
        assert_eq!(answer.code(), "BAD_REQUEST", "{shown}");
    }
    for query in ["", "?query=%7B__typename%7D&variables=5", "?query=a&query=b"] {
        let answer = service.send(Request::new("GET", &format!("/graphql{query}")));
        assert_eq!(answer.status, 400, "{query}");
        assert_eq!(answer.code(), "BAD_REQUEST", "{query}");
    }
    let not_utf_8 = Request::new("POST", "/graphql").token(&service.token);
    let not_utf_8 = not_utf_8.header("Content-Type", "application/json");
    let mut stream = service.address().connect();
    let body = b"{\"query\": \"{ __typename # \xff\n }\"}";
    stream.write_all(not_utf_8.head(body.len()).as_bytes()).unwrap();
    stream.write_all(body).unwrap();
    assert_eq!(read(stream).status, 400);
}

#[test]
fn only_what_calls_itself_json_is_read() {
    let service = Service::new();
    let body = r#"{"query": "mutation { createTask(input: {title: \"x\"}) { task { id } } }"}"#;
    for kind in [
        "text/plain",
        "text/plain; x=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "application/json; charset=utf-16",
    ] {
        let request = Request::new("POST", "/graphql").header("Content-Type", kind);
        let answer = service.send(request.body(body));
        assert_eq!(answer.status, 415, "{kind}");
        assert_eq!(answer.code(), "BAD_REQUEST", "{kind}");
    }
    let answer = service.send(Request::new("POST", "/graphql").body(body));
    assert_eq!(answer.status, 415);
    assert_eq!(service.task_count(), 0);
}

#[test]
fn a_get_changes_nothing() {
    let service = Service::new();
    let mutation = "mutation%20A%7BcreateTask(input%3A%7Btitle%3A%22x%22%7D)%7Btask%7Bid%7D%7D%7D";
    let both = format!("{mutation}query%20B%7B__typename%7D");
    for query in [mutation, &format!("{both}&operationName=A")] {
        let answer = service.send(Request::new("GET", &format!("/graphql?query={query}")));
        assert_eq!(answer.status, 405, "{answer:?}");
        assert_eq!(answer.header("allow"), Some("POST"));
        assert_eq!(answer.code(), "BAD_REQUEST");
    }
    let path = format!("/graphql?query={both}&operationName=B");
    assert_eq!(service.send(Request::new("GET", &path)).status, 200);
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = service.send(Request::new(method, "/graphql"));
        assert_eq!(answer.status, 405, "{method}");
        assert_eq!(answer.header("allow"), Some("GET, POST"), "{method}");
    }
    assert_eq!(service.task_count(), 0);
}

#[test]
fn nothing_is_answered_without_a_token() {
    let service = Service::new();
    let almost = format!("{}x", service.token);
    for value in [
        None,
        Some("Bearer".to_owned()),
        Some("Bearer ".to_owned()),
        Some(format!("Bearer {almost}")),
        Some(format!("Basic {}", service.token)),
        Some(service.token.clone()),
    ] {
        for method in ["POST", "GET", "PUT", "OPTIONS"] {
            let request = Request::new(method, "/graphql?query=%7B__typename%7D");
            let request = match &value {
                Some(value) => request.header("Authorization", value),
                None => request,
            };
            let answer = request.json("no JSON").send(service.address());
            assert_eq!(answer.status, 401, "{method} {value:?}");
            assert_eq!(answer.code(), "UNAUTHENTICATED");
            assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        }
    }
    let twice = Request::graphql(&service.token, "{ __typename }").token(&service.token);
    assert_eq!(twice.send(service.address()).status, 401);
    let lower = Request::new("POST", "/graphql")
        .header("authorization", &format!("bearer {}", service.token))
        .json(r#"{"query": "{ __typename }"}"#);
    assert_eq!(lower.send(service.address()).status, 200);
}

#[test]
fn without_a_token_the_body_is_not_even_read() {
    let service = Service::new();
    let request = Request::new("POST", "/graphql").header("Content-Type", "application/json");
    let mut stream = service.address().connect();
    let head = request.head(5_000_000);
    stream.write_all(head.as_bytes()).unwrap();
    // Not one byte of the body was sent.
    assert_eq!(read(stream).status, 401);
}

#[test]
fn who_is_still_sending_gets_the_answer_all_the_same() {
    let service = Service::new();
    let body = "x".repeat(5_000_000);
    let answer = Request::new("POST", "/graphql").json(&body).send(service.address());
    assert_eq!(answer.status, 401);
    let answer = service.post(&body);
    assert_eq!((answer.status, answer.code().as_str()), (413, "BAD_REQUEST"));
}

#[test]
fn a_body_without_an_announced_length_is_cut_off_too() {
    let service = Service::with(&["--max-body", "100"]);
    let head = format!(
        "POST /graphql HTTP/1.1\r\nHost: tomos\r\nConnection: close\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n",
        service.token
    );
    let mut stream = service.address().connect();
    stream.write_all(head.as_bytes()).unwrap();
    let chunk = format!("20\r\n{}\r\n", "x".repeat(32));
    stream.write_all(chunk.repeat(4).as_bytes()).unwrap();
    // The last chunk, of no bytes, never comes.
    assert_eq!(read(stream).status, 413);
    assert_eq!(service.query("{ __typename }").status, 200);
}

#[test]
fn a_client_that_is_too_slow_is_let_go() {
    let service = Service::with(&["--read-timeout", "1"]);
    let mut silent = service.address().connect();
    let mut half = service.address().connect();
    half.write_all(b"POST /graphql HTTP/1.1\r\nHo").unwrap();
    for stream in [&mut silent, &mut half] {
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        assert!(text.is_empty() || text.contains(" 408 "), "{text}");
    }
    let request = Request::new("POST", "/graphql").token(&service.token);
    let request = request.header("Content-Type", "application/json");
    let mut stream = service.address().connect();
    stream.write_all(request.head(10).as_bytes()).unwrap();
    stream.write_all(b"{").unwrap();
    let answer = read(stream);
    assert_eq!((answer.status, answer.code().as_str()), (408, "BAD_REQUEST"));
}

#[test]
fn a_request_that_takes_too_long_is_answered_and_its_write_is_not_cut() {
    let service = Service::with(&["--request-timeout", "1"]);
    let lock = crate::program::locked(&service.database, "tasks");
    let answer = service.query("mutation { createTask(input: {title: \"x\"}) { task { id } } }");
    assert_eq!((answer.status, answer.code().as_str()), (504, "TIMEOUT"));
    drop(lock);
    wait_until("the write is done", || service.task_count() == 1);
}

#[test]
fn the_zone_of_a_request_is_that_of_its_header_else_the_owners() {
    let service = Service::with(&["--time-zone", "Pacific/Chatham"]);
    let zone = |header: Option<&str>| {
        let request = Request::graphql(&service.token, "{ viewer { timeZone } }");
        let request = match header {
            Some(zone) => request.header("Time-Zone", zone),
            None => request,
        };
        request.send(service.address())
    };
    let named = |answer: &Answer| answer.json()["data"]["viewer"]["timeZone"].clone();
    assert_eq!(named(&zone(None)), "Pacific/Chatham");
    assert_eq!(named(&zone(Some("Asia/Kathmandu"))), "Asia/Kathmandu");
    for wrong in ["Mars/Base", "", "+02:00", "Australia/sydney; DROP"] {
        let answer = zone(Some(wrong));
        assert_eq!(answer.status, 400, "{wrong}");
        assert_eq!(answer.code(), "BAD_REQUEST", "{wrong}");
    }
}

#[test]
fn every_answer_has_an_id_and_is_kept_by_nobody() {
    let service = Service::new();
    let paths = ["/", "/graphiql", "/health/live", "/nothing", "/graphql"];
    for path in paths {
        let answer = service.address().get(path);
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert!(answer.header("x-request-id").is_some(), "{path}");
    }
    let answer = service.query("{ nothing }");
    let id = &answer.json()["errors"][0]["extensions"]["requestId"];
    assert_eq!(answer.header("x-request-id"), id.as_str());
}

#[test]
fn pages_of_strangers_are_given_no_leave_and_no_cookies() {
    let service = Service::new();
    for method in ["OPTIONS", "GET", "POST"] {
        for path in ["/graphql", "/graphiql", "/health/ready"] {
            let request = Request::new(method, path).header("Origin", "https://example.org");
            let request = request.header("Access-Control-Request-Method", "POST");
            let answer = service.send(request);
            assert_eq!(answer.header("access-control-allow-origin"), None);
            assert_eq!(answer.header("set-cookie"), None);
        }
    }
}

#[test]
fn the_service_says_whether_it_lives_and_whether_it_can_serve() {
    let service = Service::new();
    let status = |path: &str| service.address().get(path).status;
    assert_eq!((status("/health/live"), status("/health/ready")), (200, 200));
    let gate = crate::program::Gate::new(&service.database);
    gate.close();
    wait_until("it sees that the database is away", || status("/health/ready") == 503);
    assert_eq!(status("/health/live"), 200);
    // What needs no database is answered all the time.
    assert_eq!(service.query("{ __typename }").status, 200);
    let answer = service.query("{ tasks { totalCount } }");
    let status_and_code = (answer.status, answer.code());
    assert_eq!(status_and_code, (503, "UNAVAILABLE".to_owned()));
    assert_eq!(answer.header("retry-after"), Some("1"));
    gate.open();
    wait_until("it sees that the database is back", || status("/health/ready") == 200);
    assert_eq!(service.task_count(), 0);
}

#[test]
fn graphiql_is_shown_without_a_token_and_holds_none() {
    let service = Service::new();
    let root = service.address().get("/");
    assert_eq!(root.status, 307);
    assert_eq!(root.header("location"), Some("/graphiql"));
    let page = service.address().get("/graphiql");
    assert_eq!(page.status, 200);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("referrer-policy"), Some("no-referrer"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'self' "));
    assert!(!page.body.contains("tomos_"));
    // Whatever comes from elsewhere could read the token: it is pinned by hash.
    for line in page.body.lines().filter(|line| line.contains("https://")) {
        let (_, rest) = page.body.split_once(line).unwrap();
        assert!(rest.trim_start().starts_with("integrity=\"sha384-"), "{line}");
    }
    let script = service.address().get("/graphiql/start.js");
    assert_eq!(script.status, 200);
}
