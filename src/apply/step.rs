//! One step: its calls in order, the state around them, and the look back afterwards.

use super::failure::Failure;
use super::ids::Ids;
use super::look_back::{look_back, read_survey};
use super::record::remember;
use super::send::send;
use super::{Context, Ended, Event};
use crate::model::{ResourceKind, Status};
use crate::plan::{Action, Plan, Record, Step};
use crate::state::Op;

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
    note_beforehand(step, ids, context).await?;
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
async fn note_beforehand(step: &Step, ids: &Ids, context: &Context<'_>) -> Result<(), Failure> {
    let _turn = ids.turn(&step.address).await;
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
            Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten | Record::Moved { .. } => None,
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
