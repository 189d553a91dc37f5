//! Jobs that launch or schedule a draft (OpenAPI `create_launch_fielding_run_from_draft_job` and its neighbours).
//!
//! A job is `Processing` until it was looked at as often as the switch says, or until a few seconds are over, whatever is
//! first. A target group that is not there, or is no draft, is the job's failure and not the request's: the document
//! declares no 404 for the request, and `TargetGroupNotFound` and `TargetGroupInvalidState` for the job.

use super::envelope::{body, with};
use super::fielding::Window;
use super::prelude::*;
use http::header::LOCATION;

/// After how long a job has ended even if nobody looked (assumed).
const TAKES_MS: i64 = 5_000;

/// A job as stored.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) schedules: bool,
    pub(super) project: String,
    pub(super) group: String,
    pub(super) start_ms: i64,
    pub(super) end_ms: i64,
    pub(super) created_ms: i64,
    pub(super) created_by: String,
    /// Looks until it has ended.
    pub(super) looks: u64,
    /// `None` while it is being processed.
    pub(super) ended: Option<bool>,
    pub(super) failure: Value,
}

/// The two kinds, as their paths name them.
fn word(schedules: bool) -> &'static str {
    ["launch-from-draft", "schedule-from-draft"][usize::from(schedules)]
}

/// Whether the path of a job is that of one that schedules.
pub(super) fn schedules(path: &str) -> Result<bool, Failure> {
    let kind = [false, true].into_iter().find(|kind| word(*kind) == path);
    Ok(kind.ok_or(NOT_FOUND)?)
}

fn key(id: &str) -> String {
    format!("cint/job/{id}")
}

fn save(batch: &mut Batch<'_>, job: &Job) -> Result<(), StoreError> {
    batch.put_json(&key(&job.id), job)
}

/// How many looks a new job takes.
pub(super) fn looks(world: &World) -> u64 {
    world.number(switches::JOB_ENDS_AT_READ)
}

/// A job was made: nothing but where it is. The document's examples have no `/v1`, and a full URL is possible, too.
pub(super) fn job_made(at: At<'_>, path: &str) -> Outcome {
    let host = match at.world.is_on(switches::FULL_LOCATION) {
        true => "https://api.cint.com/v1",
        false => "",
    };
    let location = format!("{host}/demand/accounts/{ACCOUNT}/projects/{}/{path}", at.project);
    Ok(with(Answer::empty(StatusCode::CREATED), LOCATION, &location))
}

/// Makes a job.
pub(super) fn create(at: At<'_>, batch: &mut Batch<'_>, schedules: bool) -> Outcome {
    let window: Window = body(at.call)?;
    let now = at.world.now_ms();
    let start_ms = if schedules { window.start()? } else { now };
    let job = Job {
        id: ulid(batch, at.world)?,
        schedules,
        project: at.project.to_owned(),
        group: at.id.to_owned(),
        start_ms,
        end_ms: window.end_fielding_at.as_millisecond(),
        created_ms: now,
        created_by: at.caller.user_id.to_owned(),
        looks: looks(at.world),
        ..Job::default()
    };
    save(batch, &job)?;
    if let Some(mut group) = record::raw_group(batch, at.project, at.id)?
        && group.job.is_none()
        && group.is_draft()
    {
        group.job = Some((job.id.clone(), now + TAKES_MS));
        save_group(batch, &group)?;
    }
    let (group, word, id) = (at.id, word(schedules), &job.id);
    job_made(
        at,
        &format!("target-groups/{group}/fielding-run-jobs/{word}/{id}"),
    )
}

/// Looks at a job, which brings it on.
pub(super) fn read(at: At<'_>, id: &str, schedules: bool) -> Outcome {
    let (world, project, group) = (at.world, at.project, at.id);
    let job = world.store.write(|batch| {
        let job: Option<Job> = batch.get_json(&key(id))?;
        let is_meant = |job: &Job| job.project == project && job.group == group && job.schedules == schedules;
        let mut job = job.filter(is_meant).ok_or(NOT_FOUND)?;
        if job.ended.is_none() {
            job.looks = job.looks.saturating_sub(1);
            if job.looks == 0 || world.now_ms() >= job.created_ms + TAKES_MS {
                let mut group = record::raw_group(batch, project, group)?;
                end(world, &mut job, group.as_mut());
                if let Some(group) = group {
                    save_group(batch, &group)?;
                }
            }
            save(batch, &job)?;
        }
        Ok::<_, Failure>(job)
    })?;
    let shown = json!({
        "job_id": job.id,
        "created_fielding_run_id": (job.ended == Some(true)).then_some(&job.group),
        "created_at": time(job.created_ms),
        "created_by": job.created_by,
        "status": status(job.ended),
        "failure_reason": job.failure,
        "job_trace_id": (job.ended == Some(false)).then(|| super::envelope::uuid_of(&job.id).simple().to_string()),
    });
    ok(&super::future(world, shown))
}

/// The word for how far a job is.
pub(super) fn status(ended: Option<bool>) -> &'static str {
    match ended {
        None => "Processing",
        Some(true) => "Completed",
        Some(false) => "Failed",
    }
}

/// Ends the job of a target group that is being looked at; the caller saves the target group.
pub(super) fn end_for(
    batch: &mut Batch<'_>,
    world: &World,
    id: &str,
    group: &mut Group,
) -> Result<(), StoreError> {
    let job: Option<Job> = batch.get_json(&key(id))?;
    match job {
        Some(mut job) if job.ended.is_none() => {
            end(world, &mut job, Some(group));
            save(batch, &job)
        }
        _ => {
            group.job = None;
            Ok(())
        }
    }
}

fn failure(code: &str, description: &str) -> Value {
    json!({"code": code, "description": description})
}

/// Ends a job: the target group has a run, or the job says why not. A failed one leaves a draft (assumed).
fn end(world: &World, job: &mut Job, group: Option<&mut Group>) {
    let now = world.now_ms();
    let Some(group) = group else {
        job.ended = Some(false);
        job.failure = failure("TargetGroupNotFound", "The target group was not found.");
        return;
    };
    if group.job.as_ref().is_some_and(|(id, _)| *id == job.id) {
        group.job = None;
    }
    job.failure = obstacle(world, job, group, now).unwrap_or_default();
    job.ended = Some(job.failure.is_null());
    if job.failure.is_null() {
        let now_or_later = [(LIVE, now), (SCHEDULED, job.start_ms)];
        let (status, start_ms) = now_or_later[usize::from(job.schedules)];
        life::begin(group, status, start_ms, job.end_ms, now, &job.created_by);
    }
}

/// Why a job cannot do what it was made for.
fn obstacle(world: &World, job: &Job, group: &Group, now: i64) -> Option<Value> {
    let forced = world.text(switches::LAUNCH_FAILURE);
    let (code, text) = if !forced.is_empty() {
        (&*forced, "The sandbox was told to fail.")
    } else if !group.is_draft() {
        let text = "The target group is not in a draft state and cannot be launched.";
        ("TargetGroupInvalidState", text)
    } else if job.schedules && job.start_ms < job.created_ms - 60_000 {
        // The published failure is about a start in the past; a minute is granted to the request on its way (assumed).
        ("InvalidFieldingDates", "The provided start time is in the past.")
    } else if job.end_ms <= now || job.end_ms <= job.start_ms {
        let text = "The provided end time is in the past or before the start time.";
        ("InvalidFieldingDates", text)
    } else {
        return incomplete(world, group);
    };
    Some(failure(code, text))
}

/// What a draft lacks that is launched.
fn incomplete(world: &World, group: &Group) -> Option<Value> {
    if !world.is_on(switches::LAUNCH_CHECKS_DRAFT) {
        return None;
    }
    let missing = |name: &str, detail: &str| json!({"name": name, "reason": "required", "detail": detail});
    let mut reasons = Vec::new();
    // Nobody of an emptied list may come, and nothing is launched with one (OpenAPI `recontacts_remove_all_rsids_job_status`).
    if group.lists.invited() == Some(0) {
        reasons.push(missing("recontacts", "Respondent IDs are required to launch."));
    }
    if group.text("live_url").is_empty() {
        reasons.push(missing("live_url", "A live URL is required to launch."));
    }
    let priced = group.assistant.contains_key("pricing");
    if group.pricing_model == "dynamic" && group.cpi.is_none() && !priced {
        let detail = "A cost per interview is required to launch.";
        reasons.push(missing("cost_per_interview", detail));
    }
    let text = "The target group is not complete and cannot be launched.";
    let mut incomplete = failure("TargetGroupInvalidState", text);
    incomplete["reasons"] = json!(reasons);
    (!reasons.is_empty()).then_some(incomplete)
}
