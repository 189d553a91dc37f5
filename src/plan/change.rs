//! A field that a step changes.

use crate::model::{Json, Money, Status, Suppliers};
use schemars::{JsonSchema, Schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// One field before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "ChangeReport", transform = all_said)]
pub struct Change {
    /// JSON pointer in the vocabulary of the manifest.
    #[schemars(example = &"/quotas/men/completes")]
    pub path: String,
    /// What the vendor shows now; null where there is nothing.
    // What was last applied, where the vendor does not show it. In saved plans it is left out where there is nothing.
    #[serde(default = "Json::unsaid", skip_serializing_if = "Json::is_unsaid")]
    pub before: Json,
    /// What the manifest wants; null where it goes.
    pub after: Json,
    /// What the change does to what is collected and paid already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
    /// Present and true where somebody else moved the field since the last apply.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drift: bool,
}

/// Only saved plans, which have no schema, leave out what was there before.
fn all_said(schema: &mut Schema) {
    schema.insert("required".to_owned(), json!(["path", "before", "after"]));
}

impl Change {
    /// A change without a remark.
    pub fn new(path: impl Into<String>, before: Value, after: Value) -> Self {
        Self {
            path: path.into(),
            before: before.into(),
            after: after.into(),
            remark: None,
            drift: false,
        }
    }

    /// A change of the status.
    pub fn status(before: Option<Status>, after: Status) -> Self {
        let json = |status: Status| Value::from(status.to_string());
        Self::new("/status", before.map_or(Value::Null, json), json(after))
    }

    /// Whether it raises a price or a number of completes, or takes its bound away.
    pub(super) fn raises(&self) -> bool {
        let key = self.path.rsplit('/').next().unwrap_or_default();
        match key {
            "completes" => match (self.before.as_u64(), self.after.as_u64()) {
                (Some(before), Some(after)) => after > before,
                (_, after) => after != Some(0),
            },
            "cpi" | "max_cpi" => {
                let price = |value: &Json| value.value().as_str().and_then(|text| text.parse::<Money>().ok());
                match (price(&self.before), price(&self.after)) {
                    (Some(before), Some(after)) => {
                        after.currency != before.currency || after.amount > before.amount
                    }
                    (_, after) => after.is_none(),
                }
            }
            "suppliers" => {
                let list = |value: &Json| serde_json::from_value::<Suppliers>(value.value().clone()).ok();
                match (list(&self.before), list(&self.after)) {
                    (Some(before), Some(after)) => after.may_bring_more_than(&before),
                    _ => true,
                }
            }
            _ => false,
        }
    }

    /// Adds a remark, where there is one.
    #[must_use]
    pub fn remark(mut self, remark: Option<String>) -> Self {
        self.remark = remark;
        self
    }

    /// Says whether somebody else moved the field.
    #[must_use]
    pub fn drifted(mut self, drift: bool) -> Self {
        self.drift = drift;
        self
    }
}
