//! One step: its calls in order, the state around them, and the look back afterwards.

use super::context::Context;
use super::event::Event;
use super::failure::Failure;
use super::frozen;
use super::ids::Ids;
use super::look_back::{confirms, look_back, read_survey, until_shown};
use super::record::remember;
use super::run::Shape;
use super::send::send;
use super::together::Together;
use crate::model::known::{Act, PausedBy};
use crate::model::{Links, LiveSurvey, ResourceKind, Status};
use crate::plan::{Action, Plan, Record, Step};
use crate::state::Op;
use jiff::Timestamp;

/// How one step ended.
pub(super) struct Ended {
    pub(super) calls: usize,
    pub(super) failed: bool,
    /// Whether a create may have been carried out, and nobody knows.
    pub(super) unknown: bool,
}

/// Runs a step to its end. Never panics on what a vendor answers, and always tells how it ended.
pub(super) async fn run(
    plan: &Plan,
    index: usize,
    shape: &Shape,
    ids: &Ids,
    together: &Together,
    context: &Context<'_>,
) -> Ended {
    let step = &*ids.filled_in(&plan.steps[index], context);
    let (id, address, action) = (step.id.clone(), step.address.clone(), step.action);
    (context.events)(Event::StepStarted {
        step: id.clone(),
        address: address.clone(),
        action,
        vendor: step.vendor,
        money: step.money.as_ref().map(Into::into),
    });
    let mut calls = 0;
    let done = match frozen::not_frozen(step, context).await {
        Err(held) => Err(held),
        Ok(()) => {
            let together = Some(together).filter(|_| shape.must_verify[index]);
            let done = carry_out((step, shape.last[index]), together, ids, context, &mut calls).await;
            frozen::out_again(step, ids, context, &mut calls).await.and(done)
        }
    };
    let (seen, failure) = match done {
        Ok(seen) => (seen, None),
        Err(failure) => (Seen::default(), Some(failure)),
    };
    let ended = Ended {
        calls,
        failed: failure.is_some(),
        unknown: failure.as_ref().is_some_and(|failure| failure.unknown),
    };
    (context.events)(match failure {
        None => Event::StepDone {
            step: id,
            address,
            action,
            starts: seen.starts,
            money: step.money.as_ref().map(Into::into),
            links: seen.links,
        },
        Some(failure) => Event::StepFailed {
            step: id,
            address,
            action,
            problem: failure.problem,
            help: failure.help,
            outcome_unknown: failure.unknown,
        },
    });
    ended
}

/// What is told of a survey once it was read back.
#[derive(Debug, Default)]
struct Seen {
    /// When it goes in field by itself, where that start lies ahead.
    starts: Option<Timestamp>,
    /// Where it is tried out, where that is news.
    links: Links,
}

/// `together` is given where the step is read back; beside the step stands whether it is the last one of its survey.
async fn carry_out(
    (step, last): (&Step, bool),
    together: Option<&Together>,
    ids: &Ids,
    context: &Context<'_>,
    done: &mut usize,
) -> Result<Seen, Failure> {
    note_beforehand(step, ids, context).await?;
    for call in &step.calls {
        send(step, call, ids, context, done).await?;
    }
    let mut live = None;
    if !step.resumes.is_empty() {
        live = put_back(step, ids, context, done).await?;
    } else if let Some(together) = together {
        let shown = together.shown(step, ids).await;
        live = match shown.filter(|live| confirms(step, live, context)) {
            None => look_back(step, ids, context).await?,
            confirmed => confirmed,
        };
    }
    if let Some(live) = &live {
        ids.show(&step.address, &live.links);
    }
    let links = remember((step, last), ids, context).await?;
    let scheduled = live.and_then(|live| live.scheduled);
    Ok(Seen {
        starts: scheduled
            .map(|times| times.start)
            .filter(|_| step.goes_in_field()),
        links,
    })
}

/// Puts a survey back in field that was paused for a change, once the change was read back as wanted.
async fn put_back(
    step: &Step,
    ids: &Ids,
    context: &Context<'_>,
    done: &mut usize,
) -> Result<Option<LiveSurvey>, Failure> {
    let stays = |failure: Failure| Failure {
        problem: format!("{}; it stays paused", failure.problem),
        ..failure
    };
    look_back(step, ids, context).await.map_err(stays)?;
    for call in &step.resumes {
        send(step, call, ids, context, done).await?;
    }
    until_shown(|| async {
        match read_survey(step, ids, context).await? {
            Some(live) if live.status != Some(Status::Live) => Err(Failure::not_shown(format!(
                "the vendor did not keep what was sent: /status is {} instead of live",
                live.status_text
            ))),
            live => Ok(live),
        }
    })
    .await
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
    if let Some(links) = ids.links(&step.address) {
        survey.links = links;
    }
    // A survey that is found paused later was then stopped by somebody else, even if we never saw the answer.
    if matches!(step.action, Action::Launch | Action::Resume) {
        survey.in_field = true;
    }
    // What is raised goes back in field also where only the raise gets through.
    if let Record::Survey { finished, .. } = &step.record
        && step.action == Action::Update
        && survey.finished.is_none()
    {
        survey.finished = *finished;
    }
    // What is paused for its hours goes back with them, also where nobody saw how the pause ended.
    if let Record::Survey { paused_by, .. } = &step.record
        && step.action == Action::Pause
        && let Some(by) = paused_by.filter(|by| by.act == Act::Hours)
    {
        survey.paused_by = Some(PausedBy {
            at: (context.now)().parse().ok(),
            ..by
        });
    }
    // Or by ourselves, for the time of this change.
    if !step.resumes.is_empty() {
        survey.paused_for_edit = true;
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
