//! What a field of a request may hold, for tables of fields.

use super::json::{decimal, texts};
use serde_json::{Map, Value};

/// No limit worth mentioning; keeps what the sandbox multiplies within reach of a decimal.
pub(crate) const ANY: i64 = 2_147_483_647;

/// What a field may hold; numbers with their lowest and their highest value.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A text that is not empty.
    Text,
    TextOrNull,
    Whole(i64, i64),
    Number(i64, i64),
    NumberOrNull(i64, i64),
    Flag,
    Texts,
    Object,
    /// A text of some kind, and what that is.
    Like(fn(&str) -> bool, &'static str),
}

impl Shape {
    /// Whether null is more than a field that is not there.
    pub(crate) fn may_be_null(self) -> bool {
        matches!(self, Self::TextOrNull | Self::NumberOrNull(..))
    }

    /// Says what a field must be that does not fit.
    pub(crate) fn check(self, name: &str, value: &Value) -> Result<(), String> {
        match self.fits(value) {
            true => Ok(()),
            false => Err(format!("{name} must be {}", self.rule())),
        }
    }

    fn fits(self, value: &Value) -> bool {
        let within = |min: i64, max: i64| {
            decimal(value).is_some_and(|number| number >= min.into() && number <= max.into())
        };
        match self {
            _ if value.is_null() => self.may_be_null(),
            Self::Text => value.as_str().is_some_and(|text| !text.is_empty()),
            Self::TextOrNull => value.is_string(),
            Self::Whole(min, max) => value.is_i64() && within(min, max),
            Self::Number(min, max) | Self::NumberOrNull(min, max) => within(min, max),
            Self::Flag => value.is_boolean(),
            Self::Texts => texts(value).is_some(),
            Self::Object => value.is_object(),
            Self::Like(is_like, _) => value.as_str().is_some_and(is_like),
        }
    }

    fn rule(self) -> String {
        let (kind, min, max) = match self {
            Self::Text => return "a string that is not empty".to_owned(),
            Self::TextOrNull => return "a string or null".to_owned(),
            Self::Flag => return "true or false".to_owned(),
            Self::Texts => return "an array of strings".to_owned(),
            Self::Object => return "an object".to_owned(),
            Self::Like(_, what) => return what.to_owned(),
            Self::Whole(min, max) => ("a whole number", min, max),
            Self::Number(min, max) => ("a number", min, max),
            Self::NumberOrNull(min, max) => ("null or a number", min, max),
        };
        match max {
            ANY => format!("{kind}, {min} or more"),
            _ => format!("{kind} from {min} to {max}"),
        }
    }
}

/// Says what is wrong with the first field of a table that is missing in a body, or does not fit.
pub(crate) fn check(body: &Map<String, Value>, fields: &[(&str, Shape)]) -> Result<(), String> {
    let value = |name| body.get(name).unwrap_or(&Value::Null);
    fields
        .iter()
        .try_for_each(|(name, shape)| shape.check(name, value(*name)))
}
