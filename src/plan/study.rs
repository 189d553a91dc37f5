//! One survey at several marketplaces: what each gets in view of what all have collected, and in which order shares move.
//!
//! Promises: what all marketplaces together may still collect never exceeds what the manifest wants, whatever fails in
//! between; none goes below what it has collected; a survey that is fielded at one more marketplace is not made twice at
//! the first.

use super::diff::{Memory, filled, matched};
use super::drift::in_codes;
use super::drop::drop_steps;
use super::inputs::Inputs;
use super::note::Note;
use super::step::{Action, Plan, Step};
use crate::model::study::{Collected, Lot};
use crate::model::{
    Address, Desired, DesiredSurvey, Field, Known, LiveSurvey, Reading, Resource, ResourceKind, Status,
    Study, SurveySpec, VendorId,
};
use std::collections::{BTreeMap, BTreeSet};

#[cfg(test)]
mod tests;

/// Old and new addresses of surveys, and of creates whose outcome is open, that have another address now: their manifest
/// names more or fewer marketplaces than before.
pub fn moves(desired: &Desired, known: &Known) -> Vec<(Address, Address)> {
    let surveys = known
        .resources
        .iter()
        .filter(|(_, resource)| matches!(resource.kind, ResourceKind::Survey(_)))
        .map(|(address, resource)| (address, resource.vendor));
    let open = known.intents.values();
    let remembered: BTreeMap<&Address, VendorId> = open
        .map(|intent| (&intent.address, intent.vendor))
        .chain(surveys)
        .collect();
    let moved = |(from, vendor): (&Address, VendorId)| {
        let to = match from.vendor() {
            Some(_) => from.alone(),
            None => place(from.manifest(), vendor, from.group_name()),
        };
        let wanted = desired.surveys.get(&to)?;
        let free = wanted.vendor == vendor && !known.resources.contains_key(&to);
        free.then(|| (from.clone(), to))
    };
    remembered.into_iter().filter_map(moved).collect()
}

/// The address at one of several marketplaces.
fn place(manifest: &str, vendor: VendorId, group: Option<&str>) -> Address {
    let survey = Address::at(manifest, vendor);
    match group {
        Some(group) => Address::group(survey.as_str(), group),
        None => survey,
    }
}

/// The wanted surveys, with shares adjusted to what each marketplace has collected.
pub(super) struct Settled {
    pub(super) desired: Desired,
    pub(super) notes: Vec<Note>,
    shared: Vec<Shared>,
}

/// A lot that marketplaces share, as it is wanted now.
struct Shared {
    /// What all of them may collect.
    whole: u64,
    /// Where each fields it.
    parts: Vec<Address>,
    /// Where it was fielded, by marketplaces that the manifest does not name any more.
    left: Vec<Address>,
}

/// Divides the completes of shared surveys anew, in view of what each marketplace has collected. `None` where nothing is
/// shared.
pub(super) fn settle(inputs: &Inputs<'_>) -> Option<Settled> {
    let studies = studies(inputs);
    if studies.is_empty() {
        return None;
    }
    let mut settled = Settled {
        desired: inputs.desired.clone(),
        notes: Vec::new(),
        shared: Vec::new(),
    };
    for (name, study) in &studies {
        for (lot_name, lot) in &study.lots {
            settle_lot(inputs, name, study, lot_name, lot, &mut settled);
        }
    }
    Some(settled)
}

/// The studies of the manifests, and surveys that are fielded at one marketplace now and were at others before.
fn studies(inputs: &Inputs<'_>) -> BTreeMap<Address, Study> {
    let mut studies = inputs.desired.studies.clone();
    let known = inputs.known.resources.keys();
    let shared: BTreeSet<Address> = known
        .filter(|address| address.vendor().is_some())
        .map(|address| Address::survey(address.manifest()))
        .collect();
    for name in shared {
        let Some(survey) = inputs.desired.surveys.get(&name) else {
            continue;
        };
        let vendor = survey.vendor;
        let lots = if vendor.has_groups() {
            let surveys = inputs.desired.surveys.iter();
            let lot = |(other, group): (&Address, &DesiredSurvey)| {
                let inside = other.parent().as_ref() == Some(&name);
                inside.then(|| {
                    (
                        other.group_name().unwrap_or_default().to_owned(),
                        Lot::of(&group.spec),
                    )
                })
            };
            surveys.filter_map(lot).collect()
        } else {
            [(Study::ONLY.to_owned(), Lot::of(&survey.spec))].into()
        };
        let study = Study {
            shares: [(vendor, rust_decimal::Decimal::ONE_HUNDRED)].into(),
            own_quotas: BTreeSet::new(),
            lots,
        };
        studies.insert(name, study);
    }
    studies
}

fn settle_lot(
    inputs: &Inputs<'_>,
    name: &Address,
    study: &Study,
    lot_name: &str,
    lot: &Lot,
    settled: &mut Settled,
) {
    let Some(whole) = lot.completes else { return };
    let alone = inputs.desired.surveys.contains_key(name);
    let at = |vendor: VendorId| {
        let group = vendor.has_groups().then_some(lot_name);
        let address = place(name.as_str(), vendor, group);
        if alone { address.alone() } else { address }
    };
    let parts: BTreeMap<VendorId, Address> =
        study.shares.keys().map(|vendor| (*vendor, at(*vendor))).collect();
    let by_share = lot.divide(&study.shares, &BTreeMap::new(), &Collected::default());
    let share = |vendor: &VendorId| by_share.get(vendor).and_then(|portion| portion.completes);
    let mut collected = BTreeMap::new();
    for (vendor, address) in &parts {
        let Some(here) = so_far(inputs, address) else {
            continue;
        };
        let had = here.collected.completes;
        if !here.told && share(vendor).is_some_and(|share| share < had) {
            let name = vendor.name();
            let message = format!(
                "{name} does not say how many completes it has collected, so its {had} wanted so far count as collected"
            );
            settled
                .notes
                .push(Note::advice(address, message).at("/completes"));
        }
        collected.insert(*vendor, here.collected);
    }
    let mut elsewhere = Collected::default();
    let mut left = Vec::new();
    for (vendor, address) in remembered_at(inputs, name, lot_name) {
        if parts.contains_key(&vendor) {
            continue;
        }
        if let Some(here) = so_far(inputs, &address).filter(|here| here.collected.completes > 0) {
            let message = format!(
                "{} completes were collected at {}, which the manifest does not name any more; they count for the {whole} \
                 wanted",
                here.collected.completes,
                vendor.name()
            );
            settled.notes.push(Note::advice(name, message));
            elsewhere.completes += here.collected.completes;
            for (quota, completes) in here.collected.quotas {
                *elsewhere.quotas.entry(quota).or_default() += completes;
            }
        }
        left.push(address);
    }
    let now = lot.divide(&study.shares, &collected, &elsewhere);
    for (vendor, portion) in &now {
        let Some(address) = parts.get(vendor) else {
            continue;
        };
        if portion.completes == Some(0) {
            nothing_left(inputs, address, whole, settled);
            continue;
        }
        if let Some(survey) = settled.desired.surveys.get_mut(address) {
            portion.write(&mut survey.spec, study.own_quotas.contains(vendor));
        }
        let had = collected.get(vendor).map_or(0, |collected| collected.completes);
        if let Some(share) = share(vendor).filter(|share| *share < had && portion.completes == Some(had)) {
            let message = format!(
                "its share is {share} of {whole} completes, and {had} are collected; it keeps those, and the others get \
                 less"
            );
            settled
                .notes
                .push(Note::advice(address, message).at("/completes"));
        }
    }
    settled.shared.push(Shared {
        whole,
        parts: parts.into_values().collect(),
        left,
    });
}

/// Addresses of a lot in the state, each with its marketplace: both among several marketplaces and at a single one.
fn remembered_at(inputs: &Inputs<'_>, name: &Address, lot_name: &str) -> Vec<(VendorId, Address)> {
    let mut places = Vec::new();
    for vendor in VendorId::all().iter().copied() {
        let address = place(name.as_str(), vendor, vendor.has_groups().then_some(lot_name));
        places.extend([address.alone(), address].map(|address| (vendor, address)));
    }
    places.retain(|(vendor, address)| {
        let known = inputs.known.resources.get(address);
        known.is_some_and(|resource| resource.vendor == *vendor)
    });
    places
}

/// Takes a marketplace out that has no completes left to collect, because the others have or may collect all of them. Its
/// survey is not made; one that exists is paused.
fn nothing_left(inputs: &Inputs<'_>, address: &Address, whole: u64, settled: &mut Settled) {
    let why = format!(
        "nothing of the {whole} completes is left for it: the other marketplaces have, or may collect, all of them"
    );
    if inputs.known.resources.contains_key(address) {
        if let Some(survey) = settled.desired.surveys.get_mut(address) {
            survey.spec.completes = Field::Absent;
            survey.spec.quotas = Field::Absent;
            if survey.status() == Some(Status::Live) {
                survey.spec.status = Field::Set(Status::Paused);
            }
        }
        settled
            .notes
            .push(Note::advice(address, format!("{why}; it is not in field")));
        return;
    }
    settled.desired.surveys.remove(address);
    if let Some(survey) = address.parent() {
        let others = settled
            .desired
            .surveys
            .keys()
            .any(|other| other.parent().as_ref() == Some(&survey));
        // What exists is not taken away: its manifest is there.
        if !others && !inputs.known.resources.contains_key(&survey) {
            settled.desired.surveys.remove(&survey);
        }
    }
    let note = Note::blocked(address, format!("{why}; it is not made"));
    settled
        .notes
        .push(note.help("raise `completes` in the manifest, or remove this marketplace"));
}

/// What a marketplace has collected.
struct SoFar {
    collected: Collected,
    /// Whether it says so; otherwise what it may collect counts.
    told: bool,
}

fn so_far(inputs: &Inputs<'_>, address: &Address) -> Option<SoFar> {
    let live = inputs.live.surveys.get(address)?.present()?;
    let renamed = renamed(inputs, address, live);
    let was_in_field = !matches!(live.status, Some(Status::Draft));
    let told = live.fielded.is_some() || !was_in_field;
    let quotas = live.quotas.iter().filter_map(|quota| {
        let completes = if told { quota.fielded? } else { quota.completes };
        Some((renamed.get(&quota.id).cloned().or(quota.name.clone())?, completes))
    });
    let completes = live.fielded.unwrap_or(if told { 0 } else { goal(&live.spec) });
    let collected = Collected {
        completes,
        quotas: quotas.collect(),
    };
    Some(SoFar { collected, told })
}

/// New names of quotas that have another one at the vendor, by the vendor's ids.
fn renamed(inputs: &Inputs<'_>, address: &Address, live: &LiveSurvey) -> BTreeMap<String, String> {
    let (Some(desired), Some(known)) = (inputs.desired.surveys.get(address), inputs.known.survey(address))
    else {
        return BTreeMap::new();
    };
    let desired = in_codes(inputs, address, desired);
    let memory = Memory::unsure(desired.vendor, known).moving(&desired.moved_quotas);
    let wanted = &desired.spec.quotas;
    let filled = filled(&live.quotas, wanted, memory);
    let quotas = wanted.value().into_iter().flatten();
    let found = quotas.zip(matched(wanted, memory, &filled));
    found
        .filter_map(|(quota, live)| Some((live?.id.clone(), quota.name.clone())))
        .collect()
}

fn goal(spec: &SurveySpec) -> u64 {
    spec.completes.value().copied().unwrap_or(0)
}

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
pub(super) fn order(inputs: &Inputs<'_>, settled: &Settled, plan: &mut Plan) {
    for shared in &settled.shared {
        let rooms: Vec<(&Address, Room)> = shared
            .parts
            .iter()
            .map(|address| (address, room(inputs, plan, address)))
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
                out || (lowered && matches!(step.action, Action::Update | Action::Close))
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

/// How many completes may come in at a marketplace of the manifest.
fn room(inputs: &Inputs<'_>, plan: &Plan, address: &Address) -> Room {
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
    let after = if steps().any(writes) { wanted } else { before };
    Room { before, after }
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

/// Puts steps behind what they wait for, and leaves them as they are otherwise.
fn sort(steps: &mut Vec<Step>) {
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
