//! Doing it: carries out a finished plan and has nothing left to choose.
//!
//! Promises: before a call that makes something is sent, the intent is durable; its id is durable before anything that
//! depends on it runs; a survey goes in field only after everything written before was read back as wanted; a failure
//! stops only what depends on it; what is not known is said to be not known. Deciding is left to `plan`, telling to
//! `report`.

pub mod event;
mod failure;
mod follow;
mod ids;
mod look_back;
mod record;
mod send;
mod step;

pub use event::{Event, Tally};

use crate::marketplace::Writer;
use crate::model::{Address, VendorId};
use crate::plan::{Marketplaces, Plan, Record, Step};
use crate::refresh::Readers;
use crate::state::{Keeper, StateError};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::{BTreeMap, BTreeSet};
use tokio_util::sync::CancellationToken;

/// The format of the event stream.
pub const EVENTS_FORMAT: &str = "infield.events/1";

/// Everything an apply works with.
pub struct Context<'a> {
    /// Ways to write, by vendor.
    pub writers: &'a BTreeMap<VendorId, Writer>,
    /// Ways to read back, by vendor.
    pub readers: &'a Readers,
    /// The state.
    pub keeper: &'a Keeper,
    /// The vendors' pure halves.
    pub markets: &'a dyn Marketplaces,
    /// Told everything that happens, in order.
    pub events: &'a (dyn Fn(Event) + Send + Sync),
    /// Steps under way at once, at least 1.
    pub parallelism: usize,
    /// Cancelled when the user wants to stop: calls under way are finished, no step is started.
    pub stop: CancellationToken,
    /// The time, UTC, RFC 3339.
    pub now: &'a (dyn Fn() -> String + Send + Sync),
    /// A new, unique intent id.
    pub new_intent_id: &'a (dyn Fn() -> String + Send + Sync),
}

/// How one step ended.
enum Ended {
    Done { calls: usize },
    Failed { calls: usize, unknown: bool },
}

/// Carries out a plan, and says how it went. `refused` counts what was refused before; it only goes into the tally.
///
/// # Errors
/// When the bookkeeping that goes with a plan cannot be written; nothing was sent then.
pub async fn run(plan: &Plan, refused: usize, context: &Context<'_>) -> Result<Tally, StateError> {
    (context.events)(Event::Started {
        format: EVENTS_FORMAT,
        environment: plan.environment.clone(),
        hash: crate::plan::hash::hash(plan),
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
    let mut running = FuturesUnordered::new();
    let mut lost: BTreeMap<usize, String> = BTreeMap::new();
    loop {
        while running.len() < context.parallelism.max(1) && !context.stop.is_cancelled() {
            let Some(index) = ready.pop_first() else { break };
            let work = step::run(plan, index, shape.must_verify[index], &ids, context);
            running.push(async move { (index, work.await) });
        }
        let Some((index, ended)) = running.next().await else {
            break;
        };
        let failed = match ended {
            Ended::Done { calls } => {
                tally.done += 1;
                tally.calls += calls;
                false
            }
            Ended::Failed { calls, unknown } => {
                tally.failed += 1;
                tally.calls += calls;
                tally.unknown += usize::from(unknown);
                true
            }
        };
        if failed {
            lose_dependants(&shape, index, &plan.steps[index].id, &mut lost);
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

/// Marks the last steps that wrote to a survey before it goes in field. Between them and the launch there may be steps
/// that say nothing about it, such as the close of the survey it replaces.
fn verify_before(plan: &Plan, index_of: &BTreeMap<&str, usize>, launch: &Step, must_verify: &mut [bool]) {
    let mut stack: Vec<&str> = launch.depends_on.iter().map(String::as_str).collect();
    while let Some(id) = stack.pop() {
        let Some(index) = index_of.get(id) else { continue };
        let step = &plan.steps[*index];
        let wrote = step.address == launch.address && matches!(step.record, Record::Survey { .. });
        if wrote {
            must_verify[*index] = true;
        } else {
            stack.extend(step.depends_on.iter().map(String::as_str));
        }
    }
}

/// The order of a plan, worked out once.
struct Shape {
    /// How many steps each one waits for.
    waits: Vec<usize>,
    /// Who waits for each one.
    dependants: Vec<Vec<usize>>,
    /// Whether the survey has to be read back after the step: before it goes in field, and after its last step.
    must_verify: Vec<bool>,
}

impl Shape {
    fn of(plan: &Plan) -> Self {
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
        };
        let mut last_of: BTreeMap<&Address, usize> = BTreeMap::new();
        for (index, step) in plan.steps.iter().enumerate() {
            // A dependency that is not in the plan was done before, or the audit has refused the plan.
            for dependency in step.depends_on.iter().filter_map(|id| index_of.get(id.as_str())) {
                shape.waits[index] += 1;
                shape.dependants[*dependency].push(index);
            }
            if matches!(
                step.action,
                crate::plan::Action::Launch | crate::plan::Action::Resume
            ) {
                verify_before(plan, &index_of, step, &mut shape.must_verify);
            }
            last_of.insert(&step.address, index);
        }
        for index in last_of.into_values() {
            shape.must_verify[index] = true;
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

#[cfg(test)]
mod tests;
