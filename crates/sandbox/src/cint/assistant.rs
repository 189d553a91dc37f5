//! The Fielding Assistant: pricing, quota overlay, pacing and soft launch (OpenAPI
//! `FieldingAssistantModulesAssignmentRequestModel`). A write replaces all of it; what is left out is off.
//!
//! The published create example gives a budget and a highest price together, which the schema's text forbids: both are
//! accepted. So is a soft launch that ends in the past, for the same reason.

use super::envelope::{PRECONDITION_FAILED, etag, with_etag};
use super::exclusion::days;
use super::prelude::*;
use http::header::{IF_MATCH, IF_NONE_MATCH};

const MODULES: [&str; 4] = ["pricing", "quota_overlay", "pacing", "soft_launch"];

const PACING_RULE: &str = "must be linear or adaptive with increment_interval under 398 days, or gemini with exposed_target_group_id";
const SOFT_LAUNCH_RULE: &str =
    "needs end_at, filling_goal_percentage 1-100 and demographics_strictness_percentage 0-100";

/// The modules that are on, as they will be answered.
pub(super) fn read(
    raw: &Map<String, Value>,
    currency: &str,
    model: &str,
    problems: &mut Problems,
) -> Map<String, Value> {
    let mut modules = Map::new();
    for name in MODULES {
        let Some(raw) = raw.field(name) else { continue };
        let (module, rule) = match name {
            "pricing" => (pricing_module(raw, currency, model).map(Some), ""),
            "quota_overlay" => (
                Ok(overlay_module(raw)),
                "prevent_overfill and balance_fill must be true or false",
            ),
            "pacing" => (Ok(pacing_module(raw)), PACING_RULE),
            _ => (Ok(soft_launch_module(raw)), SOFT_LAUNCH_RULE),
        };
        let module = module.and_then(|module| module.ok_or_else(|| rule.to_owned()));
        if let Some(module) = problems.take(&format!("fielding_assistant_assignment.{name}"), module) {
            modules.put(name, module);
        }
    }
    modules
}

fn pricing_module(raw: &Value, currency: &str, model: &str) -> Result<Value, String> {
    if raw.word("type") != model {
        return Err(format!(
            "type must be {model}, the pricing model of the business unit"
        ));
    }
    let keys: &[&str] = match model {
        "dynamic" => &["total_budget", "maximum_cpi", "minimum_cpi"],
        _ => &["maximum_cpi", "boost_cpi"],
    };
    let mut module = json!({"type": model});
    for key in keys {
        if let Some(amount) = raw.field(key) {
            let money = Money::read(amount).map_err(str::to_owned);
            let money = money.and_then(|money| money.in_currency(currency));
            module[*key] = money.map_err(|reason| format!("{key}: {reason}"))?.shown();
        }
    }
    let limit = |key: &str| Money::read(&module[key]).ok().map(|money| money.value);
    match limit("minimum_cpi").zip(limit("maximum_cpi")) {
        Some((least, most)) if least > most => Err("minimum_cpi must not be above maximum_cpi".to_owned()),
        _ => Ok(module),
    }
}

fn overlay_module(raw: &Value) -> Option<Value> {
    let (prevent, balance) = (raw.flag("prevent_overfill")?, raw.flag("balance_fill")?);
    Some(json!({"prevent_overfill": prevent, "balance_fill": balance}))
}

fn soft_launch_module(raw: &Value) -> Option<Value> {
    let percent = |key: &str, least: u64| whole(&raw[key]).filter(|percent| (least..=100).contains(percent));
    Some(json!({
        "end_at": time(read_time(&raw["end_at"])?),
        "filling_goal_percentage": percent("filling_goal_percentage", 1)?,
        "demographics_strictness_percentage": percent("demographics_strictness_percentage", 0)?,
    }))
}

fn pacing_module(raw: &Value) -> Option<Value> {
    let kind = raw.text("type")?;
    match kind {
        "linear" | "adaptive" => {
            let interval = raw.text("increment_interval")?;
            let fits = days(interval).is_some_and(|days| days < 398)
                || interval.starts_with("PT") && interval.parse::<jiff::Span>().is_ok();
            fits.then(|| json!({"type": kind, "increment_interval": interval}))
        }
        "gemini" => {
            let other = raw.text("exposed_target_group_id")?;
            Some(json!({"type": kind, "exposed_target_group_id": other}))
        }
        _ => None,
    }
}

/// All modules with null for those that are off.
pub(super) fn shown(modules: &Map<String, Value>) -> Value {
    let shown = MODULES.map(|name| (name.to_owned(), modules.copy(name)));
    Value::Object(Map::from_iter(shown))
}

/// `get_fielding_assistant_assignment`.
pub(super) fn get(group: &Group) -> Outcome {
    with_etag(ok(&shown(&group.assistant))?, group.assistant_version)
}

/// Changes as the changelog names them, by module and key; those of prices by the pricing model, too.
const CHANGES: &str = "quota_overlay prevent_overfill quota_overlay_prevent_overfilling_change
    quota_overlay balance_fill quota_overlay_balance_fill_change
    pacing type pacing_assistance_change
    soft_launch end_at soft_launch_end_date_change
    soft_launch filling_goal_percentage soft_launch_filling_goal_percentage_change";
const DYNAMIC_CHANGES: &str = "pricing type pricing_assistance_change
    pricing total_budget pricing_dynamic_total_budget_change
    pricing maximum_cpi pricing_dynamic_maximum_cpi_change
    pricing minimum_cpi pricing_dynamic_minimum_cpi_change";
const RATE_CARD_CHANGES: &str = "pricing maximum_cpi pricing_rate_card_maximum_cpi_change";

/// The changes between two sets of modules.
fn changes(old: &Map<String, Value>, new: &Map<String, Value>) -> Vec<Value> {
    let of = |modules: &Map<String, Value>, module: &str, key: &str| modules.copy(module).copy(key);
    let is_dynamic = |modules| of(modules, "pricing", "type") == "dynamic";
    let of_pricing = if is_dynamic(old) || is_dynamic(new) {
        DYNAMIC_CHANGES
    } else {
        RATE_CARD_CHANGES
    };
    let change = |line: &str| {
        let mut words = line.split_whitespace();
        let (module, key) = (words.next()?, words.next()?);
        changed(words.next()?, &of(old, module, key), &of(new, module, key))
    };
    CHANGES
        .lines()
        .chain(of_pricing.lines())
        .filter_map(change)
        .collect()
}

/// `create_or_update_fielding_assistant_assignment`: both conditions are optional.
pub(super) fn put(at: At<'_>, group: &mut Group) -> Outcome {
    let body = object(at.call)?;
    check_conditions(at.call, group)?;
    let mut problems = Problems::default();
    let modules = read(&body, &group.currency, &group.pricing_model, &mut problems);
    problems.check()?;
    let changes = changes(&group.assistant, &modules);
    if modules.get("soft_launch") != group.assistant.get("soft_launch") {
        group.soft_launch_over = false;
    }
    group.assistant = modules;
    group.assistant_version += 1;
    at.note(group, changes);
    no_content()
}

/// `If-Match` against the version; `If-None-Match: *` matches any version state (OpenAPI `IfNoneMatch`).
fn check_conditions(call: &Call, group: &Group) -> Result<(), Failure> {
    let tag = etag(group.assistant_version);
    let stale = call
        .header(IF_MATCH)
        .is_some_and(|wanted| wanted != "*" && wanted != tag);
    if stale || call.header(IF_NONE_MATCH) == Some(tag.as_str()) {
        return Err(PRECONDITION_FAILED.into());
    }
    Ok(())
}
