//! A reconciliation as JSON, `infield.reconciliation/1`, before and after it is carried out. The text is a view of it.

use crate::marketplace::shelf::reconcile::Receipt;
use crate::model::reconciliation::Course;
use crate::reconcile::plan::{Counts, Moved, Plan};
use crate::reconcile::results;
use crate::reconcile::run::{Ran, Tally};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a reconciliation changes, what that costs, and how it went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "infield reconciliation")]
pub struct ReconciliationReport {
    /// The format's name and version.
    pub format: Format,
    /// The environment.
    pub environment: String,
    /// The manifest's name, or the list's file name.
    pub name: String,
    /// The file with the transactions.
    pub file: String,
    /// Where.
    pub vendor: String,
    /// The plan's whole name, as `infield apply --approve` takes it.
    pub hash: String,
    /// How many transactions come to what.
    pub summary: Counts,
    /// Transactions that are changed, put together.
    pub changes: Vec<ChangeReport>,
    /// Money that moves, one entry per currency.
    pub money: Vec<MoneyReport>,
    /// Transactions that change the bill by an amount the vendor did not tell.
    pub money_unknown: u64,
    /// How it went; absent in a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<TallyReport>,
    /// What the vendor said about lists it took, in its own words; nothing is computed from them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receipts: Vec<Receipt>,
    /// Every transaction in the order of the list; left out in plans of surveys.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub transactions: Vec<RowReport>,
}

/// The format's name and version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Format {
    /// The first version.
    #[serde(rename = "infield.reconciliation/1")]
    V1,
}

/// Transactions of one survey that share what they are and what they become.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangeReport {
    /// The survey as the list names it.
    pub survey: String,
    /// The vendor's id of the survey.
    pub survey_id: String,
    /// What they are, in the vendor's words.
    pub was: String,
    /// What they become.
    pub outcome: String,
    /// How the vendor is told.
    pub mechanism: String,
    /// How many.
    pub transactions: usize,
}

/// Money that moves in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MoneyReport {
    /// ISO 4217 code.
    pub currency: String,
    /// Of transactions that become completes.
    pub added: String,
    /// Of completes that are taken back.
    pub taken_back: String,
    /// The difference to the bill.
    pub change: String,
}

/// How it went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TallyReport {
    /// How many came to what.
    #[serde(flatten)]
    pub tally: Tally,
    /// Whether it was interrupted.
    pub interrupted: bool,
}

/// One transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowReport {
    /// The vendor's id.
    pub id: String,
    /// Its survey as the list names it.
    pub survey: String,
    /// What it should be.
    pub wanted: String,
    /// What it was, in the vendor's words.
    pub was: String,
    /// `change`, `unchanged`, `recorded`, `impossible`, `waiting` or `unread`.
    pub course: String,
    /// How the vendor is told, where it is changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mechanism: Option<String>,
    /// `changed`, `unchanged`, `pending`, `refused`, `unknown` or `not_sent`; absent in a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<String>,
    /// What there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl ReconciliationReport {
    /// The report of a plan, or of how it went.
    pub fn new(environment: &str, plan: &Plan, ran: Option<&Ran>, with_rows: bool) -> Self {
        let changes = plan.changes();
        let changes = changes.iter().map(|(change, number)| {
            let target = &plan.targets[change.survey as usize];
            ChangeReport {
                survey: target.label.clone(),
                survey_id: target.id.clone(),
                was: change.was.clone(),
                outcome: change.outcome.word().to_owned(),
                mechanism: change.mechanism.words().to_owned(),
                transactions: *number,
            }
        });
        let moved = plan.moved(None);
        let rows = if with_rows { rows(plan, ran) } else { Vec::new() };
        Self {
            format: Format::V1,
            environment: environment.to_owned(),
            name: plan.wanted.name.clone(),
            file: plan.wanted.file.to_string(),
            vendor: plan.vendor.key().to_owned(),
            hash: plan.hash.clone(),
            summary: plan.counts(),
            changes: changes.collect(),
            money: money(&moved),
            money_unknown: moved.unknown,
            result: ran.map(|ran| TallyReport {
                tally: Tally::of(&ran.verdicts),
                interrupted: ran.interrupted,
            }),
            receipts: ran.map(|ran| ran.receipts.clone()).unwrap_or_default(),
            transactions: rows,
        }
    }

    /// One line of JSON.
    pub fn to_line(&self) -> String {
        let mut text = serde_json::to_string(self).expect("a report consists of plain data");
        text.push('\n');
        text
    }
}

/// Money per currency, exact.
pub(super) fn money(moved: &Moved) -> Vec<MoneyReport> {
    let (added, taken_back) = (&moved.added, &moved.taken_back);
    let mut currencies: Vec<_> = added.currencies().chain(taken_back.currencies()).collect();
    currencies.sort_by_key(iso_currency::Currency::code);
    currencies.dedup();
    let told = currencies.into_iter().map(|currency| {
        let (added, taken_back) = (added.of(currency), taken_back.of(currency));
        MoneyReport {
            currency: currency.code().to_owned(),
            added: added.plain(),
            taken_back: taken_back.plain(),
            change: added.minus(taken_back.amount).plain(),
        }
    });
    told.collect()
}

/// Why nothing is done to a transaction, where that needs a word.
pub(super) fn why(course: &Course) -> Option<&str> {
    match course {
        Course::Cannot(why) => Some(why),
        Course::Unread(why) => Some(why),
        _ => None,
    }
}

fn rows(plan: &Plan, ran: Option<&Ran>) -> Vec<RowReport> {
    let rows = plan.wanted.rows.iter().zip(&plan.rows).enumerate();
    rows.map(|(index, (row, planned))| {
        let verdict = ran.and_then(|ran| ran.verdicts.get(index));
        let (course, mechanism) = match &planned.course {
            Course::Change(mechanism) => ("change", Some(mechanism.words().to_owned())),
            Course::Settled => ("unchanged", None),
            Course::Recorded { .. } => ("recorded", None),
            Course::Cannot(_) => ("impossible", None),
            Course::Waiting { .. } => ("waiting", None),
            Course::Unread(_) => ("unread", None),
        };
        let message = verdict
            .map(|verdict| results::message(verdict, &planned.course))
            .or_else(|| why(&planned.course).map(str::to_owned))
            .filter(|message| !message.is_empty());
        RowReport {
            id: row.id.to_string(),
            survey: plan.targets[row.survey as usize].label.clone(),
            wanted: row.outcome.word().to_owned(),
            was: results::was(plan, index),
            course: course.to_owned(),
            mechanism,
            result: verdict.map(|verdict| results::word(verdict).to_owned()),
            message,
        }
    })
    .collect()
}
