//! Numbers as lengths. Whole thousandths of the longest bar: no fractions, so every machine draws the same page.

use crate::model::Money;
use crate::plan::Record;
use crate::report::html::{self, FULL};
use crate::report::view::{self, Quota, Section};
use maud::Markup;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// One quota before and after.
pub(super) struct QuotaBar<'v, 'a> {
    /// The quota with what changes of it.
    pub(super) quota: Quota<'v, 'a>,
    /// Completes wanted now; `None` where there is no such quota.
    pub(super) before: Option<u64>,
    /// Completes wanted after the plan; `None` where it goes.
    pub(super) after: Option<u64>,
}

/// The quotas of a survey as they are and as they will be, where the plan changes any of them.
pub(super) fn of<'v, 'a>(section: &'v Section<'a>) -> Vec<QuotaBar<'v, 'a>> {
    let changed = view::quotas(section.fields()).into_iter();
    let mut bars: Vec<QuotaBar<'v, 'a>> = changed
        .map(|quota| {
            let (first, last) = (quota.completes.first(), quota.completes.last());
            QuotaBar {
                before: first.and_then(|field| field.change.before.as_u64()),
                after: last.and_then(|field| field.change.after.as_u64()),
                quota,
            }
        })
        .collect();
    if bars.is_empty() {
        return bars;
    }
    // What stays as it is belongs to the picture: the other quotas, and the completes of one that only counts others.
    let applied = section.acts.iter().rev().find_map(|act| match &act.step.record {
        Record::Survey { applied, .. } => applied.quotas.value(),
        Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten | Record::Moved { .. } => None,
    });
    for quota in applied.into_iter().flatten() {
        let completes = Some(quota.completes);
        match bars.iter_mut().find(|bar| bar.quota.name == quota.name.as_str()) {
            Some(bar) if !bar.quota.completes.is_empty() => {}
            Some(bar) => (bar.before, bar.after) = (completes, completes),
            None => bars.push(QuotaBar {
                quota: Quota::unchanged(quota.name.as_str()),
                before: completes,
                after: completes,
            }),
        }
    }
    bars
}

/// What the longest bar stands for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scale(Decimal);

impl Scale {
    pub(super) fn of_counts(bars: &[QuotaBar<'_, '_>]) -> Self {
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
pub(super) fn pair(before: u64, after: u64) -> Markup {
    html::bars(Some([("was", 2, 7, before), ("will", 11, 7, after)]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_in_proportion_and_never_too_long() {
        let bar = |before, after| QuotaBar {
            quota: Quota::unchanged("men"),
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
