//! Takes surveys out of field at once and keeps them there. Needs the state and the accounts, not the manifests, and not
//! the lock: an apply that has it reads the stop mark before it puts anything in field.

mod many;

use super::apply::{PARALLELISM, carry_out};
use super::approval::confirm;
use super::history::Told;
use super::project::SANDBOX;
use super::selection::means_nothing;
use super::{Cause, Connected, Locked, Outcome, Project, Stop, Terminal};
use crate::apply::Tally;
use crate::freeze::{self, Frozen, Request};
use crate::model::stops::Freeze;
use crate::model::{Address, Known, Money, Named, Pattern, Stops};
use crate::plan::Plan;
use crate::state::{Aside, Document, Keeper, StateError, Store};
use std::sync::Arc;

/// Pauses what is in field and has one of these names, and leaves a mark that keeps it out of field; all where there are no
/// names.
///
/// # Errors
/// When it is not wanted, when a name means nothing, or not everything could be read.
pub async fn run(
    project: &Project,
    terminal: &dyn Terminal,
    names: &[String],
    yes: bool,
) -> Result<Outcome, Stop> {
    let document = project.peek().await?;
    let known = document.known();
    let (patterns, missing) = meant(project, &known, names)?;
    for stop in &missing {
        terminal.stop(stop);
    }
    let store = project.place()?.store;
    let mark = Mark {
        project,
        store: &*store,
        patterns: &patterns,
    };
    // It is left before anything is looked at: what goes in field later than that is taken out by whoever puts it there.
    let early = match yes {
        true => Some(mark.leave().await),
        false => None,
    };
    let work = async |at: &Connected<'_>| {
        let request = request(at, &known);
        if !yes {
            let Frozen { plan, .. } = freeze::make_plan(&request, &freeze::meant(&known, &patterns)).await;
            show(&plan, terminal)?;
            confirm(terminal, yes, "Freeze these?", "nothing was paused", "use --yes")?;
        }
        let marked = match early {
            Some(marked) => marked,
            None => mark.leave().await,
        };
        if let Err(error) = &marked {
            terminal.say(&format!(
                "the stop mark could not be left ({error}): pausing all the same"
            ));
        }
        let aside = aside(&document, project).await?;
        let locked = Locked::over(at, &aside);
        let telling = Told::command("freeze");
        let interrupts = terminal.interrupts();
        let (mut steps, mut unread, mut some, mut broken) = (Tally::default(), Vec::new(), false, None);
        for batch in freeze::batches(&request, &patterns) {
            let frozen = freeze::make_plan(&request, &batch).await;
            // What cannot be told or written keeps nothing in field.
            let told = match yes {
                true => show(&frozen.plan, terminal),
                false => Ok(()),
            };
            if let Ok((id, _)) = &marked
                && let Err(error) = mark.note(id, &frozen).await
            {
                terminal.say(&format!("what is paused could not be written down: {error}"));
            }
            some |= !frozen.plan.is_empty();
            let pause = async |plan: &Plan| {
                let (pace, stop) = ((PARALLELISM.into(), false), interrupts.stop.clone());
                match plan.is_empty() {
                    true => Ok(Tally::default()),
                    false => carry_out(plan, (0, &[]), pace, (&locked, &telling), stop).await,
                }
            };
            let carried = many::pause((&request, &frozen), &locked, &pause).await;
            let why = |(address, why): (&Address, &String)| format!("{address}: {why}");
            unread.extend(frozen.unread.iter().map(why));
            match carried.and_then(|tally| told.map(|()| tally)) {
                Ok(tally) => steps += tally,
                Err(error) => broken = broken.or(Some(error)),
            }
            if steps.interrupted {
                break;
            }
        }
        if let Some(error) = broken {
            return Err(error);
        }
        if !some {
            terminal.status("nothing in field matches");
        }
        // Where something is paused, that is told.
        if let (false, Ok((_, true)), Ok(history)) = (some, &marked, project.history()) {
            history.tell_said("freeze", vec![mark.stands()], terminal).await;
        }
        // Whoever has the lock next remembers it otherwise.
        let folded = project
            .locked("freeze", (terminal, None), async |_: &Keeper| Ok(()))
            .await;
        if let Err(stop) = folded
            && !matches!(stop.cause, Cause::Stale)
        {
            terminal.stop(&stop);
        }
        let acted = some && steps.failed + steps.skipped == 0;
        match marked {
            Ok(_) => terminal.status(&mark.stands()),
            Err(error) => {
                let stop = Stop::failed(format!("no stop mark was left: {error}"));
                return Err(stop.help("an apply may put back in field what was paused"));
            }
        }
        if !unread.is_empty() {
            return Err(Stop::unread(&unread, acted));
        }
        if !missing.is_empty() {
            return Err(Stop::said(Cause::Unread { acted: true }));
        }
        let lists = Vec::new();
        Ok(Outcome::Applied { steps, lists })
    };
    project.connected(terminal, work).await
}

/// Whoever stops or resumes everything and forgets to say where must not read that all is well.
pub(super) fn nothing_remembered(project: &Project, so: &str) -> Stop {
    let environment = &project.environment;
    let nothing = format!("nothing is remembered of the environment `{environment}`: {so}");
    Stop::usage(nothing).help(elsewhere(project))
}

/// Where else to look.
fn elsewhere(project: &Project) -> String {
    let others = project.others();
    match project.environment == SANDBOX && !others.is_empty() {
        true => format!("say where: --env {}", others.join(" or --env ")),
        false => "see `infield state list`".to_owned(),
    }
}

/// What the names mean, and what is said of those that mean nothing, where others mean something.
fn meant(project: &Project, known: &Known, names: &[String]) -> Result<(Vec<Pattern>, Vec<Stop>), Stop> {
    let all: Vec<Named<'_>> = known.named().collect();
    if all.is_empty() {
        return Err(nothing_remembered(project, "nothing was paused"));
    }
    let otherwise = elsewhere(project);
    if names.is_empty() {
        return Ok((vec![Pattern::everything()], Vec::new()));
    }
    let patterns = names.iter().map(|name| Pattern::new(name));
    let means = |pattern: &Pattern| all.iter().any(|named| pattern.means(named));
    let (patterns, nothing): (Vec<_>, Vec<_>) = patterns.partition(means);
    let mut missing = nothing
        .iter()
        .map(|pattern| means_nothing(pattern, &all, "freeze", &otherwise));
    if patterns.is_empty() {
        let first = missing.next().unwrap_or_else(|| Stop::usage("there is no name"));
        return Err(first);
    }
    let missing = missing.collect();
    Ok((patterns, missing))
}

/// What plans from the state alone are made with.
pub(super) fn request<'a>(at: &'a Connected<'_>, known: &'a Known) -> Request<'a> {
    Request {
        environment: &at.project.environment,
        known,
        readers: &at.vendors.readers,
        markets: &at.vendors.markets,
        now: at.vendors.now(at.project.process),
    }
}

/// Tells what is about to be done, and the money of it.
///
/// # Errors
/// When it cannot be told.
pub(super) fn show(plan: &Plan, terminal: &dyn Terminal) -> Result<(), Stop> {
    for step in &plan.steps {
        let saved = step.adds_exposure.map(|money| Money {
            amount: money.amount.abs(),
            ..money
        });
        let saved = saved.map_or_else(String::new, |money| format!(", {money} at stake"));
        terminal.data(&format!("{} {}{saved}\n", step.action, step.address))?;
    }
    Ok(())
}

/// The state as it was read, to work with while somebody else may have the lock.
async fn aside(document: &Document, project: &Project) -> Result<Keeper, Stop> {
    let copy = Arc::new(Aside(document.clone()));
    Ok(Keeper::open(copy, &project.environment, document.lineage.clone()).await?)
}

/// The stop mark of this freeze.
struct Mark<'a> {
    project: &'a Project,
    store: &'a dyn Store,
    patterns: &'a [Pattern],
}

impl Mark<'_> {
    /// Leaves it, and gives its id: that of the same freeze, where it stands already. Whether it is a new one.
    async fn leave(&self) -> Result<(String, bool), StateError> {
        let process = self.project.process;
        let freeze = Freeze {
            id: process.new_id(),
            at: process.time(),
            by: process.holder("freeze").owner,
            patterns: self.patterns.to_vec(),
            thawed: Vec::new(),
            paused: Vec::new(),
        };
        let same = |other: &&Freeze| other.patterns == freeze.patterns && other.thawed.is_empty();
        let leave = |stops: &mut Stops| {
            if !stops.freezes.iter().any(|other| same(&other)) {
                stops.freezes.push(freeze.clone());
            }
        };
        let stops = self.store.change_stops(&leave).await?;
        let standing = stops.freezes.iter().find(same);
        let id = standing.map_or(&freeze.id, |standing| &standing.id);
        Ok((id.clone(), *id == freeze.id))
    }

    /// Writes down what is about to be paused, for whoever thaws it.
    async fn note(&self, id: &str, frozen: &Frozen) -> Result<(), StateError> {
        if frozen.paused.is_empty() {
            return Ok(());
        }
        let note = |stops: &mut Stops| {
            let Some(freeze) = stops.freezes.iter_mut().find(|freeze| freeze.id == id) else {
                return;
            };
            for paused in &frozen.paused {
                freeze
                    .paused
                    .retain(|other| (other.vendor, &other.id) != (paused.vendor, &paused.id));
                freeze.paused.push(paused.clone());
            }
        };
        self.store.change_stops(&note).await.map(drop)
    }

    fn stands(&self) -> String {
        let names: Vec<String> = self
            .patterns
            .iter()
            .map(|pattern| format!("'{pattern}'"))
            .collect();
        let names = match names.as_slice() {
            [all] if all == "'*'" => String::new(),
            names => format!(" {}", names.join(" ")),
        };
        format!("nothing of it goes in field before `infield thaw{names}`")
    }
}
