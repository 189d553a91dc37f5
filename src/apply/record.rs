//! What is remembered of a step: a fresh resource, what was achieved, and what a plan remembers without sending anything.

use super::Context;
use super::failure::Failure;
use super::ids::{Ids, known_id};
use crate::model::{Address, KnownSurvey, Resource, ResourceKind, SurveySpec, attributes::Attributes};
use crate::plan::{Plan, Record, Step};
use crate::state::{Op, StateError};

/// A freshly made resource, before anything about it was verified.
///
/// Settings that the step writes after the create, and that the vendor may not show, do not count as applied yet: an
/// interruption in between would lose them without anybody noticing.
pub(super) fn new_kind(step: &Step, former: Vec<String>) -> ResourceKind {
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
        Record::FormerClosed { .. } | Record::Forgotten | Record::Moved { .. } => {
            ResourceKind::Survey(Box::default())
        }
    }
}

/// Writes down what the step has achieved.
pub(super) async fn remember(step: &Step, ids: &Ids, context: &Context<'_>) -> Result<(), Failure> {
    let ops = recorded(&step.address, &step.record, step, ids, context).await;
    context.keeper.commit(ops).await.map_err(Failure::from)
}

pub(super) async fn recorded(
    address: &Address,
    record: &Record,
    step: &Step,
    ids: &Ids,
    context: &Context<'_>,
) -> Vec<Op> {
    let before = context.keeper.resource(address).await;
    let known_id = known_id(address, ids);
    let (vendor, id, kind) = match record {
        // Only ever bookkeeping.
        Record::Moved { .. } => return Vec::new(),
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
pub(super) fn record_survey(mut survey: KnownSurvey, record: &Record, written: &[String]) -> KnownSurvey {
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
        Record::Group(_) | Record::Forgotten | Record::Moved { .. } => {}
    }
    survey
}

/// Writes what a plan remembers without sending anything.
pub(super) async fn write_bookkeeping(plan: &Plan, context: &Context<'_>) -> Result<(), StateError> {
    let moved = moved(plan, context).await;
    if !moved.is_empty() {
        context.keeper.commit(moved).await?;
    }
    let mut ops = Vec::new();
    for (address, record) in &plan.bookkeeping {
        if matches!(record, Record::Moved { .. }) {
            continue;
        }
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

/// What is remembered under another address from now on, with the creates that are open of it.
async fn moved(plan: &Plan, context: &Context<'_>) -> Vec<Op> {
    let mut ops = Vec::new();
    for (address, record) in &plan.bookkeeping {
        let Record::Moved { from } = record else { continue };
        // Of a create whose outcome is open there may be nothing but the intent.
        if let Some(resource) = context.keeper.resource(from).await {
            ops.push(Op::Put {
                address: address.clone(),
                resource: Box::new(resource),
            });
        }
        for (id, intent) in context.keeper.known().await.intents_of(from) {
            let intent = crate::model::Intent {
                address: address.clone(),
                ..intent.clone()
            };
            ops.push(Op::OpenIntent {
                id: id.clone(),
                intent: Box::new(intent),
            });
        }
        ops.push(Op::Remove {
            address: from.clone(),
        });
    }
    ops
}
