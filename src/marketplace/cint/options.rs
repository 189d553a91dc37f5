//! Cint's own block in a manifest: what only this vendor has. Its schema is data, because the settings are never read as
//! types: the schema has checked them, and `canonical` gives each one form.
//!
//! Promises: every key becomes one attribute of the same name in one canonical form, so that what a manifest says and
//! what the vendor shows are equal when they mean the same. Keys of projects stay with the project, keys of target groups
//! are defaults for its groups; `project_manager` belongs to both.

use super::{allocations, canonical};
use crate::model::Field;
use crate::model::attributes::Attributes;
use serde_json::{Map, Value, json};

/// Keys of the block that a project has.
const OF_PROJECTS: [&str; 2] = ["project_manager", "project_reference"];

/// The schema of the block of a survey, with settings of the project and defaults for its target groups, or of a target
/// group.
pub(super) fn schema(of_project: bool) -> Value {
    let mut properties = settings();
    let description = if of_project {
        "Fields the survey on the Cint Exchange, where it is a project; settings that only this vendor has."
    } else {
        properties.shift_remove("project_reference");
        "Settings that only Cint has."
    };
    json!({
        "type": ["object", "null"], "additionalProperties": false, "properties": properties,
        "description": description, "title": "Cint",
    })
}

/// A code of a list of the vendor's.
fn code(title: &str, description: &str, example: &str) -> Value {
    json!({
        "type": "string", "minLength": 1, "maxLength": 100, "examples": [example],
        "title": title, "description": description,
    })
}

/// The keys of the block.
fn settings() -> Map<String, Value> {
    let settings = json!({
        "project_reference": {
            "type": ["string", "null"], "minLength": 3, "maxLength": 128, "pattern": "^[a-zA-Z0-9_ -]*$",
            "examples": ["acme_brand-lift_de-adults"], "title": "Project reference",
            "description": "The project's reference number at the vendor, by which a lost create is found; made from the \
                            names if left out,\nand none for `null`.",
        },
        "project_manager": {
            "type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
            "examples": ["b551326b-ac9d-4d32-8823-4f025787dab9"], "title": "Project manager",
            "description": "Who manages it at the vendor: the id of a user (UUID).",
        },
        "reference": {
            "type": ["string", "null"], "minLength": 3, "maxLength": 128, "pattern": "^[a-zA-Z0-9_ -]*$",
            "examples": ["acme_brand-lift_de-adults"], "title": "Reference",
            "description": "The target group's reference number at the vendor, by which a lost create is found; made from \
                            the names if\nleft out, and none for `null`.",
        },
        "business_unit": {
            "type": "integer", "minimum": 1, "examples": [3337], "title": "Business unit",
            "description": "Number of the business unit; it decides the currency and how prices are made. Fixed at launch.",
        },
        "collects_pii": {
            "type": "boolean", "examples": [true], "title": "Collects PII",
            "description": "Whether the survey collects personal data. Fixed at launch.",
        },
        "study_type": code(
            "Study type", "Code of the study type, such as `adhoc` or `diary`. Fixed at launch.", "adhoc"
        ),
        "industry": code("Industry", "Code of the industry, such as `other` or `politics`. Fixed at launch.", "other"),
        "client": {
            "type": "integer", "minimum": 0, "examples": [1234], "title": "Client",
            "description": "Number of the client. Fixed at launch.",
        },
        "industry_lockout": code(
            "Industry lockout", "Code of the industry lockout, such as `no_lock_out` or `past_30_days`.", "no_lock_out"
        ),
        "client_cpi_note": {
            "type": "string", "examples": ["3.75 USD"], "title": "Client CPI",
            "description": "Price that the client pays, for information; dynamic pricing only.",
        },
        "filling_strategy": {
            "type": "string", "enum": ["automated", "prescreens", "completes"], "title": "Filling strategy",
            "description": "What counts against the goal: `completes`, `prescreens`, or what the Fielding Assistant decides.",
        },
        "exclude_within_project": {
            "type": "boolean", "examples": [true], "title": "Exclude within the project",
            "description": "Whether respondents of other target groups of the project are kept out.",
        },
        "activity_exclusions": activity_exclusions(),
        "fielding_assistant": fielding_assistant(),
        "allocations": allocations(),
        "re_entry": {
            "type": "object", "additionalProperties": true, "title": "Re-entry",
            "description": "Who may enter again, in the vendor's own words. The vendor has to unlock this for an account, \
                            and it cannot be\nchanged after the launch.",
        },
    });
    match settings {
        Value::Object(settings) => settings,
        _ => Map::new(),
    }
}

fn activity_exclusions() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "survey": {"type": "string", "pattern": "^[a-z0-9-]+(@cint)?(/[a-z0-9-]+)?$",
                    "examples": ["tracker-w2", "tracker-w2/us-adults"],
                    "description": "A survey of this project by its name, or a group of one as `survey/group`."},
                "type": {"type": "string", "enum": ["target-group", "project"], "description": "What the id names."},
                "id": {"type": "string", "minLength": 1, "description": "The vendor's id."},
                "days": {"type": "integer", "minimum": 1, "maximum": 396, "default": 90,
                    "description": "For how long, days."},
            },
        },
        "examples": [[{"survey": "tracker-w2", "days": 90}, {"type": "project", "id": "01KH287TE2W1GKTJJ91QCCHWP9"}]],
        "title": "Activity exclusions",
        "description": "Respondents of other surveys that are kept out for a time in days: by name, or by the vendor's ids.",
    })
}

fn fielding_assistant() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "properties": {
            "pricing": {
                "type": ["object", "null"], "additionalProperties": false,
                "description": "Lets the vendor move the price; its highest price is `max_cpi` of the group.",
                "properties": {
                    "type": {"type": "string", "enum": ["dynamic", "rate_card"], "default": "dynamic", "description": "How the business unit makes prices."},
                    "total_budget": {"type": "string", "examples": ["900 USD"],
                        "description": "Most to spend in all; instead of `max_cpi`."},
                    "minimum_cpi": {"type": "string", "examples": ["1.50 USD"], "description": "Lowest price per complete."},
                    "boost_cpi": {"type": "string", "examples": ["0.25 USD"],
                        "description": "Added to the rate card's price."},
                },
            },
            "quota_overlay": {
                "description": "How quotas are kept from running over.",
                "type": ["object", "null"], "additionalProperties": false,
                "required": ["prevent_overfill", "balance_fill"],
                "properties": {
                    "prevent_overfill": {"type": "boolean", "description": "Stops before a quota is exceeded."},
                    "balance_fill": {"type": "boolean", "description": "Fills quotas evenly."},
                },
            },
            "pacing": {
                "description": "Spreads completes over the time in field.",
                "type": ["object", "null"], "additionalProperties": false,
                "required": ["type"],
                "properties": {
                    "type": {"type": "string", "enum": ["linear", "adaptive", "gemini"], "description": "How completes are spread."},
                    "increment_interval": {"type": "string", "examples": ["P1D"], "description": "Length of one step, ISO 8601."},
                    "exposed_target_group_id": {"type": "string", "description": "The vendor's id of the target group that a `gemini` follows."},
                },
            },
            "soft_launch": {
                "description": "Fields a part first, and pauses.",
                "type": ["object", "null"], "additionalProperties": false,
                "required": ["end_at", "filling_goal_percentage", "demographics_strictness_percentage"],
                "properties": {
                    "end_at": {"type": "string", "examples": ["2026-12-01T18:00:00Z"], "description": "UTC."},
                    "filling_goal_percentage": {"type": "integer", "minimum": 1, "maximum": 100, "description": "Part of the goal, percent."},
                    "demographics_strictness_percentage": {"type": "integer", "minimum": 0, "maximum": 100, "description": "How closely the quotas are kept meanwhile, percent."},
                },
            },
        },
        "examples": [{"quota_overlay": {"prevent_overfill": true, "balance_fill": false}}],
        "title": "Fielding Assistant",
        "description": "Modules of the Fielding Assistant. The highest price of its pricing module is `max_cpi` of the group.",
    })
}

fn allocations() -> Value {
    let percent = |text: &str| json!({"description": text, "type": "integer", "minimum": 0, "maximum": 100});
    let suppliers = |text: &str| json!({"description": text, "type": "array", "items": {"type": "integer", "minimum": 1}});
    let (least, most) = (
        percent("Least share, percent."),
        percent("Greatest share, percent."),
    );
    let blocked = suppliers("Suppliers that send nobody, by their numbers.");
    let groups = |text: &str, key: &str, suppliers: Value| {
        json!({
            "type": "array",
            "description": text,
            "items": {
                "type": "object", "additionalProperties": false,
                "required": ["name", "min", "max", key],
                "properties": {
                    "name": {"description": "Name, unique in the target group.", "type": "string", "minLength": 1},
                    "min": least, "max": most,
                    key: suppliers,
                },
            },
        })
    };
    let several = suppliers("Suppliers, by their numbers.");
    let one = json!({"type": "integer", "minimum": 1, "description": "The supplier's number."});
    json!({
        "type": ["object", "string"],
        "pattern": "^test_supplier$",
        "additionalProperties": false,
        "properties": {
            "exchange": {
                "type": "object", "additionalProperties": false,
                "description": "Share of the open exchange, percent.",
                "properties": {"min": least, "max": most},
            },
            "blocked_suppliers": blocked,
            "groups": groups("Groups of suppliers with shares of their own.", "suppliers", several),
            "private": {
                "type": "object", "additionalProperties": false,
                "description": "The private exchange.",
                "properties": {
                    "blocked_suppliers": blocked,
                    "groups": groups("Suppliers with shares of their own.", "supplier", one),
                },
            },
        },
        "examples": ["test_supplier", {"exchange": {"min": 0, "max": 60}, "blocked_suppliers": [421]}],
        "title": "Allocations",
        "description": "Which suppliers send respondents, and how many, percent. `test_supplier` takes the vendor's test \
                        supplier and\nnobody else.",
    })
}

/// The attributes of a project, or of a target group, in a block.
pub fn attributes(block: &Value, of_project: bool) -> Attributes {
    block
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| *key == "project_manager" || OF_PROJECTS.contains(&key.as_str()) == of_project)
        .map(|(key, value)| {
            let value = if value.is_null() {
                Field::Null
            } else {
                Field::Set(attribute(key, value))
            };
            (key.clone(), value)
        })
        .collect()
}

/// A setting of a manifest's block in its canonical form. What its schema refused stays as it is.
fn attribute(key: &str, value: &Value) -> Value {
    match key {
        "client_cpi_note" => canonical::text_money(value).unwrap_or_else(|| value.clone()),
        "fielding_assistant" => canonical::fielding_assistant(value),
        "activity_exclusions" => {
            let word = |item: &Value, key: &str| item[key].as_str().map(str::to_owned);
            let list = value.as_array().into_iter().flatten();
            canonical::activity_exclusions(list.map(|item| {
                let (kind, id) = match (word(item, "survey"), word(item, "type"), word(item, "id")) {
                    (Some(name), None, None) => canonical::named(&name),
                    (None, Some(kind), Some(id)) => (kind, Value::from(id)),
                    // Its check says what is wrong.
                    _ => (String::new(), Value::from("")),
                };
                (kind, id, item["days"].as_u64())
            }))
        }
        "allocations" => allocations::canonical(value),
        _ => value.clone(),
    }
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
        assert_eq!(attribute("client_cpi_note", &json!("2.50 USD")), json!("2.5 USD"));
    }
}
