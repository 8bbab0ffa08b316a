//! How fast requests may follow each other: one gate for everything that asks Notion.
//!
//! Notion allows three requests a second on average, and names a time to wait where that was too many.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// The time since the export began, and how to wait: a parameter, so that tests wait for nothing.
pub trait Timer: Send + Sync {
    /// How long it runs.
    fn now(&self) -> Duration;

    /// Waits until it runs as long as this.
    fn until(&self, moment: Duration) -> BoxFuture<'_, ()>;

    /// A number from 0 to 1 by chance, so that those who failed together do not come back together.
    fn chance(&self) -> f64;
}

/// The system's time.
#[derive(Debug)]
pub struct SystemTimer(Instant);

impl SystemTimer {
    /// A timer that begins to run now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Timer for SystemTimer {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn until(&self, moment: Duration) -> BoxFuture<'_, ()> {
        tokio::time::sleep_until(self.0 + moment).boxed()
    }

    fn chance(&self) -> f64 {
        let number = getrandom::u32().unwrap_or(u32::MAX / 2);
        f64::from(number) / f64::from(u32::MAX)
    }
}

/// The gate.
pub(super) struct Pace {
    /// The shortest time between two requests.
    base: Duration,
    /// Only the first has a place: what it is to be can change until it goes.
    queue: tokio::sync::Mutex<()>,
    gate: Mutex<Gate>,
}

struct Gate {
    /// Longer than the base for a while after Notion said that it was too much.
    interval: Duration,
    /// When the next request may go.
    next: Duration,
    /// Until when nobody goes.
    closed_until: Duration,
}

/// How much slower than allowed it goes at most.
const SLOWEST: u32 = 8;

impl Pace {
    /// A gate for `rate` requests a second.
    pub(super) fn new(rate: f64) -> Self {
        let base = Duration::from_secs_f64(1.0 / rate.clamp(0.01, 1e6));
        let gate = Gate { interval: base, next: Duration::ZERO, closed_until: Duration::ZERO };
        Self { base, queue: tokio::sync::Mutex::new(()), gate: Mutex::new(gate) }
    }

    /// Waits for one's turn.
    pub(super) async fn turn(&self, timer: &dyn Timer) {
        let _first = self.queue.lock().await;
        loop {
            let place = self.place(timer.now());
            timer.until(place).await;
            // It may have been closed meanwhile.
            let mut gate = self.gate();
            if place >= gate.closed_until {
                gate.next = place + gate.interval;
                return;
            }
        }
    }

    fn place(&self, now: Duration) -> Duration {
        let gate = self.gate();
        gate.next.max(now).max(gate.closed_until)
    }

    /// Lets nobody through for a while, and then fewer than before.
    pub(super) fn close(&self, now: Duration, time: Duration) {
        let mut gate = self.gate();
        // Those that were on their way together were refused for one reason, and count as one.
        if now >= gate.closed_until {
            gate.interval = (gate.interval * 2).min(self.base * SLOWEST);
        }
        gate.closed_until = gate.closed_until.max(now + time);
    }

    /// A request went well: the pace returns to what is allowed, little by little.
    pub(super) fn went_well(&self) {
        let mut gate = self.gate();
        gate.interval = gate.interval.mul_f64(0.95).max(self.base);
    }

    fn gate(&self) -> std::sync::MutexGuard<'_, Gate> {
        self.gate.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn seconds(count: f64) -> Duration {
        Duration::from_secs_f64(count)
    }

    /// When each of some requests went, asked for by sixteen at once.
    async fn departures(pace: &Arc<Pace>, timer: &Arc<SystemTimer>, count: usize) -> Vec<Duration> {
        let mut workers = tokio::task::JoinSet::new();
        for _ in 0..16 {
            let (pace, timer) = (Arc::clone(pace), Arc::clone(timer));
            workers.spawn(async move {
                let mut went = Vec::new();
                for _ in 0..count / 16 {
                    pace.turn(&*timer).await;
                    went.push(timer.now());
                }
                went
            });
        }
        let mut went: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
        went.sort();
        went
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_requests_than_allowed() {
        let (pace, timer) = (Arc::new(Pace::new(3.0)), Arc::new(SystemTimer::start()));
        let went = departures(&pace, &timer, 48).await;
        for window in went.windows(4) {
            assert!(window[3] >= window[0] + seconds(0.999), "{window:?}");
        }
        assert!(went[47] < seconds(15.8), "{:?} is too slow", went[47]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_holds_up_everybody_and_the_pace_comes_back_slowly() {
        for wait in [1.0, 60.0] {
            let (pace, timer) = (Arc::new(Pace::new(3.0)), Arc::new(SystemTimer::start()));
            let workers = tokio::spawn({
                let (pace, timer) = (Arc::clone(&pace), Arc::clone(&timer));
                async move { departures(&pace, &timer, 32).await }
            });
            timer.until(seconds(1.5)).await;
            pace.close(timer.now(), seconds(wait));
            let went = workers.await.unwrap();
            let held: Vec<_> = went.into_iter().filter(|at| *at > seconds(1.5)).collect();
            assert!(held.len() > 20 && held[0] >= seconds(1.5 + wait), "{held:?}");
            // Also those that waited before go half as fast as before.
            for two in held.windows(2) {
                assert!(two[1] >= two[0] + seconds(0.66), "{held:?}");
            }
            for _ in 0..100 {
                pace.went_well();
            }
            assert_eq!(pace.gate().interval, pace.base);
        }
    }

    #[test]
    fn refusals_of_those_on_their_way_together_count_as_one() {
        let pace = Pace::new(2.0);
        for _ in 0..4 {
            pace.close(seconds(1.0), seconds(10.0));
        }
        assert_eq!(pace.gate().interval, seconds(1.0));
        assert_eq!(pace.gate().closed_until, seconds(11.0));
        pace.close(seconds(11.5), seconds(3.0));
        assert_eq!(pace.gate().interval, seconds(2.0));
        for _ in 0..100 {
            pace.close(seconds(20.0), Duration::ZERO);
        }
        assert_eq!(pace.gate().interval, seconds(4.0));
    }
}
