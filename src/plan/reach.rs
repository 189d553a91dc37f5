//! How many of the surveys a plan reaches at once. Above the limits it has to be approved as a whole, behind the guard
//! `changes`: one mistake in what many surveys share is not carried out unseen.

use super::change::Change;
use super::finished::is_over;
use super::inputs::Inputs;
use super::step::{Action, Plan, Record, Step};
use crate::model::guard::{Guard, Reach, Reached};
use crate::model::{Address, Level, Reading, Status};
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet};

/// Lets what a plan does to more surveys than its limits allow wait for an approval, and says how many they are.
pub(super) fn ask(inputs: &Inputs<'_>, plan: &mut Plan) {
    let mut open: BTreeMap<&str, bool> = BTreeMap::new();
    for (address, resource) in &inputs.known.resources {
        if resource.survey().is_none() {
            continue;
        }
        let holds = Level::of(resource.vendor, address) == Level::Container;
        *open.entry(address.survey_name()).or_default() |= !holds && !is_over(inputs, address);
    }
    let in_state = open.len();
    open.retain(|_, open| *open);
    let made = plan.steps.iter().filter(|step| step.action == Action::Create);
    let made: BTreeSet<Address> = made.map(|step| step.address.clone()).collect();
    for what in Reached::ALL {
        let Some(limit) = inputs.guards.share(what, in_state) else {
            continue;
        };
        let counts = |step: &&mut Step| {
            let name = step.address.survey_name();
            does(inputs, step, what) && open.contains_key(name) && !made.contains(&step.address)
        };
        let steps: Vec<&mut Step> = plan.steps.iter_mut().filter(counts).collect();
        let surveys: BTreeSet<&str> = steps.iter().map(|step| step.address.survey_name()).collect();
        let surveys = surveys.len();
        if Decimal::from(surveys * 100) <= limit * Decimal::from(open.len()) {
            continue;
        }
        for step in steps {
            if !step.guards.contains(&Guard::Changes) {
                step.guards.push(Guard::Changes);
            }
        }
        plan.reach.push(Reach {
            what,
            surveys,
            of: open.len(),
            limit: format!("{}%", limit.normalize()),
        });
    }
}

/// Whether a step does this to its survey.
fn does(inputs: &Inputs<'_>, step: &Step, what: Reached) -> bool {
    match what {
        Reached::Removed => match step.record {
            Record::Forgotten => true,
            Record::Survey { orphaned, .. } => orphaned,
            Record::Group(_) | Record::FormerClosed { .. } | Record::Moved { .. } => false,
        },
        Reached::Paused => leaves(inputs, step),
        Reached::Touched => step.action != Action::Create,
    }
}

/// Whether a step takes something out of field and leaves it there: it pauses or closes it, or its goal is collected already
/// afterwards. What a new one takes the place of has a guard of its own.
fn leaves(inputs: &Inputs<'_>, step: &Step) -> bool {
    let live = inputs.live.surveys.get(&step.address).and_then(Reading::present);
    let collected = live
        .filter(|live| live.status == Some(Status::Live))
        .and_then(|live| live.fielded);
    let stops = |change: &Change| match step.action {
        Action::Pause | Action::Close => {
            change.path == "/status" && change.before == *Status::Live.to_string()
        }
        Action::Update => {
            let goal = change.after.as_u64().filter(|_| change.path == "/completes");
            goal.zip(collected)
                .is_some_and(|(goal, collected)| goal <= collected)
        }
        Action::Create | Action::Replace | Action::Launch | Action::Resume | Action::Forget => false,
    };
    !matches!(step.record, Record::FormerClosed { .. }) && step.changes.iter().any(stops)
}
