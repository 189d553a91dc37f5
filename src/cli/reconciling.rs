//! What `reconcile`, `plan` and `apply` share about outcomes of transactions: from a list to a plan, to approval, to what
//! became of it.

use super::exit::Exit;
use super::plan::text_style;
use super::planning::Selection;
use super::project::{Opened, Vendors, now, style};
use super::ui::{Stop, Ui};
use crate::diag::{Diagnostic, Diagnostics, Sources, code, text};
use crate::manifest::outcomes;
use crate::model::reconciliation::Reconciliation;
use crate::model::{Known, VendorId};
use crate::plan::{Guard, GuardRules, Rule};
use crate::reconcile::run::Tally;
use crate::reconcile::{Context, Plan, Problem, Progress, Ran, prepare, results, run};
use crate::report::{ReconciliationReport, reconciliation_text};
use crate::state::{Keeper, Ledgers};
use indicatif::{ProgressBar, ProgressStyle};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Problems of one list that are drawn; the others are counted.
const DRAWN: usize = 20;
/// How long to wait before looking again at what the vendor took and works on.
const WAITS: [Duration; 3] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
];

/// Everything to plan with.
pub(super) struct Desk<'a> {
    pub(super) opened: &'a Opened,
    pub(super) ui: &'a Ui,
    pub(super) vendors: &'a Vendors,
    pub(super) ledgers: Arc<dyn Ledgers>,
    /// The state's lineage, if there is a state.
    pub(super) lineage: Option<String>,
    pub(super) known: Known,
    pub(super) guards: &'a GuardRules,
}

/// What the command line approves.
pub(super) struct Approval<'a> {
    pub(super) yes: bool,
    pub(super) allow: &'a [Guard],
    /// Names of plans; whatever is named needs no other approval, and nothing else is done.
    pub(super) hashes: &'a [String],
}

/// How it went.
pub(super) struct Outcome {
    pub(super) exit: Exit,
    /// Something was sent.
    pub(super) acted: bool,
}

impl Desk<'_> {
    /// The lists of the project that are selected, in the order of their names.
    pub(super) fn selected(&self, selection: &Selection) -> Vec<Arc<Reconciliation>> {
        let lists = &self.opened.loaded.reconciliations;
        lists
            .iter()
            .filter(|(name, _)| selection.targets.is_empty() || selection.targets.contains(name))
            .filter(|(name, _)| !selection.excludes.contains(name))
            .map(|(_, list)| Arc::new(list.clone()))
            .collect()
    }

    /// Plans a list: ledgers first, then the vendor. Only readers are used.
    pub(super) async fn plan(&self, wanted: Arc<Reconciliation>) -> Result<Plan, Stop> {
        let (vendor, targets) = prepare::resolve(&wanted, &self.known, None)
            .map_err(|problems| self.refuse(&wanted, &problems))?;
        if let Some(why) = crate::marketplace::outcomes::unsupported(vendor) {
            return Err(Stop::failed(why).help("correct these interviews in the vendor's own interface"));
        }
        let reader = self
            .vendors
            .readers
            .get(&vendor)
            .ok_or_else(|| no_account(self.opened, vendor))?;
        let meter = Meter::new(self.ui, wanted.rows.len(), "reading transactions");
        let gathered = prepare::gather(
            &wanted,
            &targets,
            reader,
            &*self.ledgers,
            self.lineage.as_deref(),
            &|count| meter.add(count),
        )
        .await;
        meter.finish();
        let (facts, problems) = gathered?;
        if !problems.is_empty() {
            return Err(self.refuse(&wanted, &problems));
        }
        Ok(Plan::new(
            &self.opened.environment,
            wanted,
            vendor,
            targets,
            &self.vendors.markets,
            facts,
        ))
    }

    /// Tells what is wrong with a list, where it stands in its file.
    fn refuse(&self, wanted: &Reconciliation, problems: &[Problem]) -> Stop {
        let mut diagnostics = Diagnostics::default();
        let mut sources = Sources::default();
        let mut show = |path: &std::path::Path, file: &Arc<str>| {
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
        let drawn = text::render(&diagnostics, &sources, style(self.ui));
        self.ui.say(drawn.trim_end());
        if problems.len() > DRAWN {
            self.ui
                .say(&format!("and {} more like these", problems.len() - DRAWN));
        }
        Stop::new(
            Exit::Failed,
            format!("nothing of {} was changed: its list cannot be right", wanted.name),
        )
    }

    /// Whether a plan may be carried out; tells why not.
    pub(super) fn approve(&self, plan: &Plan, approval: &Approval<'_>) -> Result<(), Stop> {
        let rule = self.guards.rule(Guard::Reconcile);
        let refused = |why: &str| {
            Stop::new(
                Exit::Refused,
                format!("nothing of {} was changed: {why}", plan.wanted.name),
            )
        };
        if rule == Rule::Deny {
            let why = format!("the guard `reconcile` of `{}` denies it", self.opened.environment);
            return Err(refused(&why));
        }
        if !approval.hashes.is_empty() {
            if approval.hashes.contains(&plan.hash) {
                return Ok(());
            }
            return Err(Stop::new(
                Exit::LockedOrStale,
                format!(
                    "the plan of {} is {}, which was not approved: nothing of it was changed",
                    plan.wanted.name, plan.hash
                ),
            )
            .help(format!("look at it, and add its name: --approve {}", plan.hash)));
        }
        if approval.yes {
            if rule == Rule::Allow || approval.allow.contains(&Guard::Reconcile) {
                return Ok(());
            }
            return Err(refused("it needs the approval `reconcile`").help("add --allow reconcile"));
        }
        if !self.ui.interactive {
            return Err(refused("there is no terminal to ask on")
                .help("use --yes with --allow reconcile, or --approve HASH"));
        }
        let bill: Vec<String> = ReconciliationReport::new("", plan, None, false)
            .money
            .iter()
            .map(|money| format!(", {} {} on the bill", money.change, money.currency))
            .collect();
        let number = plan.counts().change;
        if self
            .ui
            .ask(&format!("Change {number} transactions{}?", bill.concat()))
        {
            Ok(())
        } else {
            Err(refused("you said no"))
        }
    }

    /// Carries a plan out, writes the results beside the list, and tells how it went.
    pub(super) async fn carry_out(
        &self,
        plan: &Plan,
        keeper: &Keeper,
        stop: CancellationToken,
        json: bool,
    ) -> Result<Outcome, Stop> {
        let vendor = plan.vendor;
        let (Some(reader), Some(writer)) = (
            self.vendors.readers.get(&vendor),
            self.vendors.writers.get(&vendor),
        ) else {
            return Err(no_account(self.opened, vendor));
        };
        let meter = Meter::new(self.ui, plan.counts().change, "changing transactions");
        let on_progress = |progress: Progress<'_>| match progress {
            Progress::Sent(count) => meter.add(count),
            Progress::Verified(_) | Progress::Accepted(_) => {}
            Progress::Retrying(problem, wait) => {
                meter.say(
                    self.ui,
                    &format!("{problem}; trying again in {:.1} s", wait.as_secs_f64()),
                );
            }
        };
        let lineage = self.lineage.clone().unwrap_or_default();
        // An emulator works when its clock is moved, not when we wait.
        let waits: &[Duration] = if reader.lists_settle_after().is_zero() {
            &[]
        } else {
            &WAITS
        };
        let context = Context {
            writer,
            reader,
            ledgers: &*self.ledgers,
            lineage: &lineage,
            may_write: &|| keeper.check_lock(),
            on_progress: &on_progress,
            stop,
            now: &now,
            waits,
        };
        let ran = run::run(plan, &context).await;
        meter.finish();
        let path = results::path(plan);
        let written = results::write(plan, &ran.verdicts, &path);
        if json {
            let report = ReconciliationReport::new(&self.opened.environment, plan, Some(&ran), true);
            // A reader that went away does not change what was done.
            let _ = self.ui.data(&report.to_line());
        } else {
            let _ = self.ui.data(&reconciliation_text::conclusion(plan, &ran));
        }
        let shown = path
            .strip_prefix(std::env::current_dir().unwrap_or_default())
            .unwrap_or(&path);
        match written {
            Ok(()) => self.ui.status(&format!(
                "the results of every transaction are in {}",
                shown.display()
            )),
            Err(error) => self.ui.say(&format!(
                "the results could not be written to {}: {error}",
                shown.display()
            )),
        }
        let exit = exit_of(&ran);
        if let Some(error) = ran.broken {
            return Err(Stop::new(
                exit,
                format!("not everything that was confirmed could be written down: {error}"),
            )
            .help("nothing is lost: the next run reads it from the vendor"));
        }
        let tally = Tally::of(&ran.verdicts);
        Ok(Outcome {
            exit,
            acted: tally.changed + tally.pending + tally.unknown > 0,
        })
    }
}

fn no_account(opened: &Opened, vendor: VendorId) -> Stop {
    Stop::failed(format!(
        "the environment `{}` has no account at {}",
        opened.environment,
        vendor.name()
    ))
    .help(format!("add `{}:` with a token to infield.yaml", vendor.key()))
}

/// The one match from how it went to the exit code.
fn exit_of(ran: &Ran) -> Exit {
    let tally = Tally::of(&ran.verdicts);
    let open = tally.pending + tally.unknown + tally.not_sent;
    match (open, tally.refused, tally.changed) {
        (0, 0, _) => Exit::Done,
        (0, _, _) => Exit::Refused,
        (_, _, 0) if tally.pending + tally.unknown == 0 => Exit::Failed,
        (_, _, _) => Exit::AppliedInPart,
    }
}

/// Both of two exits that happened one after the other.
pub(super) fn both(first: Exit, first_acted: bool, second: Exit, second_acted: bool) -> Exit {
    let worst = [
        Exit::AppliedInPart,
        Exit::Failed,
        Exit::LockedOrStale,
        Exit::Refused,
    ]
    .into_iter()
    .find(|exit| first == *exit || second == *exit);
    match worst {
        None => first,
        // The other one was done, so all of it was done in part.
        Some(Exit::Failed | Exit::LockedOrStale) if first != second && (first_acted || second_acted) => {
            Exit::AppliedInPart
        }
        Some(worst) => worst,
    }
}

/// The text of a plan for this terminal.
pub(super) fn text_of(plan: &Plan, ui: &Ui, guards: &GuardRules, show_calls: bool) -> String {
    reconciliation_text::render(plan, &text_style(ui, guards, show_calls))
}

/// How far it is: a bar on a terminal, nothing elsewhere.
struct Meter(Option<ProgressBar>);

impl Meter {
    fn new(ui: &Ui, length: usize, what: &'static str) -> Self {
        let bar = (ui.draws_progress && length > 0).then(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
            let length = u64::try_from(length).unwrap_or(u64::MAX);
            ProgressBar::new(length).with_style(style).with_message(what)
        });
        Self(bar)
    }

    fn add(&self, count: usize) {
        if let Some(bar) = &self.0 {
            bar.inc(u64::try_from(count).unwrap_or(0));
        }
    }

    fn say(&self, ui: &Ui, text: &str) {
        match &self.0 {
            Some(bar) => bar.suspend(|| ui.status(text)),
            None => ui.status(text),
        }
    }

    fn finish(&self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
