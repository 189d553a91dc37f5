//! Jobs: work that goes on at a vendor after its answer. Remembers them and waits for their end.
//!
//! Promises: a job is written down before anybody waits for it, so that an interrupted apply goes on waiting and starts
//! nothing twice; a job that failed is forgotten, so that the next attempt is a new one.

use super::context::Context;
use super::failure::Failure;
use super::ids::Ids;
use crate::marketplace::Waited;
use crate::model::call::{Followup, Until};
use crate::model::known::Job;
use crate::model::{Call, ResourceKind};
use crate::plan::Step;
use crate::state::Op;

/// The idempotency key of a call that starts work: the one of an attempt whose answer was never seen, or a new one.
pub(super) async fn key(
    step: &Step,
    call: &Call,
    ids: &Ids,
    context: &Context<'_>,
) -> Result<String, Failure> {
    let what = call.begins();
    let before = remembered(step, context).await;
    if let Some(job) = before.filter(|job| job.path.is_none() && job.call == what) {
        return Ok(job.key);
    }
    let key = (context.new_intent_id)();
    let job = Job {
        call: what,
        key: key.clone(),
        path: None,
    };
    remember(step, Some(job), ids, context).await?;
    Ok(key)
}

/// Where the work goes on that an earlier apply began with this very call. Lists are not shown, so nothing else tells that they
/// are on their way.
pub(super) async fn under_way(step: &Step, call: &Call, context: &Context<'_>) -> Option<String> {
    let list = !call.lists.is_empty();
    let job = remembered(step, context).await.filter(|_| list)?;
    job.path.filter(|_| job.call == call.begins())
}

/// Waits for what a call has started.
pub(super) async fn follow(
    step: &Step,
    then: &Followup,
    call: &Call,
    named: bool,
    ids: &Ids,
    context: &Context<'_>,
) -> Result<(), Failure> {
    let Some(reader) = context.readers.get(&step.vendor) else {
        return Ok(());
    };
    let sent = format!("{} {}", call.method, call.path);
    if then.until == Until::Finished {
        if !named {
            return Err(Failure::new(format!(
                "{sent}: the vendor took it and did not say under which name the work goes on"
            ))
            .help("run `infield plan`: it shows what came of it"));
        }
        if let Some(mut job) = remembered(step, context).await {
            job.path = Some(then.path.clone());
            remember(step, Some(job), ids, context).await?;
        }
    }
    // What is waited for belongs to whoever has the lock.
    let waited = tokio::select! {
        biased;
        waited = reader.wait(then) => waited,
        lost = context.keeper.lock_lost() => return Err(lost.into()),
    };
    match waited {
        Ok(Waited::Done) => Ok(()),
        Ok(Waited::Failed { why }) => {
            remember(step, None, ids, context).await?;
            Err(Failure::new(format!(
                "{sent}: the vendor began it and gave up: {why}"
            )))
        }
        Ok(Waited::StillGoing) => Err(Failure::new(format!(
            "{sent}: the vendor is not done with it yet (GET {})",
            then.path
        ))
        .help("run again later: it goes on waiting and starts nothing twice")),
        // What the vendor has forgotten is not waited for again.
        Err(error) if error.is_not_found() && then.until == Until::Finished => {
            remember(step, None, ids, context).await?;
            Err(Failure::new(format!("GET {}: {error}", then.path)).help("run again: it starts anew"))
        }
        Err(error) => Err(Failure::new(format!("GET {}: {error}", then.path))
            .help("run again: it goes on waiting and starts nothing twice")),
    }
}

async fn remembered(step: &Step, context: &Context<'_>) -> Option<Job> {
    let resource = context.keeper.resource(&step.address).await?;
    resource.survey()?.job.clone()
}

async fn remember(step: &Step, job: Option<Job>, ids: &Ids, context: &Context<'_>) -> Result<(), Failure> {
    let _turn = ids.turn(&step.address).await;
    let Some(mut resource) = context.keeper.resource(&step.address).await else {
        return Ok(());
    };
    if let ResourceKind::Survey(survey) = &mut resource.kind {
        survey.job = job;
        let op = Op::Put {
            address: step.address.clone(),
            resource: Box::new(resource),
        };
        context.keeper.commit(vec![op]).await?;
    }
    Ok(())
}
