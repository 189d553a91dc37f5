//! JSON values kept as their text.
//!
//! A plan of ten thousand surveys has a million of them, and only some are looked into again. As a text, a value takes a tenth of
//! the memory, and short ones, of which surveys have many alike, are shared.
//!
//! Promises: the text is the shortest one, with keys in the order in which they were put in; written into a document, it is
//! the value itself.

use super::shared::{Pool, Pooled, Shared};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// A JSON value, as text.
#[derive(Clone, Eq)]
pub struct Json(Shared<Box<str>>);

/// Texts up to this length are shared.
const SHORT: usize = 256;

impl Pooled for Box<str> {
    fn pool() -> &'static Pool<Self> {
        static POOL: Pool<Box<str>> = Pool::new();
        &POOL
    }
}

impl Json {
    /// The value itself.
    pub fn value(&self) -> Value {
        serde_json::from_str(self.text()).unwrap_or_default()
    }

    /// Its text.
    pub fn text(&self) -> &str {
        match &**self.0 {
            "" => "null",
            text => text,
        }
    }

    /// A `null` that may be left out where it is written.
    pub fn unsaid() -> Self {
        Self(Box::<str>::default().into())
    }

    /// Whether it may be left out.
    pub fn is_unsaid(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.text() == "null"
    }

    /// The whole number it is.
    pub fn as_u64(&self) -> Option<u64> {
        self.text().parse().ok()
    }
}

impl Default for Json {
    fn default() -> Self {
        Value::Null.into()
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        let text = value.to_string().into_boxed_str();
        Self(match text.len() {
            0..=SHORT => text.into(),
            _ => Shared::apart(text),
        })
    }
}

impl From<&str> for Json {
    fn from(text: &str) -> Self {
        Value::from(text).into()
    }
}

impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl PartialEq<Value> for Json {
    fn eq(&self, other: &Value) -> bool {
        self.value() == *other
    }
}

impl PartialEq<str> for Json {
    fn eq(&self, other: &str) -> bool {
        self.value() == *other
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Value::deserialize(deserializer).map(Self::from)
    }
}

impl JsonSchema for Json {
    fn inline_schema() -> bool {
        Value::inline_schema()
    }

    fn schema_name() -> Cow<'static, str> {
        Value::schema_name()
    }

    fn schema_id() -> Cow<'static, str> {
        Value::schema_id()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Value::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_text_is_the_value_in_every_document() {
        let values = [
            json!(null),
            json!(-3),
            json!(7),
            json!(1.5),
            json!("a \"b\"\n"),
            json!({"z": [1, null], "a": {"long": "x".repeat(2 * SHORT)}}),
        ];
        for value in values {
            let kept = Json::from(value.clone());
            assert_eq!(kept.value(), value);
            assert_eq!(kept, value);
            assert_eq!(kept.as_u64(), value.as_u64());
            assert_eq!(kept.is_null(), value.is_null());
            assert_eq!(kept.to_string(), value.to_string());
            let (one, other) = (
                serde_json::to_string_pretty(&kept),
                serde_json::to_string_pretty(&value),
            );
            assert_eq!(one.unwrap(), other.unwrap());
            let read: Json = serde_json::from_value(value).unwrap();
            assert_eq!(read, kept);
        }
        assert_eq!(&Json::from(json!("live")), "live");
        assert_ne!(&Json::from(json!(["live"])), "live");
        assert_eq!(Json::default(), Json::from(Value::Null));
        let unsaid = Json::unsaid();
        assert!(unsaid.is_unsaid() && unsaid == Json::default() && unsaid == Value::Null);
        assert!(!Json::default().is_unsaid());
        assert_eq!(unsaid.to_string(), "null");
        assert_eq!(serde_json::to_string(&unsaid).unwrap(), "null");
    }
}
