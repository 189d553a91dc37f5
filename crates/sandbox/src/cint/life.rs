//! How a target group goes from one status to the next, by request or by itself, and what the changelog says of it.
//!
//! What the vendor does by itself is done when a target group is looked at and when the clock is moved: a scheduled one
//! starts, its end is reached, its goal is reached, its soft launch is over, a job nobody polls ends.

use super::envelope::uuid_of;
use super::job;
use super::prelude::*;
use super::record::{Entry, Run};

/// Who the marketplace is where a user id has to be named.
pub(super) const SYSTEM_USER: &str = "00000000-0000-4000-8000-000000000001";

/// One item of a changelog entry.
pub(super) fn change(object: &str, before: &Value, after: &Value) -> Value {
    json!({"object": object, "new_value": after, "old_value": before})
}

/// The same, where something changed.
pub(super) fn changed(object: &str, before: &Value, after: &Value) -> Option<Value> {
    (before != after).then(|| change(object, before, after))
}

/// Writes into the changelog; an entry without changes is none.
pub(super) fn note(group: &mut Group, at_ms: i64, user: Option<&str>, changes: Vec<Value>) {
    if changes.is_empty() {
        return;
    }
    let id = uuid_of(&format!("{} entry {}", group.id, group.changelog.len())).to_string();
    group.changelog.push(Entry {
        id,
        at_ms,
        user: user.map(str::to_owned),
        changes,
    });
}

/// Makes a run: launched or scheduled.
pub(super) fn begin(group: &mut Group, status: &str, start_ms: i64, end_ms: i64, at_ms: i64, user: &str) {
    group.start_ms = start_ms;
    group.end_ms = end_ms;
    group.run = Some(Run {
        start_ms,
        end_ms,
        status: status.to_owned(),
        version: 1,
        changed_ms: at_ms,
        changed_by: user.to_owned(),
    });
    group.updated_ms = at_ms;
    let mut changes = vec![json!({
        "object": "status_change", "new_value": status, "old_value": DRAFT, "reason_code": null,
    })];
    if let Some(cpi) = &group.cpi {
        let cpi = cpi.shown();
        changes.push(change("user_requested_cpi_change", &Value::Null, &cpi));
        changes.push(change("cpi_change", &Value::Null, &cpi));
    }
    note(group, at_ms, Some(user), changes);
}

/// Gives the run another status; `user` is `None` when the vendor does it.
pub(super) fn become_(group: &mut Group, status: &str, at_ms: i64, user: Option<&str>, reason: Option<&str>) {
    let before = group.status().to_owned();
    if let Some(run) = &mut group.run {
        status.clone_into(&mut run.status);
        touch(run, at_ms, user);
    }
    group.updated_ms = at_ms;
    let change = json!({
        "object": "status_change", "new_value": status, "old_value": before, "reason_code": reason,
    });
    note(group, at_ms, user, vec![change]);
}

/// Counts a change of a run.
pub(super) fn touch(run: &mut Run, at_ms: i64, user: Option<&str>) {
    run.version += 1;
    run.changed_ms = at_ms;
    user.unwrap_or(SYSTEM_USER).clone_into(&mut run.changed_by);
}

/// Whether the goal is reached (assumed: by completes, whatever the filling strategy counts).
pub(super) fn is_full(group: &Group) -> bool {
    group.counts.completes >= group.goal
}

/// What the vendor would do to a target group now: status, time, reason.
fn next_step(world: &World, group: &Group, now: i64) -> Option<(&'static str, i64, Option<&'static str>)> {
    let run = group.run.as_ref()?;
    let past_end = || {
        let pauses = world.is_on(switches::END_PAUSES);
        let to = if pauses { PAUSED } else { COMPLETED };
        (to, run.end_ms.min(now), Some("past_scheduled_end_date"))
    };
    match run.status.as_str() {
        SCHEDULED if now >= run.start_ms => Some((LIVE, run.start_ms, None)),
        LIVE if is_full(group) => Some((COMPLETED, now, Some("total_completes_reached"))),
        LIVE if now >= run.end_ms => Some(past_end()),
        LIVE if !group.soft_launch_over && soft_launch_end(group).is_some_and(|end| now >= end) => {
            Some((PAUSED, now, Some("past_soft_launch_end_date")))
        }
        // Nobody can bring anybody (help "Edit advanced settings").
        LIVE if group.allocations.is_dry() => Some((PAUSED, now, None)),
        LIVE => over_limit(group).then_some((PAUSED, now, Some("max_cpi_limit_reached"))),
        _ => None,
    }
}

/// When a soft launch ends that began before its end.
fn soft_launch_end(group: &Group) -> Option<i64> {
    let run = group.run.as_ref()?;
    let end = read_time(group.assistant.get("soft_launch")?.get("end_at")?)?;
    (end > run.start_ms).then_some(end)
}

/// Whether the price in effect is above the Fielding Assistant's highest.
fn over_limit(group: &Group) -> bool {
    let pricing = group.assistant.get("pricing");
    let limit = pricing.and_then(|pricing| Money::read(&pricing["maximum_cpi"]).ok());
    let both = group.effective_cpi.as_ref().zip(limit);
    both.is_some_and(|(price, limit)| price.value > limit.value)
}

/// Whether looking at a target group changes it.
fn is_due(world: &World, group: &Group) -> bool {
    let now = world.now_ms();
    let job_is_due = group.job.as_ref().is_some_and(|(_, due)| now >= *due);
    job_is_due || next_step(world, group, now).is_some()
}

/// Does to a target group what the vendor does by itself now; returns one entry per change.
pub(super) fn settle(
    batch: &mut Batch<'_>,
    world: &World,
    group: &mut Group,
) -> Result<Vec<Value>, StoreError> {
    let now = world.now_ms();
    if let Some((id, due)) = group.job.clone()
        && now >= due
    {
        job::end_for(batch, world, &id, group)?;
    }
    let mut changes = Vec::new();
    while let Some((status, at, reason)) = next_step(world, group, now) {
        if reason == Some("past_soft_launch_end_date") {
            group.soft_launch_over = true;
        }
        become_(group, status, at, None, reason);
        changes.push(json!({
            "vendor": "cint", "target_group": group.id, "status": status, "reason": reason, "at": time(at),
        }));
    }
    Ok(changes)
}

/// A target group for a change, brought up to date.
pub(super) fn open(batch: &mut Batch<'_>, world: &World, project: &str, id: &str) -> Result<Group, Failure> {
    record::project(batch, project)?;
    let mut group = record::raw_group(batch, project, id)?.ok_or(NOT_FOUND)?;
    settle(batch, world, &mut group)?;
    Ok(group)
}

/// Changes a target group, which is brought up to date before and afterwards; all or nothing. Returns it, and what `work`
/// does.
pub(super) fn write<R>(
    world: &World,
    project: &str,
    id: &str,
    work: impl FnOnce(&mut Batch<'_>, &mut Group) -> Result<R, Failure>,
) -> Result<(Group, R), Failure> {
    world.store.write(|batch| {
        let mut group = open(batch, world, project, id)?;
        let result = work(batch, &mut group)?;
        settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
        Ok((group, result))
    })
}

/// A call, and the target group that it is about; or the project, or neither.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    pub(super) world: &'a World,
    pub(super) call: &'a Call,
    pub(super) caller: Caller,
    pub(super) project: &'a str,
    pub(super) id: &'a str,
}

impl At<'_> {
    /// The target group to look at.
    pub(super) fn group(self) -> Result<Group, Failure> {
        read(self.world, self.project, self.id)
    }

    /// A launched or scheduled target group to look at; a draft is not found.
    pub(super) fn launched(self) -> Result<Group, Failure> {
        let group = self.group()?;
        group.launched()?;
        Ok(group)
    }

    /// Lets `work` change a launched or scheduled target group, and answer; a draft is not found.
    pub(super) fn edit(self, work: impl FnOnce(Self, &mut Group) -> Outcome) -> Outcome {
        let edited = write(self.world, self.project, self.id, |_, group| {
            group.launched()?;
            work(self, group)
        });
        Ok(edited?.1)
    }

    /// Notes changes that the caller makes now in the changelog.
    pub(super) fn note(self, group: &mut Group, changes: Vec<Value>) {
        group.updated_ms = self.world.now_ms();
        note(group, group.updated_ms, Some(self.caller.user_id), changes);
    }
}

/// A target group to look at, brought up to date.
pub(super) fn read(world: &World, project: &str, id: &str) -> Result<Group, Failure> {
    let view = world.store.view()?;
    record::project(&view, project)?;
    let group = record::raw_group(&view, project, id)?.ok_or(NOT_FOUND)?;
    if !is_due(world, &group) {
        return Ok(group);
    }
    Ok(write(world, project, id, |_, _| Ok(()))?.0)
}

/// All target groups of a project, brought up to date.
pub(super) fn read_all(world: &World, project: &str) -> Result<Vec<Group>, Failure> {
    let groups = record::groups(&world.store.view()?, project)?;
    if !groups.iter().any(|group| is_due(world, group)) {
        return Ok(groups);
    }
    Ok(world.store.write(|batch| settle_all(batch, world, groups))?.0)
}

fn settle_all(
    batch: &mut Batch<'_>,
    world: &World,
    groups: Vec<Group>,
) -> Result<(Vec<Group>, Vec<Value>), StoreError> {
    let mut settled = Vec::new();
    let mut changes = Vec::new();
    for mut group in groups {
        if is_due(world, &group) {
            changes.extend(settle(batch, world, &mut group)?);
            save_group(batch, &group)?;
        }
        settled.push(group);
    }
    Ok((settled, changes))
}

/// Everything that happens by itself at the present time.
pub(super) fn clock_moved(world: &World) -> Result<Vec<Value>, StoreError> {
    world.store.write(|batch| {
        let groups: Vec<Group> = batch.all("cint/group/")?;
        Ok(settle_all(batch, world, groups)?.1)
    })
}

/// The price in effect, if there is one.
pub(super) fn price(group: &Group) -> Money {
    let known = group.effective_cpi.as_ref().or(group.cpi.as_ref());
    known.cloned().unwrap_or_else(|| super::rate_card::price(group))
}
