//! What manifests decide about surveys, as it is remembered; above all that they are protected: neither closed nor replaced, and
//! not removed either, until an earlier apply has lifted that.

use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use super::planner::Planner;
use super::step::{Action, Plan, Record};
use crate::model::KnownSurvey;

impl Planner<'_> {
    /// Goes on where the survey may end by this action: it is not protected, and was not until this plan.
    pub(super) fn unprotected(&self, known: &KnownSurvey, action: Action) -> Result<(), Note> {
        let (message, help) = match (self.desired.policy.protect, known.policy.protect) {
            (false, false) => return Ok(()),
            (true, _) => (
                format!("{action} is refused: the survey is protected"),
                format!("take `protect` out of the manifest and apply that; a later plan may {action} it"),
            ),
            (false, true) => (
                format!(
                    "{action} is refused: the survey was protected when it was last applied, and an apply of this plan only \
                     lifts that"
                ),
                format!("apply this first; the plan after it may {action} it"),
            ),
        };
        Err(self.note(NoteKind::Refused, message).help(help).at("/protect"))
    }
}

/// Remembers what manifests decide about a survey where no step of theirs is carried out, whoever has held them back: what
/// happens when the manifest is removed is decided by what it said last, also of a survey that could not be changed.
pub(super) fn remember(inputs: &Inputs<'_>, plan: &mut Plan) {
    for (address, desired) in &inputs.desired.surveys {
        let Some(known) = inputs.known.survey(address) else {
            continue;
        };
        if desired.policy == known.policy || !inputs.choices.includes(address) {
            continue;
        }
        let taken = plan.steps.iter().any(|step| step.address == *address)
            || plan.bookkeeping.iter().any(|(other, _)| other == address);
        // A record would say that what is under way has come to its end.
        let under_way = known.paused_for_edit || known.job.is_some();
        if taken || under_way {
            continue;
        }
        let policy = desired.policy.clone();
        let record =
            Record::survey(known.applied.clone(), known.in_field, policy, known.orphaned).keeping(known);
        plan.bookkeeping.push((address.clone(), record));
    }
}
