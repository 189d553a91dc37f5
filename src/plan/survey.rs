//! The plan of one survey: create, change, launch, pause, close, and all the reasons not to.

use super::diff::{self, FieldName, QuotaEdit, SurveyDiff};
use super::market::{Edits, Marketplace, Refusal};
use super::{Action, Change, Guard, Inputs, Note, NoteKind, Record, Step, exposure, template};
use crate::model::call::path_placeholder;
use crate::model::capability::Mutability;
use crate::model::desired::{OnExternalPause, OnRemove};
use crate::model::{
    Address, DesiredSurvey, Field, Intent, KnownSurvey, LiveSurvey, Money, Quota, Reading, Resource,
    ResourceKind, Status, SurveySpec,
};
use serde_json::Value;

/// What planning has decided so far.
#[derive(Debug, Default)]
pub struct Drafted {
    /// Steps in dependency order.
    pub steps: Vec<Step>,
    /// Notes in any order.
    pub notes: Vec<Note>,
    /// Resources with nothing to do.
    pub unchanged: Vec<Address>,
    /// What to remember without sending anything.
    pub bookkeeping: Vec<(Address, Record)>,
}

/// Plans one survey that a manifest wants.
pub fn plan_survey(inputs: &Inputs<'_>, address: &Address, desired: &DesiredSurvey, draft: &mut Drafted) {
    if let Some((id, intent)) = inputs.known.intents_of(address).next() {
        draft.notes.push(open_intent_note(address, id, intent));
        return;
    }
    let market = (inputs.markets)(desired.vendor);
    let survey = Planner {
        inputs,
        market,
        address,
        desired,
    };
    let Some(resource) = inputs.known.resources.get(address) else {
        survey.create(Vec::new(), Action::Create, draft);
        return;
    };
    let ResourceKind::Survey(known) = &resource.kind else {
        draft.notes.push(
            Note::new(
                address,
                NoteKind::Blocked,
                "this name belongs to an exclusion group in the state",
            )
            .help("give the survey another name"),
        );
        return;
    };
    if resource.vendor != desired.vendor {
        draft.notes.push(
            Note::new(
                address,
                NoteKind::Blocked,
                format!(
                    "the survey exists at {} and cannot move to {}",
                    resource.vendor.name(),
                    desired.vendor.name()
                ),
            )
            .help("give the manifest another name to field it there as well"),
        );
        return;
    }
    match inputs.live.surveys.get(address) {
        Some(Reading::Present(live)) => survey.existing(resource, known, live, draft),
        Some(Reading::Absent { proof }) => draft.notes.push(
            Note::new(
                address,
                NoteKind::Blocked,
                format!(
                    "survey {} is in the state but not at {}: {proof}",
                    resource.id,
                    resource.vendor.name()
                ),
            )
            .help(format!(
                "`infield state rm {address}` forgets it; the next apply then creates a new one"
            )),
        ),
        Some(Reading::Unknown { why }) => draft.notes.push(not_read(address, why)),
        None => draft.notes.push(not_read(address, "it was not asked for")),
    }
}

fn not_read(address: &Address, why: &str) -> Note {
    Note::new(
        address,
        NoteKind::Blocked,
        format!("the vendor's picture could not be read: {why}"),
    )
    .help("nothing is changed on an unknown; run again when the vendor answers")
}

/// Says that an earlier create may or may not have happened, and how to settle it.
pub fn open_intent_note(address: &Address, id: &str, intent: &Intent) -> Note {
    Note::new(
        address,
        NoteKind::Blocked,
        format!(
            "`{}` was started at {} and its outcome is not known; it will not be sent again (intent {id})",
            intent.call, intent.at
        ),
    )
    .help(format!(
        "look at the vendor, then run `infield state resolve {address} --adopt ID` or \
         `infield state resolve {address} --discard`"
    ))
}

/// Plans what a removed manifest means for its survey or group.
pub fn plan_removed(inputs: &Inputs<'_>, address: &Address, resource: &Resource, draft: &mut Drafted) {
    if let Some((id, intent)) = inputs.known.intents_of(address).next() {
        draft.notes.push(open_intent_note(address, id, intent));
        return;
    }
    // Without the whole project a missing manifest says nothing.
    if !inputs.choices.whole_project {
        return;
    }
    let ResourceKind::Survey(known) = &resource.kind else {
        draft.notes.push(
            Note::new(
                address,
                NoteKind::Unmanaged,
                "the manifest of this exclusion group is gone; the group is left as it is",
            )
            .help(format!("`infield state rm {address}` forgets it")),
        );
        return;
    };
    let live = match inputs.live.surveys.get(address) {
        Some(Reading::Present(live)) => live,
        Some(Reading::Absent { proof }) => {
            draft.notes.push(
                Note::new(
                    address,
                    NoteKind::Unmanaged,
                    format!("its manifest is gone, and so is the survey: {proof}"),
                )
                .help(format!("`infield state rm {address}` forgets it")),
            );
            return;
        }
        Some(Reading::Unknown { why }) => {
            draft.notes.push(not_read(address, why));
            return;
        }
        None => {
            draft.notes.push(not_read(address, "it was not asked for"));
            return;
        }
    };
    let market = (inputs.markets)(resource.vendor);
    let status = live.status;
    let step = |action: Action, calls, changes, guards, record| Step {
        id: format!("{address}:{action}"),
        address: address.clone(),
        vendor: resource.vendor,
        action,
        reason: format!(
            "its manifest was removed (on_remove: {})",
            on_remove_key(known.policy.on_remove)
        ),
        changes,
        calls,
        depends_on: Vec::new(),
        guards,
        // A forgotten survey stays in field; it only leaves our books.
        adds_exposure: match action {
            Action::Pause | Action::Close => exposure::ended(live),
            _ => None,
        },
        record,
    };
    let remembered = |applied: &SurveySpec, status: Status| {
        let mut applied = applied.clone();
        applied.status = Field::Set(status);
        Record::Survey {
            applied: Box::new(applied),
            in_field: false,
            policy: known.policy,
            orphaned: true,
        }
    };
    match (known.policy.on_remove, status) {
        (OnRemove::Forget, _) => {
            draft.steps.push(step(
                Action::Forget,
                Vec::new(),
                Vec::new(),
                Vec::new(),
                Record::Forgotten,
            ));
        }
        (OnRemove::Pause, Some(Status::Live)) => draft.steps.push(step(
            Action::Pause,
            market.set_status(&live.id, Status::Paused),
            vec![status_change(status, Status::Paused)],
            Vec::new(),
            remembered(&known.applied, Status::Paused),
        )),
        (OnRemove::Close, Some(current)) if current != Status::Closed => {
            match market.transition(current, Status::Closed) {
                Ok(()) => draft.steps.push(step(
                    Action::Close,
                    market.set_status(&live.id, Status::Closed),
                    vec![status_change(status, Status::Closed)],
                    vec![Guard::Close],
                    remembered(&known.applied, Status::Closed),
                )),
                Err(refusal) => draft.notes.push(refused(address, NoteKind::Unsupported, refusal)),
            }
        }
        (OnRemove::Pause | OnRemove::Close, _) => {
            let shown = status.map_or_else(|| live.status_text.clone(), |s| s.to_string());
            draft.notes.push(
                Note::new(
                    address,
                    NoteKind::Unmanaged,
                    format!(
                        "its manifest is gone; survey {} is {shown} and left as it is",
                        live.id
                    ),
                )
                .help(format!("`infield state rm {address}` forgets it")),
            );
            if !known.orphaned {
                draft.bookkeeping.push((
                    address.clone(),
                    Record::Survey {
                        applied: Box::new(known.applied.clone()),
                        in_field: known.in_field,
                        policy: known.policy,
                        orphaned: true,
                    },
                ));
            }
        }
    }
}

fn on_remove_key(on_remove: OnRemove) -> &'static str {
    match on_remove {
        OnRemove::Forget => "forget",
        OnRemove::Pause => "pause",
        OnRemove::Close => "close",
    }
}

pub(super) fn refused(address: &Address, kind: NoteKind, refusal: Refusal) -> Note {
    let note = Note::new(address, kind, refusal.message);
    match refusal.help {
        Some(help) => note.help(help),
        None => note,
    }
}

fn status_change(before: Option<Status>, after: Status) -> Change {
    Change {
        path: "/status".to_owned(),
        before: diff::status_json(before),
        after: diff::status_json(Some(after)),
        remark: None,
        drift: false,
    }
}

/// One survey with everything its planning needs.
#[derive(Clone, Copy)]
pub(super) struct Planner<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) market: &'static dyn Marketplace,
    pub(super) address: &'a Address,
    pub(super) desired: &'a DesiredSurvey,
}

impl Planner<'_> {
    fn note(&self, kind: NoteKind, message: impl Into<String>) -> Note {
        Note::new(self.address, kind, message)
    }

    fn step(&self, action: Action, reason: impl Into<String>, applied: SurveySpec, in_field: bool) -> Step {
        Step {
            id: format!("{}:{action}", self.address),
            address: self.address.clone(),
            vendor: self.desired.vendor,
            action,
            reason: reason.into(),
            changes: Vec::new(),
            calls: Vec::new(),
            depends_on: Vec::new(),
            guards: Vec::new(),
            adds_exposure: None,
            record: self.record(applied, in_field),
        }
    }

    fn record(&self, applied: SurveySpec, in_field: bool) -> Record {
        Record::Survey {
            applied: Box::new(applied),
            in_field,
            policy: self.desired.policy,
            orphaned: false,
        }
    }

    /// A new survey; with `Action::Replace` in place of an existing one, whose closing steps are given.
    pub(super) fn create(&self, closing: Vec<Step>, action: Action, draft: &mut Drafted) {
        let spec = &self.desired.spec;
        if self.desired.status() == Some(Status::Closed) {
            draft.notes.push(self.note(
                NoteKind::Advice,
                "wanted closed and never created: there is nothing to do",
            ));
            draft.unchanged.push(self.address.clone());
            return;
        }
        if let Some(note) = template::check_available(self) {
            draft.notes.push(note);
            return;
        }
        if let Some(note) = exposure::check_cpi(self.inputs.guards, self.address, &spec.cpi) {
            draft.notes.push(note);
            return;
        }
        let calls = match self.market.create(self.address, spec) {
            Ok(calls) => calls,
            Err(refusal) => {
                draft
                    .notes
                    .push(refused(self.address, NoteKind::Blocked, refusal));
                return;
            }
        };
        let mut applied = spec.clone();
        applied.status = Field::Set(Status::Draft);
        let reason = match action {
            Action::Replace => "its template cannot be changed in place",
            _ => "it is in the manifests and not at the vendor",
        };
        let mut create = self.step(action, reason, applied.clone(), false);
        let everything = diff::diff(spec, &SurveySpec::default(), &LiveSurvey::default());
        create.changes = self.changes(&everything, None);
        create.calls = calls;
        if action == Action::Replace {
            create.guards.push(Guard::Replace);
        }
        let mut before_launch = vec![create.id.clone()];
        draft.steps.push(create);
        for mut step in closing {
            step.depends_on = before_launch.clone();
            before_launch = vec![step.id.clone()];
            draft.steps.push(step);
        }
        match self.desired.status() {
            Some(Status::Live) => {
                let id = path_placeholder(self.address);
                let going = Going {
                    action: Action::Launch,
                    from: Status::Draft,
                    reason: "the manifest wants it in field",
                };
                self.go_live(&going, &id, spec, Some(0), applied, before_launch, draft);
            }
            Some(Status::Paused) => draft.notes.push(self.note(
                NoteKind::Advice,
                "a draft cannot be paused: it is created as a draft and stays out of field",
            )),
            Some(Status::Draft | Status::Closed) | None => {}
        }
    }

    /// The step that puts the survey in field, or the notes that say why not yet.
    #[expect(
        clippy::too_many_arguments,
        reason = "one caller each for a new and an existing survey, no shared state"
    )]
    fn go_live(
        &self,
        going: &Going,
        id: &str,
        after: &SurveySpec,
        fielded: Option<u64>,
        mut applied: SurveySpec,
        depends_on: Vec<String>,
        draft: &mut Drafted,
    ) -> bool {
        let missing = self.market.missing_for_launch(after);
        if !missing.is_empty() {
            draft.notes.extend(
                missing
                    .into_iter()
                    .map(|refusal| refused(self.address, NoteKind::Blocked, refusal)),
            );
            return false;
        }
        // A survey without a price goes in field at the market price.
        let price = after.cpi.clone().or(Field::Null);
        if let Some(note) = exposure::check_cpi(self.inputs.guards, self.address, &price) {
            draft.notes.push(note);
            return false;
        }
        applied.status = Field::Set(Status::Live);
        let mut step = self.step(going.action, going.reason, applied, true);
        step.changes.push(status_change(Some(going.from), Status::Live));
        step.calls = self.market.set_status(id, Status::Live);
        step.depends_on = depends_on;
        step.guards.push(Guard::Launch);
        step.adds_exposure = exposure::of_spec(after, fielded);
        if step.adds_exposure.is_none() {
            let note = exposure::unknown(self.inputs.guards, self.address, going.action);
            let refused = note.kind == NoteKind::Refused;
            draft.notes.push(note);
            if refused {
                return false;
            }
        }
        draft.steps.push(step);
        true
    }

    /// A survey that exists.
    fn existing(&self, resource: &Resource, known: &KnownSurvey, live: &LiveSurvey, draft: &mut Drafted) {
        let Some(status) = live.status else {
            draft.notes.push(
                self.note(
                    NoteKind::Blocked,
                    format!(
                        "the vendor shows a status infield does not know: {}",
                        live.status_text
                    ),
                )
                .help("nothing is changed on an unknown status"),
            );
            return;
        };
        let (steps_before, notes_before) = (draft.steps.len(), draft.notes.len());
        template::close_former(self, known, draft);
        if status == Status::Closed {
            self.closed(live, draft);
        } else if self.desired.status() == Some(Status::Closed) {
            self.close(known, live, status, draft);
        } else {
            match template::check_unchanged(self, resource, known, live) {
                template::Verdict::Same(note) => {
                    draft.notes.extend(note);
                    self.update_and_move(known, live, status, draft);
                }
                template::Verdict::Conflict(note) => {
                    draft.notes.push(note);
                    if self.desired.status() == Some(Status::Paused) && status == Status::Live {
                        self.pause(known, live, draft);
                    }
                    return;
                }
                template::Verdict::Replace => {
                    let closing = template::close_replaced(self, live, status, &resource.id);
                    self.create(closing, Action::Replace, draft);
                }
            }
        }
        let held_back = draft.notes[notes_before..].iter().any(|note| {
            matches!(
                note.kind,
                NoteKind::Blocked | NoteKind::Refused | NoteKind::Unsupported
            )
        });
        if draft.steps.len() == steps_before && !held_back {
            draft.unchanged.push(self.address.clone());
            self.remember(known, status, draft);
        }
    }

    /// Keeps what was decided or seen, where no step of this plan does.
    fn remember(&self, known: &KnownSurvey, status: Status, draft: &mut Drafted) {
        // A closed survey is not compared any more, so what the manifest says now was not written.
        let mut applied = if status == Status::Closed {
            known.applied.clone()
        } else {
            merged(&known.applied, &self.desired.spec)
        };
        // A drifted status stays what we left; everything else is as wanted, or there would be a step.
        applied.status = known.applied.status.clone();
        let in_field = match (status, self.desired.status()) {
            (Status::Live, Some(Status::Live)) => true,
            (Status::Paused, Some(Status::Paused)) | (Status::Closed, _) => false,
            _ => known.in_field,
        };
        if in_field != known.in_field
            || (status == Status::Paused && self.desired.status() == Some(Status::Paused))
        {
            applied.status = Field::Set(status);
        }
        let same = applied == known.applied
            && in_field == known.in_field
            && known.policy == self.desired.policy
            && !known.orphaned;
        if !same {
            draft
                .bookkeeping
                .push((self.address.clone(), self.record(applied, in_field)));
        }
    }

    fn closed(&self, live: &LiveSurvey, draft: &mut Drafted) {
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
                            "wanted {wanted}, but survey {} is closed{why}, and closed is final",
                            live.id
                        ),
                    )
                    .help("set `status: closed`, or field it again under a new name")
                    .at("/status"),
                );
            }
        }
    }

    fn close(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status, draft: &mut Drafted) {
        if let Err(refusal) = self.market.transition(status, Status::Closed) {
            draft
                .notes
                .push(refused(self.address, NoteKind::Unsupported, refusal).at("/status"));
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
        step.calls = self.market.set_status(&live.id, Status::Closed);
        step.adds_exposure = exposure::ended(live);
        step.guards.push(Guard::Close);
        draft.steps.push(step);
    }

    fn pause(&self, known: &KnownSurvey, live: &LiveSurvey, draft: &mut Drafted) {
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
        step.calls = self.market.set_status(&live.id, Status::Paused);
        step.adds_exposure = exposure::ended(live);
        draft.steps.push(step);
    }

    /// Field edits and status of a survey that can be changed in place.
    fn update_and_move(&self, known: &KnownSurvey, live: &LiveSurvey, status: Status, draft: &mut Drafted) {
        let wanted_status = self.desired.status();
        let mut depends_on = Vec::new();
        let mut applied = known.applied.clone();
        let mut status_now = status;
        if wanted_status == Some(Status::Paused) && status == Status::Live {
            self.pause(known, live, draft);
            depends_on.push(format!("{}:{}", self.address, Action::Pause));
            applied.status = Field::Set(Status::Paused);
            status_now = Status::Paused;
        }
        let in_field = if status_now == Status::Paused && status == Status::Live {
            false
        } else {
            known.in_field
        };
        let found = diff::diff(&self.desired.spec, &known.applied, live);
        self.report_unmanaged(&found, draft);
        if !self.check_edits(&found, live, status, draft) {
            return;
        }
        let stages = self.stages(found, status);
        let mut written = SurveyDiff::default();
        for (stage, targeting) in stages {
            applied = advanced(&applied, &self.desired.spec, &stage);
            let fields: Vec<FieldName> = stage.fields.iter().map(|edit| edit.field.clone()).collect();
            let calls = self.market.update(&Edits {
                live,
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
            step.depends_on = depends_on.clone();
            if status_now == Status::Live && !targeting {
                step.adds_exposure = self.exposure_change(live, &stage);
                if self.raises_blindly(live, &stage) {
                    let note = exposure::unknown(self.inputs.guards, self.address, Action::Update);
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

    /// Splits edits into those that are free and those that change who is asked in field.
    fn stages(&self, found: SurveyDiff, status: Status) -> Vec<(SurveyDiff, bool)> {
        let guarded = |field: &FieldName| {
            matches!(status, Status::Live | Status::Paused)
                && self.market.mutability(field) == Mutability::TargetingWhenLive
        };
        let (mut free, mut targeting) = (SurveyDiff::default(), SurveyDiff::default());
        for edit in found.fields {
            let side = if guarded(&edit.field) {
                &mut targeting
            } else {
                &mut free
            };
            side.fields.push(edit);
        }
        let side = if guarded(&FieldName::Qualifications) {
            &mut targeting
        } else {
            &mut free
        };
        side.qualifications = found.qualifications;
        for edit in found.quotas {
            let side = if edit.changes_criteria() && guarded(&FieldName::QuotaCriteria) {
                &mut targeting
            } else {
                &mut free
            };
            side.quotas.push(edit);
        }
        let mut stages = Vec::new();
        if !free.is_empty() {
            stages.push((free, false));
        }
        if !targeting.is_empty() {
            stages.push((targeting, true));
        }
        stages
    }

    /// Refuses edits that the vendor's rules or collected completes forbid. False: nothing may be edited.
    fn check_edits(
        &self,
        found: &SurveyDiff,
        live: &LiveSurvey,
        status: Status,
        draft: &mut Drafted,
    ) -> bool {
        let notes_before = draft.notes.len();
        for edit in &found.fields {
            if let Mutability::CreateOnly(rule) = self.market.mutability(&edit.field) {
                let path = edit.field.path(self.desired.vendor);
                draft.notes.push(
                    self.note(
                        NoteKind::Blocked,
                        format!(
                            "{path} cannot change from {} to {}: {rule}",
                            edit.before, edit.after
                        ),
                    )
                    .help("put the old value back, or field a new survey under another name")
                    .at(path),
                );
            }
            if edit.field == FieldName::Cpi {
                draft.notes.extend(exposure::check_cpi(
                    self.inputs.guards,
                    self.address,
                    &self.desired.spec.cpi,
                ));
            }
            if edit.field == FieldName::Completes
                && let (Some(before), Some(after)) = (edit.before.as_u64(), edit.after.as_u64())
                && after < before
            {
                draft
                    .notes
                    .extend(self.check_lowered("/completes", after, live.fielded, status));
            }
        }
        for edit in &found.quotas {
            match edit {
                QuotaEdit::Change { before, after, .. } if after.completes < before.completes => {
                    let path = format!("/quotas/{}/completes", after.name);
                    draft
                        .notes
                        .extend(self.check_lowered(&path, after.completes, before.fielded, status));
                }
                QuotaEdit::Add(_) | QuotaEdit::Change { .. } | QuotaEdit::Stop { .. } => {}
            }
        }
        !draft.notes[notes_before..]
            .iter()
            .any(|note| matches!(note.kind, NoteKind::Blocked | NoteKind::Refused))
    }

    fn check_lowered(&self, path: &str, wanted: u64, fielded: Option<u64>, status: Status) -> Option<Note> {
        if status == Status::Draft {
            return None;
        }
        let note = match fielded {
            Some(fielded) if wanted < fielded => self
                .note(
                    NoteKind::Refused,
                    format!("{path} cannot go to {wanted}: {fielded} completes are collected already"),
                )
                .help(format!("{fielded} is the lowest value; it closes it now")),
            Some(_) => return None,
            None => self
                .note(
                    NoteKind::Blocked,
                    format!("{path} cannot be lowered: how many completes are collected could not be read"),
                )
                .help("run again when the vendor answers"),
        };
        Some(note.at(path))
    }

    fn report_unmanaged(&self, found: &SurveyDiff, draft: &mut Drafted) {
        if !found.unmanaged_quotas.is_empty() {
            let count = found.unmanaged_quotas.len();
            let completes: Vec<String> = found
                .unmanaged_quotas
                .iter()
                .take(3)
                .map(|quota| {
                    format!(
                        "{} ({} completes)",
                        quota.name.as_deref().unwrap_or(&quota.id),
                        quota.completes
                    )
                })
                .collect();
            let more = if count > 3 {
                format!(" and {} more", count - 3)
            } else {
                String::new()
            };
            draft.notes.push(self.note(
                NoteKind::Unmanaged,
                format!(
                    "{count} quota{} from a template or made by hand {} left alone: {}{more}",
                    if count == 1 { "" } else { "s" },
                    if count == 1 { "is" } else { "are" },
                    completes.join(", ")
                ),
            ));
        }
        if !found.unmanaged_qualifications.is_empty() {
            let book = self.market.codebook();
            let names: Vec<&str> = found
                .unmanaged_qualifications
                .iter()
                .map(|code| book.question_name(code))
                .collect();
            draft.notes.push(self.note(
                NoteKind::Unmanaged,
                format!(
                    "qualifications from a template or made by hand are left alone: {}",
                    names.join(", ")
                ),
            ));
        }
    }

    /// Whether a stage may raise the exposure to something nobody can name: a market price, or more completes at one.
    fn raises_blindly(&self, live: &LiveSurvey, stage: &SurveyDiff) -> bool {
        let may_raise = stage.fields.iter().any(|edit| match edit.field {
            FieldName::Cpi => true,
            FieldName::Completes => edit
                .after
                .as_u64()
                .is_none_or(|after| edit.before.as_u64().is_none_or(|before| after > before)),
            _ => false,
        });
        let after = advanced(&live.spec, &self.desired.spec, stage);
        may_raise && exposure::of_spec(&after, live.fielded).is_none()
    }

    fn exposure_change(&self, live: &LiveSurvey, stage: &SurveyDiff) -> Option<Money> {
        let after = advanced(&live.spec, &self.desired.spec, stage);
        let after = exposure::of_spec(&after, live.fielded)?;
        // What is not known now is not part of the exposure before, so all of it is added.
        let before =
            exposure::of_spec(&live.spec, live.fielded).unwrap_or_else(|| Money::zero(after.currency));
        (before.currency == after.currency && before != after)
            .then(|| Money::new(after.amount - before.amount, after.currency))
    }

    /// Launch, resume, or the note that says why not.
    fn move_status(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        status: Status,
        applied: SurveySpec,
        depends_on: Vec<String>,
        draft: &mut Drafted,
    ) {
        let after = merged(&live.spec, &self.desired.spec);
        match (self.desired.status(), status) {
            (Some(Status::Live), Status::Draft) => {
                let going = Going {
                    action: Action::Launch,
                    from: status,
                    reason: "the manifest wants it in field",
                };
                self.go_live(&going, &live.id, &after, live.fielded, applied, depends_on, draft);
            }
            (Some(Status::Live), Status::Paused) => {
                let asked = self.inputs.choices.resume.contains(self.address);
                let policy = self.desired.policy.on_external_pause == OnExternalPause::Resume;
                if known.in_field && !asked && !policy {
                    draft.notes.push(self.external_pause(live));
                    return;
                }
                let reason = match (known.in_field, asked) {
                    (true, true) => "somebody paused it, and --resume asks for it back",
                    (true, false) => "somebody paused it, and on_external_pause: resume asks for it back",
                    (false, _) => "the manifest wants it back in field",
                };
                let going = Going {
                    action: Action::Resume,
                    from: status,
                    reason,
                };
                self.go_live(&going, &live.id, &after, live.fielded, applied, depends_on, draft);
            }
            (Some(Status::Draft), Status::Live | Status::Paused) => draft.notes.push(
                self.note(
                    NoteKind::Drift,
                    format!(
                        "wanted draft, but survey {} is {status}; there is no way back",
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

    fn external_pause(&self, live: &LiveSurvey) -> Note {
        let reason = match (&live.status_reason, live.fielded, live.spec.completes.value()) {
            (Some(reason), _, _) => format!(": {reason}"),
            (None, Some(fielded), Some(goal)) if fielded >= *goal => {
                format!(": its goal is reached ({fielded} of {goal} completes)")
            }
            (None, Some(fielded), Some(goal)) => format!(" at {fielded} of {goal} completes"),
            (None, _, _) => String::new(),
        };
        self.note(
            NoteKind::Drift,
            format!(
                "wanted live, but survey {} was paused outside infield{reason}; it is not resumed unasked",
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

    /// A diff as changes for people and machines.
    fn changes(&self, found: &SurveyDiff, live: Option<&LiveSurvey>) -> Vec<Change> {
        let book = self.market.codebook();
        let fielded = live.and_then(|live| live.fielded).unwrap_or(0);
        let mut changes = Vec::new();
        if let (None, Some(template)) = (live, self.desired.spec.template.value()) {
            changes.push(Change {
                path: format!("/{}/template_id", self.desired.vendor.key()),
                before: Value::Null,
                after: Value::from(*template),
                remark: Some("applied once, at creation".to_owned()),
                drift: false,
            });
        }
        for edit in &found.fields {
            let remark = match (&edit.field, edit.after.as_u64()) {
                (FieldName::Completes, Some(after)) if fielded > 0 => Some(collected(fielded, after)),
                (FieldName::Cpi, _) if fielded > 0 => Some(format!(
                    "{fielded} completes are collected already at the old price"
                )),
                _ => None,
            };
            changes.push(Change {
                path: edit.field.path(self.desired.vendor),
                before: edit.before.clone(),
                after: edit.after.clone(),
                remark,
                drift: edit.drift,
            });
        }
        for edit in &found.qualifications {
            let side = |criterion: &Option<_>| match criterion {
                Some(criterion) => Value::from(book.describe(criterion).1),
                None => Value::Null,
            };
            changes.push(Change {
                path: format!("/qualifications/{}", book.question_name(&edit.question)),
                before: side(&edit.before),
                after: side(&edit.after),
                remark: None,
                drift: edit.drift,
            });
        }
        for edit in &found.quotas {
            changes.extend(self.quota_changes(edit));
        }
        changes
    }

    fn quota_changes(&self, edit: &QuotaEdit) -> Vec<Change> {
        let book = self.market.codebook();
        let change = |field: &str, before: Value, after: Value| Change {
            path: format!("/quotas/{}{field}", edit.name()),
            before,
            after,
            remark: None,
            drift: false,
        };
        match edit {
            QuotaEdit::Add(Quota {
                name: _,
                completes,
                criteria,
            }) => vec![
                change("/completes", Value::Null, Value::from(*completes)),
                change("/where", Value::Null, diff::criteria_json(book, criteria)),
            ],
            QuotaEdit::Change { before, after, drift } => {
                let mut changes = Vec::new();
                if before.completes != after.completes {
                    let mut change = change(
                        "/completes",
                        Value::from(before.completes),
                        Value::from(after.completes),
                    );
                    change.remark = before
                        .fielded
                        .filter(|fielded| *fielded > 0)
                        .map(|fielded| collected(fielded, after.completes));
                    changes.push(change);
                }
                if before.criteria != after.criteria {
                    let mut change = change(
                        "/where",
                        diff::criteria_json(book, &before.criteria),
                        diff::criteria_json(book, &after.criteria),
                    );
                    change.remark = before
                        .fielded
                        .filter(|fielded| *fielded > 0)
                        .map(|fielded| format!("{fielded} completes are collected under the old criteria"));
                    changes.push(change);
                }
                for change in &mut changes {
                    change.drift = *drift;
                }
                changes
            }
            QuotaEdit::Stop { before } => {
                let mut stopped = change("/completes", Value::from(before.completes), Value::Null);
                stopped.remark = Some(match before.fielded {
                    Some(fielded) if fielded > 0 => {
                        format!("the quota goes; its {fielded} completes stay paid")
                    }
                    _ => "the quota goes".to_owned(),
                });
                vec![stopped]
            }
        }
    }
}

/// What a goal means next to the completes collected.
fn collected(fielded: u64, goal: u64) -> String {
    if goal <= fielded {
        format!("{fielded} collected: closes it now")
    } else {
        format!("{fielded} collected, {} still wanted", goal - fielded)
    }
}

/// How a survey goes in field.
struct Going {
    action: Action,
    from: Status,
    reason: &'static str,
}

/// `base` with everything that `wanted` mentions.
pub(super) fn merged(base: &SurveySpec, wanted: &SurveySpec) -> SurveySpec {
    let wanted = wanted.clone();
    let base = base.clone();
    let mut attributes = base.attributes;
    attributes.extend(wanted.attributes);
    SurveySpec {
        title: wanted.title.or(base.title),
        locale: wanted.locale.or(base.locale),
        completes: wanted.completes.or(base.completes),
        incidence_rate: wanted.incidence_rate.or(base.incidence_rate),
        length_of_interview: wanted.length_of_interview.or(base.length_of_interview),
        field_days: wanted.field_days.or(base.field_days),
        cpi: wanted.cpi.or(base.cpi),
        live_url: wanted.live_url.or(base.live_url),
        test_url: wanted.test_url.or(base.test_url),
        status: wanted.status.or(base.status),
        template: wanted.template.or(base.template),
        qualifications: wanted.qualifications.or(base.qualifications),
        quotas: wanted.quotas.or(base.quotas),
        attributes,
    }
}

/// `base` with only those wanted values that a stage of edits writes.
fn advanced(base: &SurveySpec, wanted: &SurveySpec, stage: &SurveyDiff) -> SurveySpec {
    let mut after = base.clone();
    for edit in &stage.fields {
        match &edit.field {
            FieldName::Title => after.title = wanted.title.clone(),
            FieldName::Locale => after.locale = wanted.locale.clone(),
            FieldName::Completes => after.completes = wanted.completes.clone(),
            FieldName::IncidenceRate => after.incidence_rate = wanted.incidence_rate.clone(),
            FieldName::LengthOfInterview => after.length_of_interview = wanted.length_of_interview.clone(),
            FieldName::FieldDays => after.field_days = wanted.field_days.clone(),
            FieldName::Cpi => after.cpi = wanted.cpi.clone(),
            FieldName::LiveUrl => after.live_url = wanted.live_url.clone(),
            FieldName::TestUrl => after.test_url = wanted.test_url.clone(),
            FieldName::Qualifications | FieldName::QuotaCriteria => {}
            FieldName::Attribute(name) => {
                if let Some(value) = wanted.attributes.get(name) {
                    after.attributes.insert(name.clone(), value.clone());
                }
            }
        }
    }
    if !stage.qualifications.is_empty() {
        after.qualifications = wanted.qualifications.clone();
    }
    if !stage.quotas.is_empty() {
        let mut quotas: Vec<Quota> = match after.quotas {
            Field::Set(quotas) => quotas,
            Field::Absent | Field::Null => Vec::new(),
        };
        for edit in &stage.quotas {
            match edit {
                QuotaEdit::Add(quota) | QuotaEdit::Change { after: quota, .. } => {
                    match quotas.iter_mut().find(|q| q.name == quota.name) {
                        Some(existing) => *existing = quota.clone(),
                        None => quotas.push(quota.clone()),
                    }
                }
                QuotaEdit::Stop { before } => {
                    quotas.retain(|q| Some(q.name.as_str()) != before.name.as_deref());
                }
            }
        }
        after.quotas = Field::Set(quotas);
    }
    after
}
