//! Numbers as lengths. Whole thousandths of the longest bar: no fractions, so every machine draws the same page.

use crate::model::Money;
use crate::plan::Record;
use crate::report::sections::Section;
use crate::report::words::{self, QuotaPart};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// The length of the longest bar.
const FULL: u64 = 1000;

/// One quota before and after.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bar<'a> {
    /// Its name.
    pub(super) name: &'a str,
    /// Completes wanted now; `None` where there is no such quota.
    pub(super) before: Option<u64>,
    /// Completes wanted after the plan; `None` where it goes.
    pub(super) after: Option<u64>,
}

/// The quotas of a survey as they are and as they will be, where the plan changes any of them.
pub(super) fn of<'a>(section: &Section<'a>) -> Vec<Bar<'a>> {
    let mut bars: Vec<Bar<'a>> = Vec::new();
    for change in section.steps.iter().flat_map(|step| &step.changes) {
        let Some((name, QuotaPart::Completes)) = words::quota_part(&change.path) else {
            continue;
        };
        match bars.iter_mut().find(|bar| bar.name == name) {
            Some(bar) => bar.after = change.after.as_u64(),
            None => bars.push(Bar {
                name,
                before: change.before.as_u64(),
                after: change.after.as_u64(),
            }),
        }
    }
    if bars.is_empty() {
        return bars;
    }
    // Those that stay as they are belong to the picture.
    let applied = section.steps.iter().rev().find_map(|step| match &step.record {
        Record::Survey { applied, .. } => applied.quotas.value(),
        Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten => None,
    });
    for quota in applied.into_iter().flatten() {
        if bars.iter().all(|bar| bar.name != quota.name) {
            bars.push(Bar {
                name: &quota.name,
                before: Some(quota.completes),
                after: Some(quota.completes),
            });
        }
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
