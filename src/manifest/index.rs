//! From addresses back to files, for stages that find problems after the trees are gone.

use super::document;
use super::walk::Found;
use crate::diag::{SourceFile, Span};
use crate::model::Address;
use crate::yaml;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The file's display name.
    pub file: Arc<str>,
    /// The value, or its key where nothing was written, or the deepest part of the pointer that exists.
    pub value: Span,
    /// The key, where the value stands in a mapping.
    pub key: Option<Span>,
    /// Whether the pointer led all the way.
    pub exact: bool,
}

#[derive(Debug, Clone)]
struct Entry {
    found: Found,
    is_survey: bool,
    document: usize,
    text_digest: Option<[u8; 32]>,
    /// Where a group stands in its document; empty for a whole document, and for a group that no list names.
    place: String,
}

/// The text that an address stands in, and where in it.
pub(super) struct Source {
    pub(super) found: Found,
    pub(super) text: Arc<str>,
    /// The place of the document among those of the file.
    pub(super) document: usize,
    /// Where a group stands in its document; empty for a whole document.
    pub(super) place: String,
}

/// Files and documents by address.
#[derive(Debug, Clone, Default)]
pub struct Index(BTreeMap<Address, Entry>);

impl Index {
    pub(super) fn add(
        &mut self,
        address: Address,
        found: &Found,
        text_digest: Option<[u8; 32]>,
        (is_survey, document): (bool, usize),
    ) {
        let entry = Entry {
            found: found.clone(),
            is_survey,
            document,
            text_digest,
            place: String::new(),
        };
        self.0.insert(address, entry);
    }

    /// Adds a group of a survey that is in the index.
    pub(super) fn add_group(&mut self, address: Address, survey: &Address, place: String) {
        if let Some(entry) = self.0.get(survey).cloned() {
            self.0.insert(address, Entry { place, ..entry });
        }
    }

    /// The display name of the file that defines an address.
    pub fn file(&self, address: &Address) -> Option<&Arc<str>> {
        self.0.get(address).map(|entry| &entry.found.name)
    }

    /// The path of the file that defines an address.
    pub fn path(&self, address: &Address) -> Option<&Path> {
        self.0.get(address).map(|entry| entry.found.path.as_path())
    }

    /// Every address that some document claims, valid or not, in order.
    pub fn addresses(&self) -> impl Iterator<Item = &Address> {
        self.0.keys()
    }

    /// The surveys that some document claims to be, valid or not, without their groups, in order.
    pub fn surveys(&self) -> impl Iterator<Item = &Address> {
        let surveys = self
            .0
            .iter()
            .filter(|(address, entry)| entry.is_survey && !address.is_group());
        surveys.map(|(address, _)| address)
    }

    /// The file of an address, read again; `None` where it has changed since.
    pub(super) fn source_of(&self, address: &Address) -> Option<Source> {
        let entry = self.0.get(address)?;
        let text = document::text(&entry.found).ok()?;
        let same = entry.text_digest == Some(document::text_digest(&text));
        same.then(|| Source {
            found: entry.found.clone(),
            text,
            document: entry.document,
            place: entry.place.clone(),
        })
    }

    /// Reads the file of an address again and follows a pointer in its document.
    pub fn locate(&self, address: &Address, pointer: &str) -> Option<(Location, SourceFile)> {
        let entry = self.source_of(address)?;
        let text = &entry.text;
        let (tree, _) = yaml::parse(text, yaml::Options::default());
        let root = tree.documents().nth(entry.document)?;
        // What a group does not say itself stands with its survey.
        let (mut located, mut exact) = root.locate(&format!("{}{pointer}", entry.place));
        if !exact && !entry.place.is_empty() {
            let (inherited, found) = root.locate(pointer);
            if found {
                (located, exact) = (inherited, true);
            }
        }
        let file = Arc::clone(&entry.found.name);
        let location = Location {
            value: located.visible(),
            key: located.key,
            file,
            exact,
        };
        Some((location, document::source(&entry.found.name, text, &tree)))
    }
}

/// The text of a file as diagnostics may show it.
pub(super) fn source(found: &Found) -> Option<SourceFile> {
    let text = document::text(found).ok()?;
    let (tree, _) = yaml::parse(&text, yaml::Options::default());
    Some(document::source(&found.name, &text, &tree))
}
