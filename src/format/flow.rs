//! Lists and mappings in brackets and braces that stand on one line.

use super::order::Order;
use crate::yaml::Node;

/// A value on one line with canonical spacing and order. `None` where it has line breaks or something that only its
/// author understands (anchors, tags, keys without values), and has to stay as it is.
pub(super) fn line(text: &str, node: Node<'_, '_>, order: Order) -> Option<String> {
    let span = node.span().range();
    let written = &text[span.clone()];
    if written.contains('\n') || span.is_empty() {
        return None;
    }
    if node.is_alias() || node.scalar().is_some() {
        return Some(written.to_owned());
    }
    let (open, close) = if node.is_mapping() { ('{', '}') } else { ('[', ']') };
    if !(written.starts_with(open) && written.ends_with(close)) {
        return None;
    }
    let mut at = span.start + 1;
    let mut parts: Vec<(usize, String)> = Vec::new();
    let separator = |from: usize, to: usize| -> Option<()> {
        let between = text.get(from..to)?;
        between.chars().all(|c| c == ' ' || c == ',').then_some(())
    };
    for entry in node.entries() {
        let key = entry.key_span.range();
        separator(at, key.start)?;
        let value = node.of(entry);
        let span = value.span().range();
        let between = text.get(key.end..span.start)?;
        if between.trim() != ":" {
            return None;
        }
        let shown = line(text, value, order.key(&entry.key))?;
        parts.push((
            order.rank(&entry.key, entry.merge),
            format!("{}: {shown}", &text[key]),
        ));
        at = span.end;
    }
    if node.is_sequence() {
        for item in node.items() {
            let span = item.span().range();
            separator(at, span.start)?;
            parts.push((0, line(text, item, order.item())?));
            at = span.end;
        }
    }
    separator(at, span.end - 1)?;
    parts.sort_by_key(|(rank, _)| *rank);
    let parts: Vec<String> = parts.into_iter().map(|(_, part)| part).collect();
    Some(format!("{open}{}{close}", parts.join(", ")))
}
