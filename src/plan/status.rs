//! The plan of one survey's status: launch, resume, pause, close, and what to say when somebody else moved it.

use super::change::Change;
use super::drafted::{Decided, refused};
use super::exposure;
use super::finished::End;
use super::market::StatusChange;
use super::note::{Note, NoteKind};
use super::planner::Planner;
use super::stake::Fielding;
use super::step::{Action, Plan, Step};
use crate::model::desired::OnExternalPause;
use crate::model::guard::Guard;
use crate::model::known::{Act, PausedBy};
use crate::model::{Call, Field, KnownSurvey, Level, LiveSurvey, Status, SurveySpec};
use std::borrow::Cow;

/// How a survey goes in field.
pub(super) struct Going<'a> {
    pub(super) action: Action,
    pub(super) from: Status,
    pub(super) reason: Cow<'static, str>,
    /// As read; `None` where it is made by the same plan.
    pub(super) live: Option<&'a LiveSurvey>,
    /// Its vendor id, or a placeholder for one.
    pub(super) id: &'a str,
    /// The values it will have by then.
    pub(super) after: &'a SurveySpec,
    /// Who can still complete it by then.
    pub(super) reach: Fielding,
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
        self.market.out_of_field(self.address, live, to, self.now())
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
        if self.is_outside() {
            return draft.heed([self.opens_later(going.live, going.after)]);
        }
        let costs = self.level() != Level::Container;
        let first = self.container_in_field(draft);
        depends_on.extend(first.map_err(|note| self.frozen().unwrap_or(note))?);
        applied.status = Field::Set(Status::Live);
        // A start that nobody here asks for is neither waited for nor expected afterwards.
        if self.desired.spec.start.is_absent() {
            applied.start = Field::Absent;
        }
        let mut step = self.step(going.action, &*going.reason, applied, true);
        step.changes.push(Change::status(Some(going.from), Status::Live));
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
            as_of: self.now(),
        });
        step.depends_on = depends_on;
        step.guards.push(Guard::Launch);
        let stake = going.reach.stake(self.market);
        step.adds_exposure = stake.map(|stake| stake.most);
        step = step.at_stake(stake.map(|stake| stake.ended()), stake);
        let known = self.inputs.known.survey(self.address);
        let goes_on = going.action == Action::Resume
            && known.zip(going.live).is_some_and(|(known, live)| {
                self.waits_for_hours(known) || known.in_field && self.raised(known, live).is_some()
            });
        draft.notes.extend(self.climbs(&mut step, going.after, goes_on));
        draft
            .notes
            .extend(self.soft_launch(&going.reach).filter(|_| costs));
        if costs {
            draft.judge(&mut step, self.check_price(going.after));
        }
        if costs && step.refusal.is_none() && step.adds_exposure.is_none() {
            let reason = exposure::Unknown::FromVendor;
            let note = exposure::not_known(self.inputs, self.address, going.action, reason);
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
        let paused = (action == Action::Pause).then(|| self.pausing());
        step.record = step.record.because(paused, None);
        if self.is_outside() {
            step.record = step.record.climbing(self.climb(Some(known)));
            step.approved_before = self.is_approved(Some(known), &self.after(known, live));
        }
        Ok(step.ending(self.market, live, &known.applied))
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

    /// Why infield takes it out of field for now.
    pub(super) fn pausing(&self) -> PausedBy {
        let act = if self.is_outside() {
            Act::Hours
        } else {
            Act::Manifest
        };
        PausedBy::now(act)
    }

    /// The step that pauses it. Where it fails, the survey stays in field.
    pub(super) fn pause(&self, known: &KnownSurvey, live: &LiveSurvey) -> Result<Step, Note> {
        let ours = known.applied.status == Field::Set(Status::Paused);
        let change = Change::status(Some(Status::Live), Status::Paused).drifted(ours);
        let reason = match (self.is_outside(), ours) {
            (true, false) => self.outside(),
            (true, true) => format!("it was put in field outside infield, and {}", self.outside()),
            (false, true) => "it was put in field outside infield; the manifest wants it paused".to_owned(),
            (false, false) => "the manifest wants it out of field".to_owned(),
        };
        self.leave((Action::Pause, Status::Paused), &reason, (known, live), change)
    }

    /// What to say of a survey that is closed and is wanted otherwise.
    pub(super) fn closed(&self, known: &KnownSurvey, live: &LiveSurvey) -> Option<Note> {
        if self.desired.status() == Some(Status::Closed) {
            return None;
        }
        let ended = self.ended(known, live)?;
        if self.desired.status() == Some(Status::Live) && self.raised(known, live).is_some() {
            return self.too_late(known, live, Status::Closed);
        }
        Some(self.end_note(known, live, &ended))
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
            (Some(Status::Live), Status::Draft) => (Action::Launch, "the manifest wants it in field".into()),
            (Some(Status::Live), Status::Paused | Status::Closed) => {
                (Action::Resume, self.may_resume(known, live, status)?)
            }
            // It was taken off its schedule before anything else.
            (Some(Status::Draft), Status::Live) if live.scheduled.is_some() => return Ok(()),
            (Some(Status::Draft), Status::Paused) if known.paused_by.is_some() => {
                let message =
                    "it was taken off its schedule, and is kept there; there is no way back to a draft";
                return draft.heed([self.note(NoteKind::Advice, message).at("/status")]);
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
            reach: self.reach(known, live),
        };
        self.go_live(&going, applied, depends_on, draft)
    }

    /// Whether somebody resumes it by name.
    pub(super) fn is_asked_back(&self) -> bool {
        let parent = self.address.parent();
        let named = |address| self.inputs.choices.resumes(address);
        named(self.address) || parent.as_ref().is_some_and(named)
    }

    /// Why a survey that is out of field may go back there, or the note that says why it may not.
    fn may_resume(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        status: Status,
    ) -> Result<Cow<'static, str>, Note> {
        let asked = self.is_asked_back();
        let policy = self.desired.policy.on_external_pause == OnExternalPause::Resume;
        let ended = self.ended(known, live).map(|ended| self.as_wanted(ended));
        let raised = self.raised(known, live);
        if raised.is_none()
            && let Some(ended) = ended.filter(|ended| {
                // Of a goal that is reached nothing is left to collect, whoever asks.
                let short = ended.end == End::Short && policy && self.too_late(known, live, status).is_none();
                ended.end == End::Done || (known.in_field && !known.paused_for_edit && !asked && !short)
            })
        {
            return Err(self.end_note(known, live, &ended));
        }
        if let Some(note) = self
            .frozen_until(known, live)
            .filter(|_| status == Status::Paused)
        {
            return Err(note);
        }
        let hours = self.waits_for_hours(known);
        if known.in_field && !known.paused_for_edit && !asked && raised.is_none() && !hours {
            if let Some(own) = self.own_note(known, live) {
                return Err(own);
            }
            if !policy {
                return Err(self.external_pause(known, live));
            }
        }
        if let Some(late) = self.too_late(known, live, status) {
            return Err(late);
        }
        Ok(match (known.in_field, asked) {
            _ if known.paused_for_edit => "an interrupted apply had paused it for a change".into(),
            (_, false) if raised.is_some() => raised.unwrap_or_default().into(),
            _ if hours => "its hours are open".into(),
            (true, true) if known.paused_by.is_some() => "--resume asks for it back".into(),
            (true, true) => "it was paused outside infield, and --resume asks for it back".into(),
            (true, false) => {
                "it was paused outside infield, and on_external_pause: resume asks for it back".into()
            }
            (false, _) => "the manifest wants it back in field".into(),
        })
    }

    /// Says that a survey we left in field is not, and who may have done that.
    fn external_pause(&self, known: &KnownSurvey, live: &LiveSurvey) -> Note {
        let reason = match (&live.status_reason, live.fielded, live.spec.completes.value()) {
            (Some(reason), _, _) => format!(": {reason}"),
            (None, Some(fielded), Some(goal)) => format!(" at {fielded} of {goal} completes"),
            (None, _, _) => String::new(),
        };
        // We paused it, and began to resume it; whether that got through was never seen.
        let what = if known.applied.status == Field::Set(Status::Paused) {
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
