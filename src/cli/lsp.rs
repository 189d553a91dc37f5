//! `infield lsp`: the language server, over stdin and stdout.

use super::args::Common;
use super::lookup;
use super::project::{self, Opened};
use super::threads::runtime;
use super::ui::{Stop, Ui};
use super::validate;
use crate::flow::{OrFail as _, Outcome};
use crate::history::Looks;
use crate::lsp::{self, Counted, LspError, Remembered};
use crate::manifest::{Beside, Beyond, Loaded, Project, Template};
use crate::marketplace::shelf::lists::List;
use crate::model::{Address, Known, VendorId};
use camino::Utf8PathBuf;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
use std::time::SystemTime;

/// Serve an editor: problems, completion, renames while you type
///
/// Editors start it; it speaks over stdin and stdout. It shows what `validate` shows, for the texts on the screen, with
/// quick fixes; completes keys, values, questions, names and whole surveys; tells what each key means, the vendor's codes
/// and the exposure; finds and renames surveys and groups; shows what shares come to, and what was counted last; formats. It
/// writes no file and reaches no network. The book (`docs/editor.md`) has settings for editors.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example for Neovim 0.11: vim.lsp.config('infield', {cmd = {'infield', 'lsp'}, filetypes = {'yaml'}})"
)]
pub(super) struct LspArgs {
    #[command(flatten)]
    common: Common,
    /// Accepted because many editors add it; there is no other way to speak
    #[arg(long, hide = true)]
    stdio: bool,
}

pub(super) fn run(args: &LspArgs, ui: &Ui) -> Result<Outcome, Stop> {
    if std::io::stdin().is_terminal() {
        ui.status("this is for editors: it waits for a language server client on stdin; Ctrl-C ends it");
    }
    let memory = Memory {
        environment: &args.common.env,
        last: Last::default(),
        looks: Last::default(),
    };
    let (connection, threads) = lsp::stdio();
    let ended = lsp::serve(&connection, &memory);
    // The threads end when nobody can send any more.
    drop(connection);
    match ended {
        Ok(()) => {
            threads.join().or_fail("the editor cannot be reached")?;
            Ok(Outcome::Done)
        }
        // An editor that closed its window is not told anything; its log is.
        Err(LspError::Gone) => Err(Stop::failed(LspError::Gone.to_string())),
        Err(error) => Err(Stop::failed(error.to_string())),
    }
}

/// What tells whether files are still those that were read: their times and sizes.
type Stamp = Vec<(Option<SystemTime>, u64)>;

/// What was read of a folder, as long as its files are the same.
type Last<T> = RefCell<Option<(Utf8PathBuf, Stamp, Arc<T>)>>;

/// The state and the looks that were read last; a project of thousands of surveys has big ones.
struct Memory<'a> {
    environment: &'a str,
    last: Last<Known>,
    looks: Last<Looks>,
}

/// The times and sizes of the files in a folder.
fn stamp(folder: &Utf8PathBuf) -> Option<Stamp> {
    let mut files: Vec<_> = std::fs::read_dir(folder).ok()?.filter_map(Result::ok).collect();
    files.sort_by_key(std::fs::DirEntry::file_name);
    let about = files.iter().filter_map(|file| file.metadata().ok());
    Some(about.map(|about| (about.modified().ok(), about.len())).collect())
}

/// The folder of an environment's state, where it is on this machine.
fn state_folder(opened: &Opened) -> Option<Utf8PathBuf> {
    match opened.settings().ok()?.state.as_deref() {
        None | Some("local") => Some(opened.local()),
        Some(place) if place.contains("://") => Some(place.strip_prefix("file://")?.into()),
        Some(path) => Some(opened.root.join(path)),
    }
}

impl Memory<'_> {
    fn open(&self, root: &Path, project: Option<&Project>) -> Option<Opened> {
        let loaded = Loaded {
            project: project.cloned(),
            ..Loaded::default()
        };
        let folder = Utf8PathBuf::from_path_buf(root.to_owned()).ok()?;
        let environment = self.environment.to_owned();
        Some(project::of(
            loaded,
            Vec::new(),
            root.to_owned(),
            folder,
            environment,
        ))
    }

    fn looks(&self, opened: &Opened) -> Option<Arc<Looks>> {
        let folder = state_folder(opened)?.join("history").join("looks");
        let stamp = stamp(&folder)?;
        if let Some(known) = same(&self.looks, &folder, &stamp) {
            return Some(known);
        }
        let history = opened.history().ok()?;
        let (looks, _) = runtime().ok()?.block_on(history.place().looks());
        let looks = Arc::new(looks);
        *self.looks.borrow_mut() = Some((folder, stamp, Arc::clone(&looks)));
        Some(looks)
    }
}

fn same<T>(last: &Last<T>, folder: &Utf8PathBuf, stamp: &Stamp) -> Option<Arc<T>> {
    let last = last.borrow();
    let (of, then, known) = last.as_ref()?;
    (of == folder && then == stamp).then(|| Arc::clone(known))
}

impl Beyond for Memory<'_> {
    // What the state shows is a bonus; without it, or with a damaged one, the manifests are still checked.
    fn known(&self, root: &Path, project: Option<&Project>) -> Option<Arc<Known>> {
        let opened = self.open(root, project)?;
        let folder = state_folder(&opened)?;
        let stamp = stamp(&folder)?;
        if !folder.join("state.json").exists() {
            return None;
        }
        if let Some(known) = same(&self.last, &folder, &stamp) {
            return Some(known);
        }
        let known = Arc::new(runtime().ok()?.block_on(opened.peek()).ok()?.known());
        *self.last.borrow_mut() = Some((folder, stamp, Arc::clone(&known)));
        Some(known)
    }

    fn problems(&self, known: &Known, templates: &[(Address, Template)]) -> Vec<Beside> {
        validate::check_against(known, templates)
    }
}

impl Remembered for Memory<'_> {
    fn counted(&self, root: &Path, project: Option<&Project>) -> BTreeMap<Address, Counted> {
        let (Some(opened), Some(known)) = (self.open(root, project), self.known(root, project)) else {
            return BTreeMap::new();
        };
        let Some(looks) = self.looks(&opened) else {
            return BTreeMap::new();
        };
        let all = known.resources.iter();
        all.filter_map(|(address, resource)| {
            // What a survey that was replaced had collected is not its own.
            let (at, counted) = looks.of_survey(address, &resource.id).last()?;
            let counted = Counted {
                at,
                completes: counted.completes,
            };
            Some((address.clone(), counted))
        })
        .collect()
    }

    fn lists(&self, root: &Path, project: Option<&Project>) -> Vec<(VendorId, List)> {
        let opened = self.open(root, project);
        opened.map(|opened| lookup::kept(&opened)).unwrap_or_default()
    }
}
