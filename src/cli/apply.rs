//! `infield apply`: plans, asks, carries out, and says how it went.

use super::approve::ApproveArgs;
use super::args::{Common, Paths, SelectionArgs, given, parse_guard, within};
use super::project;
use super::ui::{Stop, Ui};
use crate::flow::apply::{self, Options, PARALLELISM};
use crate::flow::reconciler::Approval;
use crate::flow::{OrFail as _, Outcome};
use crate::plan::Guard;
use crate::saved::SavedPlan;
use camino::{Utf8Path, Utf8PathBuf};

/// Make it so: once, in the right order, and never twice
///
/// Plans as `infield plan` does, asks, and carries the plan out. What is refused stays a note, and the rest still runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield apply surveys/ --env production --yes --allow launch")]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    selection: SelectionArgs,
    /// Do not ask; steps behind a guard still need --allow
    #[arg(short, long)]
    yes: bool,
    /// Guards that are approved: launch, close, replace, edit-live-targeting, reconcile
    #[arg(add = super::candidates::guards(), long, value_name = "GUARDS", value_delimiter = ',', value_parser = parse_guard)]
    allow: Vec<Guard>,
    #[command(flatten)]
    approve: ApproveArgs,
    /// Carry out a plan saved by `infield plan --out`, or what is left of it; guards still need --allow
    #[arg(long, value_name = "FILE", conflicts_with_all = ["approve", "approve_files", "targets", "excludes", "resume", "advance"])]
    plan: Option<Utf8PathBuf>,
    /// Surveys to work on at once
    #[arg(long, value_name = "N", default_value_t = PARALLELISM, value_parser = within(1_u16, 64))]
    parallelism: u16,
    /// How to tell what happens: for people, or a stream of events for machines
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.events/1, one JSON object a line
    Json,
}

pub(super) async fn run(args: &ApplyArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let given = given(&args.paths, &args.common, &args.selection);
    let (hashes, reviewed) = args.approve.approved("apply", &given)?;
    let saved = args.plan.as_deref().map(read_saved).transpose()?;
    let opened = project::open(&args.paths, &args.common)?;
    let options = Options {
        selection: (&args.selection).into(),
        saved,
        approval: Approval {
            yes: args.yes,
            allow: args.allow.clone(),
            hashes,
            reviewed,
        },
        parallelism: args.parallelism.into(),
        json: args.format == Format::Json,
        given,
        unattended: None,
    };
    apply::run(&opened, ui, &options).await
}

fn read_saved(file: &Utf8Path) -> Result<SavedPlan, Stop> {
    let bytes = std::fs::read(file).or_fail(format_args!("{file} cannot be read"))?;
    SavedPlan::parse(&bytes).map_err(|e| {
        Stop::failed(format!("{file} cannot be used: {e}")).help("save a new one with `infield plan --out`")
    })
}
