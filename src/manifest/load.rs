//! Everything of a project, loaded: its files through all passes, and what only all of them together show.
//!
//! A file is lowered as a whole and its tree dropped before the next, so memory is bounded by the model and not by the
//! text.

use super::document;
use super::expand::defaults::Defaults;
use super::index::{self, Index, Location, Written};
use super::lower::exclusion_group::{self, Names};
use super::lower::file::{Around, Content, File};
use super::lower::project::Project;
use super::outcomes;
use super::read::kind::Kind;
use super::read::{secrets, unseen, walk};
use super::renames;
use super::vendors;
use crate::diag::{Diagnostic, Diagnostics, Severity, SourceFile, Sources, Span, code};
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
    assemble(walk, paths, options, document::read)
}

/// What a text would be as a file of the project: with the defaults that count for it, and without its other files. The file
/// need not exist.
pub fn preview(path: &Path, text: &str, options: &Options) -> Loaded {
    let walk = walk::unsaved(path, text, &options.base);
    assemble(walk, &[path.to_owned()], options, document::read)
}

/// Everything of the files that were found, read by `read`, side by side.
pub(super) fn assemble(
    walk: walk::Walk,
    paths: &[PathBuf],
    options: &Options,
    read: impl Fn(walk::Found, &Around) -> File + Sync,
) -> Loaded {
    let mut loaded = Loaded::default();
    loaded.diagnostics.extend(walk.problems);
    loaded.whole_project = covers_project(paths, options, walk.project.as_deref());
    let root = walk.project.as_deref().and_then(Path::parent).map(Path::to_owned);
    let fence: Vec<PathBuf> = [root.as_deref(), Some(options.base.as_path())]
        .into_iter()
        .flatten()
        .filter_map(|folder| folder.canonicalize().ok())
        .collect();
    let around = Around {
        fence,
        defaults: Defaults::read(&walk.files),
    };
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
    merge(&mut loaded, files);
    loaded.diagnostics.sort();
    loaded
}

/// The questions and answers of a marketplace.
pub fn codebook(vendor: crate::model::VendorId) -> &'static crate::model::codebook::Codebook {
    registry::of(vendor).codebook()
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
    (files.map(|file| (file.real, file.name)).collect(), problems)
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

/// What only all files together show.
fn merge(loaded: &mut Loaded, files: Vec<File>) {
    let mut names: BTreeMap<String, (Arc<str>, Span)> = BTreeMap::new();
    let mut surveys = BTreeSet::new();
    let mut groups = Vec::new();
    let mut moved = Vec::new();
    let mut orders = BTreeMap::new();
    let mut prefix: Option<String> = None;
    let mut project: Option<(Option<Project>, Arc<str>, Span)> = None;
    let mut defaults: BTreeMap<PathBuf, (Arc<str>, Span)> = BTreeMap::new();
    let mut involved: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut places: BTreeMap<Arc<str>, (walk::Found, bool)> = BTreeMap::new();
    for file in files {
        let name = Arc::clone(&file.found.name);
        loaded.files.push(Arc::clone(&name));
        loaded.read.insert(file.found.real.clone());
        places.insert(Arc::clone(&name), (file.found.clone(), file.source.is_some()));
        // A problem of a default stands in the file of the defaults.
        involved.extend(file.problems.iter().flat_map(Diagnostic::files).cloned());
        loaded.diagnostics.extend(file.problems);
        loaded.sources_insert(file.source);
        for document in file.documents {
            if document.kind == Kind::Project {
                // A project with mistakes elsewhere still gives groups their prefix.
                prefix = prefix.or_else(|| document.name.clone());
                if let Some((_, first, span)) = &project {
                    let problem =
                        Diagnostic::error(code::PROJECT_SEVERAL, "there is another project among the files")
                            .in_file(&name)
                            .at(document.name_span, "second project")
                            .also_in(first, *span, "first project")
                            .help("give the paths of one project only");
                    loaded.diagnostics.push(problem);
                    involved.extend([Arc::clone(first), Arc::clone(&name)]);
                } else if let Content::Project(content) = document.content {
                    project = Some((Some(*content), Arc::clone(&name), document.name_span));
                } else {
                    project = Some((None, Arc::clone(&name), document.name_span));
                }
                continue;
            }
            if document.kind == Kind::Defaults
                && let Some(folder) = file.found.real.parent()
            {
                let here = (Arc::clone(&name), document.name_span);
                if let Some((first, span)) = defaults.get(folder) {
                    let problem =
                        Diagnostic::error(code::DEFAULTS_TWICE, "this folder has its defaults twice")
                            .in_file(&name)
                            .at(document.name_span, "again")
                            .also_in(first, *span, "first")
                            .help("write them as one document: nobody has to know which of two counts");
                    loaded.diagnostics.push(problem);
                    involved.extend([Arc::clone(first), Arc::clone(&name)]);
                } else {
                    defaults.insert(folder.to_owned(), here);
                }
            }
            let Some(own) = document.name else { continue };
            if document.kind == Kind::Survey {
                surveys.insert(own.clone());
            }
            if let Some((first, span)) = names.get(&own) {
                let problem = Diagnostic::error(
                    code::MANIFEST_DUPLICATE_NAME,
                    format!("the name `{}` is used twice", crate::diag::text::short(&own)),
                )
                .in_file(&name)
                .at(document.name_span, "again")
                .also_in(first, *span, "first used")
                .help("names are unique over all kinds of a project: choose another one");
                loaded.diagnostics.push(problem);
                involved.extend([Arc::clone(first), Arc::clone(&name)]);
                continue;
            }
            names.insert(own.clone(), (Arc::clone(&name), document.name_span));
            let address = Address::survey(&own);
            moved.extend(document.moved.into_iter().map(|one| (Arc::clone(&name), one)));
            if !document.orders.is_empty() {
                let other = document.orders.iter().map(Address::survey);
                orders.insert(address.clone(), other.collect());
            }
            let written = Written {
                found: file.found.clone(),
                layers: Arc::clone(&file.layers),
                is_survey: document.kind == Kind::Survey,
                document: document.index,
                text_digest: file.text_digest,
                extent: document.extent,
                several: !document.values.is_empty(),
            };
            loaded.index.add(address.clone(), &written);
            match document.content {
                Content::Survey(fielded, study) => {
                    for one in fielded {
                        let address = loaded.index.add_fielded(&own, &one, &written);
                        loaded.desired.surveys.insert(address, one.survey);
                    }
                    if let Some(study) = study {
                        loaded.desired.studies.insert(address, study);
                    }
                }
                Content::Group(group) => groups.push(*group),
                Content::Reconciliation(lowered) => {
                    let broken = lowered.problems.iter().any(|p| p.severity == Severity::Error);
                    loaded.diagnostics.extend(lowered.problems);
                    loaded.sources_insert(lowered.source);
                    if !broken {
                        loaded.reconciliations.insert(own, lowered.reconciliation);
                    }
                }
                Content::Project(_) | Content::Defaults | Content::Broken => {}
            }
        }
    }
    loaded.project = project.and_then(|(project, _, _)| project);
    references(&mut loaded.desired, prefix.as_deref());
    for (file, path) in outcomes::contradictions(&loaded.reconciliations, &mut loaded.diagnostics) {
        loaded.sources_insert(outcomes::source(&path, &file));
    }
    let before = loaded.diagnostics.len();
    let named = names
        .iter()
        .map(|(name, place)| (Address::survey(name), place.clone()));
    let inside = loaded.desired.surveys.keys().filter_map(|address| {
        let place = names.get(address.manifest())?;
        let is_named = address.is_group() || address.vendor().is_none();
        let address = if is_named {
            address.alone()
        } else {
            address.clone()
        };
        Some((address, place.clone()))
    });
    let named = named.chain(inside).collect();
    loaded.desired.renames = renames::checked(moved, &named, &mut loaded.diagnostics);
    loaded.desired.renames.orders = orders;
    let derived = groups.iter().filter(|group| group.reference.is_none());
    loaded.desired.renames.derived = derived.map(|group| Address::survey(&group.name)).collect();
    let mut fielded: BTreeMap<&str, Vec<(Address, VendorId)>> = BTreeMap::new();
    for (address, survey) in &loaded.desired.surveys {
        if !address.is_group() {
            let at = fielded.entry(address.manifest()).or_default();
            at.push((address.clone(), survey.vendor));
        }
    }
    let names = Names {
        surveys: &surveys,
        fielded,
    };
    loaded.desired.groups =
        exclusion_group::lower(&groups, &names, prefix.as_deref(), &mut loaded.diagnostics);
    for problem in loaded.diagnostics.iter().skip(before) {
        involved.extend(problem.files().cloned());
    }
    // Texts of files that were fine by themselves are read again only where a label needs them.
    for name in involved {
        if let Some((found, false)) = places.get(&name) {
            loaded.sources_insert(index::source(found));
        }
    }
    drop_broken(loaded);
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

/// Surveys of documents with errors must not be taken for complete.
fn drop_broken(loaded: &mut Loaded) {
    let broken: BTreeSet<&Arc<str>> = loaded
        .diagnostics
        .iter()
        .filter(|d| d.severity == Severity::Error)
        .filter_map(|d| d.file.as_ref())
        .collect();
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
