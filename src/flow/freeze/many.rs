//! Pauses of many at once, where a vendor takes such a call.
//!
//! Promises: nothing is paused by such a call that was not read in field right before and written down for a thaw; nothing is
//! said to be paused before it was read again; what is in field after all is paused by itself.

use super::super::{Locked, Stop};
use crate::apply::Tally;
use crate::freeze::{self, Frozen, Many, Request};
use crate::marketplace::{LOCATION, Waited};
use crate::model::Address;
use crate::model::call::KEY_PLACEHOLDER;
use crate::plan::Plan;
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// How long the work of such a call is waited for; then each is paused by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// Carries out the pauses of `frozen` by `one_by_one`, those of many at once before, and beside what is paused by itself.
pub(super) async fn pause(
    (request, frozen): (&Request<'_>, &Frozen),
    locked: &Locked<'_>,
    one_by_one: &impl AsyncFn(&Plan) -> Result<Tally, Stop>,
) -> Result<Tally, Stop> {
    if frozen.many.is_empty() {
        return one_by_one(&frozen.plan).await;
    }
    let (by_many, rest) = frozen.parted();
    let all = join_all(frozen.many.iter().map(|many| send(many, locked)));
    let (sent, carried) = tokio::join!(all, one_by_one(&rest));
    let of_many: BTreeSet<Address> = by_many.steps.iter().map(|step| step.address.clone()).collect();
    let again = freeze::make_plan(request, &of_many).await;
    let left = one_by_one(&again.after_many(by_many)).await;
    let mut tally = carried?;
    tally += left?;
    tally.calls += sent.into_iter().filter(|answered| *answered).count();
    Ok(tally)
}

/// Sends such a call and waits for its work; whether the vendor took it. What did not come of it is told, and is nobody's
/// failure: what stays in field is paused by itself.
async fn send(many: &Many, locked: &Locked<'_>) -> bool {
    let Some(writer) = locked.vendors.writers.get(&many.vendor) else {
        return false;
    };
    let mut call = many.call.clone();
    let key = locked.project.process.new_id();
    for value in call
        .headers
        .values_mut()
        .filter(|value| *value == KEY_PLACEHOLDER)
    {
        value.clone_from(&key);
    }
    let problem = match writer.send(&call, locked.keeper, &|_, _| {}).await {
        Ok(answer) => {
            let location = answer.get(LOCATION).and_then(serde_json::Value::as_str);
            match wait(many, location, locked).await {
                None => return true,
                Some(problem) => (problem, true),
            }
        }
        Err(error) => (error.to_string(), error.may_have_happened()),
    };
    let (problem, taken) = problem;
    let count = many.addresses.len();
    locked.terminal.say(&format!(
        "one call to pause {count} at {} did not pause all of them: {problem}; what is in field still is paused by itself",
        many.vendor.name()
    ));
    taken
}

/// Waits for what was taken; what did not come of it.
async fn wait(many: &Many, location: Option<&str>, locked: &Locked<'_>) -> Option<String> {
    let then = many.call.then.as_ref()?;
    let Some(location) = location else {
        return Some("the vendor did not say under which name the work goes on".to_owned());
    };
    let then = then.resolved(&BTreeMap::new(), Some(location)).ok()?;
    let reader = locked.vendors.readers.get(&many.vendor)?;
    match tokio::time::timeout(PATIENCE, reader.wait(&then)).await {
        Ok(Ok(Waited::Done)) => None,
        Ok(Ok(Waited::Failed { why })) => Some(why),
        Ok(Ok(Waited::StillGoing)) | Err(_) => {
            Some(format!("the vendor is not done with it (GET {})", then.path))
        }
        Ok(Err(error)) => Some(error.to_string()),
    }
}
