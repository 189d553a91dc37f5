//! The plan of one survey: create, change, launch, pause, close, and all the reasons not to.

use super::collected::collected_by;
use super::diff::{self, FieldName, Memory, SurveyDiff};
use super::drafted::{Decided, no_open_intent, not_read, pending, refused, seen};
use super::inputs::Inputs;
use super::note::{Note, NoteKind};
use super::planner::Planner;
use super::stake::Fielding;
use super::status::Going;
use super::step::{Action, Plan, Record, Step};
use super::{exposure, replaced, template};
use crate::model::call::path_placeholder;
use crate::model::capability::Mutability;
use crate::model::guard::Guard;
use crate::model::{
    Address, DesiredSurvey, Field, KnownSurvey, LiveSurvey, Reading, ResourceKind, Status, SurveySpec,
};

/// Plans one survey that a manifest wants.
pub(super) fn plan_survey(
    inputs: &Inputs<'_>,
    address: &Address,
    desired: &DesiredSurvey,
    draft: &mut Plan,
) -> Decided {
    no_open_intent(inputs, address)?;
    let written = Planner::of(inputs, address, desired);
    match written.resolved() {
        Ok(resolved) => written.wanting(&resolved).decide(draft),
        Err(unresolved) => {
            written.pause_at_least(draft);
            Err(unresolved.into())
        }
    }
}

/// Why something is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Made {
    /// There is none.
    New,
    /// Its template cannot be changed.
    InPlaceOfTemplate,
    /// Something else cannot be changed any more.
    InPlaceOfFixed,
    /// It has ended for good, and more is wanted of it.
    InPlaceOfEnded,
}

impl Made {
    fn action(self) -> (Action, &'static str) {
        match self {
            Self::New => (Action::Create, "it is in the manifests and not at the vendor"),
            Self::InPlaceOfTemplate => (Action::Replace, "its template cannot be changed in place"),
            Self::InPlaceOfFixed => (Action::Replace, "what the manifest changes is fixed by now"),
            Self::InPlaceOfEnded => (
                Action::Replace,
                "it has ended and cannot go back in field; a new one is made for what is missing",
            ),
        }
    }
}

impl Planner<'_> {
    /// What is to be done, once every question and answer is in the vendor's codes.
    fn decide(&self, draft: &mut Plan) -> Decided {
        let (address, vendor) = (self.address, self.desired.vendor);
        let Some(resource) = self.inputs.known.resources.get(address) else {
            return self.create(Vec::new(), Made::New, draft);
        };
        let ResourceKind::Survey(known) = &resource.kind else {
            let note = self.blocked("this name belongs to an exclusion group in the state");
            return Err(note.help("give the survey another name").into());
        };
        if resource.vendor != vendor {
            let (here, there) = (resource.vendor.name(), vendor.name());
            let note = self.blocked(format!("it exists at {here} and cannot move to {there}"));
            let help = "give the manifest another name to field it there as well";
            return Err(note.help(help).into());
        }
        let gone = |proof: &str| {
            let (noun, id, at) = (self.noun(), &resource.id, vendor.name());
            self.blocked(format!("{noun} {id} is in the state but not at {at}: {proof}"))
                .help(format!(
                    "`infield state rm {address}` forgets it; the next apply then creates a new one"
                ))
        };
        let reading = self.inputs.live.surveys.get(address);
        let live = seen(reading, gone, |why| not_read(address, why))?;
        draft.notes.extend(self.uncounted(live));
        self.existing(known, live, draft)
    }

    /// That its completes could not be read: what is at stake is then more than it may be.
    fn uncounted(&self, live: &LiveSurvey) -> Option<Note> {
        let why = live.performance.as_ref()?.unread.as_ref()?;
        let message = format!("{why}; what is at stake is counted as if it had none");
        live.fielded
            .is_none()
            .then(|| self.note(NoteKind::Advice, message))
    }

    /// Taking a survey out of field needs nothing else to be right.
    fn pause_at_least(&self, draft: &mut Plan) {
        let reading = self.inputs.live.surveys.get(self.address);
        if let (Some(known), Some(live)) = (
            self.inputs.known.survey(self.address),
            reading.and_then(Reading::present),
        ) && self.leaves(live)
        {
            draft.add(self.pause(known, live));
        }
    }

    /// Whether the manifest takes it out of field for now, or until its hours open, or off its schedule: what never was in field does not go there by
    /// itself any more where a draft is wanted.
    pub(super) fn leaves(&self, live: &LiveSurvey) -> bool {
        let out = match self.desired.status() {
            Some(Status::Paused) => true,
            Some(Status::Draft) => live.scheduled.is_some(),
            Some(Status::Live) => self.leaves_for_hours(live),
            _ => false,
        };
        out && live.status == Some(Status::Live)
    }

    /// Paths of what a step writes and the vendor may not show.
    pub(super) fn hidden(&self, written: &SurveyDiff) -> Vec<String> {
        let fields = written.fields.iter().map(|edit| &edit.field);
        let mut hidden: Vec<String> = fields
            .filter(|field| self.market.may_hide(field))
            .map(|field| field.path(self.desired.vendor))
            .collect();
        if self.market.may_hide(&FieldName::Qualifications) {
            let questions = written.qualifications.iter();
            hidden.extend(questions.map(|edit| diff::qualification_path(&edit.question)));
        }
        if self.market.may_hide(&FieldName::QuotaCriteria) {
            hidden.extend(written.quotas.iter().map(|edit| diff::quota_path(edit.name())));
        }
        hidden
    }

    /// A new survey; with `Action::Replace` in place of an existing one, whose closing step is given.
    fn create(&self, closing: Vec<Step>, made: Made, draft: &mut Plan) -> Decided {
        let (action, reason) = made.action();
        let spec = &self.desired.spec;
        if self.desired.status() == Some(Status::Closed) {
            draft.unchanged.push(self.address.clone());
            return draft.heed([self.note(
                NoteKind::Advice,
                "wanted closed and never created: there is nothing to do",
            )]);
        }
        draft.heed(self.no_account())?;
        draft.heed(template::check_available(self))?;
        draft.heed(self.preflight_errors())?;
        draft.heed(self.passed(None))?;
        draft.heed(self.name_collisions())?;
        let first = self.container_made(draft)?;
        let calls = self.market.create(self.subject(), spec);
        let calls = calls.map_err(|refusal| refused(self.address, NoteKind::Blocked, refusal))?;
        let mut applied = spec.clone();
        applied.status = Field::Set(Status::Draft);
        let mut create = self.step(action, reason, applied.clone(), false);
        let nothing = SurveySpec::default();
        let memory = Memory::of(self.desired.vendor, &nothing);
        let everything = diff::diff(spec, memory, &LiveSurvey::default());
        create.changes = self.changes(&everything, None);
        create.hidden = self.hidden(&everything);
        create.calls = calls;
        create.depends_on = first;
        let stake = exposure::wanted(self.market, spec).map(|stake| stake.ended());
        create = create.at_stake(stake, stake);
        if action == Action::Replace {
            create.guards.push(Guard::Replace);
        }
        if let Record::Survey { continues, climb, .. } = &mut create.record {
            *continues = made == Made::InPlaceOfEnded;
            let now = self.climb(self.inputs.known.survey(self.address));
            *climb = now.map(Box::new);
        }
        draft.judge(
            &mut create,
            exposure::check_price(self.inputs.guards, self.address, spec),
        );
        let mut depends_on = vec![create.id.clone()];
        draft.steps.push(create);
        for mut step in closing {
            step.depends_on = depends_on.clone();
            depends_on = vec![step.id.clone()];
            draft.steps.push(step);
        }
        match self.desired.status() {
            Some(Status::Live) => {
                let going = Going {
                    action: Action::Launch,
                    from: Status::Draft,
                    reason: "the manifest wants it in field".into(),
                    live: None,
                    id: &path_placeholder(self.address),
                    after: spec,
                    reach: Fielding::wanted(self.desired.vendor, spec),
                };
                self.go_live(&going, applied, depends_on, draft)
            }
            Some(Status::Paused) => draft.heed([self.note(
                NoteKind::Advice,
                "a draft cannot be paused: it is created as a draft and stays out of field",
            )]),
            Some(Status::Draft | Status::Closed) | None => Ok(()),
        }
    }

    /// A note that this environment has no account at the vendor. A survey that exists there has its own note, because it
    /// could not be read.
    fn no_account(&self) -> Option<Note> {
        let vendor = self.desired.vendor;
        self.inputs.live.without_account.contains(&vendor).then(|| {
            let name = vendor.name();
            self.blocked(format!(
                "it is not made: this environment configures no {name} account in infield.yaml"
            ))
            .help(format!(
                "add a `{}` block with its token to the environment `{}`, or choose another one with `--env`",
                vendor.key(),
                self.inputs.environment
            ))
        })
    }

    /// A new survey in place of one that cannot become what is wanted; the old one is closed.
    fn replace(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        status: Status,
        made: Made,
        draft: &mut Plan,
    ) -> Decided {
        self.unprotected(known, Action::Replace)?;
        // What has ended by itself is closed.
        let closing = (status != Status::Closed).then(|| {
            let vendor = self.desired.vendor;
            replaced::closing_step(self.inputs, vendor, self.address, live, &known.applied, status)
        });
        let mut closing: Vec<Step> = closing.into_iter().collect();
        for step in &mut closing {
            // What it had taken over itself goes on counting.
            if let Record::FormerClosed { collected, .. } = &mut step.record {
                *collected = std::mem::take(collected).and(&known.replaced);
            }
        }
        let name = Address::survey(self.address.manifest());
        let study = self.inputs.desired.studies.get(&name);
        if study.is_none() && made != Made::InPlaceOfEnded {
            return self.create(closing, made, draft);
        }
        // A part of a study is made anew for what is missing of it, and so is what had ended.
        let told = self.ended(known, live).and_then(|ended| ended.completes);
        let counted = LiveSurvey {
            fielded: told.or(live.fielded),
            ..live.clone()
        };
        let had = collected_by(&counted).collected;
        let mut missing = self.desired.clone();
        let own = study.is_some_and(|study| study.own_quotas.contains(&missing.vendor));
        had.off(missing.vendor, &mut missing.spec, own);
        if missing.spec.completes == Field::Set(0) {
            let message = "it is not made anew: nothing of its part of the completes is missing";
            return Err(self
                .blocked(message)
                .help("put the old value back, or remove this marketplace")
                .into());
        }
        self.wanting(&missing).create(closing, made, draft)
    }

    /// The status the vendor shows, where it is one that infield knows.
    pub(super) fn known_status(&self, live: &LiveSurvey) -> Result<Status, Note> {
        live.status.ok_or_else(|| {
            self.blocked(format!(
                "the vendor shows a status infield does not know: {}",
                live.status_text
            ))
        })
    }

    /// A survey that exists.
    fn existing(&self, known: &KnownSurvey, live: &LiveSurvey, draft: &mut Plan) -> Decided {
        let help = "nothing is changed on an unknown status";
        let status = self.known_status(live).map_err(|note| note.help(help))?;
        let (steps_before, notes_before) = (draft.steps.len(), draft.notes.len());
        let (vendor, address) = (self.desired.vendor, self.address);
        replaced::close_replaced(self.inputs, vendor, address, &known.former, draft);
        draft.notes.extend(self.reopened_note(known, live));
        let in_field = status == Status::Live;
        draft
            .notes
            .extend(self.stage_waits(known, live, None).filter(|_| in_field));
        let granted = self.granted(known, status, draft);
        let decided = self.change(granted.as_ref().unwrap_or(known), live, status, draft);
        draft.settle(decided);
        let held_back = draft.notes[notes_before..].iter().any(Note::holds);
        if draft.steps.len() == steps_before && !held_back {
            draft.unchanged.push(self.address.clone());
            self.remember(known, live, status, draft);
        }
        Ok(())
    }

    /// What is remembered, with the lists of respondents that cannot be told and cannot be changed any more: what the manifest
    /// names is taken to be what was sent, and the plan says so. `None` where all is known.
    fn granted(&self, known: &KnownSurvey, status: Status, draft: &mut Plan) -> Option<KnownSurvey> {
        let wanted = &self.desired.spec;
        let open = |field: &FieldName| {
            let path = field.path(self.desired.vendor);
            let told = !known.applied.get(field).is_absent() && !known.unsure.contains(&path);
            let fixed = self.market.mutability(field, status);
            field.is_list_of_respondents() && !told && matches!(fixed, Mutability::CreateOnly(_))
        };
        let fields: Vec<FieldName> = wanted.mentioned().filter(open).collect();
        if fields.is_empty() {
            return None;
        }
        let mut granted = known.clone();
        for field in fields {
            let path = field.path(self.desired.vendor);
            granted.applied.take(&field, wanted);
            granted.unsure.remove(&path);
            let message = format!(
                "which respondents it has is not shown, and cannot be changed any more: {} counts as what was sent",
                wanted.get(&field).json().as_str().unwrap_or_default()
            );
            draft.notes.push(self.note(NoteKind::Advice, message).at(path));
        }
        Some(granted)
    }

    fn change(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status, draft: &mut Plan) -> Decided {
        let reopened = self.desired.vendor.facts().reopens && self.desired.status() == Some(Status::Live);
        if let Some(why) = &live.pending {
            return Err(pending(self.address, why).into());
        }
        if self.is_fielded_anew(known, live, status) {
            return self.replace(known, live, status, Made::InPlaceOfEnded, draft);
        }
        if status == Status::Closed && !reopened {
            return draft.heed(self.closed(known, live));
        }
        if self.desired.status() == Some(Status::Closed) {
            self.unprotected(known, Action::Close)?;
            draft.add(self.close(known, live, status));
            return Ok(());
        }
        match template::check_unchanged(self, known, live) {
            template::Verdict::Same(note) => {
                draft.heed(note)?;
                if self.is_made_anew(known, live, status) {
                    self.replace(known, live, status, Made::InPlaceOfFixed, draft)
                } else {
                    self.update_and_move(known, live, status, draft)
                }
            }
            template::Verdict::Conflict(note) => {
                if self.leaves(live) {
                    draft.add(self.pause(known, live));
                }
                Err(note.into())
            }
            template::Verdict::Replace => self.replace(known, live, status, Made::InPlaceOfTemplate, draft),
        }
    }

    /// Keeps what was decided or seen, where no step of this plan does.
    fn remember(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status, draft: &mut Plan) {
        // A closed survey is not compared any more, so what the manifest says now was not written.
        let mut applied = if status == Status::Closed {
            known.applied.clone()
        } else {
            self.desired.spec.over(&known.applied)
        };
        // A drifted status stays what we left; everything else is as wanted, or there would be a step.
        applied.status = known.applied.status.clone();
        let in_field = match (status, self.desired.status()) {
            (Status::Live, Some(Status::Live)) => true,
            (Status::Paused, Some(Status::Paused)) | (Status::Closed, Some(Status::Closed)) => false,
            _ => known.in_field,
        };
        // In field also after a launch or a resume that was interrupted, now that it is seen to have got through.
        if in_field != known.in_field
            || (status == Status::Paused && self.desired.status() == Some(Status::Paused))
            || (status == Status::Live && in_field)
        {
            applied.status = Field::Set(status);
        }
        let paused_by = known.paused_by.filter(|_| status != Status::Live);
        let paused_by = paused_by.map(|by| by.unless_live(self.desired.status()));
        // What was raised and waits to go back in field, for its hours or a freeze, does so on account of that.
        let raised = known.finished.filter(|_| self.raised(known, live).is_some());
        let reached = self.reached(known, live).or(raised);
        let climb = self.climb(Some(known));
        let climb = climb.filter(|climb| status != Status::Closed && known.climb.as_ref() != Some(climb));
        let same = applied == known.applied
            && paused_by == known.paused_by
            && reached == known.finished
            && in_field == known.in_field
            && climb.is_none()
            && known.policy == self.desired.policy
            && !known.paused_for_edit
            && !known.orphaned;
        if !same {
            let record = Record::survey(applied, in_field, self.desired.policy.clone(), false);
            let record = record.because(paused_by, reached).climbing(climb);
            draft.bookkeeping.push((self.address.clone(), record));
        }
    }
}
