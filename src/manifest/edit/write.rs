//! Values as YAML, in the manner of what stood there before.

use crate::yaml::{self, Style};
use serde_json::Value;

/// A value on one line. `before` is what stood there, whose quotes are kept; `flow` whether it stands in brackets.
pub(super) fn value(value: &Value, before: &str, flow: bool) -> String {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => self::text(text, before, flow),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| self::value(item, "", true)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let entries = map.iter();
            let entries: Vec<String> = entries
                .map(|(name, inner)| format!("{}: {}", key(name), self::value(inner, "", true)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
    }
}

/// Texts in brackets.
pub(super) fn texts(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| self::text(text, "", true)).collect();
    format!("[{}]", texts.join(", "))
}

/// A key.
pub(super) fn key(name: &str) -> String {
    text(name, "", true)
}

/// A text that is read as a text: in the quotes of what stood there, or without any where it needs none.
pub(super) fn text(text: &str, before: &str, flow: bool) -> String {
    let control = text.chars().any(char::is_control);
    match before.chars().next() {
        Some('\'') if !control => format!("'{}'", text.replace('\'', "''")),
        Some('"') => double(text),
        _ if !control && is_plain(text, flow) => text.to_owned(),
        _ => double(text),
    }
}

fn double(text: &str) -> String {
    // JSON's escapes are YAML's too.
    Value::from(text).to_string()
}

/// Whether a text without quotes is read as itself.
fn is_plain(text: &str, flow: bool) -> bool {
    let document = if flow {
        format!("[{text}]")
    } else {
        format!("- {text}\n")
    };
    let (tree, problems) = yaml::parse(&document, yaml::Options { comments: true });
    let root = tree.documents().next();
    let mut items = root.into_iter().flat_map(yaml::Node::items);
    let (Some(item), None) = (items.next(), items.next()) else {
        return false;
    };
    let plain = item.scalar().is_some_and(|scalar| scalar.style == Style::Plain);
    let is_key = text.ends_with(':');
    let same = item.value() == Some(yaml::Value::Text(text.to_owned()));
    plain && same && !is_key && problems.is_empty() && tree.comments().is_empty()
}
