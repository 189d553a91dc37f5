//! Fielding runs: at most one per target group, changed under its ETag (OpenAPI "Fielding Runs").
//!
//! A run's id is that of its target group, as in the sample of the guide "Close a target group".

use super::envelope::{INVALID_STATE, bad_field, body, with_etag};
use super::life::is_full;
use super::prelude::*;
use super::project::check_match;
use super::record::Run;
use jiff::Timestamp;

fn shown(world: &World, group: &Group, run: &Run) -> Value {
    let shown = json!({
        "id": group.id, "last_changed_at": time(run.changed_ms), "last_changed_by": run.changed_by,
        "start_fielding_at": time(run.start_ms), "end_fielding_at": time(run.end_ms),
        "status": group.status_word(world), "version": run.version,
    });
    super::future(world, shown)
}

/// `get_fielding_runs_by_target_group_id`: none for a draft. No ETag here.
pub(super) fn list(world: &World, group: &Group) -> Outcome {
    let data: Value = group.run.iter().map(|run| shown(world, group, run)).collect();
    ok(&json!({"data": data, "has_more": false}))
}

/// `get_fielding_run`.
pub(super) fn get(world: &World, group: &Group, run: &str) -> Outcome {
    let found = group.run.as_ref().filter(|_| run == group.id).ok_or(NOT_FOUND)?;
    with_etag(ok(&shown(world, group, found))?, found.version)
}

/// Changes a run under its ETag: 404, then 412, then the state. Returns the target group and the run's version.
fn write(
    at: At<'_>,
    run: &str,
    work: impl FnOnce(&mut Group, i64) -> Result<(), Failure>,
) -> Result<(Group, u64), Failure> {
    let (group, ()) = life::write(at.world, at.project, at.id, |_, group| {
        let found = group.run.as_ref().filter(|_| run == group.id).ok_or(NOT_FOUND)?;
        check_match(at.call, found.version)?;
        work(group, at.world.now_ms())
    })?;
    let version = group.run.as_ref().map_or(0, |run| run.version);
    Ok((group, version))
}

/// When a run is to begin and end.
#[derive(Deserialize)]
pub(super) struct Window {
    start_fielding_at: Option<Timestamp>,
    pub(super) end_fielding_at: Timestamp,
}

impl Window {
    /// When it is to begin, where that has to be said.
    pub(super) fn start(&self) -> Result<i64, Failure> {
        let start = self.start_fielding_at.map(Timestamp::as_millisecond);
        start.ok_or_else(|| bad_field("start_fielding_at", "must be an RFC 3339 time"))
    }
}

/// `update_fielding_run`.
pub(super) fn put(at: At<'_>, run: &str) -> Outcome {
    let (group, version) = write(at, run, |group, now| {
        let window: Window = body(at.call)?;
        let (start, end) = (window.start()?, window.end_fielding_at.as_millisecond());
        let (old_start, old_end) = (group.start_ms, group.end_ms);
        let status = group.status();
        if status == COMPLETED {
            return Err(INVALID_STATE.into());
        }
        // The text says that a start cannot be in the past, and a live run has no other: an unchanged one is accepted
        // (assumed).
        if start != old_start && (start < now || status != SCHEDULED) {
            let message = "start_fielding_at cannot be in the past, or change in field";
            return Err(bad_request(message));
        }
        if end <= start || end <= now {
            let message = "end_fielding_at cannot be before start_fielding_at or now";
            return Err(bad_request(message));
        }
        let entry = |object, old, new| changed(object, &json!(time(old)), &json!(time(new)));
        let changes = [
            entry("fielding_period_start_date_change", old_start, start),
            entry("fielding_period_end_date_change", old_end, end),
        ];
        set_window(group, start, end);
        if let Some(run) = &mut group.run {
            life::touch(run, now, Some(at.caller.user_id));
        }
        at.note(group, changes.into_iter().flatten().collect());
        Ok(())
    })?;
    let answer = Answer::json(StatusCode::ACCEPTED, &json!({"id": group.id}));
    with_etag(answer, version)
}

/// When a run begins and ends, which its target group says as well.
fn set_window(group: &mut Group, start_ms: i64, end_ms: i64) {
    (group.start_ms, group.end_ms) = (start_ms, end_ms);
    if let Some(run) = &mut group.run {
        (run.start_ms, run.end_ms) = (start_ms, end_ms);
    }
}

/// What a run can be made to do; the last segment of a path is its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Action {
    Pause,
    Resume,
    Complete,
    Relaunch,
    LaunchNow,
}

impl Action {
    pub(super) fn of(word: &str) -> Option<Self> {
        serde_json::from_value(json!(word)).ok()
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
    if action == Action::LaunchNow {
        // The end moves so that the duration stays (OpenAPI `launch_now_fielding_run`).
        set_window(group, now, now + group.end_ms - group.start_ms);
    }
    if action == Action::Relaunch && group.start_ms > now {
        // It begins now, whatever was scheduled before it ended (assumed).
        set_window(group, now, group.end_ms);
    }
    if action == Action::Resume {
        group.soft_launch_over = true;
    }
    life::become_(group, action.to(), now, Some(user), None);
}

/// `pause_fielding_run` and its neighbours.
pub(super) fn do_action(at: At<'_>, run: &str, action: Action) -> Outcome {
    let (group, version) = write(at, run, |group, now| {
        if !action.is_allowed(at.world, group, now) {
            return Err(INVALID_STATE.into());
        }
        act(group, action, now, at.caller.user_id);
        Ok(())
    })?;
    let (start, end) = (time(group.start_ms), time(group.end_ms));
    let answer = match action {
        Action::LaunchNow => ok(&json!({"start_fielding_at": start, "end_fielding_at": end})),
        _ => no_content(),
    };
    with_etag(answer?, version)
}
