//! What a shell offers while one types: names and tags of surveys, environments, codes and guards.
//!
//! Nothing but local files is read, and a project that cannot be read completes nothing. Names of manifests are kept beside
//! local files, so that only what changed is read again.

mod names;

use super::threads::runtime;
use crate::diag::explain;
use crate::flow::project::{LOCAL_FOLDER, SANDBOX};
use crate::manifest::starter::Study;
use crate::manifest::{self, Project};
use crate::model::Address;
use crate::plan::Guard;
use crate::state::{Document, LocalStore, Store as _};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, PathCompleter, ValueCompleter as _};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::PathBuf;

/// Names that manifests of the project have.
pub(super) fn surveys() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| offers(typed, in_manifests()))
}

/// Kinds of study, and names that manifests of the project have.
pub(super) fn templates() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let studies = Study::ALL.map(|study| (study.word().to_owned(), study.about().to_owned()));
        let mut all: BTreeMap<String, String> = in_manifests();
        all.retain(|name, _| !name.starts_with("tag:"));
        all.extend(studies);
        offers(typed, all)
    })
}

/// The same, and files and folders.
pub(super) fn paths_or_surveys() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let mut all = offers(typed, in_manifests());
        all.extend(PathCompleter::any().complete(typed));
        all
    })
}

/// Names that some state of the project has.
pub(super) fn remembered() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| offers(typed, in_states()))
}

/// Stages of surveys, behind those that are typed already; what some state of the project has.
pub(super) fn stages() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed_text = typed.to_string_lossy();
        let before = typed_text.rfind(',').map_or("", |at| &typed_text[..=at]);
        let stages = in_ladders().into_iter();
        offers(
            typed,
            stages
                .map(|(stage, what)| (format!("{before}{stage}"), what))
                .collect(),
        )
    })
}

/// Names of environments.
pub(super) fn environments() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        let sandbox = "the emulated vendors on this machine";
        names.insert(SANDBOX.to_owned(), sandbox.to_owned());
        if let Some(project) = project() {
            let all = project.environments.into_keys();
            let own = all.filter(|name| name != SANDBOX);
            names.extend(own.map(|name| (name, "of infield.yaml".to_owned())));
        }
        offers(typed, names)
    })
}

/// Codes of problems and kinds of notes.
pub(super) fn topics() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let topic = |topic: &explain::Topic| (topic.name.to_owned(), topic.summary());
        offers(typed, explain::all().iter().map(topic).collect())
    })
}

/// Guards that can be approved, behind those that are typed already.
pub(super) fn guards() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let typed_text = typed.to_string_lossy();
        let before = typed_text.rfind(',').map_or("", |at| &typed_text[..=at]);
        let offered = Guard::approvable().map(|guard| (format!("{before}{guard}"), String::new()));
        offers(typed, offered.collect())
    })
}

fn offers(typed: &OsStr, names: BTreeMap<String, String>) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    let fitting = names.into_iter().filter(|(name, _)| name.starts_with(&*typed));
    fitting
        .map(|(name, what)| {
            let what = (!what.is_empty()).then(|| what.into());
            CompletionCandidate::new(name).help(what)
        })
        .collect()
}

/// The project that the current folder is in, without its surveys.
fn project() -> Option<Project> {
    let base = base()?;
    let file = base.join(manifest::PROJECT_FILE);
    manifest::check(&[file], &manifest::Options { base })
        .loaded
        .project
}

/// The folder of the project that the current folder is in, or that folder itself.
fn base() -> Option<PathBuf> {
    let folder = std::env::current_dir().ok()?;
    let inside = folder
        .ancestors()
        .find(|folder| folder.join(manifest::PROJECT_FILE).is_file());
    Some(inside.unwrap_or(&folder).to_owned())
}

fn in_manifests() -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (file, names) in base().map(names::of).unwrap_or_default() {
        let tags = names.tags.into_iter();
        all.extend(tags.map(|tag| (format!("tag:{tag}"), "a tag".to_owned())));
        for address in names.addresses {
            // As of two files with one name the first counts.
            all.entry(address.to_string()).or_insert_with(|| file.to_string());
        }
    }
    all
}

/// What the states on this machine remember, each with its environment; which one is meant is not known while one types.
fn states() -> Vec<(String, Document)> {
    let folder = std::env::current_dir().ok();
    let root = folder.as_ref().and_then(|folder| {
        let mut all = folder.ancestors();
        all.find(|folder| folder.join(LOCAL_FOLDER).is_dir())
    });
    let (Some(root), Ok(runtime)) = (root, runtime()) else {
        return Vec::new();
    };
    let states = std::fs::read_dir(root.join(LOCAL_FOLDER))
        .into_iter()
        .flatten()
        .filter_map(Result::ok);
    let kept = states.filter(|entry| entry.path().join("state.json").is_file());
    let read = kept.filter_map(|state| {
        let environment = state.file_name().to_string_lossy().into_owned();
        let path = camino::Utf8PathBuf::from_path_buf(state.path()).ok()?;
        let document = runtime.block_on(LocalStore::new(path).load()).ok()??;
        Some((environment, document))
    });
    read.collect()
}

fn in_states() -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    for (environment, document) in states() {
        for (address, resource) in &document.resources {
            names.insert(address.to_string(), format!("in {environment}"));
            let tags = resource.tags().iter();
            names.extend(tags.map(|tag| (format!("tag:{tag}"), format!("a tag in {environment}"))));
        }
    }
    names
}

/// Stages that were approved, as they are asked for: those of several marketplaces under the name of their survey.
fn in_ladders() -> BTreeMap<String, String> {
    let mut stages = BTreeMap::new();
    for (environment, document) in states() {
        for (address, resource) in &document.resources {
            let climb = resource.survey().and_then(|survey| survey.climb.as_ref());
            let name = match address.vendor() {
                Some(_) => Address::survey(address.manifest()),
                None => address.clone(),
            };
            for terms in climb.into_iter().flat_map(|climb| &climb.approved) {
                let what = format!("{} completes, in {environment}", terms.completes);
                // Each marketplace has its part, and the whole is not kept.
                let what = if address.vendor().is_some() {
                    format!("in {environment}")
                } else {
                    what
                };
                stages.insert(format!("{name}={}", terms.rung), what);
            }
        }
    }
    stages
}
