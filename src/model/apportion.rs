//! Dividing completes so that every sum is exact.
//!
//! Promises: what is divided comes out whole, to the complete; nothing gets less than its floor; the same inputs give the
//! same division; no fraction is ever rounded in binary.

use rust_decimal::Decimal;

/// Counts for shares by largest remainder; equal remainders go to the earlier share.
///
/// The counts sum to `completes` times the sum of the shares, rounded to the nearest whole number (a half goes up): to
/// exactly `completes` where the shares sum to 100 %.
pub fn apportion(completes: u64, shares: &[Decimal]) -> Vec<u64> {
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

/// Divides a whole by shares, none below its floor. What floors take beyond a share is taken from the others in
/// proportion. The counts sum to the whole, or to the sum of the floors where those come to more.
pub fn divide(whole: u64, shares: &[Decimal], floors: &[u64]) -> Vec<u64> {
    let mut counts = floors.to_vec();
    let mut open: Vec<usize> = (0..shares.len()).collect();
    loop {
        let held: u64 = (0..shares.len())
            .filter(|index| !open.contains(index))
            .map(|index| floors[index])
            .sum();
        let rest = whole.saturating_sub(held);
        let sum: Decimal = open.iter().map(|index| shares[*index]).sum();
        if open.is_empty() || sum.is_zero() {
            return counts;
        }
        let of_rest: Vec<Decimal> = open
            .iter()
            .map(|index| shares[*index] * Decimal::ONE_HUNDRED / sum)
            .collect();
        let given = apportion(rest, &of_rest);
        let low: Vec<usize> = open
            .iter()
            .zip(&given)
            .filter(|(index, count)| **count < floors[**index])
            .map(|(index, _)| *index)
            .collect();
        if low.is_empty() {
            for (index, count) in open.iter().zip(given) {
                counts[*index] = count;
            }
            return counts;
        }
        open.retain(|index| !low.contains(index));
    }
}

/// Divides each of several rows over the same columns, so that every row is whole and the columns come to `columns`,
/// whose sum is that of the rows. Each cell is its exact value rounded up or down: such a table always exists.
pub fn divide_rows(rows: &[u64], columns: &[u64]) -> Vec<Vec<u64>> {
    let whole: u128 = rows.iter().map(|row| u128::from(*row)).sum();
    if whole == 0 {
        return vec![vec![0; columns.len()]; rows.len()];
    }
    let exact = |row: u64, column: u64| {
        let product = u128::from(row) * u128::from(column);
        let floor = u64::try_from(product / whole).unwrap_or(u64::MAX);
        (floor, product % whole)
    };
    let mut cells: Vec<Vec<u64>> = Vec::with_capacity(rows.len());
    let mut up: Vec<Vec<bool>> = Vec::with_capacity(rows.len());
    let mut may: Vec<Vec<bool>> = Vec::with_capacity(rows.len());
    let mut missing: Vec<i128> = columns.iter().map(|column| i128::from(*column)).collect();
    for row in rows {
        let parts: Vec<(u64, u128)> = columns.iter().map(|column| exact(*row, *column)).collect();
        let floors: Vec<u64> = parts.iter().map(|(floor, _)| *floor).collect();
        let short = usize::try_from(row - floors.iter().sum::<u64>()).unwrap_or(0);
        let mut order: Vec<usize> = (0..columns.len()).filter(|at| parts[*at].1 > 0).collect();
        order.sort_by(|a, b| parts[*b].1.cmp(&parts[*a].1).then(a.cmp(b)));
        let mut raised = vec![false; columns.len()];
        order.iter().take(short).for_each(|at| raised[*at] = true);
        for (at, column) in missing.iter_mut().enumerate() {
            *column -= i128::from(floors[at]) + i128::from(raised[at]);
        }
        may.push(parts.iter().map(|(_, rest)| *rest > 0).collect());
        cells.push(floors);
        up.push(raised);
    }
    while let Some(path) = exchange(&missing, &up, &may) {
        for (row, from, to) in &path {
            up[*row][*from] = false;
            up[*row][*to] = true;
            missing[*from] += 1;
            missing[*to] -= 1;
        }
    }
    for (row, raised) in cells.iter_mut().zip(&up) {
        for (cell, raised) in row.iter_mut().zip(raised) {
            *cell += u64::from(*raised);
        }
    }
    cells
}

/// Moves of one complete within a row each, that together take one from a column with too many to one with too few.
fn exchange(missing: &[i128], up: &[Vec<bool>], may: &[Vec<bool>]) -> Option<Vec<(usize, usize, usize)>> {
    let start = missing.iter().position(|column| *column < 0)?;
    let mut came: Vec<Option<(usize, usize)>> = vec![None; missing.len()];
    let mut queue = vec![start];
    let mut next = 0;
    while let Some(from) = queue.get(next).copied() {
        next += 1;
        if missing[from] > 0 {
            let mut path = Vec::new();
            let mut at = from;
            while let Some((row, before)) = came[at].filter(|_| at != start) {
                path.push((row, before, at));
                at = before;
            }
            return Some(path);
        }
        for to in 0..missing.len() {
            let row = (0..up.len()).find(|row| up[*row][from] && !up[*row][to] && may[*row][to]);
            if let Some(row) = row.filter(|_| to != start && came[to].is_none()) {
                came[to] = Some((row, from));
                queue.push(to);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shares(percent: &[&str]) -> Vec<Decimal> {
        percent.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn shares_of_a_whole_sum_to_the_whole() {
        for (whole, percent, counts) in [
            (400, &["49", "51"][..], &[196, 204][..]),
            (100, &["33.3", "33.3", "33.4"], &[33, 33, 34]),
            (10, &["25", "25", "25", "25"], &[3, 3, 2, 2]),
            (400, &["33.3", "33.3", "33.3"], &[134, 133, 133]),
            (1, &["50", "50"], &[1, 0]),
            (400, &["25"], &[100]),
        ] {
            assert_eq!(apportion(whole, &shares(percent)), counts, "{whole} {percent:?}");
        }
    }

    #[test]
    fn a_floor_takes_from_the_others_in_proportion() {
        let thirds = shares(&["50", "25", "25"]);
        assert_eq!(divide(400, &thirds, &[0, 0, 0]), [200, 100, 100]);
        assert_eq!(divide(400, &thirds, &[0, 160, 0]), [160, 160, 80]);
        assert_eq!(divide(400, &thirds, &[190, 160, 0]), [190, 160, 50]);
        assert_eq!(
            divide(400, &thirds, &[300, 160, 0]),
            [300, 160, 0],
            "more is collected than wanted"
        );
    }

    #[test]
    fn rows_and_columns_are_both_exact() {
        assert_eq!(
            divide_rows(&[196, 205], &[241, 160]),
            [[118, 78], [123, 82]],
            "quotas of 401 over 60% and 40%"
        );
        assert_eq!(divide_rows(&[1, 1, 1], &[2, 1]), [[0, 1], [1, 0], [1, 0]]);
        assert_eq!(divide_rows(&[0, 0], &[0, 0]), [[0, 0], [0, 0]]);
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

        #[test]
        fn floors_hold_and_the_sum_is_right(whole in 0_u64..10_000_000, parts in prop::collection::vec((1_u32..1000, 0_u64..2_000_000), 1..5)) {
            let sum: u32 = parts.iter().map(|(share, _)| share).sum();
            let shares: Vec<Decimal> = parts.iter().map(|(share, _)| Decimal::from(*share) * Decimal::ONE_HUNDRED / Decimal::from(sum)).collect();
            let floors: Vec<u64> = parts.iter().map(|(_, floor)| *floor).collect();
            let counts = divide(whole, &shares, &floors);
            prop_assert!(counts.iter().zip(&floors).all(|(count, floor)| count >= floor));
            prop_assert_eq!(counts.iter().sum::<u64>(), whole.max(floors.iter().sum()));
        }

        #[test]
        fn a_table_keeps_its_sums_and_no_cell_is_off_by_a_whole(rows in prop::collection::vec(0_u64..5_000, 1..20), parts in prop::collection::vec(1_u32..100, 1..5)) {
            let whole: u64 = rows.iter().sum();
            let sum: u32 = parts.iter().sum();
            let shares: Vec<Decimal> = parts.iter().map(|part| Decimal::from(*part) * Decimal::ONE_HUNDRED / Decimal::from(sum)).collect();
            let columns = divide(whole, &shares, &vec![0; parts.len()]);
            let table = divide_rows(&rows, &columns);
            for (row, cells) in rows.iter().zip(&table) {
                prop_assert_eq!(cells.iter().sum::<u64>(), *row);
                for (cell, column) in cells.iter().zip(&columns).filter(|_| whole > 0) {
                    let exact = u128::from(*row) * u128::from(*column);
                    let whole = u128::from(whole);
                    let cell = u128::from(*cell);
                    prop_assert!(cell == exact / whole || cell == exact.div_ceil(whole));
                }
            }
            for (at, column) in columns.iter().enumerate() {
                prop_assert_eq!(table.iter().map(|cells| cells[at]).sum::<u64>(), *column);
            }
        }
    }
}
