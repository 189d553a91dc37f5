//! `infield accept-list`: the one call that rejects every complete it does not name.

use super::args::{Common, parse_guard, parse_vendor};
use super::project::{self, open_folder};
use super::ui::{Stop, Ui};
use crate::flow::Outcome;
use crate::flow::accept_list::{self, Options};
use crate::model::VendorId;
use crate::plan::Guard;
use camino::Utf8PathBuf;

/// Reject every complete of a survey that a list does not name
///
/// The list is CSV with the column `transaction_id`: the completes that are accepted. Every other complete of the survey
/// is rejected and not paid. To change only what a list names, use `infield reconcile`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example: infield accept-list accepted.csv --survey soda-tracker-w3 --env production --yes \
                  --allow accept-list --rejects 12"
)]
pub(super) struct AcceptListArgs {
    /// The completes that are accepted
    #[arg(value_name = "FILE")]
    file: Utf8PathBuf,
    /// The survey: its name, or the vendor's id
    #[arg(long, value_name = "SURVEY")]
    survey: String,
    /// Where the survey is, if it is named by the vendor's id
    #[arg(long, value_name = "VENDOR", value_parser = parse_vendor)]
    vendor: Option<VendorId>,
    /// Do not ask; needs --allow accept-list and --rejects
    #[arg(short, long, requires = "rejects")]
    yes: bool,
    /// Guards that are approved: accept-list
    #[arg(long, value_name = "GUARDS", value_delimiter = ',', value_parser = parse_guard)]
    allow: Vec<Guard>,
    /// The number of completes you expect to be rejected; any other number stops it
    #[arg(long, value_name = "N")]
    rejects: Option<u64>,
    /// Folder of the project [default: the current one]
    #[arg(long, value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    #[command(flatten)]
    common: Common,
}

pub(super) async fn run(args: &AcceptListArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let rows = accept_list::read(&args.file, &project::folder()?, ui)?;
    let opened = open_folder(args.project.as_ref(), &args.common)?;
    let options = Options {
        survey: &args.survey,
        vendor: args.vendor,
        yes: args.yes,
        allow: &args.allow,
        rejects: args.rejects,
    };
    accept_list::run(&opened, ui, &rows, &options).await
}
