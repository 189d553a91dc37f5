//! Fielding runs: at most one per target group, changed under its ETag (OpenAPI "Fielding Runs").
//!
//! A run's id is that of its target group, as in the sample of the guide "Close a target group".

use super::auth::Caller;
use super::envelope::{
    Outcome, bad_fields, bad_request, invalid_state, no_content, not_found, object, ok, with_etag,
};
use super::life::{self, change, is_full};
use super::money::{read_time, time};
use super::project::check_match;
use super::record::{COMPLETED, Group, LIVE, PAUSED, Run, SCHEDULED, save_group};
use super::switches;
use crate::{Answer, Call, Failure, World};
use http::StatusCode;
use serde_json::{Value, json};

fn shown(world: &World, group: &Group, run: &Run) -> Value {
    let mut shown = json!({
        "id": group.id,
        "last_changed_at": time(run.changed_ms),
        "last_changed_by": run.changed_by,
        "start_fielding_at": time(run.start_ms),
        "end_fielding_at": time(run.end_ms),
        "status": run.status,
        "version": run.version,
    });
    if world.is_on(switches::NEW_WORDS) && run.status == PAUSED {
        shown["status"] = json!("hibernating");
    }
    super::future(world, &mut shown);
    shown
}

/// `get_fielding_runs_by_target_group_id`: none for a draft. No ETag here.
pub(super) fn list(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read(world, project, id)?;
    let data: Vec<Value> = group.run.iter().map(|run| shown(world, &group, run)).collect();
    Ok(ok(&json!({"data": data, "has_more": false})))
}

/// `get_fielding_run`.
pub(super) fn get(world: &World, project: &str, id: &str, run: &str) -> Outcome {
    let group = life::read(world, project, id)?;
    match &group.run {
        Some(found) if run == group.id => Ok(with_etag(ok(&shown(world, &group, found)), found.version)),
        _ => Err(not_found()),
    }
}

/// Changes a run under its ETag: 404, then 412, then the state.
fn write(
    world: &World,
    call: &Call,
    (project, id, run): (&str, &str, &str),
    work: impl FnOnce(&mut Group, &mut Run, i64) -> Result<Option<Value>, Failure>,
) -> Result<(Option<Value>, u64), Failure> {
    world.store.write(|batch| {
        let mut group = life::open(batch, world, project, id)?;
        let mut found = group
            .run
            .clone()
            .filter(|_| run == group.id)
            .ok_or_else(not_found)?;
        check_match(call, found.version)?;
        let body = work(&mut group, &mut found, world.now_ms())?;
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
        let version = group.run.as_ref().map_or(found.version, |run| run.version);
        Ok((body, version))
    })
}

/// `update_fielding_run`.
pub(super) fn put(world: &World, call: &Call, caller: Caller, path: (&str, &str, &str)) -> Outcome {
    let (body, version) = write(world, call, path, |group, run, now| {
        let body = object(&call.body)?;
        let at = |key: &str| body.get(key).and_then(read_time);
        let (Some(start), Some(end)) = (at("start_fielding_at"), at("end_fielding_at")) else {
            return Err(bad_fields(&[(
                "start_fielding_at, end_fielding_at".to_owned(),
                "must be RFC 3339 times".to_owned(),
            )]));
        };
        if run.status == COMPLETED {
            return Err(invalid_state());
        }
        // The text says that a start cannot be in the past, and a live run has no other: an unchanged one is accepted
        // (assumed).
        if start != run.start_ms && (start < now || run.status != SCHEDULED) {
            return Err(bad_request(
                "start_fielding_at cannot be in the past, or change in field",
            ));
        }
        if end <= start || end <= now {
            return Err(bad_request(
                "end_fielding_at cannot be before start_fielding_at or now",
            ));
        }
        let mut changes = Vec::new();
        for (object, old, new) in [
            ("fielding_period_start_date_change", run.start_ms, start),
            ("fielding_period_end_date_change", run.end_ms, end),
        ] {
            if old != new {
                changes.push(change(object, &json!(time(old)), &json!(time(new))));
            }
        }
        run.start_ms = start;
        run.end_ms = end;
        life::touch(run, now, Some(caller.user_id));
        group.start_ms = start;
        group.end_ms = end;
        group.updated_ms = now;
        group.run = Some(run.clone());
        life::note(group, now, Some(caller.user_id), changes);
        Ok(Some(json!({"id": group.id})))
    })?;
    let body = body.unwrap_or(Value::Null);
    Ok(with_etag(Answer::json(StatusCode::ACCEPTED, &body), version))
}

/// What a run can be made to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(super) enum Action {
    Pause,
    Resume,
    Complete,
    Relaunch,
    LaunchNow,
}

impl Action {
    pub(super) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "pause" => Self::Pause,
            "resume" => Self::Resume,
            "complete" => Self::Complete,
            "relaunch" => Self::Relaunch,
            "launch-now" => Self::LaunchNow,
            _ => return None,
        })
    }

    /// The status it leads to.
    pub(super) fn to(self) -> &'static str {
        match self {
            Self::Pause => PAUSED,
            Self::Resume | Self::Relaunch | Self::LaunchNow => LIVE,
            Self::Complete => COMPLETED,
        }
    }

    /// Whether a run allows it now.
    pub(super) fn is_allowed(self, world: &World, group: &Group, now: i64) -> bool {
        let Some(run) = &group.run else { return false };
        let open = !is_full(group) && now < run.end_ms;
        match (self, run.status.as_str()) {
            (Self::Pause, LIVE) | (Self::Complete, LIVE | SCHEDULED) | (Self::LaunchNow, SCHEDULED) => true,
            (Self::Complete, PAUSED) => world.is_on(switches::COMPLETE_PAUSED),
            (Self::Resume, PAUSED) | (Self::Relaunch, COMPLETED) => open,
            _ => false,
        }
    }
}

/// Carries an action out that is allowed.
pub(super) fn act(group: &mut Group, action: Action, now: i64, user: &str) {
    if action == Action::LaunchNow
        && let Some(run) = &mut group.run
    {
        // The end moves so that the duration stays (OpenAPI `launch_now_fielding_run`).
        let duration = run.end_ms - run.start_ms;
        run.start_ms = now;
        run.end_ms = now + duration;
        group.start_ms = run.start_ms;
        group.end_ms = run.end_ms;
    }
    if action == Action::Resume {
        group.soft_launch_over = true;
    }
    life::become_(group, action.to(), now, Some(user), None);
}

/// `pause_fielding_run` and its neighbours.
pub(super) fn do_action(
    world: &World,
    call: &Call,
    caller: Caller,
    path: (&str, &str, &str),
    action: Action,
) -> Outcome {
    let (body, version) = write(world, call, path, |group, _run, now| {
        if !action.is_allowed(world, group, now) {
            return Err(invalid_state());
        }
        act(group, action, now, caller.user_id);
        let times =
            || json!({"start_fielding_at": time(group.start_ms), "end_fielding_at": time(group.end_ms)});
        Ok((action == Action::LaunchNow).then(times))
    })?;
    let answer = match body {
        Some(body) => ok(&body),
        None => no_content(),
    };
    Ok(with_etag(answer, version))
}
