//! What `reconcile`, `plan` and `apply` share about outcomes of transactions: from a list to a plan, to approval, to what
//! became of it.

use super::approval::Guarded;
use super::terminal::{Measured, plan_style};
use super::{Cause, Connected, Selection, Stop, problems};
use crate::diag::{Diagnostic, Diagnostics, Sources, code};
use crate::manifest::outcomes;
use crate::marketplace::Reader;
use crate::model::reconciliation::Reconciliation;
use crate::model::{Known, Mechanism, Pattern, VendorId};
use crate::plan::Guard;
use crate::reconcile::run::Tally;
use crate::reconcile::{Context, Plan, Problem, Progress, prepare, results, run};
use crate::report::{PlanReport, ReconciliationReport, reconciliation_text};
use crate::state::{Document, Keeper, Ledgers};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Problems of one list that are drawn; the others are counted.
const DRAWN: usize = 20;
/// How long to wait before looking again at what the vendor took and works on, in seconds.
const WAITS: [u64; 3] = [2, 5, 15];
/// The same for an upload, which nobody sees anything of before its end.
const UPLOAD_WAITS: [u64; 6] = [2, 5, 15, 30, 60, 60];
/// Before another look at an upload at an emulator: it works when it is looked at.
const EMULATED: [Duration; 5] = [Duration::from_millis(10); 5];

/// How long to wait before each further look at what a vendor took in this way.
pub(super) fn waits(reader: &Reader, mechanism: Mechanism) -> Vec<Duration> {
    let emulated = reader.lists_settle_after().is_zero();
    let seconds = match (mechanism, emulated) {
        (Mechanism::Upload, true) => return EMULATED.to_vec(),
        // An emulator works through other lists when its clock is moved, not when we wait.
        (_, true) => return Vec::new(),
        (Mechanism::Upload, false) => &UPLOAD_WAITS[..],
        (_, false) => &WAITS[..],
    };
    seconds.iter().copied().map(Duration::from_secs).collect()
}

/// Everything to plan lists with, and to carry them out.
pub struct Reconciler<'a> {
    at: &'a Connected<'a>,
    ledgers: Arc<dyn Ledgers>,
    /// The state's lineage; empty where there is no state.
    lineage: String,
    known: Known,
}

/// What was approved before anything was shown.
#[derive(Debug, Clone, Default)]
pub struct Approval {
    /// Spares the question.
    pub yes: bool,
    /// Guards.
    pub allow: Vec<Guard>,
    /// Whole names of plans; whatever is named needs no other approval, and nothing else is done.
    pub hashes: Vec<String>,
    /// The plans themselves, where files say them; only to tell what differs from them.
    pub reviewed: Vec<PlanReport>,
}

impl<'a> Reconciler<'a> {
    /// A reconciler for this state.
    ///
    /// # Errors
    /// When the place of the ledgers is one that this version cannot use.
    pub fn new(at: &'a Connected<'a>, state: &Document) -> Result<Self, Stop> {
        Ok(Self {
            at,
            ledgers: at.project.place()?.ledgers,
            lineage: state.lineage.clone(),
            known: state.known(),
        })
    }

    /// The lists of the project that are selected, in the order of their names.
    pub fn selected(&self, selection: &Selection) -> Vec<Arc<Reconciliation>> {
        let lists = &self.at.project.loaded.reconciliations;
        let named = |names: &[String], list: &str| names.iter().any(|name| Pattern::new(name).fits(list));
        lists
            .iter()
            .filter(|(name, _)| selection.targets.is_empty() || named(&selection.targets, name))
            .filter(|(name, _)| !named(&selection.excludes, name))
            .map(|(_, list)| Arc::new(list.clone()))
            .collect()
    }

    /// Plans a list: ledgers first, then the vendor. Only readers are used.
    ///
    /// # Errors
    /// When the list cannot be right, or ledgers or vendor cannot be read.
    pub async fn plan(&self, wanted: Arc<Reconciliation>) -> Result<Plan, Stop> {
        let (vendor, targets) = prepare::resolve(&wanted, &self.known, None)
            .map_err(|problems| self.refuse(&wanted, &problems))?;
        if let Some(why) = crate::marketplace::outcomes::unsupported(vendor) {
            return Err(Stop::failed(why).help("correct these interviews in the vendor's own interface"));
        }
        let meter = self.at.terminal.meter(Measured::Things {
            count: wanted.rows.len(),
            doing: "reading transactions",
        });
        let gathered = prepare::gather(
            &wanted,
            &targets,
            self.reader(vendor)?,
            &*self.ledgers,
            Some(self.lineage.as_str()).filter(|lineage| !lineage.is_empty()),
            &|count| meter.add(count),
        )
        .await;
        meter.finish();
        let (facts, problems) = gathered?;
        if !problems.is_empty() {
            return Err(self.refuse(&wanted, &problems));
        }
        let (environment, markets) = (&self.at.project.environment, &self.at.vendors.markets);
        Ok(Plan::new(environment, wanted, vendor, targets, markets, facts))
    }

    /// The plan as text.
    pub fn text(&self, plan: &Plan, show_calls: bool) -> String {
        reconciliation_text::render(plan, &plan_style(self.at.terminal, self.at.guards, show_calls))
    }

    fn reader(&self, vendor: VendorId) -> Result<&crate::marketplace::Reader, Stop> {
        let help = || format!("add `{}:` with a token to infield.yaml", vendor.key());
        self.at.vendors.reader(vendor).map_err(|stop| stop.help(help()))
    }

    /// Tells what is wrong with a list, where it stands in its file.
    fn refuse(&self, wanted: &Reconciliation, problems: &[Problem]) -> Stop {
        let mut diagnostics = Diagnostics::default();
        let mut sources = Sources::default();
        let mut show = |path: &Path, file: &Arc<str>| {
            if sources.get(file).is_none()
                && let Some(source) = outcomes::source(path, file)
            {
                sources.insert(source);
            }
        };
        for problem in problems.iter().take(DRAWN) {
            diagnostics.push(match problem {
                Problem::Survey { survey, message, help } => {
                    let named = &wanted.surveys[*survey as usize];
                    let problem = Diagnostic::error(code::OUTCOME_SURVEY, message).help(help);
                    if named.file.is_empty() {
                        problem
                    } else {
                        show(&named.path, &named.file);
                        let place = outcomes::span(named.place);
                        problem.in_file(&named.file).at(place, "this survey")
                    }
                }
                Problem::OtherSurvey { row, proof } => {
                    let row = &wanted.rows[*row as usize];
                    let survey = &wanted.surveys[row.survey as usize].survey;
                    show(&wanted.path, &wanted.file);
                    let message = format!("the vendor has no transaction {} in the survey {survey}", row.id);
                    Diagnostic::error(code::OUTCOME_OTHER_SURVEY, message)
                        .in_file(&wanted.file)
                        .at(outcomes::span(row.place), "not of this survey")
                        .help(format!(
                            "remove the row, or check that the list belongs to this survey; it was asked for, and {proof}"
                        ))
                }
            });
        }
        diagnostics.sort();
        problems::tell(&diagnostics, &sources, self.at.terminal);
        if problems.len() > DRAWN {
            let more = problems.len() - DRAWN;
            self.at.terminal.say(&format!("and {more} more like these"));
        }
        Stop::failed(format!(
            "nothing of {} was changed: its list cannot be right",
            wanted.name
        ))
    }

    /// Goes on where a plan may be carried out.
    ///
    /// # Errors
    /// Why it may not.
    pub fn approve(&self, plan: &Plan, approval: &Approval) -> Result<(), Stop> {
        let guarded = Guarded {
            guard: Guard::Reconcile,
            rule: self.at.guards.rule(Guard::Reconcile),
            environment: &self.at.project.environment,
            not_done: format!("nothing of {} was changed", plan.wanted.name),
        };
        guarded.not_denied()?;
        if approval.hashes.contains(&plan.hash) {
            return Ok(());
        }
        if !approval.hashes.is_empty() {
            return Err(Stop::stale(format!(
                "the plan of {} is {}, which was not approved: nothing of it was changed",
                plan.wanted.name, plan.hash
            ))
            .help(format!("look at it, and add its name: --approve {}", plan.hash)));
        }
        let bill: Vec<String> = ReconciliationReport::new("", plan, None, false)
            .money
            .iter()
            .map(|money| format!(", {} {} on the bill", money.change, money.currency))
            .collect();
        let question = format!("Change {} transactions{}?", plan.counts().change, bill.concat());
        let instead = "use --yes with --allow reconcile, or --approve HASH";
        guarded.approved(
            self.at.terminal,
            (approval.yes, &approval.allow),
            &question,
            instead,
        )
    }

    /// Plans a list, gives out what is shown of it, and gets its approval.
    ///
    /// # Errors
    /// As [`Self::plan`] and [`Self::approve`].
    pub async fn prepared(
        &self,
        wanted: Arc<Reconciliation>,
        approval: &Approval,
        shown: impl FnOnce(&Plan) -> Option<String>,
    ) -> Result<Plan, Stop> {
        let plan = self.plan(wanted).await?;
        if let Some(text) = shown(&plan) {
            self.at.terminal.data(&text)?;
        }
        if !plan.is_empty() {
            self.approve(&plan, approval)?;
        }
        Ok(plan)
    }

    /// Keeps in the history what became of a list, in numbers.
    async fn tell(&self, plan: &Plan, tally: &Tally) {
        let numbers = [
            (tally.changed, "changed"),
            (tally.pending, "taken and not to be seen yet"),
            (tally.refused, "refused"),
            (tally.unknown, "with an unknown outcome"),
            (tally.not_sent, "not sent"),
        ];
        if let Ok(history) = self.at.project.history()
            && tally.changed + tally.pending + tally.unknown > 0
        {
            let numbers = numbers.iter().filter(|(number, _)| *number > 0);
            let numbers: Vec<String> = numbers.map(|(number, how)| format!("{number} {how}")).collect();
            let (name, vendor) = (&plan.wanted.name, plan.vendor.name());
            let said = format!("transactions of {name} at {vendor}: {}", numbers.join(", "));
            history.tell_said("reconcile", vec![said], self.at.terminal).await;
        }
    }

    /// Carries a plan out, writes the results beside the list, and tells how it went.
    ///
    /// # Errors
    /// When what was confirmed cannot be written down.
    pub async fn carry_out(
        &self,
        plan: &Plan,
        keeper: &Keeper,
        stop: CancellationToken,
        json: bool,
    ) -> Result<Tally, Stop> {
        let reader = self.reader(plan.vendor)?;
        let writer = self.at.vendors.writers.get(&plan.vendor);
        let writer = writer.expect("whoever may read at a vendor may write there");
        let meter = self.at.terminal.meter(Measured::Things {
            count: plan.counts().change,
            doing: "changing transactions",
        });
        let on_progress = |progress: Progress<'_>| match progress {
            Progress::Sent(count) => meter.add(count),
            Progress::Verified(_) | Progress::Accepted(_) => {}
            Progress::Retrying(problem, wait) => {
                meter.status(&format!("{problem}; trying again in {:.1} s", wait.as_secs_f64()));
            }
        };
        let waits = |mechanism| waits(reader, mechanism);
        let context = Context {
            writer,
            reader,
            ledgers: &*self.ledgers,
            lineage: &self.lineage,
            permit: keeper,
            may_write: &|| keeper.check_lock(),
            on_progress: &on_progress,
            stop,
            now: &|| self.at.project.process.time(),
            waits: &waits,
        };
        let ran = run::run(plan, &context).await;
        meter.finish();
        let path = results::path(plan);
        let written = results::write(plan, &ran.verdicts, &path);
        // A reader that went away does not change what was done.
        let environment = &self.at.project.environment;
        let _ = match json {
            true => {
                let report = ReconciliationReport::new(environment, plan, Some(&ran), true);
                self.at.terminal.document(&report.to_line())
            }
            false => self
                .at
                .terminal
                .done(&reconciliation_text::conclusion(plan, &ran)),
        };
        let shown = path
            .strip_prefix(&self.at.project.base)
            .unwrap_or(&path)
            .display();
        let terminal = self.at.terminal;
        match written {
            Ok(()) => terminal.status(&format!("the results of every transaction are in {shown}")),
            Err(error) => terminal.say(&format!("the results could not be written to {shown}: {error}")),
        }
        let tally = Tally::of(&ran.verdicts);
        self.tell(plan, &tally).await;
        match ran.broken {
            None => Ok(tally),
            Some(error) => Err(Stop::new(
                Cause::Unrecorded(tally),
                format!("not everything that was confirmed could be written down: {error}"),
            )
            .help("nothing is lost: the next run reads it from the vendor")),
        }
    }
}
