//! From our vocabulary to the bodies of the Demand API (OpenAPI: `CreateDraftTargetGroupRequest`, `ProjectInfo`,
//! `TargetGroupDetailsUpdateRequest` and the launched resources).

use super::assumptions::START_BEFORE_END;
use super::{allocations, canonical, locale};
use crate::marketplace::http::json::number;
use crate::model::{Field, Money, SurveySpec};
use crate::plan::Refusal;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// A setting of the block, where it is set.
pub(super) fn attribute<'a>(spec: &'a SurveySpec, key: &str) -> Option<&'a Value> {
    spec.attributes.get(key).and_then(Field::value)
}

/// A time as the vendor writes it: UTC with milliseconds.
pub(super) fn time(time: Timestamp) -> Value {
    Value::from(format!("{time:.3}"))
}

/// Money as the vendor takes it: the amount as a text.
pub(super) fn money(money: &Money) -> Value {
    json!({"value": money.amount.to_string(), "currency_code": money.currency.code()})
}

/// A body of what is given.
fn body<const N: usize>(keys: [(&str, Option<Value>); N]) -> Map<String, Value> {
    let given = keys
        .into_iter()
        .filter_map(|(key, value)| Some((key.to_owned(), value?)));
    given.collect()
}

fn text(field: &Field<String>) -> Option<Value> {
    field.value().map(|text| Value::from(text.as_str()))
}

/// Settings of the block, as they are.
fn own(spec: &SurveySpec) -> impl Fn(&str) -> Option<Value> {
    move |key| attribute(spec, key).cloned()
}

/// The body of a project.
pub(super) fn project(spec: &SurveySpec) -> Value {
    let own = own(spec);
    let body = body([
        ("name", text(&spec.title)),
        ("project_manager_id", own("project_manager")),
        // Left out, a PUT would delete it.
        ("project_customer_reference_number", own("project_reference")),
    ]);
    Value::Object(body)
}

/// The body of a draft, without its profiles.
///
/// # Errors
/// When a value cannot be written in the vendor's words.
pub(super) fn draft(spec: &SurveySpec) -> Result<Map<String, Value>, Refusal> {
    let own = own(spec);
    let code = |tag: &String| {
        locale::to_vendor(tag).map(Value::from).ok_or_else(|| {
            Refusal::new(format!("infield does not know Cint's code for the locale {tag}"))
                .help("write language and region such as `en-US`")
                .at("/locale")
        })
    };
    let times = |end: &Timestamp| {
        let before = end.checked_sub(START_BEFORE_END).unwrap_or(*end);
        json!({"start_at": time(spec.start.value().copied().unwrap_or(before)), "end_at": time(*end)})
    };
    let exclusion = own("exclude_within_project").map(|enabled| json!({"enabled": enabled}));
    let exclusions = attribute(spec, "activity_exclusions").map(activity_exclusions);
    let shares = allocations::encode(allocations::of(spec).as_ref(), None);
    Ok(body([
        ("name", text(&spec.title)),
        ("target_group_customer_reference_number", own("reference")),
        ("business_unit_id", own("business_unit")),
        ("locale", spec.locale.value().map(code).transpose()?),
        ("collects_pii", own("collects_pii").or(Some(Value::Bool(false)))),
        ("study_type_code", own("study_type")),
        ("industry_code", own("industry")),
        ("client_id", own("client")),
        ("project_manager_id", own("project_manager")),
        ("cost_per_interview", spec.cpi.value().map(money)),
        ("client_cost_per_interview_note", note(spec)),
        ("fielding_specification", spec.end.value().map(times)),
        ("completes_goal", spec.completes.value().map(|goal| json!(goal))),
        ("expected_length_of_interview_minutes", minutes(spec)),
        ("expected_incidence_rate", rate(spec)),
        ("industry_lockout_code", own("industry_lockout")),
        ("live_url", text(&spec.live_url)),
        ("test_url", text(&spec.test_url)),
        ("exclusion", exclusion),
        ("respondent_activity_exclusions", exclusions),
        ("fielding_assistant_assignment", Some(assistant(spec))),
        ("allocations", Some(shares)),
        // The filling strategy is a resource of launched target groups; drafts take it in a newer revision only.
        ("re_entry_configuration", own("re_entry")),
    ]))
}

fn note(spec: &SurveySpec) -> Option<Value> {
    attribute(spec, "client_cpi_note").and_then(canonical::to_vendor_money)
}

fn minutes(spec: &SurveySpec) -> Option<Value> {
    spec.length_of_interview.value().map(|minutes| number(*minutes))
}

/// The vendor takes a fraction.
fn rate(spec: &SurveySpec) -> Option<Value> {
    let percent = spec.incidence_rate.value()?;
    Some(number(*percent / Decimal::ONE_HUNDRED))
}

/// The body of the details of a launched target group.
pub(super) fn details(spec: &SurveySpec) -> Value {
    let own = own(spec);
    // Whether leaving it out clears it is not said; null does.
    let none = spec.attributes.get("reference") == Some(&Field::Null);
    let reference = own("reference").or(none.then_some(Value::Null));
    let body = body([
        ("name", text(&spec.title)),
        ("project_manager_id", own("project_manager")),
        ("expected_length_of_interview_minutes", minutes(spec)),
        ("expected_incidence_rate", rate(spec)),
        ("industry_lockout_code", own("industry_lockout")),
        ("live_url", text(&spec.live_url)),
        ("test_url", text(&spec.test_url)),
        ("target_group_customer_reference_number", reference),
        ("client_cost_per_interview_note", note(spec)),
    ]);
    Value::Object(body)
}

/// The modules of the Fielding Assistant, with the highest price in its pricing module.
pub(super) fn assistant(spec: &SurveySpec) -> Value {
    let mut modules = match attribute(spec, "fielding_assistant") {
        Some(Value::Object(modules)) => modules.clone(),
        _ => Map::new(),
    };
    if let Some(Value::Object(pricing)) = modules.get_mut("pricing") {
        for key in ["total_budget", "minimum_cpi", "boost_cpi"] {
            if let Some(value) = pricing.get(key).and_then(canonical::to_vendor_money) {
                pricing.insert(key.to_owned(), value);
            }
        }
    }
    if let Some(highest) = spec.max_cpi.value() {
        let pricing = modules
            .entry("pricing")
            .or_insert_with(|| json!({"type": "dynamic"}));
        if let Value::Object(pricing) = pricing {
            pricing.insert("maximum_cpi".to_owned(), money(highest));
        }
    }
    Value::Object(modules)
}

/// Exclusions by activity.
pub(super) fn activity_exclusions(list: &Value) -> Value {
    let list = list.as_array().into_iter().flatten();
    list.map(|item| {
        let days = item.get("days").and_then(Value::as_u64).unwrap_or(90);
        json!({"type": item.get("type"), "id": item.get("id"), "duration": format!("P{days}D")})
    })
    .collect()
}
