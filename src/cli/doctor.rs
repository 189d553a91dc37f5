//! `infield doctor`: what can be reached with what is configured.

use super::args::Paths;
use super::candidates;
use super::project;
use super::ui::{Stop, Ui};
use crate::flow::project::SANDBOX;
use crate::flow::{Outcome, doctor};
use crate::report::doctor::DoctorReport;
use camino::Utf8PathBuf;

/// Try every credential and address that is configured
///
/// One read with each account, and each state is read and locked for a moment. Ends with 1 when something does not work.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield doctor --env production")]
pub(super) struct DoctorArgs {
    /// Folder of the project
    #[arg(value_name = "DIR")]
    project: Option<Utf8PathBuf>,
    /// Only this environment (repeatable) [default: all of infield.yaml]
    #[arg(long = "env", value_name = "NAME", env = "INFIELD_ENV", hide_env_values = true, add = candidates::environments())]
    environments: Vec<String>,
    /// How to print it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.doctor/1
    Json,
}

pub(super) async fn run(args: &DoctorArgs, ui: &Ui) -> Result<Outcome, Stop> {
    let paths = args.project.iter().cloned().collect();
    let mut opened = project::open_as(&Paths { paths }, SANDBOX)?;
    // Mistakes in manifests are nobody's business here, but for those of infield.yaml.
    if opened.loaded.project.is_none() {
        opened.check_briefly(ui)?;
    }
    let mut names = args.environments.clone();
    if names.is_empty() {
        names.extend(opened.others().into_iter().map(str::to_owned));
    }
    if names.is_empty() {
        names.push(SANDBOX.to_owned());
    }
    let mut found = Vec::new();
    for name in names {
        opened.environment = name;
        found.push(doctor::examine(&opened, ui).await?);
    }
    let report = DoctorReport::new(found);
    match args.format {
        Format::Text => ui.data(&report.to_text())?,
        Format::Json => ui.document(&report.to_json())?,
    }
    match report.works {
        true => Ok(Outcome::Done),
        false => Err(Stop::failed("not everything that is configured works")),
    }
}
