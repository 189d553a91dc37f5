//! The plan of a survey that can be changed in place: field edits in their stages, then its status, then what can only be
//! changed once it is back in field.

use super::diff::{self, FieldName, Memory, SurveyDiff};
use super::drafted::{Decided, refused};
use super::market::{Edits, Refusal, StatusChange};
use super::note::Note;
use super::overlay::{advanced, as_found};
use super::planner::Planner;
use super::{Action, Guard, NoteKind, Plan, exposure};
use crate::model::known::{Act, PausedBy};
use crate::model::{Call, Field, KnownSurvey, LiveSurvey, Status, SurveySpec};
use rust_decimal::Decimal;

/// What has been written so far of one survey, and what the next step stands on.
struct Writing<'a> {
    known: &'a KnownSurvey,
    live: &'a LiveSurvey,
    applied: SurveySpec,
    status: Status,
    in_field: bool,
    written: SurveyDiff,
    depends_on: Vec<String>,
    /// Why infield itself keeps it out of field.
    paused_by: Option<PausedBy>,
    /// The note on the price, until a step has it.
    priced: Option<Note>,
}

/// What a stage of edits is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// What may change at any time.
    Free,
    /// Who is asked while it is in field.
    Targeting,
    /// What could not change before it was back in field.
    OnceBack,
    /// What raises the money, after what lowers it.
    Raise,
}

impl Stage {
    fn reason(self, drifted: bool) -> &'static str {
        match (self, drifted) {
            (Self::Targeting, _) => "who is asked changes while the survey is in field",
            (Self::OnceBack, _) => "it can change once it is back in field",
            (Self::Raise, _) => "it raises the money, and goes after what lowers it",
            (Self::Free, true) => {
                "changed outside infield since the last apply, and back as the manifest wants it"
            }
            (Self::Free, false) => "the manifest differs from the vendor",
        }
    }
}

impl Planner<'_> {
    /// Field edits and status of a survey that can be changed in place.
    pub(super) fn update_and_move(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        status: Status,
        draft: &mut Plan,
    ) -> Decided {
        let mut writing = Writing {
            known,
            live,
            applied: as_found(self.desired.vendor, &known.applied, &self.desired.spec, live),
            status,
            in_field: known.in_field,
            written: SurveyDiff::default(),
            depends_on: Vec::new(),
            paused_by: known.paused_by,
            priced: None,
        };
        if self.leaves(live) && draft.add(self.pause(known, live)) {
            writing
                .depends_on
                .push(format!("{}:{}", self.address, Action::Pause));
            writing.applied.status = Field::Set(Status::Paused);
            writing.status = Status::Paused;
            writing.in_field = false;
            writing.paused_by = Some(self.pausing());
            self.leaves_with(known, live, draft);
        }
        let memory = Memory::unsure(self.desired.vendor, known).moving(&self.desired.moved_quotas);
        let mut found = diff::diff(&self.desired.spec, memory, live);
        draft.heed(self.unmanaged(&found))?;
        draft.heed(self.who_moved(&found, live))?;
        draft.heed(self.edits_refused(&found, live, status))?;
        draft.heed(self.passed(Some(&found)))?;
        // Where the price is refused, so is everything that would come along with it.
        let price = found.fields.iter().any(|edit| edit.field.is_price());
        writing.priced = price
            .then(|| self.check_price(&self.after(known, live)))
            .flatten();
        // A new goal alone can be what the quotas do not add up to.
        draft.heed(self.preflight_errors().filter(|_| price || found.aims()))?;
        let late = self.take_once_back(&mut found, status);
        for (stage, about) in self.in_order(self.stages(found, status), known, live) {
            for (stage, about) in self.apart(stage, about, known, live) {
                self.write(&mut writing, stage, about, draft)?;
            }
        }
        let Writing {
            applied,
            written,
            depends_on,
            ..
        } = writing;
        let moved = self.move_status(known, live, status, applied, depends_on, draft);
        if late.is_empty() {
            return moved;
        }
        let id = format!("{}:{}", self.address, Action::Resume);
        let resumed = draft.steps.last().filter(|step| step.id == id);
        let Some(applied) = resumed.and_then(|step| step.applied()).cloned() else {
            draft.settle(moved);
            return draft.heed(self.not_back(&late, status));
        };
        let back = LiveSurvey {
            status: Some(Status::Live),
            status_text: Status::Live.to_string(),
            ..live.clone()
        };
        let mut writing = Writing {
            known,
            live: &back,
            applied,
            status: Status::Live,
            in_field: true,
            written,
            depends_on: vec![id],
            paused_by: None,
            priced: None,
        };
        self.write(&mut writing, late, Stage::OnceBack, draft)
    }

    /// Stages so that between two steps no more may be at stake than before or after all: what lowers it goes first.
    fn in_order(
        &self,
        mut stages: Vec<(SurveyDiff, Stage)>,
        known: &KnownSurvey,
        live: &LiveSurvey,
    ) -> Vec<(SurveyDiff, Stage)> {
        let adds = |(stage, _): &(SurveyDiff, Stage)| self.adds(known, live, stage);
        if live.status == Some(Status::Live)
            && let [first, second] = stages.as_slice()
            && adds(first) > Decimal::ZERO
            && adds(second) < Decimal::ZERO
        {
            stages.reverse();
        }
        stages
    }

    /// Edits of which some lower the money and others raise it, where they take several calls: what raises it is a step of its
    /// own, made once the other one is seen at the vendor. A step up a ladder is one step with what comes along.
    fn apart(
        &self,
        stage: SurveyDiff,
        about: Stage,
        known: &KnownSurvey,
        live: &LiveSurvey,
    ) -> Vec<(SurveyDiff, Stage)> {
        let priced = stage.fields.iter().any(|edit| edit.field.is_price());
        let together = about != Stage::Free || self.desired.ladder.is_some() || !priced;
        if live.status != Some(Status::Live) || together || self.market.needs_pause(&stage) {
            return vec![(stage, about)];
        }
        let (mut prices, mut counts) = (SurveyDiff::default(), stage.clone());
        prices.fields = counts
            .fields
            .extract_if(.., |edit| edit.field.is_price())
            .collect();
        let (by_prices, by_counts) = (self.adds(known, live, &prices), self.adds(known, live, &counts));
        let (first, then) = match (by_prices < Decimal::ZERO, by_counts < Decimal::ZERO) {
            (true, false) if by_counts > Decimal::ZERO => (prices, counts),
            (false, true) if by_prices > Decimal::ZERO => (counts, prices),
            _ => return vec![(stage, about)],
        };
        let calls = self.calls(&stage, known, live, &SurveyDiff::default());
        match calls.is_ok_and(|calls| calls.len() > 1) {
            true => vec![(first, Stage::Free), (then, Stage::Raise)],
            false => vec![(stage, about)],
        }
    }

    /// What edits add to the money at stake, made alone; nothing where that is not known.
    fn adds(&self, known: &KnownSurvey, live: &LiveSurvey, stage: &SurveyDiff) -> Decimal {
        let stake = self.stakes(known, live, &SurveyDiff::default(), stage);
        stake.change().map_or(Decimal::ZERO, |money| money.amount)
    }

    /// The calls that write edits.
    fn calls(
        &self,
        stage: &SurveyDiff,
        known: &KnownSurvey,
        live: &LiveSurvey,
        written: &SurveyDiff,
    ) -> Result<Vec<Call>, Refusal> {
        let fields: Vec<FieldName> = stage.fields.iter().map(|edit| edit.field.clone()).collect();
        let begun = known.job.as_ref().filter(|job| job.path.is_some());
        self.market.update(&Edits {
            subject: self.subject(),
            live,
            applied: &known.applied,
            wanted: &self.desired.spec,
            fields: &fields,
            qualifications: &stage.qualifications,
            quotas: &stage.quotas,
            written,
            begun: begun.map(|job| job.call.as_str()),
            as_of: self.now(),
        })
    }

    /// Drafts the step that writes a stage of edits.
    fn write(&self, writing: &mut Writing<'_>, stage: SurveyDiff, about: Stage, draft: &mut Plan) -> Decided {
        let (known, live, status) = (writing.known, writing.live, writing.status);
        writing.applied = advanced(&writing.applied, &self.desired.spec, &stage);
        let calls = self.calls(&stage, known, live, &writing.written);
        let calls = calls.map_err(|refusal| refused(self.address, NoteKind::Blocked, refusal))?;
        let reason = about.reason(stage.drifted());
        let mut step = self.step(Action::Update, reason, writing.applied.clone(), writing.in_field);
        let cut = self.cuts(&stage, live).then(|| PausedBy::now(Act::Cut));
        // A goal that was reached is remembered until what is raised is back in field.
        if about != Stage::OnceBack {
            let reached = known.finished.or_else(|| self.reached(known, live));
            step.record = step.record.because(cut.or(writing.paused_by), reached);
        }
        match about {
            Stage::Free => {}
            Stage::Targeting => {
                step.id = format!("{}:update-targeting", self.address);
                step.guards.push(Guard::EditLiveTargeting);
            }
            Stage::OnceBack => step.id = format!("{}:update-in-field", self.address),
            Stage::Raise => step.id = format!("{}:update-raise", self.address),
        }
        let stops = |edit: &diff::QuotaEdit| matches!(edit, diff::QuotaEdit::Stop { .. });
        if status == Status::Live && stage.quotas.iter().any(stops) {
            step.guards.push(Guard::Remove);
        }
        step.changes = self.changes(&stage, Some(live));
        step.calls = calls;
        step.hidden = self.hidden(&stage);
        step.depends_on = writing.depends_on.clone();
        if status == Status::Live && self.market.needs_pause(&stage) {
            step.depends_on.extend(self.container_for_return(draft)?);
            step.reason = format!("{}; it is paused meanwhile", step.reason);
            step.calls.splice(0..0, self.out_of_field(live, Status::Paused));
            step.resumes = self.market.set_status(&StatusChange {
                address: self.address,
                id: &live.id,
                live: Some(live),
                after: &writing.applied,
                to: Status::Live,
                as_of: self.now(),
            });
        }
        let stake = self.stakes(known, live, &writing.written, &stage);
        step = stake.of(step, status);
        if status == Status::Live {
            step.adds_exposure = stake.change();
            draft
                .notes
                .extend(self.soft_launch(&stake.reach).filter(|_| stage.aims()));
            if let Some(reason) = stake.unknown(&stage) {
                let note = exposure::not_known(self.inputs, self.address, Action::Update, reason);
                draft.judge(&mut step, [note]);
            }
        }
        let up = self.steps_up(&step);
        if up && let Some(because) = self.up_because(known) {
            step.reason = because;
        }
        if stage.aims() {
            let after = self.after(known, live);
            let notes = self.climbs(&mut step, &after, up && status == Status::Live);
            draft.notes.extend(notes);
        }
        draft.judge(&mut step, writing.priced.take());
        writing.depends_on.push(step.id.clone());
        draft.steps.push(step);
        writing.written.extend(stage);
        Ok(())
    }
}
