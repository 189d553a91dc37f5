//! `infield man`: the manual as man pages.

use super::exit::Exit;
use super::ui::{Stop, Ui};
use camino::Utf8PathBuf;
use std::fs;

/// Print the manual page, or write all of them into a folder
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield man | man -l -")]
pub(super) struct ManArgs {
    /// Write one page per command into this folder
    #[arg(long, value_name = "DIR")]
    write: Option<Utf8PathBuf>,
}

pub(super) fn run(args: &ManArgs, command: clap::Command, ui: &Ui) -> Result<Exit, Stop> {
    let Some(folder) = &args.write else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|e| Stop::failed(format!("the manual cannot be made: {e}")))?;
        ui.data(&String::from_utf8_lossy(&page))?;
        return Ok(Exit::Done);
    };
    fs::create_dir_all(folder).map_err(|e| Stop::failed(format!("{folder} cannot be made: {e}")))?;
    clap_mangen::generate_to(command, folder)
        .map_err(|e| Stop::failed(format!("the pages cannot be written to {folder}: {e}")))?;
    ui.status(&format!("wrote the manual to {folder}"));
    Ok(Exit::Done)
}
