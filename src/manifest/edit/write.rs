//! Values as YAML, in the quotes of what stood there before.

use crate::yaml;
use serde_json::Value;

/// A value on one line. `before` is what stood there, whose quotes are kept; `flow` whether it stands in brackets.
pub(super) fn value(value: &Value, before: &str, flow: bool) -> String {
    match value {
        Value::String(text) => self::text(text, before, flow),
        other => yaml::flow(other, flow),
    }
}

/// A text that is read as a text: in the quotes of what stood there, or without any where it needs none.
pub(super) fn text(text: &str, before: &str, flow: bool) -> String {
    let control = text.chars().any(char::is_control);
    match before.chars().next() {
        Some('\'') if !control => format!("'{}'", text.replace('\'', "''")),
        Some('"') => yaml::quoted(text),
        _ => yaml::text(text, flow).into_owned(),
    }
}
