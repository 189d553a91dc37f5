//! Drafts of target groups: create, read, replace (OpenAPI `CreateDraftTargetGroupRequest`,
//! `UpdateDraftTargetGroupRequest`, `FetchTargetGroupResponse`).
//!
//! Creating is not idempotent, and there is nothing that deletes. What a request does not declare is ignored.

use super::allocation::{self, Allocations};
use super::auth::{ACCOUNT, Caller};
use super::definitions;
use super::envelope::{Outcome, bad_fields, forbidden, no_content, not_found, object, ok};
use super::money::{Money, decimal, number, read_time, time, whole};
use super::profiling::Profiling;
use super::project::{is_name, is_reference};
use super::record::{self, Group, add_group, human_id, save_group, ulid};
use super::rules::{self, Frame};
use super::switches;
use super::{assistant, exclusion, life};
use crate::{Answer, Batch, Call, Failure, World};
use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// The guide of 2025-02 wants an hour; the one of 2025-12-18 only says future.
const AHEAD_MS: i64 = 3_600_000;

/// Reads the body of a create or of an update into a target group.
struct Reader<'a> {
    world: &'a World,
    body: &'a Map<String, Value>,
    problems: Vec<(String, String)>,
    fields: Map<String, Value>,
}

impl Reader<'_> {
    fn wrong(&mut self, name: &str, reason: impl Into<String>) {
        self.problems.push((name.to_owned(), reason.into()));
    }

    /// A value that is there and not null.
    fn of(&self, key: &str) -> Option<&Value> {
        self.body.get(key).filter(|value| !value.is_null())
    }

    fn keep(&mut self, key: &str, value: Value) {
        self.fields.insert(key.to_owned(), value);
    }

    /// Text of a field, and whether it is one of the codes; a default where it may be left out.
    fn code(&mut self, key: &str, default: Option<&str>, is_known: fn(&str) -> bool) {
        let text = match self.body.get(key) {
            Some(Value::String(text)) => Some(text.clone()),
            None | Some(Value::Null) => default.map(str::to_owned),
            Some(_) => None,
        };
        match text {
            Some(text) if is_known(&text) => self.keep(key, json!(text)),
            Some(text) => self.wrong(key, format!("{text} is not known")),
            None => self.wrong(key, "is required and must be a string"),
        }
    }

    fn url(&mut self, key: &str) {
        match self.of(key) {
            None => {}
            Some(Value::String(url)) if is_url(url) => {
                let url = json!(url);
                self.keep(key, url);
            }
            Some(_) => self.wrong(key, "must be an HTTPS URL of at most 3000 characters"),
        }
    }

    fn amount(&mut self, key: &str, currency: &str, model: &str) -> Option<Money> {
        let raw = self.of(key)?.clone();
        match Money::read(&raw) {
            Err(reason) => self.wrong(key, reason),
            Ok(_) if model == "rate_card" => {
                self.wrong(key, "is not allowed with rate card pricing");
            }
            Ok(money) if money.currency != currency => {
                self.wrong(key, format!("the business unit's currency is {currency}"));
            }
            Ok(money) => return Some(money),
        }
        None
    }

    fn plain(&mut self) {
        let name = self
            .of("name")
            .and_then(Value::as_str)
            .map(|name| name.trim().to_owned());
        match name {
            Some(name) if is_name(&name) => self.keep("name", json!(name)),
            _ => self.wrong("name", "must have 5 to 128 characters"),
        }
        self.code("locale", None, definitions::is_locale);
        self.code("study_type_code", Some("adhoc"), definitions::is_study_type);
        self.code("industry_code", Some("other"), definitions::is_industry);
        self.code(
            "industry_lockout_code",
            Some("no_lock_out"),
            definitions::is_lockout,
        );
        self.code("project_manager_id", None, definitions::is_user);
        match self.of("collects_pii").and_then(Value::as_bool) {
            Some(collects) => self.keep("collects_pii", json!(collects)),
            None => self.wrong("collects_pii", "is required and must be true or false"),
        }
        match self.of("client_id").map(Value::as_u64) {
            None => {}
            Some(Some(id)) if definitions::is_client(id) => self.keep("client_id", json!(id)),
            Some(_) => self.wrong("client_id", "is no client of the account"),
        }
        match self.of("target_group_customer_reference_number").cloned() {
            None => {}
            Some(Value::String(text)) if is_reference(&text) => {
                self.keep("target_group_customer_reference_number", json!(text));
            }
            Some(_) => {
                let reason = "must have 3 to 128 letters, digits, blanks, - or _";
                self.wrong("target_group_customer_reference_number", reason);
            }
        }
        self.length_and_rate();
        self.url("live_url");
        self.url("test_url");
    }

    fn length_and_rate(&mut self) {
        match self.of("expected_length_of_interview_minutes").and_then(whole) {
            Some(minutes) if (1..=45).contains(&minutes) => {
                self.keep("expected_length_of_interview_minutes", json!(minutes));
            }
            _ => self.wrong("expected_length_of_interview_minutes", "must be from 1 to 45"),
        }
        let rate = self.of("expected_incidence_rate").and_then(decimal);
        match rate.map(|rate| rate.normalize()) {
            Some(rate) if (Decimal::ZERO..=Decimal::ONE).contains(&rate) && rate.scale() <= 2 => {
                self.keep("expected_incidence_rate", number(rate));
            }
            _ => self.wrong("expected_incidence_rate", "must be from 0 to 1 in steps of 0.01"),
        }
    }

    fn dates(&mut self) -> (i64, i64) {
        let name = "fielding_specification";
        let raw = self.of(name).cloned().unwrap_or(Value::Null);
        let (Some(start), Some(end)) = (read_time(&raw["start_at"]), read_time(&raw["end_at"])) else {
            self.wrong(name, "start_at and end_at must be RFC 3339 times");
            return (0, 0);
        };
        let hour = self.world.is_on(switches::START_AN_HOUR_AHEAD);
        let earliest = self.world.now_ms() + if hour { AHEAD_MS } else { 0 };
        if start < earliest {
            self.wrong(name, "start_at must be in the future");
        }
        if end <= start {
            self.wrong(name, "end_at must be after start_at");
        }
        (start, end)
    }

    fn profiling(&mut self, goal: u64) -> Option<Profiling> {
        let raw = self.of("profiling")?.clone();
        let Value::Object(raw) = raw else {
            self.wrong("profiling", "must be an object or null");
            return None;
        };
        let locale = self
            .of("locale")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        let frame = Frame {
            locale: &locale,
            goal,
            sums: self.world.is_on(switches::SUMS_CHECKED),
        };
        match rules::read(&raw, frame) {
            Ok(profiling) => Some(profiling),
            Err(problems) => {
                self.problems.extend(problems.iter().map(rules::Problem::plain));
                None
            }
        }
    }

    fn allocations(&mut self, old: &Allocations) -> Allocations {
        let newer = self.world.is_on(switches::NEWER_REVISION);
        match (self.of("allocations").cloned(), self.of("allocation_template")) {
            (Some(_), Some(_)) if newer => {
                self.wrong("allocation_template", "and allocations exclude each other");
                Allocations::default()
            }
            (None, Some(_)) if newer => Allocations::default(),
            (Some(raw), _) => {
                let mut problems = Vec::new();
                let found = allocation::read(&raw, false, old, &mut problems);
                self.problems.extend(problems);
                found
            }
            (None, _) => {
                self.wrong("allocations", "is required");
                Allocations::default()
            }
        }
    }
}

/// Text that may be a URL; the respondent's id stands in it as `[%RID%]`.
pub(super) fn is_url(text: &str) -> bool {
    text.len() <= 3000 && text.starts_with("https://") && text.len() > "https://".len()
}

/// Writes a body into a target group; ids inside profiling are new.
fn fill(
    world: &World,
    batch: &mut Batch<'_>,
    body: &Map<String, Value>,
    group: &mut Group,
) -> Result<(), Failure> {
    if body
        .get("re_entry_configuration")
        .is_some_and(|value| !value.is_null())
        && !world.is_on(switches::RE_ENTRY_FEATURE)
    {
        return Err(forbidden());
    }
    let mut reader = Reader {
        world,
        body,
        problems: Vec::new(),
        fields: Map::new(),
    };
    reader.plain();
    let unit = body.get("business_unit_id").and_then(definitions::business_unit);
    let (currency, model) = unit.map_or(("USD", "dynamic"), |unit| (unit.currency, unit.model()));
    match unit {
        Some(unit) => reader.keep("business_unit_id", json!(unit.id)),
        None => reader.wrong("business_unit_id", "is no business unit of the account"),
    }
    let cpi = reader.amount("cost_per_interview", currency, model);
    if let Some(note) = reader.amount("client_cost_per_interview_note", currency, model) {
        reader.keep("client_cost_per_interview_note", note.shown());
    }
    let (start_ms, end_ms) = reader.dates();
    let goal = reader
        .of("completes_goal")
        .and_then(whole)
        .filter(|goal| *goal >= 1);
    if goal.is_none() {
        reader.wrong("completes_goal", "must be a whole number from 1");
    }
    let goal = goal.unwrap_or(1);
    let exclusion = reader.of("exclusion").and_then(|raw| raw["enabled"].as_bool());
    if let Some(raw) = reader.of("re_entry_configuration").cloned() {
        reader.keep("re_entry_configuration", raw);
    }
    let mut problems = Vec::new();
    let activity = match reader.of("respondent_activity_exclusions") {
        Some(raw) => exclusion::read(raw, None, group, &mut problems),
        None => Vec::new(),
    };
    let modules = match reader.of("fielding_assistant_assignment") {
        Some(Value::Object(raw)) => assistant::read(raw, currency, model, &mut problems),
        _ => {
            problems.push((
                "fielding_assistant_assignment".to_owned(),
                "is required; {} switches everything off".to_owned(),
            ));
            Map::new()
        }
    };
    reader.problems.extend(problems);
    let profiling = reader.profiling(goal);
    let allocations = reader.allocations(&group.allocations);
    let strategy = match reader.of("filling_strategy").and_then(Value::as_str) {
        Some(word) if world.is_on(switches::NEWER_REVISION) => word.to_owned(),
        _ if modules.contains_key("quota_overlay") => "automated".to_owned(),
        _ => "prescreens".to_owned(),
    };
    if !reader.problems.is_empty() {
        return Err(bad_fields(&reader.problems));
    }
    group.fields = reader.fields;
    group.start_ms = start_ms;
    group.end_ms = end_ms;
    group.goal = goal;
    group.currency = currency.to_owned();
    group.pricing_model = model.to_owned();
    group.cpi = cpi;
    group.exclusion = exclusion.unwrap_or(false);
    group.activity_exclusions = activity;
    group.assistant = modules;
    group.assistant_version += 1;
    group.allocations = allocations;
    group.strategy = strategy;
    group.profiling = match profiling {
        None => None,
        Some(mut profiling) => {
            number_profiles(world, batch, &mut profiling)?;
            profiling.complete(goal);
            Some(profiling)
        }
    };
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
pub(super) fn create(
    world: &World,
    batch: &mut Batch<'_>,
    call: &Call,
    project: &str,
) -> Result<Answer, Failure> {
    let mut container = record::project(batch, project)?;
    let body = object(&call.body)?;
    let now = world.now_ms();
    let shown_at = world.number(switches::GROUP_LISTED_AT_READ);
    let mut group = Group {
        id: ulid(batch, world)?,
        project: project.to_owned(),
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
pub(super) fn put(world: &World, call: &Call, caller: Caller, project: &str, id: &str) -> Outcome {
    let body = object(&call.body)?;
    world.store.write(|batch| {
        let mut group = life::open(batch, world, project, id)?;
        // The document names no answer for a launched one (assumed: the mirror of the details).
        if !group.is_draft() {
            return Err(not_found());
        }
        let before = group.clone();
        fill(world, batch, &body, &mut group)?;
        let changes = changes(&before, &group);
        life::note(&mut group, world.now_ms(), Some(caller.user_id), changes);
        save_group(batch, &group)?;
        Ok::<_, Failure>(())
    })?;
    Ok(no_content())
}

/// What changed, as the changelog names it.
pub(super) fn changes(before: &Group, after: &Group) -> Vec<Value> {
    let mut found = Vec::new();
    for (object, key) in [
        ("name_change", "name"),
        (
            "expected_length_of_interview_minutes_change",
            "expected_length_of_interview_minutes",
        ),
        ("expected_incidence_rate_change", "expected_incidence_rate"),
        ("industry_lockout_code_change", "industry_lockout_code"),
        ("live_url_change", "live_url"),
        ("test_url_change", "test_url"),
        ("cpi_note_change", "client_cost_per_interview_note"),
        (
            "target_group_customer_reference_number_change",
            "target_group_customer_reference_number",
        ),
        ("locale_change", "locale"),
        ("study_type_change", "study_type_code"),
        ("collects_pii_change", "collects_pii"),
        ("business_unit_change", "business_unit_id"),
    ] {
        let of = |group: &Group| group.fields.get(key).cloned().unwrap_or(Value::Null);
        let (old, new) = (of(before), of(after));
        // A note cannot become nothing in the changelog's schema.
        if old != new && !(object == "cpi_note_change" && new.is_null()) {
            found.push(life::change(object, &old, &new));
        }
    }
    let manager = |group: &Group| json!({"las_user_id": group.text("project_manager_id")});
    if manager(before) != manager(after) {
        found.push(life::change(
            "project_manager_change",
            &manager(before),
            &manager(after),
        ));
    }
    if before.goal != after.goal {
        found.push(life::change(
            "filling_goal_change",
            &json!(before.goal),
            &json!(after.goal),
        ));
    }
    found
}

/// `get_target_group`: 301 to the details when it is no draft. The body has neither id nor status.
pub(super) fn get(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read(world, project, id)?;
    if !group.is_draft() {
        let to = format!("/demand/accounts/{ACCOUNT}/projects/{project}/target-groups/{id}/details");
        let mut answer = Answer::empty(StatusCode::MOVED_PERMANENTLY);
        if let Ok(value) = HeaderValue::from_str(&to) {
            answer.headers.insert(LOCATION, value);
        }
        return Ok(answer);
    }
    Ok(ok(&shown(world, &group)))
}

fn shown(world: &World, group: &Group) -> Value {
    let mut shown = Map::new();
    shown.insert("human_readable_id".to_owned(), json!(group.human_id));
    shown.extend(group.fields.clone());
    shown.insert("pricing_model".to_owned(), json!(group.pricing_model));
    if let Some(cpi) = &group.cpi {
        shown.insert("cost_per_interview".to_owned(), cpi.shown());
    }
    shown.insert(
        "fielding_specification".to_owned(),
        json!({"start_at": time(group.start_ms), "end_at": time(group.end_ms)}),
    );
    shown.insert("completes_goal".to_owned(), json!(group.goal));
    shown.insert("exclusion".to_owned(), json!({"enabled": group.exclusion}));
    shown.insert(
        "respondent_activity_exclusions".to_owned(),
        json!(group.activity_exclusions),
    );
    shown.insert(
        "fielding_assistant_assignment".to_owned(),
        assistant::shown(&group.assistant),
    );
    shown.insert("created_at".to_owned(), json!(time(group.created_ms)));
    if let Some(profiling) = &group.profiling {
        let profiles: Vec<Value> = profiling
            .profiles
            .iter()
            .map(|profile| profile.shown(group.text("locale"), false))
            .collect();
        let word = if profiling.nominal {
            "nominal"
        } else {
            "percentage"
        };
        let mut whole = json!({"profile_adjustment_type": word, "profiles": profiles});
        if let Some(template) = &profiling.template {
            whole["template_id"] = json!(template);
        }
        shown.insert("profiling".to_owned(), whole);
    }
    shown.insert("allocations".to_owned(), group.allocations.in_draft(world));
    if let Some(url) = group.fields.get("test_url") {
        shown.insert("links".to_owned(), json!({"test_client_survey": url}));
    }
    let mut shown = Value::Object(shown);
    super::future(world, &mut shown);
    shown
}
