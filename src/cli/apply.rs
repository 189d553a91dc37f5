//! `infield apply`: plans, asks, carries out, and says how it went.

use super::exit::Exit;
use super::locked::locked;
use super::names::one_of;
use super::planning::{self, Selection};
use super::progress::Progress;
use super::reconciling::{self, Approval, Desk};
use super::ui::{Stop, Ui};
use super::{Common, Paths, plan::could_not_read, plan::text_style, project};
use crate::apply::{self, Context, Event, Tally};
use crate::model::Live;
use crate::plan::{Guard, GuardRules, NoteKind, Plan, Rule, hash, refuse_unapproved};
use crate::report;
use crate::saved::SavedPlan;
use crate::state::{Keeper, Op};
use crate::workflow::{self, Planned};
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeSet;
use tokio_util::sync::CancellationToken;

/// Make it so: once, in the right order, and never twice
///
/// Plans as `infield plan` does, asks, and carries the plan out. What is refused stays a note, and the rest still runs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: infield apply surveys/ --env production --yes --allow launch")]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    paths: Paths,
    #[command(flatten)]
    common: Common,
    #[command(flatten)]
    selection: Selection,
    /// Do not ask; steps behind a guard still need --allow
    #[arg(short, long)]
    yes: bool,
    /// Guards that are approved: launch, close, replace, edit-live-targeting, reconcile
    #[arg(add = super::completions::guards(), long, value_name = "GUARDS", value_delimiter = ',', value_parser = parse_guard)]
    allow: Vec<Guard>,
    /// Carry out only the plan with this hash; counts as approval of everything in it. Reconciliations have hashes of
    /// their own: separate several by commas
    #[arg(long, value_name = "HASH", value_delimiter = ',', conflicts_with_all = ["yes", "allow"])]
    approve: Vec<String>,
    /// Carry out a plan saved by `infield plan --out`, if it is still the plan; guards still need --allow
    #[arg(long, value_name = "FILE", conflicts_with_all = ["approve", "targets", "excludes", "resume"])]
    plan: Option<Utf8PathBuf>,
    /// Surveys to work on at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=64))]
    parallelism: u16,
    /// How to tell what happens: for people, or a stream of events for machines
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For machines: infield.events/1, one JSON object a line
    Json,
}

pub(super) fn parse_guard(text: &str) -> Result<Guard, String> {
    one_of("guard", text.trim(), &Guard::ALL, Guard::key)
}

pub(super) async fn run(args: &ApplyArgs, ui: &Ui) -> Result<Exit, Stop> {
    let saved = args.plan.as_deref().map(read_saved).transpose()?;
    let opened = project::open(&args.paths, &args.common)?;
    opened.check(ui)?;
    let guards = opened.guards()?;
    locked(&opened, "apply", ui, async |keeper, vendors| {
        work(args, ui, saved.as_ref(), &opened, &guards, keeper, vendors).await
    })
    .await
}

async fn work(
    args: &ApplyArgs,
    ui: &Ui,
    saved: Option<&SavedPlan>,
    opened: &project::Opened,
    guards: &GuardRules,
    keeper: &Keeper,
    vendors: &project::Vendors,
) -> Result<Exit, Stop> {
    let tell = |text: &str| ui.status(text);
    let recoveries = workflow::settle(keeper, &vendors.readers, &jiff::Timestamp::now, &tell).await?;
    let known = keeper.known().await;
    let selection = saved.map_or_else(|| args.selection.clone(), |saved| Selection::of(&saved.choices));
    let planned = planning::make(
        opened,
        &known,
        &recoveries,
        &vendors.readers,
        &vendors.markets,
        &selection,
        guards,
    )
    .await?;
    let Planned {
        mut plan,
        live,
        unread,
        ..
    } = planned;
    // What was read and remembered is in the plan by now; of ten thousand surveys it is hundreds of megabytes.
    drop(known);
    if args.format == Format::Text {
        let style = report::Style {
            given: planning::given(&args.paths, &args.common, &args.selection),
            ..text_style(ui, guards, false)
        };
        ui.data(&report::plan_text::render(&plan, &style))?;
    }
    if let Some(saved) = saved {
        check_saved(saved, &plan, keeper, opened, &live).await?;
    }
    drop(live);
    if !args.approve.is_empty() {
        let found = hash::hash(&plan);
        // Where only outcomes change, their names are enough.
        let only_outcomes = plan.is_empty() && !opened.loaded.reconciliations.is_empty();
        if !args.approve.contains(&found) && !only_outcomes {
            return Err(Stop::new(
                Exit::LockedOrStale,
                format!(
                    "the plan is {found} now, not {}: nothing was done",
                    args.approve.join(" or ")
                ),
            )
            .help("look at the new plan, and approve that one"));
        }
    }
    let held_back = plan
        .notes
        .iter()
        .filter(|n| matches!(n.kind, NoteKind::Refused | NoteKind::Blocked))
        .count();
    let mut beside: Vec<Event> = plan.notes.iter().map(Event::from).collect();
    let unapproved = if plan.is_empty() {
        Vec::new()
    } else {
        approve(args, ui, guards, &mut plan)?
    };
    beside.extend(unapproved.iter().cloned());
    let sink = Sink {
        ui,
        progress: Progress::new(ui, args.format == Format::Text),
        json: args.format == Format::Json,
        beside,
    };
    let stop = CancellationToken::new();
    let watcher = watch_interrupts(stop.clone(), *ui);
    let context = Context {
        writers: &vendors.writers,
        readers: &vendors.readers,
        keeper,
        markets: &vendors.markets,
        events: &|event| sink.take(&event),
        parallelism: usize::from(args.parallelism),
        stop: stop.clone(),
        now: &project::now,
        new_intent_id: &|| uuid::Uuid::now_v7().to_string(),
    };
    let refused = held_back + unapproved.len();
    let tally = apply::run(&plan, refused, &context).await;
    sink.progress.finish();
    let tally = tally?;
    if args.format == Format::Text {
        ui.data(&conclusion(&plan, &tally))?;
    }
    let outcomes = reconcile(args, ui, saved.is_some(), opened, guards, keeper, vendors, stop).await;
    watcher.abort();
    if !unread.is_empty() {
        let stop = could_not_read(&unread);
        let exit = if tally.done > 0 {
            Exit::AppliedInPart
        } else {
            Exit::Failed
        };
        return Err(Stop { exit, ..stop });
    }
    let (exit, acted) = outcomes?;
    Ok(reconciling::both(exit_of(&tally), tally.calls > 0, exit, acted))
}

/// Carries out the project's reconciliations, after its surveys. What is refused or fails is told, and the rest still
/// runs.
#[expect(
    clippy::too_many_arguments,
    reason = "one caller, which has all of it in hand"
)]
async fn reconcile(
    args: &ApplyArgs,
    ui: &Ui,
    from_saved: bool,
    opened: &project::Opened,
    guards: &GuardRules,
    keeper: &Keeper,
    vendors: &project::Vendors,
    stop: CancellationToken,
) -> Result<(Exit, bool), Stop> {
    if opened.loaded.reconciliations.is_empty() {
        return Ok((Exit::Done, false));
    }
    if from_saved {
        ui.status("a saved plan holds surveys only: reconciliations were left alone");
        return Ok((Exit::Done, false));
    }
    let desk = Desk {
        opened,
        ui,
        vendors,
        ledgers: opened.place()?.ledgers,
        lineage: Some(keeper.document().await.lineage),
        known: keeper.known().await,
        guards,
    };
    let json = args.format == Format::Json;
    let approval = Approval {
        yes: args.yes,
        allow: &args.allow,
        hashes: &args.approve,
    };
    let (mut exit, mut acted) = (Exit::Done, false);
    for wanted in desk.selected(&args.selection) {
        let one = async {
            let plan = desk.plan(wanted).await?;
            if !json {
                ui.data(&format!("\n{}", reconciling::text_of(&plan, ui, guards, false)))?;
            }
            if !plan.is_empty() {
                desk.approve(&plan, &approval)?;
            }
            desk.carry_out(&plan, keeper, stop.clone(), json).await
        }
        .await;
        let (now, did) = match one {
            Ok(outcome) => (outcome.exit, outcome.acted),
            Err(stop) => {
                ui.stop(&stop);
                (stop.exit, stop.exit == Exit::AppliedInPart)
            }
        };
        exit = reconciling::both(exit, acted, now, did);
        acted |= did;
    }
    Ok((exit, acted))
}

fn read_saved(file: &Utf8Path) -> Result<SavedPlan, Stop> {
    let bytes = std::fs::read(file).map_err(|e| Stop::failed(format!("{file} cannot be read: {e}")))?;
    SavedPlan::parse(&bytes).map_err(|e| {
        Stop::failed(format!("{file} cannot be used: {e}")).help("save a new one with `infield plan --out`")
    })
}

/// Refuses a saved plan that was carried out before or is not the plan any more, and marks it as used.
async fn check_saved(
    saved: &SavedPlan,
    plan: &Plan,
    keeper: &Keeper,
    opened: &project::Opened,
    live: &Live,
) -> Result<(), Stop> {
    let state = keeper.document().await;
    if saved.was_used(&state) {
        return Err(Stop::new(
            Exit::LockedOrStale,
            format!("the saved plan {} was carried out before", saved.hash),
        )
        .help("a saved plan is carried out once; save a new one with `infield plan --out`"));
    }
    let moved = saved.moved(plan, &state, &opened.loaded.digest, live);
    if !moved.is_empty() {
        let what = moved.join("\n  ");
        return Err(Stop::new(
            Exit::LockedOrStale,
            format!(
                "the saved plan {} of {} is stale, and nothing was done:\n  {what}",
                saved.hash, saved.made
            ),
        )
        .help("look at `infield plan` and save a new one"));
    }
    Ok(keeper
        .commit(vec![Op::UseSavedPlan { id: saved.id.clone() }])
        .await?)
}

/// The one match from how it went to the exit code.
pub(super) fn exit_of(tally: &Tally) -> Exit {
    match (tally.failed + tally.skipped, tally.done, tally.refused) {
        (0, _, 0) => Exit::Done,
        (0, _, _) => Exit::Refused,
        // A create with unknown outcome may be in effect.
        (_, 0, _) if tally.calls == 0 && tally.unknown == 0 => Exit::Failed,
        (_, _, _) => Exit::AppliedInPart,
    }
}

fn conclusion(plan: &Plan, tally: &Tally) -> String {
    if plan.is_empty() && tally.refused == 0 {
        return String::new();
    }
    let count = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let parts: Vec<String> = [
        count(tally.done, "step done", "steps done"),
        count(tally.failed, "failed", "failed"),
        count(tally.skipped, "not started", "not started"),
        count(tally.refused, "refused or blocked", "refused or blocked"),
        count(tally.calls, "call made", "calls made"),
    ]
    .into_iter()
    .flatten()
    .collect();
    let interrupted = if tally.interrupted {
        "Interrupted: "
    } else {
        "Apply: "
    };
    format!("{interrupted}{}.\n", parts.join(", "))
}

/// Gets the approvals a plan needs; steps that do not get theirs leave the plan and become notes.
fn approve(args: &ApplyArgs, ui: &Ui, guards: &GuardRules, plan: &mut Plan) -> Result<Vec<Event>, Stop> {
    if !args.approve.is_empty() {
        return Ok(Vec::new());
    }
    // A saved plan was reviewed when it was saved; its guards were not.
    let yes = args.yes || args.plan.is_some();
    if !yes && !ui.interactive {
        return Err(Stop::new(
            Exit::Refused,
            "nothing was applied: there is no terminal to ask on",
        )
        .help("use --yes, with --allow for the guards you approve, or --approve HASH"));
    }
    if !yes && !ui.ask("Apply this plan?") {
        return Err(Stop::new(Exit::Refused, "nothing was applied"));
    }
    let needed: BTreeSet<Guard> = plan
        .steps
        .iter()
        .flat_map(|step| step.guards.iter().copied())
        .filter(|guard| guards.rule(*guard) == Rule::Ask)
        .collect();
    let mut approved: BTreeSet<Guard> = args.allow.iter().copied().collect();
    if !yes || (args.plan.is_some() && ui.interactive) {
        for guard in needed.iter().filter(|guard| !args.allow.contains(guard)) {
            if ui.ask(&question(plan, *guard)) {
                approved.insert(*guard);
            }
        }
    }
    let notes_before = plan.notes.len();
    let left = refuse_unapproved(guards, &approved, plan);
    let why = plan.notes.split_off(notes_before);
    Ok(left
        .into_iter()
        .zip(why)
        .map(|(step, note)| Event::StepRefused {
            step: step.id,
            address: step.address,
            action: step.action,
            because: note.message,
        })
        .collect())
}

/// What is at stake, in one question.
fn question(plan: &Plan, guard: Guard) -> String {
    let steps: Vec<_> = plan
        .steps
        .iter()
        .filter(|step| step.guards.contains(&guard))
        .collect();
    let names: Vec<&str> = steps.iter().take(5).map(|step| step.address.as_str()).collect();
    let more = if steps.len() > 5 {
        format!(" and {} more", steps.len() - 5)
    } else {
        String::new()
    };
    let mut purse = crate::model::money::Purse::default();
    for money in steps
        .iter()
        .filter_map(|step| step.adds_exposure)
        .filter(|m| m.amount.is_sign_positive())
    {
        purse.add(money);
    }
    let sums: Vec<String> = purse
        .currencies()
        .map(|currency| purse.of(currency).to_string())
        .collect();
    let money = if sums.is_empty() {
        String::new()
    } else {
        format!(", {} at stake", sums.join(" and "))
    };
    format!("Approve `{guard}` for {}{more}{money}?", names.join(", "))
}

/// Takes every event to where it is wanted.
pub(super) struct Sink<'a> {
    pub(super) ui: &'a Ui,
    pub(super) progress: Progress,
    pub(super) json: bool,
    /// What is told right after the start: notes of the plan, and steps that got no approval.
    pub(super) beside: Vec<Event>,
}

impl Sink<'_> {
    pub(super) fn take(&self, event: &Event) {
        if self.json {
            let line = serde_json::to_string(event).expect("an event consists of plain data");
            // A reader that went away does not stop an apply half-way.
            let _ = self.ui.data(&format!("{line}\n"));
        }
        self.progress.take(event, self.ui);
        if matches!(event, Event::Started { .. }) {
            for event in &self.beside {
                self.take(event);
            }
        }
    }
}

/// The first Ctrl-C finishes the calls under way; the second one leaves at once, which is safe: every create has its
/// intent on disk.
pub(super) fn watch_interrupts(stop: CancellationToken, ui: Ui) -> tokio::task::JoinHandle<()> {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_err() {
            return;
        }
        stop.cancel();
        ui.say("finishing the calls under way; press Ctrl-C again to leave at once");
        if tokio::signal::ctrl_c().await.is_ok() {
            ui.say("left at once; the next plan finds out what is in effect");
            #[expect(clippy::exit, reason = "the user asked twice")]
            std::process::exit(i32::from(Exit::AppliedInPart.code()));
        }
    })
}
