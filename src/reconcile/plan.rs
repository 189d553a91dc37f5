//! The decision, row by row. Pure: the same list, ledgers and readings give the same plan.

use super::prepare::{Fact, Facts, Target};
use crate::marketplace::Markets;
use crate::marketplace::outcomes as rules;
use crate::marketplace::shelf::reconcile::{Item, Order};
use crate::model::money::Purse;
use crate::model::reconciliation::{Course, Outcome, Phase, Reconciliation, Row, Standing};
use crate::model::{Call, Mechanism, Reading, VendorId};
use crate::plan::hash;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// What is to be done for one row of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedRow {
    /// What the vendor reports; `None` where it was not asked or did not say.
    pub was: Option<Standing>,
    /// What becomes of it.
    pub course: Course,
}

/// Rows that are changed by one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// How the vendor is told.
    pub mechanism: Mechanism,
    /// What they become.
    pub outcome: Outcome,
    /// Indices of the rows.
    pub rows: Vec<u32>,
}

/// A plan that leaves nothing to decide.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The list.
    pub wanted: Arc<Reconciliation>,
    /// Where.
    pub vendor: VendorId,
    /// The surveys of the list, in its order.
    pub targets: Vec<Target>,
    /// One for each row, in its order.
    pub rows: Vec<PlannedRow>,
    /// The calls to make, in their order.
    pub batches: Vec<Batch>,
    /// The plan's whole name.
    pub hash: String,
    /// What the environment says about the vendors.
    pub markets: Markets,
    environment: String,
    lines: Vec<u32>,
}

/// Rows that share survey, what they are and what they become.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Change {
    /// Index of the survey.
    pub survey: u32,
    /// What they become.
    pub outcome: Outcome,
    /// The vendor's name of what they are.
    pub was: String,
    /// How the vendor is told.
    pub mechanism: Mechanism,
}

/// Money that changes hands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// Of transactions that become completes.
    pub added: Purse,
    /// Of completes that are taken back.
    pub taken_back: Purse,
    /// Transactions that change the bill by an amount the vendor did not tell.
    pub unknown: u64,
}

impl Moved {
    fn count(&mut self, was: Option<&Standing>, outcome: Outcome) {
        let was_complete = was.is_some_and(|was| was.phase == Phase::Ended(Outcome::Complete));
        let Some(_) = was else {
            self.unknown += 1; // the vendor shows neither what it is nor what it costs
            return;
        };
        let purse = match (was_complete, outcome == Outcome::Complete) {
            (false, true) => &mut self.added,
            (true, false) => &mut self.taken_back,
            _ => return,
        };
        match was.and_then(|was| was.price) {
            Some(price) => purse.add(price),
            None => self.unknown += 1,
        }
    }
}

/// How many transactions come to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "CountsReport")]
pub struct Counts {
    /// In the list.
    pub transactions: usize,
    /// To be changed.
    pub change: usize,
    /// As wanted already.
    pub unchanged: usize,
    /// Confirmed by an earlier apply.
    pub recorded: usize,
    /// Cannot become what is wanted.
    pub impossible: usize,
    /// In a list that the vendor still works through.
    pub waiting: usize,
    /// Not read, and left alone.
    pub unread: usize,
    /// Writing calls.
    pub calls: usize,
}

impl Plan {
    /// Makes the plan.
    pub fn new(
        environment: &str,
        wanted: Arc<Reconciliation>,
        vendor: VendorId,
        targets: Vec<Target>,
        markets: &Markets,
        facts: Facts,
    ) -> Self {
        let Facts {
            mut rows,
            by_quota,
            lines,
        } = facts;
        let rows: Vec<PlannedRow> = wanted
            .rows
            .iter()
            .zip(rows.drain(..))
            .map(|(row, fact)| decide(vendor, row, fact, &by_quota))
            .collect();
        let batches = batches(vendor, &wanted, &rows);
        let mut plan = Self {
            wanted,
            vendor,
            targets,
            rows,
            batches,
            hash: String::new(),
            markets: markets.clone(),
            environment: environment.to_owned(),
            lines,
        };
        plan.hash = plan.name();
        plan
    }

    /// Whether there is nothing to send.
    pub fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }

    /// How many rows come to what.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts {
            transactions: self.rows.len(),
            calls: self.batches.len(),
            ..Counts::default()
        };
        for row in &self.rows {
            match row.course {
                Course::Change(_) => counts.change += 1,
                Course::Settled => counts.unchanged += 1,
                Course::Recorded { .. } => counts.recorded += 1,
                Course::Cannot(_) => counts.impossible += 1,
                Course::Waiting { .. } => counts.waiting += 1,
                Course::Unread(_) => counts.unread += 1,
            }
        }
        counts
    }

    /// The changes, put together, each with its number of rows.
    pub fn changes(&self) -> BTreeMap<Change, usize> {
        let mut changes = BTreeMap::new();
        for (row, planned) in self.wanted.rows.iter().zip(&self.rows) {
            if let Course::Change(mechanism) = planned.course {
                let change = Change {
                    survey: row.survey,
                    outcome: row.outcome,
                    was: planned
                        .was
                        .as_ref()
                        .map_or_else(|| "not shown by the vendor".to_owned(), Standing::to_string),
                    mechanism,
                };
                *changes.entry(change).or_insert(0) += 1;
            }
        }
        changes
    }

    /// The money that moves; with a survey, of this survey alone.
    pub fn moved(&self, survey: Option<u32>) -> Moved {
        let mut moved = Moved::default();
        for (row, planned) in self.wanted.rows.iter().zip(&self.rows) {
            if matches!(planned.course, Course::Change(_)) && survey.is_none_or(|survey| survey == row.survey)
            {
                moved.count(planned.was.as_ref(), row.outcome);
            }
        }
        moved
    }

    /// The order of a batch.
    pub fn order(&self, batch: &Batch) -> Order<'_> {
        self.order_of(batch.mechanism, batch.outcome, &batch.rows)
    }

    /// An order for some rows of the list.
    pub fn order_of(&self, mechanism: Mechanism, outcome: Outcome, rows: &[u32]) -> Order<'_> {
        let items = rows.iter().filter_map(|index| {
            let row = self.wanted.rows.get(*index as usize)?;
            let target = self.targets.get(row.survey as usize)?;
            Some(Item {
                survey: &target.id,
                transaction: &row.id,
                reason: row.reason.as_deref(),
                quotas: row.quotas.as_deref().unwrap_or_default(),
            })
        });
        Order {
            mechanism,
            outcome,
            items: items.collect(),
        }
    }

    /// The call of a batch; made anew each time, so that a plan does not hold bodies.
    pub fn call(&self, batch: &Batch) -> Option<Call> {
        self.call_of(batch.mechanism, batch.outcome, &batch.rows)
    }

    /// The call for some rows of the list.
    pub fn call_of(&self, mechanism: Mechanism, outcome: Outcome, rows: &[u32]) -> Option<Call> {
        let order = self.order_of(mechanism, outcome, rows);
        rules::call(self.vendor, &self.markets, &order, &self.key(&order, rows))
    }

    /// The key of an order, over its own rows and nothing else of the plan: when its answer is lost and other rows of the
    /// list are done, the next run still sends it as the same request. Once a ledger says more about one of its rows, the
    /// same outcome is another request.
    fn key(&self, order: &Order<'_>, rows: &[u32]) -> String {
        let mut sum = format!("{}\0{}\0{}\n", self.environment, self.vendor, order.outcome);
        for (item, index) in order.items.iter().zip(rows) {
            let lines = self.lines.get(*index as usize).copied().unwrap_or_default();
            sum.push_str(&format!(
                "{}\0{}\0{:?}\0{:?}\0{lines}\n",
                item.survey, item.transaction, item.reason, item.quotas
            ));
        }
        Uuid::new_v5(&Uuid::NAMESPACE_OID, sum.as_bytes()).to_string()
    }

    /// Over every row that is changed: what it is, what it becomes, how, why, and what that costs.
    fn name(&self) -> String {
        let mut sum = Sha256::new();
        sum.update(format!(
            "{}\0{}\0{}\n",
            self.environment, self.vendor, self.wanted.name
        ));
        for batch in &self.batches {
            sum.update(format!("{:?}\0{}\n", batch.mechanism, batch.outcome));
            for index in &batch.rows {
                let row = &self.wanted.rows[*index as usize];
                let was = self.rows[*index as usize].was.as_ref();
                let price = was.and_then(|was| was.price).map(|price| price.to_string());
                sum.update(format!(
                    "{}\0{}\0{:?}\0{:?}\0{:?}\0{:?}\n",
                    self.targets[row.survey as usize].id,
                    row.id,
                    was.map(|was| was.code),
                    row.reason,
                    row.quotas,
                    price
                ));
            }
        }
        hash::spoken(&sum.finalize())
    }
}

fn decide(vendor: VendorId, row: &Row, fact: Fact, by_quota: &[u32]) -> PlannedRow {
    let unseen = |course| PlannedRow { was: None, course };
    let standing = match fact {
        Fact::Recorded(was) => return unseen(Course::Recorded { was }),
        Fact::Unseen => {
            return unseen(rules::course_unseen(vendor, row.outcome, row.reason.as_deref()));
        }
        Fact::Waiting(request) => return unseen(Course::Waiting { request }),
        Fact::Refused(why) => return unseen(Course::Cannot(why.into())),
        Fact::Read(Reading::Present(standing)) => standing,
        Fact::Read(Reading::Absent { proof: why } | Reading::Unknown { why }) => {
            return unseen(Course::Unread(why.into()));
        }
    };
    let course = match rules::course(vendor, row.outcome, &standing) {
        Course::Change(Mechanism::StatusCall)
            if row.outcome == Outcome::Complete && row.quotas.is_none() && by_quota.contains(&row.survey) =>
        {
            Course::Cannot(
                "the survey allocates completes to quotas: name them in `quota_ids` (code 1005)".into(),
            )
        }
        course => course,
    };
    PlannedRow {
        was: Some(standing),
        course,
    }
}

/// Fewest calls: rows with the same outcome share one wherever the vendor takes lists; surveys stay together.
fn batches(vendor: VendorId, wanted: &Reconciliation, rows: &[PlannedRow]) -> Vec<Batch> {
    let mut groups: BTreeMap<(Mechanism, Outcome), Vec<u32>> = BTreeMap::new();
    for (index, planned) in (0u32..).zip(rows) {
        if let Course::Change(mechanism) = planned.course {
            let outcome = wanted.rows[index as usize].outcome;
            groups.entry((mechanism, outcome)).or_default().push(index);
        }
    }
    let mut batches = Vec::new();
    for ((mechanism, outcome), mut rows) in groups {
        rows.sort_by_key(|index| (wanted.rows[*index as usize].survey, *index));
        let most = rules::most_at_once(vendor, mechanism).max(1);
        batches.extend(rows.chunks(most).map(|rows| Batch {
            mechanism,
            outcome,
            rows: rows.to_vec(),
        }));
    }
    batches
}
