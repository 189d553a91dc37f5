//! The plan of one survey's status: launch, resume, pause, close, and what to say when somebody else moved it.

use super::drafted::{Decided, refused};
use super::exposure;
use super::market::StatusChange;
use super::note::{Note, NoteKind};
use super::planner::Planner;
use super::step::{Action, Change, Plan, Step};
use crate::model::desired::OnExternalPause;
use crate::model::guard::Guard;
use crate::model::{Call, Field, KnownSurvey, Level, LiveSurvey, Status, SurveySpec};

/// How a survey goes in field.
pub(super) struct Going<'a> {
    pub(super) action: Action,
    pub(super) from: Status,
    pub(super) reason: &'static str,
    /// As read; `None` where it is made by the same plan.
    pub(super) live: Option<&'a LiveSurvey>,
    /// Its vendor id, or a placeholder for one.
    pub(super) id: &'a str,
    /// The values it will have by then.
    pub(super) after: &'a SurveySpec,
    /// Completes collected so far.
    pub(super) fielded: Option<u64>,
}

/// Whether a change may remove the reason for which a vendor keeps a survey out of field.
fn makes_room(change: &Change) -> bool {
    ["/completes", "/quotas", "/field"]
        .iter()
        .any(|place| change.path.starts_with(place))
}

impl Planner<'_> {
    /// The calls that take a survey out of field, for now or for good.
    pub(super) fn out_of_field(&self, live: &LiveSurvey, to: Status) -> Vec<Call> {
        self.market
            .out_of_field(self.address, live, to, self.inputs.live.as_of)
    }

    /// Drafts the step that puts the survey in field, or the notes that say why not yet.
    pub(super) fn go_live(
        &self,
        going: &Going<'_>,
        mut applied: SurveySpec,
        mut depends_on: Vec<String>,
        draft: &mut Plan,
    ) -> Decided {
        // What this plan changes first may be what was missing.
        let helps = |step: &Step| depends_on.contains(&step.id) && step.changes.iter().any(makes_room);
        if !draft.steps.iter().any(helps) {
            draft.heed(self.blocked_transition())?;
        }
        let missing = self.market.missing_for_launch(self.level(), going.after);
        let missing = missing.into_iter();
        draft.heed(missing.map(|refusal| refused(self.address, NoteKind::Blocked, refusal)))?;
        let costs = self.level() != Level::Container;
        depends_on.extend(self.container_in_field(draft)?);
        applied.status = Field::Set(Status::Live);
        let mut step = self.step(going.action, going.reason, applied, true);
        step.changes.push(Change::status(Some(going.from), Status::Live));
        // A start that nobody here asked for is no reason to wait for it.
        let after_here = SurveySpec {
            start: self.desired.spec.start.clone(),
            ..going.after.clone()
        };
        step.calls = self.market.set_status(&StatusChange {
            address: self.address,
            id: going.id,
            live: going.live,
            after: &after_here,
            to: Status::Live,
            as_of: self.inputs.live.as_of,
        });
        step.depends_on = depends_on;
        step.guards.push(Guard::Launch);
        step.adds_exposure = exposure::of_spec(going.after, going.fielded);
        if costs {
            draft.judge(&mut step, self.check_price(going.after));
        }
        if costs && step.refusal.is_none() && step.adds_exposure.is_none() {
            let reason = exposure::Unknown::FromVendor;
            let note = exposure::unknown(self.inputs.guards, self.address, going.action, reason);
            draft.judge(&mut step, [note]);
        }
        draft.steps.push(step);
        Ok(())
    }

    /// The step that takes it out of field, for now or for good, or the note that says why the vendor would not.
    fn leave(
        &self,
        (action, to): (Action, Status),
        reason: &str,
        (known, live): (&KnownSurvey, &LiveSurvey),
        change: Change,
    ) -> Result<Step, Note> {
        if let Some(note) = self.blocked_transition() {
            return Err(note);
        }
        let mut applied = known.applied.clone();
        applied.status = Field::Set(to);
        let mut step = self.step(action, reason, applied, false);
        step.changes.push(change);
        step.calls = self.out_of_field(live, to);
        step.adds_exposure = exposure::ended(live, &known.applied);
        Ok(step)
    }

    /// The step that closes it.
    pub(super) fn close(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status) -> Result<Step, Note> {
        let allowed = self.market.transition(status, Status::Closed);
        allowed.map_err(|refusal| refused(self.address, NoteKind::Unsupported, refusal).at("/status"))?;
        let reason = "the manifest wants it closed for good";
        let change = Change::status(Some(status), Status::Closed);
        let mut step = self.leave((Action::Close, Status::Closed), reason, (known, live), change)?;
        step.guards.push(Guard::Close);
        Ok(step)
    }

    /// The step that pauses it. Where it fails, the survey stays in field.
    pub(super) fn pause(&self, known: &KnownSurvey, live: &LiveSurvey) -> Result<Step, Note> {
        let ours = known.applied.status == Field::Set(Status::Paused);
        let change = Change::status(Some(Status::Live), Status::Paused).drifted(ours);
        let reason = if ours {
            "somebody put it in field; the manifest wants it paused"
        } else {
            "the manifest wants it out of field"
        };
        self.leave((Action::Pause, Status::Paused), reason, (known, live), change)
    }

    /// What to say of a survey that is closed and is wanted otherwise.
    pub(super) fn closed(&self, live: &LiveSurvey) -> Option<Note> {
        let wanted = match self.desired.status() {
            Some(Status::Closed) => return None,
            Some(wanted) => wanted.to_string(),
            None => "managed".to_owned(),
        };
        let reason = live.status_reason.as_ref();
        let why = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let (noun, id) = (self.noun(), &live.id);
        let message = format!("wanted {wanted}, but {noun} {id} is closed{why}, and closed is final");
        Some(
            self.note(NoteKind::Drift, message)
                .help("set `status: closed`, or field it again under a new name")
                .at("/status"),
        )
    }

    /// The values it will have: what the manifest does not say is as the vendor shows it, or else as it was applied.
    pub(super) fn after(&self, known: &KnownSurvey, live: &LiveSurvey) -> SurveySpec {
        self.desired.spec.over(&live.spec.over(&known.applied))
    }

    /// Launch, resume, or the note that says why not.
    pub(super) fn move_status(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        status: Status,
        applied: SurveySpec,
        depends_on: Vec<String>,
        draft: &mut Plan,
    ) -> Decided {
        let (action, reason) = match (self.desired.status(), status) {
            (Some(Status::Live), Status::Draft) => (Action::Launch, "the manifest wants it in field"),
            (Some(Status::Live), Status::Paused | Status::Closed) => {
                (Action::Resume, self.may_resume(known, live, status)?)
            }
            (Some(Status::Draft), Status::Live | Status::Paused) => {
                let (noun, id) = (self.noun(), &live.id);
                let message = format!("wanted draft, but {noun} {id} is {status}; there is no way back");
                let note = self.note(NoteKind::Drift, message);
                let help = "set `status: paused` to take it out of field";
                return draft.heed([note.help(help).at("/status")]);
            }
            (Some(Status::Paused), Status::Draft) => {
                let message = "a draft cannot be paused: it is out of field and stays a draft";
                return draft.heed([self.note(NoteKind::Advice, message).at("/status")]);
            }
            _ => return Ok(()),
        };
        let going = Going {
            action,
            from: status,
            reason,
            live: Some(live),
            id: &live.id,
            after: &self.after(known, live),
            fielded: live.fielded,
        };
        self.go_live(&going, applied, depends_on, draft)
    }

    /// Why a survey that is out of field may go back there, or the note that says why it may not.
    fn may_resume(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        status: Status,
    ) -> Result<&'static str, Note> {
        let parent = self.address.parent();
        let named = |address| self.inputs.choices.resumes(address);
        let asked = named(self.address) || parent.as_ref().is_some_and(named);
        let policy = self.desired.policy.on_external_pause == OnExternalPause::Resume;
        if known.in_field && !known.paused_for_edit && !asked && !policy {
            return Err(self.external_pause(known, live));
        }
        let allowed = self.market.transition(status, Status::Live);
        allowed.map_err(|refusal| refused(self.address, NoteKind::Blocked, refusal).at("/status"))?;
        Ok(match (known.in_field, asked) {
            _ if known.paused_for_edit => "an interrupted apply had paused it for a change",
            (true, true) => "somebody paused it, and --resume asks for it back",
            (true, false) => "somebody paused it, and on_external_pause: resume asks for it back",
            (false, _) => "the manifest wants it back in field",
        })
    }

    /// Says that a survey we left in field is not, and who may have done that.
    fn external_pause(&self, known: &KnownSurvey, live: &LiveSurvey) -> Note {
        let reason = match (&live.status_reason, live.fielded, live.spec.completes.value()) {
            (Some(reason), _, _) => format!(": {reason}"),
            (None, Some(fielded), Some(goal)) if fielded >= *goal => {
                format!(": its goal is reached ({fielded} of {goal} completes)")
            }
            (None, Some(fielded), Some(goal)) => format!(" at {fielded} of {goal} completes"),
            (None, _, _) => String::new(),
        };
        // We paused it, and began to resume it; whether that got through was never seen.
        let what = if live.status == Some(Status::Closed) {
            "has ended"
        } else if known.applied.status == Field::Set(Status::Paused) {
            "is paused: an interrupted resume did not get through, or it was paused outside infield since"
        } else {
            "was paused outside infield"
        };
        self.note(
            NoteKind::Drift,
            format!(
                "wanted live, but {} {} {what}{reason}; it is not resumed unasked",
                self.noun(),
                live.id
            ),
        )
        .help(format!(
            "`infield apply --resume {}` puts it back in field; `status: paused` accepts it; \
             `on_external_pause: resume` always resumes",
            self.address
        ))
        .at("/status")
    }
}
