//! In which order the shares of a study move: nobody gets more before somebody else can collect less.

use super::Settled;
use crate::model::{Address, Reading, Resource, Status};
use crate::plan::collected::{self, goal};
use crate::plan::drop::drop_steps;
use crate::plan::inputs::Inputs;
use crate::plan::note::Note;
use crate::plan::step::{Action, Plan, Step};
use std::collections::{BTreeMap, BTreeSet};

/// How many completes may come in at an address, with the steps of a plan and without them.
struct Room {
    before: u64,
    after: u64,
}

/// Whether a step may let more come in. What takes something out of field waits for nobody.
fn adds(step: &Step) -> bool {
    !matches!(step.action, Action::Pause | Action::Close | Action::Forget)
}

/// Orders the steps of shared surveys. A step that raises one marketplace's share waits for the steps that lower the
/// shares of others, and is held back where the sum would be too high.
pub(in crate::plan) fn order(inputs: &Inputs<'_>, settled: &Settled, plan: &mut Plan) {
    for shared in &settled.shared {
        let rooms: Vec<(&Address, Room)> = shared
            .parts
            .iter()
            .map(|address| {
                (
                    address,
                    room(inputs, plan, address, shared.spent.contains(address)),
                )
            })
            .collect();
        let left: u64 = shared
            .left
            .iter()
            .map(|address| remains(inputs, plan, address))
            .sum();
        let sum: u64 = rooms.iter().map(|(_, room)| room.after).sum::<u64>() + left;
        let raised: BTreeSet<&Address> = rooms
            .iter()
            .filter(|(_, room)| room.after > room.before)
            .map(|(address, _)| *address)
            .collect();
        if sum > shared.whole && !raised.is_empty() {
            let whole = shared.whole;
            drop_steps(plan, |step| {
                let adds = adds(step) && raised.contains(&step.address);
                let message = format!(
                    "{} is held back: with what the other marketplaces may still collect, it would make {sum} of \
                     {whole} completes",
                    step.action
                );
                let help = "look at why the others are not changed, and plan all of them together";
                adds.then(|| Note::blocked(&step.address, message).help(help))
            });
            continue;
        }
        let lowering: Vec<String> = plan
            .steps
            .iter()
            .filter(|step| {
                let lowered = rooms
                    .iter()
                    .any(|(address, room)| **address == step.address && room.after < room.before);
                let out = shared.left.contains(&step.address)
                    && matches!(step.action, Action::Pause | Action::Close);
                // Made anew with less, the old one counts until it is closed.
                let stops = shared.spent.contains(&step.address) && step.action == Action::Pause;
                out || (lowered && (stops || matches!(step.action, Action::Update | Action::Close)))
            })
            .map(|step| step.id.clone())
            .collect();
        for step in plan
            .steps
            .iter_mut()
            .filter(|step| adds(step) && raised.contains(&step.address))
        {
            step.depends_on.extend(lowering.iter().cloned());
        }
    }
    sort(&mut plan.steps);
}

/// How many completes may come in at a marketplace of the manifest. One for which nothing is left, and that is out of field
/// then, has collected nothing and collects nothing.
fn room(inputs: &Inputs<'_>, plan: &Plan, address: &Address, spent: bool) -> Room {
    let wanted = inputs.desired.surveys.get(address);
    let wanted = wanted.map_or(0, |survey| goal(&survey.spec));
    let steps = || plan.steps.iter().filter(|step| step.address == *address);
    let before = match inputs.live.surveys.get(address) {
        Some(Reading::Present(live)) if live.status == Some(Status::Closed) => {
            live.fielded.unwrap_or_else(|| goal(&live.spec))
        }
        Some(Reading::Present(live)) => goal(&live.spec),
        Some(Reading::Absent { .. }) => 0,
        // It may be there, and may collect what it was last given.
        Some(Reading::Unknown { .. }) | None => applied(inputs, address),
    };
    let writes = |step: &Step| {
        matches!(step.action, Action::Create | Action::Replace)
            || step.changes.iter().any(|change| change.path == "/completes")
    };
    let stops = |step: &Step| matches!(step.action, Action::Pause | Action::Close);
    let out = match inputs.live.surveys.get(address) {
        Some(Reading::Present(live)) => live.status.is_some_and(|status| status != Status::Live),
        _ => false,
    };
    let (earlier, _) = collected::earlier(inputs, address);
    let after = if spent && (out || steps().any(stops)) {
        0
    } else if steps().any(writes) {
        wanted
    } else {
        before
    };
    let before = if spent && out { 0 } else { before };
    Room {
        before: before + earlier.completes,
        after: after + earlier.completes,
    }
}

/// How many completes may come in at a marketplace that the manifest does not name any more.
fn remains(inputs: &Inputs<'_>, plan: &Plan, address: &Address) -> u64 {
    let Some(Reading::Present(live)) = inputs.live.surveys.get(address) else {
        return applied(inputs, address);
    };
    let stopped = plan
        .steps
        .iter()
        .any(|step| step.address == *address && matches!(step.action, Action::Pause | Action::Close));
    let collected = live.fielded.unwrap_or_else(|| match live.status {
        Some(Status::Draft) => 0,
        _ => goal(&live.spec),
    });
    if live.status == Some(Status::Live) && !stopped {
        goal(&live.spec).max(collected)
    } else {
        collected
    }
}

fn applied(inputs: &Inputs<'_>, address: &Address) -> u64 {
    let known = inputs.known.resources.get(address).and_then(Resource::survey);
    known.map_or(0, |survey| goal(&survey.applied))
}

/// Lets steps of a plan wait for others, by their ids, and orders them so; also those that are held back.
pub(in crate::plan) fn wait(plan: &mut Plan, waits: &[(String, String)]) {
    if waits.is_empty() {
        return;
    }
    let mut before: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    for (waiting, id) in waits {
        before.entry(waiting).or_default().push(id);
    }
    for step in plan.steps.iter_mut().chain(&mut plan.held_back) {
        let ids = before.get(step.id.as_str()).into_iter().flatten();
        step.depends_on.extend(ids.copied().cloned());
    }
    sort(&mut plan.steps);
}

/// Puts steps behind what they wait for, and leaves them as they are otherwise.
pub(in crate::plan) fn sort(steps: &mut Vec<Step>) {
    let index_of: BTreeMap<&str, usize> = steps
        .iter()
        .enumerate()
        .map(|(index, step)| (step.id.as_str(), index))
        .collect();
    let mut waits = vec![0_usize; steps.len()];
    let mut dependants: Vec<Vec<usize>> = vec![Vec::new(); steps.len()];
    for (index, step) in steps.iter().enumerate() {
        for before in step.depends_on.iter().filter_map(|id| index_of.get(id.as_str())) {
            waits[index] += 1;
            dependants[*before].push(index);
        }
    }
    let mut ready: BTreeSet<usize> = (0..steps.len()).filter(|index| waits[*index] == 0).collect();
    let mut order = Vec::with_capacity(steps.len());
    while let Some(index) = ready.pop_first() {
        order.push(index);
        for next in &dependants[index] {
            waits[*next] -= 1;
            if waits[*next] == 0 {
                ready.insert(*next);
            }
        }
    }
    let mut taken: Vec<Option<Step>> = std::mem::take(steps).into_iter().map(Some).collect();
    steps.extend(order.into_iter().filter_map(|index| taken[index].take()));
    // In a circle nothing is ready; the audit refuses such a plan.
    steps.extend(taken.into_iter().flatten());
}
