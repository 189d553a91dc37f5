//! A project at rest, to which only happens what is nobody's wish: other names, a freeze and its end, surveys that reach
//! their goals, and completes that are taken back. Nothing of it may make anything necessary.

use super::market::{Phase, Seen};
use super::sim::Sabotage;
use super::world::{Permission, World};
use infield::model::{Address, Desired, GroupMember, MovedFrom, Resource, Status};
use infield::plan::{NoteKind, Plan};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::time::Duration;

impl World {
    /// What the manifests want, as the driver reads them.
    pub(super) fn wanted(&self) -> Cow<'_, Desired> {
        if self.sim.sabotage != Some(Sabotage::RenamesAreNew) {
            return Cow::Borrowed(&self.desired);
        }
        let mut desired = self.desired.clone();
        for moved in desired.renames.written.values_mut() {
            *moved = MovedFrom::Nothing;
        }
        Cow::Owned(desired)
    }

    pub(super) async fn at_rest(&mut self, permission: &Permission) {
        let what = match self.sim.sabotage {
            Some(Sabotage::RenamesAreNew) => 0,
            Some(Sabotage::ForgetFinished) => 2,
            _ => self.random.between(0, 5),
        };
        match what {
            0 => self.renamed_at_rest(permission).await,
            // What cannot be edited in field can once it is frozen.
            1 if self.count.blocked_at_end == 0 => self.frozen_at_rest(permission).await,
            2 => self.finished_at_rest(permission).await,
            _ => {}
        }
    }

    /// An apply that must not find anything to do.
    pub(super) async fn nothing_to_do(&self, permission: &Permission, what: &str) -> Option<Plan> {
        if self.sim.violation().is_some() {
            return None;
        }
        let (applied, _) = self.apply(permission, what).await;
        let Some(applied) = applied else {
            self.sim.fail(format!("{what}: an apply did not come to its end"));
            return None;
        };
        let left: Vec<&str> = applied.plan.steps.iter().map(|step| step.id.as_str()).collect();
        if !left.is_empty() {
            self.sim
                .fail(format!("{what}: the plan is not empty, but {left:?}"));
        }
        Some(applied.plan)
    }

    /// Somebody gives a few manifests other names, and says so.
    pub(super) fn rename_some(&mut self) {
        for name in self.names() {
            if self.random.percent(40) && name.len() < 5 {
                let new = format!("{name}n");
                let moved = MovedFrom::Name(Address::survey(name.as_str()));
                self.sim.tell(format!("manifest {name} is called {new}"));
                rename(&mut self.desired, &[(&name, &new)]);
                self.desired.renames.written.remove(&Address::survey(name));
                self.desired.renames.written.insert(Address::survey(new), moved);
                self.sim.count(|count| count.renames += 1);
            }
        }
    }

    pub(super) fn names(&self) -> BTreeSet<String> {
        let names = self.desired.surveys.keys();
        names.map(|address| address.manifest().to_owned()).collect()
    }

    /// Names of which something was made.
    fn made(&self) -> Vec<String> {
        let document = self.durable.document();
        let made = |name: &String| {
            let mut known = document.iter().flat_map(|document| document.resources.keys());
            known.any(|address| address.manifest() == name)
        };
        self.names().into_iter().filter(made).collect()
    }

    /// Whether something of a name can still collect, and all that manifests want exists. What differs from its manifest, in
    /// its template for instance, is not known to be the same under another name: it is removed, and the other one is new.
    fn goes_on(&self, name: &str) -> bool {
        let document = self
            .durable
            .document()
            .unwrap_or_else(|| unreachable!("there was an apply"));
        let checker = self.sim.checker();
        let here = |address: &Address| document.resources.contains_key(address);
        let alive = |address: &Address| {
            let seen = checker.mirror.get(&document.resources[address].id)?;
            Some(seen.phase != Phase::Closed && self.sim.market.counted(seen) < seen.goal?)
        };
        let as_wanted = |address: &Address| {
            let seen = checker.mirror.get(&document.resources[address].id);
            let differs = |seen: &Seen| {
                self.sim
                    .market
                    .differences(address, &self.desired.surveys[address], &seen.document)
            };
            seen.is_some_and(|seen| differs(seen).is_empty())
        };
        let own = self
            .desired
            .surveys
            .keys()
            .filter(|address| address.manifest() == name);
        self.desired.surveys.keys().all(here)
            && own.clone().all(as_wanted)
            && own.clone().any(|address| alive(address) == Some(true))
    }

    async fn renamed_at_rest(&mut self, permission: &Permission) {
        let names = self.made();
        if names.is_empty() {
            return;
        }
        let old = self.random.pick(&names).clone();
        let new = format!("{old}n");
        if self.names().contains(&new) {
            return;
        }
        let unsaid = self.goes_on(&old) && self.random.percent(50);
        let address = Address::survey(new.as_str());
        rename(&mut self.desired, &[(&old, &new)]);
        self.desired
            .renames
            .written
            .remove(&Address::survey(old.as_str()));
        if unsaid {
            let Some(plan) = self
                .nothing_to_do(permission, "another name, and nobody says so")
                .await
            else {
                return;
            };
            let held = |address: &Address| {
                plan.notes
                    .iter()
                    .any(|note| note.address == *address && note.kind == NoteKind::Blocked)
            };
            if !held(&address) {
                self.sim
                    .fail(format!("{new}, which was {old}, is neither made nor held"));
            }
            self.sim.count(|count| count.pairs_held += 1);
        }
        let moved = MovedFrom::Name(Address::survey(old.as_str()));
        self.desired.renames.written.insert(address, moved);
        self.sim.count(|count| count.renames += 1);
        if let Some(plan) = self.nothing_to_do(permission, "another name").await {
            self.judge_end(&plan);
        }
        // What had another name, or another manifest says that it was, changes places with nothing.
        let written = &self.desired.renames.written;
        let is_said = |name: &str| {
            let address = Address::survey(name);
            written.contains_key(&address) || written.values().any(|from| from.old() == Some(&address))
        };
        let others: Vec<String> = self.made().into_iter().filter(|name| !is_said(name)).collect();
        let (Some(one), Some(other)) = (others.first(), others.last()) else {
            return;
        };
        if one == other {
            return;
        }
        rename(&mut self.desired, &[(one, other), (other, one)]);
        for (new, old) in [(one, other), (other, one)] {
            let moved = MovedFrom::Name(Address::survey(old.as_str()));
            self.desired
                .renames
                .written
                .insert(Address::survey(new.as_str()), moved);
        }
        self.sim.count(|count| count.renames += 2);
        if let Some(plan) = self.nothing_to_do(permission, "names change places").await {
            self.judge_end(&plan);
        }
    }

    async fn frozen_at_rest(&mut self, permission: &Permission) {
        let (everything, random) = (self.random.percent(50), self.random.split());
        // What somebody else has put there goes back by name only.
        let ours: BTreeSet<String> = {
            let document = self.durable.document();
            let known = document.iter().flat_map(|document| document.resources.values());
            let in_field = |resource: &&Resource| resource.survey().is_some_and(|survey| survey.in_field);
            known
                .filter(in_field)
                .map(|resource| resource.id.clone())
                .collect()
        };
        let in_field: BTreeSet<String> = &self.wanted_in_field() & &ours;
        self.sim.checker().quiet = false;
        self.freeze(everything, random).await;
        let then = self.sim.now() + Duration::from_secs(1);
        for id in self.wanted_in_field() {
            if self.sim.checker().is_frozen(&id, then) {
                self.sim.fail(format!("{id} is in field although it is frozen"));
            }
        }
        self.sim.checker().quiet = true;
        self.nothing_to_do(permission, "frozen").await;
        self.sim.checker().quiet = false;
        self.thaw(permission).await;
        self.sim.checker().quiet = true;
        let found = &self.wanted_in_field() & &ours;
        if found != in_field {
            self.sim
                .fail(format!("in field were {in_field:?}, and after a thaw {found:?}"));
        }
        self.nothing_to_do(permission, "thawed").await;
    }

    /// What is in field as its manifest wants it.
    pub(super) fn wanted_in_field(&self) -> BTreeSet<String> {
        let document = self
            .durable
            .document()
            .unwrap_or_else(|| unreachable!("there was an apply"));
        let live = self.desired.surveys.iter();
        let live = live.filter(|(_, survey)| survey.status() == Some(Status::Live));
        let checker = self.sim.checker();
        let phase = |address: &Address| {
            let id = &document.resources.get(address)?.id;
            Some(checker.mirror.get(id)?.phase)
        };
        // What is in something that was taken out of field cannot go back by itself.
        let inside = |address: &Address| {
            let around = address.parent().and_then(|parent| phase(&parent));
            !matches!(around, Some(Phase::Paused | Phase::Closed))
        };
        let ids = live
            .filter(|(address, _)| inside(address))
            .filter_map(|(address, _)| Some(document.resources.get(address)?.id.clone()));
        let collects = |id: &String| {
            let seen = checker.mirror.get(id);
            seen.is_some_and(|seen| seen.goal.is_some() && self.sim.market.collects(seen))
        };
        ids.filter(collects).collect()
    }

    /// Whether a plan holds back something of a survey.
    fn is_held(&self, id: &str, plan: &Plan) -> bool {
        let document = self.durable.document();
        let resources = document.iter().flat_map(|document| &document.resources);
        let mut here = resources.filter(|(_, resource)| resource.id == id);
        here.any(|(address, _)| {
            let mut notes = plan.notes.iter();
            notes.any(|note| note.holds() && note.address == *address)
        })
    }

    async fn finished_at_rest(&mut self, permission: &Permission) {
        let Some(before) = self.nothing_to_do(permission, "before the end").await else {
            return;
        };
        let in_field = self.wanted_in_field();
        // What was held back while it is in field may be written once it has ended.
        for id in in_field.iter().filter(|id| !self.is_held(id, &before)) {
            let left = {
                let checker = self.sim.checker();
                let seen = &checker.mirror[id];
                seen.goal.unwrap_or(0).saturating_sub(seen.fielded)
            };
            if left > 0 {
                self.sim.collect(id, left);
            }
        }
        self.sim.let_time_work();
        let Some(plan) = self.nothing_to_do(permission, "finished").await else {
            return;
        };
        let drift = |plan: &Plan| -> BTreeSet<Address> {
            let notes = plan.notes.iter().filter(|note| note.kind == NoteKind::Drift);
            notes.map(|note| note.address.clone()).collect()
        };
        if let Some(new) = drift(&plan).difference(&drift(&before)).next() {
            self.sim
                .fail(format!("{new} is finished, and that is called drift"));
        }
        let reached: Vec<String> = {
            let checker = self.sim.checker();
            let reached = |id: &&String| {
                let seen = &checker.mirror[*id];
                seen.phase != Phase::Live && seen.goal.is_some_and(|goal| seen.fielded >= goal)
            };
            in_field.iter().filter(reached).cloned().collect()
        };
        self.sim.count(|count| count.finished += reached.len());
        // What is held back is not as wanted: an edit below what is collected may be made once people are taken back.
        let free: Vec<String> = reached
            .into_iter()
            .filter(|id| !self.is_held(id, &plan))
            .collect();
        for id in &free {
            let people = self.random.between(1, 3);
            self.sim.take_back(id, people);
        }
        self.nothing_to_do(permission, "completes are taken back").await;
        let days = *self.random.pick(&[1, 4, 12]);
        tokio::time::sleep(Duration::from_secs(days * 86_400)).await;
        self.sim.let_time_work();
        // What held something back may be closed by then: what a state does not know, or what may be the same under another
        // name. Then it is made, or forgotten.
        let held = plan.notes.iter().any(|note| note.kind == NoteKind::Blocked);
        if !self.sim.checker().estranged && !held {
            self.nothing_to_do(permission, "long after the end").await;
        }
    }
}

/// Gives manifests other names, all at once.
fn rename(desired: &mut Desired, names: &[(&String, &String)]) {
    let renamed = |address: &Address| {
        let new = names.iter().find(|(old, _)| address.manifest() == *old);
        new.map_or_else(|| address.clone(), |(_, new)| address.within(new))
    };
    let surveys = std::mem::take(&mut desired.surveys).into_iter();
    desired.surveys = surveys
        .map(|(address, survey)| (renamed(&address), survey))
        .collect();
    for group in desired.groups.values_mut() {
        for member in &mut group.members {
            if let GroupMember::Survey(address) = member {
                *address = renamed(address);
            }
        }
        group.members.sort();
    }
}
