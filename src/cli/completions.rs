//! `infield completions`: scripts for shells.

use super::exit::Exit;
use super::ui::{Stop, Ui};

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: infield completions bash > ~/.local/share/bash-completion/completions/infield"
)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: clap_complete::Shell,
}

pub(super) fn run(args: &CompletionsArgs, command: &mut clap::Command, ui: &Ui) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "infield", &mut script);
    ui.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}
