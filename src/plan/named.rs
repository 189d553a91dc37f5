//! Settings that name other surveys of the project: a vendor is told their ids, which are known once they are made.

use super::inputs::Inputs;
use super::note::Note;
use super::step::Plan;
use super::study::sort;
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
    let mut waits: Vec<(usize, Result<String, Note>)> = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let Some(survey) = inputs.desired.surveys.get(&step.address) else {
            continue;
        };
        for address in inputs.markets.of(survey.vendor).named(&survey.spec.attributes) {
            let text = body_placeholder(&address).to_string();
            let mut bodies = step.calls.iter().filter_map(|call| call.body.as_ref());
            if !bodies.any(|body| body.text().contains(&text)) {
                continue;
            }
            let made = plan.maker(&address).map(|made| made.id.clone());
            waits.push((
                index,
                made.ok_or_else(|| {
                    let message =
                        format!("it names {address}, which does not exist and is not created by this plan");
                    Note::blocked(&step.address, message).help(format!("look at the notes of {address}"))
                }),
            ));
        }
    }
    if waits.is_empty() {
        return;
    }
    for (index, wait) in waits {
        let step = &mut plan.steps[index];
        match wait {
            Ok(id) => step.depends_on.push(id),
            Err(note) => drop(step.refusal.get_or_insert(note)),
        }
    }
    sort(&mut plan.steps);
}
