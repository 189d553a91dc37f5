//! The plan of one survey: create, change, launch, pause, close, and all the reasons not to.

use super::diff::{self, FieldName, Memory, SurveyDiff};
use super::market::{Marketplace, Refusal, Subject};
use super::overlay::merged;
use super::status::Going;
use super::{Action, Change, Guard, Inputs, Note, NoteKind, Record, Step, exposure, former, names, template};
use crate::model::call::path_placeholder;
use crate::model::{
    Address, DesiredSurvey, Field, Intent, KnownSurvey, Level, Lexicon, LiveSurvey, Reading, Resource,
    ResourceKind, Status, SurveySpec, Words,
};

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
    let market = inputs.markets.of(desired.vendor);
    let (lexicon, unresolved, resolved) = names::resolve(inputs, market, address, desired);
    let desired = resolved.as_ref().unwrap_or(desired);
    let survey = Planner {
        inputs,
        market,
        address,
        desired,
        lexicon,
    };
    if !unresolved.is_empty() {
        draft.notes.extend(unresolved);
        survey.pause_at_least(draft);
        return;
    }
    let Some(resource) = inputs.known.resources.get(address) else {
        survey.create(Vec::new(), Made::New, draft);
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
                    "it exists at {} and cannot move to {}",
                    resource.vendor.name(),
                    desired.vendor.name()
                ),
            )
            .help("give the manifest another name to field it there as well"),
        );
        return;
    }
    match inputs.live.surveys.get(address) {
        Some(Reading::Present(live)) => survey.existing(known, live, draft),
        Some(Reading::Absent { proof }) => draft.notes.push(
            Note::new(
                address,
                NoteKind::Blocked,
                format!(
                    "{} {} is in the state but not at {}: {proof}",
                    survey.noun(),
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

pub(super) fn not_read(address: &Address, why: &str) -> Note {
    Note::new(
        address,
        NoteKind::Blocked,
        format!("the vendor's picture could not be read: {why}"),
    )
    .help("nothing is changed on an unknown; run again when the vendor answers")
}

pub(super) fn pending(address: &Address, why: &str) -> Note {
    Note::new(
        address,
        NoteKind::Blocked,
        format!("nothing can be changed now: {why}"),
    )
    .help("run again when the vendor is done")
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

pub(super) fn refused(address: &Address, kind: NoteKind, refusal: Refusal) -> Note {
    let mut note = Note::new(address, kind, refusal.message);
    note.help = refusal.help;
    if refusal.path.is_empty() {
        note
    } else {
        note.at(refusal.path)
    }
}

pub(super) fn status_change(before: Option<Status>, after: Status) -> Change {
    Change {
        path: "/status".to_owned(),
        before: diff::status_json(before),
        after: diff::status_json(Some(after)),
        remark: None,
        drift: false,
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
}

impl Made {
    fn action(self) -> (Action, &'static str) {
        match self {
            Self::New => (Action::Create, "it is in the manifests and not at the vendor"),
            Self::InPlaceOfTemplate => (Action::Replace, "its template cannot be changed in place"),
            Self::InPlaceOfFixed => (Action::Replace, "what the manifest changes is fixed by now"),
        }
    }
}

/// One survey with everything its planning needs.
#[derive(Clone, Copy)]
pub(super) struct Planner<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) market: &'a dyn Marketplace,
    pub(super) address: &'a Address,
    pub(super) desired: &'a DesiredSurvey,
    pub(super) lexicon: Option<&'a Lexicon>,
}

impl Planner<'_> {
    pub(super) fn level(&self) -> Level {
        Level::of(self.desired.vendor, self.address)
    }

    /// What the vendor calls it.
    pub(super) fn noun(&self) -> &'static str {
        self.desired.vendor.noun(self.level())
    }

    pub(super) fn words(&self) -> Words<'_> {
        Words {
            codebook: self.market.codebook(),
            lexicon: self.lexicon,
        }
    }

    pub(super) fn subject(&self) -> Subject<'_> {
        Subject {
            address: self.address,
            lexicon: self.lexicon,
        }
    }

    /// Taking a survey out of field needs nothing else to be right.
    fn pause_at_least(&self, draft: &mut Drafted) {
        let known = self.inputs.known.resources.get(self.address);
        let live = self
            .inputs
            .live
            .surveys
            .get(self.address)
            .and_then(Reading::present);
        if let (Some(known), Some(live)) = (known.and_then(Resource::survey), live)
            && self.desired.status() == Some(Status::Paused)
            && live.status == Some(Status::Live)
        {
            self.pause(known, live, draft);
        }
    }

    /// Paths of what a step writes and the vendor may not show.
    pub(super) fn hidden(&self, written: &SurveyDiff) -> Vec<String> {
        let mut hidden: Vec<String> = written
            .fields
            .iter()
            .filter(|edit| self.market.may_hide(&edit.field))
            .map(|edit| edit.field.path(self.desired.vendor))
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

    pub(super) fn note(&self, kind: NoteKind, message: impl Into<String>) -> Note {
        Note::new(self.address, kind, message)
    }

    pub(super) fn step(
        &self,
        action: Action,
        reason: impl Into<String>,
        applied: SurveySpec,
        in_field: bool,
    ) -> Step {
        Step {
            id: format!("{}:{action}", self.address),
            address: self.address.clone(),
            vendor: self.desired.vendor,
            action,
            reason: reason.into(),
            changes: Vec::new(),
            calls: Vec::new(),
            resumes: Vec::new(),
            hidden: Vec::new(),
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
    pub(super) fn create(&self, closing: Vec<Step>, made: Made, draft: &mut Drafted) {
        let (action, reason) = made.action();
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
        if let Some(note) = exposure::check_price(self.inputs.guards, self.address, spec) {
            draft.notes.push(note);
            return;
        }
        if let Some(note) = self.objections() {
            draft.notes.push(note);
            return;
        }
        if let Some(note) = self.namesakes() {
            let blocks = note.kind == NoteKind::Blocked;
            draft.notes.push(note);
            if blocks {
                return;
            }
        }
        let first = match self.container_made(draft) {
            Ok(first) => first,
            Err(note) => {
                draft.notes.push(note);
                return;
            }
        };
        let calls = match self.market.create(self.subject(), spec) {
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
        let mut create = self.step(action, reason, applied.clone(), false);
        let nothing = SurveySpec::default();
        let memory = Memory::of(self.desired.vendor, &nothing);
        let everything = diff::diff(spec, memory, &LiveSurvey::default());
        create.changes = self.changes(&everything, None);
        create.hidden = self.hidden(&everything);
        create.calls = calls;
        create.depends_on = first;
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
                    live: None,
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

    /// A new survey in place of one that cannot become what is wanted; the old one is closed.
    fn replace(
        &self,
        known: &KnownSurvey,
        live: &LiveSurvey,
        status: Status,
        made: Made,
        draft: &mut Drafted,
    ) {
        // What has ended by itself is closed.
        let closing = (status != Status::Closed).then(|| {
            let vendor = self.desired.vendor;
            former::closing_step(self.inputs, vendor, self.address, live, &known.applied, status)
        });
        self.create(closing.into_iter().collect(), made, draft);
    }

    /// A survey that exists.
    fn existing(&self, known: &KnownSurvey, live: &LiveSurvey, draft: &mut Drafted) {
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
        former::close_former(
            self.inputs,
            self.desired.vendor,
            self.address,
            &known.former,
            draft,
        );
        let reopened = self.desired.vendor.facts().reopens && self.desired.status() == Some(Status::Live);
        if let Some(why) = &live.pending {
            draft.notes.push(pending(self.address, why));
        } else if status == Status::Closed && !reopened {
            self.closed(live, draft);
        } else if self.desired.status() == Some(Status::Closed) {
            self.close(known, live, status, draft);
        } else {
            match template::check_unchanged(self, known, live) {
                template::Verdict::Same(note) => {
                    draft.notes.extend(note);
                    if self.is_made_anew(known, live, status) {
                        self.replace(known, live, status, Made::InPlaceOfFixed, draft);
                    } else {
                        self.update_and_move(known, live, status, draft);
                    }
                }
                template::Verdict::Conflict(note) => {
                    draft.notes.push(note);
                    if self.desired.status() == Some(Status::Paused) && status == Status::Live {
                        self.pause(known, live, draft);
                    }
                    return;
                }
                template::Verdict::Replace => {
                    self.replace(known, live, status, Made::InPlaceOfTemplate, draft);
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
            // It could be fielded again, and that we left it in field is why nobody does that unasked.
            (Status::Closed, Some(Status::Live)) if self.desired.vendor.facts().reopens => known.in_field,
            (Status::Paused, Some(Status::Paused)) | (Status::Closed, _) => false,
            _ => known.in_field,
        };
        // In field also after a launch or a resume that was interrupted, now that it is seen to have got through.
        if in_field != known.in_field
            || (status == Status::Paused && self.desired.status() == Some(Status::Paused))
            || (status == Status::Live && in_field)
        {
            applied.status = Field::Set(status);
        }
        let same = applied == known.applied
            && in_field == known.in_field
            && known.policy == self.desired.policy
            && !known.held
            && !known.orphaned;
        if !same {
            draft
                .bookkeeping
                .push((self.address.clone(), self.record(applied, in_field)));
        }
    }
}
