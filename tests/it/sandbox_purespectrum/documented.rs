//! The vendor's documented examples, and what it means to be like one.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

/// Reads a file of the examples.
pub(crate) fn fixture(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/purespectrum")
        .join(name);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
    serde_json::from_str(&text).unwrap()
}

pub(crate) fn request(name: &str) -> Value {
    fixture(&format!("{name}.json"))
}

/// Keys that the index says are of an older revision of the example.
fn not_emulated(file: &str) -> BTreeSet<String> {
    let index = fixture("INDEX.json");
    let examples = index["examples"].as_array().unwrap().iter();
    let keys = examples
        .filter(|example| example["file"] == file)
        .filter_map(|example| example["not_emulated"].as_array());
    keys.flatten()
        .map(|key| key.as_str().unwrap().to_owned())
        .collect()
}

/// Whether an answer may have keys that its example lacks.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Keys {
    Exact,
    MoreIsFine,
}

/// Asserts that `actual` has the shape of the documented response `name`.
pub(crate) fn conforms(name: &str, actual: &Value, keys: Keys) {
    let file = format!("{name}.response.json");
    let mut problems = Vec::new();
    let documented = fixture(&file);
    compare(&documented, actual, "", &not_emulated(&file), keys, &mut problems);
    assert!(problems.is_empty(), "{name}: {problems:#?}\n{actual:#}");
}

fn compare(
    documented: &Value,
    actual: &Value,
    path: &str,
    skipped: &BTreeSet<String>,
    keys: Keys,
    problems: &mut Vec<String>,
) {
    match (documented, actual) {
        (Value::Null, _) | (_, Value::Null) => {}
        (Value::Object(documented), Value::Object(actual)) => {
            for (key, example) in documented {
                match actual.get(key) {
                    _ if skipped.contains(key) => {}
                    Some(value) => {
                        compare(example, value, &format!("{path}/{key}"), skipped, keys, problems);
                    }
                    None => problems.push(format!("{path}/{key} is missing")),
                }
            }
            let more = actual.keys().filter(|key| !documented.contains_key(*key));
            if keys == Keys::Exact {
                problems.extend(more.map(|key| format!("{path}/{key} is not documented")));
            }
        }
        (Value::Array(documented), Value::Array(actual)) => {
            for (at, value) in actual.iter().enumerate() {
                let path = format!("{path}/{at}");
                // An element must be like one of the documented ones, say a range or a list.
                let tries = documented.iter().map(|example| {
                    let mut found = Vec::new();
                    compare(example, value, &path, skipped, keys, &mut found);
                    found
                });
                problems.extend(tries.min_by_key(Vec::len).unwrap_or_default());
            }
        }
        _ => {
            // Ends of ranges are seen as numbers and as their digits.
            let is_end = path.ends_with("/from") || path.ends_with("/to");
            if !is_end && std::mem::discriminant(documented) != std::mem::discriminant(actual) {
                problems.push(format!("{path}: {actual} is not like {documented}"));
            }
        }
    }
}
