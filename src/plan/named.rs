//! Settings that name other surveys of the project: a vendor is told their ids, which are known once they are made.

use super::inputs::Inputs;
use super::note::Note;
use super::step::Plan;
use super::study::wait as wait_for;
use crate::model::call::body_placeholder;
use crate::model::{Address, Desired};
use serde_json::Value;

/// What is wanted with the vendor's ids in place of names, as far as they are known; `None` where nothing names anything.
pub(super) fn settle(inputs: &Inputs<'_>) -> Option<Desired> {
    let mut settled: Option<Desired> = None;
    for (address, survey) in &inputs.desired.surveys {
        let market = inputs.markets.of(survey.vendor);
        if market.named(&survey.spec.attributes).is_empty() {
            continue;
        }
        let desired = settled.get_or_insert_with(|| inputs.desired.clone());
        let Some(survey) = desired.surveys.get_mut(address) else {
            continue;
        };
        let mut id = |named: &Address| {
            let resource = inputs.known.resources.get(named)?;
            resource.survey().map(|_| Value::from(resource.id.as_str()))
        };
        market.refer(&mut survey.spec.attributes, &mut id);
    }
    settled
}

/// Lets steps that name something wait for what makes it, and holds back those for which nothing does.
pub(super) fn wait(inputs: &Inputs<'_>, plan: &mut Plan) {
    let mut waits: Vec<(String, String)> = Vec::new();
    let mut held: Vec<(usize, Note)> = Vec::new();
    // What is held back means the same as when nothing holds it back, and has the same name.
    for (index, step) in plan.intended().enumerate() {
        let Some(survey) = inputs.desired.surveys.get(&step.address) else {
            continue;
        };
        for address in inputs.markets.of(survey.vendor).named(&survey.spec.attributes) {
            let text = body_placeholder(&address).to_string();
            let mut bodies = step.calls.iter().filter_map(|call| call.body.as_ref());
            if !bodies.any(|body| body.text().contains(&text)) {
                continue;
            }
            let made = plan.maker(&address);
            waits.extend(made.map(|made| (step.id.clone(), made.id.clone())));
            if !made.is_some_and(|made| plan.goes_on(&made.id)) {
                let message =
                    format!("it names {address}, which does not exist and is not created by this plan");
                let note = Note::blocked(&step.address, message);
                held.push((index, note.help(format!("look at the notes of {address}"))));
            }
        }
    }
    for (index, note) in held {
        // Those that are held back stand behind the others, and have their notes.
        if let Some(step) = plan.steps.get_mut(index) {
            step.refusal.get_or_insert(note);
        }
    }
    wait_for(plan, &waits);
}
