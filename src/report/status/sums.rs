//! What all surveys together cost.

use crate::fieldwork::Fieldwork;
use crate::model::Money;
use crate::report::words::{count, grouped};
use std::collections::BTreeMap;

/// Money of many surveys, a currency each.
pub(in crate::report) struct Sums {
    /// What was spent, and what will have been at the end, as forecast, in words; what is too much to add is unknown.
    pub(in crate::report) each: Vec<[String; 2]>,
    /// How many surveys are not in it, in words, because their cost is not known.
    pub(in crate::report) without: Option<String>,
}

impl Sums {
    /// Of everything that has figures.
    pub(in crate::report) fn of<'a>(rows: impl IntoIterator<Item = &'a Fieldwork>) -> Self {
        let mut sums: BTreeMap<&str, [Option<Money>; 2]> = BTreeMap::new();
        let mut unknown = 0;
        for row in rows.into_iter().filter(|row| row.verdict.has_figures()) {
            let (Some(cost), Some(end)) = (row.cost, row.projected_cost) else {
                unknown += 1;
                continue;
            };
            let zero = Some(Money::zero(cost.currency));
            let sum = sums.entry(cost.currency.code()).or_insert([zero; 2]);
            *sum = [
                sum[0].and_then(|sum| sum.and(cost)),
                sum[1].and_then(|sum| sum.and(end)),
            ];
        }
        let shown = |money: Option<Money>| {
            money.map_or_else(|| "unknown".to_owned(), |money| grouped(&money.to_string()))
        };
        Self {
            each: sums.into_values().map(|sum| sum.map(shown)).collect(),
            without: (unknown > 0).then(|| count(unknown, "survey", "surveys")),
        }
    }
}
