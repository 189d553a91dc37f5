//! The Fielding Assistant: pricing, quota overlay, pacing and soft launch (OpenAPI
//! `FieldingAssistantModulesAssignmentRequestModel`). A write replaces all of it; what is left out is off.
//!
//! The published create example gives a budget and a highest price together, which the schema's text forbids: both are
//! accepted. So is a soft launch that ends in the past, for the same reason.

use super::auth::Caller;
use super::envelope::{
    Outcome, bad_fields, no_content, not_found, object, ok, precondition_failed, with_etag,
};
use super::exclusion::days;
use super::life;
use super::money::{Money, read_time, whole};
use super::record::{Group, save_group};
use crate::{Call, Failure, World};
use http::header::{IF_MATCH, IF_NONE_MATCH};
use serde_json::{Map, Value, json};

type Problems = Vec<(String, String)>;

/// The modules that are on, as they will be answered.
pub(super) fn read(
    raw: &Map<String, Value>,
    currency: &str,
    model: &str,
    problems: &mut Problems,
) -> Map<String, Value> {
    let mut wrong = |name: &str, reason: &str| problems.push((name.to_owned(), reason.to_owned()));
    let mut modules = Map::new();
    let of = |key: &str| raw.get(key).filter(|value| !value.is_null());
    if let Some(pricing) = of("pricing") {
        match pricing_module(pricing, currency, model) {
            Ok(module) => {
                modules.insert("pricing".to_owned(), module);
            }
            Err(reason) => wrong("fielding_assistant_assignment.pricing", &reason),
        }
    }
    if let Some(overlay) = of("quota_overlay") {
        let on = |key: &str| overlay[key].as_bool();
        match (on("prevent_overfill"), on("balance_fill")) {
            (Some(prevent), Some(balance)) => {
                let module = json!({"prevent_overfill": prevent, "balance_fill": balance});
                modules.insert("quota_overlay".to_owned(), module);
            }
            _ => wrong(
                "fielding_assistant_assignment.quota_overlay",
                "prevent_overfill and balance_fill must be true or false",
            ),
        }
    }
    if let Some(pacing) = of("pacing") {
        match pacing_module(pacing) {
            Some(module) => {
                modules.insert("pacing".to_owned(), module);
            }
            None => wrong(
                "fielding_assistant_assignment.pacing",
                "must be linear or adaptive with increment_interval under 398 days, or gemini with exposed_target_group_id",
            ),
        }
    }
    if let Some(soft) = of("soft_launch") {
        let percent =
            |key: &str, least: u64| whole(&soft[key]).filter(|percent| (least..=100).contains(percent));
        let parts = (
            read_time(&soft["end_at"]),
            percent("filling_goal_percentage", 1),
            percent("demographics_strictness_percentage", 0),
        );
        match parts {
            (Some(end), Some(goal), Some(strictness)) => {
                let module = json!({
                    "end_at": super::money::time(end),
                    "filling_goal_percentage": goal,
                    "demographics_strictness_percentage": strictness,
                });
                modules.insert("soft_launch".to_owned(), module);
            }
            _ => wrong(
                "fielding_assistant_assignment.soft_launch",
                "needs end_at, filling_goal_percentage 1-100 and demographics_strictness_percentage 0-100",
            ),
        }
    }
    modules
}

fn pricing_module(raw: &Value, currency: &str, model: &str) -> Result<Value, String> {
    let kind = raw["type"].as_str().unwrap_or_default();
    if kind != model {
        return Err(format!(
            "type must be {model}, the pricing model of the business unit"
        ));
    }
    let keys: &[&str] = match kind {
        "dynamic" => &["total_budget", "maximum_cpi", "minimum_cpi"],
        _ => &["maximum_cpi", "boost_cpi"],
    };
    let mut module = json!({"type": kind});
    for key in keys {
        match raw.get(*key) {
            None | Some(Value::Null) => {}
            Some(amount) => {
                let money = Money::read(amount).map_err(|reason| format!("{key}: {reason}"))?;
                if money.currency != currency {
                    return Err(format!("{key}: the business unit's currency is {currency}"));
                }
                module[*key] = money.shown();
            }
        }
    }
    let least = Money::read(&module["minimum_cpi"]).ok();
    let most = Money::read(&module["maximum_cpi"]).ok();
    match (least, most) {
        (Some(least), Some(most)) if least.value > most.value => {
            Err("minimum_cpi must not be above maximum_cpi".to_owned())
        }
        _ => Ok(module),
    }
}

fn pacing_module(raw: &Value) -> Option<Value> {
    let kind = raw["type"].as_str()?;
    match kind {
        "linear" | "adaptive" => {
            let interval = raw["increment_interval"].as_str()?;
            let fits = days(interval).is_some_and(|days| days < 398)
                || interval.starts_with("PT") && interval.parse::<jiff::Span>().is_ok();
            fits.then(|| json!({"type": kind, "increment_interval": interval}))
        }
        "gemini" => {
            let other = raw["exposed_target_group_id"].as_str()?;
            Some(json!({"type": kind, "exposed_target_group_id": other}))
        }
        _ => None,
    }
}

/// All modules with null for those that are off.
pub(super) fn shown(modules: &Map<String, Value>) -> Value {
    let of = |key: &str| modules.get(key).cloned().unwrap_or(Value::Null);
    json!({
        "pricing": of("pricing"),
        "quota_overlay": of("quota_overlay"),
        "pacing": of("pacing"),
        "soft_launch": of("soft_launch"),
    })
}

/// `get_fielding_assistant_assignment`.
pub(super) fn get(world: &World, project: &str, id: &str) -> Outcome {
    let group = life::read_launched(world, project, id)?;
    Ok(with_etag(ok(&shown(&group.assistant)), group.assistant_version))
}

/// The changes between two sets of modules, as the changelog names them.
fn changes(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<Value> {
    let of = |modules: &Map<String, Value>, module: &str, key: &str| {
        modules
            .get(module)
            .and_then(|module| module.get(key))
            .cloned()
            .unwrap_or(Value::Null)
    };
    let mut found = Vec::new();
    let mut compare = |object: &str, module: &str, key: &str| {
        let (before, after) = (of(old, module, key), of(new, module, key));
        if before != after {
            found.push(life::change(object, &before, &after));
        }
    };
    compare(
        "quota_overlay_prevent_overfilling_change",
        "quota_overlay",
        "prevent_overfill",
    );
    compare(
        "quota_overlay_balance_fill_change",
        "quota_overlay",
        "balance_fill",
    );
    compare("pacing_assistance_change", "pacing", "type");
    compare("soft_launch_end_date_change", "soft_launch", "end_at");
    compare(
        "soft_launch_filling_goal_percentage_change",
        "soft_launch",
        "filling_goal_percentage",
    );
    if of(old, "pricing", "type") == "dynamic" || of(new, "pricing", "type") == "dynamic" {
        compare("pricing_assistance_change", "pricing", "type");
        compare("pricing_dynamic_total_budget_change", "pricing", "total_budget");
        compare("pricing_dynamic_maximum_cpi_change", "pricing", "maximum_cpi");
        compare("pricing_dynamic_minimum_cpi_change", "pricing", "minimum_cpi");
    } else {
        compare("pricing_rate_card_maximum_cpi_change", "pricing", "maximum_cpi");
    }
    found
}

/// `create_or_update_fielding_assistant_assignment`: both conditions are optional.
pub(super) fn put(world: &World, call: &Call, caller: Caller, project: &str, id: &str) -> Outcome {
    let body = object(&call.body)?;
    world.store.write(|batch| {
        let mut group = life::open(batch, world, project, id)?;
        if group.is_draft() {
            return Err(not_found());
        }
        check_conditions(call, &group)?;
        let mut problems = Vec::new();
        let modules = read(&body, &group.currency, &group.pricing_model, &mut problems);
        if !problems.is_empty() {
            return Err(bad_fields(&problems));
        }
        let now = world.now_ms();
        let changes = changes(&group.assistant, &modules);
        if modules.get("soft_launch") != group.assistant.get("soft_launch") {
            group.soft_launch_over = false;
        }
        group.assistant = modules;
        group.assistant_version += 1;
        group.updated_ms = now;
        life::note(&mut group, now, Some(caller.user_id), changes);
        life::settle(batch, world, &mut group)?;
        save_group(batch, &group)?;
        Ok::<_, Failure>(())
    })?;
    Ok(no_content())
}

/// `If-Match` against the version; `If-None-Match: *` matches any version state (OpenAPI `IfNoneMatch`).
fn check_conditions(call: &Call, group: &Group) -> Result<(), Failure> {
    let header = |name: &http::HeaderName| call.headers.get(name).and_then(|value| value.to_str().ok());
    let tag = super::envelope::etag(group.assistant_version);
    if header(&IF_MATCH).is_some_and(|wanted| wanted != "*" && wanted != tag) {
        return Err(precondition_failed());
    }
    if header(&IF_NONE_MATCH).is_some_and(|unwanted| unwanted == tag) {
        return Err(precondition_failed());
    }
    Ok(())
}
