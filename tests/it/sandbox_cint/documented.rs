//! The vendor's documented examples, and what it means to be like one.

use serde_json::Value;
use std::path::PathBuf;

/// Reads a file of the examples.
pub(crate) fn fixture(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/cint")
        .join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
    serde_json::from_str(&text).unwrap()
}

/// Says where an answer lacks a key of the example's, or has a value of another type; it may have more.
pub(crate) fn differences(documented: &Value, actual: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    compare(documented, actual, "", &mut problems);
    problems
}

fn compare(documented: &Value, actual: &Value, path: &str, problems: &mut Vec<String>) {
    match (documented, actual) {
        // Null stands for something that may be missing.
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(documented), Value::Object(actual)) => {
            for (key, example) in documented {
                match actual.get(key) {
                    Some(value) => compare(example, value, &format!("{path}/{key}"), problems),
                    None if example.is_null() => {}
                    None => problems.push(format!("{path}/{key} is missing")),
                }
            }
        }
        // Every item is like one of the example's.
        (Value::Array(documented), Value::Array(actual)) => {
            for (index, value) in actual.iter().enumerate() {
                let mut best: Option<Vec<String>> = None;
                for example in documented {
                    let mut found = Vec::new();
                    compare(example, value, &format!("{path}/{index}"), &mut found);
                    if best.as_ref().is_none_or(|best| found.len() < best.len()) {
                        best = Some(found);
                    }
                }
                problems.extend(best.unwrap_or_default());
            }
        }
        (documented, actual) => {
            let kind = |value: &Value| match value {
                Value::Bool(_) => "a boolean",
                Value::Number(_) => "a number",
                Value::String(_) => "a string",
                Value::Array(_) => "a list",
                Value::Object(_) => "an object",
                Value::Null => "null",
            };
            if kind(documented) != kind(actual) {
                problems.push(format!("{path} is {}, not {}", kind(actual), kind(documented)));
            }
        }
    }
}
