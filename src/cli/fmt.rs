//! `infield fmt`: manifests in their canonical form.

use super::args::Paths;
use super::project;
use super::ui::{Stop, Ui};
use crate::diag::{self, Diagnostic, Diagnostics, SourceFile, Sources};
use crate::flow::{Cause, Outcome, files};
use crate::format::{self, Formatted};
use crate::manifest;
use crate::report::difference::unified;
use crate::yaml::{self, MAX_FILE_BYTES};
use rayon::prelude::*;
use std::sync::Arc;

/// Put manifests into their canonical form, comments kept
///
/// Every comment is kept, and the meaning never changes: what is written is read again and compared first. A document
/// that cannot be laid out that way is left as it is, with a word. `-` reads stdin and writes stdout, for editors.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples: infield fmt surveys/ --check\n          infield fmt --diff")]
pub(super) struct FmtArgs {
    #[command(flatten)]
    paths: Paths,
    /// Write nothing; name the files that would change, and exit with 2 if there are any
    #[arg(long)]
    check: bool,
    /// Like --check, and show what would change instead of names
    #[arg(long)]
    diff: bool,
}

impl FmtArgs {
    /// Whether nothing is written.
    fn only_looks(&self) -> bool {
        self.check || self.diff
    }

    /// How it ends where so many files change.
    fn exit(&self, changed: usize) -> Outcome {
        if changed > 0 && self.only_looks() {
            Outcome::Pending
        } else {
            Outcome::Done
        }
    }
}

/// What would change in a text, its secrets covered.
fn difference(name: &str, before: &str, after: &str) -> String {
    unified(name, &manifest::masked(before), &manifest::masked(after))
}

/// Tells what is wrong.
fn refuse(mut problems: Diagnostics, sources: &Sources, ui: &Ui) -> Stop {
    problems.sort();
    ui.say(diag::text::render(&problems, sources, project::style(ui)).trim_end());
    Stop::said(Cause::Failed)
}

pub(super) fn run(args: &FmtArgs, ui: &Ui) -> Result<Outcome, Stop> {
    if args.paths.paths.iter().any(|path| path == project::STDIN) {
        return stdin(args, ui);
    }
    let (given, options) = project::place(&args.paths)?;
    let (files, mut problems) = manifest::find(&given, &options);
    let mut sources = Sources::default();
    let mut changed = 0;
    let count = files.len();
    // Side by side; told and written one after the other, in order.
    let read = files.into_par_iter().map(|(path, name)| {
        let text = yaml::read_text(&path, MAX_FILE_BYTES).map(|text| (format::format(&text), text));
        (path, name, text)
    });
    for (path, name, text) in read.collect::<Vec<_>>() {
        let (result, text) = match text {
            Ok(found) => found,
            Err(error) => {
                problems.push(error.diagnostic().in_file(&name));
                continue;
            }
        };
        let Some(made) = told(result, &text, &name, &mut problems, &mut sources, ui) else {
            continue;
        };
        if made.text == text {
            continue;
        }
        changed += 1;
        if !args.only_looks() {
            files::rewrite(&path, made.text.as_bytes())
                .map_err(|e| Stop::failed(format!("{name} cannot be written: {e}")))?;
        }
        match (args.diff, args.check) {
            (true, _) => ui.data(&difference(&name, &text, &made.text))?,
            // Names are what --check is for.
            (false, true) => ui.data(&format!("{name}\n"))?,
            (false, false) => ui.done(&format!("{name}\n"))?,
        }
    }
    if !problems.is_empty() {
        return Err(refuse(problems, &sources, ui));
    }
    let files = |n: usize| format!("{n} file{}", if n == 1 { "" } else { "s" });
    match changed {
        0 => ui.status(&format!("{}: all in canonical form", files(count))),
        n if args.only_looks() => ui.status(&format!(
            "{} would change; run `infield fmt` without {}",
            files(n),
            if args.diff { "--diff" } else { "--check" }
        )),
        n => ui.status(&format!("formatted {} of {count}", files(n))),
    }
    Ok(args.exit(changed))
}

/// The canonical form of a file, once what is wrong with it, or left alone in it, is told.
fn told(
    result: Result<Formatted, Vec<Diagnostic>>,
    text: &str,
    name: &Arc<str>,
    problems: &mut Diagnostics,
    sources: &mut Sources,
    ui: &Ui,
) -> Option<Formatted> {
    match result {
        Ok(made) => {
            for kept in &made.kept {
                ui.status(&format!("{name}:{}: left as it is: {}", kept.line, kept.why));
            }
            Some(made)
        }
        Err(found) => {
            problems.extend(found.into_iter().map(|problem| problem.in_file(name)));
            sources.insert(SourceFile::new(Arc::clone(name), manifest::masked(text).into()));
            None
        }
    }
}

fn stdin(args: &FmtArgs, ui: &Ui) -> Result<Outcome, Stop> {
    if args.paths.paths.len() > 1 {
        return Err(Stop::usage("`-` stands alone: it reads one text from stdin"));
    }
    let text = project::stdin()?;
    let (mut problems, mut sources) = (Diagnostics::default(), Sources::default());
    let name = Arc::from("stdin");
    let result = format::format(&text);
    let Some(made) = told(result, &text, &name, &mut problems, &mut sources, ui) else {
        return Err(refuse(problems, &sources, ui));
    };
    if !args.only_looks() {
        return ui.document(&made.text).map(|()| Outcome::Done);
    }
    if args.diff {
        ui.data(&difference(&name, &text, &made.text))?;
    }
    Ok(args.exit(usize::from(made.text != text)))
}
