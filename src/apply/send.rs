//! One call: writes down its intent or key, sends it, checks the answer, and writes down the id that came back.

use super::context::Context;
use super::event::Event;
use super::failure::{Failure, failed_call, not_written_down, unknown_outcome};
use super::follow;
use super::frozen::Watched;
use super::ids::Ids;
use super::look_back::read_survey;
use super::record::{group_resource, new_kind};
use crate::marketplace::{VendorError, Writer};
use crate::model::call::{Followup, KEY_PLACEHOLDER, Until};
use crate::model::live::time_at_vendor;
use crate::model::{Call, DesiredGroup, Intent, Json, KnownSurvey, Level, Method, Resource, ResourceKind};
use crate::plan::{Action, Record, Step};
use crate::state::Op;

pub(super) async fn send(
    step: &Step,
    call: &Call,
    ids: &Ids,
    context: &Context<'_>,
    done: &mut usize,
) -> Result<(), Failure> {
    let mut resolved = ids.resolve(call)?;
    // What is to begin soon does so by the vendor's clock.
    if let Ok(ours) = (context.now)().parse() {
        let told = context.writers.get(&step.vendor).and_then(Writer::vendor_now);
        resolved.reckon(time_at_vendor(told, ours));
    }
    if let Some(then) = &call.then
        && let Some(path) = follow::under_way(step, &resolved, context).await
    {
        let then = Followup {
            path,
            until: then.until,
        };
        return follow::follow(step, &then, &resolved, true, ids, context).await;
    }
    let Some(writer) = context.writers.get(&step.vendor) else {
        return Err(Failure::new(format!(
            "this environment configures no {} account",
            step.vendor.name()
        )));
    };
    let intent = if call.returns_id.is_some() {
        Some(open_intent(step, &resolved, context).await?)
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
        if let Err(owner) = ids.claim(step, &id) {
            let noun = step.vendor.noun(Level::of(step.vendor, &step.address));
            let why = format!(
                "the answer names {noun} {id}, which is `{owner}` in the state: it is left to that one"
            );
            return Err(unknown_outcome(step, &resolved, &why));
        }
        made(step, id, intent, ids, context).await?;
    }
    ids.wrote(&resolved, &answer);
    match &call.then {
        Some(then) => {
            let location = answer
                .get(crate::marketplace::LOCATION)
                .and_then(serde_json::Value::as_str);
            let then = ids.followup(then, location)?;
            follow::follow(step, &then, &resolved, location.is_some(), ids, context).await
        }
        None => Ok(()),
    }
}

/// Writes down what was made, in place of its intent.
async fn made(
    step: &Step,
    id: String,
    intent: String,
    ids: &Ids,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let _turn = ids.turn(&step.address).await;
    let resource = match &step.record {
        // It is made empty: what it holds is remembered once it was seen.
        Record::Group(group) => group_resource(&DesiredGroup {
            members: Vec::new(),
            ..group.clone()
        }),
        _ => Resource {
            vendor: step.vendor,
            kind: new_kind(step, replaced(step, context).await),
            id: id.clone(),
        },
    };
    let put = Op::Put {
        address: step.address.clone(),
        resource: Box::new(resource),
    };
    let written = context
        .keeper
        .commit(vec![put, Op::CloseIntent { id: intent }])
        .await;
    if let Err(error) = written {
        return Err(not_written_down(step, &id, error));
    }
    ids.made(&step.address, &id);
    (context.events)(Event::Created {
        address: step.address.clone(),
        id,
    });
    Ok(())
}

/// Fills in the headers that are only known now: the idempotency key, and the version that this apply wrote.
///
/// The key of a call that makes something is its intent. The key of a call that starts work is written down first, so
/// that a repetition after a crash is known as one; a call that differs, or whose work has ended, gets a new key.
pub(super) async fn complete_headers(
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
        None if starts_work => follow::key(step, call, ids, context).await?,
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
pub(super) enum Unanswered {
    /// The vendor or the network said no, or nothing.
    Vendor(VendorError),
    /// The vendor answered success and did not do it.
    NotDone(String),
}

/// Sends a call. Where the vendor refuses it, or answers without doing it, sends the alternative that the plan has.
pub(super) async fn ask(
    step: &Step,
    call: &Call,
    writer: &Writer,
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

pub(super) async fn ask_once(
    step: &Step,
    call: &Call,
    writer: &Writer,
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
    let permit = Watched { step, context };
    let answer = match writer.send(call, &permit, &on_retry).await {
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

/// What a new survey under this address replaces, with its id among the former ones.
async fn replaced(step: &Step, context: &Context<'_>) -> Option<KnownSurvey> {
    let resource = context.keeper.resource(&step.address).await?;
    match resource.kind {
        ResourceKind::Survey(mut survey) if step.action == Action::Replace => {
            survey.former.push(resource.id);
            Some(*survey)
        }
        ResourceKind::Survey(_) | ResourceKind::Group(_) => None,
    }
}

pub(super) async fn open_intent(step: &Step, call: &Call, context: &Context<'_>) -> Result<String, Failure> {
    let id = (context.new_intent_id)();
    let (wanted, continues) = match &step.record {
        Record::Survey {
            applied, continues, ..
        } => ((**applied).clone(), *continues),
        Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten | Record::Moved { .. } => {
            Default::default()
        }
    };
    let writer = context.writers.get(&step.vendor);
    let vendor_at = writer.and_then(crate::marketplace::Writer::vendor_now);
    let intent = Intent {
        address: step.address.clone(),
        vendor: step.vendor,
        step: step.id.clone(),
        at: (context.now)(),
        vendor_at: vendor_at.map(|at| at.to_string()),
        call: format!("{} {}", call.method, call.path),
        body: call.body.as_ref().map(Json::value),
        wanted,
        group: match &step.record {
            Record::Group(group) => Some(group.clone()),
            _ => None,
        },
        hidden: step.hidden.clone(),
        former: replaced(step, context)
            .await
            .map_or_else(Vec::new, |before| before.former),
        continues,
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
