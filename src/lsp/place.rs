//! Where in the tree of a manifest a byte stands, and which part of the text an entry takes.

use crate::diag::Span;
use crate::manifest::schema::Kind;
use crate::model::VendorId;
use crate::yaml::{Node, Tree};
use std::ops::Range;

/// A key or a value under the cursor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Spot<'t, 's> {
    /// The document.
    pub(super) root: Node<'t, 's>,
    /// Its place among the documents of the text.
    pub(super) document: usize,
    /// The key or value itself.
    pub(super) span: Span,
    /// Whether it is a key.
    pub(super) on_key: bool,
}

/// The key or value at a byte, and the way to it from the root of its document.
pub(super) fn find<'t, 's>(tree: &'t Tree<'s>, offset: usize) -> Option<(Spot<'t, 's>, Vec<String>)> {
    let mut documents = tree.documents().enumerate();
    let (document, root) = documents.find(|(_, root)| holds(root.span(), offset))?;
    let spot = |span, on_key| Spot {
        root,
        document,
        span,
        on_key,
    };
    let mut path = Vec::new();
    let mut node = root;
    'down: loop {
        if node.is_alias() {
            return Some((spot(node.span(), false), path));
        }
        for entry in node.entries() {
            let value = node.of(entry);
            if holds(entry.key_span, offset) {
                path.push(entry.key.to_string());
                return Some((spot(entry.key_span, true), path));
            }
            if holds(value.span(), offset) {
                path.push(entry.key.to_string());
                node = value;
                continue 'down;
            }
        }
        for (index, item) in node.items().enumerate() {
            if holds(item.span(), offset) {
                path.push(index.to_string());
                node = item;
                continue 'down;
            }
        }
        return node.scalar().map(|_| (spot(node.span(), false), path));
    }
}

fn holds(span: Span, offset: usize) -> bool {
    !span.is_empty() && span.range().start <= offset && offset <= span.range().end
}

/// The kind that a document says.
pub(super) fn kind(root: Node<'_, '_>) -> Option<Kind> {
    Kind::from_word(&root.get("kind")?.1.scalar()?.text)
}

/// The marketplace of a document.
pub(super) fn vendor(root: Node<'_, '_>) -> Option<VendorId> {
    VendorId::all()
        .iter()
        .copied()
        .find(|vendor| root.get(vendor.key()).is_some())
}

/// The lines of an entry in a block.
pub(super) fn block_entry(text: &str, start: usize, end: usize) -> Range<usize> {
    let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let end = begin + text[begin..end].trim_end().len();
    let line = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    begin..line
}

/// An entry in braces, with a comma that is no longer needed.
pub(super) fn flow_entry(text: &str, start: usize, end: usize) -> Range<usize> {
    let before = text[..start].trim_end();
    match before.ends_with(',') {
        true => before.len() - 1..end,
        false => {
            let behind = text[end..].len() - text[end..].trim_start_matches([' ', ',']).len();
            start..end + behind
        }
    }
}
