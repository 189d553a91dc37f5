//! The tree: nodes in one arena, borrowing the source text.
//!
//! Aliases are links, never copies. Everything carries its span.

use super::scalar::{Value, resolve};
use crate::diag::Span;
use crate::text::pointer::keys;
use std::borrow::Cow;

/// Most mappings that one look-up of a key goes through.
const MAX_MERGE_STEPS: usize = 10_000;

/// A node's place in its tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NodeId(pub(super) u32);

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In single or double quotes.
    Quoted,
    /// As a block after `|` or `>`.
    Block,
}

/// A scalar before it is understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar<'s> {
    /// The text, escapes resolved.
    pub text: Cow<'s, str>,
    /// How it was written.
    pub style: Style,
    /// The core schema's tag without its prefix (`str`, `int`, ...), if one was written.
    pub tag: Option<Box<str>>,
}

/// One entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry<'s> {
    /// The key's text.
    pub key: Cow<'s, str>,
    /// Where the key stands.
    pub key_span: Span,
    /// Whether the key is an unquoted `<<`.
    pub merge: bool,
    /// The value.
    pub value: NodeId,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind<'s> {
    Scalar(Scalar<'s>),
    Sequence(Vec<NodeId>),
    Mapping(Vec<Entry<'s>>),
    Alias(NodeId),
}

#[derive(Debug, Clone)]
pub(super) struct NodeData<'s> {
    pub(super) span: Span,
    pub(super) kind: Kind<'s>,
}

/// A comment, for tools that keep them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line.
    pub span: Span,
    /// Whether something stands before it on its line.
    pub trailing: bool,
}

/// The documents of one text.
#[derive(Debug, Clone, Default)]
pub struct Tree<'s> {
    pub(super) nodes: Vec<NodeData<'s>>,
    pub(super) documents: Vec<NodeId>,
    pub(super) comments: Vec<Comment>,
}

impl<'s> Tree<'s> {
    /// The roots of the documents that were read completely, in order.
    pub fn documents(&self) -> impl Iterator<Item = Node<'_, 's>> {
        self.documents.iter().map(|id| self.node(*id))
    }

    /// The comments in order; empty unless they were asked for.
    pub fn comments(&self) -> &[Comment] {
        &self.comments
    }

    /// Where the values stand that aliases repeat.
    pub fn aliased(&self) -> impl Iterator<Item = Span> {
        self.nodes.iter().filter_map(|node| match node.kind {
            Kind::Alias(target) => Some(self.node(target).span()),
            Kind::Scalar(_) | Kind::Sequence(_) | Kind::Mapping(_) => None,
        })
    }

    /// The node at a place of this tree.
    pub fn node(&self, id: NodeId) -> Node<'_, 's> {
        Node { tree: self, id }
    }
}

/// A node of a tree.
#[derive(Debug, Clone, Copy)]
pub struct Node<'t, 's> {
    tree: &'t Tree<'s>,
    id: NodeId,
}

/// What a pointer leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    /// The key, where the value stands in a mapping.
    pub key: Option<Span>,
    /// The value; empty and right behind the colon where nothing was written.
    pub value: Span,
}

impl Located {
    /// The value where it can be seen, otherwise the key.
    pub fn visible(&self) -> Span {
        match self.key {
            Some(key) if self.value.is_empty() => key,
            _ => self.value,
        }
    }
}

impl<'t, 's> Node<'t, 's> {
    fn data(self) -> &'t NodeData<'s> {
        &self.tree.nodes[self.id.0 as usize]
    }

    pub(super) fn kind(self) -> &'t Kind<'s> {
        &self.data().kind
    }

    /// Where it stands; for an alias, where the alias stands.
    pub fn span(self) -> Span {
        self.data().span
    }

    /// The node that an alias means; any other node is itself.
    pub fn target(self) -> Self {
        match self.kind() {
            Kind::Alias(id) => self.tree.node(*id),
            Kind::Scalar(_) | Kind::Sequence(_) | Kind::Mapping(_) => self,
        }
    }

    /// Whether it is an alias.
    pub fn is_alias(self) -> bool {
        matches!(self.kind(), Kind::Alias(_))
    }

    /// The scalar, aliases followed.
    pub fn scalar(self) -> Option<&'t Scalar<'s>> {
        match self.target().kind() {
            Kind::Scalar(scalar) => Some(scalar),
            Kind::Sequence(_) | Kind::Mapping(_) | Kind::Alias(_) => None,
        }
    }

    /// The scalar's meaning in the core schema, aliases followed.
    pub fn value(self) -> Option<Value> {
        self.scalar().map(resolve)
    }

    /// The items of a sequence, aliases followed.
    pub fn items(self) -> impl ExactSizeIterator<Item = Node<'t, 's>> {
        let items: &'t [NodeId] = match self.target().kind() {
            Kind::Sequence(items) => items,
            Kind::Scalar(_) | Kind::Mapping(_) | Kind::Alias(_) => &[],
        };
        items.iter().map(move |id| self.tree.node(*id))
    }

    /// The entries of a mapping as written, merge keys included, aliases followed.
    pub fn entries(self) -> &'t [Entry<'s>] {
        match self.target().kind() {
            Kind::Mapping(entries) => entries,
            Kind::Scalar(_) | Kind::Sequence(_) | Kind::Alias(_) => &[],
        }
    }

    /// Whether it is a sequence, aliases followed.
    pub fn is_sequence(self) -> bool {
        matches!(self.target().kind(), Kind::Sequence(_))
    }

    /// Whether it is a mapping, aliases followed.
    pub fn is_mapping(self) -> bool {
        matches!(self.target().kind(), Kind::Mapping(_))
    }

    /// The value of an entry.
    pub fn of(self, entry: &Entry<'s>) -> Node<'t, 's> {
        self.tree.node(entry.value)
    }

    /// The mappings that a merge key's value names, in the order in which they count.
    pub fn merged(self) -> Vec<Node<'t, 's>> {
        let target = self.target();
        match target.kind() {
            Kind::Mapping(_) => vec![target],
            Kind::Sequence(_) => target
                .items()
                .filter(|item| item.is_mapping())
                .map(Node::target)
                .collect(),
            Kind::Scalar(_) | Kind::Alias(_) => Vec::new(),
        }
    }

    /// The entry of a key, with merge keys followed: what is written counts before what is merged. Mappings that
    /// merge thousands of others are not searched to the end.
    pub fn get(self, key: &str) -> Option<(Span, Node<'t, 's>)> {
        self.get_within(key, super::MAX_DEPTH, &mut { MAX_MERGE_STEPS })
    }

    fn get_within(self, key: &str, depth: usize, steps: &mut usize) -> Option<(Span, Node<'t, 's>)> {
        *steps = steps.checked_sub(1)?;
        let depth = depth.checked_sub(1)?;
        let entries = self.entries();
        if let Some(entry) = entries.iter().find(|entry| !entry.merge && entry.key == key) {
            return Some((entry.key_span, self.of(entry)));
        }
        for entry in entries.iter().filter(|entry| entry.merge) {
            for mapping in self.of(entry).merged() {
                if let Some(found) = mapping.get_within(key, depth, steps) {
                    return Some(found);
                }
            }
        }
        None
    }

    /// Follows a JSON pointer. Gives the deepest place that exists, and whether that is the whole way.
    pub fn locate(self, pointer: &str) -> (Located, bool) {
        let mut node = self;
        let mut located = Located {
            key: None,
            value: self.span(),
        };
        for token in keys(pointer) {
            let next = if node.is_mapping() {
                node.get(&token).map(|(key, value)| (Some(key), value))
            } else {
                token
                    .parse()
                    .ok()
                    .and_then(|index: usize| node.items().nth(index))
                    .map(|item| (None, item))
            };
            let Some((key, value)) = next else {
                return (located, false);
            };
            located = Located {
                key,
                value: value.span(),
            };
            node = value;
        }
        (located, true)
    }
}
