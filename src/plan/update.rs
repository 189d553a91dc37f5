//! The plan of a survey that can be changed in place: field edits in their stages, then its status.

use super::diff::{self, FieldName, Memory, SurveyDiff};
use super::drafted::{Decided, refused};
use super::market::{Edits, StatusChange};
use super::overlay::{advanced, as_found};
use super::planner::Planner;
use super::{Action, Guard, NoteKind, Plan, exposure};
use crate::model::known::{Act, PausedBy};
use crate::model::{Field, KnownSurvey, LiveSurvey, Status};

impl Planner<'_> {
    /// Field edits and status of a survey that can be changed in place.
    pub(super) fn update_and_move(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        status: Status,
        draft: &mut Plan,
    ) -> Decided {
        let mut depends_on = Vec::new();
        let mut applied = as_found(self.desired.vendor, &known.applied, &self.desired.spec, live);
        let mut status_now = status;
        let mut in_field = known.in_field;
        if self.leaves(Some(status)) && draft.add(self.pause(known, live)) {
            depends_on.push(format!("{}:{}", self.address, Action::Pause));
            applied.status = Field::Set(Status::Paused);
            status_now = Status::Paused;
            in_field = false;
        }
        let memory = Memory::unsure(self.desired.vendor, known).moving(&self.desired.moved_quotas);
        let found = diff::diff(&self.desired.spec, memory, live);
        draft.heed(self.unmanaged(&found))?;
        draft.heed(self.who_moved(&found, live))?;
        draft.heed(self.edits_refused(&found, live, status))?;
        draft.heed(self.passed(Some(&found)))?;
        // Where the price is refused, so is everything that would come along with it.
        let price = found.fields.iter().any(|edit| edit.field.is_price());
        let mut priced = price
            .then(|| self.check_price(&self.after(known, live)))
            .flatten();
        // A new goal alone can be what the quotas do not add up to.
        draft.heed(self.preflight_errors().filter(|_| price || found.aims()))?;
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
            let calls = calls.map_err(|refusal| refused(self.address, NoteKind::Blocked, refusal))?;
            let reason = match (targeting, stage.drifted()) {
                (true, _) => "who is asked changes while the survey is in field",
                (false, true) => {
                    "changed outside infield since the last apply, and back as the manifest wants it"
                }
                (false, false) => "the manifest differs from the vendor",
            };
            let mut step = self.step(Action::Update, reason, applied.clone(), in_field);
            let cut = self.cuts(&stage, live).then(|| PausedBy::now(Act::Cut));
            // A goal that was reached is remembered until what is raised is back in field.
            let reached = known.finished.or_else(|| self.reached(known, live));
            step.record = step.record.because(cut.or(known.paused_by), reached);
            if targeting {
                step.id = format!("{}:update-targeting", self.address);
                step.guards.push(Guard::EditLiveTargeting);
            }
            let stops = |edit: &diff::QuotaEdit| matches!(edit, diff::QuotaEdit::Stop { .. });
            if status_now == Status::Live && stage.quotas.iter().any(stops) {
                step.guards.push(Guard::Remove);
            }
            step.changes = self.changes(&stage, Some(live));
            step.calls = calls;
            step.hidden = self.hidden(&stage);
            step.depends_on = depends_on.clone();
            if status_now == Status::Live && self.market.needs_pause(&stage) {
                step.depends_on.extend(self.container_for_return(draft)?);
                step.reason = format!("{}; it is paused meanwhile", step.reason);
                step.calls.splice(0..0, self.out_of_field(live, Status::Paused));
                step.resumes = self.market.set_status(&StatusChange {
                    address: self.address,
                    id: &live.id,
                    live: Some(live),
                    after: &applied,
                    to: Status::Live,
                    as_of: self.inputs.live.as_of,
                });
            }
            let stake = self.stakes(known, live, &written, &stage);
            step = stake.of(step, status_now);
            if status_now == Status::Live {
                step.adds_exposure = stake.change();
                draft
                    .notes
                    .extend(self.soft_launch(&stake.reach).filter(|_| stage.aims()));
                if let Some(reason) = stake.unknown(&stage) {
                    let guards = self.inputs.guards;
                    let note = exposure::unknown(guards, self.address, Action::Update, reason);
                    draft.judge(&mut step, [note]);
                }
            }
            draft.judge(&mut step, priced.take());
            depends_on.push(step.id.clone());
            draft.steps.push(step);
            written.extend(stage);
        }
        self.move_status(known, live, status, applied, depends_on, draft)
    }
}
