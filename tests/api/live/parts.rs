//! Subscriptions over plain HTTP, as parts of one response.

use crate::database::TestDatabase;
use crate::http_client::Request;
use crate::program::{Program, new_token, printed, with};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpStream;

const ACCEPT: &str =
    "multipart/mixed;boundary=\"graphql\";subscriptionSpec=\"1.0\",application/json";

/// Reads a response that goes on: its head, then the texts of its chunks.
struct Reader(BufReader<TcpStream>);

impl Reader {
    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }

    fn head(&mut self) -> String {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            head += &self.line();
        }
        head
    }

    /// The next chunk of the body; nothing at its end.
    fn chunk(&mut self) -> Option<String> {
        let size = usize::from_str_radix(self.line().trim(), 16).unwrap();
        let mut text = vec![0; size + 2];
        std::io::Read::read_exact(&mut self.0, &mut text).unwrap();
        text.truncate(size);
        (size > 0).then(|| String::from_utf8(text).unwrap())
    }

    /// The next part that says something.
    fn part(&mut self) -> Value {
        loop {
            let chunk = self.chunk().unwrap();
            let (before, rest) =
                chunk.split_once("\r\nContent-Type: application/json\r\n\r\n").unwrap();
            assert!(before.is_empty() || before == "\r\n--graphql", "{chunk:?}");
            let json = rest.strip_suffix("--\r\n").unwrap_or(rest);
            let part: Value =
                serde_json::from_str(json.strip_suffix("\r\n--graphql").unwrap()).unwrap();
            if part != json!({}) {
                return part;
            }
        }
    }
}

#[test]
fn events_are_parts_until_the_token_ends() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "web"]);
    let program = Program::on(&database);
    let document = "subscription { changes { tasks { title } } }";
    let mut stream = program.address.connect();
    Request::graphql(&token, document).header("Accept", ACCEPT).write_to(&mut stream);
    let mut reader = Reader(BufReader::new(stream));
    let head = reader.head().to_ascii_lowercase();
    assert!(head.starts_with("http/1.1 200 "), "{head}");
    assert!(head.contains(
        "content-type: multipart/mixed;boundary=\"graphql\";subscriptionspec=\"1.0\"\r\n"
    ));
    let event = |tasks: Value| json!({"payload": {"data": {"changes": {"tasks": tasks}}}});
    assert_eq!(reader.part(), event(json!([])));
    let create = "mutation { createTask(input: {title: \"a\"}) { task { id } } }";
    assert_eq!(program.address.query(&token, create).status, 200);
    assert_eq!(reader.part(), event(json!([{"title": "a"}])));
    printed(&mut with(&database, &["token", "revoke", "web"]));
    let last = reader.part();
    assert_eq!(last["payload"], Value::Null);
    assert_eq!(last["errors"][0]["extensions"]["code"], "UNAUTHENTICATED");
    assert_eq!(reader.chunk(), None);
}

#[test]
fn an_idle_response_has_a_pulse_and_ends_with_the_service() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "web"]);
    let program = Program::on(&database);
    let document = "subscription { taskList { order } }";
    let mut stream = program.address.connect();
    Request::graphql(&token, document).header("Accept", ACCEPT).write_to(&mut stream);
    let mut reader = Reader(BufReader::new(stream));
    reader.head();
    assert_eq!(reader.part(), json!({"payload": {"data": {"taskList": {"order": []}}}}));
    let pulse = "\r\nContent-Type: application/json\r\n\r\n{}\r\n--graphql";
    assert_eq!(reader.chunk().as_deref(), Some(pulse));
    program.signal(rustix::process::Signal::TERM);
    let mut last = reader.chunk().unwrap();
    while last == pulse {
        last = reader.chunk().unwrap();
    }
    assert_eq!((last.as_str(), reader.chunk()), ("--\r\n", None));
}

#[test]
fn a_subscription_is_refused_where_it_cannot_be_answered() {
    let database = TestDatabase::new();
    let token = new_token(&database, &["--name", "web"]);
    let program = Program::on(&database);
    let ask = |accept: &str, document: &str| {
        let request = Request::graphql(&token, document).header("Accept", accept);
        let answer = request.send(&program.address);
        (answer.status, answer.code())
    };
    let live = "subscription { changes { cursor } }";
    assert_eq!(ask("application/json", live), (400, "BAD_REQUEST".to_owned()));
    let wrong = "subscription { changes { nothing } }";
    assert_eq!(
        ask(ACCEPT, wrong),
        (200, "VALIDATION_FAILED".to_owned()),
        "as the older type has it"
    );
    let parts = "multipart/mixed;subscriptionSpec=1.0";
    assert_eq!(ask(parts, wrong), (400, "VALIDATION_FAILED".to_owned()));
    let request = Request::graphql(&token, "{ __typename }").header("Accept", ACCEPT);
    assert_eq!(request.send(&program.address).json(), json!({"data": {"__typename": "Query"}}));
}
