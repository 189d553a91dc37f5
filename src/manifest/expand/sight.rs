//! The text of a file with those of its defaults behind it, as if all were one text, so that a place stays two numbers
//! until it is shown.

use super::defaults::Layer;
use super::origin::Origin;
use crate::diag::{Diagnostic, Label, Span};
use crate::yaml::{self, Located, Node};
use std::sync::Arc;

/// The text of a file with the texts of its defaults behind it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sight<'a> {
    text: &'a str,
    layers: &'a [Arc<Layer>],
}

impl<'a> Sight<'a> {
    /// A file's own text, and the defaults that count for it.
    pub(crate) fn new(text: &'a str, layers: &'a [Arc<Layer>]) -> Self {
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
    pub(crate) fn locate(&self, root: Node<'_, '_>, origin: &Origin) -> (Located, bool) {
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
    pub(crate) fn written(&self, span: Span) -> &'a str {
        let (layer, span) = self.home(span);
        let text = layer.map_or(self.text, |layer| layer.text.as_ref());
        text.get(span.range()).unwrap_or_default()
    }

    /// The defaults that a place is in, and the place in their file; `None` for the document's own file.
    pub(crate) fn home(&self, span: Span) -> (Option<&'a Arc<Layer>>, Span) {
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
    pub(crate) fn settle(&self, problem: &mut Diagnostic, own: &Arc<str>) {
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
