//! One form for every setting of the block, whoever states it: a manifest, or the vendor.
//!
//! Money is `3.75 USD` with as many digits as it needs, times have milliseconds as the vendor keeps them, lists whose order
//! means nothing are sorted, what is off is left out.

use crate::model::Money;
use iso_currency::Currency;
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

/// The vendor's supplier for tests without respondents (portal page How to use the test supplier).
const TEST_SUPPLIER: u64 = 980;

/// How long an activity exclusion lasts where nobody says, days (OpenAPI).
const EXCLUSION_DAYS: u64 = 90;

/// A setting of a manifest's block in its canonical form. What its schema refused stays as it is.
pub(super) fn attribute(key: &str, value: &Value) -> Value {
    match key {
        "client_cpi_note" => text_money(value).unwrap_or_else(|| value.clone()),
        "fielding_assistant" => fielding_assistant(value, text_money),
        "activity_exclusions" => {
            let list = value.as_array().into_iter().flatten();
            activity_exclusions(list.map(|item| {
                let days = item.get("days").and_then(Value::as_u64);
                (word(item, "type"), word(item, "id"), days)
            }))
        }
        "allocations" if value == "test_supplier" => json!({
            "exchange": {"min": 0, "max": 0},
            "groups": [{"name": "Test", "min": 100, "max": 100, "suppliers": [TEST_SUPPLIER]}],
        }),
        "allocations" => allocations(value),
        _ => value.clone(),
    }
}

fn word(item: &Value, key: &str) -> String {
    item.get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}

/// Money as a text of ours.
pub(super) fn money_text(money: Money) -> Value {
    Value::from(format!("{} {}", money.amount.normalize(), money.currency.code()))
}

fn text_money(value: &Value) -> Option<Value> {
    let money: Money = value.as_str()?.parse().ok()?;
    Some(money_text(money))
}

/// Money as the vendor writes it: `{value, currency_code}` (OpenAPI, `MonetaryAmount`).
pub(super) fn vendor_money(value: &Value) -> Option<Money> {
    let amount: Decimal = value
        .get("value")
        .and_then(crate::marketplace::http::json::decimal)?;
    let currency = Currency::from_code(value.get("currency_code")?.as_str()?)?;
    Some(Money::new(amount, currency))
}

/// The same from its text.
pub(super) fn to_vendor_money(value: &Value) -> Option<Value> {
    let text = value.as_str()?;
    let (amount, currency) = text.split_once(' ')?;
    Some(json!({"value": amount, "currency_code": currency}))
}

/// Modules of the Fielding Assistant; what is off is left out, and so is the highest price, which is a field of its own.
pub(super) fn fielding_assistant(modules: &Value, money: impl Fn(&Value) -> Option<Value>) -> Value {
    let mut out = Map::new();
    for name in ["pricing", "quota_overlay", "pacing", "soft_launch"] {
        let Some(Value::Object(module)) = modules.get(name) else {
            continue;
        };
        let mut kept = Map::new();
        let mut keys: Vec<&String> = module.keys().collect();
        keys.sort();
        for key in keys {
            let value = &module[key];
            if value.is_null() || key == "maximum_cpi" {
                continue;
            }
            let value = match key.as_str() {
                "total_budget" | "minimum_cpi" | "boost_cpi" => money(value).unwrap_or_else(|| value.clone()),
                "end_at" => time(value).unwrap_or_else(|| value.clone()),
                _ => value.clone(),
            };
            kept.insert(key.clone(), value);
        }
        if name == "pricing" {
            // Nothing but its type and the highest price: that is what the highest price alone says.
            if kept.keys().all(|key| key == "type") && kept.get("type").is_none_or(|kind| kind == "dynamic") {
                continue;
            }
            kept.entry("type").or_insert_with(|| Value::from("dynamic"));
            kept.sort_keys();
        }
        out.insert(name.to_owned(), Value::Object(kept));
    }
    Value::Object(out)
}

/// A time with milliseconds, UTC.
pub(super) fn time(value: &Value) -> Option<Value> {
    let time: Timestamp = value.as_str()?.parse().ok()?;
    Some(Value::from(format!("{time:.3}")))
}

/// Exclusions by activity: kind, id, days.
pub(super) fn activity_exclusions(items: impl Iterator<Item = (String, String, Option<u64>)>) -> Value {
    let mut items: Vec<_> = items.collect();
    items.sort();
    items
        .into_iter()
        .map(|(kind, id, days)| json!({"type": kind, "id": id, "days": days.unwrap_or(EXCLUSION_DAYS)}))
        .collect()
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

/// Allocations in our words, with everything that restricts nothing left out.
pub(super) fn allocations(value: &Value) -> Value {
    let sorted = |list: Option<&Value>| -> Vec<u64> {
        let list = list.and_then(Value::as_array).into_iter().flatten();
        let mut ids: Vec<u64> = list.filter_map(crate::marketplace::http::json::count).collect();
        ids.sort_unstable();
        ids
    };
    let mut out = Map::new();
    let exchange = |key: &str, or: u64| {
        value
            .pointer(&format!("/exchange/{key}"))
            .and_then(Value::as_u64)
            .unwrap_or(or)
    };
    out.insert(
        "exchange".to_owned(),
        json!({"min": exchange("min", 0), "max": exchange("max", 100)}),
    );
    let blocked = sorted(value.get("blocked_suppliers"));
    if !blocked.is_empty() {
        out.insert("blocked_suppliers".to_owned(), json!(blocked));
    }
    let mut groups: Vec<Value> = items(value.get("groups"))
        .map(|group| {
            json!({
                "name": group.get("name"), "min": group.get("min"), "max": group.get("max"),
                "suppliers": sorted(group.get("suppliers")),
            })
        })
        .collect();
    groups.sort_by_key(|group| word(group, "name"));
    if !groups.is_empty() {
        out.insert("groups".to_owned(), Value::Array(groups));
    }
    if let Some(private) = value.get("private") {
        let mut kept = Map::new();
        let blocked = sorted(private.get("blocked_suppliers"));
        if !blocked.is_empty() {
            kept.insert("blocked_suppliers".to_owned(), json!(blocked));
        }
        let mut groups: Vec<Value> = items(private.get("groups"))
            .map(|group| {
                json!({
                    "name": group.get("name"), "min": group.get("min"), "max": group.get("max"),
                    "supplier": group.get("supplier").and_then(crate::marketplace::http::json::count),
                })
            })
            .collect();
        groups.sort_by_key(|group| word(group, "name"));
        if !groups.is_empty() {
            kept.insert("groups".to_owned(), Value::Array(groups));
        }
        if !kept.is_empty() {
            out.insert("private".to_owned(), Value::Object(kept));
        }
    }
    Value::Object(out)
}

fn items(list: Option<&Value>) -> impl Iterator<Item = &Value> {
    list.and_then(Value::as_array).into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_meaning_has_one_form() {
        let written = json!({"pricing": {"total_budget": "900 USD"}, "pacing": null});
        assert_eq!(
            attribute("fielding_assistant", &written),
            json!({"pricing": {"total_budget": "900 USD", "type": "dynamic"}})
        );
        assert_eq!(
            attribute("allocations", &json!({"blocked_suppliers": [3, 1]})),
            json!({"exchange": {"min": 0, "max": 100}, "blocked_suppliers": [1, 3]})
        );
        assert_eq!(days("P2W"), Some(14));
        assert_eq!(days("P90D"), Some(90));
        assert_eq!(days("PT90S"), None);
        assert_eq!(days(""), None);
        assert_eq!(attribute("client_cpi_note", &json!("2.50 USD")), json!("2.5 USD"));
    }
}
