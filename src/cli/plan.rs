//! `infield plan`: shows what would change and what it would cost. Builds no writer.

use super::exit::Exit;
use super::planning::{self, Selection};
use super::ui::{Stop, Ui};
use super::{Common, Paths, project};
use crate::plan::{Guard, GuardRules, Rule};
use crate::recover::recover;
use crate::report;
use crate::saved::SavedPlan;
use camino::{Utf8Path, Utf8PathBuf};
use std::io::Write;

/// Show what would change, and what it would cost
///
/// Reads the manifests, the state and the vendors, and writes nothing anywhere.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield plan surveys/ --env production --format markdown")]
pub(super) struct PlanArgs {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    selection: Selection,
    /// How to print the plan
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Print every writing call with its path and body
    #[arg(long)]
    show_calls: bool,
    /// Save the plan to a file for `infield apply --plan`
    #[arg(long, value_name = "FILE")]
    out: Option<Utf8PathBuf>,
    /// Exit with 2 when there are changes
    #[arg(long)]
    detailed_exitcode: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.plan/1
    Json,
    /// For a pull request
    Markdown,
}

pub(super) async fn run(args: &PlanArgs, ui: &Ui) -> Result<Exit, Stop> {
    let opened = project::open(&args.paths, &args.common)?;
    opened.check(ui)?;
    let guards = opened.guards()?;
    let state = opened.peek().await?;
    let known = state.known();
    let vendors = opened.connect(ui).await?;
    let recoveries = recover(&known, &vendors.readers, jiff::Timestamp::now(), None).await;
    let planned = planning::make(
        &opened,
        &known,
        &recoveries,
        &vendors.readers,
        &vendors.markets,
        &args.selection,
        &guards,
    )
    .await;
    vendors.close().await;
    let planned = planned?;
    let plan = &planned.plan;
    ui.data(&match args.format {
        Format::Text => report::plan_text::render(plan, &text_style(ui, &guards, args.show_calls)),
        Format::Json => report::PlanReport::from(plan).to_text(),
        Format::Markdown => report::plan_markdown::render(plan, &text_style(ui, &guards, args.show_calls)),
    })?;
    if !planned.unread.is_empty() {
        return Err(could_not_read(&planned.unread));
    }
    if let Some(file) = &args.out {
        let id = uuid::Uuid::now_v7().to_string();
        let digest = &opened.loaded.digest;
        let saved = SavedPlan::new(id, project::now(), &state, digest, &planned);
        write_whole(file, &saved.to_bytes())?;
        ui.status(&format!(
            "saved the plan to {file}; `infield apply --plan {file}` carries it out, once"
        ));
    }
    Ok(if args.detailed_exitcode && !plan.is_empty() {
        Exit::ChangesPending
    } else {
        Exit::Done
    })
}

/// Writes a file so that it is there as a whole or not at all.
fn write_whole(path: &Utf8Path, bytes: &[u8]) -> Result<(), Stop> {
    let fail = |error: std::io::Error| Stop::failed(format!("{path} cannot be written: {error}"));
    let folder = path
        .parent()
        .filter(|folder| !folder.as_str().is_empty())
        .unwrap_or(Utf8Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    file.write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(fail)?;
    file.persist(path).map(drop).map_err(|error| fail(error.error))
}

/// Text as this terminal wants it.
pub(super) fn text_style(ui: &Ui, guards: &GuardRules, show_calls: bool) -> report::Style {
    let allowed = Guard::ALL
        .into_iter()
        .filter(|guard| guards.rule(*guard) == Rule::Allow)
        .collect();
    report::Style {
        colour: ui.color_out,
        width: ui.width,
        show_calls,
        verbose: ui.verbose,
        allowed,
    }
}

/// A plan made without seeing everything is not the whole truth.
pub(super) fn could_not_read(unread: &[String]) -> Stop {
    let shown: Vec<&str> = unread.iter().take(5).map(String::as_str).collect();
    let more = if unread.len() > 5 {
        format!("\n  and {} more", unread.len() - 5)
    } else {
        String::new()
    };
    Stop::failed(format!(
        "not everything could be read:\n  {}{more}",
        shown.join("\n  ")
    ))
    .help("what was not read is left alone; run again when the vendor answers")
}
