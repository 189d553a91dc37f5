//! One file: its documents from text to model, with everything that can be said without the other files.
//!
//! Promises: the tree is dropped when the file is done; what remains is the model, names with their places, and the
//! text only if a problem has to show it.

use super::defaults::{Defaults, Layer};
use super::matrix;
use super::origin::{Origins, Sight};
use super::project::{self, Project};
use super::reconciliation::{self, Lowered, ReconciliationManifest};
use super::schema::Kind;
use super::scope::Scope;
use super::secrets;
use super::shape;
use super::study;
use super::survey;
use super::types::{GroupManifest, ProjectManifest, SurveyManifest, without_blocks};
use super::vendors;
use super::walk::{DEFAULTS_FILES, Found, PROJECT_FILE};
use crate::diag::suggest;
use crate::diag::text::short;
use crate::diag::{Diagnostic, Severity, SourceFile, Span, code};
use crate::model::{DesiredSurvey, Study, VendorId};
use crate::yaml::{self, Budget, MAX_FILE_BYTES, Node};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a document gave.
#[derive(Debug, Clone)]
pub(super) enum Content {
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
pub(super) struct Fielded {
    /// The marketplace, where several share the survey.
    pub(super) at: Option<VendorId>,
    /// The name and place of a group.
    pub(super) group: Option<(String, String)>,
    /// What is wanted.
    pub(super) survey: DesiredSurvey,
    /// Where its values stand.
    pub(super) origins: Arc<Origins>,
}

/// A document that was understood far enough to have a kind.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// Its place among the documents of the file.
    pub(super) index: usize,
    pub(super) kind: Kind,
    /// The name, where it is a text.
    pub(super) name: Option<String>,
    /// Where the name stands; the document's head where there is none.
    pub(super) name_span: Span,
    /// The names of its values, by dimension, where it comes from a matrix.
    pub(super) values: Vec<(String, String)>,
    pub(super) content: Content,
}

/// A group whose members are not resolved yet.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) file: Arc<str>,
    pub(super) name: String,
    pub(super) name_span: Span,
    pub(super) title: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) reference_span: Span,
    pub(super) members: Vec<(Value, Span)>,
    pub(super) exclusion_days: Option<u64>,
    /// Where it is made.
    pub(super) vendor: Option<VendorId>,
}

/// A file that was read.
#[derive(Debug, Clone)]
pub(super) struct File {
    pub(super) found: Found,
    pub(super) documents: Vec<Document>,
    pub(super) problems: Vec<Diagnostic>,
    /// Digest of the text alone.
    pub(super) text_digest: Option<[u8; 32]>,
    /// Digest of the text, and of the lists it names; `None` where nothing could be read.
    pub(super) digest: Option<[u8; 32]>,
    /// The text for excerpts, secrets masked; kept only where there are problems.
    pub(super) source: Option<SourceFile>,
    /// Whether it names lists, so that it may change although its own text does not.
    pub(super) names_lists: bool,
    /// The defaults that count for it, the nearest first.
    pub(super) layers: Arc<[Arc<Layer>]>,
}

/// What surrounds the files of a project.
#[derive(Debug, Default)]
pub(super) struct Around {
    /// Folders that lists have to lie in, unless they lie beside the file that names them.
    pub(super) fence: Vec<PathBuf>,
    /// Defaults of folders.
    pub(super) defaults: Defaults,
}

impl File {
    /// A file before it is read.
    pub(super) fn unread(found: Found, around: &Around) -> Self {
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
    pub(super) fn has_layers(&self, around: &Around) -> bool {
        let folder = self.found.real.parent().unwrap_or(Path::new(""));
        let now = around.defaults.of(folder);
        let same = |(one, other): (&Arc<Layer>, &Arc<Layer>)| {
            one.text == other.text && one.document == other.document && one.found.name == other.found.name
        };
        now.len() == self.layers.len() && now.iter().zip(self.layers.iter()).all(same)
    }
}

/// Reads one file.
pub(super) fn read(found: Found, around: &Around) -> File {
    let mut file = File::unread(found, around);
    match text(&file.found) {
        Ok(text) => read_documents(&mut file, &text, &around.fence),
        Err(error) => {
            let problem = error.diagnostic().in_file(&file.found.name);
            file.problems.push(problem);
        }
    }
    file
}

/// The text of a file: what an editor holds, or what is on disk.
pub(super) fn text(found: &Found) -> Result<Arc<str>, yaml::ReadError> {
    match &found.unsaved {
        Some(text) => Ok(Arc::clone(text)),
        None => yaml::read_text(&found.path, MAX_FILE_BYTES).map(Arc::from),
    }
}

fn read_documents(file: &mut File, text: &str, fence: &[PathBuf]) {
    let text_digest = text_digest(text);
    let mut hasher = Sha256::new();
    hasher.update(text_digest);
    let (tree, problems) = yaml::parse(text, yaml::Options::default());
    file.problems = problems;
    let layers = Arc::clone(&file.layers);
    let sight = Sight::new(text, &layers);
    let folder = file.found.path.parent().unwrap_or(Path::new(""));
    let mut budget = Budget::default();
    for (index, root) in tree.documents().enumerate() {
        let mut scope = Scope::new(root, sight, folder, fence);
        let documents = read_document(&mut scope, index, root, &mut budget, file);
        let reconciles = |document: &Document| document.kind == Kind::Reconciliation;
        file.names_lists |= documents.iter().any(reconciles);
        file.documents.extend(documents);
        scope.lists.iter().for_each(|list| hasher.update(list));
        let about_list = |problem: &Diagnostic| problem.code == code::TARGETING_LIST_FILE;
        file.names_lists |= !scope.lists.is_empty() || scope.problems.iter().any(about_list);
        file.problems.append(&mut scope.problems);
    }
    for problem in &mut file.problems {
        sight.settle(problem, &file.found.name);
    }
    file.text_digest = Some(text_digest);
    file.digest = Some(hasher.finalize().into());
    if !file.problems.is_empty() {
        file.source = Some(source(&file.found.name, text, &tree));
    }
}

/// Digest of a text, to see whether a file is still the one that was read.
pub(super) fn text_digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

/// The text of a file as diagnostics may show it.
pub(super) fn source(name: &Arc<str>, text: &str, tree: &yaml::Tree<'_>) -> SourceFile {
    SourceFile::new(Arc::clone(name), secrets::mask(text, tree).into())
}

fn read_document(
    scope: &mut Scope<'_>,
    index: usize,
    root: Node<'_, '_>,
    budget: &mut Budget,
    file: &File,
) -> Vec<Document> {
    if root.value() == Some(yaml::Value::Null) {
        return Vec::new();
    }
    let (value, problems) = yaml::to_json(root, budget);
    scope.problems.extend(problems);
    let Some((value, kind)) = value.and_then(|value| {
        let kind = kind(scope, root, &value)?;
        Some((value, kind))
    }) else {
        return Vec::new();
    };
    let mut documents = if kind == Kind::Survey {
        surveys(scope, index, value, file)
    } else {
        let name = value.get("name").and_then(Value::as_str).map(str::to_owned);
        let refused = shape::check(scope, kind, &value);
        let name_span = scope.head();
        let content = if refused.pointers.is_empty() {
            lower(scope, kind, &value, &file.found)
        } else {
            Content::Broken
        };
        vec![Document {
            index,
            kind,
            name,
            name_span,
            values: Vec::new(),
            content,
        }]
    };
    let refused: BTreeSet<Option<Span>> = scope
        .problems
        .iter()
        .filter(|p| p.severity == Severity::Error)
        .map(Diagnostic::span)
        .collect();
    // A number that is refused anyway need not be warned about too.
    scope
        .problems
        .retain(|p| p.code != code::YAML_TRAP || !refused.contains(&p.span()));
    if scope.problems.iter().any(Diagnostic::is_error) {
        for document in &mut documents {
            document.content = Content::Broken;
        }
    }
    documents
}

/// The surveys that a document stands for: one of each combination of its matrix, over the defaults of its folder, at
/// each marketplace that it names.
fn surveys(scope: &mut Scope<'_>, index: usize, value: Value, file: &File) -> Vec<Document> {
    let written = value.get("name").and_then(Value::as_str).map(str::to_owned);
    let name_span = scope.head();
    let document = |name: Option<String>, values, content| Document {
        index,
        kind: Kind::Survey,
        name,
        name_span,
        values,
        content,
    };
    let Some(combinations) = matrix::expand(scope, value) else {
        return vec![document(written, Vec::new(), Content::Broken)];
    };
    let mut documents = Vec::with_capacity(combinations.len());
    for combination in combinations {
        let name = combination
            .survey
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned);
        let values = combination.values.clone();
        let (fielded, study) = study::lower(scope, combination, file);
        documents.push(document(name, values, Content::Survey(fielded, study)));
    }
    scope.origins = Origins::default();
    documents
}

/// The survey, and each of its groups with its name and place. A survey whose shape is wrong in places is checked as far as
/// the rest goes, so that all its problems are seen at once.
pub(super) fn survey(scope: &mut Scope<'_>, value: &Value) -> Vec<(Option<(String, String)>, DesiredSurvey)> {
    let refused = shape::check(scope, Kind::Survey, value);
    if !refused.pointers.is_empty() {
        if let Some((rest, gone)) = shape::prune(value, refused)
            && let Ok(manifest) = SurveyManifest::deserialize(without_blocks(&rest, "groups"))
        {
            survey::lower(scope, &manifest, &rest, gone);
        }
        return Vec::new();
    }
    let Some(manifest) = typed::<SurveyManifest>(scope, &without_blocks(value, "groups")) else {
        return Vec::new();
    };
    let listed = manifest.groups.is_some();
    let place = |index: usize| {
        if listed {
            format!("/groups/{}", index - 1)
        } else {
            String::new()
        }
    };
    let parts = survey::lower(scope, &manifest, value, Vec::new())
        .into_iter()
        .enumerate();
    parts
        .map(|(index, (group, survey))| (group.map(|group| (group, place(index))), survey))
        .collect()
}

fn lower(scope: &mut Scope<'_>, kind: Kind, value: &Value, found: &Found) -> Content {
    match kind {
        // A document may stand for several; see `surveys`.
        Kind::Survey => Content::Broken,
        Kind::Defaults => {
            let name = found.path.file_name().and_then(|name| name.to_str());
            if name.is_none_or(|name| !DEFAULTS_FILES.contains(&name)) {
                let problem = Diagnostic::error(
                    code::DEFAULTS_MISPLACED,
                    format!("defaults stand in a file named `{}`", DEFAULTS_FILES[0]),
                );
                let help = format!(
                    "move this document into `{}` of the folder it is meant for",
                    DEFAULTS_FILES[0]
                );
                scope.push(problem.at(scope.head(), "in another file").help(help));
                return Content::Broken;
            }
            Content::Defaults
        }
        Kind::SurveyGroup => {
            typed::<GroupManifest>(scope, &without_blocks(value, "")).map_or(Content::Broken, |manifest| {
                let members = manifest.surveys.into_iter().enumerate();
                Content::Group(Box::new(Group {
                    file: Arc::clone(&found.name),
                    name_span: scope.head(),
                    reference_span: if manifest.reference.is_some() {
                        scope.value("/ref")
                    } else {
                        scope.head()
                    },
                    members: members
                        .map(|(i, member)| (member, scope.value(&format!("/surveys/{i}"))))
                        .collect(),
                    name: manifest.name,
                    title: manifest.title,
                    reference: manifest.reference,
                    exclusion_days: manifest.exclusion_days,
                    vendor: group_vendor(value),
                }))
            })
        }
        Kind::Reconciliation => typed::<ReconciliationManifest>(scope, value)
            .and_then(|manifest| reconciliation::lower(scope, manifest, found))
            .map_or(Content::Broken, |lowered| {
                Content::Reconciliation(Box::new(lowered))
            }),
        Kind::Project => {
            if found.path.file_name().is_none_or(|name| name != PROJECT_FILE) {
                let problem = Diagnostic::error(
                    code::PROJECT_MISPLACED,
                    format!("a project is described in a file named `{PROJECT_FILE}`"),
                );
                scope.push(
                    problem
                        .at(scope.head(), "in another file")
                        .help(format!("move this document into `{PROJECT_FILE}`")),
                );
                return Content::Broken;
            }
            typed::<ProjectManifest>(scope, &without_blocks(value, "environments")).map_or(
                Content::Broken,
                |manifest| {
                    Content::Project(Box::new(project::lower(
                        scope,
                        &manifest,
                        value,
                        found.path.clone(),
                    )))
                },
            )
        }
    }
}

/// Where a group of surveys is made: where its block says, otherwise at the first marketplace that has such groups.
fn group_vendor(value: &Value) -> Option<VendorId> {
    let named = vendors::with_exclusion_groups().find(|vendor| value.get(vendor.key()).is_some());
    named.or_else(|| vendors::with_exclusion_groups().next())
}

/// The typed form of a value that its schema accepts.
fn typed<T: for<'de> Deserialize<'de>>(scope: &mut Scope<'_>, value: &Value) -> Option<T> {
    match T::deserialize(value) {
        Ok(typed) => Some(typed),
        Err(error) => {
            // The error's text may repeat a value, and a value may be a secret.
            let line = error.line();
            let problem = Diagnostic::error(
                code::INTERNAL,
                format!("this fits its schema but not its type (at {line})"),
            );
            scope.push(
                problem
                    .at(scope.head(), "this document")
                    .help("this is a bug of infield; please report it with the document, without secrets"),
            );
            None
        }
    }
}

fn kind(scope: &mut Scope<'_>, root: Node<'_, '_>, value: &Value) -> Option<Kind> {
    let words = || suggest::list(Kind::ALL.map(Kind::word));
    if !root.is_mapping() {
        let problem = Diagnostic::error(
            code::MANIFEST_NO_KIND,
            "this document is not a manifest: it is no mapping with a `kind`",
        );
        let help = format!(
            "start with `kind:` and {}; files that are not for infield can be listed in `.ignore`",
            words()
        );
        scope.push(problem.at(scope.head(), "no mapping").help(help));
        return None;
    }
    let Some(kind) = value.get("kind") else {
        let problem = Diagnostic::error(code::MANIFEST_NO_KIND, "this document has no `kind`");
        let guess = match value {
            value
                if VendorId::all()
                    .iter()
                    .any(|vendor| value.get(vendor.key()).is_some())
                    || value.get("quotas").is_some() =>
            {
                "add `kind: Survey`".to_owned()
            }
            value if value.get("environments").is_some() => "add `kind: Project`".to_owned(),
            value if value.get("transactions").is_some() => "add `kind: Reconciliation`".to_owned(),
            value if value.get("surveys").is_some() => "add `kind: SurveyGroup`".to_owned(),
            _ => format!(
                "add `kind:` with {}; files that are not for infield can be listed in `.ignore`",
                words()
            ),
        };
        scope.push(problem.at(scope.head(), "what is it?").help(guess));
        return None;
    };
    let place = scope.value("/kind");
    match kind.as_str() {
        Some(word) => {
            let known = Kind::from_word(word);
            if known.is_none() {
                let help = suggest::help(word, Kind::ALL.map(Kind::word), || format!("write {}", words()));
                let problem = Diagnostic::error(
                    code::MANIFEST_UNKNOWN_KIND,
                    format!("there is no kind `{}`", short(word)),
                );
                scope.push(problem.at(place, "unknown kind").help(help));
            }
            known
        }
        None => {
            let problem = Diagnostic::error(code::MANIFEST_UNKNOWN_KIND, "`kind` must be a text");
            scope.push(problem.at(place, "not a kind").help(format!("write {}", words())));
            None
        }
    }
}
