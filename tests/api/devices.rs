//! Devices that are offline most of the time: whatever the network, the service and the database do, all end in
//! the same state, with everything that was acknowledged there once.
//!
//! `TOMOS_DEVICES_SEED=n` repeats the run of a seed that failed; `TOMOS_FULL=1` runs many more.

mod action;
mod crashes;
mod device;
mod fields;
mod ledger;
mod net;
mod online;
mod purge;
mod slow;

use crate::app::{App, NOW};
use crate::migrations::client;
use crate::oracle::world::Dice;
use action::{Names, Operation, create, roll};
use chrono::{DateTime, TimeDelta, Utc};
use device::{Device, Kind, Queued};
use futures_util::future::join_all;
use ledger::{Ledger, Outcomes};
use net::{Service, alone, batch, page, push};
use purge::Sexton;
use serde_json::{Value, json};
use slow::Slow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio_postgres::Client;

/// A request as it was sent.
#[derive(Clone, Debug)]
enum Sent {
    /// Some operations of a device's queue: the first ones, or the first as a mutation of its own.
    Push {
        device: usize,
        operations: Vec<Operation>,
        atomic: bool,
        alone: bool,
    },
    Page {
        device: usize,
        first: u64,
    },
    /// Something that is only done online.
    Batch(Operation),
    /// A push that was answered long ago, and arrives once more.
    Late {
        operations: Vec<Operation>,
        atomic: bool,
    },
}

/// What the network does to a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Weather {
    Fair,
    RequestLost,
    AnswerLost,
}

/// One run: some devices, and what went between them and the service.
struct Run<'a, S> {
    service: &'a S,
    dice: Dice,
    names: Names,
    devices: Vec<Device>,
    ledger: Ledger,
    /// Pushes that may arrive again.
    old: Vec<(Vec<Operation>, bool)>,
    /// Batches that are sent until they are answered.
    batches: Vec<Operation>,
}

impl<'a, S: Service> Run<'a, S> {
    fn new(service: &'a S, seed: u64, strict: bool) -> Self {
        let mut dice = Dice(seed);
        let devices = (0..2 + dice.below(2)).map(|_| Device::default()).collect();
        Self {
            service,
            dice,
            names: Names::default(),
            devices,
            ledger: Ledger::new(strict),
            old: Vec::new(),
            batches: Vec::new(),
        }
    }

    /// A few records that all devices know, so that they come to change the same.
    async fn begin(&mut self) {
        for kind in [Kind::Task, Kind::Task, Kind::Task, Kind::Project, Kind::Tag] {
            let device = &mut self.devices[0];
            let made = device.made();
            let operation = create(&mut self.dice, &mut self.names, kind, &device.copy, &made);
            device.queue.push(Queued { operation, sent: false });
        }
        while let Some(sent) = self.some_of_queue(0) {
            self.exchange(vec![sent]).await;
        }
        self.pull().await;
    }

    /// Something that one of the devices does; a request where it sends one.
    fn act(&mut self) -> Option<Sent> {
        let number = self.dice.below(self.devices.len());
        match self.dice.below(26) {
            0..8 => {
                for _ in 0..=self.dice.below(3) {
                    self.edit(number);
                }
                None
            }
            8..16 => self.some_of_queue(number),
            16..21 => {
                let first = self.dice.pick(&[1, 2, 5, 500]);
                Some(Sent::Page { device: number, first })
            }
            21..24 => Some(Sent::Batch(self.batch(number)?)),
            24 if !self.old.is_empty() => {
                let (operations, atomic) = self.dice.pick(&self.old);
                Some(Sent::Late { operations, atomic })
            }
            _ => {
                if self.dice.one_in(4) {
                    self.devices[number].begin_anew();
                }
                None
            }
        }
    }

    fn edit(&mut self, number: usize) {
        let device = &mut self.devices[number];
        let made = device.made();
        let rolled = roll(&mut self.dice, &mut self.names, &device.copy, &made);
        device.queue.extend(rolled.map(|operation| Queued { operation, sent: false }));
    }

    /// The beginning of a queue, or one operation by itself.
    fn some_of_queue(&mut self, number: usize) -> Option<Sent> {
        let device = &mut self.devices[number];
        if device.queue.is_empty() {
            return None;
        }
        let alone = self.dice.one_in(4);
        let most = device.queue.len();
        let count = match self.dice.below(3) {
            _ if alone => 1,
            0 => 1 + self.dice.below(most),
            _ => most,
        };
        let mut operations = Vec::new();
        for queued in &mut device.queue[..count] {
            queued.sent = true;
            operations.push(queued.operation.clone());
        }
        let atomic = !alone && self.dice.one_in(5);
        if !alone {
            self.old.push((operations.clone(), atomic));
        }
        Some(Sent::Push { device: number, operations, atomic, alone })
    }

    /// Something that is only done online; sent again where it was not answered.
    fn batch(&mut self, number: usize) -> Option<Operation> {
        if let Some(again) = self.batches.last().filter(|_| self.dice.one_in(2)) {
            return Some(again.clone());
        }
        let copy = &self.devices[number].copy;
        let operation = online::roll(&mut self.dice, &mut self.names, copy)?;
        self.batches.push(operation.clone());
        Some(operation)
    }

    fn weather(&mut self) -> Weather {
        match self.dice.below(8) {
            0 => Weather::RequestLost,
            1 => Weather::AnswerLost,
            _ => Weather::Fair,
        }
    }

    /// The answer of the service, whoever hears it.
    async fn send(&self, sent: &Sent) -> Option<Value> {
        match sent {
            Sent::Push { operations, alone: true, .. } => alone(self.service, &operations[0]).await,
            Sent::Push { operations, atomic, .. } | Sent::Late { operations, atomic } => {
                push(self.service, operations, *atomic).await
            }
            Sent::Batch(operation) => batch(self.service, operation).await,
            Sent::Page { device, first } => {
                page(self.service, &self.devices[*device].cursor, *first).await
            }
        }
    }

    /// What the ledger and the device make of it; says whether a page has more behind it.
    fn settle(&mut self, sent: &Sent, answer: Option<&Value>, weather: Weather) -> bool {
        match sent {
            Sent::Push { operations, atomic, .. } | Sent::Late { operations, atomic } => {
                self.ledger.heard(operations, *atomic, answer);
            }
            Sent::Batch(operation) => match answer {
                // A task of it may be in the trash: then nothing of it is done.
                Some(payload) if payload["userErrors"] != json!([]) => {}
                Some(payload) => self.ledger.follow_batch(operation, payload),
                None => self.ledger.heard(std::slice::from_ref(operation), false, None),
            },
            Sent::Page { .. } => {}
        }
        if weather == Weather::AnswerLost {
            return true;
        }
        match (sent, answer) {
            (Sent::Push { device, .. }, Some(results)) => {
                self.devices[*device].acknowledge(results.as_array().unwrap());
                false
            }
            (Sent::Page { device, first }, Some(page)) => {
                self.devices[*device].take_page(page, *first)
            }
            _ => true,
        }
    }

    /// Sends some requests at once; a device waits for one answer before it asks again.
    async fn exchange(&mut self, requests: Vec<Sent>) {
        let (mut on_the_way, mut waiting) = (Vec::new(), BTreeSet::new());
        for sent in requests {
            let weather = self.weather();
            let goes = match sent {
                Sent::Push { device, .. } | Sent::Page { device, .. } => waiting.insert(device),
                _ => true,
            };
            if goes && weather != Weather::RequestLost {
                on_the_way.push((sent, weather));
            }
        }
        let heard = join_all(on_the_way.iter().map(|(sent, _)| self.send(sent))).await;
        for ((sent, weather), heard) in on_the_way.iter().zip(heard) {
            self.settle(sent, heard.as_ref(), *weather);
        }
    }

    /// All queues are sent, however often, and all that changed is fetched.
    async fn come_to_rest(&mut self) {
        for number in 0..self.devices.len() {
            while let Some(sent) = self.some_of_queue(number) {
                self.exchange(vec![sent]).await;
            }
        }
        self.pull().await;
    }

    /// All devices fetch what changed.
    async fn pull(&mut self) {
        for device in 0..self.devices.len() {
            let first = self.dice.pick(&[3, 20, 500]);
            let sent = Sent::Page { device, first };
            loop {
                let heard = self.send(&sent).await;
                let weather = self.weather();
                if !self.settle(&sent, heard.as_ref(), weather) {
                    break;
                }
            }
        }
    }

    /// Whether all know the same, and what they know is what there is.
    async fn check(&mut self, client: &Client) {
        self.devices.push(Device::default());
        let (fresh, first) = (self.devices.len() - 1, 500);
        let sent = Sent::Page { device: fresh, first };
        loop {
            let heard = self.send(&sent).await;
            if !self.settle(&sent, heard.as_ref(), Weather::Fair) {
                break;
            }
        }
        let fresh = self.devices.pop().unwrap().copy.shown();
        let sql = "SELECT 'task ' || id || ' ' || version FROM tasks WHERE deleted_at IS NULL
            UNION ALL SELECT 'project ' || id || ' ' || version FROM projects WHERE deleted_at IS NULL
            UNION ALL SELECT 'tag ' || id || ' ' || version FROM tags WHERE deleted_at IS NULL";
        let rows = client.query(sql, &[]).await.unwrap();
        let mut there: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let known = fresh
            .iter()
            .map(|((kind, id), record)| format!("{} {id} {}", kind.field(), record["version"]));
        let mut known: Vec<_> = known.collect();
        there.sort();
        known.sort();
        assert_eq!(known, there, "a first load");
        for (number, device) in self.devices.iter().enumerate() {
            let shown = device.copy.shown();
            for key in shown.keys().chain(fresh.keys()) {
                assert_eq!(shown.get(key), fresh.get(key), "{key:?} on device {number}");
            }
        }
        self.ledger.check(client).await;
    }
}

/// The run of a seed, on a database that may hold what is left of another. Every fourth has requests that
/// meet on the way.
async fn run(
    app: &App,
    client: &Client,
    (slow, sexton): (&mut Slow, &mut Sexton),
    seed: u64,
) -> Outcomes {
    let empty = "TRUNCATE tasks, projects, tags, task_tags, search_documents, changes, outcomes, external_refs, graves CASCADE";
    client.batch_execute(empty).await.unwrap();
    let start: DateTime<Utc> = NOW.parse().unwrap();
    let strict = !seed.is_multiple_of(4);
    let (steps, at_once) = if strict { (30, 1) } else { (12, 3) };
    let mut run = Run::new(app, seed, strict);
    run.begin().await;
    for step in 0..steps {
        app.clock.set(start + TimeDelta::seconds(step));
        slow.act(&mut run.dice).await;
        let requests: Vec<_> = (0..at_once).filter_map(|_| run.act()).collect();
        let purge = run.dice.one_in(6).then(|| run.dice.pick(&[0, 2, 5]));
        run.ledger.purges(purge.is_some());
        let purging = async {
            if let Some(seconds) = purge {
                sexton.purge(seconds).await;
            }
        };
        // In a run of requests that meet it meets them too.
        if strict {
            purging.await;
            run.exchange(requests).await;
        } else {
            tokio::join!(run.exchange(requests), purging);
        }
    }
    slow.end().await;
    run.come_to_rest().await;
    run.check(client).await;
    app.tap.take();
    run.ledger.outcomes
}

/// The seed that is to be run alone.
fn given_seed() -> Option<u64> {
    let given = std::env::var_os("TOMOS_DEVICES_SEED");
    given.map(|seed| seed.to_str().unwrap().parse().unwrap())
}

fn seeds() -> Range<u64> {
    match given_seed() {
        Some(seed) => seed..seed + 1,
        None if std::env::var_os("TOMOS_FULL").is_some() => 0..1_000,
        None => 0..20,
    }
}

/// Names the seed of a run that failed.
struct Failed(u64);

impl Drop for Failed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("TOMOS_DEVICES_SEED={}", self.0);
        }
    }
}

/// Runs seeds one after the other as long as there are any; gives how often each outcome was heard.
async fn work(seeds: Range<u64>, next: &AtomicU64) -> Outcomes {
    let app = App::with_connections(4);
    let client = client(&app.database.url).await;
    let (mut slow, mut sexton) = (Slow::new(&app).await, Sexton::new(&app).await);
    let mut outcomes = Outcomes::new();
    loop {
        let seed = seeds.start + next.fetch_add(1, Ordering::Relaxed);
        if !seeds.contains(&seed) {
            return outcomes;
        }
        if seed.is_multiple_of(100) {
            eprintln!("seed {seed}");
        }
        let failed = Failed(seed);
        for (outcome, count) in run(&app, &client, (&mut slow, &mut sexton), seed).await {
            *outcomes.entry(outcome).or_default() += count;
        }
        drop(failed);
    }
}

#[test]
fn devices_end_in_the_same_state_with_every_acknowledged_write_there_once() {
    let (seeds, next) = (seeds(), AtomicU64::new(0));
    let worker = || {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(work(seeds.clone(), &next))
    };
    let outcomes = std::thread::scope(|scope| {
        let workers = [scope.spawn(worker), scope.spawn(worker)];
        workers.map(|worker| worker.join().unwrap())
    });
    eprintln!("{outcomes:?}");
    let outcomes_of_one = ["APPLIED", "MERGED", "REPLAYED", "CONFLICT", "REJECTED"];
    let online =
        ["createTasks", "updateTasks", "deleteTasks", "snoozeTask", "mergeTags", "quickAdd"];
    for outcome in outcomes_of_one.into_iter().chain(online).chain(["purged"]) {
        let often = outcomes.iter().any(|heard| heard.contains_key(outcome));
        assert!(often || given_seed().is_some(), "never {outcome}");
    }
}
