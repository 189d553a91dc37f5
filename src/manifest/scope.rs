//! What every check of one document shares: where things stand, and where problems go.

use super::origin::{Origins, Sight};
use crate::diag::{Diagnostic, Span};
use crate::text::pointer::keys;
use crate::yaml::{Located, Node};
use std::path::{Path, PathBuf};

/// One document while it is read.
pub(super) struct Scope<'a> {
    /// The document.
    pub(super) root: Node<'a, 'a>,
    /// The text it stands in, with those of its defaults.
    pub(super) sight: Sight<'a>,
    /// Where the values stand that are not at their place in the document.
    pub(super) origins: Origins,
    /// The folder that relative paths start from.
    pub(super) folder: &'a Path,
    /// Folders that list files have to lie in, besides the document's own.
    pub(super) fence: &'a [PathBuf],
    /// Problems so far.
    pub(super) problems: Vec<Diagnostic>,
    /// The group that is being read, laid over its survey: what it says itself stands with it, the rest with the survey.
    pub(super) group: Option<usize>,
    /// Digests of list files that were read.
    pub(super) lists: Vec<[u8; 32]>,
}

impl<'a> Scope<'a> {
    /// A document without problems so far.
    pub(super) fn new(root: Node<'a, 'a>, sight: Sight<'a>, folder: &'a Path, fence: &'a [PathBuf]) -> Self {
        Self {
            root,
            sight,
            origins: Origins::default(),
            folder,
            fence,
            problems: Vec::new(),
            group: None,
            lists: Vec::new(),
        }
    }

    /// Where a pointer's value stands; the deepest part that exists; the key where nothing was written.
    pub(super) fn value(&self, pointer: &str) -> Span {
        self.locate(&self.place(pointer)).0.visible()
    }

    /// Where the key of a pointer stands; the value where there is no key.
    pub(super) fn key(&self, pointer: &str) -> Span {
        let (located, _) = self.locate(&self.place(pointer));
        located.key.unwrap_or(located.value)
    }

    /// Where a pointer leads, and whether that is the whole way.
    fn locate(&self, pointer: &str) -> (Located, bool) {
        self.sight.locate(self.root, &self.origins.of(pointer))
    }

    /// Where a pointer leads while a group is read: into the group where it says anything about the field.
    fn place(&self, pointer: &str) -> String {
        let Some(index) = self.group else {
            return pointer.to_owned();
        };
        let own = format!("/groups/{index}{pointer}");
        let mut tokens = pointer.split('/').skip(1);
        let first = tokens.next().unwrap_or_default();
        let (_, said) = self.locate(&format!("/groups/{index}/{first}"));
        let (_, exact) = self.locate(&own);
        // Of a vendor's block the group may say only a part.
        let whole = crate::model::VendorId::from_key(first).is_none();
        if exact || (said && whole) {
            own
        } else {
            pointer.to_owned()
        }
    }

    /// A short place for the whole document: the value of `name`, otherwise of `kind`, otherwise its first line.
    pub(super) fn head(&self) -> Span {
        if let Some(index) = self.group {
            return self.locate(&format!("/groups/{index}/name")).0.visible();
        }
        for key in ["name", "kind"] {
            if let Some((_, node)) = self.root.get(key) {
                return node.span();
            }
        }
        let span = self.root.span();
        let line = self.sight.written(span).lines().next().unwrap_or_default();
        Span {
            start: span.start,
            end: span.start + u32::try_from(line.trim_end().len()).unwrap_or(0),
        }
    }

    /// The text as it was written at a place.
    pub(super) fn written(&self, span: Span) -> &'a str {
        self.sight.written(span)
    }

    /// Adds a problem.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        self.problems.push(diagnostic);
    }
}

/// A pointer as people write it: `/quotas/0/where/age` is `quotas[0].where.age`.
pub(super) fn path(pointer: &str) -> String {
    let mut out = String::new();
    for token in keys(pointer) {
        if !token.is_empty() && token.bytes().all(|b| b.is_ascii_digit()) && token.len() < 7 {
            out.push_str(&format!("[{token}]"));
        } else {
            if !out.is_empty() {
                out.push('.');
            }
            out.push_str(&crate::diag::text::short(&token));
        }
    }
    out
}
