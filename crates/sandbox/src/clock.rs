//! The sandbox's idea of "now".
//!
//! Promises that every part of one sandbox sees the same time, and that it moves only forward with
//! real time or when it is told to. What happens at a certain time is left to the emulators.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};

/// A movable clock; copies of one clock move together.
#[derive(Debug, Clone)]
pub struct Clock {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Debug)]
struct Inner {
    /// Where it stands; `None` follows the machine.
    standing: Option<Timestamp>,
    /// Where it was told to stand still.
    stopped: Option<Timestamp>,
    offset: SignedDuration,
}

impl Inner {
    fn base(&self) -> Timestamp {
        self.stopped.or(self.standing).unwrap_or_else(Timestamp::now)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::real()
    }
}

impl Clock {
    /// Follows the machine's time, plus an offset that starts at zero.
    pub fn real() -> Self {
        Self::new(None)
    }

    /// Stands still at `start` until it is moved: the choice for simulations.
    pub fn manual(start: Timestamp) -> Self {
        Self::new(Some(start))
    }

    fn new(standing: Option<Timestamp>) -> Self {
        let offset = SignedDuration::ZERO;
        let inner = Inner {
            standing,
            stopped: None,
            offset,
        };
        Self {
            inner: Arc::new(Mutex::new(inner)),
        }
    }

    /// Returns the current time of the sandbox.
    pub fn now(&self) -> Timestamp {
        let inner = self.lock();
        let now = inner.base().saturating_add(inner.offset);
        now.unwrap_or(Timestamp::MAX)
    }

    /// Moves the clock by `by`; a negative duration moves it back.
    pub fn advance(&self, by: SignedDuration) {
        let mut inner = self.lock();
        inner.offset = inner.offset.saturating_add(by);
    }

    /// Moves the clock so that it shows `to` now.
    pub fn set(&self, to: Timestamp) {
        let mut inner = self.lock();
        inner.offset = to.duration_since(inner.base());
    }

    /// Lets it stand still at `at`, or go on as it was made to; what moves it moves it from there.
    pub fn stop(&self, at: Option<Timestamp>) {
        let mut inner = self.lock();
        inner.stopped = at;
        inner.offset = SignedDuration::ZERO;
    }

    /// Returns where it was told to stand still.
    pub fn stopped(&self) -> Option<Timestamp> {
        self.lock().stopped
    }

    /// Returns how far the clock has been moved away from its base.
    pub fn offset(&self) -> SignedDuration {
        self.lock().offset
    }

    /// Sets how far the clock is away from its base.
    pub fn set_offset(&self, offset: SignedDuration) {
        self.lock().offset = offset;
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads a duration such as `11d`, `3h`, `15m`, `90s`, `500ms` or `1d12h`, the larger units first; days have 24 hours.
///
/// Returns `None` for anything else, for a negative one, and for what does not fit.
pub fn parse_duration(text: &str) -> Option<SignedDuration> {
    let span: Span = text.parse().ok()?;
    let total = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (!total.is_negative()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let start: Timestamp = "2026-03-01T08:00:00Z".parse().unwrap();
        let clock = Clock::manual(start);
        let copy = clock.clone();
        assert_eq!(clock.now(), start);
        copy.advance(SignedDuration::from_hours(2));
        assert_eq!(clock.now().to_string(), "2026-03-01T10:00:00Z");
        clock.set(start);
        assert_eq!(copy.now(), start);
        assert_eq!(copy.offset(), SignedDuration::ZERO);
    }

    #[test]
    fn a_clock_stands_still_where_it_is_told_and_goes_on_from_there() {
        let at: Timestamp = "2036-12-01T08:00:00Z".parse().unwrap();
        let clock = Clock::real();
        clock.stop(Some(at));
        assert_eq!((clock.now(), clock.stopped()), (at, Some(at)));
        clock.advance(SignedDuration::from_hours(6));
        assert_eq!(clock.now().to_string(), "2036-12-01T14:00:00Z");
        clock.stop(None);
        assert!(clock.now() < at, "{}", clock.now());
    }

    #[test]
    fn durations_are_read_with_their_units() {
        assert_eq!(parse_duration("11d"), Some(SignedDuration::from_hours(11 * 24)));
        assert_eq!(parse_duration("1d 12h"), Some(SignedDuration::from_hours(36)));
        assert_eq!(parse_duration("90s"), Some(SignedDuration::from_secs(90)));
        for bad in ["", "d", "11", "3 fortnights", "-1d", "99999999999999999d"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }
}
