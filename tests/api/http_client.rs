//! A client of HTTP that sends what it is told, right or wrong, and reads the one answer.

use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A host and its port.
#[derive(Clone, Debug)]
pub(crate) struct Address(pub(crate) String);

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(it, _)| it == name);
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "{name} comes twice: {self:?}");
        Some(value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of the first error.
    pub(crate) fn code(&self) -> String {
        let code = &self.json()["errors"][0]["extensions"]["code"];
        code.as_str().unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}

/// A request to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    method: String,
    path: String,
    headers: Vec<String>,
    body: Vec<u8>,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// A GraphQL request as most clients send it.
    pub(crate) fn graphql(token: &str, document: &str) -> Self {
        let body = serde_json::json!({ "query": document });
        Self::new("POST", "/graphql").token(token).json(&body.to_string())
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(format!("{name}: {value}"));
        self
    }

    pub(crate) fn token(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn json(self, body: &str) -> Self {
        self.header("Content-Type", "application/json").body(body)
    }

    pub(crate) fn body(mut self, body: &str) -> Self {
        self.body = body.as_bytes().to_vec();
        self
    }

    /// The head, of a body of some length.
    pub(crate) fn head(&self, length: usize) -> String {
        let mut lines = vec![
            format!("{} {} HTTP/1.1", self.method, self.path),
            "Host: tomos".to_owned(),
            "Connection: close".to_owned(),
            format!("Content-Length: {length}"),
        ];
        lines.extend_from_slice(&self.headers);
        lines.join("\r\n") + "\r\n\r\n"
    }

    /// Sends it, and leaves the answer to be read.
    pub(crate) fn write_to(&self, stream: &mut TcpStream) {
        let head = self.head(self.body.len());
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(&self.body).unwrap();
    }

    /// Sends it and reads the answer.
    pub(crate) fn send(&self, to: &Address) -> Answer {
        let mut stream = to.connect();
        self.write_to(&mut stream);
        read(stream)
    }
}

impl Address {
    /// A connection; reading from it fails where nothing comes for long.
    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.0).unwrap();
        let patience = Some(Duration::from_mins(1));
        stream.set_read_timeout(patience).unwrap();
        stream.set_write_timeout(patience).unwrap();
        stream
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        Request::new("GET", path).send(self)
    }

    /// The answer to a document.
    pub(crate) fn query(&self, token: &str, document: &str) -> Answer {
        Request::graphql(token, document).send(self)
    }
}

/// Reads the one answer that a connection brings until it ends.
pub(crate) fn read(mut stream: TcpStream) -> Answer {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap();
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap();
        (name.to_ascii_lowercase(), value.trim().to_owned())
    });
    Answer { status: status.parse().unwrap(), headers: headers.collect(), body: body.to_owned() }
}
