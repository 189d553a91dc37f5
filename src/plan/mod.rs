//! Deciding: desired × known × live → plan.
//!
//! Promises: [`plan`] is synchronous, total and deterministic. It reads no clock, no environment, no network and
//! no randomness; the same inputs give the same bytes. A plan leaves nothing to decide: its steps hold the exact calls.
//! Sending them is left to `apply`, saying them to `report`.

pub mod audit;
mod changes;
mod container;
pub mod diff;
mod drafted;
pub mod drift;
mod edits;
pub mod exposure;
mod former;
mod group;
pub mod hash;
pub mod market;
mod names;
pub mod note;
mod overlay;
mod removed;
mod status;
pub mod step;
pub mod study;
mod survey;
mod template;
#[cfg(test)]
mod tests;
mod update;

pub use crate::model::guard::{Guard, GuardRules, Rule};
pub use drift::{Drift, Drifted};
pub use market::{Marketplace, Marketplaces, Refusal, Subject};
pub use note::{Note, NoteKind};
pub use step::{Action, Change, Exposure, Plan, Record, Step, Summary};

use crate::model::{Address, Desired, Known, Live};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Everything a plan is made from.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// Name of the environment, part of the plan's identity.
    pub environment: &'a str,
    /// What the manifests want.
    pub desired: &'a Desired,
    /// What is remembered.
    pub known: &'a Known,
    /// What was read.
    pub live: &'a Live,
    /// The rules of the environment.
    pub guards: &'a GuardRules,
    /// What the user asked for on the command line.
    pub choices: &'a Choices,
    /// The vendors' pure halves.
    pub markets: &'a dyn Marketplaces,
}

/// What the user asked for on the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Only these resources; empty for all.
    pub targets: BTreeSet<Address>,
    /// Not these resources.
    pub excludes: BTreeSet<Address>,
    /// Resume these although somebody else paused them.
    pub resume: BTreeSet<Address>,
    /// Whether the manifests that were read are the whole project, so that a missing one means removed.
    pub whole_project: bool,
}

impl Choices {
    /// Whether a resource is to be resumed although somebody else paused it.
    pub fn resumes(&self, address: &Address) -> bool {
        names(&self.resume, address)
    }

    /// Whether a resource is part of this plan.
    pub fn includes(&self, address: &Address) -> bool {
        let named = |set: &BTreeSet<Address>| {
            names(set, address) || names(set, &Address::survey(address.survey_name()))
        };
        // A group cannot be without the survey that holds it.
        let holds = |set: &BTreeSet<Address>| {
            set.iter().any(|other| {
                let parent = other.parent();
                parent.as_ref() == Some(address) || parent.as_ref() == Some(&address.alone())
            })
        };
        let wanted = self.targets.is_empty() || named(&self.targets) || holds(&self.targets);
        wanted && !named(&self.excludes)
    }
}

/// Whether one of several addresses names this one. A survey is meant at all of its marketplaces, unless one is named.
fn names(set: &BTreeSet<Address>, address: &Address) -> bool {
    set.contains(address) || set.contains(&address.alone())
}

/// Decides what to do. See the module's promises.
pub fn plan(inputs: &Inputs<'_>) -> Plan {
    let settled = study::settle(inputs);
    let inputs = &Inputs {
        desired: settled
            .as_ref()
            .map_or(inputs.desired, |settled| &settled.desired),
        ..*inputs
    };
    let mut draft = drafted::Drafted::default();
    if let Some(settled) = &settled {
        let notes = settled
            .notes
            .iter()
            .filter(|note| inputs.choices.includes(&note.address));
        draft.notes.extend(notes.cloned());
    }
    for (address, desired) in &inputs.desired.surveys {
        if inputs.choices.includes(address) {
            survey::plan_survey(inputs, address, desired, &mut draft);
        }
    }
    for (address, desired) in &inputs.desired.groups {
        if inputs.choices.includes(address) {
            group::plan_group(inputs, address, desired, &mut draft);
        }
    }
    for (address, resource) in &inputs.known.resources {
        let wanted =
            inputs.desired.surveys.contains_key(address) || inputs.desired.groups.contains_key(address);
        if !wanted && inputs.choices.includes(address) {
            removed::plan_removed(inputs, address, resource, &mut draft);
        }
    }
    removed::forget_groups_first(inputs, &mut draft);
    // Also where nothing else is known of it. What was said above is the same and is said once.
    for (id, intent) in &inputs.known.intents {
        if inputs.choices.includes(&intent.address) {
            draft
                .notes
                .push(drafted::open_intent_note(&intent.address, id, intent));
        }
    }
    let mut plan = Plan {
        environment: inputs.environment.to_owned(),
        steps: draft.steps,
        notes: draft.notes,
        exposure: Vec::new(),
        unchanged: draft.unchanged,
        bookkeeping: draft.bookkeeping,
    };
    container::stop_groups_first(&mut plan.steps);
    if let Some(settled) = &settled {
        study::order(inputs, settled, &mut plan);
    }
    // What is denied lowers no exposure, so the limits come after it.
    refuse_denied(inputs.guards, &mut plan);
    plan.exposure = exposure::of(inputs, &plan);
    if !exposure::apply_limits(inputs.guards, &mut plan).is_empty() {
        plan.exposure = exposure::of(inputs, &plan);
    }
    plan.notes.sort();
    plan.notes.dedup();
    plan
}

/// Takes out the steps that a guard denies, and what depends on them, leaving notes.
fn refuse_denied(rules: &GuardRules, plan: &mut Plan) {
    drop_steps(plan, |step| {
        step.guards
            .iter()
            .find(|guard| rules.rule(**guard) == Rule::Deny)
            .map(|guard| {
                let message = format!("{} is denied by the guard `{guard}`", step.action);
                let help = format!("set `guards: {{{guard}: ask}}` for this environment in infield.yaml");
                Note::new(&step.address, NoteKind::Refused, message).help(help)
            })
    });
}

/// Takes out the steps that ask for an approval which was not given, what depends on them, and what would keep to the
/// limits of the exposure only with them. Gives the steps that left; the notes on them are the plan's last ones, in the
/// same order.
pub fn refuse_unapproved(rules: &GuardRules, approved: &BTreeSet<Guard>, plan: &mut Plan) -> Vec<Step> {
    let mut gone = drop_steps(plan, |step| {
        let lacks = |guard: &&Guard| rules.rule(**guard) == Rule::Ask && !approved.contains(guard);
        let lacking = step.guards.iter().find(lacks)?;
        Some(Note::new(
            &step.address,
            NoteKind::Refused,
            format!("it needs the approval `{lacking}` (--allow {lacking})"),
        ))
    });
    gone.extend(exposure::apply_limits(rules, plan));
    gone
}

/// Takes out every step for which `refuse` gives a note, and every step that depends on one that left. Gives the steps
/// that left; the notes on them are the plan's last ones, in the same order.
///
/// The steps of a plan are in dependency order, so one pass is enough.
pub fn drop_steps(plan: &mut Plan, mut refuse: impl FnMut(&Step) -> Option<Note>) -> Vec<Step> {
    let mut gone: Vec<Step> = Vec::new();
    let mut lost: BTreeSet<String> = BTreeSet::new();
    for step in std::mem::take(&mut plan.steps) {
        let waits = step.depends_on.iter().find(|id| lost.contains(*id));
        let note = match waits {
            Some(id) => {
                let message = format!("{} has to wait for {id}, which is refused", step.action);
                Some(Note::blocked(&step.address, message))
            }
            None => refuse(&step),
        };
        match note {
            Some(note) => {
                plan.notes.push(note);
                lost.insert(step.id.clone());
                gone.push(step);
            }
            None => plan.steps.push(step),
        }
    }
    gone
}
