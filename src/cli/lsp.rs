//! `infield lsp`: the language server, over stdin and stdout.

use super::args::Common;
use super::project;
use super::threads::runtime;
use super::ui::{Stop, Ui};
use super::validate;
use crate::flow::{OrFail as _, Outcome};
use crate::lsp::{self, LspError};
use crate::manifest::Loaded;
use crate::model::Known;
use camino::Utf8PathBuf;
use std::cell::RefCell;
use std::io::IsTerminal;
use std::path::Path;
use std::time::SystemTime;

/// Serve an editor: problems, quick fixes and hovers while you type
///
/// Editors start it; it speaks over stdin and stdout. It shows what `validate` shows, for the texts on the screen, with
/// quick fixes, hovers that tell the vendor's codes and the exposure, definitions, completion and formatting. It writes
/// no file and reaches no network. The book (`docs/editor.md`) has settings for Neovim, VS Code and JetBrains.
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
    let memory = Memory::default();
    let beyond = |root: &Path, loaded: &mut Loaded| {
        // What the state shows is a bonus; without it, or with a damaged one, the manifests are still checked.
        if let Some(known) = memory.known(root, loaded, &args.common.env) {
            validate::check_against(loaded, &known);
        }
    };
    let (connection, threads) = lsp::stdio();
    let ended = lsp::serve(&connection, &beyond);
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

/// What tells whether a state is still the one that was read: times and sizes of its files.
type Stamp = Vec<(Option<SystemTime>, u64)>;

/// The state that was read last; a project of thousands of surveys has a big one.
#[derive(Default)]
struct Memory(RefCell<Option<(Utf8PathBuf, Stamp, Known)>>);

impl Memory {
    fn known(&self, root: &Path, loaded: &mut Loaded, environment: &str) -> Option<Known> {
        let loaded = Loaded {
            project: loaded.project.clone(),
            ..Loaded::default()
        };
        let folder = Utf8PathBuf::from_path_buf(root.to_owned()).ok()?;
        let opened = project::of(
            loaded,
            Vec::new(),
            root.to_owned(),
            folder,
            environment.to_owned(),
        );
        opened.settings().ok()?;
        let folder = opened.local();
        let mut files: Vec<_> = std::fs::read_dir(&folder).ok()?.filter_map(Result::ok).collect();
        files.sort_by_key(std::fs::DirEntry::file_name);
        let stamp: Stamp = files
            .iter()
            .filter_map(|file| file.metadata().ok())
            .map(|metadata| (metadata.modified().ok(), metadata.len()))
            .collect();
        if !folder.join("state.json").exists() {
            return None;
        }
        if let Some((of, then, known)) = &*self.0.borrow()
            && *of == folder
            && *then == stamp
        {
            return Some(known.clone());
        }
        let known = runtime().ok()?.block_on(opened.peek()).ok()?.known();
        *self.0.borrow_mut() = Some((folder, stamp, known.clone()));
        Some(known)
    }
}
