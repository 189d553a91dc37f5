//! `infield explain`: why a problem or a note is told, with an example and the way out.

use super::ui::{Stop, Ui};
use crate::diag::{explain, suggest};
use crate::flow::Outcome;

/// Explain a code of a problem, or a kind of note in a plan
///
/// Without a name all codes and kinds of notes are listed; with the first part of a code, such as `quota`, those of that
/// area.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples: infield explain quota::gap\n          infield explain drift")]
pub(super) struct ExplainArgs {
    /// The code, with or without `infield::`, or the kind of note
    #[arg(value_name = "CODE", add = super::candidates::topics())]
    code: Option<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For a terminal
    Text,
    /// For a wiki or a comment
    Markdown,
}

pub(super) fn run(args: &ExplainArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let Some(code) = &args.code else {
        return list("", ui);
    };
    if let Some(topic) = explain::find(code) {
        let kind = if topic.is_code() { "infield::" } else { "the note " };
        let text = match args.format {
            Format::Text => format!("{kind}{}\n\n{}", topic.name, topic.plain(ui.style().width)),
            Format::Markdown => format!("## {kind}{}\n\n{}", topic.name, topic.markdown()),
        };
        return ui.long(&text).map(|()| Outcome::Done);
    }
    let area = format!("{}::", code.trim_end_matches(':').trim_start_matches("infield::"));
    if explain::all().iter().any(|topic| topic.name.starts_with(&area)) {
        return list(&area, ui);
    }
    let stop = Stop::usage(format!("there is no code or note `{code}`"));
    let near = explain::nearest(code).map(|near| suggest::ask(&format!("infield explain {near}")));
    Err(stop.help(near.unwrap_or_else(|| "`infield explain` lists all of them".to_owned())))
}

fn list(area: &str, ui: &Ui) -> Result<Outcome, Stop> {
    let topics = explain::all().iter().filter(|topic| topic.name.starts_with(area));
    let lines = topics.map(|topic| topic.listed(ui.style().width));
    ui.long(&lines.collect::<String>()).map(|()| Outcome::Done)
}
