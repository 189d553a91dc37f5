//! Numbers as lengths. Whole thousandths of the longest bar: no fractions, so every machine draws the same page.

use crate::model::Money;
use crate::plan::{Change, Record};
use crate::report::sections::Section;
use crate::report::words::{self, QuotaPart};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use std::collections::{BTreeMap, BTreeSet};

/// The length of the longest bar.
const FULL: u64 = 1000;

/// One quota before and after.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Bar<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Completes wanted now; `None` where there is no such quota.
    pub(super) before: Option<u64>,
    /// Completes wanted after the plan; `None` where it goes.
    pub(super) after: Option<u64>,
    /// Who is counted, where the plan says so.
    pub(super) who: Vec<&'a Change>,
    /// Every change of it, for what is said about them.
    pub(super) changes: Vec<&'a Change>,
}

/// The quotas of a survey as they are and as they will be, where the plan changes any of them.
pub(super) fn of<'a>(section: &Section<'a>) -> Vec<Bar<'a>> {
    let mut bars: Vec<Bar<'a>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut counted: BTreeSet<&str> = BTreeSet::new();
    for change in section.steps.iter().flat_map(|step| &step.changes) {
        let Some((name, part)) = words::quota_part(&change.path) else {
            continue;
        };
        let place = *places.entry(name).or_insert_with(|| {
            bars.push(Bar {
                name,
                ..Bar::default()
            });
            bars.len() - 1
        });
        let bar = &mut bars[place];
        bar.changes.push(change);
        match part {
            QuotaPart::Where => bar.who.push(change),
            QuotaPart::Completes => {
                if counted.insert(name) {
                    bar.before = change.before.as_u64();
                }
                bar.after = change.after.as_u64();
            }
        }
    }
    if bars.is_empty() {
        return bars;
    }
    // What stays as it is belongs to the picture: the other quotas, and the completes of one that only counts others.
    let applied = section.steps.iter().rev().find_map(|step| match &step.record {
        Record::Survey { applied, .. } => applied.quotas.value(),
        Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten | Record::Moved { .. } => None,
    });
    for quota in applied.into_iter().flatten() {
        let name = quota.name.as_str();
        if counted.contains(name) {
            continue;
        }
        let place = *places.entry(name).or_insert_with(|| {
            bars.push(Bar {
                name,
                ..Bar::default()
            });
            bars.len() - 1
        });
        bars[place].before = Some(quota.completes);
        bars[place].after = Some(quota.completes);
    }
    bars
}

/// What the longest bar stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale(Decimal);

impl Scale {
    pub(super) fn of_counts(bars: &[Bar<'_>]) -> Self {
        let both = bars.iter().flat_map(|bar| [bar.before, bar.after]);
        Self(Decimal::from(both.flatten().max().unwrap_or(0)))
    }

    pub(super) fn of_money(amounts: &[Money]) -> Self {
        Self(amounts.iter().map(|money| money.amount).max().unwrap_or_default())
    }

    pub(super) fn count(self, count: u64) -> u64 {
        self.length(Decimal::from(count))
    }

    pub(super) fn money(self, money: &Money) -> u64 {
        self.length(money.amount)
    }

    fn length(self, amount: Decimal) -> u64 {
        let share = amount.checked_div(self.0).unwrap_or_default();
        let length = share.checked_mul(Decimal::from(FULL)).unwrap_or_default();
        length.trunc().to_u64().unwrap_or(0).min(FULL)
    }
}

/// Two bars, before above after.
pub(super) fn svg(before: u64, after: u64) -> String {
    format!(
        "<svg class=\"bar\" viewBox=\"0 0 {FULL} 20\" preserveAspectRatio=\"none\" focusable=\"false\">\
         <rect class=\"was\" x=\"0\" y=\"2\" width=\"{before}\" height=\"7\"/>\
         <rect class=\"will\" x=\"0\" y=\"11\" width=\"{after}\" height=\"7\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_in_proportion_and_never_too_long() {
        let bar = |before, after| Bar {
            name: "men",
            before: Some(before),
            after: Some(after),
            ..Bar::default()
        };
        let scale = Scale::of_counts(&[bar(50, 200), bar(0, 10)]);
        assert_eq!(
            [50, 200, 10, 0, 999].map(|n| scale.count(n)),
            [250, 1000, 50, 0, 1000]
        );
        assert_eq!(Scale::of_counts(&[bar(0, 0)]).count(0), 0);
        let huge = Scale::of_counts(&[bar(u64::MAX, 1)]);
        assert_eq!(huge.count(u64::MAX), 1000);
        let money = |text: &str| text.parse::<Money>().unwrap();
        let scale = Scale::of_money(&[money("1500.00 USD"), money("500 USD")]);
        assert_eq!(scale.money(&money("500 USD")), 333);
        let most = Money::new(Decimal::MAX, money("1 USD").currency);
        assert_eq!(Scale::of_money(&[most]).money(&most), 1000);
    }
}
