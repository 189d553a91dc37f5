//! Carries a plan out: sends, looks, and writes down what was confirmed.
//!
//! Promises: an outcome is written down only after the vendor confirmed it, by its answer to a status call or by showing
//! it; a call without an answer is never sent again before the transaction was read; once somebody asked to stop, once
//! credentials fail, the lock is lost or a ledger cannot be written, nothing more is sent. A crash at any moment loses
//! lines of the ledger and nothing else: the next plan reads what the vendor has.

use super::context::{Context, Progress};
use super::ledger_writer::LedgerWriter;
use super::plan::{Batch, Plan};
use super::prepare::list_refuses;
pub use super::verdict::{Tally, Verdict};
use crate::marketplace::http::permit::unless_withdrawn;
use crate::marketplace::outcomes as rules;
use crate::marketplace::shelf::reconcile::{Answer, Receipt, Uploaded};
use crate::model::reconciliation::{Course, Phase, Standing};
use crate::model::{Mechanism, Outcome, Reading};
use crate::state::StateError;
use futures_util::StreamExt as _;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Calls prepared at once; the session decides how many are under way.
const AHEAD: usize = 16;
/// Confirmations that share one write of a ledger.
const LINES_PER_WRITE: usize = 500;
/// Times an order is sent whose answer was lost and that is seen not to have been carried out.
const TRIES: usize = 2;

/// How it went.
#[derive(Debug)]
pub struct Ran {
    /// One for each row, in the order of the list.
    pub verdicts: Vec<Verdict>,
    /// What the vendor said about lists it took.
    pub receipts: Vec<Receipt>,
    /// Somebody asked to stop.
    pub interrupted: bool,
    /// Why nothing more was written down; what was confirmed until then was.
    pub broken: Option<StateError>,
}

impl Ran {
    /// Gives rows the same verdict.
    fn settle(&mut self, rows: &[u32], verdict: &Verdict) {
        for row in rows {
            self.verdicts[*row as usize] = verdict.clone();
        }
    }
}

struct Work<'a> {
    plan: &'a Plan,
    context: &'a Context<'a>,
    halted: Mutex<Option<String>>,
}

/// What a batch came to before anybody looked.
enum Sent {
    Taken(Receipt),
    Unsure(String),
    Settled(Verdict),
}

/// Carries a plan out. Rows that the plan does not change get the verdict that the plan has for them.
pub async fn run(plan: &Plan, context: &Context<'_>) -> Ran {
    let mut ran = Ran {
        verdicts: plan.rows.iter().map(|row| verdict_of(&row.course)).collect(),
        receipts: Vec::new(),
        interrupted: false,
        broken: None,
    };
    let work = Work {
        plan,
        context,
        halted: Mutex::default(),
    };
    let mut ledger = LedgerWriter::new(plan, context);
    // What the vendor shows as wanted need not be read again next time.
    for (index, row) in (0u32..).zip(&plan.rows) {
        if let (Course::Settled, Some(was)) = (&row.course, &row.was) {
            ledger.note(index, was.to_string());
        }
    }
    work.write_down(&mut ledger, 1).await;
    work.singles(&mut ran, &mut ledger).await;
    work.write_down(&mut ledger, 1).await;
    work.lists(&mut ran, &mut ledger).await;
    work.write_down(&mut ledger, 1).await;
    ran.interrupted = context.stop.is_cancelled();
    ran.broken = ledger.broken;
    ran
}

fn verdict_of(course: &Course) -> Verdict {
    match course {
        Course::Recorded { .. } | Course::Settled => Verdict::Unchanged,
        Course::Waiting { request } => {
            Verdict::Pending(format!("the vendor still works through the list {request}"))
        }
        Course::Unread(why) => Verdict::Unknown(format!("it could not be read: {why}")),
        Course::Cannot(why) => Verdict::Refused(why.clone().into_owned()),
        Course::Change(_) => Verdict::NotSent("the work ended before".to_owned()),
    }
}

impl Work<'_> {
    /// Why nothing more may be sent.
    fn halted(&self) -> Option<String> {
        if self.context.stop.is_cancelled() {
            return Some("interrupted before it was sent".to_owned());
        }
        if let Err(why) = self.context.permit.may_send() {
            return Some(why);
        }
        self.reason().clone()
    }

    fn reason(&self) -> MutexGuard<'_, Option<String>> {
        self.halted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits before another look, for as long as anything may be sent.
    async fn wait(&self, wait: Duration) {
        let waited = unless_withdrawn(self.context.permit, tokio::time::sleep(wait)).await;
        if let Err(why) = waited {
            self.halt(&why);
        }
    }

    fn halt(&self, why: &str) {
        self.reason().get_or_insert_with(|| why.to_owned());
    }

    /// Writes down what waits, once there is enough of it. Where that fails, nothing more is sent.
    async fn write_down(&self, ledger: &mut LedgerWriter<'_>, enough: usize) {
        ledger.write(enough).await;
        if let Some(error) = &ledger.broken {
            self.halt(&error.to_string());
        }
    }

    async fn send(&self, mechanism: Mechanism, outcome: Outcome, rows: &[u32]) -> Answer {
        let Some(call) = self.plan.call_of(mechanism, outcome, rows) else {
            return Answer::Refused("the vendor has no call for this".to_owned());
        };
        let on_retry =
            |problem: &str, wait: Duration| (self.context.on_progress)(Progress::Retrying(problem, wait));
        let answer = self
            .context
            .writer
            .send(&call, self.context.permit, &on_retry)
            .await;
        rules::answer(self.plan.vendor, mechanism, answer)
    }

    async fn look(&self, index: u32) -> Reading<Standing> {
        let row = &self.plan.wanted.rows[index as usize];
        let target = &self.plan.targets[row.survey as usize];
        let readings = self
            .context
            .reader
            .transactions(&target.id, &[&row.id], &|_| {})
            .await;
        readings.into_iter().next().unwrap_or(Reading::Unknown {
            why: "nothing was read".to_owned(),
        })
    }

    /// Transactions that get a call of their own.
    async fn singles(&self, ran: &mut Ran, ledger: &mut LedgerWriter<'_>) {
        let single = |batch: &&Batch| batch.mechanism == Mechanism::StatusCall;
        let rows = self.plan.batches.iter().filter(single).flat_map(|batch| {
            let outcome = batch.outcome;
            batch.rows.iter().map(move |row| (*row, outcome))
        });
        let mut ended = futures_util::stream::iter(rows)
            .map(|(row, outcome)| async move { (row, self.end(row, outcome).await) })
            .buffer_unordered(AHEAD);
        while let Some((row, verdict)) = ended.next().await {
            if matches!(verdict, Verdict::Changed | Verdict::Verified) {
                ledger.note_planned(row);
                self.write_down(ledger, LINES_PER_WRITE).await;
            }
            ran.verdicts[row as usize] = verdict;
            (self.context.on_progress)(Progress::Sent(1));
        }
    }

    /// Ends one transaction.
    async fn end(&self, index: u32, outcome: Outcome) -> Verdict {
        let mut unsure = None;
        for _ in 0..TRIES {
            if let Some(why) = self.halted() {
                return unsure.map_or(Verdict::NotSent(why), Verdict::Unknown);
            }
            let mut says = String::new();
            let lost = match self.send(Mechanism::StatusCall, outcome, &[index]).await {
                Answer::Accepted(_) => return Verdict::Changed,
                Answer::Refused(why) => return Verdict::Refused(why),
                Answer::Halt(why) => {
                    self.halt(&why);
                    return unsure.map_or(Verdict::NotSent(why), Verdict::Unknown);
                }
                Answer::AlreadyFinal { said } => {
                    says = format!(" ({said})");
                    None
                }
                Answer::Unsure(why) => Some(why),
            };
            match (self.look(index).await, lost) {
                (Reading::Present(now), _) if now.phase == Phase::Ended(outcome) => return Verdict::Verified,
                (Reading::Present(now), lost) if now.phase == Phase::Open => {
                    // Not carried out; with a lost answer it is sent once more.
                    unsure = Some(format!("it is still {now}: {}", lost.unwrap_or_default()));
                }
                (Reading::Present(now), _) => {
                    return Verdict::Refused(format!("it is final already, and not as wanted: {now}{says}"));
                }
                (Reading::Absent { proof: why } | Reading::Unknown { why }, lost) => {
                    let lost = lost.unwrap_or_else(|| format!("it is final already{says}"));
                    return Verdict::Unknown(format!("{lost}; and it could not be read: {why}"));
                }
            }
        }
        Verdict::Unknown(unsure.unwrap_or_default())
    }

    /// Transactions that share calls: sent, then looked at.
    async fn lists(&self, ran: &mut Ran, ledger: &mut LedgerWriter<'_>) {
        let listed = self
            .plan
            .batches
            .iter()
            .filter(|batch| batch.mechanism != Mechanism::StatusCall);
        let mut open: Vec<Batch> = listed.cloned().collect();
        for _ in 0..TRIES {
            if open.is_empty() {
                return;
            }
            let mut taken: Vec<(Batch, Receipt)> = Vec::new();
            let mut unsure: Vec<(Batch, String)> = Vec::new();
            for batch in open.drain(..) {
                let rows = batch.rows.len();
                match self.send_list(&batch).await {
                    Sent::Taken(receipt) if batch.mechanism == Mechanism::Upload => {
                        // Before anything else: which list they are in.
                        if let Some(request) = &receipt.id {
                            batch.rows.iter().for_each(|row| ledger.note_sent(*row, request));
                            self.write_down(ledger, 1).await;
                        }
                        self.follow(ran, ledger, &batch, &receipt).await;
                    }
                    Sent::Taken(receipt) => {
                        (self.context.on_progress)(Progress::Accepted(&receipt));
                        ran.receipts.push(receipt.clone());
                        taken.push((batch, receipt));
                    }
                    Sent::Unsure(why) => unsure.push((batch, why)),
                    Sent::Settled(verdict) => {
                        for row in &batch.rows {
                            // A second try that was not sent leaves the first one unsure.
                            let kept = matches!(ran.verdicts[*row as usize], Verdict::Unknown(_));
                            if !(kept && matches!(verdict, Verdict::NotSent(_))) {
                                ran.verdicts[*row as usize] = verdict.clone();
                            }
                        }
                    }
                }
                (self.context.on_progress)(Progress::Sent(rows));
            }
            self.verify(ran, ledger, taken).await;
            open = self.what_is_left(ran, ledger, unsure).await;
        }
    }

    async fn send_list(&self, batch: &Batch) -> Sent {
        if let Some(why) = self.halted() {
            return Sent::Settled(Verdict::NotSent(why));
        }
        match self.send(batch.mechanism, batch.outcome, &batch.rows).await {
            Answer::Accepted(receipt) => Sent::Taken(receipt),
            Answer::Unsure(why) => Sent::Unsure(why),
            Answer::AlreadyFinal { .. } => Sent::Unsure("the vendor says it is final already".to_owned()),
            Answer::Refused(why) => Sent::Settled(Verdict::Refused(why)),
            Answer::Halt(why) => {
                self.halt(&why);
                Sent::Settled(Verdict::NotSent(why))
            }
        }
    }

    /// Waits for the vendor to work through a list, as long as there are waits left, and reads what came of it.
    async fn follow(&self, ran: &mut Ran, ledger: &mut LedgerWriter<'_>, batch: &Batch, receipt: &Receipt) {
        let Some(request) = &receipt.id else {
            let verdict = Verdict::Unknown("the vendor took the list and gave it no id".to_owned());
            ran.settle(&batch.rows, &verdict);
            return;
        };
        let mut waits = (self.context.waits)(batch.mechanism).into_iter();
        let verdict = loop {
            match self.context.reader.uploaded(request).await {
                Ok(Uploaded::Done {
                    expired,
                    invalid,
                    receipt,
                }) => {
                    for row in &batch.rows {
                        let id = &self.plan.wanted.rows[*row as usize].id;
                        ran.verdicts[*row as usize] = match list_refuses(&expired, &invalid, id) {
                            Some(why) => Verdict::Refused(why.to_owned()),
                            None => {
                                ledger.note_planned(*row);
                                Verdict::Changed
                            }
                        };
                    }
                    ran.receipts.push(receipt);
                    return;
                }
                Ok(Uploaded::Failed(why)) => break Verdict::Refused(why),
                Err(error) => {
                    break Verdict::Pending(format!(
                        "the vendor took the list {request}, which could not be read: {error}"
                    ));
                }
                Ok(Uploaded::Working) => match waits.next() {
                    Some(wait) if self.halted().is_none() => self.wait(wait).await,
                    _ => {
                        break Verdict::Pending(format!("the vendor still works through the list {request}"));
                    }
                },
            }
        };
        ran.settle(&batch.rows, &verdict);
    }

    /// Looks at what the vendor took; where it says that it works later, a few times.
    async fn verify(&self, ran: &mut Ran, ledger: &mut LedgerWriter<'_>, taken: Vec<(Batch, Receipt)>) {
        let waits = taken
            .first()
            .map(|(batch, _)| (self.context.waits)(batch.mechanism));
        let mut left: Vec<(u32, Outcome, bool)> = taken
            .into_iter()
            .flat_map(|(batch, receipt)| {
                let (outcome, pending) = (batch.outcome, receipt.pending);
                batch.rows.into_iter().map(move |row| (row, outcome, pending))
            })
            .collect();
        let mut waits = waits.unwrap_or_default().into_iter();
        loop {
            let seen = self.look_at(left.iter().map(|(row, ..)| *row).collect()).await;
            let mut later = Vec::new();
            for (row, outcome, pending) in left {
                let verdict = match seen.get(&row) {
                    Some(Reading::Present(now)) if now.phase == Phase::Ended(outcome) => {
                        ledger.note_planned(row);
                        Verdict::Changed
                    }
                    Some(Reading::Present(now)) if pending => {
                        later.push((row, outcome, pending));
                        Verdict::Pending(format!("the vendor took it and works on it; so far it is {now}"))
                    }
                    Some(Reading::Present(now)) => Verdict::Refused(format!(
                        "the vendor took the list and left this one as it is: {now}"
                    )),
                    Some(Reading::Absent { proof: why } | Reading::Unknown { why }) => Verdict::Pending(
                        format!("the vendor took it, and it could not be read afterwards: {why}"),
                    ),
                    None => {
                        Verdict::Pending("the vendor took it, and it was not looked at afterwards".to_owned())
                    }
                };
                ran.verdicts[row as usize] = verdict;
                self.write_down(ledger, LINES_PER_WRITE).await;
            }
            left = later;
            match waits.next() {
                Some(wait) if !left.is_empty() && self.halted().is_none() => self.wait(wait).await,
                _ => return,
            }
        }
    }

    /// Looks at what was sent without an answer, and gives back what was certainly not carried out.
    async fn what_is_left(
        &self,
        ran: &mut Ran,
        ledger: &mut LedgerWriter<'_>,
        unsure: Vec<(Batch, String)>,
    ) -> Vec<Batch> {
        let mut again = Vec::new();
        for (batch, why) in unsure {
            if batch.mechanism == Mechanism::Upload {
                // Nobody can look; its key makes the next try the same request.
                let verdict = Verdict::Unknown(format!("{why}; the next run sends it under the same key"));
                ran.settle(&batch.rows, &verdict);
                continue;
            }
            let seen = self.look_at(batch.rows.clone()).await;
            let mut rest = Vec::new();
            for row in &batch.rows {
                ran.verdicts[*row as usize] = match seen.get(row) {
                    Some(Reading::Present(now)) if now.phase == Phase::Ended(batch.outcome) => {
                        ledger.note_planned(*row);
                        Verdict::Verified
                    }
                    Some(Reading::Present(now)) => {
                        rest.push(*row);
                        Verdict::Unknown(format!("{why}; it is {now} so far"))
                    }
                    Some(Reading::Absent { proof: problem } | Reading::Unknown { why: problem }) => {
                        Verdict::Unknown(format!("{why}; and it could not be read: {problem}"))
                    }
                    None => Verdict::Unknown(why.clone()),
                };
            }
            self.write_down(ledger, LINES_PER_WRITE).await;
            if !rest.is_empty() {
                again.push(Batch { rows: rest, ..batch });
            }
        }
        again
    }

    /// Reads rows, survey by survey. Empty once somebody asked to stop.
    async fn look_at(&self, rows: Vec<u32>) -> BTreeMap<u32, Reading<Standing>> {
        let mut seen = BTreeMap::new();
        if self.context.stop.is_cancelled() {
            return seen;
        }
        let mut by_survey: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for row in rows {
            let survey = self.plan.wanted.rows[row as usize].survey;
            by_survey.entry(survey).or_default().push(row);
        }
        let on_read = |count: usize| (self.context.on_progress)(Progress::Verified(count));
        for (survey, rows) in by_survey {
            let target = &self.plan.targets[survey as usize];
            let ids: Vec<&str> = rows
                .iter()
                .map(|row| &*self.plan.wanted.rows[*row as usize].id)
                .collect();
            let readings = self.context.reader.transactions(&target.id, &ids, &on_read).await;
            seen.extend(rows.into_iter().zip(readings));
        }
        seen
    }
}
