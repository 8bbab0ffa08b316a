//! How fast it goes, and how long it will take: what is shown while one waits.

use std::collections::VecDeque;
use std::time::Duration;

/// Over how long the rate is measured.
const WINDOW: Duration = Duration::from_secs(30);

/// The rate of something that is counted.
#[derive(Clone, Debug, Default)]
pub struct Rate {
    counts: VecDeque<(Duration, usize)>,
}

impl Rate {
    /// Notes a count.
    pub fn note(&mut self, now: Duration, count: usize) {
        self.counts.push_back((now, count));
        // One stays that is older than the window, so that something long is measured too.
        while self.counts.get(1).is_some_and(|(time, _)| *time + WINDOW < now) {
            self.counts.pop_front();
        }
    }

    /// How many a second there are.
    #[must_use]
    pub fn each_second(&self) -> Option<f64> {
        let (first, last) = (self.counts.front()?, self.counts.back()?);
        let time = last.0.saturating_sub(first.0).as_secs_f64();
        let count = u32::try_from(last.1.saturating_sub(first.1)).ok()?;
        (time > 0.0 && count > 0).then(|| f64::from(count) / time)
    }

    /// How long `missing` more take.
    #[must_use]
    pub fn left(&self, missing: usize) -> Option<Duration> {
        let missing = f64::from(u32::try_from(missing).ok()?);
        Duration::try_from_secs_f64(missing / self.each_second()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_that_of_the_last_half_minute() {
        let mut rate = Rate::default();
        assert_eq!(rate.left(10), None);
        rate.note(Duration::ZERO, 500);
        assert_eq!(rate.left(10), None);
        rate.note(Duration::from_secs(10), 520);
        assert_eq!(rate.left(10), Some(Duration::from_secs(5)));
        rate.note(Duration::from_secs(100), 521);
        rate.note(Duration::from_secs(110), 522);
        assert!(rate.each_second().unwrap() < 0.2);
    }
}
