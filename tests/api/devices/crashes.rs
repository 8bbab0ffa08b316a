//! Runs in which the service and the database are killed, before requests and in the middle of them.

use super::net::Service;
use super::purge::dig;
use super::{Failed, Run, given_seed};
use crate::database::TestDatabase;
use crate::embedded::DataDir;
use crate::http_client::Request;
use crate::oracle::world::Dice;
use crate::program::{Program, new_token, tomos};
use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tokio_postgres::{Client, NoTls};

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Victim {
    Service,
    Database,
}

/// The built program, started again whenever it was killed.
struct Mortal<'a> {
    start: Box<dyn Fn() -> Program + 'a>,
    program: RefCell<Program>,
    token: String,
    /// The directory of its own database, where it has one.
    directory: Option<&'a DataDir>,
    dice: RefCell<Dice>,
    /// Whether nothing is killed any more.
    calm: Cell<bool>,
    /// Whether the last request was answered.
    answers: Cell<bool>,
    killed: RefCell<Vec<Victim>>,
    begun: Instant,
}

impl<'a> Mortal<'a> {
    fn new(
        start: impl Fn() -> Program + 'a,
        token: String,
        directory: Option<&'a DataDir>,
        seed: u64,
    ) -> Self {
        Self {
            program: RefCell::new(start()),
            start: Box::new(start),
            token,
            directory,
            dice: RefCell::new(Dice(!seed)),
            calm: Cell::new(false),
            answers: Cell::new(false),
            killed: RefCell::default(),
            begun: Instant::now(),
        }
    }

    /// Who is to be killed with this request, and how long after it began.
    fn fate(&self) -> Option<(Victim, Duration)> {
        let mut dice = self.dice.borrow_mut();
        // A database that is away has no process that could be killed.
        if self.calm.get() || !self.answers.get() || !dice.one_in(8) {
            return None;
        }
        let own = self.directory.is_some() && dice.one_in(3);
        let victim = if own { Victim::Database } else { Victim::Service };
        let most = dice.pick(&[1, 3_000, 30_000]);
        Some((victim, Duration::from_micros(dice.below(most).try_into().unwrap())))
    }

    fn pid(&self, victim: Victim) -> Pid {
        match (victim, self.directory) {
            (Victim::Database, Some(directory)) => {
                Pid::from_raw(directory.postmaster().cast_signed()).unwrap()
            }
            _ => self.program.borrow().pid(),
        }
    }

    /// The answer, as far as it came.
    fn request(&self, body: &str) -> Option<Value> {
        let request = Request::new("POST", "/graphql").token(&self.token);
        let head = request.header("Content-Type", "application/json").head(body.len());
        let mut stream = TcpStream::connect(&self.program.borrow().address.0).ok()?;
        stream.set_read_timeout(Some(Duration::from_mins(1))).unwrap();
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
        let mut text = String::new();
        stream.read_to_string(&mut text).ok()?;
        let (_, answer) = text.split_once("\r\n\r\n")?;
        serde_json::from_str(answer).ok()
    }
}

impl Service for Mortal<'_> {
    async fn ask(&self, document: &str, variables: Value) -> Option<Value> {
        assert!(self.begun.elapsed() < Duration::from_mins(3), "it never comes to rest");
        let body = json!({"query": document, "variables": variables}).to_string();
        let fate = self.fate().map(|(victim, after)| (victim, self.pid(victim), after));
        let answer = std::thread::scope(|scope| {
            if let Some((_, pid, after)) = fate {
                scope.spawn(move || {
                    std::thread::sleep(after);
                    // A database's last connection may answer for a moment when its server is gone.
                    let killed = kill_process(pid, Signal::KILL);
                    assert!(matches!(killed, Ok(()) | Err(Errno::SRCH)), "{killed:?}");
                });
            }
            self.request(&body)
        });
        if let Some((victim, ..)) = fate {
            self.killed.borrow_mut().push(victim);
            if victim == Victim::Service {
                // The old one is waited for, and the new one takes its own time to be there.
                drop(self.program.replace((self.start)()));
            }
        }
        let answer = answer.filter(|answer| {
            let code = &answer["errors"][0]["extensions"]["code"];
            if !(code.is_null() || code == "UNAVAILABLE" || code == "TIMEOUT") {
                let mut program = self.program.borrow_mut();
                program.child.kill().unwrap();
                panic!("{answer}: {:?}", program.end().error);
            }
            code.is_null()
        });
        self.answers.set(answer.is_some() && fate.is_none());
        if answer.is_none() {
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(answer?["data"].take())
    }
}

/// A connection to the database, which may just have been the last to be killed.
async fn reached(url: &str) -> Client {
    loop {
        if let Ok((client, connection)) = tokio_postgres::connect(url, NoTls).await {
            tokio::spawn(connection);
            return client;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A run on the program; `url` is its database.
fn run(service: &Mortal<'_>, url: &str, seed: u64) {
    let failed = Failed(seed);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        dig(&reached(url).await).await;
        let mut run = Run::new(service, seed, false);
        run.begin().await;
        for _ in 0..60 {
            let sent = run.act();
            if run.dice.one_in(12) {
                run.ledger.purges(true);
                // What of it came to be is seen in the end.
                let _ = reached(url).await.execute("SELECT purge_trash(now(), 500)", &[]).await;
            }
            run.exchange(sent.into_iter().collect()).await;
        }
        run.come_to_rest().await;
        service.calm.set(true);
        let client = reached(url).await;
        run.check(&client).await;
    });
    drop(failed);
}

fn seeds(full: u64, usual: u64) -> std::ops::Range<u64> {
    let full = std::env::var_os("TOMOS_FULL").is_some().then_some(full);
    given_seed().map_or(0..full.unwrap_or(usual), |seed| seed..seed + 1)
}

#[test]
fn devices_come_through_when_the_service_is_killed_again_and_again() {
    let mut killed = Vec::new();
    for seed in seeds(40, 2) {
        let database = TestDatabase::new();
        let token = new_token(&database, &["--name", "devices"]);
        let service = Mortal::new(|| Program::on(&database), token, None, seed);
        run(&service, &database.url, seed);
        killed.extend(service.killed.take());
    }
    assert!(killed.contains(&Victim::Service));
}

#[test]
fn devices_come_through_when_the_database_is_killed_too() {
    let mut killed = Vec::new();
    for seed in seeds(12, 1) {
        let directory = DataDir::with_cluster("devices");
        let data_dir = directory.0.to_str().unwrap();
        let start = || Program::serve(&mut tomos(&["--data-dir", data_dir]));
        let first = start();
        let token = std::fs::read_to_string(directory.0.join("token")).unwrap();
        drop(first);
        let service = Mortal::new(start, token.trim().to_owned(), Some(&directory), seed);
        run(&service, &directory.url(), seed);
        killed.extend(service.killed.take());
    }
    assert!(killed.contains(&Victim::Database));
}
