//! `infield init`: a commented starter project.

use super::exit::Exit;
use super::ui::{Stop, Ui};
use crate::manifest::starter;
use camino::Utf8PathBuf;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write};

/// Make a commented starter project
///
/// Never overwrites: a file that exists is left as it is.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield init my-trackers && infield plan my-trackers")]
pub(super) struct InitArgs {
    /// The folder to make it in
    #[arg(value_name = "FOLDER", default_value = ".")]
    folder: Utf8PathBuf,
}

pub(super) fn run(args: &InitArgs, ui: &Ui) -> Result<Exit, Stop> {
    let base = std::env::current_dir()
        .map_err(|e| Stop::failed(format!("the current folder cannot be read: {e}")))?;
    let folder = base.join(&args.folder);
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("my-surveys")
        .to_owned();
    for (name, content) in starter::files(&name) {
        let path = args.folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(|e| Stop::failed(format!("{parent} cannot be made: {e}")))?;
        }
        let opened = OpenOptions::new().write(true).create_new(true).open(&path);
        match opened.and_then(|mut out| out.write_all(content.as_bytes())) {
            Ok(()) => ui.data(&format!("made {path}\n"))?,
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                ui.status(&format!("left {path} as it is"));
            }
            Err(error) => return Err(Stop::failed(format!("{path} cannot be written: {error}"))),
        }
    }
    let place = if args.folder == "." {
        String::new()
    } else {
        format!(" {}", args.folder)
    };
    ui.status(&format!(
        "next: `infield plan{place}`, then `infield apply{place}`, both in the sandbox"
    ));
    Ok(Exit::Done)
}
