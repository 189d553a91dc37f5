//! Exposure per currency, before and after.

use super::step::{Exposure, Step};
use crate::model::money::Purse;
use iso_currency::Currency;

/// Exposure per currency before and after these steps.
pub(super) fn with_steps<'a>(before: &Purse, steps: impl IntoIterator<Item = &'a Step>) -> Vec<Exposure> {
    let mut after = before.clone();
    after.extend(steps.into_iter().filter_map(|step| step.adds_exposure));
    side_by_side(before, &after)
}

/// Two sums side by side, a line for each currency of either.
pub(super) fn side_by_side(before: &Purse, after: &Purse) -> Vec<Exposure> {
    let mut currencies: Vec<_> = before.currencies().chain(after.currencies()).collect();
    currencies.sort_by_key(Currency::code);
    currencies.dedup();
    currencies
        .into_iter()
        .map(|currency| Exposure::plain(before.of(currency), after.of(currency)))
        .collect()
}
