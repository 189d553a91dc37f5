//! Surveys that hold groups: what a group waits for, and in which order they are stopped.

use super::drop::drop_steps;
use super::inputs::Inputs;
use super::note::Note;
use super::planner::Planner;
use super::step::{Action, Plan, Step};
use crate::model::{Address, Level, Reading, Status};
use std::collections::BTreeSet;

/// Moves steps that stop a container behind the steps that stop its groups, because the groups are what collects
/// completes. No step waits for another: a group that cannot be stopped is no reason to leave the rest in field.
pub(super) fn stop_groups_first(steps: &mut Vec<Step>) {
    let waited_for: BTreeSet<String> = steps.iter().flat_map(|step| step.depends_on.clone()).collect();
    let goes_last = |step: &Step| {
        matches!(step.action, Action::Pause | Action::Close)
            && Level::of(step.vendor, &step.address) == Level::Container
            // Where something goes on with it afterwards, the order is as it was planned.
            && !waited_for.contains(&step.id)
    };
    let (last, mut others): (Vec<Step>, Vec<Step>) = steps.drain(..).partition(goes_last);
    others.extend(last);
    *steps = others;
}

/// Takes out the making of a container whose groups are all held back: nothing would be in it, and not every vendor lets it
/// be deleted again.
pub(super) fn make_none_for_nothing(inputs: &Inputs<'_>, plan: &mut Plan) {
    let said = plan
        .notes
        .iter()
        .filter(|note| note.holds())
        .map(|note| &note.address);
    let refused = plan
        .steps
        .iter()
        .filter(|step| step.refusal.is_some())
        .map(|step| &step.address);
    let held: BTreeSet<Address> = said.chain(refused).cloned().collect();
    drop_steps(plan, |step| {
        let makes = matches!(step.action, Action::Create | Action::Replace);
        if !makes || Level::of(step.vendor, &step.address) != Level::Container {
            return None;
        }
        let mut groups = step.address.inside(&inputs.desired.surveys).peekable();
        let is_empty = groups.peek().is_some() && groups.all(|group| held.contains(group));
        is_empty.then(|| {
            let noun = step.vendor.noun(Level::Container);
            Note::blocked(
                &step.address,
                format!("the {noun} is not made: all of its groups are held back"),
            )
            .help("look at the notes of its groups")
        })
    });
}

impl Planner<'_> {
    /// The steps of this plan that a group has to wait for before it can be made: none where its survey exists.
    pub(super) fn container_made(&self, draft: &Plan) -> Result<Vec<String>, Note> {
        let Some(parent) = self.address.parent() else {
            return Ok(Vec::new());
        };
        if let Some(step) = draft.maker(&parent) {
            return Ok(vec![step.id.clone()]);
        }
        // What has its name at another vendor does not hold it.
        let known = self.inputs.known.resources.get(&parent);
        if known.is_some_and(|resource| resource.vendor == self.desired.vendor) {
            return Ok(Vec::new());
        }
        let noun = self.desired.vendor.noun(Level::Container);
        let message = format!("its {noun} {parent} does not exist and is not created by this plan");
        Err(self
            .blocked(message)
            .help(format!("look at the notes of {parent}")))
    }

    /// The steps that put the survey of a group in field, or a note that it is not and will not be in field.
    pub(super) fn container_in_field(&self, draft: &Plan) -> Result<Vec<String>, Note> {
        let Some(parent) = self.address.parent() else {
            return Ok(Vec::new());
        };
        if !self.desired.vendor.containers_have_status() {
            return Ok(Vec::new());
        }
        let goes = |step: &Step| matches!(step.action, Action::Launch | Action::Resume);
        let of_parent: Vec<&Step> = draft.steps.iter().filter(|step| step.address == parent).collect();
        let live = self.inputs.live.surveys.get(&parent).and_then(Reading::present);
        let leaves = |step: &&Step| matches!(step.action, Action::Pause | Action::Close);
        let in_field =
            live.is_some_and(|live| live.status == Some(Status::Live)) && !of_parent.iter().any(leaves);
        if in_field || of_parent.iter().any(|step| goes(step)) {
            // It may be out of field for the time of a change.
            let first = of_parent
                .iter()
                .filter(|step| goes(step) || !step.resumes.is_empty());
            return Ok(first.map(|step| step.id.clone()).collect());
        }
        let noun = self.desired.vendor.noun(Level::Container);
        let message = format!(
            "it cannot go in field: its {noun} {parent} is not in field and does not go there by this plan"
        );
        Err(self
            .blocked(message)
            .help(format!("look at the notes of {parent}, and at its `status`"))
            .at("/status"))
    }

    /// The steps before a change for which a group is paused and resumed, or a note that it could not be resumed.
    pub(super) fn container_for_return(&self, draft: &Plan) -> Result<Vec<String>, Note> {
        self.container_in_field(draft).map_err(|_| {
            let noun = self.desired.vendor.noun(Level::Container);
            let parent = self.address.survey_name();
            self.blocked(format!(
                "it is not changed: it would be paused meanwhile and could not go back in field, because its {noun} \
                 {parent} is not in field"
            ))
            .help(format!(
                "put {parent} back in field first (`infield apply --resume {parent}`), or set `status: paused` here"
            ))
        })
    }
}
