//! InnovateMR's own block in a manifest: what only this vendor has.
//!
//! Promises: every key becomes one attribute of the same name with its plain value; what is left out is absent, `null`
//! is null. Keys of jobs stay with the job, keys of groups are defaults for its groups.

use crate::marketplace::shelf::blocks::{field_schema, settings};
use crate::model::Level;
use crate::model::attributes::Attributes;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Keys of the block that belong to the job.
const OF_JOBS: [&str; 2] = ["category", "extra"];

/// What a survey has of InnovateMR.
#[derive(Debug, Clone, Default, JsonSchema)]
pub struct InSurvey {
    /// Fields the survey on InnovateMR, where it is a job; settings that only this vendor has.
    #[schemars(title = "InnovateMR")]
    pub innovatemr: Option<Block>,
}

/// The block `innovatemr:` of a survey: settings of the job, and defaults for its groups.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(inline)]
pub struct Block {
    /// Number of the job's category, 1 to 43; the vendor's table of names is not public.
    #[schemars(title = "Category", schema_with = "category")]
    pub category: Option<u64>,
    /// Further keys of the job, sent as they are. The vendor wants some that no public document names: start and end
    /// dates, project manager, sales representative.
    #[schemars(title = "Extra keys", schema_with = "extra")]
    pub extra: Option<Map<String, Value>>,
    /// Number of the device type; 6 is seen in the vendor's sample, and its table is not public.
    #[schemars(title = "Device type", schema_with = "device_type")]
    pub device_type: Option<u64>,
    /// Whether respondents are checked to be in the country by their IP address.
    #[schemars(title = "GeoIP check", schema_with = "boolean")]
    pub geo_ip_check: Option<bool>,
    /// A note at the vendor. It cannot be read back.
    #[schemars(title = "Note", schema_with = "text")]
    pub note: Option<String>,
    /// Number of the priority; 0 is normal. It cannot be read back.
    #[schemars(title = "Priority", schema_with = "number")]
    pub priority: Option<u64>,
    /// Number of the colour in the vendor's interface; 0 is white. It cannot be read back.
    #[schemars(title = "Colour", schema_with = "number")]
    pub color: Option<u64>,
}

fn category(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "integer", "minimum": 1, "maximum": 43, "examples": [7]})
}

fn extra(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object", "additionalProperties": true,
        "propertyNames": {"not": {"enum": ["Name", "Status", "Category"]}},
        "examples": [{"ProjectManager": "Kim"}],
    })
}

fn device_type(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "integer", "minimum": 0, "maximum": 1000, "examples": [6]})
}

fn boolean(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "boolean", "examples": [true]})
}

fn text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": ["string", "null"], "minLength": 1, "maxLength": 2000, "examples": ["second wave"]})
}

fn number(_: &mut SchemaGenerator) -> Schema {
    json_schema!({"type": "integer", "minimum": 0, "maximum": 1000, "examples": [0]})
}

/// The schema of the block of a survey, or of a group, which has the settings of groups only.
pub(super) fn schema(level: Level) -> Option<Value> {
    let mut schema = field_schema::<InSurvey>("innovatemr")?;
    if level == Level::Group {
        let properties = schema.get_mut("properties")?.as_object_mut()?;
        properties.retain(|key, _| !OF_JOBS.contains(&key.as_str()));
        schema["description"] = Value::from("Settings that only InnovateMR has.");
    }
    Some(schema)
}

/// The attributes of a job, or of a group, in a block.
pub fn attributes(block: &Value, of_job: bool) -> Attributes {
    settings(block, |key| OF_JOBS.contains(&key) == of_job)
}
