//! Projects (OpenAPI "Projects").

use super::envelope::{PRECONDITION_FAILED, etag, with_etag};
use super::form::REFERENCE;
use super::money::fraction;
use super::prelude::*;
use super::record::{Project, human_id, save_project};
use http::header::IF_MATCH;

/// What a customer's reference number has to be.
pub(super) const REFERENCE_RULE: &str = "must have 3 to 128 letters, digits, blanks, - or _";

/// Text that may be a customer's reference number.
pub(super) fn is_reference(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_ ".contains(&byte);
    (3..=128).contains(&text.len()) && text.bytes().all(fits)
}

/// Text that may be a name.
pub(super) fn is_name(text: &str) -> bool {
    (5..=128).contains(&text.trim().chars().count())
}

/// Gives a project the name, manager and reference number of a body.
fn fill(project: &mut Project, body: &Map<String, Value>) -> Result<(), Failure> {
    let mut problems = Problems::default();
    body.word("name").trim().clone_into(&mut project.name);
    if !is_name(&project.name) {
        problems.add("name", "must have 5 to 128 characters");
    }
    project.manager = body.word("project_manager_id").to_lowercase();
    if !super::definitions::is_user(&project.manager) {
        problems.add("project_manager_id", "is no user of the account");
    }
    let key = "project_customer_reference_number";
    project.reference = body.text(key).map(str::to_owned);
    if body.field(key).is_some() && !project.reference.as_deref().is_some_and(is_reference) {
        problems.add(key, REFERENCE_RULE);
    }
    problems.check()
}

/// `create_project`: answered 202, and perhaps not to be seen at once.
pub(super) fn create(at: At<'_>, batch: &mut Batch<'_>) -> Outcome {
    let world = at.world;
    let now = world.now_ms();
    let shown_at = world.number(switches::PROJECT_VISIBLE_AT_READ);
    let mut project = Project {
        created_ms: now,
        activity_ms: now,
        version: 1,
        hidden_reads: shown_at.saturating_sub(1),
        ..Project::default()
    };
    fill(&mut project, &object(at.call)?)?;
    project.id = ulid(batch, world)?;
    project.human_id = human_id(batch, 6)?;
    save_project(batch, &project)?;
    let answer = Answer::json(StatusCode::ACCEPTED, &json!({"id": project.id}));
    with_etag(answer, project.version)
}

/// `get_project_by_id`; a look at a new one brings it closer.
pub(super) fn get(world: &World, id: &str) -> Outcome {
    let project = record::raw_project(&world.store.view()?, id)?.ok_or(NOT_FOUND)?;
    if project.hidden_reads > 0 {
        world.store.write(|batch| nearer(batch, id))?;
        return Err(NOT_FOUND.into());
    }
    let mut shown = shown(&project);
    shown["project_manager_id"] = json!(project.manager);
    with_etag(ok(&super::future(world, shown))?, project.version)
}

/// What every form of a project has.
fn shown(project: &Project) -> Value {
    let mut shown = json!({
        "id": project.id, "human_readable_id": project.human_id, "name": project.name, "account_id": ACCOUNT,
    });
    shown.put_some("project_customer_reference_number", project.reference.as_ref());
    shown
}

fn nearer(batch: &mut Batch<'_>, id: &str) -> Result<(), Failure> {
    if let Some(mut project) = record::raw_project(batch, id)? {
        project.hidden_reads = project.hidden_reads.saturating_sub(1);
        save_project(batch, &project)?;
    }
    Ok(())
}

/// `update_project`: a full replacement.
pub(super) fn put(at: At<'_>, batch: &mut Batch<'_>) -> Outcome {
    let mut project = record::project(batch, at.project)?;
    check_match(at.call, project.version)?;
    fill(&mut project, &object(at.call)?)?;
    project.version += 1;
    project.activity_ms = at.world.now_ms();
    save_project(batch, &project)?;
    ok(&json!({"id": project.id, "human_readable_id": project.human_id}))
}

/// A required `If-Match`: 400 without (assumed), 412 when stale.
pub(super) fn check_match(call: &Call, version: u64) -> Result<(), Failure> {
    let wanted = call.header(IF_MATCH);
    let wanted = wanted.ok_or_else(|| bad_request("the If-Match header is required"))?;
    if wanted == "*" || wanted == etag(version) {
        Ok(())
    } else {
        Err(PRECONDITION_FAILED.into())
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
    let known = completes + sum(|group| group.counts.terminations);
    json!({
        "filling_goal": sum(|group| group.goal), "current_completes": completes,
        "current_prescreens": sum(|group| group.counts.prescreens),
        "incidence_rate_median": fraction(completes, known), "length_of_interview_median_seconds": 0,
        "conversion_rate_average": fraction(completes, sum(|group| group.counts.entrants)),
        "drop_off_rate_average": 0,
    })
}

/// `project_overview`.
pub(super) fn overview(world: &World, id: &str) -> Outcome {
    let project = record::project(&world.store.view()?, id)?;
    let groups = life::read_all(world, id)?;
    let mut shown = shown(&project);
    shown.put_all(json!({
        "status": status(&groups), "statistics": statistics(&groups), "project_manager_id": project.manager,
        "created_at": time(project.created_ms),
    }));
    ok(&shown)
}

/// `list_account_projects`: no filter by reference number, but the search finds those of target groups (inferred from
/// OpenAPI `ProjectListItem`).
pub(super) fn list(world: &World, call: &Call) -> Outcome {
    let search = call.parameter("search_string").or_else(|| call.parameter("name"));
    let length = call.parameter("search_string").map(|text| text.chars().count());
    if !length.is_none_or(|length| (5..=128).contains(&length)) {
        return Err(bad_request("search_string must have 5 to 128 characters"));
    }
    let wanted = call.parameter("status");
    if wanted.is_some_and(|status| !matches!(status, "active" | "inactive")) {
        return Err(bad_request("status must be active or inactive"));
    }
    let manager = call.parameter("project_manager_id");
    let search = search.map(str::to_lowercase);
    let view = world.store.view()?;
    let mut projects: Vec<Project> = view.all("cint/project/")?;
    let hidden = projects.extract_if(.., |project| project.hidden_reads > 0);
    let hidden: Vec<Project> = hidden.collect();
    if !hidden.is_empty() {
        let mut hidden = hidden.iter();
        let work = |batch: &mut Batch<'_>| hidden.try_for_each(|project| nearer(batch, &project.id));
        world.store.write(work)?;
    }
    projects.retain(|project| manager.is_none_or(|manager| project.manager == manager));
    let mut kept = Vec::new();
    for project in projects {
        let found = (search.is_none() && wanted.is_none()) || {
            let groups = record::groups(&view, &project.id)?;
            let is_meant = |text: &str| {
                project.name.to_lowercase().contains(text)
                    || project.human_id.to_lowercase() == text
                    || groups.iter().any(|group| is_found(group, text))
            };
            search.as_deref().is_none_or(is_meant) && wanted.is_none_or(|wanted| status(&groups) == wanted)
        };
        if found {
            kept.push(project);
        }
    }
    let projects = kept;
    // Only the projects of the page are looked into.
    let keys: Vec<String> = projects.iter().map(|project| project.id.clone()).collect();
    let (range, next) = page::window(call, &keys, 10, 100)?;
    let mut items = Vec::new();
    for project in &projects[range] {
        items.push(item(world, project, search.as_deref())?);
    }
    ok(&json!({
        "projects": items, "url": format!("/accounts/{ACCOUNT}/projects"), "has_more": next.is_some(),
        "next_cursor": next,
    }))
}

fn is_found(group: &Group, text: &str) -> bool {
    let reference = group.text(REFERENCE).to_lowercase();
    group.human_id.to_lowercase() == text || reference.contains(text)
}

fn item(world: &World, project: &Project, search: Option<&str>) -> Result<Value, Failure> {
    let groups = life::read_all(world, &project.id)?;
    let activity = groups.iter().map(|group| group.updated_ms).max();
    let activity = activity.unwrap_or_default().max(project.activity_ms);
    let mut shown = shown(project);
    shown.put_all(json!({
        "target_group_count": groups.len(), "status": status(&groups), "last_activity_at": time(activity),
        "statistics": statistics(&groups),
    }));
    let is_found = |group: &&Group| search.is_some_and(|text| is_found(group, text));
    let found = groups.iter().filter(is_found).map(|group| group.text(REFERENCE));
    let found: Vec<&str> = found.collect();
    if !found.is_empty() {
        let given = found.iter().filter(|text| !text.is_empty());
        shown["target_group_customer_reference_numbers"] = json!(given.collect::<Vec<_>>());
    }
    Ok(super::future(world, shown))
}
