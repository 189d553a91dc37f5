//! Jobs over many target groups: launch, pause, resume, complete, relaunch, and a new project manager.
//!
//! "Launch" takes scheduled ones only, and what already is as wanted counts as done (OpenAPI `create_bulk_*`). There is no
//! ETag. `Location` has another path than the one to look at (published examples). The work is done when the job is made;
//! the job says so only later.

use super::auth::{ACCOUNT, Caller};
use super::envelope::{Outcome, bad_request, job_made, not_found, object, ok};
use super::fielding::{Action, act};
use super::job;
use super::life::{self, change};
use super::money::time;
use super::record::{self, Group, save_group, ulid};
use crate::{Answer, Batch, Call, Documents as _, Failure, World};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

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
pub(super) fn needs_key(word: &str) -> bool {
    word != MANAGERS
}

fn ids(body: &Map<String, Value>) -> Result<Vec<String>, Failure> {
    match body.get("target_group_ids").and_then(Value::as_array) {
        Some(list) if !list.is_empty() && list.iter().all(Value::is_string) => {
            Ok(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        }
        _ => Err(bad_request(
            "target_group_ids must name at least one target group",
        )),
    }
}

/// Makes a job and does its work.
pub(super) fn create(
    world: &World,
    batch: &mut Batch<'_>,
    call: &Call,
    caller: Caller,
    project: &str,
    word: &str,
) -> Result<Answer, Failure> {
    record::project(batch, project)?;
    let body = object(&call.body)?;
    let ids = ids(&body)?;
    let mut job = BatchJob {
        id: ulid(batch, world)?,
        project: project.to_owned(),
        word: word.to_owned(),
        created_ms: world.now_ms(),
        created_by: caller.user_id.to_owned(),
        looks: job::looks(world),
        ..BatchJob::default()
    };
    let verb = match action(word) {
        Some((_, verb)) => verb,
        None => {
            let manager = body
                .get("project_manager_id")
                .and_then(Value::as_str)
                .unwrap_or_default();
            if !super::definitions::is_user(manager) {
                return Err(bad_request("project_manager_id is no user of the account"));
            }
            job.manager = Some(manager.to_owned());
            MANAGERS
        }
    };
    for id in ids {
        let Some(mut group) = record::raw_group(batch, project, &id)? else {
            job.failed.push(failed(
                &id,
                None,
                "TargetGroupNotFound",
                "Target group not found.",
            ));
            continue;
        };
        life::settle(batch, world, &mut group)?;
        let name = group.text("name").to_owned();
        let done = match (&job.manager, action(word)) {
            (Some(manager), _) => {
                give_to(&mut group, manager, world.now_ms(), caller);
                true
            }
            (None, Some((action, _))) => carry_out(world, &mut group, action, caller),
            (None, None) => false,
        };
        let named = job.manager.is_some().then_some(name.as_str());
        if done {
            let mut item = json!({"target_group_id": id});
            if let Some(name) = named {
                item["target_group_name"] = json!(name);
            }
            job.updated.push(item);
        } else {
            let text = "Status transition is not allowed.";
            job.failed
                .push(failed(&id, named, "StatusTransitionNotAllowed", text));
        }
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
    }
    batch.put_json(&format!("cint/batch/{}", job.id), &job)?;
    let path = format!(
        "/demand/accounts/{ACCOUNT}/projects/{project}/batch-jobs/{verb}/{}",
        job.id
    );
    Ok(job_made(&job::location(world, &path)))
}

fn failed(id: &str, name: Option<&str>, code: &str, description: &str) -> Value {
    let mut item = json!({
        "target_group_id": id, "failure_reason": {"code": code, "description": description},
    });
    if let Some(name) = name {
        item["target_group_name"] = json!(name);
    }
    item
}

fn give_to(group: &mut Group, manager: &str, now: i64, caller: Caller) {
    let before = json!({"las_user_id": group.text("project_manager_id")});
    let after = json!({"las_user_id": manager});
    if before != after {
        group
            .fields
            .insert("project_manager_id".to_owned(), json!(manager));
        group.updated_ms = now;
        let entry = change("project_manager_change", &before, &after);
        life::note(group, now, Some(caller.user_id), vec![entry]);
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
        let mut job = job
            .filter(|job| job.project == project && job.word == word)
            .ok_or_else(not_found)?;
        if job.looks > 0 {
            job.looks -= 1;
            batch.put_json(&key, &job)?;
        }
        Ok::<_, Failure>(job)
    })?;
    let ended = job.looks == 0;
    let list = |items: &[Value]| json!({"data": if ended { items } else { &[] }, "has_more": false});
    let mut shown = json!({
        "job_id": job.id,
        "created_at": time(job.created_ms),
        "status": job::status(ended.then_some(true)),
    });
    match &job.manager {
        Some(manager) => {
            shown["project_manager_id"] = json!(manager);
            // The example has nulls while it is processed, the schema objects: then there is nothing.
            if ended {
                shown["updated_target_groups"] = list(&job.updated);
                shown["failed_target_groups"] = list(&job.failed);
            }
        }
        None => {
            shown["created_by"] = json!(job.created_by);
            shown["updated_target_groups"] = list(&job.updated);
            shown["failed_target_groups"] = list(&job.failed);
        }
    }
    Ok(ok(&shown))
}
