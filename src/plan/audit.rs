//! An independent look at a finished plan: the planner is never its own judge. Every test's plan goes through it, and
//! so does every plan before it is applied.

use super::{Action, Guard, Plan, Record, Step};
use crate::model::{Address, CallClass};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a plan; empty for a sound one. A finding is a bug of infield, not of the user.
pub fn audit(plan: &Plan) -> Vec<String> {
    let mut findings = Vec::new();
    let mut by_id: BTreeMap<&str, &Step> = BTreeMap::new();
    let mut by_address: BTreeMap<&Address, Vec<&Step>> = BTreeMap::new();
    for step in &plan.steps {
        by_id.entry(&step.id).or_insert(step);
        by_address.entry(&step.address).or_default().push(step);
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut made: BTreeSet<&str> = BTreeSet::new();
    for step in &plan.steps {
        for dependency in &step.depends_on {
            if !seen.contains(dependency.as_str()) {
                findings.push(format!(
                    "{} depends on {dependency}, which does not come before it",
                    step.id
                ));
            }
        }
        if !seen.insert(&step.id) {
            findings.push(format!("two steps are called {}", step.id));
        }
        check_guards(step, &mut findings);
        check_calls(step, &mut findings);
        if matches!(step.action, Action::Create | Action::Replace) && !made.insert(step.address.as_str()) {
            findings.push(format!("{} is created twice", step.address));
        }
        if matches!(step.action, Action::Launch | Action::Resume) {
            let unfinished = by_address[&step.address]
                .iter()
                .filter(|other| matches!(other.action, Action::Create | Action::Replace | Action::Update))
                // What can only change once it is back in field follows.
                .find(|other| {
                    let follows = step.action == Action::Resume && reaches(&by_id, other, &step.id);
                    !follows && !reaches(&by_id, step, &other.id)
                });
            if let Some(other) = unfinished {
                findings.push(format!("{} does not wait for {}", step.id, other.id));
            }
        }
    }
    findings
}

/// Whether a step waits for another one, directly or through others. Ends on a circle too: a plan may come from a file.
fn reaches(by_id: &BTreeMap<&str, &Step>, from: &Step, to: &str) -> bool {
    let mut looked_at: BTreeSet<&str> = BTreeSet::new();
    let mut ahead: Vec<&str> = from.depends_on.iter().map(String::as_str).collect();
    while let Some(id) = ahead.pop() {
        if id == to {
            return true;
        }
        if looked_at.insert(id)
            && let Some(step) = by_id.get(id)
        {
            ahead.extend(step.depends_on.iter().map(String::as_str));
        }
    }
    false
}

fn check_guards(step: &Step, findings: &mut Vec<String>) {
    let needed = match step.action {
        Action::Launch | Action::Resume => Some(Guard::Launch),
        Action::Replace => Some(Guard::Replace),
        Action::Close => None,
        Action::Create | Action::Update | Action::Pause | Action::Forget => None,
    };
    // A stage of a ladder, or the return to its hours, that was approved before, with what it adds.
    let approved =
        matches!(&step.record, Record::Survey { climb: Some(climb), .. } if !climb.approved.is_empty());
    let counted = step
        .adds_later
        .is_some_and(|money| money.amount.is_sign_negative());
    let goes_on = step.action == Action::Resume && approved && counted;
    if step.approved_before && (!approved || step.guards.contains(&Guard::Launch)) {
        findings.push(format!("{} was not approved before", step.id));
    }
    if let Some(guard) = needed
        && !step.guards.contains(&guard)
        && !goes_on
    {
        findings.push(format!("{} carries no guard `{guard}`", step.id));
    }
    if step.action == Action::Close && step.guards.is_empty() {
        findings.push(format!("{} closes without a guard", step.id));
    }
    if let Some(money) = step.adds_exposure
        && money.amount.is_sign_positive()
        && !money.amount.is_zero()
        && !matches!(step.action, Action::Launch | Action::Resume | Action::Update)
    {
        findings.push(format!("{} adds exposure without going in field", step.id));
    }
}

fn check_calls(step: &Step, findings: &mut Vec<String>) {
    if step.calls.is_empty() && step.action != Action::Forget {
        findings.push(format!("{} makes no call", step.id));
    }
    for call in &step.calls {
        if call.class == CallClass::Read {
            findings.push(format!("{} plans a read", step.id));
        }
        // Whatever recognises a repetition: what gives an id makes something.
        if call.returns_id.is_some() && !matches!(step.action, Action::Create | Action::Replace) {
            findings.push(format!("{} creates something outside a create step", step.id));
        }
    }
}
