//! Plans, asks, carries out, and says how it went.

use super::approval::{Standing, confirm};
use super::history::{See, Told};
use super::notify::Heard;
use super::reconciler::{Approval, Reconciler};
use super::terminal::{Measured, plan_style};
use super::{Cause, Locked, Outcome, Project, Selection, Stop, Terminal, selection};
use crate::apply::{self, Context, Event, Tally};
use crate::model::Money;
use crate::model::money::Purse;
use crate::plan::{Guard, Note, NoteKind, Plan, Reach, Rule, Step, approval, hash, refuse_unapproved};
use crate::reconcile;
use crate::report::{self, PlanReport, plan_text};
use crate::saved::SavedPlan;
use crate::state::{Document, Op};
use crate::workflow::Planned;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Surveys to work on at once, unless it is said otherwise. How many calls are under way is the marketplace's pace; with more
/// surveys than that, calls go on while others write down what came of theirs.
pub const PARALLELISM: u16 = 16;

/// What is applied, and how.
#[derive(Debug)]
pub struct Options {
    /// What the plan is about.
    pub selection: Selection,
    /// A plan that was reviewed and saved; its guards were not.
    pub saved: Option<SavedPlan>,
    /// What was approved beforehand.
    pub approval: Approval,
    /// Surveys to work on at once.
    pub parallelism: usize,
    /// Tell it as a stream of events: `infield.events/1`.
    pub json: bool,
    /// What a command that makes the same plan has to be given.
    pub given: Vec<String>,
    /// Nobody is there: nothing is done but what was approved before, and no more once this is cancelled.
    pub unattended: Option<CancellationToken>,
}

impl Options {
    /// The command.
    fn command(&self) -> &'static str {
        match self.unattended {
            Some(_) => "run",
            None => "apply",
        }
    }
}

/// Makes the vendors have what the manifests want, and gives transactions their outcomes.
///
/// # Errors
/// When nothing could be done, or not everything could be read.
pub async fn run(project: &Project, terminal: &dyn Terminal, options: &Options) -> Result<Outcome, Stop> {
    project.check_briefly(terminal)?;
    project.check_shared(terminal, !options.approval.yes).await?;
    let heard = Arc::new(Heard::default());
    let done = plan_and_do(project, terminal, options, &heard).await;
    project.tell_apply(&heard, terminal).await;
    Ok(done?.0)
}

/// The same without what comes before and after it; with what the plan says beside its steps.
pub(super) async fn plan_and_do(
    project: &Project,
    terminal: &dyn Terminal,
    options: &Options,
    heard: &Arc<Heard>,
) -> Result<(Outcome, Vec<Note>), Stop> {
    let work = async |locked: &Locked<'_>| work(locked, options, heard).await;
    project
        .locked_and_connected(options.command(), terminal, work)
        .await
}

/// Carries a plan out, and keeps that in the history. `beside` is told right after the start; `refused` counts what was held
/// back of it.
///
/// # Errors
/// When the state cannot be written any more.
pub async fn carry_out(
    plan: &Plan,
    (refused, beside): (usize, &[Event]),
    (parallelism, json): (usize, bool),
    (locked, told): (&Locked<'_>, &Told),
    stop: CancellationToken,
) -> Result<Tally, Stop> {
    let carried = async |see: &See<'_>| {
        let carried = carry_out_unseen(plan, (refused, beside), (parallelism, json), (locked, see), stop);
        carried.await
    };
    match locked.project.history() {
        Ok(history) => history.tell(plan, told, locked.terminal, carried).await,
        Err(_) => carried(&|_: &Event| ()).await,
    }
}

async fn carry_out_unseen(
    plan: &Plan,
    (refused, beside): (usize, &[Event]),
    (parallelism, json): (usize, bool),
    (locked, see): (&Locked<'_>, &See<'_>),
    stop: CancellationToken,
) -> Result<Tally, Stop> {
    let (process, terminal, vendors) = (locked.project.process, locked.terminal, locked.vendors);
    let meter = terminal.meter(Measured::Steps { lines: !json });
    let one = |event: &Event| {
        if json {
            let line = serde_json::to_string(event).expect("an event consists of plain data");
            // A reader that went away does not stop an apply half-way.
            let _ = terminal.document(&format!("{line}\n"));
        }
        meter.event(event);
        see(event);
    };
    let context = Context {
        writers: &vendors.writers,
        readers: &vendors.readers,
        keeper: locked.keeper,
        markets: &vendors.markets,
        undoes: &locked.undoes,
        events: &|event| {
            one(&event);
            if matches!(event, Event::Started { .. }) {
                beside.iter().for_each(one);
            }
        },
        parallelism,
        stop,
        now: &|| process.time(),
        new_intent_id: &|| process.new_id(),
    };
    let tally = apply::run(plan, refused, &context).await;
    meter.finish();
    Ok(tally?)
}

async fn work(
    locked: &Locked<'_>,
    options: &Options,
    heard: &Arc<Heard>,
) -> Result<(Outcome, Vec<Note>), Stop> {
    let terminal = locked.terminal;
    let recoveries = locked.settle().await?;
    let known = locked.keeper.known().await;
    let saved = options.saved.as_ref();
    let selection = saved.map_or_else(
        || options.selection.clone(),
        |saved| Selection::of(&saved.choices),
    );
    let Planned {
        mut plan,
        live,
        unread,
        ..
    } = selection::make(locked, &locked.vendors.readers, &known, &recoveries, &selection).await?;
    let look = locked.look(&known, &live.surveys);
    let decided = crate::history::decided(&plan, &known);
    // What was read and remembered is in the plan by now; of ten thousand surveys it is hundreds of megabytes.
    drop(known);
    // What waits night after night is not shown every night.
    if !options.json && (options.unattended.is_none() || !plan.is_empty()) {
        let style = report::Style {
            given: options.given.clone(),
            takes: locked.project.takes(&plan),
            ..plan_style(terminal, locked.guards, false)
        };
        let text = plan_text::render(&plan, &style);
        // Whoever may be asked about it has to see it.
        let approval = &options.approval;
        let asks = terminal.is_attended()
            && options.unattended.is_none()
            && !approval.yes
            && approval.hashes.is_empty();
        match asks {
            true => terminal.data(&text)?,
            false => terminal.done(&text)?,
        }
    }
    drop(live);
    let standing = check(&plan, options, locked).await?;
    let held_back = |kind: NoteKind| matches!(kind, NoteKind::Refused | NoteKind::Blocked);
    let held_back = plan.notes.iter().filter(|note| held_back(note.kind)).count();
    let mut beside: Vec<Event> = plan.notes.iter().map(Event::from).collect();
    let notes = plan.notes.clone();
    let unapproved = match plan.is_empty() {
        true => Vec::new(),
        false => approve(&mut plan, locked, options)?,
    };
    let refused = held_back + unapproved.len();
    let tells = |note: &&Note| note.kind == NoteKind::Refused && options.unattended.is_none();
    let by_rule = plan.notes.iter().filter(tells);
    heard.held_back(by_rule.map(|note| format!("{}: {}", note.address, note.message)));
    heard.held_back(unapproved.iter().filter_map(|event| match event {
        Event::StepRefused { step, because, .. } => Some(format!("{step}: {because}")),
        _ => None,
    }));
    beside.extend(unapproved);
    let interrupts = options.unattended.is_none().then(|| terminal.interrupts());
    let stop = interrupts.as_ref().map(|interrupts| interrupts.stop.clone());
    let stop = stop.or(options.unattended.clone()).unwrap_or_default();
    let pace = (options.parallelism, options.json);
    if let Some(Standing::Same(_)) = &standing
        && !plan.is_empty()
    {
        let approved = Box::new(approval::of(&plan));
        locked.keeper.commit(vec![Op::Approve { approved }]).await?;
    }
    let told = Told {
        heard: Some(Arc::clone(heard)),
        decided,
        ..match options.unattended {
            Some(_) => Told::approved_before(options.command(), &options.given),
            None => Told::approved(
                options.command(),
                &options.approval,
                saved.is_some(),
                &options.given,
            ),
        }
    };
    let carried = carry_out(&plan, (refused, &beside), pace, (locked, &told), stop.clone());
    let looked = async {
        if let Ok(history) = locked.project.history() {
            history.keep_look(look).await;
        }
    };
    let (steps, ()) = tokio::join!(carried, looked);
    let steps = steps?;
    if let Some(Standing::Same(name) | Standing::Left(name)) = standing
        && plan.held_back.is_empty()
        && steps.failed + steps.skipped == 0
    {
        let used = saved.map(|saved| Op::UseSavedPlan { id: saved.id.clone() });
        let done = used.into_iter().chain([Op::Finish { name }]);
        let noted = locked.keeper.commit(done.collect()).await;
        noted.map_err(|error| Stop::in_part(format!("all was done, and this was not: {error}")))?;
    }
    let told = match options.json || options.unattended.is_some() {
        true => Ok(()),
        false => Stop::unless_told(terminal.done(&conclusion(&plan, &steps))),
    };
    let lists = reconcile(locked, options, &stop).await;
    if !unread.is_empty() {
        return Err(Stop::unread(&unread, steps.done > 0));
    }
    let lists = lists?;
    if steps.calls > 0 {
        told?;
    }
    Ok((Outcome::Applied { steps, lists }, notes))
}

/// How the plan stands to what was approved by name or saved; nothing where neither was.
///
/// # Errors
/// Where it is another plan, and where a saved one was carried out to its end before.
async fn check(plan: &Plan, options: &Options, locked: &Locked<'_>) -> Result<Option<Standing>, Stop> {
    let (approval, saved) = (&options.approval, options.saved.as_ref());
    // Where only outcomes change, their names are enough.
    let only_outcomes = plan.is_empty() && !locked.project.loaded.reconciliations.is_empty();
    if saved.is_none() && (approval.hashes.is_empty() || only_outcomes) {
        return Ok(None);
    }
    let state = locked.keeper.document().await;
    let standing = match saved {
        None => {
            let named = (approval.hashes.as_slice(), approval.reviewed.as_slice());
            Standing::of(plan, named, Some(&state)).or_stale(": nothing was done")?
        }
        Some(saved) => of_saved(saved, plan, &state, &locked.project.loaded.digest)?,
    };
    if let Standing::Left(name) = &standing
        && !plan.is_empty()
    {
        let left = plan.steps.len();
        let name = hash::short(name);
        locked.terminal.status(&format!(
            "plan {name} was begun before: {left} of its steps are left"
        ));
    }
    Ok(Some(standing))
}

/// How the plan stands to a saved one.
fn of_saved(saved: &SavedPlan, plan: &Plan, state: &Document, manifests: &str) -> Result<Standing, Stop> {
    if saved.was_used(state) {
        return Err(
            Stop::stale(format!("the saved plan {} was carried out before", saved.hash))
                .help("a saved plan is carried out once; save a new one with `infield plan --out`"),
        );
    }
    // A state without lineage is one that did not exist when the plan was made.
    let same_state = saved.lineage.is_empty() || saved.lineage == state.lineage;
    let reviewed = [PlanReport::from(&saved.plan)];
    let standing = Standing::of(plan, (std::slice::from_ref(&saved.hash), &reviewed), Some(state));
    let mut moved = match standing {
        Standing::Other(_, moved) => moved,
        standing if same_state => return Ok(standing),
        Standing::Same(_) | Standing::Left(_) => Vec::new(),
    };
    if !same_state {
        moved = vec!["the state is another one (its lineage differs)".to_owned()];
    } else if saved.manifests != manifests {
        moved.insert(0, "the manifests were changed".to_owned());
    }
    Err(Stop::stale(format!(
        "the saved plan {} of {} is stale, and nothing was done:\n  {}",
        saved.hash,
        saved.made,
        moved.join("\n  ")
    ))
    .help("look at `infield plan` and save a new one"))
}

/// Carries out the project's lists of outcomes, after its surveys. What is refused or fails is told, and the rest still
/// runs.
async fn reconcile(
    locked: &Locked<'_>,
    options: &Options,
    stop: &CancellationToken,
) -> Result<Vec<Result<reconcile::run::Tally, Cause>>, Stop> {
    let mut ended = Vec::new();
    // Nobody has approved them.
    if locked.project.loaded.reconciliations.is_empty() || options.unattended.is_some() {
        return Ok(ended);
    }
    let terminal = locked.terminal;
    if options.saved.is_some() {
        terminal.status("a saved plan holds surveys only: reconciliations were left alone");
        return Ok(ended);
    }
    let reconciler = Reconciler::new(locked, &locked.keeper.document().await)?;
    let shown = |plan: &_| (!options.json).then(|| format!("\n{}", reconciler.text(plan, false)));
    for wanted in reconciler.selected(&options.selection) {
        let one = async {
            let plan = reconciler.prepared(wanted, &options.approval, shown).await?;
            reconciler
                .carry_out(&plan, locked.keeper, stop.clone(), options.json)
                .await
        };
        ended.push(one.await.map_err(|stop| {
            terminal.stop(&stop);
            stop.cause
        }));
    }
    Ok(ended)
}

/// Gets the approvals a plan needs; steps that do not get theirs leave the plan and become notes.
pub(super) fn approve(plan: &mut Plan, locked: &Locked<'_>, options: &Options) -> Result<Vec<Event>, Stop> {
    let (terminal, guards, approval) = (locked.terminal, locked.guards, &options.approval);
    if !approval.hashes.is_empty() {
        return Ok(Vec::new());
    }
    let saved = options.saved.is_some();
    if !approval.yes {
        let vendors: BTreeSet<_> = plan.steps.iter().map(|step| step.vendor).collect();
        let places: Vec<String> = vendors
            .into_iter()
            .map(|vendor| locked.vendors.place(vendor))
            .collect();
        let environment = &plan.environment;
        terminal.say(&format!("this is for `{environment}`: {}", places.join(", ")));
    }
    let help = "use --yes, with --allow for the guards you approve, or --approve HASH";
    confirm(
        terminal,
        approval.yes || saved,
        "Apply this plan?",
        "nothing was applied",
        help,
    )?;
    let mut approved: BTreeSet<Guard> = approval.allow.iter().copied().collect();
    if !approval.yes || saved {
        let needed = plan.steps.iter().flat_map(|step| step.guards.iter().copied());
        let open = |guard: &Guard| guards.rule(*guard) == Rule::Ask && !approved.contains(guard);
        let open: BTreeSet<Guard> = needed.filter(open).collect();
        let asked = |guard: &Guard| terminal.ask(&question(plan, *guard)) == Some(true);
        approved.extend(open.into_iter().filter(asked));
    }
    let notes_before = plan.notes.len();
    let left = refuse_unapproved(guards, &approved, plan);
    let why = plan.notes.split_off(notes_before);
    let refused = left.into_iter().zip(why).map(|(step, note)| Event::StepRefused {
        step: step.id,
        address: step.address,
        action: step.action,
        because: note.message,
    });
    Ok(refused.collect())
}

fn conclusion(plan: &Plan, tally: &Tally) -> String {
    if plan.is_empty() && tally.refused == 0 {
        return match plan.remembers() {
            true => "Apply: nothing was sent, and what has changed is remembered.\n".to_owned(),
            false => String::new(),
        };
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
    let how = if tally.interrupted { "Interrupted" } else { "Apply" };
    format!("{how}: {}.\n", parts.join(", "))
}

/// What is at stake, in one question.
fn question(plan: &Plan, guard: Guard) -> String {
    if guard == Guard::Changes {
        let figures: Vec<String> = plan.reach.iter().map(Reach::sentence).collect();
        return format!("Approve `{guard}`: {}?", figures.join("; "));
    }
    let steps: Vec<_> = plan
        .steps
        .iter()
        .filter(|step| step.guards.contains(&guard))
        .collect();
    let names: Vec<&str> = steps.iter().take(5).map(|step| step.address.as_str()).collect();
    let more = match steps.len() {
        ..=5 => String::new(),
        many => format!(" and {} more", many - 5),
    };
    let sums = |part: fn(&Step) -> Option<Money>| {
        let mut purse = Purse::default();
        let added = steps.iter().filter_map(|step| part(step));
        purse.extend(added.filter(|money| money.amount.is_sign_positive()));
        let sums: Vec<String> = purse
            .currencies()
            .map(|currency| purse.of(currency).to_string())
            .collect();
        sums.join(" and ")
    };
    let money = match sums(|step| step.adds_exposure) {
        none if none.is_empty() => none,
        sums => format!(", {sums} at stake"),
    };
    let later = match sums(|step| step.adds_later) {
        none if none.is_empty() => none,
        sums => format!(", and {sums} more with later stages"),
    };
    format!("Approve `{guard}` for {}{more}{money}{later}?", names.join(", "))
}
