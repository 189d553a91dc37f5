//! What only all files of a project together show: names that are used twice, and what refers to other documents.
//!
//! Promises: names are looked up and next to nothing is copied, so it takes a millisecond or two for ten thousand files and may
//! be done anew after every change; of documents with one name the first counts, in the order of the files.

use super::lower::exclusion_group::{self, Group, Names};
use super::lower::file::{Content, Document, File};
use super::lower::named;
use super::lower::project::Project;
use super::outcomes;
use super::read::kind::Kind;
use super::renames::{self, Written};
use crate::diag::{Diagnostic, Span, code};
use crate::model::{Address, DesiredGroup, Pattern, Reconciliation, Renames, VendorId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What all files together give.
#[derive(Debug, Default)]
pub(crate) struct Together {
    /// What is wrong; each stands in some file.
    pub(crate) problems: Vec<Diagnostic>,
    /// Documents that do not count, because others have their names: file and document, by their places.
    pub(crate) repeated: BTreeSet<(usize, usize)>,
    /// The project, where its document has no mistakes.
    pub(crate) project: Option<Project>,
    /// The name of the project, with mistakes or not.
    pub(crate) prefix: Option<String>,
    pub(crate) groups: BTreeMap<Address, DesiredGroup>,
    pub(crate) renames: Renames,
    /// Lists of transactions that problems stand in.
    pub(crate) lists: BTreeMap<Arc<str>, PathBuf>,
}

/// A name that is taken.
struct Claim<'a> {
    file: &'a Arc<str>,
    document: &'a Document,
    /// Whether a survey wants it, be it the first or not.
    is_survey: bool,
}

impl Claim<'_> {
    fn place(&self) -> (Arc<str>, Span) {
        (Arc::clone(self.file), self.document.name_span)
    }
}

struct Claims<'a>(HashMap<&'a str, Claim<'a>>);

impl Claims<'_> {
    /// Where the document stands that has an address as its name, or fields something under it.
    fn place(&self, address: &Address) -> Option<(Arc<str>, Span)> {
        if let Some(claim) = self.0.get(address.as_str()) {
            return Some(claim.place());
        }
        let claim = self.0.get(address.manifest())?;
        // A survey at one of several marketplaces is another one than that of the name; what is in it is not.
        let is_named = |own: &Address| own.is_group() || own.vendor().is_none();
        let known = |own: &Address| match is_named(own) {
            true => own.alone() == *address,
            false => own == address,
        };
        let mut fielded = claim.document.fielded().into_iter();
        fielded.any(|(own, _)| known(&own)).then(|| claim.place())
    }
}

impl Names for Claims<'_> {
    fn is_survey(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|claim| claim.is_survey)
    }

    fn surveys(&self) -> Vec<&str> {
        let claims = self.0.iter().filter(|(_, claim)| claim.is_survey);
        let mut names: Vec<&str> = claims.map(|(name, _)| *name).collect();
        names.sort_unstable();
        names
    }

    fn meant(&self, pattern: &Pattern) -> Vec<(Address, VendorId)> {
        let mut all: Vec<_> = match pattern.is_open() {
            true => self
                .0
                .values()
                .flat_map(|claim| claim.document.meant(pattern))
                .collect(),
            false => {
                let name = Address::survey(pattern.as_str());
                let claim = self.0.get(name.manifest());
                claim.map_or_else(Vec::new, |claim| claim.document.meant(pattern))
            }
        };
        all.sort();
        all
    }
}

/// Looks at all files of a project, in their order.
pub(crate) fn look(files: &[&File]) -> Together {
    let mut out = Together::default();
    let mut claims = Claims(HashMap::with_capacity(files.len()));
    let mut groups: Vec<&Group> = Vec::new();
    let mut moved: Vec<(&Arc<str>, &Written)> = Vec::new();
    let mut lists: BTreeMap<&str, &Reconciliation> = BTreeMap::new();
    let mut project: Option<(&Arc<str>, Span)> = None;
    let mut defaults: BTreeMap<&Path, (&Arc<str>, Span)> = BTreeMap::new();
    let mut tests: BTreeMap<&str, (&Arc<str>, Span)> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        let name = &file.found.name;
        for (place, document) in file.documents.iter().enumerate() {
            let here = (name, document.name_span);
            let again = |code, message: &str, label: &str| {
                Diagnostic::error(code, message)
                    .in_file(name)
                    .at(document.name_span, label)
            };
            if document.kind == Kind::Project {
                // A project with mistakes elsewhere still gives groups their prefix.
                out.prefix = out.prefix.take().or_else(|| document.name.clone());
                if let Some((first, span)) = project {
                    let message = "there is another project among the files";
                    let problem = again(code::PROJECT_SEVERAL, message, "second project");
                    let problem = problem.also_in(first, span, "first project");
                    out.problems
                        .push(problem.help("give the paths of one project only"));
                } else {
                    project = Some(here);
                    if let Content::Project(content) = &document.content {
                        out.project = Some((**content).clone());
                    }
                }
                continue;
            }
            if document.kind == Kind::Defaults
                && let Some(folder) = file.found.real.parent()
                && let Some((first, span)) = defaults.insert(folder, here)
            {
                let message = "this folder has its defaults twice";
                let problem = again(code::DEFAULTS_TWICE, message, "again");
                let problem = problem.also_in(first, span, "first");
                let help = "write them as one document: nobody has to know which of two counts";
                out.problems.push(problem.help(help));
                defaults.insert(folder, (first, span));
            }
            let Some(own) = document.name.as_deref() else {
                continue;
            };
            // A test may be called after the survey it is about.
            if document.kind == Kind::Test {
                if let Some((first, span)) = tests.insert(own, here) {
                    let message = format!("two tests are called `{}`", crate::diag::text::short(own));
                    let problem = again(code::MANIFEST_DUPLICATE_NAME, &message, "again");
                    let problem = problem.also_in(first, span, "first used");
                    out.problems
                        .push(problem.help("choose another name for one of them"));
                    tests.insert(own, (first, span));
                }
                continue;
            }
            let is_survey = document.kind == Kind::Survey;
            if let Some(first) = claims.0.get_mut(own) {
                first.is_survey |= is_survey;
                let message = format!("the name `{}` is used twice", crate::diag::text::short(own));
                let problem = again(code::MANIFEST_DUPLICATE_NAME, &message, "again");
                let problem = problem.also_in(first.file, first.document.name_span, "first used");
                let help = "names are unique over all kinds of a project: choose another one";
                out.problems.push(problem.help(help));
                out.repeated.insert((at, place));
                continue;
            }
            let claim = Claim {
                file: name,
                document,
                is_survey,
            };
            claims.0.insert(own, claim);
            moved.extend(document.moved.iter().map(|one| (name, one)));
            if !document.orders.is_empty() {
                let other = document.orders.iter().map(Address::survey).collect();
                out.renames.orders.insert(Address::survey(own), other);
            }
            match &document.content {
                Content::Group(group) => groups.push(group),
                Content::Reconciliation(lowered) if !lowered.is_broken() => {
                    lists.insert(own, &lowered.reconciliation);
                }
                _ => {}
            }
        }
    }
    let naming = claims.0.values().map(|claim| (claim.file, claim.document));
    let mut naming: Vec<(&Arc<str>, &Document)> = naming.collect();
    naming.sort_by_key(|(file, document)| (*file, document.index, document.name.as_deref()));
    named::check(&naming, &claims, &mut out.problems);
    out.lists = outcomes::contradictions(&lists, &mut out.problems);
    out.renames.written = renames::checked(&moved, &|address| claims.place(address), &mut out.problems);
    let derived = groups.iter().filter(|group| group.reference.is_none());
    out.renames.derived = derived.map(|group| Address::survey(&group.name)).collect();
    out.groups = exclusion_group::lower(&groups, &claims, out.prefix.as_deref(), &mut out.problems);
    out
}
