//! What the documents of one file gave.

use super::exclusion_group::Group;
use super::project::Project;
use super::test::Test;
use crate::diag::{Diagnostic, SourceFile, Span};
use crate::manifest::expand::defaults::{Defaults, Layer};
use crate::manifest::expand::origin::Origins;
use crate::manifest::outcomes::manifest::Lowered;
use crate::manifest::read::kind::Kind;
use crate::manifest::read::walk::Found;
use crate::manifest::renames::Written;
use crate::model::desired::OnTemplateChange;
use crate::model::own::Books;
use crate::model::{Address, DesiredSurvey, Level, Named, Pattern, Study, VendorId};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a document gave.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// The survey with its groups, at each marketplace that fields it, and how these share it where there are several.
    Survey(Vec<Fielded<DesiredSurvey>>, Option<Study>),
    /// The same without what is wanted of it.
    Outline(Vec<Fielded<Outline>>),
    Group(Box<Group>),
    Project(Box<Project>),
    Reconciliation(Box<Lowered>),
    Test(Box<Test>),
    /// Defaults, which count for other documents.
    Defaults,
    /// Nothing usable; its name still counts.
    Broken,
}

/// A survey at a marketplace, or a group of it.
#[derive(Debug, Clone)]
pub(crate) struct Fielded<S> {
    /// The marketplace, where several share the survey.
    pub(crate) at: Option<VendorId>,
    /// The name and place of a group.
    pub(crate) group: Option<(String, String)>,
    /// What is wanted.
    pub(crate) survey: S,
    /// Other surveys, or groups of them, that its settings name, and where.
    pub(crate) named: Vec<(Address, Span)>,
    /// Where its values stand.
    pub(crate) origins: Arc<Origins>,
}

impl<S> Fielded<S> {
    /// Its address, in the document of this name.
    pub(crate) fn address(&self, name: &str) -> Address {
        let survey = match self.at {
            Some(vendor) => Address::at(name, vendor),
            None => Address::survey(name),
        };
        match &self.group {
            Some((group, _)) => Address::group(survey.as_str(), group),
            None => survey,
        }
    }
}

/// What of a survey is still asked about when what it wants is forgotten.
#[derive(Debug, Clone)]
pub(crate) struct Outline {
    pub(crate) vendor: VendorId,
    pub(crate) template: Option<Template>,
    pub(crate) tags: BTreeSet<String>,
}

/// A template that a survey is to be made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Template {
    /// Where the survey is fielded.
    pub vendor: VendorId,
    /// The vendor's template.
    pub id: u64,
    /// What to do where the survey was made from another one.
    pub on_change: OnTemplateChange,
}

impl Template {
    /// The template that a survey names.
    pub fn of(survey: &DesiredSurvey) -> Option<Self> {
        Some(Self {
            vendor: survey.vendor,
            id: *survey.spec.template.value()?,
            on_change: survey.policy.on_template_change,
        })
    }
}

/// What is fielded that names other surveys in its settings: its address, where, and the names with their places.
pub(crate) type Naming<'a> = (Address, VendorId, &'a [(Address, Span)]);

/// A document that was understood far enough to have a kind.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    /// Its place among the documents of the file.
    pub(crate) index: usize,
    pub(crate) kind: Kind,
    /// The name, where it is a text.
    pub(crate) name: Option<String>,
    /// Where the name stands; the document's head where there is none.
    pub(crate) name_span: Span,
    /// All of it.
    pub(crate) extent: Span,
    /// The names of its values, by dimension, where it comes from a matrix.
    pub(crate) values: Vec<(String, String)>,
    /// What it says of old names.
    pub(crate) moved: Vec<Written>,
    /// Other names it has when the keys of its matrix stand in another order.
    pub(crate) orders: Vec<String>,
    pub(crate) content: Content,
}

impl Document {
    /// What it fields: addresses, and where. Nothing where it is no survey, or one with mistakes.
    pub(crate) fn fielded(&self) -> Vec<(Address, VendorId)> {
        let own = self.name.as_deref().unwrap_or_default();
        match &self.content {
            Content::Survey(all, _) => {
                let all = all.iter();
                all.map(|one| (one.address(own), one.survey.vendor)).collect()
            }
            Content::Outline(all) => {
                let all = all.iter();
                all.map(|one| (one.address(own), one.survey.vendor)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// What it fields that names other surveys in its settings: addresses, where, and the names with their places.
    pub(crate) fn naming(&self) -> Vec<Naming<'_>> {
        let own = self.name.as_deref().unwrap_or_default();
        let mut all: Vec<Naming<'_>> = match &self.content {
            Content::Survey(all, _) => all
                .iter()
                .map(|one| (one.address(own), one.survey.vendor, one.named.as_slice()))
                .collect(),
            Content::Outline(all) => all
                .iter()
                .map(|one| (one.address(own), one.survey.vendor, one.named.as_slice()))
                .collect(),
            _ => Vec::new(),
        };
        all.retain(|(_, _, named)| !named.is_empty());
        all
    }

    /// What is meant of what it fields by a pattern. What only holds groups is not fielded itself.
    pub(crate) fn meant(&self, pattern: &Pattern) -> Vec<(Address, VendorId)> {
        let own = self.name.as_deref().unwrap_or_default();
        let meant = |address: Address, vendor: VendorId, tags: &BTreeSet<String>| {
            let named = Named {
                address: &address,
                vendor: Some(vendor),
                tags,
            };
            let is = Level::of(vendor, &address) != Level::Container && pattern.means(&named);
            is.then_some((address, vendor))
        };
        match &self.content {
            Content::Survey(all, _) => all
                .iter()
                .filter_map(|one| meant(one.address(own), one.survey.vendor, &one.survey.policy.tags))
                .collect(),
            Content::Outline(all) => all
                .iter()
                .filter_map(|one| meant(one.address(own), one.survey.vendor, &one.survey.tags))
                .collect(),
            _ => Vec::new(),
        }
    }
}

/// A file that was read.
#[derive(Debug, Clone)]
pub(crate) struct File {
    pub(crate) found: Found,
    pub(crate) documents: Vec<Document>,
    pub(crate) problems: Vec<Diagnostic>,
    /// Digest of the text alone.
    pub(crate) text_digest: Option<[u8; 32]>,
    /// Digest of the text, and of the lists it names; `None` where nothing could be read.
    pub(crate) digest: Option<[u8; 32]>,
    /// The text for excerpts, secrets masked; kept only where there are problems.
    pub(crate) source: Option<SourceFile>,
    /// Whether it names lists, so that it may change although its own text does not.
    pub(crate) names_lists: bool,
    /// The defaults that count for it, the nearest first.
    pub(crate) layers: Arc<[Arc<Layer>]>,
    /// The names for questions that count for it.
    pub(crate) books: Books,
}

/// What surrounds the files of a project.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// Folders that lists have to lie in, unless they lie beside the file that names them.
    pub(crate) fence: Vec<PathBuf>,
    /// Defaults of folders.
    pub(crate) defaults: Defaults,
    /// The project's own names for questions.
    pub(crate) books: Books,
}

impl File {
    /// A file before it is read.
    pub(crate) fn unread(found: Found, around: &Around) -> Self {
        let folder = found.real.parent().unwrap_or(Path::new(""));
        let layers = around.defaults.of(folder);
        Self {
            found,
            documents: Vec::new(),
            problems: Vec::new(),
            text_digest: None,
            digest: None,
            source: None,
            names_lists: false,
            layers,
            books: around.books.clone(),
        }
    }

    /// Forgets what its surveys want: most of the memory that a file takes.
    pub(crate) fn outlined(mut self) -> Self {
        for document in &mut self.documents {
            if let Content::Survey(fielded, _) = &mut document.content {
                let outline = |one: Fielded<DesiredSurvey>| Fielded {
                    at: one.at,
                    group: one.group,
                    named: one.named,
                    survey: Outline {
                        vendor: one.survey.vendor,
                        template: Template::of(&one.survey),
                        tags: one.survey.policy.tags,
                    },
                    origins: one.origins,
                };
                let fielded = std::mem::take(fielded);
                document.content = Content::Outline(fielded.into_iter().map(outline).collect());
            }
        }
        self
    }

    /// Whether the defaults and names that count for it are those it was read with.
    pub(crate) fn is_read_with(&self, around: &Around) -> bool {
        let folder = self.found.real.parent().unwrap_or(Path::new(""));
        let now = around.defaults.of(folder);
        let same = |(one, other): (&Arc<Layer>, &Arc<Layer>)| {
            one.text == other.text && one.document == other.document && one.found.name == other.found.name
        };
        self.books == around.books
            && now.len() == self.layers.len()
            && now.iter().zip(self.layers.iter()).all(same)
    }
}
