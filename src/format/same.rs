//! Whether two texts mean the same and carry the same comments.

use crate::yaml::{Entry, Node, Tree, resolve};

/// Most values that are compared, aliases followed.
const MAX_STEPS: usize = 4_000_000;

/// Whether the documents of two texts have the same values; the order of keys means nothing.
pub(super) fn values(a: &Tree<'_>, b: &Tree<'_>) -> bool {
    let mut steps = MAX_STEPS;
    a.documents().count() == b.documents().count()
        && a.documents()
            .zip(b.documents())
            .all(|(a, b)| equal(a, b, &mut steps).unwrap_or(false))
}

/// Whether two texts have the same comments, wherever they stand.
pub(super) fn comments(a: (&str, &Tree<'_>), b: (&str, &Tree<'_>)) -> bool {
    let list = |(text, tree): (&str, &Tree<'_>)| {
        let comments = tree.comments().iter();
        let mut list: Vec<String> = comments
            .map(|c| text[c.span.range()].trim_end().to_owned())
            .collect();
        list.sort_unstable();
        list
    };
    list(a) == list(b)
}

/// `None` when there is too much to compare.
fn equal(a: Node<'_, '_>, b: Node<'_, '_>, steps: &mut usize) -> Option<bool> {
    *steps = steps.checked_sub(1)?;
    if a.is_alias() != b.is_alias() {
        return Some(false);
    }
    if let (Some(a), Some(b)) = (a.scalar(), b.scalar()) {
        // Two spellings of one number are two texts: what was written is kept.
        return Some(resolve(a) == resolve(b) && a.text == b.text && a.tag == b.tag);
    }
    if a.is_sequence() && b.is_sequence() {
        if a.items().len() != b.items().len() {
            return Some(false);
        }
        for (a, b) in a.items().zip(b.items()) {
            if !equal(a, b, steps)? {
                return Some(false);
            }
        }
        return Some(true);
    }
    if !(a.is_mapping() && b.is_mapping() && a.entries().len() == b.entries().len()) {
        return Some(false);
    }
    for (x, y) in sorted(a).into_iter().zip(sorted(b)) {
        if (x.merge, &x.key) != (y.merge, &y.key) || !equal(a.of(x), b.of(y), steps)? {
            return Some(false);
        }
    }
    Some(true)
}

/// The entries of a mapping by their keys, because mappings of thousands of entries are compared too. Merge keys stay in
/// their order: which of several merged mappings counts depends on it.
fn sorted<'t, 's>(node: Node<'t, 's>) -> Vec<&'t Entry<'s>> {
    let mut entries: Vec<_> = node.entries().iter().collect();
    entries.sort_by(|x, y| (x.merge, &x.key).cmp(&(y.merge, &y.key)));
    entries
}
