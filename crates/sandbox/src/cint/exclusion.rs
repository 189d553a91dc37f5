//! Who may not take part again: exclusion within a project, and exclusion by activity elsewhere.
//!
//! Durations are date-based, 1 to 396 days, 90 if nothing is said; weeks come back as days (OpenAPI
//! `SetRespondentActivityExclusionsRequest`).

use super::envelope::{bad_field, body};
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

/// An exclusion as it is sent and answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Exclusion {
    #[serde(rename = "type")]
    kind: Kind,
    id: String,
    duration: Option<String>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    TargetGroup,
    Project,
}

/// Reads a list of activity exclusions into the form they are answered in.
pub(super) fn read(raw: &Value, default: &Value, group: &Group) -> Result<Vec<Exclusion>, String> {
    let mut list: Vec<Exclusion> = typed(raw)?;
    for item in &mut list {
        if item.id.len() != 26 {
            return Err(format!("{} is no id", item.id));
        }
        if item.id == group.id || item.id == group.project {
            return Err("a target group cannot exclude itself or its own project".to_owned());
        }
        let duration = item.duration.as_deref().or(default.as_str()).unwrap_or("P90D");
        let days = days(duration).filter(|days| (1..=396).contains(days));
        let days = days.ok_or_else(|| format!("{duration} is not a duration from P1D to P396D"))?;
        item.duration = Some(format!("P{days}D"));
    }
    Ok(list)
}

/// `set_target_group_respondent_activity_exclusions`: replaces the list; drafts have one, too. The document declares no 404
/// here.
pub(super) fn put_activity(at: At<'_>) -> Outcome {
    let body = object(at.call)?;
    let name = "respondent_activity_exclusions";
    at.world.store.write(|batch| {
        let missing = || bad_request("no such target group");
        let group = life::open(batch, at.world, at.project, at.id);
        let mut group = group.map_err(|failure| failure.or(missing))?;
        let found = read(&body.copy(name), &body.copy("duration"), &group);
        group.activity_exclusions = found.map_err(|reason| bad_field(name, &reason))?;
        group.updated_ms = at.world.now_ms();
        save_group(batch, &group)?;
        no_content()
    })
}

/// `get_target_group_exclusion_policy_api`.
pub(super) fn policy(group: &Group) -> Value {
    let manager = || group.text("project_manager_id").to_owned();
    let changed = group.exclusion_changed.clone();
    let (at, by) = changed.unwrap_or_else(|| (group.created_ms, manager()));
    json!({
        "project_exclusion_enabled": group.exclusion, "create_date": time(group.created_ms),
        "updated_by": by, "update_date": time(at),
    })
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

/// A target group that is to have or not to have the exclusion within its project.
#[derive(Deserialize)]
struct Policy {
    target_group_id: String,
    project_exclusion_enabled: bool,
}

/// `update_bulk_target_group_exclusions_api`: all or nothing (assumed).
pub(super) fn put_policies(at: At<'_>) -> Outcome {
    let list: Vec<Policy> = body(at.call)?;
    let world = at.world;
    let launched_too = world.is_on(switches::PROJECT_EXCLUSION_AFTER_LAUNCH);
    world.store.write(|batch| {
        record::project(batch, at.project)?;
        for item in list {
            let mut group = life::open(batch, world, at.project, &item.target_group_id)?;
            if !group.is_draft() && !launched_too {
                return Err(bad_request("project exclusion can be changed in drafts only"));
            }
            group.exclusion = item.project_exclusion_enabled;
            group.exclusion_changed = Some((world.now_ms(), at.caller.user_id.to_owned()));
            save_group(batch, &group)?;
        }
        no_content()
    })
}
