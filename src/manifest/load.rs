//! Everything of a project, loaded: its files through all passes, and what only all of them together show.
//!
//! A file is lowered as a whole and its tree dropped before the next, so memory is bounded by the model and not by the
//! text.

use super::document;
use super::expand::defaults::Defaults;
use super::index::{self, Index, Location, Written};
use super::lints;
use super::lower::file::{Around, Content, File, Template};
use super::lower::named;
use super::lower::project::Project;
use super::lower::questions;
use super::lower::test::Test;
use super::outcomes;
use super::read::kind::Kind;
use super::read::{secrets, unseen, walk};
use super::together;
use super::vendors;
use crate::diag::{Diagnostic, Diagnostics, SourceFile, Sources, code};
use crate::marketplace::registry;
use crate::model::{Address, Desired, Reconciliation, VendorId};
use crate::text::hex;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The folder that relative paths start from and names are shown relative to; an absolute path.
    pub base: PathBuf,
}

/// Everything that was loaded.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What should be in field. Only surveys and groups without errors are in here: with errors among the
    /// diagnostics it is not complete, and nothing may be planned from it.
    pub desired: Desired,
    /// Outcomes of transactions, by the names of their manifests; only those without errors.
    pub reconciliations: BTreeMap<String, Reconciliation>,
    /// Tests of manifests, in the order of their files; only those without errors. No plan looks at them.
    pub tests: Vec<Test>,
    /// The project, if there is an `infield.yaml` without errors.
    pub project: Option<Project>,
    /// All problems, in display order.
    pub diagnostics: Diagnostics,
    /// Texts of the files that have problems, secrets masked.
    pub sources: Sources,
    /// Names of all files read, in order.
    pub files: Vec<Arc<str>>,
    /// The same as real paths.
    pub read: BTreeSet<PathBuf>,
    /// Whether the paths cover the whole folder of the project; if not, a survey that is missing here may well be
    /// in a file that was not read.
    pub whole_project: bool,
    /// SHA-256 over the names and contents of all files read, lists included, in hexadecimal digits.
    pub digest: String,
    /// Where each address stands.
    pub index: Index,
}

impl Loaded {
    /// Whether something is wrong enough that nothing may be planned.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.has_errors()
    }

    /// Where manifests of these names may be although they are not among those that were read: in files below the folder that
    /// are ignored, hidden, oddly named, behind a link or unreadable. What to say of each, by name.
    pub fn unseen(&self, root: &Path, missing: &BTreeSet<&str>) -> BTreeMap<String, String> {
        unseen::unseen(root, &self.read, missing)
    }

    /// The exact place of a value of a survey or group, such as `/purespectrum/template_id`. The file is read again,
    /// and its text added to the sources. `None` for an unknown address and for a file that has changed since.
    pub fn locate(&mut self, address: &Address, pointer: &str) -> Option<Location> {
        let (location, source) = self.index.locate(address, pointer)?;
        self.sources.insert(source);
        Some(location)
    }

    /// A diagnostic on the exact value of a survey or group; without a place where the file has changed since.
    pub fn diagnostic(
        &mut self,
        address: &Address,
        pointer: &str,
        diagnostic: Diagnostic,
        label: &str,
    ) -> Diagnostic {
        match self.locate(address, pointer) {
            Some(location) => diagnostic.in_file(&location.file).at(location.value, label),
            None => diagnostic,
        }
    }
}

/// Loads all manifests below the paths (the base folder if there are none) and the project they belong to.
pub fn load(paths: &[PathBuf], options: &Options) -> Loaded {
    registry::install();
    let walk = walk::find(paths, &options.base);
    assemble(walk, paths, options, document::read).0
}

/// What was loaded without what is wanted of each survey: enough to say what is wrong, in a fraction of the memory.
#[derive(Debug, Default)]
pub struct Checked {
    /// Everything else; its `desired` has no survey and no study, so nothing may be planned from it.
    pub loaded: Loaded,
    /// How many surveys and groups there are without errors in their files.
    pub surveys: usize,
    /// The templates that they are to be made from.
    pub templates: Vec<(Address, Template)>,
}

/// Finds the problems of all manifests below the paths: those that [`load`] finds. A file's surveys are forgotten when it was
/// looked at.
pub fn check(paths: &[PathBuf], options: &Options) -> Checked {
    registry::install();
    let walk = walk::find(paths, &options.base);
    let read = |found, around: &Around| document::read(found, around).outlined();
    let (loaded, mut outlined) = assemble(walk, paths, options, read);
    let broken = broken(&loaded.diagnostics);
    outlined.retain(|one| !broken.contains(&one.file));
    let surveys = outlined.len();
    let templates = outlined.into_iter();
    let templates = templates
        .filter_map(|one| Some((one.address, one.template?)))
        .collect();
    drop(broken);
    Checked {
        loaded,
        surveys,
        templates,
    }
}

/// What a text would be as a file of the project: with the defaults that count for it, and without its other files. The file
/// need not exist.
pub fn preview(path: &Path, text: &str, options: &Options) -> Loaded {
    let walk = walk::unsaved(path, text, &options.base);
    assemble(walk, &[path.to_owned()], options, document::read).0
}

/// Everything of the files that were found, read by `read`, side by side.
pub(super) fn assemble(
    walk: walk::Walk,
    paths: &[PathBuf],
    options: &Options,
    read: impl Fn(walk::Found, &Around) -> File + Sync,
) -> (Loaded, Vec<Outlined>) {
    let mut loaded = Loaded {
        whole_project: covers_project(paths, options, walk.project.as_deref()),
        ..Loaded::default()
    };
    let root = walk.project.as_deref().and_then(Path::parent).map(Path::to_owned);
    let around = around(&walk, options);
    loaded.diagnostics.extend(walk.problems);
    let files: Vec<File> = walk
        .files
        .into_par_iter()
        .map(|found| read(found, &around))
        .collect();
    if files.is_empty() && loaded.diagnostics.is_empty() {
        let message = "there are no manifests here";
        loaded.diagnostics.push(
            Diagnostic::warning(code::MANIFEST_NOTHING, message)
                .help("run `infield init` for a starter project"),
        );
    }
    loaded.digest = digest(&files, root.as_deref(), options);
    let outlined = merge(&mut loaded, files);
    loaded.diagnostics.sort();
    (loaded, outlined)
}

/// What surrounds the files that were found.
pub(super) fn around(walk: &walk::Walk, options: &Options) -> Around {
    let root = walk.project.as_deref().and_then(Path::parent);
    let fence = [root, Some(options.base.as_path())].into_iter().flatten();
    Around {
        fence: fence.filter_map(|folder| folder.canonicalize().ok()).collect(),
        defaults: Defaults::read(&walk.files),
        books: questions::find(&walk.files),
    }
}

/// A text with its secrets masked, for excerpts; places stay the same.
pub fn masked(text: &str) -> String {
    let (tree, _) = crate::yaml::parse(text, crate::yaml::Options::default());
    secrets::mask(text, &tree)
}

/// The manifests below the paths (the base folder if there are none), as their real paths and the names they are shown
/// under, and what could not be looked at. Unlike [`load`], a project above the paths is not among them.
pub fn find(paths: &[PathBuf], options: &Options) -> (Vec<(PathBuf, Arc<str>)>, Diagnostics) {
    let walk = walk::find(paths, &options.base);
    let mut problems = Diagnostics::default();
    problems.extend(walk.problems);
    let none = [PathBuf::new()];
    let roots: Vec<PathBuf> = if paths.is_empty() { &none[..] } else { paths }
        .iter()
        .filter_map(|path| options.base.join(path).canonicalize().ok())
        .collect();
    let below = |file: &walk::Found| roots.iter().any(|root| file.real.starts_with(root));
    let files = walk.files.into_iter().filter(below);
    (
        files.map(|file| (file.real.to_path_buf(), file.name)).collect(),
        problems,
    )
}

/// Whether one of the paths is the project's folder or lies above it.
fn covers_project(paths: &[PathBuf], options: &Options, project: Option<&Path>) -> bool {
    let Some(root) = project
        .and_then(Path::parent)
        .and_then(|root| root.canonicalize().ok())
    else {
        return false;
    };
    let covers = |path: &Path| path.canonicalize().is_ok_and(|path| root.starts_with(path));
    if paths.is_empty() {
        covers(&options.base)
    } else {
        paths.iter().any(|path| covers(&options.base.join(path)))
    }
}

fn digest(files: &[File], root: Option<&Path>, options: &Options) -> String {
    let root = root.unwrap_or(&options.base);
    let root = root.canonicalize().unwrap_or_else(|_| root.to_owned());
    let mut parts: Vec<(String, &[u8; 32])> = files
        .iter()
        .filter_map(|file| {
            let name = walk::display(&file.found.real, &root);
            Some((name.to_string(), file.digest.as_ref()?))
        })
        .collect();
    parts.sort();
    let mut hasher = Sha256::new();
    for (name, digest) in parts {
        hasher.update((name.len() as u64).to_be_bytes());
        hasher.update(name.as_bytes());
        hasher.update(digest);
    }
    hex::digits(hasher.finalize())
}

/// A survey without what is wanted of it, and its file.
pub(super) struct Outlined {
    address: Address,
    file: Arc<str>,
    template: Option<Template>,
}

/// Puts together what the files gave. Answers with the surveys that are outlines only.
fn merge(loaded: &mut Loaded, files: Vec<File>) -> Vec<Outlined> {
    let together = together::look(&files.iter().collect::<Vec<_>>());
    let problems = files.iter().flat_map(|file| &file.problems);
    let problems = problems.chain(&together.problems);
    let shown: BTreeSet<Arc<str>> = problems.flat_map(Diagnostic::files).cloned().collect();
    loaded.diagnostics.extend(together.problems);
    let mut outlined = Vec::new();
    for (at, mut file) in files.into_iter().enumerate() {
        let name = Arc::clone(&file.found.name);
        loaded.read.insert(file.found.real.to_path_buf());
        loaded.diagnostics.extend(std::mem::take(&mut file.problems));
        // Texts of files that were fine by themselves are read again only where a label needs them.
        let source = match file.source.take() {
            None if shown.contains(&name) => index::source(&file.found),
            source => source,
        };
        loaded.sources_insert(source);
        for (place, mut document) in std::mem::take(&mut file.documents).into_iter().enumerate() {
            let repeated = together.repeated.contains(&(at, place));
            let broken = match &mut document.content {
                Content::Reconciliation(lowered) => {
                    let broken = lowered.is_broken();
                    loaded.diagnostics.extend(std::mem::take(&mut lowered.problems));
                    loaded.sources_insert(lowered.source.take());
                    broken
                }
                _ => false,
            };
            if let Content::Test(test) = document.content {
                loaded.sources_insert(index::source(&file.found));
                loaded.tests.push(*test);
                continue;
            }
            let own = match document.name.take() {
                Some(own) if ![Kind::Project, Kind::Test].contains(&document.kind) && !repeated => own,
                _ => continue,
            };
            let written = Written::of(&file, &document);
            loaded.index.add(Address::survey(&own), &written);
            match document.content {
                Content::Survey(fielded, study) => {
                    for one in fielded {
                        let address = loaded.index.add_fielded(&own, &one, &written);
                        loaded.desired.surveys.insert(address, one.survey);
                    }
                    if let Some(study) = study {
                        loaded.desired.studies.insert(Address::survey(own), study);
                    }
                }
                Content::Outline(fielded) => {
                    for one in fielded {
                        let address = loaded.index.add_fielded(&own, &one, &written);
                        outlined.push(Outlined {
                            address,
                            file: Arc::clone(&name),
                            template: one.survey.template,
                        });
                    }
                }
                Content::Reconciliation(lowered) if !broken => {
                    loaded.reconciliations.insert(own, lowered.reconciliation);
                }
                _ => {}
            }
        }
        loaded.files.push(name);
    }
    for (file, path) in together.lists {
        loaded.sources_insert(outcomes::source(&path, &file));
    }
    loaded.project = together.project;
    loaded.desired.groups = together.groups;
    loaded.desired.renames = together.renames;
    named::settle(&mut loaded.desired);
    references(&mut loaded.desired, together.prefix.as_deref());
    judge(loaded);
    drop_broken(loaded);
    outlined
}

/// Lets the project and its manifests decide which warnings count.
fn judge(loaded: &mut Loaded) {
    let project = loaded.project.as_ref();
    let lints = project.map(|project| project.lints.clone()).unwrap_or_default();
    let mut judged = Diagnostics::default();
    for problem in loaded.diagnostics.iter() {
        let source = problem.file.as_deref().and_then(|file| loaded.sources.get(file));
        judged.extend(lints::judged(
            problem.clone(),
            &lints,
            source.map(SourceFile::text),
        ));
    }
    loaded.diagnostics = judged;
}

/// The setting that holds the reference by which the vendor tells things apart, where it has one. Where a manifest does
/// not say, it is made of names; null is for none.
pub fn reference_key(vendor: VendorId, address: &Address) -> Option<&'static str> {
    vendor.reference_key(address)
}

/// Gives what is told apart by a reference one, where the manifest names none: of the project's name and its own.
fn references(desired: &mut crate::model::Desired, project: Option<&str>) {
    for (address, survey) in &mut desired.surveys {
        if let Some(key) = survey.vendor.reference_key(address) {
            // The same whether other marketplaces field it or not.
            let own = address.alone().as_str().replace('/', "_");
            let name = format!("{}_{own}", project.unwrap_or("infield"));
            let absent = crate::model::Field::Set(serde_json::Value::from(vendors::reference(&name)));
            survey.spec.attributes.entry(key.to_owned()).or_insert(absent);
        }
    }
}

/// The files that have errors.
fn broken(diagnostics: &[Diagnostic]) -> BTreeSet<&Arc<str>> {
    let errors = diagnostics.iter().filter(|problem| problem.is_error());
    errors.filter_map(|problem| problem.file.as_ref()).collect()
}

/// Surveys of documents with errors must not be taken for complete.
fn drop_broken(loaded: &mut Loaded) {
    let broken = broken(&loaded.diagnostics);
    let index = &loaded.index;
    let keep = |address: &Address| index.file(address).is_none_or(|file| !broken.contains(file));
    loaded.desired.surveys.retain(|address, _| keep(address));
    loaded.desired.groups.retain(|address, _| keep(address));
    loaded.desired.studies.retain(|address, _| keep(address));
    loaded
        .reconciliations
        .retain(|name, _| keep(&Address::survey(name)));
}

impl Loaded {
    fn sources_insert(&mut self, source: Option<SourceFile>) {
        if let Some(source) = source {
            self.sources.insert(source);
        }
    }
}
