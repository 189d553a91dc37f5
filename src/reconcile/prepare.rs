//! Before a plan: which survey is meant, what ledgers remember, and what the vendor reports of the rest. Only reads.

use crate::model::reconciliation::{Outcome, Reconciliation, Standing};
use crate::model::{Known, Reading, SurveyRef, VendorId};
use crate::state::ledger::{from_lines, ledger_name};
use crate::state::{Ledgers, StateError};
use crate::vendor::Reader;

/// Rows read before the next ones are prepared, so that a plan's memory is its rows.
const CHUNK: usize = 5_000;

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
}

/// What is known about all rows, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// One for each row.
    pub rows: Vec<Fact>,
    /// Surveys, by index, in which a complete must name its quotas.
    pub by_quota: Vec<u32>,
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
            SurveyRef::Name(name) => match known.resources.get(name) {
                Some(resource) if resource.survey().is_some() => (Some(resource.vendor), resource.id.clone()),
                Some(_) => {
                    fail(format!("`{name}` is a group of surveys"), "name a survey");
                    continue;
                }
                None => {
                    let message = format!("the state knows no survey `{name}`, so it has no transactions");
                    fail(
                        message,
                        "`infield state list` shows what is known; or write the vendor's id as a number",
                    );
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
                    from_lines(&ledgers.read(&name).await?)
                }
                None => std::collections::HashMap::new(),
            };
            for index in indices {
                let row = &wanted.rows[index as usize];
                match recorded.get(&*row.id) {
                    Some((outcome, was)) if *outcome == row.outcome => {
                        rows[index as usize] = Some(Fact::Recorded(was.clone()));
                        on_read(1);
                    }
                    _ => missing.push(index),
                }
            }
        }
        let mut asks_for_quotas = false;
        for chunk in missing.chunks(CHUNK) {
            let ids: Vec<&str> = chunk
                .iter()
                .map(|index| &*wanted.rows[*index as usize].id)
                .collect();
            let readings = reader.transactions(&target.id, &ids, on_read).await;
            for (index, reading) in chunk.iter().zip(readings) {
                let row = &wanted.rows[*index as usize];
                match &reading {
                    Reading::Absent { proof } => problems.push(Problem::OtherSurvey {
                        row: *index,
                        proof: proof.clone(),
                    }),
                    Reading::Present(standing) => {
                        let open = standing.phase == crate::model::reconciliation::Phase::Open;
                        asks_for_quotas |= open && row.outcome == Outcome::Complete && row.quotas.is_none();
                    }
                    Reading::Unknown { .. } => {}
                }
                rows[*index as usize] = Some(Fact::Read(reading));
            }
        }
        if asks_for_quotas && reader.allocates_by_quota(&target.id).await == Some(true) {
            by_quota.push(survey);
        }
    }
    let rows = rows
        .into_iter()
        .map(|fact| fact.expect("every row belongs to a survey, and every survey was read"))
        .collect();
    Ok((Facts { rows, by_quota }, problems))
}
