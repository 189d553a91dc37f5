//! From our vocabulary to the bodies of the Demand API (OpenAPI: `CreateDraftTargetGroupRequest`, `ProjectInfo`,
//! `TargetGroupDetailsUpdateRequest` and the launched resources).

use super::assumptions::START_BEFORE_END;
use super::{canonical, locale};
use crate::marketplace::http::json::number;
use crate::model::{Field, Money, SurveySpec};
use crate::plan::Refusal;
use jiff::{SignedDuration, Timestamp};
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

/// A body that collects what is given.
struct Body(Map<String, Value>);

impl Body {
    fn put(&mut self, key: &str, value: Option<Value>) {
        if let Some(value) = value {
            self.0.insert(key.to_owned(), value);
        }
    }

    fn text(&mut self, key: &str, field: &Field<String>) {
        self.put(key, field.value().map(|text| Value::from(text.as_str())));
    }

    fn attribute(&mut self, key: &str, spec: &SurveySpec, from: &str) {
        self.put(key, attribute(spec, from).cloned());
    }
}

/// The body of a project.
pub(super) fn project(spec: &SurveySpec) -> Value {
    let mut body = Body(Map::new());
    body.text("name", &spec.title);
    body.attribute("project_manager_id", spec, "project_manager");
    // Left out, a PUT would delete it.
    body.attribute("project_customer_reference_number", spec, "project_reference");
    Value::Object(body.0)
}

/// The body of a draft, without its profiles.
///
/// # Errors
/// When a value cannot be written in the vendor's words.
pub(super) fn draft(spec: &SurveySpec) -> Result<Map<String, Value>, Refusal> {
    let mut body = Body(Map::new());
    body.text("name", &spec.title);
    body.attribute("target_group_customer_reference_number", spec, "reference");
    body.attribute("business_unit_id", spec, "business_unit");
    if let Some(tag) = spec.locale.value() {
        let code = locale::to_vendor(tag).ok_or_else(|| {
            Refusal::new(format!("infield does not know Cint's code for the locale {tag}"))
                .help("write language and region such as `en-US`")
                .at("/locale")
        })?;
        body.put("locale", Some(Value::from(code)));
    }
    let pii = attribute(spec, "collects_pii").cloned();
    body.put("collects_pii", Some(pii.unwrap_or(Value::Bool(false))));
    body.attribute("study_type_code", spec, "study_type");
    body.attribute("industry_code", spec, "industry");
    body.attribute("client_id", spec, "client");
    body.attribute("project_manager_id", spec, "project_manager");
    body.put("cost_per_interview", spec.cpi.value().map(money));
    let note = attribute(spec, "client_cpi_note").and_then(canonical::to_vendor_money);
    body.put("client_cost_per_interview_note", note);
    if let Some(end) = spec.end.value() {
        let before = SignedDuration::try_from(START_BEFORE_END).unwrap_or(SignedDuration::from_mins(1));
        let start = match spec.start.value() {
            Some(start) => *start,
            None => end.checked_sub(before).unwrap_or(*end),
        };
        body.put(
            "fielding_specification",
            Some(json!({"start_at": time(start), "end_at": time(*end)})),
        );
    }
    body.put("completes_goal", spec.completes.value().map(|n| Value::from(*n)));
    described(&mut body, spec);
    body.attribute("industry_lockout_code", spec, "industry_lockout");
    body.text("live_url", &spec.live_url);
    body.text("test_url", &spec.test_url);
    let exclude = attribute(spec, "exclude_within_project");
    body.put("exclusion", exclude.map(|enabled| json!({"enabled": enabled})));
    let exclusions = attribute(spec, "activity_exclusions").map(activity_exclusions);
    body.put("respondent_activity_exclusions", exclusions);
    body.put("fielding_assistant_assignment", Some(assistant(spec)));
    body.put(
        "allocations",
        Some(allocations(attribute(spec, "allocations"), "suppliers")),
    );
    // The filling strategy is a resource of launched target groups; drafts take it in a newer revision only.
    body.attribute("re_entry_configuration", spec, "re_entry");
    Ok(body.0)
}

fn described(body: &mut Body, spec: &SurveySpec) {
    body.put(
        "expected_length_of_interview_minutes",
        spec.length_of_interview.value().map(|minutes| number(*minutes)),
    );
    // The vendor takes a fraction.
    let fraction = |percent: &Decimal| number(*percent / Decimal::ONE_HUNDRED);
    body.put(
        "expected_incidence_rate",
        spec.incidence_rate.value().map(fraction),
    );
}

/// The body of the details of a launched target group.
pub(super) fn details(spec: &SurveySpec) -> Value {
    let mut body = Body(Map::new());
    body.text("name", &spec.title);
    body.attribute("project_manager_id", spec, "project_manager");
    described(&mut body, spec);
    body.attribute("industry_lockout_code", spec, "industry_lockout");
    body.text("live_url", &spec.live_url);
    body.text("test_url", &spec.test_url);
    body.attribute("target_group_customer_reference_number", spec, "reference");
    // Whether leaving it out clears it is not said; null does.
    if spec.attributes.get("reference") == Some(&Field::Null) {
        body.put("target_group_customer_reference_number", Some(Value::Null));
    }
    let note = attribute(spec, "client_cpi_note").and_then(canonical::to_vendor_money);
    body.put("client_cost_per_interview_note", note);
    Value::Object(body.0)
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

/// Allocations; drafts and launched target groups name the list of suppliers differently (OpenAPI).
pub(super) fn allocations(ours: Option<&Value>, suppliers: &str) -> Value {
    let nothing = json!({});
    let ours = ours.unwrap_or(&nothing);
    let texts = |list: Option<&Value>| -> Vec<String> {
        let list = list.and_then(Value::as_array).into_iter().flatten();
        list.map(ToString::to_string).collect()
    };
    let items = |place: &str| {
        let list = ours.pointer(place).and_then(Value::as_array).cloned();
        list.unwrap_or_default()
    };
    let groups: Vec<Value> = items("/groups")
        .iter()
        .map(|group| {
            json!({
                "group_name": group["name"], "min_percentage": group["min"], "max_percentage": group["max"],
                suppliers: texts(group.get("suppliers")),
            })
        })
        .collect();
    let private: Vec<Value> = items("/private/groups")
        .iter()
        .map(|group| {
            json!({
                "group_name": group["name"], "min_percentage": group["min"], "max_percentage": group["max"],
                "supplier_id": group["supplier"].to_string(),
            })
        })
        .collect();
    let exchange = |key: &str, or: u64| ours.pointer(key).and_then(Value::as_u64).unwrap_or(or);
    let mut body = json!({
        "open_exchange_allocations": {
            "blocked_supplier_ids": texts(ours.get("blocked_suppliers")),
            "exchange_min_percentage": exchange("/exchange/min", 0),
            "exchange_max_percentage": exchange("/exchange/max", 100),
            "groups": groups,
        },
    });
    // A launched target group wants both parts.
    if suppliers == "supplier_ids" || ours.get("private").is_some() {
        body["private_exchange_allocations"] = json!({
            "blocked_supplier_ids": texts(ours.pointer("/private/blocked_suppliers")),
            "groups": private,
        });
    }
    body
}
