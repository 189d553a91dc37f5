//! The fields that change: single values in one aligned list, quotas in a table.

use crate::plan::Change;
use crate::report::page::Page;
use crate::report::words::{self, QuotaPart};
use serde_json::Value;
use std::fmt;

/// Widest column of names; a longer one pushes only its own line.
const WIDEST: usize = 32;

/// Writes changes, indented by `indent`; `new` where the whole resource is.
pub(super) fn write(
    page: &mut Page<'_>,
    indent: usize,
    changes: &[Change],
    new: bool,
    all: bool,
) -> fmt::Result {
    let (quotas, fields): (Vec<&Change>, Vec<&Change>) = changes
        .iter()
        .partition(|change| words::quota_part(&change.path).is_some());
    write_fields(page, indent, &fields, new, all)?;
    write_quotas(page, indent, &quotas, new, all)
}

fn widest<'a>(texts: impl Iterator<Item = &'a str>) -> usize {
    texts
        .map(words::columns)
        .filter(|width| *width <= WIDEST)
        .max()
        .unwrap_or(0)
}

fn padded(text: &str, width: usize) -> String {
    let blanks = width.saturating_sub(words::columns(text));
    format!("{text}{}", " ".repeat(blanks))
}

fn write_fields(
    page: &mut Page<'_>,
    indent: usize,
    changes: &[&Change],
    new: bool,
    all: bool,
) -> fmt::Result {
    let names: Vec<String> = changes.iter().map(|change| words::field(&change.path)).collect();
    let width = widest(names.iter().map(String::as_str));
    for (name, change) in names.iter().zip(changes) {
        let lead = format!("{}{}  ", " ".repeat(indent), padded(name, width));
        let text = format!("{}{}", words::transition(change, new, all), words::aside(change));
        page.paragraph(&lead, words::columns(&lead), indent + width + 2, &text)?;
    }
    Ok(())
}

/// One quota with what is said of it.
struct Row {
    name: String,
    completes: String,
    who: String,
    aside: String,
}

fn rows(changes: &[&Change], new: bool, all: bool) -> Vec<Row> {
    let mut rows: Vec<(&str, Row)> = Vec::new();
    for change in changes {
        let Some((name, part)) = words::quota_part(&change.path) else {
            continue;
        };
        // The changes of one quota stand next to each other.
        if rows.last().is_none_or(|(last, _)| *last != name) {
            let row = Row {
                name: words::clean(name),
                completes: String::new(),
                who: String::new(),
                aside: String::new(),
            };
            rows.push((name, row));
        }
        let Some((_, row)) = rows.last_mut() else {
            continue;
        };
        match part {
            QuotaPart::Completes => {
                row.completes = match (&change.before, &change.after) {
                    (Value::Null, after) if new => words::value(after, all),
                    (Value::Null, after) => format!("new → {}", words::value(after, all)),
                    (before, Value::Null) => format!("{} → none", words::value(before, all)),
                    (before, after) => {
                        format!("{} → {}", words::value(before, all), words::value(after, all))
                    }
                };
            }
            QuotaPart::Where => {
                row.who = match &change.before {
                    Value::Null => words::who(&change.after, all),
                    before => format!("{} → {}", words::who(before, all), words::who(&change.after, all)),
                };
            }
        }
        let aside = words::aside(change);
        if !row.aside.contains(&aside) {
            row.aside.push_str(&aside);
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

fn write_quotas(
    page: &mut Page<'_>,
    indent: usize,
    changes: &[&Change],
    new: bool,
    all: bool,
) -> fmt::Result {
    let rows = rows(changes, new, all);
    if rows.is_empty() {
        return Ok(());
    }
    let (name_head, count_head) = ("quota", "completes");
    let names = widest(rows.iter().map(|row| row.name.as_str())).max(name_head.len());
    let counts = widest(rows.iter().map(|row| row.completes.as_str())).max(count_head.len());
    let pad = " ".repeat(indent);
    let who_head = if rows.iter().any(|row| !row.who.is_empty()) {
        "who is counted"
    } else {
        ""
    };
    page.line(&format!(
        "{pad}{}  {count_head:>counts$}  {who_head}",
        padded(name_head, names)
    ))?;
    for row in rows {
        let blanks = " ".repeat(counts.saturating_sub(words::columns(&row.completes)));
        let lead = format!("{pad}{}  {blanks}{}  ", padded(&row.name, names), row.completes);
        let text = format!("{}{}", row.who, row.aside);
        page.paragraph(&lead, words::columns(&lead), indent + names + counts + 4, &text)?;
    }
    Ok(())
}
