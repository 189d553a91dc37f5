//! Jobs.

use super::prelude::*;
use super::record;

fn shown(job: &Record) -> Value {
    let mut map = job.fields.clone();
    map.put("Id", job.id);
    map.put("Status", job.status);
    Value::Object(map)
}

/// The fields of a body, checked.
fn fields(world: &World, call: &Call) -> Result<Map<String, Value>, Failure> {
    let mut fields = body(world, call)?;
    let mut table = vec![("Name", Shape::Text)];
    table.extend(fields.get("Category").map(|_| ("Category", Shape::Whole(1, 43))));
    shape::check(&fields, &table).map_err(|message| bad(world, message))?;
    fields.shift_remove("Status");
    Ok(fields)
}

pub(super) fn create(world: &World, call: &Call) -> Outcome {
    let fields = fields(world, call)?;
    let make = |batch: &mut Batch<'_>| make(batch, world, Kind::Job, 0, fields);
    let job = world.store.write(make)?;
    ok("Job is created", "job", &shown(&job))
}

pub(super) fn put(world: &World, call: &Call, id: &str) -> Outcome {
    let fields = fields(world, call)?;
    let job = change(world, Kind::Job, id, |_, job| {
        job.fields = fields;
        Ok(())
    })?;
    ok("Job is updated", "job", &shown(&job))
}

pub(super) fn read(world: &World, id: &str) -> Outcome {
    let (job, groups) = children(world, Kind::Job, id)?;
    let mut details = shown(&job);
    // Assumed: "and possibly its groups".
    if world.is_on(switches::JOB_GROUPS) {
        let line = |group: &Record| json!({"Id": group.id, "Name": group.fields.get("Name"), "Status": group.status});
        details["Groups"] = groups.iter().map(line).collect();
    }
    ok("Job details", "job", &details)
}

pub(super) fn set_status(world: &World, call: &Call, id: &str) -> Outcome {
    let (message, job) = record::set_status(world, call, (Kind::Job, id), |_, _, _| Ok(()))?;
    ok(&message, "job", &shown(&job))
}

/// Jobs by status, or all of them, ordered by id, on one page (assumed).
pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let wanted = body(world, call)?.get("Status").and_then(Value::as_i64);
    let jobs = records(&world.store.view()?, Kind::Job)?.into_iter();
    let jobs = jobs.filter(|job| wanted.is_none_or(|status| job.status == status));
    let line = |job: Record| {
        json!({"Id": job.id, "Name": job.fields.get("Name"), "Status": job.status,
            "Category": job.fields.get("Category")})
    };
    ok("Jobs", "jobs", &jobs.map(line).collect())
}
