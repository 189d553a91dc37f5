//! What holds where several states, several machines and unread manifests meet.
//!
//! 1. Nothing is made beside something of its name that was there when somebody looked, and that the state does not know.
//! 2. Nothing is stopped or forgotten because its manifest was not seen; what was removed stops behind its guard.
//! 3. Nothing has two names.

use super::{Approved, Checker, Write};
use crate::market::{Named, Phase};
use infield::model::Address;
use infield::plan::{Action, Step};
use infield::state::Document;
use jiff::Timestamp;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// What a plan knows of what is there already.
#[derive(Clone, Default)]
pub(crate) struct Looked {
    /// Everything that was made before was there to be seen.
    pub(crate) since: Timestamp,
    /// Where the vendor documents no way to look, and looking failed.
    pub(crate) in_vain: BTreeSet<Address>,
    /// What launches may spend by now that were sent before, lost their answers, and would have been sent once more with an
    /// approval that is not given: the plan counts them as its own steps, and so nowhere once these are gone.
    pub(crate) may_be_on_its_way: Decimal,
}

/// Of whom a state was, while somebody else works with another one.
pub(crate) struct Left {
    state: Option<Document>,
    elsewhere: BTreeSet<String>,
    made: BTreeSet<String>,
}

impl Checker {
    /// Goes on with another state: a copy, an older one, or none. What it does not know it need not answer for.
    pub(crate) fn begin_with(&mut self, state: Option<Document>) -> Left {
        let left = Left {
            state: std::mem::replace(&mut self.state, state),
            elsewhere: std::mem::take(&mut self.elsewhere),
            made: self.made.keys().cloned().collect(),
        };
        let owned = self.owned();
        let foreign = self.made.keys().filter(|id| !owned.contains(*id));
        self.elsewhere = foreign.cloned().collect();
        self.estranged = true;
        left
    }

    /// Goes back to a state that was left. What was made meanwhile is somebody else's. So is a lost one that the other state
    /// took over and gave another title, where it is known by its title alone: it is found by nobody, the known limit of that.
    pub(crate) fn go_back_to(&mut self, left: Left) {
        let there = self.owned();
        self.state = left.state;
        let ours = self.owned();
        let renamed = |id: &&String| {
            let title = self.market.known_by(&self.made[*id]);
            let now = self
                .mirror
                .get(*id)
                .and_then(|seen| self.market.named(&seen.document));
            title.is_some_and(|title| now.is_some_and(|now| now.title != title))
        };
        let taken = there
            .iter()
            .filter(|id| self.made.contains_key(*id) && !ours.contains(*id));
        let renamed: Vec<String> = taken.filter(renamed).cloned().collect();
        self.elsewhere = left.elsewhere;
        let since: Vec<&String> = self.made.keys().filter(|id| !left.made.contains(*id)).collect();
        // A lost one that a person has rewritten is found by nobody, once there is another of the same content.
        let twin = |id: &&String| since.iter().any(|other| self.made[*other] == self.made[*id]);
        let rewritten = self
            .rewritten
            .iter()
            .filter(|id| !ours.contains(*id))
            .filter(twin);
        self.elsewhere.extend(rewritten.cloned());
        self.elsewhere.extend(since.into_iter().cloned());
        self.elsewhere.extend(renamed);
    }

    /// Whether a state is wrong about what is shown to nobody, because another one was worked with.
    pub(crate) fn may_be_wrong(&self) -> bool {
        self.estranged && self.market.hides()
    }

    /// The ids of surveys that the state answers for, or those of groups.
    pub(crate) fn taken(&self, groups: bool) -> Vec<String> {
        let resources = self.state.iter().flat_map(|state| &state.resources);
        let of_its_kind = resources
            .filter(|(address, resource)| resource.survey().is_some() && address.is_group() == groups);
        of_its_kind.map(|(_, resource)| resource.id.clone()).collect()
    }

    /// Promise 1.
    pub(super) fn made_beside(&self, write: &Write, step: Option<&Step>) -> Option<String> {
        let (approved, step) = (self.approved.as_ref()?, step?);
        // Nobody who looked has sent what arrives after its sender is gone.
        write.sent_at?;
        if approved.looked.in_vain.contains(&step.address) {
            return None;
        }
        let wanted = Named {
            inside: write.parent.clone(),
            ..self.market.named(write.body.as_ref()?)?
        };
        let (twin, _) = self.mirror.iter().find(|(id, seen)| {
            let there = self
                .born
                .get(*id)
                .is_some_and(|born| *born < approved.looked.since);
            let named = self.market.named(&seen.document);
            // What was made for another one, before it was forgotten, is known to be that.
            let known = self.state.as_ref().map(Document::known);
            let another = known.is_some_and(|known| known.is_another(&step.address, id));
            there
                && !another
                && seen.phase != Phase::Closed
                && Some(*id) != write.id.as_ref()
                && !approved.owned.contains(*id)
                && named.is_some_and(|named| named.is(&wanted))
        })?;
        Some(format!(
            "{} was made beside {twin}, which has its name and is nobody's",
            step.address
        ))
    }

    /// Whether the manifest of something is there and was not read by whoever is at work. Where another one of the same name
    /// was read, that one says what is wanted.
    fn not_seen(&self, address: &Address) -> bool {
        let name = address.manifest();
        let reads = |approved: &Approved| {
            let mut read = approved.desired.surveys.keys();
            read.any(|other| other.manifest() == name)
        };
        self.unseen.contains(name) && !self.approved.as_ref().is_some_and(reads)
    }

    /// Promise 2, of what leaves the field.
    pub(super) fn removed(
        &self,
        id: &str,
        (before, after): (Phase, Phase),
        step: Option<&Step>,
    ) -> Option<String> {
        let (approved, step) = (self.approved.as_ref()?, step?);
        // What a freeze pauses is in no approved plan.
        let planned = approved.plan.steps.iter().any(|other| other.id == step.id);
        let leaves = matches!(step.action, Action::Pause | Action::Close) && before != after;
        if !planned || !leaves || approved.desired.surveys.contains_key(&step.address) {
            return None;
        }
        // What was replaced is closed by an approval that was given for that, whatever became of its manifest.
        let known = self.state.as_ref()?.resources.get(&step.address)?;
        if known.id != id {
            return None;
        }
        if self.not_seen(&step.address) {
            return Some(format!("{id} stops, and its manifest was only not seen"));
        }
        let asks = before == Phase::Live && !approved.may_remove;
        asks.then(|| format!("{id} was removed and stops without an approval for that"))
    }

    /// Promise 3, and promise 2 of what is forgotten.
    pub(super) fn borders_kept(&self, before: Option<&Document>, next: &Document) -> Option<String> {
        let mut names: BTreeMap<(bool, &str), &Address> = BTreeMap::new();
        for (address, resource) in &next.resources {
            if resource.survey().is_none() {
                continue;
            }
            if let Some(other) = names.insert((address.is_group(), &resource.id), address) {
                return Some(format!("{} is both {other} and {address}", resource.id));
            }
        }
        let forgotten = before?
            .resources
            .iter()
            .find(|(address, resource)| {
                let kept = next
                    .resources
                    .values()
                    .any(|other| other.ids().any(|id| id == resource.id));
                self.not_seen(address) && resource.survey().is_some() && !kept
            })?
            .0;
        Some(format!(
            "{forgotten} was forgotten, and its manifest was only not seen"
        ))
    }
}

impl Approved {
    /// Whether it may stop what was removed.
    pub(crate) fn may_remove(permission: &crate::world::Permission) -> bool {
        use infield::plan::{Guard, Rule};
        let approved = permission.approved.contains(&Guard::Remove) || permission.reviewed.is_some();
        match permission.guards.rule(Guard::Remove) {
            Rule::Allow => true,
            Rule::Ask => approved,
            Rule::Deny => false,
        }
    }
}
