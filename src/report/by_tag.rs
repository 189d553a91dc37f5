//! Sums by the value of a tag: what all of it shares, and how it is drawn.

use super::page::Page;
use super::words::{clean, columns};
use crate::model::Money;
use crate::model::money::Purse;

/// The heading of what has no value.
pub(super) fn without(word: &str) -> String {
    format!("without {word}")
}

/// How a group is called: its values, or that it has none.
pub(super) fn named(values: &[String], word: &str) -> String {
    match values {
        [] => without(word),
        values => clean(&values.join(" + ")),
    }
}

/// Every currency of a purse, in order.
pub(super) fn each(purse: &Purse) -> Vec<Money> {
    let mut all: Vec<Money> = purse.currencies().map(|currency| purse.of(currency)).collect();
    all.sort_by_key(|money| money.currency.code());
    all
}

/// Lines with columns: the first one begins at the left, the others end at the right.
pub(super) fn table(page: &mut Page, lines: &[Vec<String>]) {
    let most = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| columns(cell)).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..most).map(width).collect();
    for line in lines {
        let mut text = String::new();
        for (index, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let blank = " ".repeat(width.saturating_sub(columns(cell)));
            match index {
                0 => text.push_str(&format!("{cell}{blank}")),
                _ => text.push_str(&format!("  {blank}{cell}")),
            }
        }
        page.line(&text);
    }
}
