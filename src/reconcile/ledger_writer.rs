//! Confirmations on their way into ledgers, a few hundred to a write.

use super::context::Context;
use super::plan::Plan;
use crate::model::reconciliation::Standing;
use crate::state::StateError;
use crate::state::ledger::{Confirmed, ledger_name, to_lines};
use std::collections::BTreeMap;

/// Confirmations on their way into ledgers.
pub(super) struct LedgerWriter<'a> {
    plan: &'a Plan,
    context: &'a Context<'a>,
    waiting: BTreeMap<u32, Vec<Confirmed>>,
    count: usize,
    /// Why nothing more is written down.
    pub(super) broken: Option<StateError>,
}

impl<'a> LedgerWriter<'a> {
    pub(super) fn new(plan: &'a Plan, context: &'a Context<'a>) -> Self {
        Self {
            plan,
            context,
            waiting: BTreeMap::new(),
            count: 0,
            broken: None,
        }
    }

    /// Notes that a row has its outcome, as was planned.
    pub(super) fn note_planned(&mut self, row: u32) {
        let was = self.plan.rows[row as usize].was.as_ref();
        self.note(row, was.map(Standing::to_string).unwrap_or_default());
    }

    pub(super) fn note(&mut self, index: u32, was: String) {
        self.line(index, was, None);
    }

    /// Notes that a row is in a list which the vendor works through.
    pub(super) fn note_sent(&mut self, index: u32, request: &str) {
        self.line(index, String::new(), Some(request.to_owned()));
    }

    fn line(&mut self, index: u32, was: String, request: Option<String>) {
        let row = &self.plan.wanted.rows[index as usize];
        self.waiting.entry(row.survey).or_default().push(Confirmed {
            transaction: row.id.to_string(),
            outcome: row.outcome.word().to_owned(),
            was,
            at: (self.context.now)(),
            request,
        });
        self.count += 1;
    }

    /// Writes what waits, once there is enough of it. After a failed write nothing more is written.
    pub(super) async fn write(&mut self, enough: usize) {
        if self.count < enough || self.broken.is_some() {
            return;
        }
        for (survey, confirmed) in std::mem::take(&mut self.waiting) {
            let id = &self.plan.targets[survey as usize].id;
            let name = ledger_name(self.context.lineage, self.plan.vendor, id);
            let written = match (self.context.may_write)() {
                Ok(()) => self.context.ledgers.append(&name, &to_lines(&confirmed)).await,
                Err(error) => Err(error),
            };
            if let Err(error) = written {
                self.broken = Some(error);
                return;
            }
        }
        self.count = 0;
    }
}
