//! Who may not take part again: exclusion within a project, and exclusion by activity elsewhere.
//!
//! Durations are date-based, 1 to 396 days, 90 if nothing is said; weeks come back as days (OpenAPI
//! `SetRespondentActivityExclusionsRequest`).

use super::prelude::*;

/// The days of a date-based ISO 8601 duration; months have 30 and years 365 (assumed).
pub(super) fn days(text: &str) -> Option<i64> {
    let span: jiff::Span = text.parse().ok()?;
    if !text.starts_with('P') || text.contains('T') || text.contains('t') {
        return None;
    }
    Some(
        i64::from(span.get_years()) * 365
            + i64::from(span.get_months()) * 30
            + i64::from(span.get_weeks()) * 7
            + i64::from(span.get_days()),
    )
}

/// Reads a list of activity exclusions into the form they are answered in.
pub(super) fn read(
    raw: &Value,
    default: Option<&Value>,
    group: &Group,
    problems: &mut Problems,
) -> Vec<Value> {
    let name = "respondent_activity_exclusions";
    let mut wrong = |reason: String| problems.add(name, reason);
    let Some(list) = raw.as_array() else {
        wrong("must be a list".to_owned());
        return Vec::new();
    };
    let mut found = Vec::new();
    for item in list {
        let (Some(kind @ ("target-group" | "project")), Some(id)) = (item.text("type"), item.text("id"))
        else {
            wrong("every item needs type target-group or project, and id".to_owned());
            continue;
        };
        if id.len() != 26 {
            wrong(format!("{id} is no id"));
        }
        if id == group.id || id == group.project {
            wrong("a target group cannot exclude itself or its own project".to_owned());
        }
        let duration = item.get("duration").or(default);
        let duration = duration.and_then(Value::as_str).unwrap_or("P90D");
        match days(duration).filter(|days| (1..=396).contains(days)) {
            Some(days) => found.push(json!({"type": kind, "id": id, "duration": format!("P{days}D")})),
            None => wrong(format!("{duration} is not a duration from P1D to P396D")),
        }
    }
    found
}

/// `get_target_group_respondent_activity_exclusions`; drafts have them too.
pub(super) fn get_activity(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read(world, project, id)?;
    ok(&json!({"respondent_activity_exclusions": group.activity_exclusions}))
}

/// `set_target_group_respondent_activity_exclusions`: replaces the list. The document declares no 404 here.
pub(super) fn put_activity(world: &World, call: &Call, project: &str, id: &str) -> Outcome {
    let body = object(call)?;
    world.store.write(|batch| {
        let missing = || bad_request("no such target group");
        let mut group = life::open(batch, world, project, id).map_err(|failure| failure.or(missing))?;
        let mut problems = Problems::default();
        let raw = body.copy("respondent_activity_exclusions");
        group.activity_exclusions = read(&raw, body.get("duration"), &group, &mut problems);
        problems.check()?;
        group.updated_ms = world.now_ms();
        Ok::<_, Failure>(save_group(batch, &group)?)
    })?;
    no_content()
}

/// `get_target_group_exclusion_policy_api`.
pub(super) fn policy(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read(world, project, id)?;
    let manager = || group.text("project_manager_id").to_owned();
    let changed = group.exclusion_changed.clone();
    let (at, by) = changed.unwrap_or_else(|| (group.created_ms, manager()));
    ok(&json!({
        "project_exclusion_enabled": group.exclusion, "create_date": time(group.created_ms),
        "updated_by": by, "update_date": time(at),
    }))
}

/// `get_exclusion_by_project_api`: a bare list.
pub(super) fn of_project(world: &World, project: &str) -> Outcome {
    let view = world.store.view()?;
    record::project(&view, project)?;
    let groups = record::groups(&view, project)?;
    let item =
        |group: &Group| json!({"target_group_id": group.id, "project_exclusion_enabled": group.exclusion});
    ok(&groups.iter().map(item).collect())
}

/// `update_bulk_target_group_exclusions_api`: all or nothing (assumed).
pub(super) fn put_policies(world: &World, call: &Call, caller: Caller, project: &str) -> Outcome {
    let Ok(Value::Array(list)) = serde_json::from_slice(&call.body) else {
        return Err(bad_request("the body must be a list"));
    };
    let launched_too = world.is_on(switches::PROJECT_EXCLUSION_AFTER_LAUNCH);
    world.store.write(|batch| {
        record::project(batch, project)?;
        for item in &list {
            let enabled = item.flag("project_exclusion_enabled");
            let enabled =
                enabled.ok_or_else(|| bad_request("project_exclusion_enabled must be true or false"))?;
            let group = life::open(batch, world, project, item.word("target_group_id"));
            let mut group = group.map_err(|failure| failure.or(|| NOT_FOUND.into()))?;
            if !group.is_draft() && !launched_too {
                return Err(bad_request("project exclusion can be changed in drafts only"));
            }
            group.exclusion = enabled;
            group.exclusion_changed = Some((world.now_ms(), caller.user_id.to_owned()));
            save_group(batch, &group)?;
        }
        Ok::<_, Failure>(())
    })?;
    no_content()
}
