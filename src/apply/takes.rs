//! How long carrying out a plan takes at the pace of its vendors: what is sent, what is read back, and what is waited for.
//!
//! Promises: pure; the calls of a plan are counted as they are, read-backs as `together` and `look_back` make them. What is
//! not counted is the look that an apply begins with: it takes as long as the one for the plan.

use super::run::Shape;
use super::together::is_shown;
use crate::model::{Call, Pace, VendorId};
use crate::plan::{Plan, Record, Step};
use std::collections::BTreeMap;

/// What takes less is not worth a word.
const WORTH_A_WORD: u64 = 10;
/// How often something that the vendor goes on with is looked at. (assumed)
const LOOKS_AT_A_JOB: usize = 2;
/// Calls that one place makes in a second, where no rate is set. (assumed)
const BY_ONE_PLACE: usize = 4;

/// How long the vendor takes that takes longest; all of them work at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Takes {
    /// Which vendor.
    pub vendor: VendorId,
    /// Calls there, with what is read back.
    pub calls: usize,
    /// How long they take, in seconds.
    pub seconds: u64,
    /// What it comes from.
    pub limit: Limit,
}

/// What the time of many calls comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// So many leave in a second.
    ASecond(u32),
    /// So many are under way at once.
    AtOnce(usize),
}

/// How long a plan takes; `None` where that is not worth a word. `pace` is `None` where nothing is known of it.
pub fn takes(plan: &Plan, pace: impl Fn(VendorId) -> Option<Pace>) -> Option<Takes> {
    let of = |(vendor, calls)| {
        let (seconds, limit) = time(calls, pace(vendor)?);
        Some(Takes {
            vendor,
            calls,
            seconds,
            limit,
        })
    };
    let all = calls(plan).into_iter().filter_map(of);
    all.max_by_key(|takes| takes.seconds)
        .filter(|takes| takes.seconds >= WORTH_A_WORD)
}

/// How long so many calls take, in seconds, rounded up.
fn time(calls: usize, pace: Pace) -> (u64, Limit) {
    let by_places = pace.concurrency.max(1).saturating_mul(BY_ONE_PLACE);
    let by_rate = pace.requests_per_second.filter(|rate| *rate > 0);
    let (a_second, limit) = match by_rate {
        Some(rate) if rate as usize <= by_places => (rate as usize, Limit::ASecond(rate)),
        _ => (by_places, Limit::AtOnce(pace.concurrency.max(1))),
    };
    (calls.div_ceil(a_second) as u64, limit)
}

/// The calls of a plan and those that read back what they wrote, by vendor.
fn calls(plan: &Plan) -> BTreeMap<VendorId, usize> {
    let shape = Shape::of(plan);
    let mut sent: BTreeMap<VendorId, usize> = BTreeMap::new();
    let mut listed: BTreeMap<VendorId, usize> = BTreeMap::new();
    for (step, verify) in plan.steps.iter().zip(&shape.must_verify) {
        *sent.entry(step.vendor).or_default() += of_step(step);
        if *verify && is_shown(step) {
            *listed.entry(step.vendor).or_default() += 1;
        } else if *verify {
            *sent.entry(step.vendor).or_default() += by_itself(step);
        }
    }
    for (vendor, shown) in listed {
        let traffic = vendor.facts().traffic;
        *sent.entry(vendor).or_default() += match traffic.lists {
            // Each page, and the one that shows that there are no more.
            Some(lists) if shown >= lists.from => shown.div_ceil(lists.page) + 1,
            _ => shown * traffic.to_read_one,
        };
    }
    sent
}

/// What a step sends, and what of it is waited for.
fn of_step(step: &Step) -> usize {
    let one = |call: &Call| 1 + call.then.as_ref().map_or(0, |_| LOOKS_AT_A_JOB);
    step.calls.iter().chain(&step.resumes).map(one).sum()
}

/// Requests that read back a step which no list shows.
fn by_itself(step: &Step) -> usize {
    let to_read_one = step.vendor.facts().traffic.to_read_one;
    match &step.record {
        // Before it goes back in field, and after.
        Record::Survey { .. } => 2 * to_read_one,
        Record::FormerClosed { .. } => to_read_one,
        Record::Group(_) => 1,
        Record::Forgotten | Record::Moved { .. } => 0,
    }
}
