//! One survey at several marketplaces: what each gets in view of what all have collected, and in which order shares move.
//!
//! Promises: what all marketplaces together may still collect never exceeds what the manifest wants, whatever fails in
//! between; none goes below what it has collected; a survey that is fielded at one more marketplace is not made twice at
//! the first.

use super::collected::{SoFar, collected_as, earlier};
use super::diff::{Memory, filled, matched};
use super::drift::in_codes;
use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use crate::model::desired::OnRemove;
use crate::model::study::{Collected, Lot};
use crate::model::{
    Address, Desired, Field, Known, Live, LiveSurvey, Resource, ResourceKind, Status, Study, VendorId,
};
use std::collections::{BTreeMap, BTreeSet};

mod order;
pub(super) mod parts;
#[cfg(test)]
mod tests;

pub(super) use order::{order, wait};
use parts::{parts_of, place, remembered_at, studies};

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
    /// Parts for which nothing is left.
    spent: BTreeSet<Address>,
}

impl Settled {
    /// A note where something that was left by a study is not forgotten although that was asked for: what it collects counts
    /// as long as the manifest is there.
    pub(super) fn keeps(&self, address: &Address, resource: &Resource) -> Option<Note> {
        let forget = resource.survey()?.policy.on_remove == OnRemove::Forget;
        let shared = self.shared.iter().find(|shared| shared.left.contains(address))?;
        let message = format!(
            "it is left as it is, and not forgotten yet: what it collects counts for the {} completes wanted",
            shared.whole
        );
        let help = format!(
            "it is forgotten with the manifest; `on_remove: pause` or `close` stops it, and `infield state rm {address}` \
             forgets it at once"
        );
        forget.then(|| Note::new(address, NoteKind::Unmanaged, message).help(help))
    }
}

/// Divides the completes of shared surveys anew, in view of what each marketplace has collected. `None` where nothing is
/// shared.
pub(super) fn settle(inputs: &Inputs<'_>) -> Option<Settled> {
    let studies = studies(inputs);
    if studies.is_empty() {
        return None;
    }
    let mut settled = Settled {
        desired: Desired {
            studies: studies.clone(),
            ..inputs.desired.clone()
        },
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

fn settle_lot(
    inputs: &Inputs<'_>,
    name: &Address,
    study: &Study,
    lot_name: &str,
    lot: &Lot,
    settled: &mut Settled,
) {
    let Some(whole) = lot.completes else { return };
    let parts = parts_of(inputs, name, study, lot_name);
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
    // What counts as collected and may not be.
    let mut untold = 0_u64;
    let mut left = Vec::new();
    for (vendor, address) in remembered_at(inputs, name, lot_name) {
        if parts.contains_key(&vendor) {
            continue;
        }
        if let Some(here) = so_far(inputs, &address).filter(|here| here.collected.completes > 0) {
            let (had, at) = (here.collected.completes, vendor.name());
            let message = if here.told {
                format!(
                    "{had} completes were collected at {at}, which the manifest does not name any more; they count for \
                     the {whole} wanted"
                )
            } else {
                untold += had;
                format!(
                    "{at}, which the manifest does not name any more, does not say how many completes it has collected, \
                     so its {had} wanted so far count for the {whole} wanted"
                )
            };
            settled.notes.push(Note::advice(name, message));
            elsewhere.completes += had;
            for (quota, completes) in here.collected.quotas {
                *elsewhere.quotas.entry(quota).or_default() += completes;
            }
        }
        left.push(address);
    }
    let now = lot.divide(&study.shares, &collected, &elsewhere);
    let mut spent = BTreeSet::new();
    for (vendor, portion) in &now {
        let Some(address) = parts.get(vendor) else {
            continue;
        };
        if portion.completes == Some(0) {
            nothing_left(inputs, address, whole, settled);
            spent.insert(address.clone());
            continue;
        }
        if let Some(short) = ends_short(inputs.live, address, portion.completes) {
            untold += short;
        }
        if let Some(survey) = settled.desired.surveys.get_mut(address) {
            let own = study.own_quotas.contains(vendor);
            portion.write(&mut survey.spec, own);
            let (before, _) = earlier(inputs, address);
            if before.completes > 0 {
                before.off(*vendor, &mut survey.spec, own);
            }
        }
        let had = collected.get(vendor).map_or(0, |collected| collected.completes);
        let others = parts.len() > 1;
        let kept = share(vendor).filter(|share| others && *share < had && portion.completes == Some(had));
        if let Some(share) = kept {
            let message = format!(
                "its share is {share} of {whole} completes, and {had} are collected; it keeps those, and the others get \
                 less"
            );
            settled
                .notes
                .push(Note::advice(address, message).at("/completes"));
        }
    }
    if untold > 0 {
        let message = format!(
            "of the {whole} completes wanted, up to {untold} may be missing in the end: they count as collected, or are \
             wanted where nothing is collected any more"
        );
        let help = "raise `completes` by what is missing once that is known, or give its share to the others";
        settled
            .notes
            .push(Note::advice(name, message).help(help).at("/completes"));
    }
    for quota in &lot.quotas {
        let had = elsewhere.quotas.get(&quota.name).copied().unwrap_or(0);
        let parts = now.values().filter_map(|portion| portion.quotas.get(&quota.name));
        let will: u64 = parts.sum::<u64>() + had;
        let known = collected
            .values()
            .chain([&elsewhere])
            .all(|one| one.completes == 0 || !one.quotas.is_empty());
        if will < quota.completes && known && study.own_quotas.is_empty() {
            let message = format!(
                "the quota {} ends with {will} of {} completes: others over the same questions have more than they want",
                quota.name, quota.completes
            );
            settled.notes.push(Note::advice(name, message).at("/quotas"));
        }
    }
    settled.shared.push(Shared {
        whole,
        parts: parts.into_values().collect(),
        left,
        spent,
    });
}

/// Completes that a part is given and cannot collect, because the vendor has closed it for good.
fn ends_short(live: &Live, address: &Address, given: Option<u64>) -> Option<u64> {
    let live = live.surveys.get(address)?.present()?;
    let reopens = address.vendor().is_some_and(|vendor| vendor.facts().reopens);
    let closed = live.status == Some(Status::Closed) && !reopens;
    closed
        .then(|| given?.checked_sub(live.fielded?))
        .flatten()
        .filter(|short| *short > 0)
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

/// What is collected at an address, by surveys that were replaced there as well.
fn so_far(inputs: &Inputs<'_>, address: &Address) -> Option<SoFar> {
    let live = inputs.live.surveys.get(address)?.present()?;
    let here = collected_as(live, &renamed(inputs, address, live));
    let (before, told) = earlier(inputs, address);
    Some(SoFar {
        collected: here.collected.and(&before),
        told: here.told && told,
    })
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
