//! `infield blame`: who is behind each value that is remembered. Reads state and history, asks no vendor.

use super::args::Common;
use super::candidates;
use super::log::tell_unread;
use super::project::open_folder;
use super::ui::{Stop, Ui};
use crate::flow::terminal::plan_style;
use crate::flow::{Outcome, selection};
use crate::history::{Blame, Values, values};
use crate::model::{Address, Named};
use crate::plan::{GuardRules, Marketplaces as _};
use crate::report::history::{BlameFormat, BlameReport};
use camino::Utf8PathBuf;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Show who is behind each value of a survey
///
/// For each value that infield wrote or took over: the run, the commit and the person behind it. Nothing is asked of a
/// vendor.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield blame soda-tracker-w3 cpi --env production")]
pub(super) struct BlameArgs {
    /// A survey or group: its name, a pattern such as 'brand-*', or tag:WORD
    #[arg(value_name = "NAME", add = candidates::remembered())]
    name: String,
    /// Only this field and what is in it: `cpi`, `quotas`, `quotas.men.completes`
    #[arg(value_name = "FIELD")]
    field: Option<String>,
    #[command(flatten)]
    common: Common,
    /// Folder of the project
    #[arg(long, value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.blame/1
    Json,
}

pub(super) async fn run(args: &BlameArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let opened = open_folder(args.project.as_ref(), &args.common)?;
    let known = opened.peek().await?.known();
    let markets = opened.markets()?;
    let all: Vec<Named<'_>> = known.named().collect();
    let names = [args.name.clone()];
    let meant = selection::meant(
        &names,
        &all,
        "blame",
        "`infield state list` shows what is remembered",
    )?;
    let of = |address: Address| {
        let resource = known.resources.get(&address)?;
        Some((address, values(resource, markets.codebook(resource.vendor))))
    };
    let mut surveys: Vec<(Address, Values)> = meant.into_iter().filter_map(of).collect();
    if let Some(field) = &args.field {
        only(&mut surveys, field)?;
    }
    let history = opened.history()?;
    let mut blame = Blame::new(surveys);
    let place = history.place();
    let unread = place.runs(|run| {
        blame.see(&run);
        match blame.is_done() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    });
    let unread = unread.await;
    tell_unread(&unread, ui);
    let report = BlameReport {
        format: BlameFormat::V1,
        environment: opened.environment.clone(),
        values: blame.finish(),
        unread,
    };
    match args.format {
        Format::Text => ui.long(&report.to_text(&plan_style(ui, &GuardRules::default(), false)))?,
        Format::Json => ui.document(&report.to_json())?,
    }
    Ok(Outcome::Done)
}

/// Leaves only one field, and what is in it.
fn only(surveys: &mut Vec<(Address, Values)>, field: &str) -> Result<(), Stop> {
    let path = match field.starts_with('/') {
        true => field.to_owned(),
        false => format!("/{}", field.replace('.', "/")),
    };
    let below = format!("{path}/");
    let all: BTreeSet<String> = surveys
        .iter()
        .flat_map(|(_, values)| values.iter().map(|(path, _)| path[1..].replace('/', ".")))
        .collect();
    for (_, values) in surveys.iter_mut() {
        values.retain(|(found, _)| *found == path || found.starts_with(&below));
    }
    surveys.retain(|(_, values)| !values.is_empty());
    match surveys.is_empty() {
        false => Ok(()),
        true => {
            let help = format!("there is {}", all.iter().cloned().collect::<Vec<_>>().join(", "));
            Err(Stop::usage(format!("no value is remembered at `{field}`")).meant(field, &all, help))
        }
    }
}
