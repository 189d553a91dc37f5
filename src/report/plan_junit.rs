//! A plan as a test report: a case for each survey and group, which fails where something of it is held back or wants a look.

use super::Style;
use crate::diag::junit::{Case, suite};
use crate::model::Address;
use crate::plan::{Note, Plan};
use std::collections::BTreeMap;

/// What a plan says of a survey or group.
#[derive(Default)]
struct Told {
    failures: Vec<(String, String, Option<String>)>,
    says: Vec<String>,
}

/// The plan as JUnit's XML. A change is no failure: what is held back is, and what somebody has to look at.
pub fn render(plan: &Plan, style: &Style) -> String {
    let mut all: BTreeMap<&Address, Told> = BTreeMap::new();
    for address in &plan.unchanged {
        all.entry(address).or_default();
    }
    for step in &plan.steps {
        let told = all.entry(&step.address).or_default();
        told.says.push(format!("{}: {}", step.action, step.reason));
        let guards = step.guards.iter().filter(|guard| !style.allowed.contains(guard));
        let guards: Vec<&str> = guards.map(|guard| guard.key()).collect();
        if !guards.is_empty() {
            told.says.push(format!("needs approval: {}", guards.join(", ")));
        }
    }
    for step in &plan.held_back {
        all.entry(&step.address).or_default();
    }
    for note in &plan.notes {
        let told = all.entry(&note.address).or_default();
        match note.holds() || note.needs_a_look() {
            true => told
                .failures
                .push((note.kind.to_string(), note.message.clone(), note.help.clone())),
            false => told.says.push(said(note)),
        }
    }
    let mut cases = Vec::new();
    for (address, told) in all {
        let case = |name: String, failure, says| Case {
            class: address.to_string(),
            name,
            file: None,
            failure,
            says,
        };
        let says = told.says.join("\n");
        if told.failures.is_empty() {
            cases.push(case("plan".to_owned(), None, says));
            continue;
        }
        for (place, (kind, message, help)) in told.failures.into_iter().enumerate() {
            let all = help.map_or_else(|| message.clone(), |help| format!("{message}\nhelp: {help}"));
            let says = if place == 0 { says.clone() } else { String::new() };
            cases.push(case(kind.clone(), Some((kind, message, all)), says));
        }
    }
    suite(&format!("infield plan: {}", plan.environment), &cases)
}

fn said(note: &Note) -> String {
    let help = note.help.as_ref().map(|help| format!("\nhelp: {help}"));
    format!("{}: {}{}", note.kind, note.message, help.unwrap_or_default())
}
