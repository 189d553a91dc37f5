//! Before a plan: which survey is meant, what ledgers remember, and what the vendor reports of the rest. Only reads.

use crate::marketplace::Reader;
use crate::marketplace::outcomes::shows_transactions;
use crate::marketplace::shelf::reconcile::Uploaded;
use crate::model::reconciliation::{Outcome, Phase, Reconciliation, Standing, folded};
use crate::model::{Address, Known, Reading, Resource, SurveyRef, VendorId};
use crate::state::ledger::{Word, from_lines, ledger_name};
use crate::state::{Ledgers, StateError};
use crate::text::suggest;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A survey of the list at the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// As the list names it.
    pub label: String,
    /// The vendor's id.
    pub id: String,
}

/// What is known about one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// An earlier apply confirmed the wanted outcome; it was this before.
    Recorded(Box<str>),
    /// What the vendor says.
    Read(Reading<Standing>),
    /// The vendor does not show it.
    Unseen,
    /// The vendor has it in a list that it still works through.
    Waiting(Box<str>),
    /// The vendor worked through a list and did not change it.
    Refused(&'static str),
}

/// What is known about all rows, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// One for each row.
    pub rows: Vec<Fact>,
    /// Surveys, by index, in which a complete must name its quotas.
    pub by_quota: Vec<u32>,
    /// Lines in the ledgers about each row. They are part of the key of an order, so that an outcome that is wanted again
    /// later is another order.
    pub lines: Vec<u32>,
}

/// Why a list cannot be used, with its row or its survey.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The survey has no id at the vendor.
    Survey {
        /// Its index.
        survey: u32,
        /// Why.
        message: String,
        /// What to do.
        help: String,
    },
    /// The vendor has no such transaction in the survey.
    OtherSurvey {
        /// The row.
        row: u32,
        /// The vendor's words.
        proof: String,
    },
}

/// Finds out where the surveys are. All of one list are at one vendor.
///
/// # Errors
/// When a survey is not known, or they are at several vendors.
pub fn resolve(
    wanted: &Reconciliation,
    known: &Known,
    default: Option<VendorId>,
) -> Result<(VendorId, Vec<Target>), Vec<Problem>> {
    let mut vendor = wanted.vendor;
    let mut targets = Vec::with_capacity(wanted.surveys.len());
    let mut problems = Vec::new();
    for (survey, named) in (0u32..).zip(&wanted.surveys) {
        let mut fail = |message: String, help: &str| {
            problems.push(Problem::Survey {
                survey,
                message,
                help: help.to_owned(),
            });
        };
        let (at, id) = match &named.survey {
            SurveyRef::Id(id) => (vendor.or(default), id.clone()),
            SurveyRef::Name(name) => match remembered(known, name, vendor) {
                Some(resource) if resource.survey().is_some() => (Some(resource.vendor), resource.id.clone()),
                Some(_) => {
                    fail(format!("`{name}` is a group of surveys"), "name a survey");
                    continue;
                }
                None => {
                    let message = format!("the state knows no survey `{name}`, so it has no transactions");
                    let surveys = known
                        .resources
                        .iter()
                        .filter(|(_, known)| known.survey().is_some());
                    let near = suggest::meant(name.as_str(), surveys.map(|(address, _)| address.as_str()));
                    let help = near.map_or_else(
                        || {
                            "`infield state list` shows what is known; or write the vendor's id as a number"
                                .to_owned()
                        },
                        suggest::ask,
                    );
                    fail(message, &help);
                    continue;
                }
            },
        };
        match (at, vendor) {
            (None, _) => {
                let message = format!("it is not said at which vendor the survey {id} is");
                fail(
                    message,
                    "say `vendor:` in the manifest, or `--vendor` on the command line",
                );
                continue;
            }
            (Some(at), Some(before)) if at != before => {
                let message = format!(
                    "{} is at {}, and others of this list are at {}",
                    named.survey,
                    at.name(),
                    before.name()
                );
                fail(message, "make one list for each vendor");
                continue;
            }
            (Some(at), _) => vendor = Some(at),
        }
        targets.push(Target {
            label: named.survey.to_string(),
            id,
        });
    }
    match vendor {
        Some(vendor) if problems.is_empty() => Ok((vendor, targets)),
        _ => Err(problems),
    }
}

/// Reads what a plan needs: ledgers first, and the vendor for what they do not say.
///
/// # Errors
/// When a ledger cannot be read.
pub async fn gather(
    wanted: &Reconciliation,
    targets: &[Target],
    reader: &Reader,
    ledgers: &dyn Ledgers,
    lineage: Option<&str>,
    on_read: &(dyn Fn(usize) + Send + Sync),
) -> Result<(Facts, Vec<Problem>), StateError> {
    let mut rows: Vec<Option<Fact>> = vec![None; wanted.rows.len()];
    let mut problems = Vec::new();
    let mut by_quota = Vec::new();
    let mut lines = vec![0; wanted.rows.len()];
    let mut lists: BTreeMap<Box<str>, Result<Uploaded, String>> = BTreeMap::new();
    let mut of_survey: Vec<Vec<u32>> = vec![Vec::new(); targets.len()];
    for (index, row) in (0u32..).zip(&wanted.rows) {
        of_survey[row.survey as usize].push(index);
    }
    for (survey, (target, indices)) in (0u32..).zip(targets.iter().zip(of_survey)) {
        let mut missing = Vec::with_capacity(indices.len());
        {
            let recorded = match lineage {
                Some(lineage) => {
                    let name = ledger_name(lineage, reader.vendor(), &target.id);
                    last_words(&ledgers.read(&name).await?)
                }
                None => HashMap::new(),
            };
            for index in indices {
                let row = &wanted.rows[index as usize];
                let recorded = recorded.get(&*folded(&row.id));
                lines[index as usize] = recorded.map_or(0, |(_, lines)| *lines);
                match recorded {
                    Some((word, _)) if word.outcome == row.outcome => {
                        let fact = match &word.request {
                            None => Fact::Recorded(word.was.clone()),
                            Some(request) => {
                                if !lists.contains_key(request) {
                                    let seen = reader.uploaded(request).await;
                                    lists.insert(request.clone(), seen.map_err(|error| error.to_string()));
                                }
                                of_list(&lists[request], request, &row.id)
                            }
                        };
                        rows[index as usize] = Some(fact);
                        on_read(1);
                    }
                    _ => missing.push(index),
                }
            }
        }
        if !shows_transactions(reader.vendor()) {
            on_read(missing.len());
            missing
                .drain(..)
                .for_each(|index| rows[index as usize] = Some(Fact::Unseen));
        }
        let mut asks_for_quotas = false;
        // All of a survey at once: pages are read from the first one on.
        let ids: Vec<&str> = missing
            .iter()
            .map(|index| &*wanted.rows[*index as usize].id)
            .collect();
        let readings = reader.transactions(&target.id, &ids, on_read).await;
        for (index, reading) in missing.iter().zip(readings) {
            let row = &wanted.rows[*index as usize];
            match &reading {
                Reading::Absent { proof } => problems.push(Problem::OtherSurvey {
                    row: *index,
                    proof: proof.clone(),
                }),
                Reading::Present(standing) => {
                    let open = standing.phase == Phase::Open;
                    asks_for_quotas |= open && row.outcome == Outcome::Complete && row.quotas.is_none();
                }
                Reading::Unknown { .. } => {}
            }
            rows[*index as usize] = Some(Fact::Read(reading));
        }
        if asks_for_quotas && reader.allocates_by_quota(&target.id).await == Some(true) {
            by_quota.push(survey);
        }
    }
    let rows = rows
        .into_iter()
        .map(|fact| fact.expect("every row belongs to a survey, and every survey was read"))
        .collect();
    Ok((
        Facts {
            rows,
            by_quota,
            lines,
        },
        problems,
    ))
}

/// The last word of a ledger on each transaction, with the number of its lines about it.
fn last_words(ledger: &[u8]) -> HashMap<String, (Word, u32)> {
    let mut words: HashMap<String, (Word, u32)> = HashMap::new();
    for line in ledger.split_inclusive(|byte| *byte == b'\n') {
        if let Some((transaction, word)) = from_lines(line).into_iter().next() {
            let lines = words.get(&transaction).map_or(0, |(_, lines)| *lines);
            words.insert(transaction, (word, lines + 1));
        }
    }
    words
}

/// What a list that the vendor works through says about one of its rows.
fn of_list(seen: &Result<Uploaded, String>, request: &str, id: &str) -> Fact {
    match seen {
        Ok(Uploaded::Working) => Fact::Waiting(request.into()),
        // Nothing of it was changed, so it may be sent again.
        Ok(Uploaded::Failed(_)) => Fact::Unseen,
        Ok(Uploaded::Done { expired, invalid, .. }) => match list_refuses(expired, invalid, id) {
            Some(why) => Fact::Refused(why),
            None => Fact::Recorded("".into()),
        },
        Err(why) => Fact::Read(Reading::Unknown { why: why.clone() }),
    }
}

/// Why a finished list did not change one of its rows.
pub(super) fn list_refuses(
    expired: &BTreeSet<String>,
    invalid: &BTreeSet<String>,
    id: &str,
) -> Option<&'static str> {
    let id = id.to_ascii_lowercase();
    if expired.contains(&id) {
        Some("it came too late: the vendor says it is expired")
    } else if invalid.contains(&id) {
        Some(
            "the vendor says it is invalid: it knows no such respondent of this account, or not in this state",
        )
    } else {
        None
    }
}
/// What is remembered under a name; of a survey at several marketplaces, the one that the list is for.
fn remembered<'a>(known: &'a Known, name: &Address, vendor: Option<VendorId>) -> Option<&'a Resource> {
    let at = || known.resources.get(&Address::at(name.as_str(), vendor?));
    known.resources.get(name).or_else(at)
}
