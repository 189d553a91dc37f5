//! From addresses back to files, for stages that find problems after the trees are gone.

use crate::diag::{SourceFile, Span};
use crate::manifest::expand::defaults::Layer;
use crate::manifest::expand::origin::{Origin, Origins};
use crate::manifest::expand::sight::Sight;
use crate::manifest::lower::file::{Document, Fielded, File};
use crate::manifest::read::kind::Kind;
use crate::manifest::read::text;
use crate::manifest::read::walk::Found;
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
    /// Why the value counts for more than what was asked about; `None` where it is its own.
    pub shared: Option<Shared>,
}

/// Why a value counts for more than the survey that was asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// It stands with the survey, and all of its groups inherit it.
    Groups,
    /// It stands in the defaults of a folder.
    Defaults,
    /// It stands in a document that is several surveys.
    Matrix,
    /// It is divided between several marketplaces, or counts for all of them.
    Marketplaces,
}

/// A document that defines surveys.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) found: Found,
    pub(crate) layers: Arc<[Arc<Layer>]>,
    pub(crate) is_survey: bool,
    pub(crate) document: usize,
    pub(crate) text_digest: Option<[u8; 32]>,
    /// All of it.
    pub(crate) extent: Span,
    /// Whether it is one of several surveys of its document.
    pub(crate) several: bool,
}

#[derive(Debug, Clone)]
struct Entry {
    written: Arc<Written>,
    origins: Arc<Origins>,
    /// Whether it is one of several marketplaces.
    divided: bool,
    /// Where a group stands in its document; empty for a whole document, and for a group that no list names.
    place: String,
}

/// The text that an address stands in, and where in it.
pub(crate) struct Source {
    pub(crate) text: Arc<str>,
    entry: Entry,
}

impl Source {
    /// The file.
    pub(crate) fn found(&self) -> &Found {
        &self.entry.written.found
    }

    /// The place of the document among those of the file.
    pub(crate) fn document(&self) -> usize {
        self.entry.written.document
    }

    /// Where a group stands in its document; empty for a whole document.
    pub(crate) fn place(&self) -> &str {
        &self.entry.place
    }

    /// Where a value of the document is written, or why it counts for more than what stands here.
    pub(crate) fn written(&self, pointer: &str) -> Result<String, Shared> {
        let origin = self.entry.origins.of(pointer);
        match self.entry.shared(&origin, pointer, false) {
            Some(shared) => Err(shared),
            None => Ok(origin.pointer),
        }
    }
}

/// Files and documents by address.
#[derive(Debug, Clone, Default)]
pub struct Index(BTreeMap<Address, Entry>);

impl Index {
    /// Adds what a document defines, under its name.
    pub(crate) fn add(&mut self, address: Address, written: &Arc<Written>) {
        let entry = Entry {
            written: Arc::clone(written),
            origins: Arc::default(),
            divided: false,
            place: String::new(),
        };
        self.0.insert(address, entry);
    }

    /// Adds a survey or group of the document `name`, and gives its address.
    pub(crate) fn add_fielded<S>(&mut self, name: &str, one: &Fielded<S>, written: &Arc<Written>) -> Address {
        let address = one.address(name);
        let entry = Entry {
            written: Arc::clone(written),
            origins: Arc::clone(&one.origins),
            divided: one.at.is_some(),
            place: one
                .group
                .as_ref()
                .map_or_else(String::new, |(_, place)| place.clone()),
        };
        self.0.insert(address.clone(), entry);
        address
    }

    /// The display name of the file that defines an address.
    pub fn file(&self, address: &Address) -> Option<&Arc<str>> {
        self.0.get(address).map(|entry| &entry.written.found.name)
    }

    /// The path of the file that defines an address.
    pub fn path(&self, address: &Address) -> Option<&Path> {
        self.0.get(address).map(|entry| &*entry.written.found.path)
    }

    /// The display name of the file that defines an address, and the document in it.
    pub fn document(&self, address: &Address) -> Option<(&Arc<str>, Span)> {
        let written = &self.0.get(address)?.written;
        Some((&written.found.name, written.extent))
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
            .filter(|(address, entry)| entry.written.is_survey && !address.is_group());
        surveys.map(|(address, _)| address)
    }

    /// The file of an address, read again; `None` where it has changed since.
    pub(crate) fn source_of(&self, address: &Address) -> Option<Source> {
        let entry = self.0.get(address)?.clone();
        let text = text::read(&entry.written.found).ok()?;
        let same = entry.written.text_digest == Some(text::digest(&text));
        same.then_some(Source { text, entry })
    }

    /// Reads the file of an address again and follows a pointer in its survey.
    pub fn locate(&self, address: &Address, pointer: &str) -> Option<(Location, SourceFile)> {
        let Source { text, entry } = self.source_of(address)?;
        let written = &entry.written;
        let (tree, _) = yaml::parse(&text, yaml::Options::default());
        let root = tree.documents().nth(written.document)?;
        let sight = Sight::new(&text, &written.layers);
        let mut origin = entry.origins.of(&format!("{}{pointer}", entry.place));
        let (mut located, mut exact) = sight.locate(root, &origin);
        let mut inherited = false;
        // What a group does not say itself stands with its survey.
        if !exact && !entry.place.is_empty() {
            let above = entry.origins.of(pointer);
            let (there, found) = sight.locate(root, &above);
            if found {
                (located, exact, origin, inherited) = (there, true, above, true);
            }
        }
        let shared = entry.shared(&origin, pointer, inherited);
        let (layer, value) = sight.home(located.visible());
        let key = located.key.map(|key| sight.home(key).1);
        let (found, text) = match layer {
            Some(layer) => (&layer.found, Arc::clone(&layer.text)),
            None => (&written.found, Arc::clone(&text)),
        };
        let location = Location {
            file: Arc::clone(&found.name),
            value,
            key,
            exact,
            shared,
        };
        let (tree, _) = yaml::parse(&text, yaml::Options::default());
        Some((location, text::source(&found.name, &text, &tree)))
    }
}

impl Written {
    /// A document of a file.
    pub(crate) fn of(file: &File, document: &Document) -> Arc<Self> {
        Arc::new(Self {
            found: file.found.clone(),
            layers: Arc::clone(&file.layers),
            is_survey: document.kind == Kind::Survey,
            document: document.index,
            text_digest: file.text_digest,
            extent: document.extent,
            several: !document.values.is_empty(),
        })
    }
}

impl Entry {
    /// Why a value that was found counts for more than this survey.
    fn shared(&self, origin: &Origin, pointer: &str, inherited: bool) -> Option<Shared> {
        if origin.layer.is_some() {
            return Some(Shared::Defaults);
        }
        if self.written.several {
            return Some(Shared::Matrix);
        }
        let moved = origin.pointer != pointer && origin.pointer != format!("{}{pointer}", self.place);
        if self.divided && !moved {
            return Some(Shared::Marketplaces);
        }
        inherited.then_some(Shared::Groups)
    }
}

/// The text of a file as diagnostics may show it.
pub(crate) fn source(found: &Found) -> Option<SourceFile> {
    let text = text::read(found).ok()?;
    let (tree, _) = yaml::parse(&text, yaml::Options::default());
    Some(text::source(&found.name, &text, &tree))
}
