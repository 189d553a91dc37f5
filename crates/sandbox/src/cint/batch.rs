//! Jobs over many target groups: launch, pause, resume, complete, relaunch, and a new project manager.
//!
//! "Launch" takes scheduled ones only, and what already is as wanted counts as done (OpenAPI `create_bulk_*`). There is no
//! ETag. `Location` has another path than the one to look at (published examples). The work is done when the job is made;
//! the job says so only later.

use super::envelope::job_made;
use super::fielding::{Action, act};
use super::keys::Need::{Optional, Required};
use super::prelude::*;
use super::{job, keys::Need};

const MANAGERS: &str = "update-target-group-project-managers";

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct BatchJob {
    id: String,
    project: String,
    /// The segment of the path it was made at.
    word: String,
    created_ms: i64,
    created_by: String,
    looks: u64,
    manager: Option<String>,
    updated: Vec<Value>,
    failed: Vec<Value>,
}

/// The action of a path's segment, with the short word of `Location`.
fn action(word: &str) -> Option<(Action, &str)> {
    let verb = word.strip_suffix("-fielding-runs-by-target-group-id")?;
    let action = match verb {
        "launch" => Action::LaunchNow,
        "launch-now" => return None,
        other => Action::of(other)?,
    };
    Some((action, verb))
}

/// Whether this is the path of a batch job.
pub(super) fn is_known(word: &str) -> bool {
    word == MANAGERS || action(word).is_some()
}

/// Whether making it needs an idempotency key.
pub(super) fn need(word: &str) -> Need {
    if word == MANAGERS { Optional } else { Required }
}

/// Makes a job and does its work.
pub(super) fn create(
    world: &World,
    batch: &mut Batch<'_>,
    call: &Call,
    caller: Caller,
    project: &str,
    word: &str,
) -> Outcome {
    record::project(batch, project)?;
    let body = object(call)?;
    let ids = body.field("target_group_ids").and_then(texts);
    let ids = ids.filter(|ids| !ids.is_empty());
    let ids = ids.ok_or_else(|| bad_request("target_group_ids must name at least one target group"))?;
    let mut job = BatchJob {
        id: ulid(batch, world)?,
        project: project.to_owned(),
        word: word.to_owned(),
        created_ms: world.now_ms(),
        created_by: caller.user_id.to_owned(),
        looks: job::looks(world),
        ..BatchJob::default()
    };
    let action = action(word);
    if action.is_none() {
        let manager = body.word("project_manager_id");
        if !super::definitions::is_user(manager) {
            return Err(bad_request("project_manager_id is no user of the account"));
        }
        job.manager = Some(manager.to_owned());
    }
    for id in ids {
        let Some(mut group) = record::raw_group(batch, project, &id)? else {
            let text = "Target group not found.";
            job.failed.push(failed(&id, None, "TargetGroupNotFound", text));
            continue;
        };
        life::settle(batch, world, &mut group)?;
        let name = group.text("name").to_owned();
        let name = job.manager.is_some().then_some(name);
        let done = match (&job.manager, action) {
            (Some(manager), _) => {
                give_to(world, &mut group, manager, caller);
                true
            }
            (None, Some((action, _))) => carry_out(world, &mut group, action, caller),
            (None, None) => false,
        };
        if done {
            job.updated.push(named(&id, name.as_deref()));
        } else {
            let text = "Status transition is not allowed.";
            let failed = failed(&id, name.as_deref(), "StatusTransitionNotAllowed", text);
            job.failed.push(failed);
        }
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
    }
    batch.put_json(&format!("cint/batch/{}", job.id), &job)?;
    let (verb, id) = (action.map_or(MANAGERS, |(_, verb)| verb), &job.id);
    let path = format!("/demand/accounts/{ACCOUNT}/projects/{project}/batch-jobs/{verb}/{id}");
    job_made(&job::location(world, &path))
}

fn named(id: &str, name: Option<&str>) -> Value {
    let mut item = json!({"target_group_id": id});
    item.put_some("target_group_name", name);
    item
}

fn failed(id: &str, name: Option<&str>, code: &str, description: &str) -> Value {
    let mut item = named(id, name);
    item["failure_reason"] = json!({"code": code, "description": description});
    item
}

fn give_to(world: &World, group: &mut Group, manager: &str, caller: Caller) {
    let before = json!({"las_user_id": group.text("project_manager_id")});
    let after = json!({"las_user_id": manager});
    if let Some(entry) = changed("project_manager_change", &before, &after) {
        group.fields.put("project_manager_id", manager);
        life::changed_by(world, group, caller, vec![entry]);
    }
}

fn carry_out(world: &World, group: &mut Group, action: Action, caller: Caller) -> bool {
    if group.status() == action.to() {
        return true;
    }
    let now = world.now_ms();
    let allowed = action.is_allowed(world, group, now);
    if allowed {
        act(group, action, now, caller.user_id);
    }
    allowed
}

/// Looks at a job, which brings it on.
pub(super) fn read(world: &World, project: &str, word: &str, id: &str) -> Outcome {
    let key = format!("cint/batch/{id}");
    let job = world.store.write(|batch| {
        let job: Option<BatchJob> = batch.get_json(&key)?;
        let job = job.filter(|job| job.project == project && job.word == word);
        let mut job = job.ok_or(NOT_FOUND)?;
        if job.looks > 0 {
            job.looks -= 1;
            batch.put_json(&key, &job)?;
        }
        Ok::<_, Failure>(job)
    })?;
    let ended = job.looks == 0;
    let list = |items: &[Value]| json!({"data": if ended { items } else { &[] }, "has_more": false});
    let status = job::status(ended.then_some(true));
    let mut shown = json!({"job_id": job.id, "created_at": time(job.created_ms), "status": status});
    match &job.manager {
        Some(manager) => shown["project_manager_id"] = json!(manager),
        None => shown["created_by"] = json!(job.created_by),
    }
    // The example has nulls while it is processed, the schema objects: then there is nothing.
    if ended || job.manager.is_none() {
        shown["updated_target_groups"] = list(&job.updated);
        shown["failed_target_groups"] = list(&job.failed);
    }
    ok(&shown)
}
