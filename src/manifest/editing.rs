//! The manifests of a project while an editor has some of them open: what is wrong with each file, after every change.
//!
//! Promises: the problems are those that [`super::load()`] would find if every unsaved text were saved; a change makes the files
//! be read that it touches and no other: the changed one, and those that its defaults count for. Noticing that files came
//! or went on disk is left to the caller, who says so. What surveys want is forgotten, and read again where it is asked for.

use super::index::{Index, Written};
use super::lints;
use super::load::{self, Options};
use super::lower::file::{Around, Content, Document, File, Template};
use super::lower::project::Project;
use super::read::kind::Kind;
use super::read::text;
use super::read::walk::{self, DEFAULTS_FILES, Found, PROJECT_FILE, Walk};
use super::session::{Stamp, on_disk_now};
use super::{document, together};
use crate::diag::{Diagnostic, Diagnostics};
use crate::model::{Address, Known};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What more than manifests shows of them.
pub trait Beyond {
    /// What is remembered of the project in a folder: the same one, as long as nothing changed.
    fn known(&self, root: &Path, project: Option<&Project>) -> Option<Arc<Known>>;
    /// The problems that it shows.
    fn problems(&self, known: &Known, templates: &[(Address, Template)]) -> Vec<Beside>;
}

/// A problem that more than manifests shows.
#[derive(Debug, Clone)]
pub struct Beside {
    /// What it is about.
    pub address: Address,
    /// The value in it.
    pub pointer: String,
    /// The problem, without a place yet.
    pub problem: Diagnostic,
    /// What to say at its place.
    pub label: &'static str,
}

/// What a refresh did.
#[derive(Debug, Default)]
pub struct Refreshed {
    /// Files whose problems, or whose places, may be others than before.
    pub changed: BTreeSet<Arc<str>>,
    /// How many files were read.
    pub read: usize,
}

/// A file that was read.
#[derive(Debug)]
struct Kept {
    stamp: Stamp,
    file: File,
    /// What more than the manifest shows.
    beyond: Vec<Diagnostic>,
}

impl Kept {
    /// What the file itself shows.
    fn own(&self) -> impl Iterator<Item = &Diagnostic> {
        let lists = self.file.documents.iter().filter_map(|one| match &one.content {
            Content::Reconciliation(lowered) => Some(&lowered.problems),
            _ => None,
        });
        self.file.problems.iter().chain(lists.flatten())
    }

    fn all(&self) -> impl Iterator<Item = &Diagnostic> {
        self.own().chain(&self.beyond)
    }

    /// The problems that stand in other files, by those.
    fn elsewhere(&self) -> ByFile {
        let name = Some(&self.file.found.name);
        by_file(self.all().filter(|problem| problem.file.as_ref() != name))
    }
}

type ByFile = BTreeMap<Arc<str>, Vec<Diagnostic>>;

fn by_file<'a>(problems: impl Iterator<Item = &'a Diagnostic>) -> ByFile {
    let mut all = ByFile::new();
    for problem in problems {
        if let Some(file) = &problem.file {
            all.entry(Arc::clone(file)).or_default().push(problem.clone());
        }
    }
    all
}

/// The files for which there is something else.
fn differing<'a>(one: &'a ByFile, other: &'a ByFile) -> impl Iterator<Item = Arc<str>> + 'a {
    let all = one.keys().chain(other.keys());
    all.filter(|file| one.get(*file) != other.get(*file)).cloned()
}

/// A project that is being edited.
#[derive(Debug)]
pub struct Editing {
    paths: Vec<PathBuf>,
    options: Options,
    unsaved: BTreeMap<PathBuf, Arc<str>>,
    /// Files whose unsaved texts came, changed or went.
    touched: BTreeSet<PathBuf>,
    look_again: bool,
    walk: Walk,
    around: Around,
    /// What was read, in the order of the files that were found.
    kept: Vec<Option<Kept>>,
    places: HashMap<Arc<Path>, usize>,
    names: HashMap<Arc<str>, usize>,
    /// The files that show problems in a file which is another one.
    elsewhere: BTreeMap<Arc<str>, BTreeSet<usize>>,
    /// What no file shows by itself.
    others: ByFile,
    repeated: BTreeSet<(usize, usize)>,
    project: Option<Project>,
    known: Option<Arc<Known>>,
}

impl Editing {
    /// The manifests below some paths, as [`super::load()`] finds them. Nothing is read yet.
    pub fn new(paths: Vec<PathBuf>, options: Options) -> Self {
        crate::marketplace::registry::install();
        Self {
            paths,
            options,
            unsaved: BTreeMap::new(),
            touched: BTreeSet::new(),
            look_again: true,
            walk: Walk::default(),
            around: Around::default(),
            kept: Vec::new(),
            places: HashMap::new(),
            names: HashMap::new(),
            elsewhere: BTreeMap::new(),
            others: ByFile::new(),
            repeated: BTreeSet::new(),
            project: None,
            known: None,
        }
    }

    /// Lays a text over a file, given by its real path.
    pub fn set(&mut self, path: &Path, text: &str) {
        if self.unsaved.get(path).is_none_or(|known| **known != *text) {
            // A text that is no file yet is found as files are.
            self.look_again |= !self.unsaved.contains_key(path) && !self.places.contains_key(path);
            self.unsaved.insert(path.to_owned(), Arc::from(text));
            self.touched.insert(path.to_owned());
        }
    }

    /// Takes the texts off all files but these.
    pub fn retain(&mut self, paths: &[&PathBuf]) {
        let gone = self.unsaved.extract_if(.., |path, _| !paths.contains(&path));
        let gone: Vec<PathBuf> = gone.map(|(path, _)| path).collect();
        self.look_again |= gone.iter().any(|path| !path.exists());
        self.touched.extend(gone);
    }

    /// Says that files may have come, gone or changed on disk.
    pub fn look_again(&mut self) {
        self.look_again = true;
    }

    /// Reads what is not as it was read last, and finds what became of everybody's problems.
    pub fn refresh(&mut self, beyond: &dyn Beyond) -> Refreshed {
        let mut changed = BTreeSet::new();
        let read = self.read_again(&mut changed);
        self.look_together(&read, &mut changed);
        self.look_beyond(beyond, &mut changed);
        Refreshed {
            changed,
            read: read.len(),
        }
    }

    /// Reads the files that have to be. Answers with their names.
    fn read_again(&mut self, changed: &mut BTreeSet<Arc<str>>) -> BTreeSet<Arc<str>> {
        let fresh = std::mem::take(&mut self.look_again);
        let touched = std::mem::take(&mut self.touched);
        if fresh {
            self.find(changed);
        }
        let layered = fresh || touched.iter().any(|path| counts_for_others(path));
        let candidates: Vec<usize> = if layered {
            (0..self.kept.len()).collect()
        } else {
            let places = touched.iter().map(PathBuf::as_path);
            places.filter_map(|path| self.places.get(path).copied()).collect()
        };
        for at in &candidates {
            let found = &mut self.walk.files[*at];
            found.unsaved = self.unsaved.get(&*found.real).cloned();
        }
        if layered {
            self.around = load::around(&self.walk, &self.options);
        }
        let read: Vec<(usize, Kept)> = candidates
            .into_par_iter()
            .filter_map(|at| Some((at, self.newer(at, fresh)?)))
            .collect();
        let mut names = BTreeSet::new();
        for (at, kept) in read {
            names.insert(Arc::clone(&kept.file.found.name));
            changed.insert(Arc::clone(&kept.file.found.name));
            self.put(at, kept, changed);
        }
        names
    }

    /// A file read again, unless it is as it was.
    fn newer(&self, at: usize, fresh: bool) -> Option<Kept> {
        let found = &self.walk.files[at];
        let known = self.kept[at].as_ref();
        let stamp = match (&found.unsaved, known.map(|known| &known.stamp)) {
            (Some(text), _) => Stamp::Unsaved(Arc::clone(text)),
            // Nobody said that something changed on disk.
            (None, Some(stamp @ Stamp::Disk(..))) if !fresh => stamp.clone(),
            (None, _) => on_disk_now(found),
        };
        let same = |known: &&Kept| {
            let lists = fresh && known.file.names_lists;
            known.stamp == stamp && !lists && known.file.is_read_with(&self.around)
        };
        if known.filter(same).is_some() {
            return None;
        }
        let mut file = document::read(found.clone(), &self.around).outlined();
        // Its text is there when it is asked for.
        file.source = None;
        Some(Kept {
            stamp,
            file,
            beyond: Vec::new(),
        })
    }

    /// Finds the files anew, and keeps what was read of those that are still there.
    fn find(&mut self, changed: &mut BTreeSet<Arc<str>>) {
        let before = std::mem::take(&mut self.kept).into_iter().flatten();
        let mut before: BTreeMap<Arc<Path>, Kept> = before
            .map(|kept| (Arc::clone(&kept.file.found.real), kept))
            .collect();
        self.walk = self.with_new_texts();
        let again = |found: &Found| {
            let same = before
                .get(&found.real)
                .is_some_and(|kept| kept.file.found.name == found.name);
            if same { before.remove(&found.real) } else { None }
        };
        self.kept = self.walk.files.iter().map(again).collect();
        for gone in before.into_values() {
            changed.extend(gone.elsewhere().into_keys());
            changed.insert(gone.file.found.name);
        }
        let files = self.walk.files.iter().enumerate();
        self.places = files
            .clone()
            .map(|(at, file)| (Arc::clone(&file.real), at))
            .collect();
        self.names = files.map(|(at, file)| (Arc::clone(&file.name), at)).collect();
        self.elsewhere.clear();
        for (at, kept) in self.kept.iter().enumerate() {
            for name in kept.iter().flat_map(|kept| kept.elsewhere().into_keys()) {
                self.elsewhere.entry(name).or_default().insert(at);
            }
        }
    }

    /// The files on disk, and texts that were never saved as files that are to be. Those that were given by themselves need not
    /// be there.
    fn with_new_texts(&self) -> Walk {
        let real = |path: &PathBuf| self.options.base.join(path);
        let saved = |path: &&PathBuf| real(path).exists() || !self.unsaved.contains_key(&real(path));
        let paths: Vec<PathBuf> = self.paths.iter().filter(saved).cloned().collect();
        let nothing = paths.is_empty() && !self.paths.is_empty();
        let mut walk = match nothing {
            true => Walk::default(),
            false => walk::find(&paths, &self.options.base),
        };
        for (path, text) in self.unsaved.iter().filter(|(path, _)| !path.exists()) {
            walk::add_unsaved(&mut walk, path, text, &self.options.base);
        }
        walk
    }

    /// Keeps a file, in place of what was read before.
    fn put(&mut self, at: usize, kept: Kept, changed: &mut BTreeSet<Arc<str>>) {
        let before = self.kept[at].as_ref().map(Kept::elsewhere).unwrap_or_default();
        let after = kept.elsewhere();
        for name in before.keys() {
            if let Some(those) = self.elsewhere.get_mut(name) {
                those.remove(&at);
            }
        }
        for name in after.keys() {
            self.elsewhere.entry(Arc::clone(name)).or_default().insert(at);
        }
        changed.extend(differing(&before, &after));
        if kept.file.names_lists {
            // A list may have changed with all problems still at the same bytes of it.
            changed.extend(after.into_keys());
        }
        self.kept[at] = Some(kept);
    }

    fn look_together(&mut self, read: &BTreeSet<Arc<str>>, changed: &mut BTreeSet<Arc<str>>) {
        let files: Vec<&File> = self.kept.iter().flatten().map(|kept| &kept.file).collect();
        let together = together::look(&files);
        let others = by_file(self.walk.problems.iter().chain(&together.problems));
        changed.extend(differing(&self.others, &others));
        for (file, problems) in &others {
            // A place in another text is a line and a column, which move with it.
            if problems
                .iter()
                .flat_map(Diagnostic::files)
                .any(|name| read.contains(name))
            {
                changed.insert(Arc::clone(file));
            }
        }
        self.others = others;
        self.repeated = together.repeated;
        if self.lints() != together.project.as_ref().map(|project| &project.lints) {
            // What is a warning for one is none for the other.
            changed.extend(self.names.keys().cloned());
        }
        self.project = together.project;
    }

    fn look_beyond(&mut self, beyond: &dyn Beyond, changed: &mut BTreeSet<Arc<str>>) {
        let known = beyond.known(&self.options.base, self.project.as_ref());
        let same = match (&known, &self.known) {
            (Some(now), Some(before)) => Arc::ptr_eq(now, before),
            (now, before) => now.is_none() && before.is_none(),
        };
        self.known = known;
        let again: Vec<usize> = if same {
            changed
                .iter()
                .filter_map(|name| self.names.get(name).copied())
                .collect()
        } else {
            (0..self.kept.len()).collect()
        };
        for at in again {
            let found = self.beyond(at, beyond);
            let Some(kept) = &mut self.kept[at] else { continue };
            if kept.beyond != found {
                let name = Arc::clone(&kept.file.found.name);
                changed.insert(name);
                let before = kept.elsewhere();
                kept.beyond = found;
                let after = kept.elsewhere();
                changed.extend(differing(&before, &after));
                for name in after.into_keys() {
                    self.elsewhere.entry(name).or_default().insert(at);
                }
            }
        }
    }

    /// What more than the manifests shows of a file without errors.
    fn beyond(&self, at: usize, beyond: &dyn Beyond) -> Vec<Diagnostic> {
        let (Some(known), Some(kept)) = (&self.known, &self.kept[at]) else {
            return Vec::new();
        };
        let templates = self.documents(at).flat_map(|document| match &document.content {
            Content::Outline(all) => {
                let own = document.name.as_deref().unwrap_or_default();
                let named = all
                    .iter()
                    .filter_map(|one| Some((one.address(own), one.survey.template?)));
                named.collect()
            }
            _ => Vec::new(),
        });
        let templates: Vec<_> = templates.collect();
        if templates.is_empty() || self.has_errors(&kept.file.found.name) {
            return Vec::new();
        }
        let found = beyond.problems(known, &templates).into_iter();
        found
            .map(|one| match self.index(at).locate(&one.address, &one.pointer) {
                Some((place, _)) => one.problem.in_file(&place.file).at(place.value, one.label),
                None => one.problem,
            })
            .collect()
    }

    /// The documents of a file that count, as they have a name which no other has taken.
    fn documents(&self, at: usize) -> impl Iterator<Item = &Document> {
        let all = self.kept[at].iter().flat_map(|kept| &kept.file.documents);
        let counts = move |place, document: &Document| {
            let named = document.name.is_some() && document.kind != Kind::Project;
            named && !self.repeated.contains(&(at, place))
        };
        let all = all
            .enumerate()
            .filter(move |(place, document)| counts(*place, document));
        all.map(|(_, document)| document)
    }

    /// What stands in a file, with or without what more than manifests shows.
    fn standing<'a>(&'a self, name: &'a str, beyond: bool) -> impl Iterator<Item = &'a Diagnostic> {
        let own = self.names.get(name).copied();
        let elsewhere = self.elsewhere.get(name).into_iter().flatten().copied();
        let those = own
            .into_iter()
            .chain(elsewhere.filter(move |at| Some(*at) != own));
        let kept = those.filter_map(|at| self.kept[at].as_ref());
        let here = |problem: &&Diagnostic| problem.file.as_deref() == Some(name);
        let beyond = move |kept: &'a Kept| kept.beyond.iter().filter(move |_| beyond);
        kept.flat_map(move |kept| kept.own().chain(beyond(kept)))
            .filter(here)
            .chain(self.others.get(name).into_iter().flatten())
    }

    fn has_errors(&self, name: &str) -> bool {
        self.standing(name, false).any(Diagnostic::is_error)
    }

    /// The problems that stand in a file, in display order.
    pub fn problems(&self, name: &str) -> Diagnostics {
        let mut all = Diagnostics::default();
        let standing: Vec<&Diagnostic> = self.standing(name, true).collect();
        let own = self
            .names
            .get(name)
            .filter(|_| standing.iter().any(|problem| !problem.is_error()));
        let text = own.and_then(|at| text::read(&self.walk.files[*at]).ok());
        let lints = self.lints().cloned().unwrap_or_default();
        let judged = standing.into_iter().cloned();
        all.extend(judged.filter_map(|problem| lints::judged(problem, &lints, text.as_deref())));
        all.sort();
        all
    }

    /// What the project says of warnings.
    fn lints(&self) -> Option<&lints::Lints> {
        self.project.as_ref().map(|project| &project.lints)
    }

    fn index(&self, at: usize) -> Index {
        let mut index = Index::default();
        let Some(kept) = &self.kept[at] else { return index };
        for document in self.documents(at) {
            let own = document.name.as_deref().unwrap_or_default();
            let written = Written::of(&kept.file, document);
            index.add(Address::survey(own), &written);
            if let Content::Outline(all) = &document.content {
                for one in all {
                    index.add_fielded(own, one, &written);
                }
            }
        }
        index
    }
}

/// Whether what is in a file may change what others mean.
fn counts_for_others(path: &Path) -> bool {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    name == PROJECT_FILE || DEFAULTS_FILES.contains(&name)
}

mod names;
mod questions;
#[cfg(test)]
mod tests;

pub use names::{Meant, Named, Part};
