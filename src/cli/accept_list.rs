//! `infield accept-list`: the one call that rejects every complete it does not name. A command of its own, with a guard of
//! its own, and nothing leads here from `apply` or `reconcile`.

use super::exit::Exit;
use super::project::{self, Opened, Vendors};
use super::ui::{Stop, Ui};
use super::{Common, Paths};
use crate::diag::{Diagnostics, Sources, text};
use crate::manifest::outcomes::{self, Defaults};
use crate::marketplace::Reader;
use crate::marketplace::outcomes::shows_transactions;
use crate::marketplace::registry;
use crate::marketplace::shelf::accept_list::AcceptList;
use crate::marketplace::shelf::reconcile::{Receipt, Uploaded};
use crate::model::reconciliation::{Bytes, Named, Outcome, Phase, Row, SurveyRef};
use crate::model::{Reading, VendorId};
use crate::plan::{Guard, Rule};
use crate::state::Keeper;
use camino::Utf8PathBuf;
use std::path::PathBuf;
use std::sync::Arc;

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
    #[arg(long, value_name = "VENDOR", value_parser = super::reconcile::parse_vendor)]
    vendor: Option<VendorId>,
    /// Do not ask; needs --allow accept-list and --rejects
    #[arg(short, long, requires = "rejects")]
    yes: bool,
    /// Guards that are approved: accept-list
    #[arg(long, value_name = "GUARDS", value_delimiter = ',', value_parser = super::apply::parse_guard)]
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

pub(super) async fn run(args: &AcceptListArgs, ui: &Ui) -> Result<Exit, Stop> {
    let rows = read(args, ui)?;
    let paths = Paths {
        paths: args.project.clone().into_iter().collect(),
    };
    let opened = project::open(&paths, &args.common)?;
    let place = opened.place()?;
    let lineage = uuid::Uuid::new_v4().to_string();
    let info = project::lock_info("accept-list");
    let keeper = Keeper::open_locked(place.store, &opened.environment, lineage, &info).await?;
    let outcome = async {
        let vendors = opened.connect(ui).await?;
        let outcome = work(args, ui, &opened, &rows, &keeper, &vendors).await;
        vendors.close().await;
        outcome
    }
    .await;
    let folded = keeper.close().await;
    let exit = outcome?;
    folded?;
    Ok(exit)
}

async fn work(
    args: &AcceptListArgs,
    ui: &Ui,
    opened: &Opened,
    rows: &[Row],
    keeper: &Keeper,
    vendors: &Vendors,
) -> Result<Exit, Stop> {
    let (vendor, id) = survey_id(args, keeper).await?;
    let reader = vendors.readers.get(&vendor).ok_or_else(|| {
        Stop::failed(format!(
            "the environment `{}` has no account at {}",
            opened.environment,
            vendor.name()
        ))
    })?;
    // Not read is not absent: a number that cannot be told exactly is no number to approve.
    let completes = reader.completes(&id).await.map_err(|error| {
        Stop::failed(format!(
            "it is not known how many completes the survey {id} has, so it is not known how many would be rejected: {error}"
        ))
    })?;
    let accepted_completes = if shows_transactions(vendor) {
        accepted_completes(rows, reader, &id).await?
    } else {
        // Nobody can look; at least the others are rejected.
        u64::try_from(rows.len()).unwrap_or(u64::MAX)
    };
    let accepted = rows.iter().map(|row| row.id.to_string()).collect();
    let Some(list) = AcceptList::new(&id, accepted, completes, accepted_completes) else {
        return Err(Stop::failed(format!(
            "the vendor counts {completes} completes, and {accepted_completes} are on the list: nothing was sent"
        )));
    };
    approve(args, ui, opened, &list, completes)?;
    keeper.check_lock()?;
    let sender = vendors
        .accept_lister(vendor)
        .ok_or_else(|| Stop::failed("there is no way to send an accept list"))?;
    match sender.send(&list).await {
        Ok(receipt) => {
            let counts = counts(vendor, reader, &receipt).await;
            let name = receipt.id.as_deref().unwrap_or("without an id");
            ui.data(&format!(
                "Accepted {} completes of survey {id}; {} took it as {name}{}{counts}.\n",
                list.accepted(),
                vendor.name(),
                if receipt.pending {
                    ", to be worked through"
                } else {
                    ""
                },
            ))?;
            Ok(Exit::Done)
        }
        Err(error) if error.may_have_happened() => Err(Stop::new(
            Exit::AppliedInPart,
            format!("it is not known whether the list was carried out: {error}"),
        )
        .help("look at the survey's completes at the vendor before anything else is sent")),
        Err(error) => Err(Stop::failed(format!("nothing was rejected: {error}"))),
    }
}

/// What the vendor says about the list so far, in its own words.
async fn counts(vendor: VendorId, reader: &Reader, receipt: &Receipt) -> String {
    let mut counts = receipt.counts.clone();
    if let (false, Some(request)) = (shows_transactions(vendor), &receipt.id)
        && let Ok(Uploaded::Done { receipt, .. }) = reader.uploaded(request).await
    {
        counts = receipt.counts;
    }
    if counts.is_empty() {
        return String::new();
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(key, value)| format!("{key} {value}"))
        .collect();
    format!(", and says: {}", counts.join(", "))
}

/// How many of the listed ones are completes now. Every one of them has to be of this survey.
async fn accepted_completes(rows: &[Row], reader: &Reader, id: &str) -> Result<u64, Stop> {
    let ids: Vec<&str> = rows.iter().map(|row| &*row.id).collect();
    let readings = reader.transactions(id, &ids, &|_| {}).await;
    let mut accepted_completes = 0_u64;
    for (row, reading) in rows.iter().zip(&readings) {
        match reading {
            Reading::Present(standing) => {
                accepted_completes += u64::from(standing.phase == Phase::Ended(Outcome::Complete));
            }
            Reading::Absent { .. } => {
                return Err(Stop::failed(format!(
                    "the survey {id} has no transaction {}: nothing was sent",
                    row.id
                ))
                .help("is it the list of this survey? Everything the list does not name would be rejected"));
            }
            Reading::Unknown { why } => {
                return Err(Stop::failed(format!(
                    "the transaction {} cannot be read: {why}; nothing was sent",
                    row.id
                )));
            }
        }
    }
    Ok(accepted_completes)
}

async fn survey_id(args: &AcceptListArgs, keeper: &Keeper) -> Result<(VendorId, String), Stop> {
    let survey = outcomes::survey_ref(&args.survey)
        .ok_or_else(|| Stop::new(Exit::Usage, format!("--survey: `{}` is no survey", args.survey)))?;
    let (vendor, id) = match survey {
        SurveyRef::Id(id) => (args.vendor, id),
        SurveyRef::Name(name) => {
            let known = keeper.known().await;
            let surveys = || {
                known
                    .resources
                    .iter()
                    .filter(|(_, known)| known.survey().is_some())
            };
            let found = surveys().find(|(address, _)| **address == name);
            let (_, resource) = found.ok_or_else(|| {
                Stop::failed(format!("the state knows no survey `{name}`")).meant(
                    name.as_str(),
                    surveys().map(|(address, _)| address.as_str()),
                    "`infield state list` shows what is known; or write the vendor's id, with --vendor",
                )
            })?;
            (Some(resource.vendor), resource.id.clone())
        }
    };
    match vendor {
        Some(vendor) if registry::of(vendor).accept_lists().is_some() => Ok((vendor, id)),
        Some(other) => Err(Stop::failed(format!("{} has no accept list", other.name()))),
        None => Err(Stop::new(Exit::Usage, "an id of a vendor needs --vendor")),
    }
}

/// The guard's own question, with the number in it; without a terminal the number has to be known beforehand.
fn approve(
    args: &AcceptListArgs,
    ui: &Ui,
    opened: &Opened,
    list: &AcceptList,
    completes: u64,
) -> Result<(), Stop> {
    let refused = |why: String| Stop::new(Exit::Refused, format!("nothing was sent: {why}"));
    let rejects = list.rejects();
    ui.say(&format!(
        "{} transactions are on the list; {rejects} of {completes} completes are not, and would be rejected",
        list.accepted()
    ));
    let rule = opened.guards()?.rule(Guard::AcceptList);
    if rule == Rule::Deny {
        return Err(refused(format!(
            "the guard `accept-list` of `{}` denies it",
            opened.environment
        )));
    }
    if let Some(expected) = args.rejects.filter(|expected| *expected != rejects) {
        return Err(refused(format!(
            "{rejects} completes would be rejected, not {expected}"
        )));
    }
    if args.yes {
        if rule == Rule::Allow || args.allow.contains(&Guard::AcceptList) {
            return Ok(());
        }
        return Err(refused("it needs the approval `accept-list`".to_owned()).help("add --allow accept-list"));
    }
    if !ui.interactive {
        return Err(refused("there is no terminal to ask on".to_owned())
            .help(format!("use --yes --allow accept-list --rejects {rejects}")));
    }
    if ui.ask(&format!("Reject {rejects} completes that are not on the list?")) {
        Ok(())
    } else {
        Err(refused("you said no".to_owned()))
    }
}

fn read(args: &AcceptListArgs, ui: &Ui) -> Result<Vec<Row>, Stop> {
    let file = &args.file;
    let base = std::env::current_dir()
        .map_err(|error| Stop::failed(format!("the current folder cannot be read: {error}")))?;
    let name: Arc<str> = file.as_str().into();
    let defaults = Defaults {
        outcome: Some(Outcome::Complete),
        survey: Some(Named {
            survey: SurveyRef::Id(String::new()),
            file: "".into(),
            path: PathBuf::new(),
            place: Bytes::default(),
        }),
        ..Defaults::default()
    };
    let listed = outcomes::read(&base.join(file.as_std_path()), &name, defaults)
        .map_err(|error| Stop::failed(format!("{file} {error}")))?;
    // Here even a column that means nothing stops it: a list of rejects must not be taken for one of accepted completes.
    if !listed.problems.is_empty() {
        let mut sources = Sources::default();
        if let Some(source) = listed.source {
            sources.insert(source);
        }
        let mut diagnostics = Diagnostics::default();
        diagnostics.extend(listed.problems);
        diagnostics.sort();
        ui.say(text::render(&diagnostics, &sources, project::style(ui)).trim_end());
        return Err(Stop::new(
            Exit::Failed,
            "nothing was sent: the list has to be right as a whole",
        ));
    }
    let other = listed.rows.iter().find(|row| row.outcome != Outcome::Complete);
    if let Some(row) = other {
        return Err(Stop::failed(format!(
            "{file} says that {} is to be `{}`: an accept list names accepted completes only",
            row.id, row.outcome
        ))
        .help("to change what a list names, use `infield reconcile`"));
    }
    Ok(listed.rows)
}
