//! Drafts of target groups: create, read, replace (OpenAPI `CreateDraftTargetGroupRequest`,
//! `UpdateDraftTargetGroupRequest`, `FetchTargetGroupResponse`).
//!
//! Creating is not idempotent, and there is nothing that deletes. What a request does not declare is ignored.

use super::allocation::Allocations;
use super::definitions::{is_client, is_user};
use super::envelope::{FORBIDDEN, with};
use super::form::{Form, LENGTH, NOTE, RATE, REFERENCE};
use super::money::Goal;
use super::prelude::*;
use super::record::{add_group, human_id};
use super::{allocation, assistant, exclusion};
use http::header::LOCATION;

/// The guide of 2025-02 wants an hour; the one of 2025-12-18 only says future.
const AHEAD_MS: i64 = 3_600_000;

/// The plain fields of a create or of an update.
fn plain(form: &mut Form<'_>) {
    let body = form.body;
    form.plain();
    form.required("locale", definitions::is_locale, "must be a known locale");
    form.code("study_type_code", Some("adhoc"), "study-types");
    form.code("industry_code", Some("other"), "industries");
    form.code("industry_lockout_code", Some("no_lock_out"), "industry-lockouts");
    form.required("project_manager_id", is_user, "is no user of the account");
    let reason = "is required and must be true or false";
    form.keep("collects_pii", body.flag("collects_pii"), reason);
    if let Some(client) = body.field("client_id") {
        let client = client.as_u64().filter(|id| is_client(*id));
        form.keep("client_id", client, "is no client of the account");
    }
    form.reference();
    form.urls(Form::optional);
}

fn amount(form: &mut Form<'_>, key: &str, currency: &str, model: &str) -> Option<Money> {
    let raw = form.body.field(key)?;
    let money = Money::read(raw).map_err(str::to_owned).and_then(|money| {
        if model == "rate_card" {
            return Err("is not allowed with rate card pricing".to_owned());
        }
        money.in_currency(currency)
    });
    form.problems.take(key, money)
}

fn dates(world: &World, form: &mut Form<'_>) -> (i64, i64) {
    let name = "fielding_specification";
    let raw = form.body.copy(name);
    let (Some(start), Some(end)) = (read_time(&raw["start_at"]), read_time(&raw["end_at"])) else {
        form.problems
            .add(name, "start_at and end_at must be RFC 3339 times");
        return (0, 0);
    };
    let hour = world.is_on(switches::START_AN_HOUR_AHEAD);
    if start < world.now_ms() + if hour { AHEAD_MS } else { 0 } {
        form.problems.add(name, "start_at must be in the future");
    }
    if end <= start {
        form.problems.add(name, "end_at must be after start_at");
    }
    (start, end)
}

fn profiling(world: &World, form: &mut Form<'_>, goal: u64) -> Option<Profiling> {
    let Value::Object(raw) = form.body.field("profiling")? else {
        form.problems.add("profiling", "must be an object or null");
        return None;
    };
    let sums = world.is_on(switches::SUMS_CHECKED);
    let frame = Frame::new(form.body.word("locale"), goal, sums);
    let found = rules::read(raw, frame);
    let told = found.map_err(|problems| rules::tell(&problems, &mut form.problems));
    told.ok()
}

fn allocations(world: &World, form: &mut Form<'_>, old: &Allocations) -> Allocations {
    let newer = world.is_on(switches::NEWER_REVISION);
    let sent = form.body.field("allocations");
    let template = form.body.field("allocation_template");
    let found = match (sent, template) {
        (Some(_), Some(_)) if newer => Err("and allocation_template exclude each other".to_owned()),
        (None, Some(_)) if newer => return Allocations::default(),
        (Some(raw), _) => allocation::read(raw, false, old),
        (None, _) => Err("is required".to_owned()),
    };
    form.problems.take("allocations", found).unwrap_or_default()
}

/// Writes a body into a target group; ids inside profiling are new.
fn fill(
    world: &World,
    batch: &mut Batch<'_>,
    body: &Map<String, Value>,
    group: &mut Group,
) -> Result<(), Failure> {
    let re_entry = body.field("re_entry_configuration");
    if re_entry.is_some() && !world.is_on(switches::RE_ENTRY_FEATURE) {
        return Err(FORBIDDEN.into());
    }
    let mut form = Form::new(body, Map::new());
    plain(&mut form);
    let unit = body.get("business_unit_id").and_then(definitions::business_unit);
    let (currency, model) = unit.map_or(("USD", "dynamic"), |unit| (&unit.currency, unit.model()));
    let reason = "is no business unit of the account";
    form.keep("business_unit_id", unit.map(|unit| unit.id), reason);
    let cpi = amount(&mut form, "cost_per_interview", currency, model);
    let note = amount(&mut form, NOTE, currency, model);
    form.fields.put_some(NOTE, note.map(|note| note.shown()));
    let (start_ms, end_ms) = dates(world, &mut form);
    let goal: Result<Goal, String> = typed(body.copy("completes_goal"));
    let goal = form
        .problems
        .take("completes_goal", goal)
        .map_or(1, |goal| goal.0);
    form.fields.put_some("re_entry_configuration", re_entry);
    let activity = body.field("respondent_activity_exclusions");
    let activity = activity.map(|raw| exclusion::read(raw, &Value::Null, group));
    let activity = activity.and_then(|found| form.problems.take("respondent_activity_exclusions", found));
    let modules = if let Some(Value::Object(raw)) = body.get("fielding_assistant_assignment") {
        assistant::read(raw, currency, model, &mut form.problems)
    } else {
        let reason = "is required; {} switches everything off";
        form.problems.add("fielding_assistant_assignment", reason);
        Map::new()
    };
    let profiling = profiling(world, &mut form, goal);
    let allocations = allocations(world, &mut form, &group.allocations);
    form.problems.check()?;
    group.strategy = match body.text("filling_strategy") {
        Some(word) if world.is_on(switches::NEWER_REVISION) => word,
        _ if modules.contains_key("quota_overlay") => "automated",
        _ => "prescreens",
    }
    .to_owned();
    group.fields = form.fields;
    group.start_ms = start_ms;
    group.end_ms = end_ms;
    group.goal = goal;
    currency.clone_into(&mut group.currency);
    model.clone_into(&mut group.pricing_model);
    group.cpi = cpi;
    group.exclusion = body.field("exclusion").and_then(|raw| raw.flag("enabled")) == Some(true);
    group.activity_exclusions = activity.unwrap_or_default();
    group.assistant = modules;
    group.assistant_version += 1;
    group.allocations = allocations;
    group.profiling = profiling;
    if let Some(profiling) = &mut group.profiling {
        number_profiles(world, batch, profiling)?;
        profiling.complete(goal);
    }
    group.updated_ms = world.now_ms();
    Ok(())
}

/// Gives new ids to all profiles and targets.
pub(super) fn number_profiles(
    world: &World,
    batch: &mut Batch<'_>,
    profiling: &mut Profiling,
) -> Result<(), Failure> {
    for profile in &mut profiling.profiles {
        profile.id = ulid(batch, world)?;
        for target in &mut profile.targets {
            target.id = ulid(batch, world)?;
        }
    }
    Ok(())
}

/// `create_target_group`: an id and nothing else, and another target group every time.
pub(super) fn create(at: At<'_>, batch: &mut Batch<'_>) -> Outcome {
    let world = at.world;
    let mut container = record::project(batch, at.project)?;
    let body = object(at.call)?;
    let now = world.now_ms();
    let shown_at = world.number(switches::GROUP_LISTED_AT_READ);
    let mut group = Group {
        id: ulid(batch, world)?,
        project: at.project.to_owned(),
        human_id: human_id(batch, 7)?,
        created_ms: now,
        hidden_lists: shown_at.saturating_sub(1),
        ..Group::default()
    };
    fill(world, batch, &body, &mut group)?;
    add_group(batch, &group)?;
    container.activity_ms = now;
    record::save_project(batch, &container)?;
    Ok(Answer::json(StatusCode::CREATED, &json!({"id": group.id})))
}

/// `update_target_group`: a full replacement; nothing protects it from a concurrent one.
pub(super) fn put(at: At<'_>) -> Outcome {
    let body = object(at.call)?;
    life::write(at.world, at.project, at.id, |batch, group| {
        // The document names no answer for a launched one (assumed: the mirror of the details).
        if !group.is_draft() {
            return Err(NOT_FOUND.into());
        }
        let before = group.clone();
        fill(at.world, batch, &body, group)?;
        let changes = changes(&before, group);
        at.note(group, changes);
        Ok(())
    })?;
    no_content()
}

/// What changed, as the changelog names it.
pub(super) fn changes(before: &Group, after: &Group) -> Vec<Value> {
    let mut found = Vec::new();
    for (object, key) in [
        ("name_change", "name"),
        ("expected_length_of_interview_minutes_change", LENGTH),
        ("expected_incidence_rate_change", RATE),
        ("industry_lockout_code_change", "industry_lockout_code"),
        ("live_url_change", "live_url"),
        ("test_url_change", "test_url"),
        ("cpi_note_change", NOTE),
        ("target_group_customer_reference_number_change", REFERENCE),
        ("locale_change", "locale"),
        ("study_type_change", "study_type_code"),
        ("collects_pii_change", "collects_pii"),
        ("business_unit_change", "business_unit_id"),
    ] {
        let (old, new) = (before.fields.copy(key), after.fields.copy(key));
        // A note cannot become nothing in the changelog's schema.
        if !(key == NOTE && new.is_null()) {
            found.extend(life::changed(object, &old, &new));
        }
    }
    let manager = |group: &Group| json!({"las_user_id": group.text("project_manager_id")});
    let (old, new) = (manager(before), manager(after));
    found.extend(life::changed("project_manager_change", &old, &new));
    let (old, new) = (json!(before.goal), json!(after.goal));
    found.extend(life::changed("filling_goal_change", &old, &new));
    found
}

/// `get_target_group`: 301 to the details when it is no draft. The body has neither id nor status.
pub(super) fn get(world: &World, group: &Group) -> Outcome {
    if !group.is_draft() {
        let Group { project, id, .. } = group;
        let to = format!("/demand/accounts/{ACCOUNT}/projects/{project}/target-groups/{id}/details");
        return Ok(with(Answer::empty(StatusCode::MOVED_PERMANENTLY), LOCATION, &to));
    }
    let mut shown = json!({"human_readable_id": group.human_id});
    shown.put_all(&group.fields);
    shown.put("pricing_model", &group.pricing_model);
    shown.put_some("cost_per_interview", group.cpi.as_ref().map(Money::shown));
    shown.put_all(json!({
        "fielding_specification": {"start_at": time(group.start_ms), "end_at": time(group.end_ms)},
        "completes_goal": group.goal, "exclusion": {"enabled": group.exclusion},
        "respondent_activity_exclusions": group.activity_exclusions,
        "fielding_assistant_assignment": assistant::shown(&group.assistant),
        "created_at": time(group.created_ms),
    }));
    if let Some(profiling) = &group.profiling {
        let profile = |profile: &Profile| profile.shown(group.text("locale"), false);
        let profiles: Value = group.profiles().map(profile).collect();
        let mut whole = json!({"profile_adjustment_type": profiling.word(), "profiles": profiles});
        whole.put_some("template_id", profiling.template.as_ref());
        shown.put("profiling", whole);
    }
    shown.put("allocations", group.allocations.in_draft(world));
    if let Some(url) = group.fields.get("test_url") {
        shown.put("links", json!({"test_client_survey": url}));
    }
    ok(&super::future(world, shown))
}
