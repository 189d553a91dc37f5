//! The steps of a plan in their order, as many side by side as is allowed.

use super::context::Context;
use super::event::{EVENTS_FORMAT, Event, Tally};
use super::together::Together;
use super::{ids, record, step};
use crate::model::{Address, VendorId};
use crate::plan::{Plan, Record, Step, hash};
use crate::state::StateError;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::{BTreeMap, BTreeSet};

/// Carries out a plan, and says how it went. `refused` counts what was refused before; it only goes into the tally.
///
/// # Errors
/// When the bookkeeping that goes with a plan cannot be written; nothing was sent then.
pub async fn run(plan: &Plan, refused: usize, context: &Context<'_>) -> Result<Tally, StateError> {
    (context.events)(Event::Started {
        format: EVENTS_FORMAT,
        environment: plan.environment.clone(),
        hash: hash::hash(plan),
        steps: plan.steps.len(),
        calls: plan.summary().calls,
    });
    let mut tally = Tally {
        refused,
        ..Tally::default()
    };
    record::write_bookkeeping(plan, context).await?;
    let ids = ids::known_ids(context).await;
    let shape = Shape::of(plan);
    let mut waiting_for: Vec<usize> = shape.waits.clone();
    let mut ready: BTreeSet<usize> = (0..plan.steps.len())
        .filter(|index| waiting_for[*index] == 0)
        .collect();
    let together = Together::of(plan, &shape, context.readers);
    let mut running = FuturesUnordered::new();
    let mut lost: BTreeMap<usize, String> = BTreeMap::new();
    let mut looks = FuturesUnordered::new();
    let mut under_way: BTreeMap<VendorId, usize> = BTreeMap::new();
    loop {
        while running.len() - together.waits() < context.parallelism.max(1) && !context.stop.is_cancelled() {
            let Some(index) = ready.pop_first() else { break };
            let work = step::run(plan, index, &shape, &ids, &together, context);
            *under_way.entry(plan.steps[index].vendor).or_default() += 1;
            running.push(async move { (index, work.await) });
        }
        let startable = |vendor| ready.iter().any(|index| plan.steps[*index].vendor == vendor);
        let goes_on = |vendor, waiting| {
            let busy = under_way.get(&vendor).is_some_and(|count| *count > waiting);
            busy || (!context.stop.is_cancelled() && startable(vendor))
        };
        looks.extend(
            together
                .due(goes_on)
                .into_iter()
                .map(|vendor| together.look(vendor, context.readers)),
        );
        let next = tokio::select! {
            biased;
            next = running.next() => next,
            Some(()) = looks.next() => continue,
            () = together.changed.notified() => continue,
        };
        let Some((index, ended)) = next else { break };
        *under_way.entry(plan.steps[index].vendor).or_default() -= 1;
        tally.calls += ended.calls;
        if ended.failed {
            tally.failed += 1;
            tally.unknown += usize::from(ended.unknown);
            lose_dependants(&shape, index, &plan.steps[index].id, &mut lost);
        } else {
            tally.done += 1;
        }
        for dependant in &shape.dependants[index] {
            waiting_for[*dependant] -= 1;
            if waiting_for[*dependant] == 0 && !lost.contains_key(dependant) {
                ready.insert(*dependant);
            }
        }
    }
    tally.interrupted = context.stop.is_cancelled();
    let never_started: BTreeSet<usize> = ready.into_iter().collect();
    for (index, step) in plan.steps.iter().enumerate() {
        let because = match lost.get(&index) {
            Some(cause) => format!("{cause} did not succeed"),
            None if never_started.contains(&index) || waiting_for[index] > 0 => "interrupted".to_owned(),
            None => continue,
        };
        tally.skipped += 1;
        (context.events)(Event::StepSkipped {
            step: step.id.clone(),
            address: step.address.clone(),
            action: step.action,
            because,
        });
    }
    (context.events)(Event::Finished(tally));
    Ok(tally)
}

/// Marks everything that depends on a failed step.
fn lose_dependants(shape: &Shape, index: usize, cause: &str, lost: &mut BTreeMap<usize, String>) {
    let mut stack = shape.dependants[index].clone();
    while let Some(next) = stack.pop() {
        if lost.insert(next, cause.to_owned()).is_none() {
            stack.extend(&shape.dependants[next]);
        }
    }
}

/// Marks the last steps that wrote to a survey before more may be spent on it, and whatever lowers the money first. Between
/// them and the launch there may be steps that say nothing about it, such as the close of the survey it replaces.
fn verify_before(plan: &Plan, index_of: &BTreeMap<&str, usize>, spending: &Step, must_verify: &mut [bool]) {
    let mut stack: Vec<&str> = spending.depends_on.iter().map(String::as_str).collect();
    let waits_for = stack.iter().filter_map(|id| index_of.get(id));
    for index in waits_for {
        must_verify[*index] |= plan.steps[*index]
            .adds_exposure
            .is_some_and(|adds| adds.amount.is_sign_negative());
    }
    while let Some(id) = stack.pop() {
        let Some(index) = index_of.get(id) else { continue };
        let step = &plan.steps[*index];
        let wrote = step.address == spending.address && matches!(step.record, Record::Survey { .. });
        if wrote {
            must_verify[*index] = true;
        } else {
            stack.extend(step.depends_on.iter().map(String::as_str));
        }
    }
}

/// The order of a plan, worked out once.
pub(super) struct Shape {
    /// How many steps each one waits for.
    pub(super) waits: Vec<usize>,
    /// Who waits for each one.
    pub(super) dependants: Vec<Vec<usize>>,
    /// Whether the survey has to be read back after the step: before more may be spent, and after its last step.
    pub(super) must_verify: Vec<bool>,
    /// Whether it is the last step of its survey.
    pub(super) last: Vec<bool>,
}

impl Shape {
    pub(super) fn of(plan: &Plan) -> Self {
        let index_of: BTreeMap<&str, usize> = plan
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| (step.id.as_str(), index))
            .collect();
        let count = plan.steps.len();
        let mut shape = Self {
            waits: vec![0; count],
            dependants: vec![Vec::new(); count],
            must_verify: vec![false; count],
            last: vec![false; count],
        };
        let mut last_of: BTreeMap<&Address, usize> = BTreeMap::new();
        for (index, step) in plan.steps.iter().enumerate() {
            // A dependency that is not in the plan was done before, or the audit has refused the plan.
            for dependency in step.depends_on.iter().filter_map(|id| index_of.get(id.as_str())) {
                shape.waits[index] += 1;
                shape.dependants[*dependency].push(index);
            }
            if step.spends() {
                verify_before(plan, &index_of, step, &mut shape.must_verify);
            }
            last_of.insert(&step.address, index);
        }
        for index in last_of.into_values() {
            shape.must_verify[index] = true;
            shape.last[index] = true;
        }
        // A step that ends one survey of an address and not the other is checked on its own.
        for (index, step) in plan.steps.iter().enumerate() {
            if matches!(step.record, Record::FormerClosed { .. }) {
                shape.must_verify[index] = true;
            }
        }
        shape
    }
}
