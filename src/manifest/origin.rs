//! Where the values of a survey stand: in its document, in a matrix or block of it, or in the defaults of a folder.
//!
//! Promises: a pointer into what is read leads to the text that somebody wrote. Texts of other files lie behind the
//! document's own, as if all were one text, so that a place stays two numbers until it is shown.

use super::defaults::Layer;
use crate::diag::{Diagnostic, Label, Span};
use crate::yaml::{self, Located, Node};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    /// The defaults it comes from; `None` for the document itself.
    pub(super) layer: Option<usize>,
    /// The pointer there.
    pub(super) pointer: String,
}

/// The values of an expanded survey that stand elsewhere, by their pointers in it; those below one stand with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// Says that a value comes from somewhere else.
    pub(super) fn put(&mut self, pointer: String, layer: Option<usize>, from: String) {
        let origin = Origin { layer, pointer: from };
        self.0.insert(pointer, origin);
    }

    /// Where a value was written.
    pub(super) fn of(&self, pointer: &str) -> Origin {
        let mut end = pointer.len();
        loop {
            if let Some(origin) = self.0.get(&pointer[..end]) {
                return Origin {
                    layer: origin.layer,
                    pointer: format!("{}{}", origin.pointer, &pointer[end..]),
                };
            }
            match pointer[..end].rfind('/') {
                Some(slash) if end > 0 => end = slash,
                _ => break,
            }
        }
        Origin {
            layer: None,
            pointer: pointer.to_owned(),
        }
    }

    /// Follows a value that is moved within the survey.
    pub(super) fn carry(&mut self, from: &str, to: &str) {
        let base = self.of(from);
        let below = |pointer: &str, top: &str| {
            let rest = pointer.strip_prefix(top);
            rest.filter(|rest| rest.starts_with('/')).map(str::to_owned)
        };
        let moved: Vec<(String, Origin)> = self
            .0
            .iter()
            .filter_map(|(pointer, origin)| Some((format!("{to}{}", below(pointer, from)?), origin.clone())))
            .collect();
        self.0
            .retain(|pointer, _| pointer != to && below(pointer, to).is_none());
        self.0.insert(to.to_owned(), base);
        self.0.extend(moved);
    }
}

/// The text of a file with the texts of its defaults behind it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    text: &'a str,
    layers: &'a [Arc<Layer>],
}

impl<'a> Sight<'a> {
    /// A file's own text, and the defaults that count for it.
    pub(super) fn new(text: &'a str, layers: &'a [Arc<Layer>]) -> Self {
        Self { text, layers }
    }

    /// Where each text starts, and the text.
    fn texts(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let others = self.layers.iter().map(|layer| layer.text.as_ref());
        std::iter::once(self.text).chain(others).scan(0, |start, text| {
            let here = *start;
            // A place right behind a text is still in it.
            *start += text.len() + 1;
            Some((here, text))
        })
    }

    /// Follows an origin, from the document's root or in the defaults it names.
    pub(super) fn locate(&self, root: Node<'_, '_>, origin: &Origin) -> (Located, bool) {
        let Some(index) = origin.layer else {
            return root.locate(&origin.pointer);
        };
        let (Some(layer), Some((start, text))) = (self.layers.get(index), self.texts().nth(index + 1)) else {
            return root.locate("");
        };
        let (tree, _) = yaml::parse(text, yaml::Options::default());
        let Some(there) = tree.documents().nth(layer.document) else {
            return root.locate("");
        };
        let (located, exact) = there.locate(&format!("{}{}", layer.base, origin.pointer));
        let shift = |span: Span| Span::new(span.start as usize + start, span.end as usize + start);
        let located = Located {
            key: located.key.map(shift),
            value: shift(located.value),
        };
        (located, exact)
    }

    /// The text at a place.
    pub(super) fn written(&self, span: Span) -> &'a str {
        let (layer, span) = self.home(span);
        let text = layer.map_or(self.text, |layer| layer.text.as_ref());
        text.get(span.range()).unwrap_or_default()
    }

    /// The defaults that a place is in, and the place in their file; `None` for the document's own file.
    pub(super) fn home(&self, span: Span) -> (Option<&'a Arc<Layer>>, Span) {
        let found = self
            .texts()
            .enumerate()
            .filter(|(_, (start, _))| *start <= span.start as usize)
            .last();
        match found {
            Some((index, (start, _))) if index > 0 => {
                let own = Span::new(span.start as usize - start, span.end as usize - start);
                (self.layers.get(index - 1), own)
            }
            _ => (None, span),
        }
    }

    /// Puts a problem of this file into the file where it stands.
    pub(super) fn settle(&self, problem: &mut Diagnostic, own: &Arc<str>) {
        let file_of = |label: &Label| match self.home(label.span) {
            (Some(layer), span) => (Arc::clone(&layer.found.name), span),
            (None, span) => (label.file.clone().unwrap_or_else(|| Arc::clone(own)), span),
        };
        let mut file = Arc::clone(own);
        if let Some(label) = &mut problem.primary {
            (file, label.span) = file_of(label);
        }
        for label in &mut problem.secondary {
            let (there, span) = file_of(label);
            label.span = span;
            label.file = Some(there).filter(|there| *there != file);
        }
        problem.file = Some(file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_a_moved_value_stands_with_it() {
        let mut origins = Origins::default();
        origins.put(
            "/cint/quotas".to_owned(),
            None,
            "/matrix/market/1/quotas".to_owned(),
        );
        origins.carry("/cint/quotas", "/quotas");
        assert_eq!(
            origins.of("/quotas/0/name").pointer,
            "/matrix/market/1/quotas/0/name"
        );
        assert_eq!(origins.of("/quotas").pointer, "/matrix/market/1/quotas");
        assert_eq!(origins.of("/quotas2").pointer, "/quotas2");
        assert_eq!(origins.of("").pointer, "");
        origins.carry("/purespectrum/quotas", "/quotas");
        assert_eq!(origins.of("/quotas/0").pointer, "/purespectrum/quotas/0");
    }
}
