//! `infield lsp`: the language server, over stdin and stdout.

use super::args::Common;
use super::project;
use super::threads::runtime;
use super::ui::{Stop, Ui};
use super::validate;
use crate::flow::{OrFail as _, Outcome};
use crate::lsp::{self, LspError};
use crate::manifest::{Beside, Beyond, Loaded, Project, Template};
use crate::model::{Address, Known};
use camino::Utf8PathBuf;
use std::cell::RefCell;
use std::io::IsTerminal;
use std::path::Path;
use std::sync::Arc;
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
    let memory = Memory {
        environment: &args.common.env,
        last: RefCell::default(),
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

/// What tells whether a state is still the one that was read: times and sizes of its files.
type Stamp = Vec<(Option<SystemTime>, u64)>;

/// The state that was read last; a project of thousands of surveys has a big one.
struct Memory<'a> {
    environment: &'a str,
    last: RefCell<Option<(Utf8PathBuf, Stamp, Arc<Known>)>>,
}

impl Beyond for Memory<'_> {
    // What the state shows is a bonus; without it, or with a damaged one, the manifests are still checked.
    fn known(&self, root: &Path, project: Option<&Project>) -> Option<Arc<Known>> {
        let loaded = Loaded {
            project: project.cloned(),
            ..Loaded::default()
        };
        let folder = Utf8PathBuf::from_path_buf(root.to_owned()).ok()?;
        let environment = self.environment.to_owned();
        let opened = project::of(loaded, Vec::new(), root.to_owned(), folder, environment);
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
        if let Some((of, then, known)) = &*self.last.borrow()
            && *of == folder
            && *then == stamp
        {
            return Some(Arc::clone(known));
        }
        let known = Arc::new(runtime().ok()?.block_on(opened.peek()).ok()?.known());
        *self.last.borrow_mut() = Some((folder, stamp, Arc::clone(&known)));
        Some(known)
    }

    fn problems(&self, known: &Known, templates: &[(Address, Template)]) -> Vec<Beside> {
        validate::check_against(known, templates)
    }
}
