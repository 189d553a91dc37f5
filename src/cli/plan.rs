//! `infield plan`: shows what would change and what it would cost. Builds no writer.

use super::exit::Exit;
use super::planning::{self, Selection};
use super::ui::{Stop, Ui};
use super::{Common, Paths, project};
use crate::plan::{Guard, GuardRules, Rule};
use crate::recover::recover;
use crate::report;

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
    let known = opened.peek().await?.known();
    let vendors = opened.connect(ui).await?;
    let recoveries = recover(&known, &vendors.readers, jiff::Timestamp::now(), None).await;
    let planned = planning::make(
        &opened,
        &known,
        &recoveries,
        &vendors.readers,
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
        Format::Markdown => String::new(),
    })?;
    if !planned.unread.is_empty() {
        return Err(could_not_read(&planned.unread));
    }
    Ok(if args.detailed_exitcode && !plan.is_empty() {
        Exit::ChangesPending
    } else {
        Exit::Done
    })
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
        verbose: false,
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
