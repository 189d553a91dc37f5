//! `infield init`: a commented starter project.

use super::ui::{Stop, Ui};
use crate::flow::{OrFail as _, Outcome};
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

pub(super) fn run(args: &InitArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let base = std::env::current_dir().or_fail("the current folder cannot be read")?;
    let folder = base.join(&args.folder);
    let name = folder
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or("my-surveys")
        .to_owned();
    for (name, content) in starter::files(&name) {
        let path = args.folder.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).or_fail(format_args!("{parent} cannot be made"))?;
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
    Ok(Outcome::Done)
}
