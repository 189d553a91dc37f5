//! The plan of one survey's status: launch, resume, pause, close, and what to say when somebody else moved it.

use super::market::Move;
use super::overlay::merged;
use super::survey::{Drafted, Planner, refused, status_change};
use super::{Action, Change, Guard, Note, NoteKind, Step, exposure};
use crate::model::desired::OnExternalPause;
use crate::model::{Field, KnownSurvey, Level, LiveSurvey, Status, SurveySpec};

/// How a survey goes in field.
pub(super) struct Going<'a> {
    pub(super) action: Action,
    pub(super) from: Status,
    pub(super) reason: &'static str,
    /// As read; `None` where it is made by the same plan.
    pub(super) live: Option<&'a LiveSurvey>,
}

/// Whether a change may be what a vendor waits for before it lets something go in field again.
fn makes_room(change: &Change) -> bool {
    ["/completes", "/quotas", "/field"]
        .iter()
        .any(|place| change.path.starts_with(place))
}

impl Planner<'_> {
    /// The calls that take a survey out of field, for now or for good.
    pub(super) fn out_of_field(&self, live: &LiveSurvey, to: Status) -> Vec<crate::model::Call> {
        self.market.set_status(&Move {
            address: self.address,
            id: &live.id,
            live: Some(live),
            after: &live.spec,
            to,
            as_of: self.inputs.live.as_of,
        })
    }

    /// The step that puts the survey in field, or the notes that say why not yet.
    #[expect(
        clippy::too_many_arguments,
        reason = "one caller each for a new and an existing survey, no shared state"
    )]
    pub(super) fn go_live(
        &self,
        going: &Going<'_>,
        id: &str,
        after: &SurveySpec,
        fielded: Option<u64>,
        mut applied: SurveySpec,
        depends_on: Vec<String>,
        draft: &mut Drafted,
    ) -> bool {
        // What this plan changes first may be what was missing.
        let helps = |step: &&Step| depends_on.contains(&step.id) && step.changes.iter().any(makes_room);
        if let Some(note) = self
            .no_way()
            .filter(|_| !draft.steps.iter().any(|step| helps(&step)))
        {
            draft.notes.push(note);
            return false;
        }
        let missing = self.market.missing_for_launch(self.level(), after);
        if !missing.is_empty() {
            draft.notes.extend(
                missing
                    .into_iter()
                    .map(|refusal| refused(self.address, NoteKind::Blocked, refusal)),
            );
            return false;
        }
        let costs = self.level() != Level::Container;
        if costs && let Some(note) = self.check_price(after) {
            draft.notes.push(note);
            return false;
        }
        let mut depends_on = depends_on;
        match self.container_in_field(draft) {
            Ok(first) => depends_on.extend(first),
            Err(note) => {
                draft.notes.push(note);
                return false;
            }
        }
        applied.status = Field::Set(Status::Live);
        let mut step = self.step(going.action, going.reason, applied, true);
        step.changes.push(status_change(Some(going.from), Status::Live));
        // A start that nobody here asked for is no reason to wait for it.
        let after_here = SurveySpec {
            start: self.desired.spec.start.clone(),
            ..after.clone()
        };
        step.calls = self.market.set_status(&Move {
            address: self.address,
            id,
            live: going.live,
            after: &after_here,
            to: Status::Live,
            as_of: self.inputs.live.as_of,
        });
        step.depends_on = depends_on;
        step.guards.push(Guard::Launch);
        step.adds_exposure = exposure::of_spec(after, fielded);
        if costs && step.adds_exposure.is_none() {
            let reason = exposure::Unknown::FromVendor;
            let note = exposure::unknown(self.inputs.guards, self.address, going.action, reason);
            let refused = note.kind == NoteKind::Refused;
            draft.notes.push(note);
            if refused {
                return false;
            }
        }
        draft.steps.push(step);
        true
    }

    pub(super) fn close(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status, draft: &mut Drafted) {
        if let Err(refusal) = self.market.transition(status, Status::Closed) {
            draft
                .notes
                .push(refused(self.address, NoteKind::Unsupported, refusal).at("/status"));
            return;
        }
        if let Some(note) = self.no_way() {
            draft.notes.push(note);
            return;
        }
        let mut applied = known.applied.clone();
        applied.status = Field::Set(Status::Closed);
        let mut step = self.step(
            Action::Close,
            "the manifest wants it closed for good",
            applied,
            false,
        );
        step.changes.push(status_change(Some(status), Status::Closed));
        step.calls = self.out_of_field(live, Status::Closed);
        step.adds_exposure = exposure::ended(live, &known.applied);
        step.guards.push(Guard::Close);
        draft.steps.push(step);
    }

    pub(super) fn closed(&self, live: &LiveSurvey, draft: &mut Drafted) {
        match self.desired.status() {
            Some(Status::Closed) => {}
            wanted => {
                let why = live
                    .status_reason
                    .as_ref()
                    .map(|r| format!(" ({r})"))
                    .unwrap_or_default();
                let wanted = wanted.map_or_else(|| "managed".to_owned(), |s| s.to_string());
                draft.notes.push(
                    self.note(
                        NoteKind::Drift,
                        format!(
                            "wanted {wanted}, but {} {} is closed{why}, and closed is final",
                            self.noun(),
                            live.id
                        ),
                    )
                    .help("set `status: closed`, or field it again under a new name")
                    .at("/status"),
                );
            }
        }
    }

    /// The step that takes it out of field, or the note that says why the vendor would not. False: it stays in field.
    pub(super) fn pause(&self, known: &KnownSurvey, live: &LiveSurvey, draft: &mut Drafted) -> bool {
        if let Some(note) = self.no_way() {
            draft.notes.push(note);
            return false;
        }
        let mut applied = known.applied.clone();
        applied.status = Field::Set(Status::Paused);
        let ours = known.applied.status == Field::Set(Status::Paused);
        let reason = if ours {
            "somebody put it in field; the manifest wants it paused"
        } else {
            "the manifest wants it out of field"
        };
        let mut step = self.step(Action::Pause, reason, applied, false);
        let mut change = status_change(Some(Status::Live), Status::Paused);
        change.drift = ours;
        step.changes.push(change);
        step.calls = self.out_of_field(live, Status::Paused);
        step.adds_exposure = exposure::ended(live, &known.applied);
        draft.steps.push(step);
        true
    }

    /// Launch, resume, or the note that says why not.
    pub(super) fn move_status(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        status: Status,
        applied: SurveySpec,
        depends_on: Vec<String>,
        draft: &mut Drafted,
    ) {
        let after = merged(&merged(&known.applied, &live.spec), &self.desired.spec);
        match (self.desired.status(), status) {
            (Some(Status::Live), Status::Draft) => {
                let going = Going {
                    action: Action::Launch,
                    from: status,
                    reason: "the manifest wants it in field",
                    live: Some(live),
                };
                self.go_live(&going, &live.id, &after, live.fielded, applied, depends_on, draft);
            }
            (Some(Status::Live), Status::Paused | Status::Closed) => {
                let parent = self.address.parent();
                let named = |address| self.inputs.choices.resumes(address);
                let asked = named(self.address) || parent.as_ref().is_some_and(named);
                let policy = self.desired.policy.on_external_pause == OnExternalPause::Resume;
                if known.in_field && !known.held && !asked && !policy {
                    draft.notes.push(self.external_pause(known, live));
                    return;
                }
                if let Err(refusal) = self.market.transition(status, Status::Live) {
                    let note = refused(self.address, NoteKind::Blocked, refusal).at("/status");
                    draft.notes.push(note);
                    return;
                }
                let reason = match (known.in_field, asked) {
                    _ if known.held => "an interrupted apply had paused it for a change",
                    (true, true) => "somebody paused it, and --resume asks for it back",
                    (true, false) => "somebody paused it, and on_external_pause: resume asks for it back",
                    (false, _) => "the manifest wants it back in field",
                };
                let going = Going {
                    action: Action::Resume,
                    from: status,
                    reason,
                    live: Some(live),
                };
                self.go_live(&going, &live.id, &after, live.fielded, applied, depends_on, draft);
            }
            (Some(Status::Draft), Status::Live | Status::Paused) => draft.notes.push(
                self.note(
                    NoteKind::Drift,
                    format!(
                        "wanted draft, but {} {} is {status}; there is no way back",
                        self.noun(),
                        live.id
                    ),
                )
                .help("set `status: paused` to take it out of field")
                .at("/status"),
            ),
            (Some(Status::Paused), Status::Draft) => draft.notes.push(
                self.note(
                    NoteKind::Advice,
                    "a draft cannot be paused: it is out of field and stays a draft",
                )
                .at("/status"),
            ),
            _ => {}
        }
    }

    /// Says that a survey we left in field is not, and who may have done that.
    pub(super) fn external_pause(&self, known: &KnownSurvey, live: &LiveSurvey) -> Note {
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
