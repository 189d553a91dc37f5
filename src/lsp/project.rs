//! Open texts, the projects they belong to, and what was found in them.
//!
//! A file below an `infield.yaml` belongs to that project, and problems of all its files are published. A file elsewhere
//! is looked at alone, and only if it says that it is a manifest: an editor sends every YAML file it opens.

use super::problems::{self, Texts};
use super::text::{self, Text};
use crate::diag::{Diagnostics, Span};
use crate::format;
use crate::manifest::{Beyond, Editing, Options, PROJECT_FILE, schema::Kind};
use lsp_types::{Location, PublishDiagnosticsParams, TextEdit, Uri};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A text in the editor.
#[derive(Debug)]
struct Open {
    uri: Uri,
    text: Text,
    version: i32,
    /// Whether it has no file's name yet.
    untitled: bool,
}

/// A project with at least one open text, or a folder without a project.
#[derive(Debug)]
struct Root {
    editing: Editing,
    /// The problems that the editor shows, by their files.
    published: BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>>,
}

/// Everything the editor has open. Keys are real paths.
#[derive(Debug, Default)]
pub(super) struct Projects {
    /// The folder that the editor shows, where texts without a name belong.
    folder: Option<PathBuf>,
    open: BTreeMap<PathBuf, Open>,
    roots: BTreeMap<PathBuf, Root>,
    /// What the editor calls texts that have no file, also once they are closed.
    untitled: BTreeMap<PathBuf, Uri>,
    /// Texts that came or changed: they are answered, whatever is wrong with them.
    touched: BTreeSet<PathBuf>,
}

/// An open text with what is known of its project.
pub(super) struct View<'a> {
    /// The real path.
    pub(super) path: &'a Path,
    pub(super) text: &'a Text,
    pub(super) editing: &'a Editing,
    /// The folder that names of files are relative to.
    pub(super) base: &'a Path,
}

impl View<'_> {
    /// The problems of this text, in display order.
    pub(super) fn problems(&self) -> Diagnostics {
        let name = self.editing.name(self.path);
        name.map(|name| self.editing.problems(name)).unwrap_or_default()
    }
}

/// The folder of the project that a file belongs to.
fn project_of(path: &Path) -> Option<&Path> {
    path.ancestors()
        .skip(1)
        .find(|folder| folder.join(PROJECT_FILE).is_file())
}

/// Whether a text says that it is a manifest, even if it is not YAML at present.
fn claims_to_be_a_manifest(text: &str) -> bool {
    let claim = |line: &str| {
        line.strip_prefix("kind:")
            .and_then(|word| Kind::from_word(word.trim()))
            .is_some()
    };
    text.lines().any(claim)
}

impl Open {
    /// Whether a text that belongs to no project is looked at.
    fn may_be_a_manifest(&self) -> bool {
        let text = self.text.as_str();
        claims_to_be_a_manifest(text) || (self.untitled && text.trim().is_empty())
    }
}

/// A path without links; where there is no file yet, that of its folder.
fn real(path: PathBuf) -> PathBuf {
    let there = path.canonicalize().ok();
    there
        .or_else(|| Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?)))
        .unwrap_or(path)
}

/// The folder that names of files are relative to: that of a project, or that of a file alone.
fn base_of(place: &Path) -> &Path {
    match place.is_dir() {
        true => place,
        false => place.parent().unwrap_or(place),
    }
}

impl Root {
    fn new(place: &Path, base: &Path) -> Self {
        let paths = match place == base {
            true => Vec::new(),
            false => vec![place.to_owned()],
        };
        let options = Options {
            base: base.to_owned(),
        };
        Self {
            editing: Editing::new(paths, options),
            published: BTreeMap::new(),
        }
    }
}

impl Projects {
    /// Those of an editor that shows a folder.
    pub(super) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            folder: folder.map(|folder| folder.canonicalize().unwrap_or(folder)),
            ..Self::default()
        }
    }

    /// The path that an open text has, or is to have.
    fn path_of(&self, uri: &Uri) -> Option<(PathBuf, bool)> {
        if let Some(path) = text::path(uri) {
            return Some((real(path), false));
        }
        let folder = self.folder.clone().unwrap_or_else(std::env::temp_dir);
        text::untitled(uri, &folder).map(|path| (real(path), true))
    }

    pub(super) fn open(&mut self, uri: &Uri, text: &str, version: i32) {
        let Some((path, untitled)) = self.path_of(uri) else {
            return;
        };
        self.look_again();
        let text = Text::new(text);
        self.touched.insert(path.clone());
        if untitled {
            self.untitled.insert(path.clone(), uri.clone());
        }
        self.open.insert(
            path,
            Open {
                uri: uri.clone(),
                text,
                version,
                untitled,
            },
        );
    }

    pub(super) fn change(&mut self, uri: &Uri, text: &str, version: i32) {
        if let Some((path, open)) = self.open.iter_mut().find(|(_, open)| open.uri == *uri) {
            open.text = Text::new(text);
            open.version = version;
            self.touched.insert(path.clone());
        }
    }

    pub(super) fn close(&mut self, uri: &Uri) {
        self.open.retain(|_, open| open.uri != *uri);
        self.look_again();
    }

    /// Says that files on disk may have changed.
    pub(super) fn look_again(&mut self) {
        for root in self.roots.values_mut() {
            root.editing.look_again();
        }
    }

    /// Reads what changed, and gives what to publish.
    pub(super) fn refresh(&mut self, beyond: &dyn Beyond) -> Vec<PublishDiagnosticsParams> {
        let mut texts: BTreeMap<PathBuf, Vec<&PathBuf>> = BTreeMap::new();
        for (path, open) in &self.open {
            let root = match project_of(path) {
                Some(root) => root,
                None if open.may_be_a_manifest() => path.as_path(),
                None => continue,
            };
            texts.entry(root.to_owned()).or_default().push(path);
        }
        let touched = std::mem::take(&mut self.touched);
        let mut out = Vec::new();
        let gone = self.roots.extract_if(.., |root, _| !texts.contains_key(root));
        let gone: Vec<PathBuf> = gone.flat_map(|(_, root)| root.published.into_keys()).collect();
        out.extend(gone.iter().filter_map(|file| self.publication(file, Vec::new())));
        for (place, open) in texts {
            let base = base_of(&place);
            let mut root = self
                .roots
                .remove(&place)
                .unwrap_or_else(|| Root::new(&place, base));
            root.editing.retain(&open);
            for path in &open {
                root.editing.set(path, self.open[*path].text.as_str());
            }
            let changed = root.editing.refresh(beyond).changed;
            let of_editor = |path: &Path| {
                let open = self.open.get(path)?;
                Some((open.uri.clone(), open.text.clone()))
            };
            let mut texts = Texts::new(&root.editing, base, &of_editor);
            let mut shown: BTreeMap<PathBuf, Vec<lsp_types::Diagnostic>> = BTreeMap::new();
            for name in &changed {
                let path = problems::real(&root.editing, base, name);
                shown.entry(path).or_default().extend(texts.shown(name));
            }
            for path in open.into_iter().filter(|path| touched.contains(*path)) {
                shown.entry(path.clone()).or_default();
            }
            for (path, list) in shown {
                let before = root.published.get(&path).map(Vec::as_slice).unwrap_or_default();
                // A text that came or changed is always answered, and of the others what changed.
                if *list == *before && !touched.contains(&path) {
                    continue;
                }
                match list.is_empty() {
                    true => root.published.remove(&path),
                    false => root.published.insert(path.clone(), list.clone()),
                };
                out.extend(self.publication(&path, list));
            }
            self.roots.insert(place, root);
        }
        out
    }

    /// The name that the editor has for a file.
    pub(super) fn uri(&self, path: &Path) -> Option<Uri> {
        match self.open.get(path) {
            Some(open) => Some(open.uri.clone()),
            None => self.untitled.get(path).cloned().or_else(|| text::uri(path)),
        }
    }

    fn publication(&self, path: &Path, list: Vec<lsp_types::Diagnostic>) -> Option<PublishDiagnosticsParams> {
        let version = self.open.get(path).map(|open| open.version);
        Some(PublishDiagnosticsParams::new(self.uri(path)?, list, version))
    }

    /// An open text and its project; `None` for texts that belong to none.
    pub(super) fn view(&self, uri: &Uri) -> Option<View<'_>> {
        let (path, open) = self.open.iter().find(|(_, open)| open.uri == *uri)?;
        let place = project_of(path).unwrap_or(path);
        let (place, root) = self.roots.get_key_value(place)?;
        Some(View {
            path,
            text: &open.text,
            editing: &root.editing,
            base: base_of(place),
        })
    }

    /// All projects, with the folders that names of their files are relative to.
    pub(super) fn all(&self) -> impl Iterator<Item = (&Path, &Editing)> {
        let roots = self.roots.iter();
        roots.map(|(place, root)| (base_of(place), &root.editing))
    }

    /// A part of a file of a project, for an editor.
    pub(super) fn place(
        &self,
        base: &Path,
        editing: &Editing,
        file: &Arc<str>,
        span: Span,
    ) -> Option<Location> {
        let path = problems::real(editing, base, file);
        let uri = self.uri(&path)?;
        let range = match self.open.get(&path) {
            Some(open) => open.text.range(span),
            None => Text::new(&editing.text(file)?).range(span),
        };
        Some(Location::new(uri, range))
    }

    /// The edit that puts a text into its canonical form; none where it is, or is not YAML.
    pub(super) fn formatted(&self, uri: &Uri) -> Option<Vec<TextEdit>> {
        let open = self.open.values().find(|open| open.uri == *uri)?;
        let made = format::format(open.text.as_str()).ok()?;
        let edit = TextEdit::new(open.text.whole(), made.text);
        Some(if edit.new_text == open.text.as_str() {
            Vec::new()
        } else {
            vec![edit]
        })
    }
}
