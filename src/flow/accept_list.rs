//! The one call that rejects every complete it does not name. A use case of its own, with a guard of its own, and nothing
//! leads here from `apply` or `reconcile`.

use super::approval::Guarded;
use super::reconcile::{self, of_survey};
use super::reconciler::waits;
use super::{Cause, Locked, OrFail as _, Outcome, Project, Stop, Terminal};
use crate::manifest::outcomes::{self, Defaults};
use crate::marketplace::Reader;
use crate::marketplace::VendorError;
use crate::marketplace::outcomes::shows_transactions;
use crate::marketplace::registry;
use crate::marketplace::shelf::accept_list::AcceptList;
use crate::marketplace::shelf::reconcile::{Receipt, Uploaded};
use crate::model::reconciliation::{Outcome as Ended, Phase, Row, SurveyRef};
use crate::model::{Mechanism, Reading, VendorId};
use crate::plan::Guard;
use crate::state::Keeper;
use camino::Utf8Path;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// The survey, and what was approved beforehand.
#[derive(Debug)]
pub struct Options<'a> {
    /// Its name, or the vendor's id.
    pub survey: &'a str,
    /// Where it is, if it is named by the vendor's id.
    pub vendor: Option<VendorId>,
    /// Spares the question.
    pub yes: bool,
    /// Guards.
    pub allow: &'a [Guard],
    /// How many completes are expected to be rejected.
    pub rejects: Option<u64>,
}

/// Rejects every complete of a survey that is not among these.
///
/// # Errors
/// When it is not known exactly how many that are, an approval is missing, or the vendor does not take it.
pub async fn run(
    project: &Project,
    terminal: &dyn Terminal,
    rows: &[Row],
    options: &Options<'_>,
) -> Result<Outcome, Stop> {
    let work = async |locked: &Locked<'_>| work(locked, rows, options).await;
    project.locked_and_connected("accept-list", terminal, work).await
}

async fn work(locked: &Locked<'_>, rows: &[Row], options: &Options<'_>) -> Result<Outcome, Stop> {
    let (vendor, id) = survey_id(options, locked.keeper).await?;
    let reader = locked.vendors.reader(vendor)?;
    // Not read is not absent: a number that cannot be told exactly is no number to approve.
    let unknown = "so it is not known how many would be rejected";
    let completes = reader.completes(&id).await;
    let completes = completes.or_fail(format_args!(
        "it is not known how many completes the survey {id} has, {unknown}"
    ))?;
    let accepted_completes = if shows_transactions(vendor) {
        accepted_completes(rows, reader, &id).await?
    } else {
        // Nobody can look; at least the others are rejected.
        u64::try_from(rows.len()).unwrap_or(u64::MAX)
    };
    let accepted = rows.iter().map(|row| row.id.to_string()).collect();
    let counts = (completes, accepted_completes);
    let Some(list) = AcceptList::new(&id, accepted, counts, locked.project.process.new_id()) else {
        return Err(Stop::failed(format!(
            "the vendor counts {completes} completes, and {accepted_completes} are on the list: nothing was sent"
        )));
    };
    approve(locked, options, &list, completes)?;
    locked.keeper.may_send()?;
    let sender = locked.vendors.accept_lister(vendor);
    let sender = sender.ok_or_else(|| Stop::failed("there is no way to send an accept list"))?;
    // Whoever asks the program to end waits for this one call: half of it would leave everybody guessing.
    let interrupts = locked.terminal.interrupts();
    let sent = sender.send(&list, locked.keeper).await;
    if let Ok(history) = locked.project.history()
        && sent.as_ref().err().is_none_or(VendorError::may_have_happened)
    {
        let so = if sent.is_ok() {
            ""
        } else {
            "; whether it was carried out is not known"
        };
        let accepted = list.accepted();
        let said = format!(
            "{accepted} completes of survey {id} at {} accepted, every other rejected{so}",
            vendor.name()
        );
        history
            .tell_said("accept-list", vec![said], locked.terminal)
            .await;
    }
    match sent {
        Ok(receipt) => {
            let name = receipt.id.as_deref().unwrap_or("without an id");
            let stop = interrupts.stop.clone();
            let (counts, pending) = match followed((vendor, reader), &receipt, &stop).await {
                Followed::Ended(counts) => (counts, false),
                Followed::Working(counts) => (counts, true),
                Followed::Failed(why) => {
                    return Err(Stop::failed(format!(
                        "{why}: the list was taken as {name}, and not worked through"
                    ))
                    .help("look at the survey's completes at the vendor before anything else is sent"));
                }
            };
            Stop::unless_told(locked.terminal.done(&format!(
                "Accepted {} completes of survey {id}; {} took it as {name}{}{counts}.\n",
                list.accepted(),
                vendor.name(),
                if pending {
                    ", which is still worked through"
                } else {
                    ""
                },
            )))?;
            Ok(Outcome::Done)
        }
        Err(error) if error.may_have_happened() => Err(Stop::new(
            Cause::InDoubt,
            format!("it is not known whether the list was carried out: {error}"),
        )
        .help("look at the survey's completes at the vendor before anything else is sent")),
        Err(error) => Err(Stop::failed(format!("nothing was rejected: {error}"))),
    }
}

/// What became of a list that the vendor took.
enum Followed {
    /// All of it is done; what the vendor says about it, in its own words.
    Ended(String),
    /// It goes on; what the vendor says about it so far.
    Working(String),
    /// The vendor could not.
    Failed(String),
}

/// Follows an upload to its end, for as long as one is waited for and nobody asks to stop.
async fn followed(
    (vendor, reader): (VendorId, &Reader),
    receipt: &Receipt,
    stop: &CancellationToken,
) -> Followed {
    let so_far = in_words(&receipt.counts);
    let Some(request) = receipt.id.as_ref().filter(|_| !shows_transactions(vendor)) else {
        return match receipt.pending {
            true => Followed::Working(so_far),
            false => Followed::Ended(so_far),
        };
    };
    let mut waits = waits(reader, Mechanism::Upload).into_iter();
    loop {
        match reader.uploaded(request).await {
            Ok(Uploaded::Done { receipt, .. }) => return Followed::Ended(in_words(&receipt.counts)),
            Ok(Uploaded::Failed(why)) => return Followed::Failed(why),
            // Not read is not ended.
            Ok(Uploaded::Working) | Err(_) => {}
        }
        let Some(wait) = waits.next().filter(|_| !stop.is_cancelled()) else {
            return Followed::Working(so_far);
        };
        let _ = tokio::time::timeout(wait, stop.cancelled()).await;
    }
}

/// Whatever the vendor counts.
fn in_words(counts: &[(String, String)]) -> String {
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
                accepted_completes += u64::from(standing.phase == Phase::Ended(Ended::Complete));
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

async fn survey_id(options: &Options<'_>, keeper: &Keeper) -> Result<(VendorId, String), Stop> {
    let survey = outcomes::survey_ref(options.survey)
        .ok_or_else(|| Stop::usage(format!("--survey: `{}` is no survey", options.survey)))?;
    let (vendor, id) = match survey {
        SurveyRef::Id(id) => (options.vendor, id),
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
        None => Err(Stop::usage("an id of a vendor needs --vendor")),
    }
}

/// The guard's own question, with the number in it; without a terminal the number has to be known beforehand.
fn approve(
    locked: &Locked<'_>,
    options: &Options<'_>,
    list: &AcceptList,
    completes: u64,
) -> Result<(), Stop> {
    let (project, terminal) = (locked.project, locked.terminal);
    let rejects = list.rejects();
    terminal.say(&format!(
        "{} transactions are on the list; {rejects} of {completes} completes are not, and would be rejected",
        list.accepted()
    ));
    let guarded = Guarded {
        guard: Guard::AcceptList,
        rule: locked.guards.rule(Guard::AcceptList),
        environment: &project.environment,
        not_done: "nothing was sent".to_owned(),
    };
    guarded.not_denied()?;
    if let Some(expected) = options.rejects.filter(|expected| *expected != rejects) {
        return Err(guarded.refused(format!("{rejects} completes would be rejected, not {expected}")));
    }
    let question = format!("Reject {rejects} completes that are not on the list?");
    let instead = format!("use --yes --allow accept-list --rejects {rejects}");
    guarded.approved(terminal, (options.yes, options.allow), &question, &instead)
}

/// Reads the list. Even a column that means nothing stops it: a list of rejects must not be taken for one of accepted
/// completes.
///
/// # Errors
/// When it is not right as a whole.
pub fn read(file: &Utf8Path, base: &Path, terminal: &dyn Terminal) -> Result<Vec<Row>, Stop> {
    let defaults = Defaults {
        outcome: Some(Ended::Complete),
        survey: Some(of_survey(SurveyRef::Id(String::new()))),
        ..Defaults::default()
    };
    let strict = "nothing was sent: the list has to be right as a whole";
    let rows = reconcile::read(file, base, defaults, Some(strict), terminal)?.rows;
    match rows.iter().find(|row| row.outcome != Ended::Complete) {
        None => Ok(rows),
        Some(row) => Err(Stop::failed(format!(
            "{file} says that {} is to be `{}`: an accept list names accepted completes only",
            row.id, row.outcome
        ))
        .help("to change what a list names, use `infield reconcile`")),
    }
}
