//! What the documents of one file gave.

use super::exclusion_group::Group;
use super::project::Project;
use crate::diag::{Diagnostic, SourceFile, Span};
use crate::manifest::expand::defaults::{Defaults, Layer};
use crate::manifest::expand::origin::Origins;
use crate::manifest::outcomes::manifest::Lowered;
use crate::manifest::read::kind::Kind;
use crate::manifest::read::walk::Found;
use crate::manifest::renames::Written;
use crate::model::{DesiredSurvey, Study, VendorId};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a document gave.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// The survey with its groups, at each marketplace that fields it, and how these share it where there are several.
    Survey(Vec<Fielded>, Option<Study>),
    Group(Box<Group>),
    Project(Box<Project>),
    Reconciliation(Box<Lowered>),
    /// Defaults, which count for other documents.
    Defaults,
    /// Nothing usable; its name still counts.
    Broken,
}

/// A survey at a marketplace, or a group of it.
#[derive(Debug, Clone)]
pub(crate) struct Fielded {
    /// The marketplace, where several share the survey.
    pub(crate) at: Option<VendorId>,
    /// The name and place of a group.
    pub(crate) group: Option<(String, String)>,
    /// What is wanted.
    pub(crate) survey: DesiredSurvey,
    /// Where its values stand.
    pub(crate) origins: Arc<Origins>,
}

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
}

/// What surrounds the files of a project.
#[derive(Debug, Default)]
pub(crate) struct Around {
    /// Folders that lists have to lie in, unless they lie beside the file that names them.
    pub(crate) fence: Vec<PathBuf>,
    /// Defaults of folders.
    pub(crate) defaults: Defaults,
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
        }
    }

    /// Whether the defaults that count for it are those it was read with.
    pub(crate) fn has_layers(&self, around: &Around) -> bool {
        let folder = self.found.real.parent().unwrap_or(Path::new(""));
        let now = around.defaults.of(folder);
        let same = |(one, other): (&Arc<Layer>, &Arc<Layer>)| {
            one.text == other.text && one.document == other.document && one.found.name == other.found.name
        };
        now.len() == self.layers.len() && now.iter().zip(self.layers.iter()).all(same)
    }
}
