//! `infield plan`: shows what would change and what it would cost. Builds no writer.

use super::exit::Exit;
use super::planning::{self, Selection};
use super::reconciling::{Desk, text_of};
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
    let outcomes = match &planned {
        Ok(_) => outcomes(args, ui, &opened, &state, &vendors, &guards).await,
        Err(_) => Outcomes::default(),
    };
    vendors.close().await;
    let planned = planned?;
    let plan = &planned.plan;
    let style = report::Style {
        given: planning::given(&args.paths, &args.common, &args.selection),
        ..text_style(ui, &guards, args.show_calls)
    };
    ui.data(&match args.format {
        Format::Text => report::plan_text::render(plan, &style),
        Format::Json => {
            let mut report = report::PlanReport::from(plan);
            let plans = outcomes.plans.iter();
            report.reconciliations = plans
                .map(|plan| report::ReconciliationReport::new(&opened.environment, plan, None, false))
                .collect();
            report.to_text()
        }
        Format::Markdown => report::plan_markdown::render(plan, &style),
    })?;
    for plan in &outcomes.plans {
        match args.format {
            Format::Text => ui.data(&format!("\n{}", text_of(plan, ui, &guards, args.show_calls)))?,
            Format::Markdown => ui.data(&report::reconciliation_text::markdown(plan, &style))?,
            Format::Json => {}
        }
    }
    if !planned.unread.is_empty() {
        return Err(could_not_read(&planned.unread));
    }
    if let Some(stop) = outcomes.stop {
        return Err(stop);
    }
    if args.out.is_some() && !outcomes.plans.is_empty() {
        ui.status("a saved plan holds surveys only: reconciliations are carried out by `infield apply`");
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
    let pending = !plan.is_empty() || outcomes.plans.iter().any(|plan| !plan.is_empty());
    Ok(if args.detailed_exitcode && pending {
        Exit::ChangesPending
    } else {
        Exit::Done
    })
}

/// Plans of outcomes, and what kept others from being made.
#[derive(Default)]
struct Outcomes {
    plans: Vec<crate::reconcile::Plan>,
    stop: Option<Stop>,
}

async fn outcomes(
    args: &PlanArgs,
    ui: &Ui,
    opened: &project::Opened,
    state: &crate::state::Document,
    vendors: &project::Vendors,
    guards: &GuardRules,
) -> Outcomes {
    let mut outcomes = Outcomes::default();
    if opened.loaded.reconciliations.is_empty() {
        return outcomes;
    }
    let ledgers = match opened.place() {
        Ok(place) => place.ledgers,
        Err(stop) => {
            outcomes.stop = Some(stop);
            return outcomes;
        }
    };
    let desk = Desk {
        opened,
        ui,
        vendors,
        ledgers,
        lineage: Some(state.lineage.clone()).filter(|lineage| !lineage.is_empty()),
        known: state.known(),
        guards,
    };
    for wanted in desk.selected(&args.selection) {
        match desk.plan(wanted).await {
            Ok(plan) => {
                if plan.counts().unread > 0 {
                    let why = format!("not every transaction of {} could be read", plan.wanted.name);
                    outcomes.stop = Some(Stop::failed(why).help("run again when the vendor answers"));
                }
                outcomes.plans.push(plan);
            }
            Err(stop) => outcomes.stop = Some(stop),
        }
    }
    outcomes
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
        given: Vec::new(),
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
