//! `infield freeze`: takes surveys out of field at once. Needs the state and the accounts, not the manifests.

use super::args::Common;
use super::project::open_folder;
use super::ui::{Stop, Ui};
use crate::flow::{Outcome, freeze};
use camino::Utf8PathBuf;

/// Pause surveys in field, those with the most money at stake first
///
/// Works with nothing but the state: broken or missing manifests do not matter, as long as infield.yaml is readable, and an
/// apply that is under way does not either. Nothing that is frozen goes in field or is raised until `infield thaw`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield freeze 'brand-*' --env production --yes")]
pub(super) struct FreezeArgs {
    /// Names of surveys, patterns such as 'brand-*', or tag:WORD [default: all]
    #[arg(value_name = "NAMES", add = super::candidates::remembered())]
    names: Vec<String>,
    #[command(flatten)]
    common: Common,
    /// Folder of the project
    #[arg(long, value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

pub(super) async fn run(args: &FreezeArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let opened = open_folder(args.project.as_ref(), &args.common)?;
    freeze::run(&opened, ui, &args.names, args.yes).await
}
