//! PureSpectrum's own block in a manifest: what only this vendor has.
//!
//! Promises: every key of the block except the template becomes one attribute of the same name with its plain value;
//! what is left out is absent, `null` is null.

use crate::marketplace::shelf::blocks;
use crate::model::attributes::Attributes;
use crate::model::desired::OnTemplateChange;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::Value;

/// Largest number that survives every JSON reader.
const MAX_NUMBER: u64 = 9_007_199_254_740_991;

/// What a survey has of PureSpectrum.
#[derive(Debug, Clone, Default, JsonSchema)]
pub struct InSurvey {
    /// Fields the survey on PureSpectrum; settings that only this vendor has.
    #[schemars(title = "PureSpectrum")]
    pub purespectrum: Option<Block>,
}

/// The block `purespectrum:` of a survey.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Block {
    /// Number of the template the survey is made from. A template is applied once, when the survey is created.
    #[schemars(title = "Template", schema_with = "template")]
    pub template_id: Option<u64>,
    /// What to do when the manifest names another template than the survey was made from: `refuse` reports it,
    /// `replace` creates a new survey and closes the old one.
    #[schemars(title = "On template change", schema_with = "on_template_change")]
    pub on_template_change: Option<OnTemplateChange>,
    /// Number of the survey category.
    #[schemars(title = "Category", schema_with = "category")]
    pub category: Option<u64>,
    /// Surveys with the same billing id share one line of the invoice.
    #[schemars(title = "Billing id", schema_with = "text")]
    pub billing_id: Option<String>,
    /// Your own project id.
    #[schemars(title = "External project id", schema_with = "text")]
    pub external_project_id: Option<String>,
    /// Instructions that suppliers can read.
    #[schemars(title = "Message to suppliers", schema_with = "text")]
    pub buyer_message: Option<String>,
    /// Whether traffic is balanced by clicks (completes divided by incidence).
    #[schemars(title = "Click balancing", schema_with = "boolean")]
    pub click_balancing: Option<bool>,
    /// Whether a quota lets in only as many respondents at once as it still wants completes.
    #[schemars(title = "Quota throttling", schema_with = "boolean")]
    pub quota_throttling: Option<bool>,
    /// Flexibility of the allocation over all suppliers, percent.
    #[schemars(title = "Global flexibility", schema_with = "flexibility")]
    pub global_flexibility: Option<u64>,
    /// Addresses that get notifications about the survey.
    #[schemars(title = "Subscribers", schema_with = "emails")]
    pub subscriber_emails: Option<Vec<String>>,
    /// Asks these respondents again, and nobody else: a file with one id a line. `true` for a list that is kept at the vendor by
    /// hand. Fixed when the survey is created.
    #[schemars(title = "Recontact", schema_with = "recontact")]
    pub recontact: Option<bool>,
    /// Even pacing over the time in field; the account needs the feature. `null` switches it off.
    #[schemars(title = "Even pacing (FEOT)", schema_with = "feot")]
    pub feot: Option<Value>,
    /// Whether a complete may be re-allocated to other quotas.
    #[schemars(title = "Quota re-allocation (QLC)", schema_with = "boolean")]
    pub qlc: Option<bool>,
    /// Whether the vendor's data-quality questions are asked.
    #[schemars(title = "Data quality", schema_with = "boolean")]
    pub data_quality: Option<bool>,
}

fn template(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "integer", "minimum": 1, "maximum": MAX_NUMBER, "examples": [15]})
}

fn text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "null"], "minLength": 1, "examples": ["ACME-2026-11"]})
}

fn flexibility(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["integer", "null"], "minimum": 0, "maximum": MAX_NUMBER, "examples": [66]})
}

fn feot(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["object", "null"],
        "additionalProperties": false,
        "required": ["pacing", "interval"],
        "properties": {
            "pacing": {
                "title": "Pacing unit", "description": "Unit of the interval.",
                "type": "string", "enum": ["hours", "days", "weeks"], "examples": ["hours"],
            },
            "interval": {
                "title": "Interval", "description": "Length of one pacing period, in the unit above.",
                "type": "integer", "minimum": 1, "maximum": 100_000, "examples": [12],
            },
            "is_custom": {
                "title": "Custom unit", "description": "Whether the unit is used; `false` paces by days.",
                "type": "boolean", "examples": [true],
            },
        },
        "examples": [{"pacing": "hours", "interval": 12, "is_custom": true}],
    })
}

fn on_template_change(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "string", "enum": ["refuse", "replace"], "default": "refuse", "examples": ["replace"]})
}

fn category(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "integer", "minimum": 1, "maximum": MAX_NUMBER, "examples": [232, 231]})
}

fn boolean(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "boolean", "examples": [true]})
}

fn recontact(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["boolean", "object"],
        "required": ["file"],
        "additionalProperties": false,
        "properties": {
            "file": {
                "title": "File", "description": "One id a line, each once, no header. The path is relative to this manifest.",
                "type": "string", "minLength": 1, "examples": ["lists/wave-1.csv"],
            },
        },
        "examples": [true, {"file": "lists/wave-1.csv"}],
    })
}

fn emails(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["array", "null"],
        "items": {"type": "string", "pattern": "^[^@\\s,]+@[^@\\s,]+$", "examples": ["field@example.com"]},
        "uniqueItems": true,
        "examples": [["field@example.com"]],
    })
}

/// What a block says.
pub(super) fn read(block: &Value) -> blocks::Block {
    let policy = block.get("on_template_change").cloned().unwrap_or_default();
    blocks::Block {
        attributes: Block::attributes(block),
        template: block.get("template_id").and_then(Value::as_u64),
        on_template_change: serde_json::from_value(policy).ok(),
    }
}

impl Block {
    /// The block's settings as attributes, from the JSON form that this block was read from.
    pub fn attributes(block: &Value) -> Attributes {
        blocks::settings(block, |key| key != "template_id" && key != "on_template_change")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Field;
    use serde_json::json;

    #[test]
    fn settings_become_attributes_under_their_own_names() {
        let block = json!({"template_id": 15, "category": 232, "billing_id": null, "feot": {"pacing": "days", "interval": 1}});
        let attributes = Block::attributes(&block);
        assert_eq!(
            attributes.keys().collect::<Vec<_>>(),
            ["billing_id", "category", "feot"]
        );
        assert_eq!(attributes["category"], Field::Set(json!(232)));
        assert_eq!(attributes["billing_id"], Field::Null);
        let typed: Block = serde_json::from_value(block).unwrap();
        assert_eq!(typed.template_id, Some(15));
        assert_eq!(typed.feot, Some(json!({"pacing": "days", "interval": 1})));
    }
}
