//! Shares of completes as exact counts.

use rust_decimal::Decimal;

/// A share as percent: `49%`, `33.3 %`. `None` for anything else, and outside of 0 to 100.
pub(super) fn parse(text: &str) -> Option<Decimal> {
    let number = text.strip_suffix('%')?.trim_end();
    if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return None;
    }
    let share = Decimal::from_str_exact(number).ok()?;
    (share > Decimal::ZERO && share <= Decimal::ONE_HUNDRED).then_some(share)
}

/// Counts for shares by largest remainder; equal remainders go to the earlier share.
///
/// The counts sum to `completes` times the sum of the shares, rounded to the nearest whole number (a half goes up): to
/// exactly `completes` where the shares sum to 100 %.
pub(super) fn apportion(completes: u64, shares: &[Decimal]) -> Vec<u64> {
    let exact: Vec<Decimal> = shares
        .iter()
        .map(|share| Decimal::from(completes) * share / Decimal::ONE_HUNDRED)
        .collect();
    let sum: Decimal = exact.iter().sum();
    let half = Decimal::new(5, 1);
    let total = u64::try_from((sum + half).floor()).unwrap_or(completes);
    let mut counts: Vec<u64> = exact
        .iter()
        .map(|count| u64::try_from(count.floor()).unwrap_or(0))
        .collect();
    let mut order: Vec<usize> = (0..shares.len()).collect();
    order.sort_by(|a, b| exact[*b].fract().cmp(&exact[*a].fract()).then(a.cmp(b)));
    let given: u64 = counts.iter().sum();
    let missing = usize::try_from(total.saturating_sub(given)).unwrap_or(0);
    for index in order.into_iter().take(missing) {
        counts[index] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shares(texts: &[&str]) -> Vec<Decimal> {
        texts.iter().map(|text| parse(text).unwrap()).collect()
    }

    #[test]
    fn shares_of_a_whole_sum_to_the_whole() {
        assert_eq!(apportion(400, &shares(&["49%", "51%"])), [196, 204]);
        assert_eq!(
            apportion(100, &shares(&["33.3%", "33.3%", "33.4%"])),
            [33, 33, 34]
        );
        assert_eq!(
            apportion(10, &shares(&["25%", "25%", "25%", "25%"])),
            [3, 3, 2, 2]
        );
        assert_eq!(
            apportion(400, &shares(&["33.3%", "33.3%", "33.3%"])),
            [134, 133, 133]
        );
        assert_eq!(apportion(1, &shares(&["50%", "50%"])), [1, 0]);
        assert_eq!(apportion(400, &shares(&["25%"])), [100]);
    }

    #[test]
    fn what_is_not_a_share_is_refused() {
        for text in ["0%", "100.1%", "49", "%", "-1%", "1e1%", "1.2.3%", " 5%"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_count_is_off_by_a_whole_and_the_sum_is_right(completes in 1_u64..10_000_000, parts in prop::collection::vec(1_u32..1000, 1..30)) {
            let whole: u32 = parts.iter().sum();
            let mut shares: Vec<Decimal> = parts.iter().map(|part| (Decimal::from(*part) * Decimal::ONE_HUNDRED / Decimal::from(whole)).round_dp(6)).collect();
            let rest: Decimal = Decimal::ONE_HUNDRED - shares[1..].iter().sum::<Decimal>();
            shares[0] = rest;
            let counts = apportion(completes, &shares);
            prop_assert_eq!(counts.iter().sum::<u64>(), completes);
            for (count, share) in counts.iter().zip(&shares) {
                let exact = Decimal::from(completes) * share / Decimal::ONE_HUNDRED;
                prop_assert!((Decimal::from(*count) - exact).abs() < Decimal::ONE);
            }
        }
    }
}
