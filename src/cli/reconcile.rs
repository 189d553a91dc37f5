//! `infield reconcile`: one list of outcomes, without a manifest.

use super::approve::ApproveArgs;
use super::args::{Common, parse_guard, parse_vendor, word};
use super::project::{self, open_folder};
use super::ui::{Stop, Ui};
use crate::flow::Outcome as Ended;
use crate::flow::reconcile::{self, Options, of_survey};
use crate::flow::reconciler::Approval;
use crate::manifest::outcomes::{self, Defaults};
use crate::model::VendorId;
use crate::model::reconciliation::Outcome;
use crate::plan::Guard;
use camino::Utf8PathBuf;

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
    /// The survey: its name, or the vendor's id
    #[arg(long, value_name = "SURVEY")]
    survey: Option<String>,
    /// Where the survey is, if named by the vendor's id
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
    #[arg(long = "plan", conflicts_with_all = ["yes", "allow", "approve", "approve_files"])]
    only_plan: bool,
    /// Print every writing call with its path and body
    #[arg(long)]
    show_calls: bool,
    /// Do not ask; the guard still needs --allow
    #[arg(short, long)]
    yes: bool,
    /// Guards that are approved: reconcile
    #[arg(long, value_name = "GUARDS", value_delimiter = ',', value_parser = parse_guard)]
    allow: Vec<Guard>,
    #[command(flatten)]
    approve: ApproveArgs,
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

fn parse_outcome(text: &str) -> Result<Outcome, String> {
    let all = Outcome::ALL.iter().map(|outcome| outcome.word());
    word("outcome", text, Outcome::from_word(text), all)
}

pub(super) async fn run(args: &ReconcileArgs, ui: &Ui) -> Result<Ended, Stop> {
    let file = &args.file;
    if matches!(file.extension(), Some("yaml" | "yml")) {
        return Err(Stop::usage(format!("{file} is a manifest, not a list"))
            .help("`infield plan` and `infield apply` carry out manifests of the kind Reconciliation"));
    }
    let (hashes, reviewed) = args.approve.approved("reconcile", &[file.to_string()])?;
    let survey = |text: &String| {
        outcomes::survey_ref(text).map(of_survey).ok_or_else(|| {
            Stop::usage(format!("--survey: `{text}` is no survey"))
                .help("write the name of a survey of the project, or the vendor's id")
        })
    };
    let defaults = Defaults {
        outcome: args.outcome,
        reason: args.reason.as_deref().map(Into::into),
        quotas: (!args.quota_ids.is_empty()).then(|| args.quota_ids.clone().into()),
        survey: args.survey.as_ref().map(survey).transpose()?,
    };
    let list = reconcile::read(file, &project::folder()?, defaults, None, ui)?;
    // Outcomes need the project's environment and state, and no survey's manifest.
    let opened = open_folder(args.project.as_ref(), &args.common)?;
    let options = Options {
        only_plan: args.only_plan,
        show_calls: args.show_calls,
        json: args.format == Format::Json,
        approval: Approval {
            yes: args.yes,
            allow: args.allow.clone(),
            hashes,
            reviewed,
        },
    };
    reconcile::run(&opened, ui, list.into_reconciliation(file, args.vendor), &options).await
}
