//! `infield state mv`: other names for what is remembered. A survey takes its groups and what is open of it along, at every
//! marketplace that fields it; a group stays in its survey; a quota stays in its survey or group.

use super::super::project::Opened;
use super::super::ui::{Stop, Ui};
use crate::diag::text::short;
use crate::flow::Outcome;
use crate::model::{Address, Field, Known, Move, Quota, Resource, ResourceKind};
use crate::plan::diff::quota_path;
use crate::state::{Keeper, Op};
use std::collections::BTreeSet;

/// What stands between a survey or a group and a quota of it.
const QUOTAS: &str = "/quotas/";

pub(super) async fn run(opened: &Opened, from: &str, to: &str, ui: &Ui) -> Result<Outcome, Stop> {
    let work = async |keeper: &Keeper| {
        let (ops, told) = planned(&keeper.known().await, from, to)?;
        keeper.commit(ops).await?;
        Ok::<_, Stop>(told)
    };
    for line in opened.locked("state mv", (ui, None), work).await? {
        ui.status(&line);
    }
    Ok(Outcome::Done)
}

/// What is written, and what is said of it.
fn planned(known: &Known, from: &str, to: &str) -> Result<(Vec<Op>, Vec<String>), Stop> {
    match from.split_once(QUOTAS) {
        Some((owner, quota)) => quotas(known, owner, quota, to),
        None => addresses(known, &Address::survey(from), &Address::survey(to)),
    }
}

fn addresses(known: &Known, from: &Address, to: &Address) -> Result<(Vec<Op>, Vec<String>), Stop> {
    check_name(from, to)?;
    let open = known.intents.values().map(|intent| &intent.address);
    let remembered: BTreeSet<&Address> = known.resources.keys().chain(open).collect();
    let exact = remembered.contains(from);
    let is_meant = |address: &&&Address| match (from.is_group(), from.vendor()) {
        (true, _) if exact => **address == from,
        (true, _) => address.alone() == *from,
        (false, Some(_)) => address.survey_name() == from.as_str(),
        (false, None) => address.manifest() == from.as_str(),
    };
    let moves: Vec<Move> = remembered
        .iter()
        .filter(is_meant)
        .map(|address| ((*address).clone(), moved(address, to)))
        .collect();
    if moves.is_empty() {
        return Err(unknown(known, from));
    }
    let leaving: BTreeSet<&Address> = moves.iter().map(|(from, _)| from).collect();
    let taken = |(_, to): &&Move| remembered.contains(to) && !leaving.contains(to);
    if let Some((_, taken)) = moves.iter().find(taken) {
        return Err(Stop::failed(format!("`{taken}` is taken")).help(format!(
            "nothing was changed; to let two change names, move one of them out of the way first: \
             `infield state mv {taken} {}-aside`",
            taken.as_str()
        )));
    }
    if let Some((address, to)) = moves.iter().find(|(address, to)| {
        let resource = known.resources.get(address);
        to.vendor()
            .is_some_and(|vendor| resource.is_some_and(|resource| resource.vendor != vendor))
    }) {
        return Err(Stop::failed(format!(
            "`{address}` is at another marketplace than `{to}`, and cannot go there"
        )));
    }
    let mut lines: Vec<String> = Vec::new();
    let count = |what: &dyn Fn(&Move) -> bool| moves.iter().filter(|moved| what(moved)).count();
    let groups = count(&|(from, _)| from.is_group());
    let openly = known.intents.values();
    let openly = openly.filter(|intent| leaving.contains(&intent.address)).count();
    for (from, to) in moves
        .iter()
        .filter(|(address, _)| from.is_group() || !address.is_group())
    {
        lines.push(format!("{from} is {to} now; rename its manifest too"));
    }
    if !from.is_group() && groups > 0 {
        lines.push(format!("{groups} of its groups went along"));
    }
    if openly > 0 {
        lines.push(format!(
            "{openly} of its creates whose outcome is open went along"
        ));
    }
    if lines.is_empty() {
        lines.push(format!("{from} is {to} now; rename its manifest too"));
    }
    Ok((vec![Op::Move { moves }], lines))
}

/// The address under a new name. Where the new name says no marketplace, it stays at its own.
fn moved(address: &Address, to: &Address) -> Address {
    if let Some(group) = to.group_name() {
        return Address::group(address.survey_name(), group);
    }
    match address.vendor().filter(|_| to.vendor().is_none()) {
        Some(vendor) => address.within(Address::at(to.as_str(), vendor).as_str()),
        None => address.within(to.as_str()),
    }
}

fn check_name(from: &Address, to: &Address) -> Result<(), Stop> {
    let refused = |name: &str| Stop::failed(format!("`{name}` cannot be a name: use a-z, 0-9 and -"));
    if from.is_group() != to.is_group() || (from.is_group() && from.manifest() != to.manifest()) {
        let message = match from.is_group() {
            true => format!("`{from}` is a group, and a group stays in its survey"),
            false => format!("`{from}` is a survey, and cannot become a group"),
        };
        let wanted = match from.is_group() {
            true => format!("{}/NAME", from.survey_name()),
            false => "a name without a slash".to_owned(),
        };
        return Err(Stop::failed(message).help(format!("write {wanted}")));
    }
    let vendor = to.survey_name().split_once('@').map(|(_, vendor)| vendor);
    if !Address::is_valid_name(to.manifest()) || (vendor.is_some() && to.vendor().is_none()) {
        return Err(refused(to.survey_name()));
    }
    match to.group_name() {
        Some(group) if !Address::is_valid_name(group) => Err(refused(group)),
        _ => Ok(()),
    }
}

fn unknown(known: &Known, address: &Address) -> Stop {
    Stop::failed(format!("nothing is remembered under `{address}`")).meant(
        address.as_str(),
        known.resources.keys().map(Address::as_str),
        "see `infield state list`",
    )
}

fn quotas(known: &Known, owner: &str, from: &str, to: &str) -> Result<(Vec<Op>, Vec<String>), Stop> {
    let owner = Address::survey(owner);
    let to = match to.split_once(QUOTAS) {
        Some((other, name)) if Address::survey(other) == owner => name,
        None if !to.contains('/') => to,
        _ => {
            let message = format!("`{owner}{QUOTAS}{from}` is a quota, and a quota stays where it is");
            return Err(Stop::failed(message).help(format!("write {owner}{QUOTAS}NAME")));
        }
    };
    let long = to.chars().count() > Quota::LONGEST_KEY;
    if to.is_empty() || long {
        return Err(Stop::failed(format!(
            "`{}` cannot be the key of a quota: it is {}",
            short(to),
            if long { "too long" } else { "empty" }
        )));
    }
    let exact = known.resources.contains_key(&owner);
    let is_owner = |address: &Address| *address == owner || (!exact && address.alone() == owner);
    let owners: Vec<(&Address, &Resource)> = known
        .resources
        .iter()
        .filter(|(address, _)| is_owner(address))
        .collect();
    if owners.is_empty() {
        return Err(unknown(known, &owner));
    }
    let mut ops = Vec::new();
    let mut lines = Vec::new();
    let mut names = BTreeSet::new();
    for (address, resource) in owners {
        let mut resource = resource.clone();
        let ResourceKind::Survey(survey) = &mut resource.kind else {
            continue;
        };
        let Field::Set(quotas) = &mut survey.applied.quotas else {
            continue;
        };
        names.extend(quotas.iter().map(|quota| quota.name.clone()));
        let Some(at) = quotas.iter().position(|quota| quota.name == from) else {
            continue;
        };
        if quotas.iter().any(|quota| quota.name == to) {
            let message = format!("`{address}{QUOTAS}{to}` is taken");
            return Err(Stop::failed(message).help("nothing was changed"));
        }
        to.clone_into(&mut quotas[at].name);
        if survey.unsure.remove(&quota_path(from)) {
            survey.unsure.insert(quota_path(to));
        }
        lines.push(format!(
            "the quota {from} of {address} is {to} now; rename it in its manifest too"
        ));
        ops.push(Op::Put {
            address: address.clone(),
            resource: Box::new(resource),
        });
    }
    if ops.is_empty() {
        let message = format!("`{owner}` has no quota `{from}` that infield wrote");
        let names = names.iter().map(String::as_str);
        return Err(Stop::failed(message).meant(from, names, format!("see `infield state show {owner}`")));
    }
    Ok((ops, lines))
}
