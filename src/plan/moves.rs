//! Which of what is remembered has another name by now: what manifests say of old names, other orders of the keys of a
//! matrix, and more or fewer marketplaces than before.
//!
//! Promises: pure; names may change places and follow each other, and all of them move at once; nothing moves to where
//! something stays; what was moved once is not moved again because the manifest still says so.

use super::inputs::Inputs;
use super::step::{Plan, Record};
use super::study;
use crate::model::{Address, Desired, Known, Level, Move, MovedFrom, Resource, ResourceKind};
use std::collections::{BTreeMap, BTreeSet};

impl Plan {
    /// Old and new addresses of what is remembered under another one from the next apply on.
    pub fn moves(&self) -> impl Iterator<Item = (&Address, &Address)> {
        self.bookkeeping.iter().filter_map(|(to, record)| match record {
            Record::Moved { from } => Some((from, to)),
            _ => None,
        })
    }

    /// Whether an apply of it changes what is remembered because of what manifests say, although it may send nothing.
    pub fn remembers(&self) -> bool {
        self.moves().next().is_some() || !self.decided.is_empty()
    }
}

/// What is remembered because manifests decide something else by now: protection, tags, what is done once they are gone.
pub(super) fn decided(inputs: &Inputs<'_>, plan: &Plan) -> Vec<Address> {
    let decides = |(address, record): &(Address, Record)| {
        let known = inputs.known.survey(address)?;
        let Record::Survey { policy, orphaned, .. } = record else {
            return None;
        };
        (known.policy != *policy || known.orphaned != *orphaned).then(|| address.clone())
    };
    let all: BTreeSet<Address> = plan.bookkeeping.iter().filter_map(decides).collect();
    all.into_iter().collect()
}

/// Old and new addresses of all that is remembered under another one. `whole` says whether the manifests that were read
/// are the whole project: without it nobody knows whether an old name is free.
pub fn moves(desired: &Desired, known: &Known, whole: bool) -> Vec<Move> {
    let written = written(desired, known, whole);
    if written.is_empty() {
        return study::moves(desired, known);
    }
    let mut after = known.clone();
    after.rename(&written);
    let mut moves: BTreeMap<Address, Address> = written.into_iter().collect();
    for (between, to) in study::moves(desired, &after) {
        let first = moves.iter().find(|(_, middle)| **middle == between);
        let from = first.map_or_else(|| between.clone(), |(from, _)| from.clone());
        moves.insert(from, to);
    }
    moves.into_iter().collect()
}

/// All addresses under which something is remembered, creates with an open outcome included.
pub(super) fn remembered(known: &Known) -> BTreeSet<&Address> {
    let open = known.intents.values().map(|intent| &intent.address);
    known.resources.keys().chain(open).collect()
}

/// The names of manifests, and addresses with their marketplace, under which something is remembered.
pub(super) fn names(known: &Known) -> BTreeSet<&str> {
    let all = remembered(known).into_iter();
    all.flat_map(|address| [address.manifest(), address.survey_name()])
        .collect()
}

/// Old names by new ones: each to be followed only where its new name is free, or becomes free.
struct Ways<'a> {
    by_new: BTreeMap<String, String>,
    /// Whether something is remembered under a name.
    present: &'a dyn Fn(&str) -> bool,
    /// Whether something goes on under an old name, unless it comes from another one itself.
    kept: &'a dyn Fn(&str) -> bool,
    /// Whether a name was moved from another one before.
    settled: &'a dyn Fn(&str, &str) -> bool,
}

impl Ways<'_> {
    /// Whether the new name is free in the end. Names that change places are free for each other, once.
    fn is_open(&self, new: &str, by_old: &BTreeMap<&str, &str>) -> bool {
        let mut at = new;
        let mut before = false;
        for _ in 0..=self.by_new.len() {
            if !(self.present)(at) {
                return true;
            }
            before |= (self.settled)(at, &self.by_new[at]);
            match by_old.get(at) {
                Some(next) if *next == new => return !before,
                Some(next) => at = next,
                None => return false,
            }
        }
        false
    }

    /// The new name by the old one, of all that move.
    fn followed(mut self) -> BTreeMap<String, String> {
        loop {
            let by_old: BTreeMap<&str, &str> = self
                .by_new
                .iter()
                .map(|(new, old)| (old.as_str(), new.as_str()))
                .collect();
            let goes = |(new, old): &(&String, &String)| {
                self.is_open(new, &by_old) && (!(self.kept)(old) || self.by_new.contains_key(*old))
            };
            let stays = |way: &(&String, &String)| !goes(way);
            let stay: Vec<String> = self
                .by_new
                .iter()
                .filter(stays)
                .map(|(new, _)| new.clone())
                .collect();
            if stay.is_empty() {
                return self.by_new.into_iter().map(|(new, old)| (old, new)).collect();
            }
            self.by_new.retain(|new, _| !stay.contains(new));
        }
    }
}

fn written(desired: &Desired, known: &Known, whole: bool) -> Vec<Move> {
    let renames = &desired.renames;
    if renames.written.is_empty() && renames.orders.is_empty() {
        return Vec::new();
    }
    let remembered = remembered(known);
    let surveys = surveys(desired, known, whole);
    let of_groups: BTreeSet<&str> = renames
        .written
        .keys()
        .filter(|address| address.is_group())
        .map(Address::manifest)
        .collect();
    let mut moved: BTreeMap<&Address, Address> = BTreeMap::new();
    for address in remembered {
        let manifest = || Some((surveys.get(address.manifest())?, address.vendor()));
        let whole = || Some((surveys.get(address.survey_name())?, None));
        let new = match whole().or_else(manifest) {
            Some((new, Some(vendor))) => address.within(Address::at(new, vendor).as_str()),
            Some((new, None)) => address.within(new),
            None => address.clone(),
        };
        moved.insert(address, new);
    }
    if !of_groups.is_empty() {
        let places: BTreeSet<String> = moved
            .values()
            .filter(|address| address.is_group() && of_groups.contains(address.manifest()))
            .map(|address| address.survey_name().to_owned())
            .collect();
        for survey in places {
            let here = |address: &Address| address.is_group() && address.survey_name() == survey;
            let entries: BTreeMap<String, &Address> = moved
                .iter()
                .filter(|(_, now)| here(now))
                .map(|(was, now)| (now.own_name().to_owned(), *was))
                .collect();
            let followed = groups(desired, known, &survey, &entries);
            for now in moved.values_mut().filter(|now| here(now)) {
                if let Some(new) = followed.get(now.own_name()) {
                    *now = Address::group(&survey, new);
                }
            }
        }
    }
    let changed = moved.into_iter().filter(|(was, now)| *was != now);
    changed.map(|(was, now)| (was.clone(), now)).collect()
}

/// Which manifests have another name: the new one by the old one.
fn surveys(desired: &Desired, known: &Known, whole: bool) -> BTreeMap<String, String> {
    let renames = &desired.renames;
    let names = names(known);
    let present = |name: &str| names.contains(name);
    let wanted: BTreeSet<&str> = desired
        .surveys
        .keys()
        .chain(desired.groups.keys())
        .map(Address::manifest)
        .collect();
    let places: BTreeMap<&str, Vec<&Resource>> = {
        let mut places: BTreeMap<&str, Vec<&Resource>> = BTreeMap::new();
        for (address, resource) in known.resources.iter().filter(|(address, _)| !address.is_group()) {
            places.entry(address.manifest()).or_default().push(resource);
        }
        places
    };
    let is_group = |name: &str| desired.groups.contains_key(&Address::survey(name));
    let kind = |name: &str| {
        known
            .resources
            .get(&Address::survey(name))
            .is_some_and(|resource| matches!(resource.kind, ResourceKind::Group(_)))
    };
    let settled = |new: &str, old: &str| {
        let mut here = places.get(new).into_iter().flatten();
        here.any(|resource| {
            let from = resource.survey().and_then(|survey| survey.moved_from.as_ref());
            from.is_some_and(|from| from.manifest() == Address::survey(old).manifest())
        })
    };
    let here = |old: &str| match Address::survey(old).vendor() {
        Some(_) => desired.surveys.contains_key(&Address::survey(old)),
        None => wanted.contains(old),
    };
    let said = |old: &str| {
        renames
            .written
            .get(&Address::survey(Address::survey(old).manifest()))
    };
    let mut by_new: BTreeMap<String, String> = BTreeMap::new();
    for (address, from) in renames.written.iter().filter(|(address, _)| !address.is_group()) {
        let (Some(old), new) = (from.old().map(Address::as_str), address.as_str()) else {
            continue;
        };
        // Something new took the old name over.
        let taken = here(old) && said(old) == Some(&MovedFrom::Nothing) && settled(new, old);
        if whole && wanted.contains(new) && present(old) && !taken && kind(old) == is_group(new) {
            by_new.insert(new.to_owned(), old.to_owned());
        }
    }
    for (address, orders) in &renames.orders {
        let new = address.as_str();
        if renames.written.contains_key(address) || present(new) {
            continue;
        }
        let free = |old: &&Address| {
            let old = old.as_str();
            present(old) && !wanted.contains(old) && !by_new.values().any(|taken| taken == old)
        };
        let mut old = orders.iter().filter(free);
        if let (Some(old), None) = (old.next(), old.next()) {
            by_new.insert(new.to_owned(), old.as_str().to_owned());
        }
    }
    // Nothing remembers that exclusion groups have changed places, so they do not: each becomes the other by its members.
    let changed = |new: &str, old: &str| is_group(new) || settled(new, old);
    let ways = Ways {
        by_new,
        present: &present,
        kept: &|old| {
            let is_itself = match said(old) {
                None => true,
                Some(MovedFrom::Nothing) => false,
                // It is said to be another one by now; one that is not remembered leaves the name to whoever is.
                Some(MovedFrom::Name(before)) => present(before.as_str()) || settled(old, before.as_str()),
            };
            here(old) && is_itself
        },
        settled: &changed,
    };
    ways.followed()
}

/// Which groups of a survey have another name. `entries` are those that are remembered in it, with where they are now.
fn groups(
    desired: &Desired,
    known: &Known,
    survey: &str,
    entries: &BTreeMap<String, &Address>,
) -> BTreeMap<String, String> {
    let renames = &desired.renames;
    let manifest = Address::survey(survey).manifest().to_owned();
    let said = |name: &str| renames.written.get(&Address::group(&manifest, name));
    let wanted = |name: &str| desired.surveys.contains_key(&Address::group(survey, name));
    let settled = |new: &str, old: &str| {
        let resource = entries.get(new).and_then(|address| known.resources.get(*address));
        let from = resource
            .and_then(Resource::survey)
            .and_then(|survey| survey.moved_from.as_ref());
        from.is_some_and(|from| from.group_name() == Some(old))
    };
    let own = renames
        .written
        .iter()
        .filter(|(address, _)| address.is_group() && address.manifest() == manifest);
    let ways = own.filter_map(|(address, from)| {
        let (new, old) = (address.own_name(), from.old()?.own_name());
        let taken = wanted(old) && said(old) == Some(&MovedFrom::Nothing) && settled(new, old);
        (entries.contains_key(old) && !taken).then(|| (new.to_owned(), old.to_owned()))
    });
    let ways = Ways {
        by_new: ways.collect(),
        present: &|name| entries.contains_key(name),
        kept: &|old| wanted(old) && said(old) != Some(&MovedFrom::Nothing),
        settled: &settled,
    };
    ways.followed()
}

/// What a move is told as: a survey once, whatever groups go along with it. `None` for what goes along.
pub fn told(from: &Address, to: &Address, known: &Known) -> Option<String> {
    let (own, manifest) = (from.own_name() != to.own_name(), from.manifest() != to.manifest());
    if to.is_group() && !own && manifest {
        return None;
    }
    let resource = known.resources.get(to);
    let what = resource.map_or("create", |resource| match resource.kind {
        ResourceKind::Group(_) => "exclusion group",
        ResourceKind::Survey(_) => resource.vendor.noun(Level::of(resource.vendor, to)),
    });
    let along = match to.inside(&known.resources).count() {
        0 => "",
        1 => ", with its group",
        _ => ", with its groups",
    };
    Some(format!(
        "it was `{from}` until now and stays the same {what}: nothing is made, and it is remembered under its new name \
         from the next apply on{along}"
    ))
}
