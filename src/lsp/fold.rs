//! What can be folded: documents, and everything in them that takes several lines; comments likewise.

use super::project::Projects;
use super::text::Text;
use crate::yaml::{self, Node};
use lsp_types::{FoldingRange, FoldingRangeKind, Uri};

/// The ranges of a text.
pub(super) fn of(projects: &Projects, uri: &Uri) -> Option<Vec<FoldingRange>> {
    let view = projects.view(uri)?;
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options { comments: true });
    let several = tree.documents().count() > 1;
    let mut ranges = Vec::new();
    for root in tree.documents() {
        if several && let Some(first) = root.entries().first() {
            let begin = view.text.position(first.key_span.range().start).line;
            push(&mut ranges, begin, last_line(view.text, root), None);
        }
        inside(view.text, root, &mut ranges);
    }
    let alone = tree.comments().iter().filter(|comment| !comment.trailing);
    let lines: Vec<u32> = alone
        .map(|comment| view.text.position(comment.span.range().start).line)
        .collect();
    for run in lines.chunk_by(|one, next| one + 1 == *next) {
        if let [first, .., last] = run {
            push(&mut ranges, *first, *last, Some(FoldingRangeKind::Comment));
        }
    }
    ranges.sort_by_key(|range| (range.start_line, range.end_line));
    ranges.dedup_by_key(|range| (range.start_line, range.end_line));
    Some(ranges)
}

/// The last line on which something of a node stands.
fn last_line(text: &Text, node: Node<'_, '_>) -> u32 {
    let span = node.span().range();
    let written = text.as_str().get(span.clone()).unwrap_or_default().trim_end();
    text.position(span.start + written.len()).line
}

fn inside(text: &Text, node: Node<'_, '_>, ranges: &mut Vec<FoldingRange>) {
    if node.is_alias() {
        return;
    }
    for entry in node.entries() {
        let value = node.of(entry);
        let begin = text.position(entry.key_span.range().start).line;
        push(ranges, begin, last_line(text, value), None);
        inside(text, value, ranges);
    }
    for item in node.items() {
        let begin = text.position(item.span().range().start).line;
        push(ranges, begin, last_line(text, item), None);
        inside(text, item, ranges);
    }
}

fn push(ranges: &mut Vec<FoldingRange>, start_line: u32, end_line: u32, kind: Option<FoldingRangeKind>) {
    if start_line < end_line {
        ranges.push(FoldingRange {
            start_line,
            end_line,
            kind,
            ..FoldingRange::default()
        });
    }
}
