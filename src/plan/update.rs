//! The plan of a survey that can be changed in place: field edits in their stages, then its status.

use super::diff::{self, FieldName, Memory, QuotaEdit, SurveyDiff};
use super::market::{Edits, Move};
use super::overlay::{advanced, as_found};
use super::survey::{Drafted, Planner, refused};
use super::{Action, Guard, NoteKind, exposure};
use crate::model::{Field, KnownSurvey, LiveSurvey, Status};

impl Planner<'_> {
    /// Field edits and status of a survey that can be changed in place.
    pub(super) fn update_and_move(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        status: Status,
        draft: &mut Drafted,
    ) {
        let wanted_status = self.desired.status();
        let mut depends_on = Vec::new();
        let mut applied = as_found(self.desired.vendor, &known.applied, &self.desired.spec, live);
        let mut status_now = status;
        let leaves = wanted_status == Some(Status::Paused) && status == Status::Live;
        if leaves && self.pause(known, live, draft) {
            depends_on.push(format!("{}:{}", self.address, Action::Pause));
            applied.status = Field::Set(Status::Paused);
            status_now = Status::Paused;
        }
        let in_field = if status_now == Status::Paused && status == Status::Live {
            false
        } else {
            known.in_field
        };
        let memory = Memory {
            vendor: self.desired.vendor,
            applied: &known.applied,
            unsure: &known.unsure,
        };
        let found = diff::diff(&self.desired.spec, memory, live);
        self.report_unmanaged(&found, draft);
        self.report_who(&found, live, draft);
        if !self.check_edits(&found, live, status, draft) {
            return;
        }
        // A new goal alone can be what the quotas do not add up to.
        let goal = found.fields.iter().any(|edit| edit.field == FieldName::Completes);
        let targets = goal || !found.qualifications.is_empty() || !found.quotas.is_empty();
        if let Some(note) = self.objections().filter(|_| targets) {
            draft.notes.push(note);
            return;
        }
        let stages = self.stages(found, status);
        let mut written = SurveyDiff::default();
        for (stage, targeting) in stages {
            applied = advanced(&applied, &self.desired.spec, &stage);
            let fields: Vec<FieldName> = stage.fields.iter().map(|edit| edit.field.clone()).collect();
            let calls = self.market.update(&Edits {
                subject: self.subject(),
                live,
                applied: &known.applied,
                wanted: &self.desired.spec,
                fields: &fields,
                qualifications: &stage.qualifications,
                quotas: &stage.quotas,
                written: &written,
            });
            let calls = match calls {
                Ok(calls) => calls,
                Err(refusal) => {
                    draft
                        .notes
                        .push(refused(self.address, NoteKind::Blocked, refusal));
                    return;
                }
            };
            let drift = stage.fields.iter().any(|e| e.drift)
                || stage.qualifications.iter().any(|e| e.drift)
                || stage
                    .quotas
                    .iter()
                    .any(|e| matches!(e, QuotaEdit::Change { drift: true, .. }));
            let reason = match (targeting, drift) {
                (true, _) => "who is asked changes while the survey is in field",
                (false, true) => {
                    "changed outside infield since the last apply, and back as the manifest wants it"
                }
                (false, false) => "the manifest differs from the vendor",
            };
            let mut step = self.step(Action::Update, reason, applied.clone(), in_field);
            if targeting {
                step.id = format!("{}:update-targeting", self.address);
                step.guards.push(Guard::EditLiveTargeting);
            }
            step.changes = self.changes(&stage, Some(live));
            step.calls = calls;
            step.hidden = self.hidden(&stage);
            step.depends_on = depends_on.clone();
            if status_now == Status::Live && self.market.needs_pause(&stage) {
                match self.container_for_return(draft) {
                    Ok(first) => step.depends_on.extend(first),
                    Err(note) => {
                        draft.notes.push(note);
                        return;
                    }
                }
                step.reason = format!("{}; it is paused meanwhile", step.reason);
                step.calls.splice(0..0, self.out_of_field(live, Status::Paused));
                step.resumes = self.market.set_status(&Move {
                    address: self.address,
                    id: &live.id,
                    live: Some(live),
                    after: &applied,
                    to: Status::Live,
                    as_of: self.inputs.live.as_of,
                });
            }
            if status_now == Status::Live {
                step.adds_exposure = self.exposure_change(known, live, &written, &stage);
                if let Some(reason) = self.raises_blindly(known, live, &written, &stage) {
                    let note = exposure::unknown(self.inputs.guards, self.address, Action::Update, reason);
                    let refused = note.kind == NoteKind::Refused;
                    draft.notes.push(note);
                    if refused {
                        return;
                    }
                }
            }
            depends_on.push(step.id.clone());
            draft.steps.push(step);
            written.fields.extend(stage.fields);
            written.qualifications.extend(stage.qualifications);
            written.quotas.extend(stage.quotas);
        }
        self.move_status(known, live, status, applied, depends_on, draft);
    }
}
