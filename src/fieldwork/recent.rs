//! How something goes on at the rate of its last active days, from looks at its counters.
//!
//! Promises: pure, whole numbers only; the same looks give the same forecast; where nothing was looked at between start and
//! now, nothing is said, and an even pace has to do.
//!
//! The method, in four steps:
//!
//! 1. *The clock.* How many completes came in each hour of the day, of all that came between looks at most twelve hours apart,
//!    says how active that hour is; hours beside it count with it, and an hour of which little is known is as active as any.
//!    From the seventh day on the days of the week get the same, held back more. What lies between two moments is then
//!    measured in active time: a night is short.
//! 2. *The rate.* Completes per active time, where what is `a` days old counts (1 / (1 + a))² as much as what came just now.
//!    A quarter of a day at the pace since the start counts with it, so that few looks stay close to that.
//! 3. *The rest.* The rate, times the active time that is left.
//! 4. *The range.* Its variance is the sum of: completes that come by chance, a half more unevenly than by themselves; the
//!    rate, which is known from as much active time as was seen; days, which differ from each other as those did that were
//!    seen, held towards 25 percent; and a rate that wanders off by 15 percent a day. 1.28 standard deviations either side
//!    are four cases of five.

use crate::model::Money;
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Counts at moments, in their order.
pub type Series = Vec<(Timestamp, u64)>;

/// What was collected of a survey at earlier looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Of the whole.
    pub whole: Series,
    /// Of each quota, by its name, or by the vendor's id where it has none.
    pub quotas: BTreeMap<String, Series>,
    /// So many completes cost so much by the last look, where looks saw prices.
    pub spent: Option<(u64, Money)>,
}

/// Counts at the ends of intervals, from those in each of them.
pub(super) fn cumulated(intervals: &[(Timestamp, u64)]) -> Series {
    let mut all = 0_u64;
    let counts = intervals.iter().map(|(ends, completes)| {
        all = all.saturating_add(*completes);
        (*ends, all)
    });
    counts.collect()
}

/// All that is known of how it filled, from its start until now; nothing before it started.
pub(super) fn curve(
    looks: &[(Timestamp, u64)],
    start: Option<Timestamp>,
    now: Timestamp,
    completes: Option<u64>,
) -> Series {
    let (Some(start), Some(completes)) = (start.filter(|start| *start <= now), completes) else {
        return Series::new();
    };
    let before = looks.iter().rev().find(|(at, _)| *at <= start);
    let mut curve = vec![(start, before.map_or(0, |(_, count)| *count))];
    curve.extend(looks.iter().filter(|(at, _)| *at > start && *at < now));
    curve.push((now, completes));
    curve
}

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Longer intervals between two looks say nothing about hours of the day, in seconds.
const FINE: i64 = 12 * HOUR;
/// Longer ones say nothing about days of the week.
const COARSE: i64 = 36 * HOUR;
/// Completes with which an hour of the day counts as active as any other.
const HOUR_PRIOR: i128 = 3;
/// Days with which a day of the week does.
const DAY_PRIOR: i128 = 2;
/// Nothing is measured in hours that lasts longer.
const LONGEST: i64 = 400 * DAY;
/// Nor anything with more completes: products have to fit.
const MOST: u64 = 1_000_000;

/// A day differs from others by so much where nothing is known, in thousandths, and never by less than the other.
const USUAL: i128 = 250;
const LEAST: i128 = 80;
/// Pairs of days with which the usual counts.
const USUAL_COUNTS: i128 = 2;
/// What is compared with the day before it is at least so long.
const ABOUT_A_DAY: i64 = 20 * HOUR;
/// The rate wanders off by so much a day, in percent.
const WANDERS: i128 = 15;

const MICRO: i128 = 1_000_000;
const MILLE: i128 = 1000;
/// Active time of a day, in thousandths of a second.
const WHOLE_DAY: i128 = DAY as i128 * MILLE;

/// What is still to come: the expected, and one side of its range, in millionths of a complete, and how fast it comes.
pub(super) struct Rest {
    /// Expected.
    pub(super) more: i128,
    /// 1.28 standard deviations.
    pub(super) spread: i128,
    rate: (i128, i128),
    clock: Clock,
    now: i64,
    end: i64,
}

/// How active the hours of a day and the days of a week are, in thousandths.
#[derive(Clone, Copy)]
struct Clock {
    hours: [i128; 24],
    days: [i128; 7],
}

/// What came between two looks.
#[derive(Clone, Copy)]
struct Span {
    from: i64,
    to: i64,
    came: i128,
}

fn hour(at: i64) -> usize {
    usize::try_from(at.div_euclid(HOUR).rem_euclid(24)).unwrap_or(0)
}

fn day(at: i64) -> usize {
    usize::try_from(at.div_euclid(DAY).rem_euclid(7)).unwrap_or(0)
}

/// The parts of a time that end with the marks of a grid.
fn parts(from: i64, to: i64, grid: i64) -> impl Iterator<Item = (i64, i64)> {
    let mut at = from;
    std::iter::from_fn(move || {
        let next = ((at.div_euclid(grid) + 1) * grid).min(to);
        let part = (at < to).then_some((at, next));
        at = next;
        part
    })
}

impl Clock {
    const EVEN: Self = Self {
        hours: [MILLE; 24],
        days: [MILLE; 7],
    };

    /// Active time, in thousandths of a second.
    fn active(&self, from: i64, to: i64) -> i128 {
        let part = |(from, to): (i64, i64)| {
            let weight = self.hours[hour(from)] * self.days[day(from)] / MILLE;
            i128::from(to - from) * weight
        };
        parts(from, to, HOUR).map(part).sum()
    }

    /// From what was seen of it.
    fn seen(spans: &[Span], passed: i64) -> Self {
        let mut clock = Self::EVEN;
        let fine = spans.iter().filter(|span| span.to - span.from <= FINE);
        let (mut time, mut came) = ([0; 24], [0; 24]);
        for span in fine {
            for (from, to) in parts(span.from, span.to, HOUR) {
                let part = i128::from(to - from);
                time[hour(from)] += part;
                came[hour(from)] += span.came * MICRO * part / i128::from(span.to - span.from);
            }
        }
        let around = |of: &[i128; 24], hour: usize| of[(hour + 23) % 24] + of[hour] + of[(hour + 1) % 24];
        let hours = std::array::from_fn(|hour| (around(&time, hour), around(&came, hour)));
        if let Some(weights) = weights(hours, |_| HOUR_PRIOR * MICRO, sum(&time), sum(&came)) {
            clock.hours = weights;
        }
        if passed >= 7 * DAY {
            let coarse = spans.iter().filter(|span| span.to - span.from <= COARSE);
            let mut days = [(0, 0); 7];
            for span in coarse {
                let whole = clock.active(span.from, span.to).max(1);
                for (from, to) in parts(span.from, span.to, DAY) {
                    let part = clock.active(from, to);
                    days[day(from)].0 += part;
                    days[day(from)].1 += span.came * MICRO * part / whole;
                }
            }
            let (time, came) = (
                days.iter().map(|day| day.0).sum(),
                days.iter().map(|day| day.1).sum(),
            );
            let prior = |rate: (i128, i128)| DAY_PRIOR * WHOLE_DAY * rate.0 / rate.1;
            if let Some(weights) = weights(days, prior, time, came) {
                clock.days = weights;
            }
        }
        clock
    }
}

/// What came between the looks from start to now. What was collected before the start is no part of it; none where nobody
/// looked on the way.
fn spans(looks: &[(Timestamp, u64)], start: i64, now: i64, completes: u64) -> Option<Vec<Span>> {
    let seconds = |(at, count): &(Timestamp, u64)| (at.as_second(), (*count).min(completes));
    let mut before = looks.iter().map(seconds).filter(|(at, _)| *at <= start);
    let mut last = (start, before.next_back().map_or(0, |(_, count)| count));
    let mut points: Vec<(i64, u64)> = looks
        .iter()
        .map(seconds)
        .filter(|(at, _)| *at > start && *at < now)
        .collect();
    // A look right after the start or right before this one says nothing of how days differ.
    if !points
        .iter()
        .any(|(at, _)| *at >= start + HOUR && *at <= now - HOUR)
    {
        return None;
    }
    points.push((now, completes));
    let mut spans = Vec::with_capacity(points.len());
    for (at, count) in points {
        // Completes are taken back, too: then nothing came.
        let came = i128::from(count.saturating_sub(last.1));
        if at > last.0 {
            spans.push(Span {
                from: last.0,
                to: at,
                came,
            });
        }
        last = (at, count);
    }
    Some(spans)
}

/// How much a day differs from others, in thousandths of what comes in one, from days that followed each other.
fn uneven(spans: &[Span], clock: &Clock, came: i128, passed: i128) -> i128 {
    if came == 0 {
        return USUAL;
    }
    // Seconds, what came of a mean rate in thousandths, and how many completes were to be expected.
    let mut days: Vec<(i128, i128, i128)> = Vec::new();
    let (mut length, mut got, mut active) = (0, 0, 0);
    for span in spans.iter().rev() {
        length += span.to - span.from;
        got += span.came;
        active += clock.active(span.from, span.to);
        if length >= ABOUT_A_DAY {
            let seen = active.max(1);
            let expected = (came * seen / passed).max(1);
            days.push((i128::from(length), MILLE * got * passed / (seen * came), expected));
            (length, got, active) = (0, 0, 0);
        }
    }
    let (mut squares, mut pairs) = (USUAL * USUAL * USUAL_COUNTS, USUAL_COUNTS);
    for (one, other) in days.iter().zip(days.iter().skip(1)) {
        let by_chance = |expected: i128| 3 * MILLE * MILLE / 2 / expected;
        let apart = one.1 - other.1;
        let beyond = apart * apart - by_chance(one.2) - by_chance(other.2);
        // Several days together differ less than each of them.
        squares += beyond * ((one.0 + other.0) / 2) / i128::from(2 * DAY);
        pairs += 1;
    }
    (squares / pairs).max(LEAST * LEAST).isqrt()
}

fn sum(all: &[i128]) -> i128 {
    all.iter().sum()
}

/// How active each part is, in thousandths, from its time and what came in it, held towards even by a prior in millionths
/// of a complete that may depend on the rate of all; none where nothing came.
fn weights<const N: usize>(
    seen: [(i128, i128); N],
    prior: impl Fn((i128, i128)) -> i128,
    time: i128,
    came: i128,
) -> Option<[i128; N]> {
    if time == 0 || came == 0 {
        return None;
    }
    let prior = prior((came, time)).max(1);
    let weights = seen.map(|(own, got)| MILLE * (got + prior) / (came * own / time + prior));
    let all = sum(&weights).max(1);
    let parts = i128::try_from(N).ok()?;
    Some(weights.map(|weight| weight * parts * MILLE / all))
}

impl Rest {
    /// What is still to come of something with so many completes, in field from start to end; none where nobody looked at it
    /// on the way, or it is too long or too large for this.
    pub(super) fn of(looks: &[(Timestamp, u64)], times: [Timestamp; 3], completes: u64) -> Option<Self> {
        let [start, now, end] = times.map(Timestamp::as_second);
        if end - start > LONGEST || completes > MOST || now <= start {
            return None;
        }
        let spans = spans(looks, start, now, completes)?;
        let clock = Clock::seen(&spans, now - start);
        let (passed, left) = (clock.active(start, now).max(1), clock.active(now, end));
        let came: i128 = spans.iter().map(|span| span.came).sum();
        // What is seen, each with how much it counts: completes, time, and the square's share of the time.
        let prior = WHOLE_DAY / 4;
        let (mut got, mut seen, mut squares) = (
            prior * came * MICRO / passed * MICRO,
            prior * MICRO,
            prior * MICRO * MICRO,
        );
        for span in &spans {
            let whole = clock.active(span.from, span.to).max(1);
            for (from, to) in parts(span.from, span.to, DAY / 4) {
                let part = clock.active(from, to);
                // A day over a day and its age, squared.
                let age = i128::from(now - (from + to) / 2);
                let base = i128::from(DAY);
                let counts = MICRO * base * base / ((base + age) * (base + age));
                got += counts * (span.came * MICRO * part / whole);
                seen += counts * part;
                squares += counts * counts * part;
            }
        }
        let more = got * left / seen;
        // As if so much time had been seen at once.
        let known = (seen / MILLE * (seen / MILLE) / (squares / MICRO).max(1)).max(1);
        // Where nothing came, one complete might have.
        let least = MICRO * left / passed;
        let by_chance = more.max(least);
        let a_day = (got * WHOLE_DAY / seen).max(MICRO * WHOLE_DAY / passed);
        let days = i128::from(end - now) * MILLE / i128::from(DAY);
        let wanders = a_day * WANDERS / 100 * (days * days * days * MILLE / 3).isqrt() / MICRO;
        let differs = a_day * uneven(&spans, &clock, came, passed) / MILLE;
        let variance = by_chance * MICRO * 3 / 2 * (known + left) / known
            + wanders * wanders
            + differs * differs / MILLE * days
            + differs * differs / MICRO * (days * days) * WHOLE_DAY / known;
        Some(Self {
            more,
            spread: variance.isqrt() * 128 / 100,
            rate: (got, seen),
            clock,
            now,
            end,
        })
    }

    /// When so many more are collected; none where that is not before the end.
    pub(super) fn when(&self, more: u64) -> Option<Timestamp> {
        let (got, seen) = self.rate;
        let mut left = i128::from(more) * MICRO * seen / got.max(1);
        for (from, to) in parts(self.now, self.end, HOUR) {
            let part = self.clock.active(from, to);
            if part >= left {
                let seconds = i128::from(to - from) * left / part.max(1);
                return Timestamp::from_second(from + i64::try_from(seconds).ok()?).ok();
            }
            left -= part;
        }
        None
    }
}
