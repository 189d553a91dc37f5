//! Jobs over many target groups: launch, pause, resume, complete, relaunch, and a new project manager.
//!
//! "Launch" takes scheduled ones only, and what already is as wanted counts as done (OpenAPI `create_bulk_*`). There is no
//! ETag. `Location` has another path than the one to look at (published examples). The work is done when the job is made;
//! the job says so only later.

use super::envelope::body;
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

/// What a request names.
#[derive(Deserialize)]
struct Sent {
    target_group_ids: Vec<String>,
    project_manager_id: Option<String>,
}

/// Makes a job and does its work.
pub(super) fn create(at: At<'_>, batch: &mut Batch<'_>, word: &str) -> Outcome {
    let world = at.world;
    record::project(batch, at.project)?;
    let sent: Sent = body(at.call)?;
    if sent.target_group_ids.is_empty() {
        return Err(bad_request(
            "target_group_ids must name at least one target group",
        ));
    }
    let action = action(word);
    let manager = sent.project_manager_id.filter(|_| action.is_none());
    if action.is_none() && !manager.as_deref().is_some_and(definitions::is_user) {
        return Err(bad_request("project_manager_id is no user of the account"));
    }
    let mut job = BatchJob {
        id: ulid(batch, world)?,
        project: at.project.to_owned(),
        word: word.to_owned(),
        created_ms: world.now_ms(),
        created_by: at.caller.user_id.to_owned(),
        looks: job::looks(world),
        manager,
        ..BatchJob::default()
    };
    for id in sent.target_group_ids {
        let Some(mut group) = record::raw_group(batch, at.project, &id)? else {
            let text = "Target group not found.";
            job.failed.push(failed(&id, None, "TargetGroupNotFound", text));
            continue;
        };
        life::settle(batch, world, &mut group)?;
        let name = group.text("name").to_owned();
        let name = job.manager.is_some().then_some(name.as_str());
        let done = match (&job.manager, action) {
            (Some(manager), _) => give_to(at, &mut group, manager),
            (None, action) => action.is_some_and(|(action, _)| carry_out(at, &mut group, action)),
        };
        if done {
            job.updated.push(named(&id, name));
        } else {
            let text = "Status transition is not allowed.";
            job.failed
                .push(failed(&id, name, "StatusTransitionNotAllowed", text));
        }
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
    }
    batch.put_json(&format!("cint/batch/{}", job.id), &job)?;
    let (verb, id) = (action.map_or(MANAGERS, |(_, verb)| verb), &job.id);
    job::job_made(at, &format!("batch-jobs/{verb}/{id}"))
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

fn give_to(at: At<'_>, group: &mut Group, manager: &str) -> bool {
    let before = json!({"las_user_id": group.text("project_manager_id")});
    let after = json!({"las_user_id": manager});
    if let Some(entry) = changed("project_manager_change", &before, &after) {
        group.fields.put("project_manager_id", manager);
        at.note(group, vec![entry]);
    }
    true
}

fn carry_out(at: At<'_>, group: &mut Group, action: Action) -> bool {
    if group.status() == action.to() {
        return true;
    }
    let now = at.world.now_ms();
    let allowed = action.is_allowed(at.world, group, now);
    if allowed {
        act(group, action, now, at.caller.user_id);
    }
    allowed
}

/// Looks at a job, which brings it on.
pub(super) fn read(at: At<'_>, word: &str, id: &str) -> Outcome {
    let key = format!("cint/batch/{id}");
    let job = at.world.store.write(|batch| {
        let job: Option<BatchJob> = batch.get_json(&key)?;
        let job = job.filter(|job| job.project == at.project && job.word == word);
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
