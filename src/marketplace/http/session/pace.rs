//! When the next request may leave: at the configured rate, slower once the vendor has said that it is asked too fast, and
//! faster again with time.
//!
//! Promises: pure, it is told the time; nothing is ever faster than configured; nothing leaves before a `Retry-After` is over,
//! not even what had its turn already. After a refusal four fifths of the rate that was too fast are left. Ten seconds without
//! another bring it back to that rate, slowly near it, and from there on ever faster, so that one refusal is soon forgotten
//! and a limit that stays is met seldom.

#![allow(clippy::float_arithmetic, reason = "a rate of requests is no amount of money")]

use std::collections::VecDeque;
use std::time::Duration;
use tokio::time::Instant;

/// What went through in so long a time is the rate that was too fast, where no rate is known.
const WINDOW: Duration = Duration::from_secs(1);
/// Where a rate is known it is what went through while so many should have, so that few of them tell enough.
const ENOUGH: f64 = 8.0;
/// The longest time that this can be.
const KEPT: Duration = Duration::from_secs(16);
/// How long it takes to come back to the rate that was too fast.
const REGAINED: Duration = Duration::from_secs(10);
/// The part of the rate that a refusal takes away.
const TAKEN: f64 = 0.2;
/// The least requests a second that may count as too fast: the vendor says itself when it wants to be left alone for longer.
const SLOWEST: f64 = 0.625;
/// One refusal never counts for more than this: a rate is left at a fourth at least.
const STEEPEST: f64 = 4.0;

/// The gate through which requests leave.
#[derive(Debug)]
pub(super) struct Gate {
    most: Option<u32>,
    places: f64,
    slowed: Option<Slowed>,
    next: Option<Instant>,
    held_until: Option<Instant>,
    /// Goes up when turns that were given out are taken back.
    round: u64,
    /// When the first request left.
    began: Option<Instant>,
    /// When requests left that were not refused, for as long as that matters.
    left: VecDeque<Instant>,
}

/// A rate that was too fast.
#[derive(Debug, Clone, Copy)]
struct Slowed {
    too_fast: f64,
    since: Instant,
}

impl Slowed {
    fn rate(&self, at: Instant) -> f64 {
        let passed = at
            .saturating_duration_since(self.since)
            .div_duration_f64(REGAINED);
        self.too_fast * (1.0 + TAKEN * (passed - 1.0).powi(3))
    }
}

/// When a request may leave, unless that is taken back.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) at: Instant,
    round: u64,
}

impl Gate {
    /// A gate for at most so many requests a second, of which so many are under way at once.
    pub(super) fn new(most: Option<u32>, places: usize) -> Self {
        Self {
            most: most.filter(|rate| *rate > 0),
            places: u32::try_from(places).map_or(f64::INFINITY, f64::from),
            slowed: None,
            next: None,
            held_until: None,
            round: 0,
            began: None,
            left: VecDeque::new(),
        }
    }

    /// The turn of one more request.
    pub(super) fn turn(&mut self, now: Instant) -> Turn {
        let at = self.next.map_or(now, |next| next.max(now));
        self.next = Some(at + self.interval(at));
        Turn {
            at,
            round: self.round,
        }
    }

    /// Lets the request out whose turn has come; `false` where the turn was taken back, and it needs another one.
    pub(super) fn leaves(&mut self, turn: Turn, now: Instant) -> bool {
        if turn.round != self.round {
            return false;
        }
        while self.left.front().is_some_and(|left| *left + KEPT < now) {
            self.left.pop_front();
        }
        self.began.get_or_insert(now);
        self.left.push_back(now);
        true
    }

    /// The vendor turned away a request that left then, and wants to be left alone for so long.
    pub(super) fn refused(&mut self, left: Instant, retry_after: Duration, now: Instant) {
        let mut until = now + retry_after;
        if let Some(place) = self.left.iter().rposition(|other| *other == left) {
            self.left.remove(place);
        }
        // What left at the rate that was given up says nothing about the one of now.
        if self.slowed.is_none_or(|slowed| left >= slowed.since) {
            let slowed = Slowed {
                too_fast: self.too_fast(now),
                since: until,
            };
            until = until.max(now + Duration::from_secs(1).div_f64(slowed.rate(until)));
            self.slowed = Some(slowed);
            // Turns were given out at the old rate.
            self.next = self.held_until;
            self.round += 1;
        }
        if self.held_until.is_none_or(|held| held < until) {
            self.held_until = Some(until);
            self.round += 1;
        }
        self.next = self.next.max(self.held_until);
        if let Some(slowed) = &mut self.slowed {
            slowed.since = slowed.since.max(until);
        }
    }

    /// The rate that a refusal of now is about: what went through, as far as that is known.
    fn too_fast(&self, now: Instant) -> f64 {
        let rate = self.rate(now);
        let enough = rate.map_or(WINDOW, |rate| Duration::from_secs_f64(ENOUGH / rate));
        let age = self
            .began
            .map_or(WINDOW, |began| now.saturating_duration_since(began));
        let window = enough.min(age).max(WINDOW);
        let through = self.left.iter().filter(|left| **left + window >= now).count();
        let through = u32::try_from(through).map_or(f64::INFINITY, f64::from) / window.as_secs_f64();
        let least = rate.map_or(self.places, |rate| rate / STEEPEST);
        through.min(rate.unwrap_or(f64::INFINITY)).max(least).max(SLOWEST)
    }

    /// Requests a second; `None` where nothing limits them.
    fn rate(&self, at: Instant) -> Option<f64> {
        let most = self.most.map(f64::from);
        let slowed = self.slowed.map(|slowed| slowed.rate(at));
        most.zip(slowed)
            .map(|(most, slowed)| most.min(slowed))
            .or(most)
            .or(slowed)
    }

    fn interval(&self, at: Instant) -> Duration {
        match (self.slowed, self.most) {
            (Some(_), _) => Duration::from_secs(1).div_f64(self.rate(at).unwrap_or(f64::INFINITY)),
            (None, Some(most)) => Duration::from_secs(1) / most,
            (None, None) => Duration::ZERO,
        }
    }
}

#[cfg(test)]
mod tests;
