//! One form for every setting of the block, whoever states it: a manifest, or the vendor.
//!
//! Money is `3.75 USD` with as many digits as it needs, times have milliseconds as the vendor keeps them, lists whose order
//! means nothing are sorted, what is off is left out.

use crate::model::call::{ID_PLACEHOLDER, body_placeholder};
use crate::model::{Address, Money};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// How long an activity exclusion lasts where nobody says, days (OpenAPI).
const EXCLUSION_DAYS: u64 = 90;

/// Money as a text of ours.
pub(super) fn money_text(money: Money) -> Value {
    Value::from(format!("{} {}", money.amount.normalize(), money.currency.code()))
}

/// Money of a manifest, as a text.
pub(super) fn text_money(value: &Value) -> Option<Value> {
    let money: Money = value.as_str()?.parse().ok()?;
    Some(money_text(money))
}

/// Money as the vendor takes it, from its text: `{value, currency_code}` (OpenAPI, `MonetaryAmount`).
pub(super) fn to_vendor_money(value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    let (amount, currency) = text.split_once(' ')?;
    Some(json!({"value": amount, "currency_code": currency}))
}

/// Modules of the Fielding Assistant; what is off is left out, and so is the highest price, which is a field of its own.
pub(super) fn fielding_assistant(modules: &Value) -> Value {
    let mut out = Map::new();
    for name in ["pricing", "quota_overlay", "pacing", "soft_launch"] {
        let Some(Value::Object(module)) = modules.get(name) else {
            continue;
        };
        let mut kept = module.clone();
        kept.retain(|key, value| !value.is_null() && key != "maximum_cpi");
        for (key, value) in &mut kept {
            let settled = match key.as_str() {
                "total_budget" | "minimum_cpi" | "boost_cpi" => text_money(value),
                "end_at" => time(value),
                _ => None,
            };
            if let Some(settled) = settled {
                *value = settled;
            }
        }
        if name == "pricing" {
            // Nothing but its type and the highest price: that is what the highest price alone says.
            if kept.keys().all(|key| key == "type") && kept.get("type").is_none_or(|kind| kind == "dynamic") {
                continue;
            }
            kept.entry("type").or_insert_with(|| Value::from("dynamic"));
        }
        kept.sort_keys();
        out.insert(name.to_owned(), Value::Object(kept));
    }
    Value::Object(out)
}

/// A time with milliseconds, UTC.
fn time(value: &Value) -> Option<Value> {
    let time: Timestamp = value.as_str()?.parse().ok()?;
    Some(Value::from(format!("{time:.3}")))
}

/// Exclusions by activity: kind, id, days.
pub(super) fn activity_exclusions(items: impl Iterator<Item = (String, Value, Option<u64>)>) -> Value {
    let mut items: Vec<_> = items.collect();
    items.sort_by_cached_key(|(kind, id, days)| (kind.clone(), id.to_string(), *days));
    items
        .into_iter()
        .map(|(kind, id, days)| json!({"type": kind, "id": id, "days": days.unwrap_or(EXCLUSION_DAYS)}))
        .collect()
}

/// An exclusion by the name of a survey of the project, or of a group of one: what stands for its id until that is known.
pub(super) fn named(name: &str) -> (String, Value) {
    let address = Address::survey(name);
    let kind = if address.is_group() {
        "target-group"
    } else {
        "project"
    };
    (kind.to_owned(), body_placeholder(&address))
}

/// The same exclusions with something else in place of the names for which there is something.
pub(super) fn named_exclusions(list: &Value, to: &mut dyn FnMut(&Address) -> Option<Value>) -> Value {
    let items = list.as_array().into_iter().flatten().map(|item| {
        let kind = item["type"].as_str().unwrap_or_default().to_owned();
        let name = item["id"].get(ID_PLACEHOLDER).and_then(Value::as_str);
        let id = name.and_then(|name| to(&Address::survey(name)));
        (
            kind,
            id.unwrap_or_else(|| item["id"].clone()),
            item["days"].as_u64(),
        )
    });
    activity_exclusions(items)
}

/// Days of a date-based ISO 8601 duration; weeks come back from the vendor as days (OpenAPI). Months and years are not
/// whole days and are none of ours.
pub(super) fn days(duration: &str) -> Option<u64> {
    let rest = duration.strip_prefix('P')?;
    let (digits, unit) = rest.split_at(rest.len().checked_sub(1)?);
    let count: u64 = digits.parse().ok()?;
    match unit {
        "D" => Some(count),
        "W" => count.checked_mul(7),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_of_durations_of_days_and_weeks() {
        assert_eq!(days("P2W"), Some(14));
        assert_eq!(days("P90D"), Some(90));
        assert_eq!(days("PT90S"), None);
        assert_eq!(days(""), None);
    }
}
