//! Sums by the value of a tag: what all of it shares, and how it is drawn.

use super::page::Page;
use super::words::{clean, columns};
use std::collections::BTreeMap;

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

/// What has the same values, in the order of these; what has none comes last.
pub(super) fn grouped<T>(
    all: impl IntoIterator<Item = T>,
    values: impl Fn(&T) -> Vec<String>,
) -> Vec<(Vec<String>, Vec<T>)> {
    let mut groups: BTreeMap<Vec<String>, Vec<T>> = BTreeMap::new();
    for one in all {
        groups.entry(values(&one)).or_default().push(one);
    }
    let rest = groups.remove(&Vec::new()).map(|rest| (Vec::new(), rest));
    groups.into_iter().chain(rest).collect()
}

/// Adds the lines of a group: what it has beside its money, and its money, a line for each currency.
pub(super) fn add_lines(lines: &mut Vec<Vec<String>>, group: Vec<String>, money: Vec<Vec<String>>) {
    let blank = vec![String::new(); group.len()];
    let mut money = money.into_iter();
    lines.push(
        group
            .into_iter()
            .chain(money.next().into_iter().flatten())
            .collect(),
    );
    lines.extend(money.map(|money| blank.iter().cloned().chain(money).collect()));
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
