//! GraphQL over WebSocket, as `graphql-transport-ws` has it.

use super::PATIENCE;
use crate::database::TestDatabase;
use crate::http_client::{Address, Request};
use crate::migrations::client;
use crate::program::{Program, new_token, printed, with};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::io::{Read, Write};
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::ClientRequestBuilder;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

/// The program on a database, with a token that may do everything.
struct Service {
    database: TestDatabase,
    program: Program,
    token: String,
}

impl Service {
    fn new(arguments: &[&str]) -> Self {
        let database = TestDatabase::new();
        let token = new_token(&database, &["--name", "phone"]);
        let program = Program::serve(&mut with(&database, arguments));
        Self { database, program, token }
    }

    /// A socket on which nothing was said yet.
    async fn open(&self) -> Socket {
        Socket::open(&self.program.address, "/graphql", Some("graphql-transport-ws")).await
    }

    /// A socket that is signed in.
    async fn signed_in(&self) -> Socket {
        let mut socket = self.open().await;
        socket.sign_in(&self.token).await;
        socket
    }

    fn create(&self, title: &str) {
        let document =
            format!("mutation {{ createTask(input: {{title: \"{title}\"}}) {{ task {{ id }} }} }}");
        let answer = self.program.address.query(&self.token, &document);
        assert_eq!(answer.json().get("errors"), None, "{answer:?}");
    }
}

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(address: &Address, path: &str, protocol: Option<&str>) -> Self {
        let uri = format!("ws://{}{path}", address.0).parse().unwrap();
        let mut request = ClientRequestBuilder::new(uri);
        if let Some(protocol) = protocol {
            request = request.with_sub_protocol(protocol);
        }
        let config = WebSocketConfig::default().read_buffer_size(4096);
        let opening =
            tokio_tungstenite::connect_async_with_config(request, Some(config), true).await;
        Self(opening.unwrap().0)
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn sign_in(&mut self, token: &str) {
        let payload = json!({ "Authorization": format!("Bearer {token}") });
        self.say(json!({"type": "connection_init", "payload": payload})).await;
        assert_eq!(self.hear().await, json!({"type": "connection_ack"}));
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({"id": id, "type": "subscribe", "payload": {"query": query}})).await;
    }

    /// The next message.
    async fn hear(&mut self) -> Value {
        loop {
            let heard = timeout(PATIENCE, self.0.next()).await.expect("a message");
            match heard.unwrap().unwrap() {
                Message::Text(text) => return serde_json::from_str(&text).unwrap(),
                Message::Ping(_) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The code with which the socket is closed, after whatever else.
    async fn closed(&mut self) -> u16 {
        self.goodbye().await.0
    }

    /// That code, and why.
    async fn goodbye(&mut self) -> (u16, String) {
        loop {
            let heard = timeout(PATIENCE, self.0.next()).await.expect("a close");
            if let Message::Close(frame) = heard.unwrap().unwrap() {
                let frame = frame.unwrap();
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }
}

const CHANGES: &str = "subscription { changes { tasks { title } } }";

#[tokio::test(flavor = "multi_thread")]
async fn queries_mutations_and_subscriptions_go_over_one_socket() {
    let service = Service::new(&[]);
    let mut socket = service.signed_in().await;
    socket.say(json!({"type": "ping", "payload": {"a": 1}})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong", "payload": {"a": 1}}));
    socket.subscribe("s", CHANGES).await;
    let next = |id: &str, data: Value| json!({"id": id, "type": "next", "payload": {"data": data}});
    let event = |titles: &[&str]| {
        let tasks: Vec<_> = titles.iter().map(|title| json!({ "title": title })).collect();
        next("s", json!({"changes": {"tasks": tasks}}))
    };
    assert_eq!(socket.hear().await, event(&[]));
    let create = "mutation { createTask(input: {title: \"a\"}) { task { title } } }";
    socket.subscribe("m", create).await;
    let mut heard = vec![socket.hear().await, socket.hear().await, socket.hear().await];
    // The subscription may hear of it first, or last.
    heard.sort_by_key(|message| message["id"] == "s");
    let created = next("m", json!({"createTask": {"task": {"title": "a"}}}));
    assert_eq!(heard, [created, json!({"id": "m", "type": "complete"}), event(&["a"])]);
    // The id is free again, also for another document.
    let query = json!({"id": "m", "type": "subscribe", "payload": {
        "query": "query A($s: String) { a: __typename viewer { timeZone } tasks(filter: {title: {eq: $s}}) { totalCount } } query B { b: __typename }",
        "operationName": "A", "variables": {"s": "a"}, "extensions": {} }});
    socket.say(query).await;
    let data = json!({"a": "Query", "viewer": {"timeZone": "UTC"}, "tasks": {"totalCount": 1}});
    assert_eq!(socket.hear().await, next("m", data));
    assert_eq!(socket.hear().await, json!({"id": "m", "type": "complete"}));
    // What is ended is heard no more.
    socket.say(json!({"id": "s", "type": "complete"})).await;
    socket.subscribe("s", "{ __typename }").await;
    service.create("b");
    assert_eq!(socket.hear().await, next("s", json!({"__typename": "Query"})));
    assert_eq!(socket.hear().await, json!({"id": "s", "type": "complete"}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_goodbye_is_answered() {
    let service = Service::new(&[]);
    let mut socket = service.signed_in().await;
    socket.0.close(None).await.unwrap();
    while let Some(message) = timeout(PATIENCE, socket.0.next()).await.expect("an end") {
        message.expect("no end without a goodbye");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_an_error_of_its_operation() {
    let service = Service::new(&["--max-operations", "2"]);
    let reader = new_token(&service.database, &["--name", "reader", "--scope", "read"]);
    let mut socket = service.open().await;
    // It begins to work when the program has seen it.
    crate::embedded::wait_until("the token works", || {
        service.program.address.query(&reader, "{ __typename }").status == 200
    });
    socket.sign_in(&reader).await;
    for (document, code) in [
        ("mutation { createTask(input: {title: \"x\"}) { task { id } } }", "FORBIDDEN"),
        ("{ nothing }", "VALIDATION_FAILED"),
        ("{", "BAD_REQUEST"),
        ("subscription { changes(since: \"x\") { cursor } }", "BAD_REQUEST"),
        ("subscription { taskList(first: 1000) { totalCount } }", "BAD_REQUEST"),
    ] {
        socket.subscribe("1", document).await;
        let heard = socket.hear().await;
        assert_eq!((&heard["type"], &heard["id"]), (&json!("error"), &json!("1")), "{heard}");
        assert_eq!(heard["payload"][0]["extensions"]["code"], code, "{heard}");
    }
    for id in ["1", "2"] {
        socket.subscribe(id, CHANGES).await;
        assert_eq!(socket.hear().await["type"], "next");
    }
    socket.subscribe("3", CHANGES).await;
    let heard = socket.hear().await;
    assert_eq!((&heard["type"], &heard["id"]), (&json!("error"), &json!("3")));
    let message = heard["payload"][0]["message"].as_str().unwrap();
    assert!(message.starts_with("a socket carries 2 operations at once"), "{message}");
    // The others go on.
    socket.say(json!({"id": "1", "type": "complete"})).await;
    service.create("a");
    let heard = socket.hear().await;
    assert_eq!((&heard["type"], &heard["id"]), (&json!("next"), &json!("2")));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_breaks_the_protocol_is_told_by_the_code_of_the_close() {
    let service = Service::new(&["--max-body", "2000"]);
    let init = |token: &str, zone: &str| {
        let payload = json!({"authorization": format!("Bearer {token}"), "time-zone": zone});
        json!({"type": "connection_init", "payload": payload})
    };
    let good = || init(&service.token, "Australia/Sydney");
    let subscribe =
        |id: &str| json!({"id": id, "type": "subscribe", "payload": {"query": CHANGES}});
    let cases = [
        (vec![init("tomos_x", "UTC")], 4401),
        (vec![json!({"type": "connection_init"})], 4401),
        (vec![json!({"type": "connection_init", "payload": {"Authorization": 1}})], 4401),
        (vec![subscribe("1")], 4401),
        (vec![init(&service.token, "Mars/Base")], 4400),
        (vec![good(), good()], 4429),
        (vec![good(), subscribe("1"), subscribe("1")], 4409),
        (vec![good(), json!({"type": "nonsense"})], 4400),
        (vec![good(), json!({"type": "subscribe", "id": "1"})], 4400),
        (vec![good(), json!({"type": "subscribe", "id": "1", "payload": {}})], 4400),
        (vec![good(), json!({"type": "subscribe", "id": 1, "payload": {"query": "{ a }"}})], 4400),
        (vec![json!([])], 4400),
    ];
    for (messages, code) in cases {
        let mut socket = service.open().await;
        for message in &messages {
            socket.say(message.clone()).await;
        }
        assert_eq!(socket.closed().await, code, "{messages:?}");
    }
    let mut socket = Socket::open(&service.program.address, "/graphql/ws", None).await;
    assert_eq!(socket.closed().await, 4406);
    let mut socket = service.signed_in().await;
    socket.0.send(Message::binary(b"{}".to_vec())).await.unwrap();
    assert_eq!(socket.closed().await, 4400);
    let mut socket = service.signed_in().await;
    socket.say(json!(5)).await;
    let (code, reason) = socket.goodbye().await;
    assert!(reason.contains("expected a message of graphql-transport-ws"), "{reason}");
    assert_eq!(code, 4400);
    let mut socket = service.signed_in().await;
    let not_utf_8 = Frame::message(vec![b'"', 0xFF, b'"'], OpCode::Data(Data::Text), true);
    socket.0.send(Message::Frame(not_utf_8)).await.unwrap();
    assert_eq!(socket.closed().await, 1002);
    let mut socket = service.signed_in().await;
    let _ = socket.0.send(Message::text(" ".repeat(4000))).await;
    while let Some(Ok(message)) = timeout(PATIENCE, socket.0.next()).await.expect("an end") {
        assert!(message.is_close(), "{message:?}");
    }
    let request = Request::new("GET", "/graphql/ws").token(&service.token);
    assert_eq!(request.send(&service.program.address).status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_sign_in_or_answer_is_let_go() {
    let service = Service::new(&["--read-timeout", "1"]);
    let mut socket = service.open().await;
    assert_eq!(socket.closed().await, 4408);
    // A client that is gone without a word: it answers no ping.
    let mut stream = service.program.address.connect();
    let key = "dGhlIHNhbXBsZSBub25jZQ==";
    write!(
        stream,
        "GET /graphql HTTP/1.1\r\nHost: tomos\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\
        Sec-WebSocket-Protocol: graphql-transport-ws\r\nAuthorization: Bearer {}\r\n\r\n",
        service.token
    )
    .unwrap();
    // The headers sign in too, so the first message may be bare; its mask is zero.
    let init = br#"{"type":"connection_init"}"#;
    stream.write_all(&[0x81, 0x80 | u8::try_from(init.len()).unwrap(), 0, 0, 0, 0]).unwrap();
    stream.write_all(init).unwrap();
    let mut all = Vec::new();
    stream.read_to_end(&mut all).unwrap();
    let text = String::from_utf8_lossy(&all);
    assert!(text.contains(r#"{"type":"connection_ack"}"#), "{text}");
    assert!(text.ends_with("No answer to a ping"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_of_a_revoked_token_are_closed() {
    let service = Service::new(&[]);
    let mut idle = service.signed_in().await;
    let mut busy = service.signed_in().await;
    busy.subscribe("1", CHANGES).await;
    assert_eq!(busy.hear().await["type"], "next");
    printed(&mut with(&service.database, &["token", "revoke", "phone"]));
    assert_eq!((idle.closed().await, busy.closed().await), (4401, 4401));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_service_is_told_and_not_waited_for() {
    let service = Service::new(&[]);
    let mut socket = service.signed_in().await;
    socket.subscribe("1", CHANGES).await;
    assert_eq!(socket.hear().await["type"], "next");
    service.program.signal(rustix::process::Signal::TERM);
    assert_eq!(socket.closed().await, 1001);
    let mut program = service.program;
    let ended = tokio::task::spawn_blocking(move || program.end()).await.unwrap();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(!ended.error.contains("cut off"), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_reads_slowly_delays_nobody() {
    const EVENTS: usize = 40;
    let service = Service::new(&[]);
    let document = "subscription { changes { tasks { title description } } }";
    let mut slow = service.signed_in().await;
    slow.subscribe("1", document).await;
    let mut quick = service.signed_in().await;
    quick.subscribe("1", document).await;
    assert_eq!(quick.hear().await["payload"]["data"]["changes"]["tasks"], json!([]));
    let sql = client(&service.database.url).await;
    // More than the buffers between the two hold, one event after the other.
    for number in 0..EVENTS {
        let insert = format!(
            "INSERT INTO tasks (id, title, description) VALUES (gen_random_uuid(), '{number}', repeat('x', 400000))"
        );
        sql.batch_execute(&insert).await.unwrap();
        let heard = quick.hear().await;
        assert_eq!(heard["payload"]["data"]["changes"]["tasks"][0]["title"], number.to_string());
    }
    // Whoever was slow hears all of it, each once; what gathered meanwhile comes together.
    let mut titles: Vec<usize> = Vec::new();
    while titles.len() < EVENTS {
        let heard = slow.hear().await;
        let tasks = heard["payload"]["data"]["changes"]["tasks"].as_array().unwrap().clone();
        titles.extend(
            tasks.iter().map(|task| task["title"].as_str().unwrap().parse::<usize>().unwrap()),
        );
    }
    titles.sort_unstable();
    assert_eq!(titles, (0..EVENTS).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_subscribers_cost_one_connection_to_the_database() {
    let many = if std::env::var_os("TOMOS_FULL").is_some() { 1000 } else { 200 };
    let service = Service::new(&[]);
    let sql = client(&service.database.url).await;
    let connections = "SELECT count(*) FILTER (WHERE application_name = 'tomos listener') || ' of ' || count(*)
        FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'tomos%'";
    let memory = || {
        let path = format!("/proc/{}/statm", service.program.child.id());
        let pages = std::fs::read_to_string(path).ok()?;
        pages.split(' ').nth(1)?.parse::<usize>().ok().map(|pages| pages * 4)
    };
    // One of each has warmed up what all share.
    let mut sockets = Vec::new();
    let mut before = None;
    for number in 0..many {
        let mut socket = service.signed_in().await;
        socket.subscribe("1", CHANGES).await;
        assert_eq!(socket.hear().await["type"], "next");
        sockets.push(socket);
        if number == 20 {
            before = memory();
        }
    }
    if let (Some(before), Some(after)) = (before, memory()) {
        eprintln!("{many} subscribers: {} kB each", after.saturating_sub(before) / (many - 21));
    }
    for round in ["first", "second"] {
        let hearing: Vec<_> = sockets
            .drain(..)
            .map(|mut socket| {
                tokio::spawn(async move {
                    let heard = socket.hear().await;
                    (socket, heard, Instant::now())
                })
            })
            .collect();
        let begin = Instant::now();
        let insert = format!("INSERT INTO tasks (id, title) VALUES (gen_random_uuid(), '{round}')");
        sql.batch_execute(&insert).await.unwrap();
        let mut times = Vec::new();
        for hearing in hearing {
            let (socket, heard, at) = hearing.await.unwrap();
            let expected = json!({"changes": {"tasks": [{"title": round}]}});
            assert_eq!(heard["payload"]["data"], expected);
            times.push(at - begin);
            sockets.push(socket);
        }
        times.sort();
        eprintln!("{round}: p50 {:?}, p99 {:?}", times[many / 2], times[many * 99 / 100]);
    }
    // The listener, the one of tokens and settings, upkeep's that comes and goes, and the pool's as far
    // as requests that ran at once have used it.
    let counted: String = sql.query_one(connections, &[]).await.unwrap().get(0);
    let (listeners, all) = counted.split_once(" of ").unwrap();
    assert_eq!(listeners, "1");
    assert!(all.parse::<u32>().unwrap() <= 7, "{counted}");
}
