//! The stop mark of a freeze: read before each request that puts something in field or raises what it may cost, and again
//! once it is in field.
//!
//! Promises: what a freeze that began before such a request holds is not sent; what it catches on its way in field is
//! taken out again, so that nothing that a freeze did not see in field stays there.

use super::context::Context;
use super::failure::Failure;
use super::ids::Ids;
use super::look_back::read_survey;
use super::send::send;
use crate::marketplace::http::permit::Permit;
use crate::model::stops::{Freeze, Paused};
use crate::model::{Address, Status, Stops};
use crate::plan::{Record, Step};
use crate::state::StateError;
use futures_util::future::BoxFuture;
use std::collections::BTreeSet;

/// The permit of a step's requests: the lock, and for what spends, that nothing holds it.
pub(super) struct Watched<'a> {
    pub(super) step: &'a Step,
    pub(super) context: &'a Context<'a>,
}

impl Permit for Watched<'_> {
    fn may_send(&self) -> Result<(), String> {
        Permit::may_send(self.context.keeper)
    }

    fn may_send_now(&self) -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move {
            if self.step.spends() {
                let freeze = freeze(self.step, self.context).await.map_err(|e| e.to_string())?;
                if let Some(freeze) = freeze {
                    return Err(freeze.to_string());
                }
            }
            // Nothing is waited for between this and the request.
            self.may_send()
        })
    }

    fn withdrawn(&self) -> BoxFuture<'_, String> {
        self.context.keeper.withdrawn()
    }
}

/// The freeze that holds what a step is about by now.
async fn freeze(step: &Step, context: &Context<'_>) -> Result<Option<Freeze>, StateError> {
    let mut stops = context.keeper.stops().await?;
    stops
        .freezes
        .retain(|freeze| !context.undoes.contains(&freeze.id));
    if stops.is_empty() {
        return Ok(None);
    }
    let none = BTreeSet::new();
    let tags = match &step.record {
        Record::Survey { policy, .. } => &policy.tags,
        Record::Group(_) | Record::FormerClosed { .. } | Record::Forgotten | Record::Moved { .. } => &none,
    };
    let resource = context.keeper.resource(&step.address).await;
    let found = stops.on((&step.address, step.vendor), resource.as_ref(), tags);
    Ok(found.cloned())
}

fn held(address: &Address, freeze: &Freeze, what: &str) -> Failure {
    Failure::new(format!("{freeze}: {what}")).help(format!(
        "`infield thaw {address}` ends that, whenever it may go in field again"
    ))
}

/// Refuses to begin what may not be sent.
pub(super) async fn not_frozen(step: &Step, context: &Context<'_>) -> Result<(), Failure> {
    if !step.spends() {
        return Ok(());
    }
    match freeze(step, context).await? {
        None => Ok(()),
        Some(freeze) => Err(held(&step.address, &freeze, "nothing was sent")),
    }
}

/// Takes out of field again what was frozen while it went there, and leaves word for whoever thaws it.
pub(super) async fn out_again(
    step: &Step,
    ids: &Ids,
    context: &Context<'_>,
    done: &mut usize,
) -> Result<(), Failure> {
    if !step.goes_in_field() {
        return Ok(());
    }
    let Some(freeze) = freeze(step, context).await? else {
        return Ok(());
    };
    let Some(id) = ids.get(&step.address) else {
        return Ok(());
    };
    let seen = read_survey(step, ids, context).await?;
    let Some(live) = seen.filter(|live| live.status == Some(Status::Live)) else {
        return Ok(());
    };
    let market = context.markets.of(step.vendor);
    let out = market.out_of_field(&step.address, &live, Status::Paused, None);
    if out.is_empty() {
        return Ok(());
    }
    let paused = Paused {
        address: step.address.clone(),
        vendor: step.vendor,
        id,
        times: live.scheduled,
    };
    let leave_word = |stops: &mut Stops| {
        let same = stops.freezes.iter_mut().find(|other| other.id == freeze.id);
        if let Some(same) = same.filter(|same| !same.paused.contains(&paused)) {
            same.paused.push(paused.clone());
        }
    };
    let caught = context.keeper.change_stops(&leave_word).await;
    for call in &out {
        send(&leaving(step), call, ids, context, done).await?;
    }
    caught?;
    Err(held(&step.address, &freeze, "it was taken out of field again"))
}

/// The step that takes it out of field again, which nothing holds.
fn leaving(step: &Step) -> Step {
    let action = crate::plan::Action::Pause;
    Step::new(
        &step.address,
        step.vendor,
        action,
        &step.reason,
        step.record.clone(),
    )
}
