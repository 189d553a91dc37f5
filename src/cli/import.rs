//! `infield import`: surveys made elsewhere become manifests and state.

use super::args::{Common, parse_vendor, word};
use super::project::open_folder;
use super::ui::{Stop, Ui};
use crate::flow::Outcome;
use crate::flow::import::{self, Options};
use crate::model::{Address, Status, VendorId};
use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

/// Write manifests of surveys made elsewhere, and remember them
///
/// Sends reads only. A field that a plan would change is left out of the manifest, with the reason. Without --status,
/// lists leave out what is closed.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples: infield import --vendor purespectrum --id 383244 --env production\n          \
                        infield import --all --into surveys --env production"
)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    common: Common,
    /// Folder of the project [default: the current one]
    #[arg(value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    /// Where; every vendor of the environment if left out
    #[arg(long, value_name = "VENDOR", value_parser = parse_vendor)]
    vendor: Option<VendorId>,
    /// The survey with this id of the vendor (repeatable)
    #[arg(long = "id", value_name = "ID", requires = "vendor")]
    ids: Vec<String>,
    /// The group with this id, where the vendor does not list the groups of a survey (repeatable)
    #[arg(long = "group", value_name = "ID", requires = "ids")]
    groups: Vec<String>,
    /// Everything that is not closed
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Only what is in one of these: draft, live, paused, closed
    #[arg(long, value_name = "STATUS", value_delimiter = ',', value_parser = parse_status)]
    status: Vec<Status>,
    /// Only what was made since this day, where the vendor says
    #[arg(long, value_name = "DATE", conflicts_with = "ids")]
    since: Option<jiff::civil::Date>,
    /// Name for the only survey [default: from its title]
    #[arg(long, value_name = "NAME", requires = "ids")]
    name: Option<String>,
    /// Folder for the manifests, below the project's
    #[arg(long, value_name = "DIR", default_value = "")]
    into: Utf8PathBuf,
    /// Overwrite manifests that exist, where nobody remembers their surveys
    #[arg(long)]
    force: bool,
    /// Print the manifests, and write nothing
    #[arg(long)]
    preview: bool,
}

fn parse_status(text: &str) -> Result<Status, String> {
    let all = [Status::Draft, Status::Live, Status::Paused, Status::Closed];
    let found = all.into_iter().find(|status| status.to_string() == text);
    word("status", text, found, all)
}

pub(super) async fn run(args: &ImportArgs, ui: &Ui) -> Result<Outcome, Stop> {
    if args.ids.is_empty() && !args.all && args.status.is_empty() && args.since.is_none() {
        let stop = Stop::usage("it is not said what to import");
        return Err(stop.help("add --id ID, --status live, --since 2026-11-01, or --all"));
    }
    if let Some(name) = &args.name
        && (args.ids.len() != 1 || !Address::is_valid_name(name))
    {
        let stop = Stop::usage(format!("`{name}` cannot be the name of one survey"));
        return Err(stop.help("use lower-case letters, digits and dashes, and one --id"));
    }
    check_folder(&args.into)?;
    // What is in git may have mistakes; names are read all the same.
    let opened = open_folder(args.project.as_ref(), &args.common)?;
    let options = Options {
        vendor: args.vendor,
        ids: args.ids.clone(),
        groups: args.groups.clone(),
        statuses: args.status.clone(),
        since: args.since,
        name: args.name.clone(),
        into: args.into.clone(),
        force: args.force,
    };
    match args.preview {
        true => import::preview(&opened, ui, &options).await,
        false => import::run(&opened, ui, &options).await,
    }
}

/// A folder in which plans would not look for manifests is none to import into: what is not found counts as removed.
fn check_folder(folder: &Utf8Path) -> Result<(), Stop> {
    let skipped = |part: Utf8Component<'_>| match part {
        Utf8Component::Normal(name) => name.starts_with('.') || name == "target",
        Utf8Component::CurDir => false,
        _ => true,
    };
    if folder.components().any(skipped) {
        let stop = Stop::usage(format!("plans would find no manifest in {folder}"));
        return Err(stop.help("--into takes a folder below the project's, neither hidden nor `target`"));
    }
    Ok(())
}
