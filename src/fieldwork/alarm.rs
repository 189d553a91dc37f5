//! Figures that are worse than what was promised.
//!
//! Promises: pure; nothing is said of a figure that is not known, or that rests on a handful of people.

use super::parts::{Promise, rounded};
use crate::model::{Alarms, Money, Performance};
use rust_decimal::Decimal;

/// Before so many completes, figures are chance.
const FEWEST: u64 = 10;

/// What is beyond the limits, each in words.
pub(super) fn alarms(
    limits: &Alarms,
    completes: Option<u64>,
    incidence: &Promise,
    length: &Promise,
    told: &Performance,
) -> Vec<String> {
    if completes.is_none_or(|completes| completes < FEWEST) {
        return Vec::new();
    }
    let share = |promise: &Promise| {
        let (actual, promised) = (promise.actual?, promise.promised?);
        let share = actual.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(promised)?;
        Some((actual, promised, share))
    };
    let mut alarms = Vec::new();
    if let Some((actual, promised, share)) = share(incidence)
        && share < limits.incidence_rate
    {
        alarms.push(format!(
            "the incidence rate is {actual}%, and {promised}% was promised"
        ));
    }
    if let Some((actual, promised, share)) = share(length)
        && share > limits.length_of_interview
    {
        alarms.push(format!(
            "the interview takes {actual} min, and {promised} min was promised"
        ));
    }
    let shares = [
        (told.drop_off, limits.drop_off, "left in the middle"),
        (
            told.quality_terminations,
            limits.quality_terminations,
            "were sent away for their quality",
        ),
    ];
    for (share, limit, what) in shares {
        if let Some(share) = share.filter(|share| *share > limit) {
            let share = rounded(share);
            alarms.push(format!("{share}% of those who began {what}"));
        }
    }
    alarms
}

/// A price that is too far below the one that the vendor suggests, in words.
pub fn price(limits: &Alarms, price: Option<Money>, suggested: Option<Money>) -> Option<String> {
    let (price, suggested) = (price?, suggested?);
    let share = price.amount.checked_mul(Decimal::ONE_HUNDRED)?;
    let share = share.checked_div(suggested.amount)?;
    let low = price.currency == suggested.currency && share < limits.price;
    low.then(|| format!("the price is {price}, and the vendor suggests {suggested}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promise(promised: i64, actual: i64) -> Promise {
        let number = |n: i64| Some(Decimal::from(n));
        Promise {
            promised: number(promised),
            actual: number(actual),
        }
    }

    #[test]
    fn what_is_worse_than_promised_is_said_and_what_is_better_is_not() {
        let (limits, told) = (Alarms::default(), Performance::default());
        for (incidence, length, wanted) in [
            ((50, 43), (12, 12), 1),
            ((50, 45), (12, 14), 0),
            ((50, 90), (12, 5), 0),
            ((50, 10), (12, 15), 2),
            ((0, 10), (0, 15), 0),
        ] {
            let (incidence, length) = (promise(incidence.0, incidence.1), promise(length.0, length.1));
            let said = alarms(&limits, Some(10), &incidence, &length, &told);
            assert_eq!(said.len(), wanted, "{said:?}");
            assert!(alarms(&limits, Some(9), &incidence, &length, &told).is_empty());
            assert!(alarms(&limits, None, &incidence, &length, &told).is_empty());
        }
        assert!(alarms(&limits, Some(99), &Promise::default(), &Promise::default(), &told).is_empty());
    }

    #[test]
    fn a_price_far_below_the_suggested_one_is_said() {
        let said = |own: &str, suggested: &str| {
            let money = |text: &str| text.parse::<Money>().ok();
            price(&Alarms::default(), money(own), money(suggested))
        };
        let low = "the price is 3.99 USD, and the vendor suggests 5.00 USD";
        assert_eq!(said("3.99 USD", "5.00 USD").as_deref(), Some(low));
        for (own, suggested) in [
            ("4.00 USD", "5.00 USD"),
            ("9.00 USD", "5.00 USD"),
            // Nobody here knows what a euro is worth.
            ("1.00 EUR", "5.00 USD"),
            ("1.00 USD", "0.00 USD"),
            ("1.00 USD", "unknown"),
            ("unknown", "5.00 USD"),
        ] {
            assert_eq!(said(own, suggested), None, "{own} {suggested}");
        }
    }

    #[test]
    fn shares_of_those_who_began_have_limits_of_their_own() {
        let nothing = Promise::default();
        let percent = |n: i64| Some(Decimal::from(n));
        for (drop_off, quality, wanted) in [
            (None, None, ""),
            (percent(25), percent(10), ""),
            (percent(26), None, "26% of those who began left in the middle"),
            (
                None,
                percent(11),
                "11% of those who began were sent away for their quality",
            ),
        ] {
            let told = Performance {
                drop_off,
                quality_terminations: quality,
                ..Performance::default()
            };
            let said = alarms(&Alarms::default(), Some(10), &nothing, &nothing, &told);
            assert_eq!(said.join("; "), wanted);
        }
    }
}
