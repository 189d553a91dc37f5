//! Undoes freezes: resumes what they paused, nothing else, and takes the stop mark away.

use super::apply::{self, Options, PARALLELISM, carry_out};
use super::freeze::{nothing_remembered, request, show};
use super::history::Told;
use super::reconciler::Approval;
use super::selection::means_nothing;
use super::{Locked, Outcome, Project, Selection, Stop, Terminal};
use crate::apply::Event;
use crate::freeze::{self, Thawed};
use crate::model::stops::{Freeze, Paused};
use crate::model::{Desired, Known, Named, Pattern, Stops};
use crate::plan::{Choices, Inputs, NoteKind, keep_rules};
use std::collections::BTreeSet;

/// Resumes what was paused by freezes that hold what has one of these names, and lets it go in field again; all of it where
/// there are no names.
///
/// # Errors
/// When a name means nothing, when it is not wanted, or not everything could be read.
pub async fn run(
    project: &Project,
    terminal: &dyn Terminal,
    names: &[String],
    approval: Approval,
) -> Result<Outcome, Stop> {
    let patterns: Vec<Pattern> = names.iter().map(|name| Pattern::new(name)).collect();
    let work = async |locked: &Locked<'_>| {
        let mut locked = Locked::over(locked, locked.keeper);
        let stops = locked.keeper.stops().await?;
        let known = locked.keeper.known().await;
        if known.named().next().is_none() && stops.is_empty() {
            return Err(nothing_remembered(project, "nothing was thawed"));
        }
        for pattern in &patterns {
            check(pattern, &known, &stops)?;
        }
        let undone: Vec<Undone<'_>> = stops
            .freezes
            .iter()
            .filter_map(|freeze| Undone::of(freeze, &patterns, &known))
            .collect();
        if undone.is_empty() {
            terminal.status("nothing of that is frozen");
            return Ok(Outcome::Done);
        }
        locked.undoes = undone.iter().map(|undone| undone.freeze.id.clone()).collect();
        let mut paused: Vec<Paused> = Vec::new();
        for one in undone.iter().flat_map(|undone| &undone.paused) {
            if !paused
                .iter()
                .any(|other| (other.vendor, &other.id) == (one.vendor, &one.id))
            {
                paused.push(one.clone());
            }
        }
        let options = Options {
            selection: Selection::default(),
            saved: None,
            approval,
            parallelism: PARALLELISM.into(),
            json: false,
            given: Vec::new(),
            unattended: None,
        };
        let (steps, left, unread) = resume(&locked, &known, &paused, &options).await?;
        let end = |stops: &mut Stops| undone.iter().for_each(|undone| undone.end(stops, &left));
        locked.keeper.change_stops(&end).await?;
        // Where something is resumed, that is told.
        if let (0, true, Ok(history)) = (steps.done, left.is_empty(), project.history()) {
            history.tell_said("thaw", vec![ended(&patterns)], terminal).await;
        }
        if left.is_empty() {
            terminal.status(&ended(&patterns));
        } else {
            terminal.status("what was not resumed stays frozen");
        }
        if !unread.is_empty() {
            return Err(Stop::unread(&unread, steps.done > 0));
        }
        let lists = Vec::new();
        Ok(Outcome::Applied { steps, lists })
    };
    project.locked_and_connected("thaw", terminal, work).await
}

fn ended(patterns: &[Pattern]) -> String {
    let names: Vec<&str> = patterns.iter().map(Pattern::as_str).collect();
    match names.is_empty() {
        true => "nothing is frozen any more".to_owned(),
        false => format!("no longer frozen: {}", names.join(", ")),
    }
}

/// Refuses a name that means neither something that is remembered nor a name that was frozen.
fn check(pattern: &Pattern, known: &Known, stops: &Stops) -> Result<(), Stop> {
    let all: Vec<Named<'_>> = known.named().collect();
    let frozen = stops.freezes.iter().flat_map(|freeze| &freeze.patterns);
    if all.iter().any(|named| pattern.means(named)) || frozen.clone().any(|other| other == pattern) {
        return Ok(());
    }
    let names: Vec<String> = frozen.map(|pattern| format!("'{pattern}'")).collect();
    let otherwise = match names.is_empty() {
        true => "nothing is frozen".to_owned(),
        false => format!("frozen is {}", names.join(" and ")),
    };
    Err(means_nothing(pattern, &all, "thaw", &otherwise))
}

/// A freeze that is undone, wholly or in part.
struct Undone<'a> {
    freeze: &'a Freeze,
    whole: bool,
    patterns: &'a [Pattern],
    paused: Vec<Paused>,
}

impl<'a> Undone<'a> {
    /// What the patterns undo of a freeze; all of it where there are none.
    fn of(freeze: &'a Freeze, patterns: &'a [Pattern], known: &Known) -> Option<Self> {
        let whole = patterns.is_empty() || freeze.patterns.iter().all(|pattern| patterns.contains(pattern));
        let meant = |named: &Named<'_>| patterns.iter().any(|pattern| pattern.means(named));
        let held = |named: &Named<'_>| {
            let id = known
                .resources
                .get(named.address)
                .map(|resource| resource.id.as_str());
            meant(named) && freeze.holds(named, id)
        };
        let none = BTreeSet::new();
        let then = |paused: &Paused| {
            let named = Named {
                address: &paused.address,
                vendor: Some(paused.vendor),
                tags: &none,
            };
            let now = known.paused(paused);
            meant(&named) || now.is_some_and(|(address, resource)| meant(&resource.named(address)))
        };
        // What holds a group is paused with it, and the group goes back only below what is in field.
        let leads = |paused: &Paused| {
            let inside = |other: &&Paused| other.address.parent().as_ref() == Some(&paused.address);
            freeze.paused.iter().filter(inside).any(then)
        };
        let paused = freeze
            .paused
            .iter()
            .filter(|paused| whole || then(paused) || leads(paused));
        let paused: Vec<Paused> = paused.cloned().collect();
        (whole || !paused.is_empty() || known.named().any(|named| held(&named))).then_some(Self {
            freeze,
            whole,
            patterns,
            paused,
        })
    }

    /// Takes it out of the mark, but for what is `left` as it was.
    fn end(&self, stops: &mut Stops, left: &[Paused]) {
        let Some(at) = stops.freezes.iter().position(|other| other.id == self.freeze.id) else {
            return;
        };
        let freeze = &mut stops.freezes[at];
        let stays = self.paused.iter().any(|paused| left.contains(paused));
        freeze
            .paused
            .retain(|paused| !self.paused.contains(paused) || left.contains(paused));
        match (stays, self.whole) {
            (true, _) => {}
            (false, true) if freeze.paused.is_empty() => drop(stops.freezes.remove(at)),
            // It has caught something since.
            (false, true) => freeze.patterns.clear(),
            (false, false) => freeze.thawed.extend(self.patterns.iter().cloned()),
        }
    }
}

/// Resumes, behind the guards of an apply. Gives how it went, what is still as the freeze left it, and what was not read.
async fn resume(
    locked: &Locked<'_>,
    known: &Known,
    paused: &[Paused],
    options: &Options,
) -> Result<(crate::apply::Tally, Vec<Paused>, Vec<String>), Stop> {
    let terminal = locked.terminal;
    let request = request(locked, known);
    let Thawed {
        mut plan,
        live,
        settled,
        unread,
    } = freeze::make_thaw(&request, paused).await;
    let (desired, choices) = (Desired::default(), Choices::default());
    let inputs = Inputs {
        environment: request.environment,
        desired: &desired,
        known,
        live: &live,
        guards: locked.guards,
        choices: &choices,
        markets: request.markets,
    };
    keep_rules(&inputs, &mut plan);
    for (paused, why) in &settled {
        terminal.status(&format!("{} is not resumed: {why}", paused.address));
    }
    show(&plan, terminal)?;
    for note in &plan.notes {
        terminal.say(&format!("{}: {}", note.address, note.message));
    }
    let refused = |kind: NoteKind| matches!(kind, NoteKind::Refused | NoteKind::Blocked);
    let held_back = plan.notes.iter().filter(|note| refused(note.kind)).count();
    let unapproved = match plan.is_empty() {
        true => Vec::new(),
        false => apply::approve(&mut plan, locked, options)?,
    };
    let mut beside: Vec<Event> = plan.notes.iter().map(Event::from).collect();
    let held_back = held_back + unapproved.len();
    beside.extend(unapproved);
    let interrupts = terminal.interrupts();
    let (pace, stop) = ((options.parallelism, false), interrupts.stop.clone());
    let told = Told::approved("thaw", &options.approval, false, &[]);
    let steps = carry_out(&plan, (held_back, &beside), pace, (locked, &told), stop).await?;
    let mut left = Vec::new();
    if steps.failed + steps.skipped + steps.refused > 0 || !unread.is_empty() {
        let again = freeze::make_thaw(&request, paused).await;
        let goes = |paused: &&Paused| !again.settled.iter().any(|(settled, _)| settled == *paused);
        left.extend(paused.iter().filter(goes).cloned());
    }
    Ok((steps, left, unread))
}
