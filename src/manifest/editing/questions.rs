//! What else is asked of a project while it is edited: where names stand, and what surveys want.

use super::Editing;
use crate::diag::SourceFile;
use crate::manifest::document;
use crate::manifest::index::Location;
use crate::manifest::lower::file::{Content, Document};
use crate::manifest::read::kind::Kind;
use crate::marketplace::registry;
use crate::model::codebook::Codebook;
use crate::model::{Address, DesiredSurvey, VendorId};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

impl Editing {
    /// The questions and answers of a marketplace, with the names that the project gives them.
    pub fn codebook(&self, vendor: VendorId) -> &'static Codebook {
        let own = self.around.books.of(vendor);
        own.unwrap_or_else(|| registry::of(vendor).codebook())
    }

    /// The name under which a file is shown, by its real path.
    pub fn name(&self, path: &Path) -> Option<&Arc<str>> {
        self.places.get(path).map(|at| &self.walk.files[*at].name)
    }

    /// The real path of a file that is shown under a name.
    pub fn path(&self, name: &str) -> Option<&Path> {
        self.names.get(name).map(|at| &*self.walk.files[*at].real)
    }

    /// The text of a list of transactions whose problems are shown.
    pub fn list(&self, name: &str) -> Option<&SourceFile> {
        let those = self.elsewhere.get(name)?.iter();
        let documents = those.filter_map(|at| self.kept[*at].as_ref());
        let mut sources = documents
            .flat_map(|kept| &kept.file.documents)
            .filter_map(|document| match &document.content {
                Content::Reconciliation(lowered) => lowered.source.as_ref(),
                _ => None,
            });
        sources.find(|source| **source.name() == *name)
    }

    /// The file and document that an address belongs to.
    fn claim(&self, address: &Address) -> Option<(usize, &Document)> {
        let names = [address.as_str(), address.manifest()];
        let all = (0..self.kept.len()).flat_map(|at| self.documents(at).map(move |document| (at, document)));
        let mut claims =
            all.filter(|(_, document)| names.contains(&document.name.as_deref().unwrap_or_default()));
        claims.next()
    }

    /// The surveys that some document claims to be, valid or not, without their groups, in order; and their files.
    pub fn surveys(&self) -> BTreeMap<Address, Arc<str>> {
        let mut all = BTreeMap::new();
        for (at, file) in self.walk.files.iter().enumerate() {
            for document in self
                .documents(at)
                .filter(|document| document.kind == Kind::Survey)
            {
                let own = document.name.as_deref().unwrap_or_default();
                let fielded = document.fielded().into_iter().map(|(address, _)| address);
                let surveys = fielded.filter(|address| !address.is_group());
                let named = std::iter::once(Address::survey(own)).chain(surveys);
                all.extend(named.map(|address| (address, Arc::clone(&file.name))));
            }
        }
        all
    }

    /// The file of an address that some document claims, valid or not.
    pub fn file(&self, address: &Address) -> Option<&Arc<str>> {
        let (at, document) = self.claim(address)?;
        let named = document.name.as_deref() == Some(address.as_str());
        let fielded = || document.fielded().iter().any(|(own, _)| own == address);
        (named || fielded()).then(|| &self.walk.files[at].name)
    }

    /// What everything of a manifest wants, by addresses; nothing while there are errors in its file.
    pub fn wanted(&self, address: &Address) -> BTreeMap<Address, DesiredSurvey> {
        let Some((at, document)) = self.claim(address) else {
            return BTreeMap::new();
        };
        if self.has_errors(&self.walk.files[at].name) {
            return BTreeMap::new();
        }
        let read = document::read(self.walk.files[at].clone(), &self.around);
        let mut all = BTreeMap::new();
        for again in read
            .documents
            .into_iter()
            .filter(|again| again.name == document.name)
        {
            if let (Content::Survey(fielded, _), Some(own)) = (again.content, &again.name) {
                all.extend(fielded.into_iter().map(|one| (one.address(own), one.survey)));
            }
        }
        all
    }

    /// The exact place of a value of a survey or group, and the text it is in.
    pub fn locate(&self, address: &Address, pointer: &str) -> Option<(Location, SourceFile)> {
        let (at, _) = self.claim(address)?;
        self.index(at).locate(address, pointer)
    }
}
