//! Where a value stands, and whether it may be written there.

use super::wish::Reason;
use crate::diag::Span;
use crate::manifest::index::Shared;
use crate::yaml::{Node, Tree};

/// One document of a file, for one survey or group of it.
#[derive(Clone, Copy)]
pub(super) struct Document<'t, 's> {
    pub(super) tree: &'t Tree<'s>,
    pub(super) text: &'t str,
    pub(super) root: Node<'t, 's>,
    /// Where the group stands; empty for what is not listed.
    pub(super) place: &'t str,
    /// Where the groups stand that wish the same.
    pub(super) alike: &'t [&'t str],
    /// Where a value of the survey is written in the document, or why it counts for more than this survey.
    pub(super) written: &'t dyn Fn(&str) -> Result<String, Shared>,
}

/// A step towards a value.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    /// The entry with this key, or the item with this number.
    Key(&'a str),
    /// The entry with one of these keys, whatever its case.
    Any(&'a [String]),
    /// The item with this `id`, or with this name and no `id`.
    Named(&'a str),
}

/// A place that may be written.
#[derive(Clone, Copy)]
pub(super) struct Place<'t, 's> {
    /// The value.
    pub(super) node: Node<'t, 's>,
    /// Its key, where it stands in a mapping.
    pub(super) key: Option<Span>,
    /// What holds it.
    pub(super) parent: Node<'t, 's>,
    /// The key of what holds it.
    pub(super) parent_key: Option<Span>,
    /// Whether it stands in brackets or braces.
    pub(super) in_flow: bool,
}

impl<'t, 's> Document<'t, 's> {
    /// The place of a value, where writing it changes nothing else.
    pub(super) fn writable(&self, steps: &[Step<'_>]) -> Result<Place<'t, 's>, Reason> {
        let place = match self.here(steps) {
            Err(Reason::NotHere) if !self.place.is_empty() => self.inherited(steps)?,
            found => found?,
        };
        if place.node.is_alias() {
            return Err(Reason::Alias);
        }
        let own = place.node.span();
        let within = |outer: Span, inner: Span| outer.start <= inner.start && inner.end <= outer.end;
        let repeated = |span: Span| within(span, own) || (!own.is_empty() && within(own, span));
        if self.tree.aliased().any(repeated) {
            return Err(Reason::Anchored);
        }
        Ok(place)
    }

    /// The place in the survey or group itself.
    fn here(&self, steps: &[Step<'_>]) -> Result<Place<'t, 's>, Reason> {
        self.follow(self.place, steps)
    }

    /// The place below a pointer, where it is written and counts for nothing else.
    fn follow(&self, place: &str, steps: &[Step<'_>]) -> Result<Place<'t, 's>, Reason> {
        let key = |step: &Step<'_>| match step {
            Step::Key(key) => Some((*key).to_owned()),
            Step::Any(_) | Step::Named(_) => None,
        };
        let keys: Vec<String> = steps.iter().map_while(key).collect();
        let pointer = keys
            .iter()
            .fold(place.to_owned(), |pointer, key| format!("{pointer}/{key}"));
        let written = (self.written)(&pointer).map_err(|shared| match shared {
            Shared::Groups => Reason::Inherited,
            Shared::Defaults => Reason::Defaults,
            Shared::Matrix => Reason::Matrix,
            Shared::Marketplaces => Reason::Marketplaces,
        })?;
        let there = written.split('/').skip(1).map(Step::Key);
        let steps: Vec<Step<'_>> = there.chain(steps[keys.len()..].iter().copied()).collect();
        self.walk(&steps)
    }

    /// The place in the survey of a group, where no other group reads it but those that wish the same.
    fn inherited(&self, steps: &[Step<'_>]) -> Result<Place<'t, 's>, Reason> {
        let place = self.follow("", steps)?;
        let groups = self
            .root
            .get("groups")
            .map_or(0, |(_, groups)| groups.items().len());
        let reads = |index: &usize| {
            let own = format!("/groups/{index}");
            let says_nothing = matches!(self.follow(&own, steps), Err(Reason::NotHere));
            says_nothing && own != self.place && !self.alike.contains(&own.as_str())
        };
        match (0..groups).any(|index| reads(&index)) {
            false => Ok(place),
            true => Err(Reason::Inherited),
        }
    }

    fn walk(&self, steps: &[Step<'_>]) -> Result<Place<'t, 's>, Reason> {
        let mut place = Place {
            node: self.root,
            key: None,
            parent: self.root,
            parent_key: None,
            in_flow: false,
        };
        for step in steps {
            let node = place.node;
            if node.is_alias() {
                return Err(Reason::Alias);
            }
            let (key, next) = self.step(node, *step)?;
            place = Place {
                node: next,
                key,
                parent: node,
                parent_key: place.key,
                in_flow: place.in_flow || self.is_flow(node),
            };
        }
        Ok(place)
    }

    fn step(&self, node: Node<'t, 's>, step: Step<'_>) -> Result<(Option<Span>, Node<'t, 's>), Reason> {
        let entry = |fits: &dyn Fn(&str) -> bool| {
            let own = node
                .entries()
                .iter()
                .find(|entry| !entry.merge && fits(&entry.key));
            match own {
                Some(entry) => Ok((Some(entry.key_span), node.of(entry))),
                None if node.entries().iter().any(|entry| entry.merge) => Err(Reason::Merged),
                None => Err(Reason::NotHere),
            }
        };
        match step {
            Step::Key(key) if node.is_sequence() => {
                let index: Option<usize> = key.parse().ok();
                let item = index.and_then(|index| node.items().nth(index));
                item.map(|item| (None, item)).ok_or(Reason::NotHere)
            }
            Step::Key(key) => entry(&|own| own == key),
            Step::Any(names) => entry(&|own| names.iter().any(|name| name.eq_ignore_ascii_case(own))),
            Step::Named(name) => {
                let named = |item: &Node<'t, 's>| {
                    let own = item.get("id").or_else(|| item.get("name"));
                    let own = own.and_then(|(_, own)| own.scalar());
                    // `$${` stands for `${` in a manifest.
                    own.is_some_and(|own| own.text == name || own.text == name.replace("${", "$${"))
                };
                let item = node.items().find(named);
                item.map(|item| (None, item)).ok_or(Reason::NotHere)
            }
        }
    }

    /// Whether a collection stands in brackets or braces.
    pub(super) fn is_flow(&self, node: Node<'_, '_>) -> bool {
        let written = &self.text[node.span().range()];
        (node.is_mapping() && written.starts_with('{')) || (node.is_sequence() && written.starts_with('['))
    }

    /// Whether a comment stands in a part of the text.
    pub(super) fn has_comment(&self, part: &std::ops::Range<usize>) -> bool {
        let mut comments = self.tree.comments().iter().map(|comment| comment.span.range());
        comments.any(|comment| part.start <= comment.start && comment.start < part.end)
    }
}
