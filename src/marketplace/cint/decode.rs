//! From the vendor's documents to our vocabulary. Unknown fields and enum values are let through; a field that is not shown
//! is absent.

use super::{canonical, locale, profiling};
use crate::marketplace::http::json::{Decoded, code, count, decimal, list, mismatch, object};
use crate::model::{Field, LiveSurvey, Performance, Status, SurveySpec};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// Where a target group is in its life. Scheduled counts as live: it goes in field by itself.
pub(super) fn status(word: &str) -> Option<Status> {
    match word {
        "draft" => Some(Status::Draft),
        "scheduled" | "live" => Some(Status::Live),
        "paused" => Some(Status::Paused),
        "completed" | "archived" => Some(Status::Closed),
        _ => None,
    }
}

fn text(map: &Map<String, Value>, key: &str) -> Field<String> {
    match map.get(key) {
        None => Field::Absent,
        Some(Value::String(text)) => Field::Set(text.clone()),
        Some(_) => Field::Null,
    }
}

/// A URL: both kinds of target groups show theirs, so one that is left out is one that it does not have.
fn url(map: &Map<String, Value>, key: &str) -> Field<String> {
    text(map, key).or(Field::Null)
}

fn setting(spec: &mut SurveySpec, name: &str, value: Option<&Value>) {
    let field = match value {
        None => return,
        Some(Value::Null) => Field::Null,
        Some(value) => Field::Set(value.clone()),
    };
    spec.attributes.insert(name.to_owned(), field);
}

/// A number that may come as a text.
fn number_setting(spec: &mut SurveySpec, name: &str, value: Option<&Value>) {
    match value.map(|value| (value, count(value))) {
        Some((_, Some(n))) => setting(spec, name, Some(&Value::from(n))),
        Some((other, None)) => setting(spec, name, Some(other)),
        None => {}
    }
}

/// A project.
pub(super) fn project(body: &Value) -> Decoded<LiveSurvey> {
    let map = object(body, "")?;
    let mut spec = SurveySpec {
        title: text(map, "name"),
        ..SurveySpec::default()
    };
    setting(&mut spec, "project_manager", map.get("project_manager_id"));
    let reference = map
        .get("project_customer_reference_number")
        .unwrap_or(&Value::Null);
    setting(&mut spec, "project_reference", Some(reference));
    Ok(LiveSurvey {
        id: id(map)?,
        // A project has no status of its own that could be set.
        status: Some(Status::Draft),
        status_text: map
            .get("status")
            .and_then(Value::as_str)
            .unwrap_or("project")
            .to_owned(),
        spec,
        document: json!({"etag": map.get(crate::marketplace::ETAG)}),
        ..LiveSurvey::default()
    })
}

fn id(map: &Map<String, Value>) -> Decoded<String> {
    match map.get("id").and_then(code) {
        Some(id) => Ok(id),
        None => mismatch("/id", "an id", map.get("id").unwrap_or(&Value::Null)),
    }
}

/// What drafts and launched target groups describe in the same words.
fn described(map: &Map<String, Value>) -> SurveySpec {
    let percent = |value: &Value| decimal(value).map(|rate| (rate * Decimal::ONE_HUNDRED).normalize());
    let mut spec = SurveySpec {
        title: text(map, "name"),
        locale: match map.get("locale").and_then(Value::as_str) {
            Some(code) => Field::Set(locale::from_vendor(code).unwrap_or_else(|| code.to_owned())),
            None => Field::Absent,
        },
        completes: Field::mentioned(map.get("completes_goal").and_then(count)),
        incidence_rate: Field::mentioned(map.get("expected_incidence_rate").and_then(percent)),
        length_of_interview: Field::mentioned(
            map.get("expected_length_of_interview_minutes").and_then(decimal),
        ),
        live_url: url(map, "live_url"),
        test_url: url(map, "test_url"),
        ..SurveySpec::default()
    };
    setting(&mut spec, "project_manager", map.get("project_manager_id"));
    let reference = map
        .get("target_group_customer_reference_number")
        .unwrap_or(&Value::Null);
    setting(&mut spec, "reference", Some(reference));
    number_setting(&mut spec, "business_unit", map.get("business_unit_id"));
    setting(&mut spec, "collects_pii", map.get("collects_pii"));
    setting(&mut spec, "study_type", map.get("study_type_code"));
    setting(&mut spec, "industry", map.get("industry_code"));
    number_setting(&mut spec, "client", map.get("client_id"));
    setting(&mut spec, "industry_lockout", map.get("industry_lockout_code"));
    let note = map.get("client_cost_per_interview_note").unwrap_or(&Value::Null);
    let note = canonical::vendor_money(note).map(canonical::money_text);
    setting(&mut spec, "client_cpi_note", Some(&note.unwrap_or(Value::Null)));
    spec
}

/// Whether this is a target group at all: each has a name. What else is missing would be taken for nothing.
fn has_a_name(map: &Map<String, Value>, path: &str) -> Decoded<()> {
    match map.get("name") {
        Some(Value::String(_)) => Ok(()),
        other => mismatch(path, "a name", other.unwrap_or(&Value::Null)),
    }
}

/// A draft, whose document has neither id nor status.
pub(super) fn draft(id: &str, body: &Value) -> Decoded<LiveSurvey> {
    let map = object(body, "")?;
    has_a_name(map, "/name")?;
    let mut spec = described(map);
    spec.cpi = match map.get("cost_per_interview") {
        Some(money) => Field::shown(canonical::vendor_money(money)),
        None => Field::Null,
    };
    let at = |key: &str| {
        body.pointer(&format!("/fielding_specification/{key}"))
            .and_then(Value::as_str)?
            .parse()
            .ok()
    };
    spec.start = Field::mentioned(at("start_at"));
    spec.end = Field::mentioned(at("end_at"));
    let exclude = body.pointer("/exclusion/enabled").cloned();
    setting(
        &mut spec,
        "exclude_within_project",
        Some(&exclude.unwrap_or(Value::Bool(false))),
    );
    exclusions(
        &mut spec,
        map.get("respondent_activity_exclusions").unwrap_or(&Value::Null),
    );
    assistant(
        &mut spec,
        map.get("fielding_assistant_assignment").unwrap_or(&Value::Null),
    );
    allocations(&mut spec, map.get("allocations").unwrap_or(&Value::Null));
    setting(&mut spec, "re_entry", map.get("re_entry_configuration"));
    setting(&mut spec, "filling_strategy", map.get("filling_strategy"));
    let none = Value::Null;
    let profiles = body.pointer("/profiling/profiles").unwrap_or(&none);
    let seen = profiling::decode(profiles, "/profiling/profiles")?;
    spec.status = Field::Set(Status::Draft);
    Ok(LiveSurvey {
        id: id.to_owned(),
        status: Some(Status::Draft),
        status_text: "draft".to_owned(),
        spec,
        quotas: seen.quotas,
        qualifications: Field::Set(seen.qualifications),
        fielded: Some(0),
        document: json!({"phase": "draft", "profiles": profiles, "template": body.pointer("/profiling/template_id")}),
        ..LiveSurvey::default()
    })
}

/// What was read of a launched target group, one document for each resource.
#[derive(Debug, Default)]
pub(super) struct Launched {
    pub(super) details: Value,
    pub(super) overview: Value,
    /// The single run, with its version; null where it could not be told apart.
    pub(super) run: Value,
    pub(super) profiles: Value,
    pub(super) assistant: Value,
    pub(super) allocations: Value,
    pub(super) activity: Value,
    pub(super) exclusion: Value,
}

/// A launched target group.
pub(super) fn launched(id: &str, read: &Launched) -> Decoded<LiveSurvey> {
    let details = object(&read.details, "/details")?;
    has_a_name(details, "/details/name")?;
    let overview = object(&read.overview, "/overview")?;
    let mut spec = described(details);
    let Some(word) = overview.get("status").and_then(Value::as_str) else {
        return mismatch(
            "/overview/status",
            "a status",
            overview.get("status").unwrap_or(&Value::Null),
        );
    };
    // Without its id nothing could be done with a run, and a launched target group has one.
    if read.run.get("id").and_then(code).is_none() {
        return mismatch("/fielding-runs", "a fielding run with an id", &read.run);
    }
    // An answer that names none of its parts says nothing about them.
    let modules = ["pricing", "quota_overlay", "pacing", "soft_launch"];
    if modules.iter().any(|module| read.assistant.get(module).is_some()) {
        assistant(&mut spec, &read.assistant);
    }
    if let Some(listed) = read.activity.get("respondent_activity_exclusions") {
        exclusions(&mut spec, listed);
    }
    allocations(&mut spec, &read.allocations);
    if let Some(enabled) = read.exclusion.get("project_exclusion_enabled") {
        setting(&mut spec, "exclude_within_project", Some(enabled));
    }
    let strategy = overview
        .get("progress")
        .and_then(|progress| progress.get("filling_strategy"));
    setting(&mut spec, "filling_strategy", strategy);
    // With a pricing module or a rate card the vendor moves the price, and what it shows is not what was asked for.
    let moved = overview.get("pricing_model").and_then(Value::as_str) == Some("rate_card")
        || read
            .assistant
            .get("pricing")
            .is_some_and(|module| !module.is_null());
    if !moved
        && let Some(money) = overview
            .get("current_cost_per_interview")
            .and_then(canonical::vendor_money)
    {
        spec.cpi = Field::Set(money);
    }
    let time = |key: &str| read.run.get(key).and_then(Value::as_str)?.parse().ok();
    spec.end = Field::mentioned(time("end_fielding_at"));
    if word == "scheduled" {
        // Once in field, the start is when that was.
        spec.start = Field::mentioned(time("start_fielding_at"));
    }
    let Some(profiles) = read.profiles.get("profiles") else {
        return mismatch("/profiles", "profiles, or null", &read.profiles);
    };
    let seen = profiling::decode(profiles, "/profiles")?;
    let status = status(word);
    spec.status = Field::mentioned(status);
    Ok(LiveSurvey {
        id: id.to_owned(),
        status,
        status_text: word.to_owned(),
        spec,
        quotas: seen.quotas,
        qualifications: Field::Set(seen.qualifications),
        fielded: overview
            .get("progress")
            .and_then(|progress| progress.get("current_completes"))
            .and_then(count),
        performance: Some(performance(overview, &read.run)),
        document: json!({
            "phase": "launched",
            "profiles": profiles,
            "run": read.run.get("id"),
            "run_etag": read.run.get(crate::marketplace::ETAG),
            "run_start": read.run.get("start_fielding_at"),
            "run_end": read.run.get("end_fielding_at"),
            "assistant_etag": read.assistant.get(crate::marketplace::ETAG),
            "allocation_groups": allocation_ids(&read.allocations),
        }),
        ..LiveSurvey::default()
    })
}

/// How fielding goes, from the overview and the run (OpenAPI `TargetGroupOverview`): the rate is a share of one, the length
/// in seconds. Neither says anything before somebody was screened, or finished.
fn performance(overview: &Map<String, Value>, run: &Value) -> Performance {
    let progress = |key: &str| {
        let progress = overview.get("progress")?;
        progress.get(key).and_then(count)
    };
    let some = |key: &str| progress(key).is_some_and(|n| n > 0);
    let finished = some("current_completes");
    let number = |key: &str| overview.get(key).and_then(decimal);
    let money = |key: &str| overview.get(key).and_then(canonical::vendor_money);
    Performance {
        incidence_rate: number("incidence_rate")
            .filter(|_| finished || some("current_prescreens"))
            .and_then(|share| share.checked_mul(Decimal::ONE_HUNDRED)),
        length_of_interview: number("median_length_of_interview_seconds")
            .filter(|_| finished)
            .and_then(|seconds| seconds.checked_div(Decimal::from(60))),
        cost: money("current_cost"),
        price: money("current_cost_per_interview"),
        started: run
            .get("start_fielding_at")
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok()),
        ..Performance::default()
    }
}

/// Ids of the groups of allocations by their names, which an update wants.
fn allocation_ids(read: &Value) -> Value {
    let mut ids = Map::new();
    for part in ["open_exchange_allocations", "private_exchange_allocations"] {
        let groups = read
            .get(part)
            .and_then(|part| part.get("groups"))
            .and_then(Value::as_array);
        for group in groups.into_iter().flatten() {
            if let (Some(name), Some(id)) = (
                group.get("group_name").and_then(Value::as_str),
                group.get("group_id"),
            ) {
                ids.insert(name.to_owned(), id.clone());
            }
        }
    }
    Value::Object(ids)
}

fn assistant(spec: &mut SurveySpec, modules: &Value) {
    if !modules.is_object() {
        return;
    }
    let highest = modules
        .pointer("/pricing/maximum_cpi")
        .and_then(canonical::vendor_money);
    spec.max_cpi = Field::shown(highest);
    let money = |value: &Value| canonical::vendor_money(value).map(canonical::money_text);
    let modules = canonical::fielding_assistant(modules, money);
    setting(spec, "fielding_assistant", Some(&modules));
}

fn exclusions(spec: &mut SurveySpec, listed: &Value) {
    let items = listed.as_array().into_iter().flatten().map(|item| {
        let word = |key: &str| {
            item.get(key)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        (word("type"), word("id"), canonical::days(&word("duration")))
    });
    setting(
        spec,
        "activity_exclusions",
        Some(&canonical::activity_exclusions(items)),
    );
}

/// Allocations in either shape: ids as texts in requests and some answers, suppliers as objects in others (OpenAPI, and its
/// published example).
fn allocations(spec: &mut SurveySpec, shown: &Value) {
    if shown.get("open_exchange_allocations").is_none() {
        return;
    }
    let supplier = |value: &Value| value.get("id").unwrap_or(value).clone();
    let ids = |part: Option<&Value>, keys: [&str; 3]| -> Vec<Value> {
        let list = keys.iter().find_map(|key| part?.get(*key)?.as_array());
        list.into_iter().flatten().map(supplier).collect()
    };
    let groups = |part: Option<&Value>| -> Vec<Value> {
        let groups = part.and_then(|part| part.get("groups")).and_then(Value::as_array);
        let groups = groups.into_iter().flatten();
        groups
            .map(|group| {
                let one = group
                    .get("supplier")
                    .or_else(|| group.get("supplier_id"))
                    .map(supplier);
                json!({
                    "name": group.get("group_name"),
                    "min": group.get("min_percentage"), "max": group.get("max_percentage"),
                    "suppliers": ids(Some(group), ["suppliers", "supplier_ids", "supplier_ids"]),
                    "supplier": one,
                })
            })
            .collect()
    };
    let open = shown.get("open_exchange_allocations");
    let private = shown.get("private_exchange_allocations");
    let blocked = ["blocked_supplier_ids", "blocked_suppliers", "blocked_suppliers"];
    let ours = json!({
        "exchange": {
            "min": open.and_then(|open| open.get("exchange_min_percentage")).and_then(count).unwrap_or(0),
            "max": open.and_then(|open| open.get("exchange_max_percentage")).and_then(count).unwrap_or(100),
        },
        "blocked_suppliers": ids(open, blocked),
        "groups": groups(open),
        "private": {"blocked_suppliers": ids(private, blocked), "groups": groups(private)},
    });
    setting(spec, "allocations", Some(&canonical::allocations(&ours)));
}

/// An entry of the list of target groups: id, status and reference.
pub(super) fn entry(item: &Value) -> Decoded<LiveSurvey> {
    let map = object(item, "")?;
    let word = map.get("status").and_then(Value::as_str).unwrap_or_default();
    let mut spec = SurveySpec {
        title: text(map, "name"),
        ..SurveySpec::default()
    };
    let reference = map
        .get("target_group_customer_reference_number")
        .unwrap_or(&Value::Null);
    setting(&mut spec, "reference", Some(reference));
    Ok(LiveSurvey {
        id: id(map)?,
        status: status(word),
        status_text: word.to_owned(),
        spec,
        ..LiveSurvey::default()
    })
}

/// Why a job failed, in the vendor's words.
pub(super) fn failure(job: &Value) -> String {
    let Some(reason) = job.get("failure_reason").filter(|reason| !reason.is_null()) else {
        return "the vendor gives no reason".to_owned();
    };
    let word = |value: &Value, key: &str| {
        value
            .get(key)
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    let mut text = match (word(reason, "code"), word(reason, "description")) {
        (code, description) if description.is_empty() => code,
        (code, description) => format!("{description} ({code})"),
    };
    for more in reason
        .get("reasons")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let detail = match (word(more, "detail"), word(more, "reason")) {
            (detail, reason) if detail.is_empty() => reason,
            (detail, _) => detail,
        };
        text.push_str(&format!("; {detail}"));
    }
    text
}

/// Items of a list under a key.
pub(super) fn items<'a>(body: &'a Value, key: &str) -> Decoded<&'a Vec<Value>> {
    let path = format!("/{key}");
    list(body.get(key).unwrap_or(&Value::Null), &path)
}

#[cfg(test)]
mod tests;
