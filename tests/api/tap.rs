//! A tap on the wire between the program and its database: it passes everything on, and notes what the
//! program sends and what the database remarks.

use std::collections::BTreeMap;
use std::os::unix::fs::DirBuilderExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::watch;

/// What the program sent, one message after the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Sent {
    /// A statement to prepare.
    Parse(String),
    /// A statement in the simple protocol.
    Query(String),
    /// Any other message, by the name of the protocol.
    Other(&'static str),
}

impl Sent {
    /// Whether the database has something to answer. A statement is let go at any time behind its answer.
    pub(crate) fn asks(&self) -> bool {
        !matches!(self, Self::Other("Close" | "Sync"))
    }
}

/// The tap: its URL leads to the same database.
pub(crate) struct Tap {
    pub(crate) url: String,
    directory: PathBuf,
    sent: Arc<Mutex<Vec<(Connection, Sent)>>>,
    remarks: Arc<Remarks>,
}

/// What the database says beside its answers.
#[derive(Default)]
struct Remarks {
    /// The texts of notices.
    notices: Mutex<Vec<String>>,
    /// How many questions it has not done with yet.
    open: watch::Sender<u32>,
    /// Whether it is a pooler's: notifications are kept from the program, and the database's connections stay
    /// open when the program has left them.
    pooled: bool,
    /// How many notifications were.
    unheard: AtomicU32,
    /// What the program has left.
    left: Mutex<Vec<OwnedWriteHalf>>,
}

/// The number of a connection.
type Connection = u32;

impl Tap {
    /// A tap before the database of a `postgresql://user@%2Fsocket%2Fdirectory/name`.
    pub(crate) fn before(url: &str) -> Self {
        Self::noting(url, Remarks::default())
    }

    /// One that lets no notifications through, and keeps its connections to the database, as a pooler.
    pub(crate) fn pooler(url: &str) -> Self {
        Self::noting(url, Remarks { pooled: true, ..Remarks::default() })
    }

    fn noting(url: &str, remarks: Remarks) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        // A process that was killed leaves its directories behind, and the numbers of processes come again.
        let directory = loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let name = format!("tomos-tap-{}-{number}", std::process::id());
            let directory = std::env::temp_dir().join(name);
            match std::fs::DirBuilder::new().mode(0o700).create(&directory) {
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                created => {
                    created.unwrap();
                    break directory;
                }
            }
        };
        let (user, rest) = url.split_once('@').unwrap();
        let (socket, name) = rest.split_once('/').unwrap();
        let server = PathBuf::from(socket.replace("%2F", "/")).join(SOCKET);
        let own = directory.join(SOCKET);
        let listener = UnixListener::bind(&own).unwrap();
        let (sent, remarks) = (Arc::default(), Arc::new(remarks));
        tokio::spawn(accept(listener, server, Arc::clone(&sent), Arc::clone(&remarks)));
        let own = directory.to_str().unwrap().replace('/', "%2F");
        Self { url: format!("{user}@{own}/{name}"), directory, sent, remarks }
    }

    /// What the database remarked since the last time. It may do so after its answer, but before it is
    /// ready for the next question.
    pub(crate) async fn take_notices(&self) -> Vec<String> {
        self.remarks.open.subscribe().wait_for(|open| *open == 0).await.unwrap();
        std::mem::take(&mut *self.remarks.notices.lock().unwrap())
    }

    /// How many notifications were kept from the program.
    pub(crate) fn unheard(&self) -> u32 {
        self.remarks.unheard.load(Ordering::Relaxed)
    }

    /// What was sent since the last time.
    pub(crate) fn take(&self) -> Vec<Sent> {
        let sent = std::mem::take(&mut *self.sent.lock().unwrap());
        sent.into_iter().map(|(_, sent)| sent).collect()
    }

    /// What was sent since the last time, for each connection by itself.
    pub(crate) fn take_by_connection(&self) -> BTreeMap<Connection, Vec<Sent>> {
        let mut by_connection: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (connection, sent) in std::mem::take(&mut *self.sent.lock().unwrap()) {
            by_connection.entry(connection).or_default().push(sent);
        }
        by_connection
    }
}

impl Drop for Tap {
    fn drop(&mut self) {
        // Its socket lies below the directory for temporary files, since a socket's path has to be short.
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

const SOCKET: &str = ".s.PGSQL.5432";

async fn accept(
    listener: UnixListener,
    server: PathBuf,
    sent: Arc<Mutex<Vec<(Connection, Sent)>>>,
    remarks: Arc<Remarks>,
) {
    let mut connection = 0;
    while let Ok((client, _)) = listener.accept().await {
        let Ok(server) = UnixStream::connect(&server).await else {
            continue;
        };
        let (answers, questions) = server.into_split();
        let (client_questions, client_answers) = client.into_split();
        tokio::spawn(pass_back(answers, client_answers, Arc::clone(&remarks)));
        connection += 1;
        let (sent, remarks, kept) = (Arc::clone(&sent), Arc::clone(&remarks), Arc::clone(&remarks));
        let begin = move || remarks.open.send_modify(|open| *open += 1);
        // Who connects waits until the database is ready, too.
        begin();
        let note = move |message| {
            if matches!(message, Sent::Query(_) | Sent::Other("Sync")) {
                begin();
            }
            sent.lock().unwrap().push((connection, message));
        };
        tokio::spawn(async move {
            let mut questions = questions;
            let _ = pass(client_questions, &mut questions, note, kept.pooled).await;
            if kept.pooled {
                kept.left.lock().unwrap().push(questions);
            }
        });
    }
}

async fn pass(
    mut from: OwnedReadHalf,
    to: &mut OwnedWriteHalf,
    note: impl Fn(Sent),
    pooled: bool,
) -> std::io::Result<()> {
    // The first message of a connection has no kind.
    let mut length = from.read_u32().await?;
    let mut kind = None;
    loop {
        let mut body = vec![0; usize::try_from(length).unwrap() - 4];
        from.read_exact(&mut body).await?;
        if pooled && kind == Some(b'X') {
            return Ok(());
        }
        if let Some(kind) = kind {
            note(read(kind, &body));
            to.write_u8(kind).await?;
        }
        to.write_u32(length).await?;
        to.write_all(&body).await?;
        kind = Some(from.read_u8().await?);
        length = from.read_u32().await?;
    }
}

async fn pass_back(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    remarks: Arc<Remarks>,
) -> std::io::Result<()> {
    loop {
        let kind = from.read_u8().await?;
        let length = from.read_u32().await?;
        let mut message = vec![kind];
        message.extend(length.to_be_bytes());
        message.resize(1 + usize::try_from(length).unwrap(), 0);
        from.read_exact(&mut message[5..]).await?;
        if kind == b'N' {
            // Fields that end in zero, each begun by its kind: M is the text.
            let text =
                message[5..].split(|byte| *byte == 0).find(|field| field.first() == Some(&b'M'));
            let text = String::from_utf8_lossy(&text.unwrap()[1..]).into_owned();
            remarks.notices.lock().unwrap().push(text);
        }
        if kind == b'A' && remarks.pooled {
            remarks.unheard.fetch_add(1, Ordering::Relaxed);
            continue;
        }
        if kind == b'Z' {
            remarks.open.send_modify(|open| *open -= 1);
        }
        to.write_all(&message).await?;
    }
}

fn read(kind: u8, body: &[u8]) -> Sent {
    let text = |part: usize| {
        let bytes = body.split(|byte| *byte == 0).nth(part).unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    };
    match kind {
        // The statement's name, then its text.
        b'P' => Sent::Parse(text(1)),
        b'Q' => Sent::Query(text(0)),
        b'B' => Sent::Other("Bind"),
        b'C' => Sent::Other("Close"),
        b'D' => Sent::Other("Describe"),
        b'E' => Sent::Other("Execute"),
        b'S' => Sent::Other("Sync"),
        b'X' => Sent::Other("Terminate"),
        _ => Sent::Other("another message"),
    }
}
