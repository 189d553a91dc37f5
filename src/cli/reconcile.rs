//! `infield reconcile`: one list of outcomes, without a manifest.

use super::apply::watch_interrupts;
use super::exit::Exit;
use super::names::one_of;
use super::project::{self, Opened, style};
use super::reconciling::{Approval, Desk, text_of};
use super::ui::{Stop, Ui};
use super::{Common, Paths};
use crate::diag::{Diagnostics, Severity, Sources, text};
use crate::manifest::outcomes::{self, Defaults};
use crate::model::VendorId;
use crate::model::reconciliation::{Bytes, Named, Outcome, Reconciliation};
use crate::plan::Guard;
use crate::report::ReconciliationReport;
use crate::state::Keeper;
use camino::Utf8PathBuf;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Give transactions the outcomes a list says
///
/// The list is CSV with the columns `transaction_id` and `outcome` (complete, reject, over_quota, termination,
/// quality_termination, dedupe), and perhaps `reason`, `survey` and `quota_ids`. Shows what would change and the money it
/// moves, asks, does it, and writes the result of every row beside the list. What was confirmed is never sent again.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield reconcile rejects.csv --survey soda-tracker-w3 --env production")]
pub(super) struct ReconcileArgs {
    /// The list
    #[arg(value_name = "FILE")]
    file: Utf8PathBuf,
    /// The survey the transactions belong to: its name, or the vendor's id
    #[arg(long, value_name = "SURVEY")]
    survey: Option<String>,
    /// Where the survey is, if it is named by the vendor's id
    #[arg(long, value_name = "VENDOR", value_parser = parse_vendor)]
    vendor: Option<VendorId>,
    /// The outcome of rows that do not say their own
    #[arg(long, value_name = "OUTCOME", value_parser = parse_outcome)]
    outcome: Option<Outcome>,
    /// The reason of rows that do not say their own
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The quotas of completes that do not say their own
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    quota_ids: Vec<String>,
    /// Only show what would change
    #[arg(long = "plan", conflicts_with_all = ["yes", "allow", "approve"])]
    only_plan: bool,
    /// Print every writing call with its path and body
    #[arg(long)]
    show_calls: bool,
    /// Do not ask; the guard still needs --allow
    #[arg(short, long)]
    yes: bool,
    /// Guards that are approved: reconcile
    #[arg(long, value_name = "GUARDS", value_delimiter = ',', value_parser = super::apply::parse_guard)]
    allow: Vec<Guard>,
    /// Carry out only the plan with this hash; counts as approval of everything in it
    #[arg(long, value_name = "HASH", conflicts_with_all = ["yes", "allow"])]
    approve: Option<String>,
    /// How to tell: for people, or infield.reconciliation/1
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// Folder of the project [default: the current one]
    #[arg(long, value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    #[command(flatten)]
    common: Common,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.reconciliation/1
    Json,
}

pub(super) fn parse_vendor(text: &str) -> Result<VendorId, String> {
    one_of("vendor", text, VendorId::all(), VendorId::key)
}

fn parse_outcome(text: &str) -> Result<Outcome, String> {
    one_of("outcome", text, &Outcome::ALL, Outcome::word)
}

pub(super) async fn run(args: &ReconcileArgs, ui: &Ui) -> Result<Exit, Stop> {
    let wanted = Arc::new(read(args, ui)?);
    // Outcomes need the project's environment and state, and no survey's manifest.
    let paths = Paths {
        paths: args.project.clone().into_iter().collect(),
    };
    let opened = project::open(&paths, &args.common)?;
    if args.only_plan {
        let state = opened.peek().await?;
        let vendors = opened.connect(ui).await?;
        let outcome = plan_only(args, ui, &opened, wanted, &state, &vendors).await;
        vendors.close().await;
        return outcome;
    }
    let place = opened.place()?;
    let lineage = uuid::Uuid::new_v4().to_string();
    let info = project::lock_info("reconcile");
    let keeper = Keeper::open_locked(place.store, &opened.environment, lineage, &info).await?;
    let outcome = async {
        let vendors = opened.connect(ui).await?;
        let outcome = work(args, ui, &opened, wanted, &keeper, &vendors).await;
        vendors.close().await;
        outcome
    }
    .await;
    let folded = keeper.close().await;
    let exit = outcome?;
    folded?;
    Ok(exit)
}

async fn plan_only(
    args: &ReconcileArgs,
    ui: &Ui,
    opened: &Opened,
    wanted: Arc<Reconciliation>,
    state: &crate::state::Document,
    vendors: &project::Vendors,
) -> Result<Exit, Stop> {
    let guards = opened.guards()?;
    let desk = Desk {
        opened,
        ui,
        vendors,
        ledgers: opened.place()?.ledgers,
        lineage: Some(state.lineage.clone()).filter(|lineage| !lineage.is_empty()),
        known: state.known(),
        guards: &guards,
    };
    let plan = desk.plan(wanted).await?;
    match args.format {
        Format::Text => ui.data(&text_of(&plan, ui, &guards, args.show_calls))?,
        Format::Json => {
            ui.data(&ReconciliationReport::new(&opened.environment, &plan, None, true).to_line())?;
        }
    }
    if plan.counts().unread > 0 {
        return Err(Stop::failed("not every transaction could be read")
            .help("what was not read is left alone; run again when the vendor answers"));
    }
    Ok(Exit::Done)
}

async fn work(
    args: &ReconcileArgs,
    ui: &Ui,
    opened: &Opened,
    wanted: Arc<Reconciliation>,
    keeper: &Keeper,
    vendors: &project::Vendors,
) -> Result<Exit, Stop> {
    let guards = opened.guards()?;
    let desk = Desk {
        opened,
        ui,
        vendors,
        ledgers: opened.place()?.ledgers,
        lineage: Some(keeper.document().await.lineage),
        known: keeper.known().await,
        guards: &guards,
    };
    let plan = desk.plan(wanted).await?;
    let json = args.format == Format::Json;
    if !json {
        ui.data(&text_of(&plan, ui, &guards, args.show_calls))?;
    }
    if !plan.is_empty() {
        let hashes: Vec<String> = args.approve.iter().cloned().collect();
        let approval = Approval {
            yes: args.yes,
            allow: &args.allow,
            hashes: &hashes,
        };
        desk.approve(&plan, &approval)?;
    }
    let stop = CancellationToken::new();
    let watcher = watch_interrupts(stop.clone(), *ui);
    let outcome = desk.carry_out(&plan, keeper, stop, json).await;
    watcher.abort();
    Ok(outcome?.exit)
}

fn read(args: &ReconcileArgs, ui: &Ui) -> Result<Reconciliation, Stop> {
    let file = &args.file;
    if matches!(file.extension(), Some("yaml" | "yml")) {
        return Err(
            Stop::new(Exit::Usage, format!("{file} is a manifest, not a list"))
                .help("`infield plan` and `infield apply` carry out manifests of the kind Reconciliation"),
        );
    }
    let survey = args
        .survey
        .as_deref()
        .map(|text| {
            outcomes::survey_ref(text)
                .map(|survey| Named {
                    survey,
                    file: "".into(),
                    path: PathBuf::new(),
                    place: Bytes::default(),
                })
                .ok_or_else(|| {
                    Stop::new(Exit::Usage, format!("--survey: `{text}` is no survey"))
                        .help("write the name of a survey of the project, or the vendor's id")
                })
        })
        .transpose()?;
    let defaults = Defaults {
        outcome: args.outcome,
        reason: args.reason.as_deref().map(Into::into),
        quotas: (!args.quota_ids.is_empty()).then(|| args.quota_ids.clone().into()),
        survey,
    };
    let base = std::env::current_dir()
        .map_err(|error| Stop::failed(format!("the current folder cannot be read: {error}")))?;
    let path = base.join(file.as_std_path());
    let name: Arc<str> = file.as_str().into();
    let listed =
        outcomes::read(&path, &name, defaults).map_err(|error| Stop::failed(format!("{file} {error}")))?;
    if !listed.problems.is_empty() {
        let mut sources = Sources::default();
        if let Some(source) = listed.source {
            sources.insert(source);
        }
        let wrong = listed
            .problems
            .iter()
            .any(|problem| problem.severity == Severity::Error);
        let mut diagnostics = Diagnostics::default();
        diagnostics.extend(listed.problems);
        diagnostics.sort();
        let drawn = text::render(&diagnostics, &sources, style(ui));
        if wrong {
            ui.say(drawn.trim_end());
            return Err(Stop::said(Exit::Failed));
        }
        ui.status(drawn.trim_end());
    }
    Ok(Reconciliation {
        name: file.file_name().unwrap_or(file.as_str()).to_owned(),
        vendor: args.vendor,
        surveys: listed.surveys,
        rows: listed.rows,
        file: name,
        path,
    })
}
