//! `infield completions`: scripts for shells, and what they ask the program while one types.
//!
//! The scripts are short and call infield for every word, so that names of surveys and environments are those of the
//! project one stands in: `candidates` has them.

use super::ui::{Stop, Ui};
use crate::flow::{OrFail as _, Outcome};
use clap_complete::CompleteEnv;
use clap_complete::env::Shells;
use std::ffi::OsString;

/// The variable through which a script asks; its value is the name of the shell.
const VARIABLE: &str = "INFIELD_COMPLETE";

/// Print a completion script for a shell
///
/// It completes commands, options, and the names of surveys, groups and environments of the project you are in.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples: infield completions bash > ~/.local/share/bash-completion/completions/infield\n          infield completions zsh > ~/.zfunc/_infield\n          infield completions fish > ~/.config/fish/completions/infield.fish"
)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &CompletionsArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let shell = args.shell.to_string();
    let shells = Shells::builtins();
    let completer = shells
        .completer(&shell)
        .ok_or_else(|| Stop::failed(format!("there is no script for {shell}")))?;
    let mut script = Vec::new();
    completer
        .write_registration(VARIABLE, "infield", "infield", "infield", &mut script)
        .or_fail("the script cannot be made")?;
    ui.document(&String::from_utf8_lossy(&script))?;
    Ok(Outcome::Done)
}

/// Answers a script about the words of a command, if it is one that asks.
pub(super) fn answer(args: &[OsString], command: impl Fn() -> clap::Command) -> bool {
    if std::env::var_os(VARIABLE).is_none() {
        return false;
    }
    let folder = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(command)
        .var(VARIABLE)
        .try_complete(args.iter().cloned(), folder.as_deref());
    // A shell that gets no answer completes nothing; a message would land in the command line.
    asked.unwrap_or(true)
}
