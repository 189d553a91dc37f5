//! `infield man`: the manual as man pages.

use super::ui::{Stop, Ui};
use crate::flow::{OrFail as _, Outcome};
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

pub(super) fn run(args: &ManArgs, command: clap::Command, ui: &Ui) -> Result<Outcome, Stop> {
    let Some(folder) = &args.write else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .or_fail("the manual cannot be made")?;
        ui.document(&String::from_utf8_lossy(&page))?;
        return Ok(Outcome::Done);
    };
    fs::create_dir_all(folder).or_fail(format_args!("{folder} cannot be made"))?;
    clap_mangen::generate_to(command, folder)
        .or_fail(format_args!("the pages cannot be written to {folder}"))?;
    ui.status(&format!("wrote the manual to {folder}"));
    Ok(Outcome::Done)
}
