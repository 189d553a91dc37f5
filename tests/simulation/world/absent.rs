//! Manifests that are not among those that were read: hidden by an ignore rule or by their name, or removed for good.
//!
//! The worlds know no files. What a reader finds out about a manifest that it did not read, the planner is told as the
//! command line tells it; that it is found out whatever hides a file is shown beside the reader.

use super::{Permission, World, explains};
use crate::sim::Sabotage;
use infield::model::desired::OnRemove;
use infield::model::{Address, DesiredSurvey, GroupMember};
use infield::plan::{Guard, Note, Plan, Rule};
use std::collections::{BTreeMap, BTreeSet};

/// What manifests want that are not read, by their names.
pub(super) type Unseen = BTreeMap<String, BTreeMap<Address, DesiredSurvey>>;

/// What keeps a manifest from being read.
const WHYS: [&str; 4] = [
    "an ignore file leaves it out",
    "it is hidden",
    "its name does not end in `.yaml` or `.yml`",
    "it lies in a folder named `target`",
];

impl World {
    /// Manifests that do not count as removed, as the driver knows them.
    pub(super) fn not_removed(&self) -> BTreeMap<String, String> {
        if self.sim.sabotage == Some(Sabotage::UnseenIsGone) {
            return BTreeMap::new();
        }
        let read = self.names();
        let unseen = self.unseen.keys().filter(|name| !read.contains(*name));
        unseen
            .zip(WHYS.iter().cycle())
            .map(|(name, why)| {
                (
                    name.clone(),
                    format!("`{name}` may hold it and is not read: {why}"),
                )
            })
            .collect()
    }

    /// Manifests that may be taken away without spoiling another one.
    fn alone(&self) -> Vec<String> {
        let names = self.names();
        if names.len() < 2 {
            return Vec::new();
        }
        let groups = self.desired.groups.values();
        let members: BTreeSet<&str> = groups
            .flat_map(|group| &group.members)
            .filter_map(|member| match member {
                GroupMember::Survey(address) => Some(address.manifest()),
                _ => None,
            })
            .collect();
        let written = self.desired.renames.written.iter();
        let renamed: BTreeSet<&str> = written
            .flat_map(|(new, moved)| [Some(new), moved.old()])
            .flatten()
            .map(Address::manifest)
            .collect();
        let alone = |name: &String| !members.contains(name.as_str()) && !renamed.contains(name.as_str());
        names.into_iter().filter(alone).collect()
    }

    fn take_out(&mut self, name: &str) -> BTreeMap<Address, DesiredSurvey> {
        let (out, left) = std::mem::take(&mut self.desired.surveys)
            .into_iter()
            .partition(|(address, _)| address.manifest() == name);
        self.desired.surveys = left;
        out
    }

    fn hide(&mut self, name: &str) {
        let hidden = self.take_out(name);
        self.sim.tell(format!("manifest {name} is not read any more"));
        self.unseen.insert(name.to_owned(), hidden);
        self.sim.checker().unseen.insert(name.to_owned());
        self.sim.count(|count| count.unseen_manifests += 1);
    }

    fn show(&mut self, name: &str) {
        let again = self.names().contains(name);
        let hidden = self.unseen.remove(name).unwrap_or_default();
        self.sim.tell(format!("manifest {name} is read again"));
        // Where somebody wrote one of the same name meanwhile, this one is thrown away.
        if !again {
            self.desired.surveys.extend(hidden);
        }
        self.sim.checker().unseen.remove(name);
    }

    /// Some manifests are not read any more, and some are read again.
    pub(super) fn hide_and_show(&mut self) {
        if !self.borders && self.sim.sabotage != Some(Sabotage::UnseenIsGone) {
            return;
        }
        let unseen: Vec<String> = self.unseen.keys().cloned().collect();
        for name in unseen {
            if self.apart.percent(60) {
                self.show(&name);
            }
        }
        let alone = self.alone();
        if !alone.is_empty() && self.apart.percent(30) {
            let name = self.apart.pick(&alone).clone();
            self.hide(&name);
        }
    }

    /// A manifest in field is not read, then read again, and then removed: first without the approval for that, then with
    /// it.
    pub(super) async fn absent_at_rest(&mut self, permission: &Permission) {
        let forced = matches!(
            self.sim.sabotage,
            Some(Sabotage::UnseenIsGone | Sabotage::RemovesUnasked)
        );
        let here = forced || (self.borders && self.apart.percent(30));
        if !here {
            return;
        }
        let in_field: Vec<(Address, String)> = {
            let ids = self.wanted_in_field();
            let document = self.durable.document();
            let resources = document.into_iter().flat_map(|document| document.resources);
            let resources = resources.filter(|(_, resource)| ids.contains(&resource.id));
            resources
                .map(|(address, resource)| (address, resource.id))
                .collect()
        };
        let alone = self.alone();
        let live: Vec<String> = alone
            .into_iter()
            .filter(|name| in_field.iter().any(|(address, _)| address.manifest() == name))
            .collect();
        if live.is_empty() {
            return;
        }
        let name = self.apart.pick(&live).clone();
        let in_field: Vec<(Address, String)> = in_field
            .into_iter()
            .filter(|(address, _)| address.manifest() == name)
            .collect();
        self.hide(&name);
        self.nothing_to_do(permission, "a manifest is not read").await;
        self.show(&name);
        self.nothing_to_do(permission, "it is read again").await;
        self.remove(&name, &in_field, permission).await;
    }

    async fn remove(&mut self, name: &str, in_field: &[(Address, String)], permission: &Permission) {
        let removed = self.take_out(name);
        self.sim.tell(format!("manifest {name} is removed"));
        self.sim.count(|count| count.removed_manifests += 1);
        let mut unasked = permission.clone();
        unasked.approved.remove(&Guard::Remove);
        if self.sim.sabotage.is_none() && self.apart.percent(50) {
            unasked.guards.set(Guard::Remove, Rule::Deny);
        }
        self.sim.checker().quiet = false;
        self.apply(&unasked, "removed, and not approved").await;
        for (address, id) in in_field {
            if !self.goes_on_collecting(id) {
                self.sim.fail(format!(
                    "{address} was removed and does not go on without an approval"
                ));
            }
        }
        let mut last = None;
        for _ in 0..2 {
            last = self.apply(permission, "removed").await.0;
        }
        self.sim.checker().quiet = true;
        let Some(last) = last else {
            return self.sim.fail("a removal did not come to its end");
        };
        let leaves = |address: &Address| {
            let survey = removed.get(address);
            survey.is_some_and(|survey| survey.policy.on_remove != OnRemove::Forget)
        };
        for (address, id) in in_field {
            let said = says_why(&last.plan, address);
            if leaves(address) && self.goes_on_collecting(id) && !said {
                self.sim
                    .fail(format!("{address} was removed, and {id} is still in field"));
            }
        }
        self.judge_removed(&last.plan);
    }

    fn goes_on_collecting(&self, id: &str) -> bool {
        let checker = self.sim.checker();
        let seen = checker.mirror.get(id);
        // What only holds others asks nobody.
        seen.is_some_and(|seen| seen.goal.is_some() && self.sim.market.collects(seen))
    }

    /// What is remembered, collects and is wanted by nobody is there for a reason that is said.
    pub(super) fn judge_removed(&self, plan: &Plan) {
        let document = self.durable.document();
        let resources = document.iter().flat_map(|document| &document.resources);
        for (address, resource) in resources {
            let wanted = self.desired.surveys.contains_key(address);
            if resource.survey().is_none() || wanted || self.unseen.contains_key(address.manifest()) {
                continue;
            }
            let said = says_why(plan, address);
            if self.goes_on_collecting(&resource.id) && !said {
                self.sim.fail(format!(
                    "{address} was removed, and {} is still in field",
                    resource.id
                ));
            }
        }
    }
}

/// Whether a note on something, or on what holds it, says why it is as it is.
fn says_why(plan: &Plan, address: &Address) -> bool {
    let parent = address.parent();
    let about = |note: &Note| note.address == *address || Some(&note.address) == parent.as_ref();
    plan.notes.iter().any(|note| about(note) && explains(note))
}
