//! Quotas that together hold all of the goal, and what they let the whole end with.

use super::forecast::Forecast;
use super::parts::QuotaFieldwork;
use crate::model::LiveQuota;
use std::collections::{BTreeMap, BTreeSet};

/// What the whole will end with, given what its quotas will: quotas over the same questions that together hold all of the
/// goal let no more through than they end with.
pub(super) fn within(
    whole: Forecast,
    goal: Option<u64>,
    quotas: &[LiveQuota],
    seen: &[QuotaFieldwork],
) -> Forecast {
    let mut layers: BTreeMap<BTreeSet<&str>, Vec<&QuotaFieldwork>> = BTreeMap::new();
    for (quota, seen) in quotas.iter().zip(seen) {
        let questions = quota.criteria.iter().map(|one| one.question.as_str()).collect();
        layers.entry(questions).or_default().push(seen);
    }
    layers.remove(&BTreeSet::new());
    let mut whole = whole;
    for layer in layers.values() {
        let goals = layer.iter().map(|quota| quota.goal).sum::<Option<u64>>();
        let ends = layer.iter().map(|quota| {
            let (completes, goal) = (quota.completes?, quota.goal?);
            // What is full stays as it is.
            let full = (completes >= goal).then_some([completes; 3]);
            full.or_else(|| quota.forecast.map(|f| [f.completes, f.low, f.high]))
        });
        let ends: Option<Vec<[u64; 3]>> = ends.collect();
        if let (Some(ends), Some(goals), Some(goal)) = (ends, goals, goal)
            && goals >= goal
        {
            let all = |of: fn(&[u64; 3]) -> u64| ends.iter().map(of).fold(0, u64::saturating_add);
            let expected = all(|end| end[0]);
            let below = together(ends.iter().map(|end| end[0] - end[1].min(end[0])));
            let above = together(ends.iter().map(|end| end[2].max(end[0]) - end[0]));
            let low = expected.saturating_sub(below).max(all(|end| end[1]));
            let high = expected.saturating_add(above).min(all(|end| end[2]));
            whole = whole.at_most([expected, low, high], goal);
        }
    }
    whole
}

/// How far the sum of parts is off that are off by so much, half of it for the same reasons.
fn together(parts: impl Iterator<Item = u64>) -> u64 {
    let (mut sum, mut squares) = (0_u128, 0_u128);
    for part in parts.map(u128::from) {
        sum = sum.saturating_add(part);
        squares = squares.saturating_add(part.saturating_mul(part));
    }
    let squared = sum.saturating_mul(sum).saturating_add(squares).div_ceil(2);
    // Up, so that a sum of one is that one.
    let root = squared.isqrt();
    let root = root + u128::from(root * root < squared);
    u64::try_from(root).unwrap_or(u64::MAX)
}
