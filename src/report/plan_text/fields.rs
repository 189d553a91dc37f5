//! The fields that change: single values in one aligned list, quotas in a table.

use crate::report::page::Page;
use crate::report::view::{Field, quotas};
use crate::report::words::{clean, columns, padded};

/// Widest column of names; a longer one pushes only its own line.
const WIDEST: usize = 32;

/// Writes changes, indented by `indent`; `new` where the whole resource is.
pub(super) fn write(page: &mut Page, indent: usize, fields: &[Field<'_>], new: bool) {
    let pad = " ".repeat(indent);
    let single = || fields.iter().filter(|field| field.quota.is_none());
    let width = widest("", single().map(|field| &*field.name));
    for field in single() {
        let lead = format!("{pad}{}  ", padded(&field.name, width));
        let text = format!("{}{}", field.turn(new), field.aside);
        page.paragraph(&lead, indent + width + 2, &text);
    }

    let row = |quota: crate::report::view::Quota<'_, '_>| {
        let last = |fields: &[&Field<'_>]| fields.last().map_or_else(String::new, |field| field.turn(new));
        let who = last(&quota.who);
        (
            clean(&quota.name),
            last(&quota.completes),
            who,
            quota.asides.concat(),
        )
    };
    let rows: Vec<_> = quotas(fields.iter()).into_iter().map(row).collect();
    if rows.is_empty() {
        return;
    }
    let names = widest("quota", rows.iter().map(|(name, ..)| &**name));
    let counts = widest("completes", rows.iter().map(|(_, completes, ..)| &**completes));
    let who = if rows.iter().any(|(_, _, who, _)| !who.is_empty()) {
        "who is counted"
    } else {
        ""
    };
    page.line(&format!(
        "{pad}{}  {:>counts$}  {who}",
        padded("quota", names),
        "completes"
    ));
    for (name, completes, who, aside) in rows {
        let blanks = " ".repeat(counts.saturating_sub(columns(&completes)));
        let lead = format!("{pad}{}  {blanks}{completes}  ", padded(&name, names));
        page.paragraph(&lead, indent + names + counts + 4, &format!("{who}{aside}"));
    }
}

/// Columns that a head and the texts below it take; texts that are too long do not count.
fn widest<'a>(head: &str, texts: impl Iterator<Item = &'a str>) -> usize {
    let fitting = texts.map(columns).filter(|width| *width <= WIDEST);
    fitting.max().unwrap_or(0).max(columns(head))
}
