//! What is remembered of a step: a fresh resource, what was achieved, and what a plan remembers without sending anything.

use super::context::Context;
use super::failure::Failure;
use super::ids::Ids;
use crate::model::known::{Act, Finished, PausedBy};
use crate::model::{
    Address, DesiredGroup, Field, KnownSurvey, Links, Move, Resource, ResourceKind, attributes::Attributes,
};
use crate::plan::{Action, Plan, Record, Step};
use crate::state::{Op, StateError};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// A freshly made resource, before anything about it was verified.
///
/// Settings that the step writes after the create, and that the vendor may not show, do not count as applied yet: an
/// interruption in between would lose them without anybody noticing. Nor do lists of respondents; nor who sends respondents, or
/// it would look as if somebody else had changed that.
///
/// What it stands in for leaves behind its names and what it has collected.
pub(super) fn new_kind(step: &Step, before: Option<KnownSurvey>) -> ResourceKind {
    let before = before.unwrap_or_default();
    match &step.record {
        Record::Survey {
            applied,
            policy,
            continues,
            climb,
            ..
        } => {
            let mut fresh = (**applied).clone();
            if step.calls.len() > 1 {
                fresh.attributes = Attributes::default();
                fresh.suppliers = Field::Absent;
                fresh.recontact = Field::Absent;
                fresh.exclude_respondents = Field::Absent;
            }
            let mut survey = KnownSurvey {
                applied: fresh,
                policy: policy.clone(),
                unsure: step.hidden.iter().cloned().collect(),
                continues: *continues,
                climb: climb.as_deref().cloned(),
                ..KnownSurvey::default()
            };
            survey.stand_in_for(&before);
            survey.former = before.former;
            ResourceKind::Survey(Box::new(survey))
        }
        Record::Group(group) => ResourceKind::Group(group.clone()),
        Record::FormerClosed { .. } | Record::Forgotten | Record::Moved { .. } => {
            ResourceKind::Survey(Box::default())
        }
    }
}

/// Writes down what the step has achieved. Gives where its survey is tried out, where that was not remembered yet.
///
/// Beside the step stands whether it is the last one of its survey: where that is tried out is written down with it, or
/// before the next one.
pub(super) async fn remember(
    (step, last): (&Step, bool),
    ids: &Ids,
    context: &Context<'_>,
) -> Result<Links, Failure> {
    let _turn = ids.turn(&step.address).await;
    let address = step.address.clone();
    let mut news = Links::default();
    let op = match &step.record {
        // Only ever bookkeeping.
        Record::Moved { .. } => return Ok(news),
        Record::Forgotten => Op::Remove { address },
        Record::Group(group) => Op::Put {
            address,
            resource: Box::new(group_resource(group)),
        },
        Record::Survey { .. } | Record::FormerClosed { .. } => {
            let before = context.keeper.resource(&address).await;
            let mut after = before
                .clone()
                .and_then(|before| recorded(before, &step.record, &step.hidden, now(context)));
            if let Some(ResourceKind::Survey(survey)) = after.as_mut().map(|after| &mut after.kind)
                && let Some(links) = ids.links(&address).filter(|links| *links != survey.links)
            {
                news.clone_from(&links);
                if last {
                    survey.links = links;
                }
            }
            // What is made and what goes in field is mostly written down in whole before that is confirmed.
            let noted = matches!(step.action, Action::Create | Action::Launch | Action::Resume);
            let Some(resource) = after.filter(|after| !noted || before.as_ref() != Some(after)) else {
                return Ok(news);
            };
            Op::Put {
                address,
                resource: Box::new(resource),
            }
        }
    };
    context.keeper.commit(vec![op]).await?;
    Ok(news)
}

/// A survey with what is remembered of it after a record; `None` for what is no survey.
fn recorded(
    resource: Resource,
    record: &Record,
    written: &[String],
    now: Option<Timestamp>,
) -> Option<Resource> {
    let survey = record_survey(resource.survey()?.clone(), record, written, now);
    Some(Resource {
        kind: ResourceKind::Survey(Box::new(survey)),
        ..resource
    })
}

pub(super) fn group_resource(group: &DesiredGroup) -> Resource {
    Resource {
        vendor: group.vendor,
        kind: ResourceKind::Group(group.clone()),
        id: group.reference.clone(),
    }
}

fn now(context: &Context<'_>) -> Option<Timestamp> {
    (context.now)().parse().ok()
}

/// What is remembered of a survey after a record.
pub(super) fn record_survey(
    mut survey: KnownSurvey,
    record: &Record,
    written: &[String],
    now: Option<Timestamp>,
) -> KnownSurvey {
    match record {
        Record::Survey {
            applied,
            in_field,
            policy,
            orphaned,
            paused_by,
            finished,
            continues: _,
            climb,
        } => {
            // The time of a stage begins anew once it is back in field from where infield itself had taken it.
            let kept_out = survey
                .paused_by
                .filter(|by| matches!(by.act, Act::Freeze | Act::Manifest));
            let for_hours = paused_by.is_some_and(|by| by.act == Act::Hours);
            let begins = !in_field && !for_hours || kept_out.is_some() && paused_by.is_none();
            survey.applied = (**applied).clone();
            survey.in_field = *in_field;
            survey.policy = policy.clone();
            survey.orphaned = *orphaned;
            survey.paused_for_edit = false;
            survey.paused_by = paused_by.map(|by| PausedBy {
                at: by.at.or(now),
                ..by
            });
            survey.finished = finished.map(|reached| Finished {
                at: reached.at.or(now),
                ..reached
            });
            if let Some(climb) = climb.as_deref() {
                survey.climb = Some(climb.clone()).filter(|climb| !climb.is_over());
            }
            if let Some(climb) = &mut survey.climb {
                let since = climb.since.filter(|_| !begins);
                climb.since = since.or(now.filter(|_| *in_field));
            }
            survey.job = None;
            survey.unsure.retain(|path| !written.contains(path));
        }
        // Written down once: what is not remembered as replaced any more has been counted.
        Record::FormerClosed { id, collected } => {
            if survey.former.contains(id) {
                survey.replaced = std::mem::take(&mut survey.replaced).and(collected);
            }
            survey.former.retain(|former| former != id);
        }
        Record::Group(_) | Record::Forgotten | Record::Moved { .. } => {}
    }
    survey
}

/// Writes what a plan remembers without sending anything.
pub(super) async fn write_bookkeeping(plan: &Plan, context: &Context<'_>) -> Result<(), StateError> {
    let moved = moved(plan);
    if !moved.is_empty() {
        context.keeper.commit(moved).await?;
    }
    // A plan may have several records of one survey; each builds on the one before.
    let mut changed: BTreeMap<&Address, Resource> = BTreeMap::new();
    for (address, record) in &plan.bookkeeping {
        let after = match record {
            Record::Moved { .. } => continue,
            Record::Group(group) => Some(group_resource(group)),
            Record::Survey { .. } | Record::FormerClosed { .. } | Record::Forgotten => {
                let before = match changed.get(address) {
                    Some(resource) => Some(resource.clone()),
                    None => context.keeper.resource(address).await,
                };
                before.and_then(|before| recorded(before, record, &[], now(context)))
            }
        };
        if let Some(after) = after {
            changed.insert(address, after);
        }
    }
    if changed.is_empty() {
        return Ok(());
    }
    let ops = changed.into_iter().map(|(address, resource)| Op::Put {
        address: address.clone(),
        resource: Box::new(resource),
    });
    context.keeper.commit(ops.collect()).await
}

/// Moves resources and open creates to their new addresses, all at once.
fn moved(plan: &Plan) -> Vec<Op> {
    let moves: Vec<Move> = plan
        .moves()
        .map(|(from, to)| (from.clone(), to.clone()))
        .collect();
    match moves.is_empty() {
        true => Vec::new(),
        false => vec![Op::Move { moves }],
    }
}
