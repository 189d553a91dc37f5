//! One file: its documents from text to model, with everything that can be said without the other files.
//!
//! Promises: the tree is dropped when the file is done; what remains is the model, names with their places, and the
//! text only if a problem has to show it.

use crate::diag::suggest;
use crate::diag::text::short;
use crate::diag::{Diagnostic, Severity, Span, code};
use crate::manifest::expand::matrix;
use crate::manifest::expand::origin::Origins;
use crate::manifest::expand::scope::Scope;
use crate::manifest::expand::sight::Sight;
use crate::manifest::lower::exclusion_group::Group;
use crate::manifest::lower::file::{Around, Content, Document, File};
use crate::manifest::lower::project;
use crate::manifest::lower::study;
use crate::manifest::lower::test;
use crate::manifest::outcomes::manifest;
use crate::manifest::read::kind::Kind;
use crate::manifest::read::text;
use crate::manifest::read::walk::{DEFAULTS_FILES, Found, PROJECT_FILE};
use crate::manifest::renames;
use crate::manifest::shape::check::{self, typed};
use crate::manifest::shape::test::TestManifest;
use crate::manifest::shape::types::{GroupManifest, ProjectManifest, ReconciliationManifest};
use crate::manifest::vendors;
use crate::model::VendorId;
use crate::yaml::{self, Budget, Node};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads one file.
pub(crate) fn read(found: Found, around: &Around) -> File {
    let mut file = File::unread(found, around);
    match text::read(&file.found) {
        Ok(text) => read_documents(&mut file, &text, &around.fence),
        Err(error) => {
            let problem = error.diagnostic().in_file(&file.found.name);
            file.problems.push(problem);
        }
    }
    file
}

fn read_documents(file: &mut File, text: &str, fence: &[PathBuf]) {
    let text_digest = text::digest(text);
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
        scope.books = file.books.clone();
        let documents = read_document(&mut scope, index, root, &mut budget, file);
        let reconciles = |document: &Document| document.kind == Kind::Reconciliation;
        file.names_lists |= documents.iter().any(reconciles);
        file.documents.extend(documents);
        scope.lists.iter().for_each(|list| hasher.update(list));
        let about_list = |problem: &Diagnostic| {
            [code::TARGETING_LIST_FILE, code::RESPONDENTS_LIST].contains(&problem.code)
        };
        file.names_lists |= !scope.lists.is_empty() || scope.problems.iter().any(about_list);
        file.problems.append(&mut scope.problems);
    }
    for problem in &mut file.problems {
        sight.settle(problem, &file.found.name);
    }
    file.text_digest = Some(text_digest);
    file.digest = Some(hasher.finalize().into());
    if !file.problems.is_empty() {
        file.source = Some(text::source(&file.found.name, text, &tree));
    }
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
        let name = name_of(&value);
        let moved = renames::read(scope, &value, false);
        let refused = check::check(scope, kind, &value);
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
            extent: root.span(),
            values: Vec::new(),
            moved,
            orders: Vec::new(),
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

fn name_of(document: &Value) -> Option<String> {
    document.get("name")?.as_str().map(str::to_owned)
}

/// The surveys that a document stands for: one of each combination of its matrix, over the defaults of its folder, at
/// each marketplace that it names.
fn surveys(scope: &mut Scope<'_>, index: usize, value: Value, file: &File) -> Vec<Document> {
    let written = name_of(&value);
    let (name_span, extent) = (scope.head(), scope.root.span());
    let document = |name: Option<String>, values, content| Document {
        index,
        kind: Kind::Survey,
        name,
        name_span,
        extent,
        values,
        moved: Vec::new(),
        orders: Vec::new(),
        content,
    };
    let Some(combinations) = matrix::expand(scope, value) else {
        return vec![document(written, Vec::new(), Content::Broken)];
    };
    let mut documents = Vec::with_capacity(combinations.len());
    for combination in combinations {
        let (name, values) = (name_of(&combination.survey), combination.values.clone());
        let orders = combination.orders.clone();
        let moved = renames::read(scope, &combination.survey, !values.is_empty());
        let (fielded, study) = study::lower(scope, combination, file);
        documents.push(Document {
            moved,
            orders,
            ..document(name, values, Content::Survey(fielded, study))
        });
    }
    scope.origins = Origins::default();
    documents
}

fn lower(scope: &mut Scope<'_>, kind: Kind, value: &Value, found: &Found) -> Content {
    match kind {
        // A document may stand for several; see `surveys`.
        Kind::Survey => Content::Broken,
        Kind::Defaults => {
            if stands_in(found, &DEFAULTS_FILES) {
                return Content::Defaults;
            }
            let file = DEFAULTS_FILES[0];
            scope
                .error(code::DEFAULTS_MISPLACED)
                .says(format!("defaults stand in a file named `{file}`"))
                .head("in another file")
                .help(format!(
                    "move this document into `{file}` of the folder it is meant for"
                ));
            Content::Broken
        }
        Kind::SurveyGroup => typed::<GroupManifest>(scope, value).map_or(Content::Broken, |manifest| {
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
                days_span: scope.value("/exclusion_days"),
                vendor: group_vendor(value),
            }))
        }),
        Kind::Reconciliation => typed::<ReconciliationManifest>(scope, value)
            .and_then(|manifest| manifest::lower(scope, manifest, found))
            .map_or(Content::Broken, |lowered| {
                Content::Reconciliation(Box::new(lowered))
            }),
        Kind::Test => typed::<TestManifest>(scope, value)
            .and_then(|manifest| test::lower(scope, manifest, found))
            .map_or(Content::Broken, |test| Content::Test(Box::new(test))),
        Kind::Project => {
            if !stands_in(found, &[PROJECT_FILE]) {
                scope
                    .error(code::PROJECT_MISPLACED)
                    .says(format!("a project is described in a file named `{PROJECT_FILE}`"))
                    .head("in another file")
                    .help(format!("move this document into `{PROJECT_FILE}`"));
                return Content::Broken;
            }
            typed::<ProjectManifest>(scope, value).map_or(Content::Broken, |manifest| {
                Content::Project(Box::new(project::lower(
                    scope,
                    manifest,
                    found.path.to_path_buf(),
                )))
            })
        }
    }
}

/// Whether a file has one of these names.
fn stands_in(found: &Found, names: &[&str]) -> bool {
    let own = found.path.file_name().and_then(|name| name.to_str());
    own.is_some_and(|own| names.contains(&own))
}

/// Where a group of surveys is made, where its block says that.
fn group_vendor(value: &Value) -> Option<VendorId> {
    vendors::with_exclusion_groups().find(|vendor| value.get(vendor.key()).is_some())
}

const IGNORE: &str = "files that are not for infield can be listed in `.ignore`";

fn kind(scope: &mut Scope<'_>, root: Node<'_, '_>, value: &Value) -> Option<Kind> {
    let words = || suggest::list(Kind::ALL.map(Kind::word));
    if !root.is_mapping() {
        scope
            .error(code::MANIFEST_NO_KIND)
            .says("this document is not a manifest: it is no mapping with a `kind`")
            .head("no mapping")
            .help(format!("start with `kind:` and {}; {IGNORE}", words()));
        return None;
    }
    let Some(kind) = value.get("kind") else {
        let has = |key: &str| value.get(key).is_some();
        let marks = [
            ("quotas", Kind::Survey),
            ("environments", Kind::Project),
            ("transactions", Kind::Reconciliation),
            ("surveys", Kind::SurveyGroup),
            ("expect", Kind::Test),
        ];
        let mut blocks = VendorId::all().iter();
        let guess = match marks.into_iter().find(|(key, _)| has(key)) {
            _ if blocks.any(|vendor| has(vendor.key())) => format!("add `kind: {}`", Kind::Survey.word()),
            Some((_, kind)) => format!("add `kind: {}`", kind.word()),
            None => format!("add `kind:` with {}; {IGNORE}", words()),
        };
        let told = scope
            .error(code::MANIFEST_NO_KIND)
            .says("this document has no `kind`");
        told.head("what is it?").help(guess);
        return None;
    };
    let Some(word) = kind.as_str() else {
        let told = scope
            .error(code::MANIFEST_UNKNOWN_KIND)
            .says("`kind` must be a text");
        told.value("/kind", "not a kind")
            .help(format!("write {}", words()));
        return None;
    };
    let known = Kind::from_word(word);
    if known.is_none() {
        scope
            .error(code::MANIFEST_UNKNOWN_KIND)
            .says(format!("there is no kind `{}`", short(word)))
            .value("/kind", "unknown kind")
            .help(suggest::help(word, Kind::ALL.map(Kind::word), || {
                format!("write {}", words())
            }));
    }
    known
}
