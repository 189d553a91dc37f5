//! Jobs.

use super::body;
use super::envelope::{Outcome, fail, ok};
use super::record::{Kind, Record, all, find, make, may_become, save, status_word, wanted_status};
use super::switches;
use crate::{Call, Failure, World};
use http::StatusCode;
use serde_json::{Map, Value, json};

fn shown(job: &Record) -> Value {
    let mut map = job.fields.clone();
    map.insert("Id".to_owned(), json!(job.id));
    map.insert("Status".to_owned(), json!(job.status));
    Value::Object(map)
}

fn check(world: &World, fields: &Map<String, Value>) -> Result<(), Failure> {
    let bad = |message: &str| Err(fail(world, StatusCode::BAD_REQUEST, message));
    if fields
        .get("Name")
        .and_then(Value::as_str)
        .is_none_or(str::is_empty)
    {
        return bad("Name is required");
    }
    if let Some(category) = fields.get("Category")
        && category.as_u64().is_none_or(|number| !(1..=43).contains(&number))
    {
        return bad("Category must be between 1 and 43");
    }
    Ok(())
}

pub(super) fn create(world: &World, call: &Call) -> Outcome {
    let mut fields = body(world, call)?;
    check(world, &fields)?;
    fields.shift_remove("Status");
    let job = world.store.write(|batch| {
        let mut job = make(batch, world, Kind::Job, 0)?;
        job.fields = fields;
        save(batch, Kind::Job, &job)?;
        Ok::<_, Failure>(job)
    })?;
    ok("Job is created", "job", &shown(&job))
}

pub(super) fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let mut fields = body(world, call)?;
    check(world, &fields)?;
    fields.shift_remove("Status");
    let job = world.store.write(|batch| {
        let mut job = find(batch, world, Kind::Job, id)?;
        job.fields = fields;
        save(batch, Kind::Job, &job)?;
        Ok::<_, Failure>(job)
    })?;
    ok("Job is updated", "job", &shown(&job))
}

pub(super) fn read(world: &World, id: &str) -> Outcome {
    let (job, groups) = world.store.read(|view| {
        let job = find(view, world, Kind::Job, id)?;
        let groups = all(view, Kind::Group)?;
        Ok::<_, Failure>((job, groups))
    })?;
    let mut details = shown(&job);
    // Assumed: "and possibly its groups".
    if world.is_on(switches::JOB_GROUPS) {
        let own = groups.iter().filter(|group| group.parent == job.id);
        let line = |group: &Record| json!({"Id": group.id, "Name": group.fields.get("Name"), "Status": group.status});
        details["Groups"] = own.map(line).collect();
    }
    ok("Job details", "job", &details)
}

pub(super) fn set_status(world: &World, call: &Call, id: &str) -> Outcome {
    let wanted = wanted_status(world, &body(world, call)?);
    let job = world.store.write(|batch| {
        let mut job = find(batch, world, Kind::Job, id)?;
        if let Some(to) = wanted {
            if !may_become(job.status, to) {
                let message = format!("Job cannot go from {} to {to}", status_word(job.status));
                return Err(fail(world, StatusCode::CONFLICT, message));
            }
            job.status = to;
            save(batch, Kind::Job, &job)?;
        }
        Ok::<_, Failure>(job)
    })?;
    ok(
        &format!("Job status is set as {}", status_word(job.status)),
        "job",
        &shown(&job),
    )
}

/// Jobs by status, or all of them, ordered by id, on one page (assumed).
pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let wanted = body(world, call)?.get("Status").and_then(Value::as_i64);
    let jobs = world.store.read(|view| all(view, Kind::Job))?;
    let jobs: Vec<Value> = jobs
        .iter()
        .filter(|job| wanted.is_none_or(|status| job.status == status))
        .map(|job| {
            json!({
                "Id": job.id, "Name": job.fields.get("Name"), "Status": job.status,
                "Category": job.fields.get("Category"),
            })
        })
        .collect();
    ok("Jobs", "jobs", &Value::Array(jobs))
}
