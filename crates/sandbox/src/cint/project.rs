//! Projects (OpenAPI "Projects").

use super::auth::ACCOUNT;
use super::envelope::{
    Outcome, bad_fields, bad_request, etag, not_found, object, ok, precondition_failed, with_etag,
};
use super::life;
use super::money::{fraction, time};
use super::page;
use super::record::{self, Group, LIVE, Project, human_id, save_project, ulid};
use super::switches;
use crate::{Answer, Batch, Call, Failure, World};
use http::StatusCode;
use http::header::IF_MATCH;
use serde_json::{Map, Value, json};

/// Text that may be a customer's reference number.
pub(super) fn is_reference(text: &str) -> bool {
    (3..=128).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_ ".contains(&byte))
}

/// Text that may be a name.
pub(super) fn is_name(text: &str) -> bool {
    (5..=128).contains(&text.trim().chars().count())
}

fn read(body: &Map<String, Value>) -> Result<(String, String, Option<String>), Failure> {
    let mut problems = Vec::new();
    let mut wrong = |name: &str, reason: &str| problems.push((name.to_owned(), reason.to_owned()));
    let text = |key: &str| {
        body.get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let name = text("name").trim().to_owned();
    if !is_name(&name) {
        wrong("name", "must have 5 to 128 characters");
    }
    let manager = text("project_manager_id").to_lowercase();
    if !super::definitions::is_user(&manager) {
        wrong("project_manager_id", "is no user of the account");
    }
    let reference = match body.get("project_customer_reference_number") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if is_reference(text) => Some(text.clone()),
        Some(_) => {
            let reason = "must have 3 to 128 letters, digits, blanks, - or _";
            wrong("project_customer_reference_number", reason);
            None
        }
    };
    if problems.is_empty() {
        Ok((name, manager, reference))
    } else {
        Err(bad_fields(&problems))
    }
}

/// `create_project`: answered 202, and perhaps not to be seen at once.
pub(super) fn create(world: &World, batch: &mut Batch<'_>, call: &Call) -> Result<Answer, Failure> {
    let (name, manager, reference) = read(&object(&call.body)?)?;
    let now = world.now_ms();
    let shown_at = world.number(switches::PROJECT_VISIBLE_AT_READ);
    let project = Project {
        id: ulid(batch, world)?,
        human_id: human_id(batch, 6)?,
        name,
        manager,
        reference,
        created_ms: now,
        activity_ms: now,
        version: 1,
        hidden_reads: shown_at.saturating_sub(1),
    };
    save_project(batch, &project)?;
    let answer = Answer::json(StatusCode::ACCEPTED, &json!({"id": project.id}));
    Ok(with_etag(answer, project.version))
}

/// `get_project_by_id`; a look at a new one brings it closer.
pub(super) fn get(world: &World, id: &str) -> Outcome {
    let project = world
        .store
        .read(|view| record::raw_project(view, id))?
        .ok_or_else(not_found)?;
    if project.hidden_reads > 0 {
        world.store.write(|batch| nearer(batch, id))?;
        return Err(not_found());
    }
    let mut shown = json!({
        "id": project.id, "human_readable_id": project.human_id, "name": project.name,
        "project_manager_id": project.manager, "account_id": ACCOUNT,
    });
    if let Some(reference) = &project.reference {
        shown["project_customer_reference_number"] = json!(reference);
    }
    super::future(world, &mut shown);
    Ok(with_etag(ok(&shown), project.version))
}

fn nearer(batch: &mut Batch<'_>, id: &str) -> Result<(), Failure> {
    if let Some(mut project) = record::raw_project(batch, id)? {
        project.hidden_reads = project.hidden_reads.saturating_sub(1);
        save_project(batch, &project)?;
    }
    Ok(())
}

/// `update_project`: a full replacement.
pub(super) fn put(world: &World, batch: &mut Batch<'_>, call: &Call, id: &str) -> Result<Answer, Failure> {
    let mut project = record::project(batch, id)?;
    check_match(call, project.version)?;
    let (name, manager, reference) = read(&object(&call.body)?)?;
    project.name = name;
    project.manager = manager;
    project.reference = reference;
    project.version += 1;
    project.activity_ms = world.now_ms();
    save_project(batch, &project)?;
    Ok(ok(
        &json!({"id": project.id, "human_readable_id": project.human_id}),
    ))
}

/// A required `If-Match`: 400 without (assumed), 412 when stale.
pub(super) fn check_match(call: &Call, version: u64) -> Result<(), Failure> {
    let wanted = call
        .headers
        .get(IF_MATCH)
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| bad_request("the If-Match header is required"))?;
    if wanted == "*" || wanted == etag(version) {
        Ok(())
    } else {
        Err(precondition_failed())
    }
}

/// Active while a target group is live or none was ever launched (assumed).
fn status(groups: &[Group]) -> &'static str {
    let launched = groups.iter().any(|group| !group.is_draft());
    let live = groups.iter().any(|group| group.status() == LIVE);
    if live || !launched { "active" } else { "inactive" }
}

fn statistics(groups: &[Group]) -> Value {
    let sum = |of: fn(&Group) -> u64| groups.iter().map(of).sum::<u64>();
    let completes = sum(|group| group.counts.completes);
    let entrants = sum(|group| group.counts.entrants);
    let prescreens = sum(|group| group.counts.prescreens);
    json!({
        "filling_goal": sum(|group| group.goal),
        "current_completes": completes,
        "current_prescreens": prescreens,
        "incidence_rate_median": fraction(completes, completes + sum(|group| group.counts.terminations)),
        "length_of_interview_median_seconds": 0,
        "conversion_rate_average": fraction(completes, entrants),
        "drop_off_rate_average": 0,
    })
}

/// `project_overview`.
pub(super) fn overview(world: &World, id: &str) -> Outcome {
    let project = world.store.read(|view| record::project(view, id))?;
    let groups = life::read_all(world, id)?;
    let mut shown = json!({
        "id": project.id, "human_readable_id": project.human_id, "name": project.name,
        "account_id": ACCOUNT, "status": status(&groups), "statistics": statistics(&groups),
        "project_manager_id": project.manager, "created_at": time(project.created_ms),
    });
    if let Some(reference) = &project.reference {
        shown["project_customer_reference_number"] = json!(reference);
    }
    Ok(ok(&shown))
}

/// `list_account_projects`: no filter by reference number, but the search finds those of target groups (inferred from
/// OpenAPI `ProjectListItem`).
pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let search = call.parameter("search_string").or_else(|| call.parameter("name"));
    if let Some(text) = call.parameter("search_string")
        && !(5..=128).contains(&text.chars().count())
    {
        return Err(bad_request("search_string must have 5 to 128 characters"));
    }
    let wanted = call.parameter("status");
    if wanted.is_some_and(|status| !matches!(status, "active" | "inactive")) {
        return Err(bad_request("status must be active or inactive"));
    }
    let manager = call.parameter("project_manager_id");
    let search = search.map(str::to_lowercase);
    let mut projects = world.store.read(record::projects)?;
    if projects.iter().any(|project| project.hidden_reads > 0) {
        let hidden: Vec<String> = projects
            .iter()
            .filter(|project| project.hidden_reads > 0)
            .map(|project| project.id.clone())
            .collect();
        world
            .store
            .write(|batch| hidden.iter().try_for_each(|id| nearer(batch, id)))?;
        projects.retain(|project| project.hidden_reads == 0);
    }
    projects.retain(|project| manager.is_none_or(|manager| project.manager == manager));
    if search.is_some() || wanted.is_some() {
        let mut kept = Vec::new();
        for project in projects {
            let groups = world.store.read(|view| record::groups(view, &project.id))?;
            let found = search.as_deref().is_none_or(|text| {
                project.name.to_lowercase().contains(text)
                    || project.human_id.to_lowercase() == text
                    || groups.iter().any(|group| is_found(group, text))
            });
            if found && wanted.is_none_or(|wanted| status(&groups) == wanted) {
                kept.push(project);
            }
        }
        projects = kept;
    }
    // Only the projects of the page are looked into.
    let keys: Vec<String> = projects.iter().map(|project| project.id.clone()).collect();
    let (range, next) = page::window(call, &keys, 10, 100)?;
    let mut items = Vec::new();
    for project in &projects[range] {
        items.push(item(world, project, search.as_deref())?);
    }
    Ok(ok(&json!({
        "projects": items,
        "url": format!("/accounts/{ACCOUNT}/projects"),
        "has_more": next.is_some(),
        "next_cursor": next,
    })))
}

fn is_found(group: &Group, text: &str) -> bool {
    group.human_id.to_lowercase() == text
        || group
            .text("target_group_customer_reference_number")
            .to_lowercase()
            .contains(text)
}

fn item(world: &World, project: &Project, search: Option<&str>) -> Result<Value, Failure> {
    let groups = life::read_all(world, &project.id)?;
    let activity = groups.iter().map(|group| group.updated_ms).max();
    let mut shown = json!({
        "id": project.id, "human_readable_id": project.human_id, "account_id": ACCOUNT,
        "name": project.name, "target_group_count": groups.len(), "status": status(&groups),
        "last_activity_at": time(activity.unwrap_or(project.activity_ms).max(project.activity_ms)),
        "statistics": statistics(&groups),
    });
    if let Some(reference) = &project.reference {
        shown["project_customer_reference_number"] = json!(reference);
    }
    if let Some(text) = search {
        let found: Vec<&Group> = groups.iter().filter(|group| is_found(group, text)).collect();
        if !found.is_empty() {
            let references: Vec<&str> = found
                .iter()
                .map(|group| group.text("target_group_customer_reference_number"))
                .filter(|text| !text.is_empty())
                .collect();
            shown["target_group_customer_reference_numbers"] = json!(references);
        }
    }
    super::future(world, &mut shown);
    Ok(shown)
}
