//! Where names of surveys stand: with the document that has the name, and wherever another document says it.

use super::place::{self, Spot};
use super::project::{Projects, View};
use super::shape::{self, Shape};
use super::text::Text;
use crate::diag::Span;
use crate::manifest::Editing;
use crate::manifest::schema::{Kind, SURVEY_MARK};
use crate::model::Address;
use crate::yaml::{self, Node};
use lsp_types::{Location, Position, Uri};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// What the name at a cursor belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// A document, by its file and its place there, and those of its names that are meant.
    Document {
        file: Arc<str>,
        document: usize,
        names: BTreeSet<String>,
    },
    /// A group of a survey, by its place in the list.
    Group { document: usize, place: usize },
}

/// A place where a name is said.
#[derive(Debug, Clone)]
pub(super) struct Said {
    pub(super) file: Arc<str>,
    /// The whole value, quotes included.
    pub(super) span: Span,
    pub(super) written: String,
}

/// What the key or value at a place names.
pub(super) fn target(view: &View<'_>, spot: Spot<'_, '_>, path: &[String]) -> Option<Target> {
    let kind = place::kind(spot.root)?;
    let document = spot.document;
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match parts.as_slice() {
        // What cannot say the name that it had before has no name that others know.
        ["name"] if shape::at(kind, &["moved_from"]).is_some() => {
            let file = view.editing.name(view.path)?;
            let names = view
                .editing
                .named()
                .filter(|named| named.file == file && named.document == document);
            Some(Target::Document {
                file: Arc::clone(file),
                document,
                names: names.map(|named| named.name.to_owned()).collect(),
            })
        }
        ["groups", place, "name"] if kind == Kind::Survey => Some(Target::Group {
            document,
            place: place.parse().ok()?,
        }),
        _ if !spot.on_key && shape::at(kind, path)?.is(SURVEY_MARK) => {
            let written = view.text.as_str()[spot.span.range()].trim_matches(['"', '\'']);
            let address = Address::survey(written);
            let named = view
                .editing
                .named()
                .find(|named| named.name == address.manifest())?;
            Some(Target::Document {
                file: Arc::clone(named.file),
                document: named.document,
                names: BTreeSet::from([named.name.to_owned()]),
            })
        }
        _ => None,
    }
}

/// Where other documents say these names.
pub(super) fn said(editing: &Editing, names: &BTreeSet<String>) -> Vec<Said> {
    let files: Vec<&Arc<str>> = editing.files().collect();
    let found = files.into_par_iter().flat_map_iter(|file| {
        let text = editing.text(file).unwrap_or_else(|| Arc::from(""));
        let mut found = Vec::new();
        if names.iter().any(|name| text.contains(name.as_str())) {
            let (tree, _) = yaml::parse(&text, yaml::Options::default());
            for root in tree.documents() {
                in_document(root, &mut |node, written| {
                    if names.contains(Address::survey(written).manifest()) {
                        found.push(Said {
                            file: Arc::clone(file),
                            span: node.span(),
                            written: written.to_owned(),
                        });
                    }
                });
            }
        }
        found
    });
    found.collect()
}

/// Every place of a document at which a survey is named.
pub(super) fn in_document(root: Node<'_, '_>, meet: &mut dyn FnMut(Node<'_, '_>, &str)) {
    let shape = place::kind(root).and_then(|kind| shape::at(kind, &[] as &[&str]));
    if let Some(shape) = shape {
        inside(root, shape, meet);
    }
}

fn inside(node: Node<'_, '_>, shape: Shape, meet: &mut dyn FnMut(Node<'_, '_>, &str)) {
    if node.is_alias() {
        return;
    }
    if let Some(scalar) = node.scalar().filter(|_| shape.is(SURVEY_MARK)) {
        meet(node, &scalar.text);
    }
    for entry in node.entries() {
        if let Some(shape) = shape.below(&entry.key) {
            inside(node.of(entry), shape, meet);
        }
    }
    for item in node.items() {
        if let Some(shape) = shape.below("-") {
            inside(item, shape, meet);
        }
    }
}

/// Where the name at a position is said; with the place that it is defined at, where that is asked for.
pub(super) fn at(
    projects: &Projects,
    uri: &Uri,
    position: Position,
    with_definition: bool,
) -> Option<Vec<Location>> {
    let view = projects.view(uri)?;
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let (spot, path) = place::find(&tree, view.text.offset(position))?;
    let Target::Document {
        file,
        document,
        names,
    } = target(&view, spot, &path)?
    else {
        return None;
    };
    let mut places: Vec<(Arc<str>, Span)> = Vec::new();
    if with_definition {
        let defined = view
            .editing
            .named()
            .find(|named| *named.file == file && named.document == document);
        places.extend(defined.map(|named| (file, named.span)));
    }
    let said = said(view.editing, &names).into_iter();
    places.extend(said.map(|said| (said.file, said.span)));
    let places = places.iter();
    Some(
        places
            .filter_map(|(file, span)| projects.place(view.base, view.editing, file, *span))
            .collect(),
    )
}

/// The text of a file of the project, and its path.
pub(super) fn text_of(view: &View<'_>, file: &Arc<str>) -> Option<(PathBuf, Text)> {
    let path = view.editing.path(file)?.to_owned();
    Some((path, Text::new(&view.editing.text(file)?)))
}
