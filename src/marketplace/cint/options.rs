//! Cint's own block in a manifest: what only this vendor has.
//!
//! Promises: every key becomes one attribute of the same name in one canonical form, so that what a manifest says and
//! what the vendor shows are equal when they mean the same. Keys of projects stay with the project, keys of target groups
//! are defaults for its groups; `project_manager` belongs to both.

use super::canonical;
use crate::model::Field;
use crate::model::attributes::Attributes;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Keys of the block that a project has.
const OF_PROJECTS: [&str; 2] = ["project_manager", "project_reference"];

/// What a survey has of Cint.
#[derive(Debug, Clone, Default, JsonSchema)]
pub struct InSurvey {
    /// Fields the survey on the Cint Exchange, where it is a project; settings that only this vendor has.
    #[schemars(title = "Cint")]
    pub cint: Option<Block>,
}

/// What a group has of Cint.
#[derive(Debug, Clone, Default, JsonSchema)]
pub struct InGroup {
    /// Settings that only Cint has.
    #[schemars(title = "Cint")]
    pub cint: Option<GroupBlock>,
}

macro_rules! block {
    ($(#[$doc:meta])* $name:ident { $($(#[$extra:meta])* $key:ident: $type:ty,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        #[schemars(inline)]
        pub struct $name {
            $($(#[$extra])* #[serde(default)] pub $key: $type,)*
            /// Who manages it at the vendor: the id of a user (UUID).
            #[serde(default)]
            #[schemars(title = "Project manager", schema_with = "uuid")]
            pub project_manager: Option<String>,
            /// The target group's reference number at the vendor, by which a lost create is found; made from the names if
            /// left out, and none for `null`.
            #[serde(default)]
            #[schemars(title = "Reference", schema_with = "reference")]
            pub reference: Option<String>,
            /// Number of the business unit; it decides the currency and how prices are made. Fixed at launch.
            #[serde(default)]
            #[schemars(title = "Business unit", schema_with = "business_unit")]
            pub business_unit: Option<u64>,
            /// Whether the survey collects personal data. Fixed at launch.
            #[serde(default)]
            #[schemars(title = "Collects PII", schema_with = "boolean")]
            pub collects_pii: Option<bool>,
            /// Code of the study type, such as `adhoc` or `diary`. Fixed at launch.
            #[serde(default)]
            #[schemars(title = "Study type", schema_with = "study_type")]
            pub study_type: Option<String>,
            /// Code of the industry, such as `other` or `politics`. Fixed at launch.
            #[serde(default)]
            #[schemars(title = "Industry", schema_with = "industry")]
            pub industry: Option<String>,
            /// Number of the client. Fixed at launch.
            #[serde(default)]
            #[schemars(title = "Client", schema_with = "number")]
            pub client: Option<u64>,
            /// Code of the industry lockout, such as `no_lock_out` or `past_30_days`.
            #[serde(default)]
            #[schemars(title = "Industry lockout", schema_with = "lockout")]
            pub industry_lockout: Option<String>,
            /// Price that the client pays, for information; dynamic pricing only.
            #[serde(default)]
            #[schemars(title = "Client CPI", schema_with = "money")]
            pub client_cpi_note: Option<String>,
            /// What counts against the goal: `completes`, `prescreens`, or what the Fielding Assistant decides.
            #[serde(default)]
            #[schemars(title = "Filling strategy", schema_with = "filling_strategy")]
            pub filling_strategy: Option<String>,
            /// Whether respondents of other target groups of the project are kept out.
            #[serde(default)]
            #[schemars(title = "Exclude within the project", schema_with = "boolean")]
            pub exclude_within_project: Option<bool>,
            /// Respondents of other target groups or projects that are kept out, by the vendor's ids, for a time in days.
            #[serde(default)]
            #[schemars(title = "Activity exclusions", schema_with = "activity_exclusions")]
            pub activity_exclusions: Option<Value>,
            /// Modules of the Fielding Assistant. The highest price of its pricing module is `max_cpi` of the group.
            #[serde(default)]
            #[schemars(title = "Fielding Assistant", schema_with = "fielding_assistant")]
            pub fielding_assistant: Option<Value>,
            /// Which suppliers send respondents, and how many, percent. `test_supplier` takes the vendor's test supplier and
            /// nobody else.
            #[serde(default)]
            #[schemars(title = "Allocations", schema_with = "allocations")]
            pub allocations: Option<Value>,
            /// Who may enter again, in the vendor's own words. The vendor has to unlock this for an account, and it cannot be
            /// changed after the launch.
            #[serde(default)]
            #[schemars(title = "Re-entry", schema_with = "object")]
            pub re_entry: Option<Map<String, Value>>,
        }
    };
}

block! {
    /// The block `cint:` of a survey: settings of the project, and defaults for its target groups.
    Block {
        /// The project's reference number at the vendor, by which a lost create is found; made from the names if left out,
        /// and none for `null`.
        #[schemars(title = "Project reference", schema_with = "reference")]
        project_reference: Option<String>,
    }
}

block! {
    /// The block `cint:` of a target group.
    GroupBlock {}
}

fn uuid(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "string", "pattern": "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
        "examples": ["b551326b-ac9d-4d32-8823-4f025787dab9"],
    })
}

fn reference(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "null"], "minLength": 3, "maxLength": 128, "pattern": "^[a-zA-Z0-9_ -]*$",
        "examples": ["acme_brand-lift_de-adults"],
    })
}

fn business_unit(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "integer", "minimum": 1, "examples": [3337]})
}

fn number(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "integer", "minimum": 0, "examples": [1234]})
}

fn boolean(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "boolean", "examples": [true]})
}

fn object(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "object", "additionalProperties": true})
}

fn word(example: &str) -> Schema {
    json_schema!({"type": "string", "minLength": 1, "maxLength": 100, "examples": [example]})
}

fn study_type(_: &mut SchemaGenerator) -> Schema {
    word("adhoc")
}

fn industry(_: &mut SchemaGenerator) -> Schema {
    word("other")
}

fn lockout(_: &mut SchemaGenerator) -> Schema {
    word("no_lock_out")
}

fn money(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "examples": ["3.75 USD"]})
}

fn filling_strategy(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["automated", "prescreens", "completes"]})
}

fn activity_exclusions(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["type", "id"],
            "additionalProperties": false,
            "properties": {
                "type": {"type": "string", "enum": ["target-group", "project"], "description": "What the id names."},
                "id": {"type": "string", "minLength": 1, "description": "The vendor's id."},
                "days": {"type": "integer", "minimum": 1, "maximum": 396, "default": 90,
                    "description": "For how long, days."},
            },
        },
        "examples": [[{"type": "project", "id": "01KH287TE2W1GKTJJ91QCCHWP9", "days": 90}]],
    })
}

fn fielding_assistant(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
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
    })
}

fn allocations(_: &mut SchemaGenerator) -> Schema {
    let percent =
        |text: &str| json_schema!({"type": "integer", "minimum": 0, "maximum": 100, "description": text});
    let suppliers = |text: &str| json_schema!({"type": "array", "items": {"type": "integer", "minimum": 1}, "description": text});
    let (least, most) = (
        percent("Least share, percent."),
        percent("Greatest share, percent."),
    );
    let blocked = suppliers("Suppliers that send nobody, by their numbers.");
    let name =
        json_schema!({"type": "string", "minLength": 1, "description": "Name, unique in the target group."});
    json_schema!({
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
            "groups": {
                "type": "array",
                "description": "Groups of suppliers with shares of their own.",
                "items": {
                    "type": "object", "additionalProperties": false,
                    "required": ["name", "min", "max", "suppliers"],
                    "properties": {
                        "name": name, "min": least, "max": most,
                        "suppliers": suppliers("Suppliers, by their numbers."),
                    },
                },
            },
            "private": {
                "type": "object", "additionalProperties": false,
                "description": "The private exchange.",
                "properties": {
                    "blocked_suppliers": blocked,
                    "groups": {
                        "type": "array",
                        "description": "Suppliers with shares of their own.",
                        "items": {
                            "type": "object", "additionalProperties": false,
                            "required": ["name", "min", "max", "supplier"],
                            "properties": {
                                "name": name, "min": least, "max": most,
                                "supplier": {"type": "integer", "minimum": 1, "description": "The supplier's number."},
                            },
                        },
                    },
                },
            },
        },
        "examples": ["test_supplier", {"exchange": {"min": 0, "max": 60}, "blocked_suppliers": [421]}],
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
                Field::Set(canonical::attribute(key, value))
            };
            (key.clone(), value)
        })
        .collect()
}
