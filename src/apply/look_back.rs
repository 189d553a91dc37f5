//! What is in effect after a step: read back and compared with what was sent.

use super::context::Context;
use super::failure::Failure;
use super::ids::{Ids, key};
use crate::model::{
    DesiredGroup, Field, GroupMember, LiveGroup, LiveSurvey, MemberId, Reading, Status, SurveySpec,
};
use crate::plan::diff::{Memory, diff, quota_path};
use crate::plan::{Action, Record, Step};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long is waited between two looks; reads may lag behind writes by some seconds.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
];

/// Looks until what was written shows, or until that is not to be expected any more.
pub(super) async fn until_shown<T, L>(mut look: impl FnMut() -> L) -> Result<T, Failure>
where
    L: Future<Output = Result<T, Failure>>,
{
    for pause in PAUSES {
        match look().await {
            Err(failure) if failure.may_show_later => tokio::time::sleep(pause).await,
            looked => return looked,
        }
    }
    look().await
}

/// Reads the resource back and compares it with what the step was to achieve. Gives it, where it is a survey.
pub(super) async fn look_back(
    step: &Step,
    ids: &Ids,
    context: &Context<'_>,
) -> Result<Option<LiveSurvey>, Failure> {
    until_shown(|| look_once(step, ids, context)).await
}

async fn look_once(step: &Step, ids: &Ids, context: &Context<'_>) -> Result<Option<LiveSurvey>, Failure> {
    let Some(reader) = context.readers.get(&step.vendor) else {
        return Ok(None);
    };
    match &step.record {
        Record::Survey { applied, .. } => {
            let Some(live) = read_survey(step, ids, context).await? else {
                return Ok(None);
            };
            compare(step, applied, &live, context)?;
            Ok(Some(live))
        }
        Record::Group(wanted) => match reader.group(&wanted.reference).await {
            Reading::Present(live) => holds(wanted, &live, ids).map(|()| None),
            Reading::Absent { proof } => Err(Failure::not_shown(format!(
                "the group is not there after all: {proof}"
            ))),
            Reading::Unknown { why } => Err(not_read_back(&why)),
        },
        Record::FormerClosed { id, .. } => {
            let key = key(&step.address, id.clone(), step.vendor, ids);
            let live = read_back(reader.survey(&key).await)?;
            if live.status == Some(Status::Closed) {
                return Ok(None);
            }
            Err(Failure::not_shown(format!(
                "survey {id} is {} instead of closed",
                live.status_text
            )))
        }
        Record::Forgotten | Record::Moved { .. } => Ok(None),
    }
}

/// Whether an exclusion group holds what was sent, where the vendor shows it.
fn holds(wanted: &DesiredGroup, live: &LiveGroup, ids: &Ids) -> Result<(), Failure> {
    let Field::Set(shown) = &live.members else {
        return Ok(());
    };
    let id = |member: &GroupMember| match member {
        GroupMember::VendorId(id) => Some(id.text()),
        GroupMember::Survey(address) => ids.get(address),
    };
    let sent: BTreeSet<String> = wanted.members.iter().filter_map(id).collect();
    let shown: BTreeSet<String> = shown.iter().map(MemberId::text).collect();
    if sent == shown {
        return Ok(());
    }
    let listed = |ids: &BTreeSet<String>| match ids.is_empty() {
        true => "nothing".to_owned(),
        false => ids.iter().cloned().collect::<Vec<_>>().join(", "),
    };
    Err(Failure::not_shown(format!(
        "the vendor did not keep what was sent: /surveys is {} instead of {}",
        listed(&shown),
        listed(&sent)
    ))
    .help("the next plan shows the difference; nothing that depends on it was started"))
}

/// Whether what a list shows of the survey of a step is what the step was to achieve.
pub(super) fn confirms(step: &Step, live: &LiveSurvey, context: &Context<'_>) -> bool {
    match &step.record {
        Record::Survey { applied, .. } => compare(step, applied, live, context).is_ok(),
        Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten | Record::Moved { .. } => false,
    }
}

fn compare(
    step: &Step,
    applied: &SurveySpec,
    live: &LiveSurvey,
    context: &Context<'_>,
) -> Result<(), Failure> {
    if matches!(step.action, Action::Pause | Action::Close | Action::Resume) {
        // Taking a survey out of field, or back, writes nothing else, and what somebody else has changed is no reason to say
        // that it did not work.
        return match wrong_status(step, live) {
            None => Ok(()),
            Some(wrong) => Err(Failure::not_shown(format!(
                "the vendor did not keep what was sent: {wrong}"
            ))),
        };
    }
    let found = diff(applied, Memory::of(step.vendor, applied), live);
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
    let book = context.markets.codebook(step.vendor);
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
            .map(|edit| format!("{} is not as sent", quota_path(edit.name()))),
    );
    lost.extend(wrong_status(step, live));
    if lost.is_empty() {
        return Ok(());
    }
    Err(Failure::not_shown(format!(
        "the vendor did not keep what was sent: {}",
        lost.join("; ")
    ))
    .help("the next plan shows the difference; nothing that depends on it was started"))
}

/// The survey of a step as it is now; `None` where the environment has no reader for it.
pub(super) async fn read_survey(
    step: &Step,
    ids: &Ids,
    context: &Context<'_>,
) -> Result<Option<LiveSurvey>, Failure> {
    let Some(reader) = context.readers.get(&step.vendor) else {
        return Ok(None);
    };
    let id = ids.get(&step.address).unwrap_or_default();
    let mut key = key(&step.address, id, step.vendor, ids);
    if let Record::Survey { applied, .. } = &step.record {
        let status = applied.status.value();
        key.hint.launched = status.is_some_and(|status| *status != Status::Draft);
        key.hint.suppliers = !applied.suppliers.is_absent();
    }
    read_back(reader.survey(&key).await).map(Some)
}

pub(super) fn read_back(reading: Reading<LiveSurvey>) -> Result<LiveSurvey, Failure> {
    match reading {
        Reading::Present(live) => Ok(live),
        Reading::Absent { proof } => Err(Failure::not_shown(format!(
            "the survey is not there after all: {proof}"
        ))),
        Reading::Unknown { why } => Err(not_read_back(&why)),
    }
}

pub(super) fn not_read_back(why: &str) -> Failure {
    // Not even all of a vendor's refusals to show something can be told from one that lasts for seconds.
    Failure::not_shown(format!("what was written could not be read back: {why}"))
        .help("nothing that depends on it was started; the next plan shows what is in effect")
}

pub(super) fn wrong_status(step: &Step, live: &LiveSurvey) -> Option<String> {
    let wanted = match step.action {
        Action::Launch | Action::Resume => Status::Live,
        Action::Pause => Status::Paused,
        Action::Close => Status::Closed,
        Action::Create | Action::Update | Action::Replace | Action::Forget => return None,
    };
    (live.status != Some(wanted)).then(|| format!("/status is {} instead of {wanted}", live.status_text))
}
