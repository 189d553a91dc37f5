//! Finding manifests: below paths, or where the project is.
//!
//! Promises: the same tree gives the same files in the same order; what `.gitignore` and `.ignore` leave out, hidden
//! folders and `target` are not entered, but for files that git tracks; symbolic links to folders are not followed, so
//! there are no loops; no link leads out of the project, since what is in a file may end up in a log; what cannot be read
//! is reported and does not stop the rest. What may be in the places that are not entered is the matter of `unseen`.

use super::tracked;
use crate::diag::{Diagnostic, code, suggest};
use ignore::WalkBuilder;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The file that describes a project.
pub const PROJECT_FILE: &str = "infield.yaml";

/// Files with defaults for the surveys of their folder and those below it.
pub const DEFAULTS_FILES: [&str; 2] = ["defaults.yaml", "defaults.yml"];

/// A manifest to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// Where it is.
    pub(crate) path: Arc<Path>,
    /// The same without links and dots, where the file system could say.
    pub(crate) real: Arc<Path>,
    /// How it is shown: relative to the base folder where it lies below, with forward slashes.
    pub(crate) name: Arc<str>,
    /// The text to read instead of the file's, where an editor holds one that is not saved.
    pub(crate) unsaved: Option<Arc<str>>,
}

/// What was found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Walk {
    /// Files in the order of their names, each once.
    pub(crate) files: Vec<Found>,
    /// The project file that applies, if there is one; also among `files`.
    pub(crate) project: Option<PathBuf>,
    /// What could not be read.
    pub(crate) problems: Vec<Diagnostic>,
}

/// Asks whether a path that does not exist is one of its neighbours.
fn neighbour(missing: &Path, base: &Path) -> Option<String> {
    let (folder, typed) = (missing.parent()?, missing.file_name()?.to_str()?);
    let entries = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    let near = suggest::meant(typed, names.iter().map(String::as_str))?;
    Some(suggest::ask(&display(&folder.join(near), base)))
}

/// Files below the paths, and the project file at or above the first of them.
pub(crate) fn find(paths: &[PathBuf], base: &Path) -> Walk {
    let mut walk = Walk::default();
    let roots: Vec<PathBuf> = if paths.is_empty() {
        vec![base.to_owned()]
    } else {
        paths
            .iter()
            .map(|path| base.join(path).components().collect())
            .collect()
    };
    let mut files = Files::new();
    for root in &roots {
        match std::fs::metadata(root) {
            Err(error) => {
                let name = display(root, base);
                let (code, message) = if error.kind() == std::io::ErrorKind::NotFound {
                    (code::FILE_MISSING, "does not exist".to_owned())
                } else {
                    (code::FILE_UNREADABLE, format!("cannot be read: {error}"))
                };
                let mut problem = Diagnostic::error(code, message).in_file(&name);
                problem.help = neighbour(root, base);
                walk.problems.push(problem);
            }
            Ok(metadata) if metadata.is_dir() => below(root, base, &mut files, &mut walk.problems),
            Ok(_) => add(root, base, &mut files),
        }
    }
    if let Some(project) = roots.first().and_then(|root| above(root)) {
        add(&project, base, &mut files);
        walk.project = Some(project);
    }
    let fence = walk
        .project
        .as_deref()
        .and_then(Path::parent)
        .unwrap_or(base)
        .to_owned();
    for folder in folders(&files) {
        for file in defaults(&folder, &fence) {
            add(&file, base, &mut files);
        }
    }
    let fences = fences(&roots, base, walk.project.as_deref());
    let (inside, outside): (Vec<Found>, Vec<Found>) = files
        .into_values()
        .partition(|found| fences.iter().any(|fence| found.real.starts_with(fence)));
    walk.problems
        .extend(outside.iter().map(|found| leads_out(&found.name)));
    walk.files = inside;
    walk.files.sort_by(|a, b| a.name.cmp(&b.name));
    walk
}

/// Where files may lie in truth: in the project, below where the program runs, and where whoever runs it says by a path that
/// leads elsewhere. A link that a branch holds is nobody's word.
fn fences(roots: &[PathBuf], base: &Path, project: Option<&Path>) -> Vec<PathBuf> {
    let climbs = |root: &Path| root.components().any(|part| part == Component::ParentDir);
    let elsewhere = roots.iter().filter_map(|root| {
        let given = climbs(root) || !root.starts_with(base);
        let folder = if root.is_dir() {
            Some(root.as_path())
        } else {
            root.parent()
        };
        folder.filter(|_| given)
    });
    let own = [Some(base), project.and_then(Path::parent)];
    let folders = own.into_iter().flatten().chain(elsewhere);
    let real = folders.map(|folder| std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned()));
    real.collect()
}

fn leads_out(name: &Arc<str>) -> Diagnostic {
    let message = "lies behind a link that leads out of the project, and is not read";
    let help = "what is in a file may end up in a log: move it into the project";
    Diagnostic::error(code::FILE_UNREADABLE, message)
        .in_file(name)
        .help(help)
}

/// A text that is no file yet, with the project and the defaults that count for it.
pub(crate) fn unsaved(path: &Path, text: &str, base: &Path) -> Walk {
    let path = base.join(path);
    let folder = path.parent().unwrap_or(base).to_owned();
    let real_folder = std::fs::canonicalize(&folder).unwrap_or_else(|_| folder.clone());
    let real = path
        .file_name()
        .map_or_else(|| path.clone(), |name| real_folder.join(name));
    let found = Found {
        name: display(&path, base),
        real: real.into(),
        path: path.into(),
        unsaved: Some(Arc::from(text)),
    };
    let mut files = Files::new();
    let project = folder
        .ancestors()
        .map(|above| above.join(PROJECT_FILE))
        .find(|file| file.is_file());
    if let Some(project) = &project {
        add(project, base, &mut files);
    }
    let fence = project
        .as_deref()
        .and_then(Path::parent)
        .unwrap_or(base)
        .to_owned();
    for file in defaults(&folder, &fence) {
        add(&file, base, &mut files);
    }
    files.insert(Arc::clone(&found.real), found);
    Walk {
        files: files.into_values().collect(),
        project,
        problems: Vec::new(),
    }
}

/// Adds a text that is no file yet, given by the path it is to have, with the project and the defaults that count for it.
pub(crate) fn add_unsaved(walk: &mut Walk, path: &Path, text: &str, base: &Path) {
    if !is_named_as_one(path) {
        return;
    }
    let more = unsaved(path, text, base);
    let known: BTreeSet<Arc<Path>> = walk.files.iter().map(|found| Arc::clone(&found.real)).collect();
    let new = more
        .files
        .into_iter()
        .filter(|found| !known.contains(&found.real));
    walk.files.extend(new);
    walk.files.sort_by(|a, b| a.name.cmp(&b.name));
    let is_project = path.file_name().is_some_and(|name| name == PROJECT_FILE);
    let own = || is_project.then(|| path.to_owned());
    walk.project = walk.project.take().or(more.project).or_else(own);
}

fn below(root: &Path, base: &Path, files: &mut Files, problems: &mut Vec<Diagnostic>) {
    let walker = WalkBuilder::new(root)
        .require_git(false)
        .follow_links(false)
        .filter_entry(|entry| {
            !(entry.depth() > 0
                && entry.file_name() == "target"
                && entry.file_type().is_some_and(|t| t.is_dir()))
        })
        .build();
    let mut seen: BTreeSet<PathBuf> = BTreeSet::new();
    // The folder of the entry before, and the same without links: files of one folder come one after the other.
    let mut folder: (PathBuf, Option<PathBuf>) = (PathBuf::new(), None);
    for entry in walker {
        match entry {
            Ok(entry) => {
                let path = entry.path();
                if !is_named_as_one(path) {
                    continue;
                }
                // A link to a file is read, a link to a folder is not entered.
                let file = entry
                    .file_type()
                    .is_some_and(|t| t.is_file() || (t.is_symlink() && path.is_file()));
                if file {
                    seen.insert(path.to_owned());
                    let above = path.parent().unwrap_or(root);
                    if folder.0 != above {
                        folder = (above.to_owned(), std::fs::canonicalize(above).ok());
                    }
                    let real = folder.1.as_ref().filter(|_| !entry.path_is_symlink());
                    match real.and_then(|folder| Some(folder.join(path.file_name()?))) {
                        Some(real) => add_as(path, real, base, files),
                        None => add(path, base, files),
                    }
                } else if entry.path_is_symlink() && !path.exists() {
                    // What stands behind it would otherwise count as removed.
                    let message = "is a link to something that does not exist";
                    let diagnostic = Diagnostic::error(code::FILE_UNREADABLE, message);
                    problems.push(diagnostic.in_file(&display(path, base)));
                }
            }
            Err(error) => {
                let diagnostic = Diagnostic::error(code::FILE_UNREADABLE, format!("cannot be read: {error}"));
                problems.push(diagnostic.in_file(&display(root, base)));
            }
        }
    }
    // What everybody has who has the repository counts, whatever the ignore files of one of them say.
    let hidden = |inside: &Path| inside.iter().any(|part| part.to_string_lossy().starts_with('.'));
    let left_out =
        |inside: &Path| is_named_as_one(inside) && !hidden(inside) && !seen.contains(&root.join(inside));
    for path in tracked::below(root, left_out) {
        add(&path, base, files);
    }
}

/// Whether a file has the name of a manifest.
fn is_named_as_one(path: &Path) -> bool {
    let end = path.extension();
    end.is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Files by their real paths.
type Files = BTreeMap<Arc<Path>, Found>;

/// Adds a file under its real path, so that it is read once however often it is reached.
fn add(path: &Path, base: &Path, files: &mut Files) {
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    add_as(path, real, base, files);
}

fn add_as(path: &Path, real: PathBuf, base: &Path, files: &mut Files) {
    let real: Arc<Path> = real.into();
    let found = Found {
        path: if *path == *real {
            Arc::clone(&real)
        } else {
            path.into()
        },
        real: Arc::clone(&real),
        name: display(path, base),
        unsaved: None,
    };
    files
        .entry(real)
        .and_modify(|known| {
            if (found.name.len(), &found.name) < (known.name.len(), &known.name) {
                *known = found.clone();
            }
        })
        .or_insert_with(|| found.clone());
}

/// The folders of files, each once.
fn folders(files: &Files) -> BTreeSet<PathBuf> {
    let folders: BTreeSet<&Path> = files.values().filter_map(|found| found.path.parent()).collect();
    folders.into_iter().map(Path::to_owned).collect()
}

/// The files with defaults that count for a folder: in it and above it, up to the fence.
fn defaults(folder: &Path, fence: &Path) -> Vec<PathBuf> {
    let inside = folder.starts_with(fence);
    let folders = folder
        .ancestors()
        .take_while(|above| *above == folder || (inside && above.starts_with(fence)));
    let files = folders.flat_map(|folder| DEFAULTS_FILES.map(|name| folder.join(name)));
    files.filter(|file| file.is_file()).collect()
}

fn above(path: &Path) -> Option<PathBuf> {
    // `a/..` is not the folder of `a` where `a` is a link, so only the file system can tell what lies above.
    let real = if path.components().any(|part| part == Component::ParentDir) {
        std::fs::canonicalize(path).ok()?
    } else {
        path.to_owned()
    };
    let start = if real.is_dir() {
        real.as_path()
    } else {
        real.parent()?
    };
    start
        .ancestors()
        .map(|folder| folder.join(PROJECT_FILE))
        .find(|file| file.is_file())
}

/// How a path is shown.
pub(crate) fn display(path: &Path, base: &Path) -> Arc<str> {
    let short = path.strip_prefix(base).unwrap_or(path);
    let text = short.to_string_lossy();
    let text = if text.is_empty() { ".".into() } else { text };
    if cfg!(windows) {
        text.replace('\\', "/").into()
    } else {
        text.into()
    }
}
