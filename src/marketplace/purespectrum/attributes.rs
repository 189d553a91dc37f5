//! The settings of the `purespectrum` block: our key, the vendor's key, and how a value travels.

use crate::marketplace::http::json::{Decoded, decimal, mismatch, object, whole};
use crate::model::capability::Mutability;
use serde_json::{Map, Value, json};

/// How a setting's value is written on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A text, as it is.
    Text,
    /// A number, as it is; it may come as a text (vendor wiki 34117092).
    Number,
    /// On or off, as it is.
    Flag,
    /// A list, as it is.
    List,
    /// A flag the vendor writes as 0 or 1.
    Bit,
    /// Even pacing: a flag beside an object (vendor wiki 2749038627).
    EvenPacing,
    /// Re-allocation of completes to other quotas: an object with a nested switch (vendor wiki 849707035).
    Reallocation,
}

impl Form {
    /// Whether a value that is handed on as it is has the type that it should have. Nothing may stand for any.
    fn fits(self, value: &Value) -> bool {
        value.is_null()
            || match self {
                Self::Text => value.is_string() || value.is_number(),
                Self::Number => decimal(value).is_some(),
                Self::Flag => value.is_boolean(),
                Self::List => value.is_array(),
                Self::Bit | Self::EvenPacing | Self::Reallocation => true,
            }
    }

    /// What it should be, in words.
    fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Flag | Self::Bit => "a flag",
            Self::List => "a list",
            Self::EvenPacing | Self::Reallocation => "an object",
        }
    }
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    /// Key in the manifest block.
    pub(super) key: &'static str,
    /// Key at the vendor.
    wire: &'static str,
    form: Form,
    /// How it may change.
    pub(super) mutability: Mutability,
    /// Sent by PATCH only; neither create nor PUT document it.
    pub(super) patch_only: bool,
    /// No answer that the vendor documents shows it (vendor wiki 237502474, 2739568674).
    unshown: bool,
}

const fn plain(key: &'static str, wire: &'static str, form: Form) -> Setting {
    Setting {
        key,
        wire,
        form,
        mutability: Mutability::Free,
        patch_only: false,
        unshown: false,
    }
}

impl Setting {
    const fn unshown(self) -> Self {
        Self {
            unshown: true,
            ..self
        }
    }

    const fn changes(self, mutability: Mutability) -> Self {
        Self { mutability, ..self }
    }
}

/// All settings (vendor wiki 237502474, docs update-survey PUT, and the sources named at each form).
const SETTINGS: [Setting; 12] = [
    plain("category", "survey_category_code", Form::Number).changes(Mutability::TargetingWhenLive),
    plain("billing_id", "billing_id", Form::Text),
    plain("external_project_id", "external_project_id", Form::Text).unshown(),
    plain("buyer_message", "buyer_message", Form::Text),
    plain("click_balancing", "click_balancing", Form::Bit),
    plain("quota_throttling", "quota_throttling", Form::Flag),
    plain("global_flexibility", "global_flexibility", Form::Number).unshown(),
    plain("subscriber_emails", "subscriber_emails", Form::List),
    plain("recontact", "incl_excl", Form::Bit).changes(Mutability::CreateOnly(
        "PureSpectrum fixes recontact (incl_excl) when the draft is made (vendor wiki 107839551)",
    )),
    plain("feot", "feot", Form::EvenPacing),
    plain("qlc", "qlc", Form::Reallocation),
    Setting {
        patch_only: true,
        ..plain("data_quality", "is_dq_enable", Form::Flag)
    },
];

/// The setting with this key of the manifest block.
pub(super) fn setting(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

/// Whether a setting is as the vendor has it when nobody says anything (vendor wiki 237502474: a survey is billed under its
/// own number).
pub(crate) fn is_default(key: &str, value: &Value, id: &str) -> bool {
    key == "billing_id" && value.as_str() == Some(&format!("PS{id}"))
}

/// All settings.
pub(super) fn all() -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter()
}

impl Setting {
    /// Whether the vendor may not show it: even pacing comes back without its values (vendor wiki 2749038627), and the
    /// document of a survey does not name what only PATCH takes.
    pub(super) fn may_hide(&self) -> bool {
        self.patch_only || self.unshown || self.form == Form::EvenPacing
    }

    /// The JSON-patch path, for settings changed that way.
    pub(super) fn patch_path(&self) -> String {
        format!("/{}", self.wire)
    }

    /// The wire keys and values for a manifest value; `Null` clears.
    pub(super) fn encode(&self, value: &Value) -> Vec<(&'static str, Value)> {
        match (self.form, value) {
            (Form::Text | Form::Number | Form::Flag | Form::List, value) => {
                vec![(self.wire, value.clone())]
            }
            (Form::Bit, value) => vec![(self.wire, json!(i32::from(value.as_bool() == Some(true))))],
            (Form::EvenPacing, Value::Null) => vec![("is_feot_enabled", json!(false))],
            (Form::EvenPacing, value) => vec![("is_feot_enabled", json!(true)), (self.wire, value.clone())],
            (Form::Reallocation, value) => {
                let on = value.as_bool() == Some(true);
                vec![(
                    self.wire,
                    json!({"enable": on, "multiple_quotas": {"enable": on}}),
                )]
            }
        }
    }

    /// What a vendor document shows of the setting, as a manifest value; `None` where it does not show it.
    ///
    /// # Errors
    /// Where what it shows is neither on nor off.
    pub(super) fn decode(&self, document: &Map<String, Value>, place: &str) -> Decoded<Option<Value>> {
        let shown = document.get(self.wire);
        let place = |key: &str| format!("{place}/{key}");
        Ok(match self.form {
            Form::Text | Form::Number | Form::Flag | Form::List => match shown {
                Some(value) if !self.form.fits(value) => {
                    return mismatch(&place(self.wire), self.form.name(), value);
                }
                shown => shown.cloned(),
            },
            Form::Bit => match shown {
                None => None,
                Some(value) => Some(json!(flag(value, &place(self.wire))?)),
            },
            // Whether it is on comes back, with what values does not; then what was last applied has to do.
            Form::EvenPacing => match document.get("is_feot_enabled") {
                Some(Value::Bool(false)) => Some(Value::Null),
                Some(Value::Bool(true) | Value::Null) | None => shown.cloned(),
                Some(value) => {
                    flag(value, &place("is_feot_enabled"))?;
                    shown.cloned()
                }
            },
            Form::Reallocation => match shown {
                None => None,
                Some(Value::Null) => Some(json!(false)),
                Some(value) => {
                    let place = place(self.wire);
                    let on = object(value, &place)?.get("enable").unwrap_or(&Value::Null);
                    Some(json!(flag(on, &format!("{place}/enable"))?))
                }
            },
        })
    }
}

/// On or off, as a flag, as 0 or 1, or as a text of them; null is off.
fn flag(value: &Value, path: &str) -> Decoded<bool> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(on) => Ok(*on),
        other => match whole(other) {
            Some(number) => Ok(number != 0),
            None => mismatch(path, "on or off", other),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_survives_the_wire() {
        for (key, value) in [
            ("category", json!(232)),
            ("billing_id", json!("PS_1")),
            ("click_balancing", json!(true)),
            ("recontact", json!(false)),
            (
                "feot",
                json!({"pacing": "hours", "interval": 12, "is_custom": true}),
            ),
            ("feot", Value::Null),
            ("qlc", json!(true)),
            ("data_quality", json!(true)),
        ] {
            let setting = setting(key).unwrap();
            let document = setting
                .encode(&value)
                .into_iter()
                .map(|(k, v)| (k.to_owned(), v))
                .collect();
            assert_eq!(setting.decode(&document, ""), Ok(Some(value)), "{key}");
        }
    }

    #[test]
    fn what_is_not_shown_is_not_a_value() {
        for setting in all() {
            assert_eq!(setting.decode(&Map::new(), ""), Ok(None), "{}", setting.key);
        }
    }
}
