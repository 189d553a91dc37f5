//! How something in field will end, if it goes on as it went so far.
//!
//! Promises: pure, whole numbers only; nothing is forecast from no time at all; at an even pace more completes never forecast
//! fewer.
//!
//! The method where there are looks on the way: [`recent`](super::recent). Where there are none: completes come as evenly as they came since the start, so what is still to come is what came, times the time
//! that is left over the time that passed. The range holds it in four of five cases where completes come by themselves: the
//! variance of what is still to come is its expectation times whole time over passed time (the pace itself is only known
//! from what came), and 1.28 standard deviations either side are 80 percent.

use super::recent::Rest;
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// 80 percent of a normal distribution lie within so many hundredths of its standard deviation.
const HUNDREDTHS: u128 = 128;

/// Before something was in field for one part in so many of its time, its pace says nothing.
const EARLY_PART: u128 = 20;

/// Nor before a whole day of it, with its night, was seen, in seconds; of what is short, before one part in so many.
const DAY: u128 = 24 * 3600;
const OF_WHAT_IS_SHORT: u128 = 6;

/// Nor before an even pace would have brought so many completes.
const FEW: u128 = 5;

const MICRO: i128 = 1_000_000;

/// How a part that is in field goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outlook {
    /// Completes collected, in percent of those that an even pace would have brought by now.
    pub pace: u64,
    /// What it will end with.
    pub forecast: Forecast,
}

/// What will be collected at the end. Never more than the goal, at which the vendor stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Forecast {
    /// Completes at the end.
    pub completes: u64,
    /// In four of five cases no fewer.
    pub low: u64,
    /// In four of five cases no more.
    pub high: u64,
    /// When the goal is reached; none where it is not reached in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub full: Option<Timestamp>,
    /// Whether it follows the rate of the last days, from earlier looks, and not an even pace since the start.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub recent: bool,
}

impl Forecast {
    /// The same where it cannot end with more than this.
    #[must_use]
    pub(super) fn at_most(self, [completes, low, high]: [u64; 3], goal: u64) -> Self {
        let least = self.completes.min(completes);
        Self {
            completes: least,
            low: self.low.min(low),
            high: self.high.min(high),
            full: self.full.filter(|_| least >= goal),
            recent: self.recent,
        }
    }
}

/// The time that something is in field.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    start: Timestamp,
    end: Timestamp,
    now: Timestamp,
    passed: u64,
    total: u64,
}

impl Time {
    /// From start to end, of which this much passed; none where it has not begun or does not last.
    pub(super) fn new(start: Timestamp, end: Timestamp, now: Timestamp) -> Option<Self> {
        let seconds = |until: Timestamp| u64::try_from(until.duration_since(start).as_secs()).ok();
        let total = seconds(end).filter(|total| *total > 0)?;
        Some(Self {
            start,
            end,
            now: now.min(end),
            passed: seconds(now)?.min(total),
            total,
        })
    }

    /// The pace of a part that is in field, and how it will end, given what earlier looks at it saw; none before that says
    /// something.
    pub(super) fn outlook(self, completes: u64, goal: u64, looks: &[(Timestamp, u64)]) -> Option<Outlook> {
        let (passed, total) = (u128::from(self.passed), u128::from(self.total));
        let even = u128::from(goal) * passed;
        let early = passed * EARLY_PART < total || passed < DAY.min(total / OF_WHAT_IS_SHORT);
        if early || even < FEW * total {
            return None;
        }
        let percent = u128::from(completes).checked_mul(total)?.checked_mul(100)?;
        Some(Outlook {
            pace: u64::try_from(percent / even).ok()?,
            forecast: self
                .recent(completes, goal, looks)
                .unwrap_or_else(|| self.even(completes, goal)),
        })
    }

    /// What a part with this goal ends with at the rate of its last days.
    fn recent(self, completes: u64, goal: u64, looks: &[(Timestamp, u64)]) -> Option<Forecast> {
        let rest = Rest::of(looks, [self.start, self.now, self.end], completes)?;
        let end = |more: i128| {
            let more = u64::try_from(more.max(0)).unwrap_or(u64::MAX);
            completes.saturating_add(more).min(goal.max(completes))
        };
        let expected = end((rest.more + MICRO / 2) / MICRO);
        let in_time = expected == goal;
        Some(Forecast {
            completes: expected,
            low: end((rest.more - rest.spread).max(0) / MICRO),
            high: end((rest.more + rest.spread + MICRO - 1) / MICRO).max(expected),
            // What is there to half a complete comes at the end.
            full: in_time.then(|| rest.when(goal.saturating_sub(completes)).unwrap_or(self.end)),
            recent: true,
        })
    }

    /// What a part with this goal ends with at an even pace. Some time has passed.
    fn even(self, completes: u64, goal: u64) -> Forecast {
        let (passed, total) = (u128::from(self.passed), u128::from(self.total));
        let (came, left) = (u128::from(completes), total - passed);
        let rest = |came: u128| came.saturating_mul(left) / passed;
        // Where nothing came, one complete might have.
        let variance = rest(came.max(1)).saturating_mul(total) / passed;
        let spread = variance.saturating_mul(HUNDREDTHS * HUNDREDTHS).isqrt() / 100;
        let at_most_goal = |more: u128| {
            let all = u64::try_from(came.saturating_add(more)).unwrap_or(u64::MAX);
            all.min(goal).max(completes)
        };
        // To the nearest.
        let expected = (came.saturating_mul(left).saturating_add(passed / 2)) / passed;
        let in_time = came > 0 && at_most_goal(expected) == goal;
        let full = in_time.then(|| {
            let needed = u128::from(goal).saturating_mul(passed).div_ceil(came).min(total);
            let needed = SignedDuration::from_secs(i64::try_from(needed).ok()?);
            self.start.checked_add(needed).ok()
        });
        Forecast {
            completes: at_most_goal(expected),
            low: at_most_goal(rest(came).saturating_sub(spread)),
            high: at_most_goal(expected.saturating_add(spread)),
            full: full.flatten(),
            recent: false,
        }
    }
}
