//! `infield thaw`: undoes a freeze. Needs the state and the accounts, not the manifests.

use super::args::{Common, parse_guard};
use super::project::open_folder;
use super::ui::{Stop, Ui};
use crate::flow::reconciler::Approval;
use crate::flow::{Outcome, thaw};
use crate::plan::Guard;
use camino::Utf8PathBuf;

/// Undo a freeze: resume what it paused, nothing else
///
/// What is thawed may go in field again. What cannot be resumed now stays frozen.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield thaw 'brand-*' --env production --yes --allow launch")]
pub(super) struct ThawArgs {
    /// Names of surveys, patterns such as 'brand-*', or tag:WORD [default: all]
    #[arg(value_name = "NAMES", add = super::candidates::remembered())]
    names: Vec<String>,
    #[command(flatten)]
    common: Common,
    /// Folder of the project
    #[arg(long, value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    /// Do not ask; what goes in field still needs --allow launch
    #[arg(short, long)]
    yes: bool,
    /// Guards that are approved: launch
    #[arg(add = super::candidates::guards(), long, value_name = "GUARDS", value_delimiter = ',', value_parser = parse_guard)]
    allow: Vec<Guard>,
}

pub(super) async fn run(args: &ThawArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let opened = open_folder(args.project.as_ref(), &args.common)?;
    let approval = Approval {
        yes: args.yes,
        allow: args.allow.clone(),
        ..Approval::default()
    };
    thaw::run(&opened, ui, &args.names, approval).await
}
