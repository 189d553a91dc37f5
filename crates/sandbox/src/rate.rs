//! A limit on calls per second.
//!
//! Counts with tokio's clock, so that a paused clock pauses it too. Promises that no more than the
//! limit passes within a second after a pause, and the limit per second in the long run.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// A limit; see the module's promise.
#[derive(Debug)]
pub(super) struct RateLimit {
    interval: Duration,
    burst: Duration,
    next: Mutex<Option<Instant>>,
}

impl RateLimit {
    /// Makes a limit of `per_second` calls, at least one.
    pub(super) fn new(per_second: u32) -> Self {
        let interval = Duration::from_secs(1) / per_second.max(1);
        Self {
            interval,
            burst: Duration::from_secs(1).saturating_sub(interval),
            next: Mutex::new(None),
        }
    }

    /// Lets a call pass, or says how long the caller should wait.
    pub(super) fn check(&self, now: Instant) -> Result<(), Duration> {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let due = next.map_or(now, |due| due.max(now));
        let ahead = due.duration_since(now);
        if ahead > self.burst {
            return Err(ahead.saturating_sub(self.burst));
        }
        *next = Some(due + self.interval);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beyond_the_limit_the_caller_is_told_to_wait() {
        let limit = RateLimit::new(2);
        let start = Instant::now();
        assert_eq!(limit.check(start), Ok(()));
        assert_eq!(limit.check(start), Ok(()));
        assert_eq!(limit.check(start), Err(Duration::from_millis(500)));
        let later = start + Duration::from_millis(500);
        assert_eq!(limit.check(later), Ok(()));
        assert_eq!(limit.check(later), Err(Duration::from_millis(500)));
    }
}
