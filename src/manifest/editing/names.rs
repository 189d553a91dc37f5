//! Names in a project while it is edited: which there are, what stands behind them, and what they would be with another text.

use super::Editing;
use crate::diag::Span;
use crate::manifest::document;
use crate::manifest::lower::file::{Content, Document};
use crate::manifest::lower::project::Project;
use crate::manifest::read::kind::Kind;
use crate::manifest::read::text;
use crate::manifest::read::walk::Found;
use crate::model::{Address, DesiredSurvey, Known, Study};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// A document with its name.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// The name.
    pub name: &'a str,
    /// What it is.
    pub kind: Kind,
    /// The file it stands in, as it is shown.
    pub file: &'a Arc<str>,
    /// Its place among the documents of the file.
    pub document: usize,
    /// Where the name stands.
    pub span: Span,
}

/// What is fielded for a survey: all of it, at one of several marketplaces, or a group.
#[derive(Debug, Clone)]
pub struct Part {
    /// Its address.
    pub address: Address,
    /// Where a group stands in its document; empty for what is no group, and for a group that no list names.
    pub place: String,
    /// What is wanted of it.
    pub survey: DesiredSurvey,
}

/// A survey of a file, and what it comes to.
#[derive(Debug, Clone)]
pub struct Meant {
    /// The place of its document among those of the file.
    pub document: usize,
    /// Its name.
    pub name: Option<String>,
    /// Where the name stands.
    pub span: Span,
    /// Its parts; none where it has mistakes.
    pub parts: Vec<Part>,
    /// How several marketplaces share it.
    pub study: Option<Study>,
}

impl Meant {
    fn of(document: Document) -> Self {
        let own = document.name.clone().unwrap_or_default();
        let (fielded, study) = match document.content {
            Content::Survey(fielded, study) => (fielded, study),
            _ => (Vec::new(), None),
        };
        let part = |one: crate::manifest::lower::file::Fielded<DesiredSurvey>| Part {
            address: one.address(&own),
            place: one.group.map(|(_, place)| place).unwrap_or_default(),
            survey: one.survey,
        };
        Self {
            document: document.index,
            name: document.name,
            span: document.name_span,
            parts: fielded.into_iter().map(part).collect(),
            study,
        }
    }
}

impl Editing {
    /// The project, where its document has no mistakes.
    pub fn project(&self) -> Option<&Project> {
        self.project.as_ref()
    }

    /// What is remembered of the project.
    pub fn known(&self) -> Option<&Known> {
        self.known.as_deref()
    }

    /// The documents with a name that counts, in the order of their files.
    pub fn named(&self) -> impl Iterator<Item = Named<'_>> {
        let files = self.walk.files.iter().enumerate();
        files.flat_map(move |(at, file)| {
            self.documents(at).filter_map(move |document| {
                Some(Named {
                    name: document.name.as_deref()?,
                    kind: document.kind,
                    file: &file.name,
                    document: document.index,
                    span: document.name_span,
                })
            })
        })
    }

    /// The groups of surveys, by their addresses, in order.
    pub fn groups(&self) -> impl Iterator<Item = Address> {
        let all = (0..self.walk.files.len()).flat_map(|at| self.documents(at));
        let groups: BTreeSet<Address> = all
            .flat_map(Document::fielded)
            .filter_map(|(address, _)| address.is_group().then_some(address))
            .collect();
        groups.into_iter()
    }

    /// The tags of surveys, in order.
    pub fn tags(&self) -> BTreeSet<&str> {
        let all = (0..self.walk.files.len()).flat_map(|at| self.documents(at));
        let outlines = all.filter_map(|document| match &document.content {
            Content::Outline(all) => Some(all),
            _ => None,
        });
        let tags = outlines.flatten().flat_map(|one| &one.survey.tags);
        tags.map(String::as_str).collect()
    }

    /// The files, as they are shown.
    pub fn files(&self) -> impl Iterator<Item = &Arc<str>> {
        self.walk.files.iter().map(|found| &found.name)
    }

    /// The text of a file: the editor's where it has one.
    pub fn text(&self, name: &str) -> Option<Arc<str>> {
        let at = self.names.get(name)?;
        text::read(&self.walk.files[*at]).ok()
    }

    /// The surveys of a file with all that they want; read again.
    pub fn meant(&self, path: &Path) -> Vec<Meant> {
        let Some(at) = self.places.get(path) else {
            return Vec::new();
        };
        self.read_as(self.walk.files[*at].clone())
    }

    /// The same with another text in the file.
    pub fn meant_by(&self, path: &Path, text: &str) -> Vec<Meant> {
        let Some(at) = self.places.get(path) else {
            return Vec::new();
        };
        let unsaved = Some(Arc::from(text));
        self.read_as(Found {
            unsaved,
            ..self.walk.files[*at].clone()
        })
    }

    fn read_as(&self, found: Found) -> Vec<Meant> {
        let documents = document::read(found, &self.around).documents.into_iter();
        let surveys = documents.filter(|document| document.kind == Kind::Survey);
        surveys.map(Meant::of).collect()
    }

    /// The surveys and groups that are remembered and that no manifest claims, in order.
    pub fn left(&self) -> Vec<&Address> {
        let Some(known) = self.known() else {
            return Vec::new();
        };
        let mut claimed: BTreeMap<Address, ()> = BTreeMap::new();
        for at in 0..self.walk.files.len() {
            for document in self.documents(at) {
                let own = document.name.as_deref().unwrap_or_default();
                claimed.insert(Address::survey(own), ());
                claimed.extend(document.fielded().into_iter().map(|(address, _)| (address, ())));
            }
        }
        let free = |address: &&Address| !claimed.contains_key(*address);
        known.resources.keys().filter(free).collect()
    }
}
