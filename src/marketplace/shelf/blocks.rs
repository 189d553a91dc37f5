//! A marketplace's own block in a manifest, and its own settings of an account: how they are told to neutral code.

use crate::model::Field;
use crate::model::attributes::Attributes;
use crate::model::desired::OnTemplateChange;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// What a block says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// Settings that only this marketplace has.
    pub attributes: Attributes,
    /// The template that the survey is made from.
    pub template: Option<u64>,
    /// What to do when the manifest names another template than the survey was made from.
    pub on_template_change: Option<OnTemplateChange>,
}

impl Block {
    /// A block that is nothing but settings.
    pub fn of(attributes: Attributes) -> Self {
        Self {
            attributes,
            ..Self::default()
        }
    }
}

/// The settings that a block says under the keys that are taken, each with its plain value; `null` is null.
pub fn settings(block: &Value, takes: impl Fn(&str) -> bool) -> Attributes {
    let said = block.as_object().into_iter().flatten();
    said.filter(|(key, _)| takes(key))
        .map(|(key, value)| {
            (
                key.clone(),
                Field::shown(Some(value.clone()).filter(|value| !value.is_null())),
            )
        })
        .collect()
}

/// The schema of a field of a type: blocks are described as fields of a type, so that they get title and text as all
/// fields do. `None` where the type has no such field.
pub fn field_schema<T: JsonSchema>(field: &str) -> Option<Value> {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    schema.get("properties")?.get(field).cloned()
}

/// Settings of an account that only one marketplace has, as `infield.yaml` says them.
pub type OwnSettings = Map<String, Value>;
