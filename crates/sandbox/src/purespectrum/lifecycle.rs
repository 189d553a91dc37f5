//! A survey's status: what the caller may make of it, and what the vendor makes of it by itself.

use super::prelude::*;
use super::record::list;

const DAY_MS: i64 = 86_400_000;
/// Paused or inactive for longer than this closes a survey (vendor wiki 3115974657).
const IDLE_DAYS: i64 = 10;
/// No completes this long after the launch closes a survey (vendor wiki 3115974657).
const SILENT_DAYS: i64 = 3;

/// Changes the status as a caller asks.
///
/// The allowed steps are assumed, but for 44 being final (vendor wiki 3115974657).
pub(super) fn change_status(survey: &mut Survey, value: &Value, now: i64) -> Result<(), Failure> {
    let to = [DRAFT, LIVE, PAUSED, CLOSED].into_iter().find(|to| *value == *to);
    let to = to.ok_or_else(|| invalid("ps_survey_status must be 11, 22, 33 or 44"))?;
    let from = survey.status;
    match (from, to) {
        _ if from == to => return Ok(()),
        (DRAFT | PAUSED, LIVE) => launch(survey, now)?,
        (LIVE, PAUSED) => {
            survey.paused_ms = Some(now);
            survey.stopped_because = None;
        }
        (DRAFT | LIVE | PAUSED, CLOSED) => {}
        _ => {
            let message = format!("ps_survey_status cannot change from {from} to {to}");
            return Err(invalid(message));
        }
    }
    survey.status = to;
    survey.active_ms = Some(now);
    Ok(())
}

fn launch(survey: &mut Survey, now: i64) -> Result<(), Failure> {
    if survey.fields.word("live_url").is_empty() {
        return Err(invalid("live_url is required to launch a survey"));
    }
    // Vendor wiki 107839551.
    if survey.number("incl_excl") == 1 && survey.psids.is_empty() {
        return Err(invalid("PSIDRef must not be empty to launch a recontact"));
    }
    if survey.launched_ms.is_none() {
        survey.launch_cpi = Some(cpi(survey));
    }
    survey.launched_ms = Some(now);
    survey.paused_ms = None;
    survey.stopped_because = None;
    Ok(())
}

/// Pauses a live survey whose goal, or whose every quota, is reached
/// (docs create-survey, vendor wiki 3115974657).
pub(super) fn pause_if_full(survey: &mut Survey, now: i64) {
    if survey.status != LIVE || survey.counts.completes == 0 {
        return;
    }
    let because = if survey.counts.completes >= survey.goal() {
        "goal reached"
    } else if !survey.quotas.is_empty() && survey.quotas.iter().all(|quota| quota.fielded >= quota.required) {
        "every quota reached"
    } else {
        return;
    };
    survey.status = PAUSED;
    survey.paused_ms = Some(now);
    survey.stopped_because = Some(because.to_owned());
}

/// Closes what the vendor closes with time, and reports each change.
pub(super) fn clock_moved(world: &World) -> Result<Vec<Value>, StoreError> {
    let now = world.now_ms();
    world.store.write(|batch| {
        let mut changes = Vec::new();
        for status in [LIVE, PAUSED] {
            for id in list(batch, status, &(i64::MIN..i64::MAX), &(0..usize::MAX))? {
                let found = find(batch, id)?.and_then(|survey| Some((overdue(&survey, now)?, survey)));
                let Some((because, mut survey)) = found else {
                    continue;
                };
                survey.status = CLOSED;
                survey.stopped_because = Some(because.to_owned());
                save(batch, &survey)?;
                changes.push(json!({
                    "vendor": "purespectrum", "survey": id, "from": status, "to": CLOSED,
                    "reason": because,
                }));
            }
        }
        Ok(changes)
    })
}

fn overdue(survey: &Survey, now: i64) -> Option<&'static str> {
    let idle = |since: Option<i64>| since.is_some_and(|since| now - since > IDLE_DAYS * DAY_MS);
    if survey.status == PAUSED {
        return idle(survey.paused_ms).then_some("paused for more than 10 days");
    }
    let silent = |since: i64| now - since >= SILENT_DAYS * DAY_MS;
    if survey.counts.completes == 0 && survey.launched_ms.is_some_and(silent) {
        return Some("no completes within 3 days of launch");
    }
    idle(survey.active_ms).then_some("inactive for more than 10 days")
}
