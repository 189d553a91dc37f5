//! From the vendor's documents to our vocabulary. Unknown fields and enum values are let through; a field that is not shown
//! is absent; one that is shown and cannot be read makes the whole document unreadable.

use super::wire::{
    ActivityExclusion, ActivityExclusions, Allocations, Assistant, ExclusionPolicy, Overview, Page, Price,
    Progress, Project, ProjectOverview, Run, TargetGroup, Times,
};
use super::{canonical, locale, profiling};
use crate::marketplace::http::json::{Decoded, Mismatch, count, list, mismatch, object};
use crate::marketplace::http::wire::{Count, Exact, Object, Time, typed};
use crate::model::{Field, LiveSurvey, Performance, Status, SurveySpec, VendorState};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
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

/// A URL: both kinds of target groups show theirs, so one that is left out is one that it does not have.
fn url(shown: &Field<String>) -> Field<String> {
    shown.clone().or(Field::Null)
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
    let shown: Project = typed(body, "")?;
    let mut spec = SurveySpec {
        title: shown.name,
        ..SurveySpec::default()
    };
    setting(&mut spec, "project_manager", map.get("project_manager_id"));
    let reference = map
        .get("project_customer_reference_number")
        .unwrap_or(&Value::Null);
    setting(&mut spec, "project_reference", Some(reference));
    Ok(LiveSurvey {
        id: id(&shown.id, map)?,
        // A project has no status of its own that could be set.
        status: Some(Status::Draft),
        status_text: shown
            .status
            .value()
            .map_or_else(|| "project".to_owned(), String::clone),
        spec,
        kept: VendorState::of(&json!({"etag": map.get(crate::marketplace::ETAG)})),
        ..LiveSurvey::default()
    })
}

/// The completes of a whole project, where it shows them.
pub(super) fn project_completes(body: &Value) -> Decoded<Option<u64>> {
    let shown: ProjectOverview = typed(body, "")?;
    let counted = shown.statistics.value();
    Ok(counted.and_then(|counted| Some(counted.current_completes.value()?.0)))
}

fn id(shown: &Field<String>, map: &Map<String, Value>) -> Decoded<String> {
    match shown.value() {
        Some(id) => Ok(id.clone()),
        None => mismatch("/id", "an id", map.get("id").unwrap_or(&Value::Null)),
    }
}

/// What drafts and launched target groups describe in the same words.
fn described(shown: &TargetGroup, map: &Map<String, Value>, place: &str) -> Decoded<SurveySpec> {
    let percent = |rate: &Exact| {
        let percent = rate.0.checked_mul(Decimal::ONE_HUNDRED);
        let path = format!("{place}/expected_incidence_rate");
        percent.map_or_else(|| mismatch(&path, "a share of one", &Value::from(0)), Ok)
    };
    let rate = shown.expected_incidence_rate.value().map(percent).transpose()?;
    let mut spec = SurveySpec {
        title: shown.name.clone(),
        locale: match shown.locale.value() {
            Some(code) => Field::Set(locale::from_vendor(code).unwrap_or_else(|| code.clone())),
            None => Field::Absent,
        },
        completes: Field::mentioned(shown.completes_goal.value().map(|goal| goal.0)),
        incidence_rate: Field::mentioned(rate.map(|rate| rate.normalize())),
        length_of_interview: Field::mentioned(
            shown
                .expected_length_of_interview_minutes
                .value()
                .map(|minutes| minutes.0),
        ),
        live_url: url(&shown.live_url),
        test_url: url(&shown.test_url),
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
    let note = shown.client_cost_per_interview_note.value();
    let note = note.map(|note| canonical::money_text(note.0));
    setting(&mut spec, "client_cpi_note", Some(&note.unwrap_or(Value::Null)));
    Ok(spec)
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
    let shown: TargetGroup = typed(body, "")?;
    let mut spec = described(&shown, map, "")?;
    spec.cpi = shown.cost_per_interview.map(|price| price.0).or(Field::Null);
    let times = shown.fielding_specification.value();
    let at = |of: fn(&Times) -> &Field<Time>| Field::mentioned(times.and_then(|times| of(times).value()));
    spec.start = at(|times| &times.start_at).map(|time| time.0);
    spec.end = at(|times| &times.end_at).map(|time| time.0);
    let exclude = body.pointer("/exclusion/enabled").cloned();
    setting(
        &mut spec,
        "exclude_within_project",
        Some(&exclude.unwrap_or(Value::Bool(false))),
    );
    let listed = shown.respondent_activity_exclusions.value();
    exclusions(&mut spec, listed.map_or(&[], Vec::as_slice), "")?;
    if let Some(modules) = shown.fielding_assistant_assignment.value() {
        assistant(&mut spec, modules, &body["fielding_assistant_assignment"]);
    }
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
        kept: VendorState::of(
            &json!({"phase": "draft", "profiles": profiles, "template": body.pointer("/profiling/template_id")}),
        ),
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

impl Launched {
    /// The answer that a place of [`launched`] is in.
    pub(super) fn answer(&self, path: &str) -> &Value {
        match path.split('/').nth(1).unwrap_or_default() {
            "details" => &self.details,
            "overview" => &self.overview,
            "fielding-runs" => &self.run,
            "fielding-assistant-assignment" => &self.assistant,
            "allocation-specification" => &self.allocations,
            "respondent-activity-exclusions" => &self.activity,
            "exclusion-policy" => &self.exclusion,
            _ => &self.profiles,
        }
    }
}

/// A launched target group.
pub(super) fn launched(id: &str, read: &Launched) -> Decoded<LiveSurvey> {
    let map = object(&read.details, "/details")?;
    has_a_name(map, "/details/name")?;
    let details: TargetGroup = typed(&read.details, "/details")?;
    let overview: Overview = typed(&read.overview, "/overview")?;
    let mut spec = described(&details, map, "/details")?;
    let Some(word) = overview.status.value() else {
        let shown = read.overview.get("status").unwrap_or(&Value::Null);
        return mismatch("/overview/status", "a status", shown);
    };
    // Without its id nothing could be done with a run, and a launched target group has one.
    let run: Run = match read.run {
        Value::Null => Run::default(),
        _ => typed(&read.run, "/fielding-runs")?,
    };
    if run.id.value().is_none() {
        return mismatch("/fielding-runs", "a fielding run with an id", &read.run);
    }
    let modules: Assistant = part(&read.assistant, "/fielding-assistant-assignment")?;
    // An answer that names none of its parts says nothing about them.
    let named = ["pricing", "quota_overlay", "pacing", "soft_launch"];
    if named.iter().any(|module| read.assistant.get(module).is_some()) {
        assistant(&mut spec, &modules, &read.assistant);
    }
    let place = "/respondent-activity-exclusions";
    let activity: ActivityExclusions = part(&read.activity, place)?;
    let listed = activity.respondent_activity_exclusions;
    if !listed.is_absent() {
        exclusions(&mut spec, listed.value().map_or(&[], Vec::as_slice), place)?;
    }
    part::<Allocations>(&read.allocations, "/allocation-specification")?;
    allocations(&mut spec, &read.allocations);
    part::<ExclusionPolicy>(&read.exclusion, "/exclusion-policy")?;
    if let Some(enabled) = read.exclusion.get("project_exclusion_enabled") {
        setting(&mut spec, "exclude_within_project", Some(enabled));
    }
    let strategy = read.overview.pointer("/progress/filling_strategy");
    setting(&mut spec, "filling_strategy", strategy);
    // With a pricing module or a rate card the vendor moves the price, and what it shows is not what was asked for.
    let moved = overview
        .pricing_model
        .value()
        .is_some_and(|model| model == "rate_card")
        || modules.pricing.value().is_some();
    if !moved && let Some(price) = overview.current_cost_per_interview.value() {
        spec.cpi = Field::Set(price.0);
    }
    spec.end = Field::mentioned(run.end_fielding_at.value().map(|time| time.0));
    if word == "scheduled" {
        // Once in field, the start is when that was.
        spec.start = Field::mentioned(run.start_fielding_at.value().map(|time| time.0));
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
        status_text: word.clone(),
        spec,
        quotas: seen.quotas,
        qualifications: Field::Set(seen.qualifications),
        fielded: progress(&overview, |progress| &progress.current_completes),
        performance: Some(performance(&overview, &run)),
        kept: VendorState::of(&json!({
            "phase": "launched",
            "profiles": profiles,
            "run": read.run.get("id"),
            "run_etag": read.run.get(crate::marketplace::ETAG),
            "run_start": read.run.get("start_fielding_at"),
            "run_end": read.run.get("end_fielding_at"),
            "assistant_etag": read.assistant.get(crate::marketplace::ETAG),
            "allocation_groups": allocation_ids(&read.allocations),
        })),
        ..LiveSurvey::default()
    })
}

/// One of the documents of a launched target group; one that was not asked for says nothing.
fn part<T: DeserializeOwned + Default>(read: &Value, place: &str) -> Decoded<T> {
    match read {
        Value::Null => Ok(T::default()),
        _ => typed(read, place),
    }
}

fn progress(overview: &Overview, of: fn(&Progress) -> &Field<Count>) -> Option<u64> {
    Some(of(overview.progress.value()?).value()?.0)
}

/// How fielding goes, from the overview and the run (OpenAPI `TargetGroupOverview`): the rate is a share of one, the length
/// in seconds. Neither says anything before somebody was screened, or finished.
fn performance(overview: &Overview, run: &Run) -> Performance {
    let some = |of: fn(&Progress) -> &Field<Count>| progress(overview, of).is_some_and(|n| n > 0);
    let finished = some(|progress| &progress.current_completes);
    let screened = some(|progress| &progress.current_prescreens);
    let number = |field: &Field<Exact>| field.value().map(|number| number.0);
    let money = |field: &Field<Price>| field.value().map(|price| price.0);
    Performance {
        incidence_rate: number(&overview.incidence_rate)
            .filter(|_| finished || screened)
            .and_then(|share| share.checked_mul(Decimal::ONE_HUNDRED)),
        length_of_interview: number(&overview.median_length_of_interview_seconds)
            .filter(|_| finished)
            .and_then(|seconds| seconds.checked_div(Decimal::from(60))),
        cost: money(&overview.current_cost),
        price: money(&overview.current_cost_per_interview),
        started: run.start_fielding_at.value().map(|time| time.0),
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

fn assistant(spec: &mut SurveySpec, modules: &Assistant, shown: &Value) {
    let highest = modules
        .pricing
        .value()
        .and_then(|pricing| pricing.maximum_cpi.value());
    spec.max_cpi = Field::shown(highest.map(|price| price.0));
    let money = |value: &Value| canonical::vendor_money(value).map(canonical::money_text);
    let modules = canonical::fielding_assistant(shown, money);
    setting(spec, "fielding_assistant", Some(&modules));
}

/// Exclusions by activity. One that shows no duration has the vendor's own; a duration in months is none that we can state.
fn exclusions(spec: &mut SurveySpec, listed: &[Object<ActivityExclusion>], place: &str) -> Decoded<()> {
    let word = |field: &Field<String>| field.value().cloned().unwrap_or_default();
    let mut items = Vec::new();
    for (index, item) in listed.iter().enumerate() {
        let days = match item.duration.value() {
            None => None,
            Some(duration) => match canonical::days(duration) {
                Some(days) => Some(days),
                None => {
                    return Err(Mismatch {
                        path: format!("{place}/respondent_activity_exclusions/{index}/duration"),
                        problem: format!("expected a duration in days or weeks, found {duration:?}"),
                    });
                }
            },
        };
        items.push((word(&item.kind), word(&item.id), days));
    }
    let listed = canonical::activity_exclusions(items.into_iter());
    setting(spec, "activity_exclusions", Some(&listed));
    Ok(())
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
    let shown: TargetGroup = typed(item, "")?;
    let word = shown.status.value().cloned().unwrap_or_default();
    let mut spec = SurveySpec {
        title: shown.name,
        ..SurveySpec::default()
    };
    let reference = map
        .get("target_group_customer_reference_number")
        .unwrap_or(&Value::Null);
    setting(&mut spec, "reference", Some(reference));
    Ok(LiveSurvey {
        id: id(&shown.id, map)?,
        status: status(&word),
        status_text: word,
        spec,
        ..LiveSurvey::default()
    })
}

/// Where the next page of a list begins; `None` after the last one.
pub(super) fn next_page(body: &Value) -> Decoded<Option<String>> {
    let page: Page = typed(body, "")?;
    let next = page.next_cursor.value().filter(|next| !next.is_empty()).cloned();
    Ok(next.filter(|_| page.has_more != Field::Set(false)))
}

/// Items of a list under a key.
pub(super) fn items<'a>(body: &'a Value, key: &str) -> Decoded<&'a Vec<Value>> {
    let path = format!("/{key}");
    list(body.get(key).unwrap_or(&Value::Null), &path)
}

#[cfg(test)]
mod tests;
