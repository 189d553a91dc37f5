//! The plan of a whole project: every resource in turn, then the rules that look at all steps together.

use super::drop::drop_steps;
use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use super::step::{Action, Plan, Step};
use super::{
    budget, container, drafted, exposure, frozen, group, ladder, moves, named, protect, reach, removed,
    renamed, study, survey, unattended,
};
use crate::model::guard::{Guard, GuardRules, Rule};
use crate::model::{Address, Links};
use std::collections::{BTreeMap, BTreeSet};

/// Decides what to do. See the module's promises.
pub fn plan(inputs: &Inputs<'_>) -> Plan {
    let staged = ladder::settle(inputs);
    let inputs = &Inputs {
        desired: staged.as_ref().unwrap_or(inputs.desired),
        ..*inputs
    };
    let named = named::settle(inputs);
    let inputs = &Inputs {
        desired: named.as_ref().unwrap_or(inputs.desired),
        ..*inputs
    };
    let settled = study::settle(inputs);
    let inputs = &Inputs {
        desired: settled
            .as_ref()
            .map_or(inputs.desired, |settled| &settled.desired),
        ..*inputs
    };
    let mut plan = Plan {
        environment: inputs.environment.to_owned(),
        ..Plan::default()
    };
    if let Some(settled) = &settled {
        let notes = settled
            .notes
            .iter()
            .filter(|note| inputs.choices.includes(&note.address));
        plan.notes.extend(notes.cloned());
    }
    let held = renamed::held(inputs);
    let goes_on = |address: &Address| inputs.choices.includes(address) && !held.holds(address);
    for (address, desired) in &inputs.desired.surveys {
        if goes_on(address) {
            let decided = survey::plan_survey(inputs, address, desired, &mut plan);
            plan.settle(decided);
        }
    }
    for (address, desired) in &inputs.desired.groups {
        if goes_on(address) {
            let decided = group::plan_group(inputs, address, desired, &mut plan);
            plan.settle(decided);
        }
    }
    for (address, resource) in &inputs.known.resources {
        let wanted =
            inputs.desired.surveys.contains_key(address) || inputs.desired.groups.contains_key(address);
        if !wanted && goes_on(address) {
            let kept = settled
                .as_ref()
                .and_then(|settled| settled.keeps(address, resource));
            if let Some(note) = kept.filter(|_| inputs.choices.whole_project) {
                plan.notes.push(note);
                continue;
            }
            let decided = removed::plan_removed(inputs, address, resource, &mut plan);
            plan.settle(decided);
        }
    }
    let said = held
        .notes
        .iter()
        .filter(|note| inputs.choices.includes(&note.address));
    plan.notes.extend(said.cloned());
    removed::forget_groups_first(inputs, &mut plan);
    // Also where nothing else is known of it. What was said above is the same and is said once.
    for (id, intent) in &inputs.known.intents {
        if inputs.choices.includes(&intent.address) {
            plan.notes
                .push(drafted::open_intent_note(&intent.address, id, intent));
        }
    }
    container::make_none_for_nothing(inputs, &mut plan);
    container::stop_groups_first(&mut plan.steps);
    named::wait(inputs, &mut plan);
    group::before_launches(inputs, &mut plan);
    if let Some(settled) = &settled {
        study::order(inputs, settled, &mut plan);
    }
    plan.ceilings = exposure::ceilings(inputs, &plan);
    frozen::hold(inputs, &mut plan);
    keep_rules(inputs, &mut plan);
    protect::remember(inputs, &mut plan);
    plan.decided = moves::decided(inputs, &plan);
    plan.links = links(inputs, &plan);
    if inputs.choices.approved_before {
        unattended::decide_nothing(&mut plan);
    }
    plan.notes.sort();
    plan.notes.dedup();
    plan
}

/// Where somebody tries out what is there and stays.
fn links(inputs: &Inputs<'_>, plan: &Plan) -> BTreeMap<Address, Links> {
    let stay = plan
        .intended()
        .filter(|step| !matches!(step.action, Action::Replace | Action::Close | Action::Forget));
    let shown = stay.filter_map(|step| {
        let live = inputs.live.surveys.get(&step.address)?.present()?;
        (!live.links.is_none()).then(|| (step.address.clone(), live.links.clone()))
    });
    shown.collect()
}

/// Holds back what the environment denies and what breaks its limits, and says what is at stake without it.
pub fn keep_rules(inputs: &Inputs<'_>, plan: &mut Plan) {
    // What is denied lowers no exposure, so the limits come after it.
    if inputs.choices.approved_before {
        unattended::hold_the_rest(plan);
    }
    refuse_denied(inputs.guards, plan);
    reach::ask(inputs, plan);
    plan.budgets = budget::of(inputs, plan);
    weigh(inputs, plan);
}

/// Holds back what breaks a limit, and says what is at stake without it.
pub(super) fn weigh(inputs: &Inputs<'_>, plan: &mut Plan) {
    let mut costs = exposure::costs(inputs, plan);
    plan.exposure = exposure::of(&costs, plan);
    if !keep_limits(inputs.guards, plan).is_empty() {
        costs = exposure::costs(inputs, plan);
        plan.exposure = exposure::of(&costs, plan);
    }
    plan.unbounded = exposure::unbounded(&costs, plan);
}

/// Holds back what breaks a budget or a limit of the exposure. Returns the refused steps.
fn keep_limits(rules: &GuardRules, plan: &mut Plan) -> Vec<Step> {
    let mut gone = budget::apply(plan);
    gone.extend(exposure::apply_limits(rules, plan));
    // What that holds back may have lowered what a budget counts.
    gone.extend(budget::apply(plan));
    gone
}

/// Holds back the steps that a guard denies, and what depends on them, leaving notes.
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

/// Takes out steps whose approval was not given, steps that depend on them, and steps that break a limit of the exposure
/// without them. Returns the steps taken out; the plan's last notes are about them, in the same order.
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
    gone.extend(keep_limits(rules, plan));
    gone
}
