//! Reading vendors' JSON: tolerant of numbers written as texts, exact about decimals, and precise about what is wrong.

use crate::model::money::without_noise;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::fmt::Display;

/// Where a document is not what the vendor documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// JSON pointer.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
}

impl Mismatch {
    /// A mismatch at a place.
    pub fn new(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            problem: problem.into(),
        }
    }
}

impl Mismatch {
    /// The same of something that stands at a place of a larger document.
    #[must_use]
    pub fn under(mut self, place: impl Display) -> Self {
        self.path = format!("{place}{}", self.path);
        self
    }
}

/// A value, or where the document is not what the vendor documents.
pub type Decoded<T> = Result<T, Mismatch>;

/// A mismatch at a place.
pub fn mismatch<T>(path: &str, expected: &str, found: &Value) -> Decoded<T> {
    Err(Mismatch {
        path: path.to_owned(),
        problem: format!("expected {expected}, found {}", kind(found)),
    })
}

/// What a value is, in words.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// An object, or the mismatch.
pub fn object<'a>(value: &'a Value, path: &str) -> Decoded<&'a Map<String, Value>> {
    match value.as_object() {
        Some(map) => Ok(map),
        None => mismatch(path, "an object", value),
    }
}

/// A list, or the mismatch.
pub fn list<'a>(value: &'a Value, path: &str) -> Decoded<&'a Vec<Value>> {
    match value.as_array() {
        Some(items) => Ok(items),
        None => mismatch(path, "a list", value),
    }
}

/// A whole number, also when written as a text.
pub fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(n) => n.as_i64().or_else(|| {
            let exact: Decimal = n.to_string().parse().ok()?;
            exact.is_integer().then(|| exact.try_into().ok()).flatten()
        }),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// More than anybody has of anything. What is counted is summed up, and no sum may end the program.
const MOST: u64 = 1_000_000_000_000;

/// A number of things, also when written as a text. Beyond a million million it is none.
pub fn count(value: &Value) -> Option<u64> {
    let count = whole(value).and_then(|n| u64::try_from(n).ok());
    count.filter(|count| *count <= MOST)
}

/// An exact decimal, also when written as a text; the noise of a binary number is none of it.
pub fn decimal(value: &Value) -> Option<Decimal> {
    let exact: Option<Decimal> = match value {
        Value::Number(n) => {
            let text = n.to_string();
            text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
        }
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    exact.map(without_noise)
}

/// A code as text, whether it came as text or number.
pub fn code(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// An exact decimal as a JSON number.
pub fn number(decimal: Decimal) -> Value {
    let decimal = decimal.normalize();
    decimal
        .to_string()
        .parse::<serde_json::Number>()
        .map_or(Value::Null, Value::Number)
}
