//! An independent look at a finished plan: the planner is never its own judge. Every test's plan goes through it, and
//! so does every plan before it is applied.

use super::{Action, Guard, Plan, Step};
use crate::model::CallClass;
use std::collections::BTreeSet;

/// What is wrong with a plan; empty for a sound one. A finding is a bug of infield, not of the user.
pub fn audit(plan: &Plan) -> Vec<String> {
    let mut findings = Vec::new();
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
            let unfinished = plan
                .steps
                .iter()
                .filter(|other| other.address == step.address && other.id != step.id)
                .filter(|other| matches!(other.action, Action::Create | Action::Replace | Action::Update))
                .find(|other| !reaches(plan, step, &other.id));
            if let Some(other) = unfinished {
                findings.push(format!("{} does not wait for {}", step.id, other.id));
            }
        }
    }
    findings
}

fn reaches(plan: &Plan, from: &Step, to: &str) -> bool {
    from.depends_on.iter().any(|id| {
        id == to
            || plan
                .steps
                .iter()
                .find(|step| step.id == *id)
                .is_some_and(|step| reaches(plan, step, to))
    })
}

fn check_guards(step: &Step, findings: &mut Vec<String>) {
    let needed = match step.action {
        Action::Launch | Action::Resume => Some(Guard::Launch),
        Action::Replace => Some(Guard::Replace),
        Action::Close => None,
        Action::Create | Action::Update | Action::Pause | Action::Forget => None,
    };
    if let Some(guard) = needed
        && !step.guards.contains(&guard)
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
        if call.class == CallClass::Create
            && call.returns_id.is_some()
            && !matches!(step.action, Action::Create | Action::Replace)
        {
            findings.push(format!("{} creates something outside a create step", step.id));
        }
    }
}
