//! One step: its calls in order, the state around them, and the look back afterwards.

use super::{Context, Ended, Event};
use crate::model::call::{Followup, KEY_PLACEHOLDER, Until};
use crate::model::{
    Address, Call, CallClass, Intent, KnownSurvey, Level, LiveKey, LiveSurvey, Method, Reading, Resource,
    ResourceKind, Status, SurveySpec, VendorId, attributes::Attributes,
};
use crate::plan::diff::{Memory, diff};
use crate::plan::{Action, Plan, Record, Step};
use crate::state::{Op, StateError};
use crate::vendor::VendorError;
use std::collections::BTreeMap;
use std::sync::Mutex;

/// What the vendors answered so far, on which later calls of the same apply build.
#[derive(Debug, Default)]
pub(super) struct Ids {
    /// Vendor ids by address, growing as resources are made.
    by_address: Mutex<BTreeMap<Address, String>>,
    /// The latest version of what was written, by its path.
    versions: Mutex<BTreeMap<String, String>>,
}

impl Ids {
    fn get(&self, address: &Address) -> Option<String> {
        let ids = self
            .by_address
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        ids.get(address).cloned()
    }

    fn followup(&self, then: &Followup, answered: Option<&str>) -> Result<Followup, Failure> {
        let ids = self
            .by_address
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        then.resolved(&ids, answered)
            .map_err(|error| Failure::new(error.to_string()))
    }

    fn made(&self, address: &Address, id: &str) {
        let mut ids = self
            .by_address
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        ids.insert(address.clone(), id.to_owned());
    }

    fn resolve(&self, call: &Call) -> Result<Call, Failure> {
        let ids = self
            .by_address
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        call.resolved(&ids)
            .map_err(|error| Failure::new(error.to_string()))
    }

    /// Keeps the version that an answer gives what was written.
    fn wrote(&self, call: &Call, answer: &serde_json::Value) {
        let Some(tag) = answer
            .get(crate::vendor::ETAG)
            .and_then(serde_json::Value::as_str)
        else {
            return;
        };
        // A POST is an action on what its path stands under.
        let path = match call.method {
            Method::Post => call.path.rsplit_once('/').map_or("", |(parent, _)| parent),
            _ => &call.path,
        };
        let mut versions = self
            .versions
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        versions.insert(path.to_owned(), tag.to_owned());
    }

    /// The version that calls of this apply gave what a call is about; it stands in for the one that was read.
    fn version(&self, path: &str) -> Option<String> {
        let versions = self
            .versions
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let about = |known: &str| {
            path.strip_prefix(known)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let found = versions.iter().rev().find(|(known, _)| about(known));
        found.map(|(_, tag)| tag.clone())
    }
}

/// The ids the state knows.
pub(super) async fn known_ids(context: &Context<'_>) -> Ids {
    Ids {
        by_address: Mutex::new(context.keeper.ids().await),
        ..Ids::default()
    }
}

/// Why a step did not succeed.
pub(super) struct Failure {
    problem: String,
    help: Option<String>,
    unknown: bool,
}

impl Failure {
    pub(super) fn new(problem: impl Into<String>) -> Self {
        Self {
            problem: problem.into(),
            help: None,
            unknown: false,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        Self {
            help: error.help(),
            ..Self::new(error.to_string())
        }
    }
}

/// Runs a step to its end. Never panics on what a vendor answers, and always tells how it ended.
pub(super) async fn run(plan: &Plan, index: usize, verify: bool, ids: &Ids, context: &Context<'_>) -> Ended {
    let step = &plan.steps[index];
    (context.events)(Event::StepStarted {
        step: step.id.clone(),
        address: step.address.clone(),
        action: step.action,
        vendor: step.vendor,
    });
    let mut calls = 0;
    match carry_out(step, verify, ids, context, &mut calls).await {
        Ok(()) => {
            (context.events)(Event::StepDone {
                step: step.id.clone(),
                address: step.address.clone(),
                action: step.action,
            });
            Ended::Done { calls }
        }
        Err(failure) => {
            (context.events)(Event::StepFailed {
                step: step.id.clone(),
                address: step.address.clone(),
                action: step.action,
                problem: failure.problem,
                help: failure.help,
                outcome_unknown: failure.unknown,
            });
            Ended::Failed {
                calls,
                unknown: failure.unknown,
            }
        }
    }
}

async fn carry_out(
    step: &Step,
    verify: bool,
    ids: &Ids,
    context: &Context<'_>,
    done: &mut usize,
) -> Result<(), Failure> {
    note_beforehand(step, context).await?;
    for call in &step.calls {
        send(step, call, ids, context, done).await?;
    }
    if step.resumes.is_empty() {
        if verify {
            look_back(step, ids, context).await?;
        }
    } else {
        put_back(step, ids, context, done).await?;
    }
    remember(step, ids, context).await
}

/// Puts a survey back in field that was paused for a change, once the change was read back as wanted.
async fn put_back(step: &Step, ids: &Ids, context: &Context<'_>, done: &mut usize) -> Result<(), Failure> {
    let stays = |failure: Failure| Failure {
        problem: format!("{}; it stays paused", failure.problem),
        ..failure
    };
    look_back(step, ids, context).await.map_err(stays)?;
    for call in &step.resumes {
        send(step, call, ids, context, done).await?;
    }
    let live = read_survey(step, ids, context).await?;
    match live {
        Some(live) if live.status != Some(Status::Live) => Err(Failure::new(format!(
            "the vendor did not keep what was sent: /status is {} instead of live",
            live.status_text
        ))),
        _ => Ok(()),
    }
}

/// Writes down what has to be known if nobody ever learns how the step ended.
async fn note_beforehand(step: &Step, context: &Context<'_>) -> Result<(), Failure> {
    let Some(mut resource) = context.keeper.resource(&step.address).await else {
        return Ok(());
    };
    let ResourceKind::Survey(survey) = &mut resource.kind else {
        return Ok(());
    };
    let before = survey.clone();
    // A survey that is found paused later was then stopped by somebody else, even if we never saw the answer.
    if matches!(step.action, Action::Launch | Action::Resume) {
        survey.in_field = true;
    }
    // Or by ourselves, for the time of this change.
    if !step.resumes.is_empty() {
        survey.held = true;
    }
    if !matches!(step.record, Record::FormerClosed { .. }) && step.action != Action::Replace {
        let wanted = match &step.record {
            Record::Survey { applied, .. } => Some(&**applied),
            Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten => None,
        };
        survey.about_to_write(wanted, &step.hidden);
    }
    if *survey != before {
        let op = Op::Put {
            address: step.address.clone(),
            resource: Box::new(resource),
        };
        context.keeper.commit(vec![op]).await?;
    }
    Ok(())
}

async fn send(
    step: &Step,
    call: &Call,
    ids: &Ids,
    context: &Context<'_>,
    done: &mut usize,
) -> Result<(), Failure> {
    let mut resolved = ids.resolve(call)?;
    let Some(writer) = context.writers.get(&step.vendor) else {
        return Err(Failure::new(format!(
            "this environment configures no {} account",
            step.vendor.name()
        )));
    };
    let makes_resource = call.returns_id.is_some();
    let former = if makes_resource {
        former_ids(step, context).await
    } else {
        Vec::new()
    };
    let intent = if makes_resource {
        Some(open_intent(step, &resolved, &former, context).await?)
    } else {
        None
    };
    complete_headers(step, &mut resolved, intent.as_deref(), ids, context).await?;
    let answer = match ask(step, &resolved, writer, context, done).await {
        Ok(answer) => answer,
        Err(Unanswered::Vendor(error)) => {
            if let (
                Some(wanted),
                VendorError::Refused {
                    status: 409 | 412 | 422,
                    ..
                },
            ) = (call.reaches, &error)
                && let Ok(Some(live)) = read_survey(step, ids, context).await
                && live.status == Some(wanted)
            {
                return Ok(());
            }
            return Err(failed_call(step, &resolved, error, intent, context).await);
        }
        Err(Unanswered::NotDone(problem)) => return Err(Failure::new(problem)),
    };
    if let (Some(pointer), Some(intent)) = (&call.returns_id, intent) {
        let id = answer.pointer(pointer).and_then(|value| match value {
            serde_json::Value::String(text) if !text.is_empty() => Some(text.clone()),
            serde_json::Value::Number(number) => Some(number.to_string()),
            _ => None,
        });
        let Some(id) = id else {
            return Err(unknown_outcome(step, &resolved, "the answer carries no id"));
        };
        let resource = Resource {
            vendor: step.vendor,
            kind: new_kind(step, former),
            id: id.clone(),
        };
        ids.made(&step.address, &id);
        let put = Op::Put {
            address: step.address.clone(),
            resource: Box::new(resource),
        };
        context
            .keeper
            .commit(vec![put, Op::CloseIntent { id: intent }])
            .await?;
        (context.events)(Event::Created {
            address: step.address.clone(),
            id,
        });
    }
    ids.wrote(&resolved, &answer);
    match &call.then {
        Some(then) => {
            let location = answer
                .get(crate::vendor::LOCATION)
                .and_then(serde_json::Value::as_str);
            let then = ids.followup(then, location)?;
            super::follow::follow(step, &then, &resolved, location.is_some(), context).await
        }
        None => Ok(()),
    }
}

/// Fills in the headers that are only known now: the idempotency key, and the version that this apply wrote.
///
/// The key of a call that makes something is its intent. The key of a call that starts work is written down first, so
/// that a repetition after a crash is known as one; a call that differs, or whose work has ended, gets a new key.
async fn complete_headers(
    step: &Step,
    call: &mut Call,
    intent: Option<&str>,
    ids: &Ids,
    context: &Context<'_>,
) -> Result<(), Failure> {
    if let Some(tag) = call.headers.get_mut("if-match")
        && let Some(newer) = ids.version(&call.path)
    {
        *tag = newer;
    }
    if !call.headers.values().any(|value| value == KEY_PLACEHOLDER) {
        return Ok(());
    }
    let starts_work = call
        .then
        .as_ref()
        .is_some_and(|then| then.until == Until::Finished);
    let key = match intent {
        Some(intent) => intent.to_owned(),
        None if starts_work => super::follow::key(step, call, context).await?,
        None => (context.new_intent_id)(),
    };
    for value in call
        .headers
        .values_mut()
        .filter(|value| *value == KEY_PLACEHOLDER)
    {
        value.clone_from(&key);
    }
    Ok(())
}

/// Why a call has no answer that counts.
enum Unanswered {
    /// The vendor or the network said no, or nothing.
    Vendor(VendorError),
    /// The vendor answered success and did not do it.
    NotDone(String),
}

/// Sends a call, and what the plan has instead of it where the vendor refuses it or answers without doing it.
async fn ask(
    step: &Step,
    call: &Call,
    writer: &crate::vendor::Writer,
    context: &Context<'_>,
    done: &mut usize,
) -> Result<serde_json::Value, Unanswered> {
    let first = ask_once(step, call, writer, context, done).await;
    let (Some(otherwise), Err(problem)) = (&call.otherwise, &first) else {
        return first;
    };
    let settled = match problem {
        Unanswered::Vendor(error) => matches!(error, VendorError::Refused { .. }),
        Unanswered::NotDone(_) => true,
    };
    if !settled {
        return first;
    }
    match ask_once(step, otherwise, writer, context, done).await {
        Ok(answer) => Ok(answer),
        // What was not even refused is worse news than the refusal before it.
        Err(Unanswered::Vendor(error)) if !matches!(error, VendorError::Refused { .. }) => {
            Err(Unanswered::Vendor(error))
        }
        Err(_) => first,
    }
}

async fn ask_once(
    step: &Step,
    call: &Call,
    writer: &crate::vendor::Writer,
    context: &Context<'_>,
    done: &mut usize,
) -> Result<serde_json::Value, Unanswered> {
    let on_retry = |problem: &str, wait: std::time::Duration| {
        (context.events)(Event::Retrying {
            step: step.id.clone(),
            problem: problem.to_owned(),
            wait_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
        });
    };
    let answer = match writer.send(call, &on_retry).await {
        Ok(answer) => answer,
        // Deleting what is gone is what was wanted.
        Err(error) if call.method == Method::Delete && error.is_not_found() => serde_json::Value::Null,
        Err(VendorError::Refused { .. }) if call.may_be_gone => serde_json::Value::Null,
        Err(error) => return Err(Unanswered::Vendor(error)),
    };
    *done += 1;
    let sent = format!("{} {}", call.method, call.path);
    if let Some(expects) = &call.expects
        && let Some(found) = expects.broken_by(&answer)
    {
        return Err(Unanswered::NotDone(format!(
            "{sent}: the vendor answered success, but {} is {found} instead of {}",
            expects.pointer, expects.value
        )));
    }
    (context.events)(Event::CallDone {
        step: step.id.clone(),
        call: sent,
    });
    Ok(answer)
}

/// The surveys a new one under this address stands in for.
async fn former_ids(step: &Step, context: &Context<'_>) -> Vec<String> {
    match context.keeper.resource(&step.address).await {
        Some(Resource {
            id,
            kind: ResourceKind::Survey(survey),
            ..
        }) if step.action == Action::Replace => {
            let mut former = survey.former;
            former.push(id);
            former
        }
        _ => Vec::new(),
    }
}

async fn open_intent(
    step: &Step,
    call: &Call,
    former: &[String],
    context: &Context<'_>,
) -> Result<String, Failure> {
    let id = (context.new_intent_id)();
    let wanted = match &step.record {
        Record::Survey { applied, .. } => (**applied).clone(),
        Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten => Default::default(),
    };
    let intent = Intent {
        address: step.address.clone(),
        vendor: step.vendor,
        step: step.id.clone(),
        at: (context.now)(),
        call: format!("{} {}", call.method, call.path),
        body: call.body.clone(),
        wanted,
        hidden: step.hidden.clone(),
        former: former.to_vec(),
    };
    let op = Op::OpenIntent {
        id: id.clone(),
        intent: Box::new(intent),
    };
    context.keeper.commit(vec![op]).await.map_err(|error| {
        let failure = Failure::from(error);
        Failure {
            problem: format!("{}; nothing was sent", failure.problem),
            ..failure
        }
    })?;
    Ok(id)
}

/// What a failed call means, and what becomes of its intent.
async fn failed_call(
    step: &Step,
    call: &Call,
    error: VendorError,
    intent: Option<String>,
    context: &Context<'_>,
) -> Failure {
    if (call.class == CallClass::Create || intent.is_some()) && error.may_have_happened() {
        return if intent.is_some() {
            unknown_outcome(step, call, &error.to_string())
        } else {
            Failure::new(format!("{} {}: {error}", call.method, call.path)).help(
                "whether it was carried out is not known; the next plan looks and shows what is left to do",
            )
        };
    }
    let failure = Failure::new(format!("{} {}: {error}", call.method, call.path));
    let failure = match explain(&error) {
        Some(help) => failure.help(help),
        None => failure,
    };
    let Some(intent) = intent else { return failure };
    // Certainly nothing was made: the intent is settled.
    match context.keeper.commit(vec![Op::CloseIntent { id: intent }]).await {
        Ok(()) => failure,
        Err(error) => Failure {
            problem: format!("{}; besides, {error}", failure.problem),
            ..failure
        },
    }
}

fn unknown_outcome(step: &Step, call: &Call, why: &str) -> Failure {
    let address = &step.address;
    Failure {
        problem: format!(
            "{} {}: {why}. Whether it was carried out is not known, and it will not be sent again",
            call.method, call.path
        ),
        help: Some(format!(
            "the next plan tries to find out; otherwise `infield state resolve {address} --adopt ID` or `--discard` \
             settles it"
        )),
        unknown: true,
    }
}

/// What to do about an error, where the error itself does not say.
fn explain(error: &VendorError) -> Option<String> {
    match error {
        VendorError::Credentials { vendor, .. } => Some(format!(
            "check the {vendor} token of this environment: it may be expired or revoked"
        )),
        VendorError::RateLimited(_) => {
            Some("lower `requests_per_second` or `concurrency` of this vendor in infield.yaml".to_owned())
        }
        VendorError::Unreachable(..) => {
            Some("nothing was sent; run again when the vendor can be reached".to_owned())
        }
        VendorError::Refused {
            code: Some(1014 | 1018 | 1006),
            ..
        } => Some(
            "see the template rule in the documentation; run `infield plan` for what can be done".to_owned(),
        ),
        VendorError::OutcomeUnknown(..) | VendorError::Server { .. } | VendorError::Undecodable { .. } => {
            Some("run `infield plan`: it reads what is in effect and shows what is left to do".to_owned())
        }
        VendorError::Refused { status: 412, .. } => Some(
            "it has changed since it was read, or an earlier try of this call got through; run `infield plan` to see what \
             is in effect"
                .to_owned(),
        ),
        VendorError::Refused { .. } => None,
    }
}

/// A freshly made resource, before anything about it was verified.
///
/// Settings that the step writes after the create, and that the vendor may not show, do not count as applied yet: an
/// interruption in between would lose them without anybody noticing.
fn new_kind(step: &Step, former: Vec<String>) -> ResourceKind {
    match &step.record {
        Record::Survey { applied, policy, .. } => ResourceKind::Survey(Box::new(KnownSurvey {
            applied: SurveySpec {
                attributes: if step.calls.len() > 1 {
                    Attributes::new()
                } else {
                    applied.attributes.clone()
                },
                ..(**applied).clone()
            },
            in_field: false,
            policy: *policy,
            unsure: step.hidden.iter().cloned().collect(),
            held: false,
            job: None,
            orphaned: false,
            former,
        })),
        Record::Group(group) => ResourceKind::Group(group.clone()),
        Record::FormerClosed { .. } | Record::Forgotten => ResourceKind::Survey(Box::default()),
    }
}

/// Reads the resource back and compares it with what the step was to achieve.
async fn look_back(step: &Step, ids: &Ids, context: &Context<'_>) -> Result<(), Failure> {
    let Some(reader) = context.readers.get(&step.vendor) else {
        return Ok(());
    };
    match &step.record {
        Record::Survey { applied, .. } => {
            let Some(live) = read_survey(step, ids, context).await? else {
                return Ok(());
            };
            if matches!(step.action, Action::Pause | Action::Close) {
                // Taking a survey out of field writes nothing else, and what somebody else has changed is no reason
                // to say that it did not work.
                return match wrong_status(step, &live) {
                    None => Ok(()),
                    Some(wrong) => Err(Failure::new(format!(
                        "the vendor did not keep what was sent: {wrong}"
                    ))),
                };
            }
            let found = diff(applied, Memory::of(step.vendor, applied), &live);
            let mut lost: Vec<String> = found
                .fields
                .iter()
                .map(|edit| {
                    format!(
                        "{} is {} instead of {}",
                        edit.field.path(step.vendor),
                        edit.before,
                        edit.after
                    )
                })
                .collect();
            let book = context.markets.of(step.vendor).codebook();
            lost.extend(found.qualifications.iter().map(|edit| {
                format!(
                    "/qualifications/{} is not as sent",
                    book.question_name(&edit.question)
                )
            }));
            lost.extend(
                found
                    .quotas
                    .iter()
                    .map(|edit| format!("/quotas/{} is not as sent", edit.name())),
            );
            lost.extend(wrong_status(step, &live));
            if lost.is_empty() {
                return Ok(());
            }
            Err(Failure::new(format!(
                "the vendor did not keep what was sent: {}",
                lost.join("; ")
            ))
            .help("the next plan shows the difference; nothing that depends on it was started"))
        }
        Record::Group(wanted) => match reader.group(&wanted.reference).await {
            Reading::Present(_) => Ok(()),
            Reading::Absent { proof } => {
                Err(Failure::new(format!("the group is not there after all: {proof}")))
            }
            Reading::Unknown { why } => Err(not_read_back(&why)),
        },
        Record::FormerClosed { id } => {
            let key = key(&step.address, id.clone(), step.vendor, ids);
            let live = read_back(reader.survey(&key).await)?;
            if live.status == Some(Status::Closed) {
                return Ok(());
            }
            Err(Failure::new(format!(
                "survey {id} is {} instead of closed",
                live.status_text
            )))
        }
        Record::Forgotten => Ok(()),
    }
}

/// The survey of a step as it is now; `None` where the environment has no reader for it.
async fn read_survey(step: &Step, ids: &Ids, context: &Context<'_>) -> Result<Option<LiveSurvey>, Failure> {
    let Some(reader) = context.readers.get(&step.vendor) else {
        return Ok(None);
    };
    let id = known_id(&step.address, ids).unwrap_or_default();
    let key = key(&step.address, id, step.vendor, ids);
    read_back(reader.survey(&key).await).map(Some)
}

fn known_id(address: &Address, ids: &Ids) -> Option<String> {
    ids.get(address)
}

/// What a reader needs to find something.
fn key(address: &Address, id: String, vendor: VendorId, ids: &Ids) -> LiveKey {
    LiveKey {
        level: Level::of(vendor, address),
        id,
        parent: address.parent().and_then(|parent| known_id(&parent, ids)),
        job: None,
    }
}

fn read_back(reading: Reading<LiveSurvey>) -> Result<LiveSurvey, Failure> {
    match reading {
        Reading::Present(live) => Ok(live),
        Reading::Absent { proof } => Err(Failure::new(format!(
            "the survey is not there after all: {proof}"
        ))),
        Reading::Unknown { why } => Err(not_read_back(&why)),
    }
}

fn not_read_back(why: &str) -> Failure {
    Failure::new(format!("what was written could not be read back: {why}"))
        .help("nothing that depends on it was started; the next plan shows what is in effect")
}

fn wrong_status(step: &Step, live: &LiveSurvey) -> Option<String> {
    let wanted = match step.action {
        Action::Launch | Action::Resume => Status::Live,
        Action::Pause => Status::Paused,
        Action::Close => Status::Closed,
        Action::Create | Action::Update | Action::Replace | Action::Forget => return None,
    };
    (live.status != Some(wanted)).then(|| format!("/status is {} instead of {wanted}", live.status_text))
}

/// Writes down what the step has achieved.
async fn remember(step: &Step, ids: &Ids, context: &Context<'_>) -> Result<(), Failure> {
    let ops = recorded(&step.address, &step.record, step, ids, context).await;
    context.keeper.commit(ops).await.map_err(Failure::from)
}

async fn recorded(
    address: &Address,
    record: &Record,
    step: &Step,
    ids: &Ids,
    context: &Context<'_>,
) -> Vec<Op> {
    let before = context.keeper.resource(address).await;
    let known_id = known_id(address, ids);
    let (vendor, id, kind) = match record {
        Record::Forgotten => {
            return vec![Op::Remove {
                address: address.clone(),
            }];
        }
        Record::Group(group) => (
            step.vendor,
            Some(group.reference.clone()),
            ResourceKind::Group(group.clone()),
        ),
        Record::Survey { .. } | Record::FormerClosed { .. } => {
            let survey = before
                .as_ref()
                .and_then(Resource::survey)
                .cloned()
                .unwrap_or_default();
            let survey = record_survey(survey, record, &step.hidden);
            (
                step.vendor,
                known_id.or(before.map(|b| b.id)),
                ResourceKind::Survey(Box::new(survey)),
            )
        }
    };
    let Some(id) = id else { return Vec::new() };
    vec![Op::Put {
        address: address.clone(),
        resource: Box::new(Resource { vendor, kind, id }),
    }]
}

/// What is remembered of a survey after a record.
fn record_survey(mut survey: KnownSurvey, record: &Record, written: &[String]) -> KnownSurvey {
    match record {
        Record::Survey {
            applied,
            in_field,
            policy,
            orphaned,
        } => {
            survey.applied = (**applied).clone();
            survey.in_field = *in_field;
            survey.policy = *policy;
            survey.orphaned = *orphaned;
            survey.held = false;
            survey.job = None;
            survey.unsure.retain(|path| !written.contains(path));
        }
        Record::FormerClosed { id } => survey.former.retain(|former| former != id),
        Record::Group(_) | Record::Forgotten => {}
    }
    survey
}

/// Writes what a plan remembers without sending anything.
pub(super) async fn write_bookkeeping(plan: &Plan, context: &Context<'_>) -> Result<(), StateError> {
    let mut ops = Vec::new();
    for (address, record) in &plan.bookkeeping {
        if let Record::Group(group) = record {
            let (vendor, id) = (group.vendor, group.reference.clone());
            let resource = Resource {
                vendor,
                kind: ResourceKind::Group(group.clone()),
                id,
            };
            ops.push(Op::Put {
                address: address.clone(),
                resource: Box::new(resource),
            });
            continue;
        }
        let Some(resource) = context.keeper.resource(address).await else {
            continue;
        };
        let Some(survey) = resource.survey() else { continue };
        let survey = record_survey(survey.clone(), record, &[]);
        let resource = Resource {
            kind: ResourceKind::Survey(Box::new(survey)),
            ..resource
        };
        ops.push(Op::Put {
            address: address.clone(),
            resource: Box::new(resource),
        });
    }
    if ops.is_empty() {
        Ok(())
    } else {
        context.keeper.commit(ops).await
    }
}
