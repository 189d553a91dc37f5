//! Changes that the help of a problem asks for, as edits of a text.

use super::place;
use crate::diag::{Diagnostic, Fix, Span, code};
use crate::yaml::{self, Node, Tree};
use std::ops::Range;

/// An edit with what it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) title: String,
    pub(super) part: Range<usize>,
    pub(super) put: String,
}

/// The changes that solve a problem, as far as the text stays YAML with them.
pub(super) fn changes(text: &str, problem: &Diagnostic) -> Vec<Change> {
    let Some(span) = problem.span() else {
        return Vec::new();
    };
    let fixes = problem.fixes();
    if fixes.is_empty() {
        return Vec::new();
    }
    let (tree, faults) = yaml::parse(text, yaml::Options::default());
    let within = problem.code == code::SHAPE_MISSING_KEY;
    let fixes = fixes.into_iter();
    let changes = fixes.filter_map(|fix| change(text, &tree, span, fix, within));
    changes
        .filter(|change| keeps_yaml(text, change.part.clone(), &change.put, faults.len()))
        .collect()
}

fn change(text: &str, tree: &Tree<'_>, span: Span, fix: Fix<'_>, within: bool) -> Option<Change> {
    match fix {
        Fix::Replace(put) => Some(Change {
            title: format!("Replace with `{put}`"),
            part: span.range(),
            put: put.to_owned(),
        }),
        Fix::Set { key, value } => set(text, tree, span, (key, value), within),
        Fix::Remove => {
            let path = mappings(tree, span);
            let (key, part) = path.iter().rev().find_map(|node| {
                let entries = node.entries().iter();
                let mut own = entries.filter(|entry| entry.key_span == span || node.of(entry).span() == span);
                let entry = own.next()?;
                Some((entry.key.to_string(), entry_part(text, *node, entry)?))
            })?;
            Some(Change {
                title: format!("Remove `{key}`"),
                part,
                put: String::new(),
            })
        }
        Fix::RemoveKey(key) => {
            let path = mappings(tree, span);
            let part = path.iter().rev().find_map(|node| {
                let entry = node.entries().iter().find(|entry| entry.key == key)?;
                entry_part(text, *node, entry)
            })?;
            Some(Change {
                title: format!("Remove `{key}`"),
                part,
                put: String::new(),
            })
        }
    }
}

/// The mappings around a place, from the document inwards.
fn mappings<'t, 's>(tree: &'t Tree<'s>, span: Span) -> Vec<Node<'t, 's>> {
    let holds = |outer: Span| outer.start <= span.start && span.end <= outer.end;
    let Some(root) = tree.documents().find(|root| holds(root.span())) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut node = root;
    loop {
        if node.is_alias() {
            return found;
        }
        if node.is_mapping() {
            found.push(node);
        }
        let entries = node.entries().iter().map(|entry| node.of(entry));
        let mut inside = entries.chain(node.items()).filter(|inner| holds(inner.span()));
        match inside.next() {
            Some(inner) => node = inner,
            None => return found,
        }
    }
}

/// A key gets a value: in the mapping that a problem is about where something is missing `within` it, or else in the one
/// around it.
fn set(text: &str, tree: &Tree<'_>, span: Span, (key, value): (&str, &str), within: bool) -> Option<Change> {
    let path = mappings(tree, span);
    let around = *path.last()?;
    let own = |entry: &&yaml::Entry<'_>| entry.key_span == span;
    let named = around.entries().iter().find(own).map(|entry| around.of(entry));
    let node = match named.filter(|node| within && node.is_mapping()) {
        Some(node) => node,
        None => around,
    };
    let title = format!("Write `{key}: {value}`");
    let flow = is_flow(text, node);
    if let Some(entry) = node.entries().iter().find(|entry| entry.key == key) {
        let there = node.of(entry);
        let single = there.scalar().is_some() && !there.is_alias();
        let put = value.to_owned();
        return (single && !there.span().is_empty()).then(|| Change {
            title,
            part: there.span().range(),
            put,
        });
    }
    let last = node.entries().last()?;
    let first = node.entries().first()?;
    let line = format!("{key}: {value}");
    if flow {
        let end = node.of(last).span().range().end.max(last.key_span.range().end);
        return Some(Change {
            title,
            part: end..end,
            put: format!(", {line}"),
        });
    }
    // A kind stands first, everything else behind what is there.
    if key == "kind" {
        let begin = first.key_span.range().start;
        let put = format!("{line}\n");
        return Some(Change {
            title,
            part: begin..begin,
            put,
        });
    }
    let key_at = first.key_span.range().start;
    let column = key_at - text[..key_at].rfind('\n').map_or(0, |at| at + 1);
    let end = node.span().range().end;
    let written = text[..end].trim_end().len();
    let behind = text[written..].find('\n').map_or(text.len(), |at| written + at);
    let behind = behind - usize::from(text[..behind].ends_with('\r'));
    let newline = if text[..key_at].contains("\r\n") {
        "\r\n"
    } else {
        "\n"
    };
    Some(Change {
        title,
        part: behind..behind,
        put: format!("{newline}{}{line}", " ".repeat(column)),
    })
}

fn is_flow(text: &str, node: Node<'_, '_>) -> bool {
    text.get(node.span().range())
        .is_some_and(|written| written.starts_with('{'))
}

/// An entry with its lines, or with its comma; nothing where it is all that there is.
fn entry_part(text: &str, node: Node<'_, '_>, entry: &yaml::Entry<'_>) -> Option<Range<usize>> {
    if node.entries().len() < 2 {
        return None;
    }
    let end = node.of(entry).span().range().end.max(entry.key_span.range().end);
    let start = entry.key_span.range().start;
    if is_flow(text, node) {
        return Some(place::flow_entry(text, start, end));
    }
    // The first key of an item stands behind its dash.
    let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
    if !text[line..start].trim().is_empty() {
        return None;
    }
    Some(place::block_entry(text, start, end))
}

/// Whether a text has no more faults as YAML with a replacement than it has without: a key that is there already would be
/// there twice.
fn keeps_yaml(text: &str, range: Range<usize>, put: &str, without: usize) -> bool {
    if text.get(range.clone()).is_none() {
        return false;
    }
    let mut fixed = text.to_owned();
    fixed.replace_range(range, put);
    yaml::parse(&fixed, yaml::Options::default()).1.len() <= without
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text after the first change of a problem at the first place of a text.
    fn fixed(text: &str, what: &str, help: &str, code: crate::diag::Code) -> String {
        let at = text.find(what).unwrap();
        let problem = Diagnostic::error(code, "")
            .at(Span::new(at, at + what.len()), "")
            .help(help);
        let Some(change) = changes(text, &problem).into_iter().next() else {
            return "nothing".to_owned();
        };
        let mut text = text.to_owned();
        text.replace_range(change.part, &change.put);
        text
    }

    #[test]
    fn what_help_asks_for_is_done_where_it_belongs() {
        let missing = code::SHAPE_MISSING_KEY;
        let other = code::SHAPE_VALUE;
        for (text, what, help, code, after) in [
            (
                "name: a\n",
                "a",
                "add `kind: Survey`",
                other,
                "kind: Survey\nname: a\n",
            ),
            (
                "kind: Survey\nname: a\nquotas:\n  - name: b # x\n    where: {}\n\nlocale: en\n",
                "name: b",
                "add `completes: 200`",
                missing,
                "kind: Survey\nname: a\nquotas:\n  - name: b # x\n    where: {}\n    completes: 200\n\nlocale: en\n",
            ),
            (
                "a: 1\nwindows:\n  open: [x]\n",
                "windows",
                "add `timezone: UTC`",
                missing,
                "a: 1\nwindows:\n  open: [x]\n  timezone: UTC\n",
            ),
            (
                "pace: {x: 1}\n",
                "pace",
                "add `completes_per_day: 80`",
                missing,
                "pace: {x: 1, completes_per_day: 80}\n",
            ),
            (
                "name: a\nstatus: live\n",
                "live",
                "add `live_url: https://...`, or write `status: draft`",
                other,
                "name: a\nstatus: draft\n",
            ),
            ("a: 1\nb:\n  - 2\nc: 3\n", "b", "remove it", other, "a: 1\nc: 3\n"),
            ("{a: 1, b: 2}", "b", "remove it", other, "{a: 1}"),
            ("{a: 1, b: 2}", "a", "remove it", other, "{b: 2}"),
            (
                "x: {qlc: true}\nb: 2\n",
                "true",
                "add `quotas`, or remove `qlc`",
                other,
                "nothing",
            ),
            (
                "x: {qlc: true, y: 1}\nb: 2\n",
                "true",
                "add `quotas`, or remove `qlc`",
                other,
                "x: {y: 1}\nb: 2\n",
            ),
            // It would be there twice.
            ("a: 1\nb: 2\n", "b", "did you mean `a`?", other, "nothing"),
        ] {
            assert_eq!(fixed(text, what, help, code), after, "{help} in\n{text}");
        }
    }
}
