//! Protected surveys: neither closed nor replaced, and not removed either, until an earlier apply has lifted that.

use super::note::{Note, NoteKind};
use super::planner::Planner;
use super::step::{Action, Plan, Record};
use crate::model::KnownSurvey;
use crate::model::desired::Policy;

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

    /// Remembers whether the survey is protected, where nothing else of the manifest is carried out.
    pub(super) fn remember_protection(&self, known: &KnownSurvey, draft: &mut Plan) {
        let protect = self.desired.policy.protect;
        // A record would say that what is under way has come to its end.
        if protect == known.policy.protect || known.paused_for_edit || known.job.is_some() {
            return;
        }
        let policy = Policy {
            protect,
            ..known.policy
        };
        let record = Record::survey(known.applied.clone(), known.in_field, policy, known.orphaned);
        draft.bookkeeping.push((self.address.clone(), record));
    }
}
